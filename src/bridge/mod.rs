//! Connects threads and tasks: each side can run work on the other and wait for it.
//!
//! Primitives need no bridge, because a thread and a task wait for the same object. This module is for work that must run on
//! the other side:
//!
//! | you are | you want | use |
//! |---|---|---|
//! | a task | to make a blocking call | [`to_thread()`] |
//! | a thread | to run futures, in the background or here | [`Runner`] |
//! | either | to ask the owner of some data, and get an answer | [`Requests`] |
//! | either | to find tasks that block their thread | [`forbid_blocking`] |

mod call;
mod forbid;
mod local;
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
