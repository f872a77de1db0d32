//! What a condition can wait with.

use crate::line::Internal;
use crate::lock::{Lends, Relock};

/// A guard that a [`Condition`](crate::thread::Condition) can wait with.
///
/// [`LockGuard`](crate::thread::LockGuard), [`RLockGuard`](crate::thread::RLockGuard), and what `lock_owned` of
/// both locks returns. A mapped guard is none of them: while the lock is released, the part that
/// it borrows may go away. Other types cannot implement this.
#[diagnostic::on_unimplemented(
    message = "a thread's `Condition` cannot wait with `{Self}`",
    label = "not a guard of a thread's `Lock` or `RLock`",
    note = "a guard of the other face waits with the other face of the condition: `condition.as_task()`",
    note = "a mapped guard cannot wait: the part that it lends may go away while the lock is released"
)]
pub trait ConditionGuard: Relock + for<'a> Lends<'a> {}

/// A guard of a re-entrant lock, for [`Condition::wait_nested`](crate::thread::Condition::wait_nested), which
/// releases all its levels.
///
/// The guards of [`RLock`](crate::thread::RLock) around data that is `Sync`: the guards of the outer
/// levels lend it while others have the lock. Other types cannot implement this.
#[diagnostic::on_unimplemented(
    message = "`wait_nested` cannot give up `{Self}`",
    label = "not a guard of a thread's `RLock` around data that is `Sync`",
    note = "the outer guards lend the data while others have the lock: use `wait` if there are none"
)]
pub trait NestedGuard: ConditionGuard {
    /// The guard without its lock, however often that has been locked.
    #[doc(hidden)]
    fn suspend_all(self, _: Internal) -> Self::Place;
}
