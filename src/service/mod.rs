//! What a long-running program is built of: requests to stop, limits, breakers, retries, leases.
//!
//! | you have | use |
//! |---|---|
//! | work that has to stop and cannot be dropped: threads, closures, trees of tasks | [`CancelToken`] |
//! | the same in a pool, in a group, or in a loop over a queue | [`submit_cancellable`](crate::thread::ThreadPool::submit_cancellable), [`token`](crate::task::Group::token), [`iter_until`](crate::thread::Queue::iter_until) |
//! | something that may be called so often | [`RateLimiter`] |
//! | something that fails, and that is not to be called while it does | [`Breaker`] |
//! | something that fails now and then, and that is worth another try | [`thread::retry`], [`task::retry`], [`Backoff`] |
//! | something expensive to open, such as connections, that many use in turn | [`LeasePool`] |
//! | a program that has to end in good order: stop, drain, close, clean up | [`Shutdown`] |
//! | many callers whose retries together must stay few | [`RetryBudget`] |
//!
//! Each is one object for threads and tasks. An operation that waits returns a value that a thread
//! waits for (`.wait()`, `.wait_timeout(d)`, `.wait_deadline(at)`) and a task awaits. What takes a closure has the
//! plain name, what takes a future ends in `_async`. Nothing is lost when a wait is dropped, at any point.
//!
//! All are `Send` and `Sync`, need no thread of their own, and tell what they have done (`stats()`). Hooks run without any
//! lock: they may use the object that calls them, and if they panic nobody else notices.
//!
//! Retries go outside, the breaker inside, the limiter innermost: a rejection is not retried unless asked for, and each
//! try takes its own token.
//!
//! ```
//! use core::time::Duration;
//! use syncline::{service::{Backoff, Breaker, CancelToken, RateLimiter}, task};
//!
//! static LIMIT: RateLimiter = RateLimiter::per_second(100).burst(10);
//!
//! async fn fetch(page: u32) -> Result<u32, String> {
//!     Ok(page)
//! }
//!
//! let (ctrl_c, breaker) = (CancelToken::new(), Breaker::builder("api").build());
//! let page = task::retry(|_| breaker.call_async(async {
//!     LIMIT.acquire().await;
//!     fetch(7).await
//! }))
//! .with(Backoff::exponential(Duration::from_millis(50)).attempts(4))
//! .when(|error| !error.is_rejected())
//! .token(&ctrl_c);
//! assert_eq!(task::block_on(page).unwrap(), 7);
//! ```

mod breaker;
mod lease;
mod limiter;
mod retry;
mod shutdown;
mod token;

pub use self::breaker::{
    Admission, Breaker, BreakerBuilder, BreakerChange, BreakerState, BreakerStats, CallAsync,
    RatioTrip, Trip, Verdict,
};
pub use self::lease::{
    Blocking, CloseWait, Lease, LeasePool, LeasePoolBuilder, LeaseStats, LeaseWait, Manage,
    ManageBlocking, Managed, WarmUp,
};
pub use self::limiter::{RateLimiter, RateStats, RateWait};
pub use self::retry::{Backoff, Jitter, Pauses, Retry, RetryBudget};
pub(crate) use self::retry::{task, thread};
pub use self::shutdown::{
    AddedStep, How, InFlight, PhaseReport, Report, RunInFlight, RunShutdown, Shutdown,
    ShutdownBuilder, StepReport, Straggler,
};
pub use self::token::{
    CancelGuard, CancelSleep, CancelToken, CancelWait, CancellationToken, ItemsUntil, Registration,
    RunUntilCancelled,
};
pub use crate::error::{BreakerError, GaveUp, LeaseError, RetryError};
