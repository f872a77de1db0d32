//! Several futures at once: all of their results, or the first error.

use core::fmt;
use core::future::Future;
use core::ops::ControlFlow;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::children::Children;
use super::results::Results;

/// Runs futures concurrently until all have returned `Ok`, or one of them an error.
///
/// The results are in the order of the futures. The first error ends everything: the other
/// futures and the results so far are dropped before it is returned. If several fail in
/// one poll, the one that was woken first counts. Otherwise it is like
/// [`gather`](crate::task::gather()). To get all errors, gather the `Result`s.
///
/// # Cancel safety
///
/// Dropping it drops all futures that have not ended, and the results of the others.
///
/// # Errors
///
/// Returns the first error of a future.
///
/// # Panics
///
/// See [`gather`](crate::task::gather()).
///
/// # Examples
///
/// ```
/// use syncline::task;
///
/// let parse = async |text: &str| text.parse::<u8>();
/// let numbers = task::try_gather(["1", "2"].map(parse));
/// assert_eq!(task::block_on(numbers), Ok(vec![1, 2]));
/// let numbers = task::try_gather(["1", "x", "3"].map(parse));
/// assert!(task::block_on(numbers).is_err());
/// ```
#[doc(alias("try_join", "try_join_all"))]
#[track_caller]
pub fn try_gather<I, T, E>(futures: I) -> TryGather<I::Item, T, E>
where
    I: IntoIterator<Item: Future<Output = Result<T, E>>>,
{
    TryGather {
        children: Children::new(futures),
        results: Some(Results::new()),
        _error: core::marker::PhantomData,
    }
}

/// The future of [`try_gather()`].
#[must_use = "futures do nothing unless polled"]
pub struct TryGather<F, T, E> {
    children: Children<F>,
    /// `None` once it has ended.
    results: Option<Results<T>>,
    _error: core::marker::PhantomData<fn() -> E>,
}

// The futures lie on the heap, and the results are never pinned.
impl<F, T, E> Unpin for TryGather<F, T, E> {}

impl<F, T, E> Future for TryGather<F, T, E>
where
    F: Future<Output = Result<T, E>>,
{
    type Output = Result<Vec<T>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self {
            children, results, ..
        } = self.get_mut();
        // Put back only if it still waits: a panic ends it.
        let mut put = (results.take()).expect("`TryGather` polled after completion");
        let count = children.len();
        let flow = children.run(context, |place, output| match output {
            Ok(output) => {
                put.put(place, output, count);
                ControlFlow::Continue(())
            }
            Err(error) => ControlFlow::Break(error),
        });
        if let ControlFlow::Break(error) = flow {
            children.clear();
            return Poll::Ready(Err(error));
        }
        if children.rest(context).is_pending() {
            *results = Some(put);
            return Poll::Pending;
        }
        Poll::Ready(Ok(put.all()))
    }
}

impl<F, T, E> fmt::Debug for TryGather<F, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryGather")
            .field("running", &self.children.running())
            .finish_non_exhaustive()
    }
}
