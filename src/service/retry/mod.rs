//! Trying again: the pauses, the budget, and the retries of both faces.

mod backoff;
mod budget;
mod builder;
mod plan;
pub(crate) mod task;
pub(crate) mod thread;

pub use self::backoff::{Backoff, Jitter, Pauses};
pub use self::budget::RetryBudget;
pub use self::builder::Retry;
