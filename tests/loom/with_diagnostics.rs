//! What the feature `diagnostics` records, and one model of each primitive with it on: `cargo loom-diagnostics`.
//!
//! A binary of its own, so that the rest of the models need not be compiled a second time. They can be run with the
//! feature, too: `cargo loom-all-diagnostics`.
#![cfg_attr(
    syncline_loom,
    expect(
        dead_code,
        unused_imports,
        clippy::similar_names,
        reason = "of the files included here only some models are run; a head is held, and a release releases"
    )
)]
#![cfg_attr(
    syncline_loom,
    expect(clippy::print_stderr, reason = "a test runner talks to its terminal")
)]
#![expect(clippy::print_stdout, reason = "a test runner talks to its terminal")]

#[cfg(syncline_loom)]
mod barrier;
#[cfg(syncline_loom)]
mod condition;
#[cfg(syncline_loom)]
mod diag;
#[cfg(syncline_loom)]
mod event_task;
#[cfg(syncline_loom)]
mod job;
#[cfg(syncline_loom)]
mod job_task;
#[cfg(syncline_loom)]
mod kit;
#[cfg(syncline_loom)]
mod lock;
#[cfg(syncline_loom)]
mod queue;
#[cfg(syncline_loom)]
mod queue_mixed;
#[cfg(syncline_loom)]
mod queue_task;
#[cfg(syncline_loom)]
mod rlock;
#[cfg(syncline_loom)]
mod rwlock;
#[cfg(syncline_loom)]
mod semaphore_task;

/// One of each primitive.
#[cfg(syncline_loom)]
const OTHERS: [(&[kit::Model], &str); 9] = [
    (lock::MODELS, "lock/mixed/thread_and_task"),
    (rlock::MODELS, "rlock/mixed/thread_behind_dropped_task"),
    (rwlock::MODELS, "rwlock/mixed/thread_and_task"),
    (semaphore_task::MODELS, "semaphore/task/drop_against_grant"),
    (event_task::MODELS, "event/task/drop_against_set"),
    (barrier::MODELS, "barrier/mixed/thread_and_task_meet"),
    (condition::MODELS, "condition/mixed/task_notifies_thread"),
    (queue_mixed::MODELS, "queue/mixed/two_getters"),
    (job_task::MODELS, "job/mixed/thread_waits_for_a_future"),
];

#[cfg(syncline_loom)]
fn main() -> std::process::ExitCode {
    let mut models = diag::MODELS.to_vec();
    for (file, name) in OTHERS {
        let named = file.iter().find(|model| model.name == name);
        models.push(*named.unwrap_or_else(|| panic!("there is no model {name}")));
    }
    kit::main_of_some(&models)
}

#[cfg(not(syncline_loom))]
fn main() {
    println!("models run with `cargo loom`");
}
