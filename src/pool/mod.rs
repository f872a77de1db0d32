//! Jobs, and the pool of threads that does them.

mod block;
mod builder;
mod chunk;
#[expect(unsafe_code, reason = "closures and outcomes that a word guards")]
mod delay;
mod deques;
mod ending;
mod ends;
mod entry;
mod futures;
mod later;
mod look;
mod map;
mod rest;
mod room;
#[expect(unsafe_code, reason = "closures and outcomes that a word guards")]
mod run;
#[expect(unsafe_code, reason = "closures and outcomes that a word guards")]
mod scope;
mod shared;
mod shutdown;
mod sleep;
mod spawner;
mod start;
mod stoppable;
mod submit;
mod summary;
#[expect(unsafe_code, reason = "closures and outcomes that a word guards")]
mod task;
mod threads;
mod try_scope;
mod word;
mod worker;

pub use self::builder::PoolBuilder;
pub(crate) use self::builder::Surroundings;
pub use self::map::{Map, MapTimeout};
pub use self::scope::PoolScope;
pub use self::shutdown::{OnDrop, PoolShutdown};
pub use self::spawner::PoolSpawner;
pub use self::threads::ThreadPool;
pub use self::try_scope::TryScope;

pub(crate) use self::futures::{Known, Late};
pub(crate) use self::stoppable::Stopper;

/// How many wait for room in the queue of a pool, at this instant; tests ask.
#[must_use]
pub fn waiting_for_room(pool: &ThreadPool) -> usize {
    pool.shared.room.waiting()
}

/// How many threads of a pool sleep, at this instant; tests ask.
#[must_use]
pub fn sleeping(pool: &ThreadPool) -> usize {
    pool.sleeping()
}
