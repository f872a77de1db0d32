//! A wait that keeps alive what it waits for.

use core::fmt;
use core::future::Future;
use core::mem::MaybeUninit;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;

/// A future that borrows from a primitive, for a borrow of any length.
pub(crate) trait Borrows: Sized {
    /// The same future with a borrow of that length.
    type With<'a>: Future<Output = Self::Output>;
    /// What it ends with, in which nothing is borrowed.
    type Output;
}

/// A wait that keeps the primitive alive that it waits for; made by the methods of primitives that are called `*_owned`,
/// `*_owned_timeout` and `*_owned_deadline`.
///
/// It is `F`, the wait of the method of the same name without `owned`, together with a share of the primitive, and so it is
/// `'static`: a handle of another language can keep it, and whoever else has the primitive may let go of it meanwhile.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use syncline::task::future::{EventWait, OwnedWait};
/// use syncline::task::{Event, block_on};
///
/// struct Handle(OwnedWait<Event, EventWait<'static>>);
///
/// let event = Arc::new(Event::new());
/// let handle = Handle(event.wait_owned());
/// event.set();
/// drop(event);
/// block_on(handle.0);
/// ```
#[must_use = "futures do nothing unless polled"]
pub struct OwnedWait<T: ?Sized, F> {
    /// Borrows from what `_owner` keeps. A place that need not hold a value: while it is one, the compiler may rely on the
    /// borrow, in the middle of dropping this, too.
    ///
    /// Invariant: it holds a value until this is dropped.
    future: MaybeUninit<F>,
    _owner: Arc<T>,
}

/// The wait that a closure makes for a primitive, together with a share of that.
pub(crate) fn owned<T, F>(
    owner: &Arc<T>,
    make: impl for<'a> FnOnce(&'a T) -> F::With<'a>,
) -> OwnedWait<T, F::With<'static>>
where
    T: ?Sized + 'static,
    F: Borrows,
{
    let owner = Arc::clone(owner);
    // SAFETY: the primitive stays where it is, and alive, until `owner` is dropped, and that is after the future has been.
    // Nothing else gets hold of the borrow: the closure takes one of any length, so it can put it nowhere but into the
    // future, which never leaves this; and what the future ends with is the same for each length.
    let borrowed: &'static T = unsafe { &*Arc::as_ptr(&owner) };
    OwnedWait {
        future: MaybeUninit::new(make(borrowed)),
        _owner: owner,
    }
}

impl<T: ?Sized, F: Future> Future for OwnedWait<T, F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: nothing is moved: the future is only lent out below.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: it holds a value (invariant).
        let future = unsafe { this.future.assume_init_mut() };
        // SAFETY: it lies in what is pinned, and is moved by nobody: not here, and not when this is dropped; and this is `Unpin`
        // only if the future is.
        let future = unsafe { Pin::new_unchecked(future) };
        future.poll(context)
    }
}

impl<T: ?Sized, F> Drop for OwnedWait<T, F> {
    fn drop(&mut self) {
        // SAFETY: it holds a value (invariant), which is not used any more. The primitive, which it may leave the line of, is
        // alive until after this.
        unsafe { self.future.assume_init_drop() };
    }
}

impl<T: ?Sized, F: fmt::Debug> fmt::Debug for OwnedWait<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: it holds a value (invariant).
        let future = unsafe { self.future.assume_init_ref() };
        f.debug_tuple("OwnedWait").field(future).finish()
    }
}
