//! `RateLimiter`: at most so many calls per second, first come, first served.

use std::time::Instant;

use syncline::service::RateLimiter;
use syncline::task;

static LIMIT: RateLimiter = RateLimiter::per_second(1000).burst(5);

pub(crate) fn run() -> super::Outcome {
    let start = Instant::now();
    for _ in 0..5 {
        LIMIT.acquire().wait(); // the burst: at once
    }
    task::block_on(async {
        for _ in 0..10 {
            LIMIT.acquire().await; // and then one each millisecond
        }
    });
    assert!(start.elapsed().as_millis() >= 9);

    match LIMIT.try_acquire() {
        Ok(()) => println!("a token was there"),
        Err(limited) => println!("not now: {limited}"),
    }
    Ok(())
}
