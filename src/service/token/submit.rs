//! Closures of a pool that a token cancels.

use super::CancelToken;
use crate::job::Job;
use crate::pool::{Stopper, ThreadPool};

impl Stopper for CancelToken {
    fn stop(&self) {
        self.cancel();
    }

    fn is_stopped(&self) -> bool {
        self.is_cancelled()
    }

    fn on_stop(&self, cancel: impl FnOnce() + Send + 'static) {
        self.on_cancel(cancel).detach();
    }
}

impl ThreadPool {
    /// Runs a closure on the pool that `parent` cancels, and returns a [`Job`] for its result.
    ///
    /// The closure receives a [child](CancelToken::child) of `parent`, and should check it now and then. The effect of a cancellation
    /// depends on whether the closure has started:
    ///
    /// | | not started | running |
    /// |---|---|---|
    /// | `parent` is cancelled | the closure is dropped, and the job ends as [`Cancelled`](crate::JobError::Cancelled) | its token is cancelled; its return value is the outcome |
    /// | [`Job::cancel`] | the same | the same; `parent` and its other children are not cancelled |
    ///
    /// So a closure that stops early must say so in its value. [`Job::cancel`] returns `false` once the closure has started.
    /// [`cancel_on_drop`](Job::cancel_on_drop) asks it to stop when the job is dropped. A shutdown of the pool does
    /// not; cancel `parent` for that.
    ///
    /// If only the `Job` should cancel the closure, pass a new token.
    ///
    /// # Errors
    ///
    /// See [`submit`](Self::submit). If `parent` is cancelled already, the closure is dropped by this call.
    ///
    /// # Examples
    ///
    /// ## A search that Ctrl-C ends
    ///
    /// ```
    /// use syncline::{service::CancelToken, thread::{Event, ThreadPool}};
    ///
    /// static BEGUN: Event = Event::new();
    /// let (ctrl_c, pool) = (CancelToken::new(), ThreadPool::new(1));
    /// let search = pool.submit_cancellable(&ctrl_c, |token| {
    ///     BEGUN.set();
    ///     let mut seen = 0_u64;
    ///     while !token.is_cancelled() {
    ///         seen += 1; // looks at one item after the other
    /// #       std::thread::yield_now();
    ///     }
    ///     seen
    /// });
    /// BEGUN.wait();
    /// ctrl_c.cancel();
    /// let seen = search.wait()?; // what it has come to
    /// # let _ = seen;
    /// # Ok::<(), syncline::JobError>(())
    /// ```
    ///
    /// ## A queued closure never starts
    ///
    /// ```
    /// use syncline::{JobError, service::CancelToken, thread::ThreadPool};
    ///
    /// let stop = CancelToken::new();
    /// // Nobody takes the place of a worker that waits.
    /// let pool = ThreadPool::builder().workers(1).max_blocked(0).build();
    /// let first = pool.submit_cancellable(&stop, |token| token.cancelled().wait());
    /// let second = pool.submit_cancellable(&stop, |_| unreachable!("the only worker is busy"));
    /// stop.cancel();
    /// drop(first.wait()); // whether it had begun or not
    /// assert!(matches!(second.wait(), Err(JobError::Cancelled)));
    /// ```
    #[doc(alias = "spawn_cancellable")]
    pub fn submit_cancellable<F, T>(&self, parent: &CancelToken, closure: F) -> Job<T>
    where
        F: FnOnce(&CancelToken) -> T + Send + 'static,
        T: Send + 'static,
    {
        let token = parent.child();
        self.submit_stoppable(token.clone(), move || closure(&token))
    }
}
