//! A handle of a pool: it keeps the pool alive.

use core::fmt;
use core::ops::Deref;
use std::sync::{Arc, Weak};

use super::builder::Settings;
use super::manage::Managed;
use super::shared::Shared;

/// One of those who keep a pool alive.
pub struct Handle<M: Managed>(Arc<Shared<M>>);

impl<M: Managed> Handle<M> {
    pub(super) fn new(manager: M, settings: Settings) -> Self {
        Self(Arc::new(Shared::new(manager, settings)))
    }

    pub(super) fn downgrade(&self) -> Weak<Shared<M>> {
        Arc::downgrade(&self.0)
    }

    pub(super) fn upgrade(weak: &Weak<Shared<M>>) -> Option<Self> {
        weak.upgrade().map(Self)
    }
}

impl<M: Managed> Clone for Handle<M> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<M: Managed> Deref for Handle<M> {
    type Target = Shared<M>;

    fn deref(&self) -> &Shared<M> {
        &self.0
    }
}

impl<M: Managed> Drop for Handle<M> {
    fn drop(&mut self) {
        self.0.arc_order.let_go();
    }
}

impl<M: Managed> fmt::Debug for Handle<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("LeasePool");
        debug.field("max", &self.settings.max);
        if let Some(state) = self.state.try_lock() {
            debug
                .field("size", &state.size)
                .field("idle", &state.idle.len())
                .field("leased", &state.leased)
                .field("waiting", &state.waiting)
                .field("is_closed", &state.is_closed);
        }
        debug.finish_non_exhaustive()
    }
}
