//! `Event` for tasks.

use core::fmt;
use core::time::Duration;
use std::time::Instant;

use super::future::{EventTimed, EventWait};
use super::word::EventWord;
use crate::line::{Asker, Line, Quiet, Timeout, Wait};
use crate::sys::constructor;
use crate::sys::who::Traceable;
use crate::timer::Timed;

/// A flag that tasks wait for.
///
/// [`set`](Self::set) releases everyone who waits, and everyone who arrives before [`clear`](Self::clear). Use it to
/// tell any number of waiters that something has happened. Do not use it to wait for a condition on data
/// (`Condition`), to count ([`Semaphore`](crate::task::Semaphore)), or to hand something to one waiter (a queue).
///
/// # Fairness
///
/// A set releases everyone who is waiting at that moment, in order of arrival, even if the event is cleared at once.
/// A future waits from its first poll on. Those who arrive after the clear wait for the next set.
///
/// # Memory effects
///
/// Everything that happened before a set happens before everything after a wait that it ends,
/// and after an [`is_set`](Self::is_set) that sees it. This holds for every one of several sets.
///
/// # Cancel safety
///
/// Dropping the future of a wait loses nothing.
///
/// # Deadlocks
///
/// A task that waits for an event that only it would set waits for ever.
///
/// # Examples
///
/// ## A thread tells a task
///
/// ```
/// use syncline::{task::block_on, thread::Event};
///
/// let ready = Event::new();
/// std::thread::scope(|threads| {
///     threads.spawn(|| ready.set());
///     block_on(ready.as_task().wait());
/// });
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
        /// use syncline::task::Event;
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
    /// let event = syncline::task::Event::new();
    /// event.set();
    /// syncline::task::block_on(event.wait()); // ready at once
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
    /// let event = syncline::task::Event::new();
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
    /// let event = syncline::task::Event::new();
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
    /// let event = syncline::task::Event::new();
    /// assert_eq!(event.waiting(), 0);
    /// ```
    pub fn waiting(&self) -> usize {
        self.line.waiting()
    }

    /// Waits until the event is set.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = syncline::task::Event::new();
    /// event.set();
    /// syncline::task::block_on(event.wait());
    /// ```
    pub fn wait(&self) -> EventWait<'_> {
        EventWait::new(Wait::new(&self.line, Asker::Task, 0))
    }

    /// Waits until the event is set, for at most `timeout`, counted from the first poll; zero
    /// asks whether it is set.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`](crate::TimedOut) if it was not set in time.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let event = syncline::task::Event::new();
    /// let wait = event.wait_timeout(Duration::from_millis(1));
    /// assert!(syncline::task::block_on(wait).is_err());
    /// ```
    pub fn wait_timeout(&self, timeout: Duration) -> EventTimed<'_> {
        self.timed(Timeout::After(timeout))
    }

    /// Waits until the event is set, or until `deadline`.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`](crate::TimedOut) if it was not set in time.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// let event = syncline::task::Event::new();
    /// let wait = event.wait_deadline(std::time::Instant::now());
    /// assert!(syncline::task::block_on(wait).is_err());
    /// ```
    pub fn wait_deadline(&self, deadline: Instant) -> EventTimed<'_> {
        self.timed(Timeout::At(deadline))
    }

    /// Waits until the event is set, at no cost to the task's budget: whoever waits for this must be told.
    pub(crate) fn signal(&self) -> Wait<&Line<EventWord>> {
        Wait::new(&self.line, Asker::Task, 0)
    }

    fn timed(&self, timeout: Timeout) -> EventTimed<'_> {
        let wait = Wait::new(&self.line, Asker::Task, 0);
        EventTimed::new(Timed::new(wait, timeout))
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
