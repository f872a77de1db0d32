//! A call that a breaker has let through.

use core::fmt;
use core::ops::Deref;
use std::sync::Arc;
use std::thread::panicking;

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

/// A call that a [`Breaker`] has let through; made by [`Breaker::admit`].
///
/// Say how it ended. If it is dropped instead, it was *abandoned*: it counts as nothing, and a probe gives its place
/// back. If it is dropped by a panic that began after it was admitted, it has failed.
///
/// # Examples
///
/// See [`Breaker::admit`].
#[must_use = "the call counts as abandoned as soon as this is dropped"]
pub struct Admission<'a> {
    place: Place<'a>,
    generation: u32,
    probe: Option<u64>,
    was_panicking: bool,
    over: bool,
}

impl<'a> Admission<'a> {
    #[inline]
    pub(super) fn borrowed(breaker: &'a Breaker, generation: u32, probe: Option<u64>) -> Self {
        Self::new(Place::Borrowed(breaker), generation, probe)
    }

    pub(super) fn owned(breaker: Arc<Breaker>, generation: u32, probe: Option<u64>) -> Self {
        Self::new(Place::Owned(breaker), generation, probe)
    }

    #[inline]
    fn new(place: Place<'a>, generation: u32, probe: Option<u64>) -> Self {
        Self {
            place,
            generation,
            probe,
            was_panicking: panicking(),
            over: false,
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

    /// Says that the call ended in a way that tells nothing of what was called.
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
        self.over = true;
        self.place.leave(self.generation, self.probe, ended);
    }
}

impl Drop for Admission<'_> {
    #[inline]
    fn drop(&mut self) {
        if !self.over {
            let failed = panicking() && !self.was_panicking;
            self.end(if failed {
                Ended::Failure
            } else {
                Ended::Abandoned
            });
        }
    }
}

impl fmt::Debug for Admission<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admission")
            .field("breaker", &&*self.place)
            .field("is_probe", &self.probe.is_some())
            .finish_non_exhaustive()
    }
}
