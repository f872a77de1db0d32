//! futures: its mutex; threads wait through its `block_on`.

use core::future::Future;

use futures::executor::block_on;
use futures::lock::{Mutex, MutexGuard};

use super::{Awaiting, Blocking, Resource, Trying};

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
