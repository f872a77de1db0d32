//! Which pools this thread is ending.
//!
//! Whoever ends what nobody of a pool will do runs foreign code with that, which may shut down the same pool,
//! or another one that shuts down the first.

use core::cell::RefCell;
use core::mem::{ManuallyDrop, take};

use super::entry::PoolId;
use crate::line::trampoline;
use crate::sys::local;

/// How deep sweeps of one pool nest: some, for a callback may wait for what it has just added; not more, for what is
/// swept may add the next thing, and so on.
const NESTED_SWEEPS: usize = 8;

/// What this thread is in the middle of.
struct End {
    pool: PoolId,
    /// It takes out what is queued, until nothing is left.
    sweeps: bool,
    /// The pool has ended when this is over.
    last: bool,
}

local! {
    /// The innermost last. It is empty when the last of them is over, so it needs no destructor.
    static ENDS: RefCell<ManuallyDrop<Vec<End>>> = RefCell::new(ManuallyDrop::new(Vec::new()))
}

/// Whether this thread is ending what nobody of that pool will do. A shutdown in there waits for
/// nothing: it would wait for this.
pub(super) fn is_ending(pool: PoolId) -> bool {
    let is = ENDS.try_with(|ends| ends.borrow().iter().any(|end| end.pool == pool));
    is.unwrap_or(false)
}

/// Ends what nobody of that pool will do, and leaves nothing of it to be done later.
pub(super) fn ending(pool: PoolId, body: impl FnOnce()) {
    let end = End {
        pool,
        sweeps: false,
        last: false,
    };
    within(end, body);
}

/// The same for what is queued, until nothing is left of that. Deep inside of such sweeps it does
/// nothing, for those come to what has been added. `last` says that the pool has ended then. The
/// answer is whether it has.
pub(super) fn sweeping(pool: PoolId, last: bool, body: impl FnOnce()) -> bool {
    let nested = ENDS.try_with(|ends| {
        let mut ends = ends.borrow_mut();
        let mut around = ends.iter_mut().filter(|end| end.sweeps && end.pool == pool);
        let outermost = around.next();
        let deep = around.count() + 1 >= NESTED_SWEEPS;
        outermost.is_some_and(|outermost| {
            outermost.last |= deep && last;
            deep
        })
    });
    let end = End {
        pool,
        sweeps: true,
        last,
    };
    !nested.unwrap_or(false) && within(end, body)
}

fn within(end: End, body: impl FnOnce()) -> bool {
    let last = end.last;
    let _gone = ENDS.try_with(|ends| ends.borrow_mut().push(end));
    trampoline::to_the_end(body);
    let last_now = ENDS.try_with(|ends| {
        let mut ends = ends.borrow_mut();
        let end = ends.pop();
        if ends.is_empty() {
            drop(take(&mut **ends));
        }
        end.is_some_and(|end| end.last)
    });
    last_now.unwrap_or(last)
}
