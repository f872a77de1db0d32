//! Something that a manager does: opening, checking, closing.
//!
//! Whoever begins it holds the place for its item. What an async manager does ends when its future is dropped, and
//! the place is free. A call that blocks goes on, so the place must go with it:
//!
//! | a call is | when it is cut off |
//! |---|---|
//! | `Queued` | it is `Abandoned`: it never begins, and its place is free |
//! | `Running` | it is `Stuck` and gets the place, which it gives back when it has returned, and its item is gone |
//! | `Over` | what it has returned is discarded, and its place is free |
//!
//! Both sides change the state under one lock, and run nothing under it. The pool's lock is taken inside of it, and never
//! the other way round.

use core::any::Any;
use core::mem::replace;
use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;

use pin_project_lite::pin_project;

use super::handle::Handle;
use super::manage::Managed;
use super::rules::Ages;
use super::shared::{Entry, Place};
use crate::bridge::to_thread;
use crate::combine::{Sleep, sleep};
use crate::error::JobError;
use crate::job::{Job, quietly};
use crate::sys::{self, Mutex};

/// An item that lies neither in the pool nor in a lease. Dropping it discards the item.
#[expect(
    missing_debug_implementations,
    reason = "nobody outside of the crate can have one"
)]
pub struct Loose<M: Managed> {
    pool: Handle<M>,
    entry: Option<Entry<M::Item>>,
}

impl<M: Managed> Loose<M> {
    pub(super) fn new(pool: Handle<M>, entry: Entry<M::Item>) -> Self {
        Self {
            pool,
            entry: Some(entry),
        }
    }

    pub(super) fn opened(pool: Handle<M>, item: M::Item) -> Self {
        pool.state.lock().stats.opened += 1;
        let ages = Ages::of_a_new_one(&pool.settings, sys::now());
        Self::new(pool, Entry { item, ages })
    }

    pub(super) fn pool(&self) -> Handle<M> {
        self.pool.clone()
    }

    /// The manager and the item.
    pub(super) fn parts(&mut self) -> (&M, &mut M::Item) {
        let entry = self.entry.as_mut().expect("an item is taken once");
        (&self.pool.manager, &mut entry.item)
    }

    /// Notes that it works.
    pub(super) fn checked(mut self) -> Self {
        if let Some(entry) = &mut self.entry {
            entry.ages.checked = sys::now();
        }
        self
    }

    pub(super) fn take(mut self) -> Entry<M::Item> {
        self.entry.take().expect("an item is taken once")
    }

    /// The item, which its manager is about to close.
    pub(super) fn take_to_close(self) -> (Handle<M>, M::Item) {
        let pool = self.pool();
        pool.state.lock().stats.closed += 1;
        (pool, self.take().item)
    }
}

impl<M: Managed> Drop for Loose<M> {
    fn drop(&mut self) {
        if let Some(entry) = self.entry.take() {
            self.pool.discard(entry.item);
        }
    }
}

/// How it ended.
#[expect(
    missing_debug_implementations,
    reason = "nobody outside of the crate can have one"
)]
pub enum Ended<M: Managed> {
    /// With an item that works.
    Item(Loose<M>),
    /// With an error. The item is discarded, if there was one.
    Failed(M::Error),
    /// With a panic. The item is discarded, if there was one.
    Panicked(Box<dyn Any + Send>),
    /// The item is closed.
    Closed,
    /// Its time was over. The item is discarded, if there was one, or will be.
    CutOff,
}

/// Something that a manager does.
#[expect(
    missing_debug_implementations,
    reason = "nobody outside of the crate can have one"
)]
pub enum Running<M: Managed> {
    /// Async code.
    Future(Pin<Box<dyn Future<Output = Ended<M>> + Send>>),
    /// A call on another thread.
    Call(Call<M>),
}

impl<M: Managed> Running<M> {
    pub(super) fn future(future: impl Future<Output = Ended<M>> + Send + 'static) -> Self {
        Self::Future(Box::pin(future))
    }

    /// Calls `body` on another thread.
    pub(super) fn call(pool: &Handle<M>, item: Option<Loose<M>>, body: Body<M>) -> Self {
        let state = Arc::new(Mutex::new(CallState::Queued(item)));
        let (pool, inside) = (pool.clone(), Arc::clone(&state));
        let job = to_thread(move || run_call(&pool, &inside, body));
        Self::Call(Call { job, state })
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Ended<M>> {
        match self {
            Self::Future(future) => {
                let poll = AssertUnwindSafe(|| future.as_mut().poll(context));
                catch_unwind(poll).unwrap_or_else(|panic| Poll::Ready(Ended::Panicked(panic)))
            }
            Self::Call(call) => call.poll(context),
        }
    }

    /// Ends it, or leaves the place to it until it ends.
    fn cut_off(self, place: Place<M>) -> Option<Place<M>> {
        match self {
            Self::Future(future) => {
                quietly(|| drop(future));
                Some(place)
            }
            Self::Call(call) => call.cut_off(place),
        }
    }
}

/// What is called on another thread.
type Body<M> = fn(&Handle<M>, Option<Loose<M>>) -> Ended<M>;

/// A call on another thread.
#[expect(
    missing_debug_implementations,
    reason = "nobody outside of the crate can have one"
)]
pub struct Call<M: Managed> {
    job: Job<()>,
    state: Arc<Mutex<CallState<M>>>,
}

enum CallState<M: Managed> {
    Queued(Option<Loose<M>>),
    Abandoned,
    Running,
    Stuck(Place<M>),
    Over(Option<Ended<M>>),
}

impl<M: Managed> Call<M> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Ended<M>> {
        let result = ready!(Pin::new(&mut self.job).poll(context));
        let state = replace(&mut *self.state.lock(), CallState::Over(None));
        Poll::Ready(match (state, result) {
            (CallState::Over(Some(ended)), _) => ended,
            (_, Err(error)) => Ended::Panicked(Box::new(not_called(&error))),
            (_, Ok(())) => unreachable!("a call that is not cut off leaves its outcome"),
        })
    }

    fn cut_off(self, place: Place<M>) -> Option<Place<M>> {
        let mut state = self.state.lock();
        if matches!(*state, CallState::Running) {
            let place = place.stuck();
            *state = CallState::Stuck(place);
            return None;
        }
        let before = replace(&mut *state, CallState::Abandoned);
        drop(state);
        // The item goes before its place.
        quietly(|| drop(before));
        Some(place)
    }
}

fn not_called(error: &JobError) -> String {
    format!("what blocks could not be called on a thread: {error}")
}

fn run_call<M: Managed>(pool: &Handle<M>, state: &Mutex<CallState<M>>, body: Body<M>) {
    let mut begins = state.lock();
    let CallState::Queued(item) = &mut *begins else {
        return;
    };
    let item = item.take();
    *begins = CallState::Running;
    drop(begins);
    let called = catch_unwind(AssertUnwindSafe(|| body(pool, item)));
    let ended = called.unwrap_or_else(Ended::Panicked);
    let mut ends = state.lock();
    if matches!(*ends, CallState::Running) {
        *ends = CallState::Over(Some(ended));
        return;
    }
    let before = replace(&mut *ends, CallState::Abandoned);
    drop(ends);
    // As above: the item, then its place.
    quietly(|| drop(ended));
    if let CallState::Stuck(place) = before {
        drop(place);
    }
}

pin_project! {
    /// Something that a manager does, for so long at most. It hands the place back, unless a call that
    /// blocks still needs it. Dropping it cuts it off.
    pub(super) struct Limited<M: Managed> {
        running: Option<(Running<M>, Place<M>)>,
        limit: Duration,
        #[pin]
        sleep: Option<Sleep>,
    }

    impl<M: Managed> PinnedDrop for Limited<M> {
        fn drop(this: Pin<&mut Self>) {
            if let Some((running, place)) = this.project().running.take() {
                drop(running.cut_off(place));
            }
        }
    }
}

impl<M: Managed> Limited<M> {
    pub(super) fn new(running: Running<M>, place: Place<M>, limit: Duration) -> Self {
        Self {
            running: Some((running, place)),
            limit,
            sleep: None,
        }
    }
}

impl<M: Managed> Future for Limited<M> {
    type Output = (Ended<M>, Option<Place<M>>);

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let (running, _) = (this.running.as_mut()).expect("it is polled until it has ended");
        let polled = running.poll(context);
        let over = polled.is_ready() || {
            if this.sleep.is_none() {
                this.sleep.set(Some(sleep(*this.limit)));
            }
            (this.sleep.as_mut().as_pin_mut()).is_some_and(|sleep| sleep.poll(context).is_ready())
        };
        if !over {
            return Poll::Pending;
        }
        this.sleep.set(None);
        let (running, place) = this.running.take().expect("it was there above");
        Poll::Ready(match polled {
            Poll::Ready(ended) => {
                quietly(|| drop(running));
                (ended, Some(place))
            }
            Poll::Pending => (Ended::CutOff, running.cut_off(place)),
        })
    }
}
