//! Deadlines of tasks: one thread of the process serves them all.
//!
//! | file | has |
//! |---|---|
//! | `heap.rs` | the order of the alarms: a pairing heap of pinned nodes |
//! | `alarm.rs` | an alarm, and the thread |
//! | `expiry.rs` | an alarm that somebody may look at while it is armed |
//! | `limit.rs` | a deadline beside a wait |
//! | `timed.rs` | a wait in a line, with a deadline |

#[expect(unsafe_code, reason = "lists of pinned nodes")]
mod alarm;
#[expect(unsafe_code, reason = "lists of pinned nodes")]
mod expiry;
#[expect(unsafe_code, reason = "lists of pinned nodes")]
mod heap;
mod limit;
mod timed;

pub use self::alarm::fire_timers;
pub(crate) use self::alarm::{Alarm, start_timer};
pub(crate) use self::expiry::{Expiry, Look};
pub(crate) use self::limit::Limit;
pub use self::timed::Timed;
