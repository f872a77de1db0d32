//! threadpool: jobs without results.

use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::Arc;

use threadpool::ThreadPool;

use super::{Crew, WORKERS};

impl Crew for ThreadPool {
    fn new() -> Self {
        Self::new(WORKERS)
    }

    fn do_all(&self, jobs: u64) -> u64 {
        let sum = Arc::new(AtomicU64::new(0));
        for n in 0..jobs {
            let sum = Arc::clone(&sum);
            self.execute(move || {
                // ORDERING: Relaxed: `join` orders it.
                sum.fetch_add(n, Relaxed);
            });
        }
        self.join();
        sum.load(Relaxed)
    }
}
