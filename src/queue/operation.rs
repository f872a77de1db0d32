//! What one waits in the lines of a queue for: an item, a place, or the end of all work.

use std::time::Instant;

use super::core::Core;
use super::critical_section::CriticalSection;
use super::gate::Gate;
use super::operation_wait::Operation;
use super::slot::Slot;
use super::stock::{Stock, Tally};
use super::store::Store;
use super::waits::Change;
use crate::error::{GetError, PutError, TimedOut};
use crate::line::{Asker, Flags, WaitQueue};

/// To put an item.
pub(crate) struct PutOperation<'a, S: Store> {
    core: &'a Core<S>,
    item: Option<S::Item>,
}

impl<'a, S: Store> PutOperation<'a, S> {
    pub(crate) const fn new(core: &'a Core<S>, item: S::Item) -> Self {
        Self {
            core,
            item: Some(item),
        }
    }

    /// Fails with the item, which has not been put.
    fn fail(&mut self, how: fn(S::Item) -> PutError<S::Item>) -> Result<(), PutError<S::Item>> {
        self.item.take().map_or(Ok(()), |item| Err(how(item)))
    }
}

impl<'a, S: Store> Operation<'a> for PutOperation<'a, S> {
    type Word = Stock;
    type LineLock = Gate;
    type Output = Result<(), PutError<S::Item>>;

    fn line_lock(&self) -> &'a Gate {
        &self.core.gate
    }

    fn wait_queue(&self) -> &'a WaitQueue<Stock> {
        &self.core.putters
    }

    fn is_precious(output: Option<&Self::Output>) -> bool {
        !matches!(output, Some(Ok(())))
    }

    #[expect(
        clippy::inline_always,
        reason = "what is got must not be copied on its way"
    )]
    #[inline(always)]
    fn attempt(&mut self, asker: Asker) -> Result<Self::Output, Flags> {
        match self.core.put_now(&mut self.item, asker) {
            Ok(()) => Ok(Ok(())),
            Err(refusal) if refusal.never => Ok(self.fail(PutError::ShutDown)),
            Err(refusal) => Err(refusal.flags),
        }
    }

    #[inline]
    fn is_promising(&self) -> bool {
        self.core.putters.word().looks_free()
    }

    #[expect(
        clippy::inline_always,
        reason = "what is got must not be copied on its way"
    )]
    #[inline(always)]
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
        self.core.fill(&mut self.item, section);
        Some(Ok(()))
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

/// To reserve a place.
pub(crate) struct ReserveOperation<'a, S> {
    core: &'a Core<S>,
}

impl<'a, S> ReserveOperation<'a, S> {
    pub(crate) const fn new(core: &'a Core<S>) -> Self {
        Self { core }
    }
}

impl<'a, S: Store> Operation<'a> for ReserveOperation<'a, S> {
    type Word = Stock;
    type LineLock = Gate;
    type Output = Result<Slot<'a, S>, PutError<()>>;

    fn line_lock(&self) -> &'a Gate {
        &self.core.gate
    }

    fn wait_queue(&self) -> &'a WaitQueue<Stock> {
        &self.core.putters
    }

    fn is_precious(output: Option<&Self::Output>) -> bool {
        matches!(output, Some(Ok(_)))
    }

    fn attempt(&mut self, asker: Asker) -> Result<Self::Output, Flags> {
        match self.core.reserve_now(asker) {
            Ok(slot) => Ok(Ok(slot)),
            Err(refusal) if refusal.never => Ok(Err(PutError::ShutDown(()))),
            Err(refusal) => Err(refusal.flags),
        }
    }

    #[inline]
    fn is_promising(&self) -> bool {
        self.core.putters.word().looks_free()
    }

    fn finish(
        &mut self,
        share: usize,
        section: &mut CriticalSection<'a, Gate>,
    ) -> Option<Self::Output> {
        Some(if share == 0 {
            Err(PutError::ShutDown(()))
        } else if self.core.is_void() {
            self.core.free_place(section);
            Err(PutError::ShutDown(()))
        } else {
            Ok(Slot::new(self.core))
        })
    }

    fn give_back(&mut self, share: usize, section: &mut CriticalSection<'a, Gate>) {
        if share > 0 {
            self.core.free_place(section);
        }
    }

    fn expired(&mut self) -> Self::Output {
        Err(PutError::TimedOut(()))
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

/// To get an item.
pub(crate) struct GetOperation<'a, S> {
    core: &'a Core<S>,
}

impl<'a, S> GetOperation<'a, S> {
    pub(crate) const fn new(core: &'a Core<S>) -> Self {
        Self { core }
    }
}

impl<'a, S: Store> Operation<'a> for GetOperation<'a, S> {
    type Word = Stock;
    type LineLock = Gate;
    type Output = Result<S::Item, GetError>;

    fn line_lock(&self) -> &'a Gate {
        &self.core.gate
    }

    fn wait_queue(&self) -> &'a WaitQueue<Stock> {
        &self.core.getters
    }

    fn is_precious(output: Option<&Self::Output>) -> bool {
        matches!(output, Some(Ok(_)))
    }

    #[expect(
        clippy::inline_always,
        reason = "what is got must not be copied on its way"
    )]
    #[inline(always)]
    fn attempt(&mut self, asker: Asker) -> Result<Self::Output, Flags> {
        match self.core.get_now(asker) {
            Ok(item) => Ok(Ok(item)),
            Err(refusal) if refusal.never => Ok(Err(GetError::ShutDown)),
            Err(refusal) => Err(refusal.flags),
        }
    }

    #[inline]
    fn is_promising(&self) -> bool {
        self.core.getters.word().looks_free()
    }

    #[expect(
        clippy::inline_always,
        reason = "what is got must not be copied on its way"
    )]
    #[inline(always)]
    fn finish(
        &mut self,
        share: usize,
        section: &mut CriticalSection<'a, Gate>,
    ) -> Option<Self::Output> {
        let item = if share == 0 {
            None
        } else {
            self.core.take(section)
        };
        Some(item.ok_or(GetError::ShutDown))
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

/// To learn that nothing is unfinished.
pub(crate) struct JoinOperation<'a, S> {
    core: &'a Core<S>,
}

impl<'a, S> JoinOperation<'a, S> {
    pub(crate) const fn new(core: &'a Core<S>) -> Self {
        Self { core }
    }
}

impl<'a, S: Store> Operation<'a> for JoinOperation<'a, S> {
    type Word = Tally;
    type LineLock = Gate;
    type Output = Result<(), TimedOut>;

    fn line_lock(&self) -> &'a Gate {
        &self.core.gate
    }

    fn wait_queue(&self) -> &'a WaitQueue<Tally> {
        &self.core.joiners
    }

    fn is_precious(_output: Option<&Self::Output>) -> bool {
        false
    }

    fn attempt(&mut self, _asker: Asker) -> Result<Self::Output, Flags> {
        if self.core.read(|core| core.joiners.word().count()) == 0 {
            return Ok(Ok(()));
        }
        Err(Flags::NONE)
    }

    fn finish(
        &mut self,
        _share: usize,
        _section: &mut CriticalSection<'a, Gate>,
    ) -> Option<Self::Output> {
        Some(Ok(()))
    }

    fn give_back(&mut self, _share: usize, _section: &mut CriticalSection<'a, Gate>) {}

    fn expired(&mut self) -> Self::Output {
        Err(TimedOut::new())
    }
}
