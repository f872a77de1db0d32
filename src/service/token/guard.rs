//! What a token lends out: callbacks that can be taken back, and a guard that cancels.

use core::fmt;

use super::CancelToken;

/// A callback of a [`CancelToken`]. Created by [`CancelToken::on_cancel`].
///
/// Dropping it takes the callback back, as [`remove`](Self::remove) does, and never waits: a callback that
/// has begun runs to its end.
///
/// # Examples
///
/// ```
/// use syncline::service::CancelToken;
///
/// let token = CancelToken::new();
/// let registration = token.on_cancel(|| unreachable!("it is taken back"));
/// assert!(registration.remove());
/// token.cancel();
/// ```
#[must_use = "the callback is taken back as soon as this is dropped; call `detach` to leave it"]
pub struct Registration {
    token: CancelToken,
    /// `None` if there is nothing to take back.
    id: Option<u64>,
}

impl Registration {
    pub(super) const fn new(token: CancelToken, id: Option<u64>) -> Self {
        Self { token, id }
    }

    /// Takes the callback back. Returns whether it will not run: `false` if it has run, or has begun to.
    ///
    /// # Examples
    ///
    /// See [`Registration`].
    #[expect(clippy::must_use_candidate, reason = "it is called for what it does")]
    pub fn remove(mut self) -> bool {
        self.take_back()
    }

    /// Leaves the callback there for as long as a handle of the token lives.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{service::CancelToken, thread::Event};
    ///
    /// static STOPPED: Event = Event::new();
    /// let token = CancelToken::new();
    /// token.on_cancel(|| STOPPED.set()).detach();
    /// token.cancel();
    /// assert!(STOPPED.is_set());
    /// ```
    pub fn detach(mut self) {
        self.id = None;
    }

    fn take_back(&mut self) -> bool {
        (self.id.take()).is_some_and(|id| self.token.node.hooks.remove(id))
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.take_back();
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration")
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

/// Cancels a [`CancelToken`] when it is dropped. Created by [`CancelToken::drop_guard`].
///
/// # Examples
///
/// ```
/// use syncline::service::CancelToken;
///
/// let token = CancelToken::new();
/// let guard = token.clone().drop_guard();
/// let same = guard.disarm(); // all went well
/// assert!(!same.is_cancelled());
/// ```
#[must_use = "the token is cancelled as soon as this is dropped"]
#[derive(Debug)]
pub struct CancelGuard {
    token: CancelToken,
    armed: bool,
}

impl CancelGuard {
    pub(super) const fn new(token: CancelToken) -> Self {
        Self { token, armed: true }
    }

    /// Gives the token back without cancelling it.
    ///
    /// # Examples
    ///
    /// See [`CancelGuard`].
    #[must_use = "the token is what is left of the guard"]
    pub fn disarm(mut self) -> CancelToken {
        self.armed = false;
        self.token.clone()
    }
}

impl Drop for CancelGuard {
    fn drop(&mut self) {
        if self.armed {
            self.token.cancel();
        }
    }
}
