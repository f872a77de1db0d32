//! What all queues of both faces are views of: a store, its counts, and three lines, under one
//! lock.
//!
//! | section | changes | and then settles |
//! |---|---|---|
//! | put, or a slot filled | items + 1 | the getters |
//! | get | items − 1 | the putters; the getters, if it was the last |
//! | a reservation given back | free items + 1 | the getters |
//! | a slot given back | free places + 1 | the putters; the getters, if it was the last |
//! | something done | unfinished − 1 | the joiners, if it was the last |
//! | a shutdown | who refuses | all |
//!
//! Settling runs no foreign code. Wakers run, and items are dropped, when the lock has been
//! released. The one thing of the user's that runs under the lock is the order of priorities.

use super::slot::Slot;

use super::gate::Gate;
use super::pressure::Pressure;
use super::stage::{Shutdown, Stage};
use super::undo::unless_panicking;

use super::critical_section::CriticalSection;
use super::stock::{Answer, Stock, Tally, signed};
use super::store::Store;
use crate::error::{GetError, PutError, TooManyDone};
use crate::line::{Asker, Flags, LineGuard, WaitQueue, Word};
use crate::sys::who::Traceable;
use crate::sys::{Cell, constructor};

/// A queue.
pub(crate) struct Core<S> {
    pub(super) gate: Gate,
    pub(super) getters: WaitQueue<Stock>,
    pub(super) putters: WaitQueue<Stock>,
    pub(super) joiners: WaitQueue<Tally>,
    pub(super) stage: Cell<Stage>,
    /// Whether whoever takes something or gives a place back has to look at the stage, the marks or the counts.
    pub(super) watched: Cell<bool>,
    /// Its marks and counts. Most queues have none.
    pub(super) pressure: Cell<Option<Box<Pressure>>>,
    /// Whether it counts what it does. Fixed before it is shared, so that it is read without the lock.
    pub(super) counts: bool,
    pub(super) capacity: Cell<usize>,
    store: Cell<S>,
}

// SAFETY: a queue owns its store; the nodes in its lines belong to their owners, and hold
// wakers, which are `Send`.
unsafe impl<S: Send> Send for Core<S> {}
// SAFETY: the cells are touched only with the gate held. Items are moved out by one owner of the
// gate after the other, and shared with none, so `Send` is enough.
unsafe impl<S: Send> Sync for Core<S> {}

/// Why there is nothing for a newcomer.
pub(super) struct Refusal {
    /// There will be nothing any more.
    pub(super) never: bool,
    /// What the flags of the line were.
    pub(super) flags: Flags,
}

/// A capacity as a count of places.
pub(super) const fn places(capacity: usize) -> isize {
    if capacity > usize::MAX / 2 {
        isize::MAX
    } else {
        signed(capacity)
    }
}

impl<S> Core<S> {
    constructor! {
        #[track_caller]
        pub(crate) const fn new(store: S, capacity: usize) -> Self {
            assert!(capacity > 0, "the capacity of a queue must be at least 1");
            Self {
                gate: Gate::new(),
                getters: WaitQueue::new(Traceable::QueueGet, Stock::new(0), ()),
                putters: WaitQueue::new(Traceable::QueuePut, Stock::new(places(capacity)), ()),
                joiners: WaitQueue::new(Traceable::QueueJoin, Tally::new(), ()),
                stage: Cell::new(None),
                watched: Cell::new(false),
                pressure: Cell::new(None),
                counts: false,
                capacity: Cell::new(capacity),
                store: Cell::new(store),
            }
        }
    }

    /// Sets the name, before anybody else has a reference.
    pub(super) const fn name(&mut self, name: &'static str) {
        self.getters.name(name);
        self.putters.name(name);
        self.joiners.name(name);
    }
}

impl<S: Store> Core<S> {
    pub(super) fn section(&self) -> CriticalSection<'_, Gate> {
        CriticalSection::new(LineGuard::new(&self.gate))
    }

    /// Runs something in a section, and wakes; a panic of a waker goes on.
    pub(super) fn within<R>(&self, body: impl FnOnce(&mut CriticalSection<'_, Gate>) -> R) -> R {
        let mut section = self.section();
        let result = body(&mut section);
        section.end();
        result
    }

    /// Does something with the marks and the counts, if there are any. The gate is held.
    pub(super) fn pressure<R>(&self, body: impl FnOnce(&mut Pressure) -> R) -> Option<R> {
        self.pressure.with(|pressure| {
            // SAFETY: the gate is held, or nobody shares the queue, as for the store, and all bodies are small ones
            // of `pressure.rs`, which do not come here again.
            unsafe { &mut *pressure }.as_deref_mut().map(body)
        })
    }

    /// Lends the store, with the gate held or where nobody shares the queue.
    #[inline]
    pub(super) fn store<R>(&self, body: impl FnOnce(&mut S) -> R) -> R {
        self.store.with(|store| {
            // SAFETY: the gate is held, or nobody shares the queue, which all callers see to, and the body is one of the
            // store's own functions, so that nobody else has a reference to it. What it runs of
            // the user's, an order of priorities, cannot come here again: the gate is held.
            body(unsafe { &mut *store })
        })
    }

    /// Puts at once if a newcomer may.
    #[expect(
        clippy::inline_always,
        reason = "what is got must not be copied on its way"
    )]
    #[inline(always)]
    pub(super) fn put_now(&self, item: &mut Option<S::Item>, asker: Asker) -> Result<(), Refusal> {
        let guard = LineGuard::new(&self.gate);
        let word = self.putters.word();
        if word.answer(asker) != Answer::Come {
            return Err(Self::refuse(guard, word, asker));
        }
        // If this panics, nothing has happened.
        self.store(|store| store.push(item));
        word.change(-1);
        self.joiners.word().begin(1);
        let getters = self.getters.word();
        getters.change(1);
        if getters.flags() != Flags::NONE {
            self.settle_getters(guard);
            return Ok(());
        }
        drop(guard);
        Ok(())
    }

    /// Gets at once if a newcomer may.
    #[expect(
        clippy::inline_always,
        reason = "what is got must not be copied on its way"
    )]
    #[inline(always)]
    pub(super) fn get_now(&self, asker: Asker) -> Result<S::Item, Refusal> {
        let guard = LineGuard::new(&self.gate);
        let word = self.getters.word();
        if word.answer(asker) == Answer::Come {
            if let Some(item) = self.store(S::pop) {
                word.change(-1);
                let putters = self.putters.word();
                putters.change(1);
                if putters.flags() != Flags::NONE || self.watched.get() {
                    self.settle_after_get(guard);
                } else {
                    drop(guard);
                }
                return Ok(item);
            }
        }
        Err(Self::refuse(guard, word, asker))
    }

    /// Unlocks, and says why there is nothing for a newcomer.
    #[cold]
    #[inline(never)]
    fn refuse(guard: LineGuard<'_, Gate>, word: &Stock, asker: Asker) -> Refusal {
        let refusal = Refusal {
            never: word.answer(asker) == Answer::Never,
            flags: word.flags(),
        };
        drop(guard);
        refusal
    }

    /// Wakes whoever can get what has been put, and unlocks.
    #[cold]
    #[inline(never)]
    fn settle_getters(&self, guard: LineGuard<'_, Gate>) {
        let mut section = CriticalSection::new(guard);
        section.settle(&self.getters);
        section.end();
    }

    /// Wakes whoever can go after an item has been taken, and unlocks.
    #[cold]
    #[inline(never)]
    fn settle_after_get(&self, guard: LineGuard<'_, Gate>) {
        let mut section = CriticalSection::new(guard);
        self.taken(1, &mut section);
        section.settle(&self.putters);
        section.end_quietly();
    }

    /// Puts into a place that has been granted. If a comparison panics the place is given back.
    #[expect(
        clippy::inline_always,
        reason = "part of the way from one task to the next"
    )]
    #[inline(always)]
    pub(super) fn fill(&self, item: &mut Option<S::Item>, section: &mut CriticalSection<'_, Gate>) {
        unless_panicking(
            section,
            |section| self.free_place(section),
            || self.store(|store| store.push(item)),
        );
        self.joiners.word().begin(1);
        self.getters.word().change(1);
        section.settle_single(&self.getters);
    }

    /// Gives a place back that had been granted.
    pub(super) fn free_place(&self, section: &mut CriticalSection<'_, Gate>) {
        self.putters.word().change(1);
        self.freed(1, section);
        section.settle(&self.putters);
    }

    /// Gives a reservation back.
    pub(super) fn free_item(&self, section: &mut CriticalSection<'_, Gate>) {
        if self.stage.get() != Some(Shutdown::Immediate) {
            self.getters.word().change(1);
            section.settle(&self.getters);
        }
    }

    /// Takes the item that has been reserved; `None` if the reservation is void. If a comparison
    /// panics it is given back.
    #[expect(
        clippy::inline_always,
        reason = "part of the way from one task to the next"
    )]
    #[inline(always)]
    pub(super) fn take(&self, section: &mut CriticalSection<'_, Gate>) -> Option<S::Item> {
        let item = unless_panicking(
            section,
            |section| self.free_item(section),
            || self.store(S::pop),
        );
        if item.is_some() {
            self.putters.word().change(1);
            self.taken(1, section);
            section.settle_single(&self.putters);
        }
        item
    }

    /// Sees whether a queue that is shut down has been drained.
    #[cold]
    pub(super) fn review(&self, section: &mut CriticalSection<'_, Gate>) {
        let drained = match self.stage.get() {
            None => false,
            Some(Shutdown::Graceful) => self.store(|store| store.len()) == 0 && self.slots() == 0,
            Some(Shutdown::Immediate) => true,
        };
        if drained && !self.getters.word().refuses() {
            self.getters.word().refuse();
            section.settle(&self.getters);
        }
    }

    /// How many places have been given away and not filled.
    pub(super) fn slots(&self) -> isize {
        let items = places(self.store(|store| store.len()));
        self.ceiling() - items - self.putters.word().count()
    }

    #[inline]
    pub(crate) fn try_put(&self, item: S::Item, asker: Asker) -> Result<(), PutError<S::Item>> {
        let mut item = Some(item);
        match (self.put_now(&mut item, asker), item) {
            (Err(Refusal { never: true, .. }), Some(item)) => Err(PutError::ShutDown(item)),
            (Err(_), Some(item)) => Err(PutError::Full(item)),
            (_, None) | (Ok(()), _) => Ok(()),
        }
    }

    #[inline]
    pub(crate) fn try_get(&self, asker: Asker) -> Result<S::Item, GetError> {
        self.get_now(asker).map_err(|refusal| {
            if refusal.never {
                GetError::ShutDown
            } else {
                GetError::Empty
            }
        })
    }

    pub(crate) fn try_reserve(&self, asker: Asker) -> Result<Slot<'_, S>, PutError<()>> {
        self.reserve_now(asker).map_err(|refusal| {
            if refusal.never {
                PutError::ShutDown(())
            } else {
                PutError::Full(())
            }
        })
    }

    pub(super) fn reserve_now(&self, asker: Asker) -> Result<Slot<'_, S>, Refusal> {
        let guard = LineGuard::new(&self.gate);
        let word = self.putters.word();
        if word.answer(asker) != Answer::Come {
            return Err(Self::refuse(guard, word, asker));
        }
        word.change(-1);
        drop(guard);
        Ok(Slot::new(self))
    }

    pub(crate) fn task_done(&self) -> Result<(), TooManyDone> {
        self.within(|section| {
            let word = self.joiners.word();
            if word.count() == self.store(|store| store.len()) as u64 {
                return Err(TooManyDone::new());
            }
            if word.end(1) {
                section.settle(&self.joiners);
            }
            Ok(())
        })
    }

    pub(crate) fn shut_down(&self, how: Shutdown) -> usize {
        let mut section = self.section();
        let dropped = self.begin_shutdown(how, &mut section);
        let count = dropped.len();
        // Everybody has been woken before any item is dropped, and no panic of a waker keeps an
        // item from being dropped.
        section.end_quietly();
        drop(dropped);
        section.end();
        count
    }

    /// Answers with the items that are to be dropped.
    fn begin_shutdown(&self, how: Shutdown, section: &mut CriticalSection<'_, Gate>) -> S {
        let mut dropped = S::EMPTY;
        if self.stage.get() == Some(Shutdown::Immediate)
            || self.stage.get().is_some() && how == Shutdown::Graceful
        {
            return dropped;
        }
        self.stage.set(Some(how));
        self.watched.set(true);
        self.putters.word().refuse();
        if how == Shutdown::Immediate {
            dropped = self.store.replace(dropped);
            let count = dropped.len();
            self.putters.word().change(places(count));
            self.look_at_marks(places(count));
            self.count(|counts| counts.discard(count));
            // Reservations that nobody has claimed are void.
            let free = self.getters.word().count();
            self.getters.word().change(-free);
            if self.joiners.word().end(count) {
                section.settle(&self.joiners);
            }
        }
        self.review(section);
        section.settle(&self.putters);
        dropped
    }

    /// Gives back the memory that the items do not need.
    pub(crate) fn shrink_to_fit(&self) {
        self.within(|_| self.store(S::shrink_to_fit));
    }

    /// Whether what was granted before is void.
    pub(super) fn is_void(&self) -> bool {
        self.stage.get() == Some(Shutdown::Immediate)
    }
}
