//! Deadlines of the async face.

use crate::driver::Driver;
use crate::executors::{on_every_executor, task};
use crate::waker::{Call, Probe};
use crate::watch::{until, until_past, watched};
use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering::SeqCst;
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::{Lock, Semaphore};

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
    drop(Driver::new(lock.lock_owned_timeout(zero)).ready().unwrap());
    let guard = Driver::new(lock.lock_timeout(zero)).ready().unwrap();
    Driver::new(lock.lock_timeout(zero)).ready().unwrap_err();
    Driver::new(lock.lock_owned_timeout(zero))
        .ready()
        .unwrap_err();
    drop(guard);
    lock.assert_quiet();

    let semaphore = Arc::new(Semaphore::new(2));
    let permit = Driver::new(semaphore.acquire_timeout(zero))
        .ready()
        .unwrap();
    drop(
        Driver::new(semaphore.acquire_owned_timeout(zero))
            .ready()
            .unwrap(),
    );
    Driver::new(semaphore.acquire_many_timeout(2, zero))
        .ready()
        .unwrap_err();
    Driver::new(semaphore.acquire_many_owned_timeout(2, zero))
        .ready()
        .unwrap_err();
    drop(permit);
    assert_eq!(2, semaphore.available_permits());
    semaphore.assert_quiet();
}

#[test]
fn a_deadline_in_the_past_is_one_try() {
    for at in past() {
        let lock = Arc::new(Lock::new(()));
        drop(Driver::new(lock.lock_owned_deadline(at)).ready().unwrap());
        let guard = Driver::new(lock.lock_deadline(at)).ready().unwrap();
        Driver::new(lock.lock_deadline(at)).ready().unwrap_err();
        Driver::new(lock.lock_owned_deadline(at))
            .ready()
            .unwrap_err();
        drop(guard);
        lock.assert_quiet();

        let semaphore = Arc::new(Semaphore::new(2));
        let permit = Driver::new(semaphore.acquire_deadline(at)).ready().unwrap();
        drop(
            Driver::new(semaphore.acquire_owned_deadline(at))
                .ready()
                .unwrap(),
        );
        Driver::new(semaphore.acquire_many_deadline(2, at))
            .ready()
            .unwrap_err();
        Driver::new(semaphore.acquire_many_owned_deadline(2, at))
            .ready()
            .unwrap_err();
        drop(permit);
        assert_eq!(2, semaphore.available_permits());
        semaphore.assert_quiet();
    }
}

#[test]
fn a_timeout_too_large_for_the_clock_means_never() {
    let lock = Arc::new(Lock::new(()));
    drop(
        Driver::new(lock.lock_timeout(Duration::MAX))
            .ready()
            .unwrap(),
    );
    let guard = lock.try_lock().unwrap();
    let waiter = Driver::waiting(lock.lock_timeout(Duration::MAX));
    let owned = Driver::waiting(lock.lock_owned_timeout(Duration::MAX));
    drop(guard);
    drop(waiter.woken().unwrap());
    drop(owned.woken().unwrap());
    lock.assert_quiet();

    let semaphore = Semaphore::new(0);
    let waiter = Driver::waiting(semaphore.acquire_many_timeout(2, Duration::MAX));
    semaphore.release(2).unwrap();
    assert_eq!(2, waiter.woken().unwrap().count());
    semaphore.assert_quiet();
}

/// Trap A2.
#[test]
fn an_expired_wait_changes_nothing() {
    let lock = Lock::new(());
    let guard = lock.try_lock().unwrap();
    let at = Instant::now() + SHORT;
    let mut waiter = Driver::new(lock.lock_deadline(at));
    // A slow machine may be late for the first poll already.
    if waiter.poll().is_pending() {
        watched(&lock, || until("a wake by the timer", || waiter.is_woken()));
        assert!(Instant::now() >= at, "woken too early");
        waiter.ready().unwrap_err();
    }
    assert_eq!(0, lock.waiting());
    assert!(lock.try_lock().is_none());
    drop(guard);
    assert!(lock.try_lock().is_some());
    lock.assert_quiet();
}

/// A wait that has been granted is granted.
#[test]
fn a_grant_before_the_deadline_is_kept_after_it() {
    let semaphore = Semaphore::new(0);
    loop {
        let at = Instant::now() + SHORT;
        let mut waiter = Driver::new(semaphore.acquire_deadline(at));
        if waiter.poll().is_ready() {
            // A slow machine was late for the first poll; once more.
            continue;
        }
        // Nobody polls the waiter, so it cannot give up before the release.
        semaphore.release(1).unwrap();
        until_past(at);
        waiter.woken().unwrap().forget();
        break;
    }
    semaphore.assert_quiet();
    assert_eq!(0, semaphore.available_permits());
}

/// A grant between the look at the line and the look at the clock is kept, or passed on.
#[test]
fn a_grant_in_the_middle_of_the_last_poll_is_not_lost() {
    let semaphore = Arc::new(Semaphore::new(0));
    let armed = Arc::new(AtomicBool::new(false));
    // A poll clones the waker, and drops what it does not need of it: there is the middle.
    let probe = Probe::on(Call::Drop, {
        let (semaphore, armed) = (Arc::clone(&semaphore), Arc::clone(&armed));
        move || {
            if armed.swap(false, SeqCst) {
                semaphore.release(1).unwrap();
            }
        }
    });
    let at = Instant::now() + SHORT;
    let mut waiter = Driver::with(semaphore.acquire_deadline(at), probe);
    if waiter.poll().is_ready() {
        // A slow machine was late for the first poll: there is nothing to see.
        return;
    }
    let waker = waiter.probe().waker();
    until_past(at);
    armed.store(true, SeqCst);
    let Poll::Ready(result) = waiter.poll_with(&waker) else {
        panic!("the deadline is over");
    };
    let taken = result.map_or(0, |permit| permit.count());
    let released = usize::from(!armed.swap(false, SeqCst));
    assert_eq!(released, taken.max(semaphore.available_permits()));
    drop(waker);
    drop(waiter);
    semaphore.assert_quiet();
}

/// Traps B11, C6: what a waker does in the timer's thread does not end the timer.
#[test]
fn the_timer_outlives_wakers_that_panic_or_wait_for_it() {
    let lock = Arc::new(Lock::new(()));
    let guard = lock.try_lock().unwrap();
    let uses_the_timer = Probe::on(Call::Wake, {
        let lock = Arc::clone(&lock);
        move || {
            drop(Driver::waiting(
                lock.lock_timeout(Duration::from_secs(3600)),
            ));
        }
    });
    watched(&lock, || {
        for probe in [Probe::panicking(), uses_the_timer] {
            let mut waiter = Driver::with(lock.lock_timeout(SHORT), probe);
            if waiter.poll().is_pending() {
                until("a wake by the timer", || waiter.is_woken());
            }
            let mut after = Driver::new(lock.lock_timeout(SHORT));
            if after.poll().is_pending() {
                until("a wake by the timer", || after.is_woken());
            }
        }
    });
    drop(guard);
    lock.assert_quiet();
}

/// Polling again does not start the timeout again.
#[test]
fn a_timeout_runs_on_however_often_the_future_is_polled() {
    let lock = Lock::new(());
    let guard = lock.try_lock().unwrap();
    let start = Instant::now();
    let mut waiter = Driver::new(lock.lock_timeout(SHORT));
    until("the end of the timeout", || waiter.poll().is_ready());
    assert!(start.elapsed() >= SHORT);
    drop(waiter);
    drop(guard);
    lock.assert_quiet();
}

/// Trap A60: the next in line is served, also when the one before it expired without being polled.
#[test]
fn a_task_that_lets_its_deadline_pass_unpolled_still_passes_its_grant_on() {
    let lock = Lock::new(());
    let guard = lock.try_lock().unwrap();
    let at = Instant::now() + SHORT;
    let mut first = Driver::new(lock.lock_deadline(at));
    let waits = first.poll().is_pending();
    let second = Driver::waiting(lock.lock());
    until_past(at);
    drop(guard);
    if waits {
        assert!(!second.is_woken());
        drop(first);
    }
    drop(second.woken());
    lock.assert_quiet();
}

/// Trap B25: neither the line nor the timer keeps a waker of a wait that is over.
#[test]
fn no_waker_outlives_a_timed_wait() {
    let lock = Lock::new(());
    let guard = lock.try_lock().unwrap();
    let far = Duration::from_secs(3600);
    assert_eq!(0, Driver::waiting(lock.lock_timeout(far)).cancel().alive());
    let mut granted = Driver::waiting(lock.lock_timeout(far));
    drop(guard);
    let guard = granted.poll();
    assert!(guard.is_ready());
    assert_eq!(0, granted.cancel().alive());
    // Polled at every moment, so that sometimes the poll is ahead of the timer.
    for _ in 0..20 {
        let mut expired = Driver::new(lock.lock_timeout(Duration::from_millis(1)));
        watched(&lock, || until("the end", || expired.poll().is_ready()));
        // The timer may be about to wake it; what the line or the timer keeps is kept until the drop.
        expired.probe().until_forgotten();
    }
    drop(guard);
    lock.assert_quiet();
}

/// The timer serves tasks of every runtime.
#[test]
fn a_timeout_ends_a_wait_on_every_executor() {
    watched(&"a timeout", || {
        on_every_executor(|| {
            let lock = Arc::new(Lock::new(()));
            let guard = lock.try_lock_owned().unwrap();
            let ends = async move {
                let at = Instant::now() + SHORT;
                lock.lock_deadline(at).await.unwrap_err();
                assert!(Instant::now() >= at);
                lock.lock_timeout(SHORT).await.unwrap_err();
                drop(guard);
                drop(lock.lock_timeout(SHORT).await.unwrap());
            };
            vec![task(ends)]
        });
    });
}

/// Many deadlines at once, out of order, all of them met by the one timer.
#[test]
fn many_deadlines_expire_each_at_its_time() {
    let semaphore = Arc::new(Semaphore::new(0));
    watched(&semaphore, || {
        on_every_executor(|| {
            let wait = |place: u64| {
                let semaphore = Arc::clone(&semaphore);
                task(async move {
                    let at = Instant::now() + Duration::from_millis(place * 7 % 11);
                    semaphore.acquire_deadline(at).await.unwrap_err();
                    assert!(Instant::now() >= at);
                })
            };
            (0..20).map(wait).collect()
        });
    });
    semaphore.assert_quiet();
}

/// Alarms leave the timer from everywhere, and the rest ring.
#[test]
fn deadlines_that_are_taken_back_do_not_disturb_the_others() {
    const COUNT: u32 = 331;
    let semaphore = Semaphore::new(0);
    watched(&semaphore, || {
        let start = Instant::now();
        // Seven and eleven have no divisor in common with the count: two shuffled orders.
        let wait = |place: u32| {
            let at = start + Duration::from_millis(20) + SHORT * (place * 7 % COUNT) / 50;
            let mut driver = Driver::new(semaphore.acquire_deadline(at));
            let waits = driver.poll().is_pending();
            waits.then_some((at, driver))
        };
        let mut waiters: Vec<_> = (0..COUNT).map(wait).collect();
        for place in (0..COUNT / 2).map(|turn| turn * 11 % COUNT) {
            waiters[place as usize] = None;
        }
        for (at, waiter) in waiters.into_iter().flatten() {
            until("a wake by the timer", || waiter.is_woken());
            assert!(Instant::now() >= at, "woken too early");
            waiter.ready().unwrap_err();
        }
    });
    semaphore.assert_quiet();
}
