//! Runs the same tasks on four executors: the promise is that the runtime does
//! not matter.

use async_executor::Executor;
use core::pin::Pin;
use std::sync::Arc;
use std::thread;

/// One task, for any executor.
pub(crate) type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A boxed task.
pub(crate) fn task(future: impl Future<Output = ()> + Send + 'static) -> Task {
    Box::pin(future)
}

/// Runs the tasks that `make` makes to their end, anew on each executor: each on
/// a thread under our own `block_on`, then on tokio's two schedulers and on
/// `async-executor` with two threads.
pub(crate) fn on_every_executor(make: impl Fn() -> Vec<Task>) {
    on_block_on(make());
    on_tokio(&current_thread(), make());
    on_tokio(&multi_thread(), make());
    on_async_executor(make());
}

fn on_block_on(tasks: Vec<Task>) {
    let block_on = |task| thread::spawn(move || syncline::task::block_on(task));
    let threads: Vec<_> = tasks.into_iter().map(block_on).collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

fn current_thread() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.build().unwrap()
}

fn multi_thread() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).build().unwrap()
}

fn on_tokio(runtime: &tokio::runtime::Runtime, tasks: Vec<Task>) {
    runtime.block_on(async {
        let tasks: Vec<_> = tasks.into_iter().map(tokio::spawn).collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

fn on_async_executor(tasks: Vec<Task>) {
    let executor = Arc::new(Executor::new());
    let tasks: Vec<_> = tasks.into_iter().map(|task| executor.spawn(task)).collect();
    let all = async {
        for task in tasks {
            task.await;
        }
    };
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let helper = thread::spawn({
        let executor = Arc::clone(&executor);
        move || drop(futures_lite::future::block_on(executor.run(stopped)))
    });
    futures_lite::future::block_on(executor.run(all));
    drop(stop);
    helper.join().unwrap();
}

mod tests {
    use super::{on_every_executor, task};
    use core::sync::atomic::AtomicUsize;
    use core::sync::atomic::Ordering::SeqCst;
    use std::sync::Arc;

    #[test]
    fn every_executor_runs_every_task() {
        let runs = Arc::new(AtomicUsize::new(0));
        on_every_executor(|| {
            let run = || {
                let runs = Arc::clone(&runs);
                task(async move {
                    futures_lite::future::yield_now().await;
                    runs.fetch_add(1, SeqCst);
                })
            };
            vec![run(), run(), run()]
        });
        assert_eq!(4 * 3, runs.load(SeqCst));
    }
}
