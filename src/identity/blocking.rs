//! Who stands in for a thread that blocks.

use core::cell::RefCell;
use std::rc::Rc;

use super::polled::may_block;
use crate::sys::local;

/// What a thread gives up its place to while it blocks.
pub(crate) trait StandIn {
    /// The thread is about to block.
    fn block(&self);

    /// It goes on.
    fn unblock(&self);
}

local! {
    static STAND_IN: RefCell<Option<Rc<dyn StandIn>>> = RefCell::new(None)
}

/// Says what this thread gives up its place to when it blocks.
pub(crate) fn set_stand_in(stand_in: Option<Rc<dyn StandIn>>) {
    // Dropped after the borrow has ended.
    let _before = STAND_IN.with(|current| current.replace(stand_in));
}

/// Runs something that blocks this thread, if it may block. If it is a worker, another takes its
/// place meanwhile.
#[track_caller]
pub(crate) fn blocking<R>(body: impl FnOnce() -> R) -> R {
    may_block();
    blocking_firmly(body)
}

/// The same for who cannot be kept from blocking any more.
pub(crate) fn blocking_firmly<R>(body: impl FnOnce() -> R) -> R {
    struct Back(Rc<dyn StandIn>);

    impl Drop for Back {
        fn drop(&mut self) {
            self.0.unblock();
        }
    }

    let current = STAND_IN.try_with(|current| current.borrow().clone());
    let Some(stand_in) = current.ok().flatten() else {
        return body();
    };
    stand_in.block();
    let _back = Back(stand_in);
    body()
}
