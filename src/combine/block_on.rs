//! An executor of one task.

use core::future::{Future, IntoFuture};
use core::pin::pin;
use core::task::{Context, Poll};

use crate::identity::{Tasked, budget, may_block};
use crate::line::trampoline::{self, Rest};
use crate::line::{ThreadParker, Timeout};

/// Runs a future, or what can be awaited as one, on this thread until it ends, and returns what it returns.
///
/// It needs no runtime, and may be nested: inside a future, in a closure, in a destructor. The
/// future is a task of its own while it runs, so [`current`](crate::task::current) names it. What it
/// spawned elsewhere goes on after it has ended.
///
/// # Panics
///
/// If the future panics. If it has to wait, inside another task, where
/// [`forbid_blocking`](crate::bridge::forbid_blocking()) forbids that.
///
/// # Deadlocks
///
/// The thread sleeps while the future waits. Inside a task of another executor, that executor's
/// thread sleeps with it; if it alone could wake the future, that is for ever.
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
