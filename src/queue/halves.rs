//! The two sides of a queue that has been split: who is left on each of them.
//!
//! ```text
//!   Sender ──┐              ┌───────────────────────┐              ┌── Receiver
//!   Sender ──┼─ senders ──▶ │ queue │ counts │ Arc   │ ◀─ receivers ┼── Receiver
//!   Weak ----┘              └───────────────────────┘              └── ...
//! ```
//!
//! | the last of them goes | the queue is shut down | because |
//! |---|---|---|
//! | sender | gracefully | what is queued is still wanted; then the gets end |
//! | receiver | immediately | nobody is there who would take what is queued |
//!
//! A request that waits borrows its half. So the count of a side does not come to zero while one of
//! that side waits.

use core::fmt;
use core::marker::PhantomData;
use core::ops::Deref;
use core::sync::atomic::Ordering::{AcqRel, Relaxed};
use std::sync::Arc;

use super::stage::Shutdown;
use super::store::Store;
use super::task::BaseQueue;
use crate::sys::{ArcOrder, AtomicU64};

/// What all halves own together.
pub(super) struct Shared<S: Store> {
    queue: BaseQueue<S>,
    senders: AtomicU64,
    receivers: AtomicU64,
    arc_order: ArcOrder,
}

impl<S: Store> Drop for Shared<S> {
    fn drop(&mut self) {
        self.arc_order.end();
    }
}

/// One of the owners, on no side.
struct Owner<S: Store>(Arc<Shared<S>>);

impl<S: Store> Clone for Owner<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Store> Drop for Owner<S> {
    fn drop(&mut self) {
        self.0.arc_order.let_go();
    }
}

/// A side of a queue.
pub(super) trait Side {
    /// How the queue is shut down when the last one goes.
    const END: Shutdown;

    /// What its halves are counted in.
    fn count<S: Store>(shared: &Shared<S>) -> &AtomicU64;
}

/// The side that puts.
pub(super) enum Puts {}

impl Side for Puts {
    const END: Shutdown = Shutdown::Graceful;

    fn count<S: Store>(shared: &Shared<S>) -> &AtomicU64 {
        &shared.senders
    }
}

/// The side that gets.
pub(super) enum Gets {}

impl Side for Gets {
    const END: Shutdown = Shutdown::Immediate;

    fn count<S: Store>(shared: &Shared<S>) -> &AtomicU64 {
        &shared.receivers
    }
}

/// One of those on a side.
pub(super) struct Half<S: Store, E: Side>(Owner<S>, PhantomData<fn() -> E>);

/// Makes the first half of each side.
pub(super) fn split<S: Store>(queue: BaseQueue<S>) -> (Half<S, Puts>, Half<S, Gets>) {
    let owner = Owner(Arc::new(Shared {
        queue,
        senders: AtomicU64::new(1),
        receivers: AtomicU64::new(1),
        arc_order: ArcOrder::new(),
    }));
    (Half(owner.clone(), PhantomData), Half(owner, PhantomData))
}

impl<S: Store, E: Side> Deref for Half<S, E> {
    type Target = BaseQueue<S>;

    fn deref(&self) -> &BaseQueue<S> {
        &self.0.0.queue
    }
}

impl<S: Store, E: Side> Clone for Half<S, E> {
    fn clone(&self) -> Self {
        // First the owner, whose count does not overflow but aborts. There are never more halves than owners.
        let owner = self.0.clone();
        // ORDERING: Relaxed: whoever clones is counted, so that the count does not come to zero meanwhile.
        E::count(&owner.0).fetch_add(1, Relaxed);
        Self(owner, PhantomData)
    }
}

impl<S: Store, E: Side> Drop for Half<S, E> {
    fn drop(&mut self) {
        let shared = &self.0.0;
        // ORDERING: AcqRel: the last one has seen what all others of its side have done before they went, and
        // publishes it with the shutdown.
        if E::count(shared).fetch_sub(1, AcqRel) == 1 {
            shared.queue.shutdown(E::END);
        }
    }
}

impl<S: Store, E: Side> fmt::Debug for Half<S, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// An owner that is not counted, and can become one of its side.
pub(super) struct WeakHalf<S: Store, E: Side>(Owner<S>, PhantomData<fn() -> E>);

impl<S: Store, E: Side> Half<S, E> {
    pub(super) fn downgrade(&self) -> WeakHalf<S, E> {
        WeakHalf(self.0.clone(), PhantomData)
    }
}

impl<S: Store, E: Side> WeakHalf<S, E> {
    /// One more of its side, unless the last has gone: nothing brings a side back.
    pub(super) fn upgrade(&self) -> Option<Half<S, E>> {
        let owner = self.0.clone();
        let count = E::count(&owner.0);
        // ORDERING: Relaxed: the exchange below decides.
        let mut halves = count.load(Relaxed);
        while halves > 0 {
            // ORDERING: Relaxed, also on failure: only the count decides, and nothing is read that others have
            // written. Being a read-modify-write it continues the release sequence of those who have gone.
            match count.compare_exchange_weak(halves, halves + 1, Relaxed, Relaxed) {
                Ok(_) => return Some(Half(owner, PhantomData)),
                Err(now) => halves = now,
            }
        }
        None
    }
}

impl<S: Store, E: Side> Clone for WeakHalf<S, E> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}
