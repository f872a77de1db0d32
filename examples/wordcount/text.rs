//! Reading one file, in pieces of bounded size, as long as it is text.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::str;

use crate::counts::Counts;

/// How much of a file is in memory at once.
const PIECE: usize = 64 * 1024;

/// What a file turned out to be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Text { bytes: u64 },
    Binary,
}

/// Reads files, one after the other, through one buffer.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    buffer: Vec<u8>,
}

impl Reader {
    /// Counts the words of the file at `path`.
    ///
    /// What `counts` holds after anything but `Ok(Kind::Text)` is the words up to there.
    pub(crate) fn count(&mut self, path: &Path, counts: &mut Counts) -> io::Result<Kind> {
        let mut file = File::open(path)?;
        let mut bytes = 0;
        self.buffer.clear();
        loop {
            let space = PIECE - self.buffer.len();
            let read = file
                .by_ref()
                .take(space as u64)
                .read_to_end(&mut self.buffer)?;
            bytes += read as u64;
            let at_end = read < space;
            let whole = if at_end {
                self.buffer.len()
            } else {
                whole_words(&self.buffer)
            };
            match str::from_utf8(&self.buffer[..whole]) {
                Ok(text) if !text.contains('\0') => counts.add_text(text),
                _ => return Ok(Kind::Binary),
            }
            if at_end {
                return Ok(Kind::Text { bytes });
            }
            self.buffer.drain(..whole);
        }
    }
}

/// How much of a full buffer ends with a whole word; never zero.
fn whole_words(full: &[u8]) -> usize {
    if let Some(space) = full.iter().rposition(u8::is_ascii_whitespace) {
        return space + 1;
    }
    // A giant word is cut, but not inside a letter: one has at most four bytes, the first
    // of which does not look like 0b10xx_xxxx.
    let last = full
        .iter()
        .rev()
        .take(4)
        .position(|byte| byte & 0b1100_0000 != 0b1000_0000);
    match last {
        Some(back) if back + 1 < full.len() => full.len() - back - 1,
        _ => full.len(),
    }
}
