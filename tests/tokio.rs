//! What the feature `tokio` adds: groups on its runtime, and the identity of its tasks.
#![cfg(not(syncline_loom))]

use core::future::pending;
use std::collections::HashSet;
use std::sync::Arc;
use syncline::task::{self, RLock, TaskGroup, TaskId, shield};
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
                group.spawn("hangs", pending::<Result<(), &str>>()).detach();
                let one = group.spawn("one", async { Ok(1) }).await.unwrap();
                group.spawn("fails", async { Err::<(), _>("no") }).detach();
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
                task::scope(async { assert_eq!(task::current(), outer) }).await;
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
