//! Model-checks every primitive with loom: `cargo loom`, or `cargo loom lock/thread` for some of them.
//!
//! One file per primitive, one function per model, one process per model and flavour of atomics
//! (`kit` says why and how). To add a model, write a function that takes a [`kit::Check`], list it in
//! its file's `MODELS`, and name it in `manifest.txt`; a new file also needs its `mod` and its row below.
//!
//! This binary has no libtest harness. What it does depends on how it was built and called:
//!
//! | built                     | called                 | does                                     |
//! |---------------------------|------------------------|------------------------------------------|
//! | with `--cfg syncline_loom`| `--planted`            | plants bugs, expects the models to fail  |
//! | with it                   | anything else          | runs the models                          |
//! | without it                | `--models`/`--planted` | fails: the models are not in this binary |
//! | without it                | by plain `cargo test`  | says where the models are, and succeeds  |
#![cfg_attr(
    syncline_loom,
    expect(
        clippy::similar_names,
        reason = "a head is held, and a release releases"
    )
)]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test runner talks to its terminal"
)]

#[cfg(syncline_loom)]
#[path = "../support/history.rs"]
#[expect(
    dead_code,
    reason = "models of histories shut nothing down and drop nothing"
)]
mod history;

#[cfg(syncline_loom)]
mod barrier;
#[cfg(syncline_loom)]
mod barrier_task;
#[cfg(syncline_loom)]
mod bounded;
#[cfg(syncline_loom)]
mod breaker;
#[cfg(syncline_loom)]
mod bridge;
#[cfg(syncline_loom)]
mod bridge_local;
#[cfg(syncline_loom)]
mod budget;
#[cfg(syncline_loom)]
mod capacity;
#[cfg(syncline_loom)]
mod combinators;
#[cfg(syncline_loom)]
mod combinators_timed;
#[cfg(syncline_loom)]
mod condition;
#[cfg(syncline_loom)]
mod condition_rlock;
#[cfg(syncline_loom)]
mod condition_task;
#[cfg(syncline_loom)]
#[cfg_attr(not(feature = "diagnostics"), path = "no_diag.rs")]
mod diag;
#[cfg(syncline_loom)]
mod event;
#[cfg(syncline_loom)]
mod event_task;
#[cfg(syncline_loom)]
mod group;
#[cfg(syncline_loom)]
mod halves;
#[cfg(syncline_loom)]
mod job;
#[cfg(syncline_loom)]
mod job_set;
#[cfg(syncline_loom)]
mod job_shared;
#[cfg(syncline_loom)]
mod job_task;
#[cfg(syncline_loom)]
mod job_waits;
#[cfg(syncline_loom)]
#[expect(
    dead_code,
    reason = "part of it is for binaries that have only some of the models"
)]
mod kit;
#[cfg(syncline_loom)]
mod kit_selftest;
#[cfg(syncline_loom)]
mod lease;
#[cfg(syncline_loom)]
mod limiter;
#[cfg(syncline_loom)]
mod line;
#[cfg(syncline_loom)]
mod lock;
#[cfg(syncline_loom)]
mod lock_all;
#[cfg(syncline_loom)]
mod lock_handover;
#[cfg(syncline_loom)]
mod once;
#[cfg(syncline_loom)]
mod once_task;
#[cfg(syncline_loom)]
mod owned;
#[cfg(syncline_loom)]
mod pool;
#[cfg(syncline_loom)]
mod pool_block;
#[cfg(syncline_loom)]
mod pool_ends;
#[cfg(syncline_loom)]
mod pool_room;
#[cfg(syncline_loom)]
mod pool_starts;
#[cfg(syncline_loom)]
mod pool_task;
#[cfg(syncline_loom)]
mod programs;
#[cfg(syncline_loom)]
mod queue;
#[cfg(syncline_loom)]
mod queue_linear;
#[cfg(syncline_loom)]
mod queue_mixed;
#[cfg(syncline_loom)]
mod queue_pressure;
#[cfg(syncline_loom)]
mod queue_shutdown;
#[cfg(syncline_loom)]
mod queue_task;
#[cfg(syncline_loom)]
mod raw;
#[cfg(syncline_loom)]
mod retry;
#[cfg(syncline_loom)]
mod rlock;
#[cfg(syncline_loom)]
mod rlock_task;
#[cfg(syncline_loom)]
mod rwlock;
#[cfg(syncline_loom)]
mod rwlock_task;
#[cfg(syncline_loom)]
mod rwlock_upgrade;
#[cfg(syncline_loom)]
mod semaphore;
#[cfg(syncline_loom)]
mod semaphore_mixed;
#[cfg(syncline_loom)]
mod semaphore_task;
#[cfg(syncline_loom)]
mod semaphore_timeout;
#[cfg(syncline_loom)]
mod semaphore_transfer;
#[cfg(syncline_loom)]
mod shutdown;
#[cfg(syncline_loom)]
mod single_flight;
#[cfg(syncline_loom)]
mod token;
#[cfg(syncline_loom)]
mod token_places;
#[cfg(syncline_loom)]
mod watch;

/// Every model of every file, in the order in which they start.
#[cfg(syncline_loom)]
const MODELS: &[&[kit::Model]] = &[
    kit_selftest::MODELS,
    line::MODELS,
    lock::MODELS,
    lock_handover::MODELS,
    rlock::MODELS,
    rlock_task::MODELS,
    raw::MODELS,
    rwlock::MODELS,
    rwlock_task::MODELS,
    rwlock_upgrade::MODELS,
    semaphore::MODELS,
    semaphore_task::MODELS,
    semaphore_mixed::MODELS,
    semaphore_timeout::MODELS,
    semaphore_transfer::MODELS,
    bounded::MODELS,
    capacity::MODELS,
    event::MODELS,
    event_task::MODELS,
    once::MODELS,
    once_task::MODELS,
    owned::MODELS,
    single_flight::MODELS,
    watch::MODELS,
    condition::MODELS,
    condition_task::MODELS,
    condition_rlock::MODELS,
    lock_all::MODELS,
    barrier::MODELS,
    barrier_task::MODELS,
    programs::MODELS,
    queue::MODELS,
    queue_task::MODELS,
    queue_mixed::MODELS,
    queue_pressure::MODELS,
    queue_shutdown::MODELS,
    queue_linear::MODELS,
    halves::MODELS,
    pool::MODELS,
    pool_block::MODELS,
    pool_starts::MODELS,
    pool_task::MODELS,
    pool_ends::MODELS,
    pool_room::MODELS,
    budget::MODELS,
    combinators::MODELS,
    combinators_timed::MODELS,
    job::MODELS,
    job_task::MODELS,
    job_set::MODELS,
    job_shared::MODELS,
    job_waits::MODELS,
    group::MODELS,
    bridge::MODELS,
    bridge_local::MODELS,
    token::MODELS,
    token_places::MODELS,
    lease::MODELS,
    limiter::MODELS,
    shutdown::MODELS,
    breaker::MODELS,
    retry::MODELS,
    diag::MODELS,
];

#[cfg(syncline_loom)]
fn main() -> std::process::ExitCode {
    kit::main(&MODELS.concat())
}

#[cfg(not(syncline_loom))]
fn main() -> std::process::ExitCode {
    use std::process::ExitCode;

    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments
        .iter()
        .any(|a| a == "--models" || a == "--planted")
    {
        eprintln!(
            "error: this binary was built without `--cfg syncline_loom` and contains no model.\n\
             An environment variable RUSTFLAGS replaces the flags of the `cargo loom` alias:\n\
             unset it, or add `--cfg syncline_loom` to it."
        );
        return ExitCode::FAILURE;
    }
    // A test runner that asks for a list of tests must not read this line as one.
    if !arguments.iter().any(|a| a == "--list") {
        println!("models run with `cargo loom`");
    }
    ExitCode::SUCCESS
}
