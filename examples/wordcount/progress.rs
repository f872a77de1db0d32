//! The reporter: a task that redraws the progress until the work is done.

use core::time::Duration;
use std::io::{self, IsTerminal};
use std::time::Instant;

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use syncline::thread::{Event, Lock};

use crate::tally::Tally;

/// How long a picture stays on the screen.
const FRAME: Duration = Duration::from_millis(100);

/// A progress bar on stderr, or nothing.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar if stderr is a terminal; it has a length if the amount of text is known.
    pub(crate) fn on_terminal(jobs: usize, bytes: Option<u64>) -> Self {
        if !io::stderr().is_terminal() {
            return Self {
                bar: ProgressBar::hidden(),
            };
        }
        let (bar, style) = match bytes {
            Some(bytes) => (
                ProgressBar::new(bytes),
                "{prefix} [{wide_bar}] {percent:>3} % {msg}",
            ),
            None => (ProgressBar::new_spinner(), "{prefix} {spinner} {msg}"),
        };
        bar.set_style(ProgressStyle::with_template(style).expect("the templates are constants"));
        bar.set_prefix(format!("jobs {jobs}"));
        Self { bar }
    }

    fn draw(&self, files: u64, bytes: u64) {
        self.bar.set_position(bytes);
        self.bar
            .set_message(format!("{files} files, {}", HumanBytes(bytes)));
    }
}

/// Redraws `progress` every [`FRAME`] until `done` is set.
///
/// The workers use the same two objects as threads: `as_task` is a view, not a copy.
pub(crate) async fn follow(total: &Lock<Tally>, done: &Event, progress: &Progress) {
    loop {
        let next_frame = Instant::now() + FRAME;
        let ended = done.as_task().wait_deadline(next_frame).await.is_ok();
        if ended {
            break;
        }
        // Nothing is drawn, and nobody held up, under the lock.
        let (files, bytes) = {
            let tally = total.as_task().lock().await;
            (tally.files, tally.bytes)
        };
        progress.draw(files, bytes);
    }
    progress.bar.finish_and_clear();
}
