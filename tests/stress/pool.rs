//! The pools: jobs that submit jobs in every way, wait for them in every way, cancel them, panic,
//! and are shut down meanwhile. Every job must end in exactly one way, and nothing of it may be left.

use crate::bench::Dice;
use crate::watch::{LIMIT, watchdog};
use core::fmt;
use core::future::pending;
use core::panic::AssertUnwindSafe;
use core::sync::atomic::Ordering::SeqCst;
use core::sync::atomic::{AtomicBool, AtomicUsize};
use core::time::Duration;
use futures_lite::future::yield_now;
use std::panic::{catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;
use syncline::thread::{PoolShutdown, ThreadPool};
use syncline::{Job, JobError, Until, task};

/// How many jobs may be left to themselves at any time.
const BACKLOG: usize = 60;
/// How deep jobs submit jobs.
const DEPTH: usize = 3;

/// What became of all jobs.
#[derive(Debug, Default)]
struct Counts {
    made: AtomicUsize,
    /// Payloads that are gone.
    dropped: AtomicUsize,
    finished: AtomicUsize,
    panicked: AtomicUsize,
    cancelled: AtomicUsize,
    closed: AtomicUsize,
    /// Jobs whose end nobody waited for.
    unseen: AtomicUsize,
    calls: AtomicUsize,
    called: AtomicUsize,
    pools: AtomicUsize,
}

impl Counts {
    /// Whether jobs have ended in every way that there is.
    fn have_all_ends(&self) -> bool {
        let ends = [
            &self.finished,
            &self.panicked,
            &self.cancelled,
            &self.closed,
            &self.unseen,
        ];
        ends.iter().all(|count| count.load(SeqCst) > 0)
    }
}

fn add(count: &AtomicUsize) {
    count.fetch_add(1, SeqCst);
}

/// What happened to one job.
#[derive(Default)]
struct Fate {
    begun: AtomicBool,
    gone: AtomicBool,
}

/// What a job carries with it.
struct Payload {
    fate: Arc<Fate>,
    books: Arc<Books>,
}

impl Payload {
    fn begin(&self) {
        let before = self.fate.begun.swap(true, SeqCst);
        self.books.check(!before, "a job was begun twice");
    }
}

impl Drop for Payload {
    fn drop(&mut self) {
        self.fate.gone.store(true, SeqCst);
        add(&self.books.counts.dropped);
    }
}

struct Books {
    pools: [Mutex<Arc<ThreadPool>>; 3],
    counts: Counts,
    /// What should not have been.
    wrong: Mutex<Vec<String>>,
}

impl fmt::Debug for Books {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Books")
            .field("counts", &self.counts)
            .field("wrong", &self.wrong)
            .field("pools", &self.pools)
            .finish()
    }
}

fn new_pool(dice: &mut Dice) -> Arc<ThreadPool> {
    let pool = ThreadPool::builder().workers(1 + dice.roll(3));
    Arc::new(match dice.roll(2) {
        0 => pool.build(),
        // Its threads come and go.
        _ => pool.keep_alive(dice.timeout()).build(),
    })
}

impl Books {
    fn new() -> Arc<Self> {
        let mut dice = Dice::new();
        Arc::new(Self {
            pools: [(); 3].map(|()| Mutex::new(new_pool(&mut dice))),
            counts: Counts::default(),
            wrong: Mutex::default(),
        })
    }

    /// Panics in jobs are theirs, so what is wrong is noted.
    fn check(&self, right: bool, what: &str) {
        if !right {
            self.wrong.lock().unwrap().push(what.to_owned());
        }
    }

    fn pool(&self, dice: &mut Dice) -> Arc<ThreadPool> {
        Arc::clone(&self.pools[dice.roll(3)].lock().unwrap())
    }

    fn left(&self) -> usize {
        (self.counts.made.load(SeqCst)).saturating_sub(self.counts.dropped.load(SeqCst))
    }

    fn payload(self: &Arc<Self>) -> (Payload, Arc<Fate>) {
        add(&self.counts.made);
        let fate = Arc::new(Fate::default());
        let payload = Payload {
            fate: Arc::clone(&fate),
            books: Arc::clone(self),
        };
        (payload, fate)
    }

    /// A job of some kind.
    fn submit(
        self: &Arc<Self>,
        pool: &Arc<ThreadPool>,
        dice: &mut Dice,
        depth: usize,
    ) -> (Job<Payload>, Arc<Fate>) {
        let (payload, fate) = self.payload();
        let careless = dice.roll(8) == 0;
        let inner = Arc::clone(pool);
        let body = move || {
            payload.begin();
            let books = Arc::clone(&payload.books);
            let acted = catch_unwind(AssertUnwindSafe(|| {
                let dice = &mut Dice::new();
                if depth < DEPTH && dice.roll(3) == 0 {
                    books.act(&inner, dice, depth + 1);
                }
            }));
            books.check(acted.is_ok(), "a job panicked by itself");
            if careless {
                resume_unwind(Box::new("on purpose"));
            }
            payload
        };
        let job = match dice.roll(8) {
            0 => pool.submit_named("named", body),
            1 => pool.submit_after(dice.timeout(), body),
            2 => pool.spawn(async move { body() }),
            3 => pool.spawn(async move {
                yield_now().await;
                let payload = body();
                yield_now().await;
                payload
            }),
            4 => pool.submit_after(Duration::ZERO, body),
            5 => match pool.try_submit(body) {
                Ok(job) => job,
                Err(rejected) => pool.submit(rejected.into_inner()),
            },
            _ => pool.submit(body),
        };
        if dice.roll(3) == 0 {
            add(&self.counts.calls);
            let books = Arc::clone(self);
            job.on_done(move || add(&books.counts.called));
        }
        (job, fate)
    }

    /// Notes how a job ended.
    fn ended(&self, outcome: Result<Payload, JobError>, fate: &Fate) {
        let begun = fate.begun.load(SeqCst);
        let (count, right) = match outcome {
            Ok(payload) => {
                let here = !fate.gone.load(SeqCst);
                drop(payload);
                (&self.counts.finished, begun && here)
            }
            Err(JobError::Panicked(panic)) => {
                let right = panic.message().as_deref() == Some("on purpose");
                (&self.counts.panicked, right && begun)
            }
            // A future may have been begun.
            Err(JobError::Cancelled) => (&self.counts.cancelled, true),
            Err(JobError::Closed) => (&self.counts.closed, !begun),
            Err(_) => (&self.counts.closed, false),
        };
        add(count);
        self.check(right, "an outcome that cannot be");
        self.check(
            fate.gone.load(SeqCst),
            "something was left of a job that has ended",
        );
    }

    /// Waits for a job, or does not.
    fn settle(&self, mut job: Job<Payload>, fate: &Fate, dice: &mut Dice) {
        match dice.roll(9) {
            0 => {
                let cancelled = job.cancel();
                let outcome = job.wait();
                self.check(
                    cancelled == matches!(outcome, Err(JobError::Cancelled)),
                    "a cancellation",
                );
                self.ended(outcome, fate);
            }
            1 => {
                drop(job.cancel_on_drop());
                add(&self.counts.unseen);
            }
            2 if self.left() < BACKLOG => {
                job.detach();
                add(&self.counts.unseen);
            }
            3 => loop {
                if let Ok(outcome) = job.wait_timeout(dice.timeout()) {
                    return self.ended(outcome, fate);
                }
            },
            4 => self.ended(task::block_on(job), fate),
            5 => {
                let waited = syncline::thread::wait([&job], Until::FirstError, None);
                self.check(waited.done == [0], "a wait for one");
                self.ended(job.wait(), fate);
            }
            6 => {
                let job = syncline::thread::as_completed([job]).next();
                self.ended(job.unwrap().1.wait(), fate);
            }
            _ => self.ended(job.wait(), fate),
        }
    }

    /// One thing that a user of pools does.
    fn act(self: &Arc<Self>, own: &Arc<ThreadPool>, dice: &mut Dice, depth: usize) {
        let pool = if dice.roll(2) == 0 {
            Arc::clone(own)
        } else {
            self.pool(dice)
        };
        match dice.roll(20) {
            0 => self.map(&pool, dice),
            1 | 2 => self.scope(&pool, dice, depth),
            3 => {
                let (payload, fate) = self.payload();
                let job = pool.spawn(async move {
                    payload.begin();
                    pending().await
                });
                thread::yield_now();
                job.cancel();
                self.ended(job.wait(), &fate);
            }
            4 => {
                let (payload, fate) = self.payload();
                let job = pool.submit_after(Duration::MAX, move || payload);
                job.cancel();
                self.ended(job.wait(), &fate);
            }
            5..10 => {
                let jobs: Vec<_> = (0..=dice.roll(8))
                    .map(|_| self.submit(&pool, dice, depth))
                    .collect();
                for (job, fate) in jobs.into_iter().rev() {
                    self.settle(job, &fate, dice);
                }
            }
            _ => {
                let (job, fate) = self.submit(&pool, dice, depth);
                self.settle(job, &fate, dice);
            }
        }
    }

    fn map(self: &Arc<Self>, pool: &ThreadPool, dice: &mut Dice) {
        let items = dice.roll(300);
        let takes = dice.roll(300);
        let make = {
            let books = Arc::clone(self);
            move |n| (n, books.payload().0)
        };
        let map = pool.map((0..items).map(make), |(n, payload)| {
            payload.begin();
            if n % 16 == 3 {
                resume_unwind(Box::new("on purpose"));
            }
            (n, payload)
        });
        for (n, outcome) in map.take(takes).enumerate() {
            let right = match outcome {
                Ok((m, _payload)) => m == n && n % 16 != 3,
                Err(JobError::Panicked(_)) => n % 16 == 3,
                Err(error) => matches!(error, JobError::Cancelled | JobError::Closed),
            };
            self.check(right, "an outcome of a map");
        }
    }

    fn scope(self: &Arc<Self>, pool: &Arc<ThreadPool>, dice: &mut Dice, depth: usize) {
        let (ended, alive) = (AtomicUsize::new(0), AtomicBool::new(true));
        let mut made = 0;
        let scoped = || {
            pool.scope(|scope| {
                for _ in 0..dice.roll(6) {
                    made += 1;
                    let (payload, fate) = self.payload();
                    let (ended, alive) = (&ended, &alive);
                    let inner = Arc::clone(pool);
                    let after = Borrowing {
                        ended,
                        alive,
                        books: self,
                    };
                    let job = scope.submit(move || {
                        payload.begin();
                        if depth < DEPTH && payload.fate.begun.load(SeqCst) {
                            let dice = &mut Dice::new();
                            if dice.roll(4) == 0 {
                                payload.books.act(&inner, dice, depth + 1);
                            }
                        }
                        drop(payload);
                        after
                    });
                    match dice.roll(4) {
                        0 => drop(job),
                        1 => drop(job.cancel_on_drop()),
                        2 => {
                            job.cancel();
                            drop(job.wait());
                            self.check(
                                fate.gone.load(SeqCst),
                                "something was left of a scoped job",
                            );
                        }
                        _ => drop(job.wait()),
                    }
                }
            });
        };
        if catch_unwind(AssertUnwindSafe(scoped)).is_err() {
            // A job whose handle was dropped was not done, for the pool ends.
            self.check(pool.is_closing(), "a scope panicked");
        }
        self.check(ended.load(SeqCst) == made, "a scope ended too soon");
        alive.store(false, SeqCst);
    }

    /// Puts a new pool into a place, and ends the one that was there.
    fn replace(&self, dice: &mut Dice) {
        add(&self.counts.pools);
        let new = new_pool(dice);
        let old = core::mem::replace(&mut *self.pools[dice.roll(3)].lock().unwrap(), new);
        end(&old, dice);
    }
}

/// What looks at the stack of the one who opened the scope.
struct Borrowing<'a> {
    ended: &'a AtomicUsize,
    alive: &'a AtomicBool,
    books: &'a Books,
}

impl Drop for Borrowing<'_> {
    fn drop(&mut self) {
        (self.books).check(self.alive.load(SeqCst), "an outcome outlived its scope");
        add(self.ended);
    }
}

/// Shuts a pool down in one of the ways.
fn end(pool: &Arc<ThreadPool>, dice: &mut Dice) {
    let how = [PoolShutdown::Drain, PoolShutdown::CancelQueued][dice.roll(2)];
    match dice.roll(4) {
        0 => {
            let inner = Arc::clone(pool);
            drop(pool.submit(move || inner.shutdown(how)));
        }
        1 => while pool.shutdown_timeout(how, dice.timeout()).is_err() {},
        2 => thread::scope(|threads| {
            threads.spawn(|| pool.shutdown(PoolShutdown::Drain));
            pool.shutdown(how);
        }),
        _ => {}
    }
    pool.shutdown(how);
}

fn run(name: &str, time: Duration) {
    const ACTORS: usize = 4;
    let books = Books::new();
    let stop = Instant::now() + time;
    watchdog(
        name,
        time + LIMIT,
        || format!("{books:?}"),
        || {
            thread::scope(|threads| {
                for actor in 0..ACTORS {
                    let books = &books;
                    threads.spawn(move || {
                        let mut dice = Dice::new();
                        // A busy machine may take longer to have done everything once.
                        while Instant::now() < stop || !books.counts.have_all_ends() {
                            if actor == 0 && dice.roll(8) == 0 {
                                books.replace(&mut dice);
                            }
                            let pool = books.pool(&mut dice);
                            books.act(&pool, &mut dice, 0);
                        }
                    });
                }
            });
            for pool in &books.pools {
                end(&pool.lock().unwrap(), &mut Dice::new());
            }
        },
    );
    let counts = &books.counts;
    assert_eq!(*books.wrong.lock().unwrap(), [""; 0]);
    assert_eq!(
        counts.made.load(SeqCst),
        counts.dropped.load(SeqCst),
        "{counts:?}"
    );
    assert_eq!(
        counts.calls.load(SeqCst),
        counts.called.load(SeqCst),
        "{counts:?}"
    );
    assert!(counts.have_all_ends(), "{counts:?}");
    // With `--nocapture`, how much was done.
    let line = format!("{name}: {counts:?}\n");
    drop(std::io::Write::write_all(
        &mut std::io::stderr(),
        line.as_bytes(),
    ));
}

#[test]
fn every_job_of_several_pools_ends_in_one_way() {
    run(
        "every_job_of_several_pools_ends_in_one_way",
        Duration::from_secs(2),
    );
}

#[test]
#[ignore = "runs minutes; cargo test --release --test stress -- --ignored"]
fn every_job_of_several_pools_ends_in_one_way_for_minutes() {
    let name = "every_job_of_several_pools_ends_in_one_way_for_minutes";
    run(name, Duration::from_secs(180));
}
