//! The queues: items and nodes change hands, and are freed by who got them.

use crate::driver::Driver;
use crate::watch::until_waiting;
use std::sync::Arc;
use std::thread;
use syncline::Shutdown;
use syncline::internals::Quiet;
use syncline::task::block_on;
use syncline::thread::{LifoQueue, PriorityQueue, Queue};

/// What one thread boxes, others unbox, in any mix of faces.
#[test]
fn boxes_change_hands_between_threads_and_tasks() {
    let queue = Arc::new(Queue::bounded(1));
    let getters = [false, true].map(|on_task| {
        let queue = Arc::clone(&queue);
        thread::spawn(move || {
            let mut total = 0;
            for _ in 0..3 {
                let item: Box<u32> = if on_task {
                    block_on(queue.as_task().get()).unwrap()
                } else {
                    queue.get().unwrap()
                };
                total += *item;
            }
            total
        })
    });
    for item in 0..3 {
        queue.put(Box::new(item)).unwrap();
        block_on(queue.as_task().put(Box::new(item))).unwrap();
    }
    let total: u32 = getters.map(|getter| getter.join().unwrap()).iter().sum();
    assert_eq!(total, 6);
    queue.assert_quiet();
}

/// The getter frees the queue while the putter is still at it.
#[test]
fn who_gets_the_item_may_free_the_queue() {
    let queue = Arc::new(Queue::unbounded());
    let getter = thread::spawn({
        let queue = Arc::clone(&queue);
        move || {
            let item: Box<u32> = queue.get().unwrap();
            drop(queue);
            *item
        }
    });
    until_waiting(&*queue, 1);
    queue.put(Box::new(7)).unwrap();
    drop(queue);
    assert_eq!(getter.join().unwrap(), 7);
}

#[test]
fn what_nobody_gets_is_freed() {
    let (lifo, least) = (LifoQueue::unbounded(), PriorityQueue::unbounded());
    for item in 0..5 {
        lifo.put(Box::new(item)).unwrap();
        least.put((Box::new(5 - item), Box::new(item))).unwrap();
    }
    assert_eq!(*lifo.get().unwrap(), 4);
    assert_eq!(least.get().unwrap().0, Box::new(1));
    assert_eq!(lifo.shutdown(Shutdown::Immediate), 4);
}

/// Trap B13: requests leave all three lines from anywhere, in any state.
#[test]
fn requests_leave_the_lines_of_a_queue_in_every_state() {
    let queue = Queue::bounded(1);
    let tasks = queue.as_task();
    let mut getters: Vec<_> = (0..5).map(|_| Some(Driver::waiting(tasks.get()))).collect();
    getters[2] = None;
    getters[0] = None;
    queue.put(Box::new(1)).unwrap();
    getters[1] = None;
    getters[4] = None;
    let got = getters[3].take().map(Driver::woken).unwrap();
    assert_eq!(got, Ok(Box::new(1)));
    queue.put(Box::new(2)).unwrap();
    let first = Driver::waiting(tasks.put(Box::new(3)));
    let many = Driver::waiting(tasks.put_many([Box::new(4), Box::new(5)]));
    let joiner = Driver::waiting(tasks.join());
    queue.get().unwrap();
    drop(first);
    queue.shutdown(Shutdown::Graceful);
    drop(joiner);
    drop(many);
    queue.assert_quiet();
}
