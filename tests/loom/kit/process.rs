//! A child process: one model, one flavour, one time limit.
//!
//! Its output is one pipe for both streams, so that a panic stands where it happened. End of file is how
//! the parent learns that the child is done; a child that has not closed its pipe in time is killed.

use core::time::Duration;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc;
use std::time::Instant;

use super::model::Flavour;
use super::report::Report;

/// A process that has ended, whichever way.
#[derive(Debug)]
pub(crate) struct Finished {
    /// Its report, or in a few words why it failed.
    pub(crate) verdict: Result<Report, String>,
    /// Everything it printed.
    pub(crate) output: String,
    /// How long it took.
    pub(crate) elapsed: Duration,
}

impl Finished {
    /// Whether `text` is in its output or in the reason of its failure.
    pub(crate) fn mentions(&self, text: &str) -> bool {
        self.output.contains(text)
            || self
                .verdict
                .as_ref()
                .is_err_and(|reason| reason.contains(text))
    }
}

/// Runs the model called `name` in a process of its own, for at most `limit`.
///
/// `binary` is this binary, or one built from a tree with a planted bug.
pub(crate) fn run(binary: &Path, name: &str, flavour: Flavour, limit: Duration) -> Finished {
    let start = Instant::now();
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
    let (verdict, output) = match watch(command, limit) {
        Ok((Some(status), output)) if status.success() => (Report::read(&output), output),
        Ok((Some(status), output)) => (Err(format!("failed with {status}")), output),
        Ok((None, output)) => {
            let reason = format!("killed at the time limit of {} s", limit.as_secs());
            (Err(reason), output)
        }
        Err(error) => (Err(format!("could not be run: {error}")), String::new()),
    };
    Finished {
        verdict,
        output,
        elapsed: start.elapsed(),
    }
}

/// Runs `command`; the status is `None` if it had to be killed.
fn watch(mut command: Command, limit: Duration) -> io::Result<(Option<ExitStatus>, String)> {
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
        // The receiver is gone if the limit has passed.
        let _: Result<(), _> = done.send(());
        end.map(|_| bytes)
    });
    let in_time = is_done.recv_timeout(limit).is_ok();
    if !in_time {
        child.kill()?;
    }
    let status = child.wait()?;
    let bytes = collector
        .join()
        .map_err(|_| io::Error::other("its output was lost"))??;
    let output = String::from_utf8_lossy(&bytes).into_owned();
    Ok((in_time.then_some(status), output))
}
