//! The lock for readers and writers, as tasks see it.

use crate::driver::Driver;
use crate::executors::{on_every_executor, task};
use crate::watch::{until_waiting, watched};
use core::fmt::Debug;
use core::panic::AssertUnwindSafe;
use core::task::Poll;
use core::time::Duration;
use futures_lite::future::yield_now;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::thread;
use std::time::Instant;
use syncline::OwnedRwLockUpgradableReadGuard;
use syncline::internals::Quiet;
use syncline::task::{RwLock, RwLockReadGuard, RwLockUpgradableReadGuard, RwLockWriteGuard};

#[test]
fn a_free_lock_is_taken_at_the_first_poll() {
    let lock = Arc::new(RwLock::new(0));
    *Driver::new(lock.write()).ready() += 1;
    *Driver::new(lock.write_owned()).ready() += 1;
    let first = Driver::new(lock.read()).ready();
    let second = Driver::new(lock.read_owned()).ready();
    let third = Driver::new(lock.upgradable_read()).ready();
    assert_eq!((2, 2, 2, 3), (*first, *second, *third, lock.reader_count()));
    drop((first, second));
    *Driver::new(RwLockUpgradableReadGuard::upgrade(third)).ready() += 1;
    let guard = Driver::new(lock.upgradable_read_owned()).ready();
    *Driver::new(RwLock::upgrade_owned(guard)).ready() += 1;
    assert_eq!(4, *lock.try_read().unwrap());
    assert_eq!(1, Arc::strong_count(&lock));
    lock.assert_quiet();
}

/// Phase-fair: who stands next to each other in line is let in together, and nobody passes a writer.
#[test]
fn readers_who_stand_next_to_each_other_are_let_in_together() {
    let lock = RwLock::new(0);
    let held = lock.try_write().unwrap();
    let early = [(); 3].map(|()| Driver::waiting(lock.read()));
    let writer = Driver::waiting(lock.write());
    let late = [(); 2].map(|()| Driver::waiting(lock.read()));
    drop(held);
    assert!(early.iter().all(Driver::is_woken));
    assert!(!writer.is_woken() && !late.iter().any(Driver::is_woken));
    let mut early = early.map(Driver::woken).into_iter();
    assert_eq!(3, lock.reader_count());
    drop((early.next(), early.next()));
    assert!(!writer.is_woken(), "one still reads");
    drop(early);
    let writer = writer.woken();
    assert!(!late.iter().any(Driver::is_woken));
    drop(writer);
    assert!(late.iter().all(Driver::is_woken));
    drop(late.map(Driver::woken));
    lock.assert_quiet();
}

/// Trap R8: a reader who comes while a writer waits stands behind it, `try_read` included.
#[test]
fn nobody_passes_a_waiting_writer() {
    let lock = Arc::new(RwLock::new(0));
    let reader = lock.try_read().unwrap();
    let writer = Driver::waiting(lock.write());
    assert!(lock.try_read().is_none());
    assert!(lock.try_upgradable_read().is_none());
    assert!(lock.as_thread().try_read().is_none());
    assert!(lock.as_thread().try_read_recursive().is_some());
    let late = Driver::waiting(lock.read());
    drop(reader);
    drop(writer.woken());
    drop(late.woken());
    lock.assert_quiet();
}

/// Trap R6.
#[test]
fn a_writer_who_goes_away_lets_in_whoever_stood_behind_it() {
    let lock = RwLock::new(0);
    let reader = lock.try_read().unwrap();
    let writer = Driver::waiting(lock.write());
    let late = [(); 2].map(|()| Driver::waiting(lock.read()));
    assert_eq!(0, writer.cancel().alive());
    let late = late.map(Driver::woken);
    assert_eq!(3, lock.reader_count());
    drop((reader, late));
    lock.assert_quiet();
}

/// Trap R4.
#[test]
fn an_upgrade_waits_for_readers_and_comes_before_everybody() {
    let lock = RwLock::new(0);
    let reader = lock.try_read().unwrap();
    let guard = lock.try_upgradable_read().unwrap();
    let writer = Driver::waiting(lock.write());
    let late = Driver::waiting(lock.read());
    let upgrade = Driver::waiting(RwLockUpgradableReadGuard::upgrade(guard));
    assert!(!upgrade.is_woken());
    drop(reader);
    assert!(!writer.is_woken());
    let mut guard = upgrade.woken();
    *guard += 1;
    drop(guard);
    drop(writer.woken());
    assert_eq!(1, *late.woken());
    lock.assert_quiet();
}

#[test]
fn an_upgrade_that_is_dropped_unlocks() {
    let lock = Arc::new(RwLock::new(0));
    let reader = lock.try_read().unwrap();
    // Not polled; polled, and waiting; granted.
    drop(RwLockUpgradableReadGuard::upgrade(
        lock.try_upgradable_read().unwrap(),
    ));
    let guard = lock.try_upgradable_read().unwrap();
    let upgrade = Driver::waiting(RwLockUpgradableReadGuard::upgrade(guard));
    let late = Driver::waiting(lock.read());
    assert_eq!(0, upgrade.cancel().alive());
    drop(late.woken());
    let guard = lock.try_upgradable_read_owned().unwrap();
    let upgrade = Driver::waiting(RwLock::upgrade_owned(guard));
    drop(reader);
    assert!(upgrade.is_woken());
    drop(upgrade);
    assert!(!lock.is_locked());
    assert_eq!(1, Arc::strong_count(&lock));
    lock.assert_quiet();
}

/// Trap R9.
#[test]
fn an_upgrade_that_is_not_granted_gives_its_guard_back() {
    let lock = Arc::new(RwLock::new(0));
    watched(&lock, || {
        let reader = lock.try_read().unwrap();
        let guard = lock.try_upgradable_read().unwrap();
        let guard = RwLockUpgradableReadGuard::try_upgrade(guard).unwrap_err();
        let zero = RwLockUpgradableReadGuard::upgrade_timeout(guard, Duration::ZERO);
        let guard = Driver::new(zero).ready().unwrap_err();
        let (start, wait) = (Instant::now(), Duration::from_millis(2));
        let timed = RwLockUpgradableReadGuard::upgrade_timeout(guard, wait);
        let guard = syncline::task::block_on(timed).unwrap_err();
        assert!(start.elapsed() >= wait);
        let late = RwLockUpgradableReadGuard::upgrade_deadline(guard, start);
        let guard = syncline::task::block_on(late).unwrap_err();
        assert_eq!((2, 0), (lock.reader_count(), lock.waiting()));
        drop((guard, reader));
        let guard = lock.try_upgradable_read_owned().unwrap();
        let reader = lock.try_read().unwrap();
        let guard = OwnedRwLockUpgradableReadGuard::try_upgrade(guard).unwrap_err();
        let timed = RwLock::upgrade_owned_timeout(guard, wait);
        let guard = syncline::task::block_on(timed).unwrap_err();
        drop(reader);
        let last = RwLock::upgrade_owned_deadline(guard, Instant::now());
        *Driver::new(last).ready().unwrap() += 1;
    });
    assert_eq!(1, *lock.try_read().unwrap());
    lock.assert_quiet();
}

#[test]
fn a_timed_upgrade_that_is_granted_is_no_longer_timed() {
    let lock = RwLock::new(0);
    let reader = lock.try_read().unwrap();
    let guard = lock.try_upgradable_read().unwrap();
    let far = Duration::from_secs(3600);
    let upgrade = Driver::waiting(RwLockUpgradableReadGuard::upgrade_timeout(guard, far));
    drop(reader);
    *upgrade.woken().unwrap() += 1;
    assert_eq!(1, *lock.try_read().unwrap());
    lock.assert_quiet();
}

/// Trap R11.
#[test]
fn a_downgrade_lets_waiting_readers_in_and_no_writer() {
    let lock = RwLock::new(0);
    let guard = lock.try_write().unwrap();
    let readers = [(); 2].map(|()| Driver::waiting(lock.read()));
    let writer = Driver::waiting(lock.write());
    let guard = RwLockWriteGuard::downgrade_to_upgradable(guard);
    drop(readers.map(Driver::woken));
    assert!(!writer.is_woken());
    let guard = RwLockUpgradableReadGuard::downgrade(guard);
    assert!(!writer.is_woken());
    drop(guard);
    drop(writer.woken());
    lock.assert_quiet();
}

/// Trap R10, futurelock: the first to be polled is the first in line, whichever is awaited.
#[test]
fn a_write_takes_over_what_another_write_of_its_task_was_granted() {
    let lock = RwLock::new(0);
    let reader = lock.try_read().unwrap();
    let mut first = Driver::waiting(lock.write());
    let waker = first.probe().waker();
    let mut second = Driver::new(lock.write());
    assert!(second.poll_with(&waker).is_pending());
    drop(reader);
    assert!(second.poll_with(&waker).is_pending());
    let taken = second.poll_with(&waker);
    assert!(taken.is_ready());
    first.pending();
    assert!(lock.is_write_locked());
    drop(first);
    drop(taken);
    assert!(!lock.is_locked());
    lock.assert_quiet();
}

/// Futurelock: what was granted to a request that is not polled serves another one of its task, and what that one
/// does not need is for others.
#[test]
fn a_read_takes_over_what_its_task_was_granted_to_write_with() {
    let lock = RwLock::new(0);
    let held = lock.try_write().unwrap();
    let mut write = Driver::waiting(lock.write());
    let waker = write.probe().waker();
    let mut read = Driver::new(lock.read());
    assert!(read.poll_with(&waker).is_pending());
    let other = Driver::waiting(lock.read());
    drop(held);
    // The offer is seen by this poll, and taken over by the next.
    assert!(read.poll_with(&waker).is_pending());
    let guard = match read.poll_with(&waker) {
        Poll::Ready(guard) => guard,
        Poll::Pending => panic!("the grant of this task is taken over"),
    };
    assert!(!lock.is_write_locked());
    assert!(!other.is_woken(), "it came after the write");
    write.pending();
    drop(guard);
    drop(write.woken());
    drop(other.woken());
    lock.assert_quiet();
}

/// Trap A61: no poisoning.
#[test]
fn a_panic_while_locked_unlocks_for_the_next_in_line() {
    let lock = RwLock::new(0);
    let guard = lock.try_write().unwrap();
    let waiter = Driver::waiting(lock.read());
    catch_unwind(AssertUnwindSafe(move || {
        let _guard = guard;
        panic!("while locked");
    }))
    .unwrap_err();
    drop(waiter.woken());
    lock.assert_quiet();
}

#[test]
fn a_mapped_guard_shows_a_part_and_unlocks_the_whole() {
    let lock = RwLock::new((1, String::from("two")));
    let mut part = RwLockWriteGuard::map(lock.try_write().unwrap(), |pair| &mut pair.1);
    part.push('!');
    let reader = Driver::waiting(lock.read());
    drop(part);
    let part = RwLockReadGuard::map(reader.woken(), |pair| &pair.1);
    let writer = Driver::waiting(lock.write());
    assert_eq!("two!", *part);
    drop(part);
    drop(writer.woken());
    lock.assert_quiet();
}

/// Traps A9, B19, B25.
#[test]
fn an_owned_wait_that_is_the_last_to_know_its_lock_frees_it() {
    let lock = Arc::new(RwLock::new(0));
    let gone = Arc::downgrade(&lock);
    let guard = lock.try_write_owned().unwrap();
    let first = Driver::waiting(lock.read_owned());
    let second = Driver::waiting(lock.write_owned());
    drop(lock);
    drop(guard);
    drop(first.woken());
    drop(second);
    assert_eq!(0, gone.strong_count());
}

#[test]
fn a_lock_can_hold_what_has_no_size() {
    let lock: Arc<RwLock<[i32]>> = Arc::new(RwLock::new([1, 2, 3]));
    lock.try_write().unwrap()[0] = 4;
    assert_eq!([4, 2, 3], Driver::new(lock.read_owned()).ready()[..]);
    let lock: Box<RwLock<dyn Debug>> = Box::new(RwLock::new(5));
    assert_eq!("5", format!("{:?}", &*Driver::new(lock.read()).ready()));
}

/// Trap C6: `Debug` must not wait for what the caller holds.
#[test]
fn debug_output_waits_for_nobody() {
    let lock = RwLock::new(41);
    watched(&"debug output", || {
        assert_eq!("RwLock { data: 41 }", format!("{lock:?}"));
        let guard = lock.try_write().unwrap();
        let future = lock.read();
        assert!(!format!("{lock:?} {guard:?} {guard} {future:?}").is_empty());
        drop(future);
        let waiter = Driver::waiting(lock.read());
        assert_eq!("RwLock { data: <locked> }", format!("{lock:?}"));
        drop(guard);
        assert!(format!("{:?}", waiter.woken()).contains("41"));
        let guard = lock.try_upgradable_read().unwrap();
        let upgrade = RwLockUpgradableReadGuard::upgrade(guard);
        assert_eq!("RwLockUpgrade { .. }", format!("{upgrade:?}"));
    });
    lock.assert_quiet();
}

#[test]
fn a_finished_future_panics_when_it_is_polled_again_and_keeps_the_lock_whole() {
    let lock = RwLock::new(0);
    let mut driver = Driver::new(lock.read());
    drop(driver.poll());
    catch_unwind(AssertUnwindSafe(|| drop(driver.poll()))).unwrap_err();
    drop(driver);
    let guard = lock.try_upgradable_read().unwrap();
    let mut driver = Driver::new(RwLockUpgradableReadGuard::upgrade(guard));
    drop(driver.poll());
    catch_unwind(AssertUnwindSafe(|| drop(driver.poll()))).unwrap_err();
    drop(driver);
    assert!(lock.try_write().is_some());
    lock.assert_quiet();
}

const TASKS: u64 = 8;
const ROUNDS: u64 = 50;

#[test]
fn writers_exclude_each_other_and_readers_on_every_executor() {
    let lock = Arc::new(RwLock::new((0, 0)));
    watched(&lock, || {
        on_every_executor(|| {
            let work = |place: u64| {
                let lock = Arc::clone(&lock);
                task(async move {
                    for _ in 0..ROUNDS {
                        if place % 4 == 0 {
                            let mut pair = lock.write().await;
                            pair.0 += 1;
                            yield_now().await;
                            pair.1 += 1;
                        } else if place % 4 == 1 {
                            let reader = lock.upgradable_read().await;
                            let seen = *reader;
                            yield_now().await;
                            let mut pair = RwLockUpgradableReadGuard::upgrade(reader).await;
                            assert_eq!(seen, *pair);
                            pair.0 += 1;
                            let pair = RwLockWriteGuard::downgrade_to_upgradable({
                                pair.1 += 1;
                                pair
                            });
                            yield_now().await;
                            assert_eq!(pair.0, pair.1);
                        } else {
                            let pair = lock.read_owned().await;
                            yield_now().await;
                            assert_eq!(pair.0, pair.1);
                        }
                    }
                })
            };
            (0..TASKS).map(work).collect()
        });
    });
    let total = 4 * (TASKS / 2) * ROUNDS;
    assert_eq!((total, total), *lock.try_read().unwrap());
    lock.assert_quiet();
}

#[test]
fn threads_and_tasks_stand_in_one_line() {
    let lock = Arc::new(RwLock::new(0));
    let held = lock.try_write().unwrap();
    watched(&"a thread and two tasks", || {
        let first = Driver::waiting(lock.read());
        let thread = thread::spawn({
            let lock = Arc::clone(&lock).into_thread();
            move || *lock.write() += 1
        });
        until_waiting(&*lock, 2);
        let last = Driver::waiting(lock.read());
        drop(held);
        assert_eq!(0, *first.woken());
        thread.join().unwrap();
        assert_eq!(1, *last.woken());
    });
    lock.assert_quiet();
}
