//! Jobs, and the pool of threads that does them.

mod driven;
mod handle;
mod job;
mod keep;
mod own;
mod promise;
mod waits;
mod watch;

pub use self::handle::Job;
pub use self::keep::{Kept, driven};
pub use self::own::spawn;
pub use self::promise::Promise;
pub use self::waits::{AsCompleted, Until, Waited, as_completed, wait};

pub(crate) use self::driven::{drive, job};
pub(crate) use self::promise::ended;
pub(crate) use self::watch::Watch;

/// Runs something that blocks this thread; if it is a worker, another may take its place.
pub(crate) fn blocking<R>(body: impl FnOnce() -> R) -> R {
    body()
}
