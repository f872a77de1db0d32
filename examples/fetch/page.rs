//! The pages of the server, and how a request for each is meant to end.

use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;

use crate::failure::Reason;
use crate::options::Options;

/// How long the slow page takes.
const SLOW: Duration = Duration::from_millis(200);

/// How often the flaky page fails before it is well.
const FAILURES: u32 = 2;

/// All pages. Some are asked for more than once.
pub(crate) const PAGES: [&str; 17] = [
    "/quick/1",
    "/quick/2",
    "/quick/3",
    "/slow/1",
    "/slow/2",
    "/slow/3",
    "/flaky",
    "/limited",
    "/redirect",
    "/circle",
    "/missing",
    "/failing",
    "/garbage",
    "/short",
    "/dying",
    "/endless",
    "/never",
];

/// What the server does with a request.
pub(crate) enum Answer {
    Now(String),
    Later(Duration, String),
    /// Says this again and again.
    Endless(&'static str),
    /// Keeps the connection, and says nothing.
    Never,
}

/// How often the pages that change were asked for.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    flaky: AtomicU32,
    limited: AtomicU32,
}

/// The answer to a request for a page.
pub(crate) fn answer(path: &str, asked: &Asked) -> Answer {
    let text = |status, text: &str| {
        let length = text.len();
        format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{text}")
    };
    let moved = |to| format!("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: {to}\r\n\r\n");
    let name = path.trim_start_matches('/').split('/').next();
    Answer::Now(match name.unwrap_or_default() {
        "quick" => text("200 OK", "quick\n"),
        "slow" => return Answer::Later(SLOW, text("200 OK", "slow\n")),
        // One at a time asks for each of these, so nothing is ordered by the counts.
        "flaky" if asked.flaky.fetch_add(1, Ordering::Relaxed) < FAILURES => {
            text("503 Service Unavailable", "not yet\n")
        }
        "limited" if asked.limited.fetch_add(1, Ordering::Relaxed) == 0 => {
            "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"
                .to_owned()
        }
        "limited" => text("200 OK", "patience\n"),
        "flaky" => text("200 OK", "at last\n"),
        "redirect" => moved("/quick/1"),
        "circle" => moved("/circle"),
        "failing" => text("500 Internal Server Error", "alas\n"),
        "garbage" => "220 this is not HTTP\r\n".to_owned(),
        "dying" => String::new(),
        "short" => "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort\n".to_owned(),
        "endless" => return Answer::Endless("HTTP/1.1 200 OK\r\n\r\n"),
        "never" => return Answer::Never,
        _ => text("404 Not Found", "no such page\n"),
    })
}

/// Why a request for a page fails, if all is well.
pub(crate) fn meant(path: &str, options: &Options) -> Option<Reason> {
    match path {
        "/flaky" if options.retries < FAILURES => Some(Reason::Status(503)),
        "/limited" if options.retries == 0 => Some(Reason::Status(429)),
        "/circle" => Some(Reason::TooManyRedirects),
        "/missing" => Some(Reason::Status(404)),
        "/failing" => Some(Reason::Status(500)),
        "/garbage" => Some(Reason::BadAnswer),
        "/short" | "/dying" => Some(Reason::CutOff),
        "/endless" => Some(Reason::BodyTooLong),
        "/never" => Some(Reason::TimedOut),
        _ => None,
    }
}
