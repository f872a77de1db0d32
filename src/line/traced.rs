//! What a line tells the records of who holds what: nothing, without the feature `diagnostics`.

use core::panic::Location;
use std::borrow::Cow;

use super::word::{Asker, Word};
use super::{Line, WaitQueue};
use crate::identity::who;
use crate::sys::Gave;
use crate::sys::who::Who;

impl<W, L> WaitQueue<W, L> {
    /// Sets the name, before anybody else has a reference.
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
    /// Sets the name, before anybody else has a reference.
    pub(crate) const fn name(&mut self, name: &'static str) {
        self.wait_queue.name(name);
    }

    /// Before somebody joins the line, without the lock.
    pub(crate) fn prepare(&self) {
        self.wait_queue.prepare();
    }

    /// The same for the line of a job, whose name is known to whoever waits for it.
    #[inline]
    pub(crate) fn prepare_named(&self, name: impl FnOnce() -> Option<Cow<'static, str>>) {
        self.wait_queue.traced.prepare_named(name);
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
    /// As [`try_take`](Self::try_take), for somebody who counts what it has when its wait is over.
    #[inline]
    pub(super) fn try_take_in_wait(&self, n: usize, asker: Asker) -> bool {
        let taken = self.wait_queue.word.try_take(n, asker);
        if taken && W::is_exclusive(n) && self.wait_queue.word.is_owned() {
            (self.wait_queue.traced).took_in_wait(|| who(asker == Asker::Task));
        }
        taken
    }

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
    pub(crate) fn note_came(&self, n: usize) {
        if W::is_exclusive(n) {
            self.wait_queue.traced.came();
        }
    }

    /// Notes that what is held is given back, and returns by whom.
    #[inline]
    pub(super) fn note_release(&self, n: usize) -> Gave {
        if W::is_exclusive(n) {
            self.wait_queue.traced.gave()
        } else {
            Gave::NOTHING
        }
    }
}
