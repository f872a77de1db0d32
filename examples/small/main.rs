//! Short programs, one for each primitive and service.
//!
//! ```text
//! cargo run --example small                 # all of them
//! cargo run --example small -- lock queue   # some of them
//! cargo run --example small -- --list
//! ```
//!
//! Each is a file of this folder, and meant to be read. What it claims, it asserts.
#![expect(clippy::print_stdout, reason = "programs talk to their terminal")]
#![expect(clippy::std_instead_of_core, reason = "readers know these from `std`")]
#![expect(
    clippy::unnecessary_wraps,
    reason = "all of them look the same, whether or not anything in them can fail"
)]

mod barrier;
mod bounded_semaphore;
mod breaker;
mod cancel_token;
mod condition;
mod event;
mod gather;
mod interval;
mod job_set;
mod lease_pool;
mod lifo_queue;
mod lock;
mod lock_all;
mod once_cell;
mod priority_queue;
mod promise;
mod queue;
mod rate_limiter;
mod requests;
mod retry;
mod rlock;
mod runner;
mod rwlock;
mod semaphore;
mod shared_job;
mod shutdown;
mod single_flight;
mod spawn;
mod task_group;
mod thread_pool;
mod threads_or_tasks;
mod timeout;
mod to_thread;
mod watch;

use std::env;
use std::error::Error;

/// How each program ends.
type Outcome = Result<(), Box<dyn Error>>;

/// A name, and what it runs.
type Program = (&'static str, fn() -> Outcome);

const PROGRAMS: [Program; 34] = [
    ("lock", lock::run),
    ("rlock", rlock::run),
    ("rwlock", rwlock::run),
    ("lock_all", lock_all::run),
    ("semaphore", semaphore::run),
    ("bounded_semaphore", bounded_semaphore::run),
    ("event", event::run),
    ("condition", condition::run),
    ("barrier", barrier::run),
    ("queue", queue::run),
    ("lifo_queue", lifo_queue::run),
    ("priority_queue", priority_queue::run),
    ("once_cell", once_cell::run),
    ("single_flight", single_flight::run),
    ("watch", watch::run),
    ("thread_pool", thread_pool::run),
    ("spawn", spawn::run),
    ("promise", promise::run),
    ("shared_job", shared_job::run),
    ("job_set", job_set::run),
    ("gather", gather::run),
    ("task_group", task_group::run),
    ("timeout", timeout::run),
    ("interval", interval::run),
    ("to_thread", to_thread::run),
    ("runner", runner::run),
    ("requests", requests::run),
    ("cancel_token", cancel_token::run),
    ("rate_limiter", rate_limiter::run),
    ("breaker", breaker::run),
    ("retry", retry::run),
    ("lease_pool", lease_pool::run),
    ("shutdown", shutdown::run),
    ("threads_or_tasks", threads_or_tasks::run),
];

fn main() -> Outcome {
    let names: Vec<String> = env::args().skip(1).collect();
    if names.iter().any(|name| name == "--list") {
        for (name, _) in PROGRAMS {
            println!("{name}");
        }
        return Ok(());
    }
    for name in &names {
        if !PROGRAMS.iter().any(|(known, _)| known == name) {
            return Err(format!("there is no program `{name}`; `--list` shows all").into());
        }
    }
    for (name, run) in PROGRAMS {
        if names.is_empty() || names.iter().any(|wanted| wanted == name) {
            println!("--- {name}");
            run().map_err(|error| format!("{name}: {error}"))?;
        }
    }
    Ok(())
}
