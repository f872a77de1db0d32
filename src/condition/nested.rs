//! A guard that is given up with all levels of its lock, whatever waits with it.

use super::thread_guard::{ConditionGuard, NestedGuard};
use crate::line::Internal;
use crate::lock::{Lends, Relock};

/// A guard of a re-entrant lock that is given up with all its levels.
pub(super) struct Nested<G>(pub(super) G);

impl<G> Nested<G> {
    /// What a wait gave back, for whoever has the guard inside.
    pub(super) fn unwrap<R>((guard, result): (Self, R)) -> (G, R) {
        (guard.0, result)
    }
}

impl<G: NestedGuard> Relock for Nested<G> {
    type Place = G::Place;

    #[track_caller]
    fn suspend(self, token: Internal) -> G::Place {
        self.0.suspend_all(token)
    }

    fn resume(place: G::Place, token: Internal) -> Self {
        Self(G::resume(place, token))
    }
}

impl<'b, G: Lends<'b>> Lends<'b> for Nested<G> {
    type Loan = G::Loan;

    fn lend(&'b mut self) -> G::Loan {
        self.0.lend()
    }
}

impl<G: NestedGuard> ConditionGuard for Nested<G> {}
