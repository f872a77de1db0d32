//! saa: it has no guards, so the thinnest possible ones are added here.
//!
//! Its `Gate` cannot stand in for an event: `reset` leaves an open gate open (5.6.2).

use saa::{Lock, Semaphore};

use super::{Awaiting, Blocking, Resource, Signal, Tokens, Trying};

/// A locked lock.
pub(crate) struct Locked<'a>(&'a Lock);

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        self.0.release_lock();
    }
}

impl Resource for Lock {
    type Guard<'a> = Locked<'a>;

    fn new(_: usize) -> Self {
        Self::new()
    }
}

impl Blocking for Lock {
    fn take(&self) -> Self::Guard<'_> {
        self.lock_sync();
        Locked(self)
    }
}

impl Trying for Lock {
    fn try_take(&self) -> Option<Self::Guard<'_>> {
        self.try_lock().ok().map(|()| Locked(self))
    }
}

impl Awaiting for Lock {
    type Held<'a> = Locked<'a>;

    fn create(_: usize) -> Self {
        Self::new()
    }

    async fn acquire(&self) -> Self::Held<'_> {
        self.lock_async().await;
        Locked(self)
    }
}

/// One permit.
pub(crate) struct Permit<'a>(Option<&'a Semaphore>);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if let Some(semaphore) = self.0 {
            semaphore.release();
        }
    }
}

impl Resource for Semaphore {
    type Guard<'a> = Permit<'a>;

    fn new(permits: usize) -> Self {
        Self::with_permits(permits)
    }
}

impl Blocking for Semaphore {
    fn take(&self) -> Self::Guard<'_> {
        self.acquire_sync();
        Permit(Some(self))
    }
}

impl Trying for Semaphore {
    fn try_take(&self) -> Option<Self::Guard<'_>> {
        self.try_acquire().then(|| Permit(Some(self)))
    }
}

impl Awaiting for Semaphore {
    type Held<'a> = Permit<'a>;

    fn create(permits: usize) -> Self {
        Self::with_permits(permits)
    }

    async fn acquire(&self) -> Self::Held<'_> {
        self.acquire_async().await;
        Permit(Some(self))
    }
}

impl Tokens for Semaphore {
    fn bring(&self, permits: usize) {
        self.release_many(permits);
    }

    fn spend(mut held: Self::Held<'_>) {
        held.0 = None;
    }
}

impl Signal for Semaphore {
    fn new() -> Self {
        Self::with_permits(0)
    }

    fn give(&self) {
        self.release();
    }

    fn take(&self) {
        self.acquire_sync();
    }
}
