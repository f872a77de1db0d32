//! The queues among foreign code that misbehaves: destructors, wakers, orders of priority.

use crate::driver::Driver;
use crate::waker::{Call, Probe};
use core::cell::Cell;
use core::cmp::Ordering;
use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Arc;
use syncline::internals::Quiet;
use syncline::task::{PriorityQueue, Queue};
use syncline::{GetError, Shutdown};

/// Traps A15, A59: a waker that puts and gets.
#[test]
fn a_waker_may_use_the_queue_that_wakes_it() {
    let queue = Arc::new(Queue::unbounded());
    let probe = Probe::on(Call::Wake, {
        let queue = Arc::clone(&queue);
        move || {
            queue.try_put(2).unwrap();
            assert_eq!(queue.len(), 2);
            assert_eq!(queue.try_get(), Ok(1));
        }
    });
    let mut getter = Driver::with(queue.get(), probe);
    getter.pending();
    queue.try_put(1).unwrap();
    assert_eq!(getter.woken(), Ok(2));
    queue.assert_quiet();
}

/// As above, for clones and drops of wakers.
#[test]
fn a_waker_may_use_the_queue_that_clones_and_drops_it() {
    let queue = Arc::new(Queue::bounded(1));
    let probe = Probe::reacting({
        let queue = Arc::clone(&queue);
        move |_| assert!(queue.len() <= queue.capacity().unwrap_or(0))
    });
    let mut getter = Driver::with(queue.get(), probe);
    getter.pending();
    getter.pending();
    queue.try_put(1).unwrap();
    drop(getter);
    assert_eq!(queue.try_get(), Ok(1));
    queue.assert_quiet();
}

/// An item whose destructor uses the queue, and may panic.
struct Clinging {
    queue: Arc<Queue<Clinging>>,
    panics: bool,
}

impl Drop for Clinging {
    fn drop(&mut self) {
        // Would deadlock if it ran under the lock.
        let _len = self.queue.len();
        let _full = self.queue.is_full();
        assert!(!self.panics, "this destructor panics");
    }
}

fn clinging(queue: &Arc<Queue<Clinging>>, panics: bool) -> Clinging {
    Clinging {
        queue: Arc::clone(queue),
        panics,
    }
}

/// Trap A15.
#[test]
fn an_item_may_use_the_queue_that_drops_it() {
    let queue = Arc::new(Queue::bounded(2));
    queue.try_put(clinging(&queue, false)).ok().unwrap();
    queue.try_put(clinging(&queue, false)).ok().unwrap();
    drop(queue.try_put(clinging(&queue, false)));
    drop(Driver::waiting(queue.put(clinging(&queue, false))));
    let put = Driver::waiting(queue.put(clinging(&queue, false)));
    drop(queue.try_get());
    drop(put);
    let waits = Driver::waiting(queue.put_many([clinging(&queue, false), clinging(&queue, false)]));
    assert_eq!(queue.shutdown(Shutdown::Immediate), 2);
    drop(waits.woken());
    queue.assert_quiet();
}

#[test]
fn a_destructor_that_panics_leaves_the_queue_shut_down_and_empty() {
    let queue = Arc::new(Queue::unbounded());
    for panics in [false, true, false] {
        queue.try_put(clinging(&queue, panics)).ok().unwrap();
    }
    let getter = Driver::waiting(queue.join());
    catch_unwind(AssertUnwindSafe(|| queue.shutdown(Shutdown::Immediate))).unwrap_err();
    getter.woken();
    assert!(queue.is_empty() && queue.is_shut_down());
    assert_eq!((queue.unfinished(), Arc::strong_count(&queue)), (0, 1));
    queue.assert_quiet();
}

#[test]
fn a_panicking_waker_costs_neither_its_item_nor_the_wakes_of_others() {
    let queue = Queue::unbounded();
    let mut first = Driver::with(queue.get(), Probe::panicking());
    first.pending();
    let second = Driver::waiting(queue.get());
    let put = catch_unwind(AssertUnwindSafe(|| queue.try_put(1)));
    put.unwrap_err();
    assert_eq!(queue.len(), 1);
    queue.try_put(2).unwrap();
    assert_eq!(second.woken(), Ok(1));
    assert_eq!(first.ready(), Ok(2));
    queue.assert_quiet();
}

/// A get returns its item even if the putter that it wakes has a waker that panics.
#[test]
fn a_panicking_waker_of_a_putter_does_not_lose_what_was_got() {
    let queue = Queue::bounded(1);
    queue.try_put(1).unwrap();
    let mut putter = Driver::with(queue.put(2), Probe::panicking());
    putter.pending();
    assert_eq!(queue.try_get(), Ok(1));
    putter.ready().unwrap();
    assert_eq!(queue.drain(), [2]);
    let mut many = Driver::with(queue.put_many([3, 4]), Probe::panicking());
    many.pending();
    assert_eq!(queue.drain(), [3]);
    many.ready().unwrap();
    queue.assert_quiet();
}

thread_local! {
    /// How many comparisons may still be made on this thread.
    static BUDGET: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// A priority whose comparisons panic when they have used up the budget.
#[derive(Debug)]
struct Brittle(u32);

impl Ord for Brittle {
    fn cmp(&self, other: &Self) -> Ordering {
        let left = BUDGET.get().checked_sub(1).expect("the budget is used up");
        BUDGET.set(left);
        self.0.cmp(&other.0)
    }
}

impl PartialOrd for Brittle {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Brittle {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Brittle {}

/// Runs something with few comparisons; it must panic.
#[track_caller]
fn fails<R>(budget: usize, body: impl FnOnce() -> R) {
    BUDGET.set(budget);
    let result = catch_unwind(AssertUnwindSafe(body));
    BUDGET.set(usize::MAX);
    assert!(result.is_err(), "should have panicked");
}

fn seven() -> PriorityQueue<Brittle, u32> {
    let queue = PriorityQueue::bounded(8);
    for item in [5, 1, 6, 2, 4, 3, 7] {
        queue.try_put(Brittle(item), item).unwrap();
    }
    queue
}

/// Trap A16.
#[test]
fn an_order_that_panics_leaves_the_queue_its_count_and_its_waiters() {
    let queue = seven();
    fails(0, || queue.try_put(Brittle(0), 0));
    fails(0, || queue.try_get());
    fails(1, || queue.try_get());
    fails(0, || queue.drain());
    fails(0, || Driver::new(queue.get_many(3)).ready());
    fails(0, || Driver::new(queue.put_many([(Brittle(0), 0)])).ready());
    let slot = queue.try_reserve().unwrap();
    fails(0, || slot.put(Brittle(0), 0));
    assert_eq!((queue.len(), queue.unfinished()), (7, 7));
    // Some were taken before the panic: they are not lost.
    BUDGET.set(6);
    let some = Driver::new(queue.get_many(7)).ready().unwrap();
    BUDGET.set(usize::MAX);
    let rest = queue.drain();
    assert!(!some.is_empty() && !rest.is_empty());
    let all: Vec<_> = some.into_iter().chain(rest).map(|(_, item)| item).collect();
    assert_eq!(all, [1, 2, 3, 4, 5, 6, 7]);
    queue.assert_quiet();
}

#[test]
fn an_order_that_panics_in_a_granted_get_leaves_the_item_to_the_next() {
    let queue = PriorityQueue::unbounded();
    let mut first = Driver::waiting(queue.get());
    let mut many = Driver::waiting(queue.get_many(1));
    let third = Driver::waiting(queue.get());
    let late = Driver::waiting(queue.get());
    for item in [3, 1, 2] {
        queue.try_put(Brittle(item), item).unwrap();
    }
    fails(0, || first.poll());
    assert!(late.is_woken(), "it was given the reservation");
    let next = Driver::waiting(queue.get_many(1));
    fails(0, || many.poll());
    drop((first, many));
    let got = [
        late.woken().unwrap().1,
        third.woken().unwrap().1,
        next.woken().unwrap()[0].1,
    ];
    assert_eq!(got, [1, 2, 3]);
    assert_eq!(queue.try_get().unwrap_err(), GetError::Empty);
    queue.assert_quiet();
}

#[test]
fn an_order_that_panics_in_a_granted_put_leaves_the_place_to_the_next() {
    let queue = seven();
    queue.try_put(Brittle(8), 8).unwrap();
    let mut first = Driver::waiting(queue.put(Brittle(0), 0));
    let mut many = Driver::waiting(queue.put_many([(Brittle(0), 0)]));
    let third = Driver::waiting(queue.put(Brittle(9), 9));
    queue.try_get().unwrap();
    fails(0, || first.poll());
    assert!(many.is_woken() && !third.is_woken());
    fails(0, || many.poll());
    third.woken().unwrap();
    drop((first, many));
    assert_eq!(queue.len(), 8);
    queue.assert_quiet();
}
