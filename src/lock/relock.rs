//! What a condition asks of a guard: to be given up and taken back.

use super::word::LockWord;
use crate::line::{Internal, Place};

/// A guard whose lock can be released and taken again in its place.
///
/// Only this crate implements it, for guards that alone lend out their data: whoever else gets
/// the lock meanwhile may change all of it.
pub trait Relock: Sized {
    /// What is left of the guard while it does not hold the lock.
    type Place: Place<Word = LockWord>;

    /// The guard without its lock. The lock is still held, by nobody: release its line.
    ///
    /// # Panics
    ///
    /// Panics if the lock is held more than once. The guard is dropped then.
    #[track_caller]
    fn suspend(self, _: Internal) -> Self::Place;

    /// The guard again. The line has just been granted for it.
    fn resume(place: Self::Place, _: Internal) -> Self;
}

/// How a guard shows its data to a predicate: `&mut T`, or `&T` where the lock is re-entrant.
///
/// `Bound` is there for the compiler: it says that the guard outlives `'a`.
pub trait Lends<'a, Bound = &'a Self> {
    /// The borrow.
    type Loan;

    /// Borrows the data.
    fn lend(&'a mut self) -> Self::Loan;
}
