//! Models of the locks without guards: who may unlock, and what the next one sees.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::Quiet;
use syncline::loom::thread::{JoinHandle, spawn, yield_now};
use syncline::thread::{Condition, RawLock, RawRLock, RawRwLock};

use crate::kit::{Check, Guarded, Model, Unlock, model};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("lock/thread/raw_contention", lock_contention),
    model!("lock/thread/raw_timeout_against_grant", lock_timeout),
    model!("lock/thread/raw_unlock_by_somebody_else", by_somebody_else),
    model!("lock/thread/raw_unlock_twice_at_once", twice_at_once),
    model!("lock/thread/raw_wait_against_unlock", wait_against_unlock),
    model!("rlock/thread/raw_contention", rlock_contention),
    model!("rlock/thread/raw_timeout_against_grant", rlock_timeout),
    model!("rlock/thread/raw_unlock_by_a_stranger", by_a_stranger),
    model!("rlock/thread/raw_wait_gives_up_all_levels", all_levels),
    model!("rwlock/thread/raw_contention", rw_contention),
    model!("rwlock/thread/raw_timeout_against_grant", rw_timeout),
    model!("rwlock/thread/raw_unlock_twice_at_once", rw_twice_at_once),
];

const LONG: Duration = Duration::from_secs(60);
const BOTH_UNLOCKS: &[Unlock] = &[Unlock::Asymmetric, Unlock::Swap];

fn guarded<L>(lock: L) -> Arc<Guarded<L>> {
    Arc::new(Guarded::new(lock))
}

/// A thread that does something with a lock.
fn with<L: Send + Sync + 'static, R: 'static>(
    lock: &Arc<Guarded<L>>,
    body: impl FnOnce(&Guarded<L>) -> R + 'static,
) -> JoinHandle<R> {
    let lock = Arc::clone(lock);
    spawn(move || body(&lock))
}

/// What a thread does that comes for a while.
fn granted<L>(lock: &Guarded<L>, timed_out: bool) -> &'static str {
    if timed_out {
        return "timed out";
    }
    lock.bump();
    "granted"
}

fn lock_contention(check: Check) {
    check
        .outcomes(&["rival first", "rival second"])
        .overdue(&[false, true])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = guarded(RawLock::new());
            let rival = with(&lock, |lock| {
                lock.lock();
                lock.bump();
                lock.try_unlock().unwrap();
            });
            lock.lock();
            run.saw(["rival second", "rival first"][lock.value()]);
            lock.bump();
            lock.try_unlock().unwrap();
            rival.join().unwrap();
            assert_eq!(lock.value(), 2);
            assert!(lock.try_unlock().is_err());
            lock.assert_quiet();
        });
}

fn lock_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = guarded(RawLock::new());
            lock.lock();
            let rival = with(&lock, |lock| {
                let timed_out = lock.lock_timeout(LONG).is_err();
                let saw = granted(lock, timed_out);
                assert!(timed_out || lock.try_unlock().is_ok());
                saw
            });
            lock.bump();
            lock.try_unlock().unwrap();
            run.saw(rival.join().unwrap());
            assert!(lock.lock_deadline(Instant::now()).is_ok());
            lock.try_unlock().unwrap();
            lock.assert_quiet();
        });
}

/// Whoever unlocks in the place of the thread that has locked has seen what happened before the lock.
fn by_somebody_else(check: Check) {
    check
        .outcomes(&["unlocked by the other", "unlocked by the one"])
        .run(|run| {
            let lock = guarded(RawLock::new());
            let other = with(&lock, |lock| {
                let unlocked = lock.try_unlock().is_ok();
                if unlocked {
                    lock.bump();
                }
                unlocked
            });
            lock.bump();
            lock.lock();
            // The other one first, so that loom finds the two orders from there (loom #166).
            yield_now();
            let by_other = lock.try_unlock().is_err();
            assert_eq!(other.join().unwrap(), by_other);
            run.saw(if by_other {
                "unlocked by the other"
            } else {
                "unlocked by the one"
            });
            assert_eq!(lock.value(), 1 + usize::from(by_other));
            lock.assert_quiet();
        });
}

/// Two unlock what has been locked once, and a third waits: one of the two is told so, and nobody is let in beside
/// the third.
fn twice_at_once(check: Check) {
    check
        .outcomes(&["the other unlocked", "the one unlocked"])
        .overdue(&[false, true])
        .run(|run| {
            let lock = guarded(RawLock::new());
            lock.lock();
            let third = with(&lock, |lock| {
                lock.lock();
                lock.bump();
                let mine = lock.try_unlock().is_ok();
                usize::from(mine)
            });
            let other = with(&lock, |lock| usize::from(lock.try_unlock().is_ok()));
            let mine = usize::from(lock.try_unlock().is_ok());
            let (other, third) = (other.join().unwrap(), third.join().unwrap());
            // It was locked twice, and unlocked as often.
            assert_eq!(mine + other + third, 2);
            run.saw(if mine == 1 {
                "the one unlocked"
            } else {
                "the other unlocked"
            });
            assert!(!lock.is_locked());
            lock.assert_quiet();
        });
}

/// While a wait for a condition has the guard, an unlock finds nothing; and the wait leaves the lock locked.
fn wait_against_unlock(check: Check) {
    check
        .outcomes(&["unlocked before", "refused"])
        .expiries(&[Some(0)])
        .run(|run| {
            let lock = guarded((RawLock::new(), Condition::new()));
            lock.0.lock();
            let other = with(&lock, |lock| lock.0.try_unlock().is_ok());
            let waited = lock.0.with_guard(|guard| lock.1.wait_timeout(guard, LONG));
            let unlocked = other.join().unwrap();
            run.saw(if waited.is_err() {
                assert!(unlocked);
                "unlocked before"
            } else {
                "refused"
            });
            // Either the wait left it locked, or the other one came after it.
            assert_eq!(lock.0.try_unlock().is_ok(), !unlocked);
            assert!(!lock.0.is_locked());
            lock.0.assert_quiet();
            lock.1.assert_quiet();
        });
}

fn rlock_contention(check: Check) {
    check
        .outcomes(&["rival first", "rival second"])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = guarded(RawRLock::new());
            let rival = with(&lock, |lock| {
                lock.lock();
                lock.lock();
                lock.bump();
                lock.try_unlock().unwrap();
                lock.bump();
                lock.try_unlock().unwrap();
                assert!(lock.try_unlock().is_err());
            });
            lock.lock();
            run.saw(["rival second", "", "rival first"][lock.value()]);
            lock.bump();
            lock.try_unlock().unwrap();
            rival.join().unwrap();
            assert_eq!(lock.value(), 3);
            lock.assert_quiet();
        });
}

fn rlock_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = guarded(RawRLock::new());
            lock.lock();
            let rival = with(&lock, |lock| {
                let timed_out = lock.lock_timeout(LONG).is_err();
                let saw = granted(lock, timed_out);
                assert_eq!(lock.try_unlock().is_err(), timed_out);
                saw
            });
            lock.bump();
            lock.try_unlock().unwrap();
            run.saw(rival.join().unwrap());
            assert!(lock.lock_deadline(Instant::now()).is_ok());
            lock.try_unlock().unwrap();
            lock.assert_quiet();
        });
}

/// A stranger unlocks all the time, and finds nothing that is its own.
fn by_a_stranger(check: Check) {
    check
        .outcomes(&["while it was locked", "before or after"])
        .run(|run| {
            let lock = guarded(RawRLock::new());
            let stranger = with(&lock, |lock| {
                let locked = lock.is_locked();
                assert!(lock.try_unlock().is_err());
                locked
            });
            lock.lock();
            lock.lock();
            lock.bump();
            lock.try_unlock().unwrap();
            assert_eq!(lock.depth(), 1);
            lock.try_unlock().unwrap();
            run.saw(if stranger.join().unwrap() {
                "while it was locked"
            } else {
                "before or after"
            });
            lock.assert_quiet();
        });
}

fn all_levels(check: Check) {
    check
        .outcomes(&["notified", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = guarded((RawRLock::new(), Condition::new()));
            let waiter = with(&lock, |lock| {
                lock.0.lock();
                lock.0.lock();
                let before = lock.value();
                if before > 0 {
                    // The notify is over.
                    lock.0.try_unlock().unwrap();
                    lock.0.try_unlock().unwrap();
                    return None;
                }
                let notified = lock
                    .0
                    .with_guard(|guard| lock.1.wait_nested_timeout(guard, LONG))
                    .unwrap();
                assert_eq!(lock.0.depth(), 2);
                if notified.is_ok() {
                    assert_eq!(lock.value(), 1);
                }
                lock.0.try_unlock().unwrap();
                lock.0.try_unlock().unwrap();
                Some(notified.is_ok())
            });
            lock.0.lock();
            lock.bump();
            let reached = lock.1.notify_one();
            lock.0.try_unlock().unwrap();
            let notified = waiter.join().unwrap();
            assert_eq!(notified.unwrap_or(false), reached);
            run.saw(if reached { "notified" } else { "timed out" });
            lock.0.assert_quiet();
            lock.1.assert_quiet();
        });
}

fn rw_contention(check: Check) {
    check
        .outcomes(&["writer first", "reader first"])
        .run(|run| {
            let lock = guarded(RawRwLock::new());
            let writer = with(&lock, |lock| {
                lock.write();
                lock.bump();
                lock.try_unlock_write().unwrap();
            });
            lock.read();
            run.saw(["reader first", "writer first"][lock.value()]);
            lock.try_unlock_read().unwrap();
            writer.join().unwrap();
            assert!(lock.try_unlock_read().is_err());
            assert!(lock.try_unlock_write().is_err());
            assert_eq!(lock.value(), 1);
            lock.assert_quiet();
        });
}

fn rw_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = guarded(RawRwLock::new());
            lock.read();
            let writer = with(&lock, |lock| {
                let timed_out = lock.write_timeout(LONG).is_err();
                let saw = granted(lock, timed_out);
                assert_eq!(lock.try_unlock_write().is_err(), timed_out);
                saw
            });
            lock.value();
            lock.try_unlock_read().unwrap();
            run.saw(writer.join().unwrap());
            let now = Instant::now();
            assert!(lock.write_deadline(now).is_ok());
            assert!(lock.read_timeout(Duration::ZERO).is_err());
            lock.try_unlock_write().unwrap();
            assert!(lock.read_deadline(now).is_ok());
            lock.try_unlock_read().unwrap();
            lock.assert_quiet();
        });
}

/// Two unlock for the one reader, and a writer waits: one of the two is told so, and the word does not count below zero.
fn rw_twice_at_once(check: Check) {
    check
        .outcomes(&["the other unlocked", "the one unlocked"])
        .run(|run| {
            let lock = guarded(RawRwLock::new());
            lock.read();
            lock.value();
            let writer = with(&lock, |lock| {
                lock.write();
                lock.bump();
                lock.try_unlock_write().unwrap();
            });
            let other = with(&lock, |lock| lock.try_unlock_read().is_ok());
            let mine = lock.try_unlock_read().is_ok();
            assert_ne!(mine, other.join().unwrap());
            writer.join().unwrap();
            run.saw(if mine {
                "the one unlocked"
            } else {
                "the other unlocked"
            });
            assert!(!lock.is_locked());
            lock.assert_quiet();
        });
}
