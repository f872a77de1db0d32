//! The sum of one file.

use core::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

/// How much is read at a time.
const PIECE: usize = 64 * 1024;

/// The sum of a file, and how long the file was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sum {
    hash: [u8; 32],
    pub(crate) bytes: u64,
}

/// Reads a file, and computes its sum.
///
/// # Errors
///
/// The system's, if the file cannot be read.
pub(crate) fn of(path: &Path) -> io::Result<Sum> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut piece = vec![0; PIECE];
    let mut bytes = 0;
    loop {
        match file.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => {
                hasher.update(&piece[..length]);
                bytes += length as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Sum {
        hash: hasher.finalize().into(),
        bytes,
    })
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hash
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The line that `sha256sum` prints.
///
/// A name with a backslash or a line end in it is escaped, and a backslash at the start of the
/// line says so. All other bytes are as they are in the name, whether that is text or not.
pub(crate) fn line(sum: &Sum, path: &Path) -> Vec<u8> {
    let name = path.as_os_str().as_encoded_bytes();
    let mut line = Vec::new();
    if name.iter().any(|byte| b"\\\n\r".contains(byte)) {
        line.push(b'\\');
    }
    line.extend(sum.to_string().bytes());
    line.extend(b"  ");
    for byte in name {
        match byte {
            b'\\' => line.extend(b"\\\\"),
            b'\n' => line.extend(b"\\n"),
            b'\r' => line.extend(b"\\r"),
            byte => line.push(*byte),
        }
    }
    line.push(b'\n');
    line
}
