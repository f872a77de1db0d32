//! Threads or tasks: the time and the memory that many of each take while they wait. Linux says how much memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};
use std::{fs, thread as std_thread};

use syncline::thread::{self, Event, ThreadPool};
use syncline::{Job, task};

pub(crate) fn run() -> super::Outcome {
    println!("   how many | threads: start and end, memory of each | tasks: start and end, memory of each");
    for count in [10, 100, 1000] {
        let threads = measure(count, |go| {
            thread::spawn(move || {
                go.waiting.fetch_add(1, SeqCst);
                go.event.wait();
            })
        })?;
        let pool = ThreadPool::new(1);
        let tasks = measure(count, |go| {
            pool.spawn(async move {
                go.waiting.fetch_add(1, SeqCst);
                go.event.as_task().wait().await;
            })
        })?;
        println!("{count:>11} | {} | {}", shown(&threads), shown(&tasks));
    }
    // What a runtime of tasks is for: each of these waits ten milliseconds, and together they do, too.
    let start = Instant::now();
    task::block_on(task::gather((0..1000).map(|_| task::sleep(Duration::from_millis(10)))));
    println!("a thousand sleeps of 10 ms on one thread: {:.1?}", start.elapsed());
    Ok(())
}

#[derive(Default)]
struct Go {
    waiting: AtomicUsize,
    event: Event,
}

/// Starts `count` of them, waits until all wait for one event, sets it, and waits for their ends.
fn measure(
    count: usize,
    start: impl Fn(Arc<Go>) -> Job<()>,
) -> Result<(Duration, Option<usize>), Box<dyn std::error::Error>> {
    let go = Arc::new(Go::default());
    let (before, began) = (resident(), Instant::now());
    let jobs: Vec<_> = (0..count).map(|_| start(Arc::clone(&go))).collect();
    while go.waiting.load(SeqCst) < count {
        std_thread::yield_now();
    }
    let all_wait = resident();
    go.event.set();
    for job in jobs {
        job.wait()?;
    }
    let memory = before.zip(all_wait).map(|(before, after)| after.saturating_sub(before) / count);
    Ok((began.elapsed(), memory))
}

/// Bytes of memory of this process, where `/proc` says so.
fn resident() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: usize = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024)
}

fn shown((time, memory): &(Duration, Option<usize>)) -> String {
    let memory = memory.map_or("unknown".to_owned(), |bytes| format!("{bytes} bytes"));
    format!("{time:>10.1?}, {memory:>12}")
}
