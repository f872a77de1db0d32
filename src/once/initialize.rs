//! How a task makes a value, or waits for somebody else to make it.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::turn::{Holder, Turn};
use crate::identity::budget;
use crate::line::{Asker, Wait};

pin_project! {
    /// Waits for the turn, and makes the value then. What makes it is dropped before the turn is given back.
    pub(crate) struct Initialize<P: Holder, F, Fut> {
        #[pin]
        wait: Wait<P>,
        make: Option<F>,
        #[pin]
        work: Option<Fut>,
        turn: Option<Turn<P>>,
    }

    impl<P: Holder, F, Fut> PinnedDrop for Initialize<P, F, Fut> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(turn) = this.turn {
                turn.run(|| this.work.set(None));
            }
        }
    }
}

impl<P, F, Fut> Initialize<P, F, Fut>
where
    P: Holder,
    F: FnOnce() -> Fut,
    Fut: Future,
{
    pub(crate) fn new(place: P, make: F) -> Self {
        Self {
            wait: Wait::new(place, Asker::Task, 1),
            make: Some(make),
            work: None,
            turn: None,
        }
    }

    /// Goes on; ready with the place once the value is set, by whomever, or with the error of what makes it.
    ///
    /// If something panics here the turn goes to the next one at once.
    pub(crate) fn poll_with<E>(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        result: impl FnOnce(Fut::Output) -> Result<P::Value, E>,
    ) -> Poll<Result<P, E>> {
        let mut this = self.project();
        let turn = if let Some(turn) = this.turn.take() {
            turn
        } else {
            if let Some(place) = this.wait.place() {
                place.once().may_wait();
            }
            let place = ready!(budget::poll(this.wait.as_mut(), context));
            // SAFETY: it has just been granted.
            let turn = match unsafe { Turn::granted(place) } {
                Ok(turn) => turn,
                Err(place) => return Poll::Ready(Ok(place)),
            };
            let make = this.make.take().expect("it is made once");
            this.work.set(Some(turn.run(make)));
            turn
        };
        let work = this.work.as_mut().as_pin_mut();
        let work = work.expect("it is being made");
        let Poll::Ready(output) = turn.run(|| work.poll(context)) else {
            *this.turn = Some(turn);
            return Poll::Pending;
        };
        match result(output) {
            Ok(value) => {
                let place = turn.set(value);
                this.work.set(None);
                Poll::Ready(Ok(place))
            }
            Err(error) => {
                turn.run(|| this.work.set(None));
                Poll::Ready(Err(error))
            }
        }
    }
}

impl<P: Holder, F, Fut> fmt::Debug for Initialize<P, F, Fut> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Initialize")
            .field("wait", &self.wait)
            .field("initializes", &self.turn.is_some())
            .finish_non_exhaustive()
    }
}
