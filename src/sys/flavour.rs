//! Loom's atomics in three flavours.
//!
//! Loom 0.7 remembers one last access per object, so a thread's own load hides another thread's
//! earlier load, and an unbounded search is not exhaustive for code that loads and then does a
//! read-modify-write (loom #166, #392). An `Event::set` that forgets to wake passed it. Each
//! flavour sees something that another misses; the models run in all three.

use core::sync::atomic::Ordering::{self, Acquire, Relaxed, SeqCst};

use super::failed::{Object, is_over};
use super::script::{Flavour, flavour};

macro_rules! atomic {
    ($(#[$meta:meta])* $name:ident, $int:ty) => {
        $(#[$meta])*
        #[derive(Debug)]
        pub(crate) struct $name {
            object: Object<::loom::sync::atomic::$name>,
            twin: Option<::loom::sync::atomic::AtomicBool>,
            /// The newest value, for what runs when the model is over.
            newest: core::sync::atomic::$name,
        }

        #[expect(dead_code, reason = "all types offer what any rule may need")]
        impl $name {
            pub(crate) fn new(value: $int) -> Self {
                Self {
                    object: Object::new(|| ::loom::sync::atomic::$name::new(value)),
                    twin: (flavour() == Flavour::Shadow && !is_over())
                        .then(|| ::loom::sync::atomic::AtomicBool::new(false)),
                    newest: core::sync::atomic::$name::new(value),
                }
            }

            pub(crate) fn load(&self, order: Ordering) -> $int {
                let Some(object) = self.object.live() else {
                    return self.newest.load(Relaxed);
                };
                self.announce();
                if flavour() == Flavour::Rmw {
                    let strong = match order {
                        Relaxed => Relaxed,
                        Acquire => Acquire,
                        _ => SeqCst,
                    };
                    // The value is never held by a word of ours; if it were, storing it again
                    // would change nothing.
                    let (Ok(now) | Err(now)) =
                        object.compare_exchange(<$int>::MAX, <$int>::MAX, strong, order);
                    return now;
                }
                object.load(order)
            }

            pub(crate) fn store(&self, value: $int, order: Ordering) {
                if let Some(object) = self.object.live() {
                    self.announce();
                    object.store(value, order);
                }
                self.newest.store(value, Relaxed);
            }

            pub(crate) fn swap(&self, value: $int, order: Ordering) -> $int {
                self.change(|object| object.swap(value, order), |_| value)
            }

            pub(crate) fn fetch_add(&self, value: $int, order: Ordering) -> $int {
                self.change(
                    |object| object.fetch_add(value, order),
                    |old| old.wrapping_add(value),
                )
            }

            pub(crate) fn fetch_sub(&self, value: $int, order: Ordering) -> $int {
                self.change(
                    |object| object.fetch_sub(value, order),
                    |old| old.wrapping_sub(value),
                )
            }

            pub(crate) fn fetch_or(&self, value: $int, order: Ordering) -> $int {
                self.change(|object| object.fetch_or(value, order), |old| old | value)
            }

            pub(crate) fn fetch_and(&self, value: $int, order: Ordering) -> $int {
                self.change(|object| object.fetch_and(value, order), |old| old & value)
            }

            pub(crate) fn fetch_xor(&self, value: $int, order: Ordering) -> $int {
                self.change(|object| object.fetch_xor(value, order), |old| old ^ value)
            }

            pub(crate) fn compare_exchange(
                &self,
                current: $int,
                new: $int,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$int, $int> {
                let Some(object) = self.object.live() else {
                    return (self.newest).compare_exchange(current, new, Relaxed, Relaxed);
                };
                self.announce();
                let result = object.compare_exchange(current, new, success, failure);
                if result.is_ok() {
                    self.newest.store(new, Relaxed);
                }
                result
            }

            /// Never fails spuriously under loom.
            pub(crate) fn compare_exchange_weak(
                &self,
                current: $int,
                new: $int,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$int, $int> {
                self.compare_exchange(current, new, success, failure)
            }

            /// A read-modify-write, and what it makes of the value before it.
            fn change(
                &self,
                change: impl FnOnce(&::loom::sync::atomic::$name) -> $int,
                made: impl FnOnce($int) -> $int,
            ) -> $int {
                let old = if let Some(object) = self.object.live() {
                    self.announce();
                    change(object)
                } else {
                    self.newest.load(Relaxed)
                };
                self.newest.store(made(old), Relaxed);
                old
            }

            /// The shadow flavour's extra step: it orders nothing, but no interleaving hides.
            fn announce(&self) {
                if let Some(twin) = &self.twin {
                    let (Ok(_) | Err(_)) = twin.compare_exchange(true, true, Relaxed, Relaxed);
                }
            }
        }
    };
}

atomic! {
    /// A word of 32 bits.
    AtomicU32, u32
}
atomic! {
    /// A word of 64 bits.
    AtomicU64, u64
}
atomic! {
    /// A word of the pointer's size.
    AtomicUsize, usize
}

/// A pointer. Only what the records of primitives need.
#[cfg(feature = "diagnostics")]
pub(crate) struct AtomicPtr<T> {
    object: Object<::loom::sync::atomic::AtomicPtr<T>>,
    newest: core::sync::atomic::AtomicPtr<T>,
}

#[cfg(feature = "diagnostics")]
impl<T> AtomicPtr<T> {
    pub(crate) fn new(value: *mut T) -> Self {
        Self {
            object: Object::new(|| ::loom::sync::atomic::AtomicPtr::new(value)),
            newest: core::sync::atomic::AtomicPtr::new(value),
        }
    }

    pub(crate) fn load(&self, order: Ordering) -> *mut T {
        match self.object.live() {
            Some(object) => object.load(order),
            None => self.newest.load(Relaxed),
        }
    }

    pub(crate) fn compare_exchange(
        &self,
        current: *mut T,
        new: *mut T,
        success: Ordering,
        failure: Ordering,
    ) -> Result<*mut T, *mut T> {
        let Some(object) = self.object.live() else {
            return (self.newest).compare_exchange(current, new, Relaxed, Relaxed);
        };
        let result = object.compare_exchange(current, new, success, failure);
        if result.is_ok() {
            self.newest.store(new, Relaxed);
        }
        result
    }
}
