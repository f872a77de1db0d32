//! Threads and tasks that do random things to one primitive until the time is over.

use crate::watch::watchdog;
use core::fmt::Debug;
use core::hash::{BuildHasher, Hasher};
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::collections::hash_map::RandomState;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

/// How long one test runs.
const TIME: Duration = Duration::from_secs(30);

/// More than there are processors, so that holders are interrupted.
const THREADS: usize = 6;

/// Tasks on tokio's scheduler, beside the threads.
const TASKS: usize = 12;

/// A random number generator (xorshift).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new() -> Self {
        Self(RandomState::new().build_hasher().finish() | 1)
    }

    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }

    /// From nothing up to a few hundred microseconds: around what a wait takes.
    pub(crate) fn timeout(&mut self) -> Duration {
        Duration::from_micros(self.roll(300) as u64)
    }
}

/// Something to be done by a task.
pub(crate) type Task<'a> = Pin<Box<dyn Future<Output = u64> + Send + 'a>>;

/// What a worker does to the primitive; each answers how much it has done.
pub(crate) trait Work: Debug + Send + Sync + 'static {
    /// One thing that may block the thread.
    fn block(&self, dice: &mut Dice) -> u64;

    /// One thing for a task.
    fn poll<'a>(&'a self, dice: &'a mut Dice) -> Task<'a>;

    /// Panics unless everything adds up when nobody is at work any more.
    fn assert_conserved(&self, done: u64);
}

/// Runs `work` on threads and on tasks of tokio until the time is over; each worker must have got
/// through, and all must add up.
pub(crate) fn run(name: &str, work: impl Work) {
    let work = Arc::new(work);
    let state = || format!("{work:?}");
    let done = watchdog(name, 4 * TIME, state, || {
        let end = Instant::now() + TIME;
        let block = |_| {
            let work = Arc::clone(&work);
            thread::spawn(move || {
                let mut dice = Dice::new();
                let (mut done, mut turns) = (0, 0_u64);
                while Instant::now() < end {
                    done += work.block(&mut dice);
                    turns += 1;
                }
                assert!(turns > 0);
                done
            })
        };
        let threads: Vec<_> = (0..THREADS).map(block).collect();
        let polled = on_tokio(&work, end);
        let blocked = threads.into_iter().map(|thread| thread.join().unwrap());
        polled + blocked.sum::<u64>()
    });
    assert!(done > 0);
    work.assert_conserved(done);
}

fn on_tokio(work: &Arc<impl Work>, end: Instant) -> u64 {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let poll = |_| {
            let work = Arc::clone(work);
            tokio::spawn(async move {
                let mut dice = Dice::new();
                let mut done = 0;
                while Instant::now() < end {
                    done += work.poll(&mut dice).await;
                    tokio::task::yield_now().await;
                }
                done
            })
        };
        let tasks: Vec<_> = (0..TASKS).map(poll).collect();
        let mut done = 0;
        for task in tasks {
            done += task.await.unwrap();
        }
        done
    })
}

/// Polls a future a few times, then drops it, done or not.
pub(crate) fn poll_and_drop<T>(dice: &mut Dice, future: impl Future<Output = T>) -> Option<T> {
    let mut future = core::pin::pin!(future);
    let cx = &mut Context::from_waker(Waker::noop());
    for _ in 0..=dice.roll(3) {
        if let Poll::Ready(value) = future.as_mut().poll(cx) {
            return Some(value);
        }
        thread::yield_now();
    }
    None
}
