//! A million waiters in one line: nothing is allocated for them, leaving is cheap anywhere in the
//! line, and those who release do not keep everybody else out while they wake.
#![cfg(not(syncline_loom))]

#[path = "support/alloc.rs"]
mod alloc;

use alloc::{Counting, allocations};
use core::pin::Pin;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use core::task::{Context, Waker};
use core::time::Duration;
use std::sync::Arc;
use std::task::Wake;

use syncline::internals::Quiet;
use syncline::task::{Event, Lock, Semaphore};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const MANY: usize = 1_000_000;

/// Puts futures next to each other, where they stay.
fn pinned<F>(make: impl FnMut() -> F) -> Pin<Box<[F]>> {
    Box::into_pin(core::iter::repeat_with(make).take(MANY).collect())
}

/// Every one of them, pinned.
#[expect(unsafe_code, reason = "projects a pinned slice to its elements")]
fn each<F>(futures: &mut Pin<Box<[F]>>) -> impl Iterator<Item = Pin<&mut F>> {
    // SAFETY: the slice is pinned and never moved, so neither are its elements.
    let slice = unsafe { futures.as_mut().get_unchecked_mut() };
    // SAFETY: as above; each element is pinned through the slice.
    slice
        .iter_mut()
        .map(|future| unsafe { Pin::new_unchecked(future) })
}

fn poll_all<F: Future>(futures: &mut Pin<Box<[F]>>, waker: &Waker) -> usize {
    let mut context = Context::from_waker(waker);
    each(futures)
        .filter_map(|future| future.poll(&mut context).is_ready().then_some(()))
        .count()
}

/// Counts how often it is woken, and how many still wait when it is woken for the first time.
struct Witness {
    event: Arc<Event>,
    wakes: AtomicUsize,
    waiting_at_first: AtomicUsize,
}

impl Wake for Witness {
    fn wake(self: Arc<Self>) {
        if self.wakes.fetch_add(1, Relaxed) == 0 {
            // This takes the line's lock: a set that held it would deadlock here.
            self.waiting_at_first.store(self.event.waiting(), Relaxed);
        }
    }
}

#[test]
fn a_million_tasks_wait_for_an_event_without_an_allocation() {
    let event = Arc::new(Event::new());
    let witness = Arc::new(Witness {
        event: Arc::clone(&event),
        wakes: AtomicUsize::new(0),
        waiting_at_first: AtomicUsize::new(0),
    });
    let waker = Waker::from(Arc::clone(&witness));
    let mut waits = pinned(|| event.wait());
    let (allocated, ready) = allocations(|| poll_all(&mut waits, &waker));
    assert_eq!((allocated, ready, event.waiting()), (0, 0, MANY));

    let (allocated, ()) = allocations(|| event.set());
    assert_eq!(allocated, 0);
    assert_eq!(witness.wakes.load(Relaxed), MANY);
    // The first waker ran after a first small batch, not after everybody had been taken out.
    assert!(witness.waiting_at_first.load(Relaxed) > MANY - 100);

    let (allocated, ready) = allocations(|| poll_all(&mut waits, &waker));
    assert_eq!((allocated, ready), (0, MANY));
    event.assert_quiet();
}

#[test]
fn a_million_tasks_wait_for_permits_and_leave_in_any_order() {
    let semaphore = Semaphore::new(0);
    let waker = Waker::noop();
    let mut waits = pinned(|| Some(semaphore.acquire()));
    let mut context = Context::from_waker(waker);
    let (allocated, ()) = allocations(|| {
        for wait in each(&mut waits) {
            assert!(wait.as_pin_mut().unwrap().poll(&mut context).is_pending());
        }
    });
    assert_eq!((allocated, semaphore.waiting()), (0, MANY));

    // Every second one leaves, in an order that jumps about in the line.
    let mut rest: Vec<_> = each(&mut waits).collect();
    let (allocated, ()) = allocations(|| {
        let mut place = 1;
        for _ in 0..MANY / 2 {
            // 2 * 314_159 is coprime to the number of odd places.
            rest[place].set(None);
            place = (place + 2 * 314_159) % MANY;
        }
    });
    assert_eq!((allocated, semaphore.waiting()), (0, MANY / 2));

    let (allocated, released) = allocations(|| semaphore.release(MANY / 2));
    assert_eq!((allocated, released), (0, Ok(())));
    for wait in &mut rest {
        if let Some(wait) = wait.as_mut().as_pin_mut() {
            assert!(wait.poll(&mut context).is_ready());
        }
    }
    assert_eq!(semaphore.available_permits(), MANY / 2);
    semaphore.assert_quiet();
}

#[test]
fn a_hundred_thousand_pending_deadlines_cost_no_allocation_and_hide_none() {
    const TIMERS: u64 = 100_000;
    let lock = Lock::new(());
    let guard = lock.try_lock().unwrap();
    // The timer thread is started by the first, and allocates.
    let first = lock.lock_timeout(Duration::from_millis(1));
    assert!(syncline::task::block_on(first).is_err());

    let make = |n: u64| {
        Some(Box::pin(lock.lock_timeout(Duration::from_secs(
            60 * (1 + n * 7919 % 500),
        ))))
    };
    let mut waits: Vec<_> = (0..TIMERS).map(make).collect();
    let mut context = Context::from_waker(Waker::noop());
    let (allocated, ()) = allocations(|| {
        for wait in waits.iter_mut().flatten() {
            assert!(wait.as_mut().poll(&mut context).is_pending());
        }
    });
    assert_eq!(allocated, 0);
    // Half of them leave, wherever they are in the timer's heap; then one more comes, is the
    // earliest of all, and is not forgotten among them.
    for wait in waits.iter_mut().step_by(2) {
        *wait = None;
    }
    let last = lock.lock_timeout(Duration::from_millis(5));
    assert!(syncline::task::block_on(last).is_err());
    drop(waits);
    drop(guard);
    lock.assert_quiet();
}
