//! The `serve` example, run as a user runs it.

#![cfg(all(feature = "signals", unix, not(syncline_loom)))]

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{self, Child, Command, Output, Stdio};

/// The built example: `cargo test` puts it beside the directory of the test binaries.
fn example(args: &[&str]) -> Command {
    let here = env::current_exe().expect("a test knows its own path");
    let profile = (here.ancestors().nth(2)).expect("tests are built in target/<profile>/deps");
    let example = profile.join("examples/serve");
    assert!(
        example.exists(),
        "`cargo build --features signals --example serve` comes first"
    );
    let mut command = Command::new(example);
    command
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(args: &[&str]) -> Output {
    example(args).output().expect("the example runs")
}

fn text(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).expect("messages are UTF-8")
}

/// A log that is removed in the end.
struct Log(PathBuf);

impl Log {
    fn new(name: &str) -> Self {
        Self(env::temp_dir().join(format!("serve-test-{}-{name}.log", process::id())))
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("the folder has a plain name")
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

/// A server, and where it listens.
fn start(mode: &str, log: &Log) -> (Child, String) {
    let mut child = example(&["--mode", mode, "--port", "0", "--log", log.path()])
        .spawn()
        .expect("the example runs");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("it is piped");
    let mut stdout = BufReader::new(stdout);
    stdout.read_line(&mut line).expect("it says where");
    child.stdout = Some(stdout.into_inner());
    let address = line.trim().rsplit(' ').next().expect("an address");
    (child, address.to_owned())
}

fn interrupt(child: &Child) {
    let sent = Command::new("sh")
        .args(["-c", "kill -s INT \"$0\"", &child.id().to_string()])
        .status();
    assert!(sent.expect("every Unix has a shell").success());
}

#[test]
fn what_is_acknowledged_survives_a_bad_wire() {
    for mode in ["threads", "tasks"] {
        let output = run(&["--selftest", "1", "--mode", mode]);
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(said.contains(" 0 lost"), "{said}");
    }
}

#[test]
fn a_bad_option_is_a_clear_message_and_changes_nothing() {
    for (args, message) in [
        (
            &["--mode", "fibres"][..],
            "--mode wants threads or tasks, not `fibres`",
        ),
        (
            &["--port", "65536"],
            "--port wants a number from 0 to 65535, not `65536`",
        ),
        (
            &["--selftest", "0"],
            "--selftest wants a number from 1 to 86400, not `0`",
        ),
        (
            &["--selftest", "--port", "1"],
            "a self-test chooses its own port and log",
        ),
        (&["--log"], "--log wants a file"),
        (&["now"], "unknown argument now"),
    ] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2));
        assert!(
            text(&output.stderr).contains(message),
            "{}",
            text(&output.stderr)
        );
    }
}

#[test]
fn a_taken_port_and_a_log_that_exists_are_clear_messages() {
    let (log, taken) = (
        Log::new("taken"),
        TcpListener::bind(("127.0.0.1", 0)).unwrap(),
    );
    let port = taken.local_addr().unwrap().port().to_string();
    let output = run(&["--port", &port, "--log", log.path()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("cannot listen at 127.0.0.1:"));
    let output = run(&["--port", "0", "--log", log.path()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("cannot create"));
}

#[test]
fn ctrl_c_lets_nobody_in_and_prints_how_it_ended() {
    for mode in ["threads", "tasks"] {
        let log = Log::new(mode);
        let (child, address) = start(mode, &log);
        let mut silent = TcpStream::connect(&address).unwrap();
        silent.write_all(b"what is this\n").unwrap();
        let mut answer = String::new();
        BufReader::new(&silent).read_line(&mut answer).unwrap();
        assert!(answer.starts_with("bad "), "{answer}");
        let mut idle = TcpStream::connect(&address).unwrap();
        interrupt(&child);
        // Its connection is closed: it was not in the middle of anything.
        assert_eq!(idle.read(&mut [0]).unwrap(), 0);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(text(&output.stdout).contains("close the store"));
    }
}
