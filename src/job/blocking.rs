//! A wait that the pool cannot see.

use crate::identity::{blocking_firmly, may_block};

/// Runs a closure that blocks this thread, while a spare thread of its pool takes over.
///
/// On a worker of a [`ThreadPool`](crate::thread::ThreadPool), the worker's queue goes
/// to a spare thread of the pool, which is started if necessary. Use it for a wait that the pool cannot
/// see: for a lock of another crate, a lazily initialized static, a channel, a system call.
/// On any other thread it only calls the closure. It may be nested.
///
/// The waits of this crate do the same by themselves, except those for a [`Lock`](crate::thread::Lock) and an
/// [`RLock`](crate::thread::RLock), which are held for a moment only.
///
/// Jobs that the closure submits to the pool are queued for all workers, oldest first.
///
/// # Panics
///
/// Panics if the closure panics, and inside a task where [`forbid_blocking`](crate::bridge::forbid_blocking())
/// forbids blocking.
///
/// # Deadlocks
///
/// A pool has at most [`max_blocked`](crate::thread::PoolBuilder::max_blocked) spare threads.
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
