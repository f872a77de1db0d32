//! The queues among foreign code that misbehaves: destructors, wakers, orders of priority.

use crate::driver::Driver;
use crate::waker::{Call, Probe};
use crate::watch::until_past;
use core::cell::Cell;
use core::cmp::Ordering;
use core::panic::AssertUnwindSafe;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use futures_core::Stream;
use std::panic::{catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, Weak};
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::{PriorityQueue, Queue};
use syncline::{GetError, PutError, Shutdown};

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

/// A shutdown that tells 40 putters does so in two parts. The first of them to hear runs `meanwhile`,
/// which finds the last part still in line, behind whoever joins it `between`; the last has a waker
/// that panics.
fn shutdown_in_parts(
    queue: &Queue<u32>,
    between: impl FnOnce(),
    meanwhile: impl FnOnce() + Send + 'static,
) {
    let meanwhile = Mutex::new(Some(meanwhile));
    let first = Probe::on(Call::Wake, move || {
        if let Some(meanwhile) = meanwhile.lock().unwrap().take() {
            meanwhile();
        }
    });
    let mut putters = vec![Driver::with(queue.put(0), first)];
    putters.extend((1..39).map(|item| Driver::new(queue.put(item))));
    putters.iter_mut().for_each(Driver::pending);
    between();
    putters.push(Driver::with(queue.put(39), Probe::panicking()));
    putters.iter_mut().for_each(Driver::pending);
    queue.shutdown(Shutdown::Immediate);
    for (putter, item) in putters.into_iter().zip(0..) {
        assert_eq!(putter.ready(), Err(PutError::ShutDown(item)));
    }
}

#[test]
fn a_panicking_waker_does_not_lose_what_a_slot_gives_back() {
    let queue: &Queue<u32> = Box::leak(Box::new(Queue::bounded(1)));
    let slot = queue.try_reserve().unwrap();
    let back = Arc::new(Mutex::new(None));
    shutdown_in_parts(queue, || (), {
        let back = Arc::clone(&back);
        move || *back.lock().unwrap() = Some(slot.put(100))
    });
    assert_eq!(
        *back.lock().unwrap(),
        Some(Err(PutError::ShutDown(100))),
        "the panic took the item with it"
    );
    queue.assert_quiet();
}

#[test]
fn a_panicking_waker_does_not_lose_what_a_put_that_gives_up_gives_back() {
    let queue: &Queue<u32> = Box::leak(Box::new(Queue::bounded(1)));
    queue.try_put(0).unwrap();
    let deadline = Instant::now() + Duration::from_millis(20);
    let (put, back) = (Arc::new(Mutex::new(None)), Arc::new(Mutex::new(None)));
    shutdown_in_parts(
        queue,
        || *put.lock().unwrap() = Some(Driver::waiting(queue.put_deadline(100, deadline))),
        {
            let (put, back) = (Arc::clone(&put), Arc::clone(&back));
            move || {
                until_past(deadline);
                let put: Driver<_> = put.lock().unwrap().take().unwrap();
                *back.lock().unwrap() = Some(put.ready());
            }
        },
    );
    assert_eq!(
        *back.lock().unwrap(),
        Some(Err(PutError::TimedOut(100))),
        "the panic took the item with it"
    );
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
        queue.try_put((Brittle(item), item)).unwrap();
    }
    queue
}

/// Trap A16.
#[test]
fn an_order_that_panics_leaves_the_queue_its_count_and_its_waiters() {
    let queue = seven();
    fails(0, || queue.try_put((Brittle(0), 0)));
    fails(0, || queue.try_get());
    fails(1, || queue.try_get());
    fails(0, || queue.drain());
    fails(0, || Driver::new(queue.get_many(3)).ready());
    fails(0, || Driver::new(queue.put_many([(Brittle(0), 0)])).ready());
    let slot = queue.try_reserve().unwrap();
    fails(0, || slot.put((Brittle(0), 0)));
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
        queue.try_put((Brittle(item), item)).unwrap();
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
    queue.try_put((Brittle(8), 8)).unwrap();
    let mut first = Driver::waiting(queue.put((Brittle(0), 0)));
    let mut many = Driver::waiting(queue.put_many([(Brittle(0), 0)]));
    let third = Driver::waiting(queue.put((Brittle(9), 9)));
    queue.try_get().unwrap();
    fails(0, || first.poll());
    assert!(many.is_woken() && !third.is_woken());
    fails(0, || many.poll());
    third.woken().unwrap();
    drop((first, many));
    assert_eq!(queue.len(), 8);
    queue.assert_quiet();
}

#[test]
fn a_stream_goes_on_after_an_order_that_panics() {
    let queue = seven();
    let mut items = pin!(queue.stream());
    let mut context = Context::from_waker(Waker::noop());
    fails(0, || items.as_mut().poll_next(&mut context));
    let first = items.as_mut().poll_next(&mut context);
    assert!(matches!(first, Poll::Ready(Some((_, 1)))));
    assert_eq!(queue.drain().len(), 6);
    assert!(items.as_mut().poll_next(&mut context).is_pending());
    for item in [9, 8, 10] {
        queue.try_put((Brittle(item), item)).unwrap();
    }
    fails(0, || items.as_mut().poll_next(&mut context));
    let next = items.as_mut().poll_next(&mut context);
    assert!(matches!(next, Poll::Ready(Some((_, 8)))));
    assert_eq!(queue.drain().len(), 2);
    queue.assert_quiet();
}

/// What an order panics with is foreign data: it is dropped when the queue is free again.
#[test]
fn what_an_order_panics_with_may_use_the_queue_when_it_is_dropped() {
    struct Loaded(u32, Weak<PriorityQueue<Loaded, ()>>, Arc<Mutex<Vec<usize>>>);

    /// Says how long the queue is when it is dropped.
    struct Payload(Weak<PriorityQueue<Loaded, ()>>, Arc<Mutex<Vec<usize>>>);

    impl Drop for Payload {
        fn drop(&mut self) {
            let queue = self.0.upgrade().unwrap();
            self.1.lock().unwrap().push(queue.len());
        }
    }

    impl Ord for Loaded {
        fn cmp(&self, other: &Self) -> Ordering {
            match BUDGET.get().checked_sub(1) {
                Some(left) => BUDGET.set(left),
                None => resume_unwind(Box::new(Payload(Weak::clone(&self.1), Arc::clone(&self.2)))),
            }
            self.0.cmp(&other.0)
        }
    }

    impl PartialOrd for Loaded {
        fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
            Some(self.cmp(other))
        }
    }

    impl PartialEq for Loaded {
        fn eq(&self, other: &Self) -> bool {
            self.cmp(other).is_eq()
        }
    }

    impl Eq for Loaded {}

    let queue = Arc::new(PriorityQueue::unbounded());
    let lengths = Arc::default();
    for n in 0..20 {
        let loaded = Loaded(n, Arc::downgrade(&queue), Arc::clone(&lengths));
        assert!(queue.try_put((loaded, ())).is_ok());
    }
    // Enough for the first few.
    BUDGET.set(30);
    let taken = Driver::new(queue.get_many(20)).ready();
    BUDGET.set(usize::MAX);
    let taken = taken.unwrap().len();
    assert!(0 < taken && taken < 20);
    assert_eq!(lengths.lock().unwrap()[..], [20 - taken]);
    queue.assert_quiet();
}

/// An order that shows the queue it is compared in.
#[test]
fn a_queue_is_shown_while_somebody_holds_its_lock() {
    struct Nosy(Arc<Mutex<Vec<String>>>, Weak<PriorityQueue<Nosy, ()>>);

    impl Ord for Nosy {
        fn cmp(&self, _: &Self) -> Ordering {
            if let Some(queue) = self.1.upgrade() {
                self.0.lock().unwrap().push(format!("{queue:?}"));
            }
            Ordering::Equal
        }
    }

    impl PartialOrd for Nosy {
        fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
            Some(self.cmp(other))
        }
    }

    impl PartialEq for Nosy {
        fn eq(&self, other: &Self) -> bool {
            self.cmp(other).is_eq()
        }
    }

    impl Eq for Nosy {}

    let shown = Arc::default();
    let queue = Arc::new(PriorityQueue::unbounded());
    for _ in 0..2 {
        let nosy = Nosy(Arc::clone(&shown), Arc::downgrade(&queue));
        assert!(queue.try_put((nosy, ())).is_ok());
    }
    assert_eq!(
        shown.lock().unwrap()[..],
        ["PriorityQueue { state: <locked>, .. }"]
    );
}

/// All who joined before nothing was left are through, although the first of them that is woken puts
/// something more, and more wait than are woken at once.
#[test]
fn joiners_are_released_by_what_was_done_whatever_a_waker_puts() {
    let queue = Arc::new(Queue::unbounded());
    queue.try_put(1).unwrap();
    queue.try_get().unwrap();
    let put = Mutex::new(Some(Arc::clone(&queue)));
    let puts = Probe::on(Call::Wake, move || {
        if let Some(queue) = put.lock().unwrap().take() {
            queue.try_put(2).unwrap();
        }
    });
    let mut first = Driver::with(queue.join(), puts);
    first.pending();
    let joiners: Vec<_> = (0..40).map(|_| Driver::waiting(queue.join())).collect();
    queue.task_done().unwrap();
    assert_eq!(1, queue.unfinished());
    first.woken();
    for joiner in joiners {
        joiner.woken();
    }
    assert_eq!(Ok(2), queue.try_get());
    queue.task_done().unwrap();
    queue.assert_quiet();
}
