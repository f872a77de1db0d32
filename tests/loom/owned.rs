//! Models of waits that keep alive what they wait for: nobody else need have it any more.

use core::pin::Pin;
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::GetError;
use syncline::internals::Quiet;
use syncline::loom::thread::{JoinHandle, spawn, yield_now};
use syncline::task::{Barrier, Condition, Event, Lock, Queue, block_on};

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("event/task/owned_wait_outlives_the_others", event),
    model!("event/task/owned_timeout_against_set", event_timed),
    model!("event/task/owned_drop_against_set", event_drop),
    model!("barrier/task/owned_wait_outlives_the_others", barrier),
    model!("barrier/task/owned_timeout_against_arrival", barrier_timed),
    model!("condition/task/owned_wait_outlives_the_others", condition),
    model!(
        "condition/task/owned_timeout_against_notify",
        condition_timed
    ),
    model!("queue/task/owned_get_outlives_the_others", get),
    model!("queue/task/owned_put_outlives_the_others", put),
    model!("queue/task/owned_timeout_against_put", get_timed),
    model!("queue/task/owned_timeout_against_get", put_timed),
];

const LONG: Duration = Duration::from_secs(60);

/// The cell that is written before whatever ends the wait.
type Shared = Arc<Guarded<()>>;

fn cell() -> Shared {
    Arc::new(Guarded::new(()))
}

/// A thread that writes the cell and does something with a share of the primitive, which it drops.
fn with<T: Send + Sync + 'static>(
    cell: &Shared,
    primitive: &Arc<T>,
    body: impl FnOnce(&T) + 'static,
) -> JoinHandle<()> {
    let (cell, primitive) = (Arc::clone(cell), Arc::clone(primitive));
    spawn(move || {
        cell.bump();
        body(&primitive);
    })
}

/// Waits to the end, and says whether the first poll was too early. What is waited for lives on until the wait is dropped, which
/// a model does when it has joined the others: the count of std's `Arc` orders nothing that loom sees.
fn wait<F: Future>(future: &mut Pin<Box<F>>) -> (F::Output, bool) {
    match poll_once(future.as_mut(), &CountingWaker::new()) {
        Poll::Ready(output) => (output, false),
        Poll::Pending => (block_on(future), true),
    }
}

const fn name(waited: bool) -> &'static str {
    if waited { "had to wait" } else { "came later" }
}

fn event(check: Check) {
    check.outcomes(&["had to wait", "came later"]).run(|run| {
        let (cell, event) = (cell(), Arc::new(Event::new()));
        let (left, mut owned) = (Arc::downgrade(&event), Box::pin(event.wait_owned()));
        let setter = with(&cell, &event, Event::set);
        drop(event);
        let ((), waited) = wait(&mut owned);
        assert_eq!(cell.value(), 1);
        run.saw(name(waited));
        setter.join().unwrap();
        assert_eq!(left.strong_count(), 1);
        drop(owned);
        assert_eq!(left.strong_count(), 0);
    });
}

fn event_timed(check: Check) {
    check
        .outcomes(&["set", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let (cell, event) = (cell(), Arc::new(Event::new()));
            let owned = event.wait_owned_timeout(LONG);
            let setter = with(&cell, &event, Event::set);
            let set = block_on(owned).is_ok();
            if set {
                assert_eq!(cell.value(), 1);
            }
            run.saw(if set { "set" } else { "timed out" });
            setter.join().unwrap();
            assert!(block_on(event.wait_owned_deadline(Instant::now())).is_ok());
        });
}

fn event_drop(check: Check) {
    check
        .outcomes(&["told", "not told"])
        .min_executions(4)
        .run(|run| {
            let (cell, event) = (cell(), Arc::new(Event::new()));
            let waker = CountingWaker::new();
            let mut owned = Box::pin(event.wait_owned());
            assert!(poll_once(owned.as_mut(), &waker).is_pending());
            let setter = with(&cell, &event, Event::set);
            yield_now();
            drop(owned);
            setter.join().unwrap();
            run.saw(if waker.wakes() == 1 {
                "told"
            } else {
                "not told"
            });
            assert_eq!((waker.clones(), Arc::strong_count(&event)), (0, 1));
            event.assert_quiet();
        });
}

fn barrier(check: Check) {
    check.outcomes(&["had to wait", "came later"]).run(|run| {
        let (cell, barrier) = (cell(), Arc::new(Barrier::new(2)));
        let (left, mut owned) = (Arc::downgrade(&barrier), Box::pin(barrier.wait_owned()));
        let party = with(&cell, &barrier, |barrier| {
            block_on(barrier.wait()).unwrap();
        });
        drop(barrier);
        let (met, waited) = wait(&mut owned);
        assert_eq!((met.unwrap().is_leader(), cell.value()), (!waited, 1));
        run.saw(name(waited));
        party.join().unwrap();
        assert_eq!(left.strong_count(), 1);
        drop(owned);
        assert_eq!(left.strong_count(), 0);
    });
}

fn barrier_timed(check: Check) {
    check
        .outcomes(&["met", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let (cell, barrier) = (cell(), Arc::new(Barrier::new(2)));
            let owned = barrier.wait_owned_timeout(LONG);
            let party = with(&cell, &barrier, |barrier| {
                let _met = block_on(barrier.wait());
            });
            let met = block_on(owned);
            if met.is_ok() {
                assert_eq!(cell.value(), 1);
            }
            run.saw(if met.is_ok() { "met" } else { "timed out" });
            party.join().unwrap();
            let alone = Arc::new(Barrier::new(1));
            assert!(block_on(alone.wait_owned_deadline(Instant::now())).is_ok());
        });
}

type Pair = (Arc<Lock<bool>>, Arc<Condition>);

fn pair() -> Pair {
    (Arc::new(Lock::new(false)), Arc::new(Condition::new()))
}

/// A thread that sets the value under the lock, and notifies, with shares of both that it drops.
fn change(cell: &Shared, (lock, changed): &Pair) -> JoinHandle<bool> {
    let (cell, lock, changed) = (Arc::clone(cell), Arc::clone(lock), Arc::clone(changed));
    spawn(move || {
        let mut guard = lock.as_thread().lock();
        *guard = true;
        cell.bump();
        drop(guard);
        changed.notify_one()
    })
}

fn condition(check: Check) {
    check.outcomes(&["notified"]).run(|run| {
        let (cell, pair) = (cell(), pair());
        let left = (Arc::downgrade(&pair.0), Arc::downgrade(&pair.1));
        let guard = pair.0.try_lock_owned().unwrap();
        let mut first = Box::pin(pair.1.wait_for_owned(guard, |set| *set));
        let notifier = change(&cell, &pair);
        let changed = pair.1;
        drop(pair.0);
        let guard = block_on(&mut first);
        assert_eq!((*guard, cell.value()), (true, 1));
        assert!(notifier.join().unwrap());
        run.saw("notified");
        // Nobody else is left, but for the wait.
        let mut second = Box::pin(changed.wait_owned(guard));
        assert!(poll_once(second.as_mut(), &CountingWaker::new()).is_pending());
        assert_eq!(changed.notify_all(), 1);
        drop((changed, first));
        drop(block_on(&mut second));
        assert_eq!((left.0.strong_count(), left.1.strong_count()), (0, 1));
        drop(second);
        assert_eq!(left.1.strong_count(), 0);
    });
}

/// The guard that a timed wait gives back, which is notified unless its time is over at once.
fn notified_or_late<G, R>(changed: &Condition, owned: impl Future<Output = (G, R)>) -> G {
    let mut owned = Box::pin(owned);
    match poll_once(owned.as_mut(), &CountingWaker::new()) {
        Poll::Ready((guard, _)) => guard,
        Poll::Pending => {
            assert_eq!(changed.notify_all(), 1);
            block_on(owned).0
        }
    }
}

fn condition_timed(check: Check) {
    check
        .outcomes(&["in time", "too late"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let (cell, pair) = (cell(), pair());
            let guard = pair.0.try_lock_owned().unwrap();
            let owned = pair.1.wait_for_owned_timeout(guard, LONG, |set| *set);
            let notifier = change(&cell, &pair);
            let (guard, result) = block_on(owned);
            assert_eq!(result.is_ok(), *guard);
            run.saw(if *guard { "in time" } else { "too late" });
            drop(guard);
            notifier.join().unwrap();
            let guard = pair.0.try_lock_owned().unwrap();
            let now = Instant::now();
            let (guard, result) = block_on(pair.1.wait_for_owned_deadline(guard, now, |set| *set));
            assert!(result.is_ok());
            let owned = pair.1.wait_owned_timeout(guard, LONG);
            let guard = notified_or_late(&pair.1, owned);
            drop(notified_or_late(
                &pair.1,
                pair.1.wait_owned_deadline(guard, now),
            ));
        });
}

fn get(check: Check) {
    check.outcomes(&["had to wait", "came later"]).run(|run| {
        let (cell, queue) = (cell(), Arc::new(Queue::bounded(1)));
        let (left, mut owned) = (Arc::downgrade(&queue), Box::pin(queue.get_owned()));
        let putter = with(&cell, &queue, |queue| queue.try_put(7).unwrap());
        drop(queue);
        let (got, waited) = wait(&mut owned);
        assert_eq!((got, cell.value()), (Ok(7), 1));
        run.saw(name(waited));
        putter.join().unwrap();
        assert_eq!(left.strong_count(), 1);
        drop(owned);
        assert_eq!(left.strong_count(), 0);
    });
}

fn put(check: Check) {
    check.outcomes(&["had to wait", "came later"]).run(|run| {
        let (cell, queue) = (cell(), Arc::new(Queue::bounded(1)));
        queue.try_put(1).unwrap();
        let (left, mut owned) = (Arc::downgrade(&queue), Box::pin(queue.put_owned(2)));
        let getter = with(&cell, &queue, |queue| assert_eq!(queue.try_get(), Ok(1)));
        drop(queue);
        let (put, waited) = wait(&mut owned);
        assert_eq!((put, cell.value()), (Ok(()), 1));
        run.saw(name(waited));
        getter.join().unwrap();
        assert_eq!(left.strong_count(), 1);
        drop(owned);
        assert_eq!(left.strong_count(), 0);
    });
}

fn get_timed(check: Check) {
    check
        .outcomes(&["got", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let (cell, queue) = (cell(), Arc::new(Queue::bounded(1)));
            let owned = queue.get_owned_timeout(LONG);
            let putter = with(&cell, &queue, |queue| queue.try_put(7).unwrap());
            let got = block_on(owned);
            run.saw(if got.is_ok() { "got" } else { "timed out" });
            putter.join().unwrap();
            if got.is_ok() {
                assert_eq!(queue.try_get(), Err(GetError::Empty), "it is there once");
                queue.try_put(7).unwrap();
            }
            assert_eq!(block_on(queue.get_owned_deadline(Instant::now())), Ok(7));
        });
}

fn put_timed(check: Check) {
    check
        .outcomes(&["put", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let (cell, queue) = (cell(), Arc::new(Queue::bounded(1)));
            queue.try_put(1).unwrap();
            let owned = queue.put_owned_timeout(2, LONG);
            let getter = with(&cell, &queue, |queue| assert_eq!(queue.try_get(), Ok(1)));
            let put = block_on(owned);
            run.saw(if put.is_ok() { "put" } else { "timed out" });
            getter.join().unwrap();
            if put.is_ok() {
                assert_eq!(queue.try_get(), Ok(2));
            }
            assert_eq!(
                queue.try_get(),
                Err(GetError::Empty),
                "it was put once, or not at all"
            );
            assert!(block_on(queue.put_owned_deadline(3, Instant::now())).is_ok());
        });
}
