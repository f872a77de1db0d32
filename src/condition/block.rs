//! How a thread waits for a condition: it gives its guard up, and has it again whatever happens.

use core::panic::AssertUnwindSafe;
use core::pin::pin;
use core::task::{Context, Poll};
use std::panic::{catch_unwind, resume_unwind};

use super::thread_guard::ConditionGuard;
use super::wait_set::{SetWait, WaitSet};
use crate::error::TimedOut;
use crate::line::trampoline::Rest;
use crate::line::{
    Asker, FOR_A_SIGNAL, Internal, PolledBy, ThreadParker, Timeout, keep_first_panic, line_of,
    resume_panic,
};
use crate::lock::LockWord;
use crate::sys::{Deadline, Parked};

/// How many polls in a row may panic. One does where a waker has panicked; the next one finds who waits
/// where the first has brought it, and wakes nobody. So many are no waker's: something here is wrong.
const MOST_FAULTS: u32 = 32;

/// Releases the lock of a guard that has been given up, blocks until notified or until the deadline
/// has passed, and takes the lock again, however long that takes.
///
/// Wakers run on the way, of others who wait for the lock. A panic of one of them ends the wait, but
/// goes on only when the lock is held again: outer guards of a re-entrant lock may be further up.
///
/// # Panics
///
/// Panics if others in the set have released another lock. This one is not released before the guard is.
#[track_caller]
pub(super) fn block<G: ConditionGuard>(
    set: &WaitSet<LockWord>,
    place: G::Place,
    deadline: &mut Deadline,
) -> (G, Result<(), TimedOut>) {
    let mut never = Timeout::Never.start();
    let parker = ThreadParker::take();
    let mut wait = pin!(SetWait::new(set, Asker::Thread));
    let polled_by = PolledBy::of::<LockWord>(Asker::Thread, parker.waker());
    let (mut panic, mut faults, mut over, mut left) = (None, 0, false, false);
    match catch_unwind(AssertUnwindSafe(|| wait.as_mut().begin(place, polled_by))) {
        Ok(Ok(())) => {}
        Ok(Err(place)) => refuse(G::resume(place, Internal(()))),
        Err(raised) => keep_first_panic(&mut panic, raised),
    }
    let mut context = Context::from_waker(parker.waker());
    let mut rest = Rest::new();
    let place = loop {
        if panic.is_some() && !over {
            over = true;
            left = wait.as_mut().leave();
        }
        match catch_unwind(AssertUnwindSafe(|| wait.as_mut().poll(&mut context))) {
            Ok(Poll::Ready(place)) => break place,
            // What was put off may be the notify, and may need the lock: now it is free, and nobody grants it
            // to this thread before the notify.
            Ok(Poll::Pending) if wait.is_aside() && rest.run_one() => continue,
            Ok(Poll::Pending) => faults = 0,
            Err(raised) => {
                faults += 1;
                if faults == MOST_FAULTS {
                    resume_unwind(raised);
                }
                keep_first_panic(&mut panic, raised);
                // It may have the lock already, and is not woken for it then.
                continue;
            }
        }
        let deadline = if over { &mut never } else { &mut *deadline };
        if parker.sleep(deadline, FOR_A_SIGNAL) == Parked::Expired {
            over = true;
            left = wait.as_mut().leave();
        }
    };
    line_of(&place).note_came(1);
    let guard = G::resume(place, Internal(()));
    if panic.is_some() {
        if !left {
            // Notified, and not for itself.
            let passed_on = catch_unwind(AssertUnwindSafe(|| wait.as_mut().pass_on()));
            passed_on.unwrap_or_else(|raised| keep_first_panic(&mut panic, raised));
        }
        resume_panic(panic);
    }
    let result = if left { Err(TimedOut::new()) } else { Ok(()) };
    (guard, result)
}

/// Refuses a guard that nobody can wait with here now. It is whole, and dropped.
#[cold]
#[track_caller]
pub(super) fn refuse<G>(_guard: G) -> ! {
    panic!("a Condition must not be used with two locks at the same time")
}
