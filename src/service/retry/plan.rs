//! What retries of threads and of tasks have in common: the options, and what comes after a failure.

use core::time::Duration;
use std::time::Instant;

use super::backoff::{Backoff, Pauses};
use super::budget::RetryBudget;
use crate::error::{GaveUp, RetryError};
use crate::service::CancelToken;

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
    began: Option<Instant>,
    /// Begun with the first pause: most calls succeed at once.
    pauses: Option<Pauses>,
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
            began: None,
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
    pub(super) fn attempt<E>(&mut self, now: Instant) -> Result<u32, RetryError<E>> {
        if self.began.is_none() {
            self.began = Some(now);
            if let Some(budget) = self.budget {
                budget.call(now);
            }
        }
        if self.token.is_some_and(CancelToken::is_cancelled) {
            return Err(self.give_up(None, GaveUp::Cancelled, now));
        }
        if self.attempts == 0 && self.deadline.is_some_and(|deadline| deadline <= now) {
            return Err(self.give_up(None, GaveUp::Deadline, now));
        }
        self.attempts = self.attempts.saturating_add(1);
        Ok(self.attempts)
    }

    /// Ends it.
    pub(super) fn give_up<E>(&self, last: Option<E>, why: GaveUp, now: Instant) -> RetryError<E> {
        let began = self.began.unwrap_or(now);
        RetryError {
            last,
            attempts: self.attempts,
            elapsed: now.saturating_duration_since(began),
            why,
        }
    }

    /// How long to pause after an attempt that failed, and the error for later; or the end of it.
    pub(super) fn pause<E>(
        &mut self,
        error: E,
        now: Instant,
    ) -> Result<(Duration, E), RetryError<E>>
    where
        W: FnMut(&E) -> bool,
        A: FnMut(&E) -> Option<Duration>,
        O: FnMut(&E, Duration),
    {
        if !(self.when)(&error) {
            return Err(self.give_up(Some(error), GaveUp::NotRetryable, now));
        }
        let pauses = (self.pauses).get_or_insert_with(|| self.backoff.clone().into_iter());
        let Some(pause) = pauses.next() else {
            return Err(self.give_up(Some(error), GaveUp::Exhausted, now));
        };
        let pause = pause.max((self.after)(&error).unwrap_or_default());
        let ends_late = |deadline| now.checked_add(pause).is_none_or(|ends| ends > deadline);
        if self.deadline.is_some_and(ends_late) {
            return Err(self.give_up(Some(error), GaveUp::Deadline, now));
        }
        if self.token.is_some_and(CancelToken::is_cancelled) {
            return Err(self.give_up(Some(error), GaveUp::Cancelled, now));
        }
        if self.budget.is_some_and(|budget| !budget.retry(now)) {
            return Err(self.give_up(Some(error), GaveUp::NoBudget, now));
        }
        (self.on_retry)(&error, pause);
        Ok((pause, error))
    }
}
