//! What the user sees: the lines on stdout, the complaints and the progress on stderr.

use core::cell::Cell;
use core::fmt;
use core::time::Duration;
use std::io::{self, IsTerminal, Write};

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use syncline::JobError;

use crate::complain;
use crate::sum;
use crate::work::Summed;

/// How often the progress is drawn.
const FRAME: Duration = Duration::from_millis(100);

/// Where everything is reported, by one thread.
pub(crate) struct Report {
    bar: ProgressBar,
    files: Cell<u64>,
    bytes: Cell<u64>,
    left_out: Cell<u64>,
    trouble: Cell<bool>,
}

impl Report {
    /// With a line of progress if stderr is a terminal.
    pub(crate) fn new() -> Self {
        let bar = if io::stderr().is_terminal() {
            let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}");
            let bar = ProgressBar::new_spinner();
            bar.set_style(style.expect("the template is a constant"));
            bar.enable_steady_tick(FRAME);
            bar
        } else {
            ProgressBar::hidden()
        };
        Self {
            bar,
            files: Cell::new(0),
            bytes: Cell::new(0),
            left_out: Cell::new(0),
            trouble: Cell::new(false),
        }
    }

    /// Reports what became of a file, and says whether somebody reads it.
    ///
    /// # Errors
    ///
    /// The system's, if the line cannot be written.
    pub(crate) fn file(&self, outcome: Result<Option<Summed>, JobError>) -> io::Result<bool> {
        match outcome {
            Ok(Some(Summed { path, sum: Ok(sum) })) => {
                self.count(sum.bytes);
                return self.print(&sum::line(&sum, &path));
            }
            Ok(Some(Summed {
                path,
                sum: Err(error),
            })) => {
                self.trouble(format_args!("{}: {error}", path.display()));
            }
            // It came to a thread after Ctrl-C, or to none.
            Ok(None) | Err(JobError::Cancelled | JobError::Closed) => {
                self.left_out.set(self.left_out.get() + 1);
            }
            Err(error) => self.trouble(error),
        }
        Ok(true)
    }

    fn count(&self, bytes: u64) {
        self.files.set(self.files.get() + 1);
        self.bytes.set(self.bytes.get() + bytes);
        if !self.bar.is_hidden() {
            let (files, bytes) = (self.files.get(), HumanBytes(self.bytes.get()));
            self.bar.set_message(format!("{files} files, {bytes}"));
        }
    }

    fn print(&self, line: &[u8]) -> io::Result<bool> {
        let print = || io::stdout().write_all(line);
        // On the same screen, the line of progress makes room.
        let written = if !self.bar.is_hidden() && io::stdout().is_terminal() {
            self.bar.suspend(print)
        } else {
            print()
        };
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            written => written.map(|()| true),
        }
    }

    /// Complains of something, which the exit code will tell of, too.
    pub(crate) fn trouble(&self, what: impl fmt::Display) {
        self.trouble.set(true);
        self.bar.suspend(|| complain(what));
    }

    pub(crate) fn has_trouble(&self) -> bool {
        self.trouble.get()
    }

    /// How many files had been found and were not begun.
    pub(crate) fn left_out(&self) -> u64 {
        self.left_out.get()
    }

    /// Takes the line of progress away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
