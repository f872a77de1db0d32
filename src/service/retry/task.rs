//! Retries of tasks.

use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use pin_project_lite::pin_project;

use super::builder::Retry;
use super::plan::{Plan, always, unheard, unsaid};
use crate::combine::{Sleep, sleep};
use crate::error::{GaveUp, RetryError};
use crate::service::CancelWait;

pin_project! {
    /// What a retry of a task has of its own: how far it has come.
    pub struct Polled<'a, Fut, E> {
        #[pin]
        step: Step<Fut>,
        // Begun with the first attempt, where there is a token.
        #[pin]
        cancelled: Option<CancelWait<'a>>,
        last: Option<E>,
    }
}

pin_project! {
    #[project = StepParts]
    enum Step<Fut> {
        Next,
        Attempt { #[pin] future: Fut },
        Pause { #[pin] sleep: Sleep },
        Over,
    }
}

/// What is asked of an error where nothing has been said about it.
type Default<'a, F, Fut, E> =
    Retry<'a, F, Polled<'a, Fut, E>, fn(&E) -> bool, fn(&E) -> Option<Duration>, fn(&E, Duration)>;

/// Retries an operation until it succeeds, pausing the task between attempts.
///
/// Pass the operation first, then set options on the returned builder, and await it. [`Retry`] lists the options and
/// the reasons for giving up. Each attempt is a future of its own and is dropped before the next one is made.
///
/// # Cancel safety
///
/// Dropping it drops the current attempt.
///
/// # Panics
///
/// Panics when it is polled after it has ended, or if the timer's thread cannot be started.
///
/// # Examples
///
/// ## A scraper that fetches a page
///
/// ```
/// use core::time::Duration;
/// use syncline::{service::{Backoff, CancelToken}, task};
///
/// async fn fetch(url: &str, attempt: u32) -> Result<String, u16> {
///     if attempt < 3 { Err(503) } else { Ok(format!("<title>{url}</title>")) }
/// }
///
/// let ctrl_c = CancelToken::new();
/// let page = task::retry(|attempt| task::timeout(Duration::from_secs(10), fetch("a", attempt)))
///     .with(Backoff::exponential(Duration::from_millis(1)).attempts(5))
///     .token(&ctrl_c);
/// # let page = task::retry(|attempt| fetch("a", attempt)).with(Backoff::fixed(Duration::ZERO)).token(&ctrl_c);
/// assert!(task::block_on(page).is_ok());
/// ```
#[doc(alias("tenacity", "backon"))]
pub fn retry<'a, T, E, F, Fut>(operation: F) -> Default<'a, F, Fut, E>
where
    F: FnMut(u32) -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    Retry {
        plan: Plan::new(always, unsaid, unheard),
        operation,
        state: Polled {
            step: Step::Next,
            cancelled: None,
            last: None,
        },
    }
}

impl<'a, T, E, F, Fut, W, A, O> Future for Retry<'a, F, Polled<'a, Fut, E>, W, A, O>
where
    F: FnMut(u32) -> Fut,
    Fut: Future<Output = Result<T, E>>,
    W: FnMut(&E) -> bool,
    A: FnMut(&E) -> Option<Duration>,
    O: FnMut(&E, Duration),
{
    type Output = Result<T, RetryError<E>>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut state = this.state.project();
        loop {
            match state.step.as_mut().project() {
                StepParts::Over => panic!("`Retry` polled after completion"),
                StepParts::Next => match this.plan.attempt() {
                    Ok(attempt) => {
                        if let (Some(token), None) = (this.plan.token, &*state.cancelled) {
                            state.cancelled.set(Some(token.cancelled()));
                        }
                        let future = (this.operation)(attempt);
                        state.step.set(Step::Attempt { future });
                    }
                    Err(error) => {
                        state.step.set(Step::Over);
                        let last = state.last.take();
                        return Poll::Ready(Err(RetryError { last, ..error }));
                    }
                },
                StepParts::Attempt { future } => {
                    if let Poll::Ready(result) = future.poll(context) {
                        state.step.set(Step::Over);
                        let error = match result {
                            Ok(value) => return Poll::Ready(Ok(value)),
                            Err(error) => error,
                        };
                        let (pause, error) = this.plan.pause(error)?;
                        *state.last = Some(error);
                        state.step.set(if pause.is_zero() {
                            Step::Next
                        } else {
                            Step::Pause {
                                sleep: sleep(pause),
                            }
                        });
                        continue;
                    }
                    break;
                }
                StepParts::Pause { sleep } => {
                    if sleep.poll(context).is_ready() {
                        state.step.set(Step::Next);
                        continue;
                    }
                    break;
                }
            }
        }
        // It waits, for the attempt or for the end of the pause.
        let cancelled = state.cancelled.as_mut().as_pin_mut();
        if cancelled.is_some_and(|cancelled| cancelled.poll(context).is_ready()) {
            state.step.set(Step::Over);
            let last = state.last.take();
            return Poll::Ready(Err(this.plan.give_up(last, GaveUp::Cancelled)));
        }
        Poll::Pending
    }
}

impl<Fut, E> core::fmt::Debug for Polled<'_, Fut, E> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Polled").finish_non_exhaustive()
    }
}
