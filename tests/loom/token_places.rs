//! Models of tokens in other places: on a pool, in a group, at a queue.

use core::convert::Infallible;
use core::future::Future;
use std::sync::Arc;

use syncline::JobError;
use syncline::loom::thread::{JoinHandle, spawn};
use syncline::service::CancelToken;
use syncline::task::{Group, Spawned, Spawner, TaskGroup, block_on};
use syncline::thread::{PoolShutdown, Queue, ThreadPool};

use crate::kit::{Check, Guarded, Model, model};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("token/service/cancel_against_begin", begin)
        .dear()
        .fewer_preemptions(2),
    model!("token/service/cancel_against_put", put),
    model!("token/service/token_against_the_end_of_its_group", group),
];

type Shared = Guarded<CancelToken>;

fn shared() -> Arc<Shared> {
    Arc::new(Guarded::new(CancelToken::new()))
}

fn cancels(token: &Arc<Shared>) -> JoinHandle<()> {
    let token = Arc::clone(token);
    spawn(move || {
        token.bump();
        token.cancel();
    })
}

/// A closure is dropped by the canceller or called by the worker; and one that is told sees what came before.
fn begin(check: Check) {
    check
        .outcomes(&["never began", "told", "not told"])
        .run(|run| {
            let (pool, token) = (ThreadPool::builder().workers(1).build(), shared());
            let canceller = cancels(&token);
            let inside = Arc::clone(&token);
            let job = pool.submit_cancellable(&token, move |own| {
                let told = own.is_cancelled();
                if told {
                    assert_eq!(inside.value(), 1);
                }
                told
            });
            run.saw(match job.wait() {
                Ok(true) => "told",
                Ok(false) => "not told",
                Err(JobError::Cancelled) => "never began",
                Err(error) => panic!("{error}"),
            });
            canceller.join().unwrap();
            assert_eq!(token.value(), 1);
            pool.shutdown(PoolShutdown::Drain);
        });
}

/// An item that is put while the token is cancelled is taken, or stays: it is nowhere else.
fn put(check: Check) {
    check.outcomes(&["taken", "left"]).run(|run| {
        let (queue, token) = (Arc::new(Queue::unbounded()), shared());
        let takes = spawn({
            let (queue, token) = (Arc::clone(&queue), Arc::clone(&token));
            move || queue.iter_until(&token).count()
        });
        let canceller = cancels(&token);
        queue.put(7).unwrap();
        let taken = takes.join().unwrap();
        canceller.join().unwrap();
        assert_eq!(taken + queue.len(), 1);
        run.saw(["left", "taken"][taken]);
    });
}

/// Spawns nothing.
#[derive(Clone)]
struct Nowhere;

impl Spawner for Nowhere {
    fn start<F: Future<Output = ()> + Send + 'static>(&self, _task: Spawned<F>) {}
}

/// Whenever somebody asks for the token of a group, it is cancelled when the group has ended.
fn group(check: Check) {
    check.outcomes(&["before", "after"]).run(|run| {
        let cell = Arc::new(Guarded::new(()));
        let asks = block_on(TaskGroup::run(
            &Nowhere,
            async |group: Group<Nowhere, Infallible>| {
                let inside = Arc::clone(&cell);
                let asks = spawn(move || {
                    let token = group.token();
                    let late = token.is_cancelled();
                    if late {
                        assert_eq!(inside.value(), 1);
                    }
                    (token, late)
                });
                cell.bump();
                Ok(asks)
            },
        ));
        let (token, late) = asks.unwrap().join().unwrap();
        assert!(token.is_cancelled());
        run.saw(if late { "after" } else { "before" });
    });
}
