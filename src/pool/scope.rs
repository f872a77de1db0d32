//! Jobs that borrow from the stack of whoever waits for them.

use core::fmt;
use core::marker::PhantomData;
use core::mem::transmute;
use core::panic::AssertUnwindSafe;
use core::ptr;
use core::sync::atomic::Ordering::{AcqRel, Relaxed};
use std::io;
use std::panic::{catch_unwind, resume_unwind};
use std::sync::Arc;

use super::driven::{Plain, Sink};
use super::entry::{Entry, PoolId, Run, ScopeId};
use super::handle::Job;
use super::job::{Head, Unit, Work, quietly};
use super::shared::Shared;
use super::threads::ThreadPool;
use super::worker;
use crate::error::JobError;
use crate::name::Name;
use crate::polled::may_block;
use crate::rule::job::Verdict;
use crate::sys::{AtomicUsize, Trail};
use crate::thread::Event;

/// How many jobs of a scope have not ended.
struct Ends {
    /// The body counts as one.
    left: AtomicUsize,
    /// Panics that nobody can ask for any more.
    lost: AtomicUsize,
    ended: Event,
    trail: Trail,
}

impl Drop for Ends {
    fn drop(&mut self) {
        self.trail.end();
    }
}

impl<F, T, S> Drop for ScopedJob<F, T, S> {
    fn drop(&mut self) {
        self.ends.trail.let_go();
    }
}

impl Ends {
    fn one_more(&self) {
        // ORDERING: Relaxed: whoever adds one is counted itself, or is the body.
        self.left.fetch_add(1, Relaxed);
    }

    fn one_less(&self) {
        // ORDERING: AcqRel: what each has done happens before the last one says so.
        if self.left.fetch_sub(1, AcqRel) == 1 {
            self.ended.set();
        }
    }
}

/// The outcome was a panic.
const PANICKED: usize = 1;
/// The handle was dropped before it was asked for the outcome.
const ABANDONED: usize = 2;

/// A closure that borrows, with its job.
struct ScopedJob<F, T, S> {
    work: Work<F, T>,
    pool: PoolId,
    ends: Arc<Ends>,
    marks: AtomicUsize,
    sink: S,
}

impl<F: FnOnce() -> O, O, T, S: Sink<O, Value = T>> ScopedJob<F, T, S> {
    fn mark(&self, mark: usize) {
        // ORDERING: AcqRel on one word: one of the two sees the other.
        if self.marks.fetch_or(mark, AcqRel) | mark == PANICKED | ABANDONED {
            // ORDERING: Relaxed: the end of the scope has seen the end of this job.
            self.ends.lost.fetch_add(1, Relaxed);
        }
    }

    /// Calls the closure, unless it is not to be called any more, and says whether it ended the
    /// job.
    fn call(&self) -> bool {
        if self.sink.is_cancelled() {
            return self.work.refuse(Verdict::Cancelled);
        }
        self.work.run_into(|brought| {
            let outcome = self.sink.judge(self.work.head.name(), brought);
            if matches!(outcome, Err(JobError::Panicked(_))) {
                self.mark(PANICKED);
            }
            outcome
        })
    }
}

impl<F, O, T, S> Unit<T> for ScopedJob<F, T, S>
where
    F: FnOnce() -> O + Send,
    T: Send,
    S: Sink<O, Value = T> + Send + Sync,
{
    fn head(&self) -> &Head<T> {
        &self.work.head
    }

    fn cancel(&self) {
        if self.work.refuse(Verdict::Cancelled) {
            self.ends.one_less();
        }
    }

    fn help(&self) {
        worker::help(self.pool, ptr::from_ref(self).cast(), || {
            // The outcome stays with the handle, which belongs to a thread of the scope.
            if self.call() {
                self.ends.one_less();
            }
        });
    }

    fn abandoned(&self) {
        self.mark(ABANDONED);
    }
}

impl<F, O, T, S> Run for ScopedJob<F, T, S>
where
    F: FnOnce() -> O + Send,
    T: Send,
    S: Sink<O, Value = T> + Send + Sync,
{
    fn run(self: Arc<Self>) {
        let ends = Arc::clone(&self.ends);
        let ended = self.call();
        self.work.head.let_go();
        // What nobody took may borrow, and is foreign data: it goes before the scope may end.
        quietly(|| drop(self));
        if ended {
            ends.one_less();
        }
        ends.trail.let_go();
    }

    fn refuse(self: Arc<Self>, verdict: Verdict) {
        if self.work.refuse(verdict) {
            self.ends.one_less();
        }
        self.work.head.let_go();
    }

    fn not_started(self: Arc<Self>, error: io::Error) {
        if self.work.not_started(error) {
            self.ends.one_less();
        }
        self.work.head.let_go();
    }

    fn scope(&self) -> Option<ScopeId> {
        Some(ScopeId(Arc::as_ptr(&self.ends).addr()))
    }

    fn name(&self) -> Option<&str> {
        self.work.head.name().map(Name::as_str)
    }
}

/// Takes jobs that may borrow what outlives `'env`; from [`ThreadPool::scope`].
///
/// # Examples
///
/// See [`ThreadPool::scope`].
pub struct PoolScope<'scope, 'env: 'scope> {
    shared: Arc<Shared>,
    ends: Arc<Ends>,
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

impl<'scope> PoolScope<'scope, '_> {
    /// Has a closure called by a thread of the pool, before the scope ends.
    ///
    /// # Errors
    ///
    /// None here: on a closed pool the job ends as
    /// [`JobError::PoolClosed`] at once.
    ///
    /// # Examples
    ///
    /// See [`ThreadPool::scope`].
    pub fn submit<F, T>(&'scope self, closure: F) -> Job<T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        self.submit_into(None, closure, Plain)
    }

    /// The same, for somebody who makes the outcome.
    pub(super) fn submit_into<F, O, T, S>(
        &'scope self,
        name: Option<Name>,
        closure: F,
        sink: S,
    ) -> Job<T>
    where
        F: FnOnce() -> O + Send + 'scope,
        O: 'scope,
        T: Send + 'scope,
        S: Sink<O, Value = T> + Send + Sync + 'static,
    {
        let job = Arc::new(ScopedJob {
            work: Work::with(name, closure),
            pool: self.shared.id(),
            ends: Arc::clone(&self.ends),
            marks: AtomicUsize::new(0),
            sink,
        });
        self.ends.one_more();
        let unit = Arc::clone(&job) as Arc<dyn Unit<T> + 'scope>;
        // SAFETY: only the lifetime changes. The closure is dropped by whoever claims the job,
        // before the job is done, and the end of the scope waits for that; afterwards its place is
        // empty. The outcome is `T`, whose lifetime the handle keeps.
        let unit = unsafe { transmute::<Arc<dyn Unit<T> + 'scope>, Arc<dyn Unit<T>>>(unit) };
        let handle = Job::new(unit);
        let run = job as Arc<dyn Run + 'scope>;
        // SAFETY: only the lifetime changes. As above; and an outcome that nobody can take any more
        // is dropped by `run`, or with the handle, before the scope ends. What may be left in a
        // queue later is an empty allocation.
        let run = unsafe { transmute::<Arc<dyn Run + 'scope>, Arc<dyn Run>>(run) };
        if self.shared.is_closed() {
            run.refuse(self.shared.verdict());
        } else {
            self.shared.add(Entry::Closure(run));
        }
        handle
    }
}

impl fmt::Debug for PoolScope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolScope").finish_non_exhaustive()
    }
}

impl ThreadPool {
    /// Takes jobs that may borrow from the stack, and returns when all of them have ended.
    ///
    /// That is so whatever the body does: also if it panics, and if it drops the jobs. Their closures
    /// are gone by then, and so is every outcome whose handle has been dropped. Jobs of the scope may submit
    /// others to it.
    ///
    /// The body runs on the thread that calls this. If that is a thread of the pool it works too: a
    /// [`Job::wait`] in the body does what it waits for, and the end of the scope does those that
    /// it has submitted itself and nobody has begun; while it has to wait, another thread stands in for it. Any other
    /// thread only waits.
    ///
    /// Do not use it for small forks: each job allocates. `rayon::join` does not.
    ///
    /// # Memory effects
    ///
    /// What the jobs did, and the drop of their closures, happens before `scope` returns.
    ///
    /// # Panics
    ///
    /// With the panic of the body, when all jobs have ended. If the body did not panic, but a job
    /// did whose handle had been dropped.
    ///
    /// # Deadlocks
    ///
    /// It waits for its jobs without a limit. A body that waits for a job in a lock, an event or a queue keeps its
    /// place, if it is on a thread of the pool: see [`ThreadPool`](Self#waiting-inside-a-job).
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::ThreadPool;
    ///
    /// let pool = ThreadPool::new(2);
    /// let mut numbers = vec![1, 2, 3, 4];
    /// let (left, right) = numbers.split_at_mut(2);
    /// let sum = pool.scope(|scope| {
    ///     let sum = scope.submit(|| left.iter().sum::<i32>());
    ///     scope.submit(|| right.reverse()).detach();
    ///     sum.wait()
    /// })?;
    /// assert_eq!((sum, numbers), (3, vec![1, 2, 4, 3]));
    /// # Ok::<(), syncline::JobError>(())
    /// ```
    #[track_caller]
    pub fn scope<'env, F, R>(&self, body: F) -> R
    where
        F: for<'scope> FnOnce(&'scope PoolScope<'scope, 'env>) -> R,
    {
        may_block();
        let scope = PoolScope {
            shared: Arc::clone(&self.shared),
            ends: Arc::new(Ends {
                left: AtomicUsize::new(1),
                lost: AtomicUsize::new(0),
                ended: Event::new(),
                trail: Trail::new(),
            }),
            scope: PhantomData,
            env: PhantomData,
        };
        let ends = Arc::clone(&scope.ends);
        let result = catch_unwind(AssertUnwindSafe(|| body(&scope)));
        ends.one_less();
        let id = ScopeId(Arc::as_ptr(&ends).addr());
        worker::help_scope(self.shared.id(), id, || ends.ended.is_set());
        if !ends.ended.is_set() {
            worker::blocking_firmly(|| ends.ended.line.block_firmly(0));
        }
        match result {
            Err(panic) => resume_unwind(panic),
            Ok(result) => {
                // ORDERING: Relaxed: the event has ordered it.
                let lost = ends.lost.load(Relaxed);
                assert!(
                    lost == 0,
                    "a job of the scope panicked, and nobody was there to be told"
                );
                result
            }
        }
    }
}
