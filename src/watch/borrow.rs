//! A look at the value.
//!
//! Two looks of one thread must not wait for each other, and would if somebody wants to send between them: who sends
//! waits for the first look, and the second look waits behind who sends. So a thread that looks already passes those who wait. It
//! knows by a count of its own, which is only asked when there is something to wait for.

use core::cell::Cell;
use core::fmt;
use core::ops::Deref;

use crate::rwlock::thread::RwLock;
use crate::rwlock::thread_guard::RwLockReadGuard;
use crate::sys::local;

local! {
    /// How many looks of this thread are under way.
    static LOOKS: Cell<usize> = Cell::new(0)
}

fn looks() -> usize {
    LOOKS.try_with(Cell::get).unwrap_or(0)
}

/// A look at the value of a [`Watch`](crate::thread::Watch), which nobody changes while this lives.
///
/// It is not `Send`, so the compiler rejects a guard that is held across an `.await` in a spawned task.
///
/// ```compile_fail
/// fn send<T: Send>(_: T) {}
/// let watch = syncline::thread::Watch::new(0);
/// send(watch.borrow());
/// ```
#[must_use = "nobody can send while this lives"]
pub struct WatchRef<'a, T> {
    guard: RwLockReadGuard<'a, T>,
}

impl<'a, T> WatchRef<'a, T> {
    /// Waits while somebody changes the value.
    #[inline]
    #[track_caller]
    pub(super) fn of(value: &'a RwLock<T>) -> Self {
        let guard = match value.try_read() {
            Some(guard) => guard,
            None => Self::wait(value),
        };
        let _gone = LOOKS.try_with(|looks| looks.set(looks.get() + 1));
        Self { guard }
    }

    #[cold]
    #[track_caller]
    fn wait(value: &'a RwLock<T>) -> RwLockReadGuard<'a, T> {
        if looks() > 0 {
            value.read_recursive()
        } else {
            value.read()
        }
    }
}

impl<T> Drop for WatchRef<'_, T> {
    #[inline]
    fn drop(&mut self) {
        let _gone = LOOKS.try_with(|looks| looks.set(looks.get() - 1));
    }
}

impl<T> Deref for WatchRef<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T: fmt::Debug> fmt::Debug for WatchRef<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: fmt::Display> fmt::Display for WatchRef<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}
