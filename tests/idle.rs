//! A pool that has nothing to do does nothing: its threads use no processor, and are never woken.

#![cfg(all(target_os = "linux", feature = "pool", not(syncline_loom)))]

use core::ops::Sub;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use core::time::Duration;
use std::fs;
use std::sync::{Arc, Barrier};
use std::thread;

use syncline::Job;
use syncline::task::{block_on, sleep};
use syncline::thread::{Event, ThreadPool};

#[path = "support/watch.rs"]
mod watch;

/// How long idle threads are looked at.
const LONG: Duration = Duration::from_secs(1);

/// One that had not quite fallen asleep may do so.
const A_LAST_SLEEP: u64 = 2;

/// What threads have done so far, or between two looks.
#[derive(Clone, Copy, Debug, Default)]
struct Activity {
    /// How many threads there are.
    threads: usize,
    /// How many of them sleep.
    asleep: usize,
    /// Processor time, in ticks of the system, of which there are a hundred in a second.
    ticks: u64,
    /// How often they fell asleep.
    sleeps: u64,
}

impl Activity {
    /// That of the threads of this process whose names begin so.
    fn of(prefix: &str) -> Self {
        let mut all = Self::default();
        for task in fs::read_dir("/proc/self/task").expect("Linux has /proc") {
            let task = task.expect("Linux has /proc").path();
            // A thread may have ended meanwhile.
            let read = |name: &str| fs::read_to_string(task.join(name)).unwrap_or_default();
            if !read("comm").starts_with(prefix) {
                continue;
            }
            // The state and what follows it stand behind the name, which is in parentheses.
            let stat = read("stat");
            let Some((_, stat)) = stat.rsplit_once(") ") else {
                continue;
            };
            let fields: Vec<&str> = stat.split(' ').collect();
            let ticks = |field: usize| fields[field].parse::<u64>().expect("a number of ticks");
            let status = read("status");
            let sleeps = status
                .lines()
                .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))
                .and_then(|number| number.trim().parse::<u64>().ok());
            all.threads += 1;
            all.asleep += usize::from(fields[0] == "S");
            all.ticks += ticks(11) + ticks(12);
            all.sleeps += sleeps.unwrap_or(0);
        }
        all
    }

    /// What they do in the time that follows.
    fn during(time: Duration, prefix: &str) -> Self {
        let before = Self::of(prefix);
        thread::sleep(time);
        Self::of(prefix) - before
    }

    fn is_idle(self) -> bool {
        self.ticks <= A_LAST_SLEEP && self.sleeps <= A_LAST_SLEEP
    }
}

impl Sub for Activity {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            threads: self.threads,
            asleep: self.asleep,
            ticks: self.ticks - earlier.ticks,
            sleeps: self.sleeps - earlier.sleeps,
        }
    }
}

fn pool(prefix: &str) -> ThreadPool {
    ThreadPool::builder().workers(2).name_prefix(prefix).build()
}

/// Has both workers started: each of two jobs waits for the other.
fn start_both(pool: &ThreadPool) {
    let meeting = Arc::new(Barrier::new(2));
    let jobs = [(); 2].map(|()| {
        let meeting = Arc::clone(&meeting);
        pool.submit(move || meeting.wait().is_leader())
    });
    for job in jobs {
        job.wait().expect("no job panics");
    }
}

/// Nothing is done by these threads, all of which sleep sooner or later.
#[track_caller]
fn assert_idle(threads: usize, prefix: &str) {
    watch::until("threads that sleep", || {
        Activity::of(prefix).asleep == threads
    });
    let activity = Activity::during(LONG, prefix);
    assert!(activity.is_idle(), "{activity:?} in {LONG:?}");
    assert_eq!(threads, activity.threads);
}

#[test]
fn a_pool_that_was_given_nothing_has_no_threads() {
    let _pool = pool("unused");
    assert_eq!(0, Activity::of("unused").threads);
}

#[test]
fn idle_workers_use_no_processor_and_are_not_woken() {
    let pool = pool("quiet");
    start_both(&pool);
    assert_idle(2, "quiet");
    // Also after a burst, which has had them steal, search and fall asleep again and again.
    let jobs: Vec<Job<u64>> = (0..10_000).map(|n| pool.submit(move || n)).collect();
    let sum: u64 = jobs.into_iter().map(|job| job.wait().unwrap_or(0)).sum();
    assert_eq!(sum, (0..10_000).sum());
    assert_idle(2, "quiet");
}

#[test]
fn a_future_that_waits_and_a_job_for_later_keep_nobody_awake() {
    let pool = pool("later");
    start_both(&pool);
    let event = Arc::new(Event::new());
    let future = pool.spawn({
        let event = Arc::clone(&event);
        async move { event.as_task().wait().await }
    });
    let later = pool.submit_after(Duration::from_secs(3600), || ());
    // The drop of the pool waits for both; a test that fails must not.
    let (future, later) = (future.cancel_on_drop(), later.cancel_on_drop());
    assert_idle(2, "later");
    event.set();
    future.wait().expect("the event has been set");
    assert!(later.cancel());
}

#[test]
fn a_worker_that_waits_inside_a_job_uses_no_processor() {
    let pool = pool("inside");
    let (promise, awaited) = syncline::Promise::new();
    let waiting = pool.submit(move || awaited.wait());
    watch::until("a job that has begun", || waiting.is_running());
    assert_idle(1, "inside");
    promise.set(()).expect("it is still waited for");
    let outcome = waiting.wait().expect("it does not panic");
    outcome.expect("the promise was kept");
}

/// However much is queued: it is not begun, for all threads that there may be are blocked or kept for what
/// those wait for.
#[test]
fn a_pool_whose_jobs_are_all_blocked_uses_no_processor() {
    let pool = ThreadPool::builder()
        .workers(1)
        .max_blocked(3)
        .name_prefix("block")
        .build();
    let event = Arc::new(Event::new());
    let jobs: Vec<Job<()>> = (0..40)
        .map(|_| {
            let event = Arc::clone(&event);
            pool.submit(move || event.wait())
        })
        .collect();
    let mut before = 0;
    watch::until("threads of which there are no more", || {
        let now = Activity::during(Duration::from_millis(50), "block");
        let same = now.threads == before && now.threads > 1 && now.asleep == now.threads;
        before = now.threads;
        same
    });
    assert!(pool.queued() > 30, "{}", pool.queued());
    assert_idle(before, "block");
    event.set();
    for job in jobs {
        job.wait().expect("no job panics");
    }
}

#[test]
fn a_pool_whose_jobs_have_blocked_is_idle_again() {
    let pool = pool("again");
    let jobs: Vec<Job<()>> = (0..200)
        .map(|_| pool.submit(|| block_on(sleep(Duration::from_millis(2)))))
        .collect();
    for job in jobs {
        job.wait().expect("no job panics");
    }
    let mut left = 0;
    watch::until("those too many to have left", || {
        left = Activity::of("again").threads;
        left <= 2
    });
    assert_idle(left, "again");
}

mod tests {
    use super::{A_LAST_SLEEP, Activity, AtomicBool, Duration, LONG, Relaxed, thread};

    /// What is seen of a thread that does this all the time.
    fn seen(name: &str, step: impl Fn() + Sync) -> Activity {
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            let work = || {
                while !over.load(Relaxed) {
                    step();
                }
            };
            let started = thread::Builder::new()
                .name(name.to_owned())
                .spawn_scoped(scope, work);
            started.expect("a thread can be started");
            let activity = Activity::during(LONG, name);
            over.store(true, Relaxed);
            activity
        })
    }

    #[test]
    fn a_thread_that_polls_is_not_idle() {
        let polls = || thread::sleep(Duration::from_millis(20));
        let activity = seen("polls", polls);
        assert!(activity.sleeps > A_LAST_SLEEP, "{activity:?}");
        assert!(!activity.is_idle());
    }

    #[test]
    fn a_thread_that_spins_is_not_idle() {
        let activity = seen("spins", core::hint::spin_loop);
        assert!(activity.ticks > A_LAST_SLEEP, "{activity:?}");
        assert!(!activity.is_idle());
    }
}
