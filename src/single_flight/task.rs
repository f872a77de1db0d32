//! `SingleFlight` for tasks.

use core::borrow::Borrow;
use core::fmt;
use core::hash::Hash;

use super::calls::Calls;
use super::future::{TryWork, Work};
use crate::line::Quiet;

/// Makes one call for all callers who ask for the same key at the same time.
///
/// [`work`](Self::work) makes a call for a key, or waits for the call in progress, and returns a clone of its result.
/// When the call ends, its key is removed, and a later caller makes a new call. Nothing is cached: put this in front
/// of the code that fills a cache, so that a hundred simultaneous misses become one query.
///
/// Each caller passes a closure, and one of them runs. If it fails, panics or is dropped, the next waiter runs its own;
/// the others do not notice.
///
/// Do not use it for one value ([`OnceCell`](crate::task::OnceCell)), or to limit how many calls run at once
/// ([`Semaphore`](crate::task::Semaphore)).
///
/// # Fairness
///
/// If a call fails, its waiters get their turn in order of arrival, threads and tasks alike.
///
/// # Memory effects
///
/// Everything that happened before the end of a closure happens before everything after the calls that return its result, and,
/// if it failed, before the next closure of that call.
///
/// # Cancel safety
///
/// Dropping a future that waits leaves the line. Dropping one whose closure's future runs drops that, and then
/// the next waiter runs its own. If the work must continue without its caller, spawn it, and await its `Job` in the closure.
///
/// # Panics
///
/// A closure that asks for its own key panics instead of waiting for ever. This is detected on the same thread,
/// not in a task that it has spawned elsewhere.
///
/// # Deadlocks
///
/// Two closures that ask for each other's keys. The `Eq` of the keys runs under an internal lock and must not use the same object.
///
/// # Examples
///
/// ```
/// use syncline::task::{SingleFlight, block_on, gather, yield_now};
///
/// let calls = SingleFlight::new();
/// let mut asked = std::cell::Cell::new(0);
/// let ask = async |page: &'static str| {
///     let fetch = async || {
///         yield_now().await;
///         asked.set(asked.get() + 1);
///         page.len()
///     };
///     calls.work(page, fetch).await
/// };
/// assert_eq!(block_on(gather([ask("home"), ask("about"), ask("home")])), [4, 5, 4]);
/// assert_eq!(asked.get_mut(), &2);
/// assert!(calls.is_empty());
/// ```
#[doc(alias("singleflight", "dedup", "coalesce", "thundering herd"))]
#[repr(transparent)]
pub struct SingleFlight<K, V> {
    pub(super) calls: Calls<K, V>,
}

impl<K, V> SingleFlight<K, V> {
    /// Creates a table without calls.
    ///
    /// # Examples
    ///
    /// ```
    /// let calls = syncline::task::SingleFlight::<u8, u8>::new();
    /// assert!(calls.is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self {
            calls: Calls::new(),
        }
    }

    /// Returns how many keys have a call in progress at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// let calls = syncline::task::SingleFlight::<u8, u8>::new();
    /// assert_eq!(calls.len(), 0);
    /// ```
    pub fn len(&self) -> usize {
        self.calls.len()
    }

    /// Returns whether no call is in progress at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// let calls = syncline::task::SingleFlight::<u8, u8>::new();
    /// assert!(calls.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many threads and tasks wait for a call that somebody else makes, at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// let calls = syncline::task::SingleFlight::<&str, u8>::new();
    /// assert_eq!(calls.waiting(), 0);
    /// ```
    pub fn waiting(&self) -> usize {
        self.calls.waiting()
    }
}

impl<K: Hash + Eq, V> SingleFlight<K, V> {
    /// Makes later callers for this key start a new call, and returns whether one was in progress.
    ///
    /// Callers that wait already still get its result. Use it when the data behind the key has just changed.
    ///
    /// # Examples
    ///
    /// ```
    /// let calls = syncline::task::SingleFlight::<String, u8>::new();
    /// assert!(!calls.forget("home"));
    /// ```
    pub fn forget<Q: ?Sized + Hash + Eq>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.calls.forget(key)
    }
}

impl<K: Hash + Eq, V: Clone> SingleFlight<K, V> {
    /// Makes the call for a key, or waits for the call in progress, and returns a clone of its result.
    ///
    /// It begins when the future is first polled. To limit how long it takes, wrap it in [`timeout`](crate::task::timeout()).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the call, and passes it on if it is this one that makes it.
    ///
    /// # Panics
    ///
    /// Panics if `make` or its future panics; the panic continues here, and the next waiter runs its own closure.
    /// Also panics if `make` asks for this key itself.
    ///
    /// # Examples
    ///
    /// ```
    /// let calls = syncline::task::SingleFlight::new();
    /// let value = syncline::task::block_on(calls.work("key", async || 7));
    /// assert_eq!(value, 7);
    /// ```
    pub fn work<F, Fut>(&self, key: K, make: F) -> Work<'_, K, V, F, Fut>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = V>,
    {
        Work::new(&self.calls, key, make)
    }

    /// Like [`work`](Self::work), but the closure may fail.
    ///
    /// Its error goes to its own caller, and the next waiter runs its own closure.
    ///
    /// # Errors
    ///
    /// That of the caller's own `make`, never that of another one.
    ///
    /// # Cancel safety
    ///
    /// See [`work`](Self::work).
    ///
    /// # Panics
    ///
    /// See [`work`](Self::work).
    ///
    /// # Examples
    ///
    /// ```
    /// let calls = syncline::task::SingleFlight::<&str, u8>::new();
    /// let failed = syncline::task::block_on(calls.try_work("key", async || Err("no answer")));
    /// assert_eq!(failed, Err("no answer"));
    /// ```
    pub fn try_work<E, F, Fut>(&self, key: K, make: F) -> TryWork<'_, K, V, F, Fut>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<V, E>>,
    {
        TryWork::new(&self.calls, key, make)
    }
}

impl<K, V> Default for SingleFlight<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V> fmt::Debug for SingleFlight<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SingleFlight")
            .field("calls", &self.len())
            .finish_non_exhaustive()
    }
}

impl<K, V> Quiet for SingleFlight<K, V> {
    fn assert_quiet(&self) {
        self.calls.assert_quiet();
    }

    fn waiting(&self) -> usize {
        self.calls.waiting()
    }
}
