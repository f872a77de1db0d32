//! What is being made further up on the stack of this thread.
//!
//! Whoever makes a value once, and asks for that value on the way, would wait for itself for ever. An owner does not tell: a
//! task of an unknown runtime has none, and two arms of one `join!` have the same, and yet wait for each other
//! without harm. What tells is the stack: who asks further down on it is called by who makes the value.

use core::cell::RefCell;

use crate::sys::local;

local! {
    /// The keys of what is being made here, outermost first.
    static INSIDE: RefCell<Vec<usize>> = RefCell::new(Vec::new())
}

/// Runs a part of the making of something that is known by this key.
pub(crate) fn run_inside<R>(key: usize, body: impl FnOnce() -> R) -> R {
    struct Leave;

    impl Drop for Leave {
        fn drop(&mut self) {
            let _gone = INSIDE.try_with(|keys| keys.borrow_mut().pop());
        }
    }

    // A thread whose locals are gone does not tell.
    let entered = INSIDE.try_with(|keys| keys.borrow_mut().push(key));
    let _leave = entered.is_ok().then_some(Leave);
    body()
}

/// Whether that is being made further up on the stack of this thread.
pub(crate) fn is_inside(key: usize) -> bool {
    let inside = INSIDE.try_with(|keys| keys.borrow().contains(&key));
    inside.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use core::panic::AssertUnwindSafe;
    use std::panic::catch_unwind;

    use super::{is_inside, run_inside};

    #[test]
    fn what_is_being_made_is_known_until_it_has_been_made() {
        assert!(!is_inside(1));
        run_inside(1, || {
            run_inside(2, || assert!(is_inside(1) && is_inside(2)));
            assert!(is_inside(1) && !is_inside(2));
        });
        assert!(!is_inside(1));
    }

    #[test]
    fn what_could_not_be_made_is_not_being_made() {
        let panics = || run_inside(3, || panic!("inside"));
        catch_unwind(AssertUnwindSafe(panics)).unwrap_err();
        assert!(!is_inside(3));
    }

    #[test]
    fn another_thread_makes_something_else() {
        run_inside(4, || {
            let elsewhere = std::thread::spawn(|| is_inside(4));
            assert!(!elsewhere.join().unwrap());
        });
    }
}
