//! How scopes end: with panics, and with outcomes that borrow.

use crate::kit::{Count, OnDrop, fail, is_closed, occupy, panic_of};
use crate::watch::watched;
use core::panic::AssertUnwindSafe;
use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering::SeqCst;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::thread;
use syncline::thread::{Event, PoolShutdown, ThreadPool};

/// What a scope panicked with.
fn panic_in<R>(body: impl FnOnce() -> R) -> String {
    let Err(panic) = catch_unwind(AssertUnwindSafe(body)) else {
        panic!("it should have panicked")
    };
    let text = panic.downcast_ref::<&'static str>().copied();
    text.map(str::to_owned)
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap()
}

#[test]
fn a_body_that_panics_waits_for_its_jobs_first() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let ended = AtomicBool::new(false);
        let go = Event::new();
        let message = panic_in(|| {
            pool.scope(|scope| {
                scope
                    .submit(|| {
                        go.wait();
                        ended.store(true, SeqCst);
                    })
                    .detach();
                // A job that panics as well does not replace the panic of the body.
                scope.submit(|| fail::<()>("a job")).detach();
                go.set();
                fail::<()>("the body");
            });
        });
        assert_eq!(message, "the body");
        assert!(ended.load(SeqCst));
    });
}

#[test]
fn a_panic_that_was_taken_is_no_panic_of_the_scope() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        pool.scope(|scope| {
            let job = scope.submit(|| fail::<()>("taken"));
            assert_eq!(panic_of(job.wait()), "taken");
            let mut job = scope.submit(|| fail::<()>("taken"));
            let outcome = job.wait_timeout(crate::watch::LIMIT).unwrap();
            assert_eq!(panic_of(outcome), "taken");
        });
    });
}

#[test]
fn a_panic_whose_job_was_dropped_is_a_panic_of_the_scope() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let lost =
            "a job of the scope panicked or could not be done, and nobody was there to be told";
        // Dropped before it began, and after it had ended.
        let message = panic_in(|| pool.scope(|scope| drop(scope.submit(|| fail::<()>("lost")))));
        assert_eq!(message, lost);
        let message = panic_in(|| {
            pool.scope(|scope| {
                let job = scope.submit(|| fail::<()>("lost"));
                crate::watch::until("its end", || job.is_done());
                drop(job);
            });
        });
        assert_eq!(message, lost);
        // A job that was cancelled, or that ended well, is no loss.
        let busy = occupy(&pool);
        pool.scope(|scope| {
            drop(scope.submit(|| fail::<()>("never")).cancel_on_drop());
            drop(scope.submit(|| 5));
            busy.release();
        });
    });
}

/// tokio#8406: work that is left out while nobody is told looks as if it had been done.
#[test]
fn a_scope_does_not_leave_a_job_out_in_silence() {
    let lost = "a job of the scope panicked or could not be done, and nobody was there to be told";
    let closed = ThreadPool::new(1);
    closed.close();
    let broken = ThreadPool::builder()
        .on_start(|| fail::<()>("no connection"))
        .build();
    let barren = ThreadPool::builder().stack_size(1 << 46).build();
    for pool in [closed, broken, barren] {
        watched(&pool, || {
            let message = panic_in(|| pool.scope(|scope| scope.submit(|| ()).detach()));
            assert_eq!(message, lost);
            let message = panic_in(|| {
                let _ended: Result<_, syncline::GroupError<()>> = pool.try_scope(|scope| {
                    scope.submit("a job", || Ok(())).detach();
                    Ok(())
                });
            });
            assert_eq!(message, lost);
            // Whoever asks is told, and that is all.
            assert!(pool.scope(|scope| scope.submit(|| ()).wait()).is_err());
        });
    }
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let message = panic_in(|| {
            pool.scope(|scope| {
                let busy = occupy(&pool);
                scope.submit(|| ()).detach();
                pool.shutdown_timeout(PoolShutdown::CancelQueued, Duration::ZERO)
                    .unwrap_err();
                busy.release();
            });
        });
        assert_eq!(message, lost);
    });
}

#[test]
fn a_job_may_be_asked_after_its_scope() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let (five, panicked) =
            pool.scope(|scope| (scope.submit(|| 5), scope.submit(|| fail::<i32>("kept"))));
        assert!(five.is_done() && panicked.is_done());
        assert_eq!(panic_of(panicked.wait()), "kept");
        assert_eq!(five.wait().unwrap(), 5);
    });
}

#[test]
fn a_job_whose_outcome_borrows_may_be_kept_as_long_as_what_it_borrows() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let text = String::from("borrowed");
        let mut kept = None;
        pool.scope(|scope| kept = Some(scope.submit(|| text.as_str())));
        assert_eq!(kept.unwrap().wait().unwrap(), "borrowed");
    });
}

#[test]
fn closures_and_outcomes_that_nobody_takes_are_dropped_before_the_end() {
    for on_worker in [false, true] {
        for round in 0..200 {
            let pool = Arc::new(ThreadPool::new(2));
            let inner = Arc::clone(&pool);
            let body = move || {
                // What the destructors look at is gone after the scope.
                let alive = AtomicBool::new(true);
                let (closures, outcomes) = (Count::default(), Count::default());
                inner.scope(|scope| {
                    for job in 0..4 {
                        let alive = &alive;
                        let (closures, outcomes) = (closures.clone(), outcomes.clone());
                        let note = |count: Count| {
                            OnDrop::new(move || {
                                assert!(alive.load(SeqCst));
                                count.add();
                            })
                        };
                        let (closure, outcome) = (note(closures), note(outcomes));
                        let job_handle = scope.submit(move || {
                            drop(closure);
                            if job == round % 4 {
                                fail::<()>("with the outcome in the closure");
                            }
                            outcome
                        });
                        match job {
                            0 | 1 => drop(job_handle),
                            2 => drop(job_handle.wait()),
                            // One that has begun meanwhile may be the one that panics.
                            _ if job_handle.cancel() => {}
                            _ => drop(job_handle.wait()),
                        }
                    }
                    // The panic of the first two is lost otherwise.
                    if round % 4 < 2 {
                        fail::<()>("the body");
                    }
                });
                (closures.get(), outcomes.get(), alive.swap(false, SeqCst))
            };
            watched(&pool, || {
                if round % 4 < 2 {
                    if on_worker {
                        assert_eq!(panic_of(pool.submit(body).wait()), "the body");
                    } else {
                        assert_eq!(panic_in(body), "the body");
                    }
                    return;
                }
                let ends = if on_worker {
                    pool.submit(body).wait().unwrap()
                } else {
                    body()
                };
                assert_eq!(ends, (4, 4, true));
            });
        }
    }
}

/// Destructors take their time, and the scope waits for them, wherever they run.
#[test]
fn a_scope_waits_for_slow_destructors() {
    let pool = ThreadPool::new(1);
    let slow = Duration::from_millis(20);
    watched(&pool, || {
        let dropped = Count::default();
        let begun = Event::new();
        let note = || {
            OnDrop::new(|| {
                begun.set();
                thread::sleep(slow);
                dropped.add();
            })
        };
        // Of an outcome that nobody takes, on the worker.
        let outcome = note();
        pool.scope(|scope| drop(scope.submit(move || outcome)));
        assert_eq!(dropped.get(), 1);
        // Of a closure that is called.
        let closure = note();
        pool.scope(|scope| drop(scope.submit(move || drop(closure))));
        assert_eq!(dropped.get(), 2);
        // Of a closure that somebody else cancels.
        let busy = occupy(&pool);
        let closure = note();
        begun.clear();
        thread::scope(|threads| {
            pool.scope(|scope| {
                let job = scope.submit(move || drop(closure));
                threads.spawn(move || job.cancel());
                begun.wait();
            });
            assert_eq!(dropped.get(), 3);
        });
        busy.release();
    });
}

#[test]
fn an_outcome_whose_destructor_panics_is_no_panic_of_the_scope() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let dropped = Count::default();
        pool.scope(|scope| {
            let bomb = crate::kit::Bomb::new(&dropped);
            scope.submit(move || bomb).detach();
            let bomb = crate::kit::Bomb::new(&dropped);
            let cancelled = scope.submit(move || drop(bomb));
            cancelled.cancel();
        });
        assert_eq!(dropped.get(), 2);
        pool.submit(|| ()).wait().unwrap();
    });
}

#[test]
fn two_scopes_on_two_threads_do_not_wait_for_each_other() {
    let pool = ThreadPool::new(2);
    watched(&pool, || {
        let go = Event::new();
        thread::scope(|threads| {
            let slow = threads.spawn(|| pool.scope(|scope| scope.submit(|| go.wait()).wait()));
            pool.scope(|scope| scope.submit(|| ()).wait().unwrap());
            assert!(!slow.is_finished());
            go.set();
            slow.join().unwrap().unwrap();
        });
    });
}

#[test]
fn a_pool_that_ends_inside_its_scope_is_no_trouble() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        pool.scope(|scope| {
            scope.submit(|| ()).detach();
            pool.shutdown(PoolShutdown::Drain);
            assert!(is_closed(&scope.submit(|| ()).wait()));
        });
    });
}
