//! Two locks, one taken by a thread and a task in opposite orders: the checker finds the
//! interleaving in which both wait for ever. In the same order, there is none.

#[cfg(not(syncline_loom))]
compile_error!(
    "models need --cfg syncline_loom: run `cargo test` in this directory, without RUSTFLAGS"
);

mod explore;

use core::time::Duration;
use std::env;
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::{Arc, mpsc};
use std::thread;

use syncline::loom;
use syncline::task;
use syncline::thread::Lock;

/// Set in the process that runs the model which is expected to fail.
const IN_CHILD: &str = "USER_MODELS_IN_CHILD";

/// Far more than the model needs, so that a hang is a failure and not a hang.
const LIMIT: Duration = Duration::from_mins(2);

#[test]
fn locks_in_one_order_never_deadlock() {
    explore::all(|| thread_and_task(|locks| (&locks.0, &locks.1)));
}

#[test]
fn locks_in_opposite_orders_are_found_to_deadlock() {
    if env::var_os(IN_CHILD).is_some() {
        explore::all(|| thread_and_task(|locks| (&locks.1, &locks.0)));
        return;
    }
    // A process of its own: a deadlock that is reported while other threads of the model
    // still hold their locks may end in an abort.
    let (succeeded, report) =
        this_test_in_a_child("locks_in_opposite_orders_are_found_to_deadlock");
    assert!(!succeeded, "the deadlock was not found:\n{report}");
    assert!(
        report.contains("deadlock"),
        "it failed, but not of the deadlock:\n{report}"
    );
}

type Locks = (Lock<u32>, Lock<u32>);

/// A task that locks the first, then the second; a thread that locks in the given order.
fn thread_and_task(order: fn(&Locks) -> (&Lock<u32>, &Lock<u32>)) {
    let locks: Arc<Locks> = Arc::new((Lock::new(0), Lock::new(0)));
    let thread = loom::thread::spawn({
        let locks = Arc::clone(&locks);
        move || {
            let (outer, inner) = order(&locks);
            let mut outer = outer.lock();
            let mut inner = inner.lock();
            *outer += 1;
            *inner += 1;
        }
    });
    task::block_on(async {
        let mut outer = locks.0.as_task().lock().await;
        let mut inner = locks.1.as_task().lock().await;
        *outer += 1;
        *inner += 1;
    });
    thread.join().unwrap();
    assert_eq!((2, 2), (*locks.0.lock(), *locks.1.lock()));
}

/// Runs one test of this binary alone: whether it succeeded, and what it had to say.
fn this_test_in_a_child(name: &str) -> (bool, String) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(IN_CHILD, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let (sender, report) = mpsc::channel();
    thread::spawn(move || {
        let mut text = Vec::new();
        stderr.read_to_end(&mut text).unwrap();
        sender.send(String::from_utf8_lossy(&text).into_owned())
    });
    let Ok(report) = report.recv_timeout(LIMIT) else {
        child.kill().unwrap();
        child.wait().unwrap();
        panic!("{name} did not end within {LIMIT:?}");
    };
    (child.wait().unwrap().success(), report)
}
