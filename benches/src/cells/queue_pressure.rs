//! What water marks and statistics cost a queue.

use syncline::{task, thread};

use super::passage::{await_ready, one_thread, ours, shared, single, threads};
use crate::cell::Cell;

/// Adds a queue of a face without anything, with statistics, and with marks.
macro_rules! pressures {
    ($cell:expr, $face:ident, $open:ident => $body:expr) => {
        $cell
            .peer("syncline", {
                let $open = || shared($face::Queue::bounded(1024));
                $body
            })
            .peer("syncline:stats", {
                let $open = || shared($face::Queue::bounded(1024).with_stats());
                $body
            })
            .peer("syncline:marks", {
                let $open = || shared($face::Queue::bounded(1024).watermarks(1024, 512));
                $body
            })
    };
}

/// The cells about queues under pressure.
pub(super) fn cells() -> Vec<Cell> {
    vec![
        pressures!(
            Cell::counted("queue/pressure/thread", 5, "put + get, one thread").with_instructions(),
            thread,
            open => move |effort| one_thread(effort, open())
        ),
        pressures!(
            Cell::counted("queue/pressure/task", 5, "put + get, one task").with_instructions(),
            task,
            open => move |effort| await_ready(effort, open())
        ),
        pressures!(
            Cell::counted("queue/pressure/threads", 10, "an item put by a thread, got by another")
                .at_least(64)
                .of_threads(),
            thread,
            open => move |effort| threads(effort, single(open()))
        ),
        pressures!(
            Cell::counted("queue/pressure/tasks", 5, "an item put by a task, got by another")
                .at_least(64),
            task,
            open => move |effort| ours(effort, single(open()), u64::MAX)
        ),
    ]
}
