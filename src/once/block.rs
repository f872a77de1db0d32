//! How a thread makes a value, or waits for somebody else to make it.

use super::turn::{Holder, Turn};
use crate::error::TimedOut;
use crate::line::{Asker, Timeout};

/// Makes the value if it is this thread's turn, and waits for the turn before that, for so long at most.
///
/// Returns the place once the value is set, by whomever.
#[track_caller]
pub(crate) fn make<P: Holder, E>(
    place: P,
    timeout: Timeout,
    make: impl FnOnce() -> Result<P::Value, E>,
) -> Result<Result<P, E>, TimedOut> {
    let granted = match Turn::try_now(place, Asker::Thread) {
        Ok(granted) => granted,
        Err(place) => wait(place, timeout)?,
    };
    let turn = match granted {
        Ok(turn) => turn,
        Err(place) => return Ok(Ok(place)),
    };
    match turn.run(make) {
        Ok(value) => Ok(Ok(turn.set(value))),
        // The next one has its turn before the error is looked at.
        Err(error) => Ok(Err(error)),
    }
}

#[cold]
#[track_caller]
fn wait<P: Holder>(place: P, timeout: Timeout) -> Result<Result<Turn<P>, P>, TimedOut> {
    let once = place.once();
    once.may_wait();
    match timeout {
        Timeout::Never => once.line.block(1),
        _ => once.line.block_until(1, timeout)?,
    }
    // SAFETY: it has just been granted.
    Ok(unsafe { Turn::granted(place) })
}
