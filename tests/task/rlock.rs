//! The re-entrant lock, as tasks see it.

use crate::actor::Actor;
use crate::driver::Driver;
use crate::watch::watched;
use core::fmt::Debug;
use core::panic::AssertUnwindSafe;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::thread;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::{MappedRLockGuard, OwnedRLockGuard, RLock, RLockGuard, block_on, identified};

/// As often as one task can lock.
const FULL: usize = 65_535;

/// Runs something as a task of its own, which never waits.
fn as_task<R>(body: impl FnOnce() -> R) -> R {
    block_on(async { body() })
}

#[test]
fn a_task_may_lock_again_in_every_form() {
    let lock = Arc::new(RLock::new(7));
    block_on(async {
        let guards = (
            lock.lock().await,
            lock.try_lock().unwrap(),
            lock.lock_timeout(Duration::ZERO).await.unwrap(),
            lock.lock_timeout(Duration::MAX).await.unwrap(),
            lock.lock_deadline(Instant::now()).await.unwrap(),
        );
        let owned = (
            lock.lock_owned().await,
            lock.try_lock_owned().unwrap(),
            lock.lock_owned_timeout(Duration::ZERO).await.unwrap(),
            lock.lock_owned_deadline(Instant::now()).await.unwrap(),
        );
        assert_eq!(9, RLockGuard::depth(&guards.0));
        assert_eq!(9, OwnedRLockGuard::depth(&owned.3));
        assert_eq!((7, 7), (*guards.4, *owned.0));
        drop(guards);
        assert!(lock.is_locked());
    });
    assert!(!lock.is_locked());
    assert_eq!(1, Arc::strong_count(&lock));
    lock.assert_quiet();
}

#[test]
fn guards_go_in_any_order_and_the_last_one_unlocks() {
    let lock = RLock::new(0);
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2]] {
        block_on(async {
            let mut guards = [(); 3].map(|()| lock.try_lock());
            for (gone, place) in order.into_iter().enumerate() {
                as_task(|| assert!(lock.try_lock().is_none()));
                let guard = guards[place].take().unwrap();
                assert_eq!(3 - gone, RLockGuard::depth(&guard));
                drop(guard);
            }
        });
        assert!(!lock.is_locked());
    }
    lock.assert_quiet();
}

/// A request of another task than the one that is running, in line.
fn in_line<F: Future>(future: F) -> Driver<F> {
    let mut driver = Driver::new(future);
    as_task(|| driver.pending());
    driver
}

#[test]
fn to_lock_again_waits_for_nobody_in_line() {
    let lock = RLock::new(0);
    block_on(async {
        let outer = lock.lock().await;
        let waiter = in_line(lock.lock());
        let inner = (lock.lock().await, lock.try_lock().unwrap());
        drop(outer);
        drop(inner.0);
        assert!(!waiter.is_woken());
        drop(inner.1);
        drop(as_task(|| waiter.woken()));
    });
    assert!(!lock.is_locked());
    lock.assert_quiet();
}

#[test]
fn a_waiting_task_is_woken_once_and_only_by_the_last_guard() {
    let lock = RLock::new(0);
    let guards = as_task(|| [lock.try_lock(), lock.try_lock()].map(Option::unwrap));
    let waiter = in_line(lock.lock());
    let [outer, inner] = guards;
    drop(outer);
    assert_eq!(0, waiter.probe().wakes());
    drop(inner);
    assert_eq!(1, waiter.probe().wakes());
    assert!(lock.is_locked(), "granted, and not claimed yet");
    as_task(|| assert!(lock.try_lock().is_none()));
    let guard = as_task(|| waiter.woken());
    assert_eq!(1, RLockGuard::depth(&guard));
    drop(guard);
    assert!(!lock.is_locked());
    lock.assert_quiet();
}

#[test]
fn the_last_guard_hands_over_and_the_others_do_not() {
    let lock = Arc::new(RLock::new((0, 1)));
    let (outer, inner, part) = as_task(|| {
        let part = RLockGuard::map(lock.try_lock().unwrap(), |pair| &pair.1);
        (
            lock.try_lock_owned().unwrap(),
            lock.try_lock().unwrap(),
            part,
        )
    });
    let waiter = in_line(lock.lock());
    assert_eq!((1, 3), (*part, MappedRLockGuard::depth(&part)));
    MappedRLockGuard::unlock_fair(MappedRLockGuard::map(part, |part| part));
    RLockGuard::unlock_fair(inner);
    assert!(!waiter.is_woken());
    OwnedRLockGuard::unlock_fair(outer);
    drop(as_task(|| waiter.woken()));
    assert!(!lock.is_locked());
    lock.assert_quiet();
}

#[test]
fn one_lock_too_many_is_a_panic_that_changes_nothing() {
    let lock = Arc::new(RLock::new(7));
    block_on(async {
        let mut guards: Vec<_> = (0..FULL).map(|_| lock.try_lock().unwrap()).collect();
        let refused = [
            catch_unwind(AssertUnwindSafe(|| drop(Driver::new(lock.lock()).ready()))),
            catch_unwind(AssertUnwindSafe(|| drop(lock.try_lock()))),
            catch_unwind(AssertUnwindSafe(|| {
                drop(Driver::new(lock.lock_timeout(Duration::ZERO)).ready());
            })),
            catch_unwind(AssertUnwindSafe(|| {
                drop(Driver::new(lock.lock_owned()).ready());
            })),
            catch_unwind(AssertUnwindSafe(|| drop(lock.try_lock_owned()))),
        ];
        for panic in refused {
            let panic = panic.unwrap_err();
            let message = panic.downcast_ref::<String>().expect("a message");
            assert!(message.contains("more than 65535 times"), "{message}");
        }
        assert_eq!(FULL, RLockGuard::depth(&guards[0]));
        assert_eq!("RLock { data: <locked> }", format!("{lock:?}"));
        guards.pop();
        assert_eq!(FULL, RLockGuard::depth(&lock.lock().await));
    });
    assert!(!lock.is_locked());
    assert_eq!(1, Arc::strong_count(&lock));
    lock.assert_quiet();
}

/// Trap A61: no poisoning.
#[test]
fn a_panic_while_locked_drops_every_guard_it_meets() {
    let lock = RLock::new(0);
    let mut actor = Actor::new();
    let outer = actor.run(|| lock.try_lock().unwrap());
    let waiter = in_line(lock.lock());
    let panics = actor.run(|| {
        catch_unwind(AssertUnwindSafe(|| {
            let _two = (lock.try_lock(), lock.try_lock());
            panic!("while locked");
        }))
    });
    panics.unwrap_err();
    assert_eq!(1, RLockGuard::depth(&outer));
    catch_unwind(AssertUnwindSafe(move || {
        let _outer = outer;
        panic!("while locked");
    }))
    .unwrap_err();
    drop(as_task(|| waiter.woken()));
    let maps = || -> MappedRLockGuard<'_, i32> {
        as_task(|| RLockGuard::map(lock.try_lock().unwrap(), |_| panic!("no part")))
    };
    catch_unwind(AssertUnwindSafe(|| drop(maps()))).unwrap_err();
    assert!(!lock.is_locked());
    lock.assert_quiet();
}

/// Traps A9, B19.
#[test]
fn an_owned_guard_keeps_its_lock_alive_and_no_longer() {
    let lock = Arc::new(RLock::new(String::from("data")));
    let watch = Arc::downgrade(&lock);
    let (one, other) = block_on(async { (lock.lock_owned().await, lock.lock_owned().await) });
    drop(lock);
    assert_eq!(("data", "data"), (&**one, &**other));
    drop(one);
    assert_eq!(1, OwnedRLockGuard::depth(&other));
    drop(other);
    assert_eq!(0, watch.strong_count());
}

/// Traps A9, B19, B25.
#[test]
fn an_owned_wait_that_is_the_last_to_know_its_lock_frees_it() {
    let lock = Arc::new(RLock::new(0));
    let watch = Arc::downgrade(&lock);
    let guard = block_on(lock.lock_owned());
    let first = in_line(lock.lock_owned());
    let second = in_line(lock.lock_owned());
    drop(lock);
    drop(guard);
    drop(as_task(|| first.woken()));
    assert_eq!(0, second.cancel().alive());
    assert_eq!(0, watch.strong_count());
}

#[test]
fn get_mut_and_into_inner_need_no_waiting() {
    let mut lock = RLock::from(1);
    *lock.get_mut() += 1;
    assert_eq!(2, lock.into_inner());
    assert_eq!(0, RLock::<i32>::default().into_inner());
}

#[test]
fn a_lock_can_hold_what_has_no_size() {
    let lock: Arc<RLock<[i32]>> = Arc::new(RLock::new([1, 2, 3]));
    let guard = block_on(lock.lock_owned());
    assert_eq!([1, 2, 3], *guard);
    drop(guard);
    let lock: Box<RLock<dyn Debug + Sync>> = Box::new(RLock::new(5));
    assert_eq!("5", format!("{:?}", &*block_on(lock.lock())));
    let lock = lock.as_thread();
    assert_eq!("5", format!("{:?}", &*lock.lock()));
}

/// What can be looked at without a task: everything but the lock itself.
#[test]
fn debug_output_shows_the_data_to_its_owner_and_to_others_only_if_it_is_free() {
    let lock = RLock::new(41);
    assert_eq!("RLock { data: 41 }", format!("{lock:?}"));
    let mut actor = Actor::new();
    let guard = actor.run(|| lock.try_lock().unwrap());
    assert_eq!("RLock { data: 41 }", actor.run(|| format!("{lock:?}")));
    assert_eq!("RLock { data: <locked> }", as_task(|| format!("{lock:?}")));
    assert_eq!("RLock { data: <locked> }", format!("{lock:?}"));
    assert_eq!("41 41", format!("{guard:?} {guard}"));
    drop(guard);
    assert!(!lock.is_locked(), "looking at it has locked it");
    assert!(format!("{:?} {:?}", lock.lock(), lock.lock_timeout(Duration::ZERO)).contains("Wait"));
    lock.assert_quiet();
}

/// On real threads: tasks that lock twice, and write in between.
#[test]
fn a_lock_excludes_tasks_on_every_level() {
    let lock = Arc::new(RLock::new((AtomicU64::new(0), AtomicU64::new(0))));
    watched(&"tasks", || {
        let adds = |_| {
            let lock = Arc::clone(&lock);
            thread::spawn(move || {
                block_on(async {
                    for _ in 0..500 {
                        let outer = lock.lock().await;
                        let seen = outer.0.load(Relaxed);
                        let inner = lock.lock_owned().await;
                        inner.0.store(seen + 1, Relaxed);
                        drop(outer);
                        inner.1.store(inner.1.load(Relaxed) + 1, Relaxed);
                    }
                });
            })
        };
        let threads: Vec<_> = (0..4).map(adds).collect();
        for thread in threads {
            thread.join().unwrap();
        }
    });
    lock.assert_quiet();
    let (one, other) = Arc::into_inner(lock).unwrap().into_inner();
    assert_eq!((2000, 2000), (one.into_inner(), other.into_inner()));
}

/// The same on a runtime that moves tasks between its threads.
#[test]
fn a_task_that_moves_between_threads_stays_the_owner() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(3)
        .build()
        .unwrap();
    let lock = Arc::new(RLock::new(AtomicU64::new(0)));
    watched(&"tasks of tokio", || {
        let adds = |_| {
            let lock = Arc::clone(&lock);
            runtime.spawn(identified(async move {
                for _ in 0..100 {
                    let outer = lock.lock_owned().await;
                    tokio::task::yield_now().await;
                    let inner = lock.lock().await;
                    assert_eq!(2, RLockGuard::depth(&inner));
                    let seen = inner.load(Relaxed);
                    tokio::task::yield_now().await;
                    outer.store(seen + 1, Relaxed);
                    drop(outer);
                    tokio::task::yield_now().await;
                }
            }))
        };
        let tasks: Vec<_> = (0..4).map(adds).collect();
        for task in tasks {
            runtime.block_on(task).unwrap();
        }
    });
    assert!(!lock.is_locked());
    lock.assert_quiet();
    assert_eq!(
        400,
        Arc::into_inner(lock).unwrap().into_inner().into_inner()
    );
}
