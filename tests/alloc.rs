//! A wait allocates nothing, on either face: the node lies in the future or on
//! the stack, and a thread keeps its parker. With the feature `diagnostics` the first wait makes a record: see `diag_alloc.rs`.
#![cfg(all(feature = "pool", not(feature = "diagnostics"), not(syncline_loom)))]

#[path = "support/alloc.rs"]
mod alloc;
#[path = "support/watch.rs"]
mod watch;

use alloc::{Counting, allocations, growth};
use core::convert::Infallible;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::sync::Arc;
use std::thread;
use syncline::internals::{Kept, Quiet};
use syncline::service::{LeasePool, Manage};
use syncline::store::Store;
use syncline::task::block_on;
use syncline::thread::{
    Barrier, BaseQueue, Condition, LifoQueue, Lock, OnceCell, PriorityQueue, Queue, RLock,
    RLockGuard, RwLock, Semaphore, wait,
};
use syncline::{Job, Promise, Until, task};
use watch::{until, until_waiting, watched};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const HOUR: Duration = Duration::from_secs(3600);

/// The mutex under the line allocates once for each thread that ever sleeps on it. That is not the
/// wait that is counted here, so it is made to happen before.
fn warm_up_the_mutex_of_the_line() {
    let asleep = Arc::new((parking_lot::Mutex::new(()), parking_lot::Condvar::new()));
    let sleeps = Arc::clone(&asleep);
    let waker = thread::spawn(move || until("a sleeping thread", || sleeps.1.notify_one()));
    asleep.1.wait(&mut asleep.0.lock());
    waker.join().unwrap();
}

/// How many allocations the second and later of several waits make. Each `wait` takes one permit
/// and keeps it, and really waits for it.
fn of_waits(wait: impl Fn(&Arc<Semaphore>) + Send + 'static) -> usize {
    const ROUNDS: usize = 20;
    let semaphore = Arc::new(Semaphore::new(0));
    watched(&semaphore, || {
        let waits = thread::spawn({
            let semaphore = Arc::clone(&semaphore);
            move || {
                warm_up_the_mutex_of_the_line();
                wait(&semaphore);
                allocations(|| (0..ROUNDS).for_each(|_| wait(&semaphore))).0
            }
        });
        for _ in 0..=ROUNDS {
            until_waiting(&*semaphore, 1);
            semaphore.release(1).unwrap();
        }
        waits.join().unwrap()
    })
}

#[test]
fn a_thread_that_waits_allocates_nothing() {
    assert_eq!(0, of_waits(|semaphore| semaphore.acquire().forget()));
    let timed = |semaphore: &Arc<Semaphore>| semaphore.acquire_timeout(HOUR).unwrap().forget();
    assert_eq!(0, of_waits(timed));
    assert_eq!(0, of_waits(|semaphore| semaphore.acquire_owned().forget()));
    assert_eq!(0, of_waits(|semaphore| semaphore.acquire_many(1).forget()));
}

#[test]
fn a_task_that_waits_allocates_nothing() {
    let plain = |semaphore: &Arc<Semaphore>| block_on(semaphore.as_task().acquire()).forget();
    assert_eq!(0, of_waits(plain));
    let timed = |semaphore: &Arc<Semaphore>| {
        let permit = block_on(semaphore.as_task().acquire_timeout(HOUR));
        permit.unwrap().forget();
    };
    assert_eq!(0, of_waits(timed));
    let owned = |semaphore: &Arc<Semaphore>| {
        let semaphore = Arc::clone(semaphore).into_task();
        block_on(semaphore.acquire_owned()).forget();
    };
    assert_eq!(0, of_waits(owned));
}

/// How many allocations one of two parties makes, which waits in some rounds and leads in others.
fn of_meetings(meet: fn(&Barrier)) -> usize {
    const ROUNDS: usize = 200;
    let barrier = Arc::new(Barrier::with_action(2, || ()));
    let party = || {
        let barrier = Arc::clone(&barrier);
        thread::spawn(move || {
            warm_up_the_mutex_of_the_line();
            // The thread's parker is made in its first wait; the other party comes when it waits.
            let own = Barrier::new(2);
            own.wait_timeout(Duration::from_micros(1)).unwrap_err();
            meet(&barrier);
            allocations(|| (0..ROUNDS).for_each(|_| meet(&barrier))).0
        })
    };
    watched(&barrier, || {
        let parties = [party(), party()];
        parties.map(|party| party.join().unwrap()).iter().sum()
    })
}

/// How many allocations the second and later of several waits for a notify make, and the notifies.
fn of_conditions(wait: impl Fn(&Condition, &Lock<u32>) + Send + 'static) -> (usize, usize) {
    const ROUNDS: usize = 20;
    let shared = Arc::new((Condition::new(), Lock::new(0)));
    watched(&shared, || {
        let waits = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                warm_up_the_mutex_of_the_line();
                wait(&shared.0, &shared.1);
                allocations(|| (0..ROUNDS).for_each(|_| wait(&shared.0, &shared.1))).0
            }
        });
        warm_up_the_mutex_of_the_line();
        let mut notifies = 0;
        for _ in 0..=ROUNDS {
            until_waiting(&shared.0, 1);
            notifies += allocations(|| assert!(shared.0.notify_one())).0;
        }
        (waits.join().unwrap(), notifies)
    })
}

#[test]
fn neither_the_parties_of_a_barrier_nor_its_leader_allocate() {
    // The timer's thread starts with the first deadline; it is not part of the wait.
    let own = Barrier::new(2);
    block_on(own.as_task().wait_timeout(Duration::from_micros(1))).unwrap_err();
    let blocks: fn(&Barrier) = |barrier| assert!(barrier.wait().is_ok());
    let timed: fn(&Barrier) = |barrier| assert!(barrier.wait_timeout(HOUR).is_ok());
    let polls: fn(&Barrier) = |barrier| assert!(block_on(barrier.as_task().wait()).is_ok());
    let polls_timed: fn(&Barrier) =
        |barrier| assert!(block_on(barrier.as_task().wait_timeout(HOUR)).is_ok());
    for meet in [blocks, timed, polls, polls_timed] {
        assert_eq!(0, of_meetings(meet));
    }
}

#[test]
fn neither_a_wait_for_a_condition_nor_a_notify_allocates() {
    let plain = |changed: &Condition, lock: &Lock<u32>| drop(changed.wait(lock.lock()));
    assert_eq!((0, 0), of_conditions(plain));
    let timed = |changed: &Condition, lock: &Lock<u32>| {
        changed.wait_timeout(lock.lock(), HOUR).1.unwrap();
    };
    assert_eq!((0, 0), of_conditions(timed));
    let task = |changed: &Condition, lock: &Lock<u32>| {
        block_on(async {
            let guard = lock.as_task().lock().await;
            drop(changed.as_task().wait(guard).await);
        });
    };
    assert_eq!((0, 0), of_conditions(task));
    let timed = |changed: &Condition, lock: &Lock<u32>| {
        block_on(async {
            let guard = lock.as_task().lock().await;
            let wait = changed.as_task().wait_timeout(guard, HOUR);
            wait.await.1.unwrap();
        });
    };
    assert_eq!((0, 0), of_conditions(timed));
}

#[test]
fn a_thread_whose_wait_expires_allocates_nothing() {
    let lock = Lock::new(());
    let guard = lock.lock();
    let expires = || assert!(lock.lock_timeout(Duration::from_micros(200)).is_err());
    watched(&"a wait that expires", || {
        expires();
        assert_eq!(0, allocations(|| (0..5).for_each(|_| expires())).0);
    });
    drop(guard);
}

#[test]
fn a_task_whose_wait_expires_allocates_nothing() {
    let lock = Lock::new(());
    let guard = lock.lock();
    let micros = Duration::from_micros(200);
    let expires = || assert!(block_on(lock.as_task().lock_timeout(micros)).is_err());
    watched(&"a wait that expires", || {
        expires();
        assert_eq!(0, allocations(|| (0..5).for_each(|_| expires())).0);
    });
    drop(guard);
}

/// Without executor and without threads: many in line, cancelled and served. The timer's thread may be in the way, and
/// who parks for the first time in its life is given something to park on: each round but the first must find it there.
#[test]
fn neither_a_line_of_tasks_nor_a_release_allocates() {
    let lock = Lock::new(0);
    let cx = &mut Context::from_waker(Waker::noop());
    let mut waits = || {
        let guard = lock.lock();
        let mut first = pin!(lock.as_task().lock());
        assert!(first.as_mut().poll(cx).is_pending());
        {
            let mut cancelled = pin!(lock.as_task().lock_timeout(HOUR));
            assert!(cancelled.as_mut().poll(cx).is_pending());
        }
        assert!(first.as_mut().poll(cx).is_pending());
        drop(guard);
        assert!(first.as_mut().poll(cx).is_ready());
    };
    // The timer's thread starts with the first deadline; it is not part of the wait.
    let held = Lock::new(());
    let _held = held.lock();
    block_on(held.as_task().lock_timeout(Duration::from_micros(1))).unwrap_err();
    let rounds: Vec<_> = (0..3).map(|_| allocations(&mut waits).0).collect();
    assert!(rounds.contains(&0), "{rounds:?}");
}

/// Whatever a request of readers and writers comes to: granted, withdrawn, upgraded, or given its guard back.
#[test]
fn no_wait_of_a_reader_or_a_writer_allocates() {
    let lock = RwLock::new(0);
    let cx = &mut Context::from_waker(Waker::noop());
    let mut waits = || {
        let face = lock.as_task();
        let guard = lock.read();
        let upgradable = face.try_upgradable_read().unwrap();
        let mut writer = pin!(face.write());
        assert!(writer.as_mut().poll(cx).is_pending());
        {
            let mut cancelled = pin!(face.read_timeout(HOUR));
            assert!(cancelled.as_mut().poll(cx).is_pending());
        }
        let mut upgrade = pin!(task::RwLockUpgradableReadGuard::upgrade_timeout(
            upgradable, HOUR
        ));
        assert!(upgrade.as_mut().poll(cx).is_pending());
        drop(guard);
        let Poll::Ready(Ok(mut guard)) = upgrade.as_mut().poll(cx) else {
            unreachable!("nobody else reads")
        };
        *guard += 1;
        drop(task::RwLockWriteGuard::downgrade(guard));
        assert!(writer.as_mut().poll(cx).is_ready());
        assert!(lock.write_timeout(Duration::from_micros(1)).is_ok());
    };
    // The timer's thread starts with the first deadline; it is not part of the wait.
    let held = Lock::new(());
    let _held = held.lock();
    block_on(held.as_task().lock_timeout(Duration::from_micros(1))).unwrap_err();
    let rounds: Vec<_> = (0..3).map(|_| allocations(&mut waits).0).collect();
    assert!(rounds.contains(&0), "{rounds:?}");
}

#[test]
fn what_is_free_is_taken_without_an_allocation() {
    let lock = Arc::new(Lock::new(0));
    let semaphore = Arc::new(Semaphore::new(3));
    let takes = || {
        *lock.lock() += 1;
        *lock.lock_timeout(HOUR).unwrap() += 1;
        *lock.lock_owned() += 1;
        *lock.try_lock().unwrap() += 1;
        block_on(async { *lock.as_task().lock().await += 1 });
        drop(semaphore.acquire_many(3));
        let mut permit = semaphore.acquire_many_owned(3);
        let part = permit.split(1);
        permit.merge(part.expect("there are three"));
    };
    takes();
    assert_eq!(0, allocations(takes).0);
    assert_eq!(10, *lock.lock());
}

/// But for the list of what a thread is inside of, which is made once in the life of a thread.
#[test]
fn a_cell_allocates_nothing_to_be_initialized_or_waited_for() {
    OnceCell::new().get_or_init(|| ());
    let cx = &mut Context::from_waker(Waker::noop());
    let rounds = (0..3).map(|_| {
        let uses = || {
            let cell = OnceCell::new();
            cell.get_or_try_init(|| Err(())).unwrap_err();
            let mut first = pin!(cell.as_task().get_or_init(async || 1));
            let mut waiter = pin!(cell.as_task().wait());
            assert!(waiter.as_mut().poll(cx).is_pending());
            assert!(first.as_mut().poll(cx).is_ready());
            assert!(waiter.as_mut().poll(cx).is_ready());
            assert_eq!(cell.get_or_init(|| 2), cell.wait());
        };
        allocations(uses).0
    });
    let rounds: Vec<_> = rounds.collect();
    assert!(rounds.contains(&0), "{rounds:?}");
}

#[test]
fn a_re_entrant_lock_allocates_nothing_however_deep() {
    let lock = Arc::new(RLock::new(()));
    let outer = lock.lock();
    let again = || drop((lock.lock(), lock.lock_owned(), lock.try_lock()));
    assert_eq!(0, allocations(|| (0..5).for_each(|_| again())).0);
    drop(outer);
    block_on(async {
        let _outer = lock.as_task().lock().await;
        let again = || drop((lock.as_task().try_lock(), lock.as_task().try_lock()));
        assert_eq!(0, allocations(|| (0..5).for_each(|_| again())).0);
    });
}

#[test]
fn a_thread_and_a_task_that_wait_for_a_re_entrant_lock_allocate_nothing() {
    let lock = Arc::new(RLock::new(()));
    watched(&lock, || {
        let waits = thread::spawn({
            let lock = Arc::clone(&lock);
            move || {
                warm_up_the_mutex_of_the_line();
                let takes = |_| {
                    drop(lock.lock());
                    block_on(async { drop(lock.as_task().lock().await) });
                };
                takes(0);
                allocations(|| (0..10).for_each(takes)).0
            }
        });
        for _ in 0..22 {
            let guard = lock.lock();
            until("a request in the line, or the end", || {
                lock.waiting() == 1 || waits.is_finished()
            });
            RLockGuard::unlock_fair(guard);
        }
        assert_eq!(0, waits.join().unwrap());
    });
}

/// How many allocations the second and later of several waits make, each for an item in the one
/// queue, and then for a place in the other.
fn of_queue_waits(wait: impl Fn(&Queue<u32>, &Queue<u32>) + Send + 'static) -> usize {
    const ROUNDS: usize = 20;
    let queues = Arc::new((Queue::unbounded(), Queue::bounded(1)));
    queues.1.put(0).unwrap();
    watched(&queues, || {
        let waits = thread::spawn({
            let queues = Arc::clone(&queues);
            move || {
                let (source, sink) = &*queues;
                warm_up_the_mutex_of_the_line();
                wait(source, sink);
                allocations(|| (0..ROUNDS).for_each(|_| wait(source, sink))).0
            }
        });
        for _ in 0..=ROUNDS {
            until_waiting(&queues.0, 1);
            queues.0.put(1).unwrap();
            until_waiting(&queues.1, 1);
            queues.1.get().unwrap();
        }
        waits.join().unwrap()
    })
}

#[test]
fn a_queue_allocates_for_no_wait() {
    let threads = |source: &Queue<u32>, sink: &Queue<u32>| {
        source.get().unwrap();
        sink.put(2).unwrap();
    };
    assert_eq!(0, of_queue_waits(threads));
    let timed = |source: &Queue<u32>, sink: &Queue<u32>| {
        source.get_timeout(HOUR).unwrap();
        sink.put_timeout(2, HOUR).unwrap();
    };
    assert_eq!(0, of_queue_waits(timed));
    let reserved = |source: &Queue<u32>, sink: &Queue<u32>| {
        source.get().unwrap();
        sink.reserve().unwrap().put(2).unwrap();
    };
    assert_eq!(0, of_queue_waits(reserved));
    let tasks = |source: &Queue<u32>, sink: &Queue<u32>| {
        block_on(async {
            source.as_task().get().await.unwrap();
            sink.as_task().put_timeout(2, HOUR).await.unwrap();
        });
    };
    assert_eq!(0, of_queue_waits(tasks));
}

#[test]
fn a_queue_that_has_grown_allocates_no_more() {
    let (fifo, least) = (Queue::unbounded(), PriorityQueue::unbounded());
    let rounds = || {
        for item in 0..10 {
            fifo.put(item).unwrap();
            least.put((item, item)).unwrap();
            block_on(fifo.as_task().put(item)).unwrap();
        }
        while fifo.try_get().is_ok() {}
        while least.get_timeout(Duration::ZERO).is_ok() {}
    };
    rounds();
    assert_eq!(0, allocations(rounds).0);
    fifo.assert_quiet();
}

/// Children that are ready at once need no wakers, and those that wait share one block.
#[test]
fn gathered_futures_allocate_for_all_of_them_together() {
    use core::future::{Future, ready};
    use syncline::task::{Event, gather};

    // The futures, and the results.
    let of = |count: u32| allocations(|| block_on(gather((0..count).map(ready)))).0;
    // The thread's parker is made in its first wait.
    of(1);
    assert_eq!((2, 2), (of(2), of(2000)));
    // Few enough to be done in one poll.
    let events: Vec<Event> = (0..100).map(|_| Event::new()).collect();
    let mut all = pin!(gather(events.iter().map(Event::wait)));
    let mut context = Context::from_waker(Waker::noop());
    let mut poll = || allocations(|| all.as_mut().poll(&mut context).is_ready());
    let (first, _) = poll();
    // The wakers' block, and its children.
    assert_eq!(2, first);
    for event in &events[1..] {
        event.set();
    }
    // What came out of order; the results themselves are empty.
    assert_eq!((1, false), poll());
    events[0].set();
    assert_eq!((0, true), poll());
}

#[test]
fn a_sleep_and_a_timeout_allocate_nothing() {
    use core::future::{Future, pending};
    use syncline::task::{sleep, timeout, timeout_with};

    let mut context = Context::from_waker(Waker::noop());
    let mut first = |count: usize| {
        let of_sleep = allocations(|| pin!(sleep(HOUR)).poll(&mut context).is_ready()).0;
        let limited = || {
            pin!(timeout(HOUR, pending::<()>()))
                .poll(&mut context)
                .is_ready()
        };
        let of_timeout = allocations(limited).0;
        let mut body = pin!(timeout_with(HOUR, async |_| pending::<()>().await));
        let of_body = allocations(|| body.as_mut().poll(&mut context).is_ready()).0;
        (count, of_sleep, of_timeout, of_body)
    };
    // The first one may have to start the timer.
    first(0);
    assert_eq!((1, 0, 0, 0), first(1));
}

/// How many allocations the waits for jobs make, each of which really waits.
fn of_job_waits(wait: impl Fn(Job<u32>) + Send + 'static) -> usize {
    const ROUNDS: usize = 20;
    let jobs = Arc::new(Queue::unbounded());
    watched(&jobs, || {
        let waits = thread::spawn({
            let jobs = Arc::clone(&jobs);
            move || {
                warm_up_the_mutex_of_the_line();
                wait(jobs.get().unwrap());
                (0..ROUNDS)
                    .map(|_| jobs.get().unwrap())
                    .map(|job| allocations(|| wait(job)).0)
                    .sum()
            }
        });
        for _ in 0..=ROUNDS {
            let (promise, job) = Promise::new();
            let kept = Kept::of(&job);
            jobs.put(job).unwrap();
            until_waiting(&kept, 1);
            promise.set(1).unwrap();
        }
        waits.join().unwrap()
    })
}

#[test]
fn a_wait_for_a_job_allocates_nothing() {
    assert_eq!(0, of_job_waits(|job| drop(job.wait())));
    assert_eq!(0, of_job_waits(|mut job| drop(job.wait_timeout(HOUR))));
    assert_eq!(0, of_job_waits(|job| drop(block_on(job))));
    let all = |job: Job<u32>| assert!(wait([&job], Until::All, None).pending.is_empty());
    // The answer has a list.
    assert_eq!(20, of_job_waits(all));
}

#[test]
fn a_promise_is_one_allocation() {
    let (count, (promise, job)) = allocations(Promise::new);
    assert_eq!(1, count);
    assert_eq!(0, allocations(|| promise.set([0_u64; 100]).unwrap()).0);
    assert_eq!(0, allocations(|| drop(job.wait())).0);
}

/// Trap D7.
/// A server whose connections cost nothing.
struct Free;

impl Manage for Free {
    type Item = ();
    type Error = Infallible;

    async fn open(&self) -> Result<(), Infallible> {
        Ok(())
    }
}

#[test]
fn the_lease_of_an_idle_item_allocates_nothing_waited_for_or_not() {
    let pool = LeasePool::builder(Free).max(1).build();
    pool.lease().wait().unwrap().give_back();
    let leases = || {
        for _ in 0..20 {
            pool.lease().wait().unwrap().give_back();
            block_on(pool.lease()).unwrap().give_back();
            let lease = pool.try_lease().unwrap();
            let mut waits = pin!(pool.lease());
            let mut context = Context::from_waker(Waker::noop());
            assert!(waits.as_mut().poll(&mut context).is_pending());
            lease.give_back();
            let Poll::Ready(lease) = waits.as_mut().poll(&mut context) else {
                panic!("it is its turn")
            };
            lease.unwrap().give_back();
            pool.lease().wait().unwrap().give_back();
        }
    };
    leases();
    assert_eq!(0, allocations(leases).0);
}

#[test]
fn the_memory_of_a_burst_is_given_back_while_it_is_taken_out() {
    const BURST: usize = 100_000;
    /// What a queue may keep, and what a burst takes at least.
    const LITTLE: isize = 10_000;
    const MUCH: isize = 800_000;

    fn check<S: Store>(queue: &BaseQueue<S>, item: impl Fn(usize) -> S::Item) {
        let fill = || (0..BURST).for_each(|n| assert!(queue.put(item(n)).is_ok()));
        let (by, ()) = growth(fill);
        assert!(by > MUCH, "{by}");
        let (by, ()) = growth(|| while queue.try_get().is_ok() {});
        assert!(by < LITTLE - MUCH, "{by}");
        // One by one, all at once, and all but a few.
        for (takes, left) in [(BURST, 0), (BURST - 500, 500)] {
            let (by, ()) = growth(|| {
                fill();
                drop(queue.get_many(takes));
            });
            assert!(by < 10 * LITTLE, "{by}");
            let (by, ()) = growth(|| queue.shrink_to_fit());
            assert!(by <= 0, "{by}");
            assert_eq!(queue.drain().len(), left);
        }
        let (by, ()) = growth(|| queue.shrink_to_fit());
        assert!(by < 0, "{by}");
    }

    check(&Queue::unbounded(), |n| n as u64);
    check(&LifoQueue::unbounded(), |n| n as u64);
    check(&PriorityQueue::unbounded(), |n| (n % 7, n as u64));
}

#[test]
fn a_split_allocates_once_and_its_halves_nothing() {
    let queue = Queue::bounded(4);
    queue.put(0).unwrap();
    queue.get().unwrap();
    let (count, (tx, rx)) = allocations(|| queue.split());
    assert_eq!(1, count);
    let (count, ()) = allocations(|| {
        for n in 0..100 {
            let (other, weak) = (tx.clone(), tx.downgrade());
            other.put(n).unwrap();
            drop(other);
            weak.upgrade().unwrap().put(n).unwrap();
            drop(weak);
            assert_eq!((rx.clone().get(), rx.get()), (Ok(n), Ok(n)));
        }
        drop(tx);
        assert_eq!(None, rx.iter().next());
    });
    assert_eq!(0, count);
    let (by, ()) = growth(|| drop(rx));
    assert!(by < 0, "its memory is freed with the last half");
}

#[test]
fn a_moved_capacity_allocates_nothing() {
    let semaphore = syncline::thread::BoundedSemaphore::new(2);
    let (count, ()) = allocations(|| {
        let held = semaphore.acquire_many(2);
        (0..100).for_each(|n| semaphore.set_capacity(n));
        drop(held);
    });
    assert_eq!(0, count);
}
