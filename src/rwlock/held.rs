//! What is in every guard: a share of the lock, and where that belongs.
//!
//! | mode | lends | can become |
//! |---|---|---|
//! | [`Reading`] | `&T` | a part of it |
//! | [`Upgradable`] | `&T` | [`Writing`], once the others who read are gone; [`Reading`] |
//! | [`Writing`] | `&mut T` | [`Reading`], [`Upgradable`]; a part of it |

use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;

use super::shared::Keeper;
use super::word::{READ, RwWord, UPGRADABLE, UPGRADE, WRITE};
use crate::error::TimedOut;
use crate::line::{Asker, Internal, Line, Place, Timeout, line_of};

/// How the lock is held.
pub(super) trait Mode {
    /// How much of it that is.
    const PERMITS: usize;
}

/// Beside others who read.
pub(super) struct Reading;
/// Beside others who read, but for one who could be upgraded too.
pub(super) struct Upgradable;
/// Alone.
pub(super) struct Writing;

impl Mode for Reading {
    const PERMITS: usize = READ;
}

impl Mode for Upgradable {
    const PERMITS: usize = UPGRADABLE;
}

impl Mode for Writing {
    const PERMITS: usize = WRITE;
}

/// A lock that is held by whoever owns this; dropping it unlocks.
///
/// Invariant: one exists for each time that the lock was taken in this mode, and no other way leads to the data
/// while it does.
pub(super) struct Held<P: Keeper, M: Mode> {
    keeper: P,
    mode: PhantomData<M>,
}

impl<P: Keeper, M: Mode> Held<P, M> {
    /// # Safety
    ///
    /// * The lock has just been taken in this mode, for this value alone.
    #[inline]
    pub(super) const unsafe fn new(keeper: P) -> Self {
        Self {
            keeper,
            mode: PhantomData,
        }
    }

    #[inline]
    pub(super) fn line(&self) -> &Line<RwWord> {
        line_of(&self.keeper)
    }

    /// The keeper without the unlock.
    fn into_keeper(self) -> P {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is never dropped, so the keeper that it owns is moved out.
        unsafe { core::ptr::read(&raw const this.keeper) }
    }

    /// Gives back what the mode `N` does not need.
    pub(super) fn downgrade<N: Mode>(self) -> Held<P, N> {
        // SAFETY: what the mode `N` takes is a part of what has been held in the mode `M`, and is kept for this
        // value; the rest, which nothing has any more, is released.
        let held: Held<P, N> = unsafe { Held::new(self.into_keeper()) };
        // Only now: wakers run, and may panic.
        held.line().release(M::PERMITS - N::PERMITS);
        held
    }
}

impl<P: Keeper> Held<P, Upgradable> {
    /// Upgrades at once, if nobody else reads.
    pub(super) fn try_upgrade(self, asker: Asker) -> Result<Held<P, Writing>, Self> {
        if self.line().try_take(UPGRADE, asker) {
            // SAFETY: it has just been taken.
            Ok(unsafe { self.upgraded() })
        } else {
            Err(self)
        }
    }

    /// Blocks this thread until nobody else reads.
    #[track_caller]
    pub(super) fn upgrade(self) -> Held<P, Writing> {
        self.line().block(UPGRADE);
        // SAFETY: it has just been granted.
        unsafe { self.upgraded() }
    }

    /// The same, for as long as there is time.
    #[track_caller]
    pub(super) fn upgrade_until(self, timeout: Timeout) -> Result<Held<P, Writing>, Self> {
        match self.line().block_until(UPGRADE, timeout) {
            // SAFETY: it has just been granted.
            Ok(()) => Ok(unsafe { self.upgraded() }),
            Err(TimedOut { .. }) => Err(self),
        }
    }

    /// # Safety
    ///
    /// * What an upgrade lacks has just been taken, for this value alone.
    pub(super) unsafe fn upgraded(self) -> Held<P, Writing> {
        // SAFETY: with what this has, that is all that a writer takes.
        unsafe { Held::new(self.into_keeper()) }
    }
}

impl<P: Keeper> Held<P, Reading> {
    pub(super) fn map<U: ?Sized>(
        self,
        part: impl FnOnce(&P::Data) -> &U,
    ) -> HeldPart<P::Rest, Reading, U> {
        let part = NonNull::from(part(&self));
        HeldPart {
            place: self.into_keeper().into_rest(),
            part,
            mode: PhantomData,
        }
    }
}

impl<P: Keeper> Held<P, Writing> {
    pub(super) fn map<U: ?Sized>(
        self,
        part: impl FnOnce(&mut P::Data) -> &mut U,
    ) -> HeldPart<P::Rest, Writing, U> {
        let mut this = self;
        let part = NonNull::from(part(&mut this));
        HeldPart {
            place: this.into_keeper().into_rest(),
            part,
            mode: PhantomData,
        }
    }
}

impl<P: Keeper, M: Mode> Deref for Held<P, M> {
    type Target = P::Data;

    #[inline]
    fn deref(&self) -> &P::Data {
        // SAFETY: `self` holds the lock (its invariant), in whatever mode, so nobody has a `&mut` to the data
        // but by `self`, whose shared borrow excludes the one below.
        unsafe { &*self.keeper.shared().data.get() }
    }
}

impl<P: Keeper> DerefMut for Held<P, Writing> {
    #[inline]
    fn deref_mut(&mut self) -> &mut P::Data {
        // SAFETY: `self` holds the lock alone (its invariant); the exclusive borrow of `self` excludes every
        // other borrow.
        unsafe { &mut *self.keeper.shared().data.get() }
    }
}

impl<P: Keeper, M: Mode> Drop for Held<P, M> {
    #[inline]
    fn drop(&mut self) {
        self.line().release(M::PERMITS);
    }
}

// SAFETY: its keeper returns the same line for as long as it lives. It does not claim to own it.
unsafe impl<P: Keeper, M: Mode> Place for Held<P, M> {
    type Word = RwWord;

    fn line(&self, internal: Internal) -> &Line<RwWord> {
        self.keeper.line(internal)
    }
}

/// A part of the data of a lock that is held by whoever owns this.
pub(super) struct HeldPart<P: Place<Word = RwWord>, M: Mode, T: ?Sized> {
    place: P,
    part: NonNull<T>,
    /// It lends `&mut T` where it is held alone.
    mode: PhantomData<(*mut T, M)>,
}

// SAFETY: it is the `&T` that it lends, and a place.
unsafe impl<P: Place<Word = RwWord> + Send, T: ?Sized + Sync> Send for HeldPart<P, Reading, T> {}
// SAFETY: it is the `&mut T` that it lends, and a place.
unsafe impl<P: Place<Word = RwWord> + Send, T: ?Sized + Send> Send for HeldPart<P, Writing, T> {}
// SAFETY: a shared one gives out `&T`, and a reference to a place.
unsafe impl<P: Place<Word = RwWord> + Sync, M: Mode, T: ?Sized + Sync> Sync for HeldPart<P, M, T> {}

impl<P: Place<Word = RwWord>, M: Mode, T: ?Sized> HeldPart<P, M, T> {
    /// The same lock, held for another part.
    fn with_part<U: ?Sized>(self, part: NonNull<U>) -> HeldPart<P, M, U> {
        let this = ManuallyDrop::new(self);
        HeldPart {
            // SAFETY: `this` is never dropped, so the place that it owns is moved out.
            place: unsafe { core::ptr::read(&raw const this.place) },
            part,
            mode: PhantomData,
        }
    }
}

impl<P: Place<Word = RwWord>, T: ?Sized> HeldPart<P, Reading, T> {
    pub(super) fn map<U: ?Sized>(self, part: impl FnOnce(&T) -> &U) -> HeldPart<P, Reading, U> {
        let part = NonNull::from(part(&self));
        self.with_part(part)
    }
}

impl<P: Place<Word = RwWord>, T: ?Sized> HeldPart<P, Writing, T> {
    pub(super) fn map<U: ?Sized>(
        self,
        part: impl FnOnce(&mut T) -> &mut U,
    ) -> HeldPart<P, Writing, U> {
        let mut this = self;
        let part = NonNull::from(part(&mut this));
        this.with_part(part)
    }
}

impl<P: Place<Word = RwWord>, M: Mode, T: ?Sized> Deref for HeldPart<P, M, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the part was borrowed from the data of a `Held` that this has replaced, so the lock is held, and
        // nobody has a `&mut` to it but by `self`.
        unsafe { self.part.as_ref() }
    }
}

impl<P: Place<Word = RwWord>, T: ?Sized> DerefMut for HeldPart<P, Writing, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and the lock is held alone; the exclusive borrow of `self` excludes every other.
        unsafe { self.part.as_mut() }
    }
}

impl<P: Place<Word = RwWord>, M: Mode, T: ?Sized> Drop for HeldPart<P, M, T> {
    fn drop(&mut self) {
        line_of(&self.place).release(M::PERMITS);
    }
}
