//! Models of what puts futures together: wakes of children against the poll of their parent, and
//! deadlines against what they limit.
#![expect(unsafe_code, reason = "loom has no scoped threads")]

use core::future::{Future, poll_fn};
use core::mem::transmute;
use core::pin::pin;
use core::task::{Poll, Waker};
use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::{Quiet, fire_timers};
use syncline::loom::thread::{JoinHandle, spawn};
use syncline::task::{
    Event, Limit, as_completed, block_on, gather, sleep, sleep_until, timeout, timeout_at,
    timeout_with, try_gather,
};

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("task/gather/two_wakes_against_poll", two_wakes),
    model!("task/gather/wake_against_sleep", wake_against_sleep),
    model!("task/gather/second_wake_publishes", second_wake),
    model!("task/gather/waker_outlives_the_gather", outlives),
    model!("task/gather/parent_moves_between_polls", parent_moves),
    model!("task/gather/error_against_wake", error),
    model!("task/gather/stream_against_two_wakes", stream),
    model!("task/timeout/expiry_against_completion", completion),
    model!("task/timeout/deadline_against_completion", deadline),
    model!("task/timeout/timer_against_sleep", timer),
    model!("task/timeout/timer_against_drop", timer_drop),
    model!("task/timeout/reschedule_against_expiry", reschedule),
    model!("task/timeout/reschedule_against_sleep", forward),
];

/// An event beside the cell that its setter writes.
type Shared = Guarded<Event>;

const LONG: Duration = Duration::from_mins(1);

fn shared() -> Arc<Shared> {
    Arc::new(Guarded::new(Event::new()))
}

/// A thread that writes, and says so.
fn sets(event: &Arc<Shared>) -> JoinHandle<()> {
    let event = Arc::clone(event);
    spawn(move || {
        event.bump();
        event.set();
    })
}

/// Both children are woken by threads: the parent is not left asleep, and sees what they did.
fn two_wakes(check: Check) {
    check.outcomes(&["in one poll", "in two polls"]).run(|run| {
        let events = [shared(), shared()];
        let round = Cell::new(0);
        let child = async |event: &Arc<Shared>| {
            let mut polls = 0;
            let mut wait = pin!(event.wait());
            poll_fn(|context| {
                polls += 1;
                assert!(polls <= 2, "polled without a wake");
                wait.as_mut().poll(context)
            })
            .await;
            (event.value(), round.get())
        };
        let mut all = pin!(gather(events.each_ref().map(child)));
        assert!(poll_once(all.as_mut(), &CountingWaker::new()).is_pending());
        let threads = events.each_ref().map(sets);
        let ends = block_on(poll_fn(|context| {
            round.set(round.get() + 1);
            all.as_mut().poll(context)
        }));
        assert_eq!((ends[0].0, ends[1].0), (1, 1));
        run.saw(if ends[0].1 == ends[1].1 {
            "in one poll"
        } else {
            "in two polls"
        });
        for thread in threads {
            thread.join().unwrap();
        }
        events.iter().for_each(|event| event.assert_quiet());
    });
}

/// A child whose waker is all there is between it and its thread: no lock orders them.
fn wake_against_sleep(check: Check) {
    check
        .outcomes(&["one wake", "two wakes"])
        .min_executions(4)
        .run(|run| {
            let waker = CountingWaker::new();
            let child = Rc::new(RefCell::new(None));
            let kept = Rc::clone(&child);
            let mut polls = 0;
            let mut all = pin!(gather([poll_fn(move |context| {
                polls += 1;
                kept.replace(Some(context.waker().clone()));
                if polls > 2 {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            })]));
            assert!(poll_once(all.as_mut(), &waker).is_pending());
            let (first, second): (Waker, Waker) = {
                let waker = child.take().unwrap();
                (waker.clone(), waker)
            };
            first.wake();
            let wakes = spawn(move || second.wake());
            // Wakes once, or twice: before or after the mark has been taken away.
            let mut poll = poll_once(all.as_mut(), &waker);
            assert!(poll.is_pending());
            wakes.join().unwrap();
            if waker.wakes() == 2 {
                run.saw("two wakes");
                poll = poll_once(all.as_mut(), &waker);
            } else {
                run.saw("one wake");
            }
            // Polled once more if the second wake came after the mark had been taken away.
            assert_eq!(poll.is_ready(), waker.wakes() == 2);
            drop(child.take());
        });
}

/// A wake that finds its child marked already publishes what was done before it.
fn second_wake(check: Check) {
    check
        .outcomes(&["seen", "woken again"])
        .min_executions(4)
        .run(|run| {
            let guarded = Arc::new(Guarded::new(()));
            let child = Rc::new(RefCell::new(None));
            let kept = Rc::clone(&child);
            let mut all = pin!(gather([poll_fn(move |context| {
                kept.replace(Some(context.waker().clone()));
                Poll::<()>::Pending
            })]));
            let waker = CountingWaker::new();
            assert!(poll_once(all.as_mut(), &waker).is_pending());
            let woken: Waker = child.take().unwrap();
            let (mark, wakes) = (
                woken.clone(),
                spawn({
                    let guarded = Arc::clone(&guarded);
                    move || {
                        guarded.bump();
                        woken.wake();
                    }
                }),
            );
            mark.wake();
            assert!(poll_once(all.as_mut(), &waker).is_pending());
            let before = waker.wakes();
            if before == 1 && Arc::strong_count(&guarded) == 1 {
                // The thread has ended, and no wake is left: its wake was part of the first one.
                run.saw("seen");
                assert_eq!(guarded.value(), 1);
            } else {
                run.saw("woken again");
            }
            wakes.join().unwrap();
            drop(child.take());
        });
}

/// Wakers are used and dropped while the gather is: nothing is touched that is gone.
fn outlives(check: Check) {
    check
        .outcomes(&["woken", "dropped before"])
        .min_executions(4)
        .run(|run| {
            let waker = CountingWaker::new();
            let kept = Rc::new(RefCell::new(Vec::new()));
            let child = || {
                let kept = Rc::clone(&kept);
                poll_fn(move |context| {
                    kept.borrow_mut().push(context.waker().clone());
                    Poll::<()>::Pending
                })
            };
            let mut all = Box::pin(gather([child(), child()]));
            assert!(poll_once(all.as_mut(), &waker).is_pending());
            let threads: Vec<_> = (kept.take().into_iter())
                .map(|waker: Waker| {
                    spawn(move || {
                        waker.wake_by_ref();
                        drop(waker);
                    })
                })
                .collect();
            drop(all);
            run.saw(["dropped before", "woken"][waker.wakes()]);
            for thread in threads {
                thread.join().unwrap();
            }
            assert!(waker.wakes() <= 1, "one wake for both");
            assert_eq!(waker.clones(), 0);
        });
}

/// The parent is polled with another waker while a child is woken: one of them is used in time.
fn parent_moves(check: Check) {
    check
        .outcomes(&["at the second poll", "after it"])
        .min_executions(4)
        .run(|run| {
            let event = shared();
            let (old, new) = (CountingWaker::new(), CountingWaker::new());
            let mut all = pin!(gather([event.wait()]));
            assert!(poll_once(all.as_mut(), &old).is_pending());
            let thread = sets(&event);
            let early = poll_once(all.as_mut(), &new).is_ready();
            thread.join().unwrap();
            if early {
                run.saw("at the second poll");
            } else {
                run.saw("after it");
                assert!(new.wakes() > 0, "the task that polled last is woken");
                assert!(poll_once(all.as_mut(), &new).is_ready());
            }
            assert_eq!((event.value(), old.clones(), new.clones()), (1, 0, 0));
            event.assert_quiet();
        });
}

/// One child fails, and the rest is dropped, while another one is woken.
fn error(check: Check) {
    check
        .outcomes(&["both had ended", "one was dropped"])
        .run(|run| {
            let (fails, works) = (shared(), shared());
            let worked = Rc::new(RefCell::new(false));
            let child = async |event: Arc<Shared>, ends| {
                event.wait().await;
                assert_eq!(event.value(), 1);
                *worked.borrow_mut() |= ends;
                if ends { Ok(()) } else { Err(()) }
            };
            let children = [
                child(Arc::clone(&works), true),
                child(Arc::clone(&fails), false),
            ];
            let mut all = pin!(try_gather(children));
            assert!(poll_once(all.as_mut(), &CountingWaker::new()).is_pending());
            let threads = [sets(&fails), sets(&works)];
            assert_eq!(block_on(all), Err(()));
            run.saw(if *worked.borrow() {
                "both had ended"
            } else {
                "one was dropped"
            });
            for thread in threads {
                thread.join().unwrap();
            }
            fails.assert_quiet();
            works.assert_quiet();
        });
}

/// Each result comes once, whoever is first.
fn stream(check: Check) {
    check
        .outcomes(&["in order", "the other way round"])
        .run(|run| {
            let events = [shared(), shared()];
            let child = async |event: Arc<Shared>| {
                event.wait().await;
                event.value()
            };
            let mut results = as_completed(events.clone().map(child));
            assert!(poll_once(pin!(results.next()), &CountingWaker::new()).is_pending());
            let threads = events.each_ref().map(sets);
            let (first, one) = block_on(results.next()).unwrap();
            let (second, other) = block_on(results.next()).unwrap();
            assert_eq!((one, other, first + second), (1, 1, 1));
            assert_eq!(block_on(results.next()), None);
            run.saw(if first == 0 {
                "in order"
            } else {
                "the other way round"
            });
            for thread in threads {
                thread.join().unwrap();
            }
            events.iter().for_each(|event| event.assert_quiet());
        });
}

/// A timer, and a setter: one of them ends the wait, and the task is not left asleep.
fn completion(check: Check) {
    check
        .outcomes(&["in time", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let event = shared();
            let waits = spawn({
                let event = Arc::clone(&event);
                move || {
                    let result = block_on(timeout(LONG, event.wait()));
                    if result.is_ok() {
                        assert_eq!(event.value(), 1);
                    }
                    result.is_ok()
                }
            });
            event.bump();
            event.set();
            let in_time = waits.join().unwrap();
            run.saw(if in_time { "in time" } else { "timed out" });
            event.assert_quiet();
        });
}

/// The same with a timer thread that fires, and a deadline.
fn deadline(check: Check) {
    check
        .outcomes(&["in time", "timed out"])
        .expiries(&[Some(1)])
        .min_executions(4)
        .run(|run| {
            let event = shared();
            let waker = CountingWaker::new();
            let mut waits = pin!(timeout_at(Instant::now() + LONG, event.wait()));
            assert!(poll_once(waits.as_mut(), &waker).is_pending());
            let threads = [spawn(fire_timers), sets(&event)];
            let poll = poll_once(waits.as_mut(), &waker);
            let Poll::Ready(result) = poll else {
                panic!("the script says that the time is over")
            };
            run.saw(if result.is_ok() {
                "in time"
            } else {
                "timed out"
            });
            for thread in threads {
                thread.join().unwrap();
            }
            assert_eq!(waker.clones(), 0);
            event.assert_quiet();
        });
}

/// A sleep that is registered while the timer fires is woken now, or the next time.
fn timer(check: Check) {
    check
        .outcomes(&["seen", "too late"])
        .expiries(&[Some(1)])
        .min_executions(4)
        .run(|run| {
            let timer = spawn(fire_timers);
            let waker = CountingWaker::new();
            let (mut one, mut other) = (pin!(sleep(LONG)), pin!(sleep_until(Instant::now())));
            assert!(poll_once(one.as_mut(), &waker).is_pending());
            timer.join().unwrap();
            run.saw(["too late", "seen"][waker.wakes()]);
            fire_timers();
            assert_eq!(waker.wakes(), 1);
            assert!(poll_once(one.as_mut(), &waker).is_ready());
            assert!(poll_once(other.as_mut(), &waker).is_pending());
            assert!(poll_once(other.as_mut(), &waker).is_ready());
            assert_eq!(waker.clones(), 0);
        });
}

/// An alarm takes itself back while the timer takes it.
fn timer_drop(check: Check) {
    check
        .outcomes(&["woken, then dropped", "dropped before the timer"])
        .expiries(&[Some(1)])
        .min_executions(4)
        .run(|run| {
            let waker = CountingWaker::new();
            let mut sleeps = [(); 2].map(|()| Box::pin(sleep(LONG)));
            for sleep in &mut sleeps {
                assert!(poll_once(sleep.as_mut(), &waker).is_pending());
            }
            let timer = spawn(fire_timers);
            let [first, second] = sleeps;
            drop(first);
            run.saw(match waker.wakes() {
                0 => "dropped before the timer",
                _ => "woken, then dropped",
            });
            drop(second);
            timer.join().unwrap();
            assert_eq!(waker.clones(), 0);
        });
}

/// A thread that moves a deadline, and is joined before what runs until then is gone.
struct Mover(Option<JoinHandle<bool>>, Rc<Cell<Option<bool>>>);

impl Mover {
    fn new(limit: Limit<'_>, to: Option<Instant>, moved: &Rc<Cell<Option<bool>>>) -> Self {
        // SAFETY: a limit lives until the future of its closure has been dropped. This is a part
        // of that future, and joins the thread when it is dropped.
        let limit: Limit<'static> = unsafe { transmute::<Limit<'_>, Limit<'static>>(limit) };
        Self(Some(spawn(move || limit.reschedule(to))), Rc::clone(moved))
    }
}

impl Drop for Mover {
    fn drop(&mut self) {
        self.1
            .set(self.0.take().map(|thread| thread.join().unwrap()));
    }
}

/// A thread takes the deadline away while the task would give up: one of them comes first, and
/// both know.
fn reschedule(check: Check) {
    check
        .outcomes(&["moved in time", "moved too late"])
        .expiries(&[Some(0), Some(1)])
        .run(|run| {
            let event = Event::new();
            let task = CountingWaker::new();
            let moved = Rc::default();
            let mut limited = Box::pin(timeout_with(LONG, async |limit| {
                let _mover = Mover::new(limit, None, &moved);
                event.wait().await;
            }));
            let mut poll = poll_once(limited.as_mut(), &task);
            if poll.is_pending() {
                poll = poll_once(limited.as_mut(), &task);
            }
            if poll.is_pending() {
                event.set();
                assert!(poll_once(limited.as_mut(), &task) == Poll::Ready(Ok(())));
                run.saw("moved in time");
                assert_eq!(moved.get(), Some(true));
            } else {
                run.saw("moved too late");
                assert_eq!(
                    (poll.map(|r| r.is_err()), moved.get()),
                    (Poll::Ready(true), Some(false))
                );
            }
            drop(limited);
            assert_eq!(task.clones(), 0);
            event.assert_quiet();
        });
}

/// A thread brings the deadline forward while the task goes to sleep: it does not sleep on.
fn forward(check: Check) {
    check
        .outcomes(&["before it slept", "while it slept"])
        .expiries(&[Some(0)])
        .min_executions(4)
        .run(|run| {
            let moved = Rc::default();
            let mut polls = 0;
            let limited = timeout_with(LONG, async |limit| {
                limit.reschedule(None);
                let _mover = Mover::new(limit, Some(Instant::now()), &moved);
                poll_fn(|_| {
                    polls += 1;
                    Poll::<()>::Pending
                })
                .await;
            });
            assert!(block_on(limited).is_err());
            assert_eq!(moved.get(), Some(true));
            // A parker may wake once for no reason.
            run.saw(if polls == 1 {
                "before it slept"
            } else {
                "while it slept"
            });
        });
}
