//! Files to search, the same in every run.

use std::env;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process;

/// What is hidden in the files.
pub(crate) const NEEDLE: &str = "needle";

/// A temporary folder with files in it; dropped, it is removed.
pub(crate) struct Generated {
    folder: PathBuf,
    needles: u64,
}

impl Generated {
    /// Writes `files` text files, and a binary one that must not be searched.
    pub(crate) fn write(files: u64) -> io::Result<Self> {
        let mut generated = Self {
            folder: new_folder()?,
            needles: 0,
        };
        fs::write(generated.folder.join("binary"), format!("{NEEDLE}\n\0"))?;
        for number in 0..files {
            generated.write_file(number)?;
        }
        Ok(generated)
    }

    /// A file of up to a thousand lines, an eleventh of them with a needle.
    fn write_file(&mut self, number: u64) -> io::Result<()> {
        let section = self.folder.join(format!("{:02}", number % 16));
        fs::create_dir_all(&section)?;
        let mut file = BufWriter::new(File::create(section.join(format!("{number:05}.txt")))?);
        for line in 0..=number * 61 % 1000 {
            if (number + line) % 11 == 0 {
                writeln!(file, "a {NEEDLE} in file {number}")?;
                self.needles += 1;
            } else {
                writeln!(file, "hay, line {line}")?;
            }
        }
        file.flush()
    }

    /// Where the files are.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// How many lines there are to be found.
    pub(crate) fn needles(&self) -> u64 {
        self.needles
    }

    /// Removes the folder; unlike a drop, says if that fails.
    pub(crate) fn remove(self) -> io::Result<()> {
        fs::remove_dir_all(&self.folder)
    }
}

impl Drop for Generated {
    fn drop(&mut self) {
        // Nobody is left to be told, and after `remove` there is nothing left to do.
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// A folder of our own: one that exists already belongs to somebody else.
fn new_folder() -> io::Result<PathBuf> {
    let mut attempt = 0;
    loop {
        let name = format!("syncline-grep-{}-{attempt}", process::id());
        let folder = env::temp_dir().join(name);
        match fs::create_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 1000 => {
                attempt += 1;
            }
            Err(error) => return Err(error),
            Ok(()) => return Ok(folder),
        }
    }
}
