//! Closing a pool, and waiting for its threads.

use core::time::Duration;
use std::time::Instant;

use super::threads::ThreadPool;
use super::worker;
use crate::error::Stragglers;
use crate::identity::{blocking_firmly, may_block};
use crate::line::Timeout;
use crate::sys;

/// What becomes of what has not begun when a pool is shut down.
///
/// # Examples
///
/// See [`ThreadPool::shutdown`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PoolShutdown {
    /// It is done: what is queued, what is to be done later, at its time, and every future until it
    /// ends.
    Drain,
    /// It is cancelled, and so are all futures. A closure that has begun is called to its end.
    CancelQueued,
}

impl ThreadPool {
    /// Takes nothing in any more. What has been taken in is done, and then the threads end; this
    /// does not wait for it.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{JobError, thread::ThreadPool};
    ///
    /// let pool = ThreadPool::new(1);
    /// pool.close();
    /// assert!(matches!(pool.submit(|| 1).wait(), Err(JobError::PoolClosed)));
    /// ```
    pub fn close(&self) {
        self.shared.close();
    }

    /// Closes the pool, says what becomes of what has not begun, and waits until the threads have
    /// ended, with all their thread-locals destroyed. May be called several times, by several threads, and
    /// `CancelQueued` after `Drain`.
    ///
    /// On one of the pool's own threads it waits for nothing. On a thread of another pool it gives up
    /// its place there meanwhile.
    ///
    /// # Deadlocks
    ///
    /// It waits for ever for a closure that does not return, and with [`Drain`](PoolShutdown::Drain) also for a future
    /// that does not end and a delayed closure whose time never comes. [`shutdown_timeout`](Self::shutdown_timeout) does not.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::{PoolShutdown, ThreadPool};
    ///
    /// let pool = ThreadPool::new(1);
    /// let job = pool.submit(|| 1);
    /// pool.shutdown(PoolShutdown::Drain);
    /// assert!(job.is_done());
    /// # job.detach();
    /// ```
    #[track_caller]
    pub fn shutdown(&self, how: PoolShutdown) {
        let ended = self.shut_down(how, Timeout::Never);
        debug_assert!(ended.is_ok(), "without a limit there are no stragglers");
    }

    /// The same, and waits for at most `timeout`; zero asks who is left.
    ///
    /// # Errors
    ///
    /// [`Stragglers`], with the names of the threads, and then of the futures, that had not ended in
    /// time. The threads end when their jobs do.
    ///
    /// # Deadlocks
    ///
    /// The limit is one for the work. A thread whose work has ended is waited for without a limit, while it destroys its
    /// thread-locals: a destructor there that never returns is waited for for ever.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use std::sync::Arc;
    /// use syncline::thread::{Event, PoolShutdown, ThreadPool};
    ///
    /// let pool = ThreadPool::new(1);
    /// let (begun, goes_on) = (Arc::new(Event::new()), Arc::new(Event::new()));
    /// let job = {
    ///     let (begun, goes_on) = (Arc::clone(&begun), Arc::clone(&goes_on));
    ///     pool.submit_named("slow", move || { begun.set(); goes_on.wait() })
    /// };
    /// begun.wait();
    /// let error = pool.shutdown_timeout(PoolShutdown::Drain, Duration::ZERO).unwrap_err();
    /// assert_eq!(error.names(), ["pool-0 (slow)"]);
    /// goes_on.set();
    /// pool.shutdown(PoolShutdown::Drain);
    /// # job.wait().unwrap();
    /// ```
    #[track_caller]
    pub fn shutdown_timeout(&self, how: PoolShutdown, timeout: Duration) -> Result<(), Stragglers> {
        self.shut_down(how, Timeout::After(timeout))
    }

    /// The same, and waits until `deadline` at most.
    ///
    /// # Errors
    ///
    /// As for [`shutdown_timeout`](Self::shutdown_timeout).
    ///
    /// # Deadlocks
    ///
    /// As for [`shutdown_timeout`](Self::shutdown_timeout).
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::{PoolShutdown, ThreadPool};
    ///
    /// let pool = ThreadPool::new(1);
    /// pool.shutdown_deadline(PoolShutdown::Drain, std::time::Instant::now())?;
    /// # Ok::<(), syncline::Stragglers>(())
    /// ```
    #[track_caller]
    pub fn shutdown_deadline(
        &self,
        how: PoolShutdown,
        deadline: Instant,
    ) -> Result<(), Stragglers> {
        self.shut_down(how, Timeout::At(deadline))
    }

    /// Takes nothing in any more, and cancels what can be; waits for nothing.
    pub(crate) fn cancel(&self) {
        self.shared.cancel();
    }

    #[track_caller]
    fn shut_down(&self, how: PoolShutdown, timeout: Timeout) -> Result<(), Stragglers> {
        if !self.shared.is_here() {
            // Its threads are those of another process.
            return Ok(());
        }
        match how {
            PoolShutdown::Drain => self.shared.close(),
            PoolShutdown::CancelQueued => self.shared.cancel(),
        }
        let id = self.shared.id();
        if worker::is_of(id) || worker::is_ending(id) {
            return Ok(());
        }
        // Read once, for both waits.
        let timeout = timeout.fixed();
        let ended = &self.shared.ended;
        let all = if ended.is_set() {
            Ok(())
        } else {
            if !timeout.is_over() {
                may_block();
            }
            blocking_firmly(|| ended.line.block_until(0, timeout))
        };
        (all.and_then(|()| self.shared.join(timeout)))
            .map_err(|_| Stragglers::new(self.shared.stragglers()))
    }
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        // The threads of a model that has failed do not go on, and end nothing.
        if !sys::is_over() {
            self.shutdown(PoolShutdown::Drain);
        }
    }
}
