//! `Retry`: an operation, and when and how to try it again.

use core::fmt;
use core::time::Duration;
use std::time::Instant;

use pin_project_lite::pin_project;

use super::backoff::Backoff;
use super::budget::RetryBudget;
use super::plan::Plan;
use crate::service::CancelToken;

pin_project! {
    /// Tries an operation again until it succeeds. Created by [`thread::retry`](crate::thread::retry) and
    /// [`task::retry`](crate::task::retry).
    ///
    /// The operation receives the number of the attempt, counted from 1. On a thread, call [`wait`](Self::wait) to
    /// run it. In a task, await the builder: it is the future. Without options it makes up to five attempts,
    /// whatever the error, and pauses in between as [`Backoff`] does by default, starting at 100 milliseconds.
    ///
    /// After a failed attempt it gives up for the first of these reasons that applies:
    ///
    /// 1. [`when`](Self::when) returns `false` for the error.
    /// 2. The [backoff](Self::with) has no attempt left.
    /// 3. The pause would end after the [deadline](Self::deadline).
    /// 4. The [token](Self::token) is cancelled.
    /// 5. The [budget](Self::budget) is used up.
    ///
    /// # Examples
    ///
    /// See [`thread::retry`](crate::thread::retry) and [`task::retry`](crate::task::retry).
    #[must_use = "nothing is tried before this is awaited or waited for"]
    pub struct Retry<'a, F, S, W, A, O> {
        pub(super) plan: Plan<'a, W, A, O>,
        pub(super) operation: F,
        #[pin]
        pub(super) state: S,
    }
}

impl<'a, F, S, W, A, O> Retry<'a, F, S, W, A, O> {
    /// Sets the pauses and the number of attempts.
    ///
    /// # Examples
    ///
    /// See [`thread::retry`](crate::thread::retry).
    pub fn with(mut self, backoff: Backoff) -> Self {
        self.plan.backoff = backoff;
        self
    }

    /// Sets which errors are worth another attempt. By default, all are.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{service::GaveUp, thread};
    ///
    /// let missing = thread::retry(|_| Err::<(), _>(404)).when(|status| *status >= 500).wait();
    /// let error = missing.unwrap_err();
    /// assert_eq!((error.attempts, error.why), (1, GaveUp::NotRetryable));
    /// ```
    pub fn when<E, W2>(self, when: W2) -> Retry<'a, F, S, W2, A, O>
    where
        W: FnMut(&E) -> bool,
        W2: FnMut(&E) -> bool,
    {
        Retry {
            plan: self.plan.with(|_, after, on_retry| (when, after, on_retry)),
            operation: self.operation,
            state: self.state,
        }
    }

    /// Sets a function that reads a minimum pause from an error, such as a `Retry-After` header.
    ///
    /// The pause is at least that long, even above the backoff's cap. `None` leaves it to the backoff.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::{service::Backoff, thread};
    ///
    /// let pauses = std::cell::RefCell::new(Vec::new());
    /// let limited = Duration::from_millis(2); // what the server said
    /// thread::retry(|attempt| if attempt == 2 { Ok(()) } else { Err(limited) })
    ///     .with(Backoff::fixed(Duration::ZERO))
    ///     .retry_after(|error| Some(*error))
    ///     .on_retry(|_, pause| pauses.borrow_mut().push(pause))
    ///     .wait()
    ///     .unwrap();
    /// assert_eq!(*pauses.borrow(), [limited]);
    /// ```
    pub fn retry_after<E, A2>(self, after: A2) -> Retry<'a, F, S, W, A2, O>
    where
        A: FnMut(&E) -> Option<Duration>,
        A2: FnMut(&E) -> Option<Duration>,
    {
        Retry {
            plan: self.plan.with(|when, _, on_retry| (when, after, on_retry)),
            operation: self.operation,
            state: self.state,
        }
    }

    /// Sets a function to call before each pause, with the error and the length of the pause.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::{service::Backoff, thread};
    ///
    /// let mut log = Vec::new();
    /// thread::retry(|attempt| if attempt == 3 { Ok(()) } else { Err(format!("attempt {attempt} failed")) })
    ///     .with(Backoff::fixed(Duration::ZERO))
    ///     .on_retry(|error, _| log.push(error.clone()))
    ///     .wait()
    ///     .unwrap();
    /// assert_eq!(log, ["attempt 1 failed", "attempt 2 failed"]);
    /// ```
    pub fn on_retry<E, O2>(self, on_retry: O2) -> Retry<'a, F, S, W, A, O2>
    where
        O: FnMut(&E, Duration),
        O2: FnMut(&E, Duration),
    {
        Retry {
            plan: self.plan.with(|when, after, _| (when, after, on_retry)),
            operation: self.operation,
            state: self.state,
        }
    }

    /// Limits retries by a budget that all calls to one server share. There is none by default.
    ///
    /// # Examples
    ///
    /// See [`RetryBudget`].
    pub fn budget(mut self, budget: &'a RetryBudget) -> Self {
        self.plan.budget = Some(budget);
        self
    }

    /// Sets a deadline for all attempts and pauses together.
    ///
    /// A pause that would end after it is not begun, and no first attempt is made after it. It cuts no
    /// attempt short: that is what [`timeout`](crate::task::timeout()) inside the operation is for.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use std::time::Instant;
    /// use syncline::{service::{Backoff, GaveUp}, thread};
    ///
    /// let soon = Instant::now() + Duration::from_secs(1);
    /// let error = thread::retry(|_| Err::<(), _>("down"))
    ///     .with(Backoff::fixed(Duration::from_secs(60)))
    ///     .deadline(soon)
    ///     .wait()
    ///     .unwrap_err(); // at once: a minute is more than a second
    /// assert_eq!((error.attempts, error.why), (1, GaveUp::Deadline));
    /// ```
    pub fn deadline(mut self, deadline: Instant) -> Self {
        self.plan.deadline = Some(deadline);
        self
    }

    /// Sets a token that cancels the retry.
    ///
    /// It ends a pause at once and drops the attempt of a task; a thread's attempt runs to its end.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{service::{CancelToken, GaveUp}, thread};
    ///
    /// let token = CancelToken::new();
    /// let error = thread::retry(|_| {
    ///     token.cancel(); // Ctrl-C
    ///     Err::<(), _>("interrupted")
    /// })
    /// .token(&token)
    /// .wait()
    /// .unwrap_err();
    /// assert_eq!((error.last, error.why), (Some("interrupted"), GaveUp::Cancelled));
    /// ```
    pub fn token(mut self, token: &'a CancelToken) -> Self {
        self.plan.token = Some(token);
        self
    }
}

impl<F, S, W, A, O> fmt::Debug for Retry<'_, F, S, W, A, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry")
            .field("backoff", &self.plan.backoff)
            .field("deadline", &self.plan.deadline)
            .finish_non_exhaustive()
    }
}
