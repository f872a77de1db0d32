//! Waiting for several jobs.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use pin_project_lite::pin_project;

use super::handle::Job;
use super::waits::{Until, Waited};
use super::watch::Watch;
use crate::identity::budget;
use crate::line::{Asker, Timeout};
use crate::sys::Deadline;
use crate::timer::Alarm;

/// Waits for several jobs, and returns which have ended.
///
/// It cancels nothing and takes no outcome: do that with the jobs afterwards. A job may be listed more than once.
/// Pass an array of references, `[&a, &b]`, or a reference to a list, `&jobs`.
///
/// A `limit` ends the wait after that time at the latest, counted from the first poll; zero only looks, and `None` is no limit. With
/// no jobs it returns at once. It allocates one list, unless all jobs must end. Threads use
/// [`thread::wait`](crate::thread::wait).
///
/// # Cancel safety
///
/// Dropping the future loses nothing: the jobs continue and keep their outcomes.
///
/// # Panics
///
/// Panics if the future is polled after it has completed.
///
/// # Examples
///
/// ```
/// use syncline::{Promise, task::{self, Until}, thread};
///
/// let (promise, pending) = Promise::<i32>::new();
/// let quick = thread::spawn_named("quick", || 1);
/// task::block_on(async {
///     let waited = task::wait([&pending, &quick], Until::First, None).await;
///     assert_eq!((waited.done, waited.pending), (vec![1], vec![0]));
///     assert_eq!(quick.await.unwrap(), 1);
/// });
/// # drop((promise, pending));
/// ```
#[doc(alias("WaitGroup", "CountDownLatch"))]
pub fn wait<'a, T, I>(jobs: I, until: Until, limit: Option<Duration>) -> JobsWait<'a, I::IntoIter>
where
    T: 'a,
    I: IntoIterator<Item = &'a Job<T>, IntoIter: Clone>,
{
    JobsWait {
        watch: Watch::new(jobs.into_iter(), until, Asker::Task),
        timeout: match limit {
            None => Timeout::Never,
            Some(limit) => Timeout::After(limit),
        },
        deadline: None,
        begun: false,
        over: false,
        alarm: Alarm::new(),
    }
}

pin_project! {
    /// The future of [`task::wait`](wait()).
    #[must_use = "futures do nothing unless polled"]
    pub struct JobsWait<'a, I> {
        #[pin]
        watch: Watch<'a, I>,
        timeout: Timeout,
        deadline: Option<Deadline>,
        // Whether it has looked, or been deferred once.
        begun: bool,
        over: bool,
        #[pin]
        alarm: Alarm,
    }

    impl<I> PinnedDrop for JobsWait<'_, I> {
        fn drop(this: Pin<&mut Self>) {
            if this.deadline.is_some() {
                this.alarm.cancel();
            }
        }
    }
}

impl<'a, T: 'a, I: Iterator<Item = &'a Job<T>> + Clone> Future for JobsWait<'a, I> {
    type Output = Waited;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Waited> {
        let mut this = self.project();
        assert!(!*this.over, "`JobsWait` polled after completion");
        let one_look = this.deadline.is_none() && this.timeout.is_over();
        if !one_look {
            let defer = || !core::mem::replace(this.begun, true);
            if budget::spend(context, defer) {
                *this.deadline = Some(this.timeout.start());
                return Poll::Pending;
            }
            *this.begun = true;
        }
        if !one_look && this.watch.as_mut().poll(context).is_pending() {
            let timeout = *this.timeout;
            let deadline = this.deadline.get_or_insert_with(|| timeout.start());
            if !deadline.expired() {
                this.alarm.as_ref().arm(deadline, context.waker());
                budget::give_back();
                return Poll::Pending;
            }
        }
        // The wait is over: it keeps nothing of its task.
        *this.over = true;
        this.watch.as_mut().leave();
        if this.deadline.take().is_some() {
            this.alarm.cancel();
        }
        Poll::Ready(Waited::of(this.watch.jobs()))
    }
}

impl<I> fmt::Debug for JobsWait<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobsWait")
            .field("over", &self.over)
            .finish_non_exhaustive()
    }
}
