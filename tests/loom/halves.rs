//! Models of a queue that has been split: the last half of one side goes while the other side is at work.

use core::pin::pin;
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use futures_core::Stream;
use syncline::internals::Quiet;
use syncline::loom::thread::{spawn, yield_now};
use syncline::store::Fifo;
use syncline::task::block_on;
use syncline::{GetError, PutError, Shutdown, task, thread};

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("halves/thread/last_sender_against_get", thread_last_sender),
    model!("halves/task/last_sender_against_get", task_last_sender),
    model!(
        "halves/thread/last_receiver_against_waiting_put",
        thread_last_receiver
    ),
    model!(
        "halves/task/last_receiver_against_waiting_put",
        task_last_receiver
    ),
    model!("halves/thread/put_against_last_receiver", put),
    model!(
        "halves/thread/timeout_against_last_sender",
        thread_get_timeout
    ),
    model!("halves/task/timeout_against_last_sender", task_get_timeout),
    model!(
        "halves/thread/timeout_against_last_receiver",
        thread_put_timeout
    ),
    model!(
        "halves/task/timeout_against_last_receiver",
        task_put_timeout
    ),
    model!("halves/task/granted_get_outlives_the_senders", granted),
    model!("halves/task/dropped_get_against_last_sender", dropped),
    model!("halves/thread/upgrade_against_last_drop", upgrade),
    model!("halves/thread/both_sides_go_at_once", both),
    model!("halves/thread/shutdown_against_last_drop", shutdown),
    model!("halves/mixed/clone_against_drop", clone),
];

const LONG: Duration = Duration::from_secs(60);

/// A cell that whoever goes writes before, and who hears of the end reads.
fn written() -> Arc<Guarded<()>> {
    Arc::new(Guarded::new(()))
}

/// How one gets.
type Get = fn(thread::Receiver<Fifo<i32>>) -> Result<i32, GetError>;

/// Two senders go, each in a thread of its own. Whoever is told of the end sees what was done with both.
fn last_sender(check: Check, get: Get) {
    check
        .outcomes(&["rival last", "rival first"])
        .overdue(&[false, true])
        .run(move |run| {
            let (tx, rx) = thread::Queue::unbounded().split();
            let cells = [written(), written()];
            let getter = spawn({
                let cells = cells.each_ref().map(Arc::clone);
                move || {
                    assert_eq!(get(rx), Err(GetError::ShutDown));
                    assert_eq!((cells[0].value(), cells[1].value()), (1, 1));
                }
            });
            let rival = spawn({
                let (tx, cell) = (tx.clone(), Arc::clone(&cells[0]));
                move || {
                    cell.bump();
                    drop(tx);
                }
            });
            let weak = tx.downgrade();
            cells[1].bump();
            drop(tx);
            let open = weak.upgrade().is_some();
            run.saw(if open { "rival last" } else { "rival first" });
            rival.join().unwrap();
            getter.join().unwrap();
        });
}

fn thread_last_sender(check: Check) {
    last_sender(check, |rx| rx.get());
}

fn task_last_sender(check: Check) {
    last_sender(check, |rx| block_on(rx.into_task().get()));
}

/// How one puts.
type Put = fn(thread::Sender<Fifo<i32>>) -> Result<(), PutError<i32>>;

/// Two receivers go while somebody waits for a place. The item comes back, and what was done with both receivers is seen.
fn last_receiver(check: Check, put: Put) {
    check.outcomes(&["waits", "comes later"]).run(move |run| {
        let (tx, rx) = thread::Queue::bounded(1).split();
        tx.put(1).unwrap();
        let cells = [written(), written()];
        let putter = spawn({
            let cells = cells.each_ref().map(Arc::clone);
            move || {
                assert_eq!(put(tx), Err(PutError::ShutDown(2)));
                assert_eq!((cells[0].value(), cells[1].value()), (1, 1));
            }
        });
        let rival = spawn({
            let (rx, cell) = (rx.clone(), Arc::clone(&cells[0]));
            move || {
                cell.bump();
                drop(rx);
            }
        });
        yield_now();
        let waits = rx.queue().waiting() == 1;
        run.saw(if waits { "waits" } else { "comes later" });
        cells[1].bump();
        drop(rx);
        rival.join().unwrap();
        putter.join().unwrap();
    });
}

fn thread_last_receiver(check: Check) {
    last_receiver(check, |tx| tx.put(2));
}

fn task_last_receiver(check: Check) {
    last_receiver(check, |tx| block_on(tx.into_task().put(2)));
}

/// An item is put while the last receiver goes. It is given back or dropped, and stays in no queue (trap H4).
fn put(check: Check) {
    check
        .outcomes(&["put", "refused"])
        .min_executions(4)
        .run(|run| {
            let (tx, rx) = thread::Queue::unbounded().split();
            // The model's own knowledge, of which loom and the queue know nothing.
            let item = Arc::new(());
            let receiver = spawn(move || drop(rx));
            let put = tx.put(Arc::clone(&item));
            run.saw(if put.is_ok() { "put" } else { "refused" });
            drop(put);
            receiver.join().unwrap();
            assert_eq!(
                Arc::strong_count(&item),
                1,
                "it lies there until the senders go"
            );
            assert!(tx.queue().is_shut_down() && tx.queue().is_empty());
            tx.queue().assert_quiet();
        });
}

fn thread_get_timeout(check: Check) {
    check
        .outcomes(&["ended", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let (tx, rx) = thread::Queue::<i32>::unbounded().split();
            let getter = spawn(move || (rx.get_timeout(LONG), rx));
            drop(tx);
            let (got, rx) = getter.join().unwrap();
            run.saw(match got {
                Err(GetError::ShutDown) => "ended",
                Err(GetError::TimedOut) => "timed out",
                other => panic!("{other:?}"),
            });
            assert_eq!(rx.get_deadline(Instant::now()), Err(GetError::ShutDown));
            assert_eq!(rx.get_many(2), Err(GetError::ShutDown));
            assert_eq!(rx.iter().next(), None);
            rx.queue().assert_quiet();
        });
}

fn task_get_timeout(check: Check) {
    check
        .outcomes(&["ended", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let (tx, rx) = task::Queue::<i32>::unbounded().split();
            let getter = spawn(move || (block_on(rx.get_timeout(LONG)), rx));
            drop(tx);
            let (got, rx) = getter.join().unwrap();
            run.saw(match got {
                Err(GetError::ShutDown) => "ended",
                Err(GetError::TimedOut) => "timed out",
                other => panic!("{other:?}"),
            });
            let late = block_on(rx.get_deadline(Instant::now()));
            assert_eq!(late, Err(GetError::ShutDown));
            assert_eq!(block_on(rx.get()), Err(GetError::ShutDown));
            assert_eq!(block_on(rx.get_many(2)), Err(GetError::ShutDown));
            let mut items = pin!(rx.stream());
            let next = core::future::poll_fn(|context| items.as_mut().poll_next(context));
            assert_eq!(block_on(next), None);
            rx.queue().assert_quiet();
        });
}

fn thread_put_timeout(check: Check) {
    check
        .outcomes(&["ended", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let (tx, rx) = thread::Queue::bounded(1).split();
            tx.put(1).unwrap();
            let putter = spawn(move || (tx.put_timeout(2, LONG), tx));
            drop(rx);
            let (put, tx) = putter.join().unwrap();
            run.saw(match put {
                Err(PutError::ShutDown(2)) => "ended",
                Err(PutError::TimedOut(2)) => "timed out",
                other => panic!("{other:?}"),
            });
            let late = tx.put_deadline(3, Instant::now());
            assert_eq!(late, Err(PutError::ShutDown(3)));
            assert_eq!(tx.put_many([4]), Err(PutError::ShutDown(vec![4])));
            assert!(matches!(tx.reserve(), Err(PutError::ShutDown(()))));
            tx.queue().assert_quiet();
        });
}

fn task_put_timeout(check: Check) {
    check
        .outcomes(&["ended", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let (tx, rx) = task::Queue::bounded(1).split();
            block_on(tx.put(1)).unwrap();
            let putter = spawn(move || (block_on(tx.put_timeout(2, LONG)), tx));
            drop(rx);
            let (put, tx) = putter.join().unwrap();
            run.saw(match put {
                Err(PutError::ShutDown(2)) => "ended",
                Err(PutError::TimedOut(2)) => "timed out",
                other => panic!("{other:?}"),
            });
            let late = block_on(tx.put_deadline(3, Instant::now()));
            assert_eq!(late, Err(PutError::ShutDown(3)));
            let late = block_on(tx.put_many([4]));
            assert_eq!(late, Err(PutError::ShutDown(vec![4])));
            assert!(matches!(
                block_on(tx.reserve()),
                Err(PutError::ShutDown(()))
            ));
            tx.queue().assert_quiet();
        });
}

/// A get that was granted an item has it, although the last sender is gone when it comes for it.
fn granted(check: Check) {
    check
        .outcomes(&["granted", "came first"])
        .min_executions(4)
        .run(|run| {
            let (tx, rx) = task::Queue::unbounded().split();
            let waker = CountingWaker::new();
            let mut get = Box::pin(rx.get());
            assert!(poll_once(get.as_mut(), &waker).is_pending());
            let sender = spawn(move || {
                tx.try_put(1).unwrap();
                drop(tx);
            });
            let early = poll_once(get.as_mut(), &waker);
            run.saw(if early.is_ready() {
                "came first"
            } else {
                "granted"
            });
            sender.join().unwrap();
            let got = match early {
                Poll::Ready(got) => got,
                Poll::Pending => match poll_once(get.as_mut(), &waker) {
                    Poll::Ready(got) => got,
                    Poll::Pending => panic!("it has been granted an item"),
                },
            };
            assert_eq!(got, Ok(1));
            drop(get);
            assert_eq!(block_on(rx.get()), Err(GetError::ShutDown));
            assert_eq!(waker.clones(), 0);
            rx.queue().assert_quiet();
        });
}

/// A get is dropped while an item is put and the last sender goes: the next one gets the item, and then the end.
fn dropped(check: Check) {
    check
        .outcomes(&["was woken", "was not woken"])
        .min_executions(4)
        .run(|run| {
            let (tx, rx) = task::Queue::unbounded().split();
            let waker = CountingWaker::new();
            let mut get = Box::pin(rx.get());
            assert!(poll_once(get.as_mut(), &waker).is_pending());
            let sender = spawn(move || {
                tx.try_put(1).unwrap();
                drop(tx);
            });
            drop(get);
            let woken = waker.wakes() > 0;
            run.saw(if woken { "was woken" } else { "was not woken" });
            sender.join().unwrap();
            assert_eq!(block_on(rx.get()), Ok(1));
            assert_eq!(block_on(rx.get()), Err(GetError::ShutDown));
            rx.queue().assert_quiet();
        });
}

/// A sender that comes of a weak one while the last goes can put, or there is none (trap H5).
fn upgrade(check: Check) {
    check.outcomes(&["upgraded", "too late"]).run(|run| {
        let (tx, rx) = thread::Queue::unbounded().split();
        let weak = tx.downgrade();
        let last = spawn(move || drop(tx));
        let upgraded = weak.upgrade();
        run.saw(if upgraded.is_some() {
            "upgraded"
        } else {
            "too late"
        });
        let put = upgraded.map(|tx| tx.put(1));
        last.join().unwrap();
        assert!(weak.upgrade().is_none(), "a queue that has ended is open");
        if let Some(put) = put {
            assert_eq!((put, rx.get()), (Ok(()), Ok(1)));
        }
        assert_eq!(rx.get(), Err(GetError::ShutDown));
        rx.queue().assert_quiet();
    });
}

/// Both sides go at the same time: what is queued is dropped once, and so is the queue.
fn both(check: Check) {
    check.outcomes(&["gone"]).min_executions(4).run(|run| {
        let (tx, rx) = thread::Queue::unbounded().split();
        let (item, cell) = (Arc::new(()), written());
        cell.bump();
        tx.put((Arc::clone(&item), Arc::clone(&cell))).unwrap();
        let weak = tx.downgrade();
        let receiver = spawn(move || drop(rx));
        drop(tx);
        receiver.join().unwrap();
        assert_eq!(Arc::strong_count(&item), 1);
        assert!(weak.upgrade().is_none());
        assert_eq!(cell.value(), 1);
        run.saw("gone");
    });
}

/// Somebody shuts the queue down at once while the last sender ends it gracefully: the item is dropped.
fn shutdown(check: Check) {
    check
        .outcomes(&["shut down first", "ended first"])
        .min_executions(4)
        .run(|run| {
            let (tx, rx) = thread::Queue::unbounded().split();
            tx.put(1).unwrap();
            let cell = written();
            let sender = spawn({
                let cell = Arc::clone(&cell);
                move || {
                    cell.bump();
                    drop(tx);
                }
            });
            let ended = rx.queue().is_shut_down();
            run.saw(if ended {
                "ended first"
            } else {
                "shut down first"
            });
            assert_eq!(rx.queue().shutdown(Shutdown::Immediate), 1);
            assert_eq!(rx.get(), Err(GetError::ShutDown));
            sender.join().unwrap();
            assert_eq!(cell.value(), 1);
            assert_eq!(rx.get(), Err(GetError::ShutDown));
            rx.queue().assert_quiet();
        });
}

/// Halves are cloned, and go to the other face, while others of their side are dropped: the queue stays open.
fn clone(check: Check) {
    check
        .outcomes(&["rival first", "rival second"])
        .min_executions(4)
        .run(|run| {
            let (tx, rx) = task::Queue::unbounded().split();
            let rival = spawn({
                let (tx, rx) = (tx.clone().into_thread(), rx.clone().into_thread());
                move || {
                    tx.put(1).unwrap();
                    drop((tx.clone(), tx, rx.clone(), rx));
                }
            });
            block_on(tx.clone().put(2)).unwrap();
            let first = block_on(rx.clone().get()).unwrap();
            run.saw(if first == 1 {
                "rival first"
            } else {
                "rival second"
            });
            let second = block_on(rx.get()).unwrap();
            assert_eq!(first + second, 3);
            rival.join().unwrap();
            assert!(!tx.queue().is_shut_down());
            drop(tx);
            assert_eq!(block_on(rx.get()), Err(GetError::ShutDown));
            rx.queue().assert_quiet();
        });
}
