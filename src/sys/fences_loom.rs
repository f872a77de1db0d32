//! The fences of `Lock` under loom.
//!
//! `membarrier` is a full fence in every thread of the process, wherever each of them is. So a heavy fence
//! comes before or after each light fence, and what is before the first of the two is seen behind the second.
//! Two light fences order nothing between them, which a fence of loom's would do: it would publish what a lock must
//! publish by itself. So each thread has a word. Its light fence is a read-modify-write of that word, and a heavy
//! fence is one of all of them.

use core::sync::atomic::Ordering::{AcqRel, SeqCst};
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use core::cell::Cell;

use super::failed::{Object, is_over};
use super::script::{Fences, ask_for_fences, fences};
use super::{global, local};

/// More threads than these loom does not have.
const THREADS: usize = 5;

struct Words {
    words: [Object<::loom::sync::atomic::AtomicUsize>; THREADS],
    /// How many have been given to threads. Not loom's: it orders nothing.
    taken: AtomicUsize,
}

global! {
    static WORDS: Words = Words {
        words: core::array::from_fn(|_| Object::new(|| ::loom::sync::atomic::AtomicUsize::new(0))),
        taken: AtomicUsize::new(0),
    }
}

local! {
    /// Which word is this thread's.
    static NUMBER: usize = WORDS.taken.fetch_add(1, Relaxed)
}

local! {
    /// Whether this thread has asked the kernel.
    static KNOWS: Cell<bool> = Cell::new(false)
}

/// Makes the words, so that whoever comes to them first publishes nothing by that.
pub(super) fn begin() {
    WORDS.taken.store(0, Relaxed);
}

/// Whether the script says that the light side may rely on the heavy side.
pub(crate) fn asymmetric() -> bool {
    ask_for_fences();
    match fences() {
        Fences::Asymmetric => true,
        Fences::Symmetric => false,
        Fences::Mixed => KNOWS.with(Cell::get),
    }
}

/// The light half of the pair. Where there is no `membarrier` it is nothing.
pub(crate) fn light_fence() {
    if fences() != Fences::Symmetric {
        NUMBER.with(|number| meet(&WORDS.words[*number]));
    }
}

/// The heavy half of the pair.
pub(crate) fn heavy_fence() {
    full_fence();
    learn_fences();
    if fences() != Fences::Symmetric {
        WORDS.words.iter().for_each(meet);
    }
}

/// Asks the kernel.
pub(crate) fn learn_fences() {
    KNOWS.with(|knows| knows.set(true));
}

/// Keeps what comes before it from being seen after what comes behind it, by everybody.
pub(crate) fn full_fence() {
    if !is_over() {
        ::loom::sync::atomic::fence(SeqCst);
    }
}

fn meet(word: &Object<::loom::sync::atomic::AtomicUsize>) {
    if let Some(word) = word.live() {
        word.fetch_add(1, AcqRel);
    }
}
