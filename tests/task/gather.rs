//! Futures put together: `gather`, `try_gather` and `as_completed`.

use crate::driver::Driver;
use crate::executors::{on_every_executor, task};
use crate::waker::{Call, Probe};
use crate::watch::watched;
use core::cell::{Cell, RefCell};
use core::future::{Future, pending, poll_fn, ready};
use core::panic::AssertUnwindSafe;
use core::pin::{Pin, pin};
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::SeqCst;
use core::task::{Context, Poll, Waker};
use futures_core::Stream;
use futures_lite::future::yield_now;
use std::panic::catch_unwind;
use std::rc::Rc;
use std::sync::Arc;
use syncline::internals::Quiet;
use syncline::task::{Event, Lock, RLock, as_completed, block_on, gather, scope, try_gather};

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

/// Trap B21: what is woken again while it is polled is polled again.
#[test]
fn a_wake_during_the_poll_is_not_lost() {
    let polls = Cell::new(0);
    let child = poll_fn(|context: &mut Context<'_>| {
        polls.set(polls.get() + 1);
        if polls.get() == 3 {
            return Poll::Ready(());
        }
        let waker = context.waker().clone();
        std::thread::scope(|threads| {
            threads.spawn(move || waker.wake());
        });
        Poll::Pending
    });
    let mut all = Driver::new(gather([child]));
    for _ in 0..2 {
        all.pending();
        assert!(all.is_woken());
    }
    all.woken();
}

/// A waker that is only lent out in the first poll may be cloned by others meanwhile.
#[test]
fn threads_may_clone_the_waker_of_a_first_poll() {
    let kept = std::sync::Mutex::new(Vec::new());
    let child = |polls: usize| {
        let kept = &kept;
        let mut left = polls;
        poll_fn(move |context: &mut Context<'_>| {
            if left == 0 {
                return Poll::Ready(());
            }
            left -= 1;
            let waker = context.waker();
            std::thread::scope(|threads| {
                for _ in 0..2 {
                    threads.spawn(|| kept.lock().unwrap().push(waker.clone()));
                }
            });
            Poll::Pending
        })
    };
    let mut all = Driver::waiting(gather([child(1), child(2)]));
    assert!(!all.is_woken());
    kept.lock().unwrap().drain(..).for_each(Waker::wake);
    assert!(all.is_woken());
    all.pending();
    kept.lock().unwrap().drain(..).for_each(Waker::wake);
    all.woken();
}

/// Trap B25: a child's waker may outlive everything, and keeps nobody's task.
#[test]
fn a_waker_that_is_left_over_wakes_nobody_and_keeps_no_task() {
    let kept = Rc::new(RefCell::new(Vec::new()));
    let child = |ends: bool| {
        let kept = Rc::clone(&kept);
        let mut polls = 0;
        poll_fn(move |context: &mut Context<'_>| {
            kept.borrow_mut().push(context.waker().clone());
            polls += 1;
            if ends && polls == 2 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
    };
    let mut ended = Driver::waiting(gather([child(true)]));
    kept.borrow()[0].wake_by_ref();
    assert!(ended.poll().is_ready());
    assert_eq!(0, ended.probe().alive(), "kept after the end");
    let dropped = Driver::waiting(gather([child(false)]));
    assert_eq!(1, dropped.probe().alive());
    let probes = [ended.cancel(), dropped.cancel()];
    let before = probes.each_ref().map(Probe::wakes);
    for waker in kept.take() {
        waker.wake_by_ref();
        waker.wake();
    }
    assert_eq!(before, probes.each_ref().map(Probe::wakes));
    assert_eq!([0, 0], probes.each_ref().map(Probe::alive));
}

/// Trap B7.
#[test]
fn a_gather_that_moves_to_another_task_wakes_that_task() {
    let event = Event::new();
    let mut all = Driver::waiting(gather([event.wait()]));
    let other = Probe::new();
    assert!(all.poll_with(&other.waker()).is_pending());
    event.set();
    assert_eq!((0, 1), (all.probe().wakes(), other.wakes()));
    all.ready();
    assert_eq!(0, other.alive());
}

/// Trap B6: the parent's waker is foreign code, and runs without any lock.
#[test]
fn a_waker_may_poll_and_drop_the_gather_that_wakes_it() {
    type Slot = Arc<std::sync::Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>>;
    let slot = Slot::default();
    let event = Arc::new(Event::new());
    for call in [Call::Wake, Call::Clone, Call::Drop] {
        let probe = Probe::on(call, {
            let slot = Arc::clone(&slot);
            move || {
                let mut taken = slot.lock().unwrap().take();
                if let Some(future) = &mut taken {
                    let _end = future
                        .as_mut()
                        .poll(&mut Context::from_waker(Waker::noop()));
                }
            }
        });
        let mut future: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin({
            let event = Arc::clone(&event);
            async move {
                gather([event.wait(), event.wait()]).await;
            }
        });
        let waker = probe.waker();
        assert!(
            future
                .as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
        *slot.lock().unwrap() = Some(future);
        event.set();
        event.clear();
        drop(waker);
        drop(slot.lock().unwrap().take());
        assert_eq!(0, probe.alive());
    }
    event.assert_quiet();
}

/// Trap B11, B21: the panic goes on, and everything else is dropped, once.
#[test]
fn a_child_that_panics_ends_the_whole() {
    let order = RefCell::new(Vec::new());
    let (go, kept) = (Event::new(), Event::new());
    let child = async |name| {
        let _dropped = Dropped(&order, name);
        match name {
            0 => {}
            1 => {
                go.wait().await;
                panic!("on purpose")
            }
            _ => kept.wait().await,
        }
        Rc::new(name)
    };
    let mut all = Driver::waiting(gather((0..4).map(child)));
    go.set();
    let polled = catch_unwind(AssertUnwindSafe(|| drop(all.poll())));
    assert_eq!(Some(&"on purpose"), polled.unwrap_err().downcast_ref());
    assert_eq!([0, 1, 2, 3], order.borrow()[..]);
    assert_eq!(0, all.probe().alive());
    catch_unwind(AssertUnwindSafe(|| drop(all.poll()))).unwrap_err();
    drop(all);
    assert_eq!(4, order.borrow().len());
    kept.assert_quiet();
}

#[test]
fn a_stream_whose_child_panics_has_ended() {
    let fails = async |name| {
        assert_ne!(name, 1, "on purpose");
    };
    let mut results = as_completed((0..3).map(fails));
    catch_unwind(AssertUnwindSafe(|| block_on(results.next()))).unwrap_err();
    assert_eq!((1, Some(1)), results.size_hint());
    assert_eq!(
        Some((0, ())),
        block_on(results.next()),
        "it had ended before"
    );
    assert_eq!(None, block_on(results.next()));
}

#[test]
fn polling_after_the_end_is_a_panic() {
    let mut all = Driver::new(gather([ready(1)]));
    assert!(all.poll().is_ready());
    catch_unwind(AssertUnwindSafe(|| drop(all.poll()))).unwrap_err();
    let mut all = Driver::new(try_gather([ready(Err::<(), _>(1))]));
    assert!(all.poll().is_ready());
    catch_unwind(AssertUnwindSafe(|| drop(all.poll()))).unwrap_err();
}

/// asyncio: `test_as_completed`, `test_as_completed_reverse_wait`.
#[test]
fn results_come_in_the_order_in_which_their_futures_were_woken() {
    let events = events(5);
    let mut results = as_completed(events.iter().map(Event::wait));
    assert_eq!((5, Some(5)), results.size_hint());
    Driver::waiting(results.next()).cancel();
    for place in [3, 0, 4] {
        events[place].set();
    }
    for place in [3, 0, 4] {
        assert_eq!(Some((place, ())), Driver::new(results.next()).ready());
    }
    let next = Driver::waiting(results.next());
    events[2].set();
    assert_eq!(Some((2, ())), next.woken());
    events[1].set();
    assert_eq!(Some((1, ())), Driver::new(results.next()).ready());
    assert_eq!(None, Driver::new(results.next()).ready());
    assert_eq!(None, Driver::new(results.next()).ready(), "and it stays so");
}

/// Trap A19: what has been yielded is not kept.
#[test]
fn a_yielded_result_belongs_to_who_got_it() {
    let item = Rc::new(());
    let mut results = as_completed([ready(Rc::clone(&item)), ready(Rc::clone(&item))]);
    let first = block_on(results.next());
    assert_eq!(3, Rc::strong_count(&item));
    drop(first);
    assert_eq!(2, Rc::strong_count(&item));
    drop(results);
    assert_eq!(1, Rc::strong_count(&item));
}

/// asyncio: `test_as_completed_with_timeout`: the rest is cancelled.
#[test]
fn a_dropped_stream_cancels_the_rest() {
    let lock = Lock::new(());
    let guard = lock.try_lock().unwrap();
    let mut locks = as_completed([lock.lock(), lock.lock()]);
    let probe = Driver::waiting(locks.next()).cancel();
    assert_eq!(2, lock.waiting());
    drop(locks);
    assert_eq!((0, 0), (lock.waiting(), probe.alive()));
    drop(guard);
    lock.assert_quiet();
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
            vec![task(scope(async move {
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

/// Wakes from other threads, while the parent is polled and while it sleeps.
#[test]
fn no_wake_is_lost_among_many_children_and_threads() {
    const CHILDREN: usize = 200;
    let done = Arc::new(AtomicUsize::new(0));
    watched(&done, || {
        on_every_executor(|| {
            let events: Arc<[Event]> = (0..CHILDREN).map(|_| Event::new()).collect();
            let setters = [0, 1].map(|first| {
                let events = Arc::clone(&events);
                task(async move {
                    for event in events.iter().skip(first).step_by(2) {
                        event.set();
                        yield_now().await;
                    }
                })
            });
            let done = Arc::clone(&done);
            let waits = task(async move {
                let mut results = as_completed(events.iter().map(Event::wait));
                let mut seen = [false; CHILDREN];
                while let Some((place, ())) = results.next().await {
                    assert!(!core::mem::replace(&mut seen[place], true));
                    done.fetch_add(1, SeqCst);
                }
            });
            setters.into_iter().chain([waits]).collect()
        });
    });
    assert_eq!(4 * CHILDREN, done.load(SeqCst));
}
