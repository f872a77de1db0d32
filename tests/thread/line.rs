//! The line, with threads that are driven by hand: when a woken thread gets to
//! run is the operating system's business, except here.
//!
//! A node of a thread is polled like that of a task. All of it happens faster
//! than a head becomes overdue; where it did not, the test tries again.

use crate::driver::Driver;
use core::fmt::Debug;
use core::panic::AssertUnwindSafe;
use core::sync::atomic::Ordering::SeqCst;
use core::sync::atomic::{AtomicBool, AtomicUsize};
use core::time::Duration;
use std::panic::catch_unwind;
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

/// What the woken ones want is counted as theirs. One of them that goes back wants nothing now, and
/// the share is for whoever else can use it.
#[test]
fn a_woken_thread_that_goes_back_lets_one_before_it_be_woken() {
    in_time(&[true, true, true, true, false, true, true, true], || {
        let line = line();
        let (mut first, mut second) = (thread(&line, 3), thread(&line, 5));
        line.release(8);
        let woken = [first.is_woken(), second.is_woken()];
        let passed = line.word().try_take(6, Asker::Thread);
        let goes_back = first.poll().is_pending();
        // Four are free, of which the second one, which has been woken, wants five.
        line.release(2);
        let early = first.is_woken();
        let goes_back_too = second.poll().is_pending();
        let told = first.is_woken();
        let served = first.poll().is_ready();
        [
            woken[0],
            woken[1],
            passed,
            goes_back,
            early,
            goes_back_too,
            told,
            served,
        ]
    });
}

/// What accumulates for a head is not for a thread behind it that was woken before.
#[test]
fn a_woken_thread_does_not_pass_a_head_to_which_the_line_hands_over() {
    in_time(&[true, true, true, true, true], || {
        let line = line();
        let (mut first, mut second) = (thread(&line, 3), thread(&line, 1));
        line.release(4);
        let passed = line.word().try_take(2, Asker::Thread);
        let goes_back = first.poll().is_pending();
        let _task = Driver::waiting(Wait::new(&line, Asker::Task, 1));
        let hands_over = line.word().flags().has(Flags::HANDOFF);
        let waits = second.poll().is_pending();
        line.release(1);
        [
            passed,
            goes_back,
            hands_over,
            waits,
            first.poll().is_ready(),
        ]
    });
}

/// Permits that note what is given while anybody may still take it.
struct Watched {
    permits: Permits,
    unguarded: AtomicUsize,
}

impl Word for Watched {
    fn try_take(&self, n: usize, asker: Asker) -> bool {
        self.permits.try_take(n, asker)
    }

    fn add(&self, n: usize) -> Added {
        self.permits.add(n)
    }

    fn give(&self, n: usize) {
        if !self.flags().has(Flags::HANDOFF) {
            self.unguarded.fetch_add(n, SeqCst);
        }
        self.permits.give(n);
    }

    fn take(&self, n: usize) -> bool {
        self.permits.take(n)
    }

    fn free(&self) -> usize {
        self.permits.free()
    }

    fn flags(&self) -> Flags {
        self.permits.flags()
    }

    fn set_flags(&self, flags: Flags) {
        self.permits.set_flags(flags);
    }
}

/// A fair release gives the head what it does not have yet: nobody can take that in between.
#[test]
fn a_fair_release_raises_the_flag_before_it_gives() {
    let line = Line::new(Watched {
        permits: Permits(AtomicUsize::new(0)),
        unguarded: AtomicUsize::new(0),
    });
    let head = Driver::waiting(Wait::new(&line, Asker::Thread, 3));
    line.release_fair(2);
    assert_eq!(
        0,
        line.word().unguarded.load(SeqCst),
        "somebody could barge in"
    );
    line.release_fair(1);
    head.woken();
}

/// Permits whose rules panic when they are told to.
struct Faulty {
    permits: Permits,
    faults: AtomicBool,
}

impl Faulty {
    fn line() -> Line<Self> {
        Line::new(Self {
            permits: Permits(AtomicUsize::new(0)),
            faults: AtomicBool::new(false),
        })
    }

    fn check(&self) -> &Permits {
        assert!(!self.faults.load(SeqCst), "a rule panics");
        &self.permits
    }
}

impl Word for Faulty {
    fn try_take(&self, n: usize, asker: Asker) -> bool {
        self.check().try_take(n, asker)
    }

    fn add(&self, n: usize) -> Added {
        self.check().add(n)
    }

    fn give(&self, n: usize) {
        self.check().give(n);
    }

    fn take(&self, n: usize) -> bool {
        self.check().take(n)
    }

    fn free(&self) -> usize {
        self.check().free()
    }

    fn flags(&self) -> Flags {
        self.permits.flags()
    }

    fn set_flags(&self, flags: Flags) {
        self.permits.set_flags(flags);
    }

    fn is_due(&self, _n: usize) -> bool {
        self.check();
        false
    }
}

/// A wait that is dropped leaves the line whatever the rules do: its memory is gone afterwards.
#[test]
fn a_rule_that_panics_leaves_no_dropped_wait_in_line() {
    for (asker, woken) in [
        (Asker::Task, false),
        (Asker::Thread, false),
        (Asker::Thread, true),
    ] {
        let line = Faulty::line();
        let waits = Driver::waiting(Wait::new(&line, asker, 1));
        if woken {
            line.release(1);
            assert!(waits.is_woken());
        }
        line.word().faults.store(true, SeqCst);
        catch_unwind(AssertUnwindSafe(|| drop(waits))).unwrap_err();
        line.word().faults.store(false, SeqCst);
        assert_eq!(0, line.waiting(), "what was freed is in the list");
        // It goes on with those who come later.
        let next = Driver::waiting(Wait::new(&line, Asker::Task, 2));
        line.release(2);
        next.woken();
        line.release(2);
    }
}
