//! futures: its mutex, and its pool of threads; threads wait through its `block_on`.

use core::future::Future;

use futures::executor::{ThreadPool, block_on};
use futures::lock::{Mutex, MutexGuard};
use futures::task::SpawnExt;

use super::{Awaiting, Blocking, Resource, Spawner, Trying, WORKERS};

impl Resource for Mutex<u64> {
    type Guard<'a> = MutexGuard<'a, u64>;

    fn new(_: usize) -> Self {
        Self::new(0)
    }
}

impl Blocking for Mutex<u64> {
    fn take(&self) -> Self::Guard<'_> {
        block_on(self.lock())
    }
}

impl Trying for Mutex<u64> {
    fn try_take(&self) -> Option<Self::Guard<'_>> {
        self.try_lock()
    }
}

impl Awaiting for Mutex<u64> {
    type Held<'a> = MutexGuard<'a, u64>;

    fn create(_: usize) -> Self {
        Self::new(0)
    }

    fn acquire(&self) -> impl Future<Output = Self::Held<'_>> + Send {
        self.lock()
    }
}

impl Spawner for ThreadPool {
    fn new() -> Self {
        let mut builder = Self::builder();
        let pool = builder.pool_size(WORKERS).create();
        pool.expect("threads can be started")
    }

    fn spawn<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = T> + Send + 'static {
        self.spawn_with_handle(future)
            .expect("the pool is not shut down")
    }
}
