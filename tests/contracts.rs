//! What users may rely on without calling anything: sizes, `Send` and `Sync`, `const` constructors.
#![cfg(all(feature = "pool", not(syncline_loom)))]

use core::cell::Cell;
use core::fmt::Debug;
use core::future::Future;
use core::mem::size_of;
use core::time::Duration;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use syncline::store::Fifo;
use syncline::{
    Arrival, BrokenBarrier, GetError, GroupError, Job, JobError, OverRelease, OwnedLockGuard,
    OwnedMappedRwLockReadGuard, OwnedMappedRwLockWriteGuard, OwnedPermit, OwnedRwLockReadGuard,
    OwnedRwLockUpgradableReadGuard, OwnedRwLockWriteGuard, Panic, Permit, Promise, PutError,
    SetError, Shutdown, Slot, TimedOut, TooManyDone, TooManyPermits, Until, Waited,
};
use syncline::{task, thread};

fn send<T: Send + ?Sized>() {}
fn sync<T: Sync + ?Sized>() {}
fn unpin<T: Unpin + ?Sized>() {}
fn send_future<F: Future + Send>(_: F) {}

/// Whether a type has an auto trait, decided by which of two methods is found first.
macro_rules! has {
    ($Type:ty: $Trait:path) => {{
        trait Fallback {
            const HAS: bool = false;
        }
        impl<T: ?Sized> Fallback for T {}
        struct Probe<T: ?Sized>(core::marker::PhantomData<T>);
        #[expect(dead_code, reason = "found only for types with the trait")]
        impl<T: ?Sized + $Trait> Probe<T> {
            const HAS: bool = true;
        }
        <Probe<$Type>>::HAS
    }};
}

#[test]
fn primitives_are_small() {
    assert_eq!(size_of::<thread::Lock<()>>(), 40);
    assert_eq!(size_of::<thread::RLock<()>>(), 48);
    assert_eq!(size_of::<thread::RLock<()>>(), size_of::<task::RLock<()>>());
    assert_eq!(size_of::<thread::RwLock<()>>(), 40);
    assert_eq!(size_of::<thread::RawLock>(), 48);
    assert_eq!(size_of::<thread::RawRLock>(), 48);
    assert_eq!(size_of::<thread::RawRwLock>(), 40);
    assert_eq!(
        size_of::<thread::RwLock<()>>(),
        size_of::<task::RwLock<()>>()
    );
    assert_eq!(size_of::<thread::Semaphore>(), 48);
    assert_eq!(size_of::<thread::BoundedSemaphore>(), 56);
    assert_eq!(size_of::<thread::Event>(), 40);
    assert_eq!(size_of::<thread::OnceCell<u64>>(), 88);
    assert_eq!(
        size_of::<thread::OnceCell<u8>>(),
        size_of::<task::OnceCell<u8>>()
    );
    assert_eq!(size_of::<thread::Barrier>(), 48);
    assert_eq!(size_of::<thread::Barrier>(), size_of::<task::Barrier>());
    assert_eq!(size_of::<thread::Condition>(), 32);
    assert_eq!(size_of::<thread::Lock<()>>(), size_of::<task::Lock<()>>());
    assert!(size_of::<thread::Queue<u8>>() <= 264);
    assert_eq!(size_of::<thread::Sender<Fifo<u8>>>(), size_of::<usize>());
    assert_eq!(
        size_of::<Option<task::Receiver<Fifo<[u8; 1000]>>>>(),
        size_of::<usize>()
    );
    assert_eq!(
        size_of::<thread::Queue<[u8; 1000]>>(),
        size_of::<task::Queue<()>>()
    );
}

#[test]
fn guards_and_futures_are_small() {
    assert_eq!(size_of::<thread::LockGuard<'_, ()>>(), size_of::<usize>());
    assert_eq!(size_of::<thread::RLockGuard<'_, ()>>(), 16);
    assert_eq!(size_of::<task::RLockGuard<'_, ()>>(), size_of::<usize>());
    assert!(size_of::<task::future::RLockWait<'_, ()>>() <= 96);
    assert_eq!(size_of::<task::RwLockReadGuard<'_, ()>>(), 8);
    assert_eq!(size_of::<thread::RwLockUpgradableReadGuard<'_, ()>>(), 8);
    assert_eq!(size_of::<thread::MappedRwLockWriteGuard<'_, ()>>(), 16);
    assert_eq!(size_of::<OwnedRwLockWriteGuard<()>>(), 8);
    assert!(size_of::<task::future::RwLockRead<'_, ()>>() <= 88);
    assert!(size_of::<task::future::RwLockUpgrade<'_, ()>>() <= 88);
    assert!(size_of::<task::future::RwLockUpgradeTimed<'_, ()>>() <= 208);
    assert_eq!(size_of::<Permit<'_>>(), 2 * size_of::<usize>());
    assert!(size_of::<task::future::LockWait<'_, ()>>() <= 88);
    assert!(size_of::<task::future::Acquire<'_>>() <= 96);
    assert!(size_of::<task::future::EventWait<'_>>() <= 88);
    assert!(size_of::<task::future::OnceWait<'_, [u8; 1000]>>() <= 88);
    assert!(size_of::<task::future::OnceTimed<'_, [u8; 1000]>>() <= 208);
    assert!(size_of::<task::future::BarrierWait<'_>>() <= 88);
    assert!(size_of::<task::future::AcquireTimed<'_>>() <= 208);
    assert!(size_of::<task::future::BarrierTimed<'_>>() <= 208);
    assert_eq!(size_of::<Arrival>(), 2 * size_of::<usize>());
    assert_eq!(
        size_of::<Result<Arrival, BrokenBarrier>>(),
        2 * size_of::<usize>()
    );
    assert_eq!(
        size_of::<task::future::OwnedWait<task::Event, task::future::EventWait<'static>>>(),
        size_of::<task::future::EventWait<'static>>() + size_of::<usize>()
    );
    assert!(size_of::<task::future::ConditionWait<'_, task::LockGuard<'_, ()>>>() <= 120);
    assert!(size_of::<task::future::ConditionTimed<'_, task::LockGuard<'_, ()>>>() <= 256);
    assert!(size_of::<task::future::Get<'_, Fifo<[u8; 1000]>>>() <= 96);
    assert!(size_of::<task::future::GetTimed<'_, Fifo<u8>>>() <= 208);
    assert!(size_of::<task::future::Put<'_, Fifo<u64>>>() <= 112);
    assert_eq!(size_of::<Slot<'_, Fifo<u8>>>(), size_of::<usize>());
    assert_eq!(size_of::<Result<(), TimedOut>>(), 1);
    assert!(size_of::<task::future::Sleep>() <= 128);
    assert!(size_of::<task::future::Timeout<core::future::Ready<u8>>>() <= 136);
    assert!(size_of::<task::future::Gather<core::future::Ready<[u8; 1000]>>>() <= 112);
    assert_eq!(size_of::<task::Limit<'_>>(), size_of::<usize>());
}

#[test]
fn primitives_can_be_shared_by_threads() {
    send::<thread::Lock<Cell<u8>>>();
    sync::<thread::Lock<Cell<u8>>>();
    send::<task::Lock<Cell<u8>>>();
    sync::<task::Lock<Cell<u8>>>();
    sync::<thread::Lock<[u8]>>();
    send::<thread::RawLock>();
    sync::<thread::RawLock>();
    send::<thread::RawRLock>();
    sync::<thread::RawRLock>();
    send::<thread::RawRwLock>();
    sync::<thread::RawRwLock>();
    send::<task::future::OwnedWait<task::Event, task::future::EventWait<'static>>>();
    sync::<thread::Semaphore>();
    sync::<task::BoundedSemaphore>();
    sync::<thread::Event>();
    send::<thread::OnceCell<Cell<u8>>>();
    sync::<thread::OnceCell<u8>>();
    sync::<thread::SingleFlight<Cell<u8>, u8>>();
    sync::<thread::Watch<u8>>();
    send::<task::Observer<u8>>();
    assert!(!has!(thread::Watch<Cell<u8>>: Send));
    assert!(!has!(task::Observer<Rc<u8>>: Send));
    assert!(!has!(syncline::WatchRef<'static, u8>: Send));
    sync::<syncline::WatchRef<'_, u8>>();
    send::<task::SingleFlight<Cell<u8>, u8>>();
    assert!(!has!(thread::SingleFlight<u8, Cell<u8>>: Sync));
    assert!(!has!(task::SingleFlight<Rc<u8>, u8>: Sync));
    sync::<task::OnceCell<u8>>();
    assert!(!has!(thread::OnceCell<Cell<u8>>: Sync));
    assert!(!has!(task::OnceCell<Cell<u8>>: Sync));
    assert!(!has!(task::OnceCell<Rc<u8>>: Send));
    // It can be set through a shared borrow, by whoever is to keep it.
    assert!(!has!(thread::OnceCell<std::sync::MutexGuard<'static, u8>>: Sync));
    send::<thread::Barrier>();
    sync::<task::Barrier>();
    send::<thread::Condition>();
    sync::<thread::Condition>();
    sync::<task::Condition>();
    send::<thread::Queue<Cell<u8>>>();
    sync::<thread::Queue<Cell<u8>>>();
    sync::<task::LifoQueue<Cell<u8>>>();
    sync::<task::PriorityQueue<u8, Cell<u8>>>();
    sync::<thread::Sender<Fifo<Cell<u8>>>>();
    send::<thread::Receiver<Fifo<Cell<u8>>>>();
    sync::<task::Receiver<Fifo<Cell<u8>>>>();
    send::<task::WeakSender<Fifo<Cell<u8>>>>();
    send::<thread::IntoItems<Fifo<Cell<u8>>>>();
    assert!(!has!(thread::Sender<Fifo<Rc<u8>>>: Send));
    assert!(!has!(task::Receiver<Fifo<Rc<u8>>>: Sync));
    assert!(!has!(task::WeakSender<Fifo<Rc<u8>>>: Send));
    assert!(!has!(thread::Queue<Rc<u8>>: Sync));
    assert!(!has!(task::Queue<Rc<u8>>: Send));
    assert!(!has!(task::PriorityQueue<Rc<u8>, u8>: Sync));
    assert!(!has!(thread::Lock<Rc<u8>>: Sync));
    assert!(!has!(task::Lock<Rc<u8>>: Sync));
    assert!(!has!(task::Lock<Rc<u8>>: Send));
}

#[test]
fn a_thread_guard_stays_on_its_thread_and_the_others_may_move() {
    assert!(!has!(thread::LockGuard<'static, u8>: Send));
    assert!(!has!(thread::MappedLockGuard<'static, u8>: Send));
    sync::<thread::LockGuard<'_, u8>>();
    sync::<thread::MappedLockGuard<'_, u8>>();
    send::<task::LockGuard<'_, Cell<u8>>>();
    send::<task::MappedLockGuard<'_, Cell<u8>>>();
    send::<OwnedLockGuard<Cell<u8>>>();
    send::<Permit<'_>>();
    send::<OwnedPermit>();
}

#[test]
fn a_guard_is_shared_only_if_its_data_may_be() {
    assert!(!has!(thread::LockGuard<'static, Cell<u8>>: Sync));
    assert!(!has!(thread::MappedLockGuard<'static, Cell<u8>>: Sync));
    assert!(!has!(task::LockGuard<'static, Cell<u8>>: Sync));
    assert!(!has!(task::MappedLockGuard<'static, Cell<u8>>: Sync));
    assert!(!has!(OwnedLockGuard<Cell<u8>>: Sync));
    sync::<task::LockGuard<'_, u8>>();
    sync::<OwnedLockGuard<u8>>();
}

/// A guard of an `RLock` may have siblings; trap C15.
#[test]
fn a_re_entrant_lock_is_shared_by_threads_and_its_guards_never_are() {
    sync::<thread::RLock<Cell<u8>>>();
    sync::<task::RLock<Cell<u8>>>();
    send::<thread::RLock<Cell<u8>>>();
    assert!(!has!(thread::RLock<Rc<u8>>: Sync));
    assert!(!has!(task::RLock<Rc<u8>>: Sync));
    assert!(!has!(task::RLock<Rc<u8>>: Send));

    assert!(!has!(thread::RLockGuard<'static, u8>: Sync));
    assert!(!has!(thread::MappedRLockGuard<'static, u8>: Sync));
    assert!(!has!(thread::OwnedRLockGuard<u8>: Sync));
    assert!(!has!(task::RLockGuard<'static, u8>: Sync));
    assert!(!has!(task::MappedRLockGuard<'static, u8>: Sync));
    assert!(!has!(task::OwnedRLockGuard<u8>: Sync));

    assert!(!has!(thread::RLockGuard<'static, u8>: Send));
    assert!(!has!(thread::MappedRLockGuard<'static, u8>: Send));
    assert!(!has!(thread::OwnedRLockGuard<u8>: Send));
    send::<task::RLockGuard<'_, u8>>();
    send::<task::MappedRLockGuard<'_, u8>>();
    send::<task::OwnedRLockGuard<u8>>();
    assert!(!has!(task::RLockGuard<'static, Cell<u8>>: Send));
    assert!(!has!(task::MappedRLockGuard<'static, Cell<u8>>: Send));
    assert!(!has!(task::OwnedRLockGuard<Cell<u8>>: Send));
    // `Sync`, and bound to its thread.
    assert!(!has!(task::RLockGuard<'static, std::sync::MutexGuard<'static, u8>>: Send));
    assert!(!has!(task::OwnedRLockGuard<std::sync::MutexGuard<'static, u8>>: Send));
}

#[test]
fn a_lock_of_readers_is_shared_only_if_its_data_may_be() {
    sync::<thread::RwLock<u8>>();
    sync::<task::RwLock<[u8]>>();
    send::<thread::RwLock<Cell<u8>>>();
    assert!(!has!(thread::RwLock<Cell<u8>>: Sync));
    assert!(!has!(task::RwLock<Cell<u8>>: Sync));
    assert!(!has!(task::RwLock<std::sync::MutexGuard<'static, u8>>: Sync));
    assert!(!has!(task::RwLock<Rc<u8>>: Send));
}

#[test]
fn a_thread_guard_of_a_lock_of_readers_stays_on_its_thread_and_the_others_may_move() {
    assert!(!has!(thread::RwLockReadGuard<'static, u8>: Send));
    assert!(!has!(thread::RwLockWriteGuard<'static, u8>: Send));
    assert!(!has!(thread::RwLockUpgradableReadGuard<'static, u8>: Send));
    assert!(!has!(thread::MappedRwLockReadGuard<'static, u8>: Send));
    assert!(!has!(thread::MappedRwLockWriteGuard<'static, u8>: Send));
    sync::<thread::RwLockReadGuard<'_, u8>>();
    sync::<thread::RwLockWriteGuard<'_, u8>>();
    sync::<thread::RwLockUpgradableReadGuard<'_, u8>>();
    sync::<thread::MappedRwLockReadGuard<'_, u8>>();
    sync::<thread::MappedRwLockWriteGuard<'_, u8>>();
    send::<task::RwLockReadGuard<'_, u8>>();
    send::<task::RwLockWriteGuard<'_, u8>>();
    send::<task::RwLockUpgradableReadGuard<'_, u8>>();
    send::<task::MappedRwLockReadGuard<'_, u8>>();
    send::<task::MappedRwLockWriteGuard<'_, u8>>();
    send::<OwnedRwLockReadGuard<u8>>();
    send::<OwnedRwLockWriteGuard<u8>>();
    send::<OwnedRwLockUpgradableReadGuard<u8>>();
    send::<OwnedMappedRwLockReadGuard<u8, u8>>();
    send::<OwnedMappedRwLockWriteGuard<u8, u8>>();
}

/// What a guard of a reader shows is seen by others, wherever it is; a part may be less than the whole.
#[test]
fn a_guard_of_a_lock_of_readers_moves_and_is_shared_only_if_its_data_may_be() {
    assert!(!has!(task::RwLockReadGuard<'static, Cell<u8>>: Send));
    assert!(!has!(task::RwLockWriteGuard<'static, Cell<u8>>: Sync));
    assert!(!has!(task::RwLockUpgradableReadGuard<'static, Cell<u8>>: Send));
    assert!(!has!(task::MappedRwLockReadGuard<'static, Cell<u8>>: Send));
    assert!(!has!(task::MappedRwLockReadGuard<'static, Cell<u8>>: Sync));
    assert!(!has!(task::MappedRwLockWriteGuard<'static, Cell<u8>>: Sync));
    assert!(!has!(task::MappedRwLockWriteGuard<'static, Rc<u8>>: Send));
    send::<task::MappedRwLockWriteGuard<'_, Cell<u8>>>();
    assert!(!has!(thread::MappedRwLockReadGuard<'static, Cell<u8>>: Sync));
    assert!(!has!(OwnedRwLockReadGuard<Cell<u8>>: Send));
    assert!(!has!(OwnedRwLockReadGuard<Cell<u8>>: Sync));
    assert!(!has!(OwnedRwLockWriteGuard<Cell<u8>>: Sync));
    assert!(!has!(OwnedMappedRwLockReadGuard<u8, Cell<u8>>: Send));
    assert!(!has!(OwnedMappedRwLockReadGuard<Cell<u8>, u8>: Send));
    assert!(!has!(OwnedMappedRwLockWriteGuard<u8, Cell<u8>>: Sync));
    assert!(!has!(OwnedMappedRwLockWriteGuard<Rc<u8>, u8>: Send));
}

#[test]
fn every_wait_can_be_sent_to_another_thread() {
    let lock = Arc::new(task::RwLock::new(0));
    send_future(lock.read());
    send_future(lock.write_timeout(Duration::ZERO));
    send_future(lock.upgradable_read_owned());
    send_future(lock.write_owned_deadline(Instant::now()));
    let guard = lock.try_upgradable_read().unwrap();
    send_future(task::RwLockUpgradableReadGuard::upgrade(guard));
    let guard = lock.try_upgradable_read_owned().unwrap();
    send_future(task::RwLock::upgrade_owned_timeout(guard, Duration::ZERO));
    assert!(!has!(task::future::RwLockRead<'static, Cell<u8>>: Send));
    assert!(!has!(task::future::RwLockUpgrade<'static, Cell<u8>>: Send));
    let lock = Arc::new(task::Lock::new(Cell::new(0)));
    send_future(lock.lock());
    send_future(lock.lock_timeout(Duration::ZERO));
    send_future(lock.lock_owned());
    send_future(lock.lock_owned_deadline(Instant::now()));
    let lock = Arc::new(task::RLock::new(0));
    send_future(lock.lock());
    send_future(lock.lock_timeout(Duration::ZERO));
    send_future(lock.lock_owned());
    send_future(lock.lock_owned_deadline(Instant::now()));
    send_future(task::identified(lock.lock()));
    send_future(task::gather([lock.lock()]));
    send_future(task::try_gather([lock.lock_timeout(Duration::ZERO)]));
    send_future(task::as_completed([lock.lock()]).next());
    send_future(task::timeout(Duration::ZERO, lock.lock()));
    send_future(task::timeout_at(Instant::now(), lock.lock()));
    send_future(task::timeout_with(Duration::ZERO, async |limit| {
        drop(lock.lock().await);
        limit.reschedule(None)
    }));
    let pool = thread::ThreadPool::new(1);
    send_future(task::TaskGroup::run(&pool, async |group| {
        drop(lock.lock().await);
        Ok::<_, Cell<u8>>(group.spawn_named("child", async { Ok(Cell::new(1)) }))
    }));
    send_future(task::shield(&pool, async { Cell::new(1) }));
    send_future(task::sleep(Duration::ZERO));
    send_future(task::sleep_until(Instant::now()));
    let semaphore = Arc::new(task::Semaphore::new(1));
    send_future(semaphore.acquire());
    send_future(semaphore.acquire_many_timeout(1, Duration::ZERO));
    send_future(semaphore.acquire_owned());
    send_future(semaphore.acquire_many_owned_deadline(1, Instant::now()));
    let queue = task::Queue::bounded(1);
    send_future(queue.put(Cell::new(1)));
    send_future(queue.put_timeout(Cell::new(1), Duration::ZERO));
    send_future(queue.put_many([Cell::new(1)]));
    send_future(queue.get());
    send_future(queue.get_deadline(Instant::now()));
    send_future(queue.get_many(2));
    send_future(queue.put_many_timeout([Cell::new(1)], Duration::ZERO));
    send_future(queue.get_many_deadline(2, Instant::now()));
    send_future(queue.reserve());
    send_future(queue.join());
    let (tx, rx) = task::Queue::bounded(1).split();
    send_future(async move { tx.put(Cell::new(1)).await.is_ok() });
    send_future(async move { rx.get().await.is_ok() });
    send::<Slot<'_, Fifo<Cell<u8>>>>();
    send::<task::Items<'_, Fifo<Cell<u8>>>>();
    let event = task::Event::new();
    send_future(event.wait());
    send_future(event.wait_timeout(Duration::ZERO));
    let cell = task::OnceCell::new();
    send_future(cell.get_or_init(async || 1));
    send_future(cell.get_or_try_init(async || Ok::<_, Cell<u8>>(1)));
    send_future(cell.wait());
    send_future(cell.wait_timeout(Duration::ZERO));
    let mut observer = task::Watch::new(1).subscribe();
    send_future(observer.changed());
    send_future(observer.wait_for(|_| true));
    let calls = task::SingleFlight::new();
    send_future(calls.work(1_u8, async || 1));
    send_future(calls.try_work(1_u8, async || Ok::<_, Cell<u8>>(1)));
    let barrier = task::Barrier::new(1);
    send_future(barrier.wait());
    send_future(barrier.wait_timeout(Duration::ZERO));
    let changed = task::Condition::new();
    let lock = Arc::new(task::Lock::new(Cell::new(0)));
    let guard = || lock.try_lock().unwrap();
    send_future(changed.wait(guard()));
    send_future(changed.wait_timeout(guard(), Duration::ZERO));
    send_future(changed.wait_for(guard(), |_| true));
    send_future(changed.wait_for_deadline(guard(), Instant::now(), |_| true));
    send_future(changed.wait(lock.try_lock_owned().unwrap()));
    assert!(!has!(task::future::ConditionWait<'static, OwnedLockGuard<Rc<u8>>>: Send));
}

/// What is put together may move, and may be shared, as far as its futures may.
#[test]
fn combinators_are_what_their_futures_are() {
    type Local = core::future::Ready<Rc<u8>>;
    type Failing = core::future::Ready<Result<u8, Rc<u8>>>;
    type Group = task::Group<task::PoolSpawner, Cell<u8>>;
    assert!(!has!(task::future::Gather<Local>: Send));
    assert!(!has!(task::AsCompleted<Local>: Send));
    assert!(!has!(task::future::TryGather<Failing, u8, Rc<u8>>: Send));
    assert!(!has!(task::future::Timeout<Local>: Send));
    send::<task::future::Gather<core::future::Ready<Cell<u8>>>>();
    send::<Group>();
    sync::<Group>();
    send::<GroupError<Cell<u8>>>();
    assert!(size_of::<Group>() == 2 * size_of::<usize>());
    let pool = thread::ThreadPool::new(1);
    let group = task::TaskGroup::run(&pool, async |_group: Group| Ok(()));
    drop(pool); // the future does not borrow it
    drop(group);
    sync::<task::future::Sleep>();
    send::<task::Limit<'_>>();
    sync::<task::Limit<'_>>();
    unpin::<task::future::Gather<task::future::EventWait<'_>>>();
    unpin::<task::AsCompleted<task::future::EventWait<'_>>>();
    assert!(!has!(task::future::Sleep: Unpin));
}

#[test]
fn constructors_work_in_statics() {
    static LOCK: thread::Lock<u8> = thread::Lock::new(1);
    static RLOCK: task::RLock<u8> = task::RLock::new(1);
    static RWLOCK: thread::RwLock<u8> = thread::RwLock::new(1);
    static SEMAPHORE: task::Semaphore = task::Semaphore::new(1);
    static BOUNDED: thread::BoundedSemaphore = thread::BoundedSemaphore::new(1);
    static EVENT: task::Event = task::Event::new();
    static CELL: thread::OnceCell<u8> = thread::OnceCell::new();
    static SET: task::OnceCell<u8> = task::OnceCell::with_value(1);
    static BARRIER: task::Barrier = task::Barrier::new(2);
    static CHANGED: thread::Condition = thread::Condition::new();
    static QUEUE: thread::Queue<u8> = thread::Queue::bounded(1);
    static LEAST: task::PriorityQueue<u8, u8> = task::PriorityQueue::unbounded();
    assert!(QUEUE.put(1).is_ok() && LEAST.try_put((1, 1)).is_ok());
    assert_eq!(*LOCK.lock(), 1);
    assert_eq!(
        (*RWLOCK.read(), *RWLOCK.as_task().try_read().unwrap()),
        (1, 1)
    );
    assert_eq!(*RLOCK.as_thread().lock(), 1);
    assert!(SEMAPHORE.try_acquire().is_some());
    assert!(BOUNDED.try_acquire().is_some());
    assert!(!EVENT.is_set());
    assert_ne!(CELL.is_set(), SET.is_set());
    assert!(!BARRIER.is_broken());
    assert!(!CHANGED.notify_one());
}

#[test]
fn jobs_and_their_errors_go_to_any_thread_and_fit_into_any_error() {
    fn unpin<T: Unpin>() {}
    fn error<E: core::error::Error + Send + Sync + 'static>() {}
    send::<Job<Cell<u8>>>();
    sync::<Job<Cell<u8>>>();
    unpin::<Job<core::marker::PhantomPinned>>();
    send::<Promise<Cell<u8>>>();
    sync::<Promise<Cell<u8>>>();
    send::<thread::AsCompleted<Cell<u8>>>();
    send::<Panic>();
    sync::<Panic>();
    error::<JobError>();
    let none: [Job<Cell<u8>>; 0] = [];
    send_future(task::wait(&none, Until::All, Some(Duration::ZERO)));
    assert!(size_of::<Job<[u8; 1000]>>() <= 3 * size_of::<usize>());
    assert_eq!(size_of::<Promise<[u8; 1000]>>(), size_of::<usize>());
    assert_eq!(size_of::<Until>(), 1);
    assert!(size_of::<JobError>() <= 4 * size_of::<usize>());
    assert!(size_of::<task::future::JobsWait<'_, core::slice::Iter<'_, Job<[u8; 1000]>>>>() <= 288);
    assert_eq!(Waited::default(), Waited::default());
}

#[test]
fn unsized_data_can_be_locked() {
    let lock: Box<thread::Lock<[u8]>> = Box::new(thread::Lock::new([1, 2, 3]));
    lock.lock()[1] = 5;
    assert_eq!(*lock.as_task().try_lock().unwrap(), [1, 5, 3]);
    let shown: Arc<task::Lock<dyn Debug + Send>> = Arc::new(task::Lock::new(7));
    assert_eq!(format!("{:?}", shown.try_lock_owned().unwrap()), "7");
}

#[test]
fn errors_are_small_plain_values() {
    fn plain<E: core::error::Error + Copy + Eq + Send + Sync + 'static>() {
        assert!(size_of::<E>() <= 1);
    }
    plain::<TimedOut>();
    plain::<TooManyPermits>();
    plain::<OverRelease>();
    plain::<BrokenBarrier>();
    plain::<TooManyDone>();
    plain::<syncline::WatchClosed>();
    plain::<syncline::ChangeError>();
    assert_eq!((size_of::<GetError>(), size_of::<Shutdown>()), (1, 1));
    assert_eq!(size_of::<PutError<()>>(), 1);
    assert_eq!(size_of::<SetError<()>>(), 1);
    send::<SetError<Cell<u8>>>();
    send::<PutError<Cell<u8>>>();
}
