//! What tests ask of a primitive when all is over.

/// What tests ask of a primitive about its line.
#[doc(hidden)]
pub trait Quiet {
    /// Panics unless nobody waits, nobody has an unclaimed grant, and all flags are clear.
    fn assert_quiet(&self);

    /// How many wait in line, at this instant.
    fn waiting(&self) -> usize;
}
