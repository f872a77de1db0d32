//! The line, with threads that are driven by hand: when a woken thread gets to
//! run is the operating system's business, except here.
//!
//! A node of a thread is polled like that of a task. All of it happens faster
//! than a head becomes overdue; where it did not, the test tries again.

use crate::driver::Driver;
use core::fmt::Debug;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::SeqCst;
use core::time::Duration;
use std::time::Instant;
use syncline::internals::{Added, Asker, Flags, Line, Wait, Word};

/// `free << 2 | flags`: the least that can be waited for.
struct Permits(AtomicUsize);

impl Permits {
    fn change(&self, to: impl Fn(usize) -> Option<usize>) -> bool {
        self.0.fetch_update(SeqCst, SeqCst, to).is_ok()
    }
}

impl Word for Permits {
    fn try_take(&self, n: usize, asker: Asker) -> bool {
        let passes = |flags: Flags| match asker {
            Asker::Thread => !flags.has(Flags::HANDOFF),
            Asker::Task => flags == Flags::NONE,
        };
        self.change(|word| word.checked_sub(n << 2).filter(|_| passes(Flags::of(word))))
    }

    fn add(&self, n: usize) -> Added {
        match Flags::of(self.0.fetch_add(n << 2, SeqCst)) {
            Flags::NONE => Added::Quietly,
            _ => Added::Unsettled,
        }
    }

    fn give(&self, n: usize) {
        self.0.fetch_add(n << 2, SeqCst);
    }

    fn take(&self, n: usize) -> bool {
        self.change(|word| word.checked_sub(n << 2))
    }

    fn free(&self) -> usize {
        self.0.load(SeqCst) >> 2
    }

    fn flags(&self) -> Flags {
        Flags::of(self.0.load(SeqCst))
    }

    fn set_flags(&self, flags: Flags) {
        self.change(|word| Some(word & !3 | flags.bits() as usize));
    }
}

type Waiter<'a> = Driver<Wait<&'a Line<Permits>>>;

fn line() -> Line<Permits> {
    Line::new(Permits(AtomicUsize::new(0)))
}

/// A thread that waits for `n`.
fn thread(line: &Line<Permits>, n: usize) -> Waiter<'_> {
    Driver::waiting(Wait::new(line, Asker::Thread, n))
}

/// Whether somebody who comes along gets something.
fn barges(line: &Line<Permits>) -> bool {
    line.word().try_take(1, Asker::Thread)
}

/// What `scenario` sees must be as expected, when all of it happens before a head is overdue.
fn in_time<T: PartialEq + Debug>(expected: &T, scenario: impl Fn() -> T) {
    let start = Instant::now();
    loop {
        let began = Instant::now();
        let seen = scenario();
        if began.elapsed() < Duration::from_micros(400) {
            assert_eq!(*expected, seen);
            return;
        }
        assert!(start.elapsed() < crate::watch::LIMIT, "always too slow");
    }
}

#[test]
fn a_woken_thread_that_is_passed_keeps_its_place() {
    in_time(&[true, false, true, true, true, false, true], || {
        let line = line();
        let (mut first, second) = (thread(&line, 1), thread(&line, 1));
        line.release(1);
        let woken = [first.is_woken(), second.is_woken()];
        let passed = barges(&line);
        let waits = first.poll().is_pending();
        line.release(1);
        let again = [first.is_woken(), second.is_woken()];
        let served = first.poll().is_ready();
        [
            woken[0], woken[1], passed, waits, again[0], again[1], served,
        ]
    });
}

/// Traps B1, C1.
#[test]
fn two_releases_wake_two_threads_before_either_runs() {
    in_time(&(true, true, true), || {
        let line = line();
        let (mut first, mut second) = (thread(&line, 1), thread(&line, 1));
        line.release(1);
        line.release(1);
        let woken = first.is_woken() && second.is_woken();
        // The later one may run first.
        let served = second.poll().is_ready();
        (woken, served, first.poll().is_ready())
    });
}

#[test]
fn no_more_threads_are_woken_than_can_be_served() {
    in_time(&[true, false, false], || {
        let line = line();
        let waiters = [thread(&line, 2), thread(&line, 2), thread(&line, 1)];
        line.release(3);
        waiters.each_ref().map(Driver::is_woken)
    });
}

/// Traps B2, B23, for a thread whose deadline ends its wait.
#[test]
fn a_woken_thread_that_leaves_passes_its_wake_on() {
    in_time(&(true, false, true, true), || {
        let line = line();
        let (first, mut second) = (thread(&line, 1), thread(&line, 1));
        line.release(1);
        let woken = (first.is_woken(), second.is_woken());
        drop(first);
        let next = second.is_woken();
        (woken.0, woken.1, next, second.poll().is_ready())
    });
}

/// The hint becomes a grant, and nobody is woken twice for it.
#[test]
fn a_woken_thread_is_granted_its_share_when_a_task_joins_the_line() {
    in_time(&(1, false, true, 1, true), || {
        let line = line();
        let mut first = thread(&line, 1);
        line.release(1);
        let woken = first.probe().wakes();
        let task = Driver::waiting(Wait::new(&line, Asker::Task, 1));
        let passed = barges(&line);
        let served = first.poll().is_ready();
        let wakes = first.probe().wakes();
        line.release(1);
        (woken, passed, served, wakes, task.is_woken())
    });
}

#[test]
fn a_thread_that_wakes_up_for_no_reason_stays_where_it_is() {
    let line = line();
    let (mut first, mut second) = (thread(&line, 1), thread(&line, 1));
    for _ in 0..3 {
        second.pending();
        first.pending();
    }
    line.release_fair(1);
    assert!(!second.is_woken());
    assert!(core::ptr::eq(&raw const line, first.woken()));
    line.release_fair(1);
    assert!(core::ptr::eq(&raw const line, second.woken()));
    line.assert_quiet();
}
