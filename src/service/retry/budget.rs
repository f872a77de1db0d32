//! `RetryBudget`: how many retries all calls together may make.

use core::fmt;

use crate::sys::{self, Mutex};

/// Over how long calls are counted, in steps of a second.
const SECONDS: usize = 10;
/// How many nanoseconds a second has.
const NANOS: u64 = 1_000_000_000;

/// Limits retries to a share of all calls, so that a failing server does not receive many times its usual load.
///
/// Within the last ten seconds, each first attempt allows `ratio` retries. `minimum_per_second` more are allowed on top,
/// for programs that call rarely. Share one budget among all calls to a server with
/// [`Retry::budget`](super::Retry::budget).
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use syncline::{service::{Backoff, GaveUp, RetryBudget}, thread};
///
/// let budget = RetryBudget::new(0.1, 0); // one retry for ten calls
/// let backoff = Backoff::fixed(Duration::ZERO);
/// let down = || thread::retry(|_| Err::<(), _>("down")).with(backoff.clone()).budget(&budget).wait();
/// assert_eq!(down().unwrap_err().why, GaveUp::NoBudget);
/// ```
pub struct RetryBudget {
    ratio: f64,
    minimum_per_second: u32,
    state: Mutex<State>,
}

struct State {
    /// When it was made, in nanoseconds on the clock.
    epoch: u64,
    seconds: Seconds,
}

/// The calls of the last seconds.
struct Seconds {
    newest: u64,
    /// First tries and retries.
    counts: [(u64, u64); SECONDS],
}

impl Seconds {
    const fn new() -> Self {
        Self {
            newest: 0,
            counts: [(0, 0); SECONDS],
        }
    }

    /// The count of the second that runs; time that goes back is taken for standing still.
    #[expect(clippy::cast_possible_truncation, reason = "less than ten")]
    fn now(&mut self, second: u64) -> &mut (u64, u64) {
        for gone in (self.newest + 1..=second).take(SECONDS) {
            self.counts[(gone % SECONDS as u64) as usize] = (0, 0);
        }
        if second > self.newest + SECONDS as u64 {
            self.counts = [(0, 0); SECONDS];
        }
        self.newest = self.newest.max(second);
        &mut self.counts[(self.newest % SECONDS as u64) as usize]
    }

    fn call(&mut self, second: u64) {
        self.now(second).0 += 1;
    }

    fn retry(&mut self, second: u64, ratio: f64, minimum_per_second: u32) -> bool {
        self.now(second);
        let (calls, retries) =
            (self.counts.iter()).fold((0, 0), |(calls, retries), (c, r)| (calls + c, retries + r));
        #[expect(clippy::cast_precision_loss, reason = "counts of calls")]
        let allowed = calls as f64 * ratio + f64::from(minimum_per_second) * SECONDS as f64;
        #[expect(clippy::cast_precision_loss, reason = "counts of calls")]
        let may = (retries + 1) as f64 <= allowed;
        if may {
            self.now(second).1 += 1;
        }
        may
    }
}

impl RetryBudget {
    /// Returns a budget of `ratio` retries for each first attempt, plus `minimum_per_second`.
    ///
    /// # Panics
    ///
    /// Panics if `ratio` is negative, or not a number.
    ///
    /// # Examples
    ///
    /// See [`RetryBudget`].
    #[must_use]
    #[track_caller]
    pub fn new(ratio: f64, minimum_per_second: u32) -> Self {
        assert!(ratio >= 0.0, "a budget has a ratio of at least 0");
        Self {
            ratio,
            minimum_per_second,
            state: Mutex::new(State {
                epoch: sys::nanos(),
                seconds: Seconds::new(),
            }),
        }
    }

    /// A first try begins.
    pub(super) fn call(&self, now: u64) {
        let mut state = self.state.lock();
        let second = now.saturating_sub(state.epoch) / NANOS;
        state.seconds.call(second);
    }

    /// Whether there may be a retry, which is counted then.
    pub(super) fn retry(&self, now: u64) -> bool {
        let mut state = self.state.lock();
        let second = now.saturating_sub(state.epoch) / NANOS;
        (state.seconds).retry(second, self.ratio, self.minimum_per_second)
    }
}

impl fmt::Debug for RetryBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryBudget")
            .field("ratio", &self.ratio)
            .field("minimum_per_second", &self.minimum_per_second)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[expect(
    clippy::cast_precision_loss,
    reason = "approximate by nature, or small"
)]
mod tests {
    use super::Seconds;

    #[test]
    fn any_ten_seconds_have_the_share_of_retries_that_the_list_of_all_calls_allows() {
        for seed in 0..200 {
            let mut random = fastrand::Rng::with_seed(seed);
            let (ratio, minimum) = (random.f64(), random.u32(..2));
            let mut seconds = Seconds::new();
            let (mut second, mut calls, mut retries) = (0_u64, Vec::new(), Vec::new());
            for _ in 0..300 {
                second += [0, 0, 0, 1, 3, 25][random.usize(..6)];
                if random.bool() {
                    seconds.call(second);
                    calls.push(second);
                    continue;
                }
                let of_late = |list: &[u64]| list.iter().filter(|at| *at + 10 > second).count();
                let allowed = of_late(&calls) as f64 * ratio + f64::from(10 * minimum);
                let expected = (of_late(&retries) + 1) as f64 <= allowed;
                assert_eq!(
                    seconds.retry(second, ratio, minimum),
                    expected,
                    "seed {seed}"
                );
                if expected {
                    retries.push(second);
                }
            }
        }
    }
}
