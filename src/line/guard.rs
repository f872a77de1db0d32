//! The lock of a line, or of several, and how its holder lets others in for a moment.

use crate::sys;
use crate::sys::RawLock;

/// A lock that guards one line or several.
pub(crate) trait LineLock {
    /// The proof that it is held; dropping it unlocks.
    type Held<'a>
    where
        Self: 'a;

    /// Locks it.
    fn lock(&self) -> Self::Held<'_>;

    /// Locks it if nobody holds it.
    fn try_lock(&self) -> Option<Self::Held<'_>>;
}

impl LineLock for RawLock {
    type Held<'a> = sys::Held<'a>;

    #[inline]
    fn lock(&self) -> sys::Held<'_> {
        Self::lock(self)
    }

    fn try_lock(&self) -> Option<sys::Held<'_>> {
        Self::try_lock(self)
    }
}

/// A line lock that is held; dropping it unlocks.
pub(crate) struct LineGuard<'a, L: LineLock> {
    line_lock: &'a L,
    held: Option<L::Held<'a>>,
}

impl<'a, L: LineLock> LineGuard<'a, L> {
    #[inline]
    pub(crate) fn new(line_lock: &'a L) -> Self {
        Self {
            line_lock,
            held: Some(line_lock.lock()),
        }
    }

    /// Unlocks, for good.
    #[inline]
    pub(crate) fn release(&mut self) {
        self.held = None;
    }
}

/// Whoever can let others in for a moment.
pub(crate) trait Yields {
    /// Runs something without the lock.
    fn outside(&mut self, body: impl FnOnce());
}

impl<L: LineLock> Yields for LineGuard<'_, L> {
    fn outside(&mut self, body: impl FnOnce()) {
        self.held = None;
        body();
        self.held = Some(self.line_lock.lock());
    }
}

impl<Y: Yields> Yields for &mut Y {
    fn outside(&mut self, body: impl FnOnce()) {
        (**self).outside(body);
    }
}
