//! The limits of the machine: stripped loops that no primitive can beat.
//!
//! They explain the other cells: a lock that costs two read-modify-writes cannot
//! be faster than two read-modify-writes. Those of pools are in `limits_pool.rs`.

#![expect(unsafe_code, reason = "system calls are measured bare")]

use core::hint::{black_box, spin_loop};
use core::ptr;
use core::sync::atomic::{
    AtomicU32, AtomicU64, AtomicUsize,
    Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst},
    compiler_fence,
};
use std::thread;
use std::time::Instant;

use super::event::set_all;
use super::wake::round_trips;
use crate::cell::{Cell, Effort, Sample, peers};
use crate::executor::{on_tokio, round_robin, yield_now};
use crate::peers::{Flag, Signal, StdFlag};
use crate::stopwatch::Stopwatch;
use crate::threads::{compete, work_200_ns};

/// Tasks that yield in turn.
const YIELDING: u64 = 64;

/// The cells about the machine.
pub(super) fn cells() -> Vec<Cell> {
    let mut cells = vec![lock_shapes(), nested_pair(), calls()];
    cells.push(peers!(
        Cell::counted(
            "limits/futex_round_trip",
            20,
            "round trip of a token between two threads, bare futex"
        )
        .of_threads(),
        P => round_trips::<P>,
        {
            "futex" => Futex<0>,
            "futex:after_10_yields" => Futex<10>,
        }
    ));
    for threads in [2, 4, 8] {
        cells.push(
            Cell::timed(
                format!("limits/no_lock_200ns/{threads}"),
                60,
                "200 ns of work on each of several threads, no lock",
            )
            .of_threads()
            .peer("work", move |effort| {
                compete(threads, effort, |_| work_200_ns(), || {})
            }),
        );
    }
    for waiters in [16, 64] {
        cells.push(
            Cell::counted(
                format!("limits/wake_each/{waiters}"),
                10,
                "sleeping threads woken by one futex call each, until the last runs, per thread",
            )
            .at_least(20 * waiters as u64)
            .of_threads()
            .peer("futex", move |effort| {
                set_all::<OneWordEach>(effort, waiters)
            })
            .peer("std", move |effort| set_all::<StdFlag>(effort, waiters)),
        );
    }
    cells.push(
        Cell::counted("limits/yield", 5, "one yield of one of 64 tasks")
            .peer("ours", |effort| yields(effort, false))
            .peer("tokio", |effort| yields(effort, true)),
    );
    cells
}

/// Repeats a step and times it.
fn repeat(effort: &Effort, mut step: impl FnMut()) -> Sample {
    let start = Stopwatch::start();
    for _ in 0..effort.ops {
        step();
    }
    Sample::new(start.elapsed(), effort.ops)
}

/// Two words as in a lock: is it free, does anybody wait.
#[derive(Default)]
struct Words {
    state: AtomicU32,
    waiters: AtomicU32,
}

/// The innermost pair of a re-entrant lock, down to its loads and stores: whose it is, and how deep,
/// in one word that a thread-local number is compared with; or in two, without any check of the depth.
fn nested_pair() -> Cell {
    thread_local! {
        static ME: core::cell::Cell<u64> = const { core::cell::Cell::new(7 << 16) };
    }
    Cell::counted(
        "limits/nested_pair",
        5,
        "one level more and one less, one thread",
    )
    .with_instructions()
    .peer("one_checked_word", |effort| {
        let word = AtomicU64::new((7 << 16) | 1);
        let word = black_box(&word);
        repeat(effort, || {
            let (me, up) = (ME.get(), word.load(Relaxed));
            assert!(up & !0xffff == me && up & 0xffff != 0xffff);
            word.store(up + 1, Relaxed);
            black_box(&(word, me));
            let down = word.load(Relaxed);
            assert_eq!(down & !0xffff, me);
            word.store(down - 1, Relaxed);
        })
    })
    .peer("count_alone", |effort| {
        let pair = (AtomicU64::new(7 << 16), core::cell::Cell::new(1_u64));
        let pair = black_box(&pair);
        repeat(effort, || {
            assert_eq!(pair.0.load(Relaxed), ME.get());
            pair.1.set(pair.1.get() + 1);
            black_box(&pair);
            pair.1.set(pair.1.get() - 1);
        })
    })
}

/// Lock and unlock, down to the atomics.
fn lock_shapes() -> Cell {
    Cell::counted(
        "limits/lock_shapes",
        5,
        "the atomics of lock + unlock, one thread",
    )
    .with_instructions()
    .peer("rmw+store", |effort| {
        shape(effort, |words| {
            take(words);
            words.state.store(0, Release);
        })
    })
    .peer("rmw+rmw", |effort| {
        shape(effort, |words| {
            take(words);
            black_box(words.state.swap(0, Release));
        })
    })
    .peer("rmw+store+load", |effort| {
        shape(effort, |words| {
            take(words);
            words.state.store(0, Release);
            compiler_fence(SeqCst);
            black_box(words.waiters.load(Relaxed));
        })
    })
    .peer("rmw+store+fence+load", |effort| {
        shape(effort, |words| {
            take(words);
            words.state.store(0, Release);
            core::sync::atomic::fence(SeqCst);
            black_box(words.waiters.load(Relaxed));
        })
    })
    .peer("store+store", |effort| {
        shape(effort, |words| {
            words.state.store(1, Relaxed);
            words.state.store(0, Release);
        })
    })
}

/// The locking half, which all shapes but the last share.
#[inline]
fn take(words: &Words) {
    let taken = words.state.compare_exchange(0, 1, Acquire, Relaxed);
    black_box(taken.is_ok());
}

fn shape(effort: &Effort, step: impl Fn(&Words)) -> Sample {
    let words = Words::default();
    repeat(effort, || step(black_box(&words)))
}

/// Single calls.
fn calls() -> Cell {
    Cell::counted("limits/calls", 5, "one call")
        .peer("pause", |effort| repeat(effort, spin_loop))
        .peer("clock", |effort| {
            repeat(effort, || {
                black_box(Instant::now());
            })
        })
        .peer("getppid", |effort| {
            repeat(effort, || {
                // SAFETY: this call takes nothing and always succeeds.
                black_box(unsafe { libc::getppid() });
            })
        })
        .peer("empty_futex_wake", |effort| {
            let word = AtomicU32::new(0);
            repeat(effort, || futex_wake(&word))
        })
        .peer("sched_yield", |effort| repeat(effort, thread::yield_now))
        .peer("membarrier", |effort| {
            membarrier(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
            repeat(effort, || {
                membarrier(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED);
            })
        })
        .peer("spawn+join", |effort| {
            // On the wall: the calling thread sleeps most of the time.
            let start = Instant::now();
            for _ in 0..effort.ops {
                let joined = thread::spawn(|| {}).join();
                joined.expect("an empty thread does not panic");
            }
            Sample::new(start.elapsed(), effort.ops)
        })
}

fn membarrier(command: libc::c_int) {
    // SAFETY: this call takes no pointers.
    black_box(unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) });
}

/// A token on a bare futex, taken after so many yields.
struct Futex<const YIELDS: u32> {
    given: AtomicU32,
}

impl<const YIELDS: u32> Signal for Futex<YIELDS> {
    fn new() -> Self {
        Self {
            given: AtomicU32::new(0),
        }
    }

    fn give(&self) {
        // ORDERING: Release pairs with the Acquire in `take`: the taker sees what
        // happened before the token was given.
        self.given.store(1, Release);
        futex_wake(&self.given);
    }

    fn take(&self) {
        for _ in 0..YIELDS {
            // ORDERING: Relaxed: only says when it is worth looking closer.
            if self.given.load(Relaxed) != 0 {
                break;
            }
            thread::yield_now();
        }
        // ORDERING: Acquire pairs with the Release in `give`.
        while self.given.swap(0, Acquire) == 0 {
            futex_wait(&self.given);
        }
    }
}

fn futex_wake(word: &AtomicU32) {
    let operation = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: the word outlives the call, which only uses its address.
    black_box(unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), operation, 1) });
}

/// Sleeps while the word is 0.
fn futex_wait(word: &AtomicU32) {
    let operation = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
    let forever = ptr::null::<libc::timespec>();
    // SAFETY: the word outlives the call, and no timeout is given.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), operation, 0, forever) };
}

/// A flag whose waiters sleep on a word each, as they must who can be woken one by one. No lock, no
/// list.
struct OneWordEach {
    words: [AtomicU32; 64],
    waiting: AtomicUsize,
}

// ORDERING: Release and Acquire on a word: the waiter sees what happened before the set. AcqRel on
// `waiting`: the setter sees every waiter that has drawn a word.
impl Flag for OneWordEach {
    fn new() -> Self {
        Self {
            words: [const { AtomicU32::new(0) }; 64],
            waiting: AtomicUsize::new(0),
        }
    }

    fn set(&self) {
        for word in &self.words[..self.waiting.load(Acquire)] {
            word.store(1, Release);
            futex_wake(word);
        }
    }

    fn clear(&self) {
        for word in &self.words {
            word.store(0, Release);
        }
        self.waiting.store(0, Release);
    }

    fn wait(&self) {
        let word = &self.words[self.waiting.fetch_add(1, AcqRel)];
        while word.load(Acquire) == 0 {
            futex_wait(word);
        }
    }
}

/// Tasks that do nothing but yield.
fn yields(effort: &Effort, on_tokios: bool) -> Sample {
    let turns = effort.ops.div_ceil(YIELDING);
    let tasks: Vec<_> = (0..YIELDING)
        .map(|_| {
            Box::pin(async move {
                for _ in 0..turns {
                    yield_now().await;
                }
            })
        })
        .collect();
    let elapsed = if on_tokios {
        on_tokio(Stopwatch::start, tasks)
    } else {
        round_robin(tasks)
    };
    Sample::new(elapsed, turns * YIELDING)
}
