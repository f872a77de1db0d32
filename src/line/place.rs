//! Where a waiter finds its line.

use super::Line;
use super::word::Word;

/// What only this crate has: methods that take it are visible to whoever is generic over a public
/// trait, and can be called by nobody else.
#[derive(Clone, Copy, Debug)]
pub struct Internal(pub(crate) ());

/// Where a waiter finds its line: a reference, or something that owns one.
///
/// # Safety
///
/// * [`line`](Self::line) returns the same line for as long as the place lives, also after the
///   place has been moved.
/// * Where it [owns](Self::OWNS) the line, that is so also if the place is leaked.
pub unsafe trait Place {
    /// What the line guards.
    type Word: Word;

    /// Whether the line lives for as long as the memory of the place does. A borrow may end
    /// before that, if the place is leaked.
    const OWNS: bool = false;

    /// The line to wait in. Whoever has it can release what somebody else holds: hence the token.
    fn line(&self, _: Internal) -> &Line<Self::Word>;
}

// SAFETY: a shared reference names one line, wherever it is moved.
unsafe impl<W: Word> Place for &Line<W> {
    type Word = W;

    fn line(&self, _: Internal) -> &Line<W> {
        self
    }
}

/// The line of a place.
#[inline]
pub(crate) fn line_of<P: Place>(place: &P) -> &Line<P::Word> {
    place.line(Internal(()))
}
