//! Prints the SHA-256 of every file under a directory, as `sha256sum` does, computed on several
//! threads.
//!
//! A tour of the pool. One thread walks the tree and prints, a
//! [`ThreadPool`](syncline::thread::ThreadPool) computes:
//!
//! * [`as_completed`](syncline::thread::as_completed) hands out jobs in the order in which they end;
//! * [`map`](syncline::thread::ThreadPool::map) gives the results in the order of the files, with
//!   `--sorted`;
//! * [`PoolShutdown::CancelQueued`](syncline::PoolShutdown::CancelQueued) cancels what has not
//!   begun, at Ctrl-C.
//!
//! However large the tree is, only a bounded number of files is in memory at any time: `work.rs`
//! says how. Begin there, and go on with `sum.rs`, `report.rs` and `interrupt.rs`.
//!
//! Run it with `cargo run --release --example hashsum -- DIR`, or with `--help`.

mod interrupt;
mod options;
mod report;
mod sum;
mod walk;
mod work;

use core::fmt;
use std::env;
use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use interrupt::Interrupt;
use options::{Options, Request};
use report::Report;
use syncline::thread::ThreadPool;
use walk::Files;

/// Something could not be read, or written.
const TROUBLE: u8 = 1;

/// The request makes no sense.
const USAGE: u8 = 2;

/// What shells say of a program that SIGINT has ended.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let options = match options::parse(env::args_os().skip(1)) {
        Ok(Request::Help) => return help(),
        Ok(Request::Sum(options)) => options,
        Err(message) => {
            complain(message);
            return ExitCode::from(USAGE);
        }
    };
    run(&options).unwrap_or_else(|message| {
        complain(message);
        ExitCode::from(TROUBLE)
    })
}

/// Says something on stderr. If that is closed nobody is left to be told.
fn complain(what: impl fmt::Display) {
    drop(writeln!(io::stderr(), "hashsum: {what}"));
}

/// Does what the command line asks for, and returns the exit code, or what to complain of.
fn run(options: &Options) -> Result<ExitCode, String> {
    let folder = &options.folder;
    // One look says whether it is missing, no directory or not ours to read.
    fs::read_dir(folder)
        .map_err(|error| format!("cannot read the directory {}: {error}", folder.display()))?;
    let pool = ThreadPool::builder()
        .workers(options.jobs)
        .name_prefix("hashsum")
        .build();
    let interrupt = Arc::new(Interrupt::new(pool));
    interrupt::listen(Arc::clone(&interrupt))
        .map_err(|error| format!("cannot listen for Ctrl-C: {error}"))?;
    let report = Report::new();
    let files = Files::new(folder, &report, &interrupt);
    let ended = if options.sorted {
        work::in_order(files, &report, &interrupt)
    } else {
        work::as_they_end(files, &report, &interrupt)
    };
    // Nothing is left, unless nobody reads what is printed.
    interrupt.cancel();
    report.finish();
    ended.map_err(|error| format!("cannot write: {error}"))?;
    Ok(if interrupt.has_come() {
        complain(format_args!(
            "interrupted: {} files that were waiting are left out, and all that had not been found",
            report.left_out()
        ));
        ExitCode::from(INTERRUPTED)
    } else if report.has_trouble() {
        ExitCode::from(TROUBLE)
    } else {
        ExitCode::SUCCESS
    })
}

fn help() -> ExitCode {
    match io::stdout().write_all(options::HELP.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            complain(format_args!("cannot write: {error}"));
            ExitCode::from(TROUBLE)
        }
        Ok(()) | Err(_) => ExitCode::SUCCESS,
    }
}
