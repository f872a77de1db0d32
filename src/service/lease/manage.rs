//! How the items of a pool are opened, checked and closed.

use super::handle::Handle;
use super::running::{Ended, Loose, Running};

/// Opens, checks and closes the items of a [`LeasePool`](super::LeasePool), in async code.
///
/// Only [`open`](Self::open) has to be written. `async fn` works in the `impl`, as long as its future is `Send`.
/// [`ManageBlocking`] is the same for libraries that block.
///
/// None of these methods runs under a lock of the pool, and a panic costs only the item. A panic of `open` continues
/// in the lessee that waited for it, a panic of `check` is a failed check, and panics of the others only reach the
/// panic hook.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use std::io;
/// use syncline::{service::{LeasePool, Manage}, task::block_on};
///
/// struct Connection {
///     is_alive: bool,
/// }
///
/// struct Server;
///
/// impl Manage for Server {
///     type Item = Connection;
///     type Error = io::Error;
///
///     async fn open(&self) -> io::Result<Connection> {
///         Ok(Connection { is_alive: true }) // connect and log in
///     }
///
///     async fn check(&self, connection: &mut Connection) -> io::Result<()> {
///         match connection.is_alive {
///             true => Ok(()), // send a ping
///             false => Err(io::ErrorKind::BrokenPipe.into()),
///         }
///     }
/// }
///
/// let pool = LeasePool::builder(Server).check_after_idle(Duration::ZERO).build();
/// block_on(async {
///     let mut lease = pool.lease().await?;
///     lease.is_alive = false; // the server has closed it
///     lease.give_back();
///     assert!(pool.lease().await?.is_alive); // another one
///     Ok::<(), syncline::service::LeaseError<io::Error>>(())
/// })?;
/// assert_eq!(pool.stats().failed_checks, 1);
/// # Ok::<(), syncline::service::LeaseError<io::Error>>(())
/// ```
pub trait Manage: Send + Sync + 'static {
    /// What is leased.
    type Item: Send + 'static;

    /// How opening or checking fails.
    type Error: Send + 'static;

    /// Opens an item.
    ///
    /// The pool drops the future if it takes longer than
    /// [`open_timeout`](super::LeasePoolBuilder::open_timeout), or if the lessee is dropped.
    fn open(&self) -> impl Future<Output = Result<Self::Item, Self::Error>> + Send;

    /// Checks whether an item still works. By default, it does.
    ///
    /// The pool drops the future if it takes longer than
    /// [`check_timeout`](super::LeasePoolBuilder::check_timeout), or if the lessee is dropped, and discards the item.
    fn check(&self, item: &mut Self::Item) -> impl Future<Output = Result<(), Self::Error>> + Send {
        let _ = item;
        core::future::ready(Ok(()))
    }

    /// Closes a healthy item. By default, discards it.
    ///
    /// Called by [`maintain`](super::LeasePool::maintain) and [`close`](super::LeasePool::close). The pool drops the
    /// future if it takes longer than [`close_timeout`](super::LeasePoolBuilder::close_timeout).
    fn close(&self, item: Self::Item) -> impl Future<Output = ()> + Send {
        self.discard(item);
        core::future::ready(())
    }

    /// Gets rid of an item that was not given back, or has failed, expired, or been cut off. By default, drops it.
    ///
    /// It must not wait: it runs where the lease is dropped.
    fn discard(&self, item: Self::Item) {
        drop(item);
    }

    /// Whether an item that is given back is known to be broken. It is discarded then. By default, it is not.
    ///
    /// It must not wait.
    fn is_broken(&self, item: &mut Self::Item) -> bool {
        let _ = item;
        false
    }
}

/// Opens, checks and closes the items of a [`LeasePool`](super::LeasePool) with calls that block.
///
/// Wrap it in [`Blocking`]. The calls run by [`to_thread`](crate::bridge::to_thread()), so a lessee gets an answer in
/// time even if a call hangs. Nothing can stop the call, so its place stays occupied until it returns
/// ([`LeaseStats::stuck`](super::LeaseStats::stuck)); then its result is discarded. Set the timeouts of the library
/// as well.
///
/// # Examples
///
/// ```
/// use std::{fs::File, io};
/// use syncline::service::{Blocking, LeasePool, ManageBlocking};
///
/// struct Readers;
///
/// impl ManageBlocking for Readers {
///     type Item = File;
///     type Error = io::Error;
///
///     fn open(&self) -> io::Result<File> {
///         File::open("Cargo.toml")
///     }
/// }
///
/// let pool = LeasePool::builder(Blocking(Readers)).max(2).build();
/// let file = pool.lease().wait()?;
/// assert!(file.metadata().is_ok());
/// file.give_back();
/// assert_eq!(pool.stats().idle, 1);
/// # Ok::<(), syncline::service::LeaseError<io::Error>>(())
/// ```
pub trait ManageBlocking: Send + Sync + 'static {
    /// What is leased.
    type Item: Send + 'static;

    /// How opening or checking fails.
    type Error: Send + 'static;

    /// Opens an item, on a thread that may block.
    ///
    /// # Errors
    ///
    /// Whatever tells why there is none.
    fn open(&self) -> Result<Self::Item, Self::Error>;

    /// Checks whether an item still works, on a thread that may block. By default, it does.
    ///
    /// # Errors
    ///
    /// Whatever tells that the item is to be discarded.
    fn check(&self, item: &mut Self::Item) -> Result<(), Self::Error> {
        let _ = item;
        Ok(())
    }

    /// Closes a healthy item, on a thread that may block. By default, discards it.
    fn close(&self, item: Self::Item) {
        self.discard(item);
    }

    /// Gets rid of an item; see [`Manage::discard`]. It must not wait.
    fn discard(&self, item: Self::Item) {
        drop(item);
    }

    /// Whether an item that is given back is known to be broken; see [`Manage::is_broken`]. It must not wait.
    fn is_broken(&self, item: &mut Self::Item) -> bool {
        let _ = item;
        false
    }
}

/// Makes a manager for a [`LeasePool`](super::LeasePool) of one whose calls block.
///
/// # Examples
///
/// See [`ManageBlocking`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Blocking<M>(pub M);

/// A manager as a [`LeasePool`](super::LeasePool) sees it: whatever implements [`Manage`], and [`Blocking`].
///
/// It cannot be implemented outside this crate. Name it in code that works with any pool.
///
/// # Examples
///
/// ```
/// use syncline::service::{LeasePool, Managed};
///
/// fn is_busy<M: Managed>(pool: &LeasePool<M>) -> bool {
///     pool.stats().waiting > 0
/// }
/// ```
pub trait Managed: Begin {}

impl<M: Begin> Managed for M {}

pub(crate) mod sealed {
    use super::{Handle, Loose, Running};

    /// How a pool begins what its manager does.
    pub trait Begin: Sized + Send + Sync + 'static {
        /// What is leased.
        type Item: Send + 'static;

        /// How opening or checking fails.
        type Error: Send + 'static;

        /// Opens an item.
        fn begin_open(pool: &Handle<Self>) -> Running<Self>;

        /// Checks an item.
        fn begin_check(item: Loose<Self>) -> Running<Self>;

        /// Closes an item.
        fn begin_close(item: Loose<Self>) -> Running<Self>;

        /// Gets rid of an item.
        fn throw_away(&self, item: Self::Item);

        /// Whether an item that is given back is broken.
        fn finds_broken(&self, item: &mut Self::Item) -> bool;
    }
}
pub(crate) use self::sealed::Begin;

impl<M: Manage> Begin for M {
    type Item = M::Item;
    type Error = M::Error;

    fn begin_open(pool: &Handle<Self>) -> Running<Self> {
        let pool = pool.clone();
        // The call itself is made by the first poll, which is guarded against panics.
        Running::future(async move {
            let opened = pool.manager.open().await;
            match opened {
                Ok(item) => Ended::Item(Loose::opened(pool, item)),
                Err(error) => Ended::Failed(error),
            }
        })
    }

    fn begin_check(mut item: Loose<Self>) -> Running<Self> {
        Running::future(async move {
            let (manager, checked) = item.parts();
            match manager.check(checked).await {
                Ok(()) => Ended::Item(item.checked()),
                Err(error) => Ended::Failed(error),
            }
        })
    }

    fn begin_close(item: Loose<Self>) -> Running<Self> {
        Running::future(async move {
            let (pool, item) = item.take_to_close();
            pool.manager.close(item).await;
            Ended::Closed
        })
    }

    fn throw_away(&self, item: Self::Item) {
        self.discard(item);
    }

    fn finds_broken(&self, item: &mut Self::Item) -> bool {
        self.is_broken(item)
    }
}

impl<M: ManageBlocking> Begin for Blocking<M> {
    type Item = M::Item;
    type Error = M::Error;

    fn begin_open(pool: &Handle<Self>) -> Running<Self> {
        Running::call(pool, None, |pool, _| match pool.manager.0.open() {
            Ok(item) => Ended::Item(Loose::opened(pool.clone(), item)),
            Err(error) => Ended::Failed(error),
        })
    }

    fn begin_check(item: Loose<Self>) -> Running<Self> {
        Running::call(&item.pool(), Some(item), |_, item| {
            let Some(mut item) = item else {
                return Ended::Closed;
            };
            let (manager, checked) = item.parts();
            match manager.0.check(checked) {
                Ok(()) => Ended::Item(item.checked()),
                Err(error) => Ended::Failed(error),
            }
        })
    }

    fn begin_close(item: Loose<Self>) -> Running<Self> {
        Running::call(&item.pool(), Some(item), |pool, item| {
            if let Some(item) = item {
                let (_, item) = item.take_to_close();
                pool.manager.0.close(item);
            }
            Ended::Closed
        })
    }

    fn throw_away(&self, item: Self::Item) {
        self.0.discard(item);
    }

    fn finds_broken(&self, item: &mut Self::Item) -> bool {
        self.0.is_broken(item)
    }
}
