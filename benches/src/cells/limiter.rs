//! Rate limiters.
//!
//! governor reads its own clock by default (quanta: the processor's counter), and
//! the system's as `governor:std`. `stripped:clock` is one look at the system's clock
//! and nothing else: what reads it takes at least that long. `stripped:lock` is that clock and a lock
//! around one number.

use core::future::Future;
use core::hint::black_box;
use core::num::NonZero;
use core::pin::Pin;
use std::sync::Arc;

use governor::clock::{Clock, DefaultClock, MonotonicClock, ReasonablyRealtime};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter as Governor};
use parking_lot::Mutex;
use syncline::service::RateLimiter;

use super::repeat::{clock, repeat, repeat_async};
use crate::cell::{Cell, Effort, Sample, peers};
use crate::executor::on_tokio;
use crate::stopwatch::Stopwatch;
use crate::threads::compete;

/// So many tokens in a second that nobody ever waits for one.
const PLENTY: u32 = 1_000_000_000;
/// Few enough that a thousand tasks all wait, and that each token finds its task in time.
const SCARCE: u32 = 5_000;
/// More than a thousand tasks can take one by one: most come late, and find their token gone.
const FAST: u32 = 1_000_000;
const TASKS: u64 = 1_000;

/// What the cells ask of a limiter.
trait Limit: Send + Sync + 'static {
    /// A limiter of so many tokens in a second, and so many at once.
    fn with(per_second: u32, burst: u32) -> Self;

    fn try_take(&self) -> bool;

    fn take(&self) -> impl Future<Output = ()> + Send;
}

impl Limit for RateLimiter {
    fn with(per_second: u32, burst: u32) -> Self {
        Self::per_second(per_second.into()).burst(burst.into())
    }

    fn try_take(&self) -> bool {
        self.try_acquire().is_ok()
    }

    fn take(&self) -> impl Future<Output = ()> + Send {
        self.acquire()
    }
}

impl<C> Limit for Governor<NotKeyed, InMemoryState, C, NoOpMiddleware<C::Instant>>
where
    C: Clock + ReasonablyRealtime + Default + Send + Sync + 'static,
    C::Instant: Send + Sync + 'static,
{
    fn with(per_second: u32, burst: u32) -> Self {
        let count = |n| NonZero::new(n).expect("a rate and a burst are above zero");
        let quota = Quota::per_second(count(per_second)).allow_burst(count(burst));
        Self::direct_with_clock(quota, C::default())
    }

    fn try_take(&self) -> bool {
        self.check().is_ok()
    }

    async fn take(&self) {
        self.until_ready().await;
    }
}

type GovernorOn<C> = Governor<NotKeyed, InMemoryState, C, NoOpMiddleware<<C as Clock>::Instant>>;

macro_rules! limiters {
    ($cell:expr, $type:ident => $body:expr) => {
        peers!($cell, $type => $body, {
            "syncline" => RateLimiter,
            "governor" => GovernorOn<DefaultClock>,
            "governor:std" => GovernorOn<MonotonicClock>,
        })
    };
}

/// The cells about limiters.
pub(super) fn cells() -> Vec<Cell> {
    vec![
        limiters!(
            Cell::counted("limiter/try", 5, "take a token that is there, one thread")
                .with_instructions(),
            L => |effort| {
                let limiter = plenty::<L>();
                repeat(effort, || assert!(black_box(&limiter).try_take(), "there are plenty"))
            }
        )
        .peer("stripped:clock", |effort| repeat(effort, clock)),
        limiters!(
            Cell::counted(
                "limiter/await_ready",
                5,
                "acquire().await of a token that is there, one task"
            )
            .with_instructions(),
            L => |effort| {
                let limiter = plenty::<L>();
                repeat_async(effort, async || black_box(&limiter).take().await)
            }
        )
        .peer("stripped:clock", |effort| {
            repeat_async(effort, async || clock())
        }),
        limiters!(
            Cell::timed(
                "limiter/threads/8",
                60,
                "take a token that is there; threads compete"
            )
            .of_threads(),
            L => |effort| {
                let limiter = plenty::<L>();
                compete(
                    8,
                    effort,
                    |log| assert!(log.wait(|| limiter.try_take()), "there are plenty"),
                    || {},
                )
            }
        )
        .peer("stripped:clock", |effort| {
            compete(8, effort, |log| log.wait(clock), || {})
        })
        .peer("stripped:lock", |effort| {
            let full_at = Mutex::new(0_u64);
            let take = || {
                clock();
                *full_at.lock() += 1;
            };
            compete(8, effort, |log| log.wait(take), || {})
        }),
        limiters!(
            Cell::counted(
                format!("limiter/tasks/{TASKS}"),
                1,
                "acquire().await, 1,000 tasks, a token every 200 us; time of all threads"
            )
            .at_least(TASKS),
            L => |effort| in_line::<L>(effort, SCARCE, 10)
        ),
        limiters!(
            Cell::counted(
                format!("limiter/tasks_late/{TASKS}"),
                5,
                "the same with a token every microsecond and none in store, faster than tasks are polled"
            )
            .at_least(TASKS),
            L => |effort| in_line::<L>(effort, FAST, 1)
        ),
    ]
}

/// A limiter on which nobody waits: a token comes every nanosecond.
fn plenty<L: Limit>() -> L {
    L::with(PLENTY, PLENTY)
}

/// A thousand tasks that take a token each, again and again.
fn in_line<L: Limit>(effort: &Effort, per_second: u32, burst: u32) -> Sample {
    let limiter = Arc::new(L::with(per_second, burst));
    let each = effort.ops.div_ceil(TASKS);
    let tasks: Vec<Pin<Box<_>>> = (0..TASKS)
        .map(|_| {
            let limiter = Arc::clone(&limiter);
            Box::pin(async move {
                for _ in 0..each {
                    limiter.take().await;
                }
            })
        })
        .collect();
    Sample::new(
        on_tokio(Stopwatch::start_for_all_threads, tasks),
        each * TASKS,
    )
}
