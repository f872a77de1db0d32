//! Permits of a semaphore, which return when they are dropped.

use core::fmt;
use std::sync::Arc;

use super::kind::Limits;
use super::task::{BoundedSemaphore, Semaphore};
use super::word::PermitWord;
use crate::line::{Internal, Line, Place, line_of};

/// A semaphore that is kept alive by a permit, or by a wait for one.
#[derive(Clone, Debug)]
pub enum Owner {
    /// A [`Semaphore`].
    Plain(Arc<Semaphore>),
    /// A [`BoundedSemaphore`].
    Bounded(Arc<BoundedSemaphore>),
}

/// Permits, and where they belong; dropping this releases them.
struct Held<P: Place<Word = PermitWord>> {
    place: P,
    count: usize,
}

impl<P: Place<Word = PermitWord>> Held<P> {
    fn split(&mut self, n: usize) -> Option<Self>
    where
        P: Clone,
    {
        self.count = self.count.checked_sub(n)?;
        Some(Self {
            place: self.place.clone(),
            count: n,
        })
    }

    #[track_caller]
    fn merge(&mut self, mut other: Self) {
        assert!(
            core::ptr::eq(line_of(&self.place), line_of(&other.place)),
            "permits of different semaphores cannot be merged"
        );
        // The sum is at most the semaphore's total, so it cannot overflow.
        self.count += core::mem::take(&mut other.count);
    }

    fn forget(mut self) {
        let count = core::mem::take(&mut self.count);
        line_of(&self.place).word().shrink(count);
    }

    fn release_fair(mut self) {
        let count = core::mem::take(&mut self.count);
        line_of(&self.place).release_fair(count);
    }
}

impl<P: Place<Word = PermitWord>> Drop for Held<P> {
    #[inline]
    fn drop(&mut self) {
        if self.count > 0 {
            line_of(&self.place).release(self.count);
        }
    }
}

/// Permits acquired from a semaphore; dropping this releases them.
///
/// The same type serves both faces, and [`Semaphore`](crate::thread::Semaphore) as well as
/// [`BoundedSemaphore`](crate::thread::BoundedSemaphore). Another thread or task than the one that
/// acquired it may drop it. It is also released when a panic unwinds.
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
    held: Held<&'a Line<PermitWord>>,
}

impl<'a> Permit<'a> {
    #[inline]
    pub(crate) const fn new(line: &'a Line<PermitWord>, count: usize) -> Self {
        Self {
            held: Held { place: line, count },
        }
    }

    /// Returns how many permits this is.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.held.count
    }

    /// Takes `n` of the permits out into a value of their own.
    ///
    /// Returns `None`, and changes nothing, if there are fewer.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = syncline::thread::Semaphore::new(3);
    /// let mut permit = semaphore.acquire_many(3);
    /// let two = permit.split(2).expect("there are three");
    /// assert_eq!((permit.count(), two.count()), (1, 2));
    /// assert!(permit.split(2).is_none());
    /// ```
    pub fn split(&mut self, n: usize) -> Option<Self> {
        self.held.split(n).map(|held| Self { held })
    }

    /// Adds the permits of another value to this one.
    ///
    /// # Panics
    ///
    /// Panics if the other permits come from another semaphore. Both are released then.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = syncline::thread::Semaphore::new(3);
    /// let mut permit = semaphore.acquire();
    /// permit.merge(semaphore.acquire_many(2));
    /// assert_eq!(permit.count(), 3);
    /// ```
    #[track_caller]
    pub fn merge(&mut self, other: Self) {
        self.held.merge(other.held);
    }

    /// Drops the permits without releasing them: the semaphore has fewer from now on.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = syncline::thread::Semaphore::new(3);
    /// semaphore.acquire_many(2).forget();
    /// assert_eq!(semaphore.available_permits(), 1);
    /// ```
    pub fn forget(self) {
        self.held.forget();
    }

    /// Lets whoever acquired the permits count them: [`put_back`](super::task::BaseSemaphore::put_back)
    /// releases them. Unlike with [`forget`](Self::forget), they count as out until then.
    #[inline]
    pub(crate) fn keep(mut self) {
        self.held.count = 0;
    }

    /// Releases the permits and hands them to the first waiters, so that no newcomer overtakes
    /// them.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = syncline::thread::Semaphore::new(3);
    /// semaphore.acquire_many(2).release_fair();
    /// assert_eq!(semaphore.available_permits(), 3);
    /// ```
    pub fn release_fair(self) {
        self.held.release_fair();
    }
}

impl fmt::Debug for Permit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("count", &self.count())
            .finish_non_exhaustive()
    }
}

/// Permits acquired from a semaphore in an [`Arc`]; dropping this releases them.
///
/// It borrows nothing, so it can be kept in a struct or moved to another thread or task. It keeps
/// the semaphore alive. See [`Permit`] for the rest.
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
    held: Held<Owner>,
}

impl OwnedPermit {
    pub(crate) const fn new(owner: Owner, count: usize) -> Self {
        Self {
            held: Held {
                place: owner,
                count,
            },
        }
    }

    /// Returns how many permits this is.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.held.count
    }

    /// Takes `n` of the permits out into a value of their own; see [`Permit::split`].
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = std::sync::Arc::new(syncline::thread::Semaphore::new(3));
    /// let mut permit = semaphore.acquire_many_owned(3);
    /// let two = permit.split(2).expect("there are three");
    /// assert_eq!((permit.count(), two.count()), (1, 2));
    /// ```
    pub fn split(&mut self, n: usize) -> Option<Self> {
        self.held.split(n).map(|held| Self { held })
    }

    /// Adds the permits of another value to this one.
    ///
    /// # Panics
    ///
    /// Panics if the other permits come from another semaphore. Both are released then.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = std::sync::Arc::new(syncline::thread::Semaphore::new(3));
    /// let mut permit = semaphore.acquire_owned();
    /// permit.merge(semaphore.acquire_many_owned(2));
    /// assert_eq!(permit.count(), 3);
    /// ```
    #[track_caller]
    pub fn merge(&mut self, other: Self) {
        self.held.merge(other.held);
    }

    /// Drops the permits without releasing them; see [`Permit::forget`].
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = std::sync::Arc::new(syncline::thread::Semaphore::new(3));
    /// semaphore.acquire_many_owned(2).forget();
    /// assert_eq!(semaphore.available_permits(), 1);
    /// ```
    pub fn forget(self) {
        self.held.forget();
    }

    /// Releases the permits and hands them to the first waiters; see [`Permit::release_fair`].
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = std::sync::Arc::new(syncline::thread::Semaphore::new(3));
    /// semaphore.acquire_many_owned(2).release_fair();
    /// assert_eq!(semaphore.available_permits(), 3);
    /// ```
    pub fn release_fair(self) {
        self.held.release_fair();
    }
}

impl fmt::Debug for OwnedPermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedPermit")
            .field("count", &self.count())
            .finish_non_exhaustive()
    }
}

// SAFETY: both kinds of owner are an `Arc` that keeps its semaphore alive and in place; the kind
// never changes.
unsafe impl Place for Owner {
    type Word = PermitWord;

    const OWNS: bool = true;

    fn line(&self, _: Internal) -> &Line<PermitWord> {
        match self {
            Self::Plain(semaphore) => semaphore.core.line(),
            Self::Bounded(semaphore) => semaphore.core.line(),
        }
    }
}
