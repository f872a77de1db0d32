//! What a condition can wait with.

use crate::line::Internal;
use crate::lock::{Lends, Relock};

/// A guard that a [`Condition`](crate::thread::Condition) can wait with.
///
/// [`LockGuard`](crate::thread::LockGuard), [`RLockGuard`](crate::thread::RLockGuard), and what `lock_owned` of
/// both locks returns. A mapped guard is none of them: while the lock is released, the part that
/// it borrows may go away. Other types cannot implement this.
pub trait ConditionGuard: Relock + for<'a> Lends<'a> {}

/// A guard of a re-entrant lock, which [`Condition::wait_nested`](crate::thread::Condition::wait_nested) gives up with all its levels.
///
/// The guards of [`RLock`](crate::thread::RLock) around data that is `Sync`: the guards of the outer
/// levels lend it while others have the lock. Other types cannot implement this.
pub trait NestedGuard: ConditionGuard {
    /// The guard without its lock, however often that has been locked.
    #[doc(hidden)]
    fn suspend_all(self, _: Internal) -> Self::Place;
}
