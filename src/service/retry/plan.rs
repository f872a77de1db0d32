//! What retries of threads and of tasks have in common: the options, and what comes after a failure.

use core::time::Duration;
use std::time::Instant;

use super::backoff::{Backoff, Progress};
use super::budget::RetryBudget;
use crate::error::{GaveUp, RetryError};
use crate::service::CancelToken;
use crate::sys;

/// The options of a retry, and how far it has come.
pub(super) struct Plan<'a, W, A, O> {
    pub(super) backoff: Backoff,
    pub(super) when: W,
    pub(super) after: A,
    pub(super) on_retry: O,
    pub(super) budget: Option<&'a RetryBudget>,
    pub(super) deadline: Option<Instant>,
    pub(super) token: Option<&'a CancelToken>,
    attempts: u32,
    /// When the first attempt began, in nanoseconds on the clock.
    began: u64,
    /// Begun with the first pause: most calls succeed at once.
    pauses: Option<Progress>,
}

/// How long ago that was.
#[cold]
fn since(began: u64) -> Duration {
    Duration::from_nanos(sys::nanos().saturating_sub(began))
}

/// Everything is worth another try.
pub(super) fn always<E>(_error: &E) -> bool {
    true
}

/// Nobody says how long to wait.
pub(super) fn unsaid<E>(_error: &E) -> Option<Duration> {
    None
}

/// Nobody wants to know.
pub(super) fn unheard<E>(_error: &E, _pause: Duration) {}

impl<'a, W, A, O> Plan<'a, W, A, O> {
    pub(super) const fn new(when: W, after: A, on_retry: O) -> Self {
        Self {
            backoff: Backoff::exponential(Duration::from_millis(100)),
            when,
            after,
            on_retry,
            budget: None,
            deadline: None,
            token: None,
            attempts: 0,
            began: 0,
            pauses: None,
        }
    }

    /// The same with one of the three closures exchanged.
    pub(super) fn with<W2, A2, O2>(
        self,
        change: impl FnOnce(W, A, O) -> (W2, A2, O2),
    ) -> Plan<'a, W2, A2, O2> {
        let (when, after, on_retry) = change(self.when, self.after, self.on_retry);
        Plan {
            backoff: self.backoff,
            when,
            after,
            on_retry,
            budget: self.budget,
            deadline: self.deadline,
            token: self.token,
            attempts: self.attempts,
            began: self.began,
            pauses: self.pauses,
        }
    }

    /// The number of the next attempt, unless there may be none.
    #[inline]
    pub(super) fn attempt<E>(&mut self) -> Result<u32, RetryError<E>> {
        if self.attempts == 0 {
            self.began = sys::nanos();
            if let Some(budget) = self.budget {
                budget.call(self.began);
            }
        }
        if self.token.is_some_and(CancelToken::is_cancelled) {
            return Err(self.give_up(None, GaveUp::Cancelled));
        }
        let is_over = |deadline| deadline <= sys::now();
        if self.attempts == 0 && self.deadline.is_some_and(is_over) {
            return Err(self.give_up(None, GaveUp::Deadline));
        }
        self.attempts = self.attempts.saturating_add(1);
        Ok(self.attempts)
    }

    /// Ends it.
    #[inline]
    pub(super) fn give_up<E>(&self, last: Option<E>, why: GaveUp) -> RetryError<E> {
        RetryError {
            last,
            attempts: self.attempts,
            elapsed: since(self.began),
            why,
        }
    }

    /// How long to pause after an attempt that failed, and the error for later; or the end of it.
    pub(super) fn pause<E>(&mut self, error: E) -> Result<(Duration, E), RetryError<E>>
    where
        W: FnMut(&E) -> bool,
        A: FnMut(&E) -> Option<Duration>,
        O: FnMut(&E, Duration),
    {
        if !(self.when)(&error) {
            return Err(self.give_up(Some(error), GaveUp::NotRetryable));
        }
        // Copies: nobody else gets hold of the plan, which lies in registers until an attempt fails.
        let backoff = self.backoff.clone();
        let mut pauses = self.pauses.take().unwrap_or_else(|| backoff.begin());
        let pause = pauses.next(&backoff);
        self.pauses = Some(pauses);
        let Some(pause) = pause else {
            return Err(self.give_up(Some(error), GaveUp::Exhausted));
        };
        let pause = pause.max((self.after)(&error).unwrap_or_default());
        let ends_late = |deadline| {
            let ends = sys::now().checked_add(pause);
            ends.is_none_or(|ends| ends > deadline)
        };
        if self.deadline.is_some_and(ends_late) {
            return Err(self.give_up(Some(error), GaveUp::Deadline));
        }
        if self.token.is_some_and(CancelToken::is_cancelled) {
            return Err(self.give_up(Some(error), GaveUp::Cancelled));
        }
        let refuses = |budget: &RetryBudget| !budget.retry(sys::nanos());
        if self.budget.is_some_and(refuses) {
            return Err(self.give_up(Some(error), GaveUp::NoBudget));
        }
        (self.on_retry)(&error, pause);
        Ok((pause, error))
    }
}
