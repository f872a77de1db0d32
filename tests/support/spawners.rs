//! Executors as places for futures, as any user would make one of them.

use async_executor::Executor;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use syncline::task::{Spawned, Spawner};

/// `async-executor`.
#[derive(Clone, Default)]
pub(crate) struct Foreign(Arc<Executor<'static>>);

impl Spawner for Foreign {
    fn start<F: Future<Output = ()> + Send + 'static>(&self, task: Spawned<F>) {
        self.0.spawn(task).detach();
    }
}

/// The same with threads that run it, until it is dropped.
pub(crate) struct Running {
    pub(crate) spawner: Foreign,
    stop: Option<tokio::sync::watch::Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

impl Running {
    pub(crate) fn new(threads: usize) -> Self {
        let spawner = Foreign::default();
        let (stop, stopped) = tokio::sync::watch::channel(());
        let thread = |_| {
            let (executor, mut stopped) = (Arc::clone(&spawner.0), stopped.clone());
            thread::spawn(move || {
                let stopped = async { drop(stopped.changed().await) };
                futures_lite::future::block_on(executor.run(stopped));
            })
        };
        Self {
            threads: (0..threads).map(thread).collect(),
            spawner,
            stop: Some(stop),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop = None;
        for thread in self.threads.drain(..) {
            thread.join().unwrap();
        }
    }
}

/// tokio, without the feature that does the same.
#[derive(Clone)]
pub(crate) struct Tokio(pub(crate) tokio::runtime::Handle);

impl Spawner for Tokio {
    fn start<F: Future<Output = ()> + Send + 'static>(&self, task: Spawned<F>) {
        drop(self.0.spawn(task));
    }
}

/// Polls everything at once, as far as it comes, and then drops it.
#[derive(Clone)]
pub(crate) struct Eager;

impl Spawner for Eager {
    fn start<F: Future<Output = ()> + Send + 'static>(&self, task: Spawned<F>) {
        let mut task = core::pin::pin!(task);
        let mut context = core::task::Context::from_waker(core::task::Waker::noop());
        let _ended = task.as_mut().poll(&mut context);
    }
}

/// Drops everything.
#[derive(Clone)]
pub(crate) struct Refuses;

impl Spawner for Refuses {
    fn start<F: Future<Output = ()> + Send + 'static>(&self, task: Spawned<F>) {
        drop(task);
    }
}

/// Runs one future on each executor, with a way to spawn there: our pool, tokio's two runtimes, and
/// `async-executor` with two threads.
macro_rules! on_every_spawner {
    ($spawner:ident => $future:expr) => {{
        {
            let pool = syncline::thread::ThreadPool::new(2);
            let $spawner = &pool;
            syncline::task::block_on($future);
        }
        {
            let runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = { runtime }.build().unwrap();
            let $spawner = &$crate::spawners::Tokio(runtime.handle().clone());
            runtime.block_on($future);
        }
        {
            let mut runtime = tokio::runtime::Builder::new_multi_thread();
            let runtime = runtime.worker_threads(2).build().unwrap();
            let $spawner = &$crate::spawners::Tokio(runtime.handle().clone());
            runtime.block_on($future);
        }
        {
            let running = $crate::spawners::Running::new(2);
            let $spawner = &running.spawner;
            futures_lite::future::block_on($future);
        }
    }};
}
pub(crate) use on_every_spawner;
