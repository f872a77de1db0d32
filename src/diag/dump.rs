//! A snapshot at a signal.

use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering::Relaxed;
use std::io::{self, Write, stderr};

use super::snapshot;
use crate::sys::signals;

/// Prints a [`snapshot`] to standard error at each SIGUSR1, from now on.
///
/// A thread named `syncline-dump` waits for the signal and prints. So it works even if everything else is stuck,
/// unless a stuck thread has locked standard error. Before this call, the signal ends the program by default. An
/// existing handler is called as well. A second call changes nothing. To print the snapshot elsewhere, call
/// [`snapshot`] in a thread of your own.
///
/// Needs the feature `signals`.
///
/// # Errors
///
/// Returns an error if the signal cannot be registered, or the thread cannot be started. On systems without SIGUSR1
/// (all but Unix), its kind is [`Unsupported`](io::ErrorKind::Unsupported).
///
/// # Examples
///
/// ```no_run
/// syncline::diag::dump_on_signal()?;
/// println!("kill -USR1 {}", std::process::id());
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn dump_on_signal() -> io::Result<()> {
    static IS_ON: AtomicBool = AtomicBool::new(false);
    // ORDERING: Relaxed, twice: only one of those who call this at once goes on.
    if IS_ON.swap(true, Relaxed) {
        return Ok(());
    }
    let started = signals::on_each_user_signal("syncline-dump", || {
        // Nobody is there who could be told that it cannot be written.
        drop(writeln!(stderr(), "{}", snapshot()));
    });
    IS_ON.store(started.is_ok(), Relaxed);
    started
}
