//! What the models of this crate check: a slot for one value, built on a lock and two semaphores, and a countdown, built
//! on a lock and a condition.
//!
//! Nothing here knows of models. The crate is written against `syncline` as any other, and
//! `tests/` checks it with every interleaving that matters.

mod countdown;

pub use countdown::Countdown;
use syncline::thread::{Lock, Semaphore};

/// Room for one value, which threads put and tasks take.
#[derive(Debug)]
pub struct Slot<T> {
    value: Lock<Option<T>>,
    free: Semaphore,
    full: Semaphore,
}

impl<T> Slot<T> {
    /// An empty slot.
    #[must_use]
    pub fn new() -> Self {
        Self {
            value: Lock::new(None),
            free: Semaphore::new(1),
            full: Semaphore::new(0),
        }
    }

    /// Puts a value, as soon as the slot is free.
    ///
    /// # Panics
    ///
    /// Panics if the semaphores do not keep what they promise.
    pub fn put(&self, value: T) {
        self.free.acquire().forget();
        let old = self.value.lock().replace(value);
        assert!(old.is_none(), "a free slot holds nothing");
        self.full.release(1).expect("one value is one permit");
    }

    /// Whether there is a value, at this instant.
    pub fn is_full(&self) -> bool {
        self.value.lock().is_some()
    }

    /// Takes the value, as soon as there is one. Dropped while it waits, it takes nothing.
    ///
    /// # Panics
    ///
    /// Panics if the semaphores do not keep what they promise.
    pub async fn take(&self) -> T {
        let permit = self.full.as_task().acquire().await;
        let value = self.value.as_task().lock().await.take();
        // Only now, when no await is left: up to here a drop gives the permit back.
        permit.forget();
        self.free.release(1).expect("one value is one permit");
        value.expect("a full slot holds a value")
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self::new()
    }
}
