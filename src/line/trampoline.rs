//! A trampoline for user code that ends what other user code waits for: it bounds the stack.
//!
//! A callback may set a promise whose callback sets the next one; a closure that is dropped may own a
//! job that is cancelled with it, whose closure owns the next one. Such code runs through
//! [`run`]: on the spot down to [`NESTED_CALLS`] levels. Below that it is put off, and the outermost level runs it
//! at its end, one piece after the other.
//!
//! 1. The order is that of nested calls: what a piece puts off runs when that piece is over, and
//!    before anything that was put off earlier.
//! 2. While something is put off nothing else begins on the spot: it would overtake. So the list
//!    belongs to the innermost piece that runs, and is empty when one begins.
//! 3. Whoever is about to block runs what it has put off first ([`settle`], [`Rest`]), and nothing
//!    else. So it may wait for the effect of what it has done, and a long list of pieces that block
//!    does not nest.
//! 4. Nothing that borrows is put off. Nor are wakers.
//! 5. The outermost level leaves nothing behind, also while it unwinds. So the list needs no
//!    destructor, and works while the other locals of its thread are destroyed.

use core::cell::{Cell, RefCell};
use core::mem::{ManuallyDrop, take};
use core::panic::AssertUnwindSafe;
use std::collections::VecDeque;
use std::panic::catch_unwind;

use super::wake::discard_panic;
use crate::sys::{NESTED_CALLS, local};

type Piece = Box<dyn FnOnce()>;

/// What runs through the trampoline on one thread.
struct Trampoline {
    depth: Cell<u32>,
    /// What the innermost piece has put off.
    list: RefCell<ManuallyDrop<VecDeque<Piece>>>,
}

local! {
    static TRAMPOLINE: Trampoline = Trampoline {
        depth: Cell::new(0),
        list: RefCell::new(ManuallyDrop::new(VecDeque::new())),
    }
}

impl Trampoline {
    fn has_put_off(&self) -> bool {
        !self.list.borrow().is_empty()
    }

    fn take(&self) -> VecDeque<Piece> {
        take(&mut **self.list.borrow_mut())
    }
}

/// One more level of user code.
pub(crate) struct Level(());

impl Level {
    /// Enters a level; `None` if what would run there is to be [put off](put_off).
    pub(crate) fn enter() -> Option<Self> {
        let enters = TRAMPOLINE.try_with(|trampoline| {
            let depth = trampoline.depth.get();
            let enters = depth < NESTED_CALLS && !trampoline.has_put_off();
            trampoline.depth.set(depth + u32::from(enters));
            enters
        });
        enters.unwrap_or(true).then(|| Self(()))
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        let outermost = TRAMPOLINE.try_with(|trampoline| trampoline.depth.get() == 1);
        if outermost.unwrap_or(false) {
            settle();
        }
        let _gone = TRAMPOLINE.try_with(|trampoline| {
            trampoline.depth.set(trampoline.depth.get() - 1);
        });
    }
}

/// Puts something off that must not run in a level of its own now.
pub(crate) fn put_off(piece: impl FnOnce() + 'static) {
    let piece: Piece = Box::new(piece);
    let put_off = TRAMPOLINE.try_with(|trampoline| trampoline.list.borrow_mut().push_back(piece));
    debug_assert!(
        put_off.is_ok(),
        "where there is no list every level can be entered"
    );
}

/// Runs user code in a level of its own: on the spot, or when the outermost level ends. A panic
/// of what is put off goes no further.
pub(crate) fn run(piece: impl FnOnce() + 'static) {
    match Level::enter() {
        Some(_level) => piece(),
        None => put_off(piece),
    }
}

/// Runs all that the innermost piece has put off. For whoever is about to block, before it
/// joins a line in which it may be granted what these need.
#[inline]
pub(crate) fn settle() {
    let any = TRAMPOLINE.try_with(Trampoline::has_put_off);
    if any.unwrap_or(false) {
        settle_slow();
    }
}

#[cold]
fn settle_slow() {
    let mut rest = Rest::new();
    while rest.run_one() {}
}

/// Runs something that leaves nothing put off, and nothing of what had been put off before it.
pub(crate) fn to_the_end<R>(body: impl FnOnce() -> R) -> R {
    struct Before(VecDeque<Piece>);

    impl Drop for Before {
        fn drop(&mut self) {
            settle();
            let _gone = TRAMPOLINE.try_with(|trampoline| {
                **trampoline.list.borrow_mut() = take(&mut self.0);
            });
        }
    }

    let before = TRAMPOLINE.try_with(Trampoline::take);
    let _before = before.ok().map(Before);
    body()
}

/// What the innermost piece has put off, to be run one by one. What is left when this is dropped goes
/// back to the list.
pub(crate) struct Rest(VecDeque<Piece>);

impl Rest {
    pub(crate) const fn new() -> Self {
        Self(VecDeque::new())
    }

    /// Runs the oldest, if there is any. What that puts off comes next.
    pub(crate) fn run_one(&mut self) -> bool {
        let _gone = TRAMPOLINE.try_with(|trampoline| {
            self.0.append(&mut trampoline.list.borrow_mut());
        });
        let Some(piece) = self.0.pop_front() else {
            return false;
        };
        // A piece has room for one level, however deep the one is that blocks.
        let depth = TRAMPOLINE.try_with(|trampoline| {
            let depth = trampoline.depth.get();
            trampoline.depth.set(depth.min(NESTED_CALLS - 1));
            depth
        });
        if let Err(panic) = catch_unwind(AssertUnwindSafe(piece)) {
            // The panic hook has reported it.
            discard_panic(panic);
        }
        let _gone = TRAMPOLINE.try_with(|trampoline| {
            trampoline.depth.set(depth.unwrap_or_default());
        });
        self.go_before();
        true
    }

    /// Takes out what has been put off, to go before the rest.
    fn go_before(&mut self) {
        let _gone = TRAMPOLINE.try_with(|trampoline| {
            let mut list = trampoline.list.borrow_mut();
            while let Some(piece) = list.pop_back() {
                self.0.push_front(piece);
            }
        });
    }
}

impl Drop for Rest {
    fn drop(&mut self) {
        let _gone = TRAMPOLINE.try_with(|trampoline| {
            let mut list = trampoline.list.borrow_mut();
            if self.0.is_empty() {
                if list.is_empty() {
                    // Whatever there was of it is freed.
                    **list = VecDeque::new();
                }
                return;
            }
            self.0.append(&mut list);
            **list = take(&mut self.0);
        });
    }
}
