//! syncline: every primitive directly, on both faces.

use core::future::Future;
use core::ops::Range;
use std::sync::Arc;

use syncline::thread::{PoolScope, ThreadPool};
use syncline::{Job, Permit, task, thread};

use super::{
    AsyncFlag, AsyncGetter, AsyncMeeting, AsyncPutter, Awaiting, BatchGetter, BatchPutter,
    Blocking, Flag, Forking, Getter, Mapping, Meeting, Pool, Putter, Ranked, Reentrant, Resource,
    Signal, Spawner, Tokens, Trying, WORKERS,
};

/// Why jobs have values.
const NO_PANIC: &str = "no job panics";

/// Why a queue takes items and hands them out.
const OPEN: &str = "nobody shuts the queue down";

impl Resource for thread::Lock<u64> {
    type Guard<'a> = thread::LockGuard<'a, u64>;

    fn new(_: usize) -> Self {
        Self::new(0)
    }
}

impl Blocking for thread::Lock<u64> {
    fn take(&self) -> Self::Guard<'_> {
        self.lock()
    }
}

impl Trying for thread::Lock<u64> {
    fn try_take(&self) -> Option<Self::Guard<'_>> {
        self.try_lock()
    }
}

impl Awaiting for task::Lock<u64> {
    type Held<'a> = task::LockGuard<'a, u64>;

    fn create(_: usize) -> Self {
        Self::new(0)
    }

    fn acquire(&self) -> impl Future<Output = Self::Held<'_>> + Send {
        self.lock()
    }
}

impl Resource for thread::Semaphore {
    type Guard<'a> = Permit<'a>;

    fn new(permits: usize) -> Self {
        Self::new(permits)
    }
}

impl Blocking for thread::Semaphore {
    fn take(&self) -> Self::Guard<'_> {
        self.acquire()
    }
}

impl Trying for thread::Semaphore {
    fn try_take(&self) -> Option<Self::Guard<'_>> {
        self.try_acquire()
    }
}

impl Awaiting for task::Semaphore {
    type Held<'a> = Permit<'a>;

    fn create(permits: usize) -> Self {
        Self::new(permits)
    }

    fn acquire(&self) -> impl Future<Output = Self::Held<'_>> + Send {
        self.acquire()
    }
}

impl Tokens for task::Semaphore {
    fn bring(&self, permits: usize) {
        self.release(permits).expect("few permits are out");
    }

    fn spend(held: Self::Held<'_>) {
        held.forget();
    }
}

impl Signal for thread::Semaphore {
    fn new() -> Self {
        Self::new(0)
    }

    fn give(&self) {
        self.release(1).expect("the last token was taken");
    }

    fn take(&self) {
        self.acquire().forget();
    }
}

impl Flag for thread::Event {
    fn new() -> Self {
        Self::new()
    }

    fn set(&self) {
        self.set();
    }

    fn clear(&self) {
        self.clear();
    }

    fn wait(&self) {
        self.wait();
    }
}

impl AsyncFlag for task::Event {
    fn new() -> Self {
        Self::new()
    }

    fn set(&self) {
        self.set();
    }

    fn clear(&self) {
        self.clear();
    }

    fn wait(&self) -> impl Future<Output = ()> + Send {
        self.wait()
    }
}

impl Reentrant for thread::RLock<u64> {
    type Guard<'a> = thread::RLockGuard<'a, u64>;

    fn new() -> Self {
        Self::new(0)
    }

    fn enter(&self) -> Self::Guard<'_> {
        self.lock()
    }
}

impl Meeting for thread::Barrier {
    fn new(parties: usize) -> Self {
        Self::new(parties)
    }

    fn meet(&self) {
        self.wait().expect("nobody breaks it");
    }
}

impl AsyncMeeting for task::Barrier {
    fn create(parties: usize) -> Self {
        Self::new(parties)
    }

    async fn join(&self) {
        self.wait().await.expect("nobody breaks it");
    }
}

impl Putter for Arc<thread::Queue<u64>> {
    fn put(&mut self, item: u64) {
        thread::Queue::put(self, item).expect(OPEN);
    }
}

impl Getter for Arc<thread::Queue<u64>> {
    fn get(&mut self) -> u64 {
        thread::Queue::get(self).expect(OPEN)
    }
}

impl BatchPutter for Arc<thread::Queue<u64>> {
    fn put_many(&mut self, items: Range<u64>) {
        thread::Queue::put_many(self, items).expect(OPEN);
    }
}

impl BatchGetter for Arc<thread::Queue<u64>> {
    fn get_many(&mut self, max: u64, each: impl FnMut(u64)) {
        thread::Queue::get_many(self, max as usize)
            .expect(OPEN)
            .into_iter()
            .for_each(each);
    }
}

impl AsyncPutter for Arc<task::Queue<u64>> {
    async fn put(&mut self, item: u64) {
        task::Queue::put(self, item).await.expect(OPEN);
    }
}

impl AsyncGetter for Arc<task::Queue<u64>> {
    async fn get(&mut self) -> u64 {
        task::Queue::get(self).await.expect(OPEN)
    }
}

impl Ranked for thread::PriorityQueue<u64, u64> {
    fn new() -> Self {
        Self::unbounded()
    }

    fn put(&self, priority: u64, item: u64) {
        self.put((priority, item)).expect(OPEN);
    }

    fn get(&self) -> (u64, u64) {
        self.get().expect(OPEN)
    }
}

impl Pool for ThreadPool {
    type Job<T: Send + 'static> = Job<T>;

    fn new() -> Self {
        Self::new(WORKERS)
    }

    fn submit<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Job<T> {
        Self::submit(self, job)
    }

    fn result<T: Send + 'static>(job: Job<T>) -> T {
        job.wait().expect(NO_PANIC)
    }
}

impl Spawner for ThreadPool {
    fn new() -> Self {
        Self::new(WORKERS)
    }

    fn spawn<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = T> + Send + 'static {
        let job = Self::spawn(self, future);
        async move { job.await.expect(NO_PANIC) }
    }
}

/// One scope for all forks.
impl Forking for ThreadPool {
    fn new() -> Self {
        Self::new(WORKERS)
    }

    fn fibonacci(&self, n: u64) -> u64 {
        fn fork<'scope>(scope: &'scope PoolScope<'scope, '_>, n: u64) -> u64 {
            if n < 2 {
                return n;
            }
            let left = scope.submit(move || fork(scope, n - 1));
            let right = fork(scope, n - 2);
            left.wait().expect(NO_PANIC) + right
        }
        self.scope(|scope| scope.submit(move || fork(scope, n)).wait())
            .expect(NO_PANIC)
    }
}

/// A scope for each fork.
pub(crate) struct NestedScopes(ThreadPool);

impl Forking for NestedScopes {
    fn new() -> Self {
        Self(ThreadPool::new(WORKERS))
    }

    fn fibonacci(&self, n: u64) -> u64 {
        fn fork(pool: &ThreadPool, n: u64) -> u64 {
            if n < 2 {
                return n;
            }
            pool.scope(|scope| {
                let left = scope.submit(|| fork(pool, n - 1));
                let right = fork(pool, n - 2);
                left.wait().expect(NO_PANIC) + right
            })
        }
        (self.0)
            .scope(|scope| scope.submit(|| fork(&self.0, n)).wait())
            .expect(NO_PANIC)
    }
}

impl Mapping for ThreadPool {
    fn new() -> Self {
        Self::new(WORKERS)
    }

    fn sum(&self, items: u64, function: fn(u64) -> u64) -> u64 {
        let results = self.map(0..items, function);
        results.map(|result| result.expect(NO_PANIC)).sum()
    }
}
