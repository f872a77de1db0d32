//! blocking: `unblock`, on the pool of the whole process.

#![expect(
    unsafe_code,
    reason = "the environment says how many threads there are"
)]

use std::env;

use blocking::{Task, unblock};
use futures::executor::block_on;

use super::{Pool, WORKERS};

/// The pool that everybody shares.
pub(crate) struct Unblock;

/// Has the pool use as many threads as all others. To be called before there is any other thread.
pub(crate) fn limit_threads() {
    // SAFETY: no other thread exists that could read the environment meanwhile.
    unsafe { env::set_var("BLOCKING_MAX_THREADS", WORKERS.to_string()) };
}

impl Pool for Unblock {
    type Job<T: Send + 'static> = Task<T>;

    fn new() -> Self {
        Self
    }

    fn submit<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Task<T> {
        unblock(job)
    }

    fn result<T: Send + 'static>(job: Task<T>) -> T {
        block_on(job)
    }
}
