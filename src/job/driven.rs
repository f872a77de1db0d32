//! A future as a job, whoever polls it.

use core::future::Future;
use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::panic::catch_unwind;
use std::sync::Arc;
use std::thread;

use pin_project_lite::pin_project;

use super::head::{Head, Unit, quietly};
use super::word::Outcome;
use crate::error::name::Name;
use crate::error::{JobError, Panic};
use crate::event::EventWord;
use crate::identity::Tasked;
use crate::identity::budget;
use crate::line::{Asker, Internal, Line, Place, Wait};
use crate::sys::who::Traceable;

/// Who makes the outcome of a job of what was brought, and is told of its end.
pub(crate) trait Sink<O> {
    type Value;

    /// The outcome of what a future, or a closure, has brought. It is asked also if the job has
    /// been cancelled meanwhile; then nobody will see what it says. It does not panic.
    fn judge(
        &self,
        name: Option<&Name>,
        brought: thread::Result<O>,
    ) -> Result<Self::Value, JobError>;

    /// The value of the job, if what a future has brought is one, and if that is all there is to
    /// say.
    fn value(&self, output: O) -> Result<Self::Value, O> {
        Err(output)
    }

    /// The job is done; said once, if it was a future's.
    fn ended(&mut self) {}

    /// Whether a closure that has not been called is not to be called any more.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// A value is a value.
pub(crate) struct Plain;

impl<O> Sink<O> for Plain {
    type Value = O;

    fn judge(&self, _name: Option<&Name>, brought: thread::Result<O>) -> Result<O, JobError> {
        brought.map_err(|panic| JobError::Panicked(Panic::new(panic)))
    }

    fn value(&self, output: O) -> Result<O, O> {
        Ok(output)
    }
}

pin_project! {
    /// A future that tells its job how it ends. Dropping it ends the job as cancelled.
    #[must_use = "futures do nothing unless polled"]
    pub(crate) struct Driven<F: Future, S: Sink<F::Output> = Plain> {
        // Dropped, and gone, before the job is done.
        #[pin]
        inner: Option<F>,
        // Gone with it: it holds a waker.
        #[pin]
        stopped: Option<Wait<Stopped<S::Value>>>,
        unit: Arc<Drive<S::Value>>,
        sink: S,
        task: Tasked,
        polled: bool,
    }

    impl<F: Future, S: Sink<F::Output>> PinnedDrop for Driven<F, S> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.inner.is_some() {
                let _unless_somebody_has = this.unit.head.word().claim(Outcome::Cancelled);
                let task: &Tasked = this.task;
                quietly(|| task.enter(|| this.inner.set(None)));
                quietly(|| this.stopped.set(None));
                this.unit.head.complete(true);
                quietly(|| this.sink.ended());
            }
            this.unit.head.let_go();
        }
    }
}

/// Makes a job of a future. Whoever polls it does the job, as a task of its own.
#[track_caller]
pub(crate) fn drive<F: Future>(
    name: Option<Name>,
    future: F,
) -> (Driven<F>, Arc<Drive<F::Output>>) {
    drive_into(name, future, Plain)
}

/// The same, for somebody who makes the outcome.
#[track_caller]
pub(crate) fn drive_into<F: Future, S: Sink<F::Output>>(
    name: Option<Name>,
    future: F,
    sink: S,
) -> (Driven<F, S>, Arc<Drive<S::Value>>) {
    let undriven = Undriven::new(name);
    let unit = Arc::clone(&undriven.unit);
    (undriven.drive_into(future, sink), unit)
}

/// The job of a future that is not there yet. It is to be [driven](Self::drive), or [ended](Self::end).
#[must_use = "its job ends when this does"]
pub(crate) struct Undriven<T> {
    unit: Arc<Drive<T>>,
    task: Tasked,
}

impl<T> Undriven<T> {
    #[track_caller]
    pub(crate) fn new(name: Option<Name>) -> Self {
        let task = Tasked::listed(name.as_ref().map(Name::as_str));
        let unit = Arc::new(Drive::new(name));
        unit.head.line.belongs_to(|| task.who());
        Self { unit, task }
    }

    pub(crate) const fn unit(&self) -> &Arc<Drive<T>> {
        &self.unit
    }

    /// Here is the future.
    pub(crate) fn drive<F: Future<Output = T>>(self, future: F) -> Driven<F> {
        self.drive_into(future, Plain)
    }

    fn drive_into<F: Future, S: Sink<F::Output, Value = T>>(
        self,
        future: F,
        sink: S,
    ) -> Driven<F, S> {
        Driven {
            inner: Some(future),
            stopped: Some(Wait::new(Stopped::new(&self.unit), Asker::Task, 0)),
            unit: self.unit,
            sink,
            task: self.task,
            polled: false,
        }
    }

    /// There will be none: ends the job as cancelled, unless somebody has said otherwise, when what would have made
    /// it has been dropped.
    pub(crate) fn end(self, unused: impl Sized) {
        let head = &self.unit.head;
        let _unless_somebody_has = head.word().claim(Outcome::Cancelled);
        quietly(|| self.task.enter(|| drop(unused)));
        head.complete(true);
        head.let_go();
    }
}

impl<F: Future, S: Sink<F::Output>> Driven<F, S> {
    /// Whoever makes the outcome, before the first poll.
    pub(crate) fn sink(&mut self) -> &mut S {
        &mut self.sink
    }

    pub(crate) fn unit(&self) -> &Arc<Drive<S::Value>> {
        &self.unit
    }
}

impl<F: Future, S: Sink<F::Output>> Future for Driven<F, S> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let task: &Tasked = this.task;
        let head = &this.unit.head;
        if !core::mem::replace(this.polled, true) {
            head.word().start();
        }
        let Some(inner) = this.inner.as_mut().as_pin_mut() else {
            return Poll::Ready(());
        };
        let mut brought = None;
        if !head.word().is_claimed() {
            let poll = || budget::open(|| task.enter(|| inner.poll(context)));
            match catch_unwind(AssertUnwindSafe(poll)) {
                Ok(Poll::Ready(value)) => brought = Some(Ok(value)),
                Ok(Poll::Pending) => {
                    let stopped = this.stopped.as_mut().as_pin_mut();
                    if !head.word().is_claimed()
                        && stopped.is_some_and(|stopped| stopped.poll(context).is_pending())
                    {
                        return Poll::Pending;
                    }
                }
                Err(panic) => brought = Some(Err(panic)),
            }
        }
        // Foreign code, as a part of the task.
        quietly(|| task.enter(|| this.inner.set(None)));
        quietly(|| this.stopped.set(None));
        conclude(head, this.unit.name.as_ref(), this.sink, brought);
        // Wakers of those who wait for all are foreign code.
        quietly(|| this.sink.ended());
        Poll::Ready(())
    }
}

/// Ends the job of a future that is gone: with what it has brought, or as somebody else has said.
pub(crate) fn conclude<O, S: Sink<O>>(
    head: &Head<S::Value>,
    name: Option<&Name>,
    sink: &S,
    brought: Option<thread::Result<O>>,
) {
    let Some(brought) = brought else {
        return head.complete(true);
    };
    let mine = head.word().claim(Outcome::Open);
    let outcome = sink.judge(name, brought);
    if mine {
        head.end(outcome);
    } else {
        // Somebody else has fixed the outcome; what came of it after all is dropped.
        quietly(|| drop(outcome));
        head.complete(true);
    }
}

/// A job that is done by polling a future.
pub(crate) struct Drive<T> {
    head: Head<T>,
    name: Option<Name>,
    /// Set when somebody else has fixed the outcome: the future is to be dropped.
    stopped: Line<EventWord>,
}

impl<T> Drive<T> {
    fn new(name: Option<Name>) -> Self {
        Self {
            head: Head::queued(),
            name,
            stopped: Line::of(Traceable::Inner, EventWord::new()),
        }
    }

    /// Fixes the outcome, unless it is fixed, and has the future dropped.
    fn fix(&self, outcome: Outcome) {
        if self.head.word().claim(outcome) {
            self.signal();
        }
    }

    fn signal(&self) {
        if !self.stopped.word().try_set() {
            quietly(|| self.stopped.change(EventWord::set_for_all));
        }
    }
}

impl<T: Send> Unit<T> for Drive<T> {
    fn head(&self) -> &Head<T> {
        &self.head
    }

    fn name(&self) -> Option<&Name> {
        self.name.as_ref()
    }

    fn cancel(self: Arc<Self>) {
        self.fix(Outcome::Cancelled);
    }
}

/// Whoever can stop a future without knowing what it brings. Each of these lets go of it.
pub(crate) trait Stop: Send + Sync {
    /// Fixes the outcome, unless it is fixed, and has the future dropped.
    fn stop(self: Arc<Self>, outcome: Outcome);

    /// Adds the names of what has not ended.
    fn tell(&self, names: &mut Vec<String>);

    /// Nobody is to be stopped any more.
    fn let_go(self: Arc<Self>);
}

impl<T: Send> Stop for Drive<T> {
    fn stop(self: Arc<Self>, outcome: Outcome) {
        self.fix(outcome);
        self.let_go();
    }

    fn tell(&self, names: &mut Vec<String>) {
        names.extend(self.name.as_ref().map(Name::to_string));
    }

    fn let_go(self: Arc<Self>) {
        self.head.let_go();
        // It may be the last to know of an outcome that nobody took, which is foreign data.
        quietly(|| drop(self));
    }
}

/// Where the future waits for being stopped.
struct Stopped<T>(Arc<Drive<T>>);

impl<T> Stopped<T> {
    fn new(unit: &Arc<Drive<T>>) -> Self {
        Self(Arc::clone(unit))
    }
}

// SAFETY: the line lies in an allocation that the place keeps alive, also if it is leaked.
unsafe impl<T> Place for Stopped<T> {
    type Word = EventWord;
    const OWNS: bool = true;

    fn line(&self, _: Internal) -> &Line<EventWord> {
        &self.0.stopped
    }
}
