//! Water marks: puts that wait from the high one on, until the low one has been reached.
#![expect(clippy::float_cmp, reason = "shares of small numbers are exact")]

use crate::driver::Driver;
use crate::watch::{until, until_waiting, watched};
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::thread;
use syncline::store::Store;
use syncline::task::block_on;
use syncline::thread::{BaseQueue, LifoQueue, PriorityQueue, Queue};
use syncline::{GetError, PutError, Shutdown};

/// Fills a queue with marks at 3 and 1, and drains it.
fn is_throttled_and_let_go<S: Store<Item = (u8, u8)>>(queue: &BaseQueue<S>) {
    for _ in 0..2 {
        queue.put((1, 1)).unwrap();
        queue.as_task().try_put((2, 2)).unwrap();
        assert!(!queue.is_throttled() && !queue.is_full());
        queue.put((3, 3)).unwrap();
        for left in [3, 2] {
            assert_eq!(queue.len(), left);
            assert!(queue.is_throttled() && queue.as_task().is_throttled() && queue.is_full());
            assert_eq!(queue.try_put((4, 4)), Err(PutError::Full((4, 4))));
            assert!(queue.as_task().try_put((4, 4)).is_err());
            assert!(queue.try_reserve().is_err());
            assert!(queue.put_timeout((4, 4), Duration::ZERO).is_err());
            queue.get().unwrap();
        }
        assert!(!queue.is_throttled() && !queue.is_full());
        queue.try_put((4, 4)).unwrap();
        assert_eq!(queue.drain().len(), 2);
    }
}

#[test]
fn puts_wait_from_the_high_mark_on_until_the_low_one_in_every_queue() {
    is_throttled_and_let_go(&Queue::unbounded().watermarks(3, 1));
    is_throttled_and_let_go(&Queue::bounded(3).watermarks(3, 1));
    is_throttled_and_let_go(&LifoQueue::bounded(100).watermarks(3, 1));
    is_throttled_and_let_go(&PriorityQueue::unbounded().watermarks(3, 1));
    let task = syncline::task::Queue::unbounded().watermarks(3, 1);
    is_throttled_and_let_go(task.as_thread());
    let task = syncline::task::LifoQueue::bounded(3).watermarks(3, 1);
    is_throttled_and_let_go(task.as_thread());
    let task = syncline::task::PriorityQueue::bounded(3).watermarks(3, 1);
    is_throttled_and_let_go(task.as_thread());
}

#[test]
fn the_low_mark_lets_as_many_go_as_there_is_room_between_the_marks() {
    let queue = Arc::new(Queue::unbounded().watermarks(3, 1));
    queue.put_many([0, 1, 2]).unwrap();
    let putters: Vec<_> = (3..7)
        .map(|item| {
            let inside = Arc::clone(&queue);
            let putter = thread::spawn(move || inside.put(item).unwrap());
            until_waiting(&*queue, usize::try_from(item - 2).unwrap());
            putter
        })
        .collect();
    watched(&queue, || {
        assert_eq!(queue.get(), Ok(0));
        assert_eq!((queue.len(), queue.waiting()), (2, 4)); // nobody has been let go
        assert_eq!(queue.get(), Ok(1));
        // Two of four have been let go, and put.
        until("both", || queue.len() == 3);
        assert_eq!(queue.waiting(), 2);
        assert_eq!(queue.get(), Ok(2));
        // Which of them put first is not said.
        assert_eq!(queue.get().unwrap() + queue.get().unwrap(), 3 + 4);
        for putter in putters {
            putter.join().unwrap();
        }
        assert_eq!(queue.drain().iter().sum::<i32>(), 5 + 6);
    });
}

#[test]
fn a_put_of_many_stops_at_the_high_mark_and_goes_on_at_the_low_one() {
    let queue = Arc::new(Queue::unbounded().watermarks(3, 1));
    let rest = queue.put_many_timeout(0..5, Duration::ZERO);
    assert_eq!(rest.unwrap_err().into_inner(), [3, 4]);
    assert_eq!(queue.get_many(1), Ok(vec![0]));
    let rest = queue.put_many_timeout([9], Duration::ZERO);
    assert_eq!(rest.unwrap_err().into_inner(), [9]);
    let putter = thread::spawn({
        let queue = Arc::clone(&queue);
        move || queue.put_many(3..9)
    });
    watched(&queue, || {
        until_waiting(&*queue, 1);
        let got: Vec<_> = (1..9).map(|_| queue.get().unwrap()).collect();
        assert_eq!(got, [1, 2, 3, 4, 5, 6, 7, 8]);
        putter.join().unwrap().unwrap();
    });
    // From the high mark past the low one in a single step.
    queue.put_many([1, 2, 3]).unwrap();
    assert_eq!(queue.get_many(3), Ok(vec![1, 2, 3]));
    assert!(!queue.is_throttled());
}

#[test]
fn reserved_places_count() {
    let queue = Queue::unbounded().watermarks(2, 0);
    let (one, other) = (queue.reserve().unwrap(), queue.reserve().unwrap());
    assert!(queue.is_throttled() && queue.fill() >= 1.0);
    drop(one);
    assert!(queue.try_put(1).is_err());
    other.put(2).unwrap();
    assert_eq!((queue.is_throttled(), queue.fill()), (true, 0.5));
    assert_eq!(queue.get(), Ok(2));
    assert!(queue.try_put(1).is_ok());
    assert_eq!(queue.fill(), 0.5);
    // The last thing in it is a place that is given back.
    let slot = queue.try_reserve().unwrap();
    assert_eq!(queue.get(), Ok(1));
    assert!(queue.is_throttled());
    drop(slot);
    assert!(!queue.is_throttled());
}

#[test]
fn a_queue_that_is_throttled_is_shut_down_like_any_other() {
    for how in [Shutdown::Graceful, Shutdown::Immediate] {
        let queue = Arc::new(Queue::unbounded().watermarks(2, 0));
        queue.put_many([1, 2]).unwrap();
        assert_eq!(queue.get(), Ok(1));
        let putter = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.put(3)
        });
        watched(&queue, || {
            until_waiting(&*queue, 1);
            let dropped = queue.shutdown(how);
            assert_eq!(putter.join().unwrap(), Err(PutError::ShutDown(3)));
            let left: Vec<_> = queue.iter().collect();
            assert_eq!(left.len() + dropped, 1);
        });
        assert!(!queue.is_throttled());
    }
}

#[test]
fn how_full_a_queue_is_is_a_share_of_what_it_may_hold() {
    let bounded = Queue::bounded(4);
    assert_eq!(bounded.fill(), 0.0);
    bounded.put_many([1, 2, 3]).unwrap();
    assert_eq!((bounded.fill(), bounded.as_task().fill()), (0.75, 0.75));
    bounded.set_capacity(1);
    assert_eq!(bounded.fill(), 1.0);
    let unbounded = Queue::unbounded();
    unbounded.put(1).unwrap();
    assert_eq!((unbounded.fill(), unbounded.is_throttled()), (0.0, false));
    // What was put before the marks counts.
    let marked = unbounded.watermarks(2, 1);
    assert_eq!((marked.fill(), marked.is_throttled()), (0.5, false));
    block_on(marked.as_task().put(2)).unwrap();
    assert_eq!((marked.fill(), marked.is_throttled()), (1.0, true));
}

#[test]
fn marks_and_capacities_that_contradict_each_other_are_refused() {
    let refused = |body: &dyn Fn()| {
        let panic = catch_unwind(AssertUnwindSafe(body)).expect_err("it is refused");
        let text = panic.downcast_ref::<String>().cloned();
        text.unwrap_or_else(|| (*panic.downcast_ref::<&str>().expect("a message")).into())
    };
    for (high, low) in [(0, 0), (2, 2), (2, 3), (5, 1)] {
        let message = refused(&|| drop(Queue::<u8>::bounded(4).watermarks(high, low)));
        let wanted = format!("`low < high <= capacity`, not {low} < {high} <= 4");
        assert!(message.ends_with(&wanted), "{message}");
    }
    let queue = Queue::<u8>::unbounded().watermarks(3, 1);
    let message = refused(&|| queue.set_capacity(2));
    assert!(message.contains("high water mark"), "{message}");
    assert_eq!(queue.capacity(), None);
    queue.set_capacity(3);
    queue.put_many([1, 2, 3]).unwrap();
    queue.set_capacity(9);
    assert!(queue.is_throttled());
    assert_eq!(queue.get_many(2), Ok(vec![1, 2]));
    assert!(!queue.is_throttled());
}

#[test]
fn a_queue_counts_where_that_was_asked_for() {
    assert_eq!(Queue::<u8>::unbounded().stats(), None);
    let queue = Queue::unbounded();
    queue.put_many([1, 2]).unwrap();
    queue.get().unwrap();
    let queue = queue.with_stats().watermarks(4, 0);
    let seen = |queue: &Queue<_>| {
        let stats = queue.as_task().stats().unwrap();
        let moved = (stats.put, stats.got, stats.dropped);
        (moved, stats.len, stats.deepest, stats.throttled)
    };
    assert_eq!(seen(&queue), ((1, 0, 0), 1, 1, 0));
    queue.put(3).unwrap();
    queue.as_task().try_put(4).unwrap();
    assert_eq!(seen(&queue), ((3, 0, 0), 3, 3, 0));
    queue.reserve().unwrap().put(5).unwrap();
    assert_eq!(seen(&queue), ((4, 0, 0), 4, 4, 1));
    assert_eq!(queue.get_many(2), Ok(vec![2, 3]));
    assert_eq!(block_on(queue.as_task().get()), Ok(4));
    assert_eq!(seen(&queue), ((4, 3, 0), 1, 4, 1));
    assert_eq!(queue.drain(), [5]);
    queue.put_many([6, 7, 8]).unwrap();
    assert_eq!(queue.shutdown(Shutdown::Immediate), 3);
    assert_eq!(seen(&queue), ((7, 4, 3), 0, 4, 1));
}

#[test]
fn a_request_that_waits_is_counted_however_its_wait_ends() {
    let queue = Queue::bounded(1).with_stats();
    let tasks = queue.as_task();
    let seen = || {
        let stats = queue.stats().unwrap();
        (
            (stats.putters, stats.put_waits),
            (stats.getters, stats.get_waits),
        )
    };
    // It need not wait.
    queue.put(0).unwrap();
    assert_eq!(block_on(tasks.get()), Ok(0));
    assert_eq!(queue.try_get(), Err(GetError::Empty));
    assert!(queue.get_timeout(Duration::ZERO).is_err());
    assert_eq!(seen(), ((0, 0), (0, 0)));
    // It gets its item.
    let get = Driver::waiting(tasks.get());
    assert_eq!(seen(), ((0, 0), (1, 1)));
    queue.put(1).unwrap();
    assert_eq!(get.woken(), Ok(1));
    assert_eq!(seen(), ((0, 0), (0, 1)));
    // It is dropped as it waits, and with the grant in hand.
    Driver::waiting(tasks.get_many(2)).cancel();
    assert_eq!(seen(), ((0, 0), (0, 2)));
    let get = Driver::waiting(tasks.get());
    queue.put(2).unwrap();
    get.cancel();
    assert_eq!(seen(), ((0, 0), (0, 3)));
    // Its time is over.
    let limit = Duration::from_millis(1);
    assert!(queue.put_timeout(3, limit).is_err());
    assert_eq!(seen(), ((0, 1), (0, 3)));
    assert!(queue.stats().unwrap().put_waited >= limit);
    // Each time that it waits again.
    let mut many = Driver::waiting(tasks.put_many([3, 4]));
    assert_eq!((queue.get(), seen()), (Ok(2), ((1, 2), (0, 3))));
    many.pending();
    assert_eq!((queue.get(), seen()), (Ok(3), ((1, 3), (0, 3))));
    assert_eq!(many.woken(), Ok(()));
    let reserve = Driver::waiting(tasks.reserve());
    assert_eq!((queue.get(), seen()), (Ok(4), ((1, 4), (0, 3))));
    drop(reserve.woken().unwrap());
    // Nothing will come any more.
    let get = Driver::waiting(tasks.get());
    queue.shutdown(Shutdown::Graceful);
    assert_eq!(get.woken(), Err(GetError::ShutDown));
    assert_eq!(seen(), ((0, 4), (0, 4)));
}

#[test]
fn items_and_waits_of_many_threads_are_counted() {
    let queue = Arc::new(Queue::bounded(8).watermarks(4, 1).with_stats());
    let getter = thread::spawn({
        let queue = Arc::clone(&queue);
        move || queue.get()
    });
    until_waiting(&*queue, 1);
    assert_eq!(queue.stats().unwrap().getters, 1);
    queue.put(0).unwrap();
    getter.join().unwrap().unwrap();
    watched(&queue, || {
        thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| (0..500).for_each(|item| queue.put(item).unwrap()));
                threads.spawn(|| (0..500).for_each(|_| assert!(queue.get().unwrap() < 500)));
            }
        });
    });
    let stats = queue.stats().unwrap();
    assert_eq!((stats.put, stats.got, stats.len), (1001, 1001, 0));
    assert_eq!((stats.putters, stats.getters), (0, 0));
    assert!(stats.get_waits > 0);
    assert!((1..=4).contains(&stats.deepest), "{stats:?}");
}
