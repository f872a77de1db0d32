//! The command line: what may be asked for, and the messages for what may not.

#[path = "../shared/number.rs"]
mod number;

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::thread;

use number::number;

/// The text of `--help`.
pub(crate) const HELP: &str = "\
Counts the words of all text files under a directory.

Usage: wordcount [--jobs N] [--compare] [DIR]
       wordcount [--jobs N] --generate MB

  DIR            the directory to count (default: the sources of syncline)
  --jobs N       worker threads, 1 to 1024 (default: one per processor)
  --compare      count with one worker too, and print the speed-up
  --generate MB  write at least MB (1 to 65536) megabytes of random text to a temporary
                 folder, count and compare it, and remove it afterwards
  -h, --help     print this

A word is a run of letters and digits, with apostrophes inside, in lower case; one that is
longer than 64 KiB counts in pieces. Files that contain a NUL byte or invalid UTF-8 are
binary; they and files that cannot be read are skipped and counted apart. Links to files
are counted, links to directories are not followed.

Exit codes: 0 done, 1 something failed, 2 the request is wrong.
";

/// More threads than this help nobody.
const MOST_JOBS: usize = 1024;

/// Text beyond this does not fit into anybody's temporary folder.
const MOST_MEGABYTES: u64 = 65_536;

/// What the command line asks for.
pub(crate) enum Request {
    Help,
    Count(Options),
}

/// How to count, and what.
pub(crate) struct Options {
    pub(crate) source: Source,
    pub(crate) jobs: usize,
    pub(crate) compare: bool,
}

/// Where the text comes from.
pub(crate) enum Source {
    Folder(PathBuf),
    Generated { megabytes: u64 },
}

/// Reads the command line, without the program's name.
///
/// # Errors
///
/// Returns the sentence to print if the request is wrong.
pub(crate) fn parse(mut args: impl Iterator<Item = OsString>) -> Result<Request, String> {
    let mut jobs = None;
    let mut compare = false;
    let mut megabytes = None;
    let mut folder = None;
    let mut only_folders = false;
    while let Some(arg) = args.next() {
        let flag = arg
            .to_str()
            .filter(|text| text.starts_with('-') && !only_folders);
        let (name, value) = match flag.and_then(|flag| flag.split_once('=')) {
            Some((name, value)) => (Some(name), Some(value)),
            None => (flag, None),
        };
        match (name, value) {
            (Some("-h" | "--help"), None) => return Ok(Request::Help),
            (Some("--"), None) => only_folders = true,
            (Some("--compare"), None) => compare = true,
            (Some(name @ "--jobs"), own) => {
                let text = own.map(OsString::from).or_else(|| args.next());
                jobs = Some(number(name, text, &(1..=MOST_JOBS), see_help)?);
            }
            (Some(name @ "--generate"), own) => {
                let text = own.map(OsString::from).or_else(|| args.next());
                megabytes = Some(number(name, text, &(1..=MOST_MEGABYTES), see_help)?);
            }
            (Some(_), _) => {
                return Err(see_help(&format!("unknown flag {}", arg.to_string_lossy())));
            }
            (None, _) if folder.is_some() => return Err(see_help("only one DIR can be counted")),
            (None, _) => folder = Some(PathBuf::from(arg)),
        }
    }
    let source = match (megabytes, folder) {
        (Some(_), Some(_)) => return Err(see_help("--generate and DIR exclude each other")),
        (Some(megabytes), None) => Source::Generated { megabytes },
        (None, Some(folder)) => Source::Folder(folder),
        (None, None) => Source::Folder(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")),
    };
    let compare = compare || megabytes.is_some();
    let jobs = jobs.unwrap_or_else(one_per_processor);
    Ok(Request::Count(Options {
        source,
        jobs,
        compare,
    }))
}

fn one_per_processor() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// The number a flag was given, in its own argument (`--flag=N`) or in the next one.
fn see_help(message: &str) -> String {
    format!("{message} (--help says what there is)")
}
