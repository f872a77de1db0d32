//! The pools, with what their rosters said last.

use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::Relaxed;

use super::super::global;
use super::roster::{Owned, Roster};

global! {
    static POOLS: Roster<Record> = Roster::new()
}

struct Record {
    name: String,
    workers: usize,
    running: AtomicUsize,
    idle: AtomicUsize,
    blocked: AtomicUsize,
}

/// What a pool carries.
pub(crate) struct TracedPool(Owned<Record>);

// ORDERING: Relaxed in all of it: nothing is read by way of these.
impl TracedPool {
    pub(crate) fn new(name: &str, workers: usize) -> Self {
        Self(POOLS.add(Record {
            name: name.to_owned(),
            workers,
            running: AtomicUsize::new(0),
            idle: AtomicUsize::new(0),
            blocked: AtomicUsize::new(0),
        }))
    }

    /// Notes what the roster says, with its lock held.
    pub(crate) fn note(&self, running: usize, idle: usize, blocked: usize) {
        self.0.running.store(running, Relaxed);
        self.0.idle.store(idle, Relaxed);
        self.0.blocked.store(blocked, Relaxed);
    }
}

impl Drop for TracedPool {
    fn drop(&mut self) {
        POOLS.remove(&self.0);
    }
}

/// What a snapshot sees of a pool.
pub(crate) struct SeenPool {
    pub(crate) name: String,
    pub(crate) workers: usize,
    pub(crate) running: usize,
    pub(crate) idle: usize,
    pub(crate) blocked: usize,
}

/// All pools that are not gone.
pub(crate) fn pools() -> Vec<SeenPool> {
    let see = |pool: &Owned<Record>| SeenPool {
        name: pool.name.clone(),
        workers: pool.workers,
        running: pool.running.load(Relaxed),
        idle: pool.idle.load(Relaxed),
        blocked: pool.blocked.load(Relaxed),
    };
    POOLS.all().iter().map(see).collect()
}
