//! The queues, as tasks see them.

use crate::driver::Driver;
use crate::executors::{on_every_executor, task};
use crate::watch::{until_waiting, watched};
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use futures_core::Stream;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::{LifoQueue, PriorityQueue, Queue, block_on};
use syncline::{GetError, PutError, Shutdown};

#[test]
fn tasks_get_in_order_of_arrival() {
    let queue = Queue::unbounded();
    let mut getters: Vec<_> = (0..40).map(|_| Driver::waiting(queue.get())).collect();
    for item in 0..40 {
        queue.try_put(item).unwrap();
    }
    for (item, getter) in getters.drain(..).enumerate() {
        assert_eq!(getter.woken(), Ok(item));
    }
    queue.assert_quiet();
}

/// Trap A45: nobody overtakes who has been promised an item or a place.
#[test]
fn nobody_takes_what_a_waiting_task_has_been_granted() {
    let queue = Queue::bounded(1);
    let getter = Driver::waiting(queue.get());
    queue.try_put(1).unwrap();
    assert_eq!(queue.try_get(), Err(GetError::Empty));
    assert_eq!(queue.as_thread().try_get(), Err(GetError::Empty));
    assert_eq!(
        queue.as_thread().get_timeout(Duration::ZERO),
        Err(GetError::TimedOut)
    );
    assert_eq!(queue.drain(), []);
    assert_eq!(queue.len(), 1);
    assert_eq!(getter.woken(), Ok(1));
    queue.try_put(2).unwrap();
    let first = Driver::waiting(queue.put(3));
    let second = Driver::waiting(queue.put(4));
    assert_eq!(queue.try_get(), Ok(2));
    assert_eq!(queue.try_put(5), Err(PutError::Full(5)));
    assert_eq!(queue.as_thread().try_put(5), Err(PutError::Full(5)));
    assert!(!second.is_woken());
    first.woken().unwrap();
    assert_eq!(queue.try_get(), Ok(3));
    second.woken().unwrap();
    queue.assert_quiet();
}

/// Traps A44, B22, C5: a reservation is a count, and the items stay in their order.
#[test]
fn a_dropped_get_leaves_its_item_to_the_next() {
    let queue = Queue::unbounded();
    let first = Driver::waiting(queue.get());
    let second = Driver::waiting(queue.get());
    queue.try_put(1).unwrap();
    assert!(first.is_woken() && !second.is_woken());
    queue.try_put(2).unwrap();
    drop(first);
    // The oldest item, and not that of the moment at which it was woken.
    assert_eq!(second.woken(), Ok(1));
    assert_eq!(queue.try_get(), Ok(2));
    queue.assert_quiet();
}

#[test]
fn who_claims_first_takes_what_is_best_then() {
    let queue = PriorityQueue::unbounded();
    let first = Driver::waiting(queue.get());
    let second = Driver::waiting(queue.get());
    queue.try_put((5, "put first")).unwrap();
    queue.try_put((1, "put second")).unwrap();
    assert_eq!(second.woken(), Ok((1, "put second")));
    assert_eq!(first.woken(), Ok((5, "put first")));
}

/// Trap B9: what a dropped slot, put or reservation held goes to the other side, too.
#[test]
fn a_dropped_place_lets_the_next_putter_go() {
    let queue = Queue::bounded(1);
    let slot = queue.try_reserve().unwrap();
    let first = Driver::waiting(queue.put(1));
    let second = Driver::waiting(queue.reserve());
    let third = Driver::waiting(queue.put_many([3]));
    drop(slot);
    assert!(first.is_woken() && !second.is_woken());
    drop(first);
    drop(second.woken().unwrap());
    third.woken().unwrap();
    assert_eq!(queue.drain(), [3]);
    queue.assert_quiet();
}

#[test]
fn an_immediate_shutdown_voids_what_nobody_has_claimed() {
    let queue = Queue::bounded(3);
    let granted = Driver::waiting(queue.get());
    let many = Driver::waiting(queue.get_many(2));
    let gone = Driver::waiting(queue.get());
    queue.try_put(1).unwrap();
    queue.try_put(2).unwrap();
    queue.try_put(3).unwrap();
    assert!(granted.is_woken() && many.is_woken() && gone.is_woken());
    assert_eq!(queue.shutdown(Shutdown::Immediate), 3);
    drop(gone);
    assert_eq!(granted.woken(), Err(GetError::ShutDown));
    assert_eq!(many.woken(), Err(GetError::ShutDown));
    assert_eq!(queue.unfinished(), 0);
    queue.assert_quiet();
}

#[test]
fn an_immediate_shutdown_gives_back_what_was_granted_a_place() {
    let queue = Queue::bounded(1);
    let slot = queue.try_reserve().unwrap();
    let put = Driver::waiting(queue.put(1));
    let many = Driver::waiting(queue.put_many([2, 3]));
    drop(slot);
    assert!(put.is_woken() && !many.is_woken());
    assert_eq!(queue.shutdown(Shutdown::Immediate), 0);
    assert_eq!(put.woken(), Err(PutError::ShutDown(1)));
    assert_eq!(many.woken(), Err(PutError::ShutDown(vec![2, 3])));
    queue.assert_quiet();
}

#[test]
fn a_place_that_was_granted_outlives_a_graceful_shutdown() {
    let queue = Queue::bounded(1);
    queue.try_put(1).unwrap();
    let put = Driver::waiting(queue.put(2));
    let refused = Driver::waiting(queue.put(3));
    assert_eq!(queue.try_get(), Ok(1));
    let getter = Driver::waiting(queue.get());
    queue.shutdown(Shutdown::Graceful);
    assert_eq!(refused.woken(), Err(PutError::ShutDown(3)));
    assert!(!getter.is_woken(), "somebody may still put");
    put.woken().unwrap();
    assert_eq!(getter.woken(), Ok(2));
    assert_eq!(queue.try_get(), Err(GetError::ShutDown));
    queue.assert_quiet();
}

#[test]
fn a_graceful_shutdown_ends_the_getters_when_the_last_place_is_given_back() {
    let queue = Queue::<u8>::bounded(1);
    let slot = queue.try_reserve().unwrap();
    let getters: Vec<_> = (0..40).map(|_| Driver::waiting(queue.get())).collect();
    queue.shutdown(Shutdown::Graceful);
    assert!(!getters[0].is_woken());
    drop(slot);
    for getter in getters {
        assert_eq!(getter.woken(), Err(GetError::ShutDown));
    }
    queue.assert_quiet();
}

#[test]
fn a_graceful_shutdown_leaves_a_granted_getter_its_item() {
    let queue = Queue::unbounded();
    let granted = Driver::waiting(queue.get());
    let dropped = Driver::waiting(queue.get());
    queue.try_put(1).unwrap();
    queue.try_put(2).unwrap();
    let next = Driver::waiting(queue.get());
    queue.shutdown(Shutdown::Graceful);
    assert!(!next.is_woken(), "two items for three");
    drop(dropped);
    assert_eq!(granted.woken(), Ok(1));
    assert_eq!(next.woken(), Ok(2));
    assert_eq!(queue.try_get(), Err(GetError::ShutDown));
    queue.assert_quiet();
}

#[test]
fn who_joins_is_released_even_if_more_comes_at_once() {
    let queue = Queue::unbounded();
    queue.try_put(1).unwrap();
    queue.try_get().unwrap();
    let joiners: Vec<_> = (0..40).map(|_| Driver::waiting(queue.join())).collect();
    queue.task_done().unwrap();
    queue.try_put(2).unwrap();
    let late = Driver::waiting(queue.join());
    for joiner in joiners {
        joiner.woken();
    }
    assert_eq!(queue.drain(), [2]);
    late.woken();
    queue.assert_quiet();
}

/// Trap A57.
#[test]
fn a_task_joins_what_threads_have_done() {
    let queue = Arc::new(Queue::bounded(4));
    watched(&queue, || {
        for round in 0..1000 {
            let worker = thread::spawn({
                let queue = Arc::clone(&queue).into_thread();
                move || {
                    queue.get().unwrap();
                    queue.task_done().unwrap();
                }
            });
            queue.as_thread().put(round).unwrap();
            block_on(queue.join());
            assert_eq!(queue.unfinished(), 0);
            worker.join().unwrap();
        }
    });
    queue.assert_quiet();
}

/// Trap A58.
#[test]
fn a_thread_that_puts_wakes_the_next_task_when_the_first_is_dropped() {
    let queue = Queue::unbounded();
    let first = Driver::waiting(queue.get());
    let second = Driver::waiting(queue.get());
    queue.as_thread().put(1).unwrap();
    drop(first);
    assert_eq!(second.woken(), Ok(1));
    let task = Driver::waiting(queue.get());
    watched(&queue, || {
        thread::scope(|threads| {
            let behind = threads.spawn(|| queue.as_thread().get());
            until_waiting(&queue, 2);
            queue.try_put(2).unwrap();
            drop(task);
            assert_eq!(behind.join().unwrap(), Ok(2));
        });
    });
    queue.assert_quiet();
}

#[test]
fn a_batch_that_expires_gives_the_rest_back() {
    let queue = Queue::bounded(2);
    let micros = Duration::from_micros(200);
    let rest = block_on(queue.put_many_timeout(0..5, micros));
    assert_eq!(rest, Err(PutError::TimedOut(vec![2, 3, 4])));
    let full = block_on(queue.put_many_timeout([9], Duration::ZERO));
    assert_eq!(full, Err(PutError::TimedOut(vec![9])));
    let now = Instant::now();
    assert_eq!(block_on(queue.get_many_deadline(9, now)), Ok(vec![0, 1]));
    let nothing = block_on(queue.get_many_timeout(9, micros));
    assert_eq!(nothing, Err(GetError::TimedOut));
    queue.assert_quiet();
}

#[test]
fn a_stream_ends_when_the_queue_is_drained() {
    let queue = LifoQueue::unbounded();
    let mut context = Context::from_waker(Waker::noop());
    let mut items = pin!(queue.stream());
    assert!(items.as_mut().poll_next(&mut context).is_pending());
    queue.try_put(1).unwrap();
    queue.try_put(2).unwrap();
    queue.shutdown(Shutdown::Graceful);
    assert_eq!(items.as_mut().poll_next(&mut context), Poll::Ready(Some(2)));
    assert_eq!(items.as_mut().poll_next(&mut context), Poll::Ready(Some(1)));
    assert_eq!(items.as_mut().poll_next(&mut context), Poll::Ready(None));
    assert_eq!(items.as_mut().poll_next(&mut context), Poll::Ready(None));
}

#[test]
fn a_dropped_stream_leaves_its_item_to_the_next() {
    let queue = Queue::unbounded();
    let mut context = Context::from_waker(Waker::noop());
    {
        let mut items = pin!(queue.stream());
        assert!(items.as_mut().poll_next(&mut context).is_pending());
        queue.try_put(1).unwrap();
    }
    assert_eq!(queue.try_get(), Ok(1));
    queue.assert_quiet();
}

#[test]
fn every_executor_hands_everything_over() {
    on_every_executor(|| {
        let queue = Arc::new(Queue::bounded(3));
        let total = Arc::new(Mutex::new(0));
        let mut tasks = Vec::new();
        for producer in 0..3 {
            let queue = Arc::clone(&queue);
            tasks.push(task(async move {
                for item in 0..50 {
                    queue.put(producer * 100 + item).await.unwrap();
                }
            }));
        }
        for _ in 0..2 {
            let (queue, total) = (Arc::clone(&queue), Arc::clone(&total));
            tasks.push(task(async move {
                for _ in 0..75 {
                    let item = queue.get().await.unwrap();
                    *total.lock().unwrap() += item;
                    queue.task_done().unwrap();
                }
            }));
        }
        tasks.push(task(async move {
            // May come before the first put: then there is nothing to join.
            queue.join().await;
            drop(total);
        }));
        tasks
    });
}
