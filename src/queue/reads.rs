//! What a queue tells of itself, at this instant.

use core::fmt;

use super::core::{Core, places};
use super::store::Store;
use crate::line::{LineGuard, LineLock};

impl<S: Store> Core<S> {
    pub(super) fn read<R>(&self, read: impl FnOnce(&Self) -> R) -> R {
        let _key = LineGuard::new(&self.gate);
        read(self)
    }

    pub(crate) fn len(&self) -> usize {
        self.read(|core| core.store(|store| store.len()))
    }

    pub(crate) fn is_full(&self) -> bool {
        self.read(|core| core.putters.word().count() <= 0)
    }

    pub(crate) fn capacity(&self) -> Option<usize> {
        let capacity = self.read(|core| core.capacity.get());
        (capacity != usize::MAX).then_some(capacity)
    }

    pub(crate) fn unfinished(&self) -> usize {
        let count = self.read(|core| core.joiners.word().count());
        usize::try_from(count).unwrap_or(usize::MAX)
    }

    pub(crate) fn is_shut_down(&self) -> bool {
        self.read(|core| core.stage.get().is_some())
    }

    pub(crate) fn assert_quiet(&self) {
        let unrest = self.read(|core| {
            let unrest = (core.getters.unrest())
                .or(core.putters.unrest())
                .or(core.joiners.unrest());
            let items = places(core.store(|store| store.len()));
            unrest
                .or((core.slots() != 0).then_some("a place has been given away"))
                .or((core.getters.word().count() != items).then_some("an item is reserved"))
        });
        assert_eq!(unrest, None);
    }

    pub(crate) fn waiting(&self) -> usize {
        self.read(|core| core.getters.waiting() + core.putters.waiting() + core.joiners.waiting())
    }

    /// For `Debug`, which must not block: whoever holds the gate may wait for the one who prints.
    pub(crate) fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seen = LineLock::try_lock(&self.gate).map(|_held| {
            (
                self.store(|store| store.len()),
                self.capacity.get(),
                self.joiners.word().count(),
                self.stage.get(),
            )
        });
        let mut debug = f.debug_struct(S::NAME);
        match seen {
            Some((len, capacity, unfinished, stage)) => debug
                .field("len", &len)
                .field("capacity", &capacity)
                .field("unfinished", &unfinished)
                .field("shutdown", &stage),
            None => debug.field("state", &format_args!("<locked>")),
        }
        .finish_non_exhaustive()
    }
}
