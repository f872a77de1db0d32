//! Closing a pool, and waiting for its threads.

use core::time::Duration;
use std::sync::{Arc, Weak};
use std::thread::panicking;
use std::time::Instant;

use super::ends;
use super::shared::Shared;
use super::threads::ThreadPool;
use super::worker;
use crate::error::Stragglers;
use crate::identity::{blocking_firmly, may_block};
use crate::line::Timeout;
use crate::sys;

/// What happens to work that has not started when a pool is shut down.
///
/// # Examples
///
/// See [`ThreadPool::shutdown`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PoolShutdown {
    /// Runs queued and delayed jobs, futures until they complete, and the immediate work that these submit or spawn.
    Drain,
    /// Cancels queued and delayed jobs, and all futures. A closure that has started runs to its end, and the work that it
    /// submits is refused.
    CancelQueued,
}

/// What dropping a [`ThreadPool`] or a [`Runner`](crate::bridge::Runner) does with unfinished work.
///
/// In any case, a drop during a panic starts this but does not wait, so that the program can end even if its
/// jobs do not.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use syncline::thread::{OnDrop, ThreadPool};
///
/// let pool = ThreadPool::builder().on_drop(OnDrop::CancelQueued).build();
/// let job = pool.submit_after(Duration::from_secs(3600), || ());
/// drop(pool);
/// assert!(job.is_cancelled());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OnDrop {
    /// Waits until all work is done, as a shutdown with [`Drain`](PoolShutdown::Drain) does.
    Drain,
    /// Cancels work that has not started, and all futures, and waits for the rest, as a shutdown with
    /// [`CancelQueued`](PoolShutdown::CancelQueued) does.
    CancelQueued,
    /// Lets all work continue, and does not wait, as [`abandon`](ThreadPool::abandon) does.
    Abandon,
}

impl ThreadPool {
    /// Refuses new work, without waiting. The threads finish what has been accepted, and then
    /// end.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{JobError, thread::ThreadPool};
    ///
    /// let pool = ThreadPool::new(1);
    /// pool.close();
    /// assert!(matches!(pool.submit(|| 1).wait(), Err(JobError::Closed)));
    /// ```
    pub fn close(&self) {
        self.shared.close();
    }

    /// Returns whether the pool has been closed, by [`close`](Self::close), a shutdown or its drop.
    ///
    /// While a pool drains, its own jobs and futures may still submit immediate work, which is
    /// done too. So a job that always submits its successor must check this:
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::thread::{PoolShutdown, ThreadPool};
    ///
    /// fn poll(pool: &Arc<ThreadPool>) {
    ///     // Looks whether there is something to do, and then:
    ///     if !pool.is_closing() {
    ///         let again = Arc::clone(pool);
    ///         pool.submit(move || poll(&again)).detach();
    ///     }
    /// }
    ///
    /// let pool = Arc::new(ThreadPool::new(1));
    /// poll(&pool);
    /// pool.shutdown(PoolShutdown::Drain);
    /// assert!(pool.is_closing());
    /// ```
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.shared.is_closed()
    }

    /// Closes the pool without waiting, and makes its drop not wait either.
    ///
    /// The threads finish what has been accepted, as after [`close`](Self::close), and then end. A job that never returns, or
    /// a future that never completes, keeps its thread until the program ends. To cancel as much as possible,
    /// first shut the pool down with [`CancelQueued`](PoolShutdown::CancelQueued) and a timeout of zero; the error has an
    /// [`abandon`](Stragglers::abandon) too.
    ///
    /// A [`shutdown`](Self::shutdown) still waits.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::thread::{Event, ThreadPool};
    ///
    /// let answer = Arc::new(Event::new());
    /// let pool = ThreadPool::new(1);
    /// let waits = Arc::clone(&answer);
    /// let job = pool.submit(move || waits.wait());
    /// pool.abandon();
    /// drop(pool); // does not wait
    /// answer.set();
    /// job.wait()?;
    /// # Ok::<(), syncline::JobError>(())
    /// ```
    pub fn abandon(&self) {
        self.shared.abandon();
    }

    /// Closes the pool and waits until its threads have ended and their thread-locals have been destroyed.
    ///
    /// `how` says what happens to work that has not started. It may be called several times, by several threads, and
    /// with `CancelQueued` after `Drain`.
    ///
    /// On one of the pool's own threads it does not wait. On a worker of another pool, a spare thread takes over in
    /// the meantime.
    ///
    /// # Deadlocks
    ///
    /// It waits for ever for a closure that does not return and, with [`Drain`](PoolShutdown::Drain), for a future
    /// that does not complete or a delay that never ends. [`shutdown_timeout`](Self::shutdown_timeout) does not.
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

    /// Shuts the pool down as [`shutdown`](Self::shutdown) does, and waits for at most `timeout`. Zero only asks who is left.
    ///
    /// # Errors
    ///
    /// Returns [`Stragglers`] with the names of the threads, and then of the futures, that did not end in
    /// time. The threads end when their jobs do. The drop of the pool still waits for them, unless it is
    /// [abandoned](Stragglers::abandon).
    ///
    /// # Deadlocks
    ///
    /// The timeout limits the work. Once a thread's work has ended, it waits without a limit for the thread to destroy its
    /// thread-locals: a destructor there that never returns blocks it for ever.
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

    /// Shuts the pool down as [`shutdown`](Self::shutdown) does, and waits until `deadline` at most.
    ///
    /// # Errors
    ///
    /// See [`shutdown_timeout`](Self::shutdown_timeout).
    ///
    /// # Deadlocks
    ///
    /// See [`shutdown_timeout`](Self::shutdown_timeout).
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

    /// Does what the drop does.
    pub(crate) fn end(&self) {
        let shared = &self.shared;
        // The threads of a model that has failed do not go on, and end nothing.
        if sys::is_over() || !shared.is_here() || shared.is_abandoned() {
            return;
        }
        let how = match shared.config.on_drop {
            OnDrop::Drain => PoolShutdown::Drain,
            OnDrop::CancelQueued => PoolShutdown::CancelQueued,
            OnDrop::Abandon => return shared.abandon(),
        };
        // Nobody can use it any more, also if the wait is refused.
        self.ask(how);
        if !panicking() {
            self.shutdown(how);
        }
    }

    /// Keeps something until the pool has ended.
    pub(crate) fn keep(&self, kept: impl Send + 'static) {
        self.shared.keep(Box::new(kept));
    }

    /// Closes the pool, and waits for nothing.
    fn ask(&self, how: PoolShutdown) {
        match how {
            PoolShutdown::Drain => self.shared.close(),
            PoolShutdown::CancelQueued => self.shared.cancel(),
        }
    }

    #[track_caller]
    fn shut_down(&self, how: PoolShutdown, timeout: Timeout) -> Result<(), Stragglers> {
        if !self.shared.is_here() {
            // Its threads are those of another process.
            return Ok(());
        }
        let (id, ended) = (self.shared.id(), &self.shared.ended);
        let waits = !worker::is_of(id) && !ends::is_ending(id);
        // What is refused has closed nothing.
        if waits && !timeout.is_over() && !ended.is_set() {
            may_block();
        }
        self.ask(how);
        if !waits {
            return Ok(());
        }
        // Read once, for both waits.
        let timeout = timeout.fixed();
        let all = if ended.is_set() {
            Ok(())
        } else {
            blocking_firmly(|| ended.line.block_until(0, timeout))
        };
        (all.and_then(|()| self.shared.join(timeout))).map_err(|_| {
            let (names, submitters) = (self.shared.stragglers(), self.shared.submitters());
            let of: Weak<Shared> = Arc::downgrade(&self.shared);
            Stragglers::new(names, submitters, of)
        })
    }
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        self.end();
    }
}
