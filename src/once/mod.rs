//! The cell: a value that the first who needs it makes.
//!
//! | file | has |
//! |---|---|
//! | `word.rs` | the rule: whose turn it is |
//! | `turn.rs` | the value, and the turn to set it |
//! | `block.rs`, `initialize.rs` | how a thread, and how a task, waits for its turn and makes the value |
//! | `shared.rs` | what both faces are views of, with the line of those who only wait |
//! | `thread.rs`, `thread_init.rs`, `task.rs` | the two faces |
//! | `future.rs` | the futures by name |
//! | `named.rs` | its name, for whoever looks at a snapshot |

#[expect(unsafe_code, reason = "whoever waits for its turn is granted it")]
mod block;
#[expect(unsafe_code, reason = "casts between the two faces of one object")]
mod faces;
pub(crate) mod future;
#[expect(unsafe_code, reason = "whoever waits for its turn is granted it")]
mod initialize;
mod named;
#[expect(unsafe_code, reason = "a cell lends out its value")]
mod shared;
pub(crate) mod task;
pub(crate) mod thread;
mod thread_init;
#[expect(unsafe_code, reason = "whoever has the turn is alone with the value")]
mod turn;
mod word;

pub(crate) use self::block::make;
pub(crate) use self::initialize::Initialize;
pub(crate) use self::turn::{Holder, Once};
pub(crate) use self::word::TurnWord;
