//! A future that borrows from whoever waits for it.

use core::future::Future;
use core::mem::transmute;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::threads::ThreadPool;
use super::worker;
use crate::error::JobError;
use crate::identity::may_block;

type Boxed<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

impl ThreadPool {
    /// Polls a future on a thread of the pool, and returns when it has ended, and is gone.
    ///
    /// # Panics
    ///
    /// On a thread of the pool, which would wait for itself.
    #[track_caller]
    pub(crate) fn run<F>(&self, future: F) -> Result<F::Output, JobError>
    where
        F: Future<Output: Send> + Send,
    {
        assert!(
            !(self.shared.is_here() && worker::is_of(self.shared.id())),
            "a future that a runner polls must not run another one there and wait for it: await it"
        );
        // From here on nothing panics before the future is gone.
        may_block();
        let mut output = None;
        let slot = &mut output;
        let future: Boxed<'_> = Box::pin(Into { future, slot });
        // SAFETY: only the lifetime changes. A future that is spawned is dropped before its job is
        // done, however that ends, and `outlast` does not return, nor unwind, before.
        let future = unsafe { transmute::<Boxed<'_>, Boxed<'static>>(future) };
        let mut job = self.spawner().spawn(future);
        job.outlast();
        job.take()?;
        Ok(output.expect("a future that has ended has brought its output"))
    }
}

pin_project! {
    /// Puts what a future brings into a place, at once: a destructor of the future that panics does not
    /// take it away.
    struct Into<'a, F: Future> {
        #[pin]
        future: F,
        slot: &'a mut Option<F::Output>,
    }
}

impl<F: Future> Future for Into<'_, F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        **this.slot = Some(ready!(this.future.poll(context)));
        Poll::Ready(())
    }
}
