//! How many operations a task may do in one poll before it lets others run.
//!
//! A future that is always ready never returns to its executor, so deadlines, cancellations and
//! siblings, which are served between polls, would wait for it for ever. Therefore every executor of this crate
//! opens a budget for each poll, and the futures of this crate spend one unit of it on each operation
//! that is ready. When nothing is left, an operation that has not begun is *deferred*: it wakes its task and
//! is pending.
//!
//! | while | `left` is | `open` |
//! |---|---|---|
//! | an executor or a combinator of this crate polls | what is left of `sys::operations()`, or of a combinator's slice | `true` |
//! | anything else runs | what is left of a `GRAIN`; then the runtime around it is charged one unit | `false` |
//!
//! `left` is negative while an operation that could not be deferred is owed for.
//!
//! 1. An operation is deferred at most once, at its first poll, before it joins its line. So nothing
//!    starves beside a greedy sibling, whatever polls the two (`join!`, for one).
//! 2. An operation that has begun is never deferred: it may have been granted something. Sleeps, signals to
//!    stop, and the waits inside a combinator or an executor are not operations at all.
//! 3. An operation that is pending costs nothing.

use core::cell::Cell;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use crate::sys::{self, GRAIN, local};

/// What this thread may still do.
struct Budget {
    left: Cell<i32>,
    open: Cell<bool>,
}

local! {
    static BUDGET: Budget = Budget { left: Cell::new(GRAIN), open: Cell::new(false) }
}

/// A future that spends one unit when it is ready.
pub(crate) trait Operation: Future {
    /// Notes that this is deferred, unless it has begun or has been deferred before; then it returns
    /// `false`.
    fn defer(self: Pin<&mut Self>) -> bool;
}

/// Polls an operation, unless nothing is left and it can be deferred.
#[inline]
#[track_caller]
pub(crate) fn poll<O: Operation>(
    operation: Pin<&mut O>,
    context: &mut Context<'_>,
) -> Poll<O::Output> {
    // Nothing comes together again behind the cold half: what is ready at once stays in registers.
    if has_spent() {
        settle(operation.poll(context))
    } else {
        poll_in_debt(operation, context)
    }
}

/// As [`poll`], where the unit that has just been spent was not there.
#[cold]
#[inline(never)]
#[track_caller]
fn poll_in_debt<O: Operation>(
    mut operation: Pin<&mut O>,
    context: &mut Context<'_>,
) -> Poll<O::Output> {
    if is_deferred(context, || operation.as_mut().defer()) {
        return Poll::Pending;
    }
    settle(operation.poll(context))
}

/// Spends one unit; `false` if it was not there.
#[inline]
fn has_spent() -> bool {
    let spent = BUDGET.try_with(|budget| {
        let left = budget.left.get() - 1;
        budget.left.set(left);
        left >= 0
    });
    spent.unwrap_or(true)
}

/// Spends one unit. Returns `true` if nothing is left and the operation has been deferred: its task
/// will poll it again.
#[inline]
pub(crate) fn spend(context: &mut Context<'_>, defer: impl FnOnce() -> bool) -> bool {
    !has_spent() && is_deferred(context, defer)
}

/// Whether an operation for which the last unit was not there has been deferred; then the unit is taken back.
#[cold]
#[inline(never)]
fn is_deferred(context: &mut Context<'_>, defer: impl FnOnce() -> bool) -> bool {
    let deferred = BUDGET.try_with(|budget| {
        budget.is_deferred(0, context, defer) && {
            budget.left.set(budget.left.get() + 1);
            true
        }
    });
    deferred.unwrap_or(false)
}

/// Spends one unit on something that is ready and cannot be deferred.
pub(crate) fn charge(context: &mut Context<'_>) {
    spend(context, || false);
}

/// Takes back what was spent on an operation that turned out to be pending.
#[inline]
pub(crate) fn settle<R>(poll: Poll<R>) -> Poll<R> {
    if poll.is_pending() {
        give_back();
    }
    poll
}

/// Takes back one unit.
#[cold]
pub(crate) fn give_back() {
    let _gone = BUDGET.try_with(|budget| budget.left.set(budget.left.get() + 1));
}

/// Polls a task with a budget of its own.
pub(crate) fn open<R>(poll: impl FnOnce() -> R) -> R {
    let _opened = Opened::new(false);
    poll()
}

/// Begins a poll of a combinator, which ends when this is dropped; `None` if nothing is left and it has
/// been deferred. Where no budget is open, it has one of its own, and whatever is around it is charged
/// with what it spends.
pub(crate) fn enter(context: &mut Context<'_>, defer: impl FnOnce() -> bool) -> Option<Entered> {
    let (deferred, open) = BUDGET
        .try_with(|budget| {
            let deferred = budget.left.get() <= 0 && budget.is_deferred(1, context, defer);
            (deferred, budget.open.get())
        })
        .unwrap_or((false, true));
    (!deferred).then(|| Entered((!open).then(|| Opened::new(true))))
}

/// A poll of a combinator.
#[must_use = "the poll ends when this is dropped"]
pub(crate) struct Entered(#[expect(dead_code, reason = "it is dropped")] Option<Opened>);

/// Polls one of several futures, which may spend so much, and no more than is left for all of them.
pub(crate) fn slice<R>(share: i32, poll: impl FnOnce() -> R) -> R {
    let left = left();
    let slice = left.min(share);
    set_left(slice);
    let result = poll();
    set_left(left - (slice - self::left()));
    result
}

/// How many operations are left.
pub(crate) fn left() -> i32 {
    BUDGET.try_with(|budget| budget.left.get()).unwrap_or(GRAIN)
}

fn set_left(left: i32) {
    let _gone = BUDGET.try_with(|budget| budget.left.set(left));
}

impl Budget {
    /// Whether somebody who needs this much, and finds less, has been deferred.
    #[cold]
    #[inline(never)]
    fn is_deferred(
        &self,
        needed: i32,
        context: &mut Context<'_>,
        defer: impl FnOnce() -> bool,
    ) -> bool {
        if self.open.get() {
            let deferred = defer();
            if deferred {
                context.waker().wake_by_ref();
            }
            return deferred;
        }
        while self.left.get() < needed {
            if !sys::charge_runtime(context) {
                // The runtime wakes the task when it is its turn again.
                return defer();
            }
            self.left.set(self.left.get() + GRAIN);
        }
        false
    }
}

/// Restores the budget that was there before, also after a panic.
struct Opened {
    left: i32,
    open: bool,
    given: i32,
    /// Whether what is spent meanwhile is charged to the budget before.
    charges: bool,
}

impl Opened {
    fn new(charges: bool) -> Self {
        let given = sys::operations();
        let before = BUDGET.try_with(|budget| {
            let open = budget.open.replace(true);
            (budget.left.replace(given), open)
        });
        let (left, open) = before.unwrap_or((GRAIN, false));
        Self {
            left,
            open,
            given,
            charges,
        }
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let _gone = BUDGET.try_with(|budget| {
            let spent = self.given - budget.left.get();
            let charge = if self.charges { spent } else { 0 };
            budget.left.set(self.left - charge);
            budget.open.set(self.open);
        });
    }
}

#[cfg(test)]
mod tests {
    use core::panic::AssertUnwindSafe;
    use core::task::{Context, Poll, Waker};
    use std::panic::catch_unwind;

    use super::{BUDGET, enter, left, open, settle, slice, spend};
    use crate::sys::operations;

    fn is_open() -> bool {
        BUDGET.with(|budget| budget.open.get())
    }

    fn context() -> Context<'static> {
        Context::from_waker(Waker::noop())
    }

    #[test]
    fn what_is_spent_is_spent_until_nothing_is_left() {
        open(|| {
            for _ in 0..operations() {
                assert!(!spend(&mut context(), || true));
            }
            assert!(spend(&mut context(), || true), "it is deferred");
            assert_eq!(left(), 0);
            assert!(!spend(&mut context(), || false), "it has been deferred");
            assert_eq!(left(), -1);
        });
    }

    #[test]
    fn what_is_pending_costs_nothing() {
        open(|| {
            let before = left();
            assert!(!spend(&mut context(), || true));
            assert!(settle(Poll::<()>::Pending).is_pending());
            assert_eq!(left(), before);
        });
    }

    #[test]
    fn a_budget_inside_another_one_is_its_own() {
        open(|| {
            spend(&mut context(), || true);
            let before = left();
            open(|| {
                assert_eq!(left(), operations());
                spend(&mut context(), || true);
            });
            assert_eq!(left(), before);
            let panics = || open(|| panic!("inside"));
            catch_unwind(AssertUnwindSafe(panics)).unwrap_err();
            assert_eq!((left(), is_open()), (before, true));
        });
        assert!(!is_open());
    }

    #[test]
    fn a_combinator_spends_what_is_around_it() {
        let twice = || {
            let entered = enter(&mut context(), || true);
            if entered.is_some() {
                assert!(is_open());
                spend(&mut context(), || true);
                spend(&mut context(), || true);
            }
            entered.is_some()
        };
        let before = left();
        assert!(twice());
        assert_eq!((left(), is_open()), (before - 2, false));
        open(|| {
            assert!(twice());
            assert_eq!(left(), operations() - 2);
            while left() > 0 {
                spend(&mut context(), || true);
            }
            assert!(!twice());
        });
    }

    #[test]
    fn a_slice_is_no_larger_than_what_is_left() {
        open(|| {
            slice(2, || {
                assert_eq!(left(), 2);
                spend(&mut context(), || true);
            });
            assert_eq!(left(), operations() - 1);
            slice(operations() * 2, || assert_eq!(left(), operations() - 1));
        });
    }
}
