//! `Event` for threads.

use core::fmt;
use core::time::Duration;
use std::time::Instant;

use super::word::EventWord;
use crate::error::TimedOut;
use crate::line::{Line, Quiet, Timeout};
use crate::sys::constructor;
use crate::sys::who::Traceable;

/// A flag that threads wait for.
///
/// [`set`](Self::set) releases everyone who waits, and everyone who arrives before [`clear`](Self::clear). Use it to
/// tell any number of waiters that something has happened. Do not use it to wait for a condition on data
/// (`Condition`), to count ([`Semaphore`](crate::thread::Semaphore)), or to hand something to one waiter (a queue).
///
/// # Fairness
///
/// A set releases everyone who is waiting at that moment, in order of arrival, even if the event is cleared at once.
/// Those who arrive after the clear wait for the next set.
///
/// # Memory effects
///
/// Everything that happened before a set happens before everything after a wait that it ends,
/// and after an [`is_set`](Self::is_set) that sees it. This holds for every one of several sets.
///
/// # Deadlocks
///
/// A thread that waits for an event that only it would set waits for ever.
///
/// # Examples
///
/// ```
/// use syncline::thread::Event;
///
/// let ready = Event::new();
/// std::thread::scope(|threads| {
///     for _ in 0..3 {
///         threads.spawn(|| ready.wait());
///     }
///     ready.set();
/// });
/// assert!(ready.is_set());
/// ```
#[doc(alias("Notify", "ManualResetEvent", "CountDownLatch", "gate"))]
#[repr(transparent)]
pub struct Event {
    pub(crate) line: Line<EventWord>,
}

impl Event {
    constructor! {
        /// Creates an event that is not set.
        ///
        /// # Examples
        ///
        /// ```
        /// use syncline::thread::Event;
        ///
        /// static STOP: Event = Event::new();
        /// assert!(!STOP.is_set());
        /// ```
        #[must_use]
        #[track_caller]
        pub const fn new() -> Self {
            Self {
                line: Line::of(Traceable::Event, EventWord::new()),
            }
        }
    }

    /// Sets the event, and releases everyone who waits.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = syncline::thread::Event::new();
    /// event.set();
    /// event.wait(); // returns at once
    /// ```
    pub fn set(&self) {
        if !self.line.word().try_set() {
            self.line.change(EventWord::set_for_all);
        }
    }

    /// Clears the event. Later waits wait for the next set.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = syncline::thread::Event::new();
    /// event.set();
    /// event.clear();
    /// assert!(!event.is_set());
    /// ```
    pub fn clear(&self) {
        self.line.word().clear();
    }

    /// Returns whether the event is set at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = syncline::thread::Event::new();
    /// assert!(!event.is_set());
    /// ```
    pub fn is_set(&self) -> bool {
        self.line.word().is_set()
    }

    /// Returns how many threads and tasks wait for the event, at this instant.
    ///
    /// Counting takes the lock of the line. Use it for tests, metrics and bindings, not for decisions.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = syncline::thread::Event::new();
    /// assert_eq!(event.waiting(), 0);
    /// ```
    pub fn waiting(&self) -> usize {
        self.line.waiting()
    }

    /// Blocks until the event is set.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = syncline::thread::Event::new();
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| event.set());
    ///     event.wait();
    /// });
    /// ```
    #[inline]
    #[track_caller]
    pub fn wait(&self) {
        self.line.block(0);
    }

    /// Blocks until the event is set, for at most `timeout`; zero asks whether it is set.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if it was not set in time.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let event = syncline::thread::Event::new();
    /// assert!(event.wait_timeout(Duration::from_millis(1)).is_err());
    /// event.set();
    /// event.wait_timeout(Duration::ZERO)?;
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn wait_timeout(&self, timeout: Duration) -> Result<(), TimedOut> {
        self.line.block_until(0, Timeout::After(timeout))
    }

    /// Blocks until the event is set, or until `deadline`.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if it was not set in time.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = syncline::thread::Event::new();
    /// assert!(event.wait_deadline(std::time::Instant::now()).is_err());
    /// ```
    #[track_caller]
    pub fn wait_deadline(&self, deadline: Instant) -> Result<(), TimedOut> {
        self.line.block_until(0, Timeout::At(deadline))
    }
}

impl Default for Event {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("is_set", &self.is_set())
            .finish_non_exhaustive()
    }
}

impl Quiet for Event {
    fn assert_quiet(&self) {
        self.line.assert_quiet();
    }

    fn waiting(&self) -> usize {
        self.line.waiting()
    }
}
