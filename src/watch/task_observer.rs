//! `Observer` for tasks: who looks at a [`Watch`](crate::task::Watch), and waits for it.

use core::fmt;

use super::borrow::WatchRef;
use super::future::{Changed, WaitFor};
use super::shared::{Owner, Sender};
use crate::error::WatchClosed;
use crate::line::Quiet;

/// Looks at the value of a [`Watch`](crate::task::Watch), and waits until there is one that it has not seen.
///
/// Returned by [`Watch::subscribe`](crate::task::Watch::subscribe). A clone has seen what the original has.
///
/// # Examples
///
/// See [`Watch`](crate::task::Watch).
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
    /// Returns [`WatchClosed`] if there is none, and no [`Watch`](crate::task::Watch) is left that could send one. A last value
    /// that has not been seen is still a change.
    ///
    /// # Examples
    ///
    /// ```
    /// let watch = syncline::task::Watch::new(1);
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
    /// let watch = syncline::task::Watch::new(1);
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
    /// let watch = syncline::task::Watch::new(1);
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

    /// Waits until there is a value that this has not seen, and counts it as seen.
    ///
    /// It is ready at once if there is one already. Between this and a look there may be another send: then the look shows the later
    /// value, and the next `changed` is ready once more.
    ///
    /// # Errors
    ///
    /// Returns [`WatchClosed`] if there is none, and no [`Watch`](crate::task::Watch) is left that could send one.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: what it would have been ready for has not been seen.
    ///
    /// # Examples
    ///
    /// ```
    /// let watch = syncline::task::Watch::new(1);
    /// let mut observer = watch.subscribe();
    /// syncline::task::block_on(async {
    ///     watch.send(2);
    ///     observer.changed().await?;
    ///     drop(watch);
    ///     assert!(observer.changed().await.is_err());
    ///     Ok::<(), syncline::WatchClosed>(())
    /// })?;
    /// # Ok::<(), syncline::WatchClosed>(())
    /// ```
    pub fn changed(&mut self) -> Changed<'_, T> {
        Changed::new(&self.shared, &mut self.seen)
    }

    /// Waits until `wanted` is true of the value, and returns a look at it, which counts as seen.
    ///
    /// `wanted` is asked about the current value first, and then after each change that is not too fast to be seen. It runs
    /// while nobody can send.
    ///
    /// # Errors
    ///
    /// Returns [`WatchClosed`] if it is not true of the last value.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing; the values that it has asked about have been seen.
    ///
    /// # Panics
    ///
    /// Panics if `wanted` panics.
    ///
    /// # Examples
    ///
    /// ```
    /// let watch = syncline::task::Watch::new(1);
    /// let mut observer = watch.subscribe();
    /// let large = syncline::task::block_on(async {
    ///     watch.send(5);
    ///     observer.wait_for(|value| *value > 3).await.map(|value| *value)
    /// });
    /// assert_eq!(large, Ok(5));
    /// ```
    pub fn wait_for<P: FnMut(&T) -> bool>(&mut self, wanted: P) -> WaitFor<'_, T, P> {
        WaitFor::new(&self.shared, &mut self.seen, wanted)
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
