//! What every primitive carries: its name, its owner, and a pointer to its record.
//!
//! # Why an owner that waits is the owner
//!
//! A lock whose owner is a thread A that is blocked somewhere else may be reported as a link of a deadlock. So a
//! record must not name A when A has unlocked, and has begun to wait after that. A stores nobody in
//! the primitive, and in the record if it sees one, before it unlocks. That leaves one case: A sees no record,
//! while a waiter W that has made one still reads A in the primitive, and copies it.
//!
//! W copies with the lock of the line held, after it has raised the flags of the line, and a heavy fence has passed since it made the
//! record (`prepare`, and where the first flag is raised). A's light fence stands between its stores and its look
//! at the flags. W has not seen A's stores, so A sees the flags as long as they are up, and takes the lock of the line before it returns
//! from the unlock; that comes after W's copy, so A sees the record then, and takes its name out of it
//! ([`Traced::gave_late`]). Whoever has taken the lock in between has stored another name, which stays. And whoever
//! leaves the line as the last one takes what was copied out again before the flags are lowered ([`Traced::nobody_waits`]).
//!
//! Where there are no asymmetric fences A swaps instead, and W's look comes behind a full fence. An owner who can give the lock away
//! says so behind one as well, for a copy of what it stored first would be wrong.
//!
//! The other way round something may be missed: who takes the lock while the record is made may not see it, and a system
//! without asymmetric fences gives W no way to make sure. The record then names nobody until somebody else
//! joins the line, or the lock changes hands.

use core::panic::Location;
use core::ptr;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::borrow::Cow;

use super::super::who::{Traceable, Who};
use super::super::{
    AtomicPtr, AtomicU64, asymmetric, constructor, full_fence, heavy_fence, light_fence,
};
use super::order::{self, Class};
use super::record::{Owned, Record};
use super::roster::Entry;
use super::system::trace_clock;
use super::threads::{count_guards, this_thread, wait_began};
use super::waiter::Waiter;

/// What a primitive carries.
pub(crate) struct Traced {
    kind: Traceable,
    name: Option<&'static str>,
    made: &'static Location<'static>,
    owner: AtomicU64,
    /// Null, or an owner of the record.
    record: AtomicPtr<Entry<Record>>,
}

impl Traced {
    constructor! {
        /// That of a primitive which the caller makes.
        #[track_caller]
        pub(crate) const fn new(kind: Traceable) -> Self {
            Self {
                kind,
                name: None,
                made: Location::caller(),
                owner: AtomicU64::new(Who::NOBODY.bits()),
                record: AtomicPtr::new(ptr::null_mut()),
            }
        }
    }

    /// Sets the name, before anybody else has a reference.
    pub(crate) const fn name(&mut self, name: &'static str) {
        self.name = if name.is_empty() { None } else { Some(name) };
    }

    /// Its record, if there is one.
    #[inline]
    fn record(&self) -> Option<&Entry<Record>> {
        // ORDERING: Acquire pairs with the Release in `prepare`: who sees the record sees what is in it.
        let record = self.record.load(Acquire);
        // SAFETY: it is null, or owned by `self` until that is dropped.
        unsafe { record.as_ref() }
    }

    /// Notes that somebody has taken it who did not have to wait.
    #[inline]
    pub(crate) fn took(&self, who: impl FnOnce() -> Who) {
        if self.kind == Traceable::Inner {
            return;
        }
        let who = who();
        if self.kind.is_lock() && who.is_thread() {
            self.has_guard();
        }
        self.took_in_wait(|| who);
    }

    /// Notes that somebody has taken it whose wait has not begun. A thread [comes](Self::came) for it later.
    #[inline]
    pub(crate) fn took_in_wait(&self, who: impl FnOnce() -> Who) {
        if self.kind == Traceable::Inner {
            return;
        }
        if self.name.is_some() && self.record().is_none() {
            self.prepare();
        }
        self.belongs_to(who());
    }

    /// Notes that this thread is about to wait for it, if need be.
    #[inline]
    #[track_caller]
    pub(crate) fn wants(&self, place: &'static Location<'static>) {
        if order::is_on() && self.kind.is_lock() {
            order::wants(self.class(), place);
        }
    }

    fn class(&self) -> Class {
        self.name.map_or(Class::Made(self.made), Class::Named)
    }

    /// This thread has one guard more.
    #[inline]
    fn has_guard(&self) {
        count_guards(1);
        if order::is_on() {
            order::has(ptr::from_ref(self).addr(), self.class());
        }
    }

    /// This thread has one guard less, if it is its own.
    #[inline]
    fn has_no_guard(&self) {
        // ORDERING: Relaxed: whoever has it stored it.
        if self.owner.load(Relaxed) == this_thread().bits() {
            count_guards(-1);
            if order::is_on() {
                order::has_not(ptr::from_ref(self).addr());
            }
        }
    }

    /// Notes that this thread has come for what it was granted in line.
    #[inline]
    pub(crate) fn came(&self) {
        if self.kind.is_lock() {
            self.has_guard();
        }
    }

    /// Notes that whoever has taken it can give it away without a word.
    #[inline]
    pub(crate) fn may_move(&self) {
        if self.kind == Traceable::Inner {
            return;
        }
        // ORDERING: Relaxed, twice: whoever has it stored it.
        let owner = Who::from_bits(self.owner.load(Relaxed));
        self.has_no_guard();
        self.owner.store(owner.movable().bits(), Relaxed);
        if !asymmetric() {
            // Who makes the record now must not copy that it stays where it is: see the module's header.
            full_fence();
        }
        self.belongs_to(owner.movable());
    }

    /// Notes that whoever has it is about to give it back, and returns who that is.
    #[inline]
    pub(crate) fn gave(&self) -> Gave {
        if self.kind == Traceable::Inner {
            return Gave::NOTHING;
        }
        // ORDERING: Relaxed: whoever has it stored it.
        let owner = self.owner.load(Relaxed);
        if self.kind.is_lock() {
            self.has_no_guard();
        }
        self.belongs_to(Who::NOBODY);
        Gave(owner)
    }

    #[inline]
    fn belongs_to(&self, who: Who) {
        // ORDERING: Relaxed: only whoever has the lock stores, and nothing is read by way of it; what it is worth
        // to others is said in the module's header.
        self.owner.store(who.bits(), Relaxed);
        // Before the look for a record: no instruction where fences are asymmetric.
        light_fence();
        if let Some(record) = self.record() {
            record.belongs_to(who);
        }
    }

    /// Takes a name out of the record that somebody may have copied too late. With the line's lock held, by
    /// whoever has given it back.
    pub(crate) fn gave_late(&self, gave: Gave) {
        if let Some(record) = self.record().filter(|_| gave.0 != 0) {
            let nobody = Who::NOBODY.bits();
            // ORDERING: Relaxed, here and on failure: the line's lock orders it after the copy.
            let _another = (record.owner).compare_exchange(gave.0, nobody, Relaxed, Relaxed);
        }
    }

    /// Takes a name out of the record that was copied for those who waited, and are gone. With the line's lock held, before
    /// its flags are lowered: who sees no flag does not clean up.
    pub(crate) fn nobody_waits(&self) {
        if let Some(record) = self.record() {
            record.forget_copy();
        }
    }

    /// Notes that it has been taken for somebody in line, with the line's lock held.
    pub(crate) fn given_to(&self, waiter: &Waiter) {
        if self.kind != Traceable::Inner {
            self.belongs_to(waiter.who());
        }
    }

    /// Makes its record, if there is none. Without any lock.
    #[inline]
    pub(crate) fn prepare(&self) {
        if self.kind == Traceable::Inner {
            return;
        }
        // Not later, with a lock held: a thread that is seen for the first time is put into a list.
        this_thread();
        if self.record().is_none() {
            self.make_record(self.name.map(Cow::Borrowed));
        }
    }

    /// The same for a job, whose name is known to whoever waits for it.
    #[inline]
    pub(crate) fn prepare_named(&self, name: impl FnOnce() -> Option<Cow<'static, str>>) {
        if self.record().is_none() {
            this_thread();
            self.make_record(name());
        }
    }

    #[cold]
    #[inline(never)]
    fn make_record(&self, name: Option<Cow<'static, str>>) {
        let made = Record::listed(self.kind, name, self.made);
        let new = made.into_raw().cast_mut();
        // ORDERING: Release publishes the record; Acquire on failure is that of `record`.
        if (self.record)
            .compare_exchange(ptr::null_mut(), new, AcqRel, Acquire)
            .is_err()
        {
            // SAFETY: it has just been given, and nobody else has seen it here.
            Record::unlist(&unsafe { Owned::from_raw(new) });
            return;
        }
        if self.kind.has_owner() {
            heavy_fence();
        }
    }

    /// Notes that a node has joined the line, with the line's lock held.
    pub(crate) fn joined(&self, waiter: &Waiter, is_task: bool, who: impl FnOnce() -> Who) {
        let Some(record) = self.record() else { return };
        // One that others move from line to line stays who it is.
        let who = match waiter.who() {
            Who::NOBODY => who(),
            known => known,
        };
        let place = (!is_task).then(wait_began).flatten();
        waiter.enter(record, is_task, who);
        // SAFETY: it is in no list, for whoever takes a node out of its line takes it out of there, too; it is
        // pinned, and leaves the line before it is freed.
        unsafe { record.push(waiter, trace_clock(), place, false) };
    }

    /// Notes that it has been granted to a task that has not come for it.
    pub(crate) fn offered(&self, waiter: &Waiter) {
        let Some(record) = self.record() else { return };
        waiter.enter(record, true, waiter.who());
        // SAFETY: as in `joined`.
        unsafe { record.push(waiter, trace_clock(), None, true) };
    }

    /// Notes who polls a node that has to wait.
    pub(crate) fn waits(&self, waiter: &Waiter, who: impl FnOnce() -> Who) {
        if self.record().is_some() {
            waiter.say_who(who());
        }
    }

    /// Copies the owner into the record, with the line's lock held and its flags raised.
    pub(crate) fn copy_owner(&self) {
        let Some(record) = self.record() else { return };
        if !asymmetric() {
            // What whoever gives it back has stored before its exchange is seen, if that exchange was.
            full_fence();
        }
        // ORDERING: Relaxed: the module's header has the order that is needed.
        record.copy_owner(self.owner.load(Relaxed));
    }
}

/// By whom something was given back.
#[derive(Clone, Copy)]
pub(crate) struct Gave(u64);

impl Gave {
    /// Nothing that anybody had.
    pub(crate) const NOTHING: Self = Self(0);
}

impl Drop for Traced {
    fn drop(&mut self) {
        // ORDERING: Acquire, as in `record`.
        let record = self.record.load(Acquire);
        if !record.is_null() {
            // SAFETY: it was given when the record was made, for `self`, which is gone after this.
            let record = unsafe { Owned::from_raw(record) };
            Record::unlist(&record);
        }
    }
}
