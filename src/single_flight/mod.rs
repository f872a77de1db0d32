//! One call a key at a time, for all who ask meanwhile.
//!
//! | file | has |
//! |---|---|
//! | `calls.rs` | the calls that are under way, by their keys |
//! | `caller.rs` | somebody who is at a call |
//! | `thread.rs`, `task.rs` | the two faces |
//! | `future.rs` | the futures by name |
//! | `named.rs` | its name, for whoever looks at a snapshot |
//!
//! Who makes the value of a call, and who waits for it, is a matter of `once/turn.rs`.

#[expect(unsafe_code, reason = "whoever is at a call keeps its line alive")]
mod caller;
#[expect(unsafe_code, reason = "a key that is touched under a lock alone")]
mod calls;
#[expect(unsafe_code, reason = "casts between the two faces of one object")]
mod faces;
pub(crate) mod future;
mod named;
pub(crate) mod task;
pub(crate) mod thread;
