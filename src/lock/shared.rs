//! What a lock lends out: the data, for as long as a guard lives.

use core::cell::UnsafeCell;
use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;

use super::word::LockWord;
use crate::line::{Internal, Line, Place, Quiet};
use crate::sys::constructor;
use crate::sys::who::Traceable;

/// A lock, its line and its data: what both faces of `Lock` are views of.
pub struct Shared<T: ?Sized> {
    pub(crate) line: Line<LockWord>,
    pub(crate) data: UnsafeCell<T>,
}

// SAFETY: the data is reached through one guard at a time (invariant of `Held`), from whatever
// thread that is on: as if it were sent there, hence `T: Send`; no two threads see it at once.
unsafe impl<T: ?Sized + Send> Sync for Shared<T> {}

impl<T> Shared<T> {
    constructor! {
        #[track_caller]
        pub(crate) const fn new(data: T) -> Self {
            Self {
                line: Line::of(Traceable::Lock, LockWord::new()),
                data: UnsafeCell::new(data),
            }
        }
    }

    pub(crate) fn into_inner(self) -> T {
        self.data.into_inner()
    }
}

impl<T: ?Sized> Shared<T> {
    pub(crate) const fn get_mut(&mut self) -> &mut T {
        self.data.get_mut()
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.line.word().is_locked()
    }
}

impl<T: ?Sized> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl<T: ?Sized> Quiet for Shared<T> {
    fn assert_quiet(&self) {
        self.line.assert_quiet();
    }

    fn waiting(&self) -> usize {
        self.line.waiting()
    }
}

/// A lock that is held by whoever owns this; dropping it unlocks.
///
/// Invariant: one exists for each time the lock was taken, and no other way leads to the data
/// while it does.
pub(crate) struct Held<'a, T: ?Sized> {
    shared: &'a Shared<T>,
    /// Behaves like the `&mut T` that it lends.
    _data: PhantomData<&'a mut T>,
}

impl<'a, T: ?Sized> Held<'a, T> {
    /// # Safety
    ///
    /// * The lock has just been taken, for this value alone.
    pub(crate) const unsafe fn new(shared: &'a Shared<T>) -> Self {
        Self {
            shared,
            _data: PhantomData,
        }
    }

    pub(crate) fn unlock_fair(self) {
        ManuallyDrop::new(self).shared.line.release_fair(1);
    }

    pub(crate) const fn line(&self) -> &'a Line<LockWord> {
        &self.shared.line
    }

    /// The lock without the unlock.
    pub(crate) fn into_shared(self) -> &'a Shared<T> {
        ManuallyDrop::new(self).shared
    }

    pub(crate) fn map<U: ?Sized>(self, part: impl FnOnce(&mut T) -> &mut U) -> HeldPart<'a, U> {
        let mut this = self;
        let part = NonNull::from(part(&mut this));
        HeldPart {
            line: ManuallyDrop::new(this).line(),
            part,
            _data: PhantomData,
        }
    }
}

impl<T: ?Sized> Deref for Held<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: `self` holds the lock (its invariant), so nothing else reaches the data; the
        // shared borrow of `self` excludes the `&mut T` below.
        unsafe { &*self.shared.data.get() }
    }
}

impl<T: ?Sized> DerefMut for Held<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above; the exclusive borrow of `self` excludes every other borrow.
        unsafe { &mut *self.shared.data.get() }
    }
}

impl<T: ?Sized> Drop for Held<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.shared.line.release(1);
    }
}

/// A part of the data of a lock that is held by whoever owns this.
pub(crate) struct HeldPart<'a, T: ?Sized> {
    line: &'a Line<LockWord>,
    part: NonNull<T>,
    _data: PhantomData<&'a mut T>,
}

// SAFETY: it is the `&mut T` that it stands for, and a reference to a line.
unsafe impl<T: ?Sized + Send> Send for HeldPart<'_, T> {}
// SAFETY: it gives out `&T`, and a reference to a line.
unsafe impl<T: ?Sized + Sync> Sync for HeldPart<'_, T> {}

impl<'a, T: ?Sized> HeldPart<'a, T> {
    pub(crate) fn unlock_fair(self) {
        ManuallyDrop::new(self).line.release_fair(1);
    }

    pub(crate) fn map<U: ?Sized>(self, part: impl FnOnce(&mut T) -> &mut U) -> HeldPart<'a, U> {
        let mut this = self;
        let part = NonNull::from(part(&mut this));
        HeldPart {
            line: ManuallyDrop::new(this).line,
            part,
            _data: PhantomData,
        }
    }
}

impl<T: ?Sized> Deref for HeldPart<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the part was borrowed from the data of a `Held` that this has replaced, so
        // the lock is held and nothing else reaches it.
        unsafe { self.part.as_ref() }
    }
}

impl<T: ?Sized> DerefMut for HeldPart<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above; the exclusive borrow of `self` excludes every other borrow.
        unsafe { self.part.as_mut() }
    }
}

impl<T: ?Sized> Drop for HeldPart<'_, T> {
    fn drop(&mut self) {
        self.line.release(1);
    }
}

// SAFETY: a shared reference names one lock, wherever it is moved.
unsafe impl<T: ?Sized> Place for &Shared<T> {
    type Word = LockWord;

    fn line(&self, _: Internal) -> &Line<LockWord> {
        &self.line
    }
}

/// What a guard does with its data: `lends!(G)` lends what its field `held` lends, `lends!(mut G)` lends it
/// to be changed as well, and `lends!(shown G)` only shows it.
macro_rules! lends {
    (shown $($Guard:tt)*) => {
        impl<T: ?Sized + core::fmt::Debug> core::fmt::Debug for $($Guard)* {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Debug::fmt(&**self, f)
            }
        }

        impl<T: ?Sized + core::fmt::Display> core::fmt::Display for $($Guard)* {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Display::fmt(&**self, f)
            }
        }
    };
    (mut $($Guard:tt)*) => {
        crate::lock::lends!($($Guard)*);

        impl<T: ?Sized> core::ops::DerefMut for $($Guard)* {
            #[inline]
            fn deref_mut(&mut self) -> &mut T {
                &mut self.held
            }
        }
    };
    ($($Guard:tt)*) => {
        impl<T: ?Sized> core::ops::Deref for $($Guard)* {
            type Target = T;

            #[inline]
            fn deref(&self) -> &T {
                &self.held
            }
        }

        crate::lock::lends!(shown $($Guard)*);
    };
}
pub(crate) use lends;
