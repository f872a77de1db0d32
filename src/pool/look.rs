//! Where a worker looks for something to do, and in which order.

use super::entry::Entry;
use super::rest::Slept;
use super::shared::Added;
use super::summary::Reach;
use super::worker::Worker;
use crate::line::ThreadParker;
use crate::sys;

/// So often a worker looks for what has waited for long before it goes on with its own: by turns at
/// what came from outside, and at the oldest of its own.
const LOOK_AROUND: u32 = 61;

/// After this turn it begins with turn 0 again.
const LAST_TURN: u32 = 2 * LOOK_AROUND - 1;

impl Worker {
    /// Something to do, if there is any that this worker may take.
    fn next(&self) -> Option<Entry> {
        let turn = self.turns.get();
        (self.turns).set(if turn == LAST_TURN { 0 } else { turn + 1 });
        // Not while many are blocked: each that is begun out of its turn may block as well.
        let looks_around =
            matches!(turn, 0 | LOOK_AROUND) && self.shared.summary().reach() == Reach::All;
        let oldest = || looks_around.then(|| self.oldest(turn == 0)).flatten();
        if let Some(entry) = oldest().or_else(|| self.pop()) {
            return Some(entry);
        }
        let summary = self.shared.summary();
        if summary.has_orphans() {
            if let Some(entry) = self.adopt() {
                return Some(entry);
            }
        }
        let reach = summary.reach();
        let inner = || self.take_from(false, || self.shared.take_inner());
        // One at a time: what lies in a deque is out of the order in which it came.
        let outside = || self.take_from(true, || self.take_outside(reach));
        let found = if self.outside_first.get() {
            outside().or_else(inner)
        } else {
            inner().or_else(outside)
        };
        found.or_else(|| (reach >= Reach::Inside).then(|| self.steal()).flatten())
    }

    /// Takes from one of both shared queues; then it is the other one's turn.
    fn take_from(&self, outside: bool, take: impl FnOnce() -> Option<Entry>) -> Option<Entry> {
        let entry = take()?;
        self.outside_first.set(!outside);
        Some(entry)
    }

    /// What has come from outside first, if this worker may begin with it.
    fn take_outside(&self, reach: Reach) -> Option<Entry> {
        match reach {
            Reach::All => self.shared.injector.steal(),
            Reach::Inside if self.may_begin.get() => {
                let entry = self.shared.injector.steal()?;
                // One that has nothing left to do is none.
                self.may_begin.set(entry.is_dead());
                Some(entry)
            }
            Reach::Inside | Reach::Orphans => None,
        }
    }

    /// What has come from outside, or has lain in this deque, for longest: the one of these first,
    /// or the other.
    fn oldest(&self, outside_first: bool) -> Option<Entry> {
        let own = || self.oldest_own();
        let outside = || self.shared.injector.steal();
        if outside_first {
            outside().or_else(own)
        } else {
            own().or_else(outside)
        }
    }

    pub(super) fn oldest_own(&self) -> Option<Entry> {
        let number = self.with_deque(|held| held.number)?;
        self.shared.stealer(number)?.steal()
    }

    /// The newest of what those have left who blocked, the newest first. This one's own deque is
    /// empty.
    fn adopt(&self) -> Option<Entry> {
        loop {
            let (held, adopted) = self.shared.adopt(self.held.take()?);
            self.held.replace(Some(held));
            if !adopted {
                return None;
            }
            // Others may have stolen all that lay there.
            if let Some(entry) = self.pop() {
                return Some(entry);
            }
        }
    }

    /// Something that lies in the deque of another; those behind this one first, so that not
    /// everybody comes to the same.
    fn steal(&self) -> Option<Entry> {
        let (found, more) = self.with_deque(|held| {
            let stealers = || self.shared.stealers();
            let mut others = (stealers().skip(held.number + 1)).chain(stealers().take(held.number));
            let found = others.find_map(|stealer| stealer.steal_into(&held.deque));
            (found, !held.deque.is_empty())
        })?;
        if more {
            // It has come along, and was in no queue on its way.
            self.shared.notify(Added::Deque);
        }
        found
    }

    /// Something to do, as soon as there is any; `None`: it is not needed any more.
    pub(super) fn wait_for_next(
        &self,
        searching: &mut bool,
        parker: &ThreadParker,
    ) -> Option<Entry> {
        loop {
            let mut found = self.next();
            if found.is_none() && !*searching {
                self.shared.begin_search();
                *searching = true;
            }
            for round in sys::search_rounds() {
                if found.is_some() {
                    break;
                }
                // What it waits for is often on its way.
                sys::linger(round);
                found = self.next();
            }
            if found.is_some() {
                if core::mem::take(searching) {
                    self.shared.end_search();
                }
                return found;
            }
            let slept = self.shared.sleep(self.place, parker);
            if slept == Slept::Leave {
                return None;
            }
            self.may_begin.set(slept == Slept::Paced);
        }
    }
}
