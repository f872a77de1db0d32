//! A job as those see it who do it: one allocation with its state, its line and its outcome.
//!
//! The word (`word.rs`) says who may touch what:
//!
//! * Whoever claims the job takes the closure out of its place, and writes the slot, alone.
//! * Once the job is done, the one who owns its handle takes the outcome out of the slot.
//! * Where the callbacks lie is under the lock of the line.

use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::task::Context;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::{io, thread};

use super::calls::{Call, Calls};
use super::inline_waiter::InlineWaiter;
use super::word::{JobWord, Outcome};
use crate::error::name::Name;
use crate::error::{JobError, Panic};
use crate::identity::who;
use crate::line::{Line, discard_panic, trampoline};
use crate::sys::who::Traceable;
use crate::sys::who::Who;
use crate::sys::{ArcOrder, Cell, Span};

/// What every job has, however it is done. It lies in an allocation, and is never moved.
pub(crate) struct Head<T> {
    pub(crate) line: Line<JobWord>,
    slot: Cell<Option<Result<T, JobError>>>,
    /// Made when the first one is added.
    calls: Cell<Option<Arc<Calls>>>,
    inline_waiter: InlineWaiter,
    arc_order: ArcOrder,
}

// SAFETY: the slot is written by the one who has claimed the job, before it is done, and taken by
// the one who owns the handle, afterwards; the place of the callbacks is touched with the line's lock
// held; the inline waiter is used by the owner of the handle.
unsafe impl<T: Send> Sync for Head<T> {}

impl<T> Head<T> {
    /// A job that waits to be claimed.
    pub(crate) fn queued() -> Self {
        Self::new(JobWord::queued())
    }

    /// A job that somebody works on.
    pub(crate) fn under_way() -> Self {
        Self::new(JobWord::under_way())
    }

    fn new(word: JobWord) -> Self {
        Self {
            line: Line::of(Traceable::Job, word),
            slot: Cell::new(None),
            calls: Cell::new(None),
            inline_waiter: InlineWaiter::new(),
            arc_order: ArcOrder::new(),
        }
    }

    /// Says that one of those who share the allocation is about to let go of it.
    pub(crate) fn let_go(&self) {
        self.arc_order.let_go();
    }

    pub(crate) fn word(&self) -> &JobWord {
        self.line.word()
    }

    /// Ends the job that the caller has claimed.
    pub(crate) fn end(&self, outcome: Result<T, JobError>) {
        let failed = outcome.is_err();
        self.keep(outcome);
        self.complete(failed);
    }

    /// Ends the job with a value, or gives it back if somebody has claimed it. For the only one who
    /// ever writes the outcome.
    pub(crate) fn end_unless_claimed(&self, value: T) -> Option<T> {
        self.keep(Ok(value));
        if let Some(called) = self.word().try_end() {
            if called {
                self.run_calls();
            }
            return None;
        }
        if self.word().claim(Outcome::Open) {
            self.complete(false);
            return None;
        }
        // Nobody reads it before the job is done.
        self.slot.replace(None).and_then(Result::ok)
    }

    /// Writes the outcome of a job that the caller has claimed, which is not done with that.
    pub(crate) fn keep(&self, outcome: Result<T, JobError>) {
        self.slot.set(Some(outcome));
    }

    /// Says that the job is done: wakes everybody who waits, then runs the callbacks. The caller
    /// has claimed it, or the one who has is through with it.
    ///
    /// A waker or a callback that panics stops nobody: the panic hook has reported it.
    pub(crate) fn complete(&self, failed: bool) {
        self.line.belongs_to(|| Who::NOBODY);
        let mut called = false;
        match self.word().try_finish(failed) {
            Some(calls) => called = calls,
            None => quietly(|| self.line.change(|word| called = word.finish(failed))),
        }
        if called {
            self.run_calls();
        }
    }

    #[cold]
    fn run_calls(&self) {
        self.with_calls(|calls, _| Arc::clone(calls)).run();
    }

    /// Runs something when the job has ended; at once if it has, and its callbacks have run.
    pub(super) fn on_done(&self, call: Call) {
        // An end that has seen that there are callbacks comes for them.
        let now = self.with_calls(|calls, word| {
            calls.add(call, matches!(word.announce_call(), Ok(()) | Err(true)))
        });
        if let Some(call) = now {
            trampoline::run(call);
        }
    }

    /// Runs something when the job has ended, before all callbacks and at any depth: it runs nothing
    /// of the user's.
    pub(super) fn notice(&self, notice: Call) {
        let now = self.with_calls(|calls, word| {
            if word.announce_call().is_ok() {
                calls.add_notice(notice);
                return None;
            }
            Some(notice)
        });
        if let Some(notice) = now {
            notice();
        }
    }

    fn with_calls<R>(&self, body: impl FnOnce(&Arc<Calls>, &JobWord) -> R) -> R {
        self.line.under_lock(|word| {
            self.calls.with(|calls| {
                // SAFETY: the line's lock is held, and the body does not come here again.
                let calls = unsafe { &mut *calls };
                body(calls.get_or_insert_with(|| Arc::new(Calls::new())), word)
            })
        })
    }

    /// Whether it is done; if not, the waker is used when it is. For the owner of the handle.
    pub(crate) fn poll(&self, context: &Context<'_>) -> bool {
        // SAFETY: it is always this line, which is freed together with the inline waiter; the handle
        // has one owner, who calls this.
        unsafe { self.inline_waiter().poll(&self.line, context) }
    }

    /// Takes back what [`poll`](Self::poll) has left. For the owner of the handle, who may have an
    /// outcome in hand: a waker whose destructor panics takes nothing with it.
    pub(crate) fn leave(&self) {
        // SAFETY: as in `poll`.
        quietly(|| unsafe { self.inline_waiter().leave(&self.line) });
    }

    fn inline_waiter(&self) -> Pin<&InlineWaiter> {
        // SAFETY: a head that somebody polls lies in an allocation, and is never moved.
        unsafe { Pin::new_unchecked(&self.inline_waiter) }
    }

    /// The outcome of a job that is done, as long as nobody has taken it.
    ///
    /// # Safety
    ///
    /// * Nobody takes the outcome while the result lives.
    pub(super) unsafe fn see(&self) -> Option<Result<&T, &JobError>> {
        if !self.word().is_done() {
            return None;
        }
        match self.word().outcome() {
            Outcome::Cancelled => Some(Err(&JobError::Cancelled)),
            Outcome::PoolBroken => Some(Err(&JobError::PoolBroken)),
            Outcome::Closed => Some(Err(&JobError::Closed)),
            Outcome::Open | Outcome::Running => {
                // SAFETY: it is done, so that the slot has been written for the last time; and nobody takes
                // out what lies there, which is what the caller sees to.
                let slot = self.slot.look(|slot| unsafe { &*slot });
                slot.as_ref().map(Result::as_ref)
            }
        }
    }

    /// The outcome of a job that is done, once. For the owner of the handle.
    pub(crate) fn take(&self) -> Result<T, JobError> {
        match self.word().outcome() {
            Outcome::Cancelled => Err(JobError::Cancelled),
            Outcome::PoolBroken => Err(JobError::PoolBroken),
            Outcome::Closed => Err(JobError::Closed),
            Outcome::Open | Outcome::Running => {
                (self.slot.replace(None)).expect("the outcome of a job is there until it is taken")
            }
        }
    }
}

impl<T> Drop for Head<T> {
    fn drop(&mut self) {
        self.arc_order.end();
        // Foreign data on a thread that does not know of it: whoever lets go of the job last.
        quietly(|| drop(self.slot.replace(None)));
        quietly(|| drop(self.calls.replace(None)));
    }
}

/// Runs something whose panic goes no further: the panic hook has reported it.
pub(crate) fn quietly(body: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(body)) {
        discard_panic(panic);
    }
}

/// The allocation of a job, as its handle sees it.
pub(crate) trait Unit<T>: Send + Sync {
    fn head(&self) -> &Head<T>;

    fn name(&self) -> Option<&Name>;

    /// The type of its closure or future, which stands for a name in a dump: it is a path to the user's code.
    fn body(&self) -> Option<&'static str> {
        None
    }

    /// Cancels it, if its outcome is not fixed.
    fn cancel(self: Arc<Self>);

    /// Does it on this thread, which is about to wait for it, if that is allowed.
    fn help(&self) {}

    /// Whether somebody has begun with it and nobody has ended it.
    fn is_running(&self) -> bool {
        self.head().word().is_running()
    }

    /// Waits for what is left of it when it is done.
    fn join(&self) {}

    /// Nobody will ask for its outcome any more.
    fn abandoned(&self) {}
}

/// A closure that is to be called once, and what becomes of it.
pub(crate) struct Work<F, T> {
    pub(crate) head: Head<T>,
    /// Taken out by the one who claims the job.
    closure: Cell<Option<F>>,
    span: Span,
}

// SAFETY: the closure is touched only by the one who has claimed the job.
unsafe impl<F: Send, T: Send> Sync for Work<F, T> {}

impl<F: FnOnce() -> T, T> Work<F, T> {
    /// Calls the closure, unless somebody else has claimed the job.
    pub(crate) fn run(&self) {
        self.run_into(|brought| brought.map_err(|panic| JobError::Panicked(Panic::new(panic))));
    }
}

impl<F, T> Work<F, T> {
    /// A closure that nobody has called.
    pub(crate) fn new(name: Option<&str>, closure: F) -> Self {
        Self {
            head: Head::queued(),
            closure: Cell::new(Some(closure)),
            span: Span::of_job(name),
        }
    }

    /// Calls the closure, unless somebody else has claimed the job, and makes the outcome of what
    /// it brings. Says whether it was called.
    pub(crate) fn run_into<O>(
        &self,
        judge: impl FnOnce(thread::Result<O>) -> Result<T, JobError>,
    ) -> bool
    where
        F: FnOnce() -> O,
    {
        let mine = self.head.word().claim(Outcome::Running);
        if mine {
            self.head.line.belongs_to(|| who(false));
            let closure = self.closure.replace(None);
            let closure = closure.expect("the closure is there until the job is claimed");
            let brought = catch_unwind(AssertUnwindSafe(|| self.span.in_scope(closure)));
            self.head.end(judge(brought));
        }
        mine
    }

    /// Ends the job without a value, unless somebody else has claimed it; says whether it did. For a
    /// closure that borrows: what does not may be [put off](trampoline::run).
    pub(crate) fn refuse(&self, outcome: Outcome) -> bool {
        let mine = self.fix(outcome);
        if mine {
            self.end_unrun();
        }
        mine
    }

    /// The same with an error.
    pub(crate) fn not_started(&self, error: io::Error) -> bool {
        let mine = self.fix_error(JobError::NotStarted(error));
        if mine {
            self.end_unrun();
        }
        mine
    }

    /// Fixes that the job ends without a value, unless somebody else has claimed it. Whoever has
    /// fixed that [ends](Self::end_unrun) the job.
    pub(crate) fn fix(&self, outcome: Outcome) -> bool {
        self.head.word().claim(outcome)
    }

    /// The same with an error.
    pub(crate) fn fix_error(&self, error: JobError) -> bool {
        let mine = self.head.word().claim(Outcome::Open);
        if mine {
            self.head.keep(Err(error));
        }
        mine
    }

    /// Drops the closure, which is not called, and ends the job, of which the caller has fixed how.
    pub(crate) fn end_unrun(&self) {
        let closure = self.closure.replace(None);
        // Foreign code, and the job must end whatever it does.
        quietly(|| drop(closure));
        self.head.complete(true);
    }
}
