//! Models of a pool whose threads cannot all be started, and of thieves that take several jobs at once.

use std::sync::Arc;

use syncline::JobError;
use syncline::internals::sleeping;
use syncline::loom::thread::{current, spawn};
use syncline::task;
use syncline::thread::{Event, PoolShutdown, ThreadPool};

use crate::kit::{Check, Guarded, Model, Starts, Unlock, model};
use crate::pool::cell;

/// The models of this file. An execution has hundreds of steps, so that the bound is low.
pub(crate) const MODELS: &[Model] = &[
    model!("pool/thread/failed_start_against_submit", failed)
        .fewer_preemptions(2)
        .limit(600),
    model!("pool/thread/failed_start_of_a_stand_in", stand_in)
        .fewer_preemptions(2)
        .limit(600),
    model!("pool/thread/failed_start_against_shutdown", shutdown)
        .fewer_preemptions(1)
        .limit(600),
    model!("pool/thread/steal_of_several", several)
        .fewer_preemptions(2)
        .limit(600),
    model!(
        "pool/thread/taken_along_against_going_to_sleep",
        taken_along
    )
    .fewer_preemptions(2)
    .limit(600),
];

fn pool(workers: usize) -> Arc<ThreadPool> {
    let builder = ThreadPool::builder().workers(workers);
    Arc::new(builder.max_blocked(0).build())
}

fn bump(cell: &Arc<Guarded<()>>) -> impl FnOnce() + Send + use<> {
    let cell = Arc::clone(cell);
    move || cell.bump()
}

/// What is submitted while a second thread is being started counts on that one. If it cannot be started, the
/// first does everything, and is called for it where it has gone to sleep.
fn failed(check: Check) {
    check
        .outcomes(&["the first slept", "the first was awake"])
        .starts(&[Starts::Before(1)])
        .run(|run| {
            let (pool, cell) = (pool(2), cell());
            let first = pool.submit(bump(&cell));
            let other = {
                let (pool, cell) = (Arc::clone(&pool), Arc::clone(&cell));
                spawn(move || pool.submit(bump(&cell)))
            };
            let second = pool.submit(bump(&cell));
            let asleep = sleeping(&pool) == 1;
            run.saw(["the first was awake", "the first slept"][usize::from(asleep)]);
            let third = other.join().unwrap();
            for job in [first, second, third] {
                job.wait().unwrap();
            }
            assert_eq!(cell.value(), 3);
            pool.shutdown(PoolShutdown::Drain);
        });
}

/// While a thread is started in the place of one that is blocked, that one comes back, and lingers: it is not
/// needed. What is submitted then counts on the other. If that cannot be started the first is called after all;
/// or it is blocked still, and nobody is there.
fn stand_in(check: Check) {
    check
        .outcomes(&["done by the first", "nobody was there"])
        .starts(&[Starts::Before(1)])
        .run(|run| {
            // Two: the last is kept for what the blocked ones wait for.
            let builder = ThreadPool::builder().workers(1).max_blocked(2);
            let (pool, cell) = (Arc::new(builder.build()), cell());
            let [begun, came] = core::array::from_fn(|_| Arc::new(Event::new()));
            let (begins, waits) = (Arc::clone(&begun), Arc::clone(&came));
            let first = pool.submit(move || {
                begins.set();
                waits.wait();
            });
            begun.wait();
            first.detach();
            let other = spawn(move || came.set());
            match pool.submit(bump(&cell)).wait() {
                Ok(()) => {
                    run.saw("done by the first");
                    assert_eq!(cell.value(), 1);
                }
                Err(JobError::NotStarted(_)) => run.saw("nobody was there"),
                Err(error) => panic!("{error}"),
            }
            other.join().unwrap();
            pool.shutdown(PoolShutdown::Drain);
        });
}

/// A pool that is shut down while a thread is being started, or fails to be, ends once, behind that.
fn shutdown(check: Check) {
    check
        .outcomes(&["done", "refused", "not started"])
        .starts(&[Starts::All, Starts::Without(0)])
        .run(|run| {
            let pool = pool(1);
            let other = {
                let pool = Arc::clone(&pool);
                spawn(move || pool.shutdown(PoolShutdown::Drain))
            };
            // This thread starts the worker, and may be slow to note that it has.
            run.saw(match pool.submit(|| 1).wait() {
                Ok(_) => "done",
                Err(JobError::Closed) => "refused",
                Err(JobError::NotStarted(_)) => "not started",
                Err(error) => panic!("{error}"),
            });
            other.join().unwrap();
        });
}

/// A thief takes more than it begins with from a worker that stands still; what it takes along is done, too.
fn several(check: Check) {
    check
        .outcomes(&["begun with", "taken along"])
        .batches(&[1])
        .min_executions(5)
        .run(|run| {
            let pool = pool(2);
            let (inner, cell) = (Arc::clone(&pool), cell());
            let came = Arc::new(Event::new());
            let (waits, sets) = (Arc::clone(&came), Arc::clone(&came));
            let inside = Arc::clone(&cell);
            let job = pool.submit(move || {
                let first = inner.submit(bump(&inside));
                inner.submit(move || sets.set()).detach();
                // Not a wait for a job, and nobody stands in for this worker.
                waits.wait();
                first
            });
            let first = job.wait().unwrap();
            run.saw(["taken along", "begun with"][usize::from(first.is_done())]);
            first.wait().unwrap();
            assert_eq!(cell.value(), 1);
            pool.shutdown(PoolShutdown::Drain);
        });
}

/// A worker that comes from a job steals two, of which the first waits for the second, while the other
/// worker looks for work and goes to sleep: that one is called for what has been taken along.
fn taken_along(check: Check) {
    check
        .outcomes(&["where it was submitted", "taken from there"])
        .batches(&[1])
        .unlocks(&[Unlock::Asymmetric])
        .run(|run| {
            let pool = pool(2);
            let inner = Arc::clone(&pool);
            let [submitted, done] = [(); 2].map(|()| Arc::new(task::Lock::new(())));
            let [is_submitted, is_done] =
                [&submitted, &done].map(|lock| lock.try_lock_owned().unwrap());
            // Waits for locks are no waits that the pool sees: nobody is called for these.
            let job = pool.submit(move || {
                let waits = inner.submit(move || {
                    drop(done.as_thread().lock());
                    current().id()
                });
                inner.submit(move || drop(is_done)).detach();
                drop(submitted.as_thread().lock());
                (current().id(), waits)
            });
            pool.submit(move || drop(is_submitted)).detach();
            let (here, waits) = job.wait().unwrap();
            let there = waits.wait().unwrap();
            run.saw(["taken from there", "where it was submitted"][usize::from(here == there)]);
            pool.shutdown(PoolShutdown::Drain);
        });
}
