//! Models of `lock_all`: several locks that are taken in one order by all.

use core::pin::pin;
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::Quiet;
use syncline::loom::thread::spawn;
use syncline::task::block_on;
use syncline::{task, thread};

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("lock_all/thread/opposite_orders", thread_orders),
    model!("lock_all/thread/timeout_against_grant", thread_timeout),
    model!("lock_all/thread/try_against_unlock", thread_try),
    model!("lock_all/task/opposite_orders", task_orders),
    model!("lock_all/task/timeout_against_grant", task_timeout),
    model!("lock_all/task/drop_against_grant", task_drop),
    model!("lock_all/mixed/thread_and_task", mixed),
];

/// Two locks, beside the cell that is touched with both held.
type Locks = Guarded<[thread::Lock<()>; 2]>;

const LONG: Duration = Duration::from_secs(60);

fn locks() -> Arc<Locks> {
    Arc::new(Guarded::new([thread::Lock::new(()), thread::Lock::new(())]))
}

/// The same two, as tasks see them.
fn of_tasks(locks: &Locks) -> [&task::Lock<()>; 2] {
    locks.each_ref().map(thread::Lock::as_task)
}

fn assert_quiet(locks: &Locks) {
    let [a, b] = &**locks;
    a.assert_quiet();
    b.assert_quiet();
}

/// Two take the same two locks, each in its own way, and touch what these guard.
fn both_get_them(
    check: Check,
    outcomes: &'static [&'static str; 2],
    mine: fn(&Locks, &dyn Fn()),
    rivals: fn(&Locks, &dyn Fn()),
) {
    check.outcomes(outcomes).run(move |run| {
        let locks = locks();
        let rival = spawn({
            let locks = Arc::clone(&locks);
            move || rivals(&locks, &|| locks.bump())
        });
        mine(&locks, &|| {
            run.saw(outcomes[1 - locks.value()]);
            locks.bump();
        });
        rival.join().unwrap();
        assert_eq!(locks.value(), 2);
        assert_quiet(&locks);
    });
}

/// Two threads name the same two locks in opposite orders.
fn thread_orders(check: Check) {
    let mine = |locks: &Locks, inside: &dyn Fn()| {
        let [a, b] = &**locks;
        let guards = thread::lock_all((a, b));
        inside();
        drop(guards);
    };
    let rivals = |locks: &Locks, inside: &dyn Fn()| {
        let [a, b] = &**locks;
        let guards = thread::lock_all((b, a));
        inside();
        drop(guards);
    };
    both_get_them(check, &["rival first", "rival second"], mine, rivals);
}

/// One whose time is over has none of them, also where it had the first.
fn thread_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let locks = locks();
            let last = locks[1].lock();
            let rival = spawn({
                let locks = Arc::clone(&locks);
                move || {
                    let Ok(guards) = thread::lock_all_timeout(&**locks, LONG) else {
                        drop(locks[0].try_lock().expect("it has let go of the first"));
                        return "timed out";
                    };
                    locks.bump();
                    drop(guards);
                    "granted"
                }
            });
            locks.bump();
            drop(last);
            run.saw(rival.join().unwrap());
            assert!(thread::lock_all_deadline(&**locks, Instant::now()).is_ok());
            assert_quiet(&locks);
        });
}

/// A try takes all or none.
fn thread_try(check: Check) {
    check.outcomes(&["taken", "refused"]).run(|run| {
        let locks = locks();
        let rival = spawn({
            let locks = Arc::clone(&locks);
            move || {
                let last = locks[1].lock();
                locks.bump();
                drop(last);
            }
        });
        if let Some(guards) = thread::try_lock_all(&**locks) {
            locks.bump();
            drop(guards);
            run.saw("taken");
        } else {
            drop(locks[0].try_lock().expect("it has let go of the first"));
            run.saw("refused");
        }
        rival.join().unwrap();
        assert_quiet(&locks);
    });
}

fn task_orders(check: Check) {
    let mine = |locks: &Locks, inside: &dyn Fn()| {
        let [a, b] = of_tasks(locks);
        let guards = block_on(task::lock_all((a, b)));
        inside();
        drop(guards);
    };
    let rivals = |locks: &Locks, inside: &dyn Fn()| {
        let [a, b] = of_tasks(locks);
        let guards = block_on(task::lock_all((b, a)));
        inside();
        drop(guards);
    };
    both_get_them(check, &["rival first", "rival second"], mine, rivals);
}

fn task_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let locks = locks();
            let last = locks[1].lock();
            let rival = spawn({
                let locks = Arc::clone(&locks);
                move || {
                    let [a, b] = of_tasks(&locks);
                    let Ok(guards) = block_on(task::lock_all_timeout((a, b), LONG)) else {
                        drop(a.try_lock().expect("it has let go of the first"));
                        return "timed out";
                    };
                    locks.bump();
                    drop(guards);
                    "granted"
                }
            });
            locks.bump();
            drop(last);
            run.saw(rival.join().unwrap());
            let all = of_tasks(&locks);
            assert!(block_on(task::lock_all_deadline(&all, Instant::now())).is_ok());
            assert_quiet(&locks);
        });
}

/// A future that is dropped lets go of the first, and passes on what it was granted of the second.
fn task_drop(check: Check) {
    check
        .outcomes(&["granted", "granted before the drop", "dropped first"])
        .run(|run| {
            let locks = locks();
            let last = locks[1].lock();
            let rival = spawn({
                let locks = Arc::clone(&locks);
                move || {
                    let waker = CountingWaker::new();
                    let all = of_tasks(&locks);
                    let mut waits = pin!(task::lock_all(&all));
                    if let Poll::Ready(guards) = poll_once(waits.as_mut(), &waker) {
                        locks.bump();
                        drop(guards);
                        return "granted";
                    }
                    assert!(locks[0].is_locked(), "it has the first");
                    // A point at which the unlock comes before it, or after.
                    core::hint::black_box(locks[1].is_locked());
                    ["dropped first", "granted before the drop"][waker.wakes()]
                }
            });
            locks.bump();
            drop(last);
            run.saw(rival.join().unwrap());
            drop(task::try_lock_all(&of_tasks(&locks)).expect("all are free"));
            assert_quiet(&locks);
        });
}

/// A thread and a task name the same two locks in opposite orders.
fn mixed(check: Check) {
    let mine = |locks: &Locks, inside: &dyn Fn()| {
        let [a, b] = &**locks;
        let guards = thread::lock_all((a, b));
        inside();
        drop(guards);
    };
    let rivals = |locks: &Locks, inside: &dyn Fn()| {
        let [a, b] = of_tasks(locks);
        let guards = block_on(task::lock_all((b, a)));
        inside();
        drop(guards);
    };
    both_get_them(check, &["task first", "task second"], mine, rivals);
}
