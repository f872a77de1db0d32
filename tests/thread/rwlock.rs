//! The lock for readers and writers, as threads see it.

use crate::watch::{until, until_past, until_waiting, watched};
use core::fmt::Debug;
use core::panic::AssertUnwindSafe;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::thread::{
    OwnedRwLockReadGuard, OwnedRwLockUpgradableReadGuard, OwnedRwLockWriteGuard, RwLock,
    RwLockReadGuard, RwLockUpgradableReadGuard, RwLockWriteGuard,
};
use syncline::{OwnedMappedRwLockReadGuard, OwnedMappedRwLockWriteGuard};

/// Ten times what a head waits before it is overdue.
const OVERDUE: Duration = Duration::from_millis(5);

/// A thread that waits for the lock and then adds one.
fn adds_one(lock: &Arc<RwLock<u64>>) -> thread::JoinHandle<()> {
    let lock = Arc::clone(lock);
    thread::spawn(move || *lock.write() += 1)
}

/// A thread that waits for the lock and then reads.
fn reads(lock: &Arc<RwLock<u64>>) -> thread::JoinHandle<u64> {
    let lock = Arc::clone(lock);
    thread::spawn(move || *lock.read())
}

#[test]
fn a_free_lock_is_taken_by_every_form() {
    let (lock, second) = (Arc::new(RwLock::new(0)), Duration::from_secs(1));
    *lock.write() += 1;
    *lock.try_write().unwrap() += 1;
    *lock.write_timeout(second).unwrap() += 1;
    *lock.write_deadline(Instant::now()).unwrap() += 1;
    *lock.write_owned() += 1;
    *lock.try_write_owned().unwrap() += 1;
    *lock.write_owned_timeout(second).unwrap() += 1;
    *lock.write_owned_deadline(Instant::now()).unwrap() += 1;
    let guards = (
        (lock.read(), lock.try_read().unwrap(), lock.read_recursive()),
        (
            lock.read_timeout(second).unwrap(),
            lock.read_owned_timeout(second).unwrap(),
        ),
        (lock.read_owned(), lock.try_read_owned().unwrap()),
        lock.read_deadline(Instant::now()).unwrap(),
        lock.read_owned_deadline(Instant::now()).unwrap(),
        lock.try_read_recursive().unwrap(),
    );
    assert_eq!((10, 8), (lock.reader_count(), *guards.0.0));
    drop(guards);
    assert_eq!(8, *lock.upgradable_read());
    assert_eq!(8, *lock.try_upgradable_read().unwrap());
    assert_eq!(8, *lock.upgradable_read_timeout(second).unwrap());
    assert_eq!(8, *lock.upgradable_read_deadline(Instant::now()).unwrap());
    assert_eq!(8, *lock.upgradable_read_owned());
    assert_eq!(8, *lock.try_upgradable_read_owned().unwrap());
    assert_eq!(8, *lock.upgradable_read_owned_timeout(second).unwrap());
    let last = lock.upgradable_read_owned_deadline(Instant::now());
    assert_eq!(8, *last.unwrap());
    assert!(!lock.is_locked());
    assert_eq!(1, Arc::strong_count(&lock));
    lock.assert_quiet();
}

#[test]
fn readers_share_the_lock_and_a_writer_has_it_alone() {
    let lock = RwLock::new(());
    let readers = (lock.read(), lock.read());
    assert!(lock.try_write().is_none());
    assert!(lock.try_read().is_some());
    let upgradable = lock.upgradable_read();
    assert!(lock.try_read().is_some());
    assert!(lock.try_upgradable_read().is_none());
    drop((readers, upgradable));
    let writer = lock.write();
    assert!(lock.try_read().is_none());
    assert!(lock.try_read_recursive().is_none());
    assert!(lock.try_upgradable_read().is_none());
    assert!(lock.try_write().is_none());
    drop(writer);
    assert!(lock.try_write().is_some());
    lock.assert_quiet();
}

/// Trap R1: a downgrade gives back no more than was taken.
#[test]
fn what_is_held_is_shown_by_counts_at_this_instant() {
    let lock = RwLock::new(());
    let shown = || {
        (
            lock.is_locked(),
            lock.is_write_locked(),
            lock.reader_count(),
        )
    };
    assert_eq!((false, false, 0), shown());
    let reader = lock.read();
    assert_eq!((true, false, 1), shown());
    let upgradable = lock.upgradable_read();
    assert_eq!((true, false, 2), shown());
    drop(reader);
    assert_eq!((true, false, 1), shown());
    let writer = RwLockUpgradableReadGuard::upgrade(upgradable);
    assert_eq!((true, true, 0), shown());
    let upgradable = RwLockWriteGuard::downgrade_to_upgradable(writer);
    assert_eq!((true, false, 1), shown());
    let reader = RwLockUpgradableReadGuard::downgrade(upgradable);
    assert_eq!((true, false, 1), shown());
    drop(reader);
    assert_eq!((false, false, 0), shown());
}

#[test]
fn writers_exclude_each_other_and_readers() {
    let lock = Arc::new(RwLock::new((0, 0)));
    watched(&lock, || {
        let writer = |_| {
            let lock = Arc::clone(&lock);
            thread::spawn(move || {
                for _ in 0..1000 {
                    let mut pair = lock.write();
                    pair.0 += 1;
                    thread::yield_now();
                    pair.1 += 1;
                }
            })
        };
        let reader = |_| {
            let lock = Arc::clone(&lock);
            thread::spawn(move || {
                for _ in 0..1000 {
                    let pair = lock.read();
                    assert_eq!(pair.0, pair.1);
                }
            })
        };
        let threads = (0..2).map(writer).chain((0..2).map(reader));
        for thread in threads.collect::<Vec<_>>() {
            thread.join().unwrap();
        }
    });
    assert_eq!((2000, 2000), *lock.read());
    lock.assert_quiet();
}

#[test]
fn waiting_readers_are_let_in_together() {
    let lock = Arc::new(RwLock::new(0));
    let guard = lock.write();
    let inside = Arc::new(AtomicUsize::new(0));
    watched(&lock, || {
        let reader = |_| {
            let (lock, inside) = (Arc::clone(&lock), Arc::clone(&inside));
            thread::spawn(move || {
                let _guard = lock.read();
                inside.fetch_add(1, SeqCst);
                // Each waits, with the lock held, for all the others.
                until("all readers are inside", || inside.load(SeqCst) == 4);
            })
        };
        let threads: Vec<_> = (0..4).map(reader).collect();
        until_waiting(&*lock, 4);
        drop(guard);
        for thread in threads {
            thread.join().unwrap();
        }
    });
    lock.assert_quiet();
}

/// Trap R8: readers that overlap without a pause would keep a writer out for ever, were they not held up when it is
/// overdue.
#[test]
fn a_writer_gets_in_while_readers_come_without_a_pause() {
    let lock = Arc::new(RwLock::new(0));
    let written = Arc::new(AtomicBool::new(false));
    watched(&lock, || {
        let reader = |_| {
            let (lock, written) = (Arc::clone(&lock), Arc::clone(&written));
            thread::spawn(move || {
                let mut guard = lock.read_owned();
                while !written.load(SeqCst) {
                    // The next one is there before the last one goes, if it can be.
                    if let Some(next) = lock.try_read_owned() {
                        guard = next;
                    } else {
                        drop(guard);
                        guard = lock.read_owned();
                    }
                }
                drop(guard);
            })
        };
        let readers: Vec<_> = (0..2).map(reader).collect();
        for _ in 0..20 {
            *lock.write() += 1;
        }
        written.store(true, SeqCst);
        for reader in readers {
            reader.join().unwrap();
        }
    });
    assert_eq!(20, *lock.read());
    lock.assert_quiet();
}

#[test]
fn a_reader_gets_in_while_writers_come_without_a_pause() {
    let lock = Arc::new(RwLock::new(0));
    let done = Arc::new(AtomicBool::new(false));
    watched(&lock, || {
        let writer = |_| {
            let (lock, done) = (Arc::clone(&lock), Arc::clone(&done));
            thread::spawn(move || {
                while !done.load(SeqCst) {
                    *lock.write() += 1;
                }
            })
        };
        let writers: Vec<_> = (0..2).map(writer).collect();
        for _ in 0..20 {
            drop(lock.read());
        }
        done.store(true, SeqCst);
        for writer in writers {
            writer.join().unwrap();
        }
    });
    lock.assert_quiet();
}

#[test]
fn nobody_comes_in_before_a_writer_who_is_overdue() {
    let lock = Arc::new(RwLock::new(0));
    watched(&lock, || {
        let first = lock.read();
        let second = lock.read();
        let writer = adds_one(&lock);
        until_waiting(&*lock, 1);
        until_past(Instant::now() + OVERDUE);
        // This release finds that the writer has been passed for too long.
        drop(first);
        assert!(lock.try_read().is_none());
        assert!(lock.try_upgradable_read().is_none());
        let reader = reads(&lock);
        until_waiting(&*lock, 2);
        drop(second);
        assert_eq!(1, reader.join().unwrap());
        writer.join().unwrap();
    });
    lock.assert_quiet();
}

/// Trap R7: to read again under a waiting writer is a deadlock for `read`, and none for this.
#[test]
fn read_recursive_gets_past_a_waiting_writer() {
    let lock = Arc::new(RwLock::new(0));
    watched(&lock, || {
        let outer = lock.read();
        let other = lock.read();
        let writer = adds_one(&lock);
        until_waiting(&*lock, 1);
        until_past(Instant::now() + OVERDUE);
        drop(other);
        assert!(lock.try_read().is_none(), "the writer is overdue");
        assert!(lock.read_timeout(Duration::from_millis(1)).is_err());
        let inner = (lock.read_recursive(), lock.try_read_recursive().unwrap());
        assert_eq!(0, *inner.0);
        drop(outer);
        drop(inner);
        writer.join().unwrap();
    });
    assert_eq!(1, *lock.read());
    lock.assert_quiet();
}

#[test]
fn read_recursive_waits_for_a_writer_who_has_the_lock() {
    let lock = Arc::new(RwLock::new(0));
    let mut writer = lock.write();
    watched(&"a reader", || {
        let reader = thread::spawn({
            let lock = Arc::clone(&lock);
            move || *lock.read_recursive()
        });
        until_waiting(&*lock, 1);
        *writer += 1;
        drop(writer);
        assert_eq!(1, reader.join().unwrap());
    });
    lock.assert_quiet();
}

/// Trap R4.
#[test]
fn an_upgrade_waits_for_readers_and_comes_before_writers() {
    let lock = Arc::new(RwLock::new(0));
    watched(&"an upgrade", || {
        let reader = lock.read_owned();
        let (say, told) = channel();
        let upgrade = thread::spawn({
            let lock = Arc::clone(&lock);
            move || {
                let guard = lock.upgradable_read();
                say.send(()).unwrap();
                let mut guard = RwLockUpgradableReadGuard::upgrade(guard);
                assert_eq!(0, *guard, "a writer came in between");
                *guard += 1;
            }
        });
        told.recv().unwrap();
        until_waiting(&*lock, 1);
        let writer = adds_one(&lock);
        until_waiting(&*lock, 2);
        assert!(lock.try_read().is_none(), "an upgrade waits");
        drop(reader);
        upgrade.join().unwrap();
        writer.join().unwrap();
    });
    assert_eq!(2, *lock.read());
    lock.assert_quiet();
}

/// Trap R9.
#[test]
fn an_upgrade_that_is_not_granted_gives_its_guard_back() {
    let lock = Arc::new(RwLock::new(0));
    let reader = lock.read();
    let guard = lock.upgradable_read();
    let guard = RwLockUpgradableReadGuard::try_upgrade(guard).unwrap_err();
    let start = Instant::now();
    let wait = Duration::from_millis(2);
    let guard = RwLockUpgradableReadGuard::upgrade_timeout(guard, wait).unwrap_err();
    assert!(start.elapsed() >= wait);
    let guard = RwLockUpgradableReadGuard::upgrade_deadline(guard, start).unwrap_err();
    assert_eq!(2, lock.reader_count());
    assert!(lock.try_read().is_some(), "nobody waits any more");
    drop(guard);
    let guard = lock.upgradable_read_owned();
    let guard = OwnedRwLockUpgradableReadGuard::try_upgrade(guard).unwrap_err();
    let guard = RwLock::upgrade_owned_timeout(guard, wait).unwrap_err();
    let guard = RwLock::upgrade_owned_deadline(guard, start).unwrap_err();
    drop(reader);
    let mut guard = OwnedRwLockUpgradableReadGuard::try_upgrade(guard).unwrap();
    *guard += 1;
    drop(guard);
    assert_eq!(1, *lock.read());
    lock.assert_quiet();
}

/// Trap R3.
#[test]
fn a_guard_is_upgraded_and_downgraded_again_and_again() {
    let lock = Arc::new(RwLock::new(0));
    let mut guard = lock.upgradable_read();
    for round in 0..10 {
        assert_eq!(round, *guard);
        let mut writer = RwLockUpgradableReadGuard::upgrade(guard);
        *writer += 1;
        guard = RwLockWriteGuard::downgrade_to_upgradable(writer);
    }
    drop(guard);
    let mut guard = lock.upgradable_read_owned();
    for _ in 0..10 {
        let mut writer = RwLock::upgrade_owned(guard);
        *writer += 1;
        guard = OwnedRwLockWriteGuard::downgrade_to_upgradable(writer);
    }
    assert_eq!((20, 1), (*guard, lock.reader_count()));
    drop(guard);
    assert!(!lock.is_locked());
    lock.assert_quiet();
}

/// Trap R5.
#[test]
fn an_upgradable_guard_that_is_dropped_lets_the_next_one_in() {
    let lock = Arc::new(RwLock::new(0));
    watched(&lock, || {
        for _ in 0..50 {
            let (reader, guard) = (lock.read(), lock.upgradable_read());
            let next = thread::spawn({
                let lock = Arc::clone(&lock);
                move || *lock.upgradable_read()
            });
            until_waiting(&*lock, 1);
            drop(guard);
            // A reader is in nobody's way.
            assert_eq!(0, next.join().unwrap());
            drop(reader);
        }
    });
    lock.assert_quiet();
}

/// Trap R6: whoever stood behind a writer whose time is over needs no release to be let in.
#[test]
fn a_writer_whose_time_is_over_lets_in_the_readers_behind_it() {
    let lock = Arc::new(RwLock::new(0));
    watched(&lock, || {
        let (first, second) = (lock.read(), lock.read());
        let writer = thread::spawn({
            let lock = Arc::clone(&lock);
            move || lock.write_timeout(10 * OVERDUE).is_err()
        });
        until_waiting(&*lock, 1);
        until_past(Instant::now() + OVERDUE);
        // The line hands over to the writer from here on.
        drop(first);
        let readers = [reads(&lock), reads(&lock)];
        for reader in readers {
            assert_eq!(0, reader.join().unwrap());
        }
        assert!(writer.join().unwrap());
        drop(second);
    });
    lock.assert_quiet();
}

/// The time a writer has been passed for goes on while somebody upgrades before it, again and again.
#[test]
fn upgrades_do_not_keep_a_writer_out_for_ever() {
    let lock = Arc::new(RwLock::new(0));
    let done = Arc::new(AtomicBool::new(false));
    watched(&lock, || {
        let upgrades = thread::spawn({
            let (lock, done) = (Arc::clone(&lock), Arc::clone(&done));
            move || {
                let mut reader = lock.read_owned();
                while !done.load(SeqCst) {
                    let other = lock.read_owned();
                    let guard = lock.upgradable_read();
                    drop(reader);
                    let wait = Duration::from_micros(50);
                    drop(RwLockUpgradableReadGuard::upgrade_timeout(guard, wait));
                    reader = other;
                }
            }
        });
        for _ in 0..10 {
            *lock.write() += 1;
        }
        done.store(true, SeqCst);
        upgrades.join().unwrap();
    });
    assert_eq!(10, *lock.read());
    lock.assert_quiet();
}

/// Trap R11.
#[test]
fn a_downgrade_lets_waiting_readers_in_and_no_writer() {
    let lock = Arc::new(RwLock::new(0));
    watched(&"waiting readers", || {
        let mut guard = lock.write();
        let readers = [reads(&lock), reads(&lock)];
        until_waiting(&*lock, 2);
        let writer = adds_one(&lock);
        until_waiting(&*lock, 3);
        *guard += 1;
        let guard = RwLockWriteGuard::downgrade(guard);
        for reader in readers {
            assert_eq!(1, reader.join().unwrap());
        }
        assert_eq!(1, *guard);
        drop(guard);
        writer.join().unwrap();
    });
    assert_eq!(2, *lock.read());
    lock.assert_quiet();
}

/// Trap A61: no poisoning.
#[test]
fn a_panic_while_locked_unlocks() {
    let lock = Arc::new(RwLock::new(0));
    let panics = |body: fn(&Arc<RwLock<i32>>)| {
        catch_unwind(AssertUnwindSafe(|| body(&lock))).unwrap_err();
        assert!(!lock.is_locked());
    };
    panics(|lock| {
        let mut guard = lock.write();
        *guard += 1;
        panic!("while locked");
    });
    panics(|lock| {
        let _guard = lock.read();
        panic!("while locked");
    });
    panics(|lock| {
        let _guard = lock.upgradable_read_owned();
        panic!("while locked");
    });
    panics(|lock| {
        drop(RwLockWriteGuard::map(lock.write(), |_| -> &mut i32 {
            panic!("no")
        }));
    });
    panics(|lock| {
        drop(RwLockReadGuard::map(lock.read(), |_| -> &i32 {
            panic!("no")
        }));
    });
    assert_eq!(1, *lock.read());
    lock.assert_quiet();
}

#[test]
fn a_mapped_guard_shows_a_part_and_unlocks_the_whole() {
    let lock = Arc::new(RwLock::new((1, String::from("two"))));
    let mut part = RwLockWriteGuard::map(lock.write(), |pair| &mut pair.1);
    part.push('!');
    assert!(lock.try_read().is_none());
    drop(part);
    let part = RwLockReadGuard::map(lock.read(), |pair| &pair.1);
    assert_eq!("two!", *part);
    assert_eq!(1, lock.reader_count());
    drop(part);
    let part = OwnedRwLockWriteGuard::map(lock.write_owned(), |pair| &mut pair.0);
    let mut part = OwnedMappedRwLockWriteGuard::map(part, |first| first);
    *part += 1;
    assert!(lock.is_write_locked());
    drop(part);
    let part = OwnedRwLockReadGuard::map(lock.read_owned(), |pair| &pair.0);
    let part = OwnedMappedRwLockReadGuard::map(part, |first| first);
    assert_eq!((2, 1), (*part, lock.reader_count()));
    drop(part);
    assert!(!lock.is_locked());
    assert_eq!(1, Arc::strong_count(&lock));
    lock.assert_quiet();
}

/// Traps A9, B19.
#[test]
fn an_owned_guard_keeps_its_lock_alive_and_no_longer() {
    let lock = Arc::new(RwLock::new(String::from("data")));
    let gone = Arc::downgrade(&lock);
    let guard = lock.upgradable_read_owned();
    drop(lock);
    let mut guard = RwLock::upgrade_owned(guard);
    guard.push('!');
    let guard = OwnedRwLockWriteGuard::downgrade(guard);
    let part = OwnedRwLockReadGuard::map(guard, |data| &data[1..]);
    assert_eq!("ata!", &*part);
    watched(&"the last owner", || {
        thread::spawn(move || drop(part)).join().unwrap();
    });
    assert_eq!(0, gone.strong_count());
}

#[test]
fn get_mut_and_into_inner_need_no_waiting() {
    let mut lock = RwLock::from(1);
    *lock.get_mut() += 1;
    assert_eq!(2, lock.into_inner());
    assert_eq!(0, RwLock::<i32>::default().into_inner());
}

#[test]
fn a_lock_can_hold_what_has_no_size() {
    let lock: Arc<RwLock<[i32]>> = Arc::new(RwLock::new([1, 2, 3]));
    lock.write()[0] = 4;
    assert_eq!([4, 2, 3], lock.read_owned()[..]);
    let lock: Box<RwLock<dyn Debug>> = Box::new(RwLock::new(5));
    assert_eq!("5", format!("{:?}", &*lock.read()));
}

/// Trap C6: `Debug` must not wait for what the caller holds.
#[test]
fn debug_output_waits_for_nobody() {
    let lock = Arc::new(RwLock::new(41));
    watched(&"debug output", || {
        let reader = lock.read();
        assert_eq!("RwLock { data: 41 }", format!("{lock:?}"));
        assert_eq!("41 41", format!("{reader:?} {reader}"));
        drop(reader);
        let upgradable = lock.upgradable_read();
        assert_eq!("41 41", format!("{upgradable:?} {upgradable}"));
        drop(upgradable);
        let writer = lock.write_owned();
        assert_eq!("RwLock { data: <locked> }", format!("{lock:?}"));
        assert_eq!("41 41", format!("{writer:?} {writer}"));
        let part = OwnedRwLockWriteGuard::map(writer, |data| data);
        assert_eq!("41 41", format!("{part:?} {part}"));
    });
    lock.assert_quiet();
}
