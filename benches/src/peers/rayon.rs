//! rayon: its pool, in each of the ways to give it work.

use core::iter;
use std::sync::mpsc::{Receiver, channel};

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::{Scope, ThreadPool, ThreadPoolBuilder};

use super::{Crew, Forking, Mapping, Pool, WORKERS};

fn pool() -> ThreadPool {
    let builder = ThreadPoolBuilder::new().num_threads(WORKERS);
    builder.build().expect("threads can be started")
}

/// `spawn`, and a channel for each result.
pub(crate) struct RayonSpawn(ThreadPool);

impl Pool for RayonSpawn {
    type Job<T: Send + 'static> = Receiver<T>;

    fn new() -> Self {
        Self(pool())
    }

    fn submit<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Receiver<T> {
        let (sender, receiver) = channel();
        self.0.spawn(move || drop(sender.send(job())));
        receiver
    }

    fn result<T: Send + 'static>(job: Receiver<T>) -> T {
        job.recv().expect("no job panics")
    }
}

/// A scope, whose jobs write their results where somebody else has made room for them.
pub(crate) struct RayonScope(ThreadPool);

impl Crew for RayonScope {
    fn new() -> Self {
        Self(pool())
    }

    fn do_all(&self, jobs: u64) -> u64 {
        let mut results: Vec<u64> = iter::repeat_n(0, jobs as usize).collect();
        self.0.in_place_scope(|scope| {
            for (n, result) in (0..).zip(&mut results) {
                scope.spawn(move |_| *result = n);
            }
        });
        results.into_iter().sum()
    }
}

impl Forking for RayonScope {
    fn new() -> Self {
        Self(pool())
    }

    fn fibonacci(&self, n: u64) -> u64 {
        fn fork(n: u64) -> u64 {
            if n < 2 {
                return n;
            }
            let (mut left, mut right) = (0, 0);
            rayon::scope(|scope: &Scope<'_>| {
                scope.spawn(|_| left = fork(n - 1));
                right = fork(n - 2);
            });
            left + right
        }
        self.0.install(|| fork(n))
    }
}

/// `install`, which waits on the calling thread.
pub(crate) struct RayonInstall(ThreadPool);

impl Crew for RayonInstall {
    fn new() -> Self {
        Self(pool())
    }

    fn do_all(&self, jobs: u64) -> u64 {
        (0..jobs).map(|n| self.0.install(|| n)).sum()
    }
}

impl Mapping for RayonInstall {
    fn new() -> Self {
        Self(pool())
    }

    fn sum(&self, items: u64, function: fn(u64) -> u64) -> u64 {
        let results: Vec<u64> =
            (self.0).install(|| (0..items).into_par_iter().map(function).collect());
        results.into_iter().sum()
    }
}

/// `join`, which allocates nothing.
pub(crate) struct RayonJoin(ThreadPool);

impl Forking for RayonJoin {
    fn new() -> Self {
        Self(pool())
    }

    fn fibonacci(&self, n: u64) -> u64 {
        fn fork(n: u64) -> u64 {
            if n < 2 {
                return n;
            }
            let (left, right) = rayon::join(|| fork(n - 1), || fork(n - 2));
            left + right
        }
        self.0.install(|| fork(n))
    }
}
