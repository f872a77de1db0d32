//! A system on which a process is never copied with its memory, or nobody can tell.

/// The process in which something was made: the only one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Born;

impl Born {
    /// This process.
    pub(crate) const fn here() -> Self {
        Self
    }

    /// Whether this is still the same process.
    #[expect(clippy::unused_self, reason = "where there is a `fork` it decides")]
    pub(crate) const fn is_here(self) -> bool {
        true
    }

    /// Its number, which is never 0.
    #[expect(clippy::unused_self, reason = "where there is a `fork` it decides")]
    pub(crate) const fn number(self) -> u32 {
        1
    }
}
