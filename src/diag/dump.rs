//! A snapshot for whoever sends a signal.

use std::io::{self, Write, stderr};

use super::snapshot;
use crate::sys::signals;

/// Prints a [`snapshot`] on the standard error at each SIGUSR1, from now on.
///
/// A thread called `syncline-dump` waits for the signal and prints, so that it works whatever all others wait for. What the
/// program did at that signal before, which is to end by default, it does no more. To have the snapshot somewhere else, call
/// [`snapshot`] in a thread of your own.
///
/// With the feature `signals`.
///
/// # Errors
///
/// If the signal cannot be registered, or the thread cannot be started. Where there is no SIGUSR1, on all that is not Unix, the kind
/// of the error is [`Unsupported`](io::ErrorKind::Unsupported).
///
/// # Examples
///
/// ```no_run
/// syncline::diag::dump_on_signal()?;
/// println!("kill -USR1 {}", std::process::id());
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn dump_on_signal() -> io::Result<()> {
    signals::on_each_user_signal("syncline-dump", || {
        // Nobody is there who could be told that it cannot be written.
        drop(writeln!(stderr(), "{}", snapshot()));
    })
}
