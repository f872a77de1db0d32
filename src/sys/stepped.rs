//! A clock that stands still until somebody moves it, for tests (`--cfg syncline_clock`).
//!
//! Everything in this crate that waits until a moment asks this clock: parks of threads, the timer of tasks,
//! delayed jobs, limiters, breakers, leases. So a test of an hour takes no time, and needs no sleep:
//!
//! ```text
//! let limiter = RateLimiter::every(Duration::from_secs(3600));
//! limiter.acquire().wait();
//! let waits = thread::spawn_named("waits", move || limiter.acquire().wait());
//! clock::advance(Duration::from_secs(3600));
//! waits.wait()?;
//! ```
//!
//! One clock serves the whole process: tests that move it run one after the other. Moments for deadlines come
//! from [`now`]; `Instant::now()` is another clock. `thread::as_completed` with a deadline waits in a mailbox of
//! another crate, by the system's clock.

use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::SeqCst;
use core::time::Duration;
use std::sync::LazyLock;
use std::time::Instant;

use parking_lot::Mutex;

use super::os;
use super::{Deadline, Parked};

static START: LazyLock<Instant> = LazyLock::new(Instant::now);
/// How far the clock has been moved, in nanoseconds.
static MOVED: AtomicU64 = AtomicU64::new(0);
/// Who sleeps until a moment.
static SLEEPERS: Mutex<Vec<Sleeper>> = Mutex::new(Vec::new());

/// What time it is.
#[must_use]
pub fn now() -> Instant {
    // ORDERING: SeqCst: a clock for tests, which nobody measures.
    *START + Duration::from_nanos(MOVED.load(SeqCst))
}

/// The nanoseconds for which the clock has been moved.
pub(crate) fn nanos() -> u64 {
    // ORDERING: SeqCst, as above.
    MOVED.load(SeqCst)
}

/// When [`nanos`] says so many nanoseconds.
pub(crate) fn instant(at: u64) -> Option<Instant> {
    START.checked_add(Duration::from_nanos(at))
}

/// Moves the clock, and wakes whoever sleeps until a moment: each looks at the clock, and sleeps on if its
/// moment has not come.
///
/// # Panics
///
/// Panics if the clock would have moved for more than 500 years.
pub fn advance(by: Duration) {
    let nanos = u64::try_from(by.as_nanos()).expect("a test takes less than 500 years");
    let sleepers = SLEEPERS.lock();
    // ORDERING: SeqCst, as above.
    let before = MOVED.fetch_add(nanos, SeqCst);
    assert!(
        before.checked_add(nanos).is_some(),
        "a test takes less than 500 years"
    );
    for sleeper in &*sleepers {
        // SAFETY: a parker stays in the list, under its lock, only while its owner sleeps on it.
        unsafe { &*sleeper.0 }.unpark();
    }
}

/// How many threads sleep until a moment, at this instant: a test waits for them before it moves the clock.
/// The timer of tasks is one of them while tasks wait for a moment.
#[must_use]
pub fn sleepers() -> usize {
    SLEEPERS.lock().len()
}

struct Sleeper(*const os::Parker);

// SAFETY: a parker may be unparked from any thread.
unsafe impl Send for Sleeper {}

/// A place for one thread to sleep, with one token. A moment of the stepped clock wakes it like anybody else.
#[derive(Debug)]
pub(crate) struct Parker(os::Parker);

impl Parker {
    pub(crate) const fn new() -> Self {
        Self(os::Parker::new())
    }

    /// Whether there is a token, or comes while the thread offers its time slice `yields` times.
    pub(crate) fn is_woken_within(&self, yields: u32) -> bool {
        self.0.is_woken_within(yields)
    }

    /// Sleeps until there is a token, or until the deadline; may also return for no reason.
    pub(crate) fn park(&self, deadline: &mut Deadline, yields: u32) -> Parked {
        let mut never = Deadline(None);
        let Some(at) = deadline.0 else {
            return self.0.park(&mut never, yields);
        };
        let this = &raw const self.0;
        let mut sleepers = SLEEPERS.lock();
        if at <= now() {
            return Parked::Expired;
        }
        sleepers.push(Sleeper(this));
        drop(sleepers);
        let parked = self.0.park(&mut never, yields);
        SLEEPERS.lock().retain(|sleeper| sleeper.0 != this);
        parked
    }

    pub(crate) fn unpark(&self) {
        self.0.unpark();
    }
}
