//! Pools of leases, of which no item is checked: what a request pays for its connection.
//!
//! deadpool and bb8 are for tasks, and r2d2 is for threads. All keep their defaults, but for checks:
//! deadpool's `recycle` does nothing, and the others are told not to call theirs. bb8 sets a
//! timer for each lease, which is why all tasks run in a runtime that has one. `deadpool:clock` looks at
//! the clock as often as syncline does.

use core::convert::Infallible;
use core::future::Future;
use core::hint::black_box;
use core::pin::Pin;
use core::time::Duration;
use std::sync::Arc;

use deadpool::managed::{self, Metrics, RecycleResult};
use syncline::service::{LeasePool, Manage};
use tokio::runtime::{Builder, Runtime};

use super::repeat::{clock, repeat};
use crate::cell::{Cell, Effort, Sample, peers};
use crate::executor::yield_now;
use crate::stopwatch::Stopwatch;
use crate::threads::compete;

const TASKS: u64 = 64;

/// Opens items that are numbers.
#[derive(Debug)]
struct Numbers;

impl Manage for Numbers {
    type Item = u64;
    type Error = Infallible;

    async fn open(&self) -> Result<u64, Infallible> {
        Ok(7)
    }
}

impl managed::Manager for Numbers {
    type Type = u64;
    type Error = Infallible;

    async fn create(&self) -> Result<u64, Infallible> {
        Ok(7)
    }

    async fn recycle(&self, _item: &mut u64, _metrics: &Metrics) -> RecycleResult<Infallible> {
        Ok(())
    }
}

impl bb8::ManageConnection for Numbers {
    type Connection = u64;
    type Error = Infallible;

    async fn connect(&self) -> Result<u64, Infallible> {
        Ok(7)
    }

    async fn is_valid(&self, _item: &mut u64) -> Result<(), Infallible> {
        Ok(())
    }

    fn has_broken(&self, _item: &mut u64) -> bool {
        false
    }
}

impl r2d2::ManageConnection for Numbers {
    type Connection = u64;
    type Error = Infallible;

    fn connect(&self) -> Result<u64, Infallible> {
        Ok(7)
    }

    fn is_valid(&self, _item: &mut u64) -> Result<(), Infallible> {
        Ok(())
    }

    fn has_broken(&self, _item: &mut u64) -> bool {
        false
    }
}

/// What the cells ask of a pool for threads.
trait Lend: Sync {
    fn of(max: u32) -> Self;

    /// Leases an item, changes it, and gives it back.
    fn use_one(&self);
}

/// What the cells ask of a pool for tasks.
trait LendAsync: Send + Sync + 'static {
    fn of(max: u32) -> Self;

    /// Leases an item, changes it, does something else, and gives it back.
    fn use_one_while(
        &self,
        meanwhile: impl Future<Output = ()> + Send,
    ) -> impl Future<Output = ()> + Send;
}

impl Lend for LeasePool<Numbers> {
    fn of(max: u32) -> Self {
        Self::builder(Numbers).max(max as usize).build()
    }

    fn use_one(&self) {
        let mut lease = self.lease().wait().expect("nothing fails");
        *lease += 1;
        lease.give_back();
    }
}

impl Lend for r2d2::Pool<Numbers> {
    fn of(max: u32) -> Self {
        let builder = Self::builder().max_size(max).test_on_check_out(false);
        builder.build(Numbers).expect("nothing fails")
    }

    fn use_one(&self) {
        *self.get().expect("nothing fails") += 1;
    }
}

impl LendAsync for LeasePool<Numbers> {
    fn of(max: u32) -> Self {
        Self::builder(Numbers).max(max as usize).build()
    }

    async fn use_one_while(&self, meanwhile: impl Future<Output = ()> + Send) {
        let mut lease = self.lease().await.expect("nothing fails");
        *lease += 1;
        meanwhile.await;
        lease.give_back();
    }
}

impl LendAsync for managed::Pool<Numbers> {
    fn of(max: u32) -> Self {
        let builder = Self::builder(Numbers).max_size(max as usize);
        builder.build().expect("there are no timeouts")
    }

    async fn use_one_while(&self, meanwhile: impl Future<Output = ()> + Send) {
        let mut item = self.get().await.expect("nothing fails");
        *item += 1;
        meanwhile.await;
    }
}

impl LendAsync for bb8::Pool<Numbers> {
    fn of(max: u32) -> Self {
        let builder = Self::builder().max_size(max).test_on_check_out(false);
        builder.build_unchecked(Numbers)
    }

    async fn use_one_while(&self, meanwhile: impl Future<Output = ()> + Send) {
        let mut item = self.get().await.expect("nothing fails");
        *item += 1;
        meanwhile.await;
    }
}

/// A pool whose lessees look at the clock twice more: when they begin to wait, and when they give their item back.
struct Timed<P>(P);

impl<P: LendAsync> LendAsync for Timed<P> {
    fn of(max: u32) -> Self {
        Self(P::of(max))
    }

    async fn use_one_while(&self, meanwhile: impl Future<Output = ()> + Send) {
        clock();
        self.0.use_one_while(meanwhile).await;
        clock();
    }
}

macro_rules! for_threads {
    ($cell:expr, $type:ident => $body:expr) => {
        peers!($cell, $type => $body, {
            "syncline" => LeasePool<Numbers>,
            "r2d2" => r2d2::Pool<Numbers>,
        })
    };
}

macro_rules! for_tasks {
    ($cell:expr, $type:ident => $body:expr) => {
        peers!($cell, $type => $body, {
            "syncline" => LeasePool<Numbers>,
            "deadpool" => managed::Pool<Numbers>,
            "bb8" => bb8::Pool<Numbers>,
        })
    };
}

/// The cells about leases.
pub(super) fn cells() -> Vec<Cell> {
    vec![
        for_threads!(
            Cell::counted("lease/thread", 5, "lease an idle item, give it back, one thread")
                .with_instructions(),
            P => |effort| {
                let pool = <P as Lend>::of(4);
                pool.use_one();
                repeat(effort, || black_box(&pool).use_one())
            }
        ),
        for_threads!(
            Cell::timed(
                "lease/threads/8_on_4",
                60,
                "the same; 8 threads compete for 4 items"
            )
            .of_threads(),
            P => |effort| {
                let pool = <P as Lend>::of(4);
                compete(8, effort, |log| log.wait(|| pool.use_one()), || {})
            }
        ),
        for_tasks!(
            Cell::counted("lease/task", 5, "lease an idle item, give it back, one task")
                .with_instructions(),
            P => one_task::<P>
        ),
        for_tasks!(
            Cell::counted(
                format!("lease/tasks/{TASKS}_on_4"),
                5,
                "lease, yield once, give back; 64 tasks compete for 4 items"
            )
            .at_least(TASKS),
            P => many_tasks::<P>
        )
        .peer(
            "deadpool:clock",
            many_tasks::<Timed<managed::Pool<Numbers>>>,
        ),
    ]
}

/// A runtime with a timer, which bb8 needs.
fn runtime() -> Runtime {
    let mut builder = Builder::new_current_thread();
    let built = builder.enable_time().build();
    built.expect("a timer needs nothing from the system")
}

fn one_task<P: LendAsync>(effort: &Effort) -> Sample {
    let elapsed = runtime().block_on(async {
        let pool = P::of(4);
        pool.use_one_while(async {}).await;
        let start = Stopwatch::start();
        for _ in 0..effort.ops {
            black_box(&pool).use_one_while(async {}).await;
        }
        start.elapsed()
    });
    Sample::new(elapsed, effort.ops)
}

fn many_tasks<P: LendAsync>(effort: &Effort) -> Sample {
    let each = effort.ops.div_ceil(TASKS);
    let elapsed: Duration = runtime().block_on(async {
        let pool = Arc::new(P::of(4));
        let tasks: Vec<Pin<Box<_>>> = (0..TASKS)
            .map(|_| {
                let pool = Arc::clone(&pool);
                Box::pin(async move {
                    for _ in 0..each {
                        pool.use_one_while(yield_now()).await;
                    }
                })
            })
            .collect();
        let handles: Vec<_> = tasks.into_iter().map(tokio::spawn).collect();
        let start = Stopwatch::start();
        for handle in handles {
            handle.await.expect("a task of a cell panicked");
        }
        start.elapsed()
    });
    Sample::new(elapsed, each * TASKS)
}
