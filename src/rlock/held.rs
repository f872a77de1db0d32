//! The guards of both faces: what is held, and how it is given back.

use core::cell::Cell;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::Deref;

use super::lender::Lender;
use super::shared::{RShared, Reentrant, too_deep};
use super::word::{Nested, OwnerWord};
use crate::error::TimedOut;
use crate::identity::Owner;
use crate::line::{Asker, Timeout};

/// How the guards of one face are counted down.
pub(crate) trait Face: Copy {
    /// Unlocks once; whether that was the last time.
    fn leave(self, word: &OwnerWord) -> bool;

    /// Whether the word counts a guard that there is.
    fn is_counted(self, word: &OwnerWord) -> bool;

    /// Takes the ownership away for a while if there is one guard; returns what to put back.
    fn suspend(self, word: &OwnerWord) -> Option<u64>;

    /// The face of a guard whose lock is put back.
    fn resumed(word: u64) -> Self;
}

/// The guards of one thread, which stay there.
#[derive(Clone, Copy)]
pub(crate) struct ByThread {
    owner: Owner,
    _neither_send_nor_sync: PhantomData<*const ()>,
}

impl ByThread {
    const fn of(owner: Owner) -> Self {
        Self {
            owner,
            _neither_send_nor_sync: PhantomData,
        }
    }
}

impl Face for ByThread {
    #[inline]
    fn leave(self, word: &OwnerWord) -> bool {
        word.leave(self.owner)
    }

    fn is_counted(self, word: &OwnerWord) -> bool {
        word.is_owned_by(self.owner)
    }

    fn suspend(self, word: &OwnerWord) -> Option<u64> {
        word.suspend()
    }

    fn resumed(word: u64) -> Self {
        Self::of(OwnerWord::owner_of(word))
    }
}

/// The guards of one task, which may be anywhere.
#[derive(Clone, Copy)]
pub(crate) struct ByTask {
    _not_sync: PhantomData<Cell<()>>,
}

impl ByTask {
    const GUARD: Self = Self {
        _not_sync: PhantomData,
    };
}

impl Face for ByTask {
    fn leave(self, word: &OwnerWord) -> bool {
        word.leave_shared()
    }

    fn is_counted(self, _word: &OwnerWord) -> bool {
        // A task gives up a lock that has one guard, and that guard with it.
        true
    }

    fn suspend(self, word: &OwnerWord) -> Option<u64> {
        word.suspend_shared()
    }

    fn resumed(_word: u64) -> Self {
        Self::GUARD
    }
}

/// Stands for the `&T` that a guard lends: as `Send` as that, and never `Sync`.
///
/// A guard that two threads share would let one of them unlock, or wait for a condition, while
/// the other one still looks at the data (`parking_lot` 452).
struct Lends<T: ?Sized>(PhantomData<*const T>);

// SAFETY: it holds nothing. Sent along with a guard it stands for a `&T`, which may be sent
// where `T: Sync`.
unsafe impl<T: ?Sized + Sync> Send for Lends<T> {}

/// A lock that is held once by whoever owns this; dropping it unlocks once.
///
/// Invariant: the owner's word counts it, and no `&mut T` exists while it does.
pub(crate) struct Held<P: Lender, F: Face> {
    pub(super) place: P,
    pub(super) face: F,
    _lends: Lends<P::Data>,
}

impl<P: Lender, F: Face> Held<P, F> {
    /// # Safety
    ///
    /// * The lock has just been locked once more by an owner of that face, for this value alone.
    /// * Where guards of that face may be on another thread than their owner, the data is `Sync`.
    #[inline]
    pub(super) const unsafe fn new(place: P, face: F) -> Self {
        Self {
            place,
            face,
            _lends: Lends(PhantomData),
        }
    }

    pub(crate) fn depth(&self) -> usize {
        // At most 65,535.
        usize::try_from(self.place.shared().core.owner.depth()).unwrap_or(usize::MAX)
    }

    pub(crate) fn unlock_fair(self) {
        // As `drop`, but for the last guard.
        let this = self.into_parts();
        let core = &this.0.shared().core;
        if this.1.leave(&core.owner) {
            core.line.release_fair(1);
        }
    }

    /// The place and the face, without the unlock.
    pub(super) fn into_parts(self) -> (P, F) {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is never dropped, so the place is moved out of it, once.
        (unsafe { core::ptr::read(&raw const this.place) }, this.face)
    }
}

impl<P: Lender> Held<P, ByThread> {
    /// Locks for this thread, blocking it until that is possible.
    #[inline]
    #[track_caller]
    pub(crate) fn lock(place: P, me: Owner) -> Self {
        let core = &place.shared().core;
        if !core.nest(me, OwnerWord::nest) {
            core.line.block(1);
            core.owner.begin(me);
        }
        // SAFETY: the thread has just locked; its guards cannot leave it.
        unsafe { Self::new(place, ByThread::of(me)) }
    }

    /// Locks for this thread if that is possible at once, or says why not.
    #[inline]
    pub(crate) fn attempt(place: P, me: Owner) -> Result<Self, Nested> {
        match place
            .shared()
            .core
            .attempt(me, Asker::Thread, OwnerWord::nest)
        {
            // SAFETY: as in `lock`.
            Nested::Done => Ok(unsafe { Self::new(place, ByThread::of(me)) }),
            refused => Err(refused),
        }
    }

    /// Locks for this thread, blocking it until then at the latest.
    #[track_caller]
    pub(crate) fn lock_until(place: P, me: Owner, timeout: Timeout) -> Result<Self, TimedOut> {
        let core = &place.shared().core;
        if !core.nest(me, OwnerWord::nest) {
            core.line.block_until(1, timeout)?;
            core.owner.begin(me);
        }
        // SAFETY: as in `lock`.
        Ok(unsafe { Self::new(place, ByThread::of(me)) })
    }
}

impl<P: Lender<Data: Sync>> Held<P, ByTask> {
    /// Locks for a task if that is possible at once, or says why not.
    pub(crate) fn attempt(place: P, me: Owner) -> Result<Self, Nested> {
        let core = &place.shared().core;
        match core.attempt(me, Asker::Task, OwnerWord::nest_shared) {
            // SAFETY: the task has just locked; the data is `Sync`.
            Nested::Done => Ok(unsafe { Self::new(place, ByTask::GUARD) }),
            refused => Err(refused),
        }
    }

    /// Locks once more for a task, if it owns the lock.
    ///
    /// # Panics
    ///
    /// Panics if it has been locked as often as can be counted.
    pub(super) fn nested(place: &P, me: Owner) -> Option<Self>
    where
        P: Clone,
    {
        place
            .shared()
            .core
            .nest(me, OwnerWord::nest_shared)
            .then(|| {
                // SAFETY: as in `attempt`.
                unsafe { Self::new(place.clone(), ByTask::GUARD) }
            })
    }

    /// Makes a task the owner of a lock.
    ///
    /// # Safety
    ///
    /// * The line has just granted the lock, for this value alone.
    pub(super) unsafe fn granted(place: P, me: Owner) -> Self {
        place.shared().core.owner.begin(me);
        // SAFETY: by the caller's promise; the data is `Sync`.
        unsafe { Self::new(place, ByTask::GUARD) }
    }
}

/// What came of an attempt, for those to whom a lock that is full is a mistake.
#[track_caller]
pub(crate) fn unless_full<G>(attempt: Result<G, Nested>) -> Option<G> {
    match attempt {
        Ok(held) => Some(held),
        Err(Nested::Full) => too_deep(),
        Err(_) => None,
    }
}

impl<'a, T: ?Sized, F: Face> Held<&'a RShared<T>, F> {
    pub(crate) fn map<U: ?Sized>(self, part: impl FnOnce(&T) -> &U) -> HeldPart<'a, U, F> {
        let shared = self.place;
        // SAFETY: `self` holds the lock (its invariant), and so does the part that replaces it:
        // no `&mut T` exists while either lives. It is lent for `'a` to the closure, which must
        // take any lifetime, and kept in a part that lends it for as long as it is borrowed.
        let data: &'a T = unsafe { &*shared.data.get() };
        let part = part(data);
        HeldPart {
            core: &shared.core,
            face: self.into_parts().1,
            part,
        }
    }
}

impl<P: Lender, F: Face> Deref for Held<P, F> {
    type Target = P::Data;

    #[inline]
    fn deref(&self) -> &P::Data {
        // SAFETY: `self` holds the lock (its invariant), so no `&mut T` exists. All other guards
        // are those of the same owner, and lend `&T` too; if they can be on other threads, the
        // data is `Sync`.
        unsafe { &*self.place.shared().data.get() }
    }
}

impl<P: Lender, F: Face> Drop for Held<P, F> {
    #[inline]
    fn drop(&mut self) {
        let core = &self.place.shared().core;
        if self.face.leave(&core.owner) {
            core.line.release(1);
        }
    }
}

/// A part of the data of a lock that is held once by whoever owns this.
pub(crate) struct HeldPart<'a, T: ?Sized, F: Face> {
    core: &'a Reentrant,
    part: &'a T,
    face: F,
}

impl<'a, T: ?Sized, F: Face> HeldPart<'a, T, F> {
    pub(crate) fn depth(&self) -> usize {
        usize::try_from(self.core.owner.depth()).unwrap_or(usize::MAX)
    }

    pub(crate) fn unlock_fair(self) {
        let this = ManuallyDrop::new(self);
        if this.face.leave(&this.core.owner) {
            this.core.line.release_fair(1);
        }
    }

    pub(crate) fn map<U: ?Sized>(self, part: impl FnOnce(&T) -> &U) -> HeldPart<'a, U, F> {
        let part = part(self.part);
        let this = ManuallyDrop::new(self);
        HeldPart {
            core: this.core,
            part,
            face: this.face,
        }
    }
}

impl<T: ?Sized, F: Face> Deref for HeldPart<'_, T, F> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.part
    }
}

impl<T: ?Sized, F: Face> Drop for HeldPart<'_, T, F> {
    fn drop(&mut self) {
        if self.face.leave(&self.core.owner) {
            self.core.line.release(1);
        }
    }
}
