//! What the feature `tokio` adds: its runtime as a place for futures, the ids of its tasks, and the sockets and timers of a
//! `Runner`.

use core::fmt;
use core::future::Future;
use core::hash::{Hash, Hasher};
use std::io;
use std::sync::Arc;

use ::tokio::runtime::{Builder, Handle};
use ::tokio::task::try_id;

use super::{Surroundings, Thread};
use crate::task::{Event, Spawned, Spawner};

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
        let thread = Thread::start(format!("{name}-io"), None, move || {
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
        if let Some(thread) = self.thread.take()
            && !thread.is_current()
        {
            thread.join();
        }
    }
}

impl fmt::Debug for Reactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reactor").finish_non_exhaustive()
    }
}

/// The number of the task that tokio is polling on this thread.
pub(crate) fn foreign_task() -> Option<u64> {
    let mut number = Number(0);
    try_id()?.hash(&mut number);
    Some(number.0)
}

/// What an id hashes is its number, which it shows in no cheaper way.
struct Number(u64);

impl Hasher for Number {
    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0 << 8 | u64::from(*byte);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::foreign_task;
    use ::tokio::runtime::Builder;
    use ::tokio::task::try_id;

    #[test]
    fn the_number_of_a_task_is_the_one_that_its_id_shows() {
        let runtime = Builder::new_current_thread().build().unwrap();
        assert_eq!(foreign_task(), None);
        runtime.block_on(async {
            let numbers = || (foreign_task(), try_id().map(|id| id.to_string()));
            let spawned = ::tokio::spawn(async move { numbers() });
            let (number, shown) = spawned.await.unwrap();
            assert_eq!(number.map(|number| number.to_string()), shown);
            assert!(shown.is_some());
        });
    }
}
