//! What a request pays for being waited for at the end.
//!
//! The token of a `TaskTracker` is a count. One of syncline has a name, and an age; `tokio-util:clock` adds the
//! clock read that an age needs, and `stripped:clock` does nothing else.

use core::hint::black_box;

use syncline::service::{InFlight, Shutdown};
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::repeat::{clock, repeat};
use crate::cell::{Cell, peers};
use crate::threads::compete;

/// What the cells ask of a tracker.
trait Track: Sync {
    type Token;

    fn made() -> Self;

    fn enter(&self) -> Self::Token;
}

impl Track for Shutdown {
    type Token = InFlight;

    fn made() -> Self {
        Self::builder().drain("drain").build()
    }

    fn enter(&self) -> InFlight {
        self.track("request").expect("nobody requests it")
    }
}

impl Track for TaskTracker {
    type Token = TaskTrackerToken;

    fn made() -> Self {
        Self::new()
    }

    fn enter(&self) -> TaskTrackerToken {
        self.token()
    }
}

macro_rules! trackers {
    ($cell:expr, $type:ident => $body:expr) => {
        peers!($cell, $type => $body, {
            "syncline" => Shutdown,
            "tokio-util" => TaskTracker,
        })
    };
}

/// The cells about shutdowns.
pub(super) fn cells() -> Vec<Cell> {
    vec![
        trackers!(
            Cell::counted("shutdown/track", 5, "enter and leave, one thread").with_instructions(),
            T => |effort| {
                let tracker = T::made();
                repeat(effort, || drop(black_box(black_box(&tracker).enter())))
            }
        )
        .peer("tokio-util:clock", |effort| {
            let tracker = TaskTracker::new();
            repeat(effort, || {
                clock();
                drop(black_box(black_box(&tracker).token()));
            })
        })
        .peer("stripped:clock", |effort| repeat(effort, clock)),
        trackers!(
            Cell::timed("shutdown/track_threads/8", 60, "the same; threads compete").of_threads(),
            T => |effort| {
                let tracker = T::made();
                compete(8, effort, |log| log.wait(|| drop(black_box(tracker.enter()))), || {})
            }
        ),
    ]
}
