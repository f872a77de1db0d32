//! The search in one file.

use core::error::Error;
use core::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::path::Path;

use regex::bytes::Regex;

/// How much is read at a time.
const PIECE: usize = 64 * 1024;

/// What one file contains.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The lines as they are printed, each with a path and a number before it.
    pub(crate) text: Vec<u8>,
    /// How many there are.
    pub(crate) lines: u64,
    /// Why there may be more of them.
    pub(crate) trouble: Option<String>,
}

impl Found {
    /// Nothing, because of an error.
    pub(crate) fn trouble(path: &Path, error: &io::Error) -> Self {
        Self {
            trouble: Some(format!("{}: {error}", path.display())),
            ..Self::default()
        }
    }

    fn add(&mut self, path: &Path, number: u64, line: &[u8]) -> io::Result<()> {
        self.text.extend(path.as_os_str().as_encoded_bytes());
        write!(self.text, ":{number}:")?;
        self.text.extend(line);
        self.text.push(b'\n');
        self.lines += 1;
        Ok(())
    }
}

/// The lines of a file that match, up to the first error and until `interrupted`.
pub(crate) fn file(path: &Path, pattern: &Regex, interrupted: impl Fn() -> bool) -> Found {
    let mut found = Found::default();
    match search(path, pattern, interrupted, &mut found) {
        Ok(()) => found,
        Err(error) if is_binary(&error) => Found::default(),
        // What was found before the error is kept.
        Err(error) => Found {
            trouble: Found::trouble(path, &error).trouble,
            ..found
        },
    }
}

fn search(
    path: &Path,
    pattern: &Regex,
    interrupted: impl Fn() -> bool,
    found: &mut Found,
) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(PIECE, Text(File::open(path)?));
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 || interrupted() {
            break;
        }
        // The last line may have no end.
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        if pattern.is_match(text) {
            found.add(path, number, text)?;
        }
    }
    Ok(())
}

/// A reader that refuses what is binary, before a line of a gigabyte of zeros is collected.
struct Text<R>(R);

impl<R: Read> Read for Text<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.0.read(buffer)?;
        if buffer[..length].contains(&0) {
            return Err(io::Error::new(ErrorKind::InvalidData, Binary));
        }
        Ok(length)
    }
}

/// The file has a NUL byte in it.
#[derive(Debug)]
struct Binary;

impl fmt::Display for Binary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("binary")
    }
}

impl Error for Binary {}

fn is_binary(error: &io::Error) -> bool {
    matches!(error.get_ref(), Some(inner) if inner.is::<Binary>())
}
