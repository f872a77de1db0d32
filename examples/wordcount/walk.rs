//! Finding the files, and dealing them out in batches that are worth a thread.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

/// A batch grows with what was found before it, from a share of a small tree to this size.
const LARGEST_BATCH: u64 = 1024 * 1024;

/// Starting a thread for less text than this takes longer than counting it.
const SMALLEST_BATCH: u64 = 32 * 1024;

/// A batch is also full with this many files, so that its paths take little memory.
const MOST_FILES: usize = 256;

/// Files for one worker.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) files: Vec<PathBuf>,
    /// Entries on the way to them that could not be read.
    pub(crate) unreadable: u64,
}

/// All files under `folder`, in batches; links to directories are not followed.
pub(crate) fn batches(folder: &Path) -> impl Iterator<Item = Batch> {
    let mut entries = WalkDir::new(folder).into_iter();
    let mut found = 0;
    core::iter::from_fn(move || {
        let mut batch = Batch::default();
        let mut bytes = 0;
        let enough = (found / 16).clamp(SMALLEST_BATCH, LARGEST_BATCH);
        while bytes < enough && batch.files.len() < MOST_FILES {
            match entries.next().map(|entry| file_size(entry?)) {
                Some(Ok((path, Some(size)))) => {
                    bytes += size;
                    batch.files.push(path);
                }
                Some(Ok((_, None))) => {}
                Some(Err(_)) => batch.unreadable += 1,
                None if batch.files.is_empty() && batch.unreadable == 0 => return None,
                None => break,
            }
        }
        found += bytes;
        Some(batch)
    })
}

/// The entry's path, and its size if it is a regular file or a link to one.
///
/// Pipes, sockets and devices have no size: opening them could wait for ever.
fn file_size(entry: DirEntry) -> io::Result<(PathBuf, Option<u64>)> {
    // A link that leads nowhere is an error here.
    let target = if entry.path_is_symlink() {
        fs::metadata(entry.path())?
    } else {
        entry.metadata()?
    };
    let size = target.is_file().then_some(target.len());
    Ok((entry.into_path(), size))
}
