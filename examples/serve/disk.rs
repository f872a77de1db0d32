//! A disk that stalls now and then, as a busy one does.

use core::time::Duration;
use std::io::{self, Write};
use std::thread;

/// After so many writes comes a stall.
const PERIOD: usize = 32;

/// How long it takes.
const STALL: Duration = Duration::from_millis(20);

/// What lies on such a disk.
#[derive(Debug)]
pub(crate) struct Stalling<W> {
    inner: W,
    writes: usize,
}

impl<W> Stalling<W> {
    pub(crate) const fn new(inner: W) -> Self {
        Self { inner, writes: 0 }
    }
}

impl<W: Write> Write for Stalling<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writes += 1;
        if self.writes % PERIOD == 0 {
            thread::sleep(STALL);
        }
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
