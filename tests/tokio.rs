//! What the feature `tokio` adds: groups on its runtime, the identity of its tasks, and its sockets and timers in a `Runner`.
#![cfg(not(syncline_loom))]

use core::future::pending;
use core::time::Duration;
use std::collections::HashSet;
use std::sync::Arc;
use syncline::bridge::Runner;
use syncline::task::{self, RLock, TaskGroup, TaskId, shield};
use syncline::thread::Event;
use syncline::{JobError, Name};
use tokio::runtime::{Builder, Runtime};

/// Both schedulers.
fn runtimes() -> [Runtime; 2] {
    let mut two = Builder::new_multi_thread();
    [
        Builder::new_current_thread().build().unwrap(),
        two.worker_threads(2).build().unwrap(),
    ]
}

#[test]
fn a_handle_is_a_place_for_groups_and_shields() {
    for runtime in runtimes() {
        let handle = runtime.handle();
        runtime.block_on(async {
            let ends = TaskGroup::run(handle, async |group| {
                group
                    .spawn_named("hangs", pending::<Result<(), &str>>())
                    .detach();
                let one = group.spawn_named("one", async { Ok(1) }).await.unwrap();
                group
                    .spawn_named("fails", async { Err::<(), _>("no") })
                    .detach();
                pending::<()>().await;
                Ok(one)
            });
            assert_eq!(ends.await.unwrap_err().first, (Name::from("fails"), "no"));
            assert_eq!(shield(handle, async { 2 }).await.unwrap(), 2);
        });
    }
}

#[test]
fn a_runtime_that_is_gone_cancels_what_comes() {
    let [runtime, _] = runtimes();
    let handle = runtime.handle().clone();
    drop(runtime);
    let job = shield(&handle, async { 1 });
    assert!(matches!(job.wait(), Err(JobError::Cancelled)));
}

#[test]
fn a_task_of_the_runtime_has_an_identity_and_its_root_has_none() {
    for runtime in runtimes() {
        runtime.block_on(async {
            assert_eq!(task::current(), None);
            let lock = Arc::new(RLock::new(0));
            let spawned = tokio::spawn(async move {
                let outer = task::current();
                assert!(outer.is_some());
                let _outer = lock.lock().await;
                tokio::task::yield_now().await;
                assert_eq!(*lock.lock().await, 0);
                assert_eq!(task::current(), outer);
                // A scope inside a task is that task; what is spawned is another.
                task::identified(async { assert_eq!(task::current(), outer) }).await;
                let inner = tokio::spawn(async { task::current() }).await.unwrap();
                assert!(inner.is_some() && inner != outer);
            });
            spawned.await.unwrap();
        });
    }
}

#[test]
fn ids_of_both_kinds_are_disjoint() {
    let [runtime, _] = runtimes();
    let mut seen: HashSet<TaskId> = HashSet::new();
    for _ in 0..100 {
        let id = || async { task::current().unwrap() };
        assert!(seen.insert(task::block_on(id())));
        assert!(seen.insert(runtime.block_on(runtime.spawn(id())).unwrap()));
    }
}

#[test]
fn what_is_driven_by_our_own_executor_inside_a_task_is_a_task_of_its_own() {
    let [runtime, _] = runtimes();
    let spawned = runtime.spawn(async {
        let outer = task::current();
        let inner = task::block_on(async { task::current() });
        assert!(inner.is_some() && inner != outer);
        assert_eq!(task::current(), outer);
    });
    runtime.block_on(spawned).unwrap();
}

#[test]
fn a_runner_drives_the_sockets_and_the_timers_of_tokio() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    let runner = Runner::start().unwrap();
    let listener = runner
        .run(TcpListener::bind("127.0.0.1:0"))
        .unwrap()
        .unwrap();
    let address = listener.local_addr().unwrap();
    let echo = runner.spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        let mut text = [0; 5];
        stream.read_exact(&mut text).await?;
        tokio::time::sleep(Duration::from_millis(1)).await;
        stream.write_all(&text).await
    });
    let answer = runner.run(async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"hello").await?;
        let mut text = [0; 5];
        stream.read_exact(&mut text).await?;
        std::io::Result::Ok(text)
    });
    assert_eq!(&answer.unwrap().unwrap(), b"hello");
    echo.wait().unwrap().unwrap();
}

#[test]
fn what_a_future_of_a_runner_spawns_on_tokio_runs_and_is_dropped_with_the_runner() {
    let runner = Runner::start().unwrap();
    let sum = runner.run(async {
        let one = tokio::spawn(async { 1 });
        let two = tokio::task::spawn_blocking(|| 2);
        one.await.unwrap() + two.await.unwrap()
    });
    assert_eq!(sum.unwrap(), 3);
    let token = Arc::new(());
    let held = Arc::clone(&token);
    runner
        .run(async {
            tokio::spawn(async move {
                pending::<()>().await;
                drop(held);
            });
        })
        .unwrap();
    assert_eq!(Arc::strong_count(&token), 2);
    drop(runner);
    assert_eq!(Arc::strong_count(&token), 1);
}

#[test]
fn a_future_of_tokio_is_dropped_by_a_cancel_and_by_a_stop() {
    let runner = Runner::start().unwrap();
    let sleep = || async { tokio::time::sleep(Duration::from_secs(3600)).await };
    let (cancelled, stopped) = (runner.spawn(sleep()), runner.spawn(sleep()));
    cancelled.cancel();
    assert!(matches!(cancelled.wait(), Err(JobError::Cancelled)));
    runner.stop(None).unwrap();
    assert!(matches!(stopped.wait(), Err(JobError::Cancelled)));
}

#[test]
fn a_runner_starts_and_stops_inside_of_a_runtime() {
    for runtime in runtimes() {
        // Not a thing to do on purpose: it blocks the runtime.
        runtime.block_on(async {
            let runner = Runner::start().unwrap();
            assert_eq!(runner.spawn(async { 1 }).await.unwrap(), 1);
            let nested = runner.run(async { tokio::spawn(async { 2 }).await.unwrap() });
            assert_eq!(nested.unwrap(), 2);
        });
    }
}

#[test]
fn an_abandoned_runner_drives_timers_until_its_futures_have_ended() {
    let runner = Runner::start().unwrap();
    let goes_on = Arc::new(Event::new());
    let waits = Arc::clone(&goes_on);
    let job = runner.spawn(async move {
        waits.as_task().wait().await;
        tokio::time::sleep(Duration::from_millis(1)).await;
        5
    });
    runner.abandon();
    drop(runner);
    goes_on.set();
    assert_eq!(job.wait().unwrap(), 5);
}

/// A task of tokio's that takes and gives permits of ours for ever.
async fn greedy() {
    let semaphore = task::Semaphore::new(1);
    while semaphore.available_permits() == 1 {
        drop(semaphore.acquire().await);
    }
}

#[test]
fn a_greedy_task_of_the_runtime_spends_the_budget_of_the_runtime() {
    for runtime in [
        Builder::new_current_thread().enable_time().build().unwrap(),
        Builder::new_multi_thread()
            .worker_threads(1)
            .enable_time()
            .build()
            .unwrap(),
    ] {
        runtime.block_on(async {
            let tasks = [tokio::spawn(greedy()), tokio::spawn(greedy())];
            assert_eq!(tokio::spawn(async { 1 }).await.unwrap(), 1);
            let limit = Duration::from_millis(2);
            let ends = tokio::spawn(tokio::time::timeout(limit, greedy()));
            assert!(ends.await.unwrap().is_err());
            // Inside a deadline of ours, and inside what puts futures together.
            let ends = tokio::spawn(task::timeout(limit, greedy()));
            assert!(ends.await.unwrap().is_err());
            let gathers = async {
                loop {
                    let semaphore = task::Semaphore::new(1);
                    drop(task::gather([semaphore.acquire()]).await);
                }
            };
            let ends = tokio::spawn(tokio::time::timeout(limit, gathers));
            assert!(ends.await.unwrap().is_err());
            for task in tasks {
                task.abort();
                assert!(task.await.unwrap_err().is_cancelled());
            }
        });
    }
}

#[test]
fn a_unit_of_the_runtime_is_worth_several_operations() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let polls = runtime.block_on(async {
        tokio::spawn(async {
            let semaphore = task::Semaphore::new(1);
            let mut all = std::pin::pin!(async {
                for _ in 0..10 * 128 * 32 {
                    drop(semaphore.acquire().await);
                }
            });
            let mut polls = 0;
            core::future::poll_fn(|context| {
                polls += 1;
                Future::poll(all.as_mut(), context)
            })
            .await;
            polls
        })
        .await
        .unwrap()
    });
    assert!((10..=12).contains(&polls), "{polls} polls");
}
