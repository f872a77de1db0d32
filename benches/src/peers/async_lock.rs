//! async-lock: its mutex and semaphore, with their blocking forms.

use core::future::Future;

use async_lock::{Mutex, MutexGuard, Semaphore, SemaphoreGuard};

use super::{AsyncMeeting, Awaiting, Blocking, Meeting, Resource, Signal, Tokens, Trying};

impl Resource for Mutex<u64> {
    type Guard<'a> = MutexGuard<'a, u64>;

    fn new(_: usize) -> Self {
        Self::new(0)
    }
}

impl Blocking for Mutex<u64> {
    fn take(&self) -> Self::Guard<'_> {
        self.lock_blocking()
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

impl Resource for Semaphore {
    type Guard<'a> = SemaphoreGuard<'a>;

    fn new(permits: usize) -> Self {
        Self::new(permits)
    }

    // Two releases in a row wake one waiter; a third wakes the next.
    fn nudge(&self) {
        self.add_permits(1);
    }
}

impl Blocking for Semaphore {
    fn take(&self) -> Self::Guard<'_> {
        self.acquire_blocking()
    }
}

impl Trying for Semaphore {
    fn try_take(&self) -> Option<Self::Guard<'_>> {
        self.try_acquire()
    }
}

impl Awaiting for Semaphore {
    type Held<'a> = SemaphoreGuard<'a>;

    fn create(permits: usize) -> Self {
        Self::new(permits)
    }

    fn acquire(&self) -> impl Future<Output = Self::Held<'_>> + Send {
        self.acquire()
    }
}

impl Tokens for Semaphore {
    fn bring(&self, permits: usize) {
        self.add_permits(permits);
    }

    fn spend(held: Self::Held<'_>) {
        held.forget();
    }
}

impl Signal for Semaphore {
    fn new() -> Self {
        Self::new(0)
    }

    fn give(&self) {
        self.add_permits(1);
    }

    fn take(&self) {
        self.acquire_blocking().forget();
    }
}

impl Meeting for async_lock::Barrier {
    fn new(parties: usize) -> Self {
        Self::new(parties)
    }

    fn meet(&self) {
        self.wait_blocking();
    }
}

impl AsyncMeeting for async_lock::Barrier {
    fn create(parties: usize) -> Self {
        Self::new(parties)
    }

    async fn join(&self) {
        self.wait().await;
    }
}
