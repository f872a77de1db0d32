//! What a shutdown does with what is there, and who may call it.

use crate::kit::{Count, is_cancelled, is_closed, occupy};
use crate::watch::{until, until_past, watched};
use core::future::pending;
use core::time::Duration;
use std::sync::Arc;
use std::thread;
use std::time::Instant;
use syncline::task::{PoolSpawner, Spawned, Spawner, TaskGroup, block_on};
use syncline::thread::{Event, PoolShutdown, ThreadPool};
use syncline::{GroupError, Job};

const HOWS: [PoolShutdown; 2] = [PoolShutdown::Drain, PoolShutdown::CancelQueued];

#[test]
fn a_pool_that_has_done_nothing_is_shut_down_at_once() {
    for how in HOWS {
        let pool = ThreadPool::new(2);
        watched(&pool, || {
            pool.shutdown(how);
            pool.shutdown(how);
            pool.shutdown_timeout(how, Duration::ZERO).unwrap();
            assert!(is_closed(&pool.submit(|| ()).wait()));
        });
    }
}

#[test]
fn drain_does_what_is_queued_at_its_time_and_waits_for_futures() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let busy = occupy(&pool);
        let begun = Instant::now();
        let delay = Duration::from_millis(30);
        let later = pool.submit_after(delay, Instant::now);
        let queued: Vec<_> = (0..100).map(|n| pool.submit(move || n)).collect();
        let gate = Arc::new(Event::new());
        let future = pool.spawn({
            let gate = Arc::clone(&gate);
            async move {
                gate.as_task().wait().await;
                "opened"
            }
        });
        thread::scope(|threads| {
            let shutdown = threads.spawn(|| pool.shutdown(PoolShutdown::Drain));
            until("a closed pool", || pool.try_submit(|| ()).is_err());
            busy.release();
            until("the delayed job", || later.is_done());
            assert!(!shutdown.is_finished() && !future.is_done());
            gate.set();
        });
        assert!(later.wait().unwrap() >= begun + delay);
        assert_eq!(future.wait().unwrap(), "opened");
        assert!(queued.iter().all(Job::is_done));
        for (n, job) in queued.into_iter().enumerate() {
            assert_eq!(job.wait().unwrap(), n);
        }
    });
}

#[test]
fn cancel_queued_cancels_all_but_what_runs() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let dropped = Count::default();
        let token = dropped.token();
        let pending_future = pool.spawn(async move {
            let _token = token;
            pending::<()>().await;
        });
        let busy = occupy(&pool);
        let token = dropped.token();
        let future = pool.spawn(async move { drop(token) });
        let token = dropped.token();
        let later = pool.submit_after(Duration::from_millis(1), move || drop(token));
        let token = dropped.token();
        let never = pool.submit_after(Duration::MAX, move || drop(token));
        let queued: Vec<_> = (0..50)
            .map(|_| {
                let token = dropped.token();
                pool.submit(move || drop(token))
            })
            .collect();
        thread::scope(|threads| {
            threads.spawn(|| pool.shutdown(PoolShutdown::CancelQueued));
            until("the end of what was queued", || {
                queued.iter().all(Job::is_done)
            });
            busy.release();
        });
        assert!(queued.into_iter().all(|job| is_cancelled(&job.wait())));
        let futures = [pending_future, future];
        assert!(futures.into_iter().all(|job| is_cancelled(&job.wait())));
        assert!(is_cancelled(&never.wait()) && is_cancelled(&later.wait()));
        assert_eq!(dropped.get(), 54);
    });
}

#[test]
fn a_drain_becomes_a_cancellation_but_not_the_other_way() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let never = pool.submit_after(Duration::MAX, || ());
        let (busy, queued) = (occupy(&pool), pool.submit(|| ()));
        thread::scope(|threads| {
            let drain = threads.spawn(|| pool.shutdown(PoolShutdown::Drain));
            until("a closed pool", || pool.try_submit(|| ()).is_err());
            assert!(!never.is_done() && !queued.is_done() && !drain.is_finished());
            let cancel = threads.spawn(|| pool.shutdown(PoolShutdown::CancelQueued));
            until("cancellations", || never.is_done() && queued.is_done());
            threads.spawn(|| pool.shutdown(PoolShutdown::Drain));
            busy.release();
            drain.join().unwrap();
            cancel.join().unwrap();
        });
        assert!(is_cancelled(&never.wait()) && is_cancelled(&queued.wait()));
    });
}

/// Trap A62.
#[test]
fn a_shutdown_that_waits_no_longer_names_who_is_left() {
    let pool = ThreadPool::builder().workers(3).name_prefix("p").build();
    watched(&pool, || {
        let begun = Arc::new(Event::new());
        let go = Arc::new(Event::new());
        let busy = occupy(&pool);
        let nameless = pool.submit({
            let (begun, go) = (Arc::clone(&begun), Arc::clone(&go));
            move || {
                begun.set();
                go.wait();
            }
        });
        begun.wait();
        let timeout = Duration::from_millis(5);
        for how in HOWS {
            let begun = Instant::now();
            let stragglers = pool.shutdown_timeout(how, timeout).unwrap_err();
            assert!(begun.elapsed() >= timeout);
            assert_eq!(stragglers.names(), ["p-0 (busy)", "p-1"]);
            assert_eq!(stragglers.to_string(), "still running: p-0 (busy), p-1");
        }
        busy.release();
        let at = Instant::now();
        until_past(at);
        until("one straggler", || {
            let stragglers = pool.shutdown_deadline(PoolShutdown::Drain, at).unwrap_err();
            stragglers.names() == ["p-1"]
        });
        go.set();
        nameless.wait().unwrap();
        let soon = crate::watch::LIMIT;
        pool.shutdown_timeout(PoolShutdown::Drain, soon).unwrap();
    });
}

/// A spawner that the crate does not know to be a pool's.
#[derive(Clone)]
struct Foreign(PoolSpawner);

impl Spawner for Foreign {
    fn start<F: Future<Output = ()> + Send + 'static>(&self, task: Spawned<F>) {
        self.0.start(task);
    }
}

/// Trap A62.
#[test]
fn a_shutdown_that_waits_no_longer_names_the_futures_that_are_left() {
    let pool = ThreadPool::builder().workers(1).name_prefix("p").build();
    let spawner = pool.spawner();
    watched(&pool, || {
        let alone = spawner.spawn_named("alone", pending::<()>());
        let nameless = spawner.spawn(pending::<()>());
        let begun = Count::default();
        let known = group_of("child", &begun, spawner.clone());
        let foreign = group_of("other", &begun, Foreign(spawner));
        until("both have begun", || begun.get() == 2);
        let left = pool.shutdown_timeout(PoolShutdown::Drain, Duration::ZERO);
        let mut names = left.unwrap_err().names().to_vec();
        names.sort();
        assert_eq!(names, ["alone", "child", "other", "p-0"]);
        pool.shutdown(PoolShutdown::CancelQueued);
        assert!(is_cancelled(&alone.wait()) && is_cancelled(&nameless.wait()));
        for group in [known, foreign] {
            group.wait().unwrap().unwrap();
        }
    });
}

/// A group, on a thread of its own, with a child that does not end by itself.
fn group_of<S>(child: &'static str, begun: &Count, spawner: S) -> Job<Result<(), GroupError<()>>>
where
    S: Spawner + 'static,
{
    let begun = begun.clone();
    let hangs = async move {
        begun.add();
        pending::<Result<(), ()>>().await
    };
    syncline::thread::spawn_named(child, move || {
        block_on(TaskGroup::run(&spawner, async |group| {
            drop(group.spawn_named(child, hangs).await);
            Ok(())
        }))
    })
}

/// A job that takes its pool along may end it, and so may whatever runs when it has ended.
#[test]
fn a_shutdown_on_a_thread_of_the_pool_waits_for_nothing() {
    for how in HOWS {
        let pool = Arc::new(ThreadPool::new(2));
        watched(&pool, || {
            let busy = occupy(&pool);
            let inner = Arc::clone(&pool);
            let job = pool.submit(move || {
                inner.shutdown(how);
                inner.shutdown_timeout(how, Duration::ZERO).unwrap();
                inner.try_submit(|| ()).is_err()
            });
            // What a job submits belongs to what is drained.
            let refuses = how == PoolShutdown::CancelQueued;
            assert_eq!(job.wait().unwrap(), refuses);
            busy.release();
            pool.shutdown(how);
        });
    }
}

#[test]
fn a_shutdown_in_a_callback_a_future_and_a_destructor_waits_for_nothing() {
    for how in HOWS {
        for place in 0..3 {
            let pool = Arc::new(ThreadPool::new(1));
            watched(&pool, || {
                let inner = Arc::clone(&pool);
                let end = move || inner.shutdown(how);
                let busy = occupy(&pool);
                match place {
                    0 => {
                        let job = pool.submit(|| ());
                        job.on_done(end);
                        busy.release();
                        job.wait().unwrap();
                    }
                    1 => {
                        let future = pool.spawn(async move { end() });
                        busy.release();
                        let _either = future.wait();
                    }
                    _ => {
                        let end = crate::kit::OnDrop::new(end);
                        let job = pool.submit(move || drop(end));
                        busy.release();
                        job.wait().unwrap();
                    }
                }
                until("a closed pool", || pool.try_submit(|| ()).is_err());
                pool.shutdown(how);
            });
        }
    }
}

#[test]
fn a_job_of_another_pool_waits_for_the_shutdown() {
    let other = ThreadPool::new(1);
    let pool = Arc::new(ThreadPool::new(1));
    watched(&pool, || {
        let busy = occupy(&pool);
        let inner = Arc::clone(&pool);
        let outer = other.submit(move || inner.shutdown(PoolShutdown::Drain));
        until("a closed pool", || pool.try_submit(|| ()).is_err());
        // The waiting one has given up its place.
        other.submit(|| ()).wait().unwrap();
        assert!(!outer.is_done());
        busy.release();
        outer.wait().unwrap();
    });
}

/// Trap A33.
#[test]
fn a_destructor_that_runs_inside_submit_may_shut_the_pool_down() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&pool, || {
        pool.submit(|| ()).wait().unwrap();
        pool.close();
        let inner = Arc::clone(&pool);
        let end = crate::kit::OnDrop::new(move || inner.shutdown(PoolShutdown::CancelQueued));
        let job = pool.submit(move || drop(end));
        assert!(is_closed(&job.wait()));
    });
}

/// Trap A34.
#[test]
fn a_job_that_was_just_cancelled_does_not_keep_a_shutdown() {
    for how in HOWS {
        for _ in 0..100 {
            let pool = ThreadPool::new(1);
            watched(&pool, || {
                let job = pool.submit(|| ());
                job.cancel();
                let later = pool.submit_after(Duration::MAX, || ());
                later.cancel();
                let future = pool.spawn(pending::<()>());
                future.cancel();
                pool.shutdown(how);
                assert!(job.is_done() && later.is_done() && future.is_done());
            });
        }
    }
}

/// Trap A35.
#[test]
fn a_callback_may_use_the_pool_while_it_is_shut_down() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&pool, || {
        let busy = occupy(&pool);
        let failing = pool.submit(|| crate::kit::fail::<()>("on purpose"));
        let inner = Arc::clone(&pool);
        let used = Arc::new(Event::new());
        failing.on_done({
            let used = Arc::clone(&used);
            move || {
                let seen = (inner.idle(), inner.queued(), format!("{inner:?}"));
                let later = inner.submit_after(Duration::from_millis(1), || ());
                if inner.submit(|| ()).wait().is_ok() && is_closed(&later.wait()) && seen.0 <= 1 {
                    used.set();
                }
            }
        });
        thread::scope(|threads| {
            threads.spawn(|| pool.shutdown(PoolShutdown::Drain));
            until("a closed pool", || pool.try_submit(|| ()).is_err());
            busy.release();
        });
        assert!(used.is_set());
    });
}

#[test]
fn a_shutdown_returns_when_the_threads_have_gone_with_all_that_was_theirs() {
    thread_local! {
        static MINE: core::cell::RefCell<Option<crate::kit::Token>> =
            const { core::cell::RefCell::new(None) };
    }
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let dropped = Count::default();
        let token = dropped.token();
        let job = pool.submit(move || MINE.with(|mine| *mine.borrow_mut() = Some(token)));
        job.wait().unwrap();
        assert_eq!(dropped.get(), 0);
        pool.shutdown(PoolShutdown::Drain);
        assert_eq!(dropped.get(), 1);
    });
}

/// Whoever waits in all registers of the pool does not open it to others.
#[test]
fn a_closed_pool_refuses_a_future_whoever_still_waits_there() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let waiting: Vec<_> = (0..16).map(|_| pool.spawn(pending::<()>())).collect();
        pool.close();
        for _ in 0..8 {
            assert!(is_closed(&pool.spawn(async { 1 }).wait()));
        }
        for job in &waiting {
            job.cancel();
        }
        pool.shutdown(PoolShutdown::Drain);
    });
}

/// A child that still runs does not open the group to others.
#[test]
fn a_group_on_a_closed_pool_takes_no_further_child() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let outcome = block_on(TaskGroup::run(&pool, async |group| {
            let waits = group.spawn(async {
                pending::<()>().await;
                Ok::<(), ()>(())
            });
            pool.close();
            let late = group.spawn(async { Ok(1) }).await;
            waits.cancel();
            Ok(late.is_err())
        }));
        assert_eq!(outcome.ok(), Some(true));
    });
}

#[test]
fn a_destructor_that_runs_while_delayed_jobs_are_cancelled_may_shut_the_pool_down() {
    for how in HOWS {
        let pool = Arc::new(ThreadPool::new(1));
        watched(&pool, || {
            let inner = Arc::clone(&pool);
            let end = crate::kit::OnDrop::new(move || inner.shutdown(how));
            let later = pool.submit_after(Duration::MAX, move || drop(end));
            pool.shutdown(PoolShutdown::CancelQueued);
            assert!(is_cancelled(&later.wait()));
        });
    }
}
