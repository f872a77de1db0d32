//! Models that ask more of the queues than that nothing is lost: every history must be one that a
//! sequential queue could have had, with each operation taking effect at some moment between its
//! call and its return (linearizability: Herlihy and Wing, 1990).

use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::Arc;

use syncline::internals::Quiet;
use syncline::loom::thread::spawn;
use syncline::thread::{LifoQueue, PriorityQueue, Queue};

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

/// What it found: the item, or `None` for a full or an empty queue.
type Found = Option<usize>;

/// One operation of a history, between two moments.
#[derive(Clone, Copy, Debug)]
struct Event {
    call: Call,
    found: Found,
    begin: usize,
    end: usize,
}

/// What the histories are of.
trait Kept: Quiet + Send + Sync + 'static {
    fn new() -> Self;
    fn run(&self, call: Call) -> Found;
    /// Which of these, the oldest first, comes out next.
    fn next(items: &[usize]) -> Option<usize>;
}

macro_rules! kept {
    ($Kind:ty, |$x:ident| ($($put:expr),+), |$got:ident| $item:expr, |$items:ident| $next:expr) => {
        impl Kept for $Kind {
            fn new() -> Self {
                Self::bounded(CAPACITY)
            }

            fn run(&self, call: Call) -> Found {
                match call {
                    TryPut($x) => self.try_put($($put),+).ok().map(|()| $x),
                    Put($x) => self.put($($put),+).ok().map(|()| $x),
                    TryGet => self.try_get().ok().map(|$got| $item),
                    Get => self.get().ok().map(|$got| $item),
                }
            }

            fn next($items: &[usize]) -> Option<usize> {
                $next
            }
        }
    };
}

kept!(Queue<usize>, |x| (x), |got| got, |items| {
    (!items.is_empty()).then_some(0)
});
kept!(LifoQueue<usize>, |x| (x), |got| got, |items| items
    .len()
    .checked_sub(1));
kept!(
    PriorityQueue<usize, usize>,
    |x| (x, x),
    |got| got.1,
    |items| (0..items.len()).min_by_key(|&at| items[at])
);

/// Whether the operations can be put into an order that a sequential queue would have had.
fn is_linearizable<Q: Kept>(left: &[Event], items: &[usize]) -> bool {
    let Some(first_end) = left.iter().map(|event| event.end).min() else {
        return true;
    };
    // Whatever began after another one had ended cannot come before it.
    (0..left.len())
        .filter(|&at| left[at].begin < first_end)
        .any(|at| {
            let event = left[at];
            let mut items = items.to_vec();
            let found = match event.call {
                TryPut(item) | Put(item) => (items.len() < CAPACITY).then(|| {
                    items.push(item);
                    item
                }),
                TryGet | Get => Q::next(&items).map(|at| items.remove(at)),
            };
            let rest: Vec<Event> = [&left[..at], &left[at + 1..]].concat();
            found == event.found && is_linearizable::<Q>(&rest, &items)
        })
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
                call,
                found,
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
        is_linearizable::<Q>(&history, &[]),
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
    check_histories::<PriorityQueue<usize, usize>>(check, TRIES);
}

fn least_waits(check: Check) {
    check_histories::<PriorityQueue<usize, usize>>(check, WAITS);
}
