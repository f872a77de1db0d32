//! How far a combinator has come.

use core::mem::replace;

/// How far a combinator has come that polls all of its futures whenever one is woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    New,
    Begun,
    Over,
}

impl Progress {
    /// Notes that the first poll is deferred; `false` if it was before, or has been made.
    pub(super) const fn defer(&mut self) -> bool {
        matches!(replace(self, Self::Begun), Self::New)
    }
}
