//! Futures of different types, put together without a box: a chain of them, polled in order.

use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::children::share;
use super::gather::IntoGather;
use super::progress::Progress;
use super::race::IntoRace;
use crate::identity::budget;

/// Any number of futures of one type.
#[derive(Debug)]
pub struct Many(());

/// A few futures of different types.
#[derive(Debug)]
pub struct Tuple(());

pin_project! {
    /// A future, then what it has returned.
    #[project = StageProjection]
    #[project_replace = StageOwned]
    enum Stage<F: Future> {
        Running {
            #[pin]
            future: F,
        },
        Ended {
            output: F::Output,
        },
        Gone,
    }
}

impl<F: Future> Stage<F> {
    /// Polls the future if it runs; `Ready` with what it returns, and then it is gone.
    fn poll(
        mut self: Pin<&mut Self>,
        running: usize,
        context: &mut Context<'_>,
    ) -> Poll<F::Output> {
        let StageProjection::Running { future } = self.as_mut().project() else {
            return Poll::Pending;
        };
        let poll = budget::slice(share(running), || future.poll(context));
        if poll.is_ready() {
            self.set(Self::Gone);
        }
        poll
    }
}

pin_project! {
    /// One of several futures, and the rest of them.
    pub struct Link<F: Future, R> {
        #[pin]
        stage: Stage<F>,
        #[pin]
        rest: R,
    }
}

/// The end of a chain.
#[derive(Debug)]
pub struct End(());

impl<F: Future, R> Link<F, R> {
    const fn new(future: F, rest: R) -> Self {
        Self {
            stage: Stage::Running { future },
            rest,
        }
    }
}

/// A chain of futures all of which are wanted.
pub trait Chain {
    /// What they return, in nested pairs.
    type Outputs;

    /// How many there are.
    const COUNT: usize;

    /// Polls those that have not ended; says whether all have.
    fn poll_all(self: Pin<&mut Self>, context: &mut Context<'_>) -> bool;

    /// What they have returned, once.
    fn take(self: Pin<&mut Self>) -> Option<Self::Outputs>;
}

impl Chain for End {
    type Outputs = ();

    const COUNT: usize = 0;

    fn poll_all(self: Pin<&mut Self>, _context: &mut Context<'_>) -> bool {
        true
    }

    fn take(self: Pin<&mut Self>) -> Option<()> {
        Some(())
    }
}

impl<F: Future, R: Chain> Chain for Link<F, R> {
    type Outputs = (F::Output, R::Outputs);

    const COUNT: usize = 1 + R::COUNT;

    fn poll_all(self: Pin<&mut Self>, context: &mut Context<'_>) -> bool {
        let mut this = self.project();
        if let Poll::Ready(output) = this.stage.as_mut().poll(Self::COUNT, context) {
            this.stage.set(Stage::Ended { output });
        }
        let rest = this.rest.poll_all(context);
        rest && matches!(*this.stage, Stage::Ended { .. })
    }

    fn take(self: Pin<&mut Self>) -> Option<Self::Outputs> {
        let this = self.project();
        match this.stage.project_replace(Stage::Gone) {
            StageOwned::Ended { output } => Some((output, this.rest.take()?)),
            StageOwned::Running { .. } | StageOwned::Gone => None,
        }
    }
}

/// A chain of futures of which the first is wanted.
pub trait Racers<T> {
    /// How many there are.
    const COUNT: usize;

    /// Polls them until one has ended.
    fn poll_first(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T>;

    /// Drops all of them, in order.
    fn clear(self: Pin<&mut Self>);
}

impl<T> Racers<T> for End {
    const COUNT: usize = 0;

    fn poll_first(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<T> {
        Poll::Pending
    }

    fn clear(self: Pin<&mut Self>) {}
}

impl<T, F: Future<Output = T>, R: Racers<T>> Racers<T> for Link<F, R> {
    const COUNT: usize = 1 + R::COUNT;

    fn poll_first(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let this = self.project();
        let poll = this.stage.poll(Self::COUNT, context);
        if poll.is_ready() {
            return poll;
        }
        this.rest.poll_first(context)
    }

    fn clear(self: Pin<&mut Self>) {
        let mut this = self.project();
        this.stage.set(Stage::Gone);
        this.rest.clear();
    }
}

pin_project! {
    /// Runs a few futures until all have ended. Created by [`gather()`](super::gather()) of a tuple.
    #[must_use = "futures do nothing unless polled"]
    pub struct GatherTuple<C: Chain, T> {
        #[pin]
        chain: C,
        flat: fn(C::Outputs) -> T,
        progress: Progress,
    }
}

impl<C: Chain, T> Future for GatherTuple<C, T> {
    type Output = T;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let mut this = self.project();
        let progress = this.progress;
        let Some(_entered) = progress.enter("GatherTuple", context) else {
            return Poll::Pending;
        };
        if !this.chain.as_mut().poll_all(context) {
            return Poll::Pending;
        }
        *progress = Progress::Over;
        let outputs = this.chain.take();
        Poll::Ready((this.flat)(outputs.expect("all of them have ended")))
    }
}

impl<C: Chain, T> fmt::Debug for GatherTuple<C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatherTuple").finish_non_exhaustive()
    }
}

pin_project! {
    /// Runs a few futures until the first has ended. Created by [`race()`](super::race()) of a tuple.
    #[must_use = "futures do nothing unless polled"]
    pub struct RaceTuple<C, T> {
        #[pin]
        chain: C,
        progress: Progress,
        _output: PhantomData<fn() -> T>,
    }
}

impl<T, C: Racers<T>> Future for RaceTuple<C, T> {
    type Output = T;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let mut this = self.project();
        let progress = this.progress;
        let Some(_entered) = progress.enter("RaceTuple", context) else {
            return Poll::Pending;
        };
        let first = this.chain.as_mut().poll_first(context);
        if first.is_ready() {
            *progress = Progress::Over;
            this.chain.clear();
        }
        first
    }
}

impl<C, T> fmt::Debug for RaceTuple<C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RaceTuple").finish_non_exhaustive()
    }
}

/// Tuples of so many futures, and chains of their types, of the futures, of names.
macro_rules! tuples {
    (type) => { End };
    (type $F:ident $($rest:ident)*) => { Link<$F, tuples!(type $($rest)*)> };
    (value) => { End(()) };
    (value $f:ident $($rest:ident)*) => { Link::new($f, tuples!(value $($rest)*)) };
    (pattern) => { () };
    (pattern $f:ident $($rest:ident)*) => { ($f, tuples!(pattern $($rest)*)) };
    ($(($($F:ident $f:ident),+))+) => { $(
        impl<$($F: Future),+> IntoGather<Tuple> for ($($F,)+) {
            type Gather = GatherTuple<tuples!(type $($F)+), ($($F::Output,)+)>;

            fn into_gather(self) -> Self::Gather {
                let ($($f,)+) = self;
                GatherTuple {
                    chain: tuples!(value $($f)+),
                    flat: |tuples!(pattern $($f)+)| ($($f,)+),
                    progress: Progress::New,
                }
            }
        }

        impl<T, $($F: Future<Output = T>),+> IntoRace<Tuple> for ($($F,)+) {
            type Race = RaceTuple<tuples!(type $($F)+), T>;

            fn into_race(self) -> Self::Race {
                let ($($f,)+) = self;
                RaceTuple {
                    chain: tuples!(value $($f)+),
                    progress: Progress::New,
                    _output: PhantomData,
                }
            }
        }
    )+ };
}

tuples! {
    (A a, B b)
    (A a, B b, C c)
    (A a, B b, C c, D d)
    (A a, B b, C c, D d, E e)
    (A a, B b, C c, D d, E e, F f)
    (A a, B b, C c, D d, E e, F f, G g)
    (A a, B b, C c, D d, E e, F f, G g, H h)
}
