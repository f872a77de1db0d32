//! Which waker is woken, when, how often, and what becomes of it.

use crate::driver::Driver;
use crate::subjects::on_every_form;
use crate::waker::{Call, Probe};
use core::panic::AssertUnwindSafe;
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use core::task::Waker;
use std::panic::{catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};
use syncline::internals::Quiet;
use syncline::task::Semaphore;

/// More than one batch of wakers, by a few.
const MORE_THAN_TWO_BATCHES: usize = 70;

/// Traps B7: the latest waker is the one that counts.
#[test]
fn a_future_that_moves_to_another_task_wakes_that_task() {
    on_every_form(|form| {
        let subject = (form.make)();
        let mut moved = Driver::waiting(subject.start());
        let (second, third) = (Probe::new(), Probe::new());
        assert!(moved.poll_with(&second.waker()).is_pending());
        assert!(moved.poll_with(&third.waker()).is_pending());
        assert_eq!((0, 0), (moved.probe().alive(), second.alive()), "kept");
        subject.advance(0);
        assert_eq!(
            (0, 0, 1),
            (moved.probe().wakes(), second.wakes(), third.wakes())
        );
        drop(moved.ready());
        assert_eq!(0, third.alive(), "a waker leaked");
        subject.assert_conserved();
    });
}

/// Trap B7: a look with a waker that does nothing must not be the last word.
#[test]
fn a_poll_with_a_waker_that_does_nothing_is_made_good_by_the_next_poll() {
    on_every_form(|form| {
        let subject = (form.make)();
        let mut looked_at = Driver::new(subject.start());
        assert!(looked_at.poll_with(Waker::noop()).is_pending());
        looked_at.pending();
        assert!(looked_at.poll_with(Waker::noop()).is_pending());
        looked_at.pending();
        subject.advance(0);
        drop(looked_at.woken());
        subject.assert_conserved();
    });
}

/// Trap B7: back to the first task, whose waker equals one that was replaced.
#[test]
fn a_future_that_comes_back_to_its_first_task_wakes_that_task() {
    on_every_form(|form| {
        let subject = (form.make)();
        let mut moved = Driver::waiting(subject.start());
        let other = Probe::new();
        assert!(moved.poll_with(&other.waker()).is_pending());
        moved.pending();
        assert_eq!(0, other.alive(), "a replaced waker was kept");
        subject.advance(0);
        assert_eq!(0, other.wakes());
        drop(moved.woken());
        subject.assert_conserved();
    });
}

/// Trap B25.
#[test]
fn no_waker_outlives_its_wait() {
    on_every_form(|form| {
        let subject = (form.make)();
        let cancelled = Driver::waiting(subject.start());
        assert_eq!(0, cancelled.cancel().alive());
        let mut served = Driver::waiting(subject.start());
        subject.advance(0);
        let held = served.poll();
        assert!(held.is_ready());
        assert_eq!(0, served.probe().alive(), "kept after the end");
        drop(held);
        assert_eq!(0, served.cancel().alive());
        subject.assert_conserved();
    });
}

/// A request that is not woken yet is polled without cloning the same waker anew for ever.
#[test]
fn a_waiting_request_keeps_one_waker() {
    on_every_form(|form| {
        let subject = (form.make)();
        let mut waiting = Driver::waiting(subject.start());
        let kept = waiting.probe().alive();
        for _ in 0..10 {
            waiting.pending();
        }
        assert_eq!(kept, waiting.probe().alive());
        subject.advance(0);
        drop(waiting.woken());
        subject.assert_conserved();
    });
}

/// Traps A4, B11.
#[test]
fn a_panicking_waker_loses_neither_its_grant_nor_the_line() {
    on_every_form(|form| {
        let subject = (form.make)();
        let mut first = Driver::with(subject.start(), Probe::panicking());
        first.pending();
        let second = Driver::waiting(subject.start());
        let advanced = catch_unwind(AssertUnwindSafe(|| subject.advance(0)));
        assert_eq!(subject.hears_panics(), advanced.is_err());
        drop(first.woken());
        drop(second.woken());
        subject.assert_conserved();
    });
}

/// Trap B11: a poll that panics in foreign code leaves its request where it was.
#[test]
fn a_waker_that_panics_when_it_is_cloned_loses_nothing() {
    let semaphore = Semaphore::new(0);
    let fragile = Probe::on(Call::Clone, || panic!("this waker cannot be cloned"));
    let waker = fragile.waker();
    let mut fresh = Driver::new(semaphore.acquire());
    catch_unwind(AssertUnwindSafe(|| drop(fresh.poll_with(&waker)))).unwrap_err();
    let mut waiting = Driver::waiting(semaphore.acquire());
    catch_unwind(AssertUnwindSafe(|| drop(waiting.poll_with(&waker)))).unwrap_err();
    fresh.pending();
    semaphore.release(1).unwrap();
    let permit = waiting.woken();
    assert!(!fresh.is_woken(), "it had not joined the line");
    drop(permit);
    drop(fresh.woken());
    assert_eq!(1, semaphore.available_permits());
    semaphore.assert_quiet();
}

/// Traps A4, B11: the rest of the batch, and the batches after it.
#[test]
fn a_panicking_waker_does_not_lose_the_wakes_of_the_others() {
    for panicking in [0, 1, 31, 32, 33, MORE_THAN_TWO_BATCHES - 1] {
        let semaphore = Semaphore::new(0);
        let wait = |place| {
            let probe = if place == panicking {
                Probe::panicking()
            } else {
                Probe::new()
            };
            let mut driver = Driver::with(semaphore.acquire(), probe);
            driver.pending();
            driver
        };
        let waiters: Vec<_> = (0..MORE_THAN_TWO_BATCHES).map(wait).collect();
        let release = || semaphore.release(MORE_THAN_TWO_BATCHES);
        catch_unwind(AssertUnwindSafe(release))
            .unwrap_err()
            .downcast_ref::<&str>()
            .unwrap();
        for waiter in waiters {
            drop(waiter.woken());
        }
        assert_eq!(MORE_THAN_TWO_BATCHES, semaphore.available_permits());
        semaphore.assert_quiet();
    }
}

/// Trap B11: a second panic, while the first one unwinds, must not abort the process.
#[test]
fn several_panicking_wakers_are_one_panic() {
    let semaphore = Semaphore::new(0);
    let wait = |place: usize| {
        let probe = if place % 3 == 0 {
            Probe::panicking()
        } else {
            Probe::new()
        };
        let mut driver = Driver::with(semaphore.acquire(), probe);
        driver.pending();
        driver
    };
    let waiters: Vec<_> = (0..MORE_THAN_TWO_BATCHES).map(wait).collect();
    let release = || semaphore.release(MORE_THAN_TWO_BATCHES);
    catch_unwind(AssertUnwindSafe(release)).unwrap_err();
    for waiter in waiters {
        drop(waiter.woken());
    }
    semaphore.assert_quiet();
}

/// Panics with this are counted when they are dropped, and then panic once more.
struct Bomb(Arc<AtomicUsize>, bool);

impl Drop for Bomb {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
        if self.1 {
            resume_unwind(Box::new("a payload"));
        }
    }
}

#[test]
fn what_a_waker_panics_with_is_dropped_where_its_panic_goes_no_further() {
    for brittle in [false, true] {
        let semaphore = Semaphore::new(0);
        let dropped = Arc::new(AtomicUsize::new(0));
        let waiters: Vec<_> = (0..MORE_THAN_TWO_BATCHES)
            .map(|_| {
                let dropped = Arc::clone(&dropped);
                let probe = Probe::on(Call::Wake, move || {
                    resume_unwind(Box::new(Bomb(Arc::clone(&dropped), brittle)));
                });
                let mut driver = Driver::with(semaphore.acquire(), probe);
                driver.pending();
                driver
            })
            .collect();
        let release = || semaphore.release(MORE_THAN_TWO_BATCHES);
        let mut first = catch_unwind(AssertUnwindSafe(release)).unwrap_err();
        // All but the one that goes on.
        assert_eq!(dropped.load(SeqCst), MORE_THAN_TWO_BATCHES - 1);
        first.downcast_mut::<Bomb>().expect("a waker's").1 = false;
        drop(first);
        assert_eq!(dropped.load(SeqCst), MORE_THAN_TWO_BATCHES);
        for waiter in waiters {
            drop(waiter.woken());
        }
        semaphore.assert_quiet();
    }
}

/// Trap B12.
#[test]
fn a_batch_is_woken_in_order_of_arrival() {
    let semaphore = Semaphore::new(0);
    let order = Arc::new(Mutex::new(Vec::new()));
    let wait = |place| {
        let order = Arc::clone(&order);
        let probe = Probe::on(Call::Wake, move || order.lock().unwrap().push(place));
        let mut driver = Driver::with(semaphore.acquire(), probe);
        driver.pending();
        driver
    };
    let waiters: Vec<_> = (0..MORE_THAN_TWO_BATCHES).map(wait).collect();
    semaphore.release(MORE_THAN_TWO_BATCHES).unwrap();
    let expected: Vec<_> = (0..MORE_THAN_TWO_BATCHES).collect();
    assert_eq!(expected, *order.lock().unwrap());
    drop(waiters);
    assert_eq!(MORE_THAN_TWO_BATCHES, semaphore.available_permits());
    semaphore.assert_quiet();
}

/// What is granted is not granted twice, and who is not granted anything is left alone.
#[test]
fn only_those_who_are_granted_something_are_woken() {
    let semaphore = Semaphore::new(0);
    let served: Vec<_> = (0..3)
        .map(|_| Driver::waiting(semaphore.acquire()))
        .collect();
    let mut rest = Driver::waiting(semaphore.acquire_many(2));
    semaphore.release(4).unwrap();
    for waiter in &served {
        assert_eq!(1, waiter.probe().wakes());
    }
    assert_eq!(0, rest.probe().wakes());
    rest.pending();
    drop(served);
    rest.woken().forget();
    assert_eq!(2, semaphore.available_permits());
    semaphore.assert_quiet();
}
