//! What a thread does.

/// What a thread does that this crate has started; see [`enumerate`](crate::thread::enumerate).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ThreadState {
    /// It runs something, or looks for something to run.
    Running,
    /// It belongs to a pool, and sleeps until there is something to do.
    Idle,
    /// It waits inside a job, and its pool has others do its work meanwhile.
    Blocked,
}

impl From<u8> for ThreadState {
    fn from(state: u8) -> Self {
        match state {
            1 => Self::Idle,
            2 => Self::Blocked,
            _ => Self::Running,
        }
    }
}
