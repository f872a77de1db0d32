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
    let since = operation.is_counted().then(sys::now);
    if E::Word::BARGING {
        let output = spin(&mut operation, flags);
        if let Some(since) = since {
            operation.note_spin(since);
        }
        if let Some(output) = output {
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

#[cfg(test)]
mod tests {
    use super::block;
    use crate::line::{Asker, Flags, Timeout, WaitQueue};
    use crate::queue::critical_section::CriticalSection;
    use crate::queue::gate::Gate;
    use crate::queue::operation_wait::Operation;
    use crate::queue::stock::Stock;
    use crate::sys::who::Traceable;
    use core::cell::Cell;
    use core::time::Duration;
    use std::time::Instant;

    /// Served at so many more attempts.
    struct Served<'a> {
        gate: &'a Gate,
        line: &'a WaitQueue<Stock>,
        attempts: u32,
        is_counted: bool,
        spins: &'a Cell<u32>,
    }

    impl<'a> Operation<'a> for Served<'a> {
        type Word = Stock;
        type LineLock = Gate;
        type Output = bool;

        fn line_lock(&self) -> &'a Gate {
            self.gate
        }

        fn wait_queue(&self) -> &'a WaitQueue<Stock> {
            self.line
        }

        fn is_precious(_: Option<&bool>) -> bool {
            false
        }

        fn attempt(&mut self, _: Asker) -> Result<bool, Flags> {
            self.attempts = self.attempts.saturating_sub(1);
            if self.attempts == 0 {
                Ok(true)
            } else {
                Err(Flags::NONE)
            }
        }

        fn finish(&mut self, _: usize, _: &mut CriticalSection<'a, Gate>) -> Option<bool> {
            unreachable!("nothing is ever granted")
        }

        fn give_back(&mut self, _: usize, _: &mut CriticalSection<'a, Gate>) {}

        fn expired(&mut self) -> bool {
            false
        }

        fn is_counted(&self) -> bool {
            self.is_counted
        }

        fn note_spin(&self, _: Instant) {
            self.spins.set(self.spins.get() + 1);
        }
    }

    #[test]
    fn a_thread_that_is_not_served_at_once_has_waited_once_wherever_it_is_served() {
        let (gate, line) = (
            &Gate::new(),
            &WaitQueue::new(Traceable::Inner, Stock::new(0), ()),
        );
        let moment = Timeout::After(Duration::from_millis(1));
        for (attempts, is_counted, served, noted) in [
            (1, true, true, 0),
            (3, false, true, 0),
            (3, true, true, 1),
            (u32::MAX, true, false, 1),
        ] {
            let spins = &Cell::new(0);
            let operation = Served {
                gate,
                line,
                attempts,
                is_counted,
                spins,
            };
            assert_eq!(block(operation, moment), served);
            assert_eq!(spins.get(), noted);
        }
    }
}
