//! Crowds: starting many threads or tasks that all wait for one event, and the memory they take.
//!
//! Each crowd is started in a process of its own, in which no stack and no block of memory is left
//! over from another. It runs on one core: what is measured is what must be done for each.

use core::fmt::Display;
use core::sync::atomic::{AtomicUsize, Ordering::AcqRel, Ordering::Acquire};
use core::time::Duration;
use std::process::Command;
use std::sync::Arc;
use std::thread::{self, Builder};
use std::time::Instant;
use std::{env, fs};

use serde::{Deserialize, Serialize};
use syncline::thread::ThreadPool;
use syncline::{task, thread as blocking};

use crate::cell::{Cell, Sample};
use crate::peers::{AsyncFlag, Flag, NotifyFlag, StdFlag, WORKERS};

/// How long a crowd gets to fall asleep before its memory is measured.
const SETTLE: Duration = Duration::from_millis(20);

/// How many processes and threads are left to other programs.
const SPARED: usize = 2_000;

/// How many mappings a thread has: its stack, that of its signals, and a guard page of each.
const MAPS: usize = 4;

/// For how many threads there are mappings left to the rest of the process.
const MAPS_SPARED: usize = 100;

/// What one crowd took.
#[derive(Debug, Deserialize, Serialize)]
struct Started {
    nanos: f64,
    members: u64,
    bytes: f64,
    note: Option<String>,
}

/// The cells about crowds.
pub(super) fn cells() -> Vec<Cell> {
    let cell = |members: u64| {
        let about = "start a thread or a task that waits for an event, until all of them wait";
        let names = [
            "syncline:tasks",
            "tokio:tasks",
            "syncline:threads",
            "std:threads",
        ];
        names.into_iter().fold(
            Cell::once(format!("crowd/{members}"), members, about),
            |cell, name| cell.peer(name, move |effort| elsewhere(name, effort.ops)),
        )
    };
    [10, 100, 1_000, 10_000, 100_000].map(cell).into()
}

/// Starts a crowd in a process of its own.
fn elsewhere(name: &str, members: u64) -> Sample {
    let program = env::current_exe().expect("a program knows where it is");
    let output = Command::new(program)
        .args(["--crowd", &format!("{name}:{members}")])
        .output()
        .expect("a process can be started");
    let said = String::from_utf8_lossy(&output.stdout);
    let Ok(started) = serde_json::from_str::<Started>(&said) else {
        let complaint = String::from_utf8_lossy(&output.stderr);
        panic!("the crowd {name}:{members} came to nothing: {complaint}");
    };
    let nanos = Duration::from_secs_f64(started.nanos / 1e9);
    let mut sample = Sample::new(nanos, started.members);
    sample.bytes = Some(started.bytes);
    sample.note = started.note;
    sample
}

/// Starts a crowd here, such as `std:threads:1000`, and prints what it took.
pub(crate) fn start(crowd: &str) -> Result<(), String> {
    let unknown = || format!("no crowd is called {crowd}");
    let (kind, members) = crowd.rsplit_once(':').ok_or_else(unknown)?;
    let members: usize = members.parse().map_err(|_| unknown())?;
    let started = match kind {
        "syncline:tasks" => {
            let pool = ThreadPool::new(WORKERS);
            tasks(members, wait::<task::Event>, |task| pool.spawn(task))
        }
        "tokio:tasks" => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(WORKERS)
                .build()
                .map_err(|error| error.to_string())?;
            tasks(members, wait::<NotifyFlag>, |task| runtime.spawn(task))
        }
        "syncline:threads" => threads::<blocking::Event>(members),
        "std:threads" => threads::<StdFlag>(members),
        _ => return Err(unknown()),
    };
    println!(
        "{}",
        serde_json::to_string(&started).map_err(|error| error.to_string())?
    );
    Ok(())
}

/// What the members of a crowd share.
struct Crowd<F> {
    flag: F,
    arrived: AtomicUsize,
}

// ORDERING: AcqRel and Acquire on `arrived`: whoever counts the members sees that each of them runs.

/// Waits until so many members are about to wait.
fn gather(arrived: &AtomicUsize, members: usize) {
    while arrived.load(Acquire) < members {
        thread::yield_now();
    }
}

fn tasks<F: AsyncFlag, W, H>(
    members: usize,
    wait: impl Fn(Arc<Crowd<F>>) -> W,
    spawn: impl Fn(W) -> H,
) -> Started {
    let crowd = Arc::new(Crowd {
        flag: F::new(),
        arrived: AtomicUsize::new(0),
    });
    let member = || spawn(wait(Arc::clone(&crowd)));
    // The executor is up when it has run something.
    let first = member();
    gather(&crowd.arrived, 1);
    let before = resident();
    let start = Instant::now();
    let handles: Vec<H> = (0..members).map(|_| member()).collect();
    gather(&crowd.arrived, members + 1);
    let elapsed = start.elapsed();
    thread::sleep(SETTLE);
    let bytes = resident() - before;
    crowd.flag.set();
    drop((first, handles));
    started(elapsed, members, bytes, None)
}

/// A member of a crowd of tasks.
async fn wait<F: AsyncFlag>(crowd: Arc<Crowd<F>>) {
    crowd.arrived.fetch_add(1, AcqRel);
    crowd.flag.wait().await;
}

fn threads<F: Flag>(members: usize) -> Started {
    let crowd = &Crowd {
        flag: F::new(),
        arrived: AtomicUsize::new(0),
    };
    let wait = || {
        crowd.arrived.fetch_add(1, AcqRel);
        crowd.flag.wait();
    };
    let (room, limit) = room();
    let before = resident();
    thread::scope(|scope| {
        let start = Instant::now();
        let (mut count, mut end) = (0, None);
        while count < members {
            if count >= room {
                end = Some(limit);
                break;
            }
            if let Err(error) = Builder::new().spawn_scoped(scope, wait) {
                end = Some(error.to_string());
                break;
            }
            count += 1;
        }
        gather(&crowd.arrived, count);
        let elapsed = start.elapsed();
        thread::sleep(SETTLE);
        let bytes = resident() - before;
        crowd.flag.set();
        let note = end.map(|end| ended(count, members, &end));
        started(elapsed, count, bytes, note)
    })
}

fn ended(count: usize, members: usize, why: &dyn Display) -> String {
    format!("ended at {count} of {members} threads: {why}")
}

fn started(elapsed: Duration, members: usize, bytes: f64, note: Option<String>) -> Started {
    Started {
        nanos: elapsed.as_secs_f64() * 1e9,
        members: members as u64,
        bytes: bytes / members.max(1) as f64,
        note,
    }
}

/// How many threads may be started here, and what ends them.
///
/// The last of them would not fail in `spawn`: a thread that finds no room for its stack of signals
/// aborts the program.
fn room() -> (usize, String) {
    let limit = |name: &str| {
        let text = fs::read_to_string(format!("/proc/sys/{name}")).ok()?;
        text.trim().parse::<usize>().ok()
    };
    let spared = |limit: usize| {
        let left = format!("{SPARED} are left to other programs");
        (limit.saturating_sub(SPARED), left)
    };
    let mapped = |limit: usize| {
        let room = (limit / MAPS).saturating_sub(MAPS_SPARED);
        (room, format!("a process has at most {limit} mappings"))
    };
    let limits = [
        limit("kernel/pid_max").map(spared),
        limit("kernel/threads-max").map(spared),
        limit("vm/max_map_count").map(mapped),
    ];
    let least = limits.into_iter().flatten().min_by_key(|limit| limit.0);
    least.unwrap_or((usize::MAX, String::new()))
}

/// Bytes of memory that this process has; without those of the kernel, such as its stacks.
fn resident() -> f64 {
    let text = fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Rss:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    kib.unwrap_or(0.0) * 1024.0
}
