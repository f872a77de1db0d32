//! What stands in for `spans.rs` without the feature `tracing`: nothing.

/// The span of a job or a task.
pub(crate) struct Span;

#[expect(
    clippy::unused_self,
    clippy::missing_const_for_fn,
    reason = "with the feature these do something"
)]
impl Span {
    #[cfg(feature = "pool")]
    #[inline]
    pub(crate) fn of_job(_name: Option<&str>) -> Self {
        Self
    }

    #[inline]
    pub(crate) fn of_task(_number: u64, _name: Option<&str>) -> Self {
        Self
    }

    #[inline]
    pub(crate) const fn none() -> Self {
        Self
    }

    #[inline]
    pub(crate) fn in_scope<R>(&self, body: impl FnOnce() -> R) -> R {
        body()
    }
}

/// Says something as an event.
#[cfg(feature = "diagnostics")]
#[inline]
pub(crate) fn event(_is_over: bool, _text: &dyn core::fmt::Display) {}
