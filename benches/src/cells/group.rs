//! Children that are spawned, and waited for together.

use core::future::Future;

use futures::stream::{FuturesUnordered, StreamExt};
use syncline::task::{Spawn, Spawned, Spawner, TaskGroup, block_on};
use syncline::thread::ThreadPool;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinSet;

use crate::cell::{Cell, Effort, Sample};
use crate::stopwatch::Stopwatch;

/// As many as the goal speaks of.
pub(super) const CHILDREN: u64 = 100_000;

/// tokio's runtime, for our groups.
#[derive(Clone)]
struct Tokio(Handle);

impl Spawner for Tokio {
    fn start<F: Future<Output = ()> + Send + 'static>(&self, task: Spawned<F>) {
        drop(self.0.spawn(task));
    }
}

/// The cells about groups.
pub(super) fn cells() -> Vec<Cell> {
    vec![
        Cell::counted(
            format!("group/empty/{CHILDREN}"),
            5,
            "spawn 100,000 empty children, and wait for all; per child; one thread runs them",
        )
        .at_least(CHILDREN)
        .peer("syncline", |effort| {
            let pool = ThreadPool::new(1);
            block_on(inside(&pool, grouped(effort, &pool)))
        })
        .peer("syncline:tokio", |effort| {
            let runtime = current_thread();
            let spawner = Tokio(runtime.handle().clone());
            runtime.block_on(grouped(effort, &spawner))
        })
        .peer("tokio:JoinSet", |effort| {
            current_thread().block_on(joined(effort))
        })
        .peer("futures:unordered", |effort| {
            current_thread().block_on(unordered(effort))
        }),
    ]
}

fn current_thread() -> Runtime {
    (Builder::new_current_thread().build()).expect("a runtime without drivers needs nothing")
}

/// Runs the group as a task of the pool itself, as tokio's peers run in their runtime.
async fn inside<T: Send + 'static>(
    pool: &ThreadPool,
    group: impl Future<Output = T> + Send + 'static,
) -> T {
    pool.spawn(group).await.expect("it measures")
}

/// A future that measures groups on this spawner.
fn grouped<S: Spawn>(effort: &Effort, spawner: &S) -> impl Future<Output = Sample> + Send + use<S> {
    let (rounds, spawner) = (effort.ops.div_ceil(CHILDREN), spawner.handle());
    async move {
        let start = Stopwatch::start_for_all_threads();
        for _ in 0..rounds {
            let all = TaskGroup::run(&spawner, async |group| {
                for _ in 0..CHILDREN {
                    group
                        .spawn_named("child", async { Ok::<_, ()>(()) })
                        .detach();
                }
                Ok(())
            });
            all.await.expect("nobody fails");
        }
        Sample::new(start.elapsed(), rounds * CHILDREN)
    }
}

async fn joined(effort: &Effort) -> Sample {
    let rounds = effort.ops.div_ceil(CHILDREN);
    let start = Stopwatch::start_for_all_threads();
    for _ in 0..rounds {
        let mut set = JoinSet::new();
        for _ in 0..CHILDREN {
            set.spawn(async { Ok::<_, ()>(()) });
        }
        while let Some(result) = set.join_next().await {
            result.expect("nobody panics").expect("nobody fails");
        }
    }
    Sample::new(start.elapsed(), rounds * CHILDREN)
}

async fn unordered(effort: &Effort) -> Sample {
    let rounds = effort.ops.div_ceil(CHILDREN);
    let start = Stopwatch::start_for_all_threads();
    for _ in 0..rounds {
        let mut set = FuturesUnordered::new();
        for _ in 0..CHILDREN {
            set.push(async { Ok::<_, ()>(()) });
        }
        while let Some(result) = set.next().await {
            result.expect("nobody fails");
        }
    }
    Sample::new(start.elapsed(), rounds * CHILDREN)
}
