//! The futures of `Lock` and the semaphores, by name.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::sync::Arc;

use pin_project_lite::pin_project;

use super::guard::LockGuard;
use super::lock::Lock;
use crate::error::TimedOut;
use crate::guard::Shared;
use crate::line::{Line, Timed, Wait};
use crate::owned::OwnedLockGuard;
use crate::permit::{OwnedPermit, Owner, Permit};
use crate::rule::semaphore::PermitWord;

/// Declares a future around a wait in a line, with its generic parameters and how they are named
/// in use; the closure makes the output of what the wait hands back.
macro_rules! waits {
    (
        $(#[$meta:meta])*
        $Name:ident [$($params:tt)*] [$($args:tt)*] ($Wait:ty $(, $count:ident: usize)?) -> $Output:ty,
        |$place:ident| $ready:expr
    ) => {
        pin_project! {
            $(#[$meta])*
            #[must_use = "futures do nothing unless polled"]
            pub struct $Name<$($params)*> {
                #[pin]
                wait: $Wait,
                $($count: usize,)?
            }
        }

        impl<$($params)*> $Name<$($args)*> {
            pub(super) fn new(wait: $Wait $(, $count: usize)?) -> Self {
                Self { wait $(, $count)? }
            }
        }

        impl<$($params)*> Future for $Name<$($args)*> {
            type Output = $Output;

            #[inline]
            fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<$Output> {
                let this = self.project();
                $(let $count = *this.$count;)?
                let $place = ready!(this.wait.poll(context));
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

waits! {
    /// Waits for a [`Lock`]; made by [`Lock::lock`].
    LockWait ['a, T: ?Sized] ['a, T] (Wait<&'a Shared<T>>) -> LockGuard<'a, T>,
    |lock| LockGuard::granted(lock)
}

waits! {
    /// Waits for a [`Lock`] until a deadline; made by [`Lock::lock_timeout`] and
    /// [`Lock::lock_deadline`].
    LockTimed ['a, T: ?Sized] ['a, T] (Timed<&'a Shared<T>>) -> Result<LockGuard<'a, T>, TimedOut>,
    |lock| lock.map(LockGuard::granted)
}

waits! {
    /// Waits for a [`Lock`] in an [`Arc`]; made by [`Lock::lock_owned`].
    LockOwned [T: ?Sized] [T] (Wait<Arc<Lock<T>>>) -> OwnedLockGuard<T>,
    |lock| lock.granted_owned()
}

waits! {
    /// Waits for a [`Lock`] in an [`Arc`] until a deadline; made by
    /// [`Lock::lock_owned_timeout`] and [`Lock::lock_owned_deadline`].
    LockOwnedTimed [T: ?Sized] [T] (Timed<Arc<Lock<T>>>) -> Result<OwnedLockGuard<T>, TimedOut>,
    |lock| lock.map(Lock::granted_owned)
}

waits! {
    /// Waits for permits of a semaphore; made by `acquire` and `acquire_many`.
    Acquire ['a] ['a] (Wait<&'a Line<PermitWord>>, count: usize) -> Permit<'a>,
    |line| Permit::new(line, count)
}

waits! {
    /// Waits for permits of a semaphore until a deadline; made by the timed forms of `acquire`
    /// and `acquire_many`.
    AcquireTimed ['a] ['a] (Timed<&'a Line<PermitWord>>, count: usize) -> Result<Permit<'a>, TimedOut>,
    |line| line.map(|line| Permit::new(line, count))
}

waits! {
    /// Waits for permits of a semaphore in an [`Arc`]; made by `acquire_owned` and
    /// `acquire_many_owned`.
    AcquireOwned [] [] (Wait<Owner>, count: usize) -> OwnedPermit,
    |owner| OwnedPermit::new(owner, count)
}

waits! {
    /// Waits for permits of a semaphore in an [`Arc`] until a deadline; made by the timed forms
    /// of `acquire_owned` and `acquire_many_owned`.
    AcquireOwnedTimed [] [] (Timed<Owner>, count: usize) -> Result<OwnedPermit, TimedOut>,
    |owner| owner.map(|owner| OwnedPermit::new(owner, count))
}
