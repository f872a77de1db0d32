//! A release by somebody who may have nothing to give back.

use super::Line;
use super::word::{Added, Word};
use crate::sys;

impl<W: Word> Line<W> {
    /// As [`release`](Self::release), unless the word says that there is nothing to give back; returns whether there was.
    pub(crate) fn release_if(&self, n: usize, add: impl FnOnce(&W) -> Option<Added>) -> bool {
        if sys::is_over() {
            return true;
        }
        let gave = self.note_release(n);
        let added = add(self.word());
        if let Some(added) = added {
            self.added(added, n, gave);
        }
        added.is_some()
    }
}
