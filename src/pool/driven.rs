//! A future as a job, whoever polls it.

use core::future::Future;
use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::panic::catch_unwind;
use std::sync::Arc;

use pin_project_lite::pin_project;

use super::job::{Drive, Stopped, quietly};
use crate::error::{JobError, Panic};
use crate::line::{Asker, Wait};
use crate::rule::job::Verdict;
use crate::task::TaskId;

pin_project! {
    /// A future that tells its job how it ends. Dropping it ends the job as cancelled.
    #[must_use = "futures do nothing unless polled"]
    pub(crate) struct Driven<F: Future> {
        // Dropped, and gone, before the job is done.
        #[pin]
        inner: Option<F>,
        // Gone with it: it holds a waker.
        #[pin]
        stopped: Option<Wait<Stopped<F::Output>>>,
        unit: Arc<Drive<F::Output>>,
        id: TaskId,
        polled: bool,
    }

    impl<F: Future> PinnedDrop for Driven<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.inner.is_some() {
                let _unless_somebody_has = this.unit.head.word().claim(Verdict::Cancelled);
                let id = *this.id;
                quietly(|| id.enter(|| this.inner.set(None)));
                quietly(|| this.stopped.set(None));
                this.unit.head.complete(true);
            }
            this.unit.head.let_go();
        }
    }
}

/// Makes a job of a future. Whoever polls it does the job, as a task of its own.
pub(crate) fn drive<F: Future>(
    name: Option<Box<str>>,
    future: F,
) -> (Driven<F>, Arc<Drive<F::Output>>) {
    let unit = Arc::new(Drive::new(name));
    let driven = Driven {
        inner: Some(future),
        stopped: Some(Wait::new(Stopped::new(&unit), Asker::Task, 0)),
        unit: Arc::clone(&unit),
        id: TaskId::fresh(),
        polled: false,
    };
    (driven, unit)
}

impl<F: Future> Future for Driven<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let id = *this.id;
        let head = &this.unit.head;
        if !core::mem::replace(this.polled, true) {
            head.word().start();
        }
        let Some(inner) = this.inner.as_mut().as_pin_mut() else {
            return Poll::Ready(());
        };
        let mut outcome = None;
        if !head.word().is_claimed() {
            match catch_unwind(AssertUnwindSafe(|| id.enter(|| inner.poll(context)))) {
                Ok(Poll::Ready(value)) => outcome = Some(Ok(value)),
                Ok(Poll::Pending) => {
                    let stopped = this.stopped.as_mut().as_pin_mut();
                    if !head.word().is_claimed()
                        && stopped.is_some_and(|stopped| stopped.poll(context).is_pending())
                    {
                        return Poll::Pending;
                    }
                }
                Err(panic) => outcome = Some(Err(JobError::Panicked(Panic::new(panic)))),
            }
        }
        // Foreign code, as a part of the task.
        quietly(|| id.enter(|| this.inner.set(None)));
        quietly(|| this.stopped.set(None));
        match outcome {
            Some(outcome) if head.word().claim(Verdict::Open) => head.end(outcome),
            outcome => {
                // Somebody else has fixed the outcome; what came of it after all is dropped.
                quietly(|| drop(outcome));
                head.complete(true);
            }
        }
        Poll::Ready(())
    }
}
