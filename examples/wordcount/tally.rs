//! What a worker, and in the end the program, has found.

use crate::counts::Counts;

/// Files by kind, and the words of those that are text.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Text files.
    pub(crate) files: u64,
    /// Bytes in those.
    pub(crate) bytes: u64,
    /// Files with a NUL byte or invalid UTF-8.
    pub(crate) binary: u64,
    /// Files and directories that could not be read.
    pub(crate) unreadable: u64,
    /// The words of the text files.
    pub(crate) counts: Counts,
}

impl Tally {
    /// Adds what `other` has found; what that holds afterwards means nothing.
    pub(crate) fn absorb(&mut self, other: &mut Self) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.binary += other.binary;
        self.unreadable += other.unreadable;
        self.counts.absorb(&mut other.counts);
    }
}
