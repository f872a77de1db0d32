//! Competing threads, and the work they do between two operations.

use core::hint::black_box;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use core::time::Duration;
use std::sync::{Barrier, OnceLock};
use std::thread;
use std::time::Instant;

use crate::cell::{Effort, Sample};
use crate::counts::Counts;
use crate::place;
use crate::waits::Waits;

/// How long all threads may take to see that time is up before a resource is nudged.
const PATIENCE: Duration = Duration::from_millis(100);

/// Where an operation reports how long it waited.
pub(crate) struct Log {
    waits: Option<Waits>,
}

impl Log {
    /// A log that listens only if the round is stamped.
    pub(crate) fn new(effort: &Effort) -> Self {
        Self {
            waits: effort.stamped.then(Waits::new),
        }
    }

    /// Runs what waits, and times it in a stamped round.
    #[inline]
    pub(crate) fn wait<T>(&mut self, wait: impl FnOnce() -> T) -> T {
        let Some(waits) = &mut self.waits else {
            return wait();
        };
        let start = Instant::now();
        let result = wait();
        waits.record(start.elapsed());
        result
    }

    /// What was recorded, if anything was.
    pub(crate) fn into_waits(self) -> Option<Waits> {
        self.waits.filter(|waits| !waits.is_empty())
    }
}

/// What one thread did.
struct Turn {
    start: Instant,
    ops: u64,
    log: Log,
}

/// Repeats `operation` on each of `threads` threads until the time is up.
///
/// `nudge` is called now and then if a thread does not come back: one peer is
/// known to leave a waiter asleep beside a free permit.
pub(crate) fn compete(
    threads: usize,
    effort: &Effort,
    operation: impl Fn(&mut Log) + Sync,
    nudge: impl Fn(),
) -> Sample {
    let stop = AtomicBool::new(false);
    let ready = Barrier::new(threads + 1);
    let turn = &|index| {
        place::join(index);
        let mut turn = Turn {
            start: Instant::now(),
            ops: 0,
            log: Log::new(effort),
        };
        ready.wait();
        turn.start = Instant::now();
        // ORDERING: Relaxed: only says when to stop.
        while !stop.load(Relaxed) {
            operation(&mut turn.log);
            turn.ops += 1;
        }
        turn
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|index| scope.spawn(move || turn(index)))
            .collect();
        ready.wait();
        let before = Counts::now();
        thread::sleep(effort.time);
        let end = Instant::now();
        let counts = Counts::now() - before;
        // ORDERING: Relaxed, as above.
        stop.store(true, Relaxed);
        let mut stranded = 0;
        while !workers.iter().all(thread::ScopedJoinHandle::is_finished) {
            thread::sleep(Duration::from_millis(1));
            if end.elapsed() > PATIENCE {
                stranded += 1;
                nudge();
            }
        }
        let turns = workers
            .into_iter()
            .map(|worker| worker.join().expect("a thread of a cell panicked"))
            .collect();
        summary(turns, end, counts, stranded)
    })
}

/// Puts the turns of all threads into one sample.
fn summary(turns: Vec<Turn>, end: Instant, counts: Counts, stranded: u64) -> Sample {
    let start = turns.iter().map(|turn| turn.start).min().unwrap_or(end);
    let shares: Vec<u64> = turns.iter().map(|turn| turn.ops).collect();
    let waits = turns
        .into_iter()
        .filter_map(|turn| turn.log.into_waits())
        .reduce(|mut all, one| {
            all.merge(&one);
            all
        });
    Sample {
        elapsed: end.duration_since(start),
        ops: shares.iter().sum(),
        shares,
        waits,
        counts: Some(counts),
        stranded,
        ..Sample::default()
    }
}

/// Keeps the core busy for about 200 ns without touching shared memory.
#[inline]
pub(crate) fn work_200_ns() {
    static STEPS: OnceLock<u64> = OnceLock::new();
    work(*STEPS.get_or_init(|| steps_in(Duration::from_nanos(200))));
}

/// Keeps the core busy until this much time has passed on the clock.
pub(crate) fn hold(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        core::hint::spin_loop();
    }
}

fn work(steps: u64) {
    let mut number = black_box(steps);
    for _ in 0..steps {
        number = black_box(number.wrapping_mul(0x5851_f42d_4c95_7f2d));
    }
}

/// How many steps of [`work`] fill `time`: the best of several measurements.
fn steps_in(time: Duration) -> u64 {
    const STEPS: u64 = 100_000;
    let best = (0..20)
        .map(|_| {
            let start = Instant::now();
            work(STEPS);
            start.elapsed()
        })
        .min()
        .unwrap_or(time);
    (time.as_secs_f64() / best.as_secs_f64() * STEPS as f64).max(1.0) as u64
}
