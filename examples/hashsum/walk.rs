//! The files, as they are found.

use std::path::{Path, PathBuf};

use walkdir::{IntoIter, WalkDir};

use crate::interrupt::Interrupt;
use crate::report::Report;

/// All regular files under a directory, in the order of their paths, until Ctrl-C.
///
/// What cannot be read on the way is reported at once.
pub(crate) struct Files<'a> {
    entries: IntoIter,
    report: &'a Report,
    interrupt: &'a Interrupt,
}

impl<'a> Files<'a> {
    pub(crate) fn new(folder: &Path, report: &'a Report, interrupt: &'a Interrupt) -> Self {
        Self {
            entries: WalkDir::new(folder).sort_by_file_name().into_iter(),
            report,
            interrupt,
        }
    }
}

impl Iterator for Files<'_> {
    type Item = PathBuf;

    fn next(&mut self) -> Option<PathBuf> {
        while !self.interrupt.has_come() {
            match self.entries.next()? {
                Ok(entry) if entry.file_type().is_file() => return Some(entry.into_path()),
                Ok(_) => {}
                Err(error) => {
                    let path = error.path().unwrap_or(Path::new("")).to_owned();
                    let error = error
                        .into_io_error()
                        .expect("links are not followed in circles");
                    self.report
                        .trouble(format_args!("{}: {error}", path.display()));
                }
            }
        }
        None
    }
}
