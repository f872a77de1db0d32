//! Jobs that borrow from the stack of whoever waits for them.

use core::marker::PhantomData;
use core::mem::transmute;
use core::panic::AssertUnwindSafe;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use core::{fmt, ptr};
use std::io;
use std::panic::{catch_unwind, resume_unwind};
use std::sync::Arc;

use super::entry::{PoolId, Run, ScopeId};
use super::shared::Shared;
use super::threads::ThreadPool;
use super::worker;
use crate::error::JobError;
use crate::error::name::{Name, Named};
use crate::event::thread::Event;
use crate::identity::{blocking_firmly, may_block};
use crate::job::{Head, Job, Outcome, Plain, Sink, Unit, Work, quietly};
use crate::sys::{ArcOrder, AtomicUsize, Cell};

/// How many jobs of a scope have not ended.
struct Ends {
    /// The body counts as one.
    left: AtomicUsize,
    /// Jobs that failed, and that nobody can ask any more.
    lost: AtomicUsize,
    ended: Event,
    arc_order: ArcOrder,
}

impl Drop for Ends {
    fn drop(&mut self) {
        self.arc_order.end();
    }
}

impl Ends {
    fn one_more(&self) {
        // ORDERING: Relaxed: whoever adds one is counted itself, or is the body.
        self.left.fetch_add(1, Relaxed);
    }

    /// One of those who are counted has ended.
    ///
    /// # Safety
    ///
    /// * This is the pointer of an `Arc`, and the caller is counted, once: whoever waits for the
    ///   count keeps it until then.
    unsafe fn one_less(this: *const Self) {
        // SAFETY: it is kept for as long as the caller is counted.
        let left = unsafe { &(*this).left };
        // ORDERING: Relaxed: the exchange below decides.
        let mut count = left.load(Relaxed);
        while count != 1 {
            // ORDERING: Release: what this one has done happens before the last one says so.
            // Relaxed on failure: nothing is read.
            match left.compare_exchange_weak(count, count - 1, Release, Relaxed) {
                Ok(_) => return,
                Err(now) => count = now,
            }
        }
        // Nobody else is counted, so nobody can come or go any more. Whoever waits goes on while
        // the event is being set.
        // SAFETY: it is kept, as above.
        unsafe { Arc::increment_strong_count(this) };
        // SAFETY: this is the owner that has just been made.
        let ends = unsafe { Arc::from_raw(this) };
        // ORDERING: Acquire pairs with the Release above: all that the others have done is seen.
        ends.left.swap(0, Acquire);
        ends.ended.set();
        ends.arc_order.let_go();
    }
}

/// It panicked, or could not be done.
const FAILED: usize = 1;
/// The handle was dropped before it was asked for the outcome.
const ABANDONED: usize = 2;

/// A closure that borrows, with its job.
struct ScopedJob<F, T, S, N> {
    work: Work<F, T>,
    name: N,
    pool: PoolId,
    /// Kept by the scope until the job has ended; an `Arc`'s.
    ends: *const Ends,
    /// Its owner, if the job has failed; written before that mark.
    lost: Cell<Option<Arc<Ends>>>,
    marks: AtomicUsize,
    sink: S,
}

// SAFETY: what the ends are is known to all threads of the scope.
unsafe impl<F: Send, T: Send, S: Send, N: Send> Send for ScopedJob<F, T, S, N> {}

// SAFETY: as above; and the owner of the ends is written by the one who has claimed the job, and read
// by whoever sees the mark that comes behind it.
unsafe impl<F: Send, T: Send, S: Sync, N: Sync> Sync for ScopedJob<F, T, S, N> {}

impl<F, T, S, N> Drop for ScopedJob<F, T, S, N> {
    fn drop(&mut self) {
        if let Some(ends) = self.lost.replace(None) {
            ends.arc_order.let_go();
        }
    }
}

impl<F: FnOnce() -> O, O, T, S: Sink<O, Value = T>, N: Named> ScopedJob<F, T, S, N> {
    fn mark(&self, mark: usize) {
        // ORDERING: AcqRel on one word: one of the two sees the other, and what it did before.
        if self.marks.fetch_or(mark, AcqRel) | mark == FAILED | ABANDONED {
            self.lost.with(|lost| {
                // SAFETY: it was written before the job was marked as failed, which it is, and is
                // not written again.
                if let Some(ends) = unsafe { &*lost } {
                    // ORDERING: Relaxed: the end of the scope has seen the end of this job.
                    ends.lost.fetch_add(1, Relaxed);
                }
            });
        }
    }

    /// Keeps the ends for whoever drops the handle, which may be after the end of the scope. By the
    /// one who has claimed the job and not counted it out.
    #[cold]
    fn failed(&self) {
        // SAFETY: the job has not been counted out, so the scope keeps them; the pointer is an `Arc`'s.
        unsafe { Arc::increment_strong_count(self.ends) };
        // SAFETY: this is the owner that has just been made.
        self.lost.set(Some(unsafe { Arc::from_raw(self.ends) }));
        self.mark(FAILED);
    }

    /// The job has ended, and has not been counted out.
    fn one_less(ends: *const Ends) {
        // SAFETY: the pointer is an `Arc`'s; a job is counted in when it is made, and whoever ends it
        // counts it out.
        unsafe { Ends::one_less(ends) };
    }

    /// Calls the closure, unless it is not to be called any more, and says whether it ended the
    /// job.
    fn call(&self) -> bool {
        if self.sink.is_cancelled() {
            return self.work.refuse(Outcome::Cancelled);
        }
        self.work.run_into(|brought| {
            let outcome = self.sink.judge(self.name.name(), brought);
            if matches!(outcome, Err(JobError::Panicked(_))) {
                self.failed();
            }
            outcome
        })
    }
}

impl<F, O, T, S, N> Unit<T> for ScopedJob<F, T, S, N>
where
    F: FnOnce() -> O + Send,
    T: Send,
    S: Sink<O, Value = T> + Send + Sync,
    N: Named,
{
    fn head(&self) -> &Head<T> {
        &self.work.head
    }

    fn name(&self) -> Option<&Name> {
        self.name.name()
    }

    fn cancel(self: Arc<Self>) {
        if self.work.refuse(Outcome::Cancelled) {
            Self::one_less(self.ends);
        }
    }

    fn help(&self) {
        if self.work.head.word().is_claimed() {
            return;
        }
        worker::help(self.pool, ptr::from_ref(self).cast(), || {
            // The outcome stays with the handle, which belongs to a thread of the scope.
            if self.call() {
                Self::one_less(self.ends);
            }
        });
    }

    fn abandoned(&self) {
        self.mark(ABANDONED);
    }
}

impl<F, O, T, S, N> Run for ScopedJob<F, T, S, N>
where
    F: FnOnce() -> O + Send,
    T: Send,
    S: Sink<O, Value = T> + Send + Sync,
    N: Named,
{
    fn run(self: Arc<Self>) {
        let ends = self.ends;
        let ended = self.call();
        self.work.head.let_go();
        // What nobody took may borrow, and is foreign data: it goes before the scope may end.
        quietly(|| drop(self));
        if ended {
            Self::one_less(ends);
        }
    }

    fn refuse(self: Arc<Self>, outcome: Outcome) {
        if self.work.refuse(outcome) {
            self.failed();
            Self::one_less(self.ends);
        }
        self.work.head.let_go();
    }

    fn not_started(self: Arc<Self>, error: io::Error) {
        if self.work.not_started(error) {
            self.failed();
            Self::one_less(self.ends);
        }
        self.work.head.let_go();
    }

    fn is_dead(&self) -> bool {
        self.work.head.word().is_claimed()
    }

    fn scope(&self) -> Option<ScopeId> {
        Some(ScopeId(self.ends.addr()))
    }

    fn name(&self) -> Option<&str> {
        self.name.name().map(Name::as_str)
    }
}

/// Runs jobs that may borrow data that outlives `'env`; see [`ThreadPool::scope`].
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
    /// Runs a closure on the pool and returns a [`Job`] for its result. It ends before the scope does.
    ///
    /// # Errors
    ///
    /// None here. A job that cannot run ends as [`JobError::Closed`], [`JobError::PoolBroken`] or
    /// [`JobError::NotStarted`]. If its [`Job`] was dropped by then, the scope panics.
    ///
    /// # Examples
    ///
    /// See [`ThreadPool::scope`].
    pub fn submit<F, T>(&'scope self, closure: F) -> Job<T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        self.submit_into((), closure, Plain)
    }

    /// The same, for somebody who makes the outcome.
    pub(super) fn submit_into<F, O, T, S, N>(&'scope self, name: N, closure: F, sink: S) -> Job<T>
    where
        F: FnOnce() -> O + Send + 'scope,
        O: 'scope,
        T: Send + 'scope,
        S: Sink<O, Value = T> + Send + Sync + 'static,
        N: Named + 'static,
    {
        let job = Arc::new(ScopedJob {
            work: Work::new(name.name().map(Name::as_str), closure),
            name,
            pool: self.shared.id(),
            ends: Arc::as_ptr(&self.ends),
            lost: Cell::new(None),
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
        self.shared.take_in(run);
        handle
    }
}

impl fmt::Debug for PoolScope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolScope").finish_non_exhaustive()
    }
}

impl ThreadPool {
    /// Runs jobs that may borrow from the stack, and returns when all of them have ended.
    ///
    /// It waits for all jobs whatever the body does, even if the body panics or drops their handles. By then their closures
    /// have been dropped, and so has every outcome whose handle was dropped. Jobs of the scope may submit
    /// more jobs to it.
    ///
    /// The body runs on the calling thread. On a worker of the pool, a [`Job::wait`] in the body runs the awaited
    /// closure, and the end of the scope runs closures that the body submitted and nobody has
    /// started. While it has to wait, a spare thread replaces it. Any other thread
    /// just waits.
    ///
    /// Do not use it for small forks, because each job allocates. `rayon::join` does not.
    ///
    /// # Memory effects
    ///
    /// What the jobs did, and the drop of their closures, happens before `scope` returns.
    ///
    /// # Panics
    ///
    /// Resumes a panic of the body when all jobs have ended. Otherwise panics if a job whose handle was dropped
    /// panicked or could not run, because the pool was closed, broken or shut down with
    /// [`CancelQueued`](super::PoolShutdown::CancelQueued), or because no thread could be started. So no failure goes unnoticed.
    ///
    /// # Deadlocks
    ///
    /// It waits for its jobs without a limit. For waits inside the body on a worker of the pool,
    /// see [`ThreadPool`](Self#waiting-inside-a-job).
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
                arc_order: ArcOrder::new(),
            }),
            scope: PhantomData,
            env: PhantomData,
        };
        let ends = Arc::clone(&scope.ends);
        let result = catch_unwind(AssertUnwindSafe(|| body(&scope)));
        // SAFETY: the pointer is that of an `Arc`, and the body was counted.
        unsafe { Ends::one_less(Arc::as_ptr(&ends)) };
        let id = ScopeId(Arc::as_ptr(&ends).addr());
        worker::help_scope(self.shared.id(), id, || ends.ended.is_set());
        if !ends.ended.is_set() {
            blocking_firmly(|| ends.ended.line.block_firmly(0));
        }
        match result {
            Err(panic) => resume_unwind(panic),
            Ok(result) => {
                // ORDERING: Relaxed: the event has ordered it.
                let lost = ends.lost.load(Relaxed);
                assert!(
                    lost == 0,
                    "a job of the scope panicked or could not be done, and nobody was there to be told"
                );
                result
            }
        }
    }
}
