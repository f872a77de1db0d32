//! A thread that takes snapshots repeatedly, and reports what lasts too long.

use core::fmt;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::io;
use std::panic::catch_unwind;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};

use super::lag;
use super::trouble::{Limits, Report, Seen};
use crate::diag::snapshot;
use crate::line::discard_panic;
use crate::sys::event;

/// How often it looks within the shortest of the times that it was told.
const LOOKS: u32 = 4;
/// It looks at least so often, and at most.
const SLOWEST: Duration = Duration::from_secs(1);
const FASTEST: Duration = Duration::from_millis(1);

/// Reports slow polls, long waits, locks that are held too long and deadlocks while they are happening.
///
/// A watchdog is a thread that takes a [`snapshot`] four times within the shortest limit, at most once per
/// millisecond and at least once per second. So it reports what is stuck *while* it is stuck. Everything reported has
/// lasted for at least its limit, and is usually reported within a quarter more. A snapshot of 10,000 primitives
/// takes about ten milliseconds of one thread.
///
/// Everything is reported once, and once more when it is over. A [certain](super::Cycle::certain) deadlock is
/// reported as soon as it is seen. Any other cycle is reported once it has lasted as long as [`wait`](Self::wait)
/// says, or five seconds by default.
///
/// It watches the polls of tasks that this crate knows, including those in a [`task`](super::task()); waits for
/// primitives; owners of locks that have a name or were waited for; and each [`lag`](super::lag()).
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use std::sync::mpsc::channel;
/// use syncline::{diag::{Trouble, Watchdog}, thread::{Event, spawn_named}};
///
/// let (sender, reports) = channel();
/// let watching = Watchdog::new()
///     .wait(Duration::from_millis(20))
///     .start(move |report| drop(sender.send(report.clone())))?;
///
/// static DONE: Event = Event::new().named("done");
/// let waiter = spawn_named("waiter", || DONE.wait());
/// let report = reports.recv().unwrap();
/// assert!(matches!(report.trouble, Trouble::LongWait { .. }) && !report.is_over);
/// println!("{report}");
///
/// DONE.set();
/// assert!(reports.recv().unwrap().is_over);
/// drop(watching); // stops looking
/// # waiter.wait().unwrap();
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a watchdog watches once it is started"]
pub struct Watchdog {
    limits: Limits,
}

impl Watchdog {
    /// Creates a watchdog that reports deadlocks, and guards of the blocking face held across an `.await`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reports each poll of a task that takes longer than this, with its thread.
    pub const fn slow_poll(mut self, limit: Duration) -> Self {
        self.limits.slow_poll = Some(limit);
        self
    }

    /// Reports each wait that takes longer than this, and each grant that is not claimed in that time.
    ///
    /// Idle workers of pools are not reported. Other intended waits are, such as one for the next item of a queue, or
    /// for the end of the program. A report names what is waited for, so the closure can filter. Only the first 64
    /// waiters of a primitive are watched.
    pub const fn wait(mut self, limit: Duration) -> Self {
        self.limits.wait = Some(limit);
        self
    }

    /// Reports each lock that one owner holds for longer than this.
    pub const fn held(mut self, limit: Duration) -> Self {
        self.limits.held = Some(limit);
        self
    }

    /// Reports each [`lag`](super::lag()) that is larger than this.
    pub const fn lag(mut self, limit: Duration) -> Self {
        self.limits.lag = Some(limit);
        self
    }

    /// Starts watching, and calls the closure with each report, on a thread named `syncline-watchdog`.
    ///
    /// With the feature `tracing`, each report is also an event with the target `syncline::diag`.
    ///
    /// While the closure runs, the watchdog takes no snapshots. If it panics, the panic hook is called as usual, and
    /// the watchdog continues.
    ///
    /// Several watchdogs can run at the same time, independently.
    ///
    /// # Errors
    ///
    /// Returns an error if the thread cannot be started.
    ///
    /// # Panics
    ///
    /// Panics if a limit is zero.
    ///
    /// # Examples
    ///
    /// See [`Watchdog`].
    #[track_caller]
    pub fn start(self, report: impl FnMut(&Report) + Send + 'static) -> io::Result<Watching> {
        let shortest = self.limits.shortest();
        assert!(
            shortest != Some(Duration::ZERO),
            "a watchdog needs limits above zero"
        );
        let every = shortest.map_or(SLOWEST, |shortest| {
            (shortest / LOOKS).clamp(FASTEST, SLOWEST)
        });
        let (stop, stopped) = channel();
        let thread = Builder::new()
            .name("syncline-watchdog".to_owned())
            .spawn(move || {
                let (mut seen, mut report) = (Seen::new(self.limits), report);
                while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                    for new in seen.look(&snapshot(), &lag::all()) {
                        let tell = || {
                            event(new.is_over, &new);
                            report(&new);
                        };
                        if let Err(panic) = catch_unwind(AssertUnwindSafe(tell)) {
                            discard_panic(panic);
                        }
                    }
                }
            })?;
        Ok(Watching {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

/// A running watchdog. Returned by [`Watchdog::start`].
///
/// Dropping this stops the watchdog. To keep it for as long as the process runs, call [`detach`](Self::detach).
///
/// # Deadlocks
///
/// Dropping it waits for a running closure to return, unless it is dropped inside that closure. So do not drop it
/// while you hold a lock that the closure takes.
///
/// # Examples
///
/// See [`Watchdog`].
#[must_use = "the watchdog stops when this is dropped"]
pub struct Watching {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watching {
    /// Keeps the watchdog running for as long as the process.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use syncline::diag::Watchdog;
    ///
    /// Watchdog::new().start(|report| eprintln!("{report}"))?.detach();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[expect(clippy::mem_forget, reason = "the end of the channel must stay")]
    pub fn detach(mut self) {
        core::mem::forget(self.stop.take());
        self.thread = None;
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            if thread.thread().id() != std::thread::current().id() {
                // Its closure may have panicked, and no more than that.
                drop(thread.join());
            }
        }
    }
}

impl fmt::Debug for Watching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watching").finish_non_exhaustive()
    }
}
