//! One function over many items.

use core::fmt;
use core::iter::FusedIterator;
use core::sync::atomic::Ordering::Relaxed;
use core::time::Duration;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;
use std::vec;

use super::chunk::{Chunk, Current, ItemOutcome, Task, work};
use super::entry::PoolJob;
use super::shared::Shared;
use super::threads::ThreadPool;
use crate::error::{JobError, TimedOut};
use crate::identity::may_block;
use crate::job::{Job, Unit};
use crate::line::Timeout;
use crate::sys::{self, AtomicUsize};

/// A chunk that took less than this is followed by larger ones.
const QUICK: Duration = Duration::from_micros(100);
/// A chunk that took more than this is followed by smaller ones.
const SLOW: Duration = Duration::from_millis(1);
/// The items of a chunk are not waited for longer than this.
const PATIENCE: Duration = Duration::from_micros(100);
/// No chunk is larger.
const MAX_CHUNK: usize = 4096;
/// So many chunks for each worker are under way or done ahead.
const AHEAD: usize = 3;

/// An iterator over the results of a function that a pool applies to many items; see [`ThreadPool::map`].
///
/// # Examples
///
/// See [`ThreadPool::map`].
#[must_use = "nothing runs before the first `next`"]
pub struct Map<I: Iterator, F, T> {
    shared: Arc<Shared>,
    items: I,
    task: Arc<Task<F>>,
    /// What has been taken from the iterator for the next chunk.
    filling: Vec<I::Item>,
    exhausted: bool,
    chunk: usize,
    under_way: VecDeque<Chunk<T>>,
    /// Of a chunk in which nothing panicked.
    values: vec::IntoIter<T>,
    /// Any other.
    current: Option<Current<T>>,
}

impl<I, F, T> Map<I, F, T>
where
    I: Iterator,
    I::Item: Send + 'static,
    F: Fn(I::Item) -> T + Send + Sync + 'static,
    T: Send + 'static,
{
    fn new(shared: Arc<Shared>, items: I, function: F) -> Self {
        Self {
            shared,
            items,
            task: Arc::new(Task {
                function,
                stopped: AtomicUsize::new(0),
            }),
            filling: Vec::new(),
            exhausted: false,
            chunk: 1,
            under_way: VecDeque::new(),
            values: Vec::new().into_iter(),
            current: None,
        }
    }

    /// Queues chunks until enough are under way.
    fn fill(&mut self) {
        let enough = self
            .shared
            .config
            .limits
            .workers
            .saturating_mul(AHEAD)
            .max(AHEAD);
        while !self.exhausted && self.under_way.len() < enough {
            let begun = Instant::now();
            self.filling.reserve(self.chunk - self.filling.len());
            // Twice as many each time, so that the clock is seldom read.
            let mut wanted = 1;
            while wanted > self.filling.len() && begun.elapsed() <= PATIENCE {
                let more = wanted - self.filling.len();
                // What has come stays if the iterator panics.
                self.filling.extend(self.items.by_ref().take(more));
                self.exhausted = self.filling.len() < wanted;
                if self.exhausted {
                    break;
                }
                wanted = (wanted * 2).min(self.chunk);
            }
            let items = core::mem::take(&mut self.filling);
            if !items.is_empty() {
                self.submit(items);
            }
        }
    }

    fn submit(&mut self, items: Vec<I::Item>) {
        let task = Arc::clone(&self.task);
        let count = items.len();
        let work = move || work(&task, items);
        let job = Arc::new(PoolJob::new((), work, self.shared.id()));
        let handle = Job::new(Arc::clone(&job) as Arc<dyn Unit<ItemOutcome<T>>>);
        self.shared.take_in(job);
        self.under_way.push_back(Chunk {
            items: count,
            job: handle,
        });
    }

    /// The next outcome, in the order of the items.
    #[cold]
    #[track_caller]
    fn advance(&mut self, timeout: Timeout) -> Result<Option<Result<T, JobError>>, TimedOut> {
        loop {
            if let Some(value) = self.values.next() {
                return Ok(Some(Ok(value)));
            }
            if let Some(outcome) = self.current.as_mut().and_then(Current::next) {
                return Ok(Some(outcome));
            }
            self.current = None;
            if !timeout.is_over() {
                self.fill();
            } else if self.under_way.is_empty() && !self.exhausted {
                // Nothing begins for which there is no time.
                return Err(TimedOut::new());
            }
            let Some(chunk) = self.under_way.front_mut() else {
                return Ok(None);
            };
            if timeout != Timeout::Never {
                chunk.job.ready(timeout)?;
            } else if !chunk.job.is_done() {
                // As long as nothing has changed.
                may_block();
            }
            let Some(chunk) = self.under_way.pop_front() else {
                return Ok(None);
            };
            let outcome = chunk.job.wait();
            if let Ok(outcome) = &outcome {
                if outcome.took < QUICK && chunk.items >= self.chunk {
                    self.chunk = (self.chunk * 2).min(MAX_CHUNK);
                } else if outcome.took > SLOW {
                    self.chunk = (self.chunk / 2).max(1);
                }
            }
            match outcome {
                Ok(outcome) if outcome.panics.len() == 0 => self.values = outcome.values,
                outcome => self.current = Some(Current::new(chunk.items, outcome)),
            }
        }
    }

    /// Nobody wants to know any more.
    fn stop(&mut self) {
        // ORDERING: Relaxed: a hint; who does not see it does one item more.
        self.task.stopped.store(1, Relaxed);
        self.exhausted = true;
        self.values = Vec::new().into_iter();
        self.current = None;
        for chunk in self.under_way.drain(..) {
            chunk.job.cancel();
        }
    }
}

impl<I, F, T> Iterator for Map<I, F, T>
where
    I: Iterator,
    I::Item: Send + 'static,
    F: Fn(I::Item) -> T + Send + Sync + 'static,
    T: Send + 'static,
{
    type Item = Result<T, JobError>;

    #[inline]
    #[track_caller]
    fn next(&mut self) -> Option<Self::Item> {
        match self.values.next() {
            Some(value) => Some(Ok(value)),
            None => self.advance(Timeout::Never).ok().flatten(),
        }
    }
}

impl<I: Iterator, F, T> Drop for Map<I, F, T> {
    fn drop(&mut self) {
        // ORDERING: Relaxed: see `stop`.
        self.task.stopped.store(1, Relaxed);
        for chunk in self.under_way.drain(..) {
            chunk.job.cancel();
        }
    }
}

impl<I: Iterator, F, T> fmt::Debug for Map<I, F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map")
            .field("under_way", &self.under_way.len())
            .finish_non_exhaustive()
    }
}

/// A [`Map`] that ends at a deadline; see [`ThreadPool::map_timeout`].
///
/// # Examples
///
/// See [`ThreadPool::map_timeout`].
#[must_use = "nothing runs before the first `next`"]
pub struct MapTimeout<I: Iterator, F, T> {
    map: Option<Map<I, F, T>>,
    deadline: Option<Instant>,
    /// Nothing was to be waited for.
    at_once: bool,
}

impl<I, F, T> Iterator for MapTimeout<I, F, T>
where
    I: Iterator,
    I::Item: Send + 'static,
    F: Fn(I::Item) -> T + Send + Sync + 'static,
    T: Send + 'static,
{
    type Item = Result<Result<T, JobError>, TimedOut>;

    #[track_caller]
    fn next(&mut self) -> Option<Self::Item> {
        let map = self.map.as_mut()?;
        let timeout = if self.at_once {
            Timeout::After(Duration::ZERO)
        } else {
            self.deadline.map_or(Timeout::Never, Timeout::At)
        };
        match map.advance(timeout) {
            Ok(outcome) => outcome.map(Ok),
            Err(error) => {
                map.stop();
                self.map = None;
                Some(Err(error))
            }
        }
    }
}

impl<I, F, T> FusedIterator for MapTimeout<I, F, T>
where
    I: Iterator,
    I::Item: Send + 'static,
    F: Fn(I::Item) -> T + Send + Sync + 'static,
    T: Send + 'static,
{
}

impl<I: Iterator, F, T> fmt::Debug for MapTimeout<I, F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapTimeout")
            .field("map", &self.map)
            .finish_non_exhaustive()
    }
}

impl ThreadPool {
    /// Applies a function to every item, on the pool, and returns the results in the order of the
    /// items.
    ///
    /// The iterator is lazy: nothing runs before the first `next`, and then only a bounded number of items
    /// ahead of those that have been returned. If the function panics, that item is an error in its place, and the
    /// iteration continues.
    ///
    /// Cheap items are processed in chunks: of one item at first, and of up to 4096 as their duration allows. A chunk is one
    /// job, so:
    ///
    /// * A result is available when its whole chunk is done.
    /// * When the pool is shut down with [`CancelQueued`](super::PoolShutdown::CancelQueued), a chunk that has started is
    ///   finished. The others are cancelled, with an error for each item.
    /// * Dropping the iterator ends it early: a chunk that has not started never starts, and one that
    ///   has stops before its next item. The drop does not wait for the current item.
    ///
    /// The thread that calls `next` takes items from the iterator, up to three chunks per worker ahead. On a worker of the pool, `next`
    /// runs a chunk itself if it needs that chunk and nobody has started it.
    ///
    /// # Errors
    ///
    /// Each item has its own: [`JobError::Panicked`], or the reason why the pool did not run it.
    ///
    /// # Panics
    ///
    /// `next` panics if the iterator over the items panics. No earlier item is lost, and you may call `next` again.
    ///
    /// # Deadlocks
    ///
    /// Items that wait for later items, which may not have been taken from the iterator yet.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{JobError, thread::ThreadPool};
    ///
    /// let pool = ThreadPool::new(2);
    /// let squares: Result<Vec<_>, JobError> = pool.map(0..5, |n| n * n).collect();
    /// assert_eq!(squares?, [0, 1, 4, 9, 16]);
    ///
    /// let mut halves = pool.map([4, 5, 6], |n| { assert!(n % 2 == 0, "odd"); n / 2 });
    /// assert_eq!(halves.next().unwrap()?, 2);
    /// assert_eq!(halves.next().unwrap().unwrap_err().to_string(), "the job panicked: odd");
    /// assert_eq!(halves.next().unwrap()?, 3);
    /// # Ok::<(), JobError>(())
    /// ```
    pub fn map<I, F, T>(&self, items: I, function: F) -> Map<I::IntoIter, F, T>
    where
        I: IntoIterator,
        I::Item: Send + 'static,
        F: Fn(I::Item) -> T + Send + Sync + 'static,
        T: Send + 'static,
    {
        Map::new(Arc::clone(&self.shared), items.into_iter(), function)
    }

    /// Applies a function to every item as [`map`](Self::map) does, for at most `timeout`, counted from this call.
    ///
    /// At the deadline the iterator yields one error and ends, as if it had been dropped.
    ///
    /// No chunk starts after the deadline. A chunk that has started by then is returned if it is done when `next` asks for
    /// it; otherwise it stops before its next item. A timeout of zero starts nothing.
    ///
    /// # Errors
    ///
    /// Yields [`TimedOut`] once, at the deadline. The inner errors are those of [`map`](Self::map).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use std::sync::Arc;
    /// use syncline::{TimedOut, thread::{Event, ThreadPool}};
    ///
    /// let pool = ThreadPool::new(1);
    /// let goes_on = Arc::new(Event::new());
    /// let waits = Arc::clone(&goes_on);
    /// let mut late = pool.map_timeout([1, 2], Duration::from_millis(1), move |n| { waits.wait(); n });
    /// assert!(late.next().unwrap().is_err());
    /// assert!(late.next().is_none());
    /// goes_on.set(); // the item that had begun ends, and the other one never begins
    ///
    /// let mut doubles = pool.map_timeout([1, 2], Duration::from_secs(60), |n| n * 2);
    /// assert_eq!(doubles.next().unwrap()?.unwrap(), 2);
    /// # Ok::<(), TimedOut>(())
    /// ```
    pub fn map_timeout<I, F, T>(
        &self,
        items: I,
        timeout: Duration,
        function: F,
    ) -> MapTimeout<I::IntoIter, F, T>
    where
        I: IntoIterator,
        I::Item: Send + 'static,
        F: Fn(I::Item) -> T + Send + Sync + 'static,
        T: Send + 'static,
    {
        MapTimeout {
            map: Some(self.map(items, function)),
            deadline: sys::now().checked_add(timeout),
            at_once: timeout == Duration::ZERO,
        }
    }
}
