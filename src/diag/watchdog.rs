//! A thread that looks again and again, and reports what stays too long.

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
/// It is a thread that takes a [`snapshot`] four times within the shortest limit, but at most once in a millisecond, and at least once in a second. So it sees
/// what is stuck *while* it is stuck, and needs nobody to come back. What is reported has lasted for at least as long as the limit says, and is
/// usually reported within a quarter more. A snapshot of 10,000 primitives takes about ten milliseconds of one thread.
///
/// Each thing is reported once, and once more when it is over. A deadlock that is [certain](super::Cycle::certain) is reported
/// as soon as it is seen; any other circle when it has stood for as long as [`wait`](Self::wait) says. If nothing says so, for five seconds.
///
/// What is watched: the polls of tasks that this crate knows, those in a [`task`](super::task()) among them; the
/// waits for its primitives; the owners of its locks that have a name or were waited for; and each [`lag`](super::lag()).
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
    /// Creates a watchdog that reports deadlocks, and guards of the blocking face that are held across an `.await`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reports each poll of a task that takes longer, with the thread that it keeps.
    pub const fn slow_poll(mut self, limit: Duration) -> Self {
        self.limits.slow_poll = Some(limit);
        self
    }

    /// Reports each wait that takes longer, and each grant that nobody comes for.
    ///
    /// Idle workers of pools are not reported. Whoever waits for the next item of a queue, or for the end of the program, is, and a report
    /// names what is waited for: the closure decides what it wants to hear. Of those who wait for one primitive, the first 64 are seen.
    pub const fn wait(mut self, limit: Duration) -> Self {
        self.limits.wait = Some(limit);
        self
    }

    /// Reports each lock that is held for longer by one owner without a break.
    pub const fn held(mut self, limit: Duration) -> Self {
        self.limits.held = Some(limit);
        self
    }

    /// Reports each [`lag`](super::lag()) that is larger.
    pub const fn lag(mut self, limit: Duration) -> Self {
        self.limits.lag = Some(limit);
        self
    }

    /// Begins to look, and calls the closure with each report, on a thread called `syncline-watchdog`.
    ///
    /// With the feature `tracing` each report is an event, too, with the target `syncline::diag`.
    ///
    /// The closure may do what it likes; while it runs, nobody looks. If it panics, the panic hook is called as usual, and
    /// the watchdog goes on.
    ///
    /// Several watchdogs may look at the same time, each by itself.
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

/// A watchdog that looks until this is dropped. Returned by [`Watchdog::start`].
///
/// Dropping this stops the watchdog. To keep it for as long as the process runs, [`detach`](Self::detach) it.
///
/// # Deadlocks
///
/// Dropping it waits for a running closure to return, unless it is dropped inside of that closure. So do not drop it while you hold a
/// lock that the closure wants.
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
    /// Lets the watchdog look for as long as the process runs.
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
