//! The method can be named, and nobody else has what it takes.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use syncline::internals::{Line, Place};
use syncline::task::Lock;

fn line_of<P: Place>(place: &P) -> &Line<P::Word> {
    place.line(unreachable!("nobody makes a token"))
}

fn main() {
    let lock = Arc::new(Lock::new(0));
    let none = catch_unwind(AssertUnwindSafe(|| core::ptr::from_ref(line_of(&lock))));
    assert!(none.is_err());
}
