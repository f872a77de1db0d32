//! The limits of forks and of spawned children: an allocation with two or three owners, its way through
//! a worker's deque, the exchanges of its word, one count. There is no line, no callback, no panic, no
//! identity and no end.

use core::hint::black_box;
use core::sync::atomic::{
    AtomicBool, AtomicU64, AtomicUsize,
    Ordering::{AcqRel, Acquire, Relaxed, SeqCst},
    fence,
};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use crossbeam_deque::{Stealer, Worker};
use parking_lot::Mutex;
use slab::Slab;

use super::group::CHILDREN;
use super::pool::{DEPTH, FORKS};
use crate::cell::{Cell, Effort, Sample};
use crate::peers::WORKERS;
use crate::place;
use crate::stopwatch::Stopwatch;

/// As large as a job of a scope, with the counts of its allocation.
const LARGE_FORK: usize = 20;
/// As large as a child of a group, with the counts of its allocation.
const LARGE_CHILD: usize = 23;
/// No larger than it must be.
const SMALL: usize = 0;

/// The cells about forks and children.
pub(super) fn cells() -> Vec<Cell> {
    vec![
        Cell::counted(
            "limits/fork",
            10,
            "pool/fork: two owners, a deque, a fence, two compare-exchanges, one count",
        )
        .at_least(FORKS)
        .of_threads()
        .peer("small", forks::<SMALL>)
        .peer("large", forks::<LARGE_FORK>),
        Cell::counted(
            "limits/group/100k",
            5,
            "group/empty: an owner that is dropped, a deque, a fence, a swap, a compare-exchange",
        )
        .at_least(CHILDREN)
        .peer("counted:small", children::<SMALL, Counted>)
        .peer("counted:large", children::<LARGE_CHILD, Counted>)
        .peer("known:small", children::<SMALL, Known<_>>)
        .peer("known:large", children::<LARGE_CHILD, Known<_>>),
    ]
}

const QUEUED: usize = 0;
const RUNNING: usize = 1;
const DONE: usize = 2;

/// A job, and nothing else.
struct Stripped<const WORDS: usize> {
    word: AtomicUsize,
    value: AtomicU64,
    rest: [u64; WORDS],
}

impl<const WORDS: usize> Stripped<WORDS> {
    fn new(value: u64) -> Self {
        Self {
            word: AtomicUsize::new(QUEUED),
            value: AtomicU64::new(value),
            rest: [0; WORDS],
        }
    }

    /// Ends it by one exchange.
    fn end(&self) {
        let ended = (self.word).compare_exchange(QUEUED, DONE, AcqRel, Relaxed);
        assert!(ended.is_ok(), "a job ended twice");
    }

    fn run(&self, body: impl FnOnce(u64) -> u64) {
        // ORDERING: AcqRel: Release publishes the value to the Acquire in `is_done`.
        let claimed = (self.word).compare_exchange(QUEUED, RUNNING, AcqRel, Relaxed);
        assert!(claimed.is_ok(), "a job came twice");
        let value = body(self.value.load(Relaxed));
        self.value.store(value, Relaxed);
        let ended = (self.word).compare_exchange(RUNNING, DONE, AcqRel, Relaxed);
        assert!(ended.is_ok(), "a job ended twice");
    }

    fn is_done(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `run`.
        self.word.load(Acquire) == DONE
    }

    fn value(&self) -> u64 {
        black_box(&self.rest);
        self.value.load(Relaxed)
    }
}

type Queued<const WORDS: usize> = Arc<Stripped<WORDS>>;

/// Two threads that fork.
struct Crew<const WORDS: usize> {
    stealers: Vec<Stealer<Queued<WORDS>>>,
    left: AtomicUsize,
}

impl<const WORDS: usize> Crew<WORDS> {
    fn steal(&self, own: &Worker<Queued<WORDS>>) -> Option<Queued<WORDS>> {
        let mut others = self.stealers.iter();
        others.find_map(|other| other.steal_batch_and_pop(own).success())
    }

    fn run(&self, own: &Worker<Queued<WORDS>>, job: &Stripped<WORDS>) {
        job.run(|n| self.fork(own, n));
        // ORDERING: AcqRel, as at the end of a scope.
        self.left.fetch_sub(1, AcqRel);
    }

    fn fork(&self, own: &Worker<Queued<WORDS>>, n: u64) -> u64 {
        if n < 2 {
            return n;
        }
        let left = Arc::new(Stripped::new(n - 1));
        self.left.fetch_add(1, Relaxed);
        own.push(Arc::clone(&left));
        fence(SeqCst);
        let right = self.fork(own, n - 2);
        while !left.is_done() {
            match own.pop().or_else(|| self.steal(own)) {
                Some(job) => self.run(own, &job),
                None => thread::yield_now(),
            }
        }
        left.value() + right
    }
}

fn forks<const WORDS: usize>(effort: &Effort) -> Sample {
    let mut own: Vec<_> = (0..WORKERS).map(|_| Worker::new_lifo()).collect();
    let crew = Crew::<WORDS> {
        stealers: own.iter().map(Worker::stealer).collect(),
        left: AtomicUsize::new(0),
    };
    let mine = own.pop().expect("there are two");
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for (index, own) in own.into_iter().enumerate() {
            let (crew, stop) = (&crew, &stop);
            scope.spawn(move || {
                place::join(index + 1);
                // ORDERING: Relaxed: only says when to stop.
                while !stop.load(Relaxed) {
                    match own.pop().or_else(|| crew.steal(&own)) {
                        Some(job) => crew.run(&own, &job),
                        None => thread::yield_now(),
                    }
                }
            });
        }
        let fork = || assert_eq!(crew.fork(&mine, black_box(DEPTH)), 6765);
        fork();
        let rounds = effort.ops.div_ceil(FORKS);
        let start = Instant::now();
        (0..rounds).for_each(|_| fork());
        let elapsed = start.elapsed();
        // ORDERING: Relaxed, as above.
        stop.store(true, Relaxed);
        Sample::new(elapsed, rounds * FORKS)
    })
}

/// How a group knows its children.
trait Members<T>: Default {
    fn enter(&self, child: &Arc<T>) -> usize;
    fn leave(&self, key: usize);
}

/// By their number alone: they cannot be cancelled.
#[derive(Default)]
struct Counted(AtomicUsize);

impl<T> Members<T> for Counted {
    fn enter(&self, _child: &Arc<T>) -> usize {
        self.0.fetch_add(1, Relaxed)
    }

    fn leave(&self, _key: usize) {
        // ORDERING: AcqRel: the last one has seen what the others did.
        self.0.fetch_sub(1, AcqRel);
    }
}

/// Each, so that all can be cancelled.
struct Known<T>(Mutex<Slab<Arc<T>>>);

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self(Mutex::new(Slab::new()))
    }
}

impl<T> Members<T> for Known<T> {
    fn enter(&self, child: &Arc<T>) -> usize {
        let child = Arc::clone(child);
        self.0.lock().insert(child)
    }

    fn leave(&self, key: usize) {
        let child = self.0.lock().remove(key);
        drop(child);
    }
}

/// Spawns them all, drops their handles, and then runs them, newest first, as one thread of a pool
/// does. It takes a child out of its deque by a swap, as whoever is woken must be able to see.
fn children<const WORDS: usize, M: Members<(AtomicUsize, Stripped<WORDS>)>>(
    effort: &Effort,
) -> Sample {
    let own = Worker::new_lifo();
    let rounds = effort.ops.div_ceil(CHILDREN);
    let start = Stopwatch::start_for_all_threads();
    for _ in 0..rounds {
        let members = M::default();
        for n in 0..CHILDREN {
            let child = Arc::new((AtomicUsize::new(QUEUED), Stripped::new(n)));
            let handle = Arc::clone(&child);
            let key = members.enter(&child);
            own.push((child, key));
            fence(SeqCst);
            drop(black_box(handle));
        }
        while let Some((child, key)) = own.pop() {
            child.0.swap(RUNNING, AcqRel);
            child.1.end();
            members.leave(key);
            black_box(child.1.value());
        }
    }
    Sample::new(start.elapsed(), rounds * CHILDREN)
}
