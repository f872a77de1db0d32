//! Between threads and tasks: what one side has the other do.
//!
//! The primitives need no bridge: a thread and a task wait for the same object, each with its own
//! face. This is for work that belongs on the other side:
//!
//! | you are | you want | use |
//! |---|---|---|
//! | a task | to call something that blocks | [`to_thread()`] |
//! | a thread | futures that are polled in the background, and to wait for one | [`Runner`] |
//! | either | to ask somebody who owns what you need | [`Requests`] |
//! | either | to find tasks that block their thread | [`forbid_blocking`] |

mod call;
mod forbid;
mod receive;
mod requests;
mod runner;
mod runner_builder;
mod to_thread;

// The sockets and timers of a runner, and tokio's runtime as a spawner.
crate::sys::by_build! { mod tokio, else mod no_reactor }

pub use self::call::CallWait;
pub use self::forbid::{ForbidBlocking, forbid_blocking};
pub use self::receive::{Incoming, ReceiveWait};
pub use self::requests::{Caller, Request, Requests, Responder};
pub use self::runner::Runner;
pub use self::runner_builder::Builder;
pub use self::to_thread::{MAX_CALLS, to_thread};
