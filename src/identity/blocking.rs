//! Who stands in for a thread that blocks.

use core::cell::RefCell;
use std::rc::Rc;

use crate::line::trampoline;
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

/// Sets what takes the place of this thread when it blocks.
pub(crate) fn set_stand_in(stand_in: Option<Rc<dyn StandIn>>) {
    // Dropped after the borrow has ended.
    let _before = STAND_IN.with(|current| current.replace(stand_in));
}

/// Whether another takes the place of this thread when it blocks.
pub(crate) fn has_stand_in() -> bool {
    let has_one = STAND_IN.try_with(|current| current.borrow().is_some());
    has_one.unwrap_or(false)
}

/// Runs a closure that blocks this thread while another takes its place.
pub(crate) fn blocking_firmly<R>(body: impl FnOnce() -> R) -> R {
    trampoline::settle();
    stood_in_for(body)
}

/// The same for who stands in a line already, and has run what was put off before.
pub(crate) fn stood_in_for<R>(body: impl FnOnce() -> R) -> R {
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
