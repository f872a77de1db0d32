//! What those without the roster's lock see of it, in one word.

use super::sleep::{Limits, Roster};

/// Someone should be woken or started if something is added.
pub(super) const CALL: usize = 1;
/// There are deques that nobody has, in which something may lie.
const ORPHANS: usize = 1 << 8;
/// So many are blocked that what comes from outside is begun at a pace.
const BRAKED: usize = 1 << 9;
/// Somebody waits until the next of those may begin.
const PACED: usize = 1 << 10;
/// More run than should.
const SURPLUS: usize = 1 << 11;
/// So many run or are blocked that nothing new is begun.
const FULL: usize = 1 << 12;
/// From here on: how many run or are blocked.
const BUSY: u32 = 13;

/// The roster as it was after some change. The phases of the pool are in it as they are.
///
/// | bits | |
/// |---|---|
/// | 0 | [`CALL`] |
/// | 1 to 7 | the phases, see `sleep.rs` |
/// | 8 to 12 | [`ORPHANS`], [`BRAKED`], [`PACED`], [`SURPLUS`], [`FULL`] |
/// | 13 and up | how many run or are blocked |
#[derive(Clone, Copy, Debug)]
pub(super) struct Summary(pub(super) usize);

/// What a worker may take, so that what the blocked ones wait for is done first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// What blocked workers have left, and what was begun.
    Orphans,
    /// Everything but what comes from outside.
    Inside,
    /// Everything.
    All,
}

impl Summary {
    pub(super) fn of(roster: &Roster, limits: Limits) -> Self {
        let flag = |is_so: bool, bit: usize| if is_so { bit } else { 0 };
        let busy = roster.running + roster.blocked;
        Self(
            roster.phase()
                | flag(roster.wants_more(limits), CALL)
                | flag(roster.deques.has_orphans(), ORPHANS)
                | flag(roster.blocked >= limits.few(), BRAKED)
                | flag(roster.pacer.is_some(), PACED)
                | flag(roster.running > limits.workers, SURPLUS)
                | flag(busy > limits.beginners(), FULL)
                | busy << BUSY,
        )
    }

    /// Whether any of that has been said.
    pub(super) const fn has_any(self, phases: usize) -> bool {
        self.0 & phases != 0
    }

    pub(super) const fn calls(self) -> bool {
        self.has_any(CALL)
    }

    /// Whether every worker may take everything, and nobody has left anything.
    pub(super) const fn is_plain(self) -> bool {
        !self.has_any(ORPHANS | BRAKED | FULL)
    }

    pub(super) const fn has_orphans(self) -> bool {
        self.has_any(ORPHANS)
    }

    pub(super) const fn has_surplus(self) -> bool {
        self.has_any(SURPLUS)
    }

    /// Whether somebody waits until the next from outside may begin.
    pub(super) const fn is_paced(self) -> bool {
        self.has_any(PACED)
    }

    /// What a worker may take that runs.
    pub(super) const fn reach(self) -> Reach {
        self.reach_if(self.has_any(FULL))
    }

    /// What one more may take, when it runs.
    pub(super) fn reach_of_another(self, limits: Limits) -> Reach {
        self.reach_if((self.0 >> BUSY) + 1 > limits.beginners())
    }

    const fn reach_if(self, full: bool) -> Reach {
        if full {
            Reach::Orphans
        } else if self.has_any(BRAKED) {
            Reach::Inside
        } else {
            Reach::All
        }
    }
}
