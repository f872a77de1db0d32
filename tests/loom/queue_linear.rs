//! Models that ask more of the queues than that nothing is lost: every history must be one that a
//! sequential queue could have had, with each operation taking effect at some moment between its
//! call and its return (linearizability: Herlihy and Wing, 1990).

use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::Arc;

use syncline::internals::Quiet;
use syncline::loom::thread::spawn;
use syncline::thread::{LifoQueue, PriorityQueue, Queue};

use crate::history::{Did, Event, Order, Why, is_linearizable};
use crate::kit::{Check, Model, Run, model};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("queue/thread/histories_of_tries", fifo_tries),
    model!("queue/thread/histories_of_waits", fifo_waits),
    model!("queue/thread/histories_of_tries_newest_first", lifo_tries),
    model!("queue/thread/histories_of_tries_least_first", least_tries),
    model!("queue/thread/histories_of_waits_least_first", least_waits),
];

/// How many items a queue of these models holds.
const CAPACITY: usize = 2;

/// What a thread does.
#[derive(Clone, Copy, Debug)]
enum Call {
    TryPut(usize),
    TryGet,
    Put(usize),
    Get,
}

use Call::{Get, Put, TryGet, TryPut};

/// What the histories are of.
trait Kept: Quiet + Send + Sync + 'static {
    fn new() -> Self;
    const ORDER: Order;
    /// The item that was put or got, or `None` for a full or an empty queue.
    fn run(&self, call: Call) -> Option<usize>;
}

macro_rules! kept {
    ($Kind:ty, |$x:ident| $put:expr, |$got:ident| $item:expr, $order:expr) => {
        impl Kept for $Kind {
            const ORDER: Order = $order;

            fn new() -> Self {
                Self::bounded(CAPACITY)
            }

            fn run(&self, call: Call) -> Option<usize> {
                match call {
                    TryPut($x) => self.try_put($put).ok().map(|()| $x),
                    Put($x) => self.put($put).ok().map(|()| $x),
                    TryGet => self.try_get().ok().map(|$got| $item),
                    Get => self.get().ok().map(|$got| $item),
                }
            }
        }
    };
}

kept!(Queue<usize>, |x| x, |got| got, Order::Oldest);
kept!(LifoQueue<usize>, |x| x, |got| got, Order::Newest);
kept!(
    PriorityQueue<u8, usize>,
    |x| (priority(x), x),
    |got| got.1,
    Order::Least
);

fn priority(item: usize) -> u8 {
    u8::try_from(item).expect("these are few")
}

/// What a thread did that made this call, and found this.
fn did(call: Call, found: Option<usize>) -> Did {
    let why = found.map_or(Why::Nothing, |_| Why::Done);
    match call {
        TryPut(item) | Put(item) => {
            let items = vec![(priority(item), item)];
            Did::Put(items, Some(found.into_iter().count()), why)
        }
        TryGet | Get => {
            let items = found.map(|item| (priority(item), item));
            Did::Got(Vec::from_iter(items), 1, why)
        }
    }
}

/// Two threads carry out their calls; their history must be one of a sequential queue.
fn histories<Q: Kept>(run: Run, calls: [&'static [Call]; 2]) {
    let queue = Arc::new(Q::new());
    // The model's own clock, of which loom and the queue know nothing.
    let clock = Arc::new(AtomicUsize::new(0));
    let record = move |queue: &Q, clock: &AtomicUsize, calls: &[Call]| -> Vec<Event> {
        let events = calls.iter().map(|&call| {
            let begin = clock.fetch_add(1, Relaxed);
            let found = queue.run(call);
            let end = clock.fetch_add(1, Relaxed);
            Event {
                did: did(call, found),
                waits: matches!(call, Put(_) | Get),
                begin,
                end,
            }
        });
        events.collect()
    };
    let other = spawn({
        let (queue, clock) = (Arc::clone(&queue), Arc::clone(&clock));
        move || record(&queue, &clock, calls[1])
    });
    let mut history = record(&queue, &clock, calls[0]);
    let mine = history.len();
    history.extend(other.join().unwrap());
    let (own, others) = history.split_at(mine);
    let overlap = own.iter().any(|one| {
        others
            .iter()
            .any(|other| one.begin < other.end && other.begin < one.end)
    });
    run.saw(if overlap { "overlapping" } else { "one by one" });
    assert!(
        is_linearizable(Q::ORDER, CAPACITY, &history),
        "no sequential queue does this: {history:?}"
    );
    queue.assert_quiet();
}

const TRIES: [&[Call]; 2] = [
    &[TryPut(2), TryGet, TryPut(4)],
    &[TryPut(1), TryPut(3), TryGet],
];
const WAITS: [&[Call]; 2] = [&[Put(2), Put(4), Get], &[Put(1), Get, Get]];

fn check_histories<Q: Kept>(check: Check, calls: [&'static [Call]; 2]) {
    check
        .outcomes(&["overlapping", "one by one"])
        .run(move |run| histories::<Q>(run, calls));
}

fn fifo_tries(check: Check) {
    check_histories::<Queue<usize>>(check, TRIES);
}

fn fifo_waits(check: Check) {
    check_histories::<Queue<usize>>(check, WAITS);
}

fn lifo_tries(check: Check) {
    check_histories::<LifoQueue<usize>>(check, TRIES);
}

fn least_tries(check: Check) {
    check_histories::<PriorityQueue<u8, usize>>(check, TRIES);
}

fn least_waits(check: Check) {
    check_histories::<PriorityQueue<u8, usize>>(check, WAITS);
}
