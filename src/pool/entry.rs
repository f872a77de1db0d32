//! What lies in the queues of a pool.

use core::ptr;
use std::io;
use std::sync::Arc;

use async_task::Runnable;

use super::job::{Head, Unit, Work, quietly};
use super::worker;
use crate::name::Name;
use crate::rule::job::Verdict;

/// Which pool it is, as long as it lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PoolId(pub(super) usize);

/// Which scope it is, as long as it lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ScopeId(pub(super) usize);

/// A closure that a pool can do.
pub(super) trait Run: Send + Sync {
    /// Does it, unless it has been cancelled or begun; frees it before it tells its scope.
    fn run(self: Arc<Self>);

    /// Ends it without a value, unless it has been cancelled or begun.
    fn refuse(self: Arc<Self>, verdict: Verdict);

    /// Ends it for want of a thread, unless it has been cancelled or begun.
    fn not_started(self: Arc<Self>, error: io::Error);

    /// Whose end waits for it.
    fn scope(&self) -> Option<ScopeId> {
        None
    }

    fn name(&self) -> Option<&str>;
}

/// Something to do.
pub(super) enum Entry {
    Closure(Arc<dyn Run>),
    Future(Runnable),
}

/// How a pool gets rid of what it will not do.
#[derive(Debug)]
pub(super) enum Refusal {
    Fixed(Verdict),
    NotStarted(io::Error),
}

impl Entry {
    /// Does it. Nothing of it panics.
    pub(super) fn run(self) {
        match self {
            // What nobody took is foreign data.
            Self::Closure(job) => quietly(|| job.run()),
            Self::Future(task) => quietly(|| {
                task.run();
            }),
        }
    }

    /// Ends it without doing it.
    pub(super) fn refuse(self, how: &Refusal) {
        quietly(|| match (self, how) {
            (Self::Closure(job), Refusal::Fixed(verdict)) => job.refuse(*verdict),
            (Self::Closure(job), Refusal::NotStarted(error)) => job.not_started(same(error)),
            // Its outcome has been fixed, if it was to be; it is dropped here.
            (Self::Future(task), _) => drop(task),
        });
    }

    /// Where the job lies, if it is a closure.
    pub(super) fn address(&self) -> Option<*const ()> {
        match self {
            Self::Closure(job) => Some(Arc::as_ptr(job).cast()),
            Self::Future(_) => None,
        }
    }

    pub(super) fn scope(&self) -> Option<ScopeId> {
        match self {
            Self::Closure(job) => job.scope(),
            Self::Future(_) => None,
        }
    }

    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Closure(job) => job.name(),
            Self::Future(_) => None,
        }
    }
}

/// The same error once more: each job has its own.
pub(super) fn same(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

/// A closure in a pool, with its job.
pub(super) struct PoolJob<F, T> {
    pub(super) work: Work<F, T>,
    pool: PoolId,
}

impl<F: FnOnce() -> T, T> PoolJob<F, T> {
    pub(super) fn new(pool: PoolId, name: Option<Box<str>>, closure: F) -> Self {
        Self {
            work: Work::new(name, closure),
            pool,
        }
    }
}

impl<F: FnOnce() -> T + Send, T: Send> Unit<T> for PoolJob<F, T> {
    fn head(&self) -> &Head<T> {
        &self.work.head
    }

    fn cancel(&self) {
        self.work.refuse(Verdict::Cancelled);
    }

    fn help(&self) {
        worker::help(self.pool, ptr::from_ref(self).cast(), || self.work.run());
    }
}

impl<F: FnOnce() -> T + Send, T: Send> Run for PoolJob<F, T> {
    fn run(self: Arc<Self>) {
        self.work.run();
        self.work.head.let_go();
    }

    fn refuse(self: Arc<Self>, verdict: Verdict) {
        self.work.refuse(verdict);
        self.work.head.let_go();
    }

    fn not_started(self: Arc<Self>, error: io::Error) {
        self.work.not_started(error);
        self.work.head.let_go();
    }

    fn name(&self) -> Option<&str> {
        self.work.head.name().map(Name::as_str)
    }
}
