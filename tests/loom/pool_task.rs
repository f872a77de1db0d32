//! Models of the futures of a pool: who queues them, who polls them, who drops them.

use core::future::poll_fn;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use core::task::{Poll, Waker};
use std::sync::Arc;

use syncline::JobError;
use syncline::loom::sync::Mutex;
use syncline::loom::thread::{spawn, yield_now};
use syncline::thread::{Event, PoolShutdown, ThreadPool};

use crate::kit::{Check, Guarded, Model, model};
use crate::pool::cell;

/// The models of this file. An execution has hundreds of steps, so that the bound is low.
pub(crate) const MODELS: &[Model] = &[
    model!("pool/task/wake_against_poll", wake).fewer_preemptions(2),
    model!("pool/task/cancel_against_poll", stop).fewer_preemptions(1),
    model!("pool/task/cancel_queued_against_wake", stop_all).fewer_preemptions(2),
    model!("pool/task/two_wakes_against_poll", two_wakes).fewer_preemptions(2),
    model!("pool/task/shutdown_against_spawn", late_spawn).fewer_preemptions(1),
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
            Err(JobError::PoolClosed) => "refused",
            other => panic!("{other:?}"),
        });
    });
}
