//! What the crate's own doctests, tests and models use. Not part of the public interface.

pub use crate::line::{Added, Asker, Flags, Line, Place, Timed, Timeout, Wait, Word, fire_timers};

pub use crate::pool::{Kept, driven};
pub use crate::queue::OwnLock;
use crate::task::{Group, Spawner};
use crate::thread::ThreadPool;

crate::sys::model_exports!(internals);

/// What tests ask of a primitive about its line.
pub trait Quiet {
    /// Panics unless nobody waits, nobody has an unclaimed grant, and all flags are clear.
    fn assert_quiet(&self);

    /// How many wait in line, at this instant.
    fn waiting(&self) -> usize;
}

/// How many threads of a pool sleep, at this instant.
#[must_use]
pub fn sleeping(pool: &ThreadPool) -> usize {
    pool.sleeping()
}

/// For how many children a group has room without asking for memory.
pub fn room<S: Spawner, E: Send + 'static>(group: &Group<S, E>) -> usize {
    group.room()
}
