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

/// What becomes of what has not begun when a pool is shut down.
///
/// # Examples
///
/// See [`ThreadPool::shutdown`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PoolShutdown {
    /// It is done: what is queued, what is to be done later, at its time, every future until it
    /// ends, and what these submit or spawn meanwhile to be done at once.
    Drain,
    /// It is cancelled, and so are all futures. A closure that has begun is called to its end, and what it submits is
    /// refused.
    CancelQueued,
}

/// What the drop of a [`ThreadPool`] or of a [`Runner`](crate::bridge::Runner) does with what has not ended.
///
/// Whatever it is, a drop while its thread panics only asks for it, and waits for nothing: the panic might be
/// the only hope that a program ends whose jobs do not.
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
    /// It waits until all of it has been done, as a shutdown with [`Drain`](PoolShutdown::Drain) does.
    Drain,
    /// It cancels what has not begun, and all futures, and waits for the rest, as a shutdown with
    /// [`CancelQueued`](PoolShutdown::CancelQueued) does.
    CancelQueued,
    /// It lets all of it go on, and waits for nothing, as [`abandon`](ThreadPool::abandon) does.
    Abandon,
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
    /// assert!(matches!(pool.submit(|| 1).wait(), Err(JobError::Closed)));
    /// ```
    pub fn close(&self) {
        self.shared.close();
    }

    /// Returns whether the pool has been closed, by [`close`](Self::close), a shutdown or its drop.
    ///
    /// While a pool drains, its own jobs and futures may still submit and spawn what is to be done at once, and that is
    /// done too. So a job that submits its successor, for ever, must ask this:
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

    /// Closes the pool and lets go of it: neither this nor the drop that follows waits for anything.
    ///
    /// What was taken in is done, as after [`close`](Self::close), and the threads end when they can. A job that never returns, or
    /// a future that never ends, keeps its thread until the program ends. To cancel what can be cancelled as well,
    /// shut the pool down with [`CancelQueued`](PoolShutdown::CancelQueued) and a timeout of zero first; the error has an
    /// [`abandon`](Stragglers::abandon) too.
    ///
    /// A [`shutdown`](Self::shutdown) still waits, for that is what it is called for.
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
    /// time. The threads end when their jobs do. The drop of the pool still waits for them, unless it is
    /// [abandoned](Stragglers::abandon).
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
