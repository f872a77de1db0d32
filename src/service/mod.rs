//! Building blocks of long-running programs: cancellation, limits, breakers, retries, leases, and an orderly shutdown.
//!
//! | you have | use |
//! |---|---|
//! | work to stop that cannot be dropped: threads, closures, trees of tasks | [`CancelToken`] |
//! | the same in a pool, in a group, or in a loop over a queue | [`submit_cancellable`](crate::thread::ThreadPool::submit_cancellable), [`token`](crate::task::Group::token), [`iter_until`](crate::thread::Queue::iter_until) |
//! | something that may be called only so often | [`RateLimiter`] |
//! | something that must not be called while it keeps failing | [`Breaker`] |
//! | something that fails now and then | [`thread::retry`], [`task::retry`], [`Backoff`] |
//! | connections, or other items that are expensive to open | [`LeasePool`] |
//! | a program that must end in order: stop, drain, close, clean up | [`Shutdown`] |
//! | many callers whose retries together must stay few | [`RetryBudget`] |
//!
//! Each is one object for threads and tasks. An operation that waits returns a value that a thread
//! waits for (`.wait()`, `.wait_timeout(d)`, `.wait_deadline(at)`) and a task awaits. Methods that take a closure have the
//! plain name; those that take a future end in `_async`. Dropping a wait at any point loses nothing.
//!
//! All are `Send` and `Sync`, need no thread of their own, and report what they have done (`stats()`). No lock is held while a hook
//! runs, so a hook may use the object that calls it. A panic of a hook affects nobody else.
//!
//! Nest them like this: the retry outside, the breaker inside it, the limiter innermost. Each attempt then asks the breaker and takes
//! its own token. Retry rejections only if you want to: see [`when`](Retry::when). `examples/small` has a short program for each.
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
