//! What stands in for `trace/` without the feature `diagnostics`: nothing.

use core::panic::Location;
use std::borrow::Cow;

use super::constructor;
use super::who::{Traceable, Who};

/// By whom something was given back.
#[derive(Clone, Copy)]
pub(crate) struct Gave;

impl Gave {
    /// Nothing that anybody had.
    pub(crate) const NOTHING: Self = Self;
}

/// What every primitive carries.
pub(crate) struct Traced;

#[expect(
    clippy::unused_self,
    clippy::missing_const_for_fn,
    reason = "with the feature these do something"
)]
impl Traced {
    constructor! {
        #[inline]
        pub(crate) const fn new(_kind: Traceable) -> Self {
            Self
        }
    }

    pub(crate) const fn name(&mut self, _name: &'static str) {}

    #[inline]
    pub(crate) fn took_in_wait(&self, _who: impl FnOnce() -> Who) {}

    #[inline]
    pub(crate) fn took(&self, _who: impl FnOnce() -> Who) {}

    #[inline]
    pub(crate) fn wants(&self, _place: &'static Location<'static>) {}

    #[inline]
    pub(crate) fn came(&self) {}

    #[inline]
    pub(crate) fn may_move(&self) {}

    #[inline]
    pub(crate) fn gave(&self) -> Gave {
        Gave
    }

    #[inline]
    pub(crate) fn gave_late(&self, _gave: Gave) {}

    #[inline]
    pub(crate) fn nobody_waits(&self) {}

    #[inline]
    pub(crate) fn given_to(&self, _waiter: &Waiter) {}

    #[inline]
    pub(crate) fn prepare(&self) {}

    #[inline]
    pub(crate) fn prepare_named(&self, _name: impl FnOnce() -> Option<Cow<'static, str>>) {}

    #[inline]
    pub(crate) fn joined(&self, _waiter: &Waiter, _is_task: bool, _who: impl FnOnce() -> Who) {}

    #[inline]
    pub(crate) fn offered(&self, _waiter: &Waiter) {}

    #[inline]
    pub(crate) fn waits(&self, _waiter: &Waiter, _who: impl FnOnce() -> Who) {}

    #[inline]
    pub(crate) fn copy_owner(&self) {}
}

/// What every wait node carries.
pub(crate) struct Waiter;

#[expect(
    clippy::unused_self,
    clippy::missing_const_for_fn,
    reason = "with the feature these do something"
)]
impl Waiter {
    #[inline]
    pub(crate) fn new() -> Self {
        Self
    }

    #[inline]
    pub(crate) fn may_end_otherwise(&self) {}

    #[inline]
    pub(crate) fn left(&self) {}

    #[inline]
    pub(crate) fn retire(&mut self) {}
}

/// What a task carries.
pub(crate) struct TracedTask;

#[expect(
    clippy::unused_self,
    clippy::missing_const_for_fn,
    reason = "with the feature these do something"
)]
impl TracedTask {
    #[inline]
    pub(crate) fn new() -> Self {
        Self
    }

    #[inline]
    pub(crate) fn list(&self, _number: u64, _name: Option<&str>) {}

    #[inline]
    pub(crate) fn run<R>(&self, _number: u64, body: impl FnOnce() -> R) -> R {
        body()
    }
}

/// What a pool carries.
#[cfg(feature = "pool")]
pub(crate) struct TracedPool;

#[cfg(feature = "pool")]
#[expect(
    clippy::unused_self,
    clippy::missing_const_for_fn,
    reason = "with the feature these do something"
)]
impl TracedPool {
    #[inline]
    pub(crate) fn new(_name: &str, _workers: usize) -> Self {
        Self
    }

    #[inline]
    pub(crate) fn note(&self, _running: usize, _idle: usize, _blocked: usize) {}
}

/// This thread, for whoever asks who holds something: nobody does.
#[inline]
pub(crate) const fn this_thread() -> Who {
    Who::NOBODY
}

/// Notes where this thread begins to wait.
#[inline]
pub(crate) const fn wait_begins(_place: &'static Location<'static>) {}

/// Notes which task this thread runs, and returns which one it ran before.
#[inline]
pub(crate) const fn drive(_task: u64) -> u64 {
    0
}

/// While this lives, this thread takes several locks that are as good as one.
pub(crate) struct Together;

impl Together {
    #[inline]
    pub(crate) const fn new() -> Self {
        Self
    }
}
