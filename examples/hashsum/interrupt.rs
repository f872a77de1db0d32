//! Ctrl-C, and the pool that it stops.

use core::time::Duration;
use std::process;
use std::sync::Arc;

use syncline::PoolShutdown;
use syncline::thread::{Event, ThreadPool};

use crate::INTERRUPTED;

/// The pool, and whether it has been told to stop.
pub(crate) struct Interrupt {
    pub(crate) pool: ThreadPool,
    pub(crate) come: Arc<Event>,
}

impl Interrupt {
    pub(crate) fn new(pool: ThreadPool) -> Self {
        Self {
            pool,
            come: Arc::new(Event::new()),
        }
    }

    /// Whether somebody has pressed Ctrl-C.
    pub(crate) fn has_come(&self) -> bool {
        self.come.is_set()
    }

    /// Cancels the jobs that have not begun; each has an outcome that says so.
    ///
    /// What has begun goes on, and nobody waits for it here.
    pub(crate) fn cancel(&self) {
        let at_once = Duration::ZERO;
        // The names of those who are still at work. They are waited for where their results are.
        drop((self.pool).shutdown_timeout(PoolShutdown::CancelQueued, at_once));
    }
}

/// Cancels what has not begun at the first Ctrl-C, and ends the program at the second.
///
/// The handler is called on a thread of its own, not in the signal handler: it may lock and wake.
pub(crate) fn listen(interrupt: Arc<Interrupt>) -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(move || {
        if interrupt.has_come() {
            process::exit(i32::from(INTERRUPTED));
        }
        interrupt.come.set();
        interrupt.cancel();
    })
}
