//! The futures that lock several locks.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::order::{MOST, Named};
use super::task::LockSet;
use super::task_lockable::Lockable;
use crate::error::TimedOut;
use crate::line::{Internal, Timeout};
use crate::timer::Limit;

/// Locks that are being taken, one after the other.
#[doc(hidden)]
pub trait Taking {
    type Guards;

    /// Takes those that are left; their guards, once it has all.
    fn poll_all(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Guards>;

    /// Takes all at once, or none.
    fn try_all(self: Pin<&mut Self>) -> Option<Self::Guards>;

    /// Gives up those that it has, and its place in the line of the next.
    fn clear(self: Pin<&mut Self>);
}

/// Locks of different types, in nested pairs.
#[doc(hidden)]
pub trait Chain {
    type Guards;

    fn poll_at(self: Pin<&mut Self>, place: usize, context: &mut Context<'_>) -> Poll<()>;

    fn try_at(self: Pin<&mut Self>, place: usize) -> bool;

    fn take(self: Pin<&mut Self>) -> Option<Self::Guards>;

    fn clear(self: Pin<&mut Self>);
}

/// The end of a chain.
#[derive(Debug)]
pub struct End(pub(super) ());

impl Chain for End {
    type Guards = ();

    fn poll_at(self: Pin<&mut Self>, _: usize, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }

    fn try_at(self: Pin<&mut Self>, _: usize) -> bool {
        true
    }

    fn take(self: Pin<&mut Self>) -> Option<()> {
        Some(())
    }

    fn clear(self: Pin<&mut Self>) {}
}

pin_project! {
    /// How far it is with one lock.
    #[project = StageProjection]
    #[project_replace = StageOwned]
    enum Stage<L: Lockable> {
        Free,
        Waits {
            #[pin]
            wait: L::Wait,
        },
        Held {
            guard: L::Guard,
        },
    }
}

pin_project! {
    /// A lock, and the rest of them.
    pub struct Link<L: Lockable, R> {
        lock: L,
        #[pin]
        stage: Stage<L>,
        #[pin]
        rest: R,
    }
}

impl<L: Lockable, R> Link<L, R> {
    pub(super) const fn new(lock: L, rest: R) -> Self {
        Self {
            lock,
            stage: Stage::Free,
            rest,
        }
    }
}

impl<L: Lockable, R: Chain> Chain for Link<L, R> {
    type Guards = (L::Guard, R::Guards);

    fn poll_at(self: Pin<&mut Self>, place: usize, context: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        if let Some(place) = place.checked_sub(1) {
            return this.rest.poll_at(place, context);
        }
        if matches!(*this.stage, Stage::Free) {
            let wait = this.lock.wait(Internal(()));
            this.stage.set(Stage::Waits { wait });
        }
        if let StageProjection::Waits { wait } = this.stage.as_mut().project() {
            let guard = ready!(wait.poll(context));
            this.stage.set(Stage::Held { guard });
        }
        Poll::Ready(())
    }

    fn try_at(self: Pin<&mut Self>, place: usize) -> bool {
        let mut this = self.project();
        if let Some(place) = place.checked_sub(1) {
            return this.rest.try_at(place);
        }
        let Some(guard) = this.lock.try_lock(Internal(())) else {
            return false;
        };
        this.stage.set(Stage::Held { guard });
        true
    }

    fn take(self: Pin<&mut Self>) -> Option<Self::Guards> {
        let this = self.project();
        match this.stage.project_replace(Stage::Free) {
            StageOwned::Held { guard } => Some((guard, this.rest.take()?)),
            StageOwned::Free | StageOwned::Waits { .. } => None,
        }
    }

    fn clear(self: Pin<&mut Self>) {
        let mut this = self.project();
        this.stage.set(Stage::Free);
        this.rest.clear();
    }
}

pin_project! {
    /// A chain of locks, taken in their order.
    pub struct InOrder<C: Chain, G> {
        #[pin]
        chain: C,
        order: [Named; MOST],
        count: usize,
        next: usize,
        flat: fn(C::Guards) -> G,
    }
}

impl<C: Chain, G> InOrder<C, G> {
    pub(super) fn new(
        chain: C,
        order: [Named; MOST],
        count: usize,
        flat: fn(C::Guards) -> G,
    ) -> Self {
        Self {
            chain,
            order,
            count,
            next: 0,
            flat,
        }
    }
}

impl<C: Chain, G> Taking for InOrder<C, G> {
    type Guards = G;

    fn poll_all(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<G> {
        let mut this = self.project();
        while *this.next < *this.count {
            let (_, place) = this.order[*this.next];
            ready!(this.chain.as_mut().poll_at(place, context));
            *this.next += 1;
        }
        let guards = this.chain.take();
        Poll::Ready((this.flat)(guards.expect(OVER)))
    }

    fn try_all(self: Pin<&mut Self>) -> Option<G> {
        let mut this = self.project();
        let mut order = this.order[..*this.count].iter();
        if order.all(|&(_, place)| this.chain.as_mut().try_at(place)) {
            return this.chain.take().map(*this.flat);
        }
        this.chain.clear();
        None
    }

    fn clear(self: Pin<&mut Self>) {
        self.project().chain.clear();
    }
}

const OVER: &str = "`LockAll` polled after completion";

pin_project! {
    /// Locks of one type, taken in their order.
    pub struct Each<L: Lockable> {
        locks: Vec<L>,
        order: Vec<Named>,
        guards: Vec<Option<L::Guard>>,
        next: usize,
        over: bool,
        #[pin]
        wait: Option<L::Wait>,
    }
}

impl<L: Lockable> Each<L> {
    pub(super) fn new(locks: Vec<L>, order: Vec<Named>) -> Self {
        Self {
            guards: locks.iter().map(|_| None).collect(),
            locks,
            order,
            next: 0,
            over: false,
            wait: None,
        }
    }
}

impl<L: Lockable> Taking for Each<L> {
    type Guards = Vec<L::Guard>;

    fn poll_all(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Guards> {
        let mut this = self.project();
        assert!(!*this.over, "{OVER}");
        while let Some(&(_, place)) = this.order.get(*this.next) {
            if this.wait.is_none() {
                this.wait.set(Some(this.locks[place].wait(Internal(()))));
            }
            if let Some(wait) = this.wait.as_mut().as_pin_mut() {
                this.guards[place] = Some(ready!(wait.poll(context)));
            }
            this.wait.set(None);
            *this.next += 1;
        }
        *this.over = true;
        Poll::Ready(this.guards.drain(..).flatten().collect())
    }

    fn try_all(self: Pin<&mut Self>) -> Option<Self::Guards> {
        let this = self.project();
        *this.over = true;
        for &mut (_, place) in this.order {
            let Some(guard) = this.locks[place].try_lock(Internal(())) else {
                this.guards.clear();
                return None;
            };
            this.guards[place] = Some(guard);
        }
        Some(this.guards.drain(..).flatten().collect())
    }

    fn clear(self: Pin<&mut Self>) {
        let mut this = self.project();
        *this.over = true;
        this.wait.set(None);
        this.guards.clear();
    }
}

pin_project! {
    /// Locks several locks. Created by [`lock_all`](super::task::lock_all).
    #[must_use = "futures do nothing unless polled"]
    pub struct LockAll<S: LockSet> {
        #[pin]
        taking: S::Taking,
    }
}

impl<S: LockSet> LockAll<S> {
    pub(super) const fn new(taking: S::Taking) -> Self {
        Self { taking }
    }
}

impl<S: LockSet> Future for LockAll<S> {
    type Output = S::Guards;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<S::Guards> {
        self.project().taking.poll_all(context)
    }
}

impl<S: LockSet> fmt::Debug for LockAll<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockAll").finish_non_exhaustive()
    }
}

pin_project! {
    /// Locks several locks until a deadline. Created by [`lock_all_timeout`](super::task::lock_all_timeout) and
    /// [`lock_all_deadline`](super::task::lock_all_deadline).
    #[must_use = "futures do nothing unless polled"]
    pub struct LockAllTimed<S: LockSet> {
        #[pin]
        taking: S::Taking,
        #[pin]
        limit: Limit,
    }
}

impl<S: LockSet> LockAllTimed<S> {
    pub(super) fn new(taking: S::Taking, timeout: Timeout) -> Self {
        Self {
            taking,
            limit: Limit::new(timeout),
        }
    }
}

impl<S: LockSet> Future for LockAllTimed<S> {
    type Output = Result<S::Guards, TimedOut>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if this.limit.is_zero() {
            return Poll::Ready(this.taking.try_all().ok_or(TimedOut::new()));
        }
        let ended = match this.taking.as_mut().poll_all(context) {
            Poll::Ready(guards) => Ok(guards),
            Poll::Pending => {
                if !this.limit.as_mut().has_passed(context.waker()) {
                    return Poll::Pending;
                }
                this.taking.clear();
                Err(TimedOut::new())
            }
        };
        this.limit.lift();
        Poll::Ready(ended)
    }
}

impl<S: LockSet> fmt::Debug for LockAllTimed<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockAllTimed")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
