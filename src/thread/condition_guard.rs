//! What a condition can wait with.

use crate::relock::{Internal, Lends, Relock};

/// A guard that a [`Condition`](super::Condition) can wait with.
///
/// [`LockGuard`](super::LockGuard), [`RLockGuard`](super::RLockGuard), and what `lock_owned` of
/// both locks returns. A mapped guard is none of them: while the lock is released, the part that
/// it borrows may go away. Other types cannot implement this.
pub trait ConditionGuard: Relock + for<'a> Lends<'a> {}

/// A guard of a re-entrant lock, which [`Condition::wait_nested`](super::Condition::wait_nested) gives up with all its levels.
///
/// The guards of [`RLock`](super::RLock) around data that is `Sync`: the guards of the outer
/// levels lend it while others have the lock. Other types cannot implement this.
pub trait NestedGuard: ConditionGuard {
    /// The guard without its lock, however often that has been locked.
    #[doc(hidden)]
    fn suspend_all(self, _: Internal) -> Self::Place;
}
