//! Between threads and tasks: what one side has the other do.
//!
//! The primitives need no bridge: a thread and a task wait for the same object, each with its own
//! face. This is for work that belongs on the other side:
//!
//! | you are | you want | use |
//! |---|---|---|
//! | a task | to call something that blocks | [`to_thread`] |

mod to_thread;

pub use self::to_thread::to_thread;
