//! Who is asking: the task, the owner of locks, and whether it may block.
//!
//! | file | has |
//! |---|---|
//! | `task.rs` | the task that is polled on this thread |
//! | `owner.rs` | the owner of what is locked here, a thread or a task |
//! | `polled.rs` | the thread-locals under both, and `forbid_blocking` |
//! | `blocking.rs` | who stands in for a thread that blocks |
//! | `inside.rs` | what is being made further up on the stack |
//! | `budget.rs` | how much a task may do before it lets others run |
//! | `combined.rs` | what a combinator runs, with a budget for each poll |
//! | `tasked.rs` | what makes a future a task |
//! | `identified.rs` | an identity for a future on a foreign runtime |
//! | `task_entered.rs` | a future that is polled as a task which somebody else counts |

mod blocking;
pub(crate) mod budget;
mod combined;
mod identified;
mod inside;
pub(crate) mod owner;
mod polled;
pub(crate) mod task;
mod task_entered;
mod tasked;

pub(crate) use self::blocking::{
    StandIn, blocking_firmly, has_stand_in, set_stand_in, stood_in_for,
};
pub(crate) use self::combined::Combined;
pub use self::identified::{Identified, identified};
pub(crate) use self::inside::{is_inside, run_inside};
pub(crate) use self::owner::{Owner, with_fresh_owner};
pub(crate) use self::polled::{forbid, may_block};
pub(crate) use self::task::who;
pub use self::task_entered::{Entered, enter};
pub(crate) use self::tasked::Tasked;
