//! Jobs from outside and from inside: their order, their names, and which thread does them.

use crate::kit::{Count, Log, occupy, wait_for};
use crate::watch::{until, watched};
use std::collections::HashSet;
use std::sync::{Arc, Barrier};
use std::thread;
use syncline::thread::{Event, PoolShutdown, ThreadPool};
use syncline::{Job, JobError};

#[test]
fn what_comes_from_outside_is_done_in_order_by_a_pool_of_one() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let log = Log::default();
        let busy = occupy(&pool);
        for number in 0..1000 {
            let log = log.clone();
            pool.submit(move || log.note(number)).detach();
        }
        busy.release();
        pool.submit(|| ()).wait().unwrap();
        let order = log.take();
        assert_eq!(order.len(), 1000);
        assert_eq!(
            order.iter().enumerate().find(|&(place, &job)| place != job),
            None
        );
    });
}

#[test]
fn what_a_job_submits_is_done_newest_first() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&pool, || {
        let log = Log::default();
        let inner = (Arc::clone(&pool), log.clone());
        let outer = pool.submit(move || {
            let (pool, log) = inner;
            for number in 0..5 {
                let log = log.clone();
                pool.submit(move || log.note(number)).detach();
            }
        });
        outer.wait().unwrap();
        pool.shutdown(PoolShutdown::Drain);
        assert_eq!(log.take(), [4, 3, 2, 1, 0]);
    });
}

/// A future that always goes on at once, and outsiders that come without end, leave turns for what
/// lies below.
#[test]
fn a_job_below_a_busy_future_is_done_however_much_comes_from_outside() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&pool, || {
        let done = Arc::new(Event::new());
        let job = pool.submit({
            let (pool, done) = (Arc::clone(&pool), Arc::clone(&done));
            move || {
                let below = Arc::clone(&done);
                pool.submit(move || below.set()).detach();
                pool.spawn(async move {
                    let mut turns = 0;
                    while !done.is_set() && turns < 200_000 {
                        turns += 1;
                        futures_lite::future::yield_now().await;
                    }
                    turns
                })
            }
        });
        let busy = job.wait().unwrap();
        while !busy.is_done() {
            if pool.queued() < 20 {
                pool.submit(|| ()).detach();
            }
        }
        assert!(busy.wait().unwrap() < 200_000);
    });
}

#[test]
fn a_job_has_the_name_that_it_was_given() {
    let pool = ThreadPool::new(1);
    let job = pool.submit_named(String::from("square"), || 9);
    assert_eq!(job.name(), Some("square"));
    assert!(pool.submit(|| ()).name().is_none());
    assert_eq!(job.wait().unwrap(), 9);
}

#[test]
fn threads_are_named_after_the_pool_and_numbered() {
    let pool = ThreadPool::builder()
        .workers(2)
        .name_prefix("reader")
        .build();
    watched(&pool, || {
        let both = Arc::new(Barrier::new(2));
        let job = || {
            let both = Arc::clone(&both);
            pool.submit(move || {
                both.wait();
                thread::current().name().map(str::to_owned)
            })
        };
        let mut names = [job(), job()].map(|job| job.wait().unwrap().unwrap());
        names.sort();
        assert_eq!(names, ["reader-0", "reader-1"]);
    });
}

#[test]
fn a_name_that_no_system_has_is_no_panic() {
    let pool = ThreadPool::builder().workers(1).name_prefix("a\0b").build();
    let name = pool.submit(|| thread::current().name().map(str::to_owned));
    assert_eq!(name.wait().unwrap().as_deref(), Some("ab-0"));
}

#[test]
fn what_a_closed_pool_does_not_take_in_is_given_back() {
    let pool = ThreadPool::new(1);
    let dropped = Count::default();
    let accepted = pool.try_submit(|| 1).unwrap();
    assert_eq!(accepted.wait().unwrap(), 1);
    pool.close();
    let token = dropped.token();
    let rejected = pool.try_submit(move || drop(token)).unwrap_err();
    assert!(!rejected.is_broken());
    assert_eq!(rejected.to_string(), "the pool has been closed");
    assert_eq!(dropped.get(), 0);
    rejected.into_inner()();
    assert_eq!(dropped.get(), 1);
}

#[test]
fn a_closed_pool_does_what_it_has_and_drops_what_comes() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let busy = occupy(&pool);
        let early = pool.submit(|| 1);
        pool.close();
        let dropped = Count::default();
        let token = dropped.token();
        let late = pool.submit(move || drop(token));
        assert!(late.is_done() && !late.is_cancelled());
        assert_eq!(dropped.get(), 1);
        let future = pool.spawn(async {});
        assert!(future.is_done());
        busy.release();
        assert_eq!(early.wait().unwrap(), 1);
        assert!(matches!(late.wait(), Err(JobError::Closed)));
        assert!(matches!(future.wait(), Err(JobError::Closed)));
    });
}

#[test]
fn no_thread_is_started_before_it_is_needed() {
    let started = Count::default();
    let count = started.clone();
    let pool = ThreadPool::builder().workers(4).on_start(move || {
        count.add();
    });
    let pool = pool.build();
    watched(&pool, || {
        assert_eq!((pool.workers(), pool.idle(), pool.queued()), (4, 0, 0));
        assert_eq!(started.get(), 0);
        pool.submit(|| ()).wait().unwrap();
        assert_eq!(started.get(), 1);
    });
}

/// Trap A30.
#[test]
fn a_thread_that_has_nothing_to_do_is_used_before_another_is_started() {
    let started = Count::default();
    let count = started.clone();
    let pool = ThreadPool::builder().workers(4).on_start(move || {
        count.add();
    });
    let pool = pool.build();
    watched(&pool, || {
        for _ in 0..100 {
            pool.submit(|| ()).wait().unwrap();
            until("an idle thread", || pool.idle() == 1);
        }
        assert_eq!(started.get(), 1);
    });
}

/// Traps A28, A31.
#[test]
fn jobs_that_need_each_other_run_at_once_after_any_backlog() {
    let pool = ThreadPool::new(4);
    watched(&pool, || {
        for _ in 0..50 {
            for _ in 0..40 {
                pool.submit(|| ()).detach();
            }
            let all = Arc::new(Barrier::new(4));
            let jobs: Vec<_> = (0..4)
                .map(|_| {
                    let all = Arc::clone(&all);
                    pool.submit(move || {
                        all.wait();
                    })
                })
                .collect();
            wait_for(jobs);
        }
    });
}

/// Trap A31, from inside: a burst from one worker reaches the others.
#[test]
fn jobs_that_a_job_submits_run_at_once_on_the_other_threads() {
    let pool = Arc::new(ThreadPool::new(3));
    watched(&pool, || {
        for _ in 0..50 {
            let inner = Arc::clone(&pool);
            let outer = pool.submit(move || {
                let all = Arc::new(Barrier::new(3));
                for _ in 0..2 {
                    let all = Arc::clone(&all);
                    inner
                        .submit(move || {
                            all.wait();
                        })
                        .detach();
                }
                all.wait();
            });
            outer.wait().unwrap();
        }
    });
}

/// Trap A20.
#[test]
fn an_idle_thread_keeps_nothing_of_its_last_job() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let dropped = Count::default();
        let token = dropped.token();
        pool.submit(move || token).detach();
        let token = dropped.token();
        pool.submit_named("a name", move || drop(token)).detach();
        let token = dropped.token();
        pool.spawn(async move { drop(token) }).detach();
        until("drops", || dropped.get() == 3);
    });
}

#[test]
fn what_is_queued_and_who_is_idle_can_be_seen() {
    let pool = ThreadPool::new(2);
    watched(&pool, || {
        let (one, two) = (occupy(&pool), occupy(&pool));
        assert_eq!((pool.idle(), pool.queued()), (0, 0));
        let jobs: Vec<_> = (0..3).map(|n| pool.submit(move || n)).collect();
        assert_eq!(pool.queued(), 3);
        one.release();
        two.release();
        let sum: i32 = jobs.into_iter().map(|job| job.wait().unwrap()).sum();
        assert_eq!((sum, pool.queued()), (3, 0));
        until("two idle threads", || pool.idle() == 2);
    });
}

#[test]
fn every_job_of_many_threads_is_done_once() {
    let pool = ThreadPool::new(3);
    watched(&pool, || {
        let done = Count::default();
        let threads: HashSet<_> = thread::scope(|threads| {
            let submit = || {
                let jobs: Vec<_> = (0..1000)
                    .map(|_| {
                        let done = done.clone();
                        pool.submit(move || {
                            done.add();
                            thread::current().id()
                        })
                    })
                    .collect();
                (jobs.into_iter().map(Job::wait)).collect::<Result<HashSet<_>, _>>()
            };
            let submitters: Vec<_> = (0..4).map(|_| threads.spawn(submit)).collect();
            (submitters.into_iter())
                .flat_map(|submitter| submitter.join().unwrap().unwrap())
                .collect()
        });
        assert_eq!(done.get(), 4000);
        assert!(threads.len() <= 3);
    });
}

#[test]
fn a_pool_may_be_told_to_let_as_many_wait_as_there_are() {
    let pool = ThreadPool::builder()
        .workers(1)
        .max_blocked(usize::MAX)
        .build();
    assert_eq!(pool.submit(|| 1).wait().unwrap(), 1);
    assert_eq!(ThreadPool::new(usize::MAX).submit(|| 2).wait().unwrap(), 2);
}

#[test]
#[should_panic(expected = "a pool needs at least one worker")]
fn a_pool_of_none_is_refused() {
    let _pool = ThreadPool::new(0);
}

/// A thread that is being made is nobody who will come soon.
#[test]
fn an_idle_thread_is_called_although_another_is_still_being_made() {
    let go = Arc::new(Event::new());
    let (starts, gate) = (Count::default(), Arc::clone(&go));
    let pool = ThreadPool::builder().workers(2).on_start(move || {
        if starts.add() == 1 {
            gate.wait();
        }
    });
    let pool = pool.build();
    watched(&pool, || {
        let busy = occupy(&pool);
        let calls_another = pool.submit(|| ());
        busy.release();
        calls_another.wait().unwrap();
        for _ in 0..10 {
            // Time to fall asleep, for those who would sleep on.
            thread::sleep(core::time::Duration::from_millis(2));
            pool.submit(|| ()).wait().unwrap();
        }
        go.set();
    });
}
