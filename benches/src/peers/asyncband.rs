//! asyncband: tasks directly, threads through its own blocking adapter.

use core::future::Future;

use asyncband::blocking::FutureExt as _;
use asyncband::event::ManualResetEvent;
use asyncband::mutex::{Mutex, MutexGuard};
use asyncband::semaphore::{Semaphore, SemaphorePermit};
use asyncband::{mpmc, mpsc};

use super::{
    AsyncFlag, AsyncGetter, AsyncMeeting, AsyncPutter, Awaiting, Blocking, Flag, Getter, Meeting,
    Putter, Resource, Signal, Tokens, Trying,
};

/// Why a channel stays open.
const OPEN: &str = "both ends live until all items have passed";

impl Resource for Mutex<u64> {
    type Guard<'a> = MutexGuard<'a, u64>;

    fn new(_: usize) -> Self {
        Self::new(0)
    }
}

impl Blocking for Mutex<u64> {
    fn take(&self) -> Self::Guard<'_> {
        self.lock().block_on()
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
    type Guard<'a> = SemaphorePermit<'a>;

    fn new(permits: usize) -> Self {
        Self::new(permits)
    }
}

impl Blocking for Semaphore {
    fn take(&self) -> Self::Guard<'_> {
        self.acquire(1).block_on()
    }
}

impl Trying for Semaphore {
    fn try_take(&self) -> Option<Self::Guard<'_>> {
        self.try_acquire(1)
    }
}

impl Awaiting for Semaphore {
    type Held<'a> = SemaphorePermit<'a>;

    fn create(permits: usize) -> Self {
        Self::new(permits)
    }

    fn acquire(&self) -> impl Future<Output = Self::Held<'_>> + Send {
        self.acquire(1)
    }
}

impl Tokens for Semaphore {
    fn bring(&self, permits: usize) {
        self.release(permits);
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
        self.release(1);
    }

    fn take(&self) {
        self.acquire(1).block_on().forget();
    }
}

impl AsyncFlag for ManualResetEvent {
    fn new() -> Self {
        Self::new()
    }

    fn set(&self) {
        self.set();
    }

    fn clear(&self) {
        self.reset();
    }

    fn wait(&self) -> impl Future<Output = ()> + Send {
        self.wait()
    }
}

impl Flag for ManualResetEvent {
    fn new() -> Self {
        Self::new()
    }

    fn set(&self) {
        self.set();
    }

    fn clear(&self) {
        self.reset();
    }

    fn wait(&self) {
        self.wait().block_on();
    }
}

impl Meeting for asyncband::barrier::Barrier {
    fn new(parties: usize) -> Self {
        Self::new(u32::try_from(parties).expect("a small crowd"))
    }

    fn meet(&self) {
        {
            use asyncband::blocking::FutureExt as _;
            self.wait().block_on();
        }
    }
}

impl AsyncMeeting for asyncband::barrier::Barrier {
    fn create(parties: usize) -> Self {
        Self::new(u32::try_from(parties).expect("a small crowd"))
    }

    async fn join(&self) {
        self.wait().await;
    }
}

/// Writes the ends of a channel; only the bounded one waits for a place.
macro_rules! ends {
    ($bounded:ty, $unbounded:ty, $($receiver:ty),+) => {
        impl AsyncPutter for $bounded {
            async fn put(&mut self, item: u64) {
                self.send(item).await.expect(OPEN);
            }
        }

        impl Putter for $bounded {
            fn put(&mut self, item: u64) {
                self.send(item).block_on().expect(OPEN);
            }
        }

        impl AsyncPutter for $unbounded {
            async fn put(&mut self, item: u64) {
                self.send(item).expect(OPEN);
            }
        }

        impl Putter for $unbounded {
            fn put(&mut self, item: u64) {
                self.send(item).expect(OPEN);
            }
        }

        $(
            impl AsyncGetter for $receiver {
                async fn get(&mut self) -> u64 {
                    self.recv().await.expect(OPEN)
                }
            }

            impl Getter for $receiver {
                fn get(&mut self) -> u64 {
                    self.recv().block_on().expect(OPEN)
                }
            }
        )+
    };
}

ends!(
    mpmc::BoundedSender<u64>,
    mpmc::UnboundedSender<u64>,
    mpmc::BoundedReceiver<u64>,
    mpmc::UnboundedReceiver<u64>
);

ends!(
    mpsc::BoundedSender<u64>,
    mpsc::UnboundedSender<u64>,
    mpsc::BoundedReceiver<u64>,
    mpsc::UnboundedReceiver<u64>
);
