//! `Watch` for tasks: who sends.

use core::fmt;

use super::borrow::WatchRef;
use super::shared::Sender;
use super::task_observer::Observer;
use crate::line::Quiet;

/// Publishes the latest value of something to any number of [`Observer`]s.
///
/// [`send`](Self::send) replaces the value and wakes everybody who waits in [`Observer::changed`]. Only the last value is kept:
/// a slow observer sees that the value has changed, but not how often. A `Watch` is a handle that is cheap to clone. When the last
/// one is dropped, [`changed`](Observer::changed) returns an error. Sending works without observers, too.
///
/// Use it for a configuration, a state, a price. Do not use it if every value matters ([`Queue`](crate::task::Queue)), for something that
/// happens once ([`Event`](crate::task::Event), [`OnceCell`](crate::task::OnceCell)), or if nobody waits ([`RwLock`](crate::task::RwLock)).
///
/// # Fairness
///
/// A send wakes everybody who waits at that moment, in order of arrival. The value is protected by a [`RwLock`](crate::thread::RwLock): a
/// sender waits for [borrows](WatchRef) of the value, and a borrow for senders. This blocks the thread on both faces, for as long as
/// a borrow or a closure of [`send_modify`](Self::send_modify) lasts.
///
/// # Memory effects
///
/// A send happens before everything after a borrow that sees its value or a later one, and after a
/// [`changed`](Observer::changed) or [`has_changed`](Observer::has_changed) that reports it. The drop of the
/// last handle happens before everything after the [`WatchClosed`](crate::WatchClosed) that reports it.
///
/// # Deadlocks
///
/// Sending while the same thread holds a borrow of the value. Several borrows by one thread are fine, even if somebody
/// waits to send in between. A closure that modifies the value must not use the watch.
///
/// # Examples
///
/// ## Tasks that follow a configuration
///
/// ```
/// use syncline::task::{Watch, block_on, gather};
///
/// let watch = Watch::new(1);
/// let mut observer = watch.subscribe();
/// let follow = async {
///     let mut seen = Vec::new();
///     while observer.changed().await.is_ok() {
///         seen.push(*observer.borrow());
///     }
///     seen
/// };
/// let change = async {
///     watch.send(2);
///     watch.send(3);
///     drop(watch);
/// };
/// let (seen, ()) = block_on(gather((follow, change)));
/// assert_eq!(seen, [3]);
/// ```
#[doc(alias("watch channel", "latest", "StateFlow"))]
#[repr(transparent)]
pub struct Watch<T> {
    pub(super) sender: Sender<T>,
}

impl<T> Watch<T> {
    /// Creates a watch with an initial value.
    ///
    /// # Examples
    ///
    /// ```
    /// let watch = syncline::task::Watch::new(7);
    /// assert_eq!(*watch.borrow(), 7);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn new(value: T) -> Self {
        Self {
            sender: Sender::new(value),
        }
    }

    /// Returns an observer that has seen the current value.
    ///
    /// # Examples
    ///
    /// ```
    /// let watch = syncline::task::Watch::new(7);
    /// let observer = watch.subscribe();
    /// assert_eq!(observer.has_changed(), Ok(false));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn subscribe(&self) -> Observer<T> {
        Observer::new(&self.sender)
    }

    /// Replaces the value and wakes all observers that wait. No lock is held while the old value is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// let watch = syncline::task::Watch::new(1);
    /// watch.send(2);
    /// assert_eq!(*watch.borrow(), 2);
    /// ```
    #[track_caller]
    pub fn send(&self, value: T) {
        drop(self.sender.replace(value));
    }

    /// Replaces the value, wakes all observers that wait, and returns the old value.
    ///
    /// # Examples
    ///
    /// ```
    /// let watch = syncline::task::Watch::new(1);
    /// assert_eq!(watch.send_replace(2), 1);
    /// ```
    #[track_caller]
    pub fn send_replace(&self, value: T) -> T {
        self.sender.replace(value)
    }

    /// Changes the value in place and wakes all observers that wait.
    ///
    /// The value cannot be borrowed in the meantime.
    ///
    /// # Panics
    ///
    /// Panics if `modify` panics. The value stays as `modify` left it, and nobody is woken.
    ///
    /// # Examples
    ///
    /// ```
    /// let watch = syncline::task::Watch::new(vec![1]);
    /// watch.send_modify(|list| list.push(2));
    /// assert_eq!(*watch.borrow(), [1, 2]);
    /// ```
    #[track_caller]
    pub fn send_modify(&self, modify: impl FnOnce(&mut T)) {
        self.sender.change(|value| (true, modify(value)));
    }

    /// Changes the value in place, wakes waiters if `modify` returns `true`, and returns what it returned.
    ///
    /// # Panics
    ///
    /// See [`send_modify`](Self::send_modify).
    ///
    /// # Examples
    ///
    /// ```
    /// let watch = syncline::task::Watch::new(3);
    /// let raise = |to: i32| {
    ///     watch.send_if_modified(|value| {
    ///         let before = core::mem::replace(value, to.max(*value));
    ///         before != *value
    ///     })
    /// };
    /// assert!(raise(5) && !raise(4));
    /// ```
    #[track_caller]
    pub fn send_if_modified(&self, modify: impl FnOnce(&mut T) -> bool) -> bool {
        self.sender.change(|value| (modify(value), ())).0
    }

    /// Looks at the value. Nobody can send while the result lives.
    ///
    /// # Examples
    ///
    /// ```
    /// let watch = syncline::task::Watch::new("on");
    /// assert_eq!(*watch.borrow(), "on");
    /// ```
    #[track_caller]
    pub fn borrow(&self) -> WatchRef<'_, T> {
        self.sender.0.borrow()
    }

    /// Returns how many observers wait for another value, at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// let watch = syncline::task::Watch::new(1);
    /// assert_eq!(watch.waiting(), 0);
    /// ```
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.sender.0.waiting()
    }
}

impl<T> Clone for Watch<T> {
    fn clone(&self) -> Self {
        Self {
            sender: self.sender.clone(),
        }
    }
}

impl<T: Default> Default for Watch<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: fmt::Debug> fmt::Debug for Watch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sender.0.show("Watch", f)
    }
}

impl<T> Quiet for Watch<T> {
    fn assert_quiet(&self) {
        self.sender.0.assert_quiet();
    }

    fn waiting(&self) -> usize {
        self.sender.0.waiting()
    }
}
