//! What belongs to one process, and not to the child of a `fork`.
//!
//! A child has a copy of all memory, and of one thread. What other threads of the parent were about to do is
//! never finished there: a lock may stay held, a list half linked, a `OnceLock` half set, a thread is not there
//! to be joined. So what other threads touch is left alone in a child, and leaked:
//!
//! | | in a child |
//! |---|---|
//! | [`Native`] | is not dropped |
//! | [`PerProcess`](super::PerProcess) | is made anew when it is next used |

use core::mem::ManuallyDrop;
use core::ops::Deref;

use super::process::Born;

/// A value that is dropped in the process that made it, and leaked in any other.
pub(crate) struct Native<T> {
    value: ManuallyDrop<T>,
    born: Born,
}

impl<T> Native<T> {
    /// A value of this process.
    pub(crate) fn new(value: T) -> Self {
        Self {
            value: ManuallyDrop::new(value),
            born: Born::here(),
        }
    }

    /// Whether it is a value of this process.
    #[inline]
    pub(crate) fn is_here(this: &Self) -> bool {
        this.born.is_here()
    }

    /// The value, if it is one of this process; else it is leaked.
    pub(crate) fn into_inner(this: Self) -> Option<T> {
        let mut this = ManuallyDrop::new(this);
        // SAFETY: `this` is not dropped, and nobody looks at it again.
        (this.born.is_here()).then(|| unsafe { ManuallyDrop::take(&mut this.value) })
    }
}

impl<T> Deref for Native<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Drop for Native<T> {
    fn drop(&mut self) {
        if self.born.is_here() {
            // SAFETY: nobody uses it behind this.
            unsafe { ManuallyDrop::drop(&mut self.value) };
        }
    }
}
