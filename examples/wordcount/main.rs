//! Counts the words of all text files under a directory, on several threads.
//!
//! Three primitives share the work, each on the face that suits its user:
//!
//! * a [`Semaphore`](syncline::thread::Semaphore) bounds how many worker threads live at once,
//! * a [`Lock`](syncline::thread::Lock) guards the totals, which workers lock as threads and the
//!   progress reporter as a task,
//! * an [`Event`](syncline::thread::Event) is set by the main thread and awaited, with a deadline
//!   for the next redraw, by the reporter.
//!
//! Run it with `cargo run --release --example wordcount -- [DIR]`, or with `--help`.

mod counts;
mod crew;
mod generate;
mod options;
mod progress;
mod summary;
mod tally;
mod text;
mod walk;

use core::fmt;
use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use generate::Generated;
use options::{Options, Request, Source};
use progress::Progress;
use summary::Summary;

/// Why the program ends without a result.
enum Failure {
    /// The caller asked for something that cannot be: exit code 2.
    Usage(String),
    /// The system, or the count itself, failed: exit code 1.
    Trouble(String),
}

impl Failure {
    fn trouble(what: impl fmt::Display, error: &io::Error) -> Self {
        Self::Trouble(format!("{what}: {error}"))
    }
}

fn main() -> ExitCode {
    let (message, code) = match run() {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Usage(message)) => (message, 2),
        Err(Failure::Trouble(message)) => (message, 1),
    };
    // A closed stderr leaves nobody to tell; the exit code still says it.
    drop(writeln!(io::stderr(), "wordcount: {message}"));
    ExitCode::from(code)
}

fn run() -> Result<(), Failure> {
    let options = match options::parse(env::args_os().skip(1)).map_err(Failure::Usage)? {
        Request::Help => return print(options::HELP),
        Request::Count(options) => options,
    };
    let summary = match &options.source {
        Source::Folder(folder) => {
            // One look says whether it is missing, no directory or not ours to read.
            if let Err(error) = fs::read_dir(folder) {
                return Err(Failure::Usage(format!(
                    "cannot read the directory {}: {error}",
                    folder.display()
                )));
            }
            measure(folder, &options, None)?
        }
        Source::Generated { megabytes } => count_generated(*megabytes, &options)?,
    };
    print(&summary.to_string())
}

/// Writes random text to a temporary folder, counts it, and checks that no word was lost.
fn count_generated(megabytes: u64, options: &Options) -> Result<Summary, Failure> {
    let generated = Generated::write(megabytes)
        .map_err(|error| Failure::trouble("cannot generate text", &error))?;
    let summary = measure(generated.folder(), options, Some(generated.bytes()))?;
    let (written, counted) = (generated.words(), summary.tally.counts.total());
    generated
        .remove()
        .map_err(|error| Failure::trouble("cannot remove the generated text", &error))?;
    if counted != written {
        return Err(Failure::Trouble(format!(
            "counted {counted} words, but {written} were written"
        )));
    }
    Ok(summary)
}

/// Counts what lies under `folder`; when a comparison is wanted, also with one worker.
///
/// A comparison first counts once without a clock, so that neither run reads from a cold disk.
fn measure(folder: &Path, options: &Options, bytes: Option<u64>) -> Result<Summary, Failure> {
    let timed = |jobs, bytes| {
        let start = Instant::now();
        crew::count(folder, jobs, &Progress::on_terminal(jobs, bytes))
            .map(|tally| (tally, start.elapsed()))
            .map_err(|error| Failure::trouble("cannot start a thread", &error))
    };
    let (bytes, one_worker) = if options.compare {
        let (warm_up, _) = timed(options.jobs, bytes)?;
        let bytes = Some(warm_up.bytes);
        let (_, one_worker) = timed(1, bytes)?;
        (bytes, Some(one_worker))
    } else {
        (bytes, None)
    };
    let (tally, time) = timed(options.jobs, bytes)?;
    Ok(Summary {
        tally,
        jobs: options.jobs,
        time,
        one_worker,
    })
}

/// Writes to stdout. A reader who has left, as `head` does, is no failure.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::trouble("cannot write the result", &error)),
        Ok(()) => Ok(()),
    }
}
