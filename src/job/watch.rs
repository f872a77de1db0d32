//! The wait for several jobs, as both faces poll it.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::handle::Job;
use super::head::quietly;
use super::several::Waits;
use super::waits::Until;
use super::word::JobWord;
use crate::line::{Asker, Line, Wait};

pin_project! {
    /// Ready when what it watches for has come.
    ///
    /// Dropping it leaves all lines.
    #[must_use = "futures do nothing unless polled"]
    pub(crate) struct Watch<'a, I> {
        jobs: I,
        until: Until,
        asker: Asker,
        // Those from the first that has not ended, where all must: one after the other is waited
        // for, so that nobody looks at all of them each time that one ends.
        left: I,
        #[pin]
        next: Option<Wait<&'a Line<JobWord>>>,
        // All that had not ended, where any may be the one.
        rest: Option<Waits<&'a Line<JobWord>>>,
    }
}

impl<'a, T: 'a, I: Iterator<Item = &'a Job<T>> + Clone> Watch<'a, I> {
    pub(crate) fn new(jobs: I, until: Until, asker: Asker) -> Self {
        Self {
            left: jobs.clone(),
            jobs,
            until,
            asker,
            next: None,
            rest: None,
        }
    }

    pub(crate) fn jobs(&self) -> I {
        self.jobs.clone()
    }

    /// Leaves all lines, and keeps no waker.
    pub(crate) fn leave(self: Pin<&mut Self>) {
        let mut this = self.project();
        quietly(|| this.next.set(None));
        quietly(|| *this.rest = None);
    }

    /// Waits for the first that has not ended, then for the one behind it.
    fn poll_all(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        while let Some(job) = this.left.clone().next() {
            if !job.is_done() {
                if this.next.is_none() {
                    let wait = Wait::new(job.line(), *this.asker, 0);
                    // Whether there is a deadline is not known here.
                    wait.may_end_otherwise();
                    this.next.set(Some(wait));
                }
                if let Some(wait) = this.next.as_mut().as_pin_mut() {
                    ready!(wait.poll(context));
                }
            }
            this.next.set(None);
            this.left.next();
        }
        Poll::Ready(())
    }

    /// Waits in the lines of all.
    fn poll_any(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let (jobs, until) = (this.jobs.clone(), *this.until);
        let begins = this.rest.is_none();
        let rest = this.rest.get_or_insert_with(|| {
            let pending = jobs.clone().filter(|job| !job.is_done());
            Waits::new(pending.map(Job::line), *this.asker)
        });
        let mut met = false;
        let all = rest.poll(context, |line| {
            met |= until == Until::First || line.word().has_failed();
        });
        // Some may have ended before this stood in their lines.
        if met || all || begins && until.is_met(jobs) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl<'a, T: 'a, I: Iterator<Item = &'a Job<T>> + Clone> Future for Watch<'a, I> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match self.until {
            Until::All => self.poll_all(context),
            Until::First | Until::FirstError => self.poll_any(context),
        }
    }
}
