//! Models of what puts futures together: wakes of children against the poll of their parent.

use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::pin::pin;
use core::task::{Poll, Waker};
use std::rc::Rc;
use std::sync::Arc;

use syncline::internals::Quiet;
use syncline::loom::thread::{JoinHandle, spawn};
use syncline::task::{Event, as_completed, block_on, gather, race, try_gather};

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("task/gather/two_wakes_against_poll", two_wakes).dear(),
    model!("task/gather/wake_against_sleep", wake_against_sleep),
    model!("task/gather/second_wake_publishes", second_wake),
    model!("task/gather/waker_outlives_the_gather", outlives),
    model!("task/gather/parent_moves_between_polls", parent_moves),
    model!("task/gather/error_against_wake", error).dear(),
    model!("task/gather/stream_against_two_wakes", stream).dear(),
    model!("task/race/race_and_pair_against_two_events", race_of_two),
];

/// An event beside the cell that its setter writes.
type Shared = Guarded<Event>;

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
        for event in &events {
            event.assert_quiet();
        }
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
            for event in &events {
                event.assert_quiet();
            }
        });
}

/// Two events are set: the race and the pair see what was done before, and nobody sleeps on.
fn race_of_two(check: Check) {
    check.outcomes(&["first", "second"]).run(|run| {
        let events = [(); 2].map(|()| Arc::new(Guarded::new(Event::new())));
        let racer = {
            let events = events.clone();
            spawn(move || {
                let [first, second] = &events;
                let wait = |place, event: &Arc<Guarded<Event>>| {
                    let event = Arc::clone(event);
                    async move {
                        event.wait().await;
                        assert_eq!(event.value(), 1);
                        place
                    }
                };
                let winner = block_on(race((wait(0, first), wait(1, second))));
                block_on(gather((wait(0, first), wait(1, second))));
                winner
            })
        };
        let setter = {
            let event = Arc::clone(&events[1]);
            spawn(move || {
                event.bump();
                event.set();
            })
        };
        events[0].bump();
        events[0].set();
        let winner = racer.join().unwrap();
        setter.join().unwrap();
        run.saw(["first", "second"][winner]);
        for event in &events {
            event.assert_quiet();
        }
    });
}
