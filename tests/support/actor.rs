//! A task that does what it is told, one thing at a time: an identity to lock with.

use core::cell::{Cell, RefCell};
use core::fmt;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::rc::Rc;
use syncline::task::identified;

type Job<'a> = Box<dyn FnOnce() + 'a>;

/// A task that is polled when there is something to do.
pub(crate) struct Actor<'a> {
    job: Rc<RefCell<Option<Job<'a>>>>,
    task: Pin<Box<dyn Future<Output = ()> + 'a>>,
}

impl<'a> Actor<'a> {
    pub(crate) fn new() -> Self {
        let job: Rc<RefCell<Option<Job<'a>>>> = Rc::default();
        let told = Rc::clone(&job);
        let task = Box::pin(identified(poll_fn(move |_| {
            let job = told.take();
            job.expect("it is polled for a reason")();
            Poll::Pending
        })));
        Self { job, task }
    }

    /// Runs something as this task.
    pub(crate) fn run<R: 'a>(&mut self, body: impl FnOnce() -> R + 'a) -> R {
        let result = Rc::new(Cell::new(None));
        let place = Rc::clone(&result);
        self.job
            .replace(Some(Box::new(move || place.set(Some(body())))));
        let poll = (self.task.as_mut()).poll(&mut Context::from_waker(Waker::noop()));
        assert!(poll.is_pending());
        result.take().expect("the job has run")
    }
}

impl fmt::Debug for Actor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Actor").finish_non_exhaustive()
    }
}

mod tests {
    use super::Actor;
    use syncline::task::current;

    #[test]
    fn an_actor_is_the_same_task_whenever_it_is_told_something() {
        let (mut one, mut other) = (Actor::new(), Actor::new());
        let id = one.run(current);
        assert!(id.is_some());
        assert_ne!(other.run(current), id);
        assert_eq!(one.run(current), id);
    }
}
