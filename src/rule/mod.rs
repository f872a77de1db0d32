//! The rules: what the word of each primitive means, and which transitions exist.
//!
//! Each file has pure functions on plain integers, tested without threads, and the atomic word
//! that applies them. Nothing here waits or wakes; that is the line's.

pub(crate) mod barrier;
pub(crate) mod event;
pub(crate) mod job;
pub(crate) mod lock;
pub(crate) mod queue;
pub(crate) mod rlock;
pub(crate) mod semaphore;
pub(crate) mod task;
