//! The smallest executor that does not stand in the way of what it measures.
//!
//! Tasks are polled in the order in which they were woken, on one thread. A
//! waker is a number and a queue in a thread-local: cloning and dropping it cost
//! nothing, waking it is a push. So nearly all the time of a cell belongs to the
//! primitive. tokio's current-thread runtime is the second executor of each cell.

#![expect(
    unsafe_code,
    reason = "wakers without reference counts come from a vtable"
)]

use core::cell::RefCell;
use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::ptr;
use core::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};
use core::time::Duration;
use std::collections::VecDeque;

use crate::stopwatch::Stopwatch;

/// The woken tasks of this thread.
struct Ready {
    queue: VecDeque<usize>,
    queued: Vec<bool>,
}

thread_local! {
    static READY: RefCell<Ready> = const {
        RefCell::new(Ready { queue: VecDeque::new(), queued: Vec::new() })
    };
}

/// Wakers that push their number.
static PUSHING: RawWakerVTable = RawWakerVTable::new(
    |data| RawWaker::new(data, &PUSHING),
    |data| push(data.addr()),
    |data| push(data.addr()),
    |_| {},
);

/// Wakers that do nothing, yet are all different.
static IDLE: RawWakerVTable =
    RawWakerVTable::new(|data| RawWaker::new(data, &IDLE), |_| {}, |_| {}, |_| {});

/// Puts a task into the queue unless it is there already.
///
/// A wake from a foreign thread ends up in that thread's queue and is lost;
/// nothing here wakes across threads.
fn push(task: usize) {
    READY.with_borrow_mut(|ready| {
        if let Some(queued) = ready.queued.get_mut(task)
            && !core::mem::replace(queued, true)
        {
            ready.queue.push_back(task);
        }
    });
}

/// Takes the next woken task.
fn pop() -> Option<usize> {
    READY.with_borrow_mut(|ready| {
        let task = ready.queue.pop_front()?;
        ready.queued[task] = false;
        Some(task)
    })
}

/// A waker that does nothing and is told apart from every other by its number.
pub(crate) fn numbered_waker(number: usize) -> Waker {
    // SAFETY: the functions of `IDLE` never look behind the pointer, so every
    // contract of a waker, thread safety included, holds.
    unsafe { Waker::new(ptr::without_provenance(number), &IDLE) }
}

/// Wakers that call a function.
static CALLING: RawWakerVTable =
    RawWakerVTable::new(|data| RawWaker::new(data, &CALLING), call, call, |_| {});

fn call(data: *const ()) {
    // SAFETY: `waker_of` made the pointer of such a function.
    let function = unsafe { core::mem::transmute::<*const (), fn()>(data) };
    function();
}

/// A waker that calls a function, and costs nothing to clone.
pub(crate) fn waker_of(function: fn()) -> Waker {
    // SAFETY: the functions of `CALLING` use the pointer as the function that it is, which any
    // thread may call at any time.
    unsafe { Waker::new(function as *const (), &CALLING) }
}

/// Polls the tasks in turn until all have finished; returns what that took.
pub(crate) fn round_robin<F: Future<Output = ()>>(mut tasks: Vec<Pin<Box<F>>>) -> Duration {
    READY.with_borrow_mut(|ready| {
        ready.queue.clear();
        ready.queue.extend(0..tasks.len());
        ready.queued.clear();
        ready.queued.resize(tasks.len(), true);
    });
    let wakers: Vec<Waker> = (0..tasks.len())
        .map(|task| {
            // SAFETY: the functions of `PUSHING` use the pointer as a number only
            // and a queue of the calling thread, so they are thread-safe.
            unsafe { Waker::new(ptr::without_provenance(task), &PUSHING) }
        })
        .collect();
    let mut unfinished = tasks.len();
    let start = Stopwatch::start();
    while unfinished > 0 {
        let task = pop().expect("every task waits and nobody will wake it");
        let mut context = Context::from_waker(&wakers[task]);
        if tasks[task].as_mut().poll(&mut context).is_ready() {
            unfinished -= 1;
        }
    }
    start.elapsed()
}

/// Lets every other woken task run once.
pub(crate) async fn yield_now() {
    let mut yielded = false;
    poll_fn(|context| {
        if core::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Runs the tasks on tokio's current-thread runtime; returns what that took, without starting
/// the runtime and spawning them.
pub(crate) fn on_tokio<F: Future<Output = ()> + Send + 'static>(
    clock: fn() -> Stopwatch,
    tasks: Vec<Pin<Box<F>>>,
) -> Duration {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime without drivers needs nothing from the system");
    runtime.block_on(async {
        let handles: Vec<_> = tasks.into_iter().map(tokio::spawn).collect();
        let start = clock();
        for handle in handles {
            handle.await.expect("a task of a cell panicked");
        }
        start.elapsed()
    })
}

#[cfg(test)]
mod tests {
    use core::cell::RefCell;

    use super::{round_robin, yield_now};

    #[test]
    fn tasks_take_turns() {
        let order = RefCell::new(Vec::new());
        let order = &order;
        let task = |name| {
            Box::pin(async move {
                order.borrow_mut().push((name, 0));
                yield_now().await;
                order.borrow_mut().push((name, 1));
            })
        };
        round_robin(vec![task('a'), task('b')]);
        assert_eq!(
            vec![('a', 0), ('b', 0), ('a', 1), ('b', 1)],
            *order.borrow()
        );
    }
}
