//! Several futures at once: each result as it comes.

use core::convert::Infallible;
use core::fmt;
use core::future::Future;
use core::ops::ControlFlow;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::collections::VecDeque;

use futures_core::Stream;

use super::children::Children;

/// Runs futures concurrently, and yields their results in the order in which they complete.
///
/// Each result comes with the index of its future. All futures start at the first poll, and are
/// polled while the next result is awaited. Results that become ready together are kept, and yielded in the order in which
/// their futures were woken.
///
/// It is a [`Stream`], and has a [`next`](AsCompleted::next) of its own. Use
/// [`gather`](crate::task::gather()) if you need all results anyway.
///
/// # Cancel safety
///
/// Dropping it drops all futures that have not completed, and results that were not yielded. The
/// future of `next` may be dropped at any time; no result is lost.
///
/// # Panics
///
/// Panics if there are 2³² − 2 futures or more. A poll panics if one of the futures panics: the rest
/// is dropped before the panic propagates. Results that came before are still yielded.
///
/// # Examples
///
/// ## The first answer is enough
///
/// ```
/// use syncline::task::{Event, as_completed, block_on};
///
/// let servers = [Event::new(), Event::new(), Event::new()];
/// servers[1].set();
/// let mut answers = as_completed(servers.each_ref().map(Event::wait));
/// let (server, ()) = block_on(answers.next()).expect("there are three");
/// assert_eq!(server, 1);
/// drop(answers); // the others are cancelled
/// ```
#[doc(alias = "FuturesUnordered")]
#[track_caller]
pub fn as_completed<I>(futures: I) -> AsCompleted<I::Item>
where
    I: IntoIterator<Item: Future>,
{
    AsCompleted {
        children: Children::new(futures),
        done: VecDeque::new(),
    }
}

/// A stream of results, in the order in which they complete. Created by [`as_completed`].
///
/// # Examples
///
/// ```
/// use core::future::ready;
/// use syncline::task::{as_completed, block_on};
///
/// let mut results = as_completed(["a", "b"].map(ready));
/// assert_eq!(block_on(results.next()), Some((0, "a")));
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct AsCompleted<F: Future> {
    children: Children<F>,
    /// Results that have not been yielded.
    done: VecDeque<(usize, F::Output)>,
}

// The futures lie on the heap, and the results are never pinned.
impl<F: Future> Unpin for AsCompleted<F> {}

impl<F: Future> AsCompleted<F> {
    /// Waits for the next result; `None` when there are no more.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing; call `next` again.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::future::ready;
    /// use syncline::task::{as_completed, block_on};
    ///
    /// let mut results = as_completed([ready(5), ready(7)]);
    /// block_on(async {
    ///     let mut sum = 0;
    ///     while let Some((_place, result)) = results.next().await {
    ///         sum += result;
    ///     }
    ///     assert_eq!(sum, 12);
    /// });
    /// ```
    pub const fn next(&mut self) -> NextCompleted<'_, F> {
        NextCompleted { results: self }
    }
}

impl<F: Future> Stream for AsCompleted<F> {
    type Item = (usize, F::Output);

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { children, done } = self.get_mut();
        if done.is_empty() {
            let ControlFlow::Continue(()) = children.run(context, |place, output| {
                done.push_back((place, output));
                ControlFlow::<Infallible>::Continue(())
            });
        }
        match done.pop_front() {
            Some(result) => Poll::Ready(Some(result)),
            None => children.rest(context).map(|()| None),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.done.len() + self.children.running();
        (left, Some(left))
    }
}

/// The future of [`AsCompleted::next`].
#[must_use = "futures do nothing unless polled"]
pub struct NextCompleted<'a, F: Future> {
    results: &'a mut AsCompleted<F>,
}

impl<F: Future> Future for NextCompleted<'_, F> {
    type Output = Option<(usize, F::Output)>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut *self.get_mut().results).poll_next(context)
    }
}

impl<F: Future> fmt::Debug for AsCompleted<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsCompleted")
            .field("running", &self.children.running())
            .field("done", &self.done.len())
            .finish_non_exhaustive()
    }
}

impl<F: Future> fmt::Debug for NextCompleted<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NextCompleted")
            .field("results", &self.results)
            .finish()
    }
}
