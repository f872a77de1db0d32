//! The shapes in which pools of others have hung or leaked: jobs that fan out and block, a service loop
//! inside one job, chains of callbacks, delayed jobs that are cancelled as they come due, pools that are dropped
//! or abandoned with work in them. Every job is accounted for, no closure is kept, no thread is left, and memory
//! does not grow. Forks are in `tests/fork.rs`, which has a process of its own.

use crate::bench::Dice;
use crate::watch::{LIMIT, watchdog};
use core::fmt;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::SeqCst;
use core::time::Duration;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Instant;
use syncline::thread::{PoolShutdown, ThreadPool};
use syncline::{Job, JobError, Promise};

/// How long the short form of each test runs.
const SHORT: Duration = Duration::from_millis(500);

/// How long the long form runs, if `SYNCLINE_STRESS_SECONDS` does not say otherwise.
const LONG: Duration = Duration::from_secs(180);

/// What became of all jobs.
#[derive(Default)]
struct Counts {
    made: AtomicUsize,
    ran: AtomicUsize,
    /// Closures that are gone, whether they ran or not.
    gone: AtomicUsize,
    finished: AtomicUsize,
    cancelled: AtomicUsize,
}

fn add(count: &AtomicUsize) {
    count.fetch_add(1, SeqCst);
}

fn read(count: &AtomicUsize) -> usize {
    count.load(SeqCst)
}

impl fmt::Debug for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} made, {} ran, {} gone, {} finished, {} cancelled",
            read(&self.made),
            read(&self.ran),
            read(&self.gone),
            read(&self.finished),
            read(&self.cancelled)
        )
    }
}

/// What a closure owns.
struct Owned(Arc<Counts>);

impl Owned {
    fn new(counts: &Arc<Counts>) -> Self {
        add(&counts.made);
        Self(Arc::clone(counts))
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        add(&self.0.gone);
    }
}

/// Submits a job that only counts.
fn submit(pool: &ThreadPool, counts: &Arc<Counts>) -> Job<()> {
    let owned = Owned::new(counts);
    pool.submit(move || add(&owned.0.ran))
}

/// Waits for a job, and counts how it ended.
fn settle(counts: &Counts, job: Job<()>) {
    match job.wait() {
        Ok(()) => add(&counts.finished),
        Err(JobError::Cancelled | JobError::Closed) => add(&counts.cancelled),
        Err(other) => panic!("{other}"),
    }
}

/// How many threads this process has whose names begin so; none where the system does not tell.
fn threads(prefix: &str) -> usize {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else {
        return 0;
    };
    let names =
        tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| name.starts_with(prefix)).count()
}

/// By how much the memory of a long run may grow after its first quarter.
const GROWTH: usize = 48 << 20;

/// How much memory this process has; nothing where the system does not tell.
fn resident() -> usize {
    const PAGE: usize = 4096;

    let Ok(all) = std::fs::read_to_string("/proc/self/statm") else {
        return 0;
    };
    let pages = all
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<usize>().ok());
    pages.unwrap_or(0) * PAGE
}

/// Repeats something with pools whose threads are called `prefix` until the time is over.
fn repeat(prefix: &str, time: Duration, mut once: impl FnMut(&Arc<Counts>, &mut Dice)) {
    let counts = Arc::new(Counts::default());
    let state = || format!("{counts:?}, {} threads", threads(prefix));
    let begun = Instant::now();
    watchdog(prefix, time + LIMIT, state, || {
        let mut dice = Dice::new();
        let mut base = None;
        loop {
            once(&counts, &mut dice);
            // A thread that has been joined is shown for a moment longer; one that is left over for ever, which
            // the watchdog reports.
            while threads(prefix) > 0 {
                std::thread::yield_now();
            }
            assert_eq!(read(&counts.made), read(&counts.gone), "{counts:?}");
            if begun.elapsed() >= time {
                break;
            }
            // In the short form other tests run beside this one.
            if time > SHORT && begun.elapsed() >= time / 4 {
                let base = *base.get_or_insert_with(resident);
                assert!(
                    resident() <= base + GROWTH,
                    "from {base} to {} bytes",
                    resident()
                );
            }
        }
    });
    assert_eq!(
        read(&counts.made),
        read(&counts.finished) + read(&counts.cancelled),
        "{counts:?}"
    );
    assert_eq!(Arc::strong_count(&counts), 1, "something keeps a closure");
}

/// How long the long forms run.
fn long() -> Duration {
    let seconds = std::env::var("SYNCLINE_STRESS_SECONDS").ok();
    let seconds = seconds.and_then(|seconds| seconds.parse().ok());
    seconds.map_or(LONG, Duration::from_secs)
}

/// Each job submits two and waits for them, in turns of several kinds.
fn fan_out(pool: &Arc<ThreadPool>, counts: &Arc<Counts>, depth: usize) {
    if depth == 0 {
        return;
    }
    let children = [0, 1].map(|_| {
        let (inner, owned) = (Arc::clone(pool), Owned::new(counts));
        pool.submit(move || {
            fan_out(&inner, &owned.0, depth - 1);
            add(&owned.0.ran);
        })
    });
    for child in children {
        settle(counts, child);
    }
}

fn jobs_that_fan_out(prefix: &str, time: Duration) {
    repeat(prefix, time, |counts, dice| {
        let workers = 1 + dice.roll(available_parallelism().map_or(2, usize::from));
        let pool = ThreadPool::builder().workers(workers).name_prefix(prefix);
        let pool = Arc::new(pool.build());
        fan_out(&pool, counts, 9);
        pool.shutdown(PoolShutdown::Drain);
    });
}

/// One job that serves for long: what it submits and waits for leaves nothing behind, whatever lies between.
fn a_service_loop(prefix: &str, time: Duration) {
    const ROUNDS: usize = 20_000;

    repeat(prefix, time, |counts, dice| {
        let pool = ThreadPool::builder()
            .workers(1 + dice.roll(2))
            .name_prefix(prefix);
        let pool = Arc::new(pool.build());
        let (inner, owned) = (Arc::clone(&pool), Owned::new(counts));
        let service = pool.submit(move || {
            for _ in 0..ROUNDS {
                let (first, second) = (submit(&inner, &owned.0), submit(&inner, &owned.0));
                settle(&owned.0, first);
                settle(&owned.0, second);
            }
            let left = inner.queued();
            assert!(
                left <= ROUNDS / 10,
                "{left} jobs that are done lie in the queues"
            );
            add(&owned.0.ran);
        });
        settle(counts, service);
        pool.shutdown(PoolShutdown::Drain);
    });
}

/// Delayed jobs that are cancelled when they are due, before, after, or by the end of their pool.
fn delays_that_are_cancelled(prefix: &str, time: Duration) {
    const JOBS: usize = 200;

    repeat(prefix, time, |counts, dice| {
        let pool = ThreadPool::builder().workers(2).name_prefix(prefix).build();
        let mut jobs: Vec<Job<()>> = Vec::with_capacity(JOBS);
        for _ in 0..JOBS {
            let owned = Owned::new(counts);
            jobs.push(pool.submit_after(dice.timeout(), move || add(&owned.0.ran)));
            if dice.roll(2) == 0 {
                let _whether = jobs[dice.roll(jobs.len())].cancel();
            }
        }
        match dice.roll(3) {
            0 => pool.shutdown(PoolShutdown::CancelQueued),
            1 => pool.shutdown(PoolShutdown::Drain),
            _ => drop(pool),
        }
        for job in jobs {
            settle(counts, job);
        }
    });
}

/// Pools that are dropped while others submit, and while jobs wait for each other.
fn pools_that_are_dropped(prefix: &str, time: Duration) {
    const JOBS: usize = 50;

    repeat(prefix, time, |counts, dice| {
        let pool = ThreadPool::builder()
            .workers(1 + dice.roll(3))
            .name_prefix(prefix);
        let pool = Arc::new(pool.build());
        let spawner = pool.spawner();
        let (seen, late) = (Arc::clone(counts), dice.timeout());
        let rival = std::thread::spawn(move || {
            let begun = Instant::now();
            let mut futures = Vec::new();
            while begun.elapsed() < late {
                let owned = Owned::new(&seen);
                futures.push(spawner.spawn(async move { add(&owned.0.ran) }));
            }
            for future in futures {
                settle(&seen, future);
            }
        });
        let jobs: Vec<Job<()>> = (0..JOBS)
            .map(|_| {
                let (inner, owned) = (Arc::downgrade(&pool), Owned::new(counts));
                pool.submit(move || {
                    // The last owner may be this job, which then drops its own pool.
                    if let Some(inner) = inner.upgrade() {
                        settle(&owned.0, submit(&inner, &owned.0));
                    }
                    add(&owned.0.ran);
                })
            })
            .collect();
        if dice.roll(2) == 0 {
            pool.shutdown(PoolShutdown::CancelQueued);
        }
        drop(pool);
        for job in jobs {
            settle(counts, job);
        }
        rival.join().unwrap();
        // Its own jobs may have dropped it, which waits for nothing.
        crate::watch::until("the end of all threads", || threads(prefix) == 0);
        crate::watch::until("the end of all closures", || {
            read(&counts.made) == read(&counts.gone)
        });
    });
}

/// A promise whose value, or end without one, sets off a chain of so many callbacks.
fn chain(counts: &Arc<Counts>, links: usize, last: Promise<()>) -> Promise<()> {
    let mut first = last;
    for _ in 0..links {
        let (promise, job) = Promise::new();
        let (next, owned) = (core::mem::replace(&mut first, promise), Owned::new(counts));
        job.on_done(move || {
            add(&owned.0.ran);
            add(&owned.0.finished);
            next.set(()).unwrap();
        });
        job.detach();
    }
    first
}

/// Chains of callbacks that jobs set off, on stacks too small for calls one inside the other.
fn chains_of_callbacks(prefix: &str, time: Duration) {
    const LINKS: usize = 5_000;
    const STACK: usize = 128 * 1024;

    repeat(prefix, time, |counts, dice| {
        let pool = ThreadPool::builder()
            .workers(2)
            .name_prefix(prefix)
            .stack_size(STACK)
            .build();
        let ends: Vec<Job<()>> = (0..4)
            .map(|_| {
                let (last, end) = Promise::new();
                let first = chain(counts, dice.roll(LINKS), last);
                let owned = Owned::new(counts);
                let job = pool.submit(move || {
                    first.set(()).unwrap();
                    add(&owned.0.ran);
                });
                settle(counts, job);
                end
            })
            .collect();
        for end in ends {
            end.wait().unwrap();
        }
    });
}

/// Pools that are let go of with work in them: all that was taken in is done, and then their threads end.
fn pools_that_are_abandoned(prefix: &str, time: Duration) {
    const JOBS: usize = 50;

    repeat(prefix, time, |counts, dice| {
        let workers = 1 + dice.roll(3);
        let pool = ThreadPool::builder()
            .workers(workers)
            .name_prefix(prefix)
            .build();
        let spawner = pool.spawner();
        let mut jobs: Vec<Job<()>> = Vec::with_capacity(2 * JOBS);
        for _ in 0..JOBS {
            jobs.push(submit(&pool, counts));
            let owned = Owned::new(counts);
            jobs.push(spawner.spawn(async move {
                syncline::task::yield_now().await;
                add(&owned.0.ran);
            }));
        }
        match dice.roll(3) {
            0 => pool.abandon(),
            1 => {
                let how = [PoolShutdown::CancelQueued, PoolShutdown::Drain][dice.roll(2)];
                if let Err(stragglers) = pool.shutdown_timeout(how, Duration::ZERO) {
                    stragglers.abandon();
                }
            }
            _ => {
                let _cancelled = jobs[dice.roll(jobs.len())].cancel();
                pool.abandon();
            }
        }
        drop((pool, spawner));
        for job in jobs {
            settle(counts, job);
        }
        crate::watch::until("the end of all closures", || {
            read(&counts.made) == read(&counts.gone)
        });
    });
}

macro_rules! both_forms {
    ($($name:ident, $prefix:literal;)*) => {
        $(
            mod $name {
                #[test]
                fn every_job_is_accounted_for() {
                    super::$name($prefix, super::SHORT);
                }

                #[test]
                #[ignore = "runs minutes; cargo test --release --test stress -- --ignored"]
                fn every_job_is_accounted_for_however_long() {
                    super::$name(concat!("long-", $prefix), super::long());
                }
            }
        )*
    };
}

both_forms! {
    jobs_that_fan_out, "edge-fan";
    a_service_loop, "edge-serve";
    delays_that_are_cancelled, "edge-delay";
    pools_that_are_dropped, "edge-drop";
    pools_that_are_abandoned, "edge-leave";
    chains_of_callbacks, "edge-chain";
}
