//! Jobs, and the pool of threads that does them.

mod builder;
mod chunk;
mod delay;
mod driven;
mod ending;
mod entry;
mod futures;
mod handle;
mod job;
mod keep;
mod later;
mod map;
mod own;
mod promise;
mod run;
mod scope;
mod shared;
mod shutdown;
mod sleep;
mod spawner;
mod task;
mod threads;
mod try_scope;
mod waits;
mod watch;
mod worker;

pub use self::builder::Builder;
pub use self::handle::Job;
pub use self::keep::{Kept, driven};
pub use self::map::{Map, MapTimeout};
pub use self::own::spawn;
pub use self::promise::Promise;
pub use self::scope::PoolScope;
pub use self::shutdown::PoolShutdown;
pub use self::spawner::PoolSpawner;
pub use self::threads::ThreadPool;
pub use self::try_scope::TryScope;
pub use self::waits::{AsCompleted, Until, Waited, as_completed, wait};

pub(crate) use self::driven::{Driven, Sink, Stop, drive, drive_into};
pub(crate) use self::futures::{Known, Late};
pub(crate) use self::job::quietly;
pub(crate) use self::watch::Watch;
pub(crate) use self::worker::blocking;
