//! How many closures from outside may be queued at once, where that is limited.
//!
//! Whoever submits from outside takes a permit of a semaphore. The permit moves into the closure that
//! is queued. So it comes back when that one begins, and also when it is dropped without having
//! begun: cancelled, swept away, or refused.
//!
//! | who | has a place |
//! |---|---|
//! | a submit from outside | takes one, waits for one, or is refused |
//! | a submit by one of the pool's own threads | needs none: it must not wait for room that only it could make |
//! | a submit to a pool that has been closed | needs none: it is refused for that reason |
//! | a closure whose time comes later, a future, the items of a map, a job of a scope | is not counted |

use core::any::type_name;
use std::sync::{Arc, Weak};

use super::entry::{PoolId, Way};
use super::shared::Shared;
use super::worker;
use crate::error::TimedOut;
use crate::line::{Quiet, Timeout};
use crate::semaphore::Permit;
use crate::semaphore::thread::BoundedSemaphore;

/// The places of a pool, if they are limited.
pub(super) struct Room(Option<BoundedSemaphore>);

/// A place in the queue, until this is dropped.
pub(super) struct Place(Weak<Shared>);

/// What a submit has found.
pub(super) enum Found {
    /// It needs no place.
    Free,
    /// It has one.
    Place(Place),
    /// There is none.
    Full,
}

impl Room {
    pub(super) fn new(max_queued: Option<usize>) -> Self {
        let limit = max_queued.filter(|max| *max <= BoundedSemaphore::MAX_PERMITS);
        Self(limit.map(|max| BoundedSemaphore::new(max).named("max_queued")))
    }

    pub(super) fn waiting(&self) -> usize {
        self.0.as_ref().map_or(0, Quiet::waiting)
    }

    /// Lets everybody go who waits for a place: the pool has been closed, and refuses them.
    pub(super) fn open(&self) {
        if let Some(places) = &self.0 {
            places.set_capacity(BoundedSemaphore::MAX_PERMITS);
        }
    }
}

impl Shared {
    /// The places that this submit must have one of.
    #[inline]
    fn places(&self) -> Option<&BoundedSemaphore> {
        let places = self.room.0.as_ref()?;
        // In the child of a fork it is closed, and nobody touches the places.
        (!self.is_closed() && !worker::is_of(self.id())).then_some(places)
    }

    /// Takes a place, if this submit needs one.
    #[inline]
    pub(super) fn find_place(self: &Arc<Self>) -> Found {
        match self.places() {
            None => Found::Free,
            Some(places) => self.find_one_of(places),
        }
    }

    fn find_one_of(self: &Arc<Self>, places: &BoundedSemaphore) -> Found {
        match places.try_acquire() {
            Some(permit) => Found::Place(Place::new(self, permit)),
            None => Found::Full,
        }
    }

    /// The same, waiting for a place.
    #[track_caller]
    pub(super) fn wait_for_place(self: &Arc<Self>, timeout: Timeout) -> Result<Found, TimedOut> {
        let Some(places) = self.places() else {
            return Ok(Found::Free);
        };
        let permit = match timeout {
            Timeout::Never => places.acquire(),
            Timeout::After(time) => places.acquire_timeout(time)?,
            Timeout::At(at) => places.acquire_deadline(at)?,
        };
        Ok(Found::Place(Place::new(self, permit)))
    }
}

impl Place {
    fn new(shared: &Arc<Shared>, permit: Permit<'_>) -> Self {
        permit.keep();
        Self(Arc::downgrade(shared))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(shared) = self.0.upgrade().filter(|shared| shared.is_here()) {
            if let Some(places) = &shared.room.0 {
                places.as_task().put_back(1);
            }
        }
    }
}

/// It has been queued in a place; its closure is called by one that gives the place back first.
pub(super) struct Placed {
    pool: PoolId,
    body: &'static str,
}

impl Placed {
    /// Puts a closure into a place.
    pub(super) fn put<F, T>(
        pool: PoolId,
        place: Place,
        closure: F,
    ) -> (Self, impl FnOnce() -> T + Send)
    where
        F: FnOnce() -> T + Send,
    {
        let body = type_name::<F>();
        let closure = move || {
            drop(place);
            closure()
        };
        (Self { pool, body }, closure)
    }
}

impl Way for Placed {
    fn pool(&self) -> Option<PoolId> {
        Some(self.pool)
    }

    fn body(&self) -> Option<&'static str> {
        Some(self.body)
    }
}
