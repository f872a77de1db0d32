//! Children of one future, and their wakers, which share one block.

use crate::driver::Driver;
use core::future::poll_fn;
use core::task::{Context, Poll, Waker};
use std::sync::{Arc, Mutex};
use std::thread;
use syncline::task::{Event, as_completed, block_on, gather};

type Kept = Arc<Mutex<Vec<Waker>>>;

/// Keeps every waker that it is polled with, and ends when it has been polled so often.
fn keeps(kept: &Kept, polls: u32) -> impl Future<Output = Box<u32>> + Send + use<> {
    let (kept, mut left) = (Arc::clone(kept), polls);
    poll_fn(move |context: &mut Context<'_>| {
        left -= 1;
        if left == 0 {
            return Poll::Ready(Box::new(polls));
        }
        kept.lock().unwrap().push(context.waker().clone());
        Poll::Pending
    })
}

/// Traps B21, B25: wakers are cloned, used and dropped by other threads, before and after the end.
#[test]
fn wakers_outlive_the_gather_on_other_threads() {
    let kept = Kept::default();
    let all = gather([keeps(&kept, 2), keeps(&kept, 1), keeps(&kept, 3)]);
    let wakes = |rounds: u32| {
        let kept = Arc::clone(&kept);
        thread::spawn(move || {
            let mut woken = 0;
            while woken < rounds {
                let waker = kept.lock().unwrap().pop();
                match waker {
                    Some(waker) => {
                        woken += 1;
                        waker.clone().wake_by_ref();
                        waker.wake();
                    }
                    None => thread::yield_now(),
                }
            }
        })
    };
    let threads = [wakes(1), wakes(2)];
    let ends = block_on(all);
    assert_eq!(
        [2, 1, 3],
        ends.iter().map(|end| **end).collect::<Vec<_>>()[..]
    );
    for thread in threads {
        thread.join().unwrap();
    }

    let dropped = Driver::waiting(gather([keeps(&kept, 9), keeps(&kept, 9)]));
    let wake = |waker: Waker| thread::spawn(move || waker.wake());
    let threads: Vec<_> = kept.lock().unwrap().drain(..).map(wake).collect();
    drop(dropped);
    for thread in threads {
        thread.join().unwrap();
    }
}

/// The waker of the first poll lies on the stack until it is cloned, by whichever thread.
#[test]
fn the_waker_of_a_first_poll_is_cloned_by_a_thread() {
    let kept = Kept::default();
    let child = || {
        let (kept, mut done) = (Arc::clone(&kept), false);
        poll_fn(move |context: &mut Context<'_>| {
            if done {
                return Poll::Ready(());
            }
            done = true;
            let waker = context.waker();
            thread::scope(|threads| {
                threads.spawn(|| kept.lock().unwrap().push(waker.clone()));
                threads.spawn(|| waker.wake_by_ref());
            });
            Poll::Pending
        })
    };
    assert_eq!(2, block_on(gather([child(), child()])).len());
    drop(kept);
}

/// Trap B13: pinned children are polled where they lie, whatever happens to the gather.
#[test]
fn a_gather_moves_and_its_children_do_not() {
    let events = [(); 3].map(|()| Event::new());
    let mut all = Driver::waiting(gather(events.each_ref().map(Event::wait)));
    events[2].set();
    all.pending();
    events[0].set();
    let mut moved = as_completed(events.each_ref().map(Event::wait));
    assert_eq!(Some((0, ())), block_on(moved.next()));
    let mut moved = Box::new(moved);
    assert_eq!(Some((2, ())), block_on(moved.next()));
    drop(moved);
    events[1].set();
    assert_eq!(3, all.woken().len());
}
