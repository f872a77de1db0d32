//! Who stands in for a thread that blocks.

use core::cell::RefCell;
use std::rc::Rc;

use super::polled::may_block;
use crate::line::trampoline;
use crate::sys::local;

/// What a thread gives up its place to while it blocks.
pub(crate) trait StandIn {
    /// The thread is about to block.
    fn block(&self);

    /// It goes on.
    fn unblock(&self);
}

local! {
    static STAND_IN: RefCell<Option<Rc<dyn StandIn>>> = RefCell::new(None)
}

/// Says what this thread gives up its place to when it blocks.
pub(crate) fn set_stand_in(stand_in: Option<Rc<dyn StandIn>>) {
    // Dropped after the borrow has ended.
    let _before = STAND_IN.with(|current| current.replace(stand_in));
}

/// Whether another takes the place of this thread when it blocks.
pub(crate) fn has_stand_in() -> bool {
    let has_one = STAND_IN.try_with(|current| current.borrow().is_some());
    has_one.unwrap_or(false)
}

/// Runs a closure that blocks this thread, and lets another thread of its pool take its place meanwhile.
///
/// On a thread of a [`ThreadPool`](crate::thread::ThreadPool) the work that this thread has queued goes
/// to another thread of the pool, which is started if need be. Use it for a wait that the pool cannot
/// see: for the lock of another crate, a lazily initialized static, a channel, a system call.
/// On any other thread it only calls the closure. It may be nested.
///
/// The waits of this crate do the same by themselves, except those for a [`Lock`](crate::thread::Lock) and an
/// [`RLock`](crate::thread::RLock), which are held for a moment only.
///
/// What the closure submits to the pool is queued for all of its threads, oldest first, and not for this thread.
///
/// # Panics
///
/// If the closure panics. Inside a task, where [`forbid_blocking`](crate::bridge::forbid_blocking())
/// forbids that.
///
/// # Deadlocks
///
/// A pool has at most [`max_blocked`](crate::thread::PoolBuilder::max_blocked) threads that take the place of
/// others.
///
/// # Examples
///
/// The initializer of a static uses the pool whose jobs use that static:
///
/// ```
/// use std::sync::LazyLock;
/// use syncline::thread::{ThreadPool, blocking};
///
/// static POOL: LazyLock<ThreadPool> = LazyLock::new(|| ThreadPool::new(2));
/// static TABLE: LazyLock<Vec<u32>> =
///     LazyLock::new(|| POOL.map(0..100, |n| n * n).map(Result::unwrap).collect());
///
/// let jobs: Vec<_> = (0..10)
///     .map(|n| POOL.submit(move || blocking(|| TABLE[n])))
///     .collect();
/// for (n, job) in (0..).zip(jobs) {
///     assert_eq!(job.wait()?, n * n);
/// }
/// # Ok::<(), syncline::JobError>(())
/// ```
#[track_caller]
pub fn blocking<R>(body: impl FnOnce() -> R) -> R {
    may_block();
    blocking_firmly(body)
}

/// The same for who cannot be kept from blocking any more.
pub(crate) fn blocking_firmly<R>(body: impl FnOnce() -> R) -> R {
    trampoline::settle();
    stood_in_for(body)
}

/// The same for who stands in a line already, and has run what was put off before.
pub(crate) fn stood_in_for<R>(body: impl FnOnce() -> R) -> R {
    struct Back(Rc<dyn StandIn>);

    impl Drop for Back {
        fn drop(&mut self) {
            self.0.unblock();
        }
    }

    let current = STAND_IN.try_with(|current| current.borrow().clone());
    let Some(stand_in) = current.ok().flatten() else {
        return body();
    };
    stand_in.block();
    let _back = Back(stand_in);
    body()
}
