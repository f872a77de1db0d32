//! The command line: what may be asked for, and the messages for what may not.

#[path = "../shared/number.rs"]
mod number;

use core::ops::RangeInclusive;
use core::time::Duration;
use std::ffi::OsString;

use number::number;

/// The text of `--help`.
pub(crate) const HELP: &str = "\
Fetches URLs, counts the bytes, and says what became of each.

Usage: fetch [--jobs N] [--rate N] [--burst N] [--timeout SECONDS] [--retries N]
             [--give-up N] [--limit BYTES] [--] [URL...]

  URL...             what to fetch, http only; without any, pages of a small server that
                     this program starts on the loopback interface
  --jobs N           requests in flight at once, 1 to 256 (default: 8)
  --rate N           requests a second, 1 to 100000 (default: as many as there can be)
  --burst N          requests that may come together all the same, 1 to 100000 (default: 1);
                     needs --rate
  --timeout SECONDS  for each try, 0.001 to 86400 (default: 10; without URLs: 1)
  --retries N        further tries for each URL, 0 to 100 (default: 2)
  --give-up N        connections in a row that fail or time out before their host is left
                     alone for 5 s, 1 to 1000; 0 for never (default: 5)
  --limit BYTES      the longest body that is taken (default: 16777216; without URLs:
                     1048576)
  -h, --help         print this

What may go better next time is tried again: no connection, no answer in time, an answer that
is cut off, and the statuses 408, 429 and 5xx. The pause before the first retry is 0.1 s; each
later one is twice as long, up to 5 s; none is shorter than the server asks for (Retry-After,
up to 60 s). A URL whose host is left alone fails. Up to 10 redirects are followed. No proxy is
used.

A line for each URL goes to stderr, or a bar if that is a terminal; the summary goes to stdout,
with a line for each host.
Ctrl-C leaves out what is not done, and the summary counts it; the second one ends that, too.

Exit codes: 0 all fetched (without URLs: each page ended as it is meant to), 1 some failed,
2 wrong usage, 130 ended by Ctrl-C.
";

/// More calls than this at once leave no room in the pool of `to_thread`.
const JOBS: RangeInclusive<usize> = 1..=256;

/// Requests a second, and at once.
const RATES: RangeInclusive<u64> = 1..=100_000;

/// Failures in a row.
const FAILURES: RangeInclusive<u32> = 0..=1000;

/// Seconds.
const TIMEOUTS: RangeInclusive<f64> = 0.001..=86_400.0;

/// The pauses become long.
const RETRIES: RangeInclusive<u32> = 0..=100;

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Request {
    Help,
    Fetch(Options),
}

/// What to fetch, and how.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) urls: Vec<String>,
    pub(crate) jobs: usize,
    /// Requests a second, and at once.
    pub(crate) rate: Option<(u64, u64)>,
    /// Failures in a row before a host is left alone; zero for never.
    pub(crate) give_up: u32,
    pub(crate) timeout: Duration,
    pub(crate) retries: u32,
    pub(crate) limit: u64,
}

/// Reads the command line, without the program's name.
///
/// # Errors
///
/// Returns the sentence to print if the request is wrong.
pub(crate) fn parse(args: impl Iterator<Item = OsString>) -> Result<Request, String> {
    let args: Result<Vec<String>, OsString> = args.map(OsString::into_string).collect();
    let args = args.map_err(|arg| see_help(&format!("{} is not UTF-8", arg.to_string_lossy())))?;
    let mut args = args.into_iter();
    let (mut jobs, mut timeout, mut retries, mut limit) = (8, None, 2, None);
    let (mut rate, mut burst, mut give_up) = (None, None, 5);
    let mut urls = Vec::new();
    while let Some(arg) = args.next() {
        if !arg.starts_with('-') {
            urls.push(arg);
            continue;
        }
        let (name, own) = match arg.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (arg.as_str(), None),
        };
        match name {
            "-h" | "--help" if own.is_none() => return Ok(Request::Help),
            "--" if own.is_none() => urls.extend(args.by_ref()),
            "--jobs" => jobs = number(name, own.or_else(|| args.next()), &JOBS, see_help)?,
            "--rate" => rate = Some(number(name, own.or_else(|| args.next()), &RATES, see_help)?),
            "--burst" => burst = Some(number(name, own.or_else(|| args.next()), &RATES, see_help)?),
            "--give-up" => {
                give_up = number(name, own.or_else(|| args.next()), &FAILURES, see_help)?;
            }
            "--timeout" => {
                let seconds = number(name, own.or_else(|| args.next()), &TIMEOUTS, see_help)?;
                timeout = Some(Duration::from_secs_f64(seconds));
            }
            "--retries" => retries = number(name, own.or_else(|| args.next()), &RETRIES, see_help)?,
            "--limit" => {
                limit = Some(number(
                    name,
                    own.or_else(|| args.next()),
                    &(0..=u64::MAX - 1),
                    see_help,
                )?);
            }
            _ => return Err(see_help(&format!("unknown flag {arg}"))),
        }
    }
    let rate = match (rate, burst) {
        (None, Some(_)) => return Err(see_help("--burst needs --rate")),
        (rate, burst) => rate.map(|rate| (rate, burst.unwrap_or(1))),
    };
    let own = urls.is_empty();
    let default = Duration::from_secs(if own { 1 } else { 10 });
    Ok(Request::Fetch(Options {
        urls,
        jobs,
        rate,
        give_up,
        timeout: timeout.unwrap_or(default),
        retries,
        limit: limit.unwrap_or(if own { 1 << 20 } else { 16 << 20 }),
    }))
}

fn see_help(message: &str) -> String {
    format!("{message}\nUsage: fetch [FLAGS] [--] [URL...] (--help says more)")
}
