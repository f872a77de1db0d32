//! Waiting for several jobs at once.

use core::fmt;
use core::future::Future;
use core::iter::FusedIterator;
use core::pin::pin;
use core::task::Context;
use core::time::Duration;
use std::time::Instant;

use super::blocking::blocking;
use super::handle::Job;
use super::watch::Watch;
use crate::error::TimedOut;
use crate::identity::may_block;
use crate::line::{Asker, FOR_A_SIGNAL, ThreadParker, Timeout};
use crate::sys;
use crate::sys::{Mailbox, Mailer, Parked};

/// The condition that ends a wait for several jobs.
///
/// # Examples
///
/// See [`thread::wait`](crate::thread::wait).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Until {
    /// When any job has ended.
    First,
    /// When a job has ended without a value, or all have ended.
    FirstError,
    /// When all jobs have ended.
    All,
}

/// Which jobs had ended when a wait for several was over: indices, in ascending order.
///
/// # Examples
///
/// See [`thread::wait`](crate::thread::wait).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waited {
    /// The jobs that had ended.
    pub done: Vec<usize>,
    /// The jobs that had not ended.
    pub pending: Vec<usize>,
}

impl Waited {
    pub(crate) fn of<'a, T: 'a>(jobs: impl Iterator<Item = &'a Job<T>>) -> Self {
        let mut waited = Self::default();
        for (index, job) in jobs.enumerate() {
            if job.is_done() {
                waited.done.push(index);
            } else {
                waited.pending.push(index);
            }
        }
        waited
    }
}

impl Until {
    /// Whether a wait for these is over.
    pub(super) fn is_met<'a, T: 'a>(self, jobs: impl Iterator<Item = &'a Job<T>>) -> bool {
        let mut all = true;
        for job in jobs {
            let done = job.is_done();
            all &= done;
            match self {
                Self::First if done => return true,
                Self::FirstError if job.has_failed() => return true,
                Self::All if !done => return false,
                _ => {}
            }
        }
        all
    }
}

/// Waits for several jobs, and returns which have ended.
///
/// It cancels nothing and takes no outcome: do that with the jobs afterwards. A job may be listed more than once.
/// Pass an array of references, `[&a, &b]`, or a reference to a list, `&jobs`.
///
/// A `limit` ends the wait after that time at the latest; zero only looks, and `None` is no limit. With no jobs it
/// returns at once. It allocates one list, unless all jobs must end. Tasks use
/// [`task::wait`](crate::task::wait).
///
/// # Examples
///
/// ```
/// use syncline::{Promise, thread::{self, Until}};
///
/// let (promise, pending) = Promise::<i32>::new();
/// let quick = thread::spawn_named("quick", || 1);
/// let waited = thread::wait([&pending, &quick], Until::First, None);
/// assert_eq!((waited.done, waited.pending), (vec![1], vec![0]));
///
/// let jobs = vec![pending, quick];
/// let waited = thread::wait(&jobs, Until::All, Some(std::time::Duration::ZERO));
/// assert_eq!(waited.pending, [0]);
/// # drop((promise, jobs));
/// ```
#[doc(alias("WaitGroup", "CountDownLatch", "invokeAll"))]
#[track_caller]
pub fn wait<'a, T, I>(jobs: I, until: Until, limit: Option<Duration>) -> Waited
where
    T: 'a,
    I: IntoIterator<Item = &'a Job<T>, IntoIter: Clone>,
{
    let jobs = jobs.into_iter();
    let timeout = limit.map_or(Timeout::Never, Timeout::After);
    if !until.is_met(jobs.clone()) && limit != Some(Duration::ZERO) {
        may_block();
        block(jobs.clone(), until, timeout);
    }
    Waited::of(jobs)
}

fn block<'a, T, I>(jobs: I, until: Until, timeout: Timeout)
where
    T: 'a,
    I: Iterator<Item = &'a Job<T>> + Clone,
{
    let mut deadline = timeout.start();
    ThreadParker::with(|parker| {
        let mut context = Context::from_waker(parker.waker());
        let mut watch = pin!(Watch::new(jobs, until, Asker::Thread));
        while watch.as_mut().poll(&mut context).is_pending()
            && parker.sleep(&mut deadline, FOR_A_SIGNAL) == Parked::Woken
        {}
    });
}

/// An iterator over jobs, in the order in which they end. See [`as_completed`].
///
/// # Examples
///
/// See [`as_completed`].
pub struct AsCompleted<T> {
    jobs: Vec<Option<Job<T>>>,
    left: usize,
    ended: Mailbox<usize>,
}

/// Yields jobs in the order in which they end, each with its index among the given ones.
///
/// Each job has ended, so its [`wait`](Job::wait) returns at once.
///
/// Dropping the iterator drops the remaining jobs. That detaches them, except those with
/// [`cancel_on_drop`](Job::cancel_on_drop), which are cancelled.
///
/// # Examples
///
/// ```
/// use syncline::{Promise, thread};
///
/// let (slow, slow_job) = Promise::named("slow");
/// let (fast, fast_job) = Promise::named("fast");
/// fast.set(1).unwrap();
///
/// let mut ended = thread::as_completed([slow_job, fast_job]);
/// let (index, job) = ended.next().unwrap();
/// assert_eq!((index, job.name()), (1, Some("fast")));
/// slow.set(2).unwrap();
/// let (index, job) = ended.next().unwrap();
/// assert_eq!((index, job.wait().unwrap()), (0, 2));
/// assert!(ended.next().is_none());
/// ```
pub fn as_completed<T>(jobs: impl IntoIterator<Item = Job<T>>) -> AsCompleted<T> {
    let (mailer, ended) = Mailbox::new();
    let jobs: Vec<_> = jobs.into_iter().map(Some).collect();
    for (index, job) in jobs.iter().flatten().enumerate() {
        let mailer: Mailer<usize> = mailer.clone();
        job.notice(move || mailer.send(index));
    }
    AsCompleted {
        left: jobs.len(),
        jobs,
        ended,
    }
}

impl<T> AsCompleted<T> {
    /// Returns the next job that ends, waiting for at most `timeout`. A timeout of zero only looks.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if none ended in time. The iterator can be used as before.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{Promise, thread::as_completed};
    ///
    /// let (promise, job) = Promise::<i32>::new();
    /// let mut ended = as_completed([job]);
    /// assert!(ended.next_timeout(core::time::Duration::ZERO).is_err());
    /// drop(promise);
    /// assert!(ended.next_timeout(core::time::Duration::ZERO)?.is_some());
    /// assert!(ended.next_timeout(core::time::Duration::ZERO)?.is_none());
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn next_timeout(&mut self, timeout: Duration) -> Result<Option<(usize, Job<T>)>, TimedOut> {
        self.next_until(Timeout::After(timeout))
    }

    /// Returns the next job that ends, waiting until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// See [`next_timeout`](Self::next_timeout).
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{Promise, thread::as_completed};
    ///
    /// let (_promise, job) = Promise::<i32>::new();
    /// let mut ended = as_completed([job]);
    /// assert!(ended.next_deadline(std::time::Instant::now()).is_err());
    /// ```
    #[track_caller]
    pub fn next_deadline(
        &mut self,
        deadline: Instant,
    ) -> Result<Option<(usize, Job<T>)>, TimedOut> {
        self.next_until(Timeout::At(deadline))
    }

    #[track_caller]
    fn next_until(&mut self, timeout: Timeout) -> Result<Option<(usize, Job<T>)>, TimedOut> {
        if self.left == 0 {
            return Ok(None);
        }
        let mut ended = self.ended.try_take();
        if ended.is_none() {
            if timeout.is_over() {
                return Err(TimedOut::new());
            }
            let deadline = timeout.start();
            // What it waits for is often on its way; it is not worth while to be stood in for.
            for round in sys::linger_rounds() {
                if ended.is_some() {
                    break;
                }
                sys::linger(round);
                ended = self.ended.try_take();
            }
            if ended.is_none() {
                let taken = blocking(|| self.ended.take(&deadline));
                ended = taken.map_err(|_| TimedOut::new())?;
            }
        }
        let Some(index) = ended else { return Ok(None) };
        self.left -= 1;
        Ok(self.jobs[index].take().map(|job| (index, job)))
    }
}

impl<T> Iterator for AsCompleted<T> {
    type Item = (usize, Job<T>);

    #[track_caller]
    fn next(&mut self) -> Option<(usize, Job<T>)> {
        self.next_until(Timeout::Never).ok().flatten()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T> ExactSizeIterator for AsCompleted<T> {}
impl<T> FusedIterator for AsCompleted<T> {}

impl<T> fmt::Debug for AsCompleted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsCompleted")
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}
