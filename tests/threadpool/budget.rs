//! What a future of a pool that is always ready leaves to the others, and to whoever cancels it.

use crate::kit::Log;
use crate::watch::watched;
use std::sync::Arc;
use syncline::task::{Group, PoolSpawner, Semaphore, TaskGroup, block_on, yield_now};
use syncline::thread::{Event, PoolShutdown, ThreadPool};
use syncline::{Job, JobError};

/// A future that takes and gives a permit for ever, and has begun.
fn greedy(pool: &ThreadPool) -> Job<()> {
    let begun = Arc::new(Event::new());
    let begins = Arc::clone(&begun);
    let job = pool.spawn(async move {
        let semaphore = Semaphore::new(1);
        loop {
            drop(semaphore.acquire().await);
            begins.set();
        }
    });
    begun.wait();
    job
}

#[test]
fn a_greedy_future_is_cancelled_while_it_runs() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let job = greedy(&pool);
        assert!(job.cancel());
        assert!(matches!(job.wait(), Err(JobError::Cancelled)));
        assert_eq!(pool.submit(|| 1).wait().unwrap(), 1);
    });
}

#[test]
fn a_greedy_future_leaves_its_thread_to_closures_and_to_futures() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let jobs = [greedy(&pool), greedy(&pool)];
        assert_eq!(pool.submit(|| 1).wait().unwrap(), 1);
        assert_eq!(pool.spawn(async { 2 }).wait().unwrap(), 2);
        pool.shutdown(PoolShutdown::CancelQueued);
        for job in jobs {
            assert!(matches!(job.wait(), Err(JobError::Cancelled)));
        }
    });
}

/// tokio's LIFO slot and rayon's deques have had this: what is pushed last is popped first.
#[test]
fn a_sibling_that_was_queued_before_a_yielder_is_polled_between_its_polls() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let log = Log::default();
        let (spawner, notes) = (pool.spawner(), log.clone());
        let yielder = pool.spawn(async move {
            let siblings = [10, 20].map(|name| {
                let log = notes.clone();
                spawner.spawn(async move { log.note(name) })
            });
            for round in 1..=3 {
                notes.note(round);
                yield_now().await;
            }
            siblings
        });
        for sibling in yielder.wait().unwrap() {
            sibling.wait().unwrap();
        }
        let mut seen = log.take();
        seen[1..3].sort_unstable();
        assert_eq!(seen, [1, 10, 20, 2, 3]);
    });
}

#[test]
fn the_children_of_a_group_may_be_greedy() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let group = TaskGroup::run(&pool, async |group: Group<PoolSpawner, &'static str>| {
            for _ in 0..3 {
                let child = async {
                    let semaphore = Semaphore::new(1);
                    loop {
                        drop(semaphore.acquire().await);
                    }
                };
                group
                    .spawn_named("greedy", async { Ok(child.await) })
                    .detach();
            }
            group
                .spawn_named("fails", async { Err::<(), _>("no") })
                .detach();
            core::future::pending().await
        });
        let result: Result<(), _> = block_on(group);
        assert_eq!(result.unwrap_err().first.1, "no");
    });
}

/// The bounds of `run` fit any error and any place: not only where lifetimes are inferred afresh.
#[test]
fn a_group_may_be_run_inside_what_is_spawned_whatever_its_error_is() {
    type Failure = Box<dyn core::error::Error + Send + Sync>;
    let pool = ThreadPool::new(2);
    watched(&pool, || {
        let spawner = pool.spawner();
        let job = pool.spawn(async move {
            let names = TaskGroup::run(&spawner, async |group| {
                let one = group.spawn_named("one", async { Ok::<_, &'static str>(1) });
                one.await.map_err(|_| "lost")
            });
            let boxed = TaskGroup::limited(1).run(&spawner, async |group| {
                let one = group.spawn_named("one", async { Ok::<_, Failure>(1) });
                Ok(one.await?)
            });
            (names.await, boxed.await.map_err(|error| error.to_string()))
        });
        assert_eq!(job.wait().unwrap(), (Ok(1), Ok(1)));
        // A plain closure that returns a future is a body, too.
        let plain = TaskGroup::run(&pool, |group: Group<PoolSpawner, ()>| async move {
            Ok(group.len())
        });
        assert_eq!(block_on(plain), Ok(0));
    });
}
