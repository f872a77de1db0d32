//! The value, and the line of those who wait for another one: what all handles own together.

use core::fmt;
use core::ops::Deref;
use core::sync::atomic::Ordering::{AcqRel, Relaxed};
use std::sync::Arc;

use super::borrow::WatchRef;
use super::word::{Found, VersionWord};
use crate::error::WatchClosed;
use crate::line::{Line, Quiet, Timeout};
use crate::rwlock::thread::RwLock;
use crate::sys::who::Traceable;
use crate::sys::{ArcOrder, AtomicU64};

/// What the handles own together.
pub(super) struct Shared<T> {
    value: RwLock<T>,
    pub(super) line: Line<VersionWord>,
    /// How many can send.
    watches: AtomicU64,
    arc_order: ArcOrder,
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        self.arc_order.end();
    }
}

/// One of the owners.
pub(super) struct Owner<T>(Arc<Shared<T>>);

impl<T> Clone for Owner<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Owner<T> {
    type Target = Shared<T>;

    fn deref(&self) -> &Shared<T> {
        &self.0
    }
}

impl<T> Drop for Owner<T> {
    fn drop(&mut self) {
        self.0.arc_order.let_go();
    }
}

impl<T> Shared<T> {
    #[track_caller]
    fn new(value: T) -> Self {
        Self {
            value: RwLock::new(value),
            line: Line::of(Traceable::Watch, VersionWord::new()),
            watches: AtomicU64::new(1),
            arc_order: ArcOrder::new(),
        }
    }

    #[inline]
    #[track_caller]
    pub(super) fn borrow(&self) -> WatchRef<'_, T> {
        WatchRef::of(&self.value)
    }

    /// A look at the value, and its version.
    #[inline]
    #[track_caller]
    pub(super) fn borrow_with_version(&self) -> (WatchRef<'_, T>, usize) {
        let value = self.borrow();
        // Nobody changes it now.
        let version = self.line.word().version();
        (value, version)
    }

    /// What there is for somebody who has seen this version, which it has seen then as well.
    pub(super) fn news(&self, seen: &mut usize) -> Result<bool, WatchClosed> {
        match self.line.word().look(*seen) {
            Found::Same => Ok(false),
            Found::Changed(version) => {
                *seen = version;
                Ok(true)
            }
            Found::Closed => Err(WatchClosed::new()),
        }
    }

    /// Blocks until there is something new, or the end.
    #[track_caller]
    pub(super) fn wait(&self, seen: usize, timeout: Timeout) -> Result<(), crate::error::TimedOut> {
        match timeout {
            Timeout::Never => {
                self.line.block(seen);
                Ok(())
            }
            _ => self.line.block_until(seen, timeout),
        }
    }
}

/// Somebody who can send.
pub(super) struct Sender<T>(pub(super) Owner<T>);

impl<T> Sender<T> {
    #[track_caller]
    pub(super) fn new(value: T) -> Self {
        Self(Owner(Arc::new(Shared::new(value))))
    }

    pub(super) fn name(&mut self, name: &'static str) {
        // Nobody else knows it yet, or it keeps the name that it has.
        if let Some(shared) = Arc::get_mut(&mut self.0.0) {
            shared.value.name(name);
            shared.line.name(name);
        }
    }

    /// Changes the value, if `change` says that it has; then those who wait are told, whatever wakers do.
    #[track_caller]
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut T) -> (bool, R)) -> (bool, R) {
        /// Tells those who wait when it is dropped: behind the guard of the value.
        struct Tell<'a>(&'a Line<VersionWord>, bool);

        impl Drop for Tell<'_> {
            fn drop(&mut self) {
                if self.1 {
                    self.0.change(|_| ());
                }
            }
        }

        let line = &self.0.line;
        let mut tell = Tell(line, false);
        let mut value = self.0.value.write();
        let result = change(&mut value);
        if result.0 {
            tell.1 = line.word().count_up();
        }
        drop(value);
        result
    }

    #[inline]
    #[track_caller]
    pub(super) fn replace(&self, value: T) -> T {
        self.change(|old| (true, core::mem::replace(old, value))).1
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        // ORDERING: Relaxed: whoever clones has one, so that the count does not come to zero meanwhile.
        self.0.watches.fetch_add(1, Relaxed);
        Self(self.0.clone())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        // ORDERING: AcqRel: the last one has seen what all others have done before they went, and publishes it with the end.
        if self.0.watches.fetch_sub(1, AcqRel) == 1 {
            self.0.line.change(VersionWord::close);
        }
    }
}

impl<T: fmt::Debug> Shared<T> {
    /// Shows the value, unless somebody changes it.
    pub(super) fn show(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct(name);
        match self.value.try_read() {
            Some(value) => debug.field("value", &&*value),
            None => debug.field("value", &format_args!("<locked>")),
        };
        debug.finish_non_exhaustive()
    }
}

impl<T> Quiet for Shared<T> {
    fn assert_quiet(&self) {
        self.value.assert_quiet();
        self.line.assert_quiet();
    }

    fn waiting(&self) -> usize {
        self.line.waiting()
    }
}
