//! The futures of the queues, by name.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::Stream;
use pin_project_lite::pin_project;

use super::core::Core;
use super::many::{GetMany, PutMany};
use super::operation::{GetOperation, JoinOperation, PutOperation, ReserveOperation};
use super::operation_wait::OperationWait;
use super::slot::Slot;
use super::store::Store;
use super::timed_operation::TimedOperation;
use crate::error::{GetError, PutError, TimedOut};
use crate::identity::budget::{self, Operation};
use crate::line::Asker;

/// Declares a future around a wait; the closure makes the output of how the operation ended.
macro_rules! waits {
    (
        $(#[$meta:meta])*
        $Name:ident ($OperationWait:ty) -> $Output:ty, |$ended:ident| $output:expr
    ) => {
        pin_project! {
            $(#[$meta])*
            #[must_use = "futures do nothing unless polled"]
            pub struct $Name<'a, S: Store> {
                #[pin]
                wait: $OperationWait,
            }
        }

        impl<'a, S: Store> $Name<'a, S> {
            pub(super) fn new(wait: $OperationWait) -> Self {
                Self { wait }
            }
        }

        impl<'a, S: Store> Future for $Name<'a, S> {
            type Output = $Output;

            #[inline]
            #[track_caller]
            fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<$Output> {
                let mut wait = self.project().wait;
                // Not `budget::poll`: with one place that polls, the operation is inlined there.
                if budget::spend(context, || wait.as_mut().defer()) {
                    return Poll::Pending;
                }
                let $ended = ready!(budget::settle(wait.poll(context)));
                Poll::Ready($output)
            }
        }

        impl<S: Store> fmt::Debug for $Name<'_, S> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Name)).finish_non_exhaustive()
            }
        }
    };
}

waits! {
    /// Puts an item into a queue; made by `put`.
    Put (OperationWait<'a, PutOperation<'a, S>>) -> Result<(), PutError<S::Item>>, |ended| ended
}

waits! {
    /// Puts an item into a queue until a deadline; made by `put_timeout` and `put_deadline`.
    PutTimed (TimedOperation<'a, PutOperation<'a, S>>) -> Result<(), PutError<S::Item>>, |ended| ended
}

waits! {
    /// Puts several items into a queue; made by `put_many`.
    PutAll (OperationWait<'a, PutMany<'a, S>>) -> Result<(), PutError<Vec<S::Item>>>, |ended| ended
}

waits! {
    /// Puts several items into a queue until a deadline; made by `put_many_timeout` and
    /// `put_many_deadline`.
    PutAllTimed (TimedOperation<'a, PutMany<'a, S>>) -> Result<(), PutError<Vec<S::Item>>>, |ended| ended
}

waits! {
    /// Waits for a place in a queue; made by `reserve`.
    Reserve (OperationWait<'a, ReserveOperation<'a, S>>) -> Result<Slot<'a, S>, PutError<()>>, |ended| ended
}

waits! {
    /// Waits for a place in a queue until a deadline; made by `reserve_timeout` and
    /// `reserve_deadline`.
    ReserveTimed (TimedOperation<'a, ReserveOperation<'a, S>>) -> Result<Slot<'a, S>, PutError<()>>,
    |ended| ended
}

waits! {
    /// Gets an item from a queue; made by `get`.
    Get (OperationWait<'a, GetOperation<'a, S>>) -> Result<S::Item, GetError>, |ended| ended
}

waits! {
    /// Gets an item from a queue until a deadline; made by `get_timeout` and `get_deadline`.
    GetTimed (TimedOperation<'a, GetOperation<'a, S>>) -> Result<S::Item, GetError>, |ended| ended
}

waits! {
    /// Gets several items from a queue; made by `get_many`.
    GetSome (OperationWait<'a, GetMany<'a, S>>) -> Result<Vec<S::Item>, GetError>, |ended| ended
}

waits! {
    /// Gets several items from a queue until a deadline; made by `get_many_timeout` and
    /// `get_many_deadline`.
    GetSomeTimed (TimedOperation<'a, GetMany<'a, S>>) -> Result<Vec<S::Item>, GetError>, |ended| ended
}

waits! {
    /// Waits until a queue has nothing unfinished; made by `join`.
    Join (OperationWait<'a, JoinOperation<'a, S>>) -> (), |_ended| ()
}

waits! {
    /// Waits until a queue has nothing unfinished, or a deadline; made by `join_timeout` and
    /// `join_deadline`.
    JoinTimed (TimedOperation<'a, JoinOperation<'a, S>>) -> Result<(), TimedOut>, |ended| ended
}

pin_project! {
    /// The items of a queue until it has been shut down and drained; made by `stream`.
    ///
    /// Dropping it loses no item. To take items one by one, pin it.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures_lite::StreamExt;
    /// use syncline::{Shutdown, task::Queue};
    ///
    /// let queue = Queue::unbounded();
    /// queue.as_thread().put_many([1, 2, 3])?;
    /// queue.shutdown(Shutdown::Graceful);
    /// syncline::task::block_on(async {
    ///     let mut items = core::pin::pin!(queue.stream());
    ///     let mut sum = 0;
    ///     while let Some(item) = items.next().await {
    ///         sum += item;
    ///     }
    ///     assert_eq!(sum, 6);
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "streams do nothing unless polled"]
    pub struct Items<'a, S: Store> {
        core: &'a Core<S>,
        #[pin]
        wait: Option<OperationWait<'a, GetOperation<'a, S>>>,
    }
}

impl<'a, S: Store> Items<'a, S> {
    pub(super) const fn new(core: &'a Core<S>) -> Self {
        Self { core, wait: None }
    }
}

impl<S: Store> Stream for Items<'_, S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        // A wait that ended with a panic has left its line: the next one begins anew.
        if (this.wait.as_ref().as_pin_ref()).is_none_or(|wait| wait.is_over()) {
            let wait = OperationWait::new(GetOperation::new(this.core), Asker::Task);
            this.wait.set(Some(wait));
        }
        let Some(wait) = this.wait.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        let got = ready!(budget::poll(wait, context));
        this.wait.set(None);
        Poll::Ready(got.ok())
    }
}

impl<S: Store> fmt::Debug for Items<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").finish_non_exhaustive()
    }
}
