//! A call that a breaker has let through.

use core::fmt;
use core::ops::Deref;
use std::sync::Arc;

use super::ticket::Ticket;
use super::{Breaker, Ended};

enum Place<'a> {
    Borrowed(&'a Breaker),
    Owned(Arc<Breaker>),
}

impl Deref for Place<'_> {
    type Target = Breaker;

    #[inline]
    fn deref(&self) -> &Breaker {
        match self {
            Self::Borrowed(breaker) => breaker,
            Self::Owned(breaker) => breaker,
        }
    }
}

/// A call that a [`Breaker`] admitted. Created by [`Breaker::admit`].
///
/// Say how it ended. If it is dropped instead, it was *abandoned*: it counts as nothing, and a probe gives its place
/// back. If it is dropped by a panic that began after it was admitted, it has failed.
///
/// # Examples
///
/// See [`Breaker::admit`].
#[must_use = "the call counts as abandoned as soon as this is dropped"]
pub struct Admission<'a> {
    /// `None` once it has been said how the call ended.
    place: Option<Place<'a>>,
    ticket: Ticket,
}

impl<'a> Admission<'a> {
    #[inline]
    pub(super) fn borrowed(breaker: &'a Breaker, ticket: Ticket) -> Self {
        Self::new(Place::Borrowed(breaker), ticket)
    }

    pub(super) fn owned(breaker: Arc<Breaker>, ticket: Ticket) -> Self {
        Self::new(Place::Owned(breaker), ticket)
    }

    #[inline]
    fn new(place: Place<'a>, ticket: Ticket) -> Self {
        Self {
            place: Some(place),
            ticket,
        }
    }

    /// Says that the call succeeded.
    ///
    /// # Examples
    ///
    /// See [`Breaker::admit`].
    #[inline]
    pub fn success(mut self) {
        self.end(Ended::Success);
    }

    /// Says that the call failed.
    ///
    /// # Examples
    ///
    /// See [`Breaker::admit`].
    #[inline]
    pub fn failure(mut self) {
        self.end(Ended::Failure);
    }

    /// Reports that the call ended in a way that says nothing about the callee.
    ///
    /// # Examples
    ///
    /// ```
    /// let breaker = syncline::service::Breaker::builder("api").build();
    /// breaker.admit()?.ignore(); // the user gave up
    /// assert_eq!(breaker.stats().ignored, 1);
    /// # Ok::<(), syncline::Rejection>(())
    /// ```
    pub fn ignore(mut self) {
        self.end(Ended::Ignored);
    }

    #[inline]
    fn end(&mut self, ended: Ended) {
        if let Some(place) = self.place.take() {
            place.leave(self.ticket, ended);
        }
    }
}

impl Drop for Admission<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.place.is_some() {
            self.end(self.ticket.dropped());
        }
    }
}

impl fmt::Debug for Admission<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admission")
            .field("breaker", &self.place.as_deref())
            .field("is_probe", &self.ticket.probe().is_some())
            .finish_non_exhaustive()
    }
}
