//! Fetches URLs, several at a time, no faster than asked, with another try for those that failed.
//!
//! A tour of the tasks, of what services are built of, and of the bridge to the threads. A task for each URL waits for its
//! turn, runs a blocking HTTP client, and tries again after a pause:
//!
//! ```text
//!            ┌───────────────────────── a child for each URL ──────────────────────────┐
//!  spawn ──▶ │ retry ──▶ permit ──▶ breaker ──▶ limiter ──▶ timeout(to_thread(client)) │ ──▶ as_completed ──▶ report
//!            │   ▲                                                  │ failed           │
//!            │   └────────────────────── a pause ◀──────────────────┘                  │
//!            └─────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! * [`TaskGroup`](syncline::task::TaskGroup) runs the children, and its end is the end of all of them. That a
//!   request fails is a value here, not an error: it must not cancel the others.
//! * [`Semaphore`](syncline::task::Semaphore) counts the requests in flight. The permit goes along with the call, so
//!   that a call that nobody waits for any more still counts.
//! * [`timeout`](syncline::task::timeout()) ends the wait, and [`to_thread`](syncline::bridge::to_thread) is what is waited for.
//! * [`retry`](syncline::task::retry()) pauses before the next try, for as long as the server asks for, if it does.
//! * A [`Breaker`](syncline::service::Breaker) for each host leaves it alone for a while when it does not answer.
//! * A [`RateLimiter`](syncline::service::RateLimiter) spreads the requests. It comes last, so that what is rejected takes no
//!   token, and each try takes its own.
//! * [`Group::cancel`](syncline::task::Group::cancel), at Ctrl-C, drops all children where they wait.
//!
//! One thread drives all the children; only the calls need more. Begin with `fetch.rs`, which is one
//! child, and go on with `all.rs`, `client.rs`, `failure.rs` and `report.rs`. Without URLs the
//! pages come from `server.rs`, a small server with a pool of its own; `page.rs` has what they say.
//!
//! Run it with `cargo run --release --example fetch -- URL...`, or with `--help`.

mod all;
mod client;
mod failure;
mod fetch;
mod interrupt;
mod options;
mod page;
mod report;
mod server;

use core::fmt;
use std::env;
use std::io::{self, Write};
use std::process::ExitCode;

use options::{Options, Request};
use report::Report;
use server::Server;
use syncline::thread::Event;

/// Some requests failed, or something else went wrong.
const TROUBLE: u8 = 1;

/// The command line makes no sense.
const USAGE: u8 = 2;

/// What shells say of a program that SIGINT has ended.
const INTERRUPTED: u8 = 130;

/// Whether somebody has pressed Ctrl-C.
static INTERRUPT: Event = Event::new();

fn main() -> ExitCode {
    let options = match options::parse(env::args_os().skip(1)) {
        Ok(Request::Help) => return help(),
        Ok(Request::Fetch(options)) => options,
        Err(message) => {
            complain(message);
            return ExitCode::from(USAGE);
        }
    };
    run(options).unwrap_or_else(|message| {
        complain(message);
        ExitCode::from(TROUBLE)
    })
}

/// Says something on stderr. If that is closed nobody is left to be told.
fn complain(what: impl fmt::Display) {
    drop(writeln!(io::stderr(), "fetch: {what}"));
}

/// Does what the command line asks for, and returns the exit code, or what to complain of.
fn run(mut options: Options) -> Result<ExitCode, String> {
    if !options.urls.is_empty() {
        let report = fetch_all(&options)?;
        return Ok(exit_code(report.is_well()));
    }
    let server = Server::start().map_err(|error| format!("cannot start a server: {error}"))?;
    let pages = server.urls(&options);
    options.urls = pages.iter().map(|(url, _)| url.clone()).collect();
    let report = fetch_all(&options);
    server.stop();
    Ok(exit_code(report?.is_as_meant(&pages)))
}

/// Fetches, and prints the summary.
fn fetch_all(options: &Options) -> Result<Report, String> {
    let report = Report::new(options.urls.len());
    all::fetch(options, &report)?;
    (report.summary()).map_err(|error| format!("cannot write: {error}"))?;
    Ok(report)
}

fn exit_code(all_is_well: bool) -> ExitCode {
    if INTERRUPT.is_set() {
        ExitCode::from(INTERRUPTED)
    } else if all_is_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(TROUBLE)
    }
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
