//! Results in the order in which they come: `as_completed`.

use crate::driver::Driver;
use crate::executors::{on_every_executor, task};
use crate::watch::watched;
use core::future::ready;
use core::panic::AssertUnwindSafe;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::SeqCst;
use futures_core::Stream;
use futures_lite::future::yield_now;
use std::panic::catch_unwind;
use std::rc::Rc;
use std::sync::Arc;
use syncline::internals::Quiet;
use syncline::task::{Event, Lock, as_completed, block_on};

fn events(count: usize) -> Vec<Event> {
    (0..count).map(|_| Event::new()).collect()
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
