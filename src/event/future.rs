//! The futures of `Event`, by name.

use super::word::EventWord;
use crate::error::TimedOut;
use crate::line::{Line, Wait, waits};
use crate::timer::Timed;

waits! {
    /// Waits for an [`Event`](crate::task::Event). Returned by [`Event::wait`](crate::task::Event::wait).
    EventWait ['a] ['a] (Wait<&'a Line<EventWord>>) -> (), |_line| ()
}

waits! {
    /// Waits for an [`Event`](crate::task::Event) until a deadline. Returned by
    /// [`Event::wait_timeout`](crate::task::Event::wait_timeout) and
    /// [`Event::wait_deadline`](crate::task::Event::wait_deadline).
    EventTimed ['a] ['a] (Timed<&'a Line<EventWord>>) -> Result<(), TimedOut>, |line| line.map(drop)
}
