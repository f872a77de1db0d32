//! How a thread or a task takes jobs out of a set.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::time::Instant;

use pin_project_lite::pin_project;
use slab::Slab;

use super::handle::Job;
use super::set::{Ended, Ends, JobSet};
use crate::error::TimedOut;
use crate::line::Timeout;
use crate::queue::future::Get;
use crate::queue::store::Fifo;

impl<K, T> JobSet<K, T> {
    /// Waits until one of the jobs has ended, and takes it out; `None` if the set is empty.
    ///
    /// On a worker of a pool, a spare thread takes its place during the wait.
    ///
    /// # Examples
    ///
    /// See [`JobSet`].
    #[track_caller]
    pub fn wait_next(&mut self) -> Option<Ended<K, T>> {
        let next = self.wait_until(Timeout::Never);
        next.unwrap_or_else(|_| unreachable!("there is no limit"))
    }

    /// Like [`wait_next`](Self::wait_next), but waits for at most `timeout`. Zero only checks whether a job has
    /// ended.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if none ended in time; the set is as before.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::{JobSet, Promise};
    ///
    /// let mut set = JobSet::new();
    /// let (promise, job) = Promise::new();
    /// set.add("answer", job);
    /// assert!(set.wait_next_timeout(Duration::from_millis(1)).is_err());
    /// promise.set(42).unwrap();
    /// let (key, outcome) = set.wait_next_timeout(Duration::ZERO)?.expect("there is one");
    /// assert_eq!((key, outcome.unwrap()), ("answer", 42));
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn wait_next_timeout(
        &mut self,
        timeout: Duration,
    ) -> Result<Option<Ended<K, T>>, TimedOut> {
        self.wait_until(Timeout::After(timeout))
    }

    /// Like [`wait_next`](Self::wait_next), but waits until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// See [`wait_next_timeout`](Self::wait_next_timeout).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// let mut set = syncline::JobSet::<&str, i32>::new();
    /// assert!(set.wait_next_deadline(Instant::now())?.is_none());
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn wait_next_deadline(
        &mut self,
        deadline: Instant,
    ) -> Result<Option<Ended<K, T>>, TimedOut> {
        self.wait_until(Timeout::At(deadline))
    }

    #[track_caller]
    fn wait_until(&mut self, timeout: Timeout) -> Result<Option<Ended<K, T>>, TimedOut> {
        if self.jobs.is_empty() {
            return Ok(None);
        }
        let place = self.ended.get_until(timeout);
        let place = place.map_err(|_| TimedOut::new())?;
        Ok(Some(take(&mut self.jobs, &self.ended, place)))
    }

    /// Takes out a job that has ended, if there is one.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{JobSet, Promise};
    ///
    /// let mut set = JobSet::new();
    /// let (promise, job) = Promise::new();
    /// set.add(1, job);
    /// assert!(set.try_next().is_none());
    /// promise.set("done").unwrap();
    /// assert_eq!(set.try_next().unwrap().0, 1);
    /// ```
    pub fn try_next(&mut self) -> Option<Ended<K, T>> {
        let place = self.ended.try_get().ok()?;
        Some(take(&mut self.jobs, &self.ended, place))
    }

    /// Waits in a task until one of the jobs has ended, and removes it. Returns `None` if the set is empty.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: what has ended is still in the set.
    ///
    /// # Examples
    ///
    /// See [`JobSet`].
    #[expect(
        clippy::should_implement_trait,
        reason = "it is the name that futures users expect, and what it returns is a future"
    )]
    pub fn next(&mut self) -> NextEnded<'_, K, T> {
        let waits = !self.jobs.is_empty();
        self.next_if(waits)
    }

    fn next_if(&mut self, waits: bool) -> NextEnded<'_, K, T> {
        NextEnded {
            jobs: &mut self.jobs,
            ended: &self.ended,
            get: waits.then(|| self.ended.as_task().get()),
        }
    }

    /// Waits until the set has room for another job: if it is full, until one of its jobs has ended, which is
    /// taken out and returned.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{JobSet, thread::ThreadPool};
    ///
    /// let pool = ThreadPool::new(2);
    /// let mut set = JobSet::bounded(2);
    /// let mut taken = 0;
    /// for n in 0..5 {
    ///     taken += usize::from(set.wait_for_room().is_some());
    ///     set.add(n, pool.submit(|| ()));
    /// }
    /// assert_eq!((taken, set.len()), (3, 2));
    /// ```
    #[track_caller]
    pub fn wait_for_room(&mut self) -> Option<Ended<K, T>> {
        if self.is_full() {
            self.wait_next()
        } else {
            None
        }
    }

    /// Waits in a task until the set has room for another job.
    ///
    /// If it is full, waits for one of its jobs to end, removes it and returns it.
    ///
    /// # Cancel safety
    ///
    /// See [`next`](Self::next).
    ///
    /// # Examples
    ///
    /// See [`JobSet`].
    pub fn room(&mut self) -> NextEnded<'_, K, T> {
        let full = self.is_full();
        self.next_if(full)
    }
}

/// Takes a job out that has ended.
fn take<K, T>(jobs: &mut Slab<(K, Job<T>)>, ended: &Ends, place: usize) -> Ended<K, T> {
    // So that the queue does not count for ever what nobody asks for.
    ended.task_done().expect("one has just been got");
    let (key, mut job) = jobs.remove(place);
    (key, job.take())
}

pin_project! {
    /// Waits until a job of a [`JobSet`] has ended. Created by [`JobSet::next`] and [`JobSet::room`].
    #[must_use = "futures do nothing unless polled"]
    pub struct NextEnded<'a, K, T> {
        jobs: &'a mut Slab<(K, Job<T>)>,
        ended: &'a Ends,
        // None if there is nothing to wait for.
        #[pin]
        get: Option<Get<'a, Fifo<usize>>>,
    }
}

impl<K, T> Future for NextEnded<'_, K, T> {
    type Output = Option<Ended<K, T>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(get) = this.get.as_pin_mut() else {
            return Poll::Ready(None);
        };
        let place = ready!(get.poll(context)).expect("it is never shut down");
        Poll::Ready(Some(take(this.jobs, this.ended, place)))
    }
}

impl<K, T> fmt::Debug for NextEnded<'_, K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NextEnded").finish_non_exhaustive()
    }
}
