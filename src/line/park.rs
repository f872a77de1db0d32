//! How a thread waits: it polls, and sleeps on a parker of its own in between.
//!
//! A wait *takes* the thread's cached parker and puts it back afterwards. A nested wait (a lock
//! taken inside a future that this thread polls) and one in a thread-local destructor find
//! none and make their own; with a shared one the inner wait would eat the outer one's token.
//! `std::thread::park` is not used: its token belongs to the user.

use core::cell::Cell;
use core::future::Future;
use core::ops::Deref;
use core::panic::{AssertUnwindSafe, Location};
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::task::Wake;
use std::time::Instant;

use super::Line;
use super::place::Place;
use super::trampoline;
use super::wait::Wait;
use super::wake::{keep_first_panic, resume_panic};
use super::word::{Asker, Flags, Word};
use crate::error::TimedOut;
use crate::identity::{has_stand_in, may_block, stood_in_for};
use crate::sys;
use crate::sys::{Deadline, Parked, local};

/// How often a thread yields before it sleeps where it waits for a signal and competes for nothing:
/// what it waits for is often on its way.
pub(crate) const FOR_A_SIGNAL: u32 = 10;

/// How long a wait may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timeout {
    /// As long as it takes.
    Never,
    /// This long from the moment at which it has to wait; zero tries once.
    After(Duration),
    /// Until then.
    At(Instant),
}

impl Timeout {
    /// Whether there is no time at all: the wait is one try.
    pub(crate) fn is_over(self) -> bool {
        self.in_sys().is_over()
    }

    /// Reads the clock, if need be.
    pub(crate) fn start(self) -> Deadline {
        self.in_sys().start()
    }

    /// The same moment for several waits, one after the other.
    pub(crate) fn fixed(self) -> Self {
        match self {
            Self::After(duration) if duration > Duration::ZERO => sys::now()
                .checked_add(duration)
                .map_or(Self::Never, Self::At),
            same => same,
        }
    }

    const fn in_sys(self) -> sys::Timeout {
        match self {
            Self::Never => sys::Timeout::Never,
            Self::After(duration) => sys::Timeout::After(duration),
            Self::At(at) => sys::Timeout::At(at),
        }
    }
}

/// A parker as a waker.
struct Token(sys::Parker);

impl Wake for Token {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

/// What a thread needs to wait: a parker, and the waker that wakes it.
pub(crate) struct ThreadParker {
    token: Arc<Token>,
    waker: Waker,
}

local! {
    static SEAT: Cell<Option<ThreadParker>> = Cell::new(None)
}

local! {
    /// For a wait inside a wait: that for the lock of a queue in whose line the thread stands.
    static INNER_SEAT: Cell<Option<ThreadParker>> = Cell::new(None)
}

impl ThreadParker {
    /// A parker of one's own, for somebody who waits again and again.
    pub(crate) fn new() -> Self {
        let token = Arc::new(Token(sys::Parker::new()));
        let waker = Waker::from(Arc::clone(&token));
        Self { token, waker }
    }

    /// This thread's parker, or a fresh one if that is taken; it is put back when this is dropped.
    pub(crate) fn take() -> Taken {
        let cached = (SEAT.try_with(Cell::take).ok().flatten())
            .or_else(|| INNER_SEAT.try_with(Cell::take).ok().flatten());
        Taken(Some(cached.unwrap_or_else(Self::new)))
    }

    /// Runs a wait with this thread's parker, or with a fresh one if that is taken. What has been put off
    /// runs first.
    pub(crate) fn with<R>(wait: impl FnOnce(&Self) -> R) -> R {
        trampoline::settle();
        wait(&Self::take())
    }

    pub(crate) const fn waker(&self) -> &Waker {
        &self.waker
    }

    /// Sleeps until the waker is used, or the deadline has passed; may also return for no reason.
    pub(crate) fn park(&self, deadline: &mut Deadline, yields: u32) -> Parked {
        self.token.0.park(deadline, yields)
    }

    /// The same for a wait that may last: if this thread is a worker, another takes its place, once it
    /// has yielded in vain.
    ///
    /// A worker that yields first lets those who are about to wake it do so: it costs less than to be stood
    /// in for, and what has just been begun ends before more is begun.
    pub(crate) fn sleep(&self, deadline: &mut Deadline, yields: u32) -> Parked {
        let yields = if has_stand_in() {
            FOR_A_SIGNAL.max(yields)
        } else {
            yields
        };
        if self.token.0.is_woken_within(yields) {
            return self.park(deadline, 0);
        }
        stood_in_for(|| self.park(deadline, 0))
    }
}

/// A parker in use.
pub(crate) struct Taken(Option<ThreadParker>);

impl Deref for Taken {
    type Target = ThreadParker;

    fn deref(&self) -> &ThreadParker {
        (self.0.as_ref()).expect("the parker is put back only at the end")
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let parker = self.0.take();
        // A thread whose locals are gone keeps nothing, and the parker is freed here.
        let inner = SEAT.try_with(|slot| slot.replace(parker)).ok().flatten();
        let _gone = INNER_SEAT.try_with(|slot| match inner {
            None => {}
            // There was one in the first place already: this was a wait inside a wait.
            inner => slot.set(inner),
        });
    }
}

impl<W: Word> Line<W> {
    /// Blocks this thread until it has been granted `want`.
    #[inline]
    #[track_caller]
    pub fn block(&self, want: usize) {
        self.note_wants(Location::caller());
        if !self.try_take(want, Asker::Thread) {
            self.block_if_allowed(want);
        }
    }

    /// The same, for a moment, as a part of what tasks may do too.
    #[inline]
    pub(crate) fn block_briefly(&self, want: usize) {
        if !self.try_take(want, Asker::Thread) {
            self.block_forever(want);
        }
    }

    /// As [`block_briefly`](Self::block_briefly), and does not return without the grant even if a waker that is
    /// run on the way panics. The panic goes on afterwards, unless one is under way already.
    pub(crate) fn block_firmly(&self, want: usize) {
        let mut first = None;
        while let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.block_briefly(want))) {
            keep_first_panic(&mut first, panic);
            if sys::is_over() {
                break;
            }
        }
        resume_panic(first);
    }

    #[cold]
    #[track_caller]
    fn block_if_allowed(&self, want: usize) {
        may_block();
        self.block_forever(want);
    }

    #[cold]
    fn block_forever(&self, want: usize) {
        // Without a deadline the first round ends with a grant.
        while self.block_slow(want, Timeout::Never).is_err() {}
    }

    /// Blocks this thread until it has been granted `want`, or the time is over.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if it was not granted in time.
    #[inline]
    #[track_caller]
    pub fn block_until(&self, want: usize, timeout: Timeout) -> Result<(), TimedOut> {
        if timeout != Timeout::After(Duration::ZERO) {
            self.note_wants(Location::caller());
        }
        if self.try_take(want, Asker::Thread) {
            return Ok(());
        }
        self.block_until_if_allowed(want, timeout)
    }

    #[cold]
    #[track_caller]
    fn block_until_if_allowed(&self, want: usize, timeout: Timeout) -> Result<(), TimedOut> {
        if timeout.is_over() {
            return Err(TimedOut::new());
        }
        may_block();
        self.block_slow(want, timeout)
    }

    #[cold]
    fn block_slow(&self, want: usize, timeout: Timeout) -> Result<(), TimedOut> {
        if sys::must_not_wait() {
            return Ok(());
        }
        if W::BARGING && self.spin(want) {
            return Ok(());
        }
        let mut deadline = timeout.start();
        ThreadParker::with(|parker| {
            let mut future = pin!(Wait::new(self, Asker::Thread, want));
            if timeout != Timeout::Never {
                future.may_end_otherwise();
            }
            let mut context = Context::from_waker(parker.waker());
            loop {
                if poll_ready(future.as_mut(), &mut context) {
                    self.note_came(want);
                    return Ok(());
                }
                let parked = if W::IS_LOCK {
                    parker.park(&mut deadline, W::PATIENCE)
                } else {
                    parker.sleep(&mut deadline, W::PATIENCE)
                };
                if parked == Parked::Expired {
                    let granted = future.withdraw().map(drop).ok_or(TimedOut::new());
                    if granted.is_ok() {
                        self.note_came(want);
                    }
                    return granted;
                }
            }
        })
    }

    /// Tries for a moment before joining the line: most holders are gone in less time than it
    /// takes to sleep and to be woken. Bounded; and over at once if the line hands over.
    fn spin(&self, want: usize) -> bool {
        for round in sys::linger_rounds() {
            sys::linger(round);
            if self.wait_queue.word.flags().has(Flags::HANDOFF) {
                return false;
            }
            if self.try_take(want, Asker::Thread) {
                return true;
            }
        }
        false
    }
}

fn poll_ready<P: Place>(wait: Pin<&mut Wait<P>>, context: &mut Context<'_>) -> bool {
    matches!(wait.poll(context), Poll::Ready(_))
}
