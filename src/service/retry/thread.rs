//! Retries of threads.

use core::time::Duration;

use super::builder::Retry;
use super::plan::{Plan, always, unheard, unsaid};
use crate::error::{GaveUp, RetryError};
use crate::event::thread::Event;

/// What a retry of a thread has of its own.
#[derive(Debug)]
pub struct Blocking(());

/// What is asked of an error where nothing has been said about it.
type Default<'a, F, E> =
    Retry<'a, F, Blocking, fn(&E) -> bool, fn(&E) -> Option<Duration>, fn(&E, Duration)>;

/// Retries an operation until it succeeds, pausing the thread between attempts.
///
/// Pass the operation first, then set options on the returned builder, and call [`wait`](Retry::wait). [`Retry`] lists
/// the options and the reasons for giving up.
///
/// # Examples
///
/// ## A batch job that copies a file from a share
///
/// ```
/// use core::time::Duration;
/// use syncline::{service::Backoff, thread};
///
/// let copied = thread::retry(|attempt| {
///     if attempt < 3 { Err("the share is busy") } else { Ok(4096) }
/// })
/// .with(Backoff::exponential(Duration::from_millis(1)).attempts(5))
/// .wait();
/// assert_eq!(copied.unwrap(), 4096);
/// ```
#[doc(alias("tenacity", "backon"))]
pub fn retry<'a, T, E, F>(operation: F) -> Default<'a, F, E>
where
    F: FnMut(u32) -> Result<T, E>,
{
    Retry {
        plan: Plan::new(always, unsaid, unheard),
        operation,
        state: Blocking(()),
    }
}

impl<F, W, A, O> Retry<'_, F, Blocking, W, A, O> {
    /// Makes the attempts and returns the first success.
    ///
    /// # Errors
    ///
    /// Returns [`RetryError`] with the last error, and with what ended it.
    ///
    /// # Examples
    ///
    /// See [`thread::retry`](crate::thread::retry).
    #[track_caller]
    pub fn wait<T, E>(mut self) -> Result<T, RetryError<E>>
    where
        F: FnMut(u32) -> Result<T, E>,
        W: FnMut(&E) -> bool,
        A: FnMut(&E) -> Option<Duration>,
        O: FnMut(&E, Duration),
    {
        let mut last = None;
        loop {
            let attempt = match self.plan.attempt() {
                Ok(attempt) => attempt,
                Err(error) => return Err(RetryError { last, ..error }),
            };
            let error = match (self.operation)(attempt) {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let (pause, error) = self.plan.pause(error)?;
            if !pause.is_zero() {
                let cancelled = match self.plan.token {
                    Some(token) => token.cancelled().wait_timeout(pause).is_ok(),
                    // Nobody sets it.
                    None => Event::new().wait_timeout(pause).is_ok(),
                };
                if cancelled {
                    return Err(self.plan.give_up(Some(error), GaveUp::Cancelled));
                }
            }
            last = Some(error);
        }
    }
}
