//! Processor time of a thread, or of the whole process.
//!
//! A cell with a single thread that never sleeps takes as long as that thread
//! computes. On a quiet machine that is the time on the wall; on a busy one it
//! leaves out what other programs computed meanwhile. Where a peer keeps a thread
//! of its own that helps, the time of the whole process counts.

#![expect(unsafe_code, reason = "these clocks are C calls")]

use core::time::Duration;

/// Runs from its start until it is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch {
    clock: libc::clockid_t,
    start: Duration,
}

impl Stopwatch {
    /// Starts now, on the calling thread's time.
    pub(crate) fn start() -> Self {
        Self::on(libc::CLOCK_THREAD_CPUTIME_ID)
    }

    /// Starts now, on the time of all threads together.
    pub(crate) fn start_for_all_threads() -> Self {
        Self::on(libc::CLOCK_PROCESS_CPUTIME_ID)
    }

    fn on(clock: libc::clockid_t) -> Self {
        let start = now(clock);
        Self { clock, start }
    }

    /// What was computed since the start.
    pub(crate) fn elapsed(self) -> Duration {
        now(self.clock).saturating_sub(self.start)
    }

    /// What was computed between two starts.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        self.start.saturating_sub(earlier.start)
    }
}

/// The time on a clock.
fn now(clock: libc::clockid_t) -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the pointer is to a live `timespec` that nobody else uses.
    let refused = unsafe { libc::clock_gettime(clock, &raw mut time) };
    assert_eq!(0, refused, "there is no clock of processor time");
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}
