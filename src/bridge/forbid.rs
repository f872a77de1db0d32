//! Finding tasks that block their thread.

use core::fmt;
use core::marker::PhantomData;

use crate::identity::forbid;

/// Makes blocking waits inside tasks panic on this thread, until the returned guard is dropped.
///
/// A task that blocks stops its whole thread. No other task there is polled, and if it waits for one of those, it waits
/// for ever. With this guard, a blocking wait *inside a task of this crate* panics instead, at the call,
/// and says what to use. This applies to
///
/// * all waits of `syncline::thread`, of a [`Job`](crate::Job), of a [`CallWait`](super::CallWait) and of a [`ReceiveWait`](super::ReceiveWait);
/// * [`block_on`](crate::task::block_on()), and `start`, `run`, `stop` and `drain` of a [`Runner`](super::Runner);
/// * the drop of a [`ThreadPool`](crate::thread::ThreadPool) or a `Runner` that has to wait, which panics in the destructor.
///
/// A wait that returns at once, a `try_` method, and a timeout of zero are not affected.
///
/// It is meant for tests and development, but a release build can use it too, because it is checked only when a thread is about to
/// block. A [`ThreadPool`](crate::thread::PoolBuilder::forbid_blocking) and a [`Runner`](super::Builder::forbid_blocking) can be
/// built with it.
///
/// It does not see
///
/// * tasks of other executors. The tasks of this crate are those of [`block_on`](crate::task::block_on()), a pool, a group or a
///   runner, and everything inside [`identified`](crate::task::identified());
/// * blocking calls that are not of this crate: `std::sync`, `std::thread::sleep`, a file;
/// * the moment in which [`LockGuard::unlocked`](crate::thread::LockGuard::unlocked) locks again, and the end of a
///   [scope](crate::thread::ThreadPool::scope), which is refused at its beginning instead;
/// * destructors that run because of a panic.
///
/// # Examples
///
/// ```should_panic
/// use syncline::{bridge::forbid_blocking, task::block_on, thread::Semaphore};
///
/// let _no_blocking = forbid_blocking();
/// let empty = Semaphore::new(0);
/// block_on(async {
///     let permit = empty.acquire(); // panics: `empty.as_task().acquire().await` would wait
///     drop(permit);
/// });
/// ```
#[must_use = "blocking is forbidden until this is dropped"]
pub fn forbid_blocking() -> ForbidBlocking {
    ForbidBlocking {
        before: forbid(true),
        thread: PhantomData,
    }
}

/// A guard: while it lives, tasks on this thread must not block. Created by [`forbid_blocking`].
///
/// Guards may be nested. Drop them in reverse order, as variables are.
///
/// # Examples
///
/// See [`forbid_blocking`].
pub struct ForbidBlocking {
    before: bool,
    thread: PhantomData<*const ()>,
}

impl Drop for ForbidBlocking {
    fn drop(&mut self) {
        forbid(self.before);
    }
}

impl fmt::Debug for ForbidBlocking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForbidBlocking").finish_non_exhaustive()
    }
}
