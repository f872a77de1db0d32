//! Several futures at once: the first result.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::children::{nth, share};
use super::progress::Progress;
use super::tuple::Many;
use crate::identity::budget;

/// Runs futures concurrently until the first one completes, and returns its result.
///
/// Pass any number of futures of one type (an array, a `Vec`, an iterator), or a tuple of two to eight
/// futures of different types with one output type. They run inside the task that awaits this. Whenever one is
/// woken, all of them are polled, in order. If several are ready in one poll, the first in order wins. The
/// losers are dropped before the race returns.
///
/// Do not use it for a time limit ([`timeout`](super::timeout())), to stop on request
/// ([`CancelToken::run_until_cancelled`](crate::service::CancelToken::run_until_cancelled)), where all results
/// are needed ([`gather`](super::gather())), or among hundreds of futures: [`as_completed`](super::as_completed)
/// polls only those that were woken.
///
/// # Cancel safety
///
/// Dropping the race drops all futures. A loser is dropped at its current await, so it must be cancel
/// safe itself. The waits of this crate are.
///
/// # Panics
///
/// Panics if there is no future. A poll panics if the race has completed already, or if one of the futures panics.
///
/// # Examples
///
/// ## Whichever server answers first
///
/// ```
/// use syncline::task::{Event, block_on, race};
///
/// let mirrors = [Event::new(), Event::new()];
/// mirrors[1].set();
/// let ask = async |mirror: usize| { mirrors[mirror].wait().await; mirror };
/// assert_eq!(block_on(race([0, 1].map(ask))), 1);
/// ```
///
/// ## Futures of different types
///
/// ```
/// use core::future::{pending, ready};
/// use syncline::task::{block_on, race};
///
/// let fast = async { "fast" };
/// assert_eq!(block_on(race((pending(), fast, ready("too late")))), "fast");
/// ```
#[doc(alias("select", "select_all"))]
#[track_caller]
pub fn race<Kind, F: IntoRace<Kind>>(futures: F) -> F::Race {
    futures.into_race()
}

/// Futures that [`race()`] accepts: an iterator of them, or a tuple of two to eight.
///
/// The parameter tells the two apart; it is always inferred. See [`race()`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be raced",
    note = "`race` takes an iterator of futures, or a tuple of two to eight futures with one output"
)]
pub trait IntoRace<Kind> {
    /// The future of the race.
    type Race: Future;

    /// Puts the futures together. [`race()`] calls it.
    #[doc(hidden)]
    fn into_race(self) -> Self::Race;
}

impl<I: IntoIterator<Item: Future>> IntoRace<Many> for I {
    type Race = Race<I::Item>;

    #[track_caller]
    fn into_race(self) -> Race<I::Item> {
        let futures: Box<[_]> = self.into_iter().collect();
        assert!(!futures.is_empty(), "a race needs at least one future");
        Race {
            futures: Box::into_pin(futures),
            progress: Progress::New,
        }
    }
}

/// The future of [`race()`].
#[must_use = "futures do nothing unless polled"]
pub struct Race<F> {
    /// None once it has ended.
    futures: Pin<Box<[F]>>,
    progress: Progress,
}

// The futures lie on the heap.
impl<F> Unpin for Race<F> {}

impl<F: Future> Future for Race<F> {
    type Output = F::Output;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let Self { futures, progress } = self.get_mut();
        let Some(_entered) = progress.enter("Race", context) else {
            return Poll::Pending;
        };
        let count = futures.len();
        for place in 0..count {
            let future = nth(futures.as_mut(), place);
            let poll = budget::slice(share(count - place), || future.poll(context));
            if poll.is_ready() {
                *progress = Progress::Over;
                *futures = Box::into_pin(Box::default());
                return poll;
            }
        }
        Poll::Pending
    }
}

impl<F> fmt::Debug for Race<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Race")
            .field("running", &self.futures.len())
            .finish_non_exhaustive()
    }
}
