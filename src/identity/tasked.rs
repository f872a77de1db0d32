//! A task that is run here: its number, and what a snapshot sees of it.

use super::task::{TaskId, current};
use crate::sys::trace::drive;
use crate::sys::who::Who;
use crate::sys::{Span, TracedTask};

/// What makes a future a task.
pub(crate) struct Tasked {
    id: TaskId,
    traced: TracedTask,
    span: Span,
}

impl Tasked {
    /// A task that the caller makes.
    #[track_caller]
    pub(crate) fn new() -> Self {
        Self::of(TaskId::new())
    }

    /// The same for a task that has its id.
    #[track_caller]
    pub(crate) fn of(id: TaskId) -> Self {
        Self {
            id,
            traced: TracedTask::new(),
            span: Span::none(),
        }
    }

    /// A task that exists before it is polled.
    #[track_caller]
    pub(crate) fn listed(name: Option<&str>) -> Self {
        let mut this = Self::new();
        let number = this.id.number();
        this.traced.list(number, name);
        this.span = Span::of_task(number, name);
        this
    }

    pub(crate) const fn id(&self) -> TaskId {
        self.id
    }

    /// Shows it from now on, if it has not been shown.
    pub(crate) fn list(&self) {
        self.traced.list(self.id.number(), None);
    }

    /// Says that this thread does nothing else until what is returned is dropped.
    pub(crate) fn drive(&self) -> Driving {
        Driving(drive(self.id.number()))
    }

    /// Who that is.
    pub(crate) const fn who(&self) -> Who {
        Who::task(self.id.number())
    }

    /// Runs a part of the task that is polled here, as something that is watched by itself.
    ///
    /// A task of somebody else's runtime is known by the number that this runtime gave it: what waits in it says so.
    pub(crate) fn stretch<R>(&self, body: impl FnOnce() -> R) -> R {
        let around = current().filter(|id| id.is_foreign());
        let number = around.unwrap_or(self.id).number();
        self.span.in_scope(|| self.traced.run(number, body))
    }

    /// Runs something as this task; the identity before is restored, also after a panic.
    pub(crate) fn enter<R>(&self, body: impl FnOnce() -> R) -> R {
        let run = || self.traced.run(self.id.number(), body);
        self.id.enter(|| self.span.in_scope(run))
    }
}

/// A thread that runs one task; what it ran before is restored when this is dropped.
pub(crate) struct Driving(u64);

impl Drop for Driving {
    fn drop(&mut self) {
        drive(self.0);
    }
}
