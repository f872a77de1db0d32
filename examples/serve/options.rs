//! The command line: what may be asked for, and the messages for what may not.

#[path = "../shared/number.rs"]
mod number;

use core::net::{Ipv4Addr, SocketAddr};
use core::ops::RangeInclusive;
use core::time::Duration;
use std::ffi::OsString;
use std::path::PathBuf;

use number::number;

/// The text of `--help`.
pub(crate) const HELP: &str = "\
Serves keys and values over TCP, and logs each write before it is acknowledged.

Usage: serve [--mode threads|tasks] [--port N] [--log FILE]
       serve --selftest [SECONDS] [--mode threads|tasks]

  --mode MODE        a thread for each connection, or a task (default: threads)
  --port N           the port on the loopback interface, 0 for any (default: 7878)
  --log FILE         where writes are logged, which must not exist (default: serve.log)
  --selftest [SECONDS]
                     clients that share pools of connections, each of which is killed,
                     hung or garbled sooner or later but for those of one pool, and a log
                     that stalls, 1 to 86400 s (default: 3); then a look whether all that
                     was acknowledged is there, and whether writes had to wait and went on
  -h, --help         print this

One request a line, `put KEY VALUE SUM`, `get KEY SUM` or `ping SUM`; the sum is FNV-1a of what is
before it, in hexadecimal.
Ctrl-C lets requests end that are under way, for 5 s, and prints what that came to; the second
one ends the program at once.

Exit codes: 0 all is well, 1 something was lost, hung or cannot be done, 2 wrong usage.
";

/// Seconds of a self-test.
const SECONDS: RangeInclusive<u64> = 1..=86_400;

/// How connections are served.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mode {
    Threads,
    Tasks,
}

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Request {
    Help,
    Serve {
        mode: Mode,
        address: SocketAddr,
        log: PathBuf,
    },
    SelfTest {
        mode: Mode,
        time: Duration,
    },
}

/// Reads the command line, without the program's name.
///
/// # Errors
///
/// Returns the sentence to print if the request is wrong.
pub(crate) fn parse(args: impl Iterator<Item = OsString>) -> Result<Request, String> {
    let args: Result<Vec<String>, OsString> = args.map(OsString::into_string).collect();
    let args = args.map_err(|arg| see_help(&format!("{} is not UTF-8", arg.to_string_lossy())))?;
    let mut args = args.into_iter().peekable();
    let (mut mode, mut port, mut log, mut time) = (Mode::Threads, None, None, None);
    while let Some(arg) = args.next() {
        match &*arg {
            "-h" | "--help" => return Ok(Request::Help),
            "--mode" => {
                mode = match args.next().as_deref() {
                    Some("threads") => Mode::Threads,
                    Some("tasks") => Mode::Tasks,
                    other => {
                        let other = other.unwrap_or_default();
                        return Err(see_help(&format!(
                            "--mode wants threads or tasks, not `{other}`"
                        )));
                    }
                }
            }
            "--port" => port = Some(number("--port", args.next(), &(0..=u16::MAX), see_help)?),
            "--log" => {
                log = Some(args.next().ok_or_else(|| see_help("--log wants a file"))?);
            }
            "--selftest" => {
                let seconds = args.next_if(|next| !next.starts_with('-'));
                let seconds = seconds.or_else(|| Some("3".to_owned()));
                time = Some(Duration::from_secs(number(
                    "--selftest",
                    seconds,
                    &SECONDS,
                    see_help,
                )?));
            }
            _ => return Err(see_help(&format!("unknown argument {arg}"))),
        }
    }
    match (time, port, log) {
        (Some(time), None, None) => Ok(Request::SelfTest { mode, time }),
        (Some(_), ..) => Err(see_help("a self-test chooses its own port and log")),
        (None, port, log) => Ok(Request::Serve {
            mode,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, port.unwrap_or(7878))),
            log: PathBuf::from(log.unwrap_or_else(|| "serve.log".to_owned())),
        }),
    }
}

fn see_help(message: &str) -> String {
    format!("{message}\nUsage: serve [FLAGS] (--help says more)")
}
