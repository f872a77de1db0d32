//! The queues, as threads see them.

use crate::watch::{until_waiting, watched};
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::thread;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::store::Store;
use syncline::thread::{BaseQueue, LifoQueue, PriorityQueue, Queue};
use syncline::{GetError, PutError, Shutdown};

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn items_come_in_the_order_of_their_queue() {
    let (fifo, lifo, least) = (
        Queue::unbounded(),
        LifoQueue::unbounded(),
        PriorityQueue::unbounded(),
    );
    for item in [2, 3, 1] {
        fifo.put(item).unwrap();
        lifo.put(item).unwrap();
        least.put((item, ())).unwrap();
    }
    assert_eq!(fifo.drain(), [2, 3, 1]);
    assert_eq!(lifo.drain(), [1, 3, 2]);
    assert_eq!(least.drain(), [(1, ()), (2, ()), (3, ())]);
    assert_eq!(
        fifo.unfinished() + lifo.unfinished() + least.unfinished(),
        0
    );
}

/// Code that names no certain queue, on both faces.
fn put_and_take<S: Store<Item = (u8, char)>>(queue: &BaseQueue<S>) -> (String, Vec<char>) {
    queue.put((2, 'a')).unwrap();
    queue.as_task().try_put((1, 'b')).unwrap();
    queue.reserve().unwrap().put((3, 'c')).unwrap();
    let shown = format!("{queue:?} {:?}", queue.as_task());
    queue.shutdown(Shutdown::Graceful);
    (shown, queue.into_iter().map(|(_, item)| item).collect())
}

#[test]
fn one_function_serves_every_queue_and_each_keeps_its_name_and_order() {
    let expected = |name: &str, order: &str| {
        let shown = format!("{name} {{ len: 3, capacity: 4, unfinished: 3, shutdown: None, .. }}");
        (format!("{shown} {shown}"), order.chars().collect())
    };
    let fifo = put_and_take(&Queue::bounded(4));
    assert_eq!(fifo, expected("Queue", "abc"));
    let lifo = put_and_take(&LifoQueue::bounded(4));
    assert_eq!(lifo, expected("LifoQueue", "cba"));
    let least = put_and_take(&PriorityQueue::bounded(4));
    assert_eq!(least, expected("PriorityQueue", "bac"));
}

#[test]
fn equal_priorities_keep_the_order_of_arrival() {
    let queue = PriorityQueue::unbounded();
    for item in 0..20 {
        queue.put((item % 2, item)).unwrap();
    }
    let got: Vec<_> = queue.drain().into_iter().map(|(_, item)| item).collect();
    let even = (0..20).filter(|item| item % 2 == 0);
    let expected: Vec<_> = even.chain((0..20).filter(|item| item % 2 == 1)).collect();
    assert_eq!(got, expected);
}

#[test]
fn a_full_queue_gives_the_item_back() {
    let queue = Queue::bounded(1);
    queue.put("first").unwrap();
    assert_eq!(queue.try_put("x"), Err(PutError::Full("x")));
    assert_eq!(
        queue.put_timeout("x", Duration::ZERO),
        Err(PutError::TimedOut("x"))
    );
    assert_eq!(
        queue.put_deadline("x", Instant::now()),
        Err(PutError::TimedOut("x"))
    );
    assert_eq!(queue.try_reserve().unwrap_err(), PutError::Full(()));
    assert_eq!(queue.drain(), ["first"]);
    queue.assert_quiet();
}

#[test]
fn a_wait_that_expires_leaves_the_line() {
    let queue = Queue::bounded(1);
    let micros = Duration::from_micros(200);
    let start = Instant::now();
    assert_eq!(queue.get_timeout(micros), Err(GetError::TimedOut));
    assert!(start.elapsed() >= micros);
    queue.put(1).unwrap();
    assert_eq!(queue.put_timeout(2, micros), Err(PutError::TimedOut(2)));
    assert!(queue.reserve_timeout(micros).is_err());
    assert!(queue.join_timeout(micros).is_err());
    assert_eq!((queue.len(), queue.unfinished()), (1, 1));
    queue.assert_quiet();
}

#[test]
fn a_batch_that_expires_gives_the_rest_back() {
    let queue = Queue::bounded(2);
    let micros = Duration::from_micros(200);
    let start = Instant::now();
    assert_eq!(
        queue.get_many_timeout(2, micros),
        Err(GetError::TimedOut),
        "there is nothing"
    );
    let rest = queue.put_many_timeout(0..5, micros);
    assert!(start.elapsed() >= 2 * micros);
    assert_eq!(rest, Err(PutError::TimedOut(vec![2, 3, 4])));
    assert_eq!(queue.put_many_timeout([], Duration::ZERO), Ok(()));
    let full = queue.put_many_deadline([9], start);
    assert_eq!(full, Err(PutError::TimedOut(vec![9])));
    assert_eq!(queue.get_many_deadline(9, start), Ok(vec![0, 1]));
    queue.assert_quiet();
}

/// Trap A12.
#[test]
fn a_capacity_below_the_length_leaves_the_queue_full() {
    let queue = Queue::bounded(4);
    queue.put_many(0..4).unwrap();
    queue.set_capacity(2);
    assert_eq!((queue.len(), queue.capacity()), (4, Some(2)));
    for left in (2..4).rev() {
        assert!(queue.is_full());
        assert_eq!(queue.try_put(9), Err(PutError::Full(9)));
        queue.get().unwrap();
        assert_eq!(queue.len(), left);
    }
    assert!(queue.is_full());
    queue.get().unwrap();
    assert_eq!(queue.try_put(9), Ok(()));
    queue.set_capacity(usize::MAX);
    assert_eq!(queue.capacity(), None);
    queue.put_many(0..10).unwrap();
    queue.assert_quiet();
}

#[test]
fn a_larger_capacity_lets_those_who_wait_put() {
    let queue = Arc::new(Queue::bounded(1));
    queue.put(0).unwrap();
    watched(&queue, || {
        let putters = [1, 2].map(|item| {
            let queue = Arc::clone(&queue);
            thread::spawn(move || queue.put(item))
        });
        until_waiting(&*queue, 2);
        queue.set_capacity(3);
        for putter in putters {
            putter.join().unwrap().unwrap();
        }
    });
    assert_eq!(queue.drain().iter().sum::<i32>(), 3);
    queue.assert_quiet();
}

/// Whoever comes along may take what a waiting thread was woken for, until that is overdue.
#[test]
fn a_thread_may_pass_a_waiting_thread_and_not_for_ever() {
    let queue = Arc::new(Queue::unbounded());
    watched(&queue, || {
        let waiter = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.get()
        });
        until_waiting(&*queue, 1);
        let mut passed = 0;
        while !waiter.is_finished() {
            queue.put(()).unwrap();
            passed += usize::from(queue.try_get().is_ok());
        }
        waiter.join().unwrap().unwrap();
        assert!(passed > 0, "it was handed over to at once");
    });
    queue.drain();
    queue.assert_quiet();
}

#[test]
fn a_queue_without_room_is_refused() {
    catch_unwind(|| Queue::<u8>::bounded(0)).unwrap_err();
    let queue = Queue::<u8>::bounded(1);
    catch_unwind(AssertUnwindSafe(|| queue.set_capacity(0))).unwrap_err();
    assert_eq!(queue.capacity(), Some(1));
}

/// Trap A13.
#[test]
fn a_graceful_shutdown_wakes_getters_and_putters() {
    let queue = Arc::new(Queue::<u8>::bounded(1));
    watched(&queue, || {
        let getters = [(); 3].map(|()| {
            let queue = Arc::clone(&queue);
            thread::spawn(move || queue.get())
        });
        until_waiting(&*queue, 3);
        assert_eq!(queue.shutdown(Shutdown::Graceful), 0);
        for getter in getters {
            assert_eq!(getter.join().unwrap(), Err(GetError::ShutDown));
        }
    });
    let full = Arc::new(Queue::bounded(1));
    full.put(0).unwrap();
    watched(&full, || {
        let putters = [1, 2].map(|item| {
            let full = Arc::clone(&full);
            thread::spawn(move || (item, full.put(item)))
        });
        until_waiting(&*full, 2);
        full.shutdown(Shutdown::Graceful);
        for putter in putters {
            let (item, put) = putter.join().unwrap();
            assert_eq!(put, Err(PutError::ShutDown(item)));
        }
    });
    assert_eq!(full.put(3), Err(PutError::ShutDown(3)));
    assert_eq!(full.try_put(3), Err(PutError::ShutDown(3)));
    assert_eq!(full.put_timeout(3, HOUR), Err(PutError::ShutDown(3)));
    assert_eq!(full.put_many([3, 4]), Err(PutError::ShutDown(vec![3, 4])));
    assert!(full.reserve().is_err());
    // What was there can still be got.
    assert_eq!(full.get(), Ok(0));
    assert_eq!(full.get(), Err(GetError::ShutDown));
    assert_eq!(full.try_get(), Err(GetError::ShutDown));
    assert_eq!(full.get_timeout(HOUR), Err(GetError::ShutDown));
    assert_eq!(full.get_many(3), Err(GetError::ShutDown));
    full.assert_quiet();
}

/// Trap A14.
#[test]
fn a_join_waits_for_what_was_taken_before_an_immediate_shutdown() {
    let queue = Arc::new(Queue::unbounded());
    queue.put_many([1, 2]).unwrap();
    queue.get().unwrap();
    assert_eq!(queue.shutdown(Shutdown::Immediate), 1);
    assert_eq!(queue.unfinished(), 1);
    watched(&queue, || {
        let joiner = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.join()
        });
        until_waiting(&*queue, 1);
        queue.task_done().unwrap();
        joiner.join().unwrap();
    });
    queue.task_done().unwrap_err();
    queue.assert_quiet();
}

#[test]
fn a_shutdown_may_become_immediate_and_never_the_reverse() {
    let queue = Queue::unbounded();
    queue.put_many(0..3).unwrap();
    assert!(!queue.is_shut_down());
    assert_eq!(queue.shutdown(Shutdown::Graceful), 0);
    assert_eq!(queue.shutdown(Shutdown::Graceful), 0);
    assert_eq!(queue.len(), 3);
    assert_eq!(queue.shutdown(Shutdown::Immediate), 3);
    assert_eq!(queue.shutdown(Shutdown::Graceful), 0);
    assert_eq!(queue.shutdown(Shutdown::Immediate), 0);
    assert!(queue.is_shut_down() && queue.is_empty());
    assert_eq!(
        (queue.unfinished(), queue.get()),
        (0, Err(GetError::ShutDown))
    );
    queue.assert_quiet();
}

#[test]
fn a_slot_outlives_a_graceful_shutdown_and_not_an_immediate_one() {
    let queue = Arc::new(Queue::bounded(2));
    let (one, two) = (queue.reserve().unwrap(), queue.reserve().unwrap());
    assert!(queue.is_full());
    queue.shutdown(Shutdown::Graceful);
    watched(&queue, || {
        let getters = [(); 2].map(|()| {
            let queue = Arc::clone(&queue);
            thread::spawn(move || queue.get())
        });
        // The queue is not drained as long as a slot lives.
        until_waiting(&*queue, 2);
        one.put(1).unwrap();
        drop(two);
        let got = getters.map(|getter| getter.join().unwrap());
        assert!(got.contains(&Ok(1)) && got.contains(&Err(GetError::ShutDown)));
    });
    let queue = Queue::bounded(1);
    let slot = queue.reserve().unwrap();
    queue.shutdown(Shutdown::Immediate);
    assert_eq!(slot.put(1), Err(PutError::ShutDown(1)));
    queue.assert_quiet();
}

#[test]
fn as_much_is_done_as_was_got_and_no_more() {
    let queue = Queue::unbounded();
    queue.task_done().unwrap_err();
    queue.put(1).unwrap();
    queue.task_done().unwrap_err();
    assert_eq!(queue.unfinished(), 1);
    queue.get().unwrap();
    queue.task_done().unwrap();
    queue.task_done().unwrap_err();
    queue.join();
    assert_eq!(queue.unfinished(), 0);
}

#[test]
fn many_are_got_up_to_the_limit() {
    let queue = Queue::unbounded();
    assert_eq!(queue.get_many(0), Ok(vec![]));
    queue.put_many([]).unwrap();
    queue.put_many(0..5).unwrap();
    assert_eq!(queue.get_many(2), Ok(vec![0, 1]));
    assert_eq!(queue.get_many(usize::MAX), Ok(vec![2, 3, 4]));
    queue.shutdown(Shutdown::Graceful);
    assert_eq!(queue.put_many([]), Ok(()));
    assert_eq!(queue.get_many(1), Err(GetError::ShutDown));
}

/// The iterator may itself use the queue, for it is collected before anything is put.
#[test]
fn what_is_put_at_once_is_made_before() {
    let queue = Queue::bounded(10);
    let lengths = (0..3).map(|_| {
        queue.put(99).unwrap();
        queue.len()
    });
    queue.put_many(lengths).unwrap();
    assert_eq!(queue.drain(), [99, 99, 99, 1, 2, 3]);
    let fails = (0..3).map(|item| if item == 2 { panic!("no more") } else { item });
    catch_unwind(AssertUnwindSafe(|| queue.put_many(fails))).unwrap_err();
    assert!(queue.is_empty());
    queue.assert_quiet();
}

#[test]
fn what_did_not_fit_before_a_shutdown_comes_back() {
    let queue = Arc::new(Queue::bounded(2));
    watched(&queue, || {
        let putter = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.put_many(0..5)
        });
        until_waiting(&*queue, 1);
        assert_eq!(queue.get(), Ok(0));
        while queue.len() < 2 {
            thread::yield_now();
        }
        until_waiting(&*queue, 1);
        queue.shutdown(Shutdown::Graceful);
        assert_eq!(putter.join().unwrap(), Err(PutError::ShutDown(vec![3, 4])));
    });
    assert_eq!(queue.iter().collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn items_may_be_huge_or_nothing_at_all() {
    let nothing = Queue::bounded(1000);
    nothing.put_many([(); 1000]).unwrap();
    assert!(nothing.is_full());
    assert_eq!(nothing.get_many(2000).unwrap().len(), 1000);
    let huge = LifoQueue::unbounded();
    for byte in 0..3 {
        huge.put([byte; 2_000]).unwrap();
    }
    assert_eq!(huge.get().unwrap()[1_999], 2);
}

#[test]
fn both_ends_of_a_shutdown_end_the_iterator() {
    let queue = Queue::unbounded();
    queue.put_many([1, 2]).unwrap();
    queue.shutdown(Shutdown::Graceful);
    let mut total = 0;
    for item in &queue {
        total += item;
    }
    assert_eq!(total, 3);
    let queue = Queue::unbounded();
    queue.put(1).unwrap();
    queue.shutdown(Shutdown::Immediate);
    assert_eq!(queue.iter().next(), None);
}

#[test]
fn a_queue_shows_its_counts_and_no_items() {
    struct Opaque;
    let queue = Queue::bounded(3);
    queue.put(Opaque).unwrap();
    let shown = format!("{queue:?}");
    assert_eq!(
        shown,
        "Queue { len: 1, capacity: 3, unfinished: 1, shutdown: None, .. }"
    );
    assert!(format!("{:?}", queue.as_task()).starts_with("Queue { len: 1"));
    assert_eq!(format!("{:?}", queue.try_reserve()), "Ok(Slot { .. })");
    assert_eq!(format!("{:?}", PutError::Full(Opaque)), "Full(..)");
}
