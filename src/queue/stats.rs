//! What a queue has done, where somebody asked for that.
//!
//! Items are counted when they are taken out, or dropped: how many were put is how many were taken, dropped or are
//! still there, and a queue is deepest just before something is taken out. So a put counts nothing. Waits are counted by those who
//! wait.

use core::time::Duration;

use super::waits::Waits;

/// What a queue has done so far; from [`stats`](crate::thread::BaseQueue::stats).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueStats {
    /// Items that were put.
    pub put: u64,
    /// Items that were taken out.
    pub got: u64,
    /// Items that a shutdown dropped.
    pub dropped: u64,
    /// Items that are queued, at this instant.
    pub len: usize,
    /// The most items that were queued at the same time.
    pub deepest: usize,
    /// How often puts had to wait until the low water mark was reached.
    pub throttled: u64,
    /// Requests that wait in line for a place, at this instant.
    pub putters: usize,
    /// How often a request had to wait for a place.
    pub put_waits: u64,
    /// How long all of these waits took together, including unfinished ones. Divided by `put_waits` it is the mean
    /// wait.
    pub put_waited: Duration,
    /// Requests that wait in line for an item, at this instant.
    pub getters: usize,
    /// How often a request had to wait for an item.
    pub get_waits: u64,
    /// How long all of these waits took together, including unfinished ones. Divided by `get_waits` it is the mean
    /// wait.
    pub get_waited: Duration,
}

/// What is counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counts {
    pub(super) got: u64,
    pub(super) dropped: u64,
    pub(super) deepest: usize,
    pub(super) putters: Waits,
    pub(super) getters: Waits,
}

impl Counts {
    pub(super) fn of(len: usize) -> Self {
        Self {
            got: 0,
            dropped: 0,
            deepest: len,
            putters: Waits::default(),
            getters: Waits::default(),
        }
    }

    /// So many were taken out, and so many are left.
    pub(super) fn take(&mut self, count: usize, left: usize) {
        self.got += count as u64;
        self.deepest = self.deepest.max(left + count);
    }

    /// So many were dropped, and none is left.
    pub(super) fn discard(&mut self, count: usize) {
        self.dropped += count as u64;
        self.deepest = self.deepest.max(count);
    }
}
