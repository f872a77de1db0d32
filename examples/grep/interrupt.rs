//! Ctrl-C.

use std::process;
use std::sync::Arc;

use crate::pipeline::Pipeline;
use crate::{INTERRUPTED, complain};

/// Ends the search at the first Ctrl-C, and the program at the second.
///
/// The handler is called on a thread of its own, not in the signal handler: it may lock and wake.
pub(crate) fn listen(pipeline: Arc<Pipeline>) -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(move || {
        if pipeline.is_interrupted() {
            process::exit(i32::from(INTERRUPTED));
        }
        let left_out = pipeline.interrupt();
        complain(format_args!(
            "interrupted: {left_out} files in the queue are left out, what was found is printed"
        ));
    })
}
