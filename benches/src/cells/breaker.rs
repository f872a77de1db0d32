//! Breakers that are closed: what nearly every call goes through.
//!
//! recloser counts the last so many calls, whenever they were: with five, of which
//! all must have failed, it is one that counts failures in a row. failsafe has a
//! time and a mean that fades. Neither limits its probes. `recloser:clock` adds the clock read
//! that a window of time needs; `stripped:clock` is that read and
//! nothing else.

use core::convert::Infallible;
use core::future::{Future, ready};
use core::hint::black_box;
use core::time::Duration;

use failsafe::backoff::{Constant, constant};
use failsafe::failure_policy::{
    ConsecutiveFailures, SuccessRateOverTimeWindow, consecutive_failures,
    success_rate_over_time_window,
};
use failsafe::{Config, FailurePolicy, StateMachine};
use recloser::{AsyncRecloser, Recloser};
use syncline::service::{Breaker, Trip};

use super::repeat::{clock, repeat, repeat_async};
use crate::cell::{Cell, Effort, Sample};

type Failsafe<P> = StateMachine<P, ()>;

const OPEN: Duration = Duration::from_secs(30);
const WINDOW: Duration = Duration::from_secs(10);

/// What the cells ask of a breaker: to let calls through that succeed.
trait Closed {
    fn call(&self, answer: u64) -> u64;

    fn call_async(&self, answer: u64) -> impl Future<Output = u64>;
}

/// Opens after five failures in a row, or when half of the calls fail.
#[derive(Clone, Copy, Debug)]
enum When {
    Consecutive,
    Ratio,
}

impl Closed for Breaker {
    fn call(&self, answer: u64) -> u64 {
        (self.call(|| Ok::<_, Infallible>(answer))).expect("nothing fails")
    }

    async fn call_async(&self, answer: u64) -> u64 {
        let call = self.call_async(ready(Ok::<_, Infallible>(answer)));
        call.await.expect("nothing fails")
    }
}

impl<P: FailurePolicy + Send + Sync> Closed for Failsafe<P> {
    fn call(&self, answer: u64) -> u64 {
        let call = failsafe::CircuitBreaker::call(self, || Ok::<_, Infallible>(answer));
        call.expect("nothing fails")
    }

    async fn call_async(&self, answer: u64) -> u64 {
        let call =
            failsafe::futures::CircuitBreaker::call(self, ready(Ok::<_, Infallible>(answer)));
        call.await.expect("nothing fails")
    }
}

/// Both forms of recloser, of which the second wraps the first.
struct Reclosers {
    calls: Recloser,
    futures: AsyncRecloser,
}

impl Closed for Reclosers {
    fn call(&self, answer: u64) -> u64 {
        (self.calls.call(|| Ok::<_, Infallible>(answer))).expect("nothing fails")
    }

    async fn call_async(&self, answer: u64) -> u64 {
        let call = self.futures.call(ready(Ok::<_, Infallible>(answer)));
        call.await.expect("nothing fails")
    }
}

fn syncline(when: When) -> Breaker {
    let builder = Breaker::builder("api").open_for(OPEN);
    match when {
        When::Consecutive => builder.trip(Trip::consecutive(5)).build(),
        When::Ratio => {
            let trip = Trip::ratio(0.5).of_at_least(20).within(WINDOW);
            builder.trip(trip).build()
        }
    }
}

fn recloser(when: When) -> Reclosers {
    let build = || {
        let (rate, calls) = match when {
            When::Consecutive => (1.0, 5),
            When::Ratio => (0.5, 100),
        };
        let builder = Recloser::custom().error_rate(rate).closed_len(calls);
        builder.open_wait(OPEN).build()
    };
    Reclosers {
        calls: build(),
        futures: AsyncRecloser::from(build()),
    }
}

fn failsafe_in_a_row() -> Failsafe<ConsecutiveFailures<Constant>> {
    let policy = consecutive_failures(5, constant(OPEN));
    Config::new().failure_policy(policy).build()
}

fn failsafe_ratio() -> Failsafe<SuccessRateOverTimeWindow<Constant>> {
    let policy = success_rate_over_time_window(0.5, 20, WINDOW, constant(OPEN));
    Config::new().failure_policy(policy).build()
}

/// Adds every peer, with a loop that is told how to make one.
macro_rules! breakers {
    ($cell:expr, $repeat:ident, $when:expr, $failsafe:expr) => {
        $cell
            .peer("syncline", $repeat(|| syncline($when)))
            .peer("failsafe", $repeat($failsafe))
            .peer("recloser", $repeat(|| recloser($when)))
    };
}

/// The cells about breakers.
pub(super) fn cells() -> Vec<Cell> {
    let cell = |name| {
        let about = "a call that a closed breaker lets through, and that succeeds; one thread";
        Cell::counted(name, 5, about).with_instructions()
    };
    let awaited = |name| {
        let about = "a ready future that a closed breaker lets through, one task";
        Cell::counted(name, 5, about).with_instructions()
    };
    vec![
        breakers!(
            cell("breaker/call/consecutive"),
            calls,
            When::Consecutive,
            failsafe_in_a_row
        ),
        breakers!(
            cell("breaker/call/ratio"),
            calls,
            When::Ratio,
            failsafe_ratio
        )
        .peer("recloser:clock", |effort| {
            let breaker = recloser(When::Ratio);
            repeat(effort, || {
                clock();
                black_box(Closed::call(black_box(&breaker), 7));
            })
        })
        .peer("stripped:clock", |effort| repeat(effort, clock)),
        breakers!(
            awaited("breaker/call_async/consecutive"),
            awaits,
            When::Consecutive,
            failsafe_in_a_row
        ),
        breakers!(
            awaited("breaker/call_async/ratio"),
            awaits,
            When::Ratio,
            failsafe_ratio
        )
        .peer("recloser:clock", |effort| {
            let breaker = recloser(When::Ratio);
            repeat_async(effort, async || {
                clock();
                black_box(Closed::call_async(black_box(&breaker), 7).await);
            })
        })
        .peer("stripped:clock", |effort| {
            repeat_async(effort, async || clock())
        }),
    ]
}

fn calls<B: Closed>(make: impl Fn() -> B) -> impl Fn(&Effort) -> Sample {
    move |effort| {
        let breaker = make();
        repeat(effort, || {
            black_box(black_box(&breaker).call(7));
        })
    }
}

fn awaits<B: Closed>(make: impl Fn() -> B) -> impl Fn(&Effort) -> Sample {
    move |effort| {
        let breaker = make();
        repeat_async(effort, async || {
            black_box(black_box(&breaker).call_async(7).await);
        })
    }
}
