//! How tasks wait for an event that they keep alive.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use super::future::{EventTimed, EventWait};
use super::task::Event;
use crate::error::TimedOut;
use crate::line::{Borrows, OwnedWait, owned};

impl Borrows for EventWait<'static> {
    type With<'a> = EventWait<'a>;
    type Output = ();
}

impl Borrows for EventTimed<'static> {
    type With<'a> = EventTimed<'a>;
    type Output = Result<(), TimedOut>;
}

impl Event {
    /// Like [`wait`](Self::wait), but returns a future that owns a reference to the event.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::task::{Event, block_on};
    ///
    /// let event = Arc::new(Event::new());
    /// let wait = event.wait_owned();
    /// event.set();
    /// drop(event);
    /// block_on(wait);
    /// ```
    pub fn wait_owned(self: &Arc<Self>) -> OwnedWait<Self, EventWait<'static>> {
        owned::<_, EventWait<'static>>(self, Self::wait)
    }

    /// Like [`wait_timeout`](Self::wait_timeout), but returns a future that owns a reference to the event.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if it was not set in time.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use std::sync::Arc;
    /// use syncline::task::{Event, block_on};
    ///
    /// let wait = Arc::new(Event::new()).wait_owned_timeout(Duration::from_millis(1));
    /// assert!(block_on(wait).is_err());
    /// ```
    pub fn wait_owned_timeout(
        self: &Arc<Self>,
        timeout: Duration,
    ) -> OwnedWait<Self, EventTimed<'static>> {
        owned::<_, EventTimed<'static>>(self, |event| event.wait_timeout(timeout))
    }

    /// Like [`wait_deadline`](Self::wait_deadline), but returns a future that owns a reference to the event.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if it was not set in time.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Instant;
    /// use syncline::task::{Event, block_on};
    ///
    /// let wait = Arc::new(Event::new()).wait_owned_deadline(Instant::now());
    /// assert!(block_on(wait).is_err());
    /// ```
    pub fn wait_owned_deadline(
        self: &Arc<Self>,
        deadline: Instant,
    ) -> OwnedWait<Self, EventTimed<'static>> {
        owned::<_, EventTimed<'static>>(self, |event| event.wait_deadline(deadline))
    }
}
