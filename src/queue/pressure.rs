//! A queue under pressure: its capacity, its water marks, and how full it is.

use std::time::Instant;

use super::core::{Core, places};
use super::critical_section::CriticalSection;
use super::gate::Gate;
use super::marks::Marks;
use super::stats::{Counts, QueueStats};
use super::stock::signed;
use super::store::Store;
use super::waits::{Change, Waits};
use crate::sys;

/// The water marks of a queue, and what it has counted.
#[derive(Debug, Default)]
pub(super) struct Pressure {
    marks: Option<Marks>,
    counts: Option<Counts>,
}

impl<S: Store> Core<S> {
    /// Changes the marks or the counts of a queue that nobody shares yet.
    fn change_pressure(&mut self, change: impl FnOnce(&mut Pressure)) {
        let mut pressure = self.pressure.replace(None).unwrap_or_default();
        change(&mut pressure);
        self.pressure.set(Some(pressure));
        self.watched.set(true);
    }

    fn marks(&self) -> Option<Marks> {
        self.pressure(|pressure| pressure.marks).flatten()
    }

    #[track_caller]
    pub(crate) fn set_capacity(&self, capacity: usize) {
        assert!(capacity > 0, "the capacity of a queue must be at least 1");
        let is_above = self.within(|section| {
            let is_above = (self.marks()).is_none_or(|marks| marks.high() <= places(capacity));
            if is_above {
                let before = self.ceiling();
                self.capacity.set(capacity);
                self.putters.word().change(self.ceiling() - before);
                section.settle(&self.putters);
            }
            is_above
        });
        assert!(
            is_above,
            "the capacity of a queue must not be below its high water mark"
        );
    }

    /// Gives a queue that nobody shares yet its water marks.
    #[track_caller]
    pub(crate) fn set_marks(&mut self, high: usize, low: usize) {
        let capacity = self.capacity.get();
        assert!(
            low < high && high <= capacity,
            "the water marks of a queue are `low < high <= capacity`, not {low} < {high} <= {capacity}"
        );
        let before = self.ceiling();
        let marks = Marks::new(places(high), places(low));
        self.change_pressure(|pressure| pressure.marks = Some(marks));
        self.putters.word().change(self.ceiling() - before);
    }

    /// Lets a queue that nobody shares yet count what it does.
    pub(crate) fn set_counts(&mut self) {
        let len = self.store(|store| store.len());
        self.change_pressure(|pressure| pressure.counts = Some(Counts::of(len)));
        self.counts = true;
    }

    /// Counts, if that was asked for.
    pub(super) fn count(&self, count: impl FnOnce(&mut Counts)) {
        self.pressure(|pressure| pressure.counts.as_mut().map(count));
    }

    /// Counts a request that begins or ends to wait. Most queues have nothing to count.
    #[inline]
    pub(super) fn note(&self, of: fn(&mut Counts) -> &mut Waits, change: Change) {
        if self.watched.get() {
            self.note_slow(of, change);
        }
    }

    #[cold]
    fn note_slow(&self, of: fn(&mut Counts) -> &mut Waits, change: Change) {
        self.count(|counts| of(counts).note(change, sys::now()));
    }

    /// Counts a thread that has tried again and again since some moment.
    #[cold]
    pub(super) fn note_spin(&self, of: fn(&mut Counts) -> &mut Waits, since: Instant) {
        let time = sys::now().saturating_duration_since(since);
        self.read(|core| core.count(|counts| of(counts).add(time)));
    }

    /// So many items have been taken out, and as many places given back.
    #[inline]
    pub(super) fn taken(&self, items: usize, section: &mut CriticalSection<'_, Gate>) {
        if self.watched.get() {
            let left = || self.store(|store| store.len());
            self.count(|counts| counts.take(items, left()));
            self.freed(signed(items), section);
        }
    }

    /// So many places have been given back: sees whether that ends a throttle, or a queue that is shut down.
    #[inline]
    pub(super) fn freed(&self, places: isize, section: &mut CriticalSection<'_, Gate>) {
        if self.watched.get() {
            self.look_at_marks(places);
            self.review(section);
        }
    }

    /// Notes what the marks say about places that have been given back. Who may go now is not settled here.
    #[cold]
    pub(super) fn look_at_marks(&self, places: isize) {
        let word = self.putters.word();
        let freed = |marks: &mut Marks| marks.freed(places, word.count());
        let by = self.pressure(|pressure| pressure.marks.as_mut().map(freed));
        word.change(by.flatten().unwrap_or(0));
    }

    /// What free places are counted from.
    pub(super) fn ceiling(&self) -> isize {
        let capacity = || places(self.capacity.get());
        self.marks().map_or_else(capacity, Marks::ceiling)
    }

    pub(crate) fn is_throttled(&self) -> bool {
        self.read(|core| {
            let free = core.putters.word().count();
            (core.marks()).is_some_and(|marks| marks.is_throttled(free))
        })
    }

    /// What it has done, if it counts that.
    pub(crate) fn stats(&self) -> Option<QueueStats> {
        self.read(|core| {
            let counts = core.pressure(|pressure| pressure.counts).flatten()?;
            let len = core.store(|store| store.len());
            let free = core.putters.word().count();
            Some(QueueStats {
                put: counts.got + counts.dropped + len as u64,
                got: counts.got,
                dropped: counts.dropped,
                len,
                deepest: counts.deepest.max(len),
                throttled: (core.marks()).map_or(0, |marks| marks.times(free)),
                putters: counts.putters.waiting(),
                put_waits: counts.putters.begun(),
                put_waited: counts.putters.total(sys::now),
                getters: counts.getters.waiting(),
                get_waits: counts.getters.begun(),
                get_waited: counts.getters.total(sys::now),
            })
        })
    }

    /// How much of what may be used is used: from 0 to 1.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a share, for whoever looks at it"
    )]
    pub(crate) fn share(&self) -> f64 {
        let (used, most) = self.read(|core| {
            let used = core.ceiling() - core.putters.word().count();
            let most = (core.marks()).map_or(core.capacity.get(), |marks| {
                usize::try_from(marks.high()).unwrap_or(usize::MAX)
            });
            (used, most)
        });
        if most == usize::MAX {
            return 0.0;
        }
        (used as f64 / most as f64).min(1.0)
    }
}
