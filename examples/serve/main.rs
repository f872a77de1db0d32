//! A small key-value server that survives: bad clients, bad wires, too much to do, and its own end.
//!
//! A tour of what long-running programs are built of. One thread or one task for each connection puts writes into a
//! pipeline of threads, and answers when they lie in the log:
//!
//! ```text
//!  clients ─▶ [LeasePool] ═══ TCP ═══▶ connections ─▶ [incoming] ─▶ encoders ─▶ [records] ─▶ writer ─▶ log
//!                 4                     threads|tasks   water marks                              │
//!                     ◀═══════════════════════════════ done ◀──────────────── Promise ◀──────────┘
//! ```
//!
//! * [`LeasePool`](syncline::service::LeasePool) lends connections out, and drops one on which anything went wrong.
//! * [`retry`](syncline::thread::retry()) tries again, on another one.
//! * [`watermarks`](syncline::thread::BaseQueue::watermarks) keep those who write waiting while there is too much.
//! * A [`Promise`](syncline::Promise) carries the answer from the writer to whoever waits for it, thread or task.
//! * [`Shutdown`](syncline::service::Shutdown) ends it in order: nobody is let in, what is under way is answered,
//!   the pipeline runs dry, and what did not end in time is named.
//!
//! Begin with `server.rs`, and go on with `threads.rs`, `tasks.rs` and `store.rs`. `selftest.rs` puts a
//! wire from `chaos.rs` between clients and server, which kills, hangs and garbles connections, and a disk from `disk.rs`
//! under the log, which stalls. It proves that nothing is lost that was acknowledged, and that those who write
//! wait from the high mark on until the low one.
//!
//! Run it with `cargo run --release --features signals --example serve -- --selftest`, or with `--help`.

mod chaos;
mod client;
mod disk;
mod options;
mod protocol;
mod selftest;
mod server;
mod stats;
mod store;
mod tasks;
mod threads;

use core::fmt;
use core::net::SocketAddr;
use std::env;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use options::{Mode, Request};
use server::Server;
use store::Limits;

/// Something was lost, or cannot be done.
const TROUBLE: u8 = 1;

/// The command line makes no sense.
const USAGE: u8 = 2;

/// How much may be on its way to the log.
const LIMITS: Limits = Limits {
    high: 192,
    low: 64,
    batch: 256,
};

fn main() -> ExitCode {
    let well = match options::parse(env::args_os().skip(1)) {
        Ok(Request::Help) => help(),
        Ok(Request::Serve { mode, address, log }) => serve(mode, address, &log),
        Ok(Request::SelfTest { mode, time }) => {
            selftest::run(mode, time).map_err(|error| format!("the test failed: {error}"))
        }
        Err(message) => {
            complain(message);
            return ExitCode::from(USAGE);
        }
    };
    match well {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(TROUBLE),
        Err(message) => {
            complain(message);
            ExitCode::from(TROUBLE)
        }
    }
}

/// Says something on stderr. If that is closed nobody is left to be told.
fn complain(what: impl fmt::Display) {
    drop(writeln!(io::stderr(), "serve: {what}"));
}

/// Serves until Ctrl-C; returns whether all ended in time.
fn serve(mode: Mode, address: SocketAddr, path: &Path) -> Result<bool, String> {
    let log = File::create_new(path);
    let log = log.map_err(|error| format!("cannot create {}: {error}", path.display()))?;
    let server = Server::start(mode, address, LIMITS, log);
    let server = server.map_err(|error| format!("cannot listen at {address}: {error}"))?;
    let signals = server.shutdown.on_signals();
    signals.map_err(|error| format!("cannot hear of signals: {error}"))?;
    drop(writeln!(io::stdout(), "listening at {}", server.address));
    let statistics = stats::show(&server);
    let report = server.shutdown.run().wait();
    if let Some(statistics) = statistics {
        drop(statistics.wait());
    }
    drop(writeln!(io::stdout(), "{report}"));
    Ok(report.in_time)
}

fn help() -> Result<bool, String> {
    match io::stdout().write_all(options::HELP.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("cannot write: {error}"))
        }
        Ok(()) | Err(_) => Ok(true),
    }
}
