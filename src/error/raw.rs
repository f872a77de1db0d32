//! What is wrong with an unlock that no guard stands for.

use core::error::Error;
use core::fmt;

plain_error! {
    /// A lock without guards was unlocked that nobody had locked, or not in that way.
    ///
    /// Nothing was changed.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = syncline::thread::RawLock::new().try_unlock().unwrap_err();
    /// assert_eq!(error.to_string(), "the lock is not locked in that way");
    /// ```
    NotLocked, "the lock is not locked in that way"
}

plain_error! {
    /// A re-entrant lock without guards was unlocked by a thread that does not have it.
    ///
    /// Nothing was changed.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = syncline::thread::RawRLock::new().try_unlock().unwrap_err();
    /// assert_eq!(error.to_string(), "this thread does not have the lock");
    /// ```
    NotOwner, "this thread does not have the lock"
}
