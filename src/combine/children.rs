//! Futures that are polled together by one parent, each of them only when it was woken.

use core::future::Future;
use core::ops::ControlFlow;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::OnceLock;

use super::woken::{Later, MOST, Unmade};

/// The children of one future. They lie on the heap, so it can be moved.
pub(crate) struct Children<F> {
    /// `None` for a child that has ended.
    futures: Pin<Box<[Option<F>]>>,
    running: usize,
    begun: bool,
    woken: Later,
}

impl<F: Future> Children<F> {
    /// Children that have not been polled.
    ///
    /// # Panics
    ///
    /// If there are too many of them.
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
            begun: false,
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
    /// Polls those who were woken, each of them once, and all of them the first time. What they
    /// end with goes to `ended`, with the place of the child; the rest is polled no more if it
    /// breaks. A child that panics ends all of them.
    pub(crate) fn run<B>(
        &mut self,
        mut ended: impl FnMut(usize, F::Output) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
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
        // Without a block nobody has a waker, and nobody will ever be woken.
        if let Some(woken) = self.woken.get()
            && !woken.sleep(context.waker())
        {
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
            woken,
            begun,
        } = self;
        let mut futures = futures.as_mut();
        let count = futures.len();
        let mut poll = |index, context: &mut Context<'_>| {
            let mut place = nth(futures.as_mut(), index);
            if let Some(future) = place.as_mut().as_pin_mut()
                && let Poll::Ready(output) = future.poll(context)
            {
                place.set(None);
                *running -= 1;
                return ended(index, output);
            }
            ControlFlow::Continue(())
        };
        if !*begun {
            *begun = true;
            for index in 0..count {
                let unmade = Unmade {
                    block: woken,
                    count,
                    index,
                };
                poll(index, &mut Context::from_waker(&unmade.waker()))?;
            }
        } else if let Some(woken) = woken.get() {
            for index in woken.take() {
                poll(index, &mut Context::from_waker(&woken.waker(index)))?;
            }
        }
        ControlFlow::Continue(())
    }
}

/// One of several pinned futures.
fn nth<T>(all: Pin<&mut [T]>, index: usize) -> Pin<&mut T> {
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
