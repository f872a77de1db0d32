//! What is asked of the system, and of no model.

/// What time it is. No model looks at how long somebody has waited.
#[inline]
pub(crate) fn trace_clock() -> u64 {
    #[cfg(not(syncline_loom))]
    return super::super::nanos();
    #[cfg(syncline_loom)]
    return 0;
}

/// The number by which the system knows this thread, where it has one.
pub(super) fn os_thread() -> Option<u64> {
    #[cfg(not(syncline_loom))]
    return super::super::os::thread_number();
    #[cfg(syncline_loom)]
    return None;
}

/// Whether a thread-local can use a static when it is dropped: those of a model are dropped first.
pub(super) const STATICS_OUTLIVE_LOCALS: bool = cfg!(not(syncline_loom));
