//! `LeasePool`: things that are expensive to open, lent to one at a time.
//!
//! | file | has |
//! |---|---|
//! | `manage.rs` | the manager: what the user writes |
//! | `builder.rs` | the options |
//! | `rules.rs` | how old an idle item may be |
//! | `handle.rs` | one who keeps it alive |
//! | `shared.rs` | the pool itself: places, idle items, counts, and the invariants |
//! | `running.rs` | something that a manager does, with a limit |
//! | `wait.rs` | waiting for a lease |
//! | `lent.rs` | an item that is out |
//! | `warm_up.rs`, `upkeep.rs` | what happens to idle items: before the first lease, and meanwhile |
//! | `close.rs` | the end |

use core::fmt;

mod builder;
mod close;
mod handle;
mod lent;
mod manage;
mod rules;
mod running;
mod shared;
mod stats;
mod upkeep;
mod wait;
mod warm_up;

pub use self::builder::LeasePoolBuilder;
pub use self::close::CloseWait;
pub use self::lent::Lease;
pub use self::manage::{Blocking, Manage, ManageBlocking, Managed};
pub use self::stats::LeaseStats;
pub use self::wait::LeaseWait;
pub use self::warm_up::WarmUp;

use self::builder::Settings;
use self::handle::Handle;
use self::shared::Place;
use crate::error::LeaseError;

/// Shares items that are expensive to open, such as connections: each is leased to one user at a time.
///
/// [`lease`](Self::lease) takes an idle item, or opens one if there is room, or waits in line. The
/// [`Lease`] dereferences to the item until you [give it back](Lease::give_back). Dropping a lease discards its
/// item, because after a timeout, an early return or a panic the item may be in the middle of something.
///
/// | to | use |
/// |---|---|
/// | lease an item, and wait if necessary | [`lease`](Self::lease) |
/// | lease an item only if one is idle | [`try_lease`](Self::try_lease) |
/// | use an item once, and give it back on success | [`with`](Self::with), [`with_async`](Self::with_async) |
/// | open some in advance | [`warm_up`](Self::warm_up) |
/// | check and close idle items in the background | [`maintain`](Self::maintain), [`start_maintenance`](Self::start_maintenance) |
/// | close the pool | [`close`](Self::close) |
///
/// The handle is cheap to clone, and all clones are the same pool. A [`Manage`], or a [`ManageBlocking`] for libraries
/// that block, opens, checks and closes items.
///
/// * There are never more than [`max`](LeasePoolBuilder::max) items, including those being opened. A call
///   that hangs in a blocking library counts until it returns.
/// * An item that has been idle for [a while](LeasePoolBuilder::check_after_idle) is checked before it is leased. If
///   the check fails or takes [too long](LeasePoolBuilder::check_timeout), the item is discarded and another one is
///   opened. So a server that is down becomes an error after `check_timeout` and `open_timeout` at the latest, and nobody
///   gets the same dead connection twice.
/// * Leasing discards expired items. Maintenance only does so earlier; nothing depends on it.
///
/// Use it for items that are expensive to open and can be used again. Do not use it to limit how many do something
/// at once ([`Semaphore`](crate::task::Semaphore)), or to reuse memory, which needs neither checks nor limits.
///
/// # Fairness
///
/// Threads and tasks wait in one line, in order of arrival. Nobody overtakes a waiter, not even `try_lease`. A thread
/// tries again for a moment before it joins the line, because an item is often given back sooner than a thread can sleep and
/// wake. A waiter whose check hangs in a blocking library loses its place with the item, and goes to the end of the line.
///
/// A waiting task that is not polled keeps its place too, for example an arm of a `select!` loop while the body of another arm
/// runs. Once it has been granted an item, that item lies idle and everybody behind it waits, until the task is polled or
/// dropped. (A [`RateLimiter`](super::RateLimiter) lets others overtake in this case.) So poll a `lease()` to its end or drop it;
/// in a loop, give it a task of its own. [`stats`](Self::stats) shows such a
/// waiter: `idle` stays above zero, and `waiting` does not fall.
///
/// # Memory effects
///
/// Everything before an item is given back happens before everything that its next user does.
///
/// # Cancel safety
///
/// Dropping the wait at any point loses nothing. The waiter leaves the line, and a place that it had been granted goes to the next. An
/// item that was being checked is discarded; one that was being opened is dropped with its future. A blocking call
/// occupies its place until it returns.
///
/// # Deadlocks
///
/// Two users that each hold an item and wait for another can deadlock. Wait with a timeout.
///
/// # Examples
///
/// ## Connections of tasks
///
/// ```
/// use core::time::Duration;
/// use std::io;
/// use syncline::{service::{LeaseError, LeasePool, Manage}, task::{block_on, timeout}};
///
/// struct Database;
///
/// /// A connection of some driver.
/// struct Connection;
///
/// impl Connection {
///     async fn query(&mut self, sql: &str) -> io::Result<usize> {
///         Ok(sql.len())
///     }
/// }
///
/// impl Manage for Database {
///     type Item = Connection;
///     type Error = io::Error;
///
///     async fn open(&self) -> io::Result<Connection> {
///         Ok(Connection)
///     }
///
///     async fn check(&self, connection: &mut Connection) -> io::Result<()> {
///         connection.query("SELECT 1").await.map(drop)
///     }
/// }
///
/// let pool = LeasePool::builder(Database)
///     .max(4)
///     .idle_timeout(Duration::from_secs(60))
///     .max_lifetime(Duration::from_secs(3600))
///     .open_timeout(Duration::from_secs(2))
///     .check_timeout(Duration::from_millis(500))
///     .close_timeout(Duration::from_millis(500))
///     .newest_first()
///     .build();
/// block_on(async {
///     let mut connection = pool.lease().await?;
///     let query = timeout(Duration::from_secs(1), connection.query("SELECT 7"));
///     // If the time is over, `?` drops the lease, and the connection is discarded.
///     let rows = query.await.map_err(io::Error::other)?;
///     connection.give_back();
///     assert_eq!((rows?, pool.stats().idle), (8, 1));
///     Ok::<(), Box<dyn std::error::Error>>(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// ## Use and give back in one
///
/// ```
/// # use syncline::service::{LeaseError, LeasePool, Manage};
/// # struct Server;
/// # impl Manage for Server {
/// #     type Item = Vec<u8>;
/// #     type Error = std::io::Error;
/// #     async fn open(&self) -> std::io::Result<Vec<u8>> { Ok(Vec::new()) }
/// # }
/// let pool = LeasePool::builder(Server).build();
/// let length = pool.with(|buffer| {
///     buffer.extend(b"hello");
///     Ok::<_, LeaseError<std::io::Error>>(buffer.len())
/// })?;
/// assert_eq!((length, pool.stats().idle), (5, 1));
/// # Ok::<(), LeaseError<std::io::Error>>(())
/// ```
#[doc(alias("ConnectionPool", "deadpool", "bb8", "r2d2"))]
pub struct LeasePool<M: Managed> {
    shared: Handle<M>,
}

impl<M: Managed> LeasePool<M> {
    /// Returns a builder with the defaults.
    ///
    /// # Examples
    ///
    /// See [`LeasePool`].
    pub fn builder(manager: M) -> LeasePoolBuilder<M> {
        LeasePoolBuilder::new(manager)
    }

    fn new(manager: M, settings: Settings) -> Self {
        Self {
            shared: Handle::new(manager, settings),
        }
    }

    /// Leases an item: an idle one, a new one if there is room, or the next one that is given back.
    ///
    /// A thread calls `wait` on the result, a task awaits it. Leasing an idle item whose check is not due does not allocate.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line; see [`LeasePool`].
    ///
    /// # Errors
    ///
    /// * [`LeaseError::Open`] if an item could not be opened;
    /// * [`LeaseError::TimedOut`] if opening it took longer than [`open_timeout`](LeasePoolBuilder::open_timeout);
    /// * [`LeaseError::Closed`] if the pool is closed, or is closed before there is a lease.
    ///
    /// To limit the wait in line, use [`LeaseWait::wait_timeout`], or [`task::timeout`](crate::task::timeout()).
    ///
    /// # Examples
    ///
    /// See [`LeasePool`].
    pub fn lease(&self) -> LeaseWait<'_, M> {
        LeaseWait::new(&self.shared)
    }

    /// Leases an idle item whose check is not due, if there is one and nobody waits. It never opens one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use syncline::service::{LeaseError, LeasePool, Manage};
    /// # struct Server;
    /// # impl Manage for Server {
    /// #     type Item = u32;
    /// #     type Error = std::io::Error;
    /// #     async fn open(&self) -> std::io::Result<u32> { Ok(7) }
    /// # }
    /// let pool = LeasePool::builder(Server).build();
    /// assert!(pool.try_lease().is_none());
    /// pool.lease().wait()?.give_back();
    /// assert!(pool.try_lease().is_some());
    /// # Ok::<(), LeaseError<std::io::Error>>(())
    /// ```
    #[must_use = "the item is discarded as soon as this is dropped"]
    pub fn try_lease(&self) -> Option<Lease<M>> {
        let permit = self.shared.places.try_acquire()?;
        self.shared.take_fresh(Place::new(&self.shared, permit))
    }

    /// Leases an item, calls a closure with it, and gives it back if the closure returns `Ok`.
    ///
    /// If the closure returns `Err` or panics, the item is discarded. If an error leaves the item usable, return it
    /// inside `Ok`, as in `Ok(Err(NotFound))`. Blocks the thread until there is an item.
    ///
    /// # Errors
    ///
    /// Returns the closure's error, or one of those of [`lease`](Self::lease).
    ///
    /// # Examples
    ///
    /// See [`LeasePool`].
    #[track_caller]
    pub fn with<T, E>(&self, f: impl FnOnce(&mut M::Item) -> Result<T, E>) -> Result<T, E>
    where
        E: From<LeaseError<M::Error>>,
    {
        let mut lease = self.lease().wait()?;
        let result = f(&mut lease);
        if result.is_ok() {
            lease.give_back();
        }
        result
    }

    /// Leases an item, calls an async closure with it, and gives it back if the closure returns `Ok`.
    ///
    /// If the closure returns `Err`, panics, or is dropped before it has ended, the item is discarded. See
    /// [`with`](Self::with).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future discards the item, if there was one already.
    ///
    /// # Errors
    ///
    /// Returns the closure's error, or one of those of [`lease`](Self::lease).
    ///
    /// # Examples
    ///
    /// ```
    /// # use syncline::service::{LeaseError, LeasePool, Manage};
    /// # struct Server;
    /// # impl Manage for Server {
    /// #     type Item = Vec<u8>;
    /// #     type Error = std::io::Error;
    /// #     async fn open(&self) -> std::io::Result<Vec<u8>> { Ok(Vec::new()) }
    /// # }
    /// use core::{future::pending, time::Duration};
    /// use syncline::task::{block_on, timeout};
    ///
    /// let pool = LeasePool::builder(Server).build();
    /// let hangs = pool.with_async(async |buffer| {
    ///     buffer.push(7);
    ///     pending::<Result<(), LeaseError<_>>>().await
    /// });
    /// assert!(block_on(timeout(Duration::from_millis(1), hangs)).is_err());
    /// assert_eq!((pool.stats().dropped, pool.stats().size), (1, 0));
    /// ```
    pub async fn with_async<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut M::Item) -> Result<T, E>,
        E: From<LeaseError<M::Error>>,
    {
        let mut lease = self.lease().await?;
        let result = f(&mut lease).await;
        if result.is_ok() {
            lease.give_back();
        }
        result
    }

    /// Returns what the pool is doing, and has done so far.
    ///
    /// # Examples
    ///
    /// See [`warm_up`](Self::warm_up).
    #[must_use]
    pub fn stats(&self) -> LeaseStats {
        let state = self.shared.state.lock();
        LeaseStats {
            size: state.size,
            idle: state.idle.len(),
            leased: state.leased,
            waiting: state.waiting,
            stuck: state.stuck,
            opened: state.stats.opened,
            closed: state.stats.closed,
            dropped: state.stats.dropped,
            failed_opens: state.stats.failed_opens,
            failed_checks: state.stats.failed_checks,
            waits: state.stats.waits,
            mean_wait: state.stats.mean_wait(),
            longest_wait: state.stats.longest_wait,
        }
    }
}

impl<M: Managed> Clone for LeasePool<M> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
        }
    }
}

impl<M: Managed> fmt::Debug for LeasePool<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}
