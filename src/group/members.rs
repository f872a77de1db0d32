//! Who belongs to a group, and what has become of them.

use core::any::Any;
use core::mem::take;
use core::num::NonZeroUsize;
use core::ops::Deref;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use super::listener::{Listener, Listening, tell};
use crate::error::name::Name;
use crate::error::{GroupError, JobError};
use crate::event::task::Event;
use crate::job::{Outcome, Sink, Stop, Stops, quietly};
use crate::pool::{Known, Late, PoolSpawner};
use crate::semaphore::task::Semaphore;
use crate::sys::{ArcOrder, Mutex};

/// What all of a group share. Nobody has the lock while foreign code runs.
pub(super) struct Members<E> {
    state: Mutex<State<E>>,
    /// Somebody has failed: the body is to be dropped.
    pub(super) failed: Event,
    /// All have ended.
    pub(super) ended: Event,
    /// What children wait for before they begin. Here, so that it is freed with the rest.
    turns: Option<Arc<Semaphore>>,
    arc_order: ArcOrder,
}

struct State<E> {
    /// Those that have not ended.
    children: Stops,
    /// Where the children's pool knows of them; there while there are any.
    known: Option<(PoolSpawner, Known)>,
    /// The body has not ended.
    body: bool,
    /// Whoever comes is cancelled.
    cancelled: bool,
    /// Nobody will ask for errors any more.
    abandoned: bool,
    errors: Vec<(Name, E)>,
    panic: Option<Box<dyn Any + Send>>,
    listener: Listening,
}

impl<E> State<E> {
    /// The listener, if it is to be told now.
    fn take_listener(&mut self) -> Listening {
        if self.cancelled || self.is_over() {
            self.listener.take()
        } else {
            None
        }
    }

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
    /// A child has ended.
    fn leave(&self, key: usize) {
        let mut state = self.state.lock();
        let child = state.children.remove(key);
        let over = state.is_over();
        let last = state.children.is_empty();
        let known = if last { state.known.take() } else { None };
        let listener = state.take_listener();
        drop(state);
        child.let_go();
        if let Some((pool, known)) = known {
            pool.exit(known);
        }
        tell(listener);
        if over {
            // Wakers are foreign code.
            quietly(|| self.ended.set());
        }
    }

    /// The body has ended, and is gone.
    pub(super) fn body_ended(&self) {
        let mut state = self.state.lock();
        state.body = false;
        let over = state.is_over();
        let listener = state.take_listener();
        drop(state);
        tell(listener);
        if over {
            self.ended.set();
        }
    }

    /// Ends all children, and those to come.
    pub(super) fn cancel(&self) {
        let mut state = self.state.lock();
        let first = !core::mem::replace(&mut state.cancelled, true);
        let listener = state.take_listener();
        drop(state);
        if first {
            self.each(|child| child.stop(Outcome::Cancelled));
        }
        tell(listener);
    }

    /// The listener that there is, or else this one, which is told at once if it comes too late.
    pub(super) fn listen<L: Listener + Clone>(&self, fresh: L) -> L {
        let mut state = self.state.lock();
        if state.cancelled || state.is_over() {
            drop(state);
            fresh.group_is_over();
            return fresh;
        }
        let known = (state.listener.as_deref()).and_then(|known| known.as_any().downcast_ref());
        let listener = known.unwrap_or(&fresh).clone();
        if known.is_none() {
            state.listener = Some(Box::new(fresh.clone()));
        }
        drop(state);
        listener
    }

    /// Says something to all children that are there.
    fn each(&self, mut say: impl FnMut(Arc<dyn Stop>)) {
        let state = self.state.lock();
        let children: Vec<_> = (state.children.iter()).map(Arc::clone).collect();
        drop(state);
        for child in children {
            // Wakers are foreign code.
            quietly(|| say(child));
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
        // Wakers are foreign code.
        quietly(|| self.failed.set());
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
        self.state.lock().children.room()
    }

    pub(super) fn len(&self) -> usize {
        self.state.lock().children.len()
    }
}

impl<E> Drop for Members<E> {
    fn drop(&mut self) {
        self.arc_order.end();
    }
}

/// The children of a group on a pool, as the pool sees them.
impl<E: Send> Stop for Members<E> {
    fn stop(self: Arc<Self>, outcome: Outcome) {
        self.each(|child| child.stop(outcome));
        self.let_go();
    }

    fn tell(&self, names: &mut Vec<String>) {
        self.each(|child| {
            child.tell(names);
            child.let_go();
        });
    }

    fn let_go(self: Arc<Self>) {
        self.arc_order.let_go();
        // Errors that nobody took are foreign data.
        quietly(|| drop(self));
    }
}

/// One of those who share the members.
pub(super) struct Shared<E>(Arc<Members<E>>);

impl<E> Shared<E> {
    pub(super) fn new(turns: Option<Semaphore>) -> Self {
        Self(Arc::new(Members {
            state: Mutex::new(State {
                children: Stops::new(),
                known: None,
                body: true,
                cancelled: false,
                abandoned: false,
                errors: Vec::new(),
                panic: None,
                listener: None,
            }),
            failed: Event::new(),
            ended: Event::new(),
            turns: turns.map(Arc::new),
            arc_order: ArcOrder::new(),
        }))
    }

    /// Takes in a child, unless it comes too late: for the group, or for the pool that is to run
    /// it, which hears of the first and of the last.
    fn enter(&self, child: Arc<dyn Stop>, pool: Option<&PoolSpawner>) -> Result<usize, Late>
    where
        E: Send + 'static,
    {
        let mut state = self.state.lock();
        if state.cancelled || state.is_over() {
            return Err(Late(child, Outcome::Cancelled));
        }
        if let Some(pool) = pool {
            let outcome = if state.children.is_empty() {
                match pool.enter(Arc::clone(&self.0) as Arc<dyn Stop>) {
                    Ok(known) => {
                        state.known = Some((pool.clone(), known));
                        None
                    }
                    Err(Late(_, outcome)) => Some(outcome),
                }
            } else {
                pool.refuses()
            };
            if let Some(outcome) = outcome {
                return Err(Late(child, outcome));
            }
        }
        Ok(state.children.insert(child))
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
        self.0.arc_order.let_go();
    }
}

/// One child: it brings its errors to the group, and leaves when it has ended.
pub(super) struct Member<E> {
    shared: Shared<E>,
    /// One more than its place among the children; `None` before it has one, and when it has ended.
    key: Option<NonZeroUsize>,
}

impl<E: Send + 'static> Member<E> {
    /// Joins the group, unless it comes too late.
    pub(super) fn enter(
        &mut self,
        child: Arc<dyn Stop>,
        pool: Option<&PoolSpawner>,
    ) -> Result<(), Late> {
        let key = self.shared.enter(child, pool)? + 1;
        self.key = NonZeroUsize::new(key);
        Ok(())
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
        Err(JobError::failed_elsewhere())
    }

    fn value(&self, output: Result<T, E>) -> Result<T, Result<T, E>> {
        output.map_err(Err)
    }

    fn ended(&mut self) {
        if let Some(key) = self.key.take() {
            self.shared.leave(key.get() - 1);
        }
    }
}
