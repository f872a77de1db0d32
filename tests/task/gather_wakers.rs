//! What wakers, panics and threads may do to a gather.

use crate::driver::Driver;
use crate::waker::{Call, Probe};
use core::cell::{Cell, RefCell};
use core::future::{Future, poll_fn, ready};
use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::panic::catch_unwind;
use std::rc::Rc;
use std::sync::Arc;
use syncline::internals::Quiet;
use syncline::task::{Event, gather, try_gather};

/// Adds its name to a list when it is dropped.
struct Dropped<'a>(&'a RefCell<Vec<u32>>, u32);

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        self.0.borrow_mut().push(self.1);
    }
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
fn polling_after_the_end_is_a_panic() {
    let mut all = Driver::new(gather([ready(1)]));
    assert!(all.poll().is_ready());
    catch_unwind(AssertUnwindSafe(|| drop(all.poll()))).unwrap_err();
    let mut all = Driver::new(try_gather([ready(Err::<(), _>(1))]));
    assert!(all.poll().is_ready());
    catch_unwind(AssertUnwindSafe(|| drop(all.poll()))).unwrap_err();
}
