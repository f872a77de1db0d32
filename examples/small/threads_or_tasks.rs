//! Threads or tasks: the time and the memory that many of each take while they wait.

use std::error::Error;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use syncline::thread::{self, Event, ThreadPool};
use syncline::{Job, task};

pub(crate) fn run() -> super::Outcome {
    println!("     number of |  time for each | memory of each");
    for count in [1000, 10_000, 100_000] {
        let pool = ThreadPool::new(1);
        let start = |go: Arc<Go>| {
            pool.spawn(async move {
                go.waiting.fetch_add(1, SeqCst);
                go.event.as_task().wait().await;
            })
        };
        show(count, "tasks", measure(count, start)?);
    }
    for count in [10, 100, 1000] {
        let start = |go: Arc<Go>| {
            thread::spawn(move || {
                go.waiting.fetch_add(1, SeqCst);
                go.event.wait();
            })
        };
        show(count, "threads", measure(count, start)?);
    }
    // What tasks are best at: many waits at once, on one thread.
    let start = Instant::now();
    let sleeps = (0..1000).map(|_| task::sleep(Duration::from_millis(10)));
    task::block_on(task::gather(sleeps));
    println!("1000 sleeps of 10 ms, at once: {:.1?}", start.elapsed());
    Ok(())
}

#[derive(Default)]
struct Go {
    waiting: AtomicUsize,
    event: Event,
}

/// Starts `count`, sets their event when all wait for it, and waits for their ends: time and memory.
fn measure(
    count: usize,
    start: impl Fn(Arc<Go>) -> Job<()>,
) -> Result<(Duration, usize), Box<dyn Error>> {
    let go = Arc::new(Go::default());
    let (before, began) = (resident(), Instant::now());
    let jobs: Vec<_> = (0..count).map(|_| start(Arc::clone(&go))).collect();
    while go.waiting.load(SeqCst) < count {
        std::thread::yield_now();
    }
    let memory = resident().saturating_sub(before);
    go.event.set();
    for job in jobs {
        job.wait()?;
    }
    Ok((began.elapsed(), memory))
}

/// The memory of this process in bytes, which only Linux says here.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kibibytes.map_or(0, |number| number.parse::<usize>().unwrap_or(0) * 1024)
}

fn show(count: usize, what: &str, (time, memory): (Duration, usize)) {
    let time = time.as_secs_f64() * 1e6 / f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let each = memory / count;
    println!("{count:>6} {what:<7} | {time:>11.1} us | {each:>8} bytes");
}
