//! Several locks at once, for threads.

use core::time::Duration;
use std::time::Instant;

use super::order::{MOST, Named, of_slice, sort};
use super::thread_lockable::Lockable;
use super::tuple::{Flat, Nest};
use crate::error::TimedOut;
use crate::line::{Internal, Timeout};
use crate::sys::trace::Together;

/// Locks that [`lock_all`] takes together: a tuple of up to six references to locks, or a slice of locks or of
/// references to them.
pub trait LockSet {
    /// Their guards: a tuple in the same order, or a `Vec`.
    type Guards;

    #[doc(hidden)]
    #[track_caller]
    fn lock_until(self, timeout: Timeout, _: Internal) -> Result<Self::Guards, TimedOut>;
}

/// Locks in nested pairs, and their guards.
#[doc(hidden)]
pub trait Locks {
    const COUNT: usize;
    /// Those that are locked.
    type Held: Default;
    type Guards;

    fn name(&self, place: usize, named: &mut [Named]);

    #[track_caller]
    fn lock(&self, place: usize, timeout: Timeout, held: &mut Self::Held) -> Result<(), TimedOut>;

    fn guards(held: Self::Held) -> Option<Self::Guards>;
}

impl Locks for () {
    const COUNT: usize = 0;
    type Held = ();
    type Guards = ();

    fn name(&self, _: usize, _: &mut [Named]) {}

    fn lock(&self, _: usize, _: Timeout, (): &mut ()) -> Result<(), TimedOut> {
        Ok(())
    }

    fn guards((): ()) -> Option<()> {
        Some(())
    }
}

impl<L: Lockable, R: Locks> Locks for (L, R) {
    const COUNT: usize = 1 + R::COUNT;
    type Held = (Option<L::Guard>, R::Held);
    type Guards = (L::Guard, R::Guards);

    fn name(&self, place: usize, named: &mut [Named]) {
        named[place] = (self.0.address(Internal(())), place);
        self.1.name(place + 1, named);
    }

    #[track_caller]
    fn lock(&self, place: usize, timeout: Timeout, held: &mut Self::Held) -> Result<(), TimedOut> {
        if let Some(place) = place.checked_sub(1) {
            return self.1.lock(place, timeout, &mut held.1);
        }
        held.0 = Some(self.0.lock_until(timeout, Internal(()))?);
        Ok(())
    }

    fn guards((first, rest): Self::Held) -> Option<Self::Guards> {
        Some((first?, R::guards(rest)?))
    }
}

impl<S> LockSet for S
where
    S: Nest<Nested: Locks<Guards: Flat>>,
{
    type Guards = <<S::Nested as Locks>::Guards as Flat>::Flat;

    #[track_caller]
    fn lock_until(self, timeout: Timeout, _: Internal) -> Result<Self::Guards, TimedOut> {
        let locks = self.nest();
        let mut named = [(0, 0); MOST];
        let named = &mut named[..S::Nested::COUNT];
        locks.name(0, named);
        sort(named);
        let timeout = timeout.fixed();
        let mut held = Default::default();
        let _together = Together::new();
        for &(_, place) in &*named {
            locks.lock(place, timeout, &mut held)?;
        }
        let guards = S::Nested::guards(held);
        Ok(guards.expect("each of them has been locked").flat())
    }
}

impl<'a, L> LockSet for &'a [L]
where
    &'a L: Lockable,
{
    type Guards = Vec<<&'a L as Lockable>::Guard>;

    #[track_caller]
    fn lock_until(self, timeout: Timeout, internal: Internal) -> Result<Self::Guards, TimedOut> {
        let named = of_slice(self.iter().map(|lock| lock.address(internal)));
        let timeout = timeout.fixed();
        let mut held: Vec<_> = self.iter().map(|_| None).collect();
        let _together = Together::new();
        for (_, place) in named {
            held[place] = Some(self[place].lock_until(timeout, internal)?);
        }
        Ok(held.into_iter().flatten().collect())
    }
}

impl<'a, L, const N: usize> LockSet for &'a [L; N]
where
    &'a L: Lockable,
{
    type Guards = Vec<<&'a L as Lockable>::Guard>;

    #[track_caller]
    fn lock_until(self, timeout: Timeout, internal: Internal) -> Result<Self::Guards, TimedOut> {
        LockSet::lock_until(self.as_slice(), timeout, internal)
    }
}

impl<'a, L> LockSet for &'a Vec<L>
where
    &'a L: Lockable,
{
    type Guards = Vec<<&'a L as Lockable>::Guard>;

    #[track_caller]
    fn lock_until(self, timeout: Timeout, internal: Internal) -> Result<Self::Guards, TimedOut> {
        LockSet::lock_until(self.as_slice(), timeout, internal)
    }
}

/// Locks several locks without risking a deadlock, blocking until all are held.
///
/// They are taken in the order of their addresses, whatever the order of the arguments. So threads and tasks that
/// take their locks with this function alone never deadlock with each other.
///
/// A tuple has up to six references, each to a [`Lock`](crate::thread::Lock) or an [`RLock`](crate::thread::RLock),
/// and returns a tuple of guards in the same order. A slice has locks of one type, or references to them, and returns
/// a `Vec` of guards in the same order. It allocates that `Vec` and two lists of the same length.
///
/// # Fairness
///
/// As for each lock. While the thread waits for one lock, it holds those before it, so a busy lock in the set makes
/// others wait for all of them.
///
/// # Deadlocks
///
/// A thread that already holds one of the locks, or takes another one while it holds these, can still deadlock. An
/// `RLock` that this thread owns is locked once more.
///
/// # Panics
///
/// Panics if the same lock is passed twice. No lock is taken then.
///
/// # Examples
///
/// ## Moving something from one place to another
///
/// ```
/// use syncline::thread::{Lock, lock_all};
///
/// struct Account(Lock<i64>);
///
/// fn transfer(from: &Account, to: &Account, amount: i64) {
///     let (mut from, mut to) = lock_all((&from.0, &to.0));
///     *from -= amount;
///     *to += amount;
/// }
///
/// let (ada, bob) = (Account(Lock::new(10)), Account(Lock::new(0)));
/// std::thread::scope(|threads| {
///     threads.spawn(|| transfer(&ada, &bob, 3));
///     threads.spawn(|| transfer(&bob, &ada, 1));
/// });
/// assert_eq!((ada.0.into_inner(), bob.0.into_inner()), (8, 2));
/// ```
///
/// ## As many as there are
///
/// ```
/// use syncline::thread::{Lock, lock_all};
///
/// let shards = [Lock::new(1), Lock::new(2), Lock::new(3)];
/// let total: i32 = lock_all(&shards).iter().map(|shard| **shard).sum();
/// assert_eq!(total, 6);
/// ```
#[doc(alias = "scoped_lock")]
#[track_caller]
pub fn lock_all<S: LockSet>(locks: S) -> S::Guards {
    let locked = locks.lock_until(Timeout::Never, Internal(()));
    locked.expect("who waits without a limit gets them")
}

/// Locks several locks if that is possible at once: all of them, or none.
///
/// # Panics
///
/// Panics if the same lock is passed twice.
///
/// # Examples
///
/// ```
/// use syncline::thread::{Lock, try_lock_all};
///
/// let (a, b) = (Lock::new(1), Lock::new(2));
/// let guard = b.lock();
/// assert!(try_lock_all((&a, &b)).is_none());
/// assert!(!a.is_locked());
/// drop(guard);
/// assert!(try_lock_all((&a, &b)).is_some());
/// ```
#[must_use = "guards that are dropped at once unlock again"]
#[track_caller]
pub fn try_lock_all<S: LockSet>(locks: S) -> Option<S::Guards> {
    let at_once = Timeout::After(Duration::ZERO);
    locks.lock_until(at_once, Internal(())).ok()
}

/// Locks several locks, blocking for at most `timeout` in all; zero tries once.
///
/// # Errors
///
/// Returns [`TimedOut`] if one of them was not granted in time. None is locked then.
///
/// # Panics
///
/// Panics if the same lock is passed twice.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use syncline::thread::{Lock, lock_all_timeout};
///
/// let (a, b) = (Lock::new(1), Lock::new(2));
/// let (x, y) = lock_all_timeout((&a, &b), Duration::from_secs(1))?;
/// assert_eq!(*x + *y, 3);
/// assert!(lock_all_timeout((&b, &a), Duration::from_millis(1)).is_err());
/// # drop((x, y));
/// # Ok::<(), syncline::TimedOut>(())
/// ```
#[track_caller]
pub fn lock_all_timeout<S: LockSet>(locks: S, timeout: Duration) -> Result<S::Guards, TimedOut> {
    locks.lock_until(Timeout::After(timeout), Internal(()))
}

/// Locks several locks, blocking until `deadline` at the latest.
///
/// # Errors
///
/// Returns [`TimedOut`] if one of them was not granted in time. None is locked then.
///
/// # Panics
///
/// Panics if the same lock is passed twice.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, Instant};
/// use syncline::thread::{Lock, lock_all_deadline};
///
/// let (a, b) = (Lock::new(1), Lock::new(2));
/// let deadline = Instant::now() + Duration::from_secs(1);
/// let (x, y) = lock_all_deadline((&a, &b), deadline)?;
/// assert_eq!(*x + *y, 3);
/// # Ok::<(), syncline::TimedOut>(())
/// ```
#[track_caller]
pub fn lock_all_deadline<S: LockSet>(locks: S, deadline: Instant) -> Result<S::Guards, TimedOut> {
    locks.lock_until(Timeout::At(deadline), Internal(()))
}
