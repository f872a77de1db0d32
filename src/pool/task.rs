//! A future of the pool: its job and its task, in one allocation.
//!
//! The word (`word.rs`) says who may touch the future. Whoever fixes the outcome before it has
//! ended only wakes it: it is dropped by the thread that takes it out of the queue.

use core::any::type_name;
use core::future::Future;
use core::mem::ManuallyDrop;
use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::panic::catch_unwind;
use std::sync::Arc;
use std::task::Wake;
use std::{io, thread};

use super::entry::{Entry, Run};
use super::futures::{Known, Late};
use super::shared::Shared;
use super::word::TaskWord;
use super::worker;
use crate::error::JobError;
use crate::error::name::{Name, Named};
use crate::identity::Tasked;
use crate::identity::budget;
use crate::job::{Head, Job, Outcome, Sink, Stop, Unit, conclude, quietly};
use crate::sys::Cell;

/// A future, who makes its outcome, and its job.
pub(crate) struct Task<F: Future, S: Sink<F::Output>, N> {
    head: Head<S::Value>,
    word: TaskWord,
    identity: Tasked,
    name: N,
    body: Cell<Body<F, S>>,
    /// Kept by the pool itself for as long as it knows of this.
    pool: *const Shared,
}

/// What only the one touches who has begun with it.
struct Body<F, S> {
    /// Gone before the job is done. It lies in the allocation, and is never moved.
    future: Option<F>,
    sink: S,
    /// Where the pool knows it.
    known: Option<Known>,
}

// SAFETY: the pool is one that threads share, and what is its owner to keep may be any of them.
unsafe impl<F, S, N> Send for Task<F, S, N>
where
    F: Future + Send,
    S: Sink<F::Output, Value: Send> + Send,
    N: Named,
{
}

// SAFETY: as above; and the body is touched by one at a time: by whoever makes it, before it is queued, and then
// by whoever has begun, as the word says.
unsafe impl<F, S, N> Sync for Task<F, S, N>
where
    F: Future + Send,
    S: Sink<F::Output, Value: Send> + Send,
    N: Named,
{
}

impl<F, S, N> Task<F, S, N>
where
    F: Future + Send + 'static,
    S: Sink<F::Output, Value: Send> + Send + 'static,
    N: Named + 'static,
{
    #[track_caller]
    fn new(shared: &Arc<Shared>, name: N, future: F, sink: S) -> Arc<Self> {
        let task = Tasked::listed(name.name().map(Name::as_str));
        let head = Head::queued();
        head.line.belongs_to(|| task.who());
        Arc::new(Self {
            head,
            word: TaskWord::queued(),
            identity: task,
            name,
            body: Cell::new(Body {
                future: Some(future),
                sink,
                known: None,
            }),
            pool: Arc::as_ptr(shared),
        })
    }

    /// Runs a future on the pool, and gives its job.
    #[track_caller]
    pub(super) fn spawn(
        shared: &Arc<Shared>,
        name: N,
        future: F,
        sink: S,
        enter: impl FnOnce(&mut S, Arc<dyn Stop>) -> Result<Option<Known>, Late>,
    ) -> Job<S::Value> {
        let task = Self::new(shared, name, future, sink);
        let job = Job::new(Arc::clone(&task) as Arc<dyn Unit<S::Value>>);
        let stop = Arc::clone(&task) as Arc<dyn Stop>;
        task.start(shared, |sink| enter(sink, stop));
        job
    }

    /// Runs a future on the pool, which somebody else can stop.
    #[track_caller]
    pub(super) fn run_for(shared: &Arc<Shared>, name: N, future: F, sink: S, stop: Arc<dyn Stop>) {
        Self::new(shared, name, future, sink).start(shared, |_| shared.enter(stop).map(Some));
    }

    /// Queues it, unless it comes too late to be known to whoever is to stop it.
    fn start(
        self: Arc<Self>,
        shared: &Arc<Shared>,
        enter: impl FnOnce(&mut S) -> Result<Option<Known>, Late>,
    ) {
        let entered = self.body.with(|body| {
            // SAFETY: nobody can begin with it before it is queued.
            let body = unsafe { &mut *body };
            enter(&mut body.sink).map(|known| body.known = known)
        });
        match entered {
            Ok(()) => {
                shared.add(Entry(self));
                shared.cancel_latecomers();
            }
            Err(Late(stop, outcome)) => {
                stop.stop(outcome);
                self.refuse(Outcome::Cancelled);
            }
        }
    }

    fn queue(self: &Arc<Self>) {
        let Some(pool) = self.pool_here() else { return };
        if let Some(entry) = worker::add(pool.id(), Entry(Arc::clone(self) as _)) {
            self.shared().add_inner(entry);
        }
    }

    /// Queues it behind everything else, so that what was there before is done first.
    fn queue_behind(self: &Arc<Self>) {
        if self.pool_here().is_some() {
            let shared = self.shared();
            worker::yields(shared.id());
            shared.add_inner(Entry(Arc::clone(self) as _));
        }
    }

    /// The pool, for somebody who is about to queue this, unless it is another process's: then nobody
    /// polls this here.
    fn pool_here(&self) -> Option<&Shared> {
        // SAFETY: it is not over before it has been queued and taken out, and until then it is known
        // to the pool, or to somebody who is, which keeps the pool.
        let pool = unsafe { &*self.pool };
        pool.is_here().then_some(pool)
    }

    /// An owner of the pool, for somebody who is about to queue this.
    fn shared(&self) -> Arc<Shared> {
        // SAFETY: it is kept, as above; the pointer is that of an `Arc`.
        unsafe { Arc::increment_strong_count(self.pool) };
        // SAFETY: this is the owner that has just been made.
        unsafe { Arc::from_raw(self.pool) }
    }

    /// Has it polled, or dropped if its outcome is fixed.
    fn rouse(self: &Arc<Self>) {
        if self.word.wake() {
            self.queue();
        }
    }

    /// Polls it, and says whether it is over. For the one who has begun.
    fn poll(self: &Arc<Self>, body: &mut Body<F, S>) -> bool {
        let mut brought = None;
        let future = body.future.as_mut();
        if let Some(future) = future.filter(|_| !self.head.word().is_claimed()) {
            // SAFETY: it lies in an allocation, and is dropped there.
            let future = unsafe { Pin::new_unchecked(future) };
            // SAFETY: this is an owner of the allocation for as long as the waker lives; that one
            // is never dropped, and gives nothing back.
            let borrowed = unsafe { Arc::from_raw(Arc::as_ptr(self)) };
            let waker = ManuallyDrop::new(Waker::from(borrowed));
            let mut context = Context::from_waker(&waker);
            let poll = || budget::open(|| self.identity.enter(|| future.poll(&mut context)));
            match catch_unwind(AssertUnwindSafe(poll)) {
                Ok(Poll::Pending) if !self.head.word().is_claimed() => return false,
                Ok(Poll::Pending) => {}
                Ok(Poll::Ready(value)) => brought = Some(Ok(value)),
                Err(panic) => brought = Some(Err(panic)),
            }
        }
        self.end(body, brought);
        true
    }

    /// Ends it for good. For the one who has begun.
    fn end(&self, body: &mut Body<F, S>, brought: Option<thread::Result<F::Output>>) {
        // SAFETY: it lies in an allocation, and is dropped there.
        let mut future = unsafe { Pin::new_unchecked(&mut body.future) };
        // Foreign code, as a part of the task.
        quietly(|| self.identity.enter(|| future.set(None)));
        self.conclude(&body.sink, brought);
        // Wakers of those who wait for all are foreign code.
        quietly(|| body.sink.ended());
        if let Some(known) = body.known.take() {
            // SAFETY: it is kept by whoever says that this is over: a worker, or whoever sweeps.
            unsafe { &*self.pool }.exit(known);
        }
    }

    /// Ends the job.
    fn conclude(&self, sink: &S, brought: Option<thread::Result<F::Output>>) {
        let brought = match brought {
            Some(Ok(output)) => match sink.value(output) {
                Ok(value) => {
                    if let Some(value) = self.head.end_unless_claimed(value) {
                        // Somebody else has fixed the outcome; what came of it is dropped.
                        quietly(|| drop(value));
                        self.head.complete(true);
                    }
                    return;
                }
                Err(output) => Some(Ok(output)),
            },
            brought => brought,
        };
        conclude(&self.head, self.name.name(), sink, brought);
    }

    /// Ends it without another poll. For the one who has begun.
    #[cold]
    fn drop_it(&self) {
        self.body.with(|body| {
            // SAFETY: the caller has begun, so nobody else touches it.
            self.end(unsafe { &mut *body }, None);
        });
    }

    /// Lets go of one of those who share the allocation.
    fn forget(self: Arc<Self>) {
        self.head.let_go();
        // It may be the last to know of an outcome that nobody took, which is foreign data.
        quietly(|| drop(self));
    }
}

impl<F, S, N> Run for Task<F, S, N>
where
    F: Future + Send + 'static,
    S: Sink<F::Output, Value: Send> + Send + 'static,
    N: Named + 'static,
{
    fn run(self: Arc<Self>) {
        self.word.begin();
        let over = self.body.with(|body| {
            // SAFETY: it has just begun, so nobody else touches it.
            self.poll(unsafe { &mut *body })
        });
        if !over && self.word.pause() {
            // Woken while it was polled, as by itself when its budget was spent: on top of this worker's
            // deque it would keep everything below it.
            self.queue_behind();
        }
        self.head.let_go();
    }

    fn refuse(self: Arc<Self>, outcome: Outcome) {
        self.word.begin();
        let _unless_it_is_fixed = self.head.word().claim(outcome);
        self.drop_it();
        self.forget();
    }

    fn not_started(self: Arc<Self>, error: io::Error) {
        self.word.begin();
        if self.head.word().claim(Outcome::Open) {
            self.head.keep(Err(JobError::NotStarted(error)));
        }
        self.drop_it();
        self.forget();
    }

    /// It is of many parts, with others in between.
    fn name(&self) -> Option<&str> {
        None
    }
}

impl<F, S, N> Unit<S::Value> for Task<F, S, N>
where
    F: Future + Send + 'static,
    S: Sink<F::Output, Value: Send> + Send + 'static,
    N: Named + 'static,
{
    fn head(&self) -> &Head<S::Value> {
        &self.head
    }

    fn name(&self) -> Option<&Name> {
        self.name.name()
    }

    fn body(&self) -> Option<&'static str> {
        Some(type_name::<F>())
    }

    fn is_running(&self) -> bool {
        self.word.has_begun() && self.head.word().is_open()
    }

    fn cancel(self: Arc<Self>) {
        if self.head.word().claim(Outcome::Cancelled) {
            self.rouse();
        }
    }
}

impl<F, S, N> Stop for Task<F, S, N>
where
    F: Future + Send + 'static,
    S: Sink<F::Output, Value: Send> + Send + 'static,
    N: Named + 'static,
{
    fn stop(self: Arc<Self>, outcome: Outcome) {
        if self.head.word().claim(outcome) {
            self.rouse();
        }
        self.forget();
    }

    fn tell(&self, names: &mut Vec<String>) {
        names.extend(self.name.name().map(Name::to_string));
    }

    fn let_go(self: Arc<Self>) {
        self.forget();
    }
}

impl<F, S, N> Wake for Task<F, S, N>
where
    F: Future + Send + 'static,
    S: Sink<F::Output, Value: Send> + Send + 'static,
    N: Named + 'static,
{
    fn wake(self: Arc<Self>) {
        self.rouse();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rouse();
    }
}
