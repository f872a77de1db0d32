//! An executor of one task.

use core::future::{Future, IntoFuture};
use core::pin::pin;
use core::task::{Context, Poll};

use crate::identity::{Tasked, budget, may_block};
use crate::line::trampoline::{self, Rest};
use crate::line::{ThreadParker, Timeout};

/// Runs a future on this thread until it completes, and returns its output.
///
/// It accepts anything that can be awaited, needs no runtime, and may be nested inside a future, a closure or a destructor. The
/// future is a task of its own while it runs, with its own [`current`](crate::task::current) id. Tasks that it
/// spawned elsewhere continue after it has completed.
///
/// # Panics
///
/// Panics if the future panics, or if it would block inside another task where
/// [`forbid_blocking`](crate::bridge::forbid_blocking()) forbids that.
///
/// # Deadlocks
///
/// The thread sleeps while the future waits. Inside a task of another executor, this blocks that executor's
/// thread. If only that thread could wake the future, it sleeps for ever.
///
/// # Examples
///
/// ```
/// use syncline::task::{Semaphore, block_on};
///
/// let semaphore = Semaphore::new(1);
/// let left = block_on(async {
///     let _permit = semaphore.acquire().await;
///     semaphore.available_permits()
/// });
/// assert_eq!(left, 0);
/// ```
#[doc(alias("asyncio", "run_until_complete"))]
#[track_caller]
pub fn block_on<F: IntoFuture>(future: F) -> F::Output {
    trampoline::settle();
    let task = Tasked::new();
    let _driving = task.drive();
    let parker = ThreadParker::take();
    let mut future = pin!(future.into_future());
    let mut context = Context::from_waker(parker.waker());
    let mut never = Timeout::Never.start();
    let mut rest = Rest::new();
    loop {
        let poll = || task.id().enter(|| future.as_mut().poll(&mut context));
        if let Poll::Ready(output) = budget::open(poll) {
            return output;
        }
        // The future may wait for what its poll has put off.
        if rest.run_one() {
            continue;
        }
        may_block();
        task.list();
        parker.sleep(&mut never, 0);
    }
}
