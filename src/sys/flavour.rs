//! Loom's atomics in three flavours.
//!
//! Loom 0.7 remembers one last access per object, so a thread's own load hides another thread's
//! earlier load, and an unbounded search is not exhaustive for code that loads and then does a
//! read-modify-write (loom #166, #392). An `Event::set` that forgets to wake passed it. Each
//! flavour sees something that another misses; the models run in all three.

use core::sync::atomic::Ordering::{self, Acquire, Relaxed, SeqCst};

use super::platform::script::{Flavour, flavour};

macro_rules! atomic {
    ($(#[$meta:meta])* $name:ident, $int:ty) => {
        $(#[$meta])*
        #[derive(Debug)]
        pub(crate) struct $name {
            value: ::loom::sync::atomic::$name,
            twin: Option<::loom::sync::atomic::AtomicBool>,
        }

        #[expect(dead_code, reason = "all types offer what any rule may need")]
        impl $name {
            pub(crate) fn new(value: $int) -> Self {
                Self {
                    value: ::loom::sync::atomic::$name::new(value),
                    twin: (flavour() == Flavour::Shadow)
                        .then(|| ::loom::sync::atomic::AtomicBool::new(false)),
                }
            }

            pub(crate) fn load(&self, order: Ordering) -> $int {
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
                        self.value.compare_exchange(<$int>::MAX, <$int>::MAX, strong, order);
                    return now;
                }
                self.value.load(order)
            }

            pub(crate) fn store(&self, value: $int, order: Ordering) {
                self.announce();
                self.value.store(value, order);
            }

            pub(crate) fn swap(&self, value: $int, order: Ordering) -> $int {
                self.announce();
                self.value.swap(value, order)
            }

            pub(crate) fn fetch_add(&self, value: $int, order: Ordering) -> $int {
                self.announce();
                self.value.fetch_add(value, order)
            }

            pub(crate) fn fetch_sub(&self, value: $int, order: Ordering) -> $int {
                self.announce();
                self.value.fetch_sub(value, order)
            }

            pub(crate) fn fetch_or(&self, value: $int, order: Ordering) -> $int {
                self.announce();
                self.value.fetch_or(value, order)
            }

            pub(crate) fn fetch_and(&self, value: $int, order: Ordering) -> $int {
                self.announce();
                self.value.fetch_and(value, order)
            }

            pub(crate) fn fetch_xor(&self, value: $int, order: Ordering) -> $int {
                self.announce();
                self.value.fetch_xor(value, order)
            }

            pub(crate) fn compare_exchange(
                &self,
                current: $int,
                new: $int,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$int, $int> {
                self.announce();
                self.value.compare_exchange(current, new, success, failure)
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
