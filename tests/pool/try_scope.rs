//! Scopes whose first failure keeps the rest from beginning.

use crate::watch::watched;
use core::panic::AssertUnwindSafe;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::SeqCst;
use std::panic::{catch_unwind, resume_unwind};
use syncline::thread::{Event, ThreadPool};
use syncline::{GroupError, JobError, Name};

#[test]
fn values_come_from_the_jobs_and_from_the_body_and_may_borrow() {
    let pool = ThreadPool::new(2);
    let text = String::from("borrowed");
    let sum = pool.try_scope(|scope| {
        let jobs = [1, 2].map(|n| {
            scope
                .submit("length", || Ok::<_, ()>(text.len()))
                .wait()
                .unwrap()
                + n
        });
        Ok(jobs.iter().sum::<usize>())
    });
    assert_eq!(sum, Ok(19));
}

#[test]
fn what_has_not_begun_when_one_fails_never_begins() {
    let pool = ThreadPool::new(1);
    let (ready, began) = (Event::new(), AtomicUsize::new(0));
    let mut late = None;
    let error = watched(&"a scope", || {
        pool.try_scope(|scope| {
            let failing = scope.submit("fails", || {
                ready.wait();
                Err::<(), _>("no")
            });
            let waiting = [(); 3].map(|()| {
                scope.submit(String::from("waits"), || {
                    began.fetch_add(1, SeqCst);
                    Ok(())
                })
            });
            ready.set();
            assert!(matches!(failing.wait(), Err(JobError::Failed(_))));
            assert!(scope.is_cancelled());
            for job in waiting {
                assert!(matches!(job.wait(), Err(JobError::Cancelled)));
            }
            late = Some(scope.submit("late", || Ok(())).wait().is_err());
            Ok(())
        })
    });
    assert_eq!(
        error,
        Err(GroupError {
            first: (Name::from("fails"), "no"),
            rest: Vec::new()
        })
    );
    assert_eq!((began.into_inner(), late), (0, Some(true)));
}

#[test]
fn what_runs_goes_on_and_its_error_comes_beside_the_first() {
    let pool = ThreadPool::new(2);
    let both = [Event::new(), Event::new()];
    let error = watched(&"a scope", || {
        pool.try_scope(|scope| {
            for (name, me) in [("a", 0), ("b", 1)] {
                let both = &both;
                let job = scope.submit(name, move || {
                    both[me].set();
                    both[1 - me].wait();
                    Err::<(), _>(me)
                });
                job.detach();
            }
            Ok(())
        })
    });
    let error = error.unwrap_err();
    let mut all: Vec<_> = error.iter().map(|(_, me)| *me).collect();
    all.sort_unstable();
    assert_eq!(all, [0, 1]);
}

#[test]
fn an_error_of_the_body_bears_its_name() {
    let pool = ThreadPool::new(1);
    let error = pool.try_scope(|_scope| Err::<(), _>(3)).unwrap_err();
    assert_eq!(error.first, (Name::THE_BODY, 3));
}

#[test]
fn a_panic_goes_on_when_all_jobs_have_ended() {
    let pool = ThreadPool::new(2);
    for of_the_body in [false, true] {
        let ended = AtomicUsize::new(0);
        let caught = catch_unwind(AssertUnwindSafe(|| {
            pool.try_scope(|scope| {
                let begun = Event::new();
                let (begun, ended) = (std::sync::Arc::new(begun), &ended);
                let there = std::sync::Arc::clone(&begun);
                let other = scope.clone();
                scope
                    .submit("runs on", move || {
                        there.set();
                        while !other.is_cancelled() {
                            std::thread::yield_now();
                        }
                        ended.fetch_add(1, SeqCst);
                        Ok::<_, ()>(())
                    })
                    .detach();
                begun.wait();
                if of_the_body {
                    resume_unwind(Box::new("tea"));
                }
                scope
                    .submit("panics", || -> Result<(), ()> {
                        resume_unwind(Box::new("tea"))
                    })
                    .detach();
                Ok(())
            })
        }));
        assert_eq!(*caught.unwrap_err().downcast::<&str>().unwrap(), "tea");
        assert_eq!(ended.into_inner(), 1);
    }
}

#[test]
fn on_the_only_worker_the_end_of_the_scope_ends_the_rest() {
    let pool = ThreadPool::new(1);
    let spawner = std::sync::Arc::new(pool);
    let inner = std::sync::Arc::clone(&spawner);
    let job = spawner.submit(move || {
        inner.try_scope(|scope| {
            scope.submit("works", || Ok(())).detach();
            scope.submit("fails", || Err::<(), _>(1)).detach();
            Ok(())
        })
    });
    assert_eq!(
        watched(&"a scope", || job.wait())
            .unwrap()
            .unwrap_err()
            .first
            .1,
        1
    );
}
