//! The two halves of a queue, as tasks see them.

use crate::driver::Driver;
use crate::executors::{on_every_executor, task};
use crate::watch::watched;
use core::task::Poll;
use futures_lite::StreamExt;
use std::sync::Arc;
use syncline::internals::Quiet;
use syncline::task::{Queue, block_on};
use syncline::{GetError, PutError};

#[test]
fn the_last_sender_wakes_all_who_wait_for_an_item() {
    let (tx, rx) = Queue::<u8>::unbounded().split();
    let other = rx.clone();
    let mut getters = [rx.get(), rx.get(), other.get()].map(Driver::waiting);
    drop(tx.clone());
    for getter in &mut getters {
        getter.pending();
    }
    drop(tx);
    for getter in getters {
        assert_eq!(getter.woken(), Err(GetError::ShutDown));
    }
    rx.queue().assert_quiet();
}

#[test]
fn a_get_that_was_granted_an_item_has_it_when_the_last_sender_is_gone() {
    let (tx, rx) = Queue::unbounded().split();
    let first = Driver::waiting(rx.get());
    let second = Driver::waiting(rx.get());
    tx.try_put(1).unwrap();
    drop(tx);
    assert_eq!(first.woken(), Ok(1));
    assert_eq!(second.woken(), Err(GetError::ShutDown));
    rx.queue().assert_quiet();
}

#[test]
fn a_granted_get_that_is_dropped_leaves_its_item_although_no_sender_is_left() {
    let (tx, rx) = Queue::unbounded().split();
    let granted = Driver::waiting(rx.get());
    let next = Driver::waiting(rx.get());
    tx.try_put(1).unwrap();
    drop(tx);
    drop(granted);
    assert_eq!(next.woken(), Ok(1));
    assert_eq!(Driver::new(rx.get()).ready(), Err(GetError::ShutDown));
    rx.queue().assert_quiet();
}

#[test]
fn the_last_receiver_gives_the_items_back_to_all_who_wait_for_a_place() {
    let (tx, rx) = Queue::bounded(1).split();
    tx.try_put(0).unwrap();
    let put = Driver::waiting(tx.put(1));
    let many = Driver::waiting(tx.put_many([2, 3]));
    let reserve = Driver::waiting(tx.reserve());
    drop(rx);
    assert_eq!(put.woken(), Err(PutError::ShutDown(1)));
    assert_eq!(many.woken(), Err(PutError::ShutDown(vec![2, 3])));
    assert!(matches!(reserve.woken(), Err(PutError::ShutDown(()))));
    tx.queue().assert_quiet();
}

/// Trap H3.
#[test]
fn an_item_that_is_put_while_the_last_receiver_goes_stays_in_no_queue() {
    let (tx, rx) = Queue::bounded(1).split();
    let item = Arc::new(());
    let place = Driver::new(tx.reserve()).ready().unwrap();
    drop(rx);
    drop(place.put(Arc::clone(&item)));
    drop(Driver::new(tx.put(Arc::clone(&item))).ready());
    assert_eq!(1, Arc::strong_count(&item));
}

#[test]
fn a_stream_of_a_receiver_ends_with_the_last_sender_on_every_executor() {
    on_every_executor(|| {
        let (tx, rx) = Queue::bounded(2).split();
        let mut tasks: Vec<_> = [0, 10, 20]
            .map(|first| {
                let tx = tx.clone();
                task(async move {
                    for item in first..first + 10 {
                        tx.put(item).await.unwrap();
                    }
                })
            })
            .into();
        tasks.push(task(async move {
            let mut got: Vec<u32> = rx.stream().collect().await;
            got.sort_unstable();
            assert_eq!((0..30).collect::<Vec<_>>(), got);
        }));
        tasks
    });
}

/// Trap H5.
#[test]
fn a_weak_sender_does_not_keep_a_stream_from_its_end() {
    let (tx, rx) = Queue::unbounded().split();
    let weak = tx.downgrade();
    weak.upgrade().unwrap().try_put(1).unwrap();
    let mut items = Box::pin(rx.stream());
    assert_eq!(Poll::Ready(Some(1)), Driver::new(items.next()).poll());
    let mut next = Driver::waiting(items.next());
    drop(weak.upgrade());
    next.pending();
    drop(tx);
    assert_eq!(None, next.woken());
    assert!(weak.upgrade().is_none());
}

/// A task that is dropped somewhere drops its half with it.
#[test]
fn a_task_that_is_cancelled_ends_its_side() {
    let (tx, rx) = Queue::bounded(1).split();
    let producer = Driver::waiting(async move { while tx.put(1).await.is_ok() {} });
    assert_eq!(Driver::new(rx.get()).ready(), Ok(1));
    drop(producer);
    // The place that its put had been granted is free again, and nothing comes any more.
    assert_eq!(Driver::new(rx.get()).ready(), Err(GetError::ShutDown));
    rx.queue().assert_quiet();
}

#[test]
fn halves_go_to_the_other_face_and_back_and_are_the_same_side() {
    let (tx, rx) = Queue::bounded(1).split();
    watched(&rx.clone(), || {
        let thread = std::thread::spawn({
            let rx = rx.clone().into_thread();
            move || rx.iter().collect::<Vec<_>>()
        });
        drop(rx);
        let tx = tx.into_thread().into_task();
        block_on(async {
            for item in 0..5 {
                tx.put(item).await.unwrap();
            }
        });
        drop(tx);
        assert_eq!(vec![0, 1, 2, 3, 4], thread.join().unwrap());
    });
}
