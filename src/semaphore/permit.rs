//! Permits of a semaphore, which come back when they are dropped.

use core::fmt;
use std::sync::Arc;

use super::task::Semaphore;
use super::task_bounded::BoundedSemaphore;
use super::word::PermitWord;
use crate::line::{Line, Place};

/// A semaphore that is kept alive by a permit, or by a wait for one.
#[derive(Clone, Debug)]
pub(crate) enum Owner {
    Plain(Arc<Semaphore>),
    Bounded(Arc<BoundedSemaphore>),
}

/// Permits that have been acquired from a semaphore; dropping this releases them.
///
/// The same type serves both faces, and [`Semaphore`](crate::thread::Semaphore) as well as
/// [`BoundedSemaphore`](crate::thread::BoundedSemaphore). It may be dropped by another thread or
/// task than the one that acquired it. Dropping it while a panic unwinds releases as well.
///
/// # Examples
///
/// ```
/// use syncline::thread::Semaphore;
///
/// let semaphore = Semaphore::new(3);
/// let permit = semaphore.acquire_many(2);
/// assert_eq!((permit.count(), semaphore.available_permits()), (2, 1));
/// drop(permit);
/// assert_eq!(semaphore.available_permits(), 3);
/// ```
#[must_use = "the permits are released as soon as this is dropped"]
pub struct Permit<'a> {
    line: &'a Line<PermitWord>,
    count: usize,
}

/// Permits that have been acquired from a semaphore in an [`Arc`]; dropping this releases them.
///
/// It borrows nothing, so it can be kept in a struct or moved to another thread or task. See
/// [`Permit`] for the rest.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use syncline::thread::Semaphore;
///
/// let semaphore = Arc::new(Semaphore::new(1));
/// let permit = semaphore.acquire_owned();
/// std::thread::spawn(move || drop(permit)).join().unwrap();
/// assert_eq!(semaphore.available_permits(), 1);
/// ```
#[must_use = "the permits are released as soon as this is dropped"]
pub struct OwnedPermit {
    owner: Owner,
    count: usize,
}

impl<'a> Permit<'a> {
    pub(crate) const fn new(line: &'a Line<PermitWord>, count: usize) -> Self {
        Self { line, count }
    }

    const fn line(&self) -> &Line<PermitWord> {
        self.line
    }

    const fn with(&self, count: usize) -> Self {
        Self::new(self.line, count)
    }
}

impl OwnedPermit {
    pub(crate) const fn new(owner: Owner, count: usize) -> Self {
        Self { owner, count }
    }

    fn line(&self) -> &Line<PermitWord> {
        self.owner.line()
    }

    fn with(&self, count: usize) -> Self {
        Self::new(self.owner.clone(), count)
    }
}

macro_rules! permits {
    ($Permit:ident $(<$a:lifetime>)?, $setup:literal, $acquire:literal) => {
        impl $Permit $(<$a>)? {
            /// How many permits this is.
            #[must_use]
            pub const fn count(&self) -> usize {
                self.count
            }

            /// Takes `n` of the permits out into a value of their own, or returns `None` and
            /// changes nothing if there are fewer.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = $setup]
            #[doc = concat!("let mut permit = semaphore.", $acquire, "(3);")]
            /// let two = permit.split(2).expect("there are three");
            /// assert_eq!((permit.count(), two.count()), (1, 2));
            /// assert!(permit.split(2).is_none());
            /// ```
            pub fn split(&mut self, n: usize) -> Option<Self> {
                self.count = self.count.checked_sub(n)?;
                Some(self.with(n))
            }

            /// Adds the permits of another value to this one.
            ///
            /// # Panics
            ///
            /// If the other permits come from another semaphore. Both are released then.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = $setup]
            #[doc = concat!("let mut permit = semaphore.", $acquire, "(1);")]
            #[doc = concat!("permit.merge(semaphore.", $acquire, "(2));")]
            /// assert_eq!(permit.count(), 3);
            /// ```
            #[track_caller]
            pub fn merge(&mut self, other: Self) {
                assert!(
                    core::ptr::eq(self.line(), other.line()),
                    "permits of different semaphores cannot be merged"
                );
                // The sum is at most the semaphore's total, so it cannot overflow.
                self.count += other.disarm();
            }

            /// Drops the permits without releasing them: the semaphore has fewer from now on.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = $setup]
            #[doc = concat!("semaphore.", $acquire, "(2).forget();")]
            /// assert_eq!(semaphore.available_permits(), 1);
            /// ```
            pub fn forget(mut self) {
                let count = core::mem::take(&mut self.count);
                self.line().word().shrink(count);
            }

            /// Releases the permits, and hands them to whoever waits first: no thread that
            /// comes along can barge in.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = $setup]
            #[doc = concat!("semaphore.", $acquire, "(2).release_fair();")]
            /// assert_eq!(semaphore.available_permits(), 3);
            /// ```
            pub fn release_fair(mut self) {
                let count = core::mem::take(&mut self.count);
                self.line().release_fair(count);
            }

            /// The count, which is this value's no more.
            fn disarm(mut self) -> usize {
                core::mem::take(&mut self.count)
            }
        }

        impl Drop for $Permit $(<$a>)? {
            #[inline]
            fn drop(&mut self) {
                if self.count > 0 {
                    self.line().release(self.count);
                }
            }
        }

        impl fmt::Debug for $Permit $(<$a>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Permit))
                    .field("count", &self.count)
                    .finish_non_exhaustive()
            }
        }
    };
}

permits!(
    Permit<'_>,
    "let semaphore = syncline::thread::Semaphore::new(3);",
    "acquire_many"
);
permits!(
    OwnedPermit,
    "let semaphore = std::sync::Arc::new(syncline::thread::Semaphore::new(3));",
    "acquire_many_owned"
);

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
