//! Signals that request a shutdown. Each test sends them to a child: this program, which runs the one scenario that is
//! named for it.
#![cfg(all(unix, not(syncline_loom)))]

#[path = "support/watch.rs"]
mod watch;

use core::future::pending;
use std::env::{self, current_exe};
use std::io::{BufRead, BufReader, Write, stdout};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use syncline::service::Shutdown;
use watch::watched;

const SCENARIO: &str = "SYNCLINE_SIGNALS_SCENARIO";

/// Says something to the parent.
fn say(line: &str) {
    // Not by `println!`, which the test harness captures.
    writeln!(stdout().lock(), "{line}").expect("the parent reads");
}

/// What a child does: the whole of it runs inside this test, which does nothing in the parent.
#[test]
fn child() {
    let Ok(scenario) = env::var(SCENARIO) else {
        return;
    };
    let shutdown = Shutdown::builder().drain("drain").phase("close").build();
    shutdown.on_signals().unwrap();
    if scenario == "hangs" {
        shutdown.on("close", "says so", || say("closing"));
        shutdown.on_async("close", "hangs", pending());
    }
    if scenario == "blocks" {
        // Nobody runs it: no thread of this program can do anything for its end.
        say("ready");
        shutdown.requested().wait();
        say("closing");
        let lock = syncline::thread::Lock::new(());
        let _held = lock.lock();
        drop(lock.lock());
    }
    say("ready");
    say(&format!("ended {}", shutdown.run().wait().in_time));
}

/// A child, and what it says.
struct Program {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Program {
    fn start(scenario: &str) -> Self {
        let mut child = Command::new(current_exe().unwrap())
            .args(["--exact", "child", "--nocapture"])
            .env(SCENARIO, scenario)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    /// Reads until the child says this.
    #[track_caller]
    fn says(&mut self, wanted: &str) {
        watched(&wanted, || {
            let mut line = String::new();
            while !line.trim_end().ends_with(wanted) {
                line.clear();
                let read = self.lines.read_line(&mut line).unwrap();
                assert_ne!(read, 0, "the child ended before it said `{wanted}`");
            }
        });
    }

    fn send(&self, signal: &str) {
        let number = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &number]).status();
        assert!(sent.unwrap().success());
    }

    fn end(mut self) -> ExitStatus {
        watched(&"the child", || self.child.wait().unwrap())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // After a test that failed.
        drop(self.child.kill());
    }
}

#[test]
fn the_first_signal_requests_the_shutdown_and_the_program_ends_by_itself() {
    for signal in ["-INT", "-TERM"] {
        let mut program = Program::start("ends");
        program.says("ready");
        program.send(signal);
        program.says("ended true");
        assert!(program.end().success());
    }
}

/// Trap E2.
#[test]
fn a_second_signal_exits_with_its_number() {
    for (scenario, first, second, code) in [
        ("hangs", "-INT", "-INT", 130),
        ("hangs", "-INT", "-TERM", 143),
        ("blocks", "-TERM", "-INT", 130),
    ] {
        let mut program = Program::start(scenario);
        program.says("ready");
        program.send(first);
        program.says("closing");
        program.send(second);
        assert_eq!(program.end().code(), Some(code), "{scenario}");
    }
}
