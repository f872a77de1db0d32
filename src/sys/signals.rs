//! What the feature `signals` adds: the first of the signals that ask a program to end is told, the second ends it.

use core::sync::atomic::AtomicBool;
use std::io;
use std::sync::Arc;

use ::signal_hook::SigId;
use ::signal_hook::consts::{SIGINT, SIGTERM};
use ::signal_hook::flag;
use ::signal_hook::low_level::unregister;

/// Calls a closure at the first SIGINT or SIGTERM, on a thread of its own; the second one ends the process.
pub(crate) fn on_first(told: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let mut handlers = Handlers(Vec::new());
    let wait = first::register(&mut handlers)?;
    let before = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: they are called in it, so that the first signal finds the flag down. Both are called by the
        // handler itself, and need no thread.
        let second = flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&before));
        handlers.0.push(second?);
        handlers
            .0
            .push(flag::register(signal, Arc::clone(&before))?);
    }
    std::thread::Builder::new()
        .name("syncline-signals".into())
        .spawn(move || {
            if wait() {
                told();
            }
        })?;
    handlers.0.clear(); // They stay.
    Ok(())
}

/// Calls a closure at each SIGUSR1, on a thread with this name.
#[cfg(all(feature = "diagnostics", unix))]
pub(crate) fn on_each_user_signal(
    thread: &str,
    told: impl Fn() + Send + 'static,
) -> io::Result<()> {
    let mut signals = ::signal_hook::iterator::Signals::new([::signal_hook::consts::SIGUSR1])?;
    std::thread::Builder::new()
        .name(thread.to_owned())
        .spawn(move || {
            for _signal in signals.forever() {
                told();
            }
        })?;
    Ok(())
}

/// There is no such signal.
#[cfg(all(feature = "diagnostics", not(unix)))]
pub(crate) fn on_each_user_signal(
    _thread: &str,
    _told: impl Fn() + Send + 'static,
) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// What has been registered, and is taken back unless all went well.
struct Handlers(Vec<SigId>);

impl Drop for Handlers {
    fn drop(&mut self) {
        for id in self.0.drain(..) {
            unregister(id);
        }
    }
}

#[cfg(unix)]
mod first {
    use super::{Handlers, SIGINT, SIGTERM};
    use ::signal_hook::iterator::Signals;
    use std::io;

    /// What waits for the first signal, from now on. It takes itself back.
    pub(super) fn register(_: &mut Handlers) -> io::Result<impl FnOnce() -> bool + Send + use<>> {
        let mut signals = Signals::new([SIGINT, SIGTERM])?;
        Ok(move || signals.forever().next().is_some())
    }
}

#[cfg(not(unix))]
#[expect(unsafe_code, reason = "a closure in a handler")]
mod first {
    use super::{Handlers, SIGINT, SIGTERM};
    use ::signal_hook::low_level;
    use std::io;
    use std::sync::mpsc::sync_channel;

    /// What waits for the first signal, from now on.
    pub(super) fn register(
        handlers: &mut Handlers,
    ) -> io::Result<impl FnOnce() -> bool + Send + use<>> {
        let (tell, told) = sync_channel(1);
        for signal in [SIGINT, SIGTERM] {
            let tell = tell.clone();
            let first = move || {
                tell.try_send(()).ok();
            };
            // SAFETY: where there are no POSIX signals, a handler is an ordinary function: the system calls it on a
            // thread of its own, or `raise` calls it in place. It may take locks, and this one waits for nothing.
            handlers
                .0
                .push(unsafe { low_level::register(signal, first) }?);
        }
        Ok(move || told.recv().is_ok())
    }
}
