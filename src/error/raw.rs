//! Why a lock without guards could not be unlocked.

use core::error::Error;
use core::fmt;

plain_error! {
    /// A raw lock was unlocked that was not locked, or not in that mode.
    ///
    /// Nothing changed.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = syncline::thread::RawLock::new().try_unlock().unwrap_err();
    /// assert_eq!(error.to_string(), "the lock is not locked, or not in that mode");
    /// ```
    NotLocked, "the lock is not locked, or not in that mode"
}

plain_error! {
    /// A raw re-entrant lock was unlocked by a thread that does not own it.
    ///
    /// Nothing changed.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = syncline::thread::RawRLock::new().try_unlock().unwrap_err();
    /// assert_eq!(error.to_string(), "this thread does not own the lock");
    /// ```
    NotOwner, "this thread does not own the lock"
}
