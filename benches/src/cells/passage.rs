//! The questions about queues: what it costs an item to come through.

use core::hint::black_box;
use core::time::Duration;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Instant;

use futures::executor::block_on;

use crate::cell::{Effort, Sample};
use crate::executor::{on_tokio, round_robin, yield_now};
use crate::peers::{
    AsyncGetter, AsyncPutter, BatchGetter, BatchPutter, Getter, Putter, Ranked, Singly,
};
use crate::place;
use crate::random::Random;
use crate::stopwatch::Stopwatch;

/// Items that are moved at once in the cells about batches.
pub(crate) const BATCH: u64 = 64;

/// Both ends of a queue that has none.
pub(crate) fn shared<Q>(queue: Q) -> (Arc<Q>, Arc<Q>) {
    let queue = Arc::new(queue);
    (Arc::clone(&queue), queue)
}

/// Both ends, used item by item.
pub(crate) fn singly<P, G>((putter, getter): (P, G)) -> (Singly<P>, Singly<G>) {
    (Singly(putter), Singly(getter))
}

/// The ends of one putter and one getter.
pub(crate) fn single<P, G>(ends: (P, G)) -> Vec<(P, G)> {
    vec![ends]
}

/// The ends of several putters and as many getters.
pub(crate) fn copies<P: Clone, G: Clone>(ends: (P, G), pairs: usize) -> Vec<(P, G)> {
    let mut all = vec![ends];
    all.resize_with(pairs, {
        let first = all[0].clone();
        move || first.clone()
    });
    all
}

/// Put one, get one, on one thread.
pub(crate) fn one_thread<P, G>(effort: &Effort, ends: (P, G)) -> Sample
where
    P: Putter,
    G: Getter,
{
    let (putter, getter) = &mut black_box(ends);
    let start = Stopwatch::start();
    for item in 0..effort.ops {
        putter.put(item);
        black_box(getter.get());
    }
    Sample::new(start.elapsed(), effort.ops)
}

/// The same in a task.
pub(crate) fn await_ready<P, G>(effort: &Effort, ends: (P, G)) -> Sample
where
    P: AsyncPutter,
    G: AsyncGetter,
{
    let (putter, getter) = &mut black_box(ends);
    let elapsed = block_on(async {
        let start = Stopwatch::start();
        for item in 0..effort.ops {
            putter.put(item).await;
            black_box(getter.get().await);
        }
        start.elapsed()
    });
    Sample::new(elapsed, effort.ops)
}

/// Put a batch, get a batch, on one thread.
pub(crate) fn one_thread_in_batches<P, G>(effort: &Effort, ends: (P, G)) -> Sample
where
    P: BatchPutter,
    G: BatchGetter,
{
    let (putter, getter) = &mut black_box(ends);
    let batches = effort.ops.div_ceil(BATCH);
    let start = Stopwatch::start();
    for batch in 0..batches {
        put_batch(putter, batch);
        get_batches(getter, 1);
    }
    Sample::new(start.elapsed(), batches * BATCH)
}

fn put_batch(putter: &mut impl BatchPutter, batch: u64) {
    putter.put_many(batch * BATCH..(batch + 1) * BATCH);
}

/// Gets as many items as there are in so many batches; returns their sum.
fn get_batches(getter: &mut impl BatchGetter, batches: u64) -> u64 {
    let (mut sum, mut missing) = (0_u64, batches * BATCH);
    while missing > 0 {
        getter.get_many(missing.min(BATCH), |item| {
            sum += item;
            missing -= 1;
        });
    }
    sum
}

/// When a thread began and ended, and what it got.
struct Passage {
    start: Instant,
    end: Instant,
    sum: u64,
}

impl Passage {
    /// Waits for the other threads, then works.
    fn of(ready: &Barrier, work: impl FnOnce() -> u64) -> Self {
        ready.wait();
        let start = Instant::now();
        let sum = work();
        let end = Instant::now();
        Self { start, end, sum }
    }
}

/// What all threads took: from the first that began to the last that ended.
///
/// No item may be lost or come twice, or the sum of what was got is wrong.
fn duration(passages: &[Passage], expected: u64) -> Duration {
    let sum: u64 = passages.iter().map(|passage| passage.sum).sum();
    assert_eq!(expected, sum, "items were lost or came twice");
    let start = passages.iter().map(|passage| passage.start).min();
    let end = passages.iter().map(|passage| passage.end).max();
    start
        .zip(end)
        .map_or(Duration::ZERO, |(start, end)| end.duration_since(start))
}

/// The sum of the numbers below `count`.
fn sum_below(count: u64) -> u64 {
    count * count.saturating_sub(1) / 2
}

/// Some threads put, as many others get.
pub(crate) fn threads<P, G>(effort: &Effort, pairs: Vec<(P, G)>) -> Sample
where
    P: Putter,
    G: Getter,
{
    let count = pairs.len() as u64;
    let share = effort.ops.div_ceil(count);
    let ready = &Barrier::new(2 * pairs.len());
    let passages: Vec<Passage> = thread::scope(|scope| {
        let mut workers = Vec::new();
        for (index, (mut putter, mut getter)) in pairs.into_iter().enumerate() {
            workers.push(scope.spawn(move || {
                place::join(2 * index);
                Passage::of(ready, || {
                    (0..share).for_each(|item| putter.put(item));
                    0
                })
            }));
            workers.push(scope.spawn(move || {
                place::join(2 * index + 1);
                Passage::of(ready, || (0..share).map(|_| getter.get()).sum())
            }));
        }
        joined(workers)
    });
    Sample::new(duration(&passages, count * sum_below(share)), count * share)
}

fn joined<T>(workers: Vec<thread::ScopedJoinHandle<'_, T>>) -> Vec<T> {
    workers
        .into_iter()
        .map(|worker| worker.join().expect("a thread of a cell panicked"))
        .collect()
}

/// One thread puts in batches, another gets in batches.
pub(crate) fn threads_in_batches<P, G>(effort: &Effort, ends: (P, G)) -> Sample
where
    P: BatchPutter,
    G: BatchGetter,
{
    let (mut putter, mut getter) = ends;
    let batches = effort.ops.div_ceil(BATCH);
    let ready = &Barrier::new(2);
    let passages: Vec<Passage> = thread::scope(|scope| {
        joined(vec![
            scope.spawn(move || {
                place::join(0);
                Passage::of(ready, || {
                    (0..batches).for_each(|batch| put_batch(&mut putter, batch));
                    0
                })
            }),
            scope.spawn(move || {
                place::join(1);
                Passage::of(ready, || get_batches(&mut getter, batches))
            }),
        ])
    });
    let items = batches * BATCH;
    Sample::new(duration(&passages, sum_below(items)), items)
}

/// A thread puts, a task gets that is alone on another thread.
pub(crate) fn mixed<P, G>(effort: &Effort, ends: (P, G)) -> Sample
where
    P: Putter,
    G: AsyncGetter,
{
    let (putter, getter) = ends;
    threads(effort, vec![(putter, Alone(getter))])
}

/// The getter of a task that is alone on its thread.
struct Alone<G>(G);

impl<G: AsyncGetter> Getter for Alone<G> {
    fn get(&mut self) -> u64 {
        block_on(self.0.get())
    }
}

/// A task that puts or gets.
enum End<P, G> {
    Puts(P),
    Gets(G),
}

impl<P: AsyncPutter, G: AsyncGetter> End<P, G> {
    /// Moves its share of the items; a putter lets the others run after each `stretch`.
    async fn run(self, share: u64, stretch: u64) {
        match self {
            Self::Puts(mut putter) => {
                for item in 0..share {
                    putter.put(item).await;
                    if (item + 1).is_multiple_of(stretch) {
                        yield_now().await;
                    }
                }
            }
            Self::Gets(mut getter) => {
                for _ in 0..share {
                    black_box(getter.get().await);
                }
            }
        }
    }
}

/// The share of each end, and the ends in the order in which they start.
fn shares<P, G>(effort: &Effort, pairs: Vec<(P, G)>) -> (u64, Vec<End<P, G>>) {
    let share = effort.ops.div_ceil(pairs.len() as u64);
    let ends = pairs
        .into_iter()
        .flat_map(|(putter, getter)| [End::Puts(putter), End::Gets(getter)])
        .collect();
    (share, ends)
}

/// Some tasks put, as many others get, on our executor.
pub(crate) fn ours<P, G>(effort: &Effort, pairs: Vec<(P, G)>, stretch: u64) -> Sample
where
    P: AsyncPutter,
    G: AsyncGetter,
{
    let count = pairs.len() as u64;
    let (share, ends) = shares(effort, pairs);
    let tasks = ends
        .into_iter()
        .map(|end| Box::pin(end.run(share, stretch)))
        .collect();
    Sample::new(round_robin(tasks), count * share)
}

/// The same on tokio's current-thread runtime.
pub(crate) fn tokios<P, G>(effort: &Effort, pairs: Vec<(P, G)>) -> Sample
where
    P: AsyncPutter,
    G: AsyncGetter,
{
    let count = pairs.len() as u64;
    let (share, ends) = shares(effort, pairs);
    let tasks = ends
        .into_iter()
        .map(|end| Box::pin(end.run(share, u64::MAX)))
        .collect();
    Sample::new(on_tokio(Stopwatch::start, tasks), count * share)
}

/// Get the least item and put another at random above it, beside so many residents.
///
/// The priorities of the residents stay spread alike however long this goes on.
pub(crate) fn ranked<R: Ranked>(effort: &Effort, residents: u64) -> Sample {
    let queue = R::new();
    let mut random = Random::new();
    for item in 0..residents {
        queue.put(random.below(2 * residents), item);
    }
    let queue = black_box(&queue);
    let start = Stopwatch::start();
    for _ in 0..effort.ops {
        let (least, item) = queue.get();
        queue.put(least + random.below(2 * residents), item);
    }
    Sample::new(start.elapsed(), effort.ops)
}
