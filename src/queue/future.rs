//! The futures of the queues, by name.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::Stream;
use pin_project_lite::pin_project;

use super::core::Core;
use super::errand::{GetErrand, JoinErrand, PutErrand, ReserveErrand};
use super::many::{GetMany, PutMany};
use super::slot::Slot;
use super::store::Store;
use super::timed_turn::TimedTurn;
use super::turn::Turn;
use crate::error::{GetError, PutError, TimedOut};
use crate::line::Asker;

/// Declares a future around a turn; the closure makes the output of how the errand ended.
macro_rules! turns {
    (
        $(#[$meta:meta])*
        $Name:ident ($Turn:ty) -> $Output:ty, |$ended:ident| $output:expr
    ) => {
        pin_project! {
            $(#[$meta])*
            #[must_use = "futures do nothing unless polled"]
            pub struct $Name<'a, S: Store> {
                #[pin]
                turn: $Turn,
            }
        }

        impl<'a, S: Store> $Name<'a, S> {
            pub(super) fn new(turn: $Turn) -> Self {
                Self { turn }
            }
        }

        impl<'a, S: Store> Future for $Name<'a, S> {
            type Output = $Output;

            #[inline]
            #[track_caller]
            fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<$Output> {
                let $ended = ready!(self.project().turn.poll(context));
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

turns! {
    /// Puts an item into a queue; made by `put`.
    Put (Turn<'a, PutErrand<'a, S>>) -> Result<(), PutError<S::Item>>, |ended| ended
}

turns! {
    /// Puts an item into a queue until a deadline; made by `put_timeout` and `put_deadline`.
    PutTimed (TimedTurn<'a, PutErrand<'a, S>>) -> Result<(), PutError<S::Item>>, |ended| ended
}

turns! {
    /// Puts several items into a queue; made by `put_many`.
    PutAll (Turn<'a, PutMany<'a, S>>) -> Result<(), PutError<Vec<S::Item>>>, |ended| ended
}

turns! {
    /// Puts several items into a queue until a deadline; made by `put_many_timeout` and
    /// `put_many_deadline`.
    PutAllTimed (TimedTurn<'a, PutMany<'a, S>>) -> Result<(), PutError<Vec<S::Item>>>, |ended| ended
}

turns! {
    /// Waits for a place in a queue; made by `reserve`.
    Reserve (Turn<'a, ReserveErrand<'a, S>>) -> Result<Slot<'a, S>, PutError<()>>, |ended| ended
}

turns! {
    /// Waits for a place in a queue until a deadline; made by `reserve_timeout` and
    /// `reserve_deadline`.
    ReserveTimed (TimedTurn<'a, ReserveErrand<'a, S>>) -> Result<Slot<'a, S>, PutError<()>>,
    |ended| ended
}

turns! {
    /// Gets an item from a queue; made by `get`.
    Get (Turn<'a, GetErrand<'a, S>>) -> Result<S::Item, GetError>, |ended| ended
}

turns! {
    /// Gets an item from a queue until a deadline; made by `get_timeout` and `get_deadline`.
    GetTimed (TimedTurn<'a, GetErrand<'a, S>>) -> Result<S::Item, GetError>, |ended| ended
}

turns! {
    /// Gets several items from a queue; made by `get_many`.
    GetSome (Turn<'a, GetMany<'a, S>>) -> Result<Vec<S::Item>, GetError>, |ended| ended
}

turns! {
    /// Gets several items from a queue until a deadline; made by `get_many_timeout` and
    /// `get_many_deadline`.
    GetSomeTimed (TimedTurn<'a, GetMany<'a, S>>) -> Result<Vec<S::Item>, GetError>, |ended| ended
}

turns! {
    /// Waits until a queue has nothing unfinished; made by `join`.
    Join (Turn<'a, JoinErrand<'a, S>>) -> (), |_ended| ()
}

turns! {
    /// Waits until a queue has nothing unfinished, or a deadline; made by `join_timeout` and
    /// `join_deadline`.
    JoinTimed (TimedTurn<'a, JoinErrand<'a, S>>) -> Result<(), TimedOut>, |ended| ended
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
        turn: Option<Turn<'a, GetErrand<'a, S>>>,
    }
}

impl<'a, S: Store> Items<'a, S> {
    pub(super) const fn new(core: &'a Core<S>) -> Self {
        Self { core, turn: None }
    }
}

impl<S: Store> Stream for Items<'_, S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        // A turn that ended with a panic has left its line: the next one begins anew.
        if (this.turn.as_ref().as_pin_ref()).is_none_or(|turn| turn.is_over()) {
            let turn = Turn::new(GetErrand::new(this.core), Asker::Task);
            this.turn.set(Some(turn));
        }
        let Some(turn) = this.turn.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        let got = ready!(turn.poll(context));
        this.turn.set(None);
        Poll::Ready(got.ok())
    }
}

impl<S: Store> fmt::Debug for Items<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").finish_non_exhaustive()
    }
}
