//! Futures put together: `gather`, `try_gather` and `as_completed`.

use crate::driver::Driver;
use crate::executors::{on_every_executor, task};
use crate::watch::watched;
use core::cell::{Cell, RefCell};
use core::future::{Future, pending, poll_fn, ready};
use core::pin::pin;
use core::task::{Context, Poll};
use futures_lite::future::yield_now;
use std::rc::Rc;
use std::sync::Arc;
use syncline::internals::Quiet;
use syncline::task::{Event, Lock, RLock, as_completed, block_on, gather, identified, try_gather};

/// Adds its name to a list when it is dropped.
struct Dropped<'a>(&'a RefCell<Vec<u32>>, u32);

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        self.0.borrow_mut().push(self.1);
    }
}

/// Counts how often each of several events' waits is polled.
fn counted<'a>(
    events: &'a [Event],
    polls: &'a [Cell<u32>],
) -> impl Iterator<Item = impl Future<Output = usize>> {
    events
        .iter()
        .zip(polls)
        .enumerate()
        .map(|(place, (event, polls))| async move {
            let mut wait = pin!(event.wait());
            poll_fn(|context| {
                polls.set(polls.get() + 1);
                wait.as_mut().poll(context)
            })
            .await;
            place
        })
}

fn events(count: usize) -> Vec<Event> {
    (0..count).map(|_| Event::new()).collect()
}

#[test]
fn nothing_gathered_is_ready_at_once() {
    let none: [core::future::Ready<()>; 0] = [];
    assert!(Driver::new(gather(none)).ready().is_empty());
    let none: [core::future::Ready<Result<(), ()>>; 0] = [];
    assert_eq!(Ok(vec![]), Driver::new(try_gather(none)).ready());
    let none: [core::future::Ready<()>; 0] = [];
    assert_eq!(None, Driver::new(as_completed(none).next()).ready());
}

/// asyncio: `test_constructor_heterogeneous_futures`, `test_success`.
#[test]
fn results_are_in_the_order_of_the_futures_however_they_end() {
    let events = events(3);
    let polls = [const { Cell::new(0) }; 3];
    let mut all = Driver::waiting(gather(counted(&events, &polls)));
    for place in [2, 0] {
        events[place].set();
        assert!(all.is_woken());
        all.pending();
    }
    events[1].set();
    assert_eq!([0, 1, 2], all.woken()[..]);
}

#[test]
fn a_child_is_polled_only_when_it_was_woken() {
    let events = events(3);
    let polls = [const { Cell::new(0) }; 3];
    let mut all = Driver::waiting(gather(counted(&events, &polls)));
    all.pending();
    events[1].set();
    all.pending();
    assert_eq!([1, 2, 1], polls.each_ref().map(Cell::get));
    events[1].set();
    assert!(!all.is_woken(), "it has ended");
    events[0].set();
    events[2].set();
    assert_eq!(1, all.probe().wakes() - 1, "one wake for both");
    assert_eq!([0, 1, 2], all.woken()[..]);
    assert_eq!([2, 2, 2], polls.each_ref().map(Cell::get));
}

/// Fairness: children that always go on do not keep the poll from ending.
#[test]
fn a_child_is_polled_once_in_a_poll_however_often_it_wakes_itself() {
    let polls = Cell::new(0);
    let restless = poll_fn(|context: &mut Context<'_>| {
        polls.set(polls.get() + 1);
        context.waker().wake_by_ref();
        let waker = context.waker().clone();
        waker.wake_by_ref();
        waker.wake();
        Poll::<()>::Pending
    });
    let mut all = Driver::new(gather([restless]));
    for round in 1..5 {
        all.pending();
        assert_eq!(round, polls.get());
        assert!(all.is_woken());
        assert_eq!(round, u32::try_from(all.probe().wakes()).unwrap());
    }
    assert_eq!(0, all.cancel().alive());
}

#[test]
fn children_that_yield_run_in_turn() {
    let order = RefCell::new(Vec::new());
    let turns = async |name| {
        for turn in 0..3 {
            order.borrow_mut().push((turn, name));
            yield_now().await;
        }
    };
    block_on(gather([turns('a'), turns('b')]));
    let expected: Vec<_> = (0..3).flat_map(|turn| [(turn, 'a'), (turn, 'b')]).collect();
    assert_eq!(expected, order.into_inner());
}

/// asyncio: `test_one_exception`; trap A46 for siblings.
#[test]
fn the_first_error_drops_the_rest_before_it_is_returned() {
    let order = RefCell::new(Vec::new());
    let fails = Event::new();
    let child = async |name| {
        let _dropped = Dropped(&order, name);
        match name {
            0 => Ok(name),
            1 => {
                fails.wait().await;
                Err("failed")
            }
            _ => pending().await,
        }
    };
    let mut all = Driver::waiting(try_gather((0..4).map(child)));
    assert_eq!([0], order.borrow()[..]);
    fails.set();
    assert_eq!(Poll::Ready(Err("failed")), all.poll());
    // The gather itself is still there.
    assert_eq!([0, 1, 2, 3], order.borrow()[..]);
    assert_eq!(0, all.cancel().alive());
    fails.assert_quiet();
}

#[test]
fn an_error_at_the_first_poll_keeps_the_rest_from_beginning() {
    let begun = Cell::new(0);
    let child = async |name: u32| {
        begun.set(begun.get() + 1);
        if name == 1 { Err(name) } else { Ok(()) }
    };
    assert_eq!(Err(1), Driver::new(try_gather((0..5).map(child))).ready());
    assert_eq!(2, begun.get());
}

/// asyncio: `test_return_exceptions`; trap A53: nothing swallows a cancellation, for it is a drop.
#[test]
fn gathered_results_are_all_there_with_their_errors() {
    let results = gather([ready(Ok(1)), ready(Err("no")), ready(Ok(3))]);
    assert_eq!([Ok(1), Err("no"), Ok(3)], block_on(results)[..]);
}

/// asyncio: `test_one_cancellation`, `test_cancel_gather`; trap A53.
#[test]
fn dropping_the_whole_cancels_every_child() {
    let lock = Lock::new(());
    let guard = lock.try_lock().unwrap();
    let order = RefCell::new(Vec::new());
    let child = async |name| {
        let _dropped = Dropped(&order, name);
        drop(lock.lock().await);
    };
    let all = Driver::waiting(gather((0..3).map(child)));
    assert_eq!(3, lock.waiting());
    let probe = all.cancel();
    assert_eq!([0, 1, 2], order.borrow()[..]);
    assert_eq!((0, 0), (lock.waiting(), probe.wakes()));
    drop(guard);
    lock.assert_quiet();
}

/// asyncio: `test_duplicate_coroutines`; trap A18.
#[test]
fn one_event_may_be_waited_for_three_times() {
    let event = Event::new();
    let all = Driver::waiting(gather([(); 3].map(|()| event.wait())));
    event.set();
    assert_eq!(3, all.woken().len());
}

#[test]
fn futures_may_borrow_and_need_not_be_send() {
    let shared = Rc::new(Cell::new(0));
    let text = String::from("borrowed");
    let child = async |n| {
        yield_now().await;
        shared.set(shared.get() + n);
        text.len()
    };
    assert_eq!([8; 3], block_on(gather([1, 2, 3].map(child)))[..]);
    assert_eq!(6, shared.get());
}

/// Children are one task, and one owner.
#[test]
fn children_share_the_identity_of_their_task() {
    let lock = RLock::new(());
    block_on(async {
        let outside = syncline::task::current();
        let ids = gather([(); 2].map(|()| async { syncline::task::current() })).await;
        assert_eq!([outside; 2], ids[..]);
        let _outer = lock.lock().await;
        assert_eq!(2, gather([lock.lock(), lock.lock()]).await.len());
    });
    lock.assert_quiet();
}

/// Siblings that compete for one lock all get it: whoever is granted it is polled.
#[test]
fn siblings_hand_a_lock_on_to_each_other() {
    const CHILDREN: u64 = 100;
    let lock = Arc::new(Lock::new(0));
    watched(&lock, || {
        on_every_executor(|| {
            let lock = Arc::clone(&lock);
            vec![task(identified(async move {
                let add = async |_| {
                    let mut guard = lock.lock().await;
                    yield_now().await;
                    *guard += 1;
                };
                gather((0..CHILDREN).map(add)).await;
            }))]
        });
    });
    assert_eq!(4 * CHILDREN, *lock.try_lock().unwrap());
    lock.assert_quiet();
}
