//! `timeout`: a limit for any future. Single waits have their own, with definite outcomes.

use std::time::Duration;

use syncline::task::{self, Semaphore, sleep, timeout};

pub(crate) fn run() -> super::Outcome {
    task::block_on(async {
        let (soon, long) = (Duration::from_millis(5), Duration::from_secs(600));
        assert_eq!(timeout(long, async { "in time" }).await, Ok("in time"));

        // At the deadline the future is dropped where it waits, and what it holds is released.
        let places = Semaphore::new(1);
        let late = timeout(soon, async {
            let _place = places.acquire().await;
            sleep(long).await;
        });
        assert!(late.await.is_err());
        assert_eq!(places.available_permits(), 1);

        // For one wait: after `TimedOut`, nothing was acquired.
        let place = places.acquire().await;
        assert!(places.acquire_timeout(soon).await.is_err());
        drop(place);
        assert_eq!(places.available_permits(), 1);
    });
    println!("nothing was lost at a deadline");
    Ok(())
}
