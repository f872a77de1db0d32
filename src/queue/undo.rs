//! What is given back if a comparison panics.

use super::critical_section::CriticalSection;
use super::gate::Gate;

/// Undoes something in a section when it is dropped.
struct Undo<'s, 'a, F: FnMut(&mut CriticalSection<'a, Gate>)>(
    Option<&'s mut CriticalSection<'a, Gate>>,
    F,
);

impl<'a, F: FnMut(&mut CriticalSection<'a, Gate>)> Drop for Undo<'_, 'a, F> {
    fn drop(&mut self) {
        if let Some(section) = self.0.take() {
            (self.1)(section);
        }
    }
}

/// Runs something that uses the store, and undoes something else if it panics.
#[expect(
    clippy::inline_always,
    reason = "part of the way from one task to the next"
)]
#[inline(always)]
pub(super) fn unless_panicking<'a, R>(
    section: &mut CriticalSection<'a, Gate>,
    undo: impl FnMut(&mut CriticalSection<'a, Gate>),
    body: impl FnOnce() -> R,
) -> R {
    let mut undo = Undo(Some(section), undo);
    let result = body();
    undo.0 = None;
    drop(undo);
    result
}
