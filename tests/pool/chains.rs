//! Callbacks and destructors that end further jobs: any number of them, one inside the other, on a small
//! stack, and in the order in which they would run one inside the other.

use crate::watch::watched;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::SeqCst;
use core::time::Duration;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use syncline::task::block_on;
use syncline::thread::{
    self, Barrier, Condition, Event, Lock, Queue, Semaphore, ThreadPool, Until,
};
use syncline::{Job, Promise};

/// How many links a chain has.
const LINKS: usize = 200_000;

/// Behind so many links a callback is the deepest that runs inside of others.
const LAST: usize = 31;

/// Up to so many links behind which a callback is tried: at each depth, and put off.
const DEEP: usize = 2 * LAST;

/// A small stack, on which no chain of calls has room.
const STACK: usize = 128 * 1024;

/// Runs something on a thread with a small stack.
fn on_a_small_stack(body: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(body);
    watched(&"a chain", || thread.unwrap().join().unwrap());
}

/// A promise whose value sets off a chain of callbacks that is so long, and what runs last.
fn chain(links: usize, last: impl FnOnce() + Send + 'static) -> Promise<()> {
    let (mut first, job) = Promise::new();
    job.on_done(last);
    job.detach();
    for _ in 0..links {
        let (promise, job) = Promise::new();
        let next = core::mem::replace(&mut first, promise);
        job.on_done(move || next.set(()).unwrap());
        job.detach();
    }
    first
}

/// Runs something in a callback behind so many links.
fn behind(links: usize, body: impl FnOnce() + Send + 'static) {
    let (said, ended) = channel();
    let last = move || {
        body();
        said.send(()).unwrap();
    };
    chain(links, last).set(()).unwrap();
    ended
        .try_recv()
        .expect("a chain has ended when its first link has");
}

/// Keeps the only worker busy until the sender is dropped, with a wait that the pool does not see:
/// nobody takes its place, and what is queued stays there.
fn occupy(pool: &ThreadPool) -> (Sender<()>, Job<()>) {
    let (go, goes_on) = channel::<()>();
    let (begins, begun) = channel();
    let job = pool.submit(move || {
        begins.send(()).unwrap();
        let _gone = goes_on.recv();
    });
    begun.recv().unwrap();
    (go, job)
}

/// A log of what has run.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Vec<&'static str>>>);

impl Log {
    fn note(&self, what: &'static str) {
        self.0.lock().unwrap().push(what);
    }

    fn take(&self) -> Vec<&'static str> {
        core::mem::take(&mut self.0.lock().unwrap())
    }
}

#[test]
fn a_long_chain_of_callbacks_runs_on_a_small_stack() {
    on_a_small_stack(|| {
        let (last, ended) = Promise::new();
        let first = chain(LINKS, move || last.set(7).unwrap());
        first.set(()).unwrap();
        assert!(ended.is_done());
        assert_eq!(ended.wait().unwrap(), 7);
    });
}

#[test]
fn a_long_chain_of_callbacks_that_come_late_runs_on_a_small_stack() {
    /// Each callback adds the next one to a job that has ended.
    fn link(left: usize, ended: Arc<AtomicUsize>) {
        let (promise, job) = Promise::new();
        promise.set(()).unwrap();
        job.on_done(move || match left {
            0 => drop(ended.fetch_add(1, SeqCst)),
            left => link(left - 1, ended),
        });
        job.detach();
    }

    on_a_small_stack(|| {
        let ended = Arc::new(AtomicUsize::new(0));
        link(LINKS, Arc::clone(&ended));
        assert_eq!(ended.load(SeqCst), 1);
    });
}

#[test]
fn a_long_chain_of_promises_that_are_dropped_runs_on_a_small_stack() {
    on_a_small_stack(|| {
        let (last, ended) = Promise::<()>::new();
        let mut first = last;
        for _ in 0..LINKS {
            let (promise, job) = Promise::<()>::new();
            let next = core::mem::replace(&mut first, promise);
            job.on_done(move || drop(next));
            job.detach();
        }
        drop(first);
        assert!(ended.is_cancelled() && ended.is_done());
        ended.detach();
    });
}

#[test]
fn a_long_chain_of_closures_that_own_the_job_before_them_is_cancelled_on_a_small_stack() {
    on_a_small_stack(|| {
        let pool = ThreadPool::new(1);
        let (go, busy) = occupy(&pool);
        let dropped = Arc::new(AtomicUsize::new(0));
        let mut last = pool.submit(|| ()).cancel_on_drop();
        for _ in 0..LINKS {
            let counted = Counted(Arc::clone(&dropped));
            last = pool
                .submit(move || {
                    let _counted = counted;
                    last.wait().unwrap();
                })
                .cancel_on_drop();
        }
        drop(last);
        assert_eq!(dropped.load(SeqCst), LINKS);
        drop(go);
        busy.wait().unwrap();
    });
}

struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn what_is_put_off_runs_in_the_order_of_nested_calls() {
    /// Two callbacks, each of which sets off two more.
    fn tree(log: &Log) -> Promise<()> {
        let leaves = |one: &'static str, other: &'static str| {
            let (promise, job) = Promise::new();
            for what in [one, other] {
                let log = log.clone();
                job.on_done(move || log.note(what));
            }
            job.detach();
            promise
        };
        let (root, job) = Promise::new();
        let below = [("a", leaves("a1", "a2"), leaves("a3", "a4"))];
        let below = below
            .into_iter()
            .chain([("b", leaves("b1", "b2"), leaves("b3", "b4"))]);
        for (what, first, second) in below {
            let log = log.clone();
            job.on_done(move || {
                log.note(what);
                first.set(()).unwrap();
                second.set(()).unwrap();
            });
        }
        job.detach();
        root
    }

    let log = Log::default();
    tree(&log).set(()).unwrap();
    let nested = log.take();
    assert_eq!(
        nested,
        ["a", "a1", "a2", "a3", "a4", "b", "b1", "b2", "b3", "b4"]
    );
    for links in 0..DEEP {
        let root = tree(&log);
        chain(links, move || root.set(()).unwrap()).set(()).unwrap();
        assert_eq!(log.take(), nested, "behind {links} links");
    }
}

#[test]
fn a_callback_that_waits_for_the_effect_of_what_it_has_set_does_not_deadlock() {
    /// Ways to wait for the effect of a callback of this job.
    type Wait = fn(Promise<()>, Job<()>);
    let waits: [Wait; 9] = [
        |promise, job| {
            let (event, told) = (Arc::new(Event::new()), Arc::new(Event::new()));
            job.on_done({
                let event = Arc::clone(&event);
                move || event.set()
            });
            event.wait_timeout(Duration::ZERO).unwrap_err();
            told.set();
            promise.set(()).unwrap();
            event.wait();
        },
        |promise, job| {
            let queue = Arc::new(Queue::unbounded());
            job.on_done({
                let queue = Arc::clone(&queue);
                move || queue.put(7).unwrap()
            });
            promise.set(()).unwrap();
            assert_eq!(queue.get(), Ok(7));
        },
        |promise, job| {
            let semaphore = Arc::new(Semaphore::new(0));
            job.on_done({
                let semaphore = Arc::clone(&semaphore);
                move || semaphore.release(1).unwrap()
            });
            promise.set(()).unwrap();
            drop(semaphore.acquire());
        },
        |promise, job| {
            let lock = Arc::new(Lock::new(()));
            let guard = lock.lock_owned();
            job.on_done(move || drop(guard));
            promise.set(()).unwrap();
            drop(lock.lock());
        },
        |promise, job| {
            let both = Arc::new((Lock::new(false), Condition::new()));
            job.on_done({
                let both = Arc::clone(&both);
                move || {
                    *both.0.lock() = true;
                    both.1.notify_all();
                }
            });
            promise.set(()).unwrap();
            let mut guard = both.0.lock();
            // The callback needs the lock, which is free only while this waits.
            while !*guard {
                guard = both.1.wait(guard);
            }
        },
        |promise, job| {
            let barrier = Arc::new(Barrier::new(2));
            let other = Arc::new(Mutex::new(None));
            job.on_done({
                let (barrier, other) = (Arc::clone(&barrier), Arc::clone(&other));
                move || {
                    let arrives = std::thread::spawn(move || barrier.wait().unwrap());
                    *other.lock().unwrap() = Some(arrives);
                }
            });
            promise.set(()).unwrap();
            barrier.wait().unwrap();
            let other = other.lock().unwrap().take();
            let _arrival = other.unwrap().join().unwrap();
        },
        |promise, job| {
            let (effect, ended) = Promise::new();
            job.on_done(move || effect.set(7).unwrap());
            promise.set(()).unwrap();
            assert_eq!(ended.wait().unwrap(), 7);
        },
        |promise, job| {
            let (effect, ended) = Promise::new();
            job.on_done(move || effect.set(7).unwrap());
            // What is set while the future is polled counts as well.
            block_on(async {
                promise.set(()).unwrap();
                assert_eq!(ended.await.unwrap(), 7);
            });
        },
        |promise, job| {
            let (effect, ended) = Promise::new();
            job.on_done(move || effect.set(7).unwrap());
            promise.set(()).unwrap();
            assert_eq!(thread::wait([&ended], Until::All, None).done, [0]);
            ended.detach();
        },
    ];
    for wait in waits {
        watched(&"a callback", || {
            for links in 0..DEEP {
                behind(links, move || {
                    let (promise, job) = Promise::new();
                    wait(promise, job);
                });
            }
        });
    }
}

#[test]
fn many_callbacks_that_block_are_not_nested_in_each_other() {
    const MANY: usize = 3_000;
    on_a_small_stack(|| {
        let (ask, asked) = channel::<Promise<()>>();
        // Answers each callback, so that each blocks until then.
        let answers = std::thread::spawn(move || {
            let answered = asked.into_iter().map(|promise| promise.set(()).unwrap());
            answered.count()
        });
        behind(LAST, move || {
            for _ in 0..MANY {
                let ask = ask.clone();
                chain(0, move || {
                    let (promise, job) = Promise::new();
                    ask.send(promise).unwrap();
                    job.wait().unwrap();
                })
                .set(())
                .unwrap();
            }
        });
        assert_eq!(answers.join().unwrap(), MANY);
    });
}

#[test]
fn a_panic_of_what_is_put_off_stops_nothing() {
    let log = Log::default();
    behind(LAST, {
        let log = log.clone();
        move || {
            for number in 0..3 {
                let log = log.clone();
                chain(0, move || {
                    log.note("runs");
                    assert!(number != 1, "on purpose");
                })
                .set(())
                .unwrap();
            }
        }
    });
    assert_eq!(log.take().len(), 3);
}

#[test]
fn a_panic_that_leaves_the_outermost_callback_leaves_nothing_behind() {
    let log = Log::default();
    let (promise, job) = Promise::new();
    promise.set(()).unwrap();
    let root = chain(DEEP, {
        let log = log.clone();
        move || log.note("last")
    });
    let thrown = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| {
        job.on_done(move || {
            root.set(()).unwrap();
            panic!("at once");
        });
    }));
    assert!(thrown.is_err());
    assert_eq!(log.take(), ["last"]);
    // And the thread is as it was.
    behind(DEEP, || ());
    job.detach();
}

#[test]
fn jobs_that_are_taken_as_they_end_are_told_of_at_once() {
    behind(LAST, || {
        let (promise, job) = Promise::new();
        let log = Log::default();
        job.on_done({
            let log = log.clone();
            move || log.note("put off")
        });
        let mut ended = thread::as_completed([job]);
        promise.set(7).unwrap();
        // One look, which waits for nothing.
        let first = ended.next_timeout(Duration::ZERO).unwrap().unwrap();
        assert_eq!(first.1.wait().unwrap(), 7);
        assert!(log.take().is_empty());
    });
}

#[test]
fn a_job_that_a_deep_callback_cancels_is_over_when_it_is_waited_for() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&pool, || {
        let (go, busy) = occupy(&pool);
        let dropped = Arc::new(AtomicUsize::new(0));
        let counted = Counted(Arc::clone(&dropped));
        let job = pool.submit(move || drop(counted));
        behind(LAST, move || {
            assert!(job.cancel() && job.is_cancelled());
            // The closure is dropped when this is over, or blocks.
            assert!(!job.is_done());
            job.wait().unwrap_err();
        });
        assert_eq!(dropped.load(SeqCst), 1);
        drop(go);
        busy.wait().unwrap();
    });
}
