//! Any future with a deadline: `timeout`, `timeout_at` and `timeout_with`.

use crate::driver::Driver;
use crate::executors::{on_every_executor, task};
use crate::waker::Probe;
use crate::watch::{until, until_past, watched};
use core::cell::Cell;
use core::future::{Future, pending, poll_fn, ready};
use core::panic::AssertUnwindSafe;
use core::pin::pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::{Event, Lock, block_on, gather, sleep, timeout, timeout_at, timeout_with};

const SHORT: Duration = Duration::from_millis(5);
const FAR: Duration = Duration::from_secs(3600);

/// Says that it has been dropped.
struct Dropped<'a>(&'a Cell<bool>);

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

/// asyncio: `test_wait_for_timeout_less_then_0_or_0_future_done` and its like.
#[test]
fn no_time_at_all_is_one_poll() {
    let past = Instant::now();
    assert_eq!(
        Ok(1),
        Driver::new(timeout(Duration::ZERO, ready(1))).ready()
    );
    assert_eq!(Ok(1), Driver::new(timeout_at(past, ready(1))).ready());
    let polls = Cell::new(0);
    let counts = || {
        poll_fn(|_| {
            polls.set(polls.get() + 1);
            Poll::<()>::Pending
        })
    };
    assert!(
        Driver::new(timeout(Duration::ZERO, counts()))
            .ready()
            .is_err()
    );
    assert!(Driver::new(timeout_at(past, counts())).ready().is_err());
    let body = timeout_with(Duration::ZERO, async |_| counts().await);
    assert!(Driver::new(body).ready().is_err());
    assert_eq!(3, polls.get());
    let body = timeout_with(Duration::ZERO, async |_| 1);
    assert_eq!(Ok(1), Driver::new(body).ready());
}

#[test]
fn a_duration_too_large_for_the_clock_means_never() {
    let event = Event::new();
    let waits = Driver::waiting(timeout(Duration::MAX, event.wait()));
    let body = Driver::waiting(timeout_with(Duration::MAX, async |limit| {
        assert_eq!(None, limit.deadline());
        event.wait().await;
        limit.expired()
    }));
    event.set();
    assert_eq!(Ok(()), waits.woken());
    assert_eq!(Ok(false), body.woken());
}

/// Trap A46; asyncio: `test_wait_for_blocking`, `test_wait_for_with_global_loop`: what was going on
/// has been cleaned up when the timeout returns.
#[test]
fn the_future_is_gone_before_the_timeout_returns() {
    let gone = Cell::new(false);
    let lock = Lock::new(());
    let holds = || async {
        let _dropped = Dropped(&gone);
        let _guard = lock.lock().await;
        pending::<()>().await;
    };
    let limited = pin!(timeout(SHORT, holds()));
    watched(&lock, || {
        block_on(poll_fn({
            let mut limited = limited;
            let (gone, lock) = (&gone, &lock);
            move |context| {
                let poll = limited.as_mut().poll(context);
                // The timeout itself has not been dropped here.
                assert_eq!(poll.is_ready(), gone.get());
                assert_eq!(poll.is_ready(), !lock.is_locked());
                poll
            }
        }))
        .unwrap_err();
    });
    gone.set(false);
    watched(&lock, || {
        block_on(timeout_with(SHORT, async |_| holds().await)).unwrap_err()
    });
    assert!(gone.get());
    lock.assert_quiet();
}

/// Trap A47; asyncio: `test_wait_for_self_cancellation`, `test_wait_for_race_condition`.
#[test]
fn a_result_and_the_deadline_together_are_a_result() {
    let event = Event::new();
    let at = Instant::now() + SHORT;
    let mut waits = Driver::new(timeout_at(at, event.wait()));
    let waiting = waits.poll().is_pending();
    let mut body = Driver::new(timeout_with(SHORT, async |limit| {
        event.wait().await;
        limit.expired()
    }));
    let also = body.poll().is_pending();
    until_past(Instant::now() + SHORT);
    event.set();
    if waiting {
        assert_eq!(Ok(()), waits.ready());
    }
    if also {
        assert_eq!(Ok(true), body.ready());
    }
    event.assert_quiet();
}

/// Traps A48, A49: whose deadline it was is in the type.
#[test]
fn of_two_deadlines_at_once_the_inner_one_is_told_as_a_result() {
    let now = Instant::now();
    let nested = timeout_at(now, timeout_at(now, pending::<()>()));
    assert!(matches!(Driver::new(nested).ready(), Ok(Err(_))));
    let nested = timeout_at(now, timeout(FAR, pending::<()>()));
    assert!(Driver::new(nested).ready().is_err());
}

/// Trap A50: code after the inner one does not run when the outer one is over.
#[test]
fn an_outer_deadline_ends_what_an_inner_one_would_go_on_with() {
    let reached = Cell::new(false);
    let body = async {
        let inner = timeout(FAR, pending::<()>()).await;
        reached.set(true);
        inner
    };
    watched(&"a timeout", || block_on(timeout(SHORT, body)).unwrap_err());
    assert!(!reached.get());
}

/// Trap B25, tokio 7462: a future that is always woken does not outrun its deadline.
#[test]
fn a_future_that_never_rests_is_ended_all_the_same() {
    let restless = || {
        poll_fn(|context: &mut Context<'_>| {
            context.waker().wake_by_ref();
            Poll::<()>::Pending
        })
    };
    watched(&"a timeout", || {
        block_on(timeout(SHORT, restless())).unwrap_err();
        block_on(timeout(SHORT, gather([restless(), restless()]))).unwrap_err();
        block_on(timeout_with(SHORT, async |_| restless().await)).unwrap_err();
    });
}

/// Trap B25.
#[test]
fn no_waker_outlives_a_timeout() {
    let event = Event::new();
    let waits = Driver::waiting(timeout(FAR, event.wait()));
    assert_eq!(0, waits.cancel().alive());
    let body = || timeout_with(FAR, async |_| event.wait().await);
    assert_eq!(0, Driver::waiting(body()).cancel().alive());
    let (mut waits, mut also) = (
        Driver::waiting(timeout(FAR, event.wait())),
        Driver::waiting(body()),
    );
    event.set();
    assert!(waits.poll().is_ready() && also.poll().is_ready());
    assert_eq!((0, 0), (waits.probe().alive(), also.probe().alive()));
    for _ in 0..20 {
        let limit = Duration::from_millis(1);
        let mut expired = Driver::new(timeout(limit, pending::<()>()));
        watched(&"a timeout", || {
            until("the end", || expired.poll().is_ready());
        });
        expired.cancel().until_forgotten();
    }
}

#[test]
fn a_timeout_that_is_ready_at_once_sets_no_alarm() {
    let mut waits = Driver::new(timeout(FAR, ready(1)));
    assert!(waits.poll().is_ready());
    assert_eq!((0, 0), (waits.probe().alive(), waits.probe().wakes()));
    catch_unwind(AssertUnwindSafe(|| waits.poll().is_ready())).unwrap_err();
}

/// asyncio: `test_wait_for`, `test_wait_for_cancellation_race_condition`.
#[test]
fn a_timeout_ends_a_future_on_every_executor() {
    watched(&"timeouts", || {
        on_every_executor(|| {
            vec![task(async {
                let at = Instant::now() + SHORT;
                timeout_at(at, pending::<()>()).await.unwrap_err();
                assert!(Instant::now() >= at);
                timeout(SHORT, sleep(FAR)).await.unwrap_err();
                assert_eq!(Ok(()), timeout(FAR, sleep(SHORT)).await);
                let moved = timeout_with(FAR, async |limit| {
                    limit.reschedule(Instant::now() + SHORT);
                    sleep(FAR).await;
                });
                moved.await.unwrap_err();
            })]
        });
    });
}

#[test]
fn a_panic_goes_through_a_timeout_and_leaves_no_alarm() {
    let probe = Probe::new();
    let go = Event::new();
    let mut waits = Driver::with(
        timeout(FAR, async {
            go.wait().await;
            panic!("on purpose")
        }),
        probe,
    );
    waits.pending();
    go.set();
    catch_unwind(AssertUnwindSafe(|| waits.poll().is_ready())).unwrap_err();
    assert_eq!(0, waits.cancel().alive());
}

/// asyncio: `test_timeout_reschedule`.
#[test]
fn a_deadline_is_moved_from_inside() {
    let start = Instant::now();
    let ends = timeout_with(FAR, async |limit| {
        assert!(limit.deadline().unwrap() >= start + FAR);
        assert!(limit.reschedule(start + SHORT));
        assert_eq!(Some(start + SHORT), limit.deadline());
        pending::<()>().await;
    });
    watched(&"a timeout", || block_on(ends).unwrap_err());
    assert!(start.elapsed() >= SHORT);
}

/// The alarm that was set for the first deadline does not end it.
#[test]
fn a_deadline_is_moved_away_while_its_alarm_is_set() {
    let (go, gone) = (Event::new(), Cell::new(false));
    let mut body = Driver::new(timeout_with(SHORT, async |limit| {
        let _dropped = Dropped(&gone);
        limit.reschedule(Instant::now() + FAR);
        go.wait().await;
        limit.reschedule(None);
        pending::<()>().await;
    }));
    body.pending();
    until_past(Instant::now() + SHORT * 2);
    assert!(!body.is_woken(), "no alarm for the first deadline");
    go.set();
    body.pending();
    assert!(!gone.get());
    // No alarm for "never"; the waker that the limit has is one, the event's is gone.
    assert_eq!(1, body.probe().alive());
    assert_eq!(0, body.cancel().alive());
}

#[test]
fn a_deadline_is_moved_by_somebody_else() {
    let gives_up = |context: &mut Context<'_>| {
        context.waker().wake_by_ref();
        Poll::<()>::Pending
    };
    watched(&"a timeout", || {
        let ends = timeout_with(Duration::MAX, async |limit| {
            std::thread::scope(|threads| {
                threads.spawn(move || assert!(limit.reschedule(Instant::now())));
            });
            poll_fn(gives_up).await;
        });
        block_on(ends).unwrap_err();
        // While the task sleeps: the mover wakes it.
        let (moved, told) = (Arc::new(Event::new()), Arc::new(Event::new()));
        std::thread::scope(|threads| {
            let ends = timeout_with(Duration::MAX, async |limit| {
                let siblings: [core::pin::Pin<Box<dyn Future<Output = ()>>>; 2] = [
                    Box::pin(async {
                        told.wait().await;
                        limit.reschedule(Instant::now());
                    }),
                    Box::pin(pending()),
                ];
                gather(siblings).await;
            });
            threads.spawn(|| {
                told.set();
                moved.set();
            });
            block_on(ends).unwrap_err();
            block_on(moved.wait());
        });
    });
}

/// A deadline that has taken effect cannot be moved: only a destructor sees it.
#[test]
fn a_deadline_that_is_over_stays_over() {
    struct Moves<'a>(syncline::task::Limit<'a>, &'a Cell<Option<bool>>);
    impl Drop for Moves<'_> {
        fn drop(&mut self) {
            self.1.set(Some(self.0.reschedule(None)));
        }
    }
    async fn hold(limit: syncline::task::Limit<'_>, moved: &Cell<Option<bool>>) {
        let _moves = Moves(limit, moved);
        pending::<()>().await;
    }
    let moved = Cell::new(None);
    let ends = timeout_with(Duration::ZERO, async |limit| {
        let moved: &Cell<_> = &moved;
        assert!(limit.expired());
        // The cell lives longer than the limit: a wait inside, whose destructor moves it.
        hold(limit, moved).await;
    });
    Driver::new(ends).ready().unwrap_err();
    assert_eq!(Some(false), moved.get());
}

/// asyncio: `test_timeout_zero`, and a body that asks for more in its only poll.
#[test]
fn a_body_without_time_may_ask_for_some() {
    let go = Event::new();
    let waits = Driver::waiting(timeout_with(Duration::ZERO, async |limit| {
        limit.reschedule(Instant::now() + FAR);
        go.wait().await;
        5
    }));
    go.set();
    assert_eq!(Ok(5), waits.woken());
}
