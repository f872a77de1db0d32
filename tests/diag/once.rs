//! Cells in snapshots: who initializes, who waits, and initializers that wait for each other.

use core::future::pending;
use core::time::Duration;
use std::sync::LazyLock;

use syncline::diag::{self, Kind};
use syncline::task::{self, block_on};
use syncline::thread::{Barrier, OnceCell, SingleFlight, ThreadPool, spawn_named};

use crate::looks::{circle_over, name_of, primitive, until_circle};
use crate::watch::{until, watched};

fn kinds(name: &str) -> Vec<Kind> {
    let snapshot = diag::snapshot();
    let named = snapshot.primitives.into_iter();
    let mut kinds: Vec<_> = named
        .filter(|one| one.target.name.as_deref() == Some(name) && one.waiting > 0)
        .map(|one| one.target.kind)
        .collect();
    kinds.sort_unstable_by_key(ToString::to_string);
    kinds
}

#[test]
fn two_initializers_that_ask_for_each_others_values_are_a_certain_deadlock() {
    static A: OnceCell<u8> = OnceCell::new().named("once: a");
    static B: OnceCell<u8> = OnceCell::new().named("once: b");
    static MET: Barrier = Barrier::new(2);
    fn ask(mine: &OnceCell<u8>, other: &OnceCell<u8>) {
        mine.get_or_init(|| {
            MET.wait().expect("two come");
            *other.get_or_init(|| 1)
        });
    }
    watched(&A, || {
        spawn_named("once: ab", || ask(&A, &B)).detach();
        spawn_named("once: ba", || ask(&B, &A)).detach();
        let mut certain = None;
        until("a certain circle", || {
            certain = circle_over(&diag::snapshot(), "once: a").filter(|cycle| cycle.certain);
            certain.is_some()
        });
        let text = certain.expect("found").to_string();
        assert!(text.starts_with("DEADLOCK"), "{text}");
        assert!(text.contains("OnceCell \"once: a\""), "{text}");
        assert!(text.contains("is initialized by"), "{text}");
    });
}

#[test]
fn a_snapshot_shows_who_initializes_and_who_waits() {
    static CELL: OnceCell<u8> = OnceCell::new().named("once: shown");
    watched(&CELL, || {
        let first = spawn_named("once: initializer", || {
            let value = CELL.get_or_init(|| {
                until("both wait", || {
                    kinds("once: shown") == [Kind::OnceCell, Kind::OnceWait]
                });
                let all = diag::snapshot().primitives;
                let turn = (all.into_iter()).find(|one| {
                    one.target.name.as_deref() == Some("once: shown")
                        && one.target.kind == Kind::OnceCell
                });
                let turn = turn.expect("it is shown");
                let owner = turn.owner.as_ref().expect("somebody initializes it");
                assert_eq!(name_of(owner), Some("once: initializer"));
                assert!(turn.to_string().contains("initialized by"), "{turn}");
                7
            });
            assert_eq!(value, &7);
        });
        until("it begins", || primitive("once: shown").is_some());
        let others = [
            spawn_named("once: next", || *CELL.get_or_init(|| 8)),
            spawn_named("once: waiter", || *CELL.wait()),
        ];
        for other in others {
            assert_eq!(other.wait().unwrap(), 7);
        }
        first.wait().expect("it is through");
        until("nobody is left", || {
            let seen = primitive("once: shown").expect("it has a name");
            seen.owner.is_none() && seen.waiting == 0
        });
    });
}

/// The turn has passed on, so the thread that failed is nobody's owner any more.
#[test]
fn whoever_has_failed_does_not_own_the_turn() {
    static CELL: OnceCell<u8> = OnceCell::new().named("once: failed");
    watched(&CELL, || {
        CELL.get_or_try_init(|| Err(())).expect_err("it fails");
        let owner = primitive("once: failed").and_then(|seen| seen.owner);
        assert!(owner.is_none(), "{owner:?}");
        let pool = ThreadPool::new(1);
        let job = pool.spawner().spawn_named("once: task", async {
            let make = async || pending().await;
            CELL.as_task().get_or_init(make).await;
        });
        until("a task initializes it", || {
            let owner = primitive("once: failed").and_then(|seen| seen.owner);
            owner.as_ref().and_then(name_of) == Some("once: task")
        });
        job.cancel();
        let value = block_on(task::timeout(
            Duration::from_secs(60),
            CELL.as_task().get_or_init(async || 7),
        ));
        assert_eq!(value, Ok(&7));
    });
}

#[test]
fn two_tasks_whose_initializers_wait_for_each_other_are_a_circle() {
    static A: task::OnceCell<u8> = task::OnceCell::new().named("once: task a");
    static B: task::OnceCell<u8> = task::OnceCell::new().named("once: task b");
    static MET: task::Barrier = task::Barrier::new(2);
    async fn ask(mine: &task::OnceCell<u8>, other: &task::OnceCell<u8>) {
        let make = async || {
            MET.wait().await.expect("two come");
            *other.get_or_init(async || 1).await
        };
        mine.get_or_init(make).await;
    }
    let pool = ThreadPool::new(2);
    watched(&pool, || {
        let jobs = [
            pool.spawner().spawn_named("once: task ab", ask(&A, &B)),
            pool.spawner().spawn_named("once: task ba", ask(&B, &A)),
        ];
        let cycle = until_circle("once: task a");
        assert!(!cycle.certain);
        jobs[0].cancel();
        let [_, second] = jobs;
        block_on(second).expect("it goes on");
    });
}

#[test]
fn two_calls_that_ask_for_each_others_keys_are_a_certain_deadlock() {
    static CALLS: LazyLock<SingleFlight<u8, u8>> =
        LazyLock::new(|| SingleFlight::new().named("once: calls"));
    static MET: Barrier = Barrier::new(2);
    fn ask(mine: u8, other: u8) {
        CALLS.work(mine, || {
            MET.wait().expect("two come");
            CALLS.work(other, || 1)
        });
    }
    watched(&*CALLS, || {
        spawn_named("once: call 1", || ask(1, 2)).detach();
        spawn_named("once: call 2", || ask(2, 1)).detach();
        let mut certain = None;
        until("a certain circle", || {
            certain = circle_over(&diag::snapshot(), "once: calls").filter(|cycle| cycle.certain);
            certain.is_some()
        });
        let text = certain.expect("found").to_string();
        assert!(text.contains("SingleFlight \"once: calls\""), "{text}");
        assert!(text.contains("is made by"), "{text}");
    });
}
