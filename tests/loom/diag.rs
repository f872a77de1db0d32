//! Models of what the feature `diagnostics` records: a look against waits, grants, withdrawals and drops.
//!
//! Nobody looks from outside: every look is one that a program may take.

use core::pin::pin;
use core::time::Duration;
use std::sync::Arc;

use syncline::diag::{self, Kind, Party, PrimitiveReport, Snapshot};
use syncline::internals::Quiet;
use syncline::loom::thread::spawn;
use syncline::task::{self, block_on};
use syncline::thread;

use crate::kit::{Check, CountingWaker, Guarded, Model, Unlock, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("diag/lock/who_has_unlocked_is_not_its_owner", not_its_owner),
    model!("diag/lock/granted_to_a_task", granted_task),
    model!("diag/lock/a_waiter_makes_the_owner_known", owner_is_known),
    model!("diag/lock/locks_in_order_are_no_certain_circle", no_circle),
    model!("diag/lock/drop_against_look", drop_against_look),
    model!("diag/lock/timeout_against_look", timeout_against_look),
    model!("diag/rlock/nested_against_look", nested_against_look),
    model!("diag/rwlock/who_has_unlocked_is_not_its_owner", no_writer),
    model!("diag/event/two_make_one_record", one_record),
    model!("diag/semaphore/grant_against_look", grant_against_look),
    model!("diag/event/set_against_look", set_against_look),
    model!("diag/barrier/round_against_look", round_against_look),
    model!("diag/condition/notify_against_look", notify_against_look),
    model!("diag/queue/put_against_look", put_against_look),
    model!("diag/job/end_against_look", job_against_look),
];

const LONG: Duration = Duration::from_secs(60);
const BOTH_UNLOCKS: &[Unlock] = &[Unlock::Asymmetric, Unlock::Swap];

/// What is seen of the only primitive of this kind that has no name; a job has that of its closure.
fn of(snapshot: &Snapshot, kind: Kind) -> Option<&PrimitiveReport> {
    let mut all = snapshot.primitives.iter();
    let mut of_kind = all
        .by_ref()
        .filter(|one| one.target.kind == kind)
        .filter(|one| kind == Kind::Job || one.target.name.is_none());
    let found = of_kind.next();
    assert!(
        of_kind.next().is_none(),
        "there is one record for one primitive"
    );
    if let Some(one) = found {
        assert_eq!(one.waiting, one.waiters.len());
    }
    found
}

/// How many wait for it, as far as is known.
fn waiting(kind: Kind) -> usize {
    of(&diag::snapshot(), kind).map_or(0, |one| one.waiting)
}

/// This thread, by something that it has, and has no more afterwards.
fn me(mark: &thread::Lock<()>) -> Party {
    let owner = || {
        let snapshot = diag::snapshot();
        let mut all = snapshot.primitives.into_iter();
        let mark = all.find(|one| one.target.name.as_deref() == Some("mark"));
        mark.expect("it has a name, and was locked").owner
    };
    let held = mark.lock();
    let me = owner();
    drop(held);
    assert_eq!(owner(), None, "it has been unlocked");
    me.expect("it is held")
}

/// What is granted to a task belongs to it before it comes.
fn granted_task(check: Check) {
    let check = check.outcomes(&["this thread", "the task"]);
    check.min_executions(3).unlocks(BOTH_UNLOCKS).run(|run| {
        let lock = Arc::new(Guarded::new(thread::Lock::new(())));
        let mark = thread::Lock::new(()).named("mark");
        let me = me(&mark);
        let guard = lock.lock();
        let waker = CountingWaker::new();
        let mut request = pin!(lock.as_task().lock());
        assert!(poll_once(request.as_mut(), &waker).is_pending());
        let looker = spawn(|| {
            let snapshot = diag::snapshot();
            of(&snapshot, Kind::Lock).and_then(|seen| seen.owner.clone())
        });
        lock.bump();
        drop(guard);
        let seen = looker.join().unwrap();
        // Between the two it is nobody's.
        if let Some(seen) = seen {
            run.saw(if seen == me {
                "this thread"
            } else {
                "the task"
            });
        }
        let snapshot = diag::snapshot();
        let owner = of(&snapshot, Kind::Lock).and_then(|seen| seen.owner.as_ref());
        assert_eq!(
            owner,
            Some(&Party::Unknown),
            "it is the task's, which is not identified"
        );
        assert!(poll_once(request.as_mut(), &waker).is_ready());
    });
}

/// The record is made, and the owner copied, while the owner unlocks.
fn not_its_owner(check: Check) {
    check
        .outcomes(&["no record", "nobody", "the waiter"])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = Arc::new(Guarded::new(thread::Lock::new(())));
            let mark = thread::Lock::new(()).named("mark");
            let me = me(&mark);
            let guard = lock.lock();
            let waiter = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    let guard = lock.lock();
                    lock.bump();
                    drop(guard);
                }
            });
            lock.bump();
            drop(guard);
            let snapshot = diag::snapshot();
            let seen = of(&snapshot, Kind::Lock);
            run.saw(match seen.map(|seen| &seen.owner) {
                None => "no record",
                Some(None) => "nobody",
                Some(Some(owner)) => {
                    assert_ne!(*owner, me, "it has unlocked");
                    "the waiter"
                }
            });
            assert!(snapshot.cycles.is_empty());
            waiter.join().unwrap();
            let snapshot = diag::snapshot();
            if let Some(seen) = of(&snapshot, Kind::Lock) {
                assert_eq!((seen.waiting, &seen.owner), (0, &None));
            }
            assert_eq!(lock.value(), 2);
            lock.assert_quiet();
        });
}

/// The same of a writer, who tells by one word what two say of a lock. It unlocks, or lets readers in.
fn no_writer(check: Check) {
    check
        .outcomes(&["no record", "nobody, unlocked", "nobody, downgraded"])
        .min_executions(10)
        .run(|run| {
            let lock = Arc::new(Guarded::new(thread::RwLock::new(())));
            let mark = thread::Lock::new(()).named("mark");
            let me = me(&mark);
            for downgrade in [false, true] {
                let guard = lock.write();
                let reader = spawn({
                    let lock = Arc::clone(&lock);
                    move || {
                        let guard = lock.read();
                        let seen = lock.value();
                        drop(guard);
                        seen
                    }
                });
                lock.bump();
                let count = lock.value();
                let guard = downgrade
                    .then_some(guard)
                    .map(thread::RwLockWriteGuard::downgrade);
                let snapshot = diag::snapshot();
                run.saw(match of(&snapshot, Kind::RwLock) {
                    None => "no record",
                    Some(seen) => {
                        assert_ne!(seen.owner.as_ref(), Some(&me), "it has unlocked");
                        assert_eq!(seen.owner, None, "readers are no owners");
                        ["nobody, unlocked", "nobody, downgraded"][usize::from(downgrade)]
                    }
                });
                assert_eq!(reader.join().unwrap(), count);
                drop(guard);
            }
            lock.assert_quiet();
        });
}

/// Whoever waits sees whom for, though the record was made after the lock was taken.
fn owner_is_known(check: Check) {
    check
        .outcomes(&["waits", "does not wait yet"])
        .min_executions(5)
        .run(|run| {
            let lock = Arc::new(Guarded::new(thread::Lock::new(())));
            let mark = thread::Lock::new(()).named("mark");
            let me = me(&mark);
            let guard = lock.lock();
            let waiter = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    let guard = lock.lock();
                    lock.bump();
                    drop(guard);
                }
            });
            // What is seen in the line has raised the flags, and copied the owner, unless it is just about to.
            let snapshot = diag::snapshot();
            let seen = of(&snapshot, Kind::Lock).filter(|seen| seen.waiting == 1);
            run.saw(match seen {
                Some(seen) => {
                    assert!(seen.owner.as_ref().is_none_or(|owner| *owner == me));
                    "waits"
                }
                None => "does not wait yet",
            });
            lock.bump();
            drop(guard);
            waiter.join().unwrap();
            assert_eq!(lock.value(), 2);
        });
}

/// Two that lock the same locks in the same order are never said to wait for each other for ever.
fn no_circle(check: Check) {
    check.outcomes(&["no cycle"]).run(|run| {
        let locks = Arc::new((
            Guarded::new(thread::Lock::new(())),
            thread::Lock::new(()).named("second"),
        ));
        let other = spawn({
            let locks = Arc::clone(&locks);
            move || {
                let first = locks.0.lock();
                locks.0.bump();
                let second = locks.1.lock();
                drop(first);
                drop(second);
            }
        });
        let first = locks.0.lock();
        locks.0.bump();
        drop(first);
        let second = locks.1.lock();
        assert!(diag::snapshot().cycles.is_empty());
        run.saw("no cycle");
        drop(second);
        other.join().unwrap();
    });
}

/// A request that is dropped is not looked at any more, nor is its lock.
fn drop_against_look(check: Check) {
    check.outcomes(&["nobody waits", "one waits"]).run(|run| {
        let lock = Arc::new(Guarded::new(task::Lock::new(())));
        let guard = block_on(lock.lock());
        let dropper = spawn({
            let lock = Arc::clone(&lock);
            move || {
                let waker = CountingWaker::new();
                let mut request = Box::pin(lock.lock());
                assert!(poll_once(request.as_mut(), &waker).is_pending());
                drop(request);
                drop(lock);
            }
        });
        let seen = waiting(Kind::Lock);
        run.saw(["nobody waits", "one waits"][seen]);
        dropper.join().unwrap();
        lock.bump();
        drop(guard);
        assert_eq!(waiting(Kind::Lock), 0);
        drop(lock);
        assert!(of(&diag::snapshot(), Kind::Lock).is_none(), "it is gone");
    });
}

/// A thread whose time is over is in no list when it returns.
fn timeout_against_look(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), None])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = Arc::new(Guarded::new(thread::Lock::new(())));
            let guard = lock.lock();
            let rival = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    if let Ok(guard) = lock.lock_timeout(LONG) {
                        lock.bump();
                        drop(guard);
                        return "granted";
                    }
                    assert_eq!(waiting(Kind::Lock), 0);
                    "timed out"
                }
            });
            lock.bump();
            drop(guard);
            run.saw(rival.join().unwrap());
            let snapshot = diag::snapshot();
            if let Some(seen) = of(&snapshot, Kind::Lock) {
                assert_eq!(
                    (seen.waiting, &seen.owner),
                    (0, &None),
                    "nobody has it any more"
                );
            }
            lock.assert_quiet();
        });
}

/// Who has it twice has it once for whoever looks, and no more once it has unlocked twice.
fn nested_against_look(check: Check) {
    check.outcomes(&["nobody waits", "one waits"]).run(|run| {
        let lock = Arc::new(Guarded::new(thread::RLock::new(())));
        let mark = thread::Lock::new(()).named("mark");
        let me = me(&mark);
        let (outer, inner) = (lock.lock(), lock.lock());
        let waiter = spawn({
            let lock = Arc::clone(&lock);
            move || {
                let guard = lock.lock();
                lock.bump();
                drop(guard);
            }
        });
        drop(inner);
        run.saw(["nobody waits", "one waits"][waiting(Kind::RLock)]);
        lock.bump();
        drop(outer);
        let snapshot = diag::snapshot();
        let owner = of(&snapshot, Kind::RLock).and_then(|seen| seen.owner.as_ref());
        assert_ne!(owner, Some(&me), "it has unlocked");
        waiter.join().unwrap();
        assert_eq!(lock.value(), 2);
    });
}

/// Two who wait first make one record, and both are counted in it.
fn one_record(check: Check) {
    let check = check.outcomes(&["none waited", "one waited", "two waited"]);
    check.run(|run| {
        let event = Arc::new(Guarded::new(task::Event::new()));
        let waiters = [(); 2].map(|()| {
            spawn({
                let event = Arc::clone(&event);
                move || {
                    let waker = CountingWaker::new();
                    let _maybe = poll_once(pin!(event.wait()), &waker);
                }
            })
        });
        event.set();
        for waiter in waiters {
            waiter.join().unwrap();
        }
        let snapshot = diag::snapshot();
        let waits = of(&snapshot, Kind::Event).map_or(0, |one| one.waits);
        run.saw(["none waited", "one waited", "two waited"][usize::try_from(waits).unwrap()]);
    });
}

/// A task that has been granted something is shown until it comes for it.
fn grant_against_look(check: Check) {
    check
        .outcomes(&["waits", "is granted", "has come"])
        .min_executions(3)
        .run(|run| {
            let semaphore = Arc::new(Guarded::new(task::Semaphore::new(0)));
            let waker = CountingWaker::new();
            let mut request = pin!(semaphore.acquire());
            assert!(poll_once(request.as_mut(), &waker).is_pending());
            let releaser = spawn({
                let semaphore = Arc::clone(&semaphore);
                move || {
                    semaphore.bump();
                    semaphore.release(1).unwrap();
                }
            });
            let snapshot = diag::snapshot();
            let seen = of(&snapshot, Kind::Semaphore).expect("somebody has waited");
            run.saw(match &seen.waiters[..] {
                [one] if one.is_granted => "is granted",
                // In the first list, or between the two.
                [_] | [] => "waits",
                more => panic!("one waits, not {}", more.len()),
            });
            releaser.join().unwrap();
            let permit = poll_once(request.as_mut(), &waker);
            assert!(permit.is_ready());
            assert_eq!(waiting(Kind::Semaphore), 0);
            run.saw("has come");
            assert_eq!(semaphore.value(), 1);
        });
}

fn set_against_look(check: Check) {
    check.outcomes(&["nobody waits", "one waits"]).run(|run| {
        let event = Arc::new(Guarded::new(thread::Event::new()));
        let waiter = spawn({
            let event = Arc::clone(&event);
            move || {
                event.wait();
                assert_eq!(event.value(), 1);
            }
        });
        run.saw(["nobody waits", "one waits"][waiting(Kind::Event)]);
        event.bump();
        event.set();
        waiter.join().unwrap();
        assert_eq!(waiting(Kind::Event), 0);
    });
}

fn round_against_look(check: Check) {
    check.outcomes(&["nobody waits", "one waits"]).run(|run| {
        let barrier = Arc::new(Guarded::new(thread::Barrier::new(2)));
        let other = spawn({
            let barrier = Arc::clone(&barrier);
            move || {
                barrier.wait().unwrap();
                assert_eq!(barrier.value(), 1);
            }
        });
        run.saw(["nobody waits", "one waits"][waiting(Kind::Barrier)]);
        barrier.bump();
        barrier.wait().unwrap();
        other.join().unwrap();
        assert_eq!(waiting(Kind::Barrier), 0);
    });
}

/// A waiter that is moved from the condition to the lock is never in two lists.
fn notify_against_look(check: Check) {
    check.outcomes(&["at neither", "at the lock"]).run(|run| {
        let both = Arc::new((
            Guarded::new(thread::Lock::new(false)),
            thread::Condition::new(),
        ));
        let waiter = spawn({
            let both = Arc::clone(&both);
            move || {
                let mut guard = both.0.lock();
                while !*guard {
                    guard = both.1.wait(guard);
                }
                both.0.bump();
                drop(guard);
            }
        });
        let mut guard = both.0.lock();
        *guard = true;
        both.0.bump();
        both.1.notify_one();
        let snapshot = diag::snapshot();
        let at = |kind| of(&snapshot, kind).map_or(0, |one| one.waiting);
        // It was moved by this thread, if it was there.
        run.saw(match (at(Kind::Condition), at(Kind::Lock)) {
            (0, 0) => "at neither",
            (0, 1) => "at the lock",
            more => panic!("one waits, not {more:?}"),
        });
        drop(guard);
        waiter.join().unwrap();
        assert_eq!((waiting(Kind::Condition), waiting(Kind::Lock)), (0, 0));
        assert_eq!(both.0.value(), 2);
    });
}

fn put_against_look(check: Check) {
    check.outcomes(&["nobody waits", "one waits"]).run(|run| {
        let queue = Arc::new(Guarded::new(thread::Queue::unbounded()));
        let getter = spawn({
            let queue = Arc::clone(&queue);
            move || {
                let item = queue.get().unwrap();
                assert_eq!(queue.value(), item);
            }
        });
        run.saw(["nobody waits", "one waits"][waiting(Kind::QueueGet)]);
        queue.bump();
        queue.put(1).unwrap();
        getter.join().unwrap();
        assert_eq!(waiting(Kind::QueueGet), 0);
    });
}

/// Whoever waits for a job is shown with whoever does it.
fn job_against_look(check: Check) {
    check.outcomes(&["nobody waits", "one waits"]).run(|run| {
        let job = thread::spawn(|| 1);
        let waiter = spawn(move || job.wait().unwrap());
        let snapshot = diag::snapshot();
        run.saw(
            ["nobody waits", "one waits"][of(&snapshot, Kind::Job).map_or(0, |one| one.waiting)],
        );
        assert!(snapshot.cycles.is_empty());
        assert_eq!(waiter.join().unwrap(), 1);
    });
}
