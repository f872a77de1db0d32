//! Where a worker looks for something to do, and in which order.

use super::entry::Entry;
use super::rest::Slept;
use super::shared::Added;
use super::summary::{Reach, Summary};
use super::worker::Worker;
use crate::line::ThreadParker;
use crate::sys;

/// So often a worker looks for what has waited for long before it goes on with its own: by turns at
/// what came from outside, and at the oldest of its own.
pub(super) const LOOK_AROUND: u32 = 61;

impl Worker {
    /// Something to do, if there is any that this worker may take.
    fn next(&self) -> Option<Entry> {
        self.turns.set(self.turns.get() - 1);
        if self.turns.get() == 0 {
            if let Some(entry) = self.look_around() {
                return Some(entry);
            }
        }
        if let Some(entry) = self.pop() {
            return Some(entry);
        }
        let summary = self.shared.summary();
        if !summary.is_plain() {
            return self.next_in_need(summary);
        }
        self.take_shared(Reach::All).or_else(|| self.steal())
    }

    /// What has waited for long, out of its turn. Not while many are blocked: each that is begun may block
    /// as well.
    #[cold]
    fn look_around(&self) -> Option<Entry> {
        self.turns.set(LOOK_AROUND);
        let outside_first = self.own_looked_at.replace(!self.own_looked_at.get());
        (self.shared.summary().reach() == Reach::All)
            .then(|| self.oldest(outside_first))
            .flatten()
    }

    /// The same as [`next`](Self::next) for a worker whose deque is empty, while others have left theirs, or
    /// many are blocked.
    #[cold]
    fn next_in_need(&self, summary: Summary) -> Option<Entry> {
        if summary.has_orphans() {
            if let Some(entry) = self.adopt() {
                return Some(entry);
            }
        }
        let reach = summary.reach();
        let found = self.take_shared(reach);
        found.or_else(|| (reach >= Reach::Inside).then(|| self.steal()).flatten())
    }

    /// Takes from one of both shared queues; then it is the other one's turn.
    fn take_shared(&self, reach: Reach) -> Option<Entry> {
        let outside_first = self.outside_first.get();
        if !outside_first {
            if let Some(entry) = self.shared.take_inner() {
                self.outside_first.set(true);
                return Some(entry);
            }
        }
        // One at a time: what lies in a deque is out of the order in which it came.
        if let Some(entry) = self.take_outside(reach) {
            self.outside_first.set(false);
            return Some(entry);
        }
        (outside_first.then(|| self.shared.take_inner())).flatten()
    }

    /// What has come from outside first, if this worker may begin with it.
    #[inline]
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
