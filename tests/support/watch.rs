//! Waiting for what another thread does, and the dog that ends a test that hangs.
//!
//! A test learns that a thread waits from the line itself, never from the time
//! that has passed.

use core::fmt::Debug;
use core::time::Duration;
use std::io::Write;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Instant;
use syncline::internals::Quiet;

/// Longer than any test takes, even in an interpreter or on a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);

/// Set, it has every test of the process run beside a thread that takes one snapshot after the other.
#[cfg(feature = "diagnostics")]
const SOAK: &str = "SYNCLINE_SOAK";

/// Begins to take snapshots, once. No test may notice, and none of them has a cycle that is certain.
#[cfg(feature = "diagnostics")]
fn soak() {
    static BEGUN: std::sync::Once = std::sync::Once::new();
    BEGUN.call_once(|| {
        if std::env::var_os(SOAK).is_some() {
            thread::spawn(|| {
                let mut taken = 0_u64;
                loop {
                    let snapshot = syncline::diag::snapshot();
                    taken += 1;
                    if snapshot.cycles.iter().any(|cycle| cycle.certain) {
                        let say = format!("snapshot {taken} has a cycle that is none:\n{snapshot}");
                        drop(writeln!(std::io::stderr(), "{say}"));
                        std::process::abort();
                    }
                    // That the tests come to run as well.
                    thread::sleep(Duration::from_millis(1));
                }
            });
        }
    });
}

#[cfg(not(feature = "diagnostics"))]
fn soak() {}

/// Runs `f`. If that takes longer than `limit`, prints what `state` says and aborts.
pub(crate) fn watchdog<T>(
    name: &str,
    limit: Duration,
    state: impl Fn() -> String + Send,
    f: impl FnOnce() -> T,
) -> T {
    soak();
    let (alive, ended) = channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            if ended.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                // Two lines: making up the state may itself hang.
                let say = |line: &str| drop(writeln!(std::io::stderr(), "{line}"));
                say(&format!(
                    "{name} hangs; --nocapture shows what failed before"
                ));
                say(&state());
                std::process::abort();
            }
        });
        let result = f();
        drop(alive);
        result
    })
}

/// As [`watchdog`], for a test of `subject`, within [`LIMIT`].
pub(crate) fn watched<T>(subject: &(impl Debug + Sync), f: impl FnOnce() -> T) -> T {
    let name = thread::current().name().unwrap_or("a test").to_owned();
    watchdog(&name, LIMIT, || format!("{subject:?}"), f)
}

/// Yields until `met` is true; panics when that takes longer than [`LIMIT`].
#[track_caller]
pub(crate) fn until(what: &str, mut met: impl FnMut() -> bool) {
    soak();
    let start = Instant::now();
    while !met() {
        assert!(start.elapsed() < LIMIT, "never came: {what}");
        thread::yield_now();
    }
}

/// Yields until `count` requests wait in the line of `subject`.
#[track_caller]
pub(crate) fn until_waiting(subject: &(impl Quiet + ?Sized), count: usize) {
    until("a request in the line", || subject.waiting() == count);
}

/// Yields until the clock has reached `at`.
pub(crate) fn until_past(at: Instant) {
    until("an instant in the past", || Instant::now() > at);
}

mod tests {
    use super::{LIMIT, until, until_past, until_waiting, watchdog, watched};
    use core::panic::AssertUnwindSafe;
    use std::panic::catch_unwind;
    use std::time::Instant;
    use syncline::thread::Lock;

    #[test]
    fn a_watched_closure_hands_out_its_result_and_its_panic() {
        assert_eq!(1, watchdog("a test", LIMIT, String::new, || 1));
        assert_eq!(2, watched(&"state", || 2));
        catch_unwind(AssertUnwindSafe(|| {
            watched(&"state", || panic!("on purpose"))
        }))
        .unwrap_err();
    }

    #[test]
    fn what_has_come_is_not_waited_for() {
        let start = Instant::now();
        until("true", || true);
        until_waiting(&Lock::new(()), 0);
        until_past(start);
        assert!(Instant::now() > start);
    }
}
