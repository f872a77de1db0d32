//! Intervals: the first tick, the following ones, and a tick that is dropped.

use crate::driver::Driver;
use crate::watch::watched;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;
use std::time::Instant;
use syncline::task::{MissedTicks, block_on, interval, interval_at, race, yield_now};

const SHORT: Duration = Duration::from_millis(3);
const FAR: Duration = Duration::from_secs(3600);

#[test]
fn the_first_tick_comes_at_once_and_the_others_do_not_drift() {
    let start = Instant::now();
    let mut ticks = interval_at(start, SHORT);
    watched(&"ticks", || {
        for number in 0..4 {
            assert_eq!(block_on(ticks.tick()), start + SHORT * number);
        }
    });
    assert!(start.elapsed() >= SHORT * 3);
    Driver::new(interval(FAR).tick()).ready();
}

#[test]
fn a_dropped_tick_is_not_lost() {
    let mut ticks = interval(FAR);
    let first = block_on(ticks.tick());
    for _ in 0..3 {
        let waits = Driver::waiting(ticks.tick());
        assert_eq!(waits.cancel().alive(), 0);
    }
    let mut late = interval_at(first, FAR);
    drop(late.tick());
    assert_eq!(block_on(late.tick()), first);
}

#[test]
fn missed_ticks_are_made_up_for_or_not_as_was_said() {
    let long_ago = Instant::now().checked_sub(SHORT * 100);
    // A machine that has just started has no such moment.
    let Some(start) = long_ago else { return };
    let mut burst = interval_at(start, SHORT);
    for number in 0..50 {
        assert_eq!(Driver::new(burst.tick()).ready(), start + SHORT * number);
    }
    let mut skip = interval_at(start, FAR).missed(MissedTicks::Skip);
    Driver::new(skip.tick()).ready();
    Driver::waiting(skip.tick());
    let mut delay = interval_at(start, FAR).missed(MissedTicks::Delay);
    Driver::new(delay.tick()).ready();
    Driver::waiting(delay.tick());
}

/// It lets others run once it has spent its budget.
#[test]
fn an_interval_far_behind_does_not_keep_its_task_to_itself() {
    let start = Instant::now().checked_sub(FAR).unwrap_or_else(Instant::now);
    let mut ticks = interval_at(start, Duration::from_nanos(1));
    let catches_up = async {
        loop {
            ticks.tick().await;
        }
    };
    let quick = async {
        yield_now().await;
        "quick"
    };
    watched(&"an interval", || {
        assert_eq!(block_on(race((catches_up, quick))), "quick");
    });
}

#[test]
fn a_tick_that_has_come_is_not_awaited_again() {
    let mut ticks = interval(FAR);
    let mut tick = Driver::new(ticks.tick());
    assert!(tick.poll().is_ready());
    catch_unwind(AssertUnwindSafe(|| tick.poll())).unwrap_err();
}

#[test]
#[should_panic(expected = "a period above zero")]
fn no_period_is_refused() {
    drop(interval(Duration::ZERO));
}
