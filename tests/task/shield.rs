//! Futures that go on when whoever waits for them does not; asyncio's cases of `shield`.

use crate::driver::Driver;
use crate::spawners::on_every_spawner;
use core::time::Duration;
use std::panic::resume_unwind;
use std::sync::Arc;
use syncline::JobError;
use syncline::task::{Event, shield, timeout};

/// asyncio: `test_shield_result`, `test_shield_exception`; trap A54.
#[test]
fn a_shielded_future_brings_its_value_or_its_panic() {
    on_every_spawner!(spawner => async {
        assert_eq!(shield(spawner, async { 42 }).await.unwrap(), 42);
        let error = shield(spawner, async { resume_unwind(Box::new("lost?")) as () }).await;
        let Err(JobError::Panicked(panic)) = error else { panic!("it panicked") };
        assert_eq!(panic.message().as_deref(), Some("lost?"));
    });
}

/// asyncio: `test_shield_effect`, `test_shield_cancel_outer`; trap A54.
#[test]
fn dropping_who_waits_does_not_drop_what_is_shielded() {
    on_every_spawner!(spawner => async {
        let (goes_on, kept) = (Arc::new(Event::new()), Arc::new(Event::new()));
        let inner = {
            let (goes_on, kept) = (Arc::clone(&goes_on), Arc::clone(&kept));
            async move {
                goes_on.wait().await;
                kept.set();
            }
        };
        let job = shield(spawner, inner);
        assert!(timeout(Duration::ZERO, job).await.is_err());
        assert!(!kept.is_set());
        goes_on.set();
        kept.wait().await;
    });
}

/// asyncio: `test_shield_cancel_inner`.
#[test]
fn what_is_shielded_can_still_be_cancelled() {
    on_every_spawner!(spawner => async {
        let job = shield(spawner, core::future::pending::<()>());
        assert!(job.cancel());
        assert!(matches!(job.await, Err(JobError::Cancelled)));
    });
}

/// Trap B25: a job that is dropped keeps no waker.
#[test]
fn a_shield_that_is_dropped_keeps_nothing_of_its_task() {
    let pool = syncline::thread::ThreadPool::new(1);
    let goes_on = Arc::new(Event::new());
    let there = Arc::clone(&goes_on);
    let job = shield(&pool, async move { there.wait().await });
    assert_eq!(Driver::waiting(job).cancel().alive(), 0);
    goes_on.set();
}
