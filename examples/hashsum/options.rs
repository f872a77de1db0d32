//! The command line: what may be asked for, and the messages for what may not.

#[path = "../shared/number.rs"]
mod number;

use std::ffi::OsString;
use std::path::PathBuf;
use std::thread;

use number::number;

/// The text of `--help`.
pub(crate) const HELP: &str = "\
Prints the SHA-256 of every file under a directory, in the format of sha256sum.

Usage: hashsum [--jobs N] [--sorted] [--] DIR

  DIR         the directory
  --jobs N    worker threads, 1 to 1024 (default: one per processor)
  --sorted    in the order of the paths; otherwise a file that is done first comes first
  -h, --help  print this

Links, except DIR itself, and what is no regular file are skipped. What cannot be read is named
on stderr. A name with a backslash or a line end in it is escaped as sha256sum does it:
`sha256sum --check` reads all that is printed.

Ctrl-C leaves out what has not been begun; the second one ends the rest, too.

Exit codes: 0 all is well, 1 something could not be read or written, 2 wrong usage,
130 ended by Ctrl-C.
";

/// More threads than this help nobody.
const MOST_JOBS: usize = 1024;

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Request {
    Help,
    Sum(Options),
}

/// What to compute, and how.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) folder: PathBuf,
    pub(crate) jobs: usize,
    pub(crate) sorted: bool,
}

/// Reads the command line, without the program's name.
///
/// # Errors
///
/// Returns the sentence to print if the request is wrong.
pub(crate) fn parse(mut args: impl Iterator<Item = OsString>) -> Result<Request, String> {
    let mut jobs = None;
    let mut sorted = false;
    let mut folders = Vec::new();
    let mut only_words = false;
    while let Some(arg) = args.next() {
        let flag = arg
            .to_str()
            .filter(|text| text.starts_with('-') && !only_words);
        match flag {
            Some("-h" | "--help") => return Ok(Request::Help),
            Some("--") => only_words = true,
            Some("--sorted") => sorted = true,
            Some(name @ "--jobs") => {
                jobs = Some(number(name, args.next(), &(1..=MOST_JOBS), see_help)?);
            }
            Some(flag) => match flag.strip_prefix("--jobs=") {
                Some(text) => {
                    jobs = Some(number("--jobs", Some(text), &(1..=MOST_JOBS), see_help)?);
                }
                None => return Err(see_help(&format!("unknown flag {flag}"))),
            },
            None => folders.push(arg),
        }
    }
    let [folder] = <[OsString; 1]>::try_from(folders)
        .map_err(|folders| see_help(&format!("one DIR is needed, not {}", folders.len())))?;
    Ok(Request::Sum(Options {
        folder: PathBuf::from(folder),
        jobs: jobs.unwrap_or_else(one_per_processor),
        sorted,
    }))
}

fn one_per_processor() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn see_help(message: &str) -> String {
    format!("{message}\nUsage: hashsum [--jobs N] [--sorted] [--] DIR (--help says more)")
}
