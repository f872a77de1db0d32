//! `Observer` for threads: who looks at a [`Watch`](crate::thread::Watch), and waits for it.

use core::fmt;
use core::time::Duration;
use std::time::Instant;

use super::borrow::WatchRef;
use super::shared::{Owner, Sender};
use crate::error::{ChangeError, TimedOut, WatchClosed};
use crate::line::{Quiet, Timeout};

/// Looks at the value of a [`Watch`](crate::thread::Watch), and waits until there is one that it has not seen.
///
/// Returned by [`Watch::subscribe`](crate::thread::Watch::subscribe). A clone has seen what the original has.
///
/// # Examples
///
/// See [`Watch`](crate::thread::Watch).
pub struct Observer<T> {
    pub(super) shared: Owner<T>,
    pub(super) seen: usize,
}

impl<T> Observer<T> {
    /// An observer that has seen the current value.
    #[track_caller]
    pub(super) fn new(sender: &Sender<T>) -> Self {
        let (_value, seen) = sender.0.borrow_with_version();
        Self {
            shared: sender.0.clone(),
            seen,
        }
    }

    /// Returns whether there is a value that this observer has not seen.
    ///
    /// # Errors
    ///
    /// Returns [`WatchClosed`] if there is none, and no [`Watch`](crate::thread::Watch) is left that could send one. A last value
    /// that has not been seen is still a change.
    ///
    /// # Examples
    ///
    /// ```
    /// let watch = syncline::thread::Watch::new(1);
    /// let mut observer = watch.subscribe();
    /// watch.send(2);
    /// drop(watch);
    /// assert_eq!(observer.has_changed(), Ok(true));
    /// assert_eq!(*observer.borrow_and_update(), 2);
    /// assert!(observer.has_changed().is_err());
    /// ```
    pub fn has_changed(&self) -> Result<bool, WatchClosed> {
        self.shared.news(&mut { self.seen })
    }

    /// Looks at the value, which does not count as seen. Nobody can send while the result lives.
    ///
    /// # Examples
    ///
    /// ```
    /// let watch = syncline::thread::Watch::new(1);
    /// let observer = watch.subscribe();
    /// watch.send(2);
    /// assert_eq!(*observer.borrow(), 2);
    /// assert_eq!(observer.has_changed(), Ok(true));
    /// ```
    #[track_caller]
    pub fn borrow(&self) -> WatchRef<'_, T> {
        self.shared.borrow()
    }

    /// Looks at the value, which counts as seen. Nobody can send while the result lives.
    ///
    /// # Examples
    ///
    /// ```
    /// let watch = syncline::thread::Watch::new(1);
    /// let mut observer = watch.subscribe();
    /// watch.send(2);
    /// assert_eq!(*observer.borrow_and_update(), 2);
    /// assert_eq!(observer.has_changed(), Ok(false));
    /// ```
    #[track_caller]
    pub fn borrow_and_update(&mut self) -> WatchRef<'_, T> {
        let (value, version) = self.shared.borrow_with_version();
        self.seen = version;
        value
    }

    /// Blocks until there is a value that this has not seen, and counts it as seen.
    ///
    /// It returns at once if there is one already. Between this and a look there may be another send: then the look shows the later
    /// value, and the next `changed` returns at once.
    ///
    /// # Errors
    ///
    /// Returns [`WatchClosed`] if there is none, and no [`Watch`](crate::thread::Watch) is left that could send one.
    ///
    /// # Examples
    ///
    /// ```
    /// let watch = syncline::thread::Watch::new(1);
    /// let mut observer = watch.subscribe();
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| watch.send(2));
    ///     observer.changed()
    /// })?;
    /// assert_eq!(*observer.borrow(), 2);
    /// # Ok::<(), syncline::WatchClosed>(())
    /// ```
    #[track_caller]
    pub fn changed(&mut self) -> Result<(), WatchClosed> {
        match self.changed_until(Timeout::Never) {
            Ok(()) => Ok(()),
            Err(_) => Err(WatchClosed::new()),
        }
    }

    /// Like [`changed`](Self::changed), but waits for at most `timeout`. Zero only checks.
    ///
    /// # Errors
    ///
    /// Returns [`ChangeError::Closed`] as [`changed`](Self::changed), and [`ChangeError::TimedOut`] if there was none in time.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::ChangeError;
    ///
    /// let watch = syncline::thread::Watch::new(1);
    /// let mut observer = watch.subscribe();
    /// let changed = observer.changed_timeout(Duration::from_millis(1));
    /// assert_eq!(changed, Err(ChangeError::TimedOut));
    /// ```
    #[track_caller]
    pub fn changed_timeout(&mut self, timeout: Duration) -> Result<(), ChangeError> {
        self.changed_until(Timeout::After(timeout))
    }

    /// Like [`changed`](Self::changed), but waits until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// See [`changed_timeout`](Self::changed_timeout).
    ///
    /// # Examples
    ///
    /// ```
    /// let watch = syncline::thread::Watch::new(1);
    /// let mut observer = watch.subscribe();
    /// watch.send(2);
    /// observer.changed_deadline(std::time::Instant::now())?;
    /// # Ok::<(), syncline::ChangeError>(())
    /// ```
    #[track_caller]
    pub fn changed_deadline(&mut self, deadline: Instant) -> Result<(), ChangeError> {
        self.changed_until(Timeout::At(deadline))
    }

    #[track_caller]
    fn changed_until(&mut self, timeout: Timeout) -> Result<(), ChangeError> {
        if self.shared.news(&mut self.seen)? {
            return Ok(());
        }
        let waited = self.shared.wait(self.seen, timeout);
        // What has come meanwhile counts, whatever the time.
        match (self.shared.news(&mut self.seen)?, waited) {
            (false, Err(TimedOut { .. })) => Err(ChangeError::TimedOut),
            _ => Ok(()),
        }
    }

    /// Blocks until `wanted` is true of the value, and returns a look at it, which counts as seen.
    ///
    /// `wanted` is asked about the current value first, and then after each change that is not too fast to be seen. It runs
    /// while nobody can send.
    ///
    /// # Errors
    ///
    /// Returns [`WatchClosed`] if it is not true of the last value.
    ///
    /// # Panics
    ///
    /// Panics if `wanted` panics.
    ///
    /// # Examples
    ///
    /// ```
    /// let watch = syncline::thread::Watch::new(1);
    /// let mut observer = watch.subscribe();
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| (2..6).for_each(|value| watch.send(value)));
    ///     assert!(observer.wait_for(|value| *value > 3).is_ok_and(|value| *value > 3));
    /// });
    /// ```
    #[track_caller]
    pub fn wait_for(
        &mut self,
        wanted: impl FnMut(&T) -> bool,
    ) -> Result<WatchRef<'_, T>, WatchClosed> {
        match self.wait_for_until(Timeout::Never, wanted) {
            Ok(value) => Ok(value),
            Err(_) => Err(WatchClosed::new()),
        }
    }

    /// Like [`wait_for`](Self::wait_for), but waits for at most `timeout`. Zero only checks the current value.
    ///
    /// # Errors
    ///
    /// Returns [`ChangeError::Closed`] as [`wait_for`](Self::wait_for), and [`ChangeError::TimedOut`] if it was not true in time.
    ///
    /// # Panics
    ///
    /// Panics if `wanted` panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let watch = syncline::thread::Watch::new(1);
    /// let mut observer = watch.subscribe();
    /// let large = observer.wait_for_timeout(Duration::from_millis(1), |value| *value > 3);
    /// assert!(large.is_err());
    /// ```
    #[track_caller]
    pub fn wait_for_timeout(
        &mut self,
        timeout: Duration,
        wanted: impl FnMut(&T) -> bool,
    ) -> Result<WatchRef<'_, T>, ChangeError> {
        self.wait_for_until(Timeout::After(timeout), wanted)
    }

    /// Like [`wait_for`](Self::wait_for), but waits until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// See [`wait_for_timeout`](Self::wait_for_timeout).
    ///
    /// # Panics
    ///
    /// Panics if `wanted` panics.
    ///
    /// # Examples
    ///
    /// ```
    /// let watch = syncline::thread::Watch::new(5);
    /// let mut observer = watch.subscribe();
    /// let now = std::time::Instant::now();
    /// assert!(observer.wait_for_deadline(now, |value| *value > 3).is_ok());
    /// ```
    #[track_caller]
    pub fn wait_for_deadline(
        &mut self,
        deadline: Instant,
        wanted: impl FnMut(&T) -> bool,
    ) -> Result<WatchRef<'_, T>, ChangeError> {
        self.wait_for_until(Timeout::At(deadline), wanted)
    }

    #[track_caller]
    fn wait_for_until(
        &mut self,
        timeout: Timeout,
        mut wanted: impl FnMut(&T) -> bool,
    ) -> Result<WatchRef<'_, T>, ChangeError> {
        let shared = &*self.shared;
        let (mut timeout, mut is_over) = (timeout, false);
        loop {
            let (value, version) = shared.borrow_with_version();
            self.seen = version;
            if wanted(&value) {
                return Ok(value);
            }
            drop(value);
            if is_over {
                return Err(ChangeError::TimedOut);
            }
            if !shared.news(&mut { version })? {
                // The same moment for all of its waits.
                timeout = timeout.fixed();
                is_over = shared.wait(version, timeout).is_err();
                // At the deadline it is asked once more, if there is something to ask about.
                if !shared.news(&mut { version })? && is_over {
                    return Err(ChangeError::TimedOut);
                }
            }
        }
    }
}

impl<T> Clone for Observer<T> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
            seen: self.seen,
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Observer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.show("Observer", f)
    }
}

impl<T> Quiet for Observer<T> {
    fn assert_quiet(&self) {
        self.shared.assert_quiet();
    }

    fn waiting(&self) -> usize {
        self.shared.waiting()
    }
}
