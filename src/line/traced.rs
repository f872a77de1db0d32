//! What a line tells the records of who holds what: nothing, without the feature `diagnostics`.

use core::panic::Location;

use super::word::Word;
use super::{Line, WaitQueue};
use crate::sys::who::Who;

impl<W, L> WaitQueue<W, L> {
    /// Gives it a name, before anybody else knows it.
    pub(crate) const fn name(&mut self, name: &'static str) {
        self.traced.name(name);
    }

    /// Before somebody joins the line, without the lock.
    #[inline]
    pub(crate) fn prepare(&self) {
        self.traced.prepare();
    }
}

impl<W> Line<W> {
    /// Gives it a name, before anybody else knows it.
    pub(crate) const fn name(&mut self, name: &'static str) {
        self.wait_queue.name(name);
    }

    /// Notes whose it is from now on.
    #[inline]
    pub(crate) fn belongs_to(&self, who: impl FnOnce() -> Who) {
        self.wait_queue.traced.took(who);
    }

    /// Notes that whoever has taken it can give it away.
    #[inline]
    pub(crate) fn may_move(&self) {
        self.wait_queue.traced.may_move();
    }
}

impl<W: Word> Line<W> {
    /// Notes that this thread is about to wait for what is held, if need be.
    #[inline]
    #[track_caller]
    pub(super) fn note_wants(&self, place: &'static Location<'static>) {
        if W::IS_LOCK {
            self.wait_queue.traced.wants(place);
        }
    }

    /// Notes that this thread has come for what it was granted in line.
    #[inline]
    pub(super) fn note_came(&self) {
        if W::IS_LOCK {
            self.wait_queue.traced.came();
        }
    }

    /// Notes that what is held is given back.
    #[inline]
    pub(super) fn note_release(&self) {
        if W::IS_LOCK {
            self.wait_queue.traced.gave();
        }
    }
}
