//! Models of the pool of threads: who is called, who sleeps, who ends. Those of its futures are in
//! `pool_task`.

use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::JobError;
use syncline::internals::{fire_timers, sleeping};
use syncline::loom::{
    self,
    thread::{current, spawn, yield_now},
};
use syncline::task::block_on;
use syncline::thread::{Event, PoolShutdown, ThreadPool};

use crate::kit::{Check, Guarded, Model, model};

/// The models of this file. An execution has hundreds of steps, so that the bound is low.
pub(crate) const MODELS: &[Model] = &[
    model!("pool/thread/submit_against_going_to_sleep", sleep)
        .dear()
        .fewer_preemptions(1),
    model!("pool/thread/last_searcher_calls_another", searcher)
        .fewer_preemptions(2)
        .limit(600),
    model!("pool/thread/steal_from_a_worker_that_stands", steal)
        .dear()
        .fewer_preemptions(2),
    model!("pool/thread/two_submit_at_once", two).fewer_preemptions(2),
    model!("pool/thread/shutdown_against_submit", shutdown).fewer_preemptions(1),
    model!("pool/thread/cancel_against_start", cancel).fewer_preemptions(1),
    model!("pool/thread/cancel_queued_against_start", cancel_queued).fewer_preemptions(1),
    model!("pool/thread/cancel_of_what_owns_the_pool", cancel_owner),
    model!("pool/thread/due_against_drain", due).fewer_preemptions(1),
    model!("pool/thread/shutdown_timeout_against_end", shutdown_timeout).fewer_preemptions(1),
    model!("pool/thread/retirement_against_submit", retirement)
        .dear()
        .fewer_preemptions(1),
    model!("pool/thread/put_back_against_going_to_sleep", put_back)
        .fewer_preemptions(2)
        .limit(600),
    model!("pool/thread/map_keeps_the_order", map)
        .fewer_preemptions(2)
        .limit(600),
    model!("pool/thread/claim_against_another_worker", claim)
        .dear()
        .fewer_preemptions(2),
    model!("pool/thread/wait_inside_a_job_is_stood_in_for", stand_in)
        .dear()
        .fewer_preemptions(2),
    model!("pool/thread/scope_ends_after_its_job", scope).fewer_preemptions(1),
    model!("pool/thread/scope_on_a_worker_does_its_job", inner_scope).fewer_preemptions(1),
    model!("pool/thread/failure_against_begin", try_scope).fewer_preemptions(2),
];

const LONG: Duration = Duration::from_secs(60);

fn pool(workers: usize) -> Arc<ThreadPool> {
    pool_with(workers, 0)
}

fn pool_with(workers: usize, max_blocked: usize) -> Arc<ThreadPool> {
    let builder = ThreadPool::builder().workers(workers);
    Arc::new(builder.max_blocked(max_blocked).build())
}

/// What a job writes and whoever waits for it reads.
pub(crate) fn cell() -> Arc<Guarded<()>> {
    Arc::new(Guarded::new(()))
}

/// Whenever a worker goes to sleep, what is submitted next is done.
fn sleep(check: Check) {
    check.outcomes(&["asleep", "awake"]).run(|run| {
        let pool = pool(1);
        let cell = cell();
        for round in 1..3 {
            if round == 2 {
                let asleep = sleeping(&pool) == 1;
                run.saw(if asleep { "asleep" } else { "awake" });
            }
            let inside = Arc::clone(&cell);
            let job = pool.submit(move || {
                inside.bump();
                inside.value()
            });
            assert_eq!(job.wait().unwrap(), round);
            assert_eq!(cell.value(), round);
        }
        pool.shutdown(PoolShutdown::Drain);
    });
}

/// A delayed closure that is cancelled may own the pool: its last owner waits for the end, which does not
/// wait for this closure.
fn cancel_owner(check: Check) {
    check
        .outcomes(&["the closure was last", "the other was last"])
        .expiries(&[None])
        .run(|run| {
            let pool = pool(1);
            let kept = pool.spawner();
            let closure = {
                let pool = Arc::clone(&pool);
                move || drop(pool)
            };
            let job = pool.submit_after(LONG, closure);
            // What owners of an `Arc` do is no step of a model; this is one, on either side.
            let step = Arc::new(loom::sync::atomic::AtomicUsize::new(0));
            let other = spawn({
                let step = Arc::clone(&step);
                move || {
                    step.store(1, Relaxed);
                    Arc::into_inner(pool).is_some()
                }
            });
            step.load(Relaxed);
            assert!(job.cancel() && job.is_done());
            let last = other.join().unwrap();
            run.saw(if last {
                "the other was last"
            } else {
                "the closure was last"
            });
            assert!(matches!(job.wait(), Err(JobError::Cancelled)));
            drop(kept);
        });
}

/// What is due while the pool drains is done.
fn due(check: Check) {
    check
        .outcomes(&["due before", "due meanwhile"])
        .expiries(&[Some(0)])
        .run(|run| {
            let (pool, fired) = (pool(1), Arc::new(AtomicUsize::new(0)));
            let job = pool.submit_after(Duration::from_nanos(1), || 7);
            let timer = spawn({
                let fired = Arc::clone(&fired);
                move || {
                    fire_timers();
                    fired.store(1, Relaxed);
                }
            });
            yield_now();
            run.saw(["due meanwhile", "due before"][fired.load(Relaxed)]);
            pool.shutdown(PoolShutdown::Drain);
            timer.join().unwrap();
            assert_eq!(job.wait().unwrap(), 7);
        });
}

/// Whoever waits for a job that has not begun looks whether it is the newest of its deque, and puts back what else it
/// finds there; another worker that goes to sleep meanwhile is called for it.
fn put_back(check: Check) {
    check
        .outcomes(&["done inside the wait", "done by the other"])
        .run(|run| {
            let pool = pool(2);
            let (stands, goes_on) = standstill();
            let inside = Arc::clone(&pool);
            let job = pool.submit(move || {
                let older = inside.submit(|| current().id());
                inside.submit(goes_on).detach();
                let doer = older.wait().unwrap();
                stands();
                doer == current().id()
            });
            let by_itself = job.wait().unwrap();
            run.saw(["done by the other", "done inside the wait"][usize::from(by_itself)]);
            pool.shutdown(PoolShutdown::Drain);
        });
}

/// A worker that has slept for long enough goes, and what is submitted at that moment is done by
/// somebody, also if the pool is closed behind it.
fn retirement(check: Check) {
    check
        .outcomes(&["the same", "another"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let pool = ThreadPool::builder().workers(1).max_blocked(0);
            let pool = pool.keep_alive(LONG).build();
            let cell = cell();
            let job = || {
                let inside = Arc::clone(&cell);
                pool.submit(move || {
                    inside.bump();
                    current().id()
                })
            };
            let first = job().wait().unwrap();
            let second = job();
            pool.shutdown(PoolShutdown::Drain);
            assert_eq!(cell.value(), 2);
            let same = second.wait().unwrap() == first;
            run.saw(if same { "the same" } else { "another" });
        });
}

/// A job that waits for the one behind it, submitted back to back: while one worker is on its way
/// nobody is called for the second, so whoever finds the first must call for more (trap A31).
fn searcher(check: Check) {
    check.outcomes(&["both ran"]).min_executions(5).run(|run| {
        let pool = pool(2);
        let (stands, goes_on) = standstill();
        let first = pool.submit(stands);
        pool.submit(goes_on).detach();
        first.wait().unwrap();
        run.saw("both ran");
        pool.shutdown(PoolShutdown::Drain);
    });
}

/// Two closures, of which the first does not return before the second has. It waits in a way that no pool sees, as
/// for a lock of another crate: nobody stands in for its worker.
fn standstill() -> (impl FnOnce() + Send, impl FnOnce() + Send) {
    let waits = Arc::new(loom::sync::Notify::new());
    let tells = Arc::clone(&waits);
    (move || waits.wait(), move || tells.notify())
}

/// A job that its worker has put aside is taken by another, for the first stands still.
fn steal(check: Check) {
    check.outcomes(&["stolen"]).min_executions(5).run(|run| {
        let pool = pool(2);
        let inner = Arc::clone(&pool);
        let came = Arc::new(Event::new());
        let (waits, sets) = (Arc::clone(&came), Arc::clone(&came));
        let job = pool.submit(move || {
            inner.submit(move || sets.set()).detach();
            waits.wait();
        });
        job.wait().unwrap();
        run.saw("stolen");
        pool.shutdown(PoolShutdown::Drain);
    });
}

/// Two threads submit at once; the one worker does both.
fn two(check: Check) {
    check.outcomes(&["mine first", "mine second"]).run(|run| {
        let pool = pool(1);
        let cell = cell();
        let bump = |cell: &Arc<Guarded<()>>| {
            let cell = Arc::clone(cell);
            move || {
                cell.bump();
                cell.value()
            }
        };
        let other = {
            let (pool, bump) = (Arc::clone(&pool), bump(&cell));
            spawn(move || pool.submit(bump))
        };
        let mine = pool.submit(bump(&cell));
        let theirs = other.join().unwrap();
        pool.shutdown(PoolShutdown::Drain);
        let places = (mine.wait().unwrap(), theirs.wait().unwrap());
        assert!(places == (1, 2) || places == (2, 1));
        run.saw(["mine first", "mine second"][places.0 - 1]);
    });
}

/// What comes while the pool is shut down is done or refused, and never forgotten (trap A32).
fn shutdown(check: Check) {
    check.outcomes(&["done", "refused"]).run(|run| {
        let pool = pool(1);
        let other = {
            let pool = Arc::clone(&pool);
            spawn(move || pool.submit(|| 1).wait())
        };
        pool.shutdown(PoolShutdown::Drain);
        match other.join().unwrap() {
            Ok(value) => {
                assert_eq!(value, 1);
                run.saw("done");
            }
            Err(JobError::Closed) => run.saw("refused"),
            Err(error) => panic!("{error}"),
        }
    });
}

/// A job is done or cancelled, exactly one of them.
fn cancel(check: Check) {
    check.outcomes(&["done", "cancelled"]).run(|run| {
        let pool = pool(1);
        let count = Arc::new(AtomicUsize::new(0));
        let inside = Arc::clone(&count);
        let job = pool.submit(move || inside.fetch_add(1, Relaxed));
        let cancelled = job.cancel();
        match job.wait() {
            Ok(_) => {
                assert!(!cancelled);
                run.saw("done");
            }
            Err(JobError::Cancelled) => {
                assert!(cancelled);
                run.saw("cancelled");
            }
            Err(error) => panic!("{error}"),
        }
        pool.shutdown(PoolShutdown::Drain);
        assert_eq!(count.load(Relaxed), usize::from(!cancelled));
    });
}

/// The same by a shutdown.
fn cancel_queued(check: Check) {
    check.outcomes(&["done", "cancelled"]).run(|run| {
        let pool = pool(1);
        let job = pool.submit(|| 1);
        yield_now();
        pool.shutdown(PoolShutdown::CancelQueued);
        assert!(job.is_done());
        run.saw(match job.wait() {
            Ok(_) => "done",
            Err(JobError::Cancelled) => "cancelled",
            Err(error) => panic!("{error}"),
        });
    });
}

/// A shutdown that gives up says so, and can be said again.
fn shutdown_timeout(check: Check) {
    check
        .outcomes(&["ended", "late", "later"])
        .expiries(&[Some(0), None])
        .run(|run| {
            let pool = pool(1);
            let job = pool.submit(|| 1);
            yield_now();
            let in_time = pool.shutdown_timeout(PoolShutdown::Drain, LONG).is_ok();
            let at = Instant::now() + LONG;
            if in_time {
                run.saw("ended");
            } else if pool.shutdown_deadline(PoolShutdown::Drain, at).is_ok() {
                run.saw("late");
            } else {
                run.saw("later");
                pool.shutdown(PoolShutdown::Drain);
            }
            assert!(job.is_done());
            assert_eq!(job.wait().unwrap(), 1);
        });
}

/// What two jobs become comes in the order of the items, whichever ends first.
fn map(check: Check) {
    check.outcomes(&["in order"]).min_executions(5).run(|run| {
        let pool = pool(2);
        let doubles: Vec<usize> = (pool.map([1, 2], |item| item * 2))
            .map(Result::unwrap)
            .collect();
        assert_eq!(doubles, [2, 4]);
        let mut at_once = pool.map_timeout([1], Duration::ZERO, |item| item);
        assert!(at_once.all(|item| item.is_err()));
        run.saw("in order");
        pool.shutdown(PoolShutdown::Drain);
    });
}

/// A job that waits for another calls it itself, unless somebody else has begun.
fn claim(check: Check) {
    check.outcomes(&["called here", "called there"]).run(|run| {
        let pool = pool(2);
        let inner = Arc::clone(&pool);
        let cell = cell();
        let inside = Arc::clone(&cell);
        let job = pool.submit(move || {
            let here = current().id();
            let bump = Arc::clone(&inside);
            let job = inner.submit(move || {
                bump.bump();
                current().id()
            });
            let there = job.wait().unwrap();
            inside.bump();
            here == there
        });
        let same = job.wait().unwrap();
        run.saw(if same { "called here" } else { "called there" });
        assert_eq!(cell.value(), 2);
        pool.shutdown(PoolShutdown::Drain);
    });
}

/// A wait that is not the pool's own way to wait leaves the worker's place to another.
fn stand_in(check: Check) {
    check
        .outcomes(&["stood in for"])
        .min_executions(5)
        .run(|run| {
            let pool = pool_with(1, 1);
            let inner = Arc::clone(&pool);
            let job = pool.submit(move || block_on(inner.submit(|| 2)).unwrap());
            assert_eq!(job.wait().unwrap(), 2);
            run.saw("stood in for");
            pool.shutdown(PoolShutdown::Drain);
        });
}

/// A scope does not end before its job, which borrows.
fn scope(check: Check) {
    check.outcomes(&["late", "early"]).run(|run| {
        let pool = pool(1);
        let cell = Guarded::new(());
        pool.scope(|scope| {
            let job = scope.submit(|| cell.bump());
            yield_now();
            run.saw(if job.is_done() { "early" } else { "late" });
            job.detach();
        });
        assert_eq!(cell.value(), 1);
        pool.shutdown(PoolShutdown::Drain);
    });
}

/// The end of a scope on the only worker does what nobody else can.
fn inner_scope(check: Check) {
    check.outcomes(&["done"]).min_executions(5).run(|run| {
        let pool = pool(1);
        let inner = Arc::clone(&pool);
        let job = pool.submit(move || {
            let cell = Guarded::new(());
            inner.scope(|scope| scope.submit(|| cell.bump()).detach());
            cell.value()
        });
        assert_eq!(job.wait().unwrap(), 1);
        run.saw("done");
        pool.shutdown(PoolShutdown::Drain);
    });
}

/// While the body fails a job begins, or does not; the scope ends after both, with the error.
fn try_scope(check: Check) {
    check.outcomes(&["begun", "cancelled"]).run(|run| {
        let pool = pool(1);
        let cell = Guarded::new(());
        let result = pool.try_scope(|scope| {
            let job = scope.submit("begins", || {
                cell.bump();
                Ok(())
            });
            job.detach();
            Err::<(), _>(7)
        });
        assert_eq!(result.unwrap_err().first.1, 7);
        let begun = cell.value() == 1;
        run.saw(if begun { "begun" } else { "cancelled" });
        pool.shutdown(PoolShutdown::Drain);
    });
}
