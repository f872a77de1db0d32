//! Models of futures that stay on the thread of their runner, which others cancel, wake and stop.

use std::sync::Arc;

use syncline::JobError;
use syncline::bridge::Runner;
use syncline::loom::thread::spawn;
use syncline::thread::Event;

use crate::kit::{Check, Guarded, Model, model};

/// The models of this file. An execution has hundreds of steps, so that the bound is low.
pub(crate) const MODELS: &[Model] = &[
    model!("bridge/thread/stop_against_spawn_local", stop_spawn).fewer_preemptions(2),
    model!("bridge/thread/stop_against_local_wake", stop_wake).fewer_preemptions(2),
    model!("bridge/mixed/cancel_of_a_local_future", cancel).fewer_preemptions(2),
];

fn cell() -> Arc<Guarded<()>> {
    Arc::new(Guarded::new(()))
}

/// Bumps a cell when it is dropped.
struct Bump(Arc<Guarded<()>>);

impl Drop for Bump {
    fn drop(&mut self) {
        self.0.bump();
    }
}

fn kind(outcome: Result<(), JobError>) -> &'static str {
    match outcome {
        Ok(()) => "done",
        Err(JobError::Cancelled) => "cancelled",
        Err(JobError::Closed) => "refused",
        Err(error) => panic!("{error}"),
    }
}

/// A local future is spawned while its runner is stopped: whatever has become of it, it is gone when its job is done.
fn stop_spawn(check: Check) {
    check
        .outcomes(&["done", "cancelled", "refused"])
        .run(|run| {
            let runner = Arc::new(Runner::start().unwrap());
            let cell = cell();
            let spawns = spawn({
                let (runner, inside) = (Arc::clone(&runner), Bump(Arc::clone(&cell)));
                move || {
                    runner.spawn_local(move || async move {
                        let _inside = inside;
                    })
                }
            });
            runner.stop(None).unwrap();
            let outcome = spawns.join().unwrap().wait();
            assert_eq!(cell.value(), 1);
            run.saw(kind(outcome));
        });
}

/// A local future that has been made is woken while the runner is stopped: what the stopping thread takes out of the
/// queue is not the future.
fn stop_wake(check: Check) {
    check.outcomes(&["done", "cancelled"]).run(|run| {
        let runner = Runner::start().unwrap();
        let (cell, event) = (cell(), Arc::new(Event::new()));
        let (inside, waits) = (Bump(Arc::clone(&cell)), Arc::clone(&event));
        let job = runner.spawn_local(move || async move {
            let _inside = inside;
            waits.as_task().wait().await;
        });
        let wakes = spawn({
            let event = Arc::clone(&event);
            move || event.set()
        });
        runner.stop(None).unwrap();
        let outcome = job.wait();
        assert_eq!(cell.value(), 1);
        run.saw(kind(outcome));
        wakes.join().unwrap();
    });
}

/// A thread cancels what a runner polls, and waits: the future is gone then.
fn cancel(check: Check) {
    check.outcomes(&["done", "cancelled"]).run(|run| {
        let runner = Runner::start().unwrap();
        let (cell, event) = (cell(), Arc::new(Event::new()));
        let (inside, waits) = (Bump(Arc::clone(&cell)), Arc::clone(&event));
        let job = runner.spawn_local(move || async move {
            let _inside = inside;
            waits.as_task().wait().await;
        });
        event.set();
        let cancelled = job.cancel();
        let outcome = job.wait();
        assert_eq!(cell.value(), 1);
        assert_eq!(outcome.is_err(), cancelled);
        run.saw(kind(outcome));
        runner.stop(None).unwrap();
    });
}
