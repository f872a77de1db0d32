//! Models of the futures of a pool: who queues them, who polls them, who drops them.

use core::future::poll_fn;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use core::task::{Poll, Waker};
use std::sync::Arc;

use syncline::JobError;
use syncline::loom::sync::Mutex;
use syncline::loom::thread::{ThreadId, current, spawn, yield_now};
use syncline::thread::{Event, PoolShutdown, ThreadPool};

use crate::kit::{Check, Guarded, Model, model};
use crate::pool::cell;

/// The models of this file. An execution has hundreds of steps, so that the bound is low.
pub(crate) const MODELS: &[Model] = &[
    model!("pool/task/wake_against_poll", wake).fewer_preemptions(2),
    model!("pool/task/cancel_against_poll", stop).fewer_preemptions(1),
    model!("pool/task/cancel_queued_against_wake", stop_all).fewer_preemptions(2),
    model!("pool/task/two_wakes_against_poll", two_wakes)
        .dear()
        .fewer_preemptions(2),
    model!("pool/task/shutdown_against_spawn", late_spawn)
        .dear()
        .fewer_preemptions(1),
    model!("pool/task/wake_during_a_poll_publishes", wake_during_poll).fewer_preemptions(2),
    model!("pool/task/wake_of_what_is_queued_publishes", wake_of_queued).fewer_preemptions(2),
    model!(
        "pool/task/poll_publishes_to_whoever_drops_it",
        polled_and_swept
    )
    .fewer_preemptions(2),
];

fn pool(workers: usize) -> Arc<ThreadPool> {
    Arc::new(
        ThreadPool::builder()
            .workers(workers)
            .max_blocked(0)
            .build(),
    )
}

/// A future that is woken is polled again, whenever that happens.
fn wake(check: Check) {
    check.outcomes(&["early", "late"]).run(|run| {
        let pool = pool(1);
        let event = Arc::new(Event::new());
        let cell = cell();
        let (event_there, cell_there) = (Arc::clone(&event), Arc::clone(&cell));
        let job = pool.spawn(async move {
            event_there.as_task().wait().await;
            cell_there.value()
        });
        yield_now();
        let waits = syncline::internals::Quiet::waiting(&*event) == 1;
        run.saw(if waits { "late" } else { "early" });
        cell.bump();
        event.set();
        assert_eq!(job.wait().unwrap(), 1);
        pool.shutdown(PoolShutdown::Drain);
    });
}

/// A future is dropped before its job is done, however it ends.
fn stop(check: Check) {
    check.outcomes(&["done", "cancelled"]).run(|run| {
        let pool = pool(1);
        let cell = cell();
        let inside = Bump(Arc::clone(&cell));
        let job = pool.spawn(async move {
            let _inside = inside;
            1
        });
        let cancelled = job.cancel();
        let outcome = job.wait();
        assert_eq!(cell.value(), 1);
        assert_eq!(outcome.is_err(), cancelled);
        run.saw(if cancelled { "cancelled" } else { "done" });
        pool.shutdown(PoolShutdown::Drain);
    });
}

/// Bumps a cell when it is dropped.
struct Bump(Arc<Guarded<()>>);

impl Drop for Bump {
    fn drop(&mut self) {
        self.0.bump();
    }
}

/// A shutdown that cancels drops the futures that wait, and waits for that.
fn stop_all(check: Check) {
    check.outcomes(&["done", "cancelled"]).run(|run| {
        let pool = pool(1);
        let event = Arc::new(Event::new());
        let cell = cell();
        let inside = Bump(Arc::clone(&cell));
        let event_there = Arc::clone(&event);
        let job = pool.spawn(async move {
            let _inside = inside;
            event_there.as_task().wait().await;
        });
        event.set();
        pool.shutdown(PoolShutdown::CancelQueued);
        assert_eq!(cell.value(), 1);
        run.saw(match job.wait() {
            Ok(()) => "done",
            Err(JobError::Cancelled) => "cancelled",
            Err(error) => panic!("{error}"),
        });
    });
}

/// Of two wakes at once none is lost, wherever the future is, and both are seen.
fn two_wakes(check: Check) {
    const POLLS: [&str; 3] = ["polled once", "polled twice", "polled thrice"];
    check.outcomes(&POLLS).run(|run| {
        let pool = pool(1);
        let cells = Arc::new([Guarded::new(()), Guarded::new(())]);
        let waker = Arc::new(Mutex::new((0, None::<Waker>)));
        let polls = Arc::new(AtomicUsize::new(0));
        let (waker_there, polls_there) = (Arc::clone(&waker), Arc::clone(&polls));
        let job = pool.spawn(poll_fn(move |context| {
            polls_there.fetch_add(1, Relaxed);
            let mut state = waker_there.lock().unwrap();
            state.1 = Some(context.waker().clone());
            if state.0 == 2 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        }));
        let bring = |number: usize| {
            let (waker, cells) = (Arc::clone(&waker), Arc::clone(&cells));
            move || {
                cells[number].bump();
                let mut state = waker.lock().unwrap();
                state.0 += 1;
                let waker = state.1.clone();
                drop(state);
                if let Some(waker) = waker {
                    waker.wake();
                }
            }
        };
        let other = spawn(bring(0));
        bring(1)();
        job.wait().unwrap();
        assert_eq!((cells[0].value(), cells[1].value()), (1, 1));
        other.join().unwrap();
        run.saw(POLLS[polls.load(Relaxed) - 1]);
        pool.shutdown(PoolShutdown::Drain);
    });
}

/// A future that comes while the pool is shut down and another ends is polled or refused.
fn late_spawn(check: Check) {
    check.outcomes(&["done", "refused"]).run(|run| {
        let pool = pool(1);
        let first = pool.spawn(async { 1 });
        let other = {
            let pool = Arc::clone(&pool);
            spawn(move || pool.spawn(async { 2 }).wait())
        };
        pool.shutdown(PoolShutdown::Drain);
        assert_eq!(first.wait().unwrap(), 1);
        run.saw(match other.join().unwrap() {
            Ok(2) => "done",
            Err(JobError::Closed) => "refused",
            other => panic!("{other:?}"),
        });
    });
}

/// A waker that the first poll of a future leaves behind, and a flag that orders nothing.
struct Handover {
    waker: Mutex<Option<Waker>>,
    go: AtomicUsize,
}

impl Handover {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            waker: Mutex::new(None),
            go: AtomicUsize::new(0),
        })
    }

    /// The waker, when the first poll has left it.
    fn waker(&self) -> Waker {
        loop {
            let left = self.waker.lock().unwrap().take();
            if let Some(waker) = left {
                return waker;
            }
            yield_now();
        }
    }

    /// Lets whoever waits for it go on.
    fn go(&self) {
        self.go.store(1, Relaxed);
    }

    fn wait(&self) {
        while self.go.load(Relaxed) == 0 {
            yield_now();
        }
    }
}

/// What was done before a wake is seen by the poll that it asks for, though it only sets a flag.
fn wake_during_poll(check: Check) {
    check.outcomes(&["seen"]).run(|run| {
        let pool = pool(1);
        let (cell, handover) = (cell(), Handover::new());
        let (cell_there, there) = (Arc::clone(&cell), Arc::clone(&handover));
        let mut polls = 0;
        let job = pool.spawn(poll_fn(move |context| {
            polls += 1;
            if polls == 2 {
                return Poll::Ready(cell_there.value());
            }
            *there.waker.lock().unwrap() = Some(context.waker().clone());
            there.wait();
            Poll::Pending
        }));
        let waker = handover.waker();
        cell.bump();
        waker.wake();
        handover.go();
        assert_eq!(job.wait().unwrap(), 1);
        run.saw("seen");
        pool.shutdown(PoolShutdown::Drain);
    });
}

/// What was done before a wake is seen by the poll that an earlier wake has asked for.
fn wake_of_queued(check: Check) {
    check.outcomes(&["seen"]).run(|run| {
        let pool = pool(1);
        let (cell, handover) = (cell(), Handover::new());
        let (cell_there, there) = (Arc::clone(&cell), Arc::clone(&handover));
        let mut polls = 0;
        let job = pool.spawn(poll_fn(move |context| {
            polls += 1;
            if polls == 2 {
                return Poll::Ready(cell_there.value());
            }
            *there.waker.lock().unwrap() = Some(context.waker().clone());
            Poll::Pending
        }));
        let waker = handover.waker();
        // The only worker is kept from the future while it is woken twice.
        let (begun, gate) = (Handover::new(), Arc::clone(&handover));
        let begins = Arc::clone(&begun);
        let keeps = pool.submit(move || {
            begins.go();
            gate.wait();
        });
        begun.wait();
        waker.wake_by_ref();
        cell.bump();
        waker.wake();
        handover.go();
        assert_eq!(job.wait().unwrap(), 1);
        keeps.wait().unwrap();
        run.saw("seen");
        pool.shutdown(PoolShutdown::Drain);
    });
}

/// What a poll has done is seen by whoever drops the future afterwards, on another thread.
fn polled_and_swept(check: Check) {
    check
        .outcomes(&["swept", "dropped by its worker"])
        .run(|run| {
            let pool = pool(1);
            let handover = Handover::new();
            let there = Arc::clone(&handover);
            let dropped_by = Arc::new(Mutex::new(None));
            let own = Own(Guarded::new(()), Arc::clone(&dropped_by));
            let job = pool.spawn(poll_fn(move |context| {
                *there.waker.lock().unwrap() = Some(context.waker().clone());
                // Behind everything that could order this with somebody else.
                own.0.bump();
                Poll::<()>::Pending
            }));
            handover.waker().wake();
            pool.shutdown(PoolShutdown::CancelQueued);
            assert!(matches!(job.wait(), Err(JobError::Cancelled)));
            let swept = *dropped_by.lock().unwrap() == Some(current().id());
            run.saw(if swept {
                "swept"
            } else {
                "dropped by its worker"
            });
        });
}

/// What a future owns. It says who has dropped it.
struct Own(Guarded<()>, Arc<Mutex<Option<ThreadId>>>);

impl Drop for Own {
    fn drop(&mut self) {
        // Before the lock, which would order this with others.
        self.0.bump();
        *self.1.lock().unwrap() = Some(current().id());
    }
}
