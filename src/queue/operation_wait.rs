//! Waiting for one's turn at something that is done under the lock of the line.
//!
//! The word of a [`Line`](crate::line::Line) is taken without its lock, and what was taken is the
//! waiter's. A queue is different: its items, its counts and its lines are guarded by one lock,
//! and whoever is granted something comes back to fetch it. So a wait here is an [`Operation`]:
//! what is tried at first, and what is done when its turn has come, in the same section in which
//! the grant is claimed.

use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::time::Instant;

use super::critical_section::CriticalSection;
use super::waits::Change;
use crate::identity::budget;
use crate::line::{
    Asker, Flags, LineGuard, LineLock, Locked, Node, State, WaitQueue, Word, drop_quietly,
};
use crate::sys;

/// What somebody waits in a wait queue for. [`finish`](Self::finish) and
/// [`give_back`](Self::give_back) run with the lock held.
pub(crate) trait Operation<'a> {
    /// What the wait queue counts.
    type Word: Word + 'a;
    /// What guards the wait queue.
    type LineLock: LineLock + 'a;
    /// How it ends.
    type Output;
    fn line_lock(&self) -> &'a Self::LineLock;

    fn wait_queue(&self) -> &'a WaitQueue<Self::Word>;

    /// Whether there is something in hand that must not be lost to the panic of a waker: in the
    /// output or, where there is none yet, in the operation.
    fn is_precious(output: Option<&Self::Output>) -> bool;

    /// Does it at once if a newcomer may, or says what the wait queue's flags are.
    fn attempt(&mut self, asker: Asker) -> Result<Self::Output, Flags>;

    /// Whether an attempt may be worth the lock, seen without it.
    fn is_promising(&self) -> bool {
        true
    }

    /// Does it with the share that has been granted; zero is a refusal. `None` if there is
    /// more to do, for which it has to wait again.
    fn finish(
        &mut self,
        share: usize,
        section: &mut CriticalSection<'a, Self::LineLock>,
    ) -> Option<Self::Output>;

    /// Gives back what has been granted and is not wanted any more.
    fn give_back(&mut self, share: usize, section: &mut CriticalSection<'a, Self::LineLock>);

    /// Gives up.
    fn expired(&mut self) -> Self::Output;

    /// Notes that this begins or ends to wait in the wait queue, with the lock held.
    fn note(&self, _change: Change) {}

    /// Whether waits are counted at all.
    fn is_counted(&self) -> bool {
        false
    }

    /// Notes that its thread has tried again and again since some moment. It has been served, or joins the line next.
    fn note_spin(&self, _since: Instant) {}
}

/// An operation and the place in line for it.
///
/// Dropping it at any point leaves the line, and gives back what has been granted.
#[must_use = "futures do nothing unless polled"]
pub(crate) struct OperationWait<'a, E: Operation<'a>> {
    operation: E,
    asker: Asker,
    /// Whether its task has been told to let others run before it begins.
    deferred: bool,
    stage: Stage,
    _core: core::marker::PhantomData<&'a E::LineLock>,
}

/// How far a turn has come. The node is made when it is needed: most turns never wait.
enum Stage {
    Fresh,
    InLine(Node),
    Over,
}

/// What is wrong where a turn is asked again.
const ENDED: &str = "a wait for a queue was polled after completion";

/// How much each operation asks for: one item, one place, or to be told.
const ONE: usize = 1;

impl<'a, E: Operation<'a>> OperationWait<'a, E> {
    #[inline]
    pub(crate) fn new(operation: E, asker: Asker) -> Self {
        Self {
            operation,
            asker,
            deferred: false,
            stage: Stage::Fresh,
            _core: core::marker::PhantomData,
        }
    }

    /// Whether it has ended, be it with a panic.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }

    #[inline]
    fn parts(self: Pin<&mut Self>) -> (&mut E, Asker, &mut Stage) {
        // SAFETY: the operation is not pinned structurally: nothing ever makes a `Pin` to it. The node
        // in the stage is: those who get it do not move it, and replace it, which drops it where
        // it is, only when it is in no list.
        let this = unsafe { self.get_unchecked_mut() };
        (&mut this.operation, this.asker, &mut this.stage)
    }

    /// Does it at once if it need not wait.
    #[inline]
    pub(super) fn try_now(self: Pin<&mut Self>) -> Option<E::Output> {
        let (operation, asker, stage) = self.parts();
        if !stage.is_fresh() {
            return None;
        }
        // Set before, for what is done may raise the panic of a waker when it has been done.
        *stage = Stage::Over;
        let done = operation.attempt(asker).ok();
        if done.is_none() {
            *stage = Stage::Fresh;
        }
        done
    }

    /// Leaves the line for good; what has been granted meanwhile is used.
    #[track_caller]
    pub(super) fn withdraw(self: Pin<&mut Self>) -> E::Output {
        let (operation, _, stage) = self.parts();
        let node = match stage {
            Stage::InLine(node) => node,
            Stage::Fresh => {
                *stage = Stage::Over;
                return operation.expired();
            }
            Stage::Over => panic!("{ENDED}"),
        };
        let mut spare = None;
        let mut section = CriticalSection::new(LineGuard::new(operation.line_lock()));
        operation.note(Change::Ends);
        let granted = Locked::with_guard(operation.wait_queue(), &mut section.guard).withdraw(
            node,
            &mut spare,
            &mut section.batch,
        );
        let given = granted.then_some(node.want.get());
        // What is left of the wait is done here, or by nobody.
        *stage = Stage::Over;
        let output = (given.and_then(|given| operation.finish(given, &mut section)))
            .unwrap_or_else(|| operation.expired());
        section.end_in_care_of(E::is_precious(Some(&output)));
        if spare.is_some() {
            drop_quietly(spare);
        }
        output
    }

    /// Joins the line, or goes on from where it stands there.
    #[inline]
    #[track_caller]
    pub(super) fn advance(self: Pin<&mut Self>, waker: &Waker) -> Poll<E::Output> {
        if self.stage.is_fresh() {
            self.join(waker)
        } else {
            self.resume(waker)
        }
    }

    /// Goes on from where it stands in line.
    #[inline(never)]
    #[track_caller]
    fn resume(self: Pin<&mut Self>, waker: &Waker) -> Poll<E::Output> {
        match &self.stage {
            Stage::InLine(node) if node.is_granted() => self.collect(waker),
            Stage::InLine(node) => {
                if node.is_task() || node.state() != State::Waiting {
                    return self.look(waker);
                }
                // A thread that was unparked for no reason: its waker is the one it joined with.
                Poll::Pending
            }
            Stage::Fresh | Stage::Over => panic!("{ENDED}"),
        }
    }

    /// Joins the line.
    #[inline(never)]
    fn join(self: Pin<&mut Self>, waker: &Waker) -> Poll<E::Output> {
        let (operation, asker, stage) = self.parts();
        // Cloned without the lock: it is foreign code.
        let spare = waker.clone();
        operation.wait_queue().prepare();
        let mut guard = LineGuard::new(operation.line_lock());
        let mut line = Locked::with_guard(operation.wait_queue(), &mut guard);
        if asker == Asker::Task && line.has_nothing() {
            line.join_for_later(stage.node(asker), spare);
            operation.note(Change::Begins);
            return Poll::Pending;
        }
        let section = CriticalSection::new(guard);
        go_on(
            operation,
            (asker, false),
            stage,
            section,
            waker,
            Some(spare),
        )
    }

    /// Does what it has come for, in one section with the claim.
    #[inline]
    #[expect(clippy::mem_forget, reason = "what has ended has nothing left to drop")]
    fn collect(self: Pin<&mut Self>, waker: &Waker) -> Poll<E::Output> {
        let (operation, asker, stage) = self.parts();
        let Stage::InLine(node) = stage else {
            unreachable!("it has just been granted");
        };
        let given = node.want.get();
        // The line let go of the node, and of its waker, before it said so. What is left of the wait
        // is done here, or by nobody.
        *stage = Stage::Over;
        let mut section = CriticalSection::new(LineGuard::new(operation.line_lock()));
        operation.note(Change::Ends);
        if let Some(output) = operation.finish(given, &mut section) {
            section.end_in_care_of(E::is_precious(Some(&output)));
            mem::forget(section);
            return Poll::Ready(output);
        }
        *stage = Stage::Fresh;
        go_on(operation, (asker, false), stage, section, waker, None)
    }

    /// Looks at what has become of the node in line.
    #[cold]
    fn look(self: Pin<&mut Self>, waker: &Waker) -> Poll<E::Output> {
        let (operation, asker, stage) = self.parts();
        // Cloned without the lock: it is foreign code.
        let spare = Some(waker.clone());
        let section = CriticalSection::new(LineGuard::new(operation.line_lock()));
        go_on(operation, (asker, true), stage, section, waker, spare)
    }
}

/// Moves a turn on in a section, as far as it goes. It is told who asks, and whether its wait has been noted.
#[cold]
fn go_on<'a, E: Operation<'a>>(
    operation: &mut E,
    (asker, mut is_noted): (Asker, bool),
    stage: &mut Stage,
    mut section: CriticalSection<'a, E::LineLock>,
    waker: &Waker,
    mut spare: Option<Waker>,
) -> Poll<E::Output> {
    let mut old = None;
    let output = loop {
        let node = stage.node(asker);
        let poll = Locked::with_guard(operation.wait_queue(), &mut section.guard).advance(
            node,
            waker,
            &mut spare,
            &mut section.batch,
        );
        let is_over = poll == Some(Poll::Ready(()));
        if is_noted == is_over {
            operation.note(match (is_over, asker) {
                (true, _) => Change::Ends,
                (false, Asker::Task) => Change::Begins,
                (false, Asker::Thread) => Change::Continues,
            });
            is_noted = !is_over;
        }
        match poll {
            Some(Poll::Ready(())) => {
                let given = node.want.get();
                old = old.or_else(|| node.take_waker());
                // What is left of the wait is done here, or by nobody.
                *stage = Stage::Over;
                if let Some(output) = operation.finish(given, &mut section) {
                    break Some(output);
                }
                *stage = Stage::Fresh;
            }
            Some(Poll::Pending) => break None,
            None => section.outside(|| spare = Some(waker.clone())),
        }
    };
    section.end_in_care_of(E::is_precious(output.as_ref()));
    match output {
        None => {
            drop(spare);
            Poll::Pending
        }
        Some(output) => {
            // The wait is over, and nothing is kept of its task. The output is in hand, so a
            // waker whose destructor panics must not take it away.
            if spare.is_some() || old.is_some() {
                drop_quietly((spare, old));
            }
            Poll::Ready(output)
        }
    }
}

impl Stage {
    /// Whether it has not begun.
    const fn is_fresh(&self) -> bool {
        matches!(self, Self::Fresh)
    }

    /// The node, which is made if there is none.
    fn node(&mut self, asker: Asker) -> &Node {
        if !matches!(self, Self::InLine(_)) {
            *self = Self::InLine(Node::new(asker, ONE));
        }
        match self {
            Self::InLine(node) => node,
            Self::Fresh | Self::Over => unreachable!("it has just been made"),
        }
    }
}

impl<'a, E: Operation<'a>> Future for OperationWait<'a, E> {
    type Output = E::Output;

    #[inline]
    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<E::Output> {
        // Who joins the line tries once more: where there was nothing just now, that is enough.
        if self.stage.is_fresh() && self.operation.is_promising() {
            if let Some(output) = self.as_mut().try_now() {
                return Poll::Ready(output);
            }
        }
        self.advance(context.waker())
    }
}

impl<'a, E: Operation<'a>> budget::Operation for OperationWait<'a, E> {
    fn defer(self: Pin<&mut Self>) -> bool {
        // SAFETY: nothing is moved: the stage, in which the node may lie, is only looked at.
        let this = unsafe { self.get_unchecked_mut() };
        this.stage.is_fresh() && !mem::replace(&mut this.deferred, true)
    }
}

impl<'a, E: Operation<'a>> Drop for OperationWait<'a, E> {
    #[inline]
    fn drop(&mut self) {
        // A node that never joined the line, or has left it, has nothing to give back.
        let Stage::InLine(node) = &self.stage else {
            return;
        };
        if node.state() != State::Idle && !sys::is_over() {
            give_up(&mut self.operation, node);
        }
    }
}

/// Leaves the line for good; what has been granted meanwhile is given back.
#[cold]
fn give_up<'a, E: Operation<'a>>(operation: &mut E, node: &Node) {
    let mut spare = None;
    let mut section = CriticalSection::new(LineGuard::new(operation.line_lock()));
    operation.note(Change::Ends);
    let granted = Locked::with_guard(operation.wait_queue(), &mut section.guard).withdraw(
        node,
        &mut spare,
        &mut section.batch,
    );
    if granted {
        operation.give_back(node.want.get(), &mut section);
    }
    section.end();
    drop(spare);
}
