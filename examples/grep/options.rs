//! The command line: what may be asked for, and the messages for what may not.

#[path = "../shared/number.rs"]
mod number;

use std::ffi::OsString;
use std::path::PathBuf;
use std::thread;

use number::number;

/// The text of `--help`.
pub(crate) const HELP: &str = "\
Prints the lines that match a pattern, of all text files under a directory: path:line:text.

Usage: grep [--jobs N] [--verbose] [--] PATTERN DIR
       grep [--jobs N] [--verbose] --generate N

  PATTERN       a regular expression as of the crate `regex`, on bytes; (?u) makes it Unicode
  DIR           the directory to search
  --jobs N      worker threads, 1 to 1024 (default: one per processor)
  --verbose     show the lengths of the queues on stderr, ten times a second
  --generate N  write N (1 to 100000) small files to a temporary folder, search them for what
                was hidden there, check that all was found, and remove them afterwards
  -h, --help    print this

Files come in the order of their paths. Files with a NUL byte are binary and skipped; so are
links, except DIR itself, and what is no regular file. What cannot be read is named on stderr.
Ctrl-C ends the search, and prints what was found up to then; the second one ends that, too.

Exit codes: 0 found, 1 nothing found, 2 something went wrong, 130 ended by Ctrl-C.
";

/// More threads than this help nobody.
const MOST_JOBS: usize = 1024;

/// More files than this do not fit into anybody's temporary folder.
const MOST_FILES: u64 = 100_000;

/// What the command line asks for.
pub(crate) enum Request {
    Help,
    Search(Options),
}

/// How to search, for what, and where.
pub(crate) struct Options {
    pub(crate) source: Source,
    pub(crate) jobs: usize,
    pub(crate) verbose: bool,
}

/// Where the files come from.
pub(crate) enum Source {
    Folder { pattern: String, folder: PathBuf },
    Generated { files: u64 },
}

/// Reads the command line, without the program's name.
///
/// # Errors
///
/// Returns the sentence to print if the request is wrong.
pub(crate) fn parse(mut args: impl Iterator<Item = OsString>) -> Result<Request, String> {
    let mut jobs = None;
    let mut verbose = false;
    let mut files = None;
    let mut words = Vec::new();
    let mut only_words = false;
    while let Some(arg) = args.next() {
        let flag = arg
            .to_str()
            .filter(|text| text.starts_with('-') && !only_words);
        let (name, value) = match flag.and_then(|flag| flag.split_once('=')) {
            Some((name, value)) => (Some(name), Some(value)),
            None => (flag, None),
        };
        match (name, value) {
            (Some("-h" | "--help"), None) => return Ok(Request::Help),
            (Some("--"), None) => only_words = true,
            (Some("--verbose"), None) => verbose = true,
            (Some(name @ "--jobs"), own) => {
                let text = own.map(OsString::from).or_else(|| args.next());
                jobs = Some(number(name, text, &(1..=MOST_JOBS), see_help)?);
            }
            (Some(name @ "--generate"), own) => {
                let text = own.map(OsString::from).or_else(|| args.next());
                files = Some(number(name, text, &(1..=MOST_FILES), see_help)?);
            }
            (Some(_), _) => {
                return Err(see_help(&format!("unknown flag {}", arg.to_string_lossy())));
            }
            (None, _) => words.push(arg),
        }
    }
    let jobs = jobs.unwrap_or_else(one_per_processor);
    Ok(Request::Search(Options {
        source: source(files, words)?,
        jobs,
        verbose,
    }))
}

fn source(files: Option<u64>, words: Vec<OsString>) -> Result<Source, String> {
    if let Some(files) = files {
        if words.is_empty() {
            return Ok(Source::Generated { files });
        }
        return Err(see_help("--generate takes no PATTERN and no DIR"));
    }
    let [pattern, folder] = <[OsString; 2]>::try_from(words)
        .map_err(|words| see_help(&format!("PATTERN and DIR are two, not {}", words.len())))?;
    let pattern = pattern
        .into_string()
        .map_err(|pattern| format!("bad pattern: {} is not UTF-8", pattern.to_string_lossy()))?;
    Ok(Source::Folder {
        pattern,
        folder: PathBuf::from(folder),
    })
}

fn one_per_processor() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// The number a flag was given, in its own argument (`--flag=N`) or in the next one.
fn see_help(message: &str) -> String {
    format!("{message} (--help says what there is)")
}
