//! The futures of `RLock`, by name.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::sync::Arc;

use pin_project_lite::pin_project;

use super::data::RLockData;
use super::request::Request;
use super::shared::RShared;
use super::task::RLock;
use super::task_guard::{OwnedRLockGuard, RLockGuard};
use crate::error::TimedOut;
use crate::identity::budget;
use crate::identity::task::owner;
use crate::line::Wait;
use crate::timer::Timed;

/// Declares a future around a task's request, with its generic parameters and how they are named
/// in use; the closure makes the output of what the request holds in the end.
macro_rules! requests {
    (
        $(#[$meta:meta])*
        $Name:ident [$($params:tt)*] [$($args:tt)*] ($Wait:ty) -> $Output:ty, |$held:ident| $ready:expr
    ) => {
        pin_project! {
            $(#[$meta])*
            ///
            /// # Panics
            ///
            /// When polled by no task that has an identity (see [`current`](crate::task::current)), or
            /// by one that has 65,535 guards of the lock.
            #[must_use = "futures do nothing unless polled"]
            pub struct $Name<$($params)*> {
                #[pin]
                request: Request<$Wait>,
            }
        }

        impl<$($params)*> $Name<$($args)*> {
            pub(super) const fn new(wait: $Wait) -> Self {
                Self { request: Request::new(wait) }
            }
        }

        impl<$($params)* + RLockData> Future for $Name<$($args)*> {
            type Output = $Output;

            #[inline]
            fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<$Output> {
                let (me, mut request) = (owner(), self.project().request);
                if budget::spend(context, || request.as_mut().defer()) {
                    return Poll::Pending;
                }
                let $held = ready!(budget::settle(request.poll(me, context)));
                Poll::Ready($ready)
            }
        }

        impl<$($params)*> fmt::Debug for $Name<$($args)*> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Name)).finish_non_exhaustive()
            }
        }
    };
}

requests! {
    /// Waits for an [`RLock`]. Returned by [`RLock::lock`].
    RLockWait ['a, T: ?Sized] ['a, T] (Wait<&'a RShared<T>>) -> RLockGuard<'a, T>,
    |held| {
        let Ok(held) = held;
        RLockGuard::new(held)
    }
}

requests! {
    /// Waits for an [`RLock`] until a deadline. Returned by [`RLock::lock_timeout`] and [`RLock::lock_deadline`].
    RLockTimed ['a, T: ?Sized] ['a, T] (Timed<&'a RShared<T>>) -> Result<RLockGuard<'a, T>, TimedOut>,
    |held| held.map(RLockGuard::new)
}

requests! {
    /// Waits for an [`RLock`] in an [`Arc`]. Returned by [`RLock::lock_owned`].
    RLockOwned [T: ?Sized] [T] (Wait<Arc<RLock<T>>>) -> OwnedRLockGuard<T>,
    |held| {
        let Ok(held) = held;
        OwnedRLockGuard::new(held)
    }
}

requests! {
    /// Waits for an [`RLock`] in an [`Arc`] until a deadline. Returned by [`RLock::lock_owned_timeout`] and
    /// [`RLock::lock_owned_deadline`].
    RLockOwnedTimed [T: ?Sized] [T] (Timed<Arc<RLock<T>>>) -> Result<OwnedRLockGuard<T>, TimedOut>,
    |held| held.map(OwnedRLockGuard::new)
}
