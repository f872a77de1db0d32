//! How late tasks run.

use core::fmt;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;
use core::time::Duration;
use std::sync::{Arc, Weak};
use std::time::Instant;

use crate::combine::sleep_until;
use crate::job::{Job, Spawn, Spawner};
use crate::sys::{Mutex, global};

/// Each bucket of the histogram is for times twice as long as the last; the first is for less than 2 µs.
const BUCKETS: usize = 32;

global! {
    /// Those that have not ended.
    static MONITORS: Mutex<Vec<Weak<Measured>>> = Mutex::new(Vec::new())
}

/// What has been measured, shared by the task that measures and whoever wants to know.
struct Measured {
    number: u64,
    name: String,
    started: Instant,
    /// When the task that is under way should come, in nanoseconds after the start.
    due: AtomicU64,
    last: AtomicU64,
    worst: AtomicU64,
    buckets: [AtomicU64; BUCKETS],
}

/// How late somebody is, for a watchdog.
pub(super) struct Lagging {
    pub(super) number: u64,
    pub(super) name: String,
    pub(super) late: Duration,
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

// ORDERING: Relaxed in all of it: these are numbers to be looked at.
impl Measured {
    fn note(&self, late: Duration) {
        let late = nanos(late);
        self.last.store(late, Relaxed);
        self.worst.fetch_max(late, Relaxed);
        let micros = late / 1000;
        let bucket = usize::try_from(micros.max(1).ilog2()).unwrap_or(BUCKETS);
        self.buckets[bucket.min(BUCKETS - 1)].fetch_add(1, Relaxed);
    }

    /// How late the last one came, or the next one is already.
    fn current(&self) -> Duration {
        let late = nanos(self.started.elapsed()).saturating_sub(self.due.load(Relaxed));
        Duration::from_nanos(late.max(self.last.load(Relaxed)))
    }
}

/// Nobody comes any more once this is dropped: with the task, wherever that ends.
struct Ending(Weak<Measured>);

impl Drop for Ending {
    fn drop(&mut self) {
        if let Some(measured) = self.0.upgrade() {
            measured.due.store(u64::MAX, Relaxed);
        }
    }
}

/// Measures how late tasks run: a task repeatedly sleeps for `interval`, and records how much longer that took.
///
/// This is the lag of an event loop, a runtime or a pool.
///
/// The measured time is the delay of this crate's timer, plus the time until a woken task is polled. It grows if
/// other tasks occupy the threads. A [`Watchdog`](super::Watchdog) with a [limit](super::Watchdog::lag) reports it,
/// even while the task does not run at all.
///
/// Reports show the monitor as `name`.
///
/// The monitor measures until it is dropped. If the executor drops its task, it stops measuring, and keeps its
/// results.
///
/// # Panics
///
/// Panics if the interval is zero.
///
/// # Deadlocks
///
/// Dropping or draining a pool waits for its futures, including the task of the monitor. Drop the monitor before the
/// pool: in a struct with both, put the monitor first.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use syncline::{diag, thread::ThreadPool};
///
/// let pool = ThreadPool::new(1);
/// let monitor = diag::lag("pool", &pool, Duration::from_millis(1));
/// while monitor.count() < 3 {
///     std::thread::yield_now();
/// }
/// assert!(monitor.worst() > Duration::ZERO);
/// println!("{monitor}");
/// ```
#[track_caller]
pub fn lag(name: impl Into<String>, spawner: &impl Spawn, interval: Duration) -> LagMonitor {
    static LAST: AtomicU64 = AtomicU64::new(0);
    assert!(
        interval > Duration::ZERO,
        "the interval of a lag monitor must be above zero"
    );
    let measured = Arc::new(Measured {
        number: LAST.fetch_add(1, Relaxed),
        name: name.into(),
        started: Instant::now(),
        due: AtomicU64::new(nanos(interval)),
        last: AtomicU64::new(0),
        worst: AtomicU64::new(0),
        buckets: [const { AtomicU64::new(0) }; BUCKETS],
    });
    let mut monitors = MONITORS.lock();
    monitors.retain(|other| other.strong_count() > 0);
    monitors.push(Arc::downgrade(&measured));
    drop(monitors);
    let ending = Ending(Arc::downgrade(&measured));
    let job = spawner.handle().spawn(async move {
        while let Some(measured) = ending.0.upgrade() {
            let Some(due) = Instant::now().checked_add(interval) else {
                break;
            };
            let after = due.saturating_duration_since(measured.started);
            measured.due.store(nanos(after), Relaxed);
            drop(measured);
            sleep_until(due).await;
            if let Some(measured) = ending.0.upgrade() {
                measured.note(due.elapsed());
            }
        }
    });
    LagMonitor { measured, job }
}

/// The lag of all monitors.
pub(super) fn all() -> Vec<Lagging> {
    let monitors: Vec<_> = MONITORS.lock().iter().filter_map(Weak::upgrade).collect();
    (monitors.iter())
        .map(|measured| Lagging {
            number: measured.number,
            name: measured.name.clone(),
            late: measured.current(),
        })
        .collect()
}

/// Measures how late tasks run, until it is dropped. Returned by [`lag`](lag()).
#[must_use = "the measuring ends when this is dropped"]
pub struct LagMonitor {
    measured: Arc<Measured>,
    job: Job<()>,
}

impl LagMonitor {
    /// Returns how late the last measurement was, or the pending one if that is later already.
    #[must_use]
    pub fn current(&self) -> Duration {
        self.measured.current()
    }

    /// Returns the largest delay so far.
    #[must_use]
    pub fn worst(&self) -> Duration {
        Duration::from_nanos(self.measured.worst.load(Relaxed))
    }

    /// Returns the number of measurements.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.measured
            .buckets
            .iter()
            .map(|bucket| bucket.load(Relaxed))
            .sum()
    }

    /// Returns pairs of a limit and the number of delays up to that limit and above the one before.
    ///
    /// Each limit is twice the one before, starting at 2 µs. Limits above the largest delay are left out.
    pub fn histogram(&self) -> impl Iterator<Item = (Duration, u64)> + use<> {
        let mut counts: Vec<u64> = self
            .measured
            .buckets
            .iter()
            .map(|bucket| bucket.load(Relaxed))
            .collect();
        while counts.last() == Some(&0) {
            counts.pop();
        }
        let limits = (1..).map(|power| Duration::from_micros(1 << power));
        limits.zip(counts)
    }
}

impl Drop for LagMonitor {
    fn drop(&mut self) {
        self.job.cancel();
    }
}

impl fmt::Debug for LagMonitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LagMonitor")
            .field("current", &self.current())
            .field("worst", &self.worst())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for LagMonitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.measured.name;
        let (current, worst, count) = (self.current(), self.worst(), self.count());
        write!(
            f,
            "{name}: {current:?} late, {worst:?} at worst, {count} measured"
        )
    }
}
