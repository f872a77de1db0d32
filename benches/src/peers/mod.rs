//! What the cells ask of a peer, and one file for each peer that answers.
//!
//! The traits are as small as the cells: a lock and a semaphore both are a
//! [`Resource`] that is taken and given back by dropping a guard. The protected
//! value is left to the cells, since some peers have none. A queue is what its
//! two ends can do; some peers cannot clone the end that gets.

mod asking;
mod async_channel;
mod async_executor;
mod async_lock;
mod asyncband;
mod blocking;
mod condvar;
mod crossbeam_channel;
mod event_listener;
mod flume;
mod futures;
mod kanal;
mod once;
mod rayon;
mod rwlock;
mod saa;
mod std_channel;
mod stripped;
mod stripped_turns;
mod syncline;
mod tachyonix;
mod threadpool;
mod tokio;
mod watch;
mod workers;

use core::future::Future;
use core::ops::Range;

use ::futures::executor::block_on;

pub(crate) use self::asking::{Answering, Asking, AsyncAnswering, AsyncAsking};
pub(crate) use self::async_executor::TwoThreads;
pub(crate) use self::blocking::{Unblock, limit_threads};
pub(crate) use self::condvar::{
    ByCondvar, Parking, ParkingLotBarrier, ParkingLotFlag, ParkingLotHeap, ParkingLotSemaphore,
    StdFlag, StdSemaphore, SynclineFlag, SynclineSemaphore,
};
pub(crate) use self::crossbeam_channel::Channel;
pub(crate) use self::event_listener::ListenerFlag;
pub(crate) use self::kanal::let_kanal_count_cores;
pub(crate) use self::once::{AsyncOnce, Flights, Once};
pub(crate) use self::rayon::{RayonInstall, RayonJoin, RayonScope, RayonSpawn};
pub(crate) use self::rwlock::{Mixed, Read, Write};
pub(crate) use self::stripped::{Stripped, StrippedHeap};
pub(crate) use self::stripped_turns::StrippedTurns;
pub(crate) use self::syncline::NestedScopes;
pub(crate) use self::tokio::{NotifyFlag, NotifySignal, SpawnBlocking};
pub(crate) use self::watch::Watched;
pub(crate) use self::workers::{ChannelWorkers, StdWorkers};

/// Something that threads or tasks compete for.
pub(crate) trait Resource: Send + Sync + Sized + 'static {
    /// Gives the resource back when dropped.
    type Guard<'a>;

    /// A resource for this many owners at once; of a lock, 1.
    fn new(permits: usize) -> Self;

    /// Wakes a waiter that sleeps on although the resource is free.
    ///
    /// Called only if threads do not come back at the end of a round.
    fn nudge(&self) {}
}

/// A resource that threads wait for.
pub(crate) trait Blocking: Resource {
    /// Waits for the resource.
    fn take(&self) -> Self::Guard<'_>;
}

/// A resource that can be had at once or not at all.
pub(crate) trait Trying: Resource {
    /// Takes the resource if it is free.
    fn try_take(&self) -> Option<Self::Guard<'_>>;
}

/// A resource that tasks wait for.
pub(crate) trait Awaiting: Send + Sync + Sized + 'static {
    /// Gives the resource back when dropped.
    type Held<'a>: Send;

    /// A resource for this many owners at once; of a lock, 1.
    fn create(permits: usize) -> Self;

    /// Waits for the resource.
    fn acquire(&self) -> impl Future<Output = Self::Held<'_>> + Send;
}

/// A semaphore whose permits tasks use up and others bring.
pub(crate) trait Tokens: Awaiting {
    /// Brings permits.
    fn bring(&self, permits: usize);

    /// Uses a permit up.
    fn spend(held: Self::Held<'_>);
}

/// A token that one thread gives and another takes.
pub(crate) trait Signal: Send + Sync + Sized + 'static {
    /// Not given yet.
    fn new() -> Self;

    /// Called once by the thread that will take, before anybody gives.
    fn enrol(&self) {}

    /// Gives the token; it was taken before.
    fn give(&self);

    /// Waits for the token and takes it.
    fn take(&self);
}

/// A flag that threads wait for.
pub(crate) trait Flag: Send + Sync + Sized + 'static {
    /// Not set yet.
    fn new() -> Self;

    /// Sets the flag and lets every waiter go.
    fn set(&self);

    /// Takes the flag down again.
    fn clear(&self);

    /// Waits for the flag.
    fn wait(&self);
}

/// A flag that tasks wait for.
pub(crate) trait AsyncFlag: Send + Sync + Sized + 'static {
    /// Not set yet.
    fn new() -> Self;

    /// Sets the flag and lets every waiter go.
    fn set(&self);

    /// Takes the flag down again.
    fn clear(&self);

    /// Waits for the flag.
    fn wait(&self) -> impl Future<Output = ()> + Send;
}

/// A lock that its owner may take again.
pub(crate) trait Reentrant: Send + Sync + Sized + 'static {
    /// Unlocks once when dropped.
    type Guard<'a>;

    /// Nobody has it.
    fn new() -> Self;

    /// Locks, or locks again.
    fn enter(&self) -> Self::Guard<'_>;
}

/// A barrier for threads.
pub(crate) trait Meeting: Send + Sync + Sized + 'static {
    /// A barrier for this many.
    fn new(parties: usize) -> Self;

    /// Waits for the others.
    fn meet(&self);
}

/// A barrier for tasks.
pub(crate) trait AsyncMeeting: Send + Sync + Sized + 'static {
    /// A barrier for this many.
    fn create(parties: usize) -> Self;

    /// Waits for the others.
    fn join(&self) -> impl Future<Output = ()> + Send;
}

/// A flag used as a token: whoever waited takes it down.
///
/// Between two threads that answer each other nobody sets it meanwhile.
pub(crate) struct ByFlag<F>(F);

impl<F: Flag> Signal for ByFlag<F> {
    fn new() -> Self {
        Self(F::new())
    }

    fn give(&self) {
        self.0.set();
    }

    fn take(&self) {
        self.0.wait();
        self.0.clear();
    }
}

/// The end of a queue that a thread puts into.
pub(crate) trait Putter: Send + 'static {
    /// Waits for a place and puts an item into it.
    fn put(&mut self, item: u64);
}

/// The end of a queue that a thread gets from.
pub(crate) trait Getter: Send + 'static {
    /// Waits for an item and takes it.
    fn get(&mut self) -> u64;
}

/// The end of a queue that a task puts into.
pub(crate) trait AsyncPutter: Send + 'static {
    /// Waits for a place and puts an item into it.
    fn put(&mut self, item: u64) -> impl Future<Output = ()> + Send;
}

/// The end of a queue that a task gets from.
pub(crate) trait AsyncGetter: Send + 'static {
    /// Waits for an item and takes it.
    fn get(&mut self) -> impl Future<Output = u64> + Send;
}

/// The end of a queue that a thread puts several items into.
pub(crate) trait BatchPutter: Send + 'static {
    /// Puts all of them, waiting for places.
    fn put_many(&mut self, items: Range<u64>);
}

/// The end of a queue that a thread gets several items from.
pub(crate) trait BatchGetter: Send + 'static {
    /// Waits for an item, takes it and what else is there up to `max` items, and
    /// hands them over one by one.
    fn get_many(&mut self, max: u64, each: impl FnMut(u64));
}

/// One end, used item by item where others move several.
pub(crate) struct Singly<E>(pub(crate) E);

impl<P: Putter> BatchPutter for Singly<P> {
    fn put_many(&mut self, items: Range<u64>) {
        items.for_each(|item| self.0.put(item));
    }
}

impl<G: Getter> BatchGetter for Singly<G> {
    fn get_many(&mut self, max: u64, mut each: impl FnMut(u64)) {
        (0..max).for_each(|_| each(self.0.get()));
    }
}

/// One end with the list into which it receives several items.
pub(crate) struct Listing<E> {
    end: E,
    items: Vec<u64>,
}

impl<E> Listing<E> {
    /// With an empty list.
    pub(crate) fn new(end: E) -> Self {
        Self {
            end,
            items: Vec::new(),
        }
    }
}

/// A queue that hands out the item of the least priority first.
pub(crate) trait Ranked: Send + Sync + 'static {
    /// Empty, without a bound.
    fn new() -> Self;

    /// Puts an item.
    fn put(&self, priority: u64, item: u64);

    /// Takes the item of the least priority, with its priority.
    fn get(&self) -> (u64, u64);
}

/// How many threads every pool has.
pub(crate) const WORKERS: usize = 2;

/// Threads that do jobs, each of which brings a number.
pub(crate) trait Crew: Sized + 'static {
    /// Of [`WORKERS`] threads.
    fn new() -> Self;

    /// Has so many jobs done, each of which brings its number, and returns the sum.
    fn do_all(&self, jobs: u64) -> u64;
}

/// Threads that do jobs and hand out what each brings.
pub(crate) trait Pool: Sized + 'static {
    /// What waits for one job.
    type Job<T: Send + 'static>;

    /// Of [`WORKERS`] threads.
    fn new() -> Self;

    /// Has a job done.
    fn submit<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Self::Job<T>;

    /// Waits for a job.
    fn result<T: Send + 'static>(job: Self::Job<T>) -> T;
}

impl<P: Pool> Crew for P {
    fn new() -> Self {
        <P as Pool>::new()
    }

    fn do_all(&self, jobs: u64) -> u64 {
        let jobs: Vec<_> = (0..jobs).map(|n| self.submit(move || n)).collect();
        jobs.into_iter().map(P::result).sum()
    }
}

/// Threads that run futures.
pub(crate) trait Spawner: Sized + 'static {
    /// Of [`WORKERS`] threads.
    fn new() -> Self;

    /// Runs a future, and returns one of what it brings.
    fn spawn<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = T> + Send + 'static;
}

/// Jobs that are futures, which one thread waits for.
pub(crate) struct ByFutures<S>(S);

impl<S: Spawner> Crew for ByFutures<S> {
    fn new() -> Self {
        Self(S::new())
    }

    fn do_all(&self, jobs: u64) -> u64 {
        let jobs: Vec<_> = (0..jobs).map(|n| self.0.spawn(async move { n })).collect();
        block_on(async {
            let mut sum = 0;
            for job in jobs {
                sum += job.await;
            }
            sum
        })
    }
}

/// Threads among which work is divided, again and again.
pub(crate) trait Forking: Sized + 'static {
    /// Of [`WORKERS`] threads.
    fn new() -> Self;

    /// The Fibonacci number, with a fork for every sum in it.
    fn fibonacci(&self, n: u64) -> u64;
}

/// Threads that apply a function to many items.
pub(crate) trait Mapping: Sized + 'static {
    /// Of [`WORKERS`] threads.
    fn new() -> Self;

    /// The sum of what a cheap function makes of so many numbers, which come to the calling thread
    /// one by one, in their order.
    fn sum(&self, items: u64, function: fn(u64) -> u64) -> u64;
}

/// Items in chunks of a fixed size, one job for each.
pub(crate) struct ByChunks<P>(P);

impl<P: Pool> Mapping for ByChunks<P> {
    fn new() -> Self {
        Self(<P as Pool>::new())
    }

    fn sum(&self, items: u64, function: fn(u64) -> u64) -> u64 {
        const CHUNK: usize = 1000;
        let chunk = |start: u64| start..items.min(start + CHUNK as u64);
        let jobs: Vec<_> = (0..items)
            .step_by(CHUNK)
            .map(|start| {
                let chunk = chunk(start);
                self.0
                    .submit(move || chunk.map(function).collect::<Vec<_>>())
            })
            .collect();
        jobs.into_iter().flat_map(P::result).sum()
    }
}
