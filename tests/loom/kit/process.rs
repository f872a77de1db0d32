//! A child process: one model, one flavour, one time limit.
//!
//! Its output is one pipe for both streams, so that a panic stands where it happened. End of file is how
//! the parent learns that the child is done. A child that has had its processor time, or sleeps, is killed.

use core::time::Duration;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc;
use std::time::Instant;

use super::model::Flavour;
use super::processor::{self, Look, Stop};
use super::report::Report;

/// A process that has ended, whichever way.
#[derive(Debug)]
pub(crate) struct Finished {
    /// Its report, or why there is none.
    pub(crate) verdict: Result<Report, Failure>,
    /// Everything it printed.
    pub(crate) output: String,
    /// The processor time it took, or the wall time where that is all that is known.
    pub(crate) used: Duration,
}

/// Why a process has no report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    /// In a few words.
    pub(crate) reason: String,
}

/// How a process came to have no report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The model failed.
    Failed,
    /// It was killed when it had had its processor time: it may be right, but nobody knows.
    OutOfTime,
    /// It was killed because it never got its processor time: nothing is known, and nobody is to blame.
    Starved,
}

impl Failure {
    /// A failure of the model.
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self {
            kind: Kind::Failed,
            reason: reason.into(),
        }
    }

    /// What became of a process that was stopped.
    fn stopped(stop: Stop, limit: Duration) -> Self {
        let limit = limit.as_secs();
        let (kind, reason) = match stop {
            Stop::TimeIsUp => (
                Kind::OutOfTime,
                format!("killed at the time limit of {limit} s of processor time"),
            ),
            Stop::Starved => (
                Kind::Starved,
                format!("never got its {limit} s of processor time: the machine is too busy"),
            ),
            Stop::Hangs => (
                Kind::Failed,
                "hangs: it sleeps, and no model has anything to wait for".to_owned(),
            ),
        };
        Self { kind, reason }
    }

    /// The word that begins its line.
    pub(crate) const fn word(&self) -> &'static str {
        match self.kind {
            Kind::Failed => "FAILED",
            Kind::OutOfTime | Kind::Starved => "NOT FINISHED",
        }
    }
}

impl Finished {
    /// Whether `text` is in its output or in the reason of its failure.
    pub(crate) fn mentions(&self, text: &str) -> bool {
        self.output.contains(text)
            || self
                .verdict
                .as_ref()
                .is_err_and(|failure| failure.reason.contains(text))
    }
}

/// Runs the model called `name` in a process of its own, for at most `limit` of processor time.
///
/// `binary` is this binary, or one built from a tree with a planted bug.
pub(crate) fn run(binary: &Path, name: &str, flavour: Flavour, limit: Duration) -> Finished {
    let mut command = Command::new(binary);
    command.args(["--model", name, "--flavour", &flavour.to_string()]);
    // The frames of a backtrace name functions and files, which would pass for the words of a message.
    command.env("RUST_BACKTRACE", "0");
    for (variable, _) in std::env::vars_os() {
        // loom obeys `LOOM_MAX_PERMUTATIONS` and the like by passing early. Locations are harmless.
        if variable.to_string_lossy().starts_with("LOOM_") && variable != "LOOM_LOCATION" {
            command.env_remove(variable);
        }
    }
    match watch(command, limit) {
        Ok(ended) => {
            let verdict = match ended.status {
                Ok(status) if status.success() => Report::read(&ended.output).map_err(Failure::new),
                Ok(status) => Err(Failure::new(format!("failed with {status}"))),
                Err(stop) => Err(Failure::stopped(stop, limit)),
            };
            Finished {
                verdict,
                output: ended.output,
                used: ended.used,
            }
        }
        Err(error) => Finished {
            verdict: Err(Failure::new(format!("could not be run: {error}"))),
            output: String::new(),
            used: Duration::ZERO,
        },
    }
}

/// What has become of a process.
#[derive(Debug)]
struct Ended {
    status: Result<ExitStatus, Stop>,
    output: String,
    used: Duration,
}

/// Runs `command` to its end, or until it must be stopped.
#[expect(
    clippy::incompatible_msrv,
    reason = "models are run with a newer compiler"
)]
fn watch(mut command: Command, limit: Duration) -> io::Result<Ended> {
    let (mut reader, writer) = io::pipe()?;
    command.stdin(std::process::Stdio::null());
    command.stdout(writer.try_clone()?).stderr(writer);
    let mut child: Child = command.spawn()?;
    // The command holds the parent's ends of the pipe, which would never reach its end.
    drop(command);

    let (done, is_done) = mpsc::channel();
    let collector = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What could not be read is missing from the output; the verdict does not depend on it alone.
        let end = reader.read_to_end(&mut bytes);
        // The receiver is gone if the process was stopped.
        let _: Result<(), _> = done.send(());
        end.map(|_| bytes)
    });
    let start = Instant::now();
    let look = || {
        let elsewhere = || Look {
            used: start.elapsed(),
            sleeps: false,
        };
        processor::look(child.id()).unwrap_or_else(elsewhere)
    };
    let mut now = look();
    // Nobody has slept from a look before the first.
    let mut before = Look {
        sleeps: false,
        ..now
    };
    let stop = loop {
        match processor::judge(limit, start.elapsed(), before, now) {
            Err(stop) => break Some(stop),
            Ok(wait) if is_done.recv_timeout(wait).is_ok() => break None,
            Ok(_) => (before, now) = (now, look()),
        }
    };
    let used = look().used;
    if stop.is_some() {
        child.kill()?;
    }
    let status = child.wait()?;
    let bytes = collector
        .join()
        .map_err(|_| io::Error::other("its output was lost"))??;
    Ok(Ended {
        status: stop.map_or(Ok(status), Err),
        output: String::from_utf8_lossy(&bytes).into_owned(),
        used,
    })
}
