//! Signals that request a shutdown.

use std::io;

use super::Shutdown;
use crate::sys::signals;

impl Shutdown {
    /// Lets SIGINT (Ctrl-C) and SIGTERM request the shutdown, and a second one end the program.
    ///
    /// The second signal, of either kind, exits with 128 plus its number at once, even if the shutdown waits for a
    /// lock, or no thread can be scheduled. It counts for the whole process, whatever requested the shutdown. A
    /// thread called `syncline-signals` waits for the first.
    ///
    /// With the feature `signals`.
    ///
    /// # Errors
    ///
    /// If the signals cannot be registered, or the thread cannot be started. Then nothing has changed.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use syncline::service::Shutdown;
    ///
    /// let shutdown = Shutdown::builder().drain("drain").build();
    /// shutdown.on_signals()?;
    /// let report = shutdown.run().wait();
    /// eprintln!("{report}");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn on_signals(&self) -> io::Result<()> {
        let shutdown = self.clone();
        signals::on_first(move || shutdown.request())
    }
}
