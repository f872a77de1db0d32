//! Several futures at once: all of their results.

use core::convert::Infallible;
use core::fmt;
use core::future::Future;
use core::ops::ControlFlow;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::children::Children;
use super::results::Results;
use super::tuple::Many;

/// Runs futures concurrently, and returns all their results, in order.
///
/// The futures run inside the task that awaits this. They may borrow, need not be `Send`, and are not
/// parallel; to use several processors, spawn them. Each has its own waker and is polled
/// again only when it was woken, at most once in each poll of the whole. So a wake costs the same
/// among ten futures and among a million, and a future that is always ready prevents
/// neither its siblings nor other tasks from running.
///
/// Pass any number of futures of one type (an array, a `Vec`, an iterator) to get a `Vec`, or a tuple of two
/// to eight futures of different types to get a tuple. A tuple allocates nothing and gives its futures no wakers of their own:
/// all that have not completed are polled whenever one is woken.
///
/// Do not use it if the first failure should end the rest ([`try_gather`](crate::task::try_gather()))
/// or if you can use results as they come ([`as_completed`](crate::task::as_completed())).
///
/// # Cancel safety
///
/// Dropping it drops all futures that have not completed, and the results of the others.
///
/// # Panics
///
/// Panics if there are 2³² − 2 futures or more. A poll panics if one of the futures panics, after the rest
/// has been dropped, or if the whole has completed already.
///
/// # Deadlocks
///
/// The futures are one task, so an [`RLock`](crate::task::RLock) sees one owner. A future that holds a
/// [`Lock`](crate::task::Lock) while it waits for a sibling that needs this lock deadlocks.
///
/// # Examples
///
/// ## The same for every item, a few at a time
///
/// ```
/// use syncline::task::{self, Semaphore};
///
/// let slots = Semaphore::new(2); // no more than two at a time
/// let square = async |n: u32| {
///     let _slot = slots.acquire().await;
///     n * n
/// };
/// let squares = task::block_on(task::gather((1..=4).map(square)));
/// assert_eq!(squares, [1, 4, 9, 16]);
/// ```
///
/// ## Things of different types
///
/// ```
/// use syncline::task::{block_on, gather};
///
/// let name = async { "Ada" };
/// let year = async { 1815 };
/// assert_eq!(block_on(gather((name, year))), ("Ada", 1815));
/// ```
#[doc(alias("join", "join_all"))]
#[track_caller]
pub fn gather<Kind, F: IntoGather<Kind>>(futures: F) -> F::Gather {
    futures.into_gather()
}

/// Futures that [`gather()`] accepts: an iterator of them, or a tuple of two to eight.
///
/// The parameter tells the two apart; it is always inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be gathered",
    note = "`gather` takes an iterator of futures, or a tuple of two to eight futures"
)]
pub trait IntoGather<Kind> {
    /// The future of all results.
    type Gather: Future;

    /// Puts the futures together. [`gather()`] calls it.
    fn into_gather(self) -> Self::Gather;
}

impl<I: IntoIterator<Item: Future>> IntoGather<Many> for I {
    type Gather = Gather<I::Item>;

    #[track_caller]
    fn into_gather(self) -> Gather<I::Item> {
        Gather {
            children: Children::new(self),
            results: Some(Results::new()),
        }
    }
}

/// The future of [`gather()`].
#[must_use = "futures do nothing unless polled"]
pub struct Gather<F: Future> {
    children: Children<F>,
    /// `None` once it has ended.
    results: Option<Results<F::Output>>,
}

// The futures lie on the heap, and the results are never pinned.
impl<F: Future> Unpin for Gather<F> {}

impl<F: Future> Future for Gather<F> {
    type Output = Vec<F::Output>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { children, results } = self.get_mut();
        // Put back only if it still waits: a panic ends it.
        let mut put = (results.take()).expect("`Gather` polled after completion");
        let count = children.len();
        let ControlFlow::Continue(()) = children.run(context, |place, output| {
            put.put(place, output, count);
            ControlFlow::<Infallible>::Continue(())
        });
        if children.rest(context).is_pending() {
            *results = Some(put);
            return Poll::Pending;
        }
        Poll::Ready(put.all())
    }
}

impl<F: Future> fmt::Debug for Gather<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gather")
            .field("running", &self.children.running())
            .finish_non_exhaustive()
    }
}
