//! Timeouts that do not expire: what nearly every timeout is.
//!
//! A wait for a locked lock with a deadline is created, polled once and dropped,
//! while no or very many other such waits are pending. The time is that of all
//! threads, since some peers have a thread of their own do the work.

use core::future::{Future, poll_fn};
use core::pin::{Pin, pin};
use core::task::{Context, Poll};
use core::time::Duration;

use syncline::task;

use crate::cell::{Cell, Effort, Sample};
use crate::counts::Counts;
use crate::executor::numbered_waker;
use crate::random::Random;
use crate::stopwatch::Stopwatch;

/// No deadline is nearer than this, so none expires while it is measured.
const FAR: u64 = 600_000;

/// The cells about timers.
pub(super) fn cells() -> Vec<Cell> {
    [0, 100_000]
        .map(|pending| {
            Cell::counted(
                format!("timer/create_cancel/{pending}_pending"),
                5,
                "create a timed wait for a locked lock, poll it once, drop it",
            )
            .peer("syncline", move |effort| syncline(effort, pending))
            .peer("tokio", move |effort| tokio(effort, pending))
            .peer("async-io", move |effort| async_io(effort, pending))
            .peer("futures-timer", move |effort| {
                futures_timer(effort, pending)
            })
        })
        .into()
}

fn syncline(effort: &Effort, pending: usize) -> Sample {
    let lock = task::Lock::new(0);
    let other = task::Lock::new(0);
    let held = (lock.try_lock(), other.try_lock());
    let sample = churn(
        effort,
        pending,
        |timeout| other.lock_timeout(timeout),
        |timeout| lock.lock_timeout(timeout),
    );
    drop(held);
    sample
}

fn tokio(effort: &Effort, pending: usize) -> Sample {
    let lock = tokio::sync::Mutex::new(0);
    let other = tokio::sync::Mutex::new(0);
    let held = (lock.try_lock(), other.try_lock());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a clock needs nothing from the system");
    // Unconstrained: a used-up budget would send polls away before they register.
    let sample = runtime.block_on(tokio::task::coop::unconstrained(async {
        churn(
            effort,
            pending,
            |timeout| tokio::time::timeout(timeout, other.lock()),
            |timeout| tokio::time::timeout(timeout, lock.lock()),
        )
    }));
    drop(held);
    sample
}

fn async_io(effort: &Effort, pending: usize) -> Sample {
    let lock = async_lock::Mutex::new(0);
    let other = async_lock::Mutex::new(0);
    let held = (lock.try_lock(), other.try_lock());
    let sample = churn(
        effort,
        pending,
        |timeout| first(other.lock(), async_io::Timer::after(timeout)),
        |timeout| first(lock.lock(), async_io::Timer::after(timeout)),
    );
    drop(held);
    sample
}

fn futures_timer(effort: &Effort, pending: usize) -> Sample {
    let lock = futures::lock::Mutex::new(0);
    let other = futures::lock::Mutex::new(0);
    let held = (lock.try_lock(), other.try_lock());
    let sample = churn(
        effort,
        pending,
        |timeout| first(other.lock(), futures_timer::Delay::new(timeout)),
        |timeout| first(lock.lock(), futures_timer::Delay::new(timeout)),
    );
    drop(held);
    sample
}

/// Ends when either does, as a user writes a timeout by hand.
async fn first<T>(wait: impl Future<Output = T>, timer: impl Future) -> Option<T> {
    let mut wait = pin!(wait);
    let mut timer = pin!(timer);
    poll_fn(|context| {
        if let Poll::Ready(value) = wait.as_mut().poll(context) {
            return Poll::Ready(Some(value));
        }
        timer.as_mut().poll(context).map(|_| None)
    })
    .await
}

/// Creates, polls and drops `ops` waits beside `pending` waits for another lock.
fn churn<P: Future, F: Future>(
    effort: &Effort,
    pending: usize,
    wait_beside: impl Fn(Duration) -> P,
    wait: impl Fn(Duration) -> F,
) -> Sample {
    let mut random = Random::new();
    let mut timeout = || Duration::from_millis(FAR + random.below(FAR));
    let beside: Vec<Pin<Box<P>>> = (1..=pending)
        .map(|number| {
            let mut wait = Box::pin(wait_beside(timeout()));
            begin(wait.as_mut(), number);
            wait
        })
        .collect();
    let before = Counts::now();
    let start = Stopwatch::start_for_all_threads();
    for _ in 0..effort.ops {
        begin(pin!(wait(timeout())), 0);
    }
    let elapsed = start.elapsed();
    let counts = Counts::now() - before;
    drop(beside);
    let mut sample = Sample::new(elapsed, effort.ops);
    sample.counts = Some(counts);
    sample
}

/// Polls a wait that cannot be over yet.
fn begin<F: Future>(wait: Pin<&mut F>, number: usize) {
    let waker = numbered_waker(number);
    let pending = wait.poll(&mut Context::from_waker(&waker)).is_pending();
    assert!(pending, "the lock is held and the deadline is far");
}
