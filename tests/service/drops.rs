//! Futures of services, dropped at each of their await points: before the first poll, while they wait, after
//! they have been woken, and in between.

use crate::driver::Driver;
use core::future::{Future, ready};
use core::time::Duration;
use std::sync::Arc;
use syncline::service::{Backoff, Breaker, BreakerState, CancelToken, RateLimiter, Trip};
use syncline::task::{self, Event, Queue};

const FAR: Duration = Duration::from_secs(3600);

/// Where a future is dropped.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Point {
    Unpolled,
    Waiting,
    Woken,
}

const POINTS: [Point; 3] = [Point::Unpolled, Point::Waiting, Point::Woken];

/// Drops a future there, and sees that it leaves no waker behind. `wake` is what it waits for.
fn dropped_at<F: Future>(point: Point, future: F, wake: impl FnOnce()) {
    let mut driver = Driver::new(future);
    if point != Point::Unpolled {
        driver.pending();
    }
    if point == Point::Woken {
        wake();
        assert!(driver.is_woken());
    }
    assert_eq!(driver.cancel().alive(), 0, "a waker is left, {point:?}");
}

#[test]
fn waits_for_tokens_of_a_limiter_take_none_with_them_and_those_behind_move_up() {
    for point in POINTS {
        let limiter = RateLimiter::every(FAR).burst(10);
        limiter.acquire_many(5).wait();
        let mut ahead = Some(Driver::waiting(limiter.acquire_many(10)));
        // It is woken because the one before it leaves.
        let target = limiter.acquire_many(6);
        let mut behind = None;
        let mut target = Driver::new(target);
        if point != Point::Unpolled {
            target.pending();
            behind = Some(Driver::waiting(limiter.acquire_many(5)));
        }
        if point == Point::Woken {
            drop(ahead.take());
            assert!(target.is_woken());
        }
        assert_eq!(target.cancel().alive(), 0, "{point:?}");
        drop(ahead);
        let behind = behind.unwrap_or_else(|| Driver::new(limiter.acquire_many(5)));
        behind.ready();
        let stats = limiter.stats();
        assert_eq!((stats.taken, stats.waiting), (10, 0), "{point:?}");
    }
}

#[test]
fn waits_for_a_token_leave_it_as_it_was() {
    for point in POINTS {
        let token = CancelToken::new();
        dropped_at(point, token.cancelled(), || token.cancel());
        let token = CancelToken::new();
        dropped_at(point, token.sleep(FAR), || token.cancel());
        assert_eq!(token.is_cancelled(), point == Point::Woken);
    }
}

#[test]
fn futures_that_a_token_may_cut_off_are_dropped_with_what_they_hold() {
    for point in POINTS {
        let (token, event, alive) = (CancelToken::new(), Event::new(), Arc::new(()));
        let inside = || {
            let mine = Arc::clone(&alive);
            let event = &event;
            async move {
                event.wait().await;
                drop(mine);
            }
        };
        dropped_at(point, token.run_until_cancelled(inside()), || event.set());
        event.clear();
        dropped_at(point, token.run_until_cancelled(inside()), || {
            token.cancel();
        });
        assert_eq!(Arc::strong_count(&alive), 1, "{point:?}");
    }
}

#[test]
fn gets_that_a_token_may_end_lose_no_item() {
    for point in POINTS {
        let (token, queue) = (CancelToken::new(), Queue::unbounded());
        let get = token.run_until_cancelled(queue.get());
        dropped_at(point, get, || queue.try_put(7).unwrap());
        if point != Point::Woken {
            queue.try_put(7).unwrap();
        }
        assert_eq!(Driver::new(queue.get()).ready(), Ok(7), "{point:?}");
    }
}

#[test]
fn calls_through_a_breaker_are_abandoned_once_they_have_begun_and_free_their_probe() {
    for point in POINTS {
        let breaker = (Breaker::builder("api").trip(Trip::consecutive(1)))
            .open_for(Duration::ZERO)
            .build();
        breaker.trip();
        let event = Event::new();
        let call = breaker.call_async(async {
            event.wait().await;
            Ok::<_, ()>(())
        });
        dropped_at(point, call, || event.set());
        let abandoned = u64::from(point != Point::Unpolled);
        assert_eq!(breaker.stats().abandoned, abandoned, "{point:?}");
        breaker.admit().expect("a probe is free").success();
        assert_eq!(breaker.state(), BreakerState::Closed);
    }
}

#[test]
fn retries_are_dropped_with_the_attempt_that_is_under_way() {
    for point in POINTS {
        for attempts_before in 0..2 {
            let (token, event, alive) = (CancelToken::new(), Event::new(), Arc::new(()));
            let tried = task::retry(|attempt| {
                let mine = Arc::clone(&alive);
                let event = &event;
                async move {
                    if attempt > attempts_before {
                        event.wait().await;
                    }
                    drop(mine);
                    if attempt > attempts_before {
                        Ok(())
                    } else {
                        Err(())
                    }
                }
            });
            let tried = tried.with(Backoff::fixed(Duration::ZERO)).token(&token);
            dropped_at(point, tried, || event.set());
            assert_eq!(Arc::strong_count(&alive), 1, "{point:?}");
            // In the pause.
            let pauses = task::retry(|_| ready(Err::<(), _>(())));
            let pauses = pauses.with(Backoff::fixed(FAR)).token(&token);
            dropped_at(point, pauses, || token.cancel());
        }
    }
}
