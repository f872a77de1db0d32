//! Sleeping, and that one wakes.

use crate::driver::Driver;
use crate::executors::{on_every_executor, task};
use crate::waker::Probe;
use crate::watch::{until, watched};
use core::time::Duration;
use std::time::Instant;
use syncline::task::{as_completed, block_on, gather, sleep, sleep_until};

const SHORT: Duration = Duration::from_millis(5);
const FAR: Duration = Duration::from_secs(3600);

#[test]
fn no_time_at_all_is_over_at_once() {
    Driver::new(sleep(Duration::ZERO)).ready();
    let now = Instant::now();
    Driver::new(sleep_until(now)).ready();
    Driver::new(sleep_until(now.checked_sub(SHORT).unwrap_or(now))).ready();
}

#[test]
fn a_duration_too_large_for_the_clock_means_for_ever() {
    let sleeps = Driver::waiting(sleep(Duration::MAX));
    assert_eq!((0, 0), (sleeps.probe().alive(), sleeps.probe().wakes()));
}

#[test]
fn nobody_wakes_before_the_time_is_over() {
    watched(&"sleeps", || {
        on_every_executor(|| {
            let sleeps = |place: u32| {
                task(async move {
                    let start = Instant::now();
                    sleep(SHORT * place).await;
                    assert!(start.elapsed() >= SHORT * place);
                    sleep_until(start + SHORT * 2 * place).await;
                    assert!(start.elapsed() >= SHORT * 2 * place);
                })
            };
            (0..4).map(sleeps).collect()
        });
    });
}

/// A sleep counts from its first poll, and is not begun again by the next.
#[test]
fn a_sleep_runs_on_however_often_it_is_polled() {
    let mut sleeps = Driver::new(sleep(SHORT));
    let start = Instant::now();
    watched(&"a sleep", || until("its end", || sleeps.poll().is_ready()));
    assert!(start.elapsed() >= SHORT);
    assert!(sleeps.poll().is_ready(), "what is over stays over");
    sleeps.cancel().until_forgotten();
}

/// Trap B25.
#[test]
fn a_dropped_sleep_leaves_nothing_in_the_timer() {
    let sleeps = Driver::waiting(sleep(FAR));
    assert_eq!(1, sleeps.probe().alive());
    assert_eq!(0, sleeps.cancel().alive());
}

/// Trap B7.
#[test]
fn a_sleep_that_moves_to_another_task_wakes_that_task() {
    let mut sleeps = Driver::new(sleep(SHORT));
    if sleeps.poll().is_ready() {
        return;
    }
    let other = Probe::new();
    if sleeps.poll_with(&other.waker()).is_pending() {
        watched(&other, || until("a wake", || other.wakes() > 0));
        sleeps.ready();
    }
    assert_eq!(0, other.alive());
}

/// asyncio: `test_as_completed`, with the timer.
#[test]
fn the_shorter_sleep_ends_first() {
    let start = Instant::now();
    let until = |place: u32| sleep_until(start + SHORT * place);
    let mut ends = as_completed([3, 1, 2].map(until));
    let order: Vec<_> = watched(&"sleeps", || {
        (0..3).map(|_| block_on(ends.next()).unwrap().0).collect()
    });
    assert_eq!([1, 2, 0], order[..]);
}

/// They run at once, not one after the other.
#[test]
fn gathered_sleeps_take_as_long_as_the_longest() {
    watched(&"sleeps", || {
        block_on(gather((0..10_000).map(|_| sleep(SHORT))));
    });
}
