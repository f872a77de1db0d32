//! The event: something that has happened, until it is cleared.
//!
//! | file | has |
//! |---|---|
//! | `word.rs` | the rule: set or not, and the generation of those who wait |
//! | `thread.rs`, `task.rs` | the two faces |

pub(crate) mod task;
pub(crate) mod thread;
mod word;

pub(crate) use self::word::EventWord;

#[expect(unsafe_code, reason = "casts between the two faces of one object")]
#[expect(
    clippy::ptr_as_ptr,
    reason = "one macro casts pointers to sized and to unsized types"
)]
mod faces {
    use super::{task, thread};

    crate::sys::faces!(Event, "Event", "event", "Event::new()");
}
