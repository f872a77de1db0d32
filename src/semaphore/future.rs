//! The futures of the semaphores, by name.

use super::permit::{OwnedPermit, Owner, Permit};
use super::word::PermitWord;
use crate::error::TimedOut;
use crate::line::{Line, Wait, waits};
use crate::timer::Timed;

waits! {
    /// Waits for permits of a semaphore; made by `acquire` and `acquire_many`.
    Acquire ['a] ['a] (Wait<&'a Line<PermitWord>>, count: usize) -> Permit<'a>,
    |line| Permit::new(line, count)
}

waits! {
    /// Waits for permits of a semaphore until a deadline; made by the timed forms of `acquire`
    /// and `acquire_many`.
    AcquireTimed ['a] ['a] (Timed<&'a Line<PermitWord>>, count: usize) -> Result<Permit<'a>, TimedOut>,
    |line| line.map(|line| Permit::new(line, count))
}

waits! {
    /// Waits for permits of a semaphore in an [`Arc`](std::sync::Arc); made by `acquire_owned` and
    /// `acquire_many_owned`.
    AcquireOwned [] [] (Wait<Owner>, count: usize) -> OwnedPermit,
    |owner| OwnedPermit::new(owner, count)
}

waits! {
    /// Waits for permits of a semaphore in an [`Arc`](std::sync::Arc) until a deadline; made by the timed forms
    /// of `acquire_owned` and `acquire_many_owned`.
    AcquireOwnedTimed [] [] (Timed<Owner>, count: usize) -> Result<OwnedPermit, TimedOut>,
    |owner| owner.map(|owner| OwnedPermit::new(owner, count))
}
