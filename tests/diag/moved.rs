//! What is moved, forgotten or dropped while it is known.

use std::sync::Arc;

use syncline::diag;
use syncline::task::{self, block_on};
use syncline::thread::{Lock, spawn_named};

use crate::driver::Driver;
use crate::looks::{primitive, until_waiting};
use crate::watch::{until, watched};

#[test]
fn a_lock_that_is_moved_is_still_known_and_its_record_goes_with_it() {
    let lock = Lock::new(1).named("moved: lock");
    drop(lock.lock());
    assert!(primitive("moved: lock").is_some());
    let boxed = Box::new(lock);
    let guard = boxed.lock();
    assert!(
        primitive("moved: lock")
            .expect("it has a name")
            .owner
            .is_some()
    );
    drop(guard);
    assert_eq!(primitive("moved: lock").expect("it has a name").owner, None);
    assert_eq!(boxed.into_inner(), 1);
    assert!(primitive("moved: lock").is_none());
}

#[test]
fn a_wait_that_was_forgotten_is_shown_until_its_lock_is_dropped_wherever_that_is() {
    let lock = Box::new(task::Lock::new(0).named("moved: forgotten"));
    let guard = block_on(lock.lock());
    let mut wait = Box::pin(lock.lock());
    let probe = crate::waker::Probe::new();
    let waker = probe.waker();
    assert!(
        wait.as_mut()
            .poll(&mut core::task::Context::from_waker(&waker))
            .is_pending()
    );
    // It is pinned, so its memory stays.
    #[expect(clippy::mem_forget, reason = "that is what is tested")]
    core::mem::forget(wait);
    drop(guard);
    let moved = *lock;
    let seen = primitive("moved: forgotten").expect("it has a name");
    assert_eq!(seen.waiting, 1, "{seen}");
    let again = Box::new(moved);
    assert_eq!(
        primitive("moved: forgotten")
            .expect("it has a name")
            .waiting,
        1
    );
    drop(again);
    assert!(primitive("moved: forgotten").is_none());
}

#[test]
fn a_forgotten_guard_leaves_its_lock_to_its_owner() {
    let lock = Lock::new(0).named("moved: guard");
    #[expect(clippy::mem_forget, reason = "that is what is tested")]
    core::mem::forget(lock.lock());
    let elsewhere = [lock];
    let seen = primitive("moved: guard").expect("it has a name");
    assert!(seen.owner.is_some());
    drop(elsewhere);
    assert!(primitive("moved: guard").is_none());
}

#[test]
fn a_wait_that_is_dropped_is_gone_and_so_is_one_that_has_ended() {
    static LOCK: task::Lock<u32> = task::Lock::new(0).named("moved: dropped");
    let guard = block_on(LOCK.lock());
    let waits: Vec<_> = (0..3).map(|_| Driver::waiting(LOCK.lock())).collect();
    assert_eq!(until_waiting("moved: dropped", 3).waiters.len(), 3);
    let mut waits = waits.into_iter();
    drop(waits.next());
    assert_eq!(until_waiting("moved: dropped", 2).waiters.len(), 2);
    drop(guard);
    drop(waits.next().expect("two are left").ready());
    drop(waits);
    let seen = primitive("moved: dropped").expect("it has a name");
    assert_eq!((seen.waiting, seen.owner), (0, None));
}

#[test]
fn snapshots_can_be_taken_while_everything_comes_and_goes() {
    let rounds = if cfg!(miri) { 3 } else { 300 };
    let over = Arc::new(core::sync::atomic::AtomicBool::new(false));
    watched(&rounds, || {
        let looker = spawn_named("moved: looker", {
            let over = Arc::clone(&over);
            move || {
                let mut looks = 0_u32;
                while !over.load(core::sync::atomic::Ordering::Relaxed) || looks < 3 {
                    assert!(
                        diag::snapshot()
                            .cycles
                            .iter()
                            .all(|cycle| !cycle.links.is_empty())
                    );
                    looks += 1;
                }
            }
        });
        for _ in 0..rounds {
            let lock = Arc::new(Lock::new(0).named("moved: comes and goes"));
            let jobs: Vec<_> = (0..3)
                .map(|_| {
                    let lock = Arc::clone(&lock);
                    spawn_named("moved: short", move || *lock.lock() += 1)
                })
                .collect();
            for job in jobs {
                job.wait().expect("it ends");
            }
            assert_eq!(*lock.lock(), 3);
        }
        over.store(true, core::sync::atomic::Ordering::Relaxed);
        looker.wait().expect("it ends");
    });
    until("nothing is left", || {
        primitive("moved: comes and goes").is_none()
    });
}
