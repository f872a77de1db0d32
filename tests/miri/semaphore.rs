//! The semaphore.

use crate::driver::Driver;
use crate::watch::until_waiting;
use core::cell::UnsafeCell;
use std::sync::Arc;
use std::thread;
use syncline::internals::Quiet;
use syncline::task::block_on;
use syncline::thread::Semaphore;

/// A value that only the one permit of the semaphore protects.
struct Guarded {
    semaphore: Semaphore,
    value: UnsafeCell<u64>,
}

// SAFETY: `value` is touched in `bump` and `read` only, and there under the one permit.
#[expect(unsafe_code, reason = "a race on plain memory is what is looked for")]
unsafe impl Sync for Guarded {}

impl Guarded {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            semaphore: Semaphore::new(1),
            value: UnsafeCell::new(0),
        })
    }

    /// Writes to the value; the caller has the permit.
    #[expect(unsafe_code, reason = "a race on plain memory is what is looked for")]
    fn bump(&self) {
        // SAFETY: the caller holds the only permit.
        unsafe { *self.value.get() += 1 };
    }

    #[expect(unsafe_code, reason = "a race on plain memory is what is looked for")]
    fn read(&self) -> u64 {
        let _permit = self.semaphore.acquire();
        // SAFETY: the only permit is held.
        unsafe { *self.value.get() }
    }
}

#[test]
fn what_one_permit_guards_is_published_from_holder_to_holder() {
    let guarded = Guarded::new();
    let blocking = thread::spawn({
        let guarded = Arc::clone(&guarded);
        move || {
            for _ in 0..3 {
                let permit = guarded.semaphore.acquire();
                guarded.bump();
                drop(permit);
            }
        }
    });
    let polling = thread::spawn({
        let guarded = Arc::clone(&guarded);
        move || {
            for _ in 0..3 {
                let permit = block_on(guarded.semaphore.as_task().acquire());
                guarded.bump();
                permit.release_fair();
            }
        }
    });
    for _ in 0..3 {
        if let Some(permit) = guarded.semaphore.try_acquire() {
            guarded.bump();
            drop(permit);
        }
    }
    blocking.join().unwrap();
    polling.join().unwrap();
    assert!((6..=9).contains(&guarded.read()));
    guarded.semaphore.assert_quiet();
}

/// Traps B1, C1.
#[test]
fn two_releases_let_a_thread_and_a_task_through() {
    let semaphore = Arc::new(Semaphore::new(0));
    let blocking = thread::spawn({
        let semaphore = Arc::clone(&semaphore);
        move || semaphore.acquire().forget()
    });
    let polling = thread::spawn({
        let semaphore = Arc::clone(&semaphore);
        move || block_on(semaphore.as_task().acquire()).forget()
    });
    until_waiting(&*semaphore, 2);
    semaphore.release(1).unwrap();
    semaphore.release(1).unwrap();
    blocking.join().unwrap();
    polling.join().unwrap();
    semaphore.assert_quiet();
}

/// Trap A9.
#[test]
fn the_waiter_frees_the_semaphore_under_the_releaser() {
    let semaphore = Arc::new(Semaphore::new(2));
    let mut permit = semaphore.acquire_many_owned(2);
    let part = permit.split(1).unwrap();
    let waits = thread::spawn({
        let semaphore = Arc::clone(&semaphore);
        move || {
            let permit = semaphore.acquire_many_owned(2);
            drop(semaphore);
            drop(permit);
        }
    });
    until_waiting(&*semaphore, 1);
    drop(semaphore);
    drop(part);
    drop(permit);
    waits.join().unwrap();
}

/// More wakers than one batch takes, then some that are dropped with their grant.
#[test]
fn a_long_line_is_served_in_batches() {
    let semaphore = Semaphore::new(0);
    let line: Vec<_> = (0..40)
        .map(|_| Driver::waiting(semaphore.as_task().acquire()))
        .collect();
    semaphore.release(20).unwrap();
    let (served, dropped) = line.into_iter().partition::<Vec<_>, _>(Driver::is_woken);
    assert_eq!((20, 20), (served.len(), dropped.len()));
    drop(dropped);
    for driver in served {
        driver.woken().forget();
    }
    assert_eq!(0, semaphore.available_permits());
    semaphore.assert_quiet();
}

#[test]
fn a_release_races_with_the_drop_of_a_weighted_head() {
    for _ in 0..3 {
        let semaphore = Arc::new(Semaphore::new(1));
        let waits = {
            let semaphore = Arc::clone(&semaphore).into_task();
            Driver::waiting(async move { semaphore.acquire_many(2).await.count() })
        };
        let drops = thread::spawn(move || drop(waits));
        semaphore.release(1).unwrap();
        drops.join().unwrap();
        assert_eq!(2, semaphore.available_permits());
        semaphore.assert_quiet();
    }
}
