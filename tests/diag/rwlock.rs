//! Readers and writers in snapshots: a writer is an owner, a reader is none.

use std::sync::Barrier;
use std::sync::mpsc::channel;
use std::thread as std_thread;

use syncline::diag::{self, Kind};
use syncline::task::RwLockWriteGuard as TaskWriteGuard;
use syncline::thread::{Lock, RwLock, RwLockUpgradableReadGuard, RwLockWriteGuard, spawn_named};

use crate::driver::Driver;
use crate::looks::{circle_over, name_of, primitive, until_circle, until_waiting};
use crate::watch::{until, watched};

/// The name of this thread, as a snapshot shows it.
fn mine() -> Option<String> {
    std_thread::current().name().map(str::to_owned)
}

fn owner(name: &str) -> Option<String> {
    let owner = primitive(name).expect("it has a name").owner?;
    name_of(&owner).map(str::to_owned)
}

#[test]
fn a_writer_is_shown_as_the_owner_for_as_long_as_it_writes() {
    static LOCK: RwLock<u32> = RwLock::new(0).named("rw: owner");
    watched(&LOCK, || {
        let guard = LOCK.write();
        let reader = spawn_named("rw: waits", || drop(LOCK.read()));
        let seen = until_waiting("rw: owner", 1);
        assert_eq!(seen.target.kind, Kind::RwLock);
        assert_eq!(owner("rw: owner"), mine());
        let guard = RwLockWriteGuard::downgrade_to_upgradable(guard);
        reader.wait().expect("it is let in");
        assert_eq!(owner("rw: owner"), None);
        let guard = RwLockUpgradableReadGuard::upgrade(guard);
        assert_eq!(owner("rw: owner"), mine());
        let guard = RwLockWriteGuard::downgrade(guard);
        assert_eq!(owner("rw: owner"), None);
        drop(guard);
        drop(LOCK.write_timeout(core::time::Duration::ZERO));
        assert_eq!(owner("rw: owner"), None);
    });
}

#[test]
fn two_writers_in_opposite_orders_are_a_certain_deadlock() {
    static A: RwLock<u32> = RwLock::new(0).named("rw: a");
    static B: Lock<u32> = Lock::new(0).named("rw: b");
    static MET: Barrier = Barrier::new(2);
    watched(&A, || {
        let first = || {
            let _a = A.write();
            MET.wait();
            let _b = B.lock();
        };
        let second = || {
            let _b = B.lock();
            MET.wait();
            // A reader waits for a writer as a writer does.
            let _a = A.read();
        };
        spawn_named("rw: ab", first).detach();
        spawn_named("rw: ba", second).detach();
        until("a certain circle", || {
            let circle = circle_over(&diag::snapshot(), "rw: a");
            circle.is_some_and(|circle| circle.certain)
        });
        let text = until_circle("rw: a").to_string();
        assert!(text.contains("RwLock \"rw: a\""), "{text}");
    });
}

/// A writer waits for readers, of whom nothing is known: the chain ends there.
#[test]
fn whoever_waits_behind_readers_waits_for_nobody_in_particular() {
    static LOCK: RwLock<u32> = RwLock::new(0).named("rw: readers");
    static HELD: Lock<u32> = Lock::new(0).named("rw: held");
    watched(&LOCK, || {
        let (say, told) = channel();
        let reader = spawn_named("rw: reader", move || {
            let reads = LOCK.read();
            say.send(()).expect("somebody listens");
            drop(HELD.lock());
            drop(reads);
        });
        let held = HELD.lock();
        told.recv().expect("it reads");
        until_waiting("rw: held", 1);
        std_thread::scope(|threads| {
            let writer = threads.spawn(|| *LOCK.write() += 1);
            let seen = until_waiting("rw: readers", 1);
            assert!(seen.owner.is_none());
            assert!(circle_over(&diag::snapshot(), "rw: readers").is_none());
            drop(held);
            writer.join().expect("the reader has gone");
        });
        reader.wait().expect("it ends");
    });
}

/// Trap R12: whoever waits to be upgraded is not in its own way.
#[test]
fn an_upgrade_that_waits_is_no_circle() {
    static LOCK: RwLock<u32> = RwLock::new(0).named("rw: upgrade");
    watched(&LOCK, || {
        let reader = LOCK.read();
        let upgrade = spawn_named("rw: upgrades", || {
            *RwLockUpgradableReadGuard::upgrade(LOCK.upgradable_read()) += 1;
        });
        let seen = until_waiting("rw: upgrade", 1);
        assert!(seen.owner.is_none());
        assert!(circle_over(&diag::snapshot(), "rw: upgrade").is_none());
        drop(reader);
        upgrade.wait().expect("nobody reads");
        assert_eq!(owner("rw: upgrade"), None);
    });
}

/// What was granted to a write that is not polled belongs to nobody once a read of the same task has taken it over.
#[test]
fn a_read_that_takes_over_a_granted_write_is_no_owner() {
    static LOCK: RwLock<u32> = RwLock::new(0).named("rw: taken over");
    watched(&LOCK, || {
        let lock = LOCK.as_task();
        let held = lock.try_write().expect("nobody else has it");
        let write = Driver::waiting(lock.write());
        let waker = write.probe().waker();
        let mut read = Driver::new(lock.read());
        assert!(read.poll_with(&waker).is_pending());
        drop(held);
        until("somebody owns it", || {
            primitive("rw: taken over").is_some_and(|seen| seen.owner.is_some())
        });
        assert!(read.poll_with(&waker).is_pending());
        let guard = read.poll_with(&waker);
        assert!(guard.is_ready());
        let seen = primitive("rw: taken over").expect("it has a name");
        assert!(seen.owner.is_none(), "{seen:?}");
        drop(guard);
        let guard: TaskWriteGuard<'_, u32> = write.woken();
        drop(guard);
    });
}
