//! What a primitive protects inside a model: a cell that loom watches, and a count of holders.
#![expect(unsafe_code, reason = "a loom cell lends out raw pointers")]

use core::ops::Deref;
use core::sync::atomic::Ordering::Relaxed;

use syncline::loom::cell::UnsafeCell;
use syncline::loom::sync::atomic::AtomicUsize;

/// A primitive and the data it is said to guard.
///
/// [`bump`](Self::bump) and [`value`](Self::value) never check that the primitive is held. That is the
/// point: an access that is not ordered by the primitive is a data race, and loom reports it. Where
/// several may be inside at once, [`enter`](Self::enter) counts them.
#[derive(Debug)]
pub(crate) struct Guarded<P> {
    primitive: P,
    cell: UnsafeCell<usize>,
    inside: AtomicUsize,
}

// SAFETY: every access to the cell goes through `bump` or `value`, where loom panics before it lends the
// pointer to one of two unordered accesses. loom's threads share one OS thread and switch at loom's
// operations only, of which there is none while the pointer is lent.
unsafe impl<P: Sync> Sync for Guarded<P> {}

impl<P> Guarded<P> {
    /// `primitive`, guarding a counter at 0.
    pub(crate) fn new(primitive: P) -> Self {
        Self {
            primitive,
            cell: UnsafeCell::new(0),
            inside: AtomicUsize::new(0),
        }
    }

    /// Adds one to the counter, as somebody may who holds the primitive alone.
    #[track_caller]
    pub(crate) fn bump(&self) {
        self.cell.with_mut(|value| {
            // SAFETY: loom lends the pointer only if no access is unordered to this one, and there is
            // no switch before the closure ends.
            unsafe { *value += 1 }
        });
    }

    /// Reads the counter, as somebody may who excludes every [`bump`](Self::bump).
    #[track_caller]
    pub(crate) fn value(&self) -> usize {
        self.cell.with(|value| {
            // SAFETY: as in `bump`.
            unsafe { *value }
        })
    }

    /// Counts one more holder until the result is dropped, which must be before the primitive is released.
    ///
    /// For primitives that let in several. The count is an atomic of loom's, so that a holder can be
    /// interrupted between entering and leaving; that costs executions. It is `Relaxed`, so that it
    /// orders nothing which the primitive should have ordered.
    ///
    /// # Panics
    ///
    /// Panics if more than `limit` are inside.
    #[track_caller]
    pub(crate) fn enter(&self, limit: usize) -> Inside<'_> {
        // ORDERING: Relaxed, here and in `drop`: only the count matters, see above.
        let before = self.inside.fetch_add(1, Relaxed);
        assert!(
            before < limit,
            "{} are inside, where only {limit} may be",
            before + 1
        );
        Inside(&self.inside)
    }
}

/// The primitive's methods, directly.
impl<P> Deref for Guarded<P> {
    type Target = P;

    fn deref(&self) -> &P {
        &self.primitive
    }
}

/// One holder, counted by [`Guarded::enter`].
#[derive(Debug)]
#[must_use = "dropped at once, it counts nothing"]
pub(crate) struct Inside<'a>(&'a AtomicUsize);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}
