//! A test that runs its model in a process of its own, and reads what it prints.

use core::time::Duration;
use std::env;
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;

/// Set in the process that runs the model.
const IN_CHILD: &str = "USER_MODELS_IN_CHILD";

/// Far more than any model here needs, so that a hang is a failure and not a hang.
const LIMIT: Duration = Duration::from_secs(120);

/// Whether this is the process that runs the model.
pub(crate) fn is_child() -> bool {
    env::var_os(IN_CHILD).is_some()
}

/// Runs one test of this binary alone: whether it succeeded, and what it had to say.
pub(crate) fn this_test_in_a_child(name: &str) -> (bool, String) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(IN_CHILD, "1")
        .env_remove("RUST_BACKTRACE")
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
