//! tokio: its mutex, semaphore, channels and runtime, and what a user builds from `Notify`.
//!
//! Threads wait through `blocking_lock`, and through a `block_on` where tokio
//! has no blocking form.

use core::future::Future;
use core::pin::{Pin, pin};
use core::sync::atomic::{AtomicBool, Ordering};

use futures::executor::block_on;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{Receiver, Sender, UnboundedReceiver, UnboundedSender};
use tokio::sync::{Mutex, MutexGuard, Notify, Semaphore, SemaphorePermit};
use tokio::task::JoinHandle;

use super::{
    AsyncFlag, AsyncGetter, AsyncMeeting, AsyncPutter, Awaiting, BatchGetter, Blocking, Flag,
    Forking, Getter, Listing, Meeting, Pool, Putter, Resource, Signal, Spawner, Tokens, Trying,
    WORKERS,
};

/// Why acquiring, putting and getting do not fail.
const OPEN: &str = "nobody closes it before its last use";

impl Resource for Mutex<u64> {
    type Guard<'a> = MutexGuard<'a, u64>;

    fn new(_: usize) -> Self {
        Self::new(0)
    }
}

impl Blocking for Mutex<u64> {
    fn take(&self) -> Self::Guard<'_> {
        self.blocking_lock()
    }
}

impl Trying for Mutex<u64> {
    fn try_take(&self) -> Option<Self::Guard<'_>> {
        self.try_lock().ok()
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
        block_on(self.acquire()).expect(OPEN)
    }
}

impl Trying for Semaphore {
    fn try_take(&self) -> Option<Self::Guard<'_>> {
        self.try_acquire().ok()
    }
}

impl Awaiting for Semaphore {
    type Held<'a> = SemaphorePermit<'a>;

    fn create(permits: usize) -> Self {
        Self::new(permits)
    }

    async fn acquire(&self) -> Self::Held<'_> {
        self.acquire().await.expect(OPEN)
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
        block_on(self.acquire()).expect(OPEN).forget();
    }
}

/// `Notify` as a token.
pub(crate) struct NotifySignal(Notify);

impl Signal for NotifySignal {
    fn new() -> Self {
        Self(Notify::new())
    }

    fn give(&self) {
        self.0.notify_one();
    }

    fn take(&self) {
        block_on(self.0.notified());
    }
}

/// An event: a flag beside a `Notify`.
pub(crate) struct NotifyFlag {
    is_set: AtomicBool,
    notify: Notify,
}

// ORDERING: SeqCst on `is_set`: a waiter enables its `Notified` before it looks at
// the flag, the setter writes the flag before it notifies; one of them sees the other.

impl AsyncFlag for NotifyFlag {
    fn new() -> Self {
        Self {
            is_set: AtomicBool::new(false),
            notify: Notify::new(),
        }
    }

    fn set(&self) {
        self.is_set.store(true, Ordering::SeqCst);
        self.notify.notify_waiters();
    }

    fn clear(&self) {
        self.is_set.store(false, Ordering::SeqCst);
    }

    async fn wait(&self) {
        while !self.is_set.load(Ordering::SeqCst) {
            let mut notified = pin!(self.notify.notified());
            notified.as_mut().enable();
            if self.is_set.load(Ordering::SeqCst) {
                return;
            }
            notified.await;
        }
    }
}

impl Flag for NotifyFlag {
    fn new() -> Self {
        AsyncFlag::new()
    }

    fn set(&self) {
        AsyncFlag::set(self);
    }

    fn clear(&self) {
        AsyncFlag::clear(self);
    }

    fn wait(&self) {
        block_on(AsyncFlag::wait(self));
    }
}

impl Meeting for tokio::sync::Barrier {
    fn new(parties: usize) -> Self {
        Self::new(parties)
    }

    fn meet(&self) {
        block_on(self.wait());
    }
}

impl AsyncMeeting for tokio::sync::Barrier {
    fn create(parties: usize) -> Self {
        Self::new(parties)
    }

    async fn join(&self) {
        self.wait().await;
    }
}

impl Putter for Sender<u64> {
    fn put(&mut self, item: u64) {
        self.blocking_send(item).expect(OPEN);
    }
}

impl AsyncPutter for Sender<u64> {
    async fn put(&mut self, item: u64) {
        self.send(item).await.expect(OPEN);
    }
}

impl Putter for UnboundedSender<u64> {
    fn put(&mut self, item: u64) {
        self.send(item).expect(OPEN);
    }
}

impl AsyncPutter for UnboundedSender<u64> {
    async fn put(&mut self, item: u64) {
        self.send(item).expect(OPEN);
    }
}

/// Writes the end that gets.
macro_rules! getter {
    ($receiver:ident) => {
        impl Getter for $receiver<u64> {
            fn get(&mut self) -> u64 {
                self.blocking_recv().expect(OPEN)
            }
        }

        impl BatchGetter for Listing<$receiver<u64>> {
            fn get_many(&mut self, max: u64, each: impl FnMut(u64)) {
                self.end.blocking_recv_many(&mut self.items, max as usize);
                self.items.drain(..).for_each(each);
            }
        }

        impl AsyncGetter for $receiver<u64> {
            async fn get(&mut self) -> u64 {
                self.recv().await.expect(OPEN)
            }
        }
    };
}

getter!(Receiver);
getter!(UnboundedReceiver);

fn runtime(builder: &mut Builder) -> Runtime {
    builder.build().expect("threads can be started")
}

impl Spawner for Runtime {
    fn new() -> Self {
        runtime(Builder::new_multi_thread().worker_threads(WORKERS))
    }

    fn spawn<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = T> + Send + 'static {
        let task = Self::spawn(self, future);
        async move { task.await.expect("no task panics") }
    }
}

impl Forking for Runtime {
    fn new() -> Self {
        Spawner::new()
    }

    fn fibonacci(&self, n: u64) -> u64 {
        block_on(Self::spawn(self, fork(n))).expect("no task panics")
    }
}

/// With a task for the left side, as one writes it.
fn fork(n: u64) -> Pin<Box<dyn Future<Output = u64> + Send>> {
    Box::pin(async move {
        if n < 2 {
            return n;
        }
        let left = tokio::spawn(fork(n - 1));
        let right = fork(n - 2).await;
        left.await.expect("no task panics") + right
    })
}

/// Closures on the runtime's other threads.
pub(crate) struct SpawnBlocking(Runtime);

impl Pool for SpawnBlocking {
    type Job<T: Send + 'static> = JoinHandle<T>;

    fn new() -> Self {
        Self(runtime(
            Builder::new_current_thread().max_blocking_threads(WORKERS),
        ))
    }

    fn submit<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
        self.0.spawn_blocking(job)
    }

    fn result<T: Send + 'static>(job: JoinHandle<T>) -> T {
        block_on(job).expect("no job panics")
    }
}
