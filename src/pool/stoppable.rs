//! A closure that can be told to stop after it has begun.

use std::sync::Arc;

use super::entry::{PoolId, PoolJob, Run, Way};
use super::room::{Found, Placed};
use super::threads::ThreadPool;
use crate::job::{Job, Outcome, Unit};

/// What asks a closure to stop.
pub(crate) trait Stopper: Send + Sync + 'static {
    /// Asks it to.
    fn stop(&self);

    /// Whether somebody has asked it to.
    fn is_stopped(&self) -> bool;

    /// Calls `cancel` when somebody else asks it to; at once, if that has happened.
    fn on_stop(&self, cancel: impl FnOnce() + Send + 'static);
}

/// It has been queued, and its stopper hears of a cancel that comes too late for the queue.
struct Stoppable<S> {
    pool: PoolId,
    /// Of the closure that is called by another one.
    body: Option<&'static str>,
    stopper: S,
}

impl<S: Stopper> Way for Stoppable<S> {
    fn pool(&self) -> Option<PoolId> {
        Some(self.pool)
    }

    fn body(&self) -> Option<&'static str> {
        self.body
    }

    fn cancelled_late(&self) {
        self.stopper.stop();
    }

    fn is_stopped(&self) -> bool {
        self.stopper.is_stopped()
    }
}

impl ThreadPool {
    /// Runs a closure that its stopper cancels as long as nobody has begun it. [`Job::cancel`] asks it to stop once it has begun.
    pub(crate) fn submit_stoppable<F, T, S>(&self, stopper: S, closure: F) -> Job<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
        S: Stopper,
    {
        let pool = self.shared.id();
        match self.shared.find_place() {
            Found::Free => {
                let way = Stoppable {
                    pool,
                    body: None,
                    stopper,
                };
                self.queue_stoppable(PoolJob::new((), closure, way))
            }
            Found::Place(place) => {
                let (placed, closure) = Placed::put(pool, place, closure);
                let way = Stoppable {
                    pool,
                    body: placed.body(),
                    stopper,
                };
                self.queue_stoppable(PoolJob::new((), closure, way))
            }
            full @ Found::Full => self.put((), full, closure),
        }
    }

    fn queue_stoppable<F, T, S>(&self, job: PoolJob<F, T, Stoppable<S>, ()>) -> Job<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
        S: Stopper,
    {
        let job = Arc::new(job);
        let handle = Job::new(Arc::clone(&job) as Arc<dyn Unit<T>>);
        // Weak: the stopper lies inside the job.
        let weak = Arc::downgrade(&job);
        job.way.stopper.on_stop(move || {
            if let Some(job) = weak.upgrade() {
                job.refuse(Outcome::Cancelled);
            }
        });
        if job.is_dead() {
            // Whoever has cancelled it let go of a share of its own.
            job.refuse(Outcome::Cancelled);
        } else {
            self.shared.take_in(job);
        }
        handle
    }
}
