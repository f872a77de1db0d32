//! `SingleFlight` for tasks.

use core::borrow::Borrow;
use core::fmt;
use core::hash::Hash;

use super::calls::Calls;
use super::future::{TryWork, Work};
use crate::line::Quiet;

/// Lets all who ask for the same key at the same time share one call.
///
/// [`work`](Self::work) makes a call for a key, or waits for the one that is under way, and returns a clone of its result.
/// When the call ends the key is gone: whoever comes later makes a call of its own. So nothing is cached; put this in front of
/// whatever fills a cache, so that a hundred who miss it at once ask its source once.
///
/// Each caller brings a closure of its own, and one of them runs. If that one fails, panics or is dropped, the next who waits
/// runs its own; the others are not told of it.
///
/// Do not use it for one value ([`OnceCell`](crate::task::OnceCell)), or to limit how many calls run at a time
/// ([`Semaphore`](crate::task::Semaphore)).
///
/// # Fairness
///
/// Those who wait for a call get their turn in order of arrival, threads and tasks alike.
///
/// # Memory effects
///
/// Everything that happened before the end of a closure happens before everything after the calls that return its result, and,
/// if it failed, before the next closure of that call.
///
/// # Cancel safety
///
/// A future that is dropped while it waits leaves. One that is dropped while its closure's future is under way drops that first, and then
/// the next who waits runs its own. Does the work have to go on without its caller? Then spawn it, and await its `Job` in the closure.
///
/// # Panics
///
/// A closure that asks for its own key panics: it would wait for itself for ever. That is noticed on the stack of a thread,
/// not of a task that runs elsewhere.
///
/// # Deadlocks
///
/// Two closures that ask for each other's keys wait for ever. The `Eq` of the keys runs under a lock of this type and must not use it.
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
    /// No call is under way.
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

    /// For how many keys a call is under way that newcomers would share, at this instant.
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

    /// Whether there is no such call, at this instant.
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
    /// Lets whoever comes for this key from now on make a call of its own, and returns whether one was under way.
    ///
    /// Those who are at that call get its result. Use it when what is asked for has just changed.
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
    /// Makes the call for a key, or waits for the one that is under way, and returns a clone of its result.
    ///
    /// It begins when the future is first polled. To limit how long it takes, wrap it in [`timeout`](crate::task::timeout()).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the call, and passes it on if it is this one that makes it.
    ///
    /// # Panics
    ///
    /// If `make` or its future panics; the panic goes on here, and the next who waits runs its own. If `make` asks for this key itself.
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

    /// As [`work`](Self::work), with what may fail. Who fails is told so; the next who waits runs its own.
    ///
    /// # Errors
    ///
    /// That of the caller's own `make`, never that of another one.
    ///
    /// # Cancel safety
    ///
    /// As [`work`](Self::work).
    ///
    /// # Panics
    ///
    /// As [`work`](Self::work).
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
