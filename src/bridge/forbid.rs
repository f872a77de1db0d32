//! Finding tasks that block their thread.

use core::fmt;
use core::marker::PhantomData;

use crate::identity::forbid;

/// Keeps the tasks that are polled on this thread from blocking it, until what this returns is dropped.
///
/// A task that blocks takes its whole thread with it: nobody else there is polled, and if it waits for one of those, that
/// is for ever. Under this, a wait of the face for threads that would have to block *inside a task of this crate*
/// panics instead, where it is called, and says what to use. That goes for
///
/// * all waits of `syncline::thread`, of a [`Job`](crate::Job), of a [`CallWait`](super::CallWait) and of a [`ReceiveWait`](super::ReceiveWait);
/// * [`block_on`](crate::task::block_on()), and `start`, `run`, `stop` and `drain` of a [`Runner`](super::Runner);
/// * the drop of a [`ThreadPool`](crate::thread::ThreadPool) or a `Runner` that has to wait, which panics in the destructor.
///
/// A wait that has nothing to wait for,
/// a `try_` method and a timeout of zero are what they always are.
///
/// It is meant for tests and for development; but a release build may have it too, for it is looked at only where a thread is about to
/// wait. A [`ThreadPool`](crate::thread::PoolBuilder::forbid_blocking) and a [`Runner`](super::Builder::forbid_blocking) can be
/// built with it.
///
/// What it does not see:
///
/// * Tasks that are not of this crate. Those are known by the identity that [`task::current`](crate::task::current) shows, where
///   it comes from [`block_on`](crate::task::block_on()), [`identified`](crate::task::identified()), a pool, a group or a runner.
///   A task of tokio's is seen inside [`task::identified`](crate::task::identified()).
/// * Anything that blocks and is not of this crate: `std::sync`, `std::thread::sleep`, a file.
/// * The moment in which [`LockGuard::unlocked`](crate::thread::LockGuard::unlocked) locks again, and the end of a
///   [scope](crate::thread::ThreadPool::scope): that one is refused when it begins.
/// * Destructors that run because of a panic.
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

/// As long as it lives tasks that are polled on this thread may not block it; from [`forbid_blocking`].
///
/// They may be nested, and are dropped in the reverse order, as variables are.
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
