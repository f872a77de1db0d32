//! Jobs that block, many and deep: what they wait for is done next, and few threads are needed.

use crate::kit::{Count, occupy, wait_for};
use crate::watch::{until, watched};
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::SeqCst;
use core::time::Duration;
use std::sync::{Arc, LazyLock, OnceLock};
use syncline::thread::{
    self as face, Barrier, Condition, Event, Lock, Queue, Semaphore, ThreadPool,
};
use syncline::{Job, Until, task};

/// How many threads a pool has, and had at most.
#[derive(Clone, Default)]
struct Threads {
    now: Count,
    most: Arc<AtomicUsize>,
    gone: Count,
}

impl Threads {
    /// A pool whose threads are counted.
    fn of(builder: syncline::thread::PoolBuilder) -> (Arc<ThreadPool>, Self) {
        let threads = Self::default();
        let (starts, exits) = (threads.clone(), threads.clone());
        let builder = builder.on_start(move || {
            let started = starts.now.add() + 1;
            starts.most.fetch_max(started - starts.gone.get(), SeqCst);
        });
        let builder = builder.on_exit(move || {
            exits.gone.add();
        });
        (Arc::new(builder.build()), threads)
    }

    fn most(&self) -> usize {
        self.most.load(SeqCst)
    }

    fn left(&self) -> usize {
        self.now.get() - self.gone.get()
    }
}

fn pool_of(workers: usize) -> (Arc<ThreadPool>, Threads) {
    Threads::of(ThreadPool::builder().workers(workers))
}

type Join = fn([Job<u64>; 2]) -> u64;

fn by_block_on(jobs: [Job<u64>; 2]) -> u64 {
    let [a, b] = jobs;
    task::block_on(async { a.await.unwrap() + b.await.unwrap() })
}

fn by_wait(jobs: [Job<u64>; 2]) -> u64 {
    face::wait([&jobs[0], &jobs[1]], Until::All, None);
    by_block_on(jobs)
}

fn by_as_completed(jobs: [Job<u64>; 2]) -> u64 {
    face::as_completed(jobs)
        .map(|(_, job)| job.wait().unwrap())
        .sum()
}

fn by_wait_timeout(jobs: [Job<u64>; 2]) -> u64 {
    let values = jobs.map(|mut job| job.wait_timeout(crate::watch::LIMIT).unwrap().unwrap());
    values.iter().sum()
}

const JOINS: [(&str, Join); 4] = [
    ("block_on", by_block_on),
    ("wait", by_wait),
    ("as_completed", by_as_completed),
    ("wait_timeout", by_wait_timeout),
];

/// A tree so deep, of which one half is half as deep.
fn fork(pool: &Arc<ThreadPool>, depth: u64, join: Join) -> u64 {
    if depth == 0 {
        return 1;
    }
    let jobs = [depth - 1, depth / 2].map(|depth| {
        let inner = Arc::clone(pool);
        pool.submit(move || fork(&inner, depth, join))
    });
    join(jobs)
}

fn leaves(depth: u64) -> u64 {
    if depth == 0 {
        return 1;
    }
    leaves(depth - 1) + leaves(depth / 2)
}

/// Trap D8 (kotlinx.coroutines 3983).
#[test]
fn a_recursion_of_25_levels_that_blocks_at_each_needs_few_threads() {
    for (how, join) in JOINS {
        let (pool, threads) = pool_of(2);
        watched(&pool, || {
            let inner = Arc::clone(&pool);
            let job = pool.submit(move || fork(&inner, 25, join));
            assert_eq!(job.wait().unwrap(), leaves(25), "{how}");
            assert!(threads.most() <= 64, "{how}: {} threads", threads.most());
            until("surplus threads leave", || threads.left() <= 2);
        });
    }
}

/// Each level forks and joins twice, so that a job which is back blocks again.
#[test]
fn a_recursion_that_forks_again_after_each_join_needs_few_threads() {
    fn twice(pool: &Arc<ThreadPool>, depth: u64) -> u64 {
        if depth == 0 {
            return 1;
        }
        let mut sum = 0;
        for _ in 0..2 {
            let jobs = [depth - 1, depth / 2].map(|depth| {
                let inner = Arc::clone(pool);
                pool.submit(move || twice(&inner, depth))
            });
            sum += by_block_on(jobs);
        }
        sum
    }
    let (pool, threads) = pool_of(2);
    watched(&pool, || {
        let inner = Arc::clone(&pool);
        let job = pool.submit(move || twice(&inner, 8));
        assert!(job.wait().unwrap() > 256);
        assert!(threads.most() <= 64, "{} threads", threads.most());
    });
}

/// More than there may be threads. Trap D8.
#[test]
fn jobs_that_each_submit_one_and_block_for_it_end_however_many_they_are() {
    let (pool, threads) = pool_of(2);
    watched(&pool, || {
        let jobs: Vec<_> = (0..2000)
            .map(|n| {
                let inner = Arc::clone(&pool);
                pool.submit(move || assert_eq!(task::block_on(inner.submit(move || n)).unwrap(), n))
            })
            .collect();
        wait_for(jobs);
        assert!(threads.most() <= 64, "{} threads", threads.most());
    });
}

#[test]
fn closures_that_block_for_a_while_are_begun_at_a_pace() {
    let (pool, threads) = pool_of(2);
    watched(&pool, || {
        let nap = || task::block_on(task::sleep(Duration::from_millis(20)));
        let jobs: Vec<_> = (0..2000).map(|_| pool.submit(nap)).collect();
        wait_for(jobs);
        // Eight at once, and one more each millisecond: twenty in the time that each takes, and as many
        // again if the machine is slow.
        assert!(threads.most() <= 8 + 60, "{} threads", threads.most());
        until("surplus threads leave", || threads.left() <= 2);
        assert_eq!(pool.queued(), 0);
    });
}

/// What comes from outside is not begun by the last threads: those that have begun go on.
#[test]
fn what_blocked_jobs_wait_for_is_done_although_others_were_there_first() {
    let pool = ThreadPool::builder().workers(1).max_blocked(1).build();
    let pool = Arc::new(pool);
    watched(&pool, || {
        let (goes_on, wait) = syncline::Promise::new();
        let inner = Arc::clone(&pool);
        let first = pool.submit(move || {
            task::block_on(wait).unwrap();
            task::block_on(inner.submit(|| 3)).unwrap()
        });
        let (ends, end) = syncline::Promise::<()>::new();
        let second = pool.submit(move || task::block_on(end).unwrap());
        goes_on.set(()).unwrap();
        assert_eq!(first.wait().unwrap(), 3);
        ends.set(()).unwrap();
        second.wait().unwrap();
    });
}

/// A future that has begun is polled although all but the last thread are blocked.
#[test]
fn a_future_that_is_woken_from_outside_is_polled_by_the_last_thread() {
    let pool = ThreadPool::builder().workers(1).max_blocked(1).build();
    let pool = Arc::new(pool);
    watched(&pool, || {
        let inner = Arc::clone(&pool);
        let event = Arc::new(Event::new());
        let waits = Arc::clone(&event);
        let begun = Arc::new(Event::new());
        let begins = Arc::clone(&begun);
        let outer = pool.submit(move || {
            let future = inner.spawn(async move {
                begins.set();
                waits.as_task().wait().await;
                7
            });
            task::block_on(future).unwrap()
        });
        begun.wait();
        let queued_before = pool.submit(|| ());
        event.set();
        assert_eq!(outer.wait().unwrap(), 7);
        queued_before.wait().unwrap();
    });
}

/// Each of these waits is one in which another thread takes the place of the one that waits.
#[test]
fn a_wait_for_any_primitive_but_a_lock_is_stood_in_for() {
    type Wait = Box<dyn FnOnce() + Send>;
    fn pairs() -> Vec<(&'static str, Wait, Wait)> {
        let event = Arc::new(Event::new());
        let semaphore = Arc::new(Semaphore::new(0));
        let queue = Arc::new(Queue::bounded(1));
        let full = Arc::new(Queue::bounded(1));
        full.put(1).unwrap();
        let barrier = Arc::new(Barrier::new(2));
        let shared = Arc::new((Lock::new(false), Condition::new()));
        let other = (
            Arc::clone(&event),
            Arc::clone(&semaphore),
            Arc::clone(&queue),
            Arc::clone(&full),
            Arc::clone(&barrier),
            Arc::clone(&shared),
        );
        vec![
            (
                "event",
                Box::new(move || event.wait()),
                Box::new(move || other.0.set()),
            ),
            (
                "semaphore",
                Box::new(move || semaphore.acquire().forget()),
                Box::new(move || other.1.release(1).unwrap()),
            ),
            (
                "get",
                Box::new(move || assert_eq!(queue.get(), Ok(5))),
                Box::new(move || other.2.put(5).unwrap()),
            ),
            (
                "put",
                Box::new(move || full.put(2).unwrap()),
                Box::new(move || assert_eq!(other.3.get(), Ok(1))),
            ),
            (
                "barrier",
                Box::new(move || assert!(barrier.wait().is_ok())),
                Box::new(move || assert!(other.4.wait().is_ok())),
            ),
            (
                "condition",
                Box::new(move || {
                    let guard = shared.0.lock();
                    drop(shared.1.wait_for(guard, |ready| *ready));
                }),
                Box::new(move || {
                    *other.5.0.lock() = true;
                    other.5.1.notify_all();
                }),
            ),
        ]
    }
    let pool = Arc::new(ThreadPool::new(1));
    watched(&pool, || {
        for (what, waits, wakes) in pairs() {
            let inner = Arc::clone(&pool);
            let outer = pool.submit(move || {
                let wakes = inner.submit(wakes);
                waits();
                // It is done already, but perhaps not over.
                task::block_on(wakes).unwrap();
            });
            assert!(outer.wait().is_ok(), "{what}");
        }
    });
}

#[test]
fn a_wait_for_a_lock_is_not_stood_in_for() {
    let (pool, threads) = pool_of(1);
    watched(&pool, || {
        let lock = Arc::new(Lock::new(()));
        let guard = lock.lock();
        let waits = pool.submit({
            let lock = Arc::clone(&lock);
            move || drop(lock.lock())
        });
        crate::watch::until_waiting(&*lock, 1);
        let queued = pool.submit(|| ());
        assert_eq!(threads.most(), 1);
        assert!(!queued.is_done());
        drop(guard);
        waits.wait().unwrap();
        queued.wait().unwrap();
        assert_eq!(threads.most(), 1);
    });
}

/// The pool cannot see it; whoever waits says so.
#[test]
fn a_foreign_wait_is_stood_in_for_if_it_is_said_to_block() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&pool, || {
        let inner = Arc::clone(&pool);
        let outer = pool.submit(move || {
            let (give, take) = std::sync::mpsc::channel();
            inner.submit(move || give.send(4).unwrap()).detach();
            // A wait inside a wait is no other.
            face::blocking(|| face::blocking(|| take.recv().unwrap()))
        });
        assert_eq!(outer.wait().unwrap(), 4);
        // What it submits there is queued for all.
        let inner = Arc::clone(&pool);
        let outer = pool.submit(move || {
            face::blocking(|| {
                let jobs = [1, 2].map(|n| inner.submit(move || n));
                task::block_on(task::gather(jobs)).len()
            })
        });
        assert_eq!(outer.wait().unwrap(), 2);
        assert_eq!(face::blocking(|| 6), 6);
    });
}

/// An initializer whose jobs run on the pool whose jobs wait for it. Trap D9 (rayon 1251).
#[test]
fn an_initializer_that_fans_out_on_the_pool_of_those_who_wait_for_it_ends() {
    type Init = fn(&'static ThreadPool) -> u64;
    static POOL: LazyLock<ThreadPool> = LazyLock::new(|| ThreadPool::new(4));
    let ways: [Init; 4] = [
        |pool| {
            let sum = AtomicUsize::new(0);
            pool.scope(|scope| {
                for n in 0..8 {
                    let sum = &sum;
                    scope.submit(move || sum.fetch_add(n, SeqCst)).detach();
                }
            });
            sum.into_inner() as u64
        },
        |pool| pool.map(0..8, |n| n).map(Result::unwrap).sum(),
        |pool| {
            let jobs: Vec<_> = (0..8).map(|n| pool.submit(move || n)).collect();
            jobs.into_iter().map(|job| job.wait().unwrap()).sum()
        },
        |pool| {
            let jobs: Vec<_> = (0..8).map(|n| pool.submit(move || n)).collect();
            let values = task::block_on(task::gather(jobs));
            values.into_iter().map(Result::unwrap).sum()
        },
    ];
    watched(&*POOL, || {
        for init in ways {
            let table = Arc::new(OnceLock::new());
            let jobs: Vec<_> = (0..64)
                .map(|_| {
                    let table = Arc::clone(&table);
                    POOL.submit(move || face::blocking(|| *table.get_or_init(|| init(&POOL))))
                })
                .collect();
            for job in jobs {
                assert_eq!(job.wait().unwrap(), 28);
            }
        }
    });
}

#[test]
fn jobs_that_are_waited_for_in_order_leave_nothing_in_the_queue() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&pool, || {
        let inner = Arc::clone(&pool);
        let outer = pool.submit(move || {
            for _ in 0..100 {
                let jobs = [0, 1, 2, 3].map(|n| inner.submit(move || n));
                for job in jobs {
                    job.wait().unwrap();
                }
                assert_eq!(inner.queued(), 0);
            }
        });
        outer.wait().unwrap();
    });
}

/// What nobody waits for lies on top, and what is done below it.
#[test]
fn what_has_been_done_below_others_does_not_pile_up_and_those_keep_their_order() {
    let pool = Arc::new(ThreadPool::builder().workers(1).max_blocked(0).build());
    watched(&pool, || {
        let inner = Arc::clone(&pool);
        let order = Arc::new(Lock::new(Vec::new()));
        let noted = Arc::clone(&order);
        let outer = pool.submit(move || {
            let mut rest = Vec::new();
            for n in 0..1000 {
                let waited = inner.submit(|| ());
                if n % 100 == 0 {
                    let noted = Arc::clone(&noted);
                    rest.push(inner.submit(move || noted.lock().push(n)));
                }
                waited.wait().unwrap();
                assert!(inner.queued() < 100, "{} entries", inner.queued());
            }
            rest
        });
        wait_for(outer.wait().unwrap());
        let order = order.lock().clone();
        assert_eq!(order, [900, 800, 700, 600, 500, 400, 300, 200, 100, 0]);
    });
}

#[test]
fn a_map_inside_a_job_of_a_pool_of_one_leaves_little_in_the_queue() {
    let pool = Arc::new(ThreadPool::builder().workers(1).max_blocked(0).build());
    watched(&pool, || {
        let inner = Arc::clone(&pool);
        let outer = pool.submit(move || {
            let most = AtomicUsize::new(0);
            let nap = Duration::from_micros(200);
            let sum: u64 = inner
                .map(0..2000, move |n| {
                    // So long that a chunk is one item.
                    let begun = std::time::Instant::now();
                    while begun.elapsed() < nap {}
                    n
                })
                .map(|n| {
                    most.fetch_max(inner.queued(), SeqCst);
                    n.unwrap()
                })
                .sum();
            assert_eq!(sum, 1999 * 1000);
            most.into_inner()
        });
        let most = outer.wait().unwrap();
        assert!(most < 100, "{most} entries");
    });
}

#[test]
fn scopes_that_nest_deep_need_a_bounded_stack() {
    fn deep(pool: &ThreadPool, depth: u32) -> u32 {
        if depth == 0 {
            return 0;
        }
        let mut below = 0;
        pool.scope(|scope| scope.submit(|| below = deep(pool, depth - 1)).detach());
        below + 1
    }
    let pool = ThreadPool::builder().workers(1).stack_size(512 * 1024);
    let pool = Arc::new(pool.build());
    watched(&pool, || {
        let inner = Arc::clone(&pool);
        let outer = pool.submit(move || deep(&inner, 3000));
        assert_eq!(outer.wait().unwrap(), 3000);
    });
}

/// A thread that is back from a wait does its own job to its end; then one of them goes, although there
/// is more to do.
#[test]
fn after_a_wait_no_more_jobs_run_at_once_than_there_are_workers() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&pool, || {
        let running = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(0));
        for _ in 0..50 {
            let busy = occupy(&pool);
            let (goes_on, wait) = syncline::Promise::new();
            let blocked = pool.submit(move || task::block_on(wait).unwrap());
            let jobs: Vec<_> = (0..20)
                .map(|_| {
                    let (running, most) = (Arc::clone(&running), Arc::clone(&most));
                    pool.submit(move || {
                        most.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
                        std::thread::yield_now();
                        running.fetch_sub(1, SeqCst);
                    })
                })
                .collect();
            busy.release();
            goes_on.set(()).unwrap();
            blocked.wait().unwrap();
            wait_for(jobs);
        }
        // The one that is back, and has just ended its job, may begin with one more before it sees that it
        // is too many.
        assert!(most.load(SeqCst) <= 2, "{} at once", most.load(SeqCst));
    });
}
