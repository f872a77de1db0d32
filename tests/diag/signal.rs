//! A snapshot for whoever sends a signal to a program in which everything is stuck.

use std::env::{self, current_exe};
use std::io::{BufRead, BufReader, Write, stderr};
use std::process::{Command, Stdio};

use syncline::diag;
use syncline::thread::Lock;

use crate::watch::watched;

const CHILD: &str = "SYNCLINE_DIAG_CHILD";

/// What the child does, in which nothing else runs.
#[test]
fn child() {
    static LOCK: Lock<u32> = Lock::new(0).named("signal: stuck");
    if env::var(CHILD).is_err() {
        return;
    }
    diag::dump_on_signal().unwrap();
    let _held = LOCK.lock();
    writeln!(stderr(), "ready").unwrap();
    drop(LOCK.lock());
}

#[test]
fn a_program_in_which_everything_is_stuck_still_prints_at_each_signal() {
    let mut child = Command::new(current_exe().unwrap())
        .args(["--exact", "signal::child", "--nocapture"])
        .env(CHILD, "stuck")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let number = child.id().to_string();
    let mut until = |wanted: &str| loop {
        let line = lines.next().expect("it goes on").unwrap();
        if line.contains(wanted) {
            break;
        }
    };
    watched(&number, || {
        until("ready");
        for _ in 0..2 {
            let sent = Command::new("kill").args(["-USR1", &number]).status();
            assert!(sent.unwrap().success());
            until("of Unix time");
            until("signal: stuck");
        }
    });
    child.kill().unwrap();
    child.wait().unwrap();
}
