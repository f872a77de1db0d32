//! An operation of a queue as a thread does it: it blocks until its turn has come.

use core::pin::pin;
use core::task::Poll;

use super::operation_wait::{Operation, OperationWait};
use crate::identity::may_block;
use crate::line::{Asker, Flags, ThreadParker, Timeout, Word};
use crate::sys::{self, Parked};

/// Does an operation as a thread, which sleeps until it is its turn or the time is over.
#[inline]
#[track_caller]
pub(crate) fn block<'a, E: Operation<'a>>(mut operation: E, timeout: Timeout) -> E::Output {
    match operation.attempt(Asker::Thread) {
        Ok(output) => output,
        Err(flags) => block_slow(operation, flags, timeout),
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn block_slow<'a, E: Operation<'a>>(mut operation: E, flags: Flags, timeout: Timeout) -> E::Output {
    if timeout.is_over() {
        return operation.expired();
    }
    may_block();
    if E::Word::BARGING {
        if let Some(output) = spin(&mut operation, flags) {
            return output;
        }
    }
    let mut deadline = timeout.start();
    ThreadParker::with(|parker| {
        let mut wait = pin!(OperationWait::new(operation, Asker::Thread));
        loop {
            // It has been tried just now: joining the line tries once more.
            if let Poll::Ready(output) = wait.as_mut().advance(parker.waker()) {
                return output;
            }
            if parker.sleep(&mut deadline, E::Word::PATIENCE) == Parked::Expired {
                return wait.withdraw();
            }
        }
    })
}

/// Tries for a moment before joining the line, as long as the line does not hand over.
fn spin<'a, E: Operation<'a>>(operation: &mut E, mut flags: Flags) -> Option<E::Output> {
    for round in sys::linger_rounds() {
        if flags.has(Flags::HANDOFF) {
            return None;
        }
        sys::linger(round);
        if !operation.is_promising() {
            continue;
        }
        match operation.attempt(Asker::Thread) {
            Ok(output) => return Some(output),
            Err(now) => flags = now,
        }
    }
    None
}
