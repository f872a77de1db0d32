//! A section of a lock, and the wakes that follow it.

use crate::line::{LineGuard, LineLock, Locked, Payload, WaitQueue, WakeBatch, Word, Yields};

/// A lock that is held, and whom to wake when it has been released.
///
/// It is a large thing, for the wakers lie in it: it stays where it is made.
pub(crate) struct CriticalSection<'a, L: LineLock> {
    pub(super) guard: LineGuard<'a, L>,
    pub(super) batch: WakeBatch,
}

impl<'a, L: LineLock> CriticalSection<'a, L> {
    #[inline]
    pub(crate) fn new(guard: LineGuard<'a, L>) -> Self {
        Self {
            guard,
            batch: WakeBatch::new(),
        }
    }

    /// Lets everybody go who can, after something has become free.
    #[inline]
    pub(crate) fn settle<W: Word>(&mut self, wait_queue: &WaitQueue<W>) {
        if wait_queue.is_awaited() {
            self.settle_slow(wait_queue);
        }
    }

    /// The same, inlined for the case that one task waits alone.
    #[inline]
    pub(crate) fn settle_single<W: Word>(&mut self, wait_queue: &WaitQueue<W>) {
        if wait_queue.is_awaited()
            && !Locked::with_guard(wait_queue, &mut self.guard).settle_single(&mut self.batch)
        {
            self.settle_slow(wait_queue);
        }
    }

    #[cold]
    fn settle_slow<W: Word>(&mut self, wait_queue: &WaitQueue<W>) {
        let mut locked = Locked::with_guard(wait_queue, &mut self.guard);
        locked.measure();
        locked.settle(&mut self.batch);
    }

    /// Unlocks, and wakes; the first panic of a waker is raised when all have run.
    #[inline]
    pub(crate) fn end(&mut self) {
        self.guard.release();
        self.batch.finish();
    }

    /// Unlocks, and wakes. A panic of a waker has been reported by the panic hook, and goes no
    /// further unless [`end`](Self::end) is called as well: there is something in hand that would be
    /// lost with it.
    #[inline]
    pub(crate) fn end_quietly(&mut self) {
        self.guard.release();
        self.batch.wake_all();
    }

    /// Takes a panic over that is known, and goes no further: it is dropped when the lock has been released.
    pub(super) fn keep_panic(&mut self, panic: Payload) {
        self.batch.keep_panic(panic);
    }

    /// Lets others in for a moment, wakes, and runs something.
    pub(super) fn outside(&mut self, body: impl FnOnce()) {
        let batch = &mut self.batch;
        self.guard.outside(|| {
            batch.wake_all();
            body();
        });
    }

    /// Ends it in one of the two ways.
    #[expect(
        clippy::inline_always,
        reason = "part of the way from one task to the next"
    )]
    #[inline(always)]
    pub(super) fn end_in_care_of(&mut self, something: bool) {
        self.guard.release();
        self.batch.wake_all();
        if !something {
            self.batch.resume_panic();
        }
    }
}
