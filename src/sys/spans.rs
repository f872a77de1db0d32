//! What the feature `tracing` adds: a job or a task is a span, and what runs in it inherits it.

use ::tracing::{Level, span, warn};

/// The span of a job or a task.
pub(crate) struct Span(::tracing::Span);

impl Span {
    /// That of a job which is submitted here: inside of the span in which this is.
    pub(crate) fn of_job(name: Option<&str>) -> Self {
        Self(span!(target: "syncline", Level::INFO, "job", name))
    }

    /// That of a task which is spawned here.
    pub(crate) fn of_task(number: u64, name: Option<&str>) -> Self {
        Self(span!(target: "syncline", Level::INFO, "task", number, name))
    }

    /// None: what runs in it is in the span in which it is run.
    pub(crate) const fn none() -> Self {
        Self(::tracing::Span::none())
    }

    pub(crate) fn in_scope<R>(&self, body: impl FnOnce() -> R) -> R {
        self.0.in_scope(body)
    }
}

/// Says something as an event.
#[cfg(feature = "diagnostics")]
pub(crate) fn event(is_over: bool, text: &dyn core::fmt::Display) {
    warn!(target: "syncline::diag", is_over, "{text}");
}
