//! `SingleFlight` for threads.

use core::borrow::Borrow;
use core::convert::Infallible;
use core::fmt;
use core::hash::Hash;
use core::time::Duration;
use std::time::Instant;

use super::caller::Caller;
use super::calls::Calls;
use crate::error::TimedOut;
use crate::line::{Quiet, Timeout};
use crate::once::make;

/// Makes one call for all callers who ask for the same key at the same time.
///
/// [`work`](Self::work) makes a call for a key, or waits for the call in progress, and returns a clone of its result.
/// When the call ends, its key is removed, and a later caller makes a new call. Nothing is cached: put this in front
/// of the code that fills a cache, so that a hundred simultaneous misses become one query.
///
/// Each caller passes a closure, and one of them runs. If it fails or panics, the next waiter runs its own;
/// the others do not notice.
///
/// Do not use it for one value ([`OnceCell`](crate::thread::OnceCell)), or to limit how many calls run at once
/// ([`Semaphore`](crate::thread::Semaphore)).
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
/// # Panics
///
/// A closure that asks for its own key panics instead of waiting for ever.
///
/// # Deadlocks
///
/// Two closures that ask for each other's keys. The `Eq` of the keys runs under an internal lock and must not use the same object.
///
/// # Examples
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
/// use syncline::{internals::Quiet, thread::SingleFlight};
///
/// let (calls, asked) = (SingleFlight::new(), AtomicUsize::new(0));
/// std::thread::scope(|threads| {
///     let length = calls.work("home", || {
///         // It would be asked for here, and somebody else comes meanwhile.
///         threads.spawn(|| assert_eq!(calls.work("home", || unreachable!()), 4));
/// #       while calls.waiting() == 0 {
/// #           std::thread::yield_now();
/// #       }
///         asked.fetch_add(1, Relaxed);
///         4
///     });
///     assert_eq!(length, 4);
/// });
/// assert_eq!((calls.len(), asked.into_inner()), (0, 1));
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
    /// let calls = syncline::thread::SingleFlight::<u8, u8>::new();
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
    /// let calls = syncline::thread::SingleFlight::<u8, u8>::new();
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
    /// let calls = syncline::thread::SingleFlight::<u8, u8>::new();
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
    /// let calls = syncline::thread::SingleFlight::<&str, u8>::new();
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
    /// let calls = syncline::thread::SingleFlight::<String, u8>::new();
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
    /// Makes the call for a key, or blocks until the call in progress ends, and returns a clone of its result.
    ///
    /// # Panics
    ///
    /// Panics if `make` panics; the panic continues here, and the next waiter runs its own closure. Also panics if
    /// `make` asks for this key itself.
    ///
    /// # Examples
    ///
    /// ```
    /// let calls = syncline::thread::SingleFlight::new();
    /// assert_eq!(calls.work("key", || 7), 7);
    /// ```
    #[track_caller]
    pub fn work(&self, key: K, make: impl FnOnce() -> V) -> V {
        let value = self.work_until(key, Timeout::Never, make);
        value.expect("a wait without a deadline does not time out")
    }

    /// Like [`work`](Self::work), but waits for others for at most `timeout`; zero tries once.
    ///
    /// The time that `make` takes is not limited.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the others took longer. `make` has not run then.
    ///
    /// # Panics
    ///
    /// See [`work`](Self::work).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let calls = syncline::thread::SingleFlight::new();
    /// assert_eq!(calls.work_timeout("key", Duration::ZERO, || 7), Ok(7));
    /// ```
    #[track_caller]
    pub fn work_timeout(
        &self,
        key: K,
        timeout: Duration,
        make: impl FnOnce() -> V,
    ) -> Result<V, TimedOut> {
        self.work_until(key, Timeout::After(timeout), make)
    }

    /// Like [`work`](Self::work), but waits for others until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the others took longer. `make` has not run then.
    ///
    /// # Panics
    ///
    /// See [`work`](Self::work).
    ///
    /// # Examples
    ///
    /// ```
    /// let calls = syncline::thread::SingleFlight::new();
    /// assert_eq!(calls.work_deadline("key", std::time::Instant::now(), || 7), Ok(7));
    /// ```
    #[track_caller]
    pub fn work_deadline(
        &self,
        key: K,
        deadline: Instant,
        make: impl FnOnce() -> V,
    ) -> Result<V, TimedOut> {
        self.work_until(key, Timeout::At(deadline), make)
    }

    /// Like [`work`](Self::work), but the closure may fail.
    ///
    /// Its error goes to its own caller, and the next waiter runs its own closure.
    ///
    /// # Errors
    ///
    /// That of the caller's own `make`, never that of another one.
    ///
    /// # Panics
    ///
    /// See [`work`](Self::work).
    ///
    /// # Examples
    ///
    /// ```
    /// let calls = syncline::thread::SingleFlight::<&str, u8>::new();
    /// assert_eq!(calls.try_work("key", || Err("no answer")), Err("no answer"));
    /// ```
    #[track_caller]
    pub fn try_work<E>(&self, key: K, make: impl FnOnce() -> Result<V, E>) -> Result<V, E> {
        let value = self::make(Caller::of(&self.calls, key), Timeout::Never, make);
        let value = value.expect("a wait without a deadline does not time out");
        value.map(Caller::value)
    }

    #[track_caller]
    fn work_until(
        &self,
        key: K,
        timeout: Timeout,
        make: impl FnOnce() -> V,
    ) -> Result<V, TimedOut> {
        let caller = Caller::of(&self.calls, key);
        match self::make(caller, timeout, || Ok::<V, Infallible>(make()))? {
            Ok(caller) => Ok(caller.value()),
            Err(never) => match never {},
        }
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
