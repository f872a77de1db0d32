//! Ends the program if a peer hangs, and says which: a hung thread cannot be stopped.

use core::time::Duration;
use std::process;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

/// How long one call of a body may take.
const LIMIT: Duration = Duration::from_mins(2);
/// How often the watchdog looks.
const GLANCE: Duration = Duration::from_secs(5);

/// What runs now, and since when.
static RUNNING: Mutex<Option<(String, Instant)>> = Mutex::new(None);

/// The thread that looks.
static DOG: LazyLock<()> = LazyLock::new(|| {
    thread::spawn(|| -> ! {
        loop {
            thread::sleep(GLANCE);
            look();
        }
    });
});

/// Runs `body`, and ends the program if it takes much longer than it should.
pub(crate) fn watch<T>(cell: &str, peer: &str, body: impl FnOnce() -> T) -> T {
    LazyLock::force(&DOG);
    set(Some((format!("{cell}, {peer}"), Instant::now())));
    let result = body();
    set(None);
    result
}

fn set(running: Option<(String, Instant)>) {
    *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) = running;
}

fn look() {
    let running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((what, since)) = &*running
        && since.elapsed() > LIMIT
    {
        eprintln!(
            "{what}: hangs since {} s; giving up",
            since.elapsed().as_secs()
        );
        process::exit(3);
    }
}
