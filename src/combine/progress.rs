//! How far a combinator has come.

use core::mem::replace;
use core::task::Context;

use crate::identity::budget::{self, Entered};

/// How far a combinator has come that polls all of its futures whenever one is woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    New,
    Begun,
    Over,
}

impl Progress {
    /// Begins a poll of `name`, which ends when what this returns is dropped; `None` if it has been deferred.
    ///
    /// # Panics
    ///
    /// Panics if it is over.
    #[track_caller]
    pub(super) fn enter(&mut self, name: &str, context: &mut Context<'_>) -> Option<Entered> {
        assert!(*self != Self::Over, "`{name}` polled after completion");
        let entered = budget::enter(context, || self.defer())?;
        *self = Self::Begun;
        Some(entered)
    }

    /// Notes that the first poll is deferred; `false` if it was before, or has been made.
    const fn defer(&mut self) -> bool {
        matches!(replace(self, Self::Begun), Self::New)
    }
}
