//! Searches the lines of all text files under a directory, on several threads, and prints what it
//! finds in the order of the paths.
//!
//! A tour of the queues. One thread walks the tree, workers search, a task prints:
//!
//! ```text
//!   walker ──files──▶ workers ──found──▶ printer
//!      ▲                                    │
//!      └───────── places in flight ◀────────┘
//! ```
//!
//! * `files` is a bounded [`Queue`](syncline::thread::Queue): the walker waits while it is full.
//! * `found` is a [`PriorityQueue`](syncline::thread::PriorityQueue): threads put, a task gets.
//! * [`task_done`](syncline::thread::Queue::task_done) and
//!   [`join`](syncline::thread::Queue::join) say when everything has been searched.
//! * [`shutdown`](syncline::thread::Queue::shutdown) ends the loops of all of them: gracefully at
//!   the end of the tree, immediately at Ctrl-C.
//!
//! Begin with `pipeline.rs`, and follow a file through `walk.rs`, `work.rs` and `print.rs`.
//!
//! Run it with `cargo run --release --example grep -- PATTERN DIR`, or with `--help`.

mod generate;
mod interrupt;
mod lengths;
mod options;
mod pipeline;
mod print;
mod search;
mod walk;
mod work;

use core::fmt;
use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use regex::bytes::{Regex, RegexBuilder};

use generate::{Generated, NEEDLE};
use options::{Options, Request, Source};
use pipeline::Pipeline;
use print::Printed;

/// Nothing was found, as grep says it.
const NOTHING: u8 = 1;

/// Something went wrong, perhaps with one file only.
const TROUBLE: u8 = 2;

/// What shells say of a program that SIGINT has ended.
pub(crate) const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    run().unwrap_or_else(|message| {
        complain(message);
        ExitCode::from(TROUBLE)
    })
}

/// Says something on stderr. If that is closed nobody is left to be told.
pub(crate) fn complain(what: impl fmt::Display) {
    drop(writeln!(io::stderr(), "grep: {what}"));
}

/// Does what the command line asks for, and returns the exit code, or what to complain of.
fn run() -> Result<ExitCode, String> {
    let options = match options::parse(env::args_os().skip(1))? {
        Request::Help => return help(),
        Request::Search(options) => options,
    };
    let pipeline = Arc::new(Pipeline::new(options.jobs));
    interrupt::listen(Arc::clone(&pipeline))
        .map_err(|error| format!("cannot listen for Ctrl-C: {error}"))?;
    let printed = match &options.source {
        Source::Folder { pattern, folder } => search(&pipeline, pattern, folder, &options)?,
        Source::Generated { files } => search_generated(&pipeline, *files, &options)?,
    };
    Ok(if pipeline.is_interrupted() {
        ExitCode::from(INTERRUPTED)
    } else if printed.trouble {
        ExitCode::from(TROUBLE)
    } else if printed.lines == 0 {
        ExitCode::from(NOTHING)
    } else {
        ExitCode::SUCCESS
    })
}

fn search(
    pipeline: &Pipeline,
    pattern: &str,
    folder: &Path,
    options: &Options,
) -> Result<Printed, String> {
    let pattern = compile(pattern).map_err(|error| format!("bad pattern: {error}"))?;
    // One look says whether it is missing, no directory or not ours to read.
    if let Err(error) = fs::read_dir(folder) {
        let folder = folder.display();
        return Err(format!("cannot read the directory {folder}: {error}"));
    }
    pipeline
        .search(folder, &pattern, options)
        .map_err(|error| format!("the search failed: {error}"))
}

/// Lines are bytes, whatever they are meant to be: `.` is one of them, as for grep in the C locale.
fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).unicode(false).build()
}

/// Makes a tree, searches it, and checks that every needle in it was found.
fn search_generated(pipeline: &Pipeline, files: u64, options: &Options) -> Result<Printed, String> {
    let generated =
        Generated::write(files).map_err(|error| format!("cannot generate files: {error}"))?;
    let printed = search(pipeline, NEEDLE, generated.folder(), options)?;
    let needles = generated.needles();
    generated
        .remove()
        .map_err(|error| format!("cannot remove the generated files: {error}"))?;
    let cut_short = pipeline.is_interrupted() || printed.closed;
    if printed.lines != needles && !cut_short {
        return Err(format!(
            "found {} lines, but {needles} were written",
            printed.lines
        ));
    }
    Ok(printed)
}

fn help() -> Result<ExitCode, String> {
    let mut out = io::stdout().lock();
    match out.write_all(options::HELP.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("cannot write: {error}"))
        }
        Ok(()) | Err(_) => Ok(ExitCode::SUCCESS),
    }
}
