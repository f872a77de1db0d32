//! Histories of readers and writers on real threads: an unshared counter could have had each of them.
//!
//! Nobody says how the threads interleave. Each history is checked for itself, so many short ones say more than a
//! long one.

use crate::counter_history::{Event, Found, is_linearizable, timed};
use crate::watch::watched;
use core::sync::atomic::AtomicUsize;
use core::time::Duration;
use std::sync::Barrier;
use std::thread;
use syncline::internals::Quiet;
use syncline::task::{self, block_on};
use syncline::thread::{RwLock, RwLockUpgradableReadGuard, RwLockWriteGuard};

const HISTORIES: usize = 150;
const THREADS: usize = 4;
const OPERATIONS: usize = 4;

/// A counter of two parts, which are equal whenever nobody writes.
type Counter = RwLock<(usize, usize)>;

fn look(pair: (usize, usize)) -> usize {
    assert_eq!(pair.0, pair.1, "seen in the middle of a write");
    pair.0
}

fn add(pair: &mut (usize, usize)) -> usize {
    let found = look(*pair);
    pair.0 += 1;
    thread::yield_now();
    pair.1 += 1;
    found
}

/// What a thread does at some time: all kinds of requests, by both faces.
fn operation(lock: &Counter, kind: usize) -> Found {
    let face = lock.as_task();
    let short = Duration::from_micros(50);
    match kind % 9 {
        0 => Found::Looked(look(*lock.read())),
        1 => Found::Added(add(&mut lock.write())),
        2 => Found::Looked(block_on(async { look(*face.read().await) })),
        3 => Found::Added(block_on(async { add(&mut *face.write().await) })),
        4 => {
            let reader = lock.upgradable_read();
            let found = look(*reader);
            let mut writer = RwLockUpgradableReadGuard::upgrade(reader);
            assert_eq!(found, add(&mut writer), "somebody wrote in between");
            Found::Added(found)
        }
        5 => {
            let mut writer = lock.write();
            let found = add(&mut writer);
            let reader = RwLockWriteGuard::downgrade(writer);
            assert_eq!(found + 1, look(*reader), "somebody wrote in between");
            Found::Added(found)
        }
        6 => {
            let reader = lock.upgradable_read();
            let found = look(*reader);
            match RwLockUpgradableReadGuard::upgrade_timeout(reader, short) {
                Ok(mut writer) => {
                    assert_eq!(found, add(&mut writer), "somebody wrote in between");
                    Found::Added(found)
                }
                Err(reader) => {
                    assert_eq!(found, look(*reader), "somebody wrote in between");
                    Found::Looked(found)
                }
            }
        }
        7 => match lock.write_timeout(short) {
            Ok(mut writer) => Found::Added(add(&mut writer)),
            Err(_) => Found::Looked(look(*lock.read_recursive())),
        },
        _ => block_on(async {
            let reader = face.upgradable_read().await;
            let found = look(*reader);
            let mut writer = task::RwLockUpgradableReadGuard::upgrade(reader).await;
            assert_eq!(found, add(&mut writer), "somebody wrote in between");
            let reader = task::RwLockWriteGuard::downgrade_to_upgradable(writer);
            assert_eq!(found + 1, look(*reader), "somebody wrote in between");
            Found::Added(found)
        }),
    }
}

fn history(seed: usize) -> Vec<Event> {
    let (lock, clock) = (RwLock::new((0, 0)), AtomicUsize::new(0));
    let start = Barrier::new(THREADS);
    let events = thread::scope(|threads| {
        let work = |place: usize| {
            let (lock, clock, start) = (&lock, &clock, &start);
            threads.spawn(move || {
                start.wait();
                (0..OPERATIONS)
                    .map(|round| {
                        // Any mixture will do; this one has all kinds beside all others.
                        let kind = seed.wrapping_mul(2_654_435_761) >> (3 * place + round) & 0xff;
                        timed(clock, || operation(lock, kind))
                    })
                    .collect::<Vec<_>>()
            })
        };
        let working: Vec<_> = (0..THREADS).map(work).collect();
        let done = working.into_iter().map(|thread| thread.join().unwrap());
        done.flatten().collect()
    });
    lock.assert_quiet();
    events
}

#[test]
fn an_unshared_counter_could_have_had_every_history_of_readers_and_writers() {
    watched(&"histories", || {
        for seed in 1..=HISTORIES {
            let events = history(seed);
            assert!(is_linearizable(&events), "{seed}: {events:#?}");
        }
    });
}
