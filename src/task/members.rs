//! Who belongs to a group, and what has become of them.

use core::any::Any;
use core::mem::take;
use core::ops::Deref;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use slab::Slab;

use super::event::Event;
use super::semaphore::Semaphore;
use crate::error::{GroupError, JobError};
use crate::name::Name;
use crate::pool::{Sink, Stop, quietly};
use crate::rule::job::Verdict;
use crate::sys::{Mutex, Trail};

/// What all of a group share. Nobody has the lock while foreign code runs.
pub(super) struct Members<E> {
    state: Mutex<State<E>>,
    /// Somebody has failed: the body is to be dropped.
    pub(super) failed: Event,
    /// All have ended.
    pub(super) ended: Event,
    /// What children wait for before they begin. Here, so that it is freed with the rest.
    turns: Option<Arc<Semaphore>>,
    trail: Trail,
}

struct State<E> {
    /// Those that have not ended.
    children: Slab<Arc<dyn Stop>>,
    /// The body has not ended.
    body: bool,
    /// Whoever comes is cancelled.
    cancelled: bool,
    /// Nobody will ask for errors any more.
    abandoned: bool,
    errors: Vec<(Name, E)>,
    panic: Option<Box<dyn Any + Send>>,
}

impl<E> State<E> {
    fn is_over(&self) -> bool {
        !self.body && self.children.is_empty()
    }
}

/// How a child, or the body, fails.
pub(super) enum Failure<E> {
    Error(E),
    Panic(Box<dyn Any + Send>),
}

impl<E> Members<E> {
    /// Takes in a child, unless it comes too late.
    fn enter(&self, unit: Arc<dyn Stop>) -> Result<usize, Arc<dyn Stop>> {
        let mut state = self.state.lock();
        if state.cancelled || state.is_over() {
            return Err(unit);
        }
        Ok(state.children.insert(unit))
    }

    /// A child has ended.
    fn leave(&self, key: usize) {
        let mut state = self.state.lock();
        let unit = state.children.remove(key);
        let over = state.is_over();
        drop(state);
        unit.let_go();
        if over {
            self.ended.set();
        }
    }

    /// The body has ended, and is gone.
    pub(super) fn body_ended(&self) {
        let mut state = self.state.lock();
        state.body = false;
        let over = state.is_over();
        drop(state);
        if over {
            self.ended.set();
        }
    }

    /// Ends all children, and those to come.
    pub(super) fn cancel(&self) {
        let mut state = self.state.lock();
        let first = !core::mem::replace(&mut state.cancelled, true);
        let children: Vec<_> = if first {
            (state.children.iter())
                .map(|(_, child)| Arc::clone(child))
                .collect()
        } else {
            Vec::new()
        };
        drop(state);
        for child in children {
            // Wakers are foreign code.
            quietly(|| child.stop(Verdict::Cancelled));
        }
    }

    /// The same, and nobody will ask for errors.
    pub(super) fn abandon(&self) {
        self.cancel();
        let mut state = self.state.lock();
        state.abandoned = true;
        state.body = false;
        let (errors, panic) = (take(&mut state.errors), state.panic.take());
        drop(state);
        quietly(|| drop(errors));
        quietly(|| drop(panic));
    }

    /// Keeps what went wrong, and ends all others because of it.
    pub(super) fn fail(&self, name: Name, failure: Failure<E>) {
        let mut state = self.state.lock();
        let lost = if state.abandoned {
            Some(failure)
        } else {
            match failure {
                Failure::Error(error) => {
                    state.errors.push((name, error));
                    None
                }
                Failure::Panic(panic) if state.panic.is_none() => {
                    state.panic = Some(panic);
                    None
                }
                panic @ Failure::Panic(_) => Some(panic),
            }
        };
        drop(state);
        quietly(|| drop(lost));
        self.failed.set();
        self.cancel();
    }

    /// The result of the group, when all have ended.
    pub(super) fn result<T>(&self, value: Option<T>) -> Result<T, GroupError<E>> {
        let mut state = self.state.lock();
        let (errors, panic) = (take(&mut state.errors), state.panic.take());
        drop(state);
        if let Some(panic) = panic {
            quietly(|| drop(errors));
            quietly(|| drop(value));
            resume_unwind(panic);
        }
        match GroupError::of(errors) {
            Some(error) => {
                quietly(|| drop(value));
                Err(error)
            }
            None => Ok(value.expect("a body that was dropped has a failure beside it")),
        }
    }

    pub(super) const fn turns(&self) -> Option<&Arc<Semaphore>> {
        self.turns.as_ref()
    }

    pub(super) fn is_cancelled(&self) -> bool {
        let state = self.state.lock();
        state.cancelled || state.is_over()
    }

    pub(super) fn room(&self) -> usize {
        self.state.lock().children.capacity()
    }

    pub(super) fn len(&self) -> usize {
        self.state.lock().children.len()
    }
}

impl<E> Drop for Members<E> {
    fn drop(&mut self) {
        self.trail.end();
    }
}

/// One of those who share the members.
pub(super) struct Shared<E>(Arc<Members<E>>);

impl<E> Shared<E> {
    pub(super) fn new(turns: Option<Semaphore>) -> Self {
        Self(Arc::new(Members {
            state: Mutex::new(State {
                children: Slab::new(),
                body: true,
                cancelled: false,
                abandoned: false,
                errors: Vec::new(),
                panic: None,
            }),
            failed: Event::new(),
            ended: Event::new(),
            turns: turns.map(Arc::new),
            trail: Trail::new(),
        }))
    }

    /// What a child is to be known by.
    pub(super) fn member(&self) -> Member<E> {
        Member {
            shared: self.clone(),
            key: None,
        }
    }
}

impl<E> Clone for Shared<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E> Deref for Shared<E> {
    type Target = Members<E>;

    fn deref(&self) -> &Members<E> {
        &self.0
    }
}

impl<E> Drop for Shared<E> {
    fn drop(&mut self) {
        self.0.trail.let_go();
    }
}

/// One child: it brings its errors to the group, and leaves when it has ended.
pub(super) struct Member<E> {
    shared: Shared<E>,
    /// Its place among the children; `None` before it has one, and when it has ended.
    key: Option<usize>,
}

impl<E> Member<E> {
    /// Joins the group; if it comes too late, its job is cancelled, and it says so.
    pub(super) fn enter(&mut self, unit: Arc<dyn Stop>) -> bool {
        match self.shared.enter(unit) {
            Ok(key) => {
                self.key = Some(key);
                true
            }
            Err(unit) => {
                unit.stop(Verdict::Cancelled);
                false
            }
        }
    }
}

impl<T, E> Sink<Result<T, E>> for Member<E> {
    type Value = T;

    fn judge(
        &self,
        name: Option<&Name>,
        brought: thread::Result<Result<T, E>>,
    ) -> Result<T, JobError> {
        let failure = match brought {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => Failure::Error(error),
            Err(panic) => Failure::Panic(panic),
        };
        let name = name.cloned().unwrap_or_else(|| Name::from("a child"));
        self.shared.fail(name, failure);
        Err(JobError::Failed)
    }

    fn ended(&mut self) {
        if let Some(key) = self.key.take() {
            self.shared.leave(key);
        }
    }
}
