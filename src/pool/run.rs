//! A future that borrows from whoever waits for it.

use core::future::Future;
use core::mem::transmute;
use core::pin::Pin;

use super::threads::ThreadPool;
use super::worker;
use crate::error::JobError;
use crate::identity::{blocking_firmly, may_block};
use crate::job::Job;

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
        let future: Boxed<'_> = Box::pin(async move { *slot = Some(future.await) });
        // SAFETY: only the lifetime changes. A future that is spawned is dropped before its job is
        // done, however that ends, and `outlast` does not return, nor unwind, before.
        let future = unsafe { transmute::<Boxed<'_>, Boxed<'static>>(future) };
        let mut job = self.spawner().spawn(future);
        outlast(&job);
        job.take()?;
        Ok(output.expect("a future that has ended has brought its output"))
    }
}

/// Waits until a job is done, whatever wakers do on the way.
fn outlast<T>(job: &Job<T>) {
    if !job.is_done() {
        blocking_firmly(|| job.line().block_firmly(0));
    }
}
