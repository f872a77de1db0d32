//! How closures come into a pool.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use super::delay::Delays;
use super::entry::{PoolJob, Run, Way};
use super::later::Later;
use super::room::{Found, Placed};
use super::threads::ThreadPool;
use crate::error::name::{Name, Named};
use crate::error::{JobError, Rejected};
use crate::job::{Job, Unit};
use crate::line::Timeout;

impl ThreadPool {
    /// Runs a closure on the pool and returns a [`Job`] for its result. It never waits.
    ///
    /// # Errors
    ///
    /// None here. If the pool is closed, or if [`max_queued`](super::PoolBuilder::max_queued) closures are
    /// queued, the closure is dropped, and the job ends at once as [`JobError::Closed`] or [`JobError::Full`].
    /// [`try_submit`](Self::try_submit) returns the closure instead, and [`submit_wait`](Self::submit_wait) waits for room.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = syncline::thread::ThreadPool::new(2);
    /// let jobs: Vec<_> = (0..4).map(|n| pool.submit(move || n * n)).collect();
    /// let squares: Result<Vec<_>, _> = jobs.into_iter().map(syncline::Job::wait).collect();
    /// assert_eq!(squares?, [0, 1, 4, 9]);
    /// # Ok::<(), syncline::JobError>(())
    /// ```
    pub fn submit<F, T>(&self, closure: F) -> Job<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.put((), self.shared.find_place(), closure)
    }

    /// Runs a closure on the pool as [`submit`](Self::submit) does, and gives the job a name, by which
    /// [`shutdown_timeout`](Self::shutdown_timeout) and diagnostics report it.
    ///
    /// # Errors
    ///
    /// See [`submit`](Self::submit).
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = syncline::thread::ThreadPool::new(1);
    /// let job = pool.submit_named("square", || 3 * 3);
    /// assert_eq!(job.name(), Some("square"));
    /// # job.wait().unwrap();
    /// ```
    pub fn submit_named<F, T>(&self, name: impl Into<String>, closure: F) -> Job<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.put(Name::from(name.into()), self.shared.find_place(), closure)
    }

    /// Runs a closure on the pool, or gives it back if the pool does not take it in.
    ///
    /// # Errors
    ///
    /// Returns [`Rejected`] with the closure if the pool is closed or broken, or if as many are queued as
    /// [`max_queued`](super::PoolBuilder::max_queued) allows. If the pool is closed at this very moment the job may be accepted and end as
    /// [`JobError::Closed`].
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = syncline::thread::ThreadPool::new(1);
    /// pool.close();
    /// let rejected = pool.try_submit(|| 7).unwrap_err();
    /// assert!(!rejected.is_full());
    /// assert_eq!(rejected.into_inner()(), 7);
    /// ```
    pub fn try_submit<F, T>(&self, closure: F) -> Result<Job<T>, Rejected<F>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        if !self.shared.takes() {
            return Err(Rejected::new(closure, self.shared.is_broken()));
        }
        let found = self.shared.find_place();
        self.put_found(found, closure)
    }

    /// Runs a closure on the pool, blocking while as many are queued as
    /// [`max_queued`](super::PoolBuilder::max_queued) allows.
    ///
    /// Waiters are served in order of arrival, as for a [`BoundedSemaphore`](crate::thread::BoundedSemaphore). A job
    /// of this pool never waits, because what it submits is not counted. Without a limit, this is the same as
    /// [`submit`](Self::submit).
    ///
    /// # Errors
    ///
    /// None. If the pool is closed, even during the wait, the job ends as [`JobError::Closed`].
    ///
    /// # Deadlocks
    ///
    /// A thread that waits here while it holds what the queued jobs need to finish.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::ThreadPool;
    ///
    /// // However fast lines come, no more than ten wait in memory.
    /// let pool = ThreadPool::builder().workers(2).max_queued(10).build();
    /// let jobs: Vec<_> = (0..100).map(|line| pool.submit_wait(move || line * 2)).collect();
    /// let sum: i32 = jobs.into_iter().map(|job| job.wait().unwrap()).sum();
    /// assert_eq!(sum, 9900);
    /// ```
    #[track_caller]
    pub fn submit_wait<F, T>(&self, closure: F) -> Job<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        match self.shared.wait_for_place(Timeout::Never) {
            Ok(found) => self.put((), found, closure),
            Err(_) => unreachable!("there was no time limit"),
        }
    }

    /// Runs a closure on the pool, blocking for at most `timeout` while as many are queued as
    /// [`max_queued`](super::PoolBuilder::max_queued) allows.
    ///
    /// # Errors
    ///
    /// Returns [`Rejected`] with the closure if there was no room in time, or if the pool is closed or broken.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use std::sync::Arc;
    /// use syncline::thread::{Event, Promise, ThreadPool};
    ///
    /// let pool = ThreadPool::builder().workers(1).max_blocked(0).max_queued(1).build();
    /// let (begins, begun) = Promise::new();
    /// let answer = Arc::new(Event::new());
    /// let waits = Arc::clone(&answer);
    /// pool.submit(move || {
    ///     begins.set(()).unwrap();
    ///     waits.wait();
    /// })
    /// .detach();
    /// begun.wait().unwrap();
    /// pool.submit(|| ()).detach(); // is queued
    /// let rejected = pool.submit_wait_timeout(|| 1, Duration::from_millis(1)).unwrap_err();
    /// assert!(rejected.is_full());
    /// answer.set();
    /// ```
    #[track_caller]
    pub fn submit_wait_timeout<F, T>(
        &self,
        closure: F,
        timeout: Duration,
    ) -> Result<Job<T>, Rejected<F>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.submit_until(closure, Timeout::After(timeout))
    }

    /// Runs a closure on the pool, blocking until `deadline` at the latest while as many are queued as
    /// [`max_queued`](super::PoolBuilder::max_queued) allows.
    ///
    /// # Errors
    ///
    /// See [`submit_wait_timeout`](Self::submit_wait_timeout).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// let pool = syncline::thread::ThreadPool::builder().max_queued(1).build();
    /// assert_eq!(pool.submit_wait_deadline(|| 1, Instant::now()).unwrap().wait().unwrap(), 1);
    /// ```
    #[track_caller]
    pub fn submit_wait_deadline<F, T>(
        &self,
        closure: F,
        deadline: Instant,
    ) -> Result<Job<T>, Rejected<F>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.submit_until(closure, Timeout::At(deadline))
    }

    #[track_caller]
    fn submit_until<F, T>(&self, closure: F, timeout: Timeout) -> Result<Job<T>, Rejected<F>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let found = self.shared.wait_for_place(timeout).unwrap_or(Found::Full);
        self.put_found(found, closure)
    }

    /// Queues a closure, or gives it back: a wait may have ended because the pool has been closed.
    fn put_found<F, T>(&self, found: Found, closure: F) -> Result<Job<T>, Rejected<F>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        if !self.shared.takes() {
            return Err(Rejected::new(closure, self.shared.is_broken()));
        }
        match found {
            Found::Full => Err(Rejected::full(closure)),
            found => Ok(self.put((), found, closure)),
        }
    }

    pub(super) fn put<F, T>(&self, name: impl Named + 'static, found: Found, closure: F) -> Job<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let id = self.shared.id();
        match found {
            Found::Free => self.queue(PoolJob::new(name, closure, id)),
            Found::Place(place) => {
                let (way, closure) = Placed::put(id, place, closure);
                self.queue(PoolJob::new(name, closure, way))
            }
            Found::Full => {
                let job = Arc::new(PoolJob::new(name, closure, id));
                let handle = Job::new(Arc::clone(&job) as Arc<dyn Unit<T>>);
                job.fail(JobError::Full);
                handle
            }
        }
    }

    fn queue<F, T, W, N>(&self, job: PoolJob<F, T, W, N>) -> Job<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
        W: Way + 'static,
        N: Named + 'static,
    {
        let job = Arc::new(job);
        let handle = Job::new(Arc::clone(&job) as Arc<dyn Unit<T>>);
        self.shared.take_in(job);
        handle
    }

    /// Runs a closure on the pool after a delay, as soon as a worker is free then.
    ///
    /// A delay that overflows the clock never ends.
    ///
    /// It does not count for [`max_queued`](super::PoolBuilder::max_queued), neither before its time nor then: there is
    /// nobody who could be told that the queue is full.
    ///
    /// Dropping the pool, or shutting it down with [`Drain`](super::PoolShutdown::Drain), waits for delayed jobs,
    /// and for ever if a delay never ends. To avoid that, cancel the job, or shut the pool down with
    /// [`CancelQueued`](super::PoolShutdown::CancelQueued), which drops all closures that are still delayed.
    ///
    /// # Errors
    ///
    /// None here. On a closed pool the closure is dropped, and the job ends as [`JobError::Closed`]
    /// at once.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let pool = syncline::thread::ThreadPool::new(1);
    /// let job = pool.submit_after(Duration::from_millis(1), || "late");
    /// assert_eq!(job.wait().unwrap(), "late");
    ///
    /// let never = pool.submit_after(Duration::MAX, || "never");
    /// assert!(never.cancel());
    /// ```
    pub fn submit_after<F, T>(&self, delay: Duration, closure: F) -> Job<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        if delay == Duration::ZERO {
            return self.submit(closure);
        }
        let job = Arc::new(PoolJob::new((), closure, Later::new(&self.shared)));
        let handle = Job::new(Arc::clone(&job) as Arc<dyn Unit<T>>);
        if self.shared.expect_one() {
            let key = Delays::add(&self.shared, Timeout::After(delay), Arc::clone(&job) as _);
            job.way.lies_at(key);
            self.shared.cancel_latecomers();
        } else {
            job.refuse(self.shared.outcome());
        }
        handle
    }
}
