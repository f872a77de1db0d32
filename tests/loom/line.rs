//! Models of the line itself: its lists, its timer, and waits inside of waits.

use core::pin::pin;
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;

use syncline::internals::{Quiet, fire_timers};
use syncline::loom::thread::{JoinHandle, spawn, yield_now};
use syncline::task::block_on;
use syncline::{task, thread};

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("line/thread/woken_head_gives_up", woken_head),
    model!("line/thread/overdue_head_gives_up", overdue_head),
    model!("line/thread/woken_leaves_what_is_kept", woken_leaves)
        .dear()
        .preemptions_at_most(2),
    model!("line/thread/wait_inside_a_poll", nested_thread),
    model!("line/task/wait_inside_a_poll", nested_task),
    model!("line/task/dropped_from_the_middle", middle),
    model!("line/task/timer_against_registration", timer_registration),
    model!("line/task/timer_against_drop", timer_drop),
    model!("line/task/timer_fires_early", timer_early),
    model!("line/task/timer_against_two_drops", timer_three),
];

/// A semaphore beside the cell that it is said to guard.
type Shared = Guarded<Arc<thread::Semaphore>>;

const LONG: Duration = Duration::from_secs(60);

fn shared(permits: usize) -> Arc<Shared> {
    Arc::new(Guarded::new(Arc::new(thread::Semaphore::new(permits))))
}

/// A thread that does something with the semaphore.
fn with<R: 'static>(
    semaphore: &Arc<Shared>,
    body: impl FnOnce(&Shared) -> R + 'static,
) -> JoinHandle<R> {
    let semaphore = Arc::clone(semaphore);
    spawn(move || body(&semaphore))
}

/// A head that has been woken gives up, with the permit or without it; the next one goes.
fn woken_head(check: Check) {
    check
        .outcomes(&["head got it", "head gave up", "nobody in line"])
        .expiries(&[Some(0)])
        .overdue(&[false, true])
        .run(|run| {
            let semaphore = shared(1);
            let held = semaphore.acquire();
            let head = with(&semaphore, |semaphore| {
                let permit = semaphore.acquire_owned_timeout(LONG);
                permit.inspect(|_| assert_eq!(semaphore.value(), 1)).ok()
            });
            semaphore.bump();
            // Lets the head go first, at no cost to the search.
            yield_now();
            if semaphore.waiting() == 0 {
                run.saw("nobody in line");
                drop(held);
                drop(head.join().unwrap());
                return;
            }
            let next = with(&semaphore, |semaphore| {
                let permit = semaphore.acquire_owned();
                assert_eq!(semaphore.value(), 1);
                permit
            });
            drop(held);
            let permit = head.join().unwrap();
            run.saw(if permit.is_some() {
                "head got it"
            } else {
                "head gave up"
            });
            drop(permit);
            drop(next.join().unwrap());
            assert_eq!(semaphore.available_permits(), 1);
            semaphore.assert_quiet();
        });
}

/// A thread that was woken, and passed, comes late: what is kept for the head is not for it.
fn woken_leaves(check: Check) {
    check
        .outcomes(&["both passed", "not passed", "not in line"])
        .run(|run| {
            let semaphore = shared(3);
            let held = semaphore.acquire_many(3);
            let takers = [2, 1].map(|permits| {
                let taker = with(&semaphore, move |semaphore| {
                    semaphore.acquire_many_owned(permits)
                });
                yield_now();
                (semaphore.waiting(), taker)
            });
            let in_line = takers.each_ref().map(|(waiting, _)| *waiting) == [1, 2];
            drop(held);
            if let Some(mut held) = semaphore.try_acquire_many(3).filter(|_| in_line) {
                run.saw("both passed");
                held.split(1).unwrap().release_fair();
                assert_eq!(semaphore.available_permits(), 1, "it is the head's");
                drop(held);
            } else {
                run.saw(if in_line { "not passed" } else { "not in line" });
            }
            drop(takers.map(|(_, taker)| taker.join().unwrap()));
            assert_eq!(semaphore.available_permits(), 3);
            semaphore.assert_quiet();
        });
}

/// The line is handed over to a head that wants much. When it leaves, whoever comes may take.
fn overdue_head(check: Check) {
    check
        .outcomes(&["kept for the head", "head has left"])
        .expiries(&[Some(0)])
        .overdue(&[true])
        .run(|run| {
            let semaphore = shared(2);
            let (one, other) = (semaphore.acquire(), semaphore.acquire());
            let head = with(&semaphore, |semaphore| {
                assert!(semaphore.acquire_many_timeout(2, LONG).is_err());
            });
            drop(one);
            let permit = semaphore.try_acquire();
            run.saw(match permit {
                Some(_) => "head has left",
                None => "kept for the head",
            });
            drop(permit);
            head.join().unwrap();
            assert!(semaphore.try_acquire().is_some(), "nobody waits");
            drop(other);
            assert_eq!(semaphore.available_permits(), 2);
            semaphore.assert_quiet();
        });
}

/// A thread blocks inside the poll of a future: neither wait eats the wake of the other.
fn nested_thread(check: Check) {
    check.outcomes(&["outer waited", "outer ready"]).run(|run| {
        let outer = shared(0);
        let inner = Arc::new(thread::Event::new());
        let releaser = with(&outer, {
            let inner = Arc::clone(&inner);
            move |outer| {
                outer.bump();
                outer.release(1).unwrap();
                inner.set();
            }
        });
        let mut first = None;
        let mut waiting = pin!(outer.as_task().acquire());
        let permit = block_on(core::future::poll_fn(|context| {
            let poll = waiting.as_mut().poll(context);
            first.get_or_insert(poll.is_ready());
            inner.wait();
            poll
        }));
        run.saw(match first {
            Some(true) => "outer ready",
            _ => "outer waited",
        });
        assert_eq!(outer.value(), 1);
        drop(permit);
        releaser.join().unwrap();
        outer.assert_quiet();
        inner.assert_quiet();
    });
}

/// The same with a task inside of a task.
fn nested_task(check: Check) {
    check.outcomes(&["outer waited", "outer ready"]).run(|run| {
        let outer = Arc::new(Guarded::new(task::Event::new()));
        let inner = Arc::new(task::Semaphore::new(0));
        let releaser = spawn({
            let (outer, inner) = (Arc::clone(&outer), Arc::clone(&inner));
            move || {
                inner.release(1).unwrap();
                outer.bump();
                outer.set();
            }
        });
        let mut first = None;
        let mut waiting = pin!(outer.wait());
        block_on(core::future::poll_fn(|context| {
            let poll = waiting.as_mut().poll(context);
            first.get_or_insert(poll.is_ready());
            drop(block_on(inner.acquire()));
            poll
        }));
        run.saw(match first {
            Some(true) => "outer ready",
            _ => "outer waited",
        });
        assert_eq!(outer.value(), 1);
        releaser.join().unwrap();
        outer.assert_quiet();
        inner.assert_quiet();
    });
}

/// A node leaves from the middle of the line while the grants come down it.
fn middle(check: Check) {
    check
        .outcomes(&["was granted", "was passed on"])
        .min_executions(4)
        .run(|run| {
            let semaphore = shared(0);
            let wakers = [(); 3].map(|()| CountingWaker::new());
            let mut waits = [(); 3].map(|()| Box::pin(semaphore.as_task().acquire()));
            for (wait, waker) in waits.iter_mut().zip(&wakers) {
                assert!(poll_once(wait.as_mut(), waker).is_pending());
            }
            let releaser = with(&semaphore, |semaphore| {
                semaphore.bump();
                semaphore.release(1).unwrap();
                semaphore.release(1).unwrap();
            });
            let [mut first, leaving, mut last] = waits;
            drop(leaving);
            run.saw(["was passed on", "was granted"][wakers[1].wakes()]);
            releaser.join().unwrap();
            for (wait, waker) in [(&mut first, &wakers[0]), (&mut last, &wakers[2])] {
                assert_eq!(waker.wakes(), 1);
                let Poll::Ready(permit) = poll_once(wait.as_mut(), waker) else {
                    panic!("two releases let two go")
                };
                permit.forget();
            }
            assert_eq!((semaphore.value(), semaphore.available_permits()), (1, 0));
            assert_eq!(wakers.each_ref().map(CountingWaker::clones), [0; 3]);
            semaphore.assert_quiet();
        });
}

/// An alarm that is set while the timer fires is seen now, or the next time.
fn timer_registration(check: Check) {
    check
        .outcomes(&["seen", "too late"])
        .expiries(&[Some(1)])
        .min_executions(4)
        .run(|run| {
            let event = task::Event::new();
            let timer = spawn(fire_timers);
            let waker = CountingWaker::new();
            let mut waiting = pin!(event.wait_timeout(LONG));
            assert!(poll_once(waiting.as_mut(), &waker).is_pending());
            timer.join().unwrap();
            run.saw(["too late", "seen"][waker.wakes()]);
            fire_timers();
            assert_eq!(waker.wakes(), 1);
            assert_eq!(
                poll_once(waiting.as_mut(), &waker).map(|r| r.is_err()),
                Poll::Ready(true)
            );
            assert_eq!(waker.clones(), 0);
            event.assert_quiet();
        });
}

fn timer_drop(check: Check) {
    check
        .outcomes(&["woken, then dropped", "dropped before the timer"])
        .expiries(&[Some(1)])
        .min_executions(4)
        .run(|run| {
            let event = task::Event::new();
            let waker = CountingWaker::new();
            let mut waiting = Box::pin(event.wait_timeout(LONG));
            assert!(poll_once(waiting.as_mut(), &waker).is_pending());
            let timer = spawn(fire_timers);
            drop(waiting);
            run.saw(["dropped before the timer", "woken, then dropped"][waker.wakes()]);
            timer.join().unwrap();
            assert_eq!(waker.clones(), 0);
            event.assert_quiet();
        });
}

/// A timer that is too early is asked again, and wakes the waker of the last poll.
fn timer_early(check: Check) {
    check
        .outcomes(&["before the second poll", "after it"])
        .expiries(&[Some(2)])
        .min_executions(4)
        .run(|run| {
            let event = task::Event::new();
            let (old, new) = (CountingWaker::new(), CountingWaker::new());
            let mut waiting = pin!(event.wait_timeout(LONG));
            assert!(poll_once(waiting.as_mut(), &old).is_pending());
            let timer = spawn(fire_timers);
            assert!(poll_once(waiting.as_mut(), &new).is_pending());
            timer.join().unwrap();
            run.saw(["after it", "before the second poll"][old.wakes()]);
            fire_timers();
            assert_eq!(new.wakes(), 1);
            assert_eq!(
                poll_once(waiting.as_mut(), &new).map(|r| r.is_err()),
                Poll::Ready(true)
            );
            assert_eq!((old.clones(), new.clones()), (0, 0));
            event.assert_quiet();
        });
}

/// Alarms are taken from the heap by their owners while the timer takes them as well.
fn timer_three(check: Check) {
    check
        .outcomes(&["woken", "not woken"])
        .expiries(&[Some(1)])
        .run(|run| {
            let semaphore = shared(0);
            let wakers = [(); 3].map(|()| CountingWaker::new());
            let mut waits = [(); 3].map(|()| {
                let semaphore = Arc::clone(&**semaphore).into_task();
                Box::pin(semaphore.acquire_owned_timeout(LONG))
            });
            for (wait, waker) in waits.iter_mut().zip(&wakers) {
                assert!(poll_once(wait.as_mut(), waker).is_pending());
            }
            let timer = spawn(fire_timers);
            let [first, second, mut third] = waits;
            let dropper = spawn(move || drop(first));
            drop(second);
            run.saw(["not woken", "woken"][wakers[1].wakes()]);
            timer.join().unwrap();
            dropper.join().unwrap();
            assert_eq!(wakers[2].wakes(), 1);
            assert!(poll_once(third.as_mut(), &wakers[2]).is_ready());
            assert_eq!(wakers.each_ref().map(CountingWaker::clones), [0; 3]);
            semaphore.assert_quiet();
        });
}
