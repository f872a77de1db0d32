//! What waits for I/O in the place of a `Runner`: nothing, without the feature that knows how.

use crate::pool::Surroundings;

/// A runner's reactor: none.
pub(crate) struct Reactor;

impl Reactor {
    #[expect(clippy::unnecessary_wraps, reason = "the other one may fail")]
    pub(crate) fn start(_name: &str) -> std::io::Result<Self> {
        Ok(Self)
    }

    #[expect(clippy::unused_self, reason = "the other one has some")]
    pub(crate) const fn surroundings(&self) -> Option<Surroundings> {
        None
    }
}
