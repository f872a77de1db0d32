//! What both faces of a `OnceCell` are views of.

use core::fmt;

use super::turn::{Holder, Once, Turn};
use super::word::TurnWord;
use crate::error::{SetError, TimedOut};
use crate::event::EventWord;
use crate::line::{Asker, Internal, Line, Place, Quiet, Timeout};
use crate::sys::constructor;
use crate::sys::who::Traceable;

/// A value that is set once, the line of those who would make it, and that of those who only wait for it.
pub struct Shared<T> {
    once: Once<T>,
    /// Set when the value has been written.
    pub(super) news: Line<EventWord>,
}

impl<T> Shared<T> {
    constructor! {
        #[track_caller]
        pub(super) const fn new() -> Self {
            Self {
                once: Once::new(Traceable::OnceCell),
                news: Line::of(Traceable::OnceWait, EventWord::new()),
            }
        }
    }

    constructor! {
        #[track_caller]
        pub(super) const fn with_value(value: T) -> Self {
            Self {
                once: Once::with_value(Traceable::OnceCell, value),
                news: Line::of(Traceable::OnceWait, EventWord::already_set()),
            }
        }
    }

    pub(super) const fn name(&mut self, name: &'static str) {
        self.once.line.name(name);
        self.news.name(name);
    }

    #[inline]
    pub(super) fn is_set(&self) -> bool {
        self.news.word().is_set()
    }

    #[inline]
    pub(super) fn get(&self) -> Option<&T> {
        if self.is_set() {
            // SAFETY: it was written before the news of it were set, which have published it.
            Some(unsafe { self.once.value() })
        } else {
            None
        }
    }

    /// The value, for somebody who has been let go because it is set.
    #[inline]
    pub(super) fn expect(&self) -> &T {
        (self.get()).expect("who was let go was let go because the value is set")
    }

    pub(super) fn get_mut(&mut self) -> Option<&mut T> {
        self.once.get_mut()
    }

    pub(super) fn take(&mut self) -> Option<T> {
        self.news.word().clear();
        self.once.take()
    }

    pub(super) fn into_inner(mut self) -> Option<T> {
        self.once.take()
    }

    pub(super) fn set(&self, value: T) -> Result<(), SetError<T>> {
        match Turn::try_now(self, Asker::Task) {
            Ok(Ok(turn)) => {
                turn.set(value);
                Ok(())
            }
            Ok(Err(_)) => Err(SetError::AlreadySet(value)),
            // Its writer is about to give the turn back.
            Err(_) if self.is_set() => Err(SetError::AlreadySet(value)),
            Err(_) => Err(SetError::Busy(value)),
        }
    }

    /// Before somebody waits for the value; see [`Once::may_wait`].
    #[track_caller]
    pub(super) fn may_wait(&self) {
        self.once.may_wait();
    }

    /// Waits, as a thread, until the value is set.
    #[track_caller]
    pub(super) fn wait(&self, timeout: Timeout) -> Result<&T, TimedOut> {
        if !self.is_set() {
            self.may_wait();
            match timeout {
                Timeout::Never => self.news.block(0),
                _ => self.news.block_until(0, timeout)?,
            }
        }
        Ok(self.expect())
    }
}

/// The line of those who would make the value.
// SAFETY: a shared reference names one cell, wherever it is moved.
unsafe impl<T> Place for &Shared<T> {
    type Word = TurnWord;

    fn line(&self, _: Internal) -> &Line<TurnWord> {
        &self.once.line
    }
}

// SAFETY: both return what is in the same `Once`.
unsafe impl<T> Holder for &Shared<T> {
    type Value = T;

    fn once(&self) -> &Once<T> {
        &self.once
    }

    fn written(&self) {
        if !self.news.word().try_set() {
            self.news.change(EventWord::set_for_all);
        }
    }
}

/// A cell, for those who only wait for its value.
pub(super) struct News<'a, T>(pub(super) &'a Shared<T>);

// SAFETY: a shared reference names one cell, wherever it is moved.
unsafe impl<T> Place for News<'_, T> {
    type Word = EventWord;

    fn line(&self, _: Internal) -> &Line<EventWord> {
        &self.0.news
    }
}

impl<T: fmt::Debug> Shared<T> {
    /// As std shows its own.
    pub(super) fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_tuple("OnceCell");
        match self.get() {
            Some(value) => debug.field(value),
            None => debug.field(&format_args!("<not set>")),
        };
        debug.finish()
    }
}

impl<T> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl<T> Quiet for Shared<T> {
    fn assert_quiet(&self) {
        self.once.line.assert_quiet();
        self.news.assert_quiet();
        assert!(!self.once.line.word().is_busy(), "somebody has the turn");
    }

    fn waiting(&self) -> usize {
        self.once.line.waiting() + self.news.waiting()
    }
}
