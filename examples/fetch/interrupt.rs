//! Ctrl-C.

use std::process;

use crate::{INTERRUPT, INTERRUPTED};

/// Cancels what is under way at the first Ctrl-C, and ends the program at the second.
///
/// The handler is called on a thread of its own, not in the signal handler: it may lock and wake.
pub(crate) fn listen(cancel: impl Fn() + Send + 'static) -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(move || {
        if INTERRUPT.is_set() {
            process::exit(i32::from(INTERRUPTED));
        }
        INTERRUPT.set();
        cancel();
    })
}
