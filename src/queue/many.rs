//! Several items in one section of the lock, and one batch of wakes.

use core::panic::AssertUnwindSafe;
use std::collections::VecDeque;
use std::panic::{catch_unwind, resume_unwind};

use super::Core;
use super::gate::Gate;
use crate::error::{GetError, PutError};
use crate::line::{Asker, Errand, Flags, Lane, Section, Word, let_pass};
use crate::rule::queue::{Answer, Stock};
use crate::store::Keep;

impl<S: Keep> Core<S> {
    /// Puts as many as there are places for a newcomer, without settling anything.
    fn put_some(
        &self,
        next: &mut Option<S::Item>,
        rest: &mut VecDeque<S::Item>,
        asker: Asker,
    ) -> Answer {
        loop {
            if next.is_none() {
                *next = rest.pop_front();
            }
            let answer = self.putters.word().answer(asker);
            if next.is_none() || answer != Answer::Come {
                return answer;
            }
            // If this panics, this one has not been put.
            self.store(|store| store.push(next));
            self.putters.word().change(-1);
            self.joiners.word().begin();
            self.getters.word().change(1);
        }
    }

    /// Takes up to so many that are free, without settling anything. What a comparison that
    /// panics leaves in the store stays there; the panic goes on if nothing has been taken.
    fn take_some(&self, max: usize, taken: &mut Vec<S::Item>) {
        while taken.len() < max && self.getters.word().count() > 0 {
            match catch_unwind(AssertUnwindSafe(|| self.store(S::pop))) {
                Ok(Some(item)) => taken.push(item),
                Ok(None) => return,
                Err(panic) if taken.is_empty() => resume_unwind(panic),
                Err(panic) => {
                    // It has been reported; what has been taken must not be lost to it.
                    let_pass(panic);
                    return;
                }
            }
            self.getters.word().change(-1);
            self.putters.word().change(1);
        }
    }

    /// Settles whoever may go after some items have been taken.
    fn settle_taken(&self, section: &mut Section<'_, Gate>) {
        self.review(section);
        section.settle(&self.putters);
    }

    /// Takes everything that is not reserved, and counts it as done.
    pub(crate) fn drain(&self) -> Vec<S::Item> {
        self.within_quietly(|section| {
            let mut taken = Vec::with_capacity(self.getters.word().available());
            self.take_some(usize::MAX, &mut taken);
            if !taken.is_empty() {
                self.settle_taken(section);
                if self.joiners.word().end(taken.len()) {
                    section.settle(&self.joiners);
                }
            }
            taken
        })
    }

    /// Runs something in a section, and wakes; a panic of a waker must not take with it what is in
    /// hand.
    fn within_quietly<'a, R>(&'a self, body: impl FnOnce(&mut Section<'a, Gate>) -> R) -> R {
        let mut section = self.section();
        let result = body(&mut section);
        section.end_quietly();
        result
    }
}

/// To put several items.
pub(crate) struct PutMany<'a, S: Keep> {
    core: &'a Core<S>,
    next: Option<S::Item>,
    rest: VecDeque<S::Item>,
}

impl<'a, S: Keep> PutMany<'a, S> {
    pub(crate) fn new(core: &'a Core<S>, items: impl IntoIterator<Item = S::Item>) -> Self {
        Self {
            core,
            next: None,
            rest: items.into_iter().collect(),
        }
    }

    fn is_done(&self) -> bool {
        self.next.is_none() && self.rest.is_empty()
    }

    /// Fails with what has not been put, if there is any.
    fn fail(&mut self) -> Result<(), PutError<Vec<S::Item>>> {
        if self.is_done() {
            return Ok(());
        }
        let mut rest = core::mem::take(&mut self.rest);
        if let Some(next) = self.next.take() {
            rest.push_front(next);
        }
        Err(PutError::ShutDown(rest.into()))
    }

    /// Puts what there are places for, with the gate held.
    fn go_on(&mut self, asker: Asker, section: &mut Section<'a, Gate>) -> Answer {
        let core = self.core;
        let (next, rest) = (&mut self.next, &mut self.rest);
        let put = catch_unwind(AssertUnwindSafe(|| core.put_some(next, rest, asker)));
        section.settle(&core.getters);
        put.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl<'a, S: Keep> Errand<'a> for PutMany<'a, S> {
    type Word = Stock;
    type Latch = Gate;
    type Output = Result<(), PutError<Vec<S::Item>>>;

    // What has not been put yet is in hand.
    const PRECIOUS: bool = true;

    fn latch(&self) -> &'a Gate {
        &self.core.gate
    }

    fn lane(&self) -> &'a Lane<Stock> {
        &self.core.putters
    }

    fn attempt(&mut self, asker: Asker) -> Result<Self::Output, Flags> {
        if self.is_done() {
            return Ok(Ok(()));
        }
        let core = self.core;
        let (answer, flags) = core.within_quietly(|section| {
            let answer = self.go_on(asker, section);
            (answer, core.putters.word().flags())
        });
        if self.is_done() || answer == Answer::Never {
            return Ok(self.fail());
        }
        Err(flags)
    }

    fn finish(&mut self, share: usize, section: &mut Section<'a, Gate>) -> Option<Self::Output> {
        if share == 0 {
            return Some(self.fail());
        }
        if self.core.is_void() {
            self.core.free_place(section);
            return Some(self.fail());
        }
        self.core.fill(&mut self.next, section);
        let answer = self.go_on(Asker::Task, section);
        (self.is_done() || answer == Answer::Never).then(|| self.fail())
    }

    fn give_back(&mut self, share: usize, section: &mut Section<'a, Gate>) {
        if share > 0 {
            self.core.free_place(section);
        }
    }

    fn expired(&mut self) -> Self::Output {
        self.fail()
    }
}

/// To get several items.
pub(crate) struct GetMany<'a, S: Keep> {
    core: &'a Core<S>,
    max: usize,
    taken: Vec<S::Item>,
}

impl<'a, S: Keep> GetMany<'a, S> {
    pub(crate) const fn new(core: &'a Core<S>, max: usize) -> Self {
        Self {
            core,
            max,
            taken: Vec::new(),
        }
    }
}

impl<'a, S: Keep> Errand<'a> for GetMany<'a, S> {
    type Word = Stock;
    type Latch = Gate;
    type Output = Result<Vec<S::Item>, GetError>;

    const PRECIOUS: bool = true;

    fn latch(&self) -> &'a Gate {
        &self.core.gate
    }

    fn lane(&self) -> &'a Lane<Stock> {
        &self.core.getters
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
            self.taken.reserve(self.max.min(word.available()));
            core.take_some(self.max, &mut self.taken);
            core.settle_taken(section);
            Ok(Ok(core::mem::take(&mut self.taken)))
        })
    }

    fn finish(&mut self, share: usize, section: &mut Section<'a, Gate>) -> Option<Self::Output> {
        if share == 0 || self.core.is_void() {
            return Some(Err(GetError::ShutDown));
        }
        // The reservation becomes one of the free items that are taken now.
        let word = self.core.getters.word();
        word.change(1);
        let max = self.max.min(word.available());
        let core = self.core;
        let taken = &mut self.taken;
        let result = catch_unwind(AssertUnwindSafe(|| core.take_some(max, taken)));
        self.core.settle_taken(section);
        section.settle(&self.core.getters);
        if let Err(panic) = result {
            resume_unwind(panic);
        }
        Some(Ok(core::mem::take(&mut self.taken)))
    }

    fn give_back(&mut self, share: usize, section: &mut Section<'a, Gate>) {
        if share > 0 {
            self.core.free_item(section);
        }
    }

    fn expired(&mut self) -> Self::Output {
        Err(GetError::TimedOut)
    }
}
