//! Wakers may do anything, also use the primitive that clones, wakes or drops them.

use crate::driver::Driver;
use crate::subjects::{Form, Subject, on_every_form};
use crate::waker::{Call, Probe};
use crate::watch::{until_past, watched};
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::SeqCst;
use core::time::Duration;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::{Event, Semaphore};

/// Uses the subject in every way that takes the line's lock.
fn meddle(subject: &dyn Subject) {
    let mut rival = Driver::new(subject.start());
    if rival.poll().is_pending() {
        drop(rival.poll());
    }
    drop(rival);
    assert!(subject.waiting() < 100);
    assert!(!format!("{subject:?}").is_empty());
}

/// A probe that meddles with `subject` at each `call`, and counts how often it did.
fn meddler(subject: &Arc<dyn Subject>, call: Call) -> (Probe, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let probe = Probe::on(call, {
        let (subject, count) = (Arc::clone(subject), Arc::clone(&count));
        move || {
            meddle(&*subject);
            count.fetch_add(1, SeqCst);
        }
    });
    (probe, count)
}

/// Runs `test` under a watchdog: what goes wrong here is a deadlock.
fn on_every_form_watched(test: impl Fn(&Form)) {
    watched(&"a re-entrant waker", || on_every_form(test));
}

/// Traps B6, C6, A15.
#[test]
fn a_waker_may_use_the_primitive_that_wakes_it() {
    on_every_form_watched(|form| {
        let subject = (form.make)();
        let (probe, count) = meddler(&subject, Call::Wake);
        let mut waiter = Driver::with(subject.start(), probe);
        waiter.pending();
        subject.advance(0);
        assert_eq!(1, count.load(SeqCst));
        drop(waiter.woken());
        subject.assert_conserved();
    });
}

/// Traps B6: also where a dropped grant wakes the next.
#[test]
fn a_waker_may_use_the_primitive_when_a_dropped_grant_wakes_it() {
    on_every_form_watched(|form| {
        let subject = (form.make)();
        let first = Driver::waiting(subject.start());
        let (probe, count) = meddler(&subject, Call::Wake);
        let mut second = Driver::with(subject.start(), probe);
        second.pending();
        subject.advance(0);
        drop(first);
        assert_eq!(1, count.load(SeqCst));
        drop(second.woken());
        subject.assert_conserved();
    });
}

/// Trap B6.
#[test]
fn the_clone_of_a_waker_may_use_the_primitive() {
    on_every_form_watched(|form| {
        let subject = (form.make)();
        let (probe, count) = meddler(&subject, Call::Clone);
        let mut waiter = Driver::with(subject.start(), probe);
        waiter.pending();
        // Replaced and put back: cloned where a node is linked already.
        assert!(waiter.poll_with(&Probe::new().waker()).is_pending());
        waiter.pending();
        assert!(count.load(SeqCst) >= 2);
        subject.advance(0);
        drop(waiter.woken());
        subject.assert_conserved();
    });
}

/// Trap B6: dropped because it is replaced, because the wait is over, and because it is cancelled.
#[test]
fn the_drop_of_a_waker_may_use_the_primitive() {
    on_every_form_watched(|form| {
        let subject = (form.make)();
        let (probe, count) = meddler(&subject, Call::Drop);
        let waker = probe.waker();
        let mut replaced = Driver::new(subject.start());
        assert!(replaced.poll_with(&waker).is_pending());
        let before = count.load(SeqCst);
        replaced.pending();
        assert!(count.load(SeqCst) > before, "a replaced waker is dropped");
        let mut cancelled = Driver::new(subject.start());
        assert!(cancelled.poll_with(&waker).is_pending());
        let before = count.load(SeqCst);
        drop(cancelled);
        assert!(count.load(SeqCst) > before, "a cancelled waker is dropped");
        subject.advance(0);
        drop(replaced.woken());
        drop(waker);
        assert_eq!(0, probe.alive());
        subject.assert_conserved();
    });
}

/// Trap B6: a waker that drops another request of the same line.
#[test]
fn a_waker_may_drop_another_waiting_request() {
    let semaphore = Arc::new(Semaphore::new(0));
    watched(&semaphore, || {
        let victim = Arc::new(Mutex::new(None));
        let probe = Probe::on(Call::Wake, {
            let victim = Arc::clone(&victim);
            move || drop(victim.lock().unwrap().take())
        });
        let mut first = Driver::with(semaphore.acquire(), probe);
        first.pending();
        *victim.lock().unwrap() = Some(Driver::waiting(semaphore.acquire_owned()));
        let third = Driver::waiting(semaphore.acquire());
        // Two grants at once; the first waker drops the second grantee before it is woken.
        semaphore.release(2).unwrap();
        assert!(victim.lock().unwrap().is_none());
        drop((first.woken(), third.woken()));
    });
    assert_eq!(2, semaphore.available_permits());
    semaphore.assert_quiet();
}

/// A probe that uses a semaphore when it is woken, by every call that takes the line's lock.
fn uses(semaphore: &Arc<Semaphore>) -> Probe {
    let semaphore = Arc::clone(semaphore);
    Probe::on(Call::Wake, move || {
        drop(Driver::new(semaphore.acquire_many(100)).poll());
        semaphore.release(0).unwrap();
        assert!(semaphore.forget(0) == 0 && semaphore.waiting() < 100);
    })
}

/// Traps B6, C6: where a head that leaves wakes the next, by its drop and by its deadline.
#[test]
fn a_waker_may_use_the_primitive_when_a_head_that_gives_up_wakes_it() {
    let semaphore = Arc::new(Semaphore::new(1));
    watched(&semaphore, || {
        for expires in [false, true] {
            let at = Instant::now() + Duration::from_millis(if expires { 5 } else { 3_600_000 });
            let mut head = Driver::new(semaphore.acquire_many_deadline(2, at));
            let waits = head.poll().is_pending();
            let mut next = Driver::with(semaphore.acquire(), uses(&semaphore));
            if next.poll().is_ready() {
                // A slow machine was late for the first poll of the head.
                assert!(!waits);
                continue;
            }
            if expires {
                until_past(at);
                head.ready().unwrap_err();
            } else {
                drop(head);
            }
            drop(next.woken());
        }
    });
    assert_eq!(1, semaphore.available_permits());
    semaphore.assert_quiet();
}

/// Traps B6, C6: where the line stops in the middle, because a batch of wakers is full.
#[test]
fn the_wakers_of_a_full_batch_may_use_the_primitive() {
    let semaphore = Arc::new(Semaphore::new(0));
    watched(&semaphore, || {
        let wait = |_| {
            let mut driver = Driver::with(semaphore.acquire(), uses(&semaphore));
            driver.pending();
            driver
        };
        let waiters: Vec<_> = (0..70).map(wait).collect();
        semaphore.release(70).unwrap();
        for waiter in waiters {
            drop(waiter.woken());
        }
    });
    assert_eq!(70, semaphore.available_permits());
    semaphore.assert_quiet();
}

/// Traps B6, B4: the same, and whoever begins to wait in a waker waits for the next set.
#[test]
fn the_wakers_of_an_event_may_wait_for_it_and_set_it() {
    let event = Arc::new(Event::new());
    watched(&event, || {
        let wait = |place: usize| {
            let event_again = Arc::clone(&event);
            let probe = Probe::on(Call::Wake, move || {
                if place == 0 {
                    event_again.clear();
                    drop(Driver::waiting(event_again.wait()));
                } else if place == 69 {
                    event_again.set();
                }
            });
            let mut driver = Driver::with(event.wait(), probe);
            driver.pending();
            driver
        };
        let waiters: Vec<_> = (0..70).map(wait).collect();
        event.set();
        waiters.into_iter().for_each(Driver::woken);
    });
    assert!(event.is_set());
    event.assert_quiet();
}
