//! async-executor: an executor, and the threads that one gives it.

use core::pin::Pin;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use async_executor::Executor;
use futures::executor::block_on;

use super::{Forking, Spawner, WORKERS};

/// An executor that two threads run.
pub(crate) struct TwoThreads {
    executor: Arc<Executor<'static>>,
    /// Dropped, it ends the threads.
    alive: Option<async_channel::Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

impl Spawner for TwoThreads {
    fn new() -> Self {
        let executor = Arc::new(Executor::new());
        let (alive, ended) = async_channel::bounded::<()>(1);
        let threads = (0..WORKERS)
            .map(|_| {
                let (executor, ended) = (Arc::clone(&executor), ended.clone());
                thread::spawn(move || {
                    let closed = block_on(executor.run(ended.recv()));
                    assert!(closed.is_err(), "nobody sends anything");
                })
            })
            .collect();
        Self {
            executor,
            alive: Some(alive),
            threads,
        }
    }

    fn spawn<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = T> + Send + 'static {
        self.executor.spawn(future)
    }
}

impl Forking for TwoThreads {
    fn new() -> Self {
        Spawner::new()
    }

    fn fibonacci(&self, n: u64) -> u64 {
        let executor = Arc::clone(&self.executor);
        block_on(self.executor.spawn(fork(executor, n)))
    }
}

/// With a task for the left side.
fn fork(executor: Arc<Executor<'static>>, n: u64) -> Pin<Box<dyn Future<Output = u64> + Send>> {
    Box::pin(async move {
        if n < 2 {
            return n;
        }
        let left = executor.spawn(fork(Arc::clone(&executor), n - 1));
        let right = fork(executor, n - 2).await;
        left.await + right
    })
}

impl Drop for TwoThreads {
    fn drop(&mut self) {
        drop(self.alive.take());
        for thread in self.threads.drain(..) {
            thread.join().expect("the executor does not panic");
        }
    }
}
