//! The two faces of one object, and who may stand in for it while somebody waits.
//!
//! The types of [`thread`] and [`task`] with the same name are
//! `#[repr(transparent)]` over the same core. Turning one into the other costs nothing.

#![expect(
    clippy::ptr_as_ptr,
    reason = "one macro casts pointers to sized and to unsized types"
)]

use std::sync::Arc;

use crate::guard::Shared;
use crate::line::{Line, Place};
use crate::permit::Owner;
use crate::reentrant::{Lender, RShared};
use crate::rule::lock::LockWord;
use crate::rule::semaphore::PermitWord;
use crate::{task, thread};

macro_rules! faces {
    ($Name:ident $(<$T:ident>)?, $kind:literal, $article:literal, $make:literal) => {
        faces! { $Name [$($T: ?Sized)?] [$($T)?], $kind, $article, $make }
    };
    ($Name:ident [$($params:tt)*] [$($T:tt)*], $kind:literal, $article:literal, $make:literal) => {
        impl<$($params)*> thread::$Name<$($T)*> {
            #[doc = concat!("The same ", $article, " as tasks see it.")]
            ///
            /// Threads and tasks wait for it in one line.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("use syncline::{task, thread};\n\nlet one = ", "thread::", $make, ";")]
            #[doc = concat!("let same: &task::", $kind, " = one.as_task();")]
            /// assert!(std::ptr::eq(same.as_thread(), &one));
            /// ```
            #[must_use]
            pub const fn as_task(&self) -> &task::$Name<$($T)*> {
                // SAFETY: both faces are `repr(transparent)` over the same core, with the same
                // generic argument; the borrow is kept.
                unsafe {
                    &*(core::ptr::from_ref(self) as *const task::$Name<$($T)*>)
                }
            }

            /// The same shared object as tasks see it, without another reference count.
            #[must_use]
            pub fn into_task(self: Arc<Self>) -> Arc<task::$Name<$($T)*>> {
                let core = Arc::into_raw(self);
                // SAFETY: the pointer comes from `into_raw`, and both faces are
                // `repr(transparent)` over the same core, so size and alignment agree.
                unsafe {
                    Arc::from_raw(core as *const task::$Name<$($T)*>)
                }
            }
        }

        impl<$($params)*> task::$Name<$($T)*> {
            #[doc = concat!("The same ", $article, " as threads see it.")]
            ///
            /// Threads and tasks wait for it in one line.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("use syncline::{task, thread};\n\nlet one = ", "task::", $make, ";")]
            #[doc = concat!("let same: &thread::", $kind, " = one.as_thread();")]
            /// assert!(std::ptr::eq(same.as_task(), &one));
            /// ```
            #[must_use]
            pub const fn as_thread(&self) -> &thread::$Name<$($T)*> {
                // SAFETY: both faces are `repr(transparent)` over the same core, with the same
                // generic argument; the borrow is kept.
                unsafe {
                    &*(core::ptr::from_ref(self) as *const thread::$Name<$($T)*>)
                }
            }

            /// The same shared object as threads see it, without another reference count.
            #[must_use]
            pub fn into_thread(self: Arc<Self>) -> Arc<thread::$Name<$($T)*>> {
                let core = Arc::into_raw(self);
                // SAFETY: the pointer comes from `into_raw`, and both faces are
                // `repr(transparent)` over the same core, so size and alignment agree.
                unsafe {
                    Arc::from_raw(core as *const thread::$Name<$($T)*>)
                }
            }
        }
    };
}

faces!(Lock<T>, "Lock<i32>", "lock", "Lock::new(0)");
faces!(RLock<T>, "RLock<i32>", "lock", "RLock::new(0)");
faces!(Semaphore, "Semaphore", "semaphore", "Semaphore::new(1)");
faces!(
    BoundedSemaphore,
    "BoundedSemaphore",
    "semaphore",
    "BoundedSemaphore::new(1)"
);
faces!(Event, "Event", "event", "Event::new()");
faces!(Condition, "Condition", "condition", "Condition::new()");
faces!(Barrier, "Barrier", "barrier", "Barrier::new(1)");
faces!(Queue[T][T], "Queue<i32>", "queue", "Queue::unbounded()");
faces!(
    LifoQueue[T][T],
    "LifoQueue<i32>",
    "queue",
    "LifoQueue::unbounded()"
);
faces!(
    PriorityQueue [P, T] [P, T],
    "PriorityQueue<i32, i32>",
    "queue",
    "PriorityQueue::unbounded()"
);

// SAFETY: a shared reference names one lock, wherever it is moved.
unsafe impl<T: ?Sized> Place for &Shared<T> {
    type Word = LockWord;

    fn line(&self) -> &Line<LockWord> {
        &self.line
    }
}

// SAFETY: an `Arc` keeps its lock alive and in place, wherever it is moved itself.
unsafe impl<T: ?Sized> Place for Arc<task::Lock<T>> {
    type Word = LockWord;

    const OWNS: bool = true;

    fn line(&self) -> &Line<LockWord> {
        &self.shared.line
    }
}

// SAFETY: a shared reference names one lock, wherever it is moved.
unsafe impl<T: ?Sized> Place for &RShared<T> {
    type Word = LockWord;

    fn line(&self) -> &Line<LockWord> {
        &self.core.line
    }
}

// SAFETY: as above; the line is that of the same lock.
unsafe impl<T: ?Sized> Lender for &RShared<T> {
    type Data = T;

    fn shared(&self) -> &RShared<T> {
        self
    }
}

/// An `Arc` of a face of a re-entrant lock as a place.
macro_rules! lender {
    ($($face:ident)*) => {
        $(
            // SAFETY: an `Arc` keeps its lock alive and in place, wherever it is moved itself.
            unsafe impl<T: ?Sized> Place for Arc<$face::RLock<T>> {
                type Word = LockWord;

                const OWNS: bool = true;

                fn line(&self) -> &Line<LockWord> {
                    &self.shared.core.line
                }
            }

            // SAFETY: as above; the line is that of the same lock.
            unsafe impl<T: ?Sized> Lender for Arc<$face::RLock<T>> {
                type Data = T;

                fn shared(&self) -> &RShared<T> {
                    &self.shared
                }
            }
        )*
    };
}

lender!(thread task);

// SAFETY: both kinds of owner are an `Arc` that keeps its semaphore alive and in place; the kind
// never changes.
unsafe impl Place for Owner {
    type Word = PermitWord;

    const OWNS: bool = true;

    fn line(&self) -> &Line<PermitWord> {
        match self {
            Self::Plain(semaphore) => &semaphore.line,
            Self::Bounded(semaphore) => &semaphore.core.line,
        }
    }
}
