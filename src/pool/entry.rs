//! What lies in the queues of a pool.

use core::any::type_name;
use core::num::NonZeroU64;
use core::ptr;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;
use std::io;
use std::sync::Arc;

use super::shared::Shared;
use super::sleep::{BROKEN, CANCELS, CLOSED, ENDED};
use super::worker;
use crate::error::JobError;
use crate::error::name::{Name, Named};
use crate::job::{Head, Outcome, Unit, Work, quietly};
use crate::line::trampoline;

/// Which pool it is. No other has that number, not even when this one is gone: its threads may still look
/// at it, in the destructors of their locals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PoolId(NonZeroU64);

impl PoolId {
    pub(super) fn fresh() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        // ORDERING: Relaxed: only that the numbers differ matters.
        let number = NEXT.fetch_add(1, Relaxed);
        Self(NonZeroU64::new(number).expect("no process lives to see 2^64 pools"))
    }
}

/// Which scope it is, as long as it lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ScopeId(pub(super) usize);

/// Something that a pool can do: a closure to be called, or a future to be polled.
pub(super) trait Run: Send + Sync {
    /// Does it, unless it has been cancelled or begun; frees it before it tells its scope.
    fn run(self: Arc<Self>);

    /// Ends it without a value, unless it has been cancelled or begun.
    fn refuse(self: Arc<Self>, outcome: Outcome);

    /// Ends it for want of a thread, unless it has been cancelled or begun.
    fn not_started(self: Arc<Self>, error: io::Error);

    /// Whether nothing is left to do: it has been begun, or cancelled.
    fn is_dead(&self) -> bool {
        false
    }

    /// Whose end waits for it.
    fn scope(&self) -> Option<ScopeId> {
        None
    }

    /// What its worker is said to do, if that has a name.
    fn name(&self) -> Option<&str>;
}

/// Something to do.
pub(super) struct Entry(pub(super) Arc<dyn Run>);

/// How a pool gets rid of what it will not do.
#[derive(Debug)]
pub(super) enum Refusal {
    Fixed(Outcome),
    NotStarted(io::Error),
}

impl Entry {
    /// Does it. Nothing of it panics.
    pub(super) fn run(self) {
        // What nobody took is foreign data.
        quietly(|| self.0.run());
    }

    /// Ends it without doing it.
    pub(super) fn refuse(self, how: &Refusal) {
        quietly(|| match how {
            Refusal::Fixed(outcome) => self.0.refuse(*outcome),
            Refusal::NotStarted(error) => self.0.not_started(same(error)),
        });
    }

    /// Where it lies.
    pub(super) fn address(&self) -> *const () {
        Arc::as_ptr(&self.0).cast()
    }

    /// Whether nothing is left to do.
    pub(super) fn is_dead(&self) -> bool {
        self.0.is_dead()
    }

    pub(super) fn scope(&self) -> Option<ScopeId> {
        self.0.scope()
    }

    pub(super) fn name(&self) -> Option<&str> {
        self.0.name()
    }
}

/// The same error once more: each job has its own.
pub(crate) fn same(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

/// How a closure comes to be called.
pub(super) trait Way: Send + Sync {
    /// The pool in which whoever waits for it may call it.
    fn pool(&self) -> Option<PoolId> {
        None
    }

    /// The type of the closure as its submitter knows it, if it is called by another one.
    fn body(&self) -> Option<&'static str> {
        None
    }

    /// It has been cancelled, and its closure is still there.
    fn cancelled(&self) {}

    /// Somebody wants to cancel it, and its closure runs.
    fn cancelled_late(&self) {}

    /// Whether it must not begin any more. Whoever says so may not have come to cancelling it.
    fn is_stopped(&self) -> bool {
        false
    }
}

/// It has been queued.
impl Way for PoolId {
    fn pool(&self) -> Option<PoolId> {
        Some(*self)
    }
}

/// A closure in a pool, with its job.
pub(super) struct PoolJob<F, T, W, N> {
    work: Work<F, T>,
    name: N,
    pub(super) way: W,
}

impl<F: FnOnce() -> T, T, W, N: Named> PoolJob<F, T, W, N> {
    pub(super) fn new(name: N, closure: F, way: W) -> Self {
        Self {
            work: Work::new(name.name().map(Name::as_str), closure),
            name,
            way,
        }
    }
}

impl<F, T, W, N> PoolJob<F, T, W, N>
where
    F: Send + 'static,
    T: Send + 'static,
    W: Way + 'static,
    N: Named + 'static,
{
    /// Ends it with an error, unless it has been cancelled or begun.
    pub(super) fn fail(self: Arc<Self>, error: JobError) {
        if self.work.fix_error(error) {
            self.end_unrun();
        } else {
            self.work.head.let_go();
        }
    }

    /// Drops the closure, which is foreign code, and ends the job. Its outcome is fixed, and nothing
    /// of the pool waits for this: what is dropped may wait for the pool.
    fn end_unrun(self: Arc<Self>) {
        trampoline::run(move || {
            self.work.end_unrun();
            self.work.head.let_go();
            quietly(|| drop(self));
        });
    }
}

impl<F, T, W, N> Unit<T> for PoolJob<F, T, W, N>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
    W: Way + 'static,
    N: Named + 'static,
{
    fn head(&self) -> &Head<T> {
        &self.work.head
    }

    fn name(&self) -> Option<&Name> {
        self.name.name()
    }

    fn body(&self) -> Option<&'static str> {
        (self.way.body()).or_else(|| Some(type_name::<F>()))
    }

    fn cancel(self: Arc<Self>) {
        if self.work.fix(Outcome::Cancelled) {
            self.way.cancelled();
            self.end_unrun();
        } else if self.is_running() {
            self.way.cancelled_late();
        }
    }

    fn help(&self) {
        let Some(pool) = self.way.pool() else { return };
        if !self.work.head.word().is_claimed() {
            worker::help(pool, ptr::from_ref(self).cast(), || {
                if self.way.is_stopped() {
                    self.work.refuse(Outcome::Cancelled);
                } else {
                    self.work.run();
                }
            });
        }
    }
}

impl<F, T, W, N> Run for PoolJob<F, T, W, N>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
    W: Way + 'static,
    N: Named + 'static,
{
    fn run(self: Arc<Self>) {
        if self.way.is_stopped() {
            return self.refuse(Outcome::Cancelled);
        }
        self.work.run();
        self.work.head.let_go();
    }

    fn refuse(self: Arc<Self>, outcome: Outcome) {
        if self.work.fix(outcome) {
            self.end_unrun();
        } else {
            self.work.head.let_go();
        }
    }

    fn not_started(self: Arc<Self>, error: io::Error) {
        self.fail(JobError::NotStarted(error));
    }

    fn is_dead(&self) -> bool {
        self.work.head.word().is_claimed()
    }

    fn name(&self) -> Option<&str> {
        self.name.name().map(Name::as_str)
    }
}

impl Shared {
    /// Whether something is taken in that is to be done at once, from whoever asks on this thread.
    pub(super) fn takes(&self) -> bool {
        let summary = self.summary();
        if summary.has_any(CLOSED) {
            return !summary.has_any(CANCELS | BROKEN | ENDED) && self.takes_late();
        }
        self.is_here()
    }

    /// Whether this thread runs a job of the pool, which may add to what is drained; it is noted who does.
    ///
    /// While it runs the pool does not end, and its worker looks at the queues before it leaves.
    #[cold]
    pub(super) fn takes_late(&self) -> bool {
        self.is_here() && worker::is_late(self.id())
    }

    /// Takes something in, unless it comes too late: then it ends here and now.
    pub(super) fn take_in(self: &Arc<Self>, job: Arc<dyn Run>) {
        if self.takes() {
            self.add(Entry(job));
        } else {
            job.refuse(self.outcome());
        }
    }
}
