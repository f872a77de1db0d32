//! Retries whose first attempt succeeds: what nearly every retry is.
//!
//! Both begin with pauses of 100 ms and jitter, for five attempts. A `RetryError`
//! reports the total time, so a retry reads the clock; backon reports
//! none, and `backon:elapsed` adds it by hand. `stripped:clock` is one look at the clock and
//! nothing else.

use core::convert::Infallible;
use core::future::ready;
use core::hint::black_box;
use core::time::Duration;
use std::time::Instant;

use backon::{BlockingRetryable, ExponentialBuilder, Retryable};
use syncline::service::Backoff;
use syncline::{task, thread};

use super::repeat::{clock, repeat, repeat_async};
use crate::cell::Cell;

const FIRST: Duration = Duration::from_millis(100);

/// The cells about retries.
pub(super) fn cells() -> Vec<Cell> {
    vec![
        Cell::counted("retry/thread", 5, "an operation that succeeds at once")
            .with_instructions()
            .peer("syncline", |effort| {
                repeat(effort, || {
                    let backoff = black_box(Backoff::exponential(FIRST));
                    let done = thread::retry(attempt).with(backoff).wait();
                    black_box(done.expect("nothing fails"));
                })
            })
            .peer("backon", |effort| {
                repeat(effort, || {
                    let builder = black_box(backoff());
                    let done = (|| attempt(1)).retry(builder).call();
                    black_box(done.expect("nothing fails"));
                })
            })
            .peer("backon:elapsed", |effort| {
                repeat(effort, || {
                    let began = Instant::now();
                    let builder = black_box(backoff());
                    let done = (|| attempt(1)).retry(builder).call();
                    black_box((done.expect("nothing fails"), began));
                })
            })
            .peer("stripped:clock", |effort| repeat(effort, clock)),
        Cell::counted("retry/task", 5, "a future that is ready at once, one task")
            .with_instructions()
            .peer("syncline", |effort| {
                repeat_async(effort, async || {
                    let backoff = black_box(Backoff::exponential(FIRST));
                    let done = task::retry(|number| ready(attempt(number))).with(backoff);
                    black_box(done.await.expect("nothing fails"));
                })
            })
            .peer("backon", |effort| {
                repeat_async(effort, async || {
                    let builder = black_box(backoff());
                    let done = (|| ready(attempt(1))).retry(builder);
                    black_box(done.await.expect("nothing fails"));
                })
            })
            .peer("backon:elapsed", |effort| {
                repeat_async(effort, async || {
                    let began = Instant::now();
                    let builder = black_box(backoff());
                    let done = (|| ready(attempt(1))).retry(builder);
                    black_box((done.await.expect("nothing fails"), began));
                })
            })
            .peer("stripped:clock", |effort| {
                repeat_async(effort, async || clock())
            }),
    ]
}

fn backoff() -> ExponentialBuilder {
    let builder = ExponentialBuilder::new().with_min_delay(FIRST);
    builder.with_max_times(4).with_jitter()
}

#[expect(clippy::unnecessary_wraps, reason = "what is tried again may fail")]
fn attempt(number: u32) -> Result<u32, Infallible> {
    Ok(black_box(number))
}
