//! What the feature `tokio` adds: its runtime as a place for futures, and the sockets and timers of a `Runner`.

use core::fmt;
use core::future::Future;
use std::io;
use std::sync::Arc;

use ::tokio::runtime::{Builder, Handle};

use crate::event::task::Event;
use crate::job::{Spawned, Spawner};
use crate::pool::Surroundings;
use crate::sys::Thread;

impl Spawner for Handle {
    fn start<F>(&self, task: Spawned<F>)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        // Dropped: whoever wants to know of the end has a job.
        drop(self.spawn(task));
    }
}

/// A runtime of tokio's, and the thread that drives its I/O and its timers.
pub(crate) struct Reactor {
    handle: Handle,
    over: Arc<Event>,
    thread: Option<Thread>,
}

impl Reactor {
    pub(crate) fn start(name: &str) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let over = Arc::new(Event::new());
        let until = Arc::clone(&over);
        let thread = Thread::start(Some(format!("{name}-io")), None, move || {
            runtime.block_on(until.wait());
            // What was spawned on the runtime itself is dropped, and what blocks there is not waited for.
            runtime.shutdown_background();
        })?;
        Ok(Self {
            handle,
            over,
            thread: Some(thread),
        })
    }

    /// Inside of these the runtime is the current one.
    #[expect(clippy::unnecessary_wraps, reason = "the other one has none")]
    pub(crate) fn surroundings(&self) -> Option<Surroundings> {
        let handle = self.handle.clone();
        Some(Arc::new(move |body| {
            let _entered = handle.enter();
            body();
        }))
    }
}

impl Drop for Reactor {
    fn drop(&mut self) {
        self.over.set();
        let thread = self.thread.take();
        if let Some(thread) = thread.filter(|thread| !thread.is_current()) {
            thread.join();
        }
    }
}

impl fmt::Debug for Reactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reactor").finish_non_exhaustive()
    }
}
