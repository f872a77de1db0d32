//! Deadlines of the blocking face.

use crate::driver::Driver;
use crate::waker::{Call, Probe};
use crate::watch::{until, until_waiting, watched};
use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering::SeqCst;
use core::time::Duration;
use std::sync::Arc;
use std::thread;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::thread::{Lock, Semaphore};

const SHORT: Duration = Duration::from_millis(5);

/// Instants that are over: `now` is, once it has been read.
fn past() -> [Instant; 2] {
    let now = Instant::now();
    let earlier = now.checked_sub(Duration::from_nanos(1));
    [now, earlier.unwrap_or(now)]
}

#[test]
fn a_zero_timeout_is_one_try() {
    let lock = Arc::new(Lock::new(()));
    let zero = Duration::ZERO;
    drop(lock.lock_owned_timeout(zero).unwrap());
    let guard = lock.lock_timeout(zero).unwrap();
    lock.lock_timeout(zero).unwrap_err();
    lock.lock_owned_timeout(zero).unwrap_err();
    drop(guard);
    lock.assert_quiet();

    let semaphore = Arc::new(Semaphore::new(2));
    drop(semaphore.acquire_owned_timeout(zero).unwrap());
    let permit = semaphore.acquire_timeout(zero).unwrap();
    semaphore.acquire_many_timeout(2, zero).unwrap_err();
    semaphore.acquire_many_owned_timeout(2, zero).unwrap_err();
    drop(permit);
    drop(semaphore.acquire_many_owned_timeout(2, zero).unwrap());
    assert_eq!(2, semaphore.acquire_many_timeout(2, zero).unwrap().count());
    assert_eq!(2, semaphore.available_permits());
    semaphore.assert_quiet();
}

#[test]
fn a_deadline_in_the_past_is_one_try() {
    for at in past() {
        let lock = Arc::new(Lock::new(()));
        drop(lock.lock_owned_deadline(at).unwrap());
        let guard = lock.lock_deadline(at).unwrap();
        lock.lock_deadline(at).unwrap_err();
        lock.lock_owned_deadline(at).unwrap_err();
        drop(guard);
        lock.assert_quiet();

        let semaphore = Arc::new(Semaphore::new(2));
        drop(semaphore.acquire_owned_deadline(at).unwrap());
        let permit = semaphore.acquire_deadline(at).unwrap();
        semaphore.acquire_many_deadline(2, at).unwrap_err();
        semaphore.acquire_many_owned_deadline(2, at).unwrap_err();
        drop(permit);
        assert_eq!(2, semaphore.available_permits());
        semaphore.assert_quiet();
    }
}

/// Trap A2.
#[test]
fn an_expired_wait_changes_nothing() {
    let lock = Arc::new(Lock::new(()));
    let guard = lock.lock();
    watched(&"an expired wait", || {
        let start = Instant::now();
        lock.lock_timeout(SHORT).unwrap_err();
        assert!(start.elapsed() >= SHORT);
        let at = Instant::now() + SHORT;
        lock.lock_deadline(at).unwrap_err();
        assert!(Instant::now() >= at);
        lock.lock_owned_timeout(SHORT).unwrap_err();
        lock.lock_owned_deadline(Instant::now() + SHORT)
            .unwrap_err();
    });
    assert_eq!(0, lock.waiting());
    assert!(lock.try_lock().is_none());
    drop(guard);
    assert!(lock.try_lock().is_some());
    assert_eq!(1, Arc::strong_count(&lock));
    lock.assert_quiet();
}

/// Trap A2, for permits.
#[test]
fn an_expired_acquire_takes_no_permit() {
    let semaphore = Arc::new(Semaphore::new(1));
    watched(&semaphore, || {
        let start = Instant::now();
        semaphore.acquire_many_timeout(2, SHORT).unwrap_err();
        assert!(start.elapsed() >= SHORT);
        semaphore.acquire_many_owned_timeout(2, SHORT).unwrap_err();
        let permit = semaphore.acquire();
        semaphore.acquire_timeout(SHORT).unwrap_err();
        let at = Instant::now() + SHORT;
        semaphore.acquire_owned_deadline(at).unwrap_err();
        assert!(Instant::now() >= at);
        drop(permit);
    });
    assert_eq!(1, semaphore.available_permits());
    assert_eq!(1, Arc::strong_count(&semaphore));
    semaphore.assert_quiet();
}

#[test]
fn a_timeout_too_large_for_the_clock_means_never() {
    let lock = Arc::new(Lock::new(0));
    *lock.lock_timeout(Duration::MAX).unwrap() += 1;
    *lock.lock_owned_timeout(Duration::MAX).unwrap() += 1;
    watched(&"a wait without end", || {
        let guard = lock.lock();
        let waits = thread::spawn({
            let lock = Arc::clone(&lock);
            move || *lock.lock_timeout(Duration::MAX).unwrap() += 1
        });
        until_waiting(&*lock, 1);
        drop(guard);
        waits.join().unwrap();
    });
    assert_eq!(3, *lock.lock());
}

#[test]
fn a_timed_wait_that_is_served_returns_the_resource() {
    let hour = Duration::from_secs(3600);
    let semaphore = Arc::new(Semaphore::new(0));
    watched(&semaphore, || {
        let waits = thread::spawn({
            let semaphore = Arc::clone(&semaphore);
            move || semaphore.acquire_many_timeout(2, hour).unwrap().forget()
        });
        until_waiting(&*semaphore, 1);
        semaphore.release(2).unwrap();
        waits.join().unwrap();
    });
    assert_eq!(0, semaphore.available_permits());
    semaphore.assert_quiet();
}

/// Traps B23, C4: the head gives up, and those behind it find room.
#[test]
fn an_expired_head_that_wanted_many_lets_the_thread_behind_it_go() {
    let semaphore = Arc::new(Semaphore::new(2));
    watched(&semaphore, || {
        for _ in 0..10 {
            let head = thread::spawn({
                let semaphore = Arc::clone(&semaphore);
                move || semaphore.acquire_many_timeout(5, SHORT).unwrap_err()
            });
            let behind = thread::spawn({
                let semaphore = Arc::clone(&semaphore);
                move || drop(semaphore.acquire_many(2))
            });
            head.join().unwrap();
            behind.join().unwrap();
        }
    });
    assert_eq!(2, semaphore.available_permits());
    semaphore.assert_quiet();
}

/// Releases two permits to a task and to the thread behind it, whose deadline passes between its
/// grant and its wake; answers whether the thread was in time for the release.
fn is_granted_before_its_deadline_and_woken_after_it(behind: bool) -> bool {
    let semaphore = Arc::new(Semaphore::new(0));
    let ended = Arc::new(AtomicBool::new(false));
    // Wakers run one after the other: the first one waits until the thread has given up waiting.
    let probe = Probe::on(Call::Wake, {
        let ended = Arc::clone(&ended);
        move || until("the end of the thread", || ended.load(SeqCst))
    });
    let mut first = Driver::with(semaphore.as_task().acquire(), probe);
    first.pending();
    watched(&semaphore, || {
        let timed = thread::spawn({
            let (semaphore, ended) = (Arc::clone(&semaphore), Arc::clone(&ended));
            move || {
                let permit = semaphore.acquire_owned_timeout(10 * SHORT);
                ended.store(true, SeqCst);
                permit
            }
        });
        until("the thread", || {
            semaphore.waiting() == 2 || timed.is_finished()
        });
        // With a task behind it the thread is granted its permit, else it is only woken.
        let last = behind.then(|| Driver::waiting(semaphore.as_task().acquire()));
        semaphore.release(2).unwrap();
        drop(last);
        let permit = timed.join().unwrap();
        drop(first.woken());
        assert_eq!(
            2 - usize::from(permit.is_ok()),
            semaphore.available_permits()
        );
        let in_time = permit.is_ok();
        drop(permit);
        assert_eq!(2, semaphore.available_permits());
        semaphore.assert_quiet();
        in_time
    })
}

/// A wait that has been granted is granted, whatever the clock says when it hears of it.
#[test]
fn a_grant_before_the_deadline_is_kept_after_it() {
    for behind in [false, true] {
        let in_time = (0..100).any(|_| is_granted_before_its_deadline_and_woken_after_it(behind));
        assert!(in_time, "a grant before the deadline was lost");
    }
}

/// Whatever the race between the deadline and the release: a permit is either taken or left.
#[test]
fn a_release_at_the_deadline_is_either_taken_or_left() {
    let semaphore = Arc::new(Semaphore::new(0));
    watched(&semaphore, || {
        for _ in 0..300 {
            let waits = thread::spawn({
                let semaphore = Arc::clone(&semaphore);
                move || {
                    let permit = semaphore.acquire_timeout(Duration::from_micros(100));
                    permit.is_ok_and(|permit| {
                        permit.forget();
                        true
                    })
                }
            });
            thread::yield_now();
            semaphore.release(1).unwrap();
            let taken = waits.join().unwrap();
            assert_eq!(usize::from(!taken), semaphore.forget(2));
        }
    });
    semaphore.assert_quiet();
}
