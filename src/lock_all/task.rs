//! Several locks at once, for tasks.

use core::time::Duration;
use std::time::Instant;

use super::future::{Chain, Each, End, InOrder, Link, LockAll, LockAllTimed, Taking};
use super::order::{MOST, Named, of_slice, sort};
use super::task_lockable::Lockable;
use super::tuple::{Flat, Nest};
use crate::line::{Internal, Timeout};

/// Locks that [`lock_all`] takes together: a tuple of up to six references to locks, or a slice of locks or of
/// references to them.
pub trait LockSet {
    /// Their guards: a tuple in the same order, or a `Vec`.
    type Guards;
    #[doc(hidden)]
    type Taking: Taking<Guards = Self::Guards>;

    #[doc(hidden)]
    #[track_caller]
    fn taking(self, _: Internal) -> Self::Taking;
}

/// Locks in nested pairs.
#[doc(hidden)]
pub trait Locks {
    const COUNT: usize;
    type Chain: Chain;

    fn name(&self, place: usize, named: &mut [Named]);

    fn chain(self) -> Self::Chain;
}

impl Locks for () {
    const COUNT: usize = 0;
    type Chain = End;

    fn name(&self, _: usize, _: &mut [Named]) {}

    fn chain(self) -> End {
        End(())
    }
}

impl<L: Lockable, R: Locks> Locks for (L, R) {
    const COUNT: usize = 1 + R::COUNT;
    type Chain = Link<L, R::Chain>;

    fn name(&self, place: usize, named: &mut [Named]) {
        named[place] = (self.0.address(Internal(())), place);
        self.1.name(place + 1, named);
    }

    fn chain(self) -> Self::Chain {
        Link::new(self.0, self.1.chain())
    }
}

impl<S> LockSet for S
where
    S: Nest<Nested: Locks<Chain: Chain<Guards: Flat>>>,
{
    type Guards = <<<S::Nested as Locks>::Chain as Chain>::Guards as Flat>::Flat;
    type Taking = InOrder<<S::Nested as Locks>::Chain, Self::Guards>;

    #[track_caller]
    fn taking(self, _: Internal) -> Self::Taking {
        let locks = self.nest();
        let mut order = [(0, 0); MOST];
        let count = S::Nested::COUNT;
        locks.name(0, &mut order);
        sort(&mut order[..count]);
        InOrder::new(locks.chain(), order, count, Flat::flat)
    }
}

impl<'a, L> LockSet for &'a [L]
where
    &'a L: Lockable,
{
    type Guards = Vec<<&'a L as Lockable>::Guard>;
    type Taking = Each<&'a L>;

    #[track_caller]
    fn taking(self, internal: Internal) -> Self::Taking {
        let order = of_slice(self.iter().map(|lock| lock.address(internal)));
        Each::new(self.iter().collect(), order)
    }
}

impl<'a, L, const N: usize> LockSet for &'a [L; N]
where
    &'a L: Lockable,
{
    type Guards = Vec<<&'a L as Lockable>::Guard>;
    type Taking = Each<&'a L>;

    #[track_caller]
    fn taking(self, internal: Internal) -> Self::Taking {
        LockSet::taking(self.as_slice(), internal)
    }
}

impl<'a, L> LockSet for &'a Vec<L>
where
    &'a L: Lockable,
{
    type Guards = Vec<<&'a L as Lockable>::Guard>;
    type Taking = Each<&'a L>;

    #[track_caller]
    fn taking(self, internal: Internal) -> Self::Taking {
        LockSet::taking(self.as_slice(), internal)
    }
}

/// Locks several locks without risking a deadlock, waiting until all are held.
///
/// They are taken in the order of their addresses, whatever the order of the arguments. So threads and tasks that
/// take their locks with this function alone never deadlock with each other.
///
/// A tuple has up to six references, each to a [`Lock`](crate::task::Lock) or an [`RLock`](crate::task::RLock), and
/// returns a tuple of guards in the same order. A slice has locks of one type, or references to them, and returns a
/// `Vec` of guards in the same order. It allocates four lists of that length.
///
/// # Fairness
///
/// As for each lock. While the future waits for one lock, it holds those before it. So a busy lock in the set makes
/// others wait for all of them, and so does a future that is not polled.
///
/// # Cancel safety
///
/// Dropping the future unlocks the locks that it holds so far.
///
/// # Deadlocks
///
/// A task that already holds one of the locks, or takes another one while it holds these, can still deadlock. An
/// `RLock` that this task owns is locked once more.
///
/// # Panics
///
/// Panics if the same lock is passed twice. The future panics if it is polled again after its end.
///
/// # Examples
///
/// ```
/// use syncline::task::{Lock, block_on, gather, lock_all};
///
/// let (ada, bob) = (Lock::new(10), Lock::new(0));
/// let transfer = async |from: &Lock<i64>, to: &Lock<i64>, amount: i64| {
///     let (mut from, mut to) = lock_all((from, to)).await;
///     *from -= amount;
///     *to += amount;
/// };
/// block_on(gather((transfer(&ada, &bob, 3), transfer(&bob, &ada, 1))));
/// assert_eq!((ada.into_inner(), bob.into_inner()), (8, 2));
/// ```
#[doc(alias = "scoped_lock")]
#[track_caller]
pub fn lock_all<S: LockSet>(locks: S) -> LockAll<S> {
    LockAll::new(locks.taking(Internal(())))
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
/// use syncline::task::{Lock, try_lock_all};
///
/// let (a, b) = (Lock::new(1), Lock::new(2));
/// let guard = b.try_lock();
/// assert!(try_lock_all((&a, &b)).is_none());
/// assert!(!a.is_locked());
/// drop(guard);
/// assert!(try_lock_all((&a, &b)).is_some());
/// ```
#[must_use = "guards that are dropped at once unlock again"]
#[track_caller]
pub fn try_lock_all<S: LockSet>(locks: S) -> Option<S::Guards> {
    core::pin::pin!(locks.taking(Internal(()))).try_all()
}

/// Locks several locks, waiting for at most `timeout` in all, counted from the first poll; zero tries once.
///
/// # Errors
///
/// Returns [`TimedOut`](crate::TimedOut) if one of them was not granted in time. None is locked then.
///
/// # Cancel safety
///
/// Dropping the future unlocks the locks that it holds so far.
///
/// # Panics
///
/// Panics if the same lock is passed twice.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use syncline::task::{Lock, block_on, lock_all_timeout};
///
/// let (a, b) = (Lock::new(1), Lock::new(2));
/// block_on(async {
///     let (x, y) = lock_all_timeout((&a, &b), Duration::from_secs(1)).await?;
///     assert_eq!(*x + *y, 3);
///     assert!(lock_all_timeout((&b, &a), Duration::from_millis(1)).await.is_err());
///     Ok::<(), syncline::TimedOut>(())
/// })
/// # .unwrap();
/// ```
#[track_caller]
pub fn lock_all_timeout<S: LockSet>(locks: S, timeout: Duration) -> LockAllTimed<S> {
    LockAllTimed::new(locks.taking(Internal(())), Timeout::After(timeout))
}

/// Locks several locks, waiting until `deadline` at the latest.
///
/// # Errors
///
/// Returns [`TimedOut`](crate::TimedOut) if one of them was not granted in time. None is locked then.
///
/// # Cancel safety
///
/// Dropping the future unlocks the locks that it holds so far.
///
/// # Panics
///
/// Panics if the same lock is passed twice.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, Instant};
/// use syncline::task::{Lock, block_on, lock_all_deadline};
///
/// let (a, b) = (Lock::new(1), Lock::new(2));
/// let deadline = Instant::now() + Duration::from_secs(1);
/// let locked = block_on(lock_all_deadline((&a, &b), deadline));
/// assert!(locked.is_ok());
/// ```
#[track_caller]
pub fn lock_all_deadline<S: LockSet>(locks: S, deadline: Instant) -> LockAllTimed<S> {
    LockAllTimed::new(locks.taking(Internal(())), Timeout::At(deadline))
}
