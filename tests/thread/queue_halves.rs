//! The two halves of a queue, as threads see them.

use crate::watch::{until_waiting, watched};
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::{Arc, Mutex};
use std::thread;
use syncline::internals::Quiet;
use syncline::store::Fifo;
use syncline::thread::{LifoQueue, PriorityQueue, Queue, Receiver, Sender};
use syncline::{GetError, PutError, Shutdown};

#[test]
fn what_is_queued_is_still_got_when_the_last_sender_is_gone() {
    let (tx, rx) = Queue::bounded(4).split();
    let other = tx.clone();
    tx.put_many([1, 2]).unwrap();
    drop(tx);
    other.put(3).unwrap();
    assert!(!rx.queue().is_shut_down(), "there is another sender");
    drop(other);
    assert!(rx.queue().is_shut_down());
    assert_eq!(rx.get(), Ok(1));
    assert_eq!(rx.get_many(9), Ok(vec![2, 3]));
    assert_eq!(rx.try_get(), Err(GetError::ShutDown));
    assert_eq!(rx.get(), Err(GetError::ShutDown));
    rx.queue().assert_quiet();
}

#[test]
fn the_last_sender_wakes_all_who_wait_for_an_item() {
    let (tx, rx) = Queue::<u8>::unbounded().split();
    watched(&rx.clone(), || {
        let getters = [(); 3].map(|()| {
            let rx = rx.clone();
            thread::spawn(move || rx.get())
        });
        until_waiting(rx.queue(), 3);
        drop(tx.clone());
        assert_eq!(3, rx.queue().waiting(), "there is another sender");
        drop(tx);
        for getter in getters {
            assert_eq!(getter.join().unwrap(), Err(GetError::ShutDown));
        }
    });
    rx.queue().assert_quiet();
}

/// Trap H3.
#[test]
fn what_is_queued_is_dropped_with_the_last_receiver_and_not_with_the_senders() {
    let (tx, rx) = Queue::bounded(4).split();
    let item = Arc::new(());
    tx.put(Arc::clone(&item)).unwrap();
    tx.put(Arc::clone(&item)).unwrap();
    drop(rx.clone());
    assert_eq!(3, Arc::strong_count(&item), "there is another receiver");
    drop(rx);
    assert_eq!(1, Arc::strong_count(&item));
    let refused = tx.put(Arc::clone(&item)).unwrap_err();
    assert!(matches!(refused, PutError::ShutDown(_)));
    drop(refused);
    assert_eq!(1, Arc::strong_count(&item));
    tx.queue().assert_quiet();
}

#[test]
fn the_last_receiver_gives_the_items_back_to_all_who_wait_for_a_place() {
    let (tx, rx) = Queue::bounded(1).split();
    watched(&tx.clone(), || {
        tx.put(0).unwrap();
        let putters = [1, 2].map(|item| {
            let tx = tx.clone();
            thread::spawn(move || tx.put(item))
        });
        let reserver = thread::spawn({
            let tx = tx.clone();
            move || tx.reserve().map(drop)
        });
        until_waiting(tx.queue(), 3);
        drop(rx);
        let back = putters.map(|putter| putter.join().unwrap().unwrap_err().into_inner());
        assert_eq!([1, 2], back);
        assert_eq!(reserver.join().unwrap(), Err(PutError::ShutDown(())));
    });
    tx.queue().assert_quiet();
}

#[test]
fn a_place_that_was_reserved_before_the_last_receiver_went_takes_no_item() {
    let (tx, rx) = Queue::bounded(1).split();
    let place = tx.reserve().unwrap();
    drop(rx);
    let item = Arc::new(());
    assert!(place.put(Arc::clone(&item)).is_err());
    assert_eq!(1, Arc::strong_count(&item));
    tx.queue().assert_quiet();
}

#[test]
fn a_loop_over_a_receiver_ends_with_the_last_sender() {
    let (tx, rx) = Queue::bounded(2).split();
    watched(&"a pipeline", || {
        let producers = [0, 10, 20].map(|first| {
            let tx = tx.clone();
            thread::spawn(move || {
                for item in first..first + 10 {
                    tx.put(item).unwrap();
                }
            })
        });
        drop(tx);
        let mut got = Vec::new();
        for item in &rx {
            got.push(item);
        }
        got.sort_unstable();
        assert_eq!((0..30).collect::<Vec<_>>(), got);
        assert_eq!(rx.iter().next(), None);
        for producer in producers {
            producer.join().unwrap();
        }
    });
    let mut items = rx.into_iter();
    assert_eq!((items.next(), items.next()), (None, None));
}

/// A stage that gives up ends the stages before it, and those end the stages behind.
#[test]
fn a_stage_that_goes_ends_the_pipeline_in_both_directions() {
    let (tx, middle) = Queue::bounded(1).split();
    let (forward, rx) = Queue::bounded(1).split();
    watched(&"a pipeline of three", || {
        let first = thread::spawn(move || (0..).find_map(|n| tx.put(n).err()));
        let second = thread::spawn(move || {
            for item in middle {
                if item == 3 || forward.put(item).is_err() {
                    return;
                }
            }
        });
        assert_eq!(vec![0, 1, 2], rx.iter().collect::<Vec<u32>>());
        second.join().unwrap();
        assert!(matches!(
            first.join().unwrap(),
            Some(PutError::ShutDown(4..))
        ));
    });
}

/// Trap H5.
#[test]
fn a_weak_sender_does_not_keep_a_queue_open_and_brings_no_side_back() {
    let (tx, rx) = Queue::unbounded().split();
    let weak = tx.downgrade();
    let again = weak.clone();
    let second = weak.upgrade().unwrap();
    drop(tx);
    second.put(1).unwrap();
    again.upgrade().unwrap().put(2).unwrap();
    drop(second);
    assert!(weak.upgrade().is_none() && again.upgrade().is_none());
    assert_eq!(vec![1, 2], rx.iter().collect::<Vec<_>>());
    // It keeps the memory, and nothing that was in it.
    drop(rx);
    assert!(weak.upgrade().is_none());
}

#[test]
fn a_weak_sender_of_a_queue_without_receivers_gives_items_back() {
    let (tx, rx) = Queue::unbounded().split();
    let weak = tx.downgrade();
    drop(rx);
    let refused = weak.upgrade().map(|tx| tx.put(1));
    assert_eq!(Some(Err(PutError::ShutDown(1))), refused);
    drop(tx);
    assert!(weak.upgrade().is_none());
}

#[test]
fn an_explicit_shutdown_wins_over_the_halves() {
    let (tx, rx) = Queue::unbounded().split();
    tx.put(1).unwrap();
    assert_eq!(0, tx.queue().shutdown(Shutdown::Graceful));
    assert_eq!(tx.clone().put(2), Err(PutError::ShutDown(2)));
    assert_eq!(1, rx.queue().shutdown(Shutdown::Immediate));
    drop((tx, rx));

    // The other way round: what the last sender has ended gracefully may still be shut down at once.
    let (tx, rx) = Queue::unbounded().split();
    tx.put(1).unwrap();
    drop(tx);
    assert_eq!(1, rx.queue().shutdown(Shutdown::Immediate));
    assert_eq!(rx.get(), Err(GetError::ShutDown));
}

#[test]
fn every_kind_of_queue_can_be_split() {
    let (tx, rx) = LifoQueue::bounded(2).split();
    tx.put_many([1, 2]).unwrap();
    drop(tx);
    assert_eq!(vec![2, 1], rx.into_iter().collect::<Vec<_>>());
    let (tx, rx) = PriorityQueue::unbounded().split();
    tx.put((2, "b")).unwrap();
    tx.put((1, "a")).unwrap();
    drop(tx);
    assert_eq!(vec![(1, "a"), (2, "b")], rx.into_iter().collect::<Vec<_>>());
}

/// An item that has a half of its own queue ends nothing twice, and is dropped without a lock.
#[test]
fn an_item_may_own_a_half_of_the_queue_that_drops_it() {
    enum Item {
        Sends(#[expect(dead_code, reason = "it is only dropped")] Sender<Fifo<Item>>),
        Gets(Receiver<Fifo<Item>>),
    }

    let (tx, rx) = Queue::unbounded().split();
    let weak = tx.downgrade();
    watched(&"a queue in itself", || {
        tx.put(Item::Sends(tx.clone())).unwrap();
        drop(tx);
        assert!(weak.upgrade().is_some(), "the item has a sender");
        drop(rx);
        assert!(weak.upgrade().is_none(), "the item was dropped");
    });
    let (tx, rx) = Queue::unbounded().split();
    watched(&"a queue in itself", || {
        tx.put(Item::Gets(rx.clone())).unwrap();
        match rx.get() {
            Ok(Item::Gets(other)) => drop((rx, other)),
            _ => panic!("it has been put"),
        }
        assert!(tx.queue().is_shut_down());
        drop(tx);
    });
}

/// Whatever an item does while it is dropped, the other items are dropped, and so is the queue.
#[test]
fn an_item_that_panics_while_the_last_receiver_goes_keeps_nothing_alive() {
    struct Panics(Option<Arc<()>>);

    impl Drop for Panics {
        fn drop(&mut self) {
            assert!(self.0.is_some(), "as it should");
        }
    }

    let item = Arc::new(());
    let (tx, rx) = Queue::unbounded().split();
    tx.put(Panics(None)).unwrap();
    tx.put(Panics(Some(Arc::clone(&item)))).unwrap();
    catch_unwind(AssertUnwindSafe(|| drop(rx))).unwrap_err();
    assert_eq!(1, Arc::strong_count(&item));
    assert!(tx.queue().is_shut_down());
    assert!(tx.put(Panics(Some(Arc::clone(&item)))).is_err());
    drop(tx);
    assert_eq!(1, Arc::strong_count(&item));
}

/// Trap H6.
#[test]
fn no_item_is_lost_and_nobody_hangs_however_the_halves_go() {
    const ROUNDS: usize = if cfg!(miri) { 5 } else { 500 };
    watched(&"halves that go at once", || {
        for round in 0..ROUNDS {
            let (tx, rx) = Queue::bounded(1 + round % 3).split();
            let got = Mutex::new(Vec::new());
            thread::scope(|threads| {
                for first in [0, 100] {
                    let tx = tx.clone();
                    threads.spawn(move || {
                        for item in first..first + 5 {
                            tx.put(item).unwrap();
                        }
                    });
                }
                for _ in 0..2 {
                    let (rx, got) = (rx.clone(), &got);
                    threads.spawn(move || {
                        while let Ok(item) = rx.get() {
                            got.lock().unwrap().push(item);
                        }
                    });
                }
                drop((tx, rx));
            });
            let mut got = got.into_inner().unwrap();
            got.sort_unstable();
            assert_eq!(vec![0, 1, 2, 3, 4, 100, 101, 102, 103, 104], got);
        }
    });
}

#[test]
fn timed_forms_say_that_the_other_side_is_gone() {
    let short = Duration::from_millis(1);
    let (tx, rx) = Queue::bounded(1).split();
    tx.put(1).unwrap();
    assert_eq!(tx.put_timeout(2, short), Err(PutError::TimedOut(2)));
    assert_eq!(rx.get_timeout(short), Ok(1));
    assert_eq!(rx.get_timeout(short), Err(GetError::TimedOut));
    drop(rx);
    assert_eq!(tx.put_timeout(2, short), Err(PutError::ShutDown(2)));
}

#[test]
fn debug_output_of_a_half_shows_its_queue() {
    let (tx, rx) = Queue::bounded(3).split();
    tx.put(7).unwrap();
    let (sender, receiver) = (format!("{tx:?}"), format!("{rx:?}"));
    assert!(
        sender.starts_with("Sender(Queue") && sender.contains("len: 1"),
        "{sender}"
    );
    assert!(receiver.starts_with("Receiver(Queue"), "{receiver}");
    assert!(format!("{:?}", tx.downgrade()).starts_with("WeakSender"));
}
