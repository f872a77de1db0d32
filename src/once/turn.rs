//! A value that is set once, and the turn to set it.
//!
//! 1. Whoever has the turn is alone with the value. There is one [`Turn`] for each time that the line has granted it.
//! 2. Once the word is `SET` the value is there, and only shared with, until somebody has the cell to itself.

use core::cell::UnsafeCell;
use core::fmt;
use core::mem::MaybeUninit;

use super::word::TurnWord;
use crate::identity::{is_inside, run_inside};
use crate::line::{Asker, Line, Place};
use crate::sys::who::Traceable;
use crate::sys::{self, constructor};

/// A value that is set once, and the line of those who would set it.
pub(crate) struct Once<T> {
    pub(crate) line: Line<TurnWord>,
    value: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: the value is written by whoever has the turn, on whatever thread that is, and dropped by the owner of
// the cell, as if it were sent there: hence `Send`. Once it is set many see it at once: hence `Sync`.
unsafe impl<T: Send + Sync> Sync for Once<T> {}

impl<T> Once<T> {
    constructor! {
        #[track_caller]
        pub(crate) const fn new(kind: Traceable) -> Self {
            Self {
                line: Line::of(kind, TurnWord::new(false)),
                value: UnsafeCell::new(MaybeUninit::uninit()),
            }
        }
    }

    constructor! {
        #[track_caller]
        pub(crate) const fn with_value(kind: Traceable, value: T) -> Self {
            Self {
                line: Line::of(kind, TurnWord::new(true)),
                value: UnsafeCell::new(MaybeUninit::new(value)),
            }
        }
    }

    #[inline]
    pub(crate) fn is_set(&self) -> bool {
        self.line.word().is_set()
    }

    /// The value.
    ///
    /// # Safety
    ///
    /// * It has been written, and the caller has seen what the writer did.
    #[inline]
    pub(crate) const unsafe fn value(&self) -> &T {
        // SAFETY: nobody writes it once it is set, but whoever has the cell to itself (invariant 2).
        let value = unsafe { &*self.value.get() };
        // SAFETY: by the caller's promise.
        unsafe { value.assume_init_ref() }
    }

    /// The value, if it is set.
    pub(crate) fn get(&self) -> Option<&T> {
        if self.is_set() {
            // SAFETY: the word says so, and has published it.
            Some(unsafe { self.value() })
        } else {
            None
        }
    }

    pub(crate) fn get_mut(&mut self) -> Option<&mut T> {
        if self.is_set() {
            // SAFETY: it is set, and the exclusive borrow shows that nobody else sees it.
            Some(unsafe { self.value.get_mut().assume_init_mut() })
        } else {
            None
        }
    }

    /// Takes the value out; the turn is anybody's then.
    pub(crate) fn take(&mut self) -> Option<T> {
        if !self.is_set() {
            return None;
        }
        self.line.word().unset();
        // SAFETY: it was set, and is not any more, so that it is read once.
        Some(unsafe { self.value.get_mut().assume_init_read() })
    }

    /// By which it is known what is being made on this thread.
    fn key(&self) -> usize {
        core::ptr::from_ref(self).addr()
    }

    /// Before somebody waits for it.
    ///
    /// # Panics
    ///
    /// Panics if the caller is inside of what makes the value, which would wait for itself.
    #[track_caller]
    pub(crate) fn may_wait(&self) {
        if self.line.word().is_busy() && is_inside(self.key()) {
            refuse();
        }
    }
}

#[cold]
#[track_caller]
fn refuse() -> ! {
    panic!(
        "an initializer must not ask for the value that it makes: it would wait for itself for ever"
    )
}

impl<T> Drop for Once<T> {
    fn drop(&mut self) {
        // A model that has failed leaves its values behind.
        if !sys::is_over() {
            drop(self.take());
        }
    }
}

impl<T> fmt::Debug for Once<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").finish_non_exhaustive()
    }
}

/// Where somebody finds the value that it would set.
///
/// # Safety
///
/// * [`once`](Self::once) returns the one whose line [`Place::line`] returns.
pub(crate) unsafe trait Holder: Place<Word = TurnWord> {
    /// The type of the value.
    type Value;

    /// The value, and whose turn it is.
    fn once(&self) -> &Once<Self::Value>;

    /// Says that the value has been written, before those in line for the turn are told.
    fn written(&self);
}

/// The turn to set a value; dropping it gives the turn to the next in line.
pub(crate) struct Turn<P: Holder> {
    /// `None` once the value has been set.
    place: Option<P>,
}

impl<P: Holder> Turn<P> {
    /// The turn that has just been taken, or the place back if the value is set.
    ///
    /// # Safety
    ///
    /// * The line of this place has just granted what one waits for in it, to the caller alone.
    pub(crate) unsafe fn granted(place: P) -> Result<Self, P> {
        if place.once().is_set() {
            Err(place)
        } else {
            Ok(Self { place: Some(place) })
        }
    }

    /// Takes the turn if it is free, or finds the value set; else the place comes back.
    pub(crate) fn try_now(place: P, asker: Asker) -> Result<Result<Self, P>, P> {
        if place.once().line.try_take(1, asker) {
            // SAFETY: it has just been taken.
            Ok(unsafe { Self::granted(place) })
        } else {
            Err(place)
        }
    }

    /// Runs a part of what makes the value.
    pub(crate) fn run<R>(&self, body: impl FnOnce() -> R) -> R {
        match &self.place {
            Some(place) => run_inside(place.once().key(), body),
            None => body(),
        }
    }

    /// Sets the value, and lets everybody go who waits. They go, and the value stays, also if a waker panics.
    pub(crate) fn set(mut self, value: P::Value) -> P {
        /// Lets everybody go when it is dropped.
        struct Last<'a, T>(&'a Once<T>);

        impl<T> Drop for Last<'_, T> {
            fn drop(&mut self) {
                self.0.line.give_up(TurnWord::set);
            }
        }

        let place = (self.place.take()).expect("a turn ends once");
        let once = place.once();
        // SAFETY: whoever has the turn is alone with the value (invariant 1), which is not there yet.
        unsafe { (*once.value.get()).write(value) };
        let last = Last(once);
        place.written();
        drop(last);
        place
    }
}

impl<P: Holder> Drop for Turn<P> {
    fn drop(&mut self) {
        if let Some(place) = &self.place {
            place.once().line.release(1);
        }
    }
}
