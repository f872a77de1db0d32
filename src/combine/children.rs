//! Futures that are polled together by one parent, each of them only when it was woken.
//!
//! A poll of the parent begins with those whose turn had not come in the poll before, takes each child
//! once, and ends early when the parent's budget is spent. Then the rest keeps its place for the next
//! poll, which the parent asks for itself.

use core::future::Future;
use core::mem;
use core::ops::ControlFlow;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::OnceLock;

use super::woken::{Later, MOST, Unmade};
use crate::identity::budget;

/// The children of one future. They lie on the heap, so it can be moved.
pub(crate) struct Children<F> {
    /// `None` for a child that has ended.
    futures: Pin<Box<[Option<F>]>>,
    running: usize,
    /// How many have been polled at least once: these are the first ones.
    begun: usize,
    /// The next of those that were woken and not polled, as [`Batch::rest`](super::woken::Batch::rest) says.
    rest: Option<u32>,
    /// Whether a poll of the parent has been deferred, as it may be once.
    deferred: bool,
    /// What the last poll of the parent has come to.
    stopped: Stopped,
    woken: Later,
}

/// How a poll of the parent has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stopped {
    /// All whose turn it was have been polled.
    AtTheEnd,
    /// The budget was spent before.
    Early,
    /// Nobody was polled, and the task has been told to come again.
    Deferred,
}

/// What a child may spend in one poll, if the others leave that much: less would cost more in polls than it
/// gives the others.
const LEAST_SLICE: i32 = 8;

impl<F: Future> Children<F> {
    /// Children that have not been polled.
    ///
    /// # Panics
    ///
    /// Panics if there are too many of them.
    #[track_caller]
    pub(crate) fn new(futures: impl IntoIterator<Item = F>) -> Self {
        let futures: Box<[_]> = futures.into_iter().map(Some).collect();
        assert!(
            futures.len() <= MOST,
            "fewer than 2^32 - 2 futures can be put together"
        );
        Self {
            running: futures.len(),
            futures: Box::into_pin(futures),
            begun: 0,
            rest: None,
            deferred: false,
            stopped: Stopped::AtTheEnd,
            woken: OnceLock::new(),
        }
    }
}

impl<F> Children<F> {
    /// How many there were in the beginning, unless they have been dropped.
    pub(crate) fn len(&self) -> usize {
        self.futures.len()
    }

    /// How many have not ended.
    pub(crate) const fn running(&self) -> usize {
        self.running
    }

    /// Drops all of them.
    pub(crate) fn clear(&mut self) {
        self.running = 0;
        self.stopped = Stopped::AtTheEnd;
        self.forget_parent();
        self.futures = Box::into_pin(Box::default());
    }

    fn forget_parent(&self) {
        if let Some(woken) = self.woken.get() {
            woken.forget_parent();
        }
    }
}

impl<F: Future> Children<F> {
    /// Polls those who were woken, each of them once, and all of them the first time, as far as the budget goes. What they
    /// end with goes to `ended`, with the place of the child; the rest is polled no more if it
    /// breaks. A child that panics ends all of them.
    pub(crate) fn run<B>(
        &mut self,
        context: &mut Context<'_>,
        mut ended: impl FnMut(usize, F::Output) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        if self.running == 0 {
            return ControlFlow::Continue(());
        }
        let defer = || self.begun == 0 && !mem::replace(&mut self.deferred, true);
        let Some(_entered) = budget::enter(context, defer) else {
            self.stopped = Stopped::Deferred;
            return ControlFlow::Continue(());
        };
        let mut entered = Entered {
            children: self,
            left: false,
        };
        let flow = entered.children.poll_due(&mut ended);
        entered.left = true;
        if entered.children.running == 0 {
            entered.children.forget_parent();
        }
        flow
    }

    /// Ready if all have ended; else the parent is woken when one of them is.
    pub(crate) fn rest(&self, context: &Context<'_>) -> Poll<()> {
        if self.running == 0 {
            return Poll::Ready(());
        }
        let comes_again = match self.stopped {
            Stopped::Deferred => return Poll::Pending,
            Stopped::Early => true,
            // Without a block nobody has a waker, and nobody will ever be woken.
            Stopped::AtTheEnd => {
                (self.woken.get()).is_some_and(|woken| !woken.sleep(context.waker()))
            }
        };
        if comes_again {
            context.waker().wake_by_ref();
        }
        Poll::Pending
    }

    fn poll_due<B>(
        &mut self,
        ended: &mut impl FnMut(usize, F::Output) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let Self {
            futures,
            running,
            begun,
            rest,
            stopped,
            woken,
            ..
        } = self;
        let mut futures = futures.as_mut();
        let count = futures.len();
        // One at least is polled, so that somebody gets on however little is left.
        let mut polled = false;
        // The same for each, though some may need less: a division for each would cost more than it is worth.
        let share = share(*running);
        let mut is_spent = || mem::replace(&mut polled, true) && budget::left() <= 0;
        let mut poll = |index, context: &mut Context<'_>| {
            let mut place = nth(futures.as_mut(), index);
            let Some(future) = place.as_mut().as_pin_mut() else {
                return ControlFlow::Continue(());
            };
            match budget::slice(share, || future.poll(context)) {
                Poll::Pending => ControlFlow::Continue(()),
                Poll::Ready(output) => {
                    place.set(None);
                    *running -= 1;
                    ended(index, output)
                }
            }
        };
        *stopped = Stopped::Early;
        let first_round = *begun < count;
        while *begun < count {
            if is_spent() {
                return ControlFlow::Continue(());
            }
            let unmade = Unmade {
                block: woken,
                count,
                index: *begun,
            };
            *begun += 1;
            poll(unmade.index, &mut Context::from_waker(&unmade.waker()))?;
        }
        if let Some(woken) = woken.get().filter(|_| !first_round) {
            let mut batch = match rest.take() {
                Some(next) => woken.resume(next),
                None => woken.take(),
            };
            while let Some(next) = batch.rest() {
                if is_spent() {
                    *rest = Some(next);
                    return ControlFlow::Continue(());
                }
                if let Some(index) = batch.next() {
                    poll(index, &mut Context::from_waker(&woken.waker(index)))?;
                }
            }
        }
        *stopped = Stopped::AtTheEnd;
        ControlFlow::Continue(())
    }
}

/// What one of so many may spend, of what is left for all of them.
pub(super) fn share(running: usize) -> i32 {
    let running = i32::try_from(running).unwrap_or(i32::MAX);
    (budget::left() / running.max(1)).max(LEAST_SLICE)
}

/// One of several pinned futures.
pub(super) fn nth<T>(all: Pin<&mut [T]>, index: usize) -> Pin<&mut T> {
    // SAFETY: an element of a pinned slice is pinned: it is not moved as long as the slice is not,
    // and what is lent out here is pinned again.
    unsafe { all.map_unchecked_mut(|all| &mut all[index]) }
}

/// Drops all children if one of them panics.
struct Entered<'a, F> {
    children: &'a mut Children<F>,
    left: bool,
}

impl<F> Drop for Entered<'_, F> {
    fn drop(&mut self) {
        if !self.left {
            self.children.clear();
        }
    }
}

impl<F> Drop for Children<F> {
    fn drop(&mut self) {
        self.forget_parent();
    }
}
