//! Models of deadlines for any future, and of sleeps: against the end of what they limit, against the
//! timer, and against whoever moves them.
#![expect(unsafe_code, reason = "loom has no scoped threads")]

use core::cell::Cell;
use core::future::poll_fn;
use core::mem::transmute;
use core::pin::pin;
use core::task::Poll;
use core::time::Duration;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::{Quiet, fire_timers};
use syncline::loom::thread::{JoinHandle, spawn};
use syncline::task::{
    Event, Limit, block_on, interval, sleep, sleep_until, timeout, timeout_at, timeout_with,
};

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("task/timeout/expiry_against_completion", completion),
    model!("task/timeout/deadline_against_completion", deadline),
    model!("task/timeout/timer_against_sleep", timer),
    model!("task/timeout/timer_against_drop", timer_drop),
    model!("task/timeout/reschedule_against_expiry", reschedule),
    model!("task/timeout/reschedule_against_sleep", forward),
];

/// An event beside the cell that its setter writes.
type Shared = Guarded<Event>;

const LONG: Duration = Duration::from_secs(60);

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
            let mut beats = interval(LONG);
            let mut tick = pin!(beats.tick());
            assert!(poll_once(tick.as_mut(), &waker).is_pending());
            assert!(poll_once(tick.as_mut(), &waker).is_ready());
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
