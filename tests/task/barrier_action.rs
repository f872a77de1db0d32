//! The action of a barrier: what happens while it runs, and when it panics.

use crate::driver::Driver;
use crate::watch::until_past;
use core::panic::AssertUnwindSafe;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::Relaxed;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::Barrier;
use syncline::task::future::BarrierWait;

/// What an action is to do once.
type Callback = Box<dyn FnMut() + Send>;

type Slot = Mutex<Option<Driver<BarrierWait<'static>>>>;

fn leaked(parties: usize, action: impl Fn() + Send + Sync + 'static) -> &'static Barrier {
    Box::leak(Box::new(Barrier::with_action(parties, action)))
}

/// A poll in the middle of the action, with the deadline over: the round is complete, and not told.
#[test]
fn a_deadline_that_passes_during_the_action_comes_too_late() {
    let polls: Arc<Mutex<Option<Callback>>> = Arc::default();
    let polled = Arc::clone(&polls);
    let barrier = leaked(2, move || {
        if let Some(mut poll) = polled.lock().unwrap().take() {
            poll();
        }
    });
    let at = Instant::now() + Duration::from_secs(1);
    let timed = Arc::new(Mutex::new(Driver::waiting(barrier.wait_deadline(at))));
    *polls.lock().unwrap() = Some(Box::new({
        let timed = Arc::clone(&timed);
        move || {
            until_past(at);
            let mut timed = timed.lock().unwrap();
            timed.pending();
            timed.pending();
        }
    }));
    assert_eq!(1, Driver::new(barrier.wait()).ready().unwrap().index());
    let timed = Arc::into_inner(timed).unwrap().into_inner().unwrap();
    assert_eq!(0, timed.woken().unwrap().index());
    assert!(!barrier.is_broken());
    barrier.assert_quiet();
}

/// What happens during the action belongs to the next round.
#[test]
fn drops_aborts_resets_and_arrivals_during_the_action_leave_its_round_alone() {
    let slot: Arc<Slot> = Arc::default();
    let late: Arc<Slot> = Arc::default();
    let runs = Arc::new(AtomicUsize::new(0));
    let itself: Arc<Mutex<Option<&'static Barrier>>> = Arc::default();
    let barrier = leaked(4, {
        let (slot, late) = (Arc::clone(&slot), Arc::clone(&late));
        let (runs, itself) = (Arc::clone(&runs), Arc::clone(&itself));
        move || {
            runs.fetch_add(1, Relaxed);
            let barrier = itself.lock().unwrap().unwrap();
            assert_eq!(0, barrier.waiting());
            drop(slot.lock().unwrap().take());
            barrier.abort();
            assert!(barrier.is_broken());
            barrier.reset();
            *late.lock().unwrap() = Some(Driver::waiting(barrier.wait()));
            assert_eq!(1, barrier.waiting());
        }
    });
    *itself.lock().unwrap() = Some(barrier);
    let mut first = Driver::waiting(barrier.wait());
    *slot.lock().unwrap() = Some(Driver::waiting(barrier.wait()));
    let third = Driver::waiting(barrier.wait());
    first.pending();
    assert_eq!(3, Driver::new(barrier.wait()).ready().unwrap().index());
    assert_eq!(0, first.woken().unwrap().index());
    assert_eq!(2, third.woken().unwrap().index());
    let mut late = late.lock().unwrap().take().unwrap();
    late.pending();
    assert_eq!((1, 1), (barrier.waiting(), runs.load(Relaxed)));
    drop(late);
    barrier.assert_quiet();
}

/// The panic of an action breaks its own round and the next one; the leader's wait is over.
#[test]
fn a_panic_of_the_action_breaks_the_round_for_all_others() {
    let late: Arc<Slot> = Arc::default();
    let itself: Arc<Mutex<Option<&'static Barrier>>> = Arc::default();
    let barrier = leaked(40, {
        let (late, itself) = (Arc::clone(&late), Arc::clone(&itself));
        move || {
            let barrier = itself.lock().unwrap().unwrap();
            *late.lock().unwrap() = Some(Driver::waiting(barrier.wait()));
            panic!("on purpose");
        }
    });
    *itself.lock().unwrap() = Some(barrier);
    let others: Vec<_> = (0..39).map(|_| Driver::waiting(barrier.wait())).collect();
    let mut leader = Driver::new(barrier.wait());
    let panic = catch_unwind(AssertUnwindSafe(|| leader.poll())).unwrap_err();
    assert_eq!("on purpose", *panic.downcast_ref::<&str>().unwrap());
    for other in others {
        assert!(!other.woken().unwrap_err().timed_out());
    }
    late.lock().unwrap().take().unwrap().woken().unwrap_err();
    assert!(barrier.is_broken());
    drop(leader);
    barrier.reset();
    assert_eq!(0, barrier.waiting());
    barrier.assert_quiet();
}
