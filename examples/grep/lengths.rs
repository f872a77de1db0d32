//! The reporter of `--verbose`.

use core::time::Duration;

use syncline::thread::Event;

use crate::complain;
use crate::pipeline::Pipeline;

/// How often the lengths are shown.
const EVERY: Duration = Duration::from_millis(100);

/// Shows the lengths of the queues until everything is `done`, and once more then.
pub(crate) fn show(pipeline: &Pipeline, done: &Event) {
    // Waits for what ends it, with a time limit, and so ends at once: it does not sleep and look.
    while done.wait_timeout(EVERY).is_err() {
        complain(pipeline);
    }
    complain(pipeline);
}
