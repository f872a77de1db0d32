//! What a call that a breaker has let through has to remember, and the calls that this crate makes itself.

use core::num::NonZeroU64;
use std::thread::panicking;

use super::{Breaker, Ended};

/// In which generation a call was let through, and as which probe. In whole words: it is moved about, and what
/// has been stored in parts takes its time to be loaded as a whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticket {
    /// The generation, and whether the thread was panicking (the lowest bit).
    word: u64,
    probe: Option<NonZeroU64>,
}

impl Ticket {
    #[inline]
    pub(super) fn new(generation: u32, probe: Option<NonZeroU64>) -> Self {
        Self {
            word: u64::from(generation) << 1 | u64::from(panicking()),
            probe,
        }
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "32 bits and one")]
    pub(super) const fn generation(self) -> u32 {
        (self.word >> 1) as u32
    }

    #[inline]
    pub(super) const fn probe(self) -> Option<NonZeroU64> {
        self.probe
    }

    /// How a call ended of which nobody said how it ended: by a panic that began after it was let through, or in no
    /// way at all.
    #[cold]
    pub(super) fn dropped(self) -> Ended {
        if panicking() && self.word & 1 == 0 {
            Ended::Failure
        } else {
            Ended::Abandoned
        }
    }
}

/// A call in the frame of whoever makes it. If that unwinds, the call has failed.
pub(super) struct UnderWay<'a> {
    breaker: &'a Breaker,
    ticket: Option<Ticket>,
}

impl<'a> UnderWay<'a> {
    #[inline]
    pub(super) const fn new(breaker: &'a Breaker, ticket: Ticket) -> Self {
        Self {
            breaker,
            ticket: Some(ticket),
        }
    }

    #[inline]
    pub(super) fn end(mut self, ended: Ended) {
        if let Some(ticket) = self.ticket.take() {
            self.breaker.leave(ticket, ended);
        }
    }

    /// The ticket, for later.
    #[inline]
    pub(super) fn put_off(mut self) -> Option<Ticket> {
        self.ticket.take()
    }
}

impl Drop for UnderWay<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            self.breaker.abandon(ticket);
        }
    }
}

impl Breaker {
    /// A call is over, and nobody has said how it ended.
    #[cold]
    pub(super) fn abandon(&self, ticket: Ticket) {
        self.leave(ticket, ticket.dropped());
    }
}
