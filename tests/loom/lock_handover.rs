//! Models of how `Lock` changes hands: to whom it is given, and who finds it free.

use core::pin::pin;
use core::task::Poll;
use std::sync::Arc;

use syncline::internals::Quiet;
use syncline::loom::thread::spawn;
use syncline::thread;

use crate::kit::{Check, CountingWaker, Guarded, Model, Unlock, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("lock/thread/unlocked_lets_a_rival_in", unlocked),
    model!("lock/mixed/unlock_hands_over_to_a_waiting_task", withheld),
    model!("lock/mixed/nobody_passes_a_waiting_task", no_passing),
];

/// A lock around nothing, beside the cell that it is said to guard.
type Shared = Guarded<Arc<thread::Lock<()>>>;

const BOTH_UNLOCKS: &[Unlock] = &[Unlock::Asymmetric, Unlock::Swap];

fn shared() -> Arc<Shared> {
    Arc::new(Guarded::new(Arc::new(thread::Lock::new(()))))
}

/// A holder that steps outside comes back with the lock, after whoever got it meanwhile.
fn unlocked(check: Check) {
    check
        .outcomes(&["rival first", "rival meanwhile", "rival later"])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = shared();
            let rival = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    let guard = lock.lock();
                    lock.bump();
                    drop(guard);
                }
            });
            let mut guard = lock.lock();
            let before = lock.value();
            thread::LockGuard::unlocked(&mut guard, || ());
            run.saw(match (before, lock.value()) {
                (1, _) => "rival first",
                (0, 1) => "rival meanwhile",
                _ => "rival later",
            });
            lock.bump();
            drop(guard);
            rival.join().unwrap();
            assert_eq!(lock.value(), 2);
            lock.assert_quiet();
        });
}

/// An unlock that finds a waiting task gives the lock to it, also where a locker has looked at
/// the flags before the task came, and tries to take the lock after.
fn withheld(check: Check) {
    check
        .outcomes(&["handed over"])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = shared();
            let guard = lock.lock();
            let barger = spawn({
                let lock = Arc::clone(&lock);
                move || lock.try_lock().is_some()
            });
            let waker = CountingWaker::new();
            let mut waiting = pin!(lock.as_task().lock());
            assert!(poll_once(waiting.as_mut(), &waker).is_pending());
            lock.bump();
            drop(guard);
            let Poll::Ready(guard) = poll_once(waiting.as_mut(), &waker) else {
                panic!("somebody passed a waiting task")
            };
            run.saw("handed over");
            assert_eq!(lock.value(), 1);
            assert!(!barger.join().unwrap());
            drop(guard);
            lock.assert_quiet();
        });
}

/// While a task waits, a thread that comes finds the lock taken, whoever unlocks.
fn no_passing(check: Check) {
    check
        .outcomes(&["tried before the grant", "tried after the grant"])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = shared();
            let guard = lock.lock();
            let waker = Arc::new(CountingWaker::new());
            let mut waiting = pin!(lock.as_task().lock());
            assert!(poll_once(waiting.as_mut(), &waker).is_pending());
            let barger = spawn({
                let (lock, waker) = (Arc::clone(&lock), Arc::clone(&waker));
                move || {
                    assert!(lock.try_lock().is_none());
                    waker.wakes() > 0
                }
            });
            lock.bump();
            drop(guard);
            let after = barger.join().unwrap();
            run.saw(if after {
                "tried after the grant"
            } else {
                "tried before the grant"
            });
            let Poll::Ready(guard) = poll_once(waiting.as_mut(), &waker) else {
                panic!("the lock is its own")
            };
            assert_eq!(lock.value(), 1);
            drop(guard);
            lock.assert_quiet();
        });
}
