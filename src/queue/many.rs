//! Several items in one section of the lock, and one batch of wakes.

use core::panic::AssertUnwindSafe;
use std::collections::VecDeque;
use std::panic::{catch_unwind, resume_unwind};
use std::time::Instant;

use super::core::Core;
use super::critical_section::CriticalSection;
use super::gate::Gate;
use super::operation_wait::Operation;
use super::stock::{Answer, Stock, signed};
use super::store::Store;
use super::waits::Change;
use crate::error::{GetError, PutError};
use crate::line::{Asker, Flags, Payload, WaitQueue, Word};

impl<S: Store> Core<S> {
    /// Puts up to so many, for which there are places; so many of these were given back for it. If a comparison panics,
    /// the panic goes on when those that have been put have been told of.
    fn put_some(
        &self,
        items: &mut VecDeque<S::Item>,
        n: usize,
        back: usize,
        section: &mut CriticalSection<'_, Gate>,
    ) {
        let before = items.len();
        let pushed = catch_unwind(AssertUnwindSafe(|| {
            self.store(|store| store.push_many(items, n));
        }));
        let count = before - items.len();
        self.putters.word().change(-signed(count));
        self.joiners.word().begin(count);
        self.getters.word().change(signed(count));
        section.settle(&self.getters);
        if let Err(panic) = pushed {
            if let Some(left) = back.checked_sub(count) {
                self.freed(signed(left), section);
            }
            section.settle(&self.putters);
            resume_unwind(panic);
        }
    }

    /// Takes up to so many that are free, without settling anything. What a comparison that
    /// panics leaves in the store stays there; the panic is answered if nothing has been taken.
    fn take_some(
        &self,
        max: usize,
        taken: &mut Vec<S::Item>,
        section: &mut CriticalSection<'_, Gate>,
    ) -> Result<(), Payload> {
        let n = max.min(self.getters.word().available());
        let popped = catch_unwind(AssertUnwindSafe(|| {
            self.store(|store| store.pop_many(n, taken));
        }));
        self.getters.word().change(-signed(taken.len()));
        self.putters.word().change(signed(taken.len()));
        match popped {
            Err(panic) if taken.is_empty() => return Err(panic),
            // It has been reported; what has been taken must not be lost to it.
            Err(panic) => section.keep_panic(panic),
            Ok(()) => {}
        }
        Ok(())
    }

    /// Settles whoever may go after so many items have been taken.
    fn settle_taken(&self, count: usize, section: &mut CriticalSection<'_, Gate>) {
        self.taken(count, section);
        section.settle(&self.putters);
    }

    /// Takes everything that is not reserved, and counts it as done.
    pub(crate) fn drain(&self) -> Vec<S::Item> {
        self.within_quietly(|section| {
            let mut taken = Vec::new();
            if let Err(panic) = self.take_some(usize::MAX, &mut taken, section) {
                resume_unwind(panic);
            }
            if !taken.is_empty() {
                self.settle_taken(taken.len(), section);
                if self.joiners.word().end(taken.len()) {
                    section.settle(&self.joiners);
                }
            }
            taken
        })
    }

    /// Runs something in a section, and wakes; a panic of a waker must not take with it what is in
    /// hand.
    fn within_quietly<'a, R>(
        &'a self,
        body: impl FnOnce(&mut CriticalSection<'a, Gate>) -> R,
    ) -> R {
        let mut section = self.section();
        let result = body(&mut section);
        section.end_quietly();
        result
    }
}

/// The items of a store, in a list.
type Items<S> = Vec<<S as Store>::Item>;

/// To put several items.
pub(crate) struct PutMany<'a, S: Store> {
    core: &'a Core<S>,
    items: VecDeque<S::Item>,
}

impl<'a, S: Store> PutMany<'a, S> {
    pub(crate) fn new(core: &'a Core<S>, items: impl IntoIterator<Item = S::Item>) -> Self {
        let items = items.into_iter().collect();
        Self { core, items }
    }

    /// Fails with what has not been put, if there is any.
    fn fail(&mut self, how: fn(Items<S>) -> PutError<Items<S>>) -> Result<(), PutError<Items<S>>> {
        if self.items.is_empty() {
            return Ok(());
        }
        Err(how(core::mem::take(&mut self.items).into()))
    }
}

impl<'a, S: Store> Operation<'a> for PutMany<'a, S> {
    type Word = Stock;
    type LineLock = Gate;
    type Output = Result<(), PutError<Items<S>>>;

    fn line_lock(&self) -> &'a Gate {
        &self.core.gate
    }

    fn wait_queue(&self) -> &'a WaitQueue<Stock> {
        &self.core.putters
    }

    fn is_precious(output: Option<&Self::Output>) -> bool {
        !matches!(output, Some(Ok(())))
    }

    fn attempt(&mut self, asker: Asker) -> Result<Self::Output, Flags> {
        if self.items.is_empty() {
            return Ok(Ok(()));
        }
        let core = self.core;
        let (answer, flags) = core.within_quietly(|section| {
            let word = core.putters.word();
            let answer = word.answer(asker);
            if answer == Answer::Come {
                core.put_some(&mut self.items, word.available(), 0, section);
            }
            (answer, word.flags())
        });
        if self.items.is_empty() || answer == Answer::Never {
            return Ok(self.fail(PutError::ShutDown));
        }
        Err(flags)
    }

    fn is_promising(&self) -> bool {
        self.items.is_empty() || self.core.putters.word().looks_free()
    }

    fn finish(
        &mut self,
        share: usize,
        section: &mut CriticalSection<'a, Gate>,
    ) -> Option<Self::Output> {
        if share == 0 {
            return Some(self.fail(PutError::ShutDown));
        }
        if self.core.is_void() {
            self.core.free_place(section);
            return Some(self.fail(PutError::ShutDown));
        }
        // The place that was granted is one of those that are filled now; the others are those that
        // nobody waits for.
        let word = self.core.putters.word();
        let others = match word.answer(Asker::Task) {
            Answer::Come => word.available(),
            Answer::Wait | Answer::Never => 0,
        };
        word.change(1);
        self.core.put_some(&mut self.items, 1 + others, 1, section);
        let is_over = self.items.is_empty() || word.refuses();
        is_over.then(|| self.fail(PutError::ShutDown))
    }

    fn give_back(&mut self, share: usize, section: &mut CriticalSection<'a, Gate>) {
        if share > 0 {
            self.core.free_place(section);
        }
    }

    fn expired(&mut self) -> Self::Output {
        self.fail(PutError::TimedOut)
    }

    fn note(&self, change: Change) {
        self.core.note(|counts| &mut counts.putters, change);
    }

    fn is_counted(&self) -> bool {
        self.core.counts
    }

    fn note_spin(&self, since: Instant) {
        self.core.note_spin(|counts| &mut counts.putters, since);
    }
}

/// To get several items.
pub(crate) struct GetMany<'a, S: Store> {
    core: &'a Core<S>,
    max: usize,
}

impl<'a, S: Store> GetMany<'a, S> {
    pub(crate) const fn new(core: &'a Core<S>, max: usize) -> Self {
        Self { core, max }
    }
}

impl<'a, S: Store> Operation<'a> for GetMany<'a, S> {
    type Word = Stock;
    type LineLock = Gate;
    type Output = Result<Items<S>, GetError>;

    fn line_lock(&self) -> &'a Gate {
        &self.core.gate
    }

    fn wait_queue(&self) -> &'a WaitQueue<Stock> {
        &self.core.getters
    }

    fn is_precious(output: Option<&Self::Output>) -> bool {
        matches!(output, Some(Ok(_)))
    }

    fn attempt(&mut self, asker: Asker) -> Result<Self::Output, Flags> {
        if self.max == 0 {
            return Ok(Ok(Vec::new()));
        }
        let core = self.core;
        core.within_quietly(|section| {
            let word = core.getters.word();
            match word.answer(asker) {
                Answer::Come => {}
                Answer::Wait => return Err(word.flags()),
                Answer::Never => return Ok(Err(GetError::ShutDown)),
            }
            let mut taken = Vec::new();
            if let Err(panic) = core.take_some(self.max, &mut taken, section) {
                resume_unwind(panic);
            }
            core.settle_taken(taken.len(), section);
            Ok(Ok(taken))
        })
    }

    fn is_promising(&self) -> bool {
        self.max == 0 || self.core.getters.word().looks_free()
    }

    fn finish(
        &mut self,
        share: usize,
        section: &mut CriticalSection<'a, Gate>,
    ) -> Option<Self::Output> {
        if share == 0 || self.core.is_void() {
            return Some(Err(GetError::ShutDown));
        }
        // The reservation becomes one of the free items that are taken now.
        self.core.getters.word().change(1);
        let mut taken = Vec::new();
        let result = self.core.take_some(self.max, &mut taken, section);
        self.core.settle_taken(taken.len(), section);
        section.settle(&self.core.getters);
        if let Err(panic) = result {
            resume_unwind(panic);
        }
        Some(Ok(taken))
    }

    fn give_back(&mut self, share: usize, section: &mut CriticalSection<'a, Gate>) {
        if share > 0 {
            self.core.free_item(section);
        }
    }

    fn expired(&mut self) -> Self::Output {
        Err(GetError::TimedOut)
    }

    fn note(&self, change: Change) {
        self.core.note(|counts| &mut counts.getters, change);
    }

    fn is_counted(&self) -> bool {
        self.core.counts
    }

    fn note_spin(&self, since: Instant) {
        self.core.note_spin(|counts| &mut counts.getters, since);
    }
}
