//! The `fetch` example, run as a user runs it, against servers that do what servers should not.

#![cfg(all(feature = "pool", not(syncline_loom)))]

use core::fmt::Display;
use core::net::{Ipv4Addr, SocketAddr};
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use core::time::Duration;
use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Instant;

use syncline::thread::Event;

#[path = "support/watch.rs"]
mod watch;

/// The built example: `cargo test` puts it beside the directory of the test binaries.
fn example() -> Command {
    let here = env::current_exe().expect("a test knows its own path");
    let profile = here
        .ancestors()
        .nth(2)
        .expect("tests are built in target/<profile>/deps");
    let example = profile
        .join("examples/fetch")
        .with_extension(env::consts::EXE_EXTENSION);
    assert!(
        example.exists(),
        "{} is missing: `cargo test` builds it, `cargo test --test fetch` alone needs \
         `cargo build --example fetch` first",
        example.display()
    );
    let mut command = Command::new(example);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What one run printed, and how it ended.
#[derive(Debug)]
struct Outcome {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Outcome {
    fn of(child: Child) -> Self {
        let output = child.wait_with_output().expect("the program ends");
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("the summary is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("messages are UTF-8"),
        }
    }

    /// The number before a word of the summary.
    #[track_caller]
    fn count(&self, what: &str) -> u64 {
        let first = self.stdout.lines().next().unwrap_or_default();
        let words: Vec<_> = first.split([' ', ',', ';']).collect();
        let at = words.iter().position(|word| *word == what);
        let at = at.unwrap_or_else(|| panic!("no count of `{what}`: {self:?}"));
        words[at - 1].parse().expect("a number")
    }

    /// Fetched, failed and left out.
    #[track_caller]
    fn counts(&self) -> [u64; 3] {
        ["fetched", "failed", "left"].map(|what| self.count(what))
    }

    /// The reasons in the summary, with their counts.
    fn reasons(&self) -> Vec<&str> {
        let lines = self.stdout.lines();
        lines
            .filter_map(|line| line.strip_prefix("failed: "))
            .collect()
    }
}

/// Runs the example to its end.
fn run<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Outcome {
    running(args, Outcome::of)
}

/// Runs a test of a program that goes on meanwhile.
fn running<S: AsRef<std::ffi::OsStr>, T>(
    args: impl IntoIterator<Item = S>,
    test: impl FnOnce(Child) -> T,
) -> T {
    let child = example().args(args).spawn().expect("the example starts");
    let id = child.id();
    let state = move || {
        kill("KILL", id);
        format!("the child {id} has been killed")
    };
    watch::watchdog("the program", watch::LIMIT, state, || test(child))
}

/// Sends a signal, where there are signals.
fn kill(signal: &str, child: u32) {
    let mut shell = Command::new("sh");
    shell.args(["-c", "kill -s \"$0\" \"$1\"", signal, &child.to_string()]);
    let sent = shell.status().is_ok_and(|status| status.success());
    assert!(sent || !cfg!(unix), "every Unix has a shell");
}

/// A flag under which nothing ever times out here: what waits for it hangs.
const PATIENT: &str = "--timeout=86400";

/// A server of a test. It answers each connection on a thread of its own, and ends with the test.
struct Server {
    address: SocketAddr,
    /// When each request came, and what it asked for.
    visits: Arc<Mutex<Vec<(Instant, String)>>>,
}

impl Server {
    /// `answer` gets the connection, the path, and how many requests came before. What it
    /// writes may fail: clients leave.
    fn start<F>(answer: F) -> Self
    where
        F: Fn(&mut TcpStream, &str, usize) -> io::Result<()> + Send + Sync + 'static,
    {
        let (listener, address) = listener();
        let visits = Arc::new(Mutex::new(Vec::new()));
        let answer = Arc::new(answer);
        thread::spawn({
            let visits = Arc::clone(&visits);
            move || {
                for stream in listener.incoming() {
                    let mut stream = stream.expect("a client");
                    let (answer, visits) = (Arc::clone(&answer), Arc::clone(&visits));
                    thread::spawn(move || {
                        let path = read_request(&stream)?;
                        let mut visits = visits.lock().expect("nobody panics");
                        let number = visits.len();
                        visits.push((Instant::now(), path.clone()));
                        drop(visits);
                        answer(&mut stream, &path, number)
                    });
                }
            }
        });
        Self { address, visits }
    }

    /// Says the same to everybody, and closes the connection.
    fn says(text: impl Into<Vec<u8>>) -> Self {
        let text = text.into();
        Self::start(move |stream, _, _| stream.write_all(&text))
    }

    /// Says one thing once, and another again and again.
    fn repeats(once: &'static str, again: &'static str) -> Self {
        Self::start(move |stream, _, _| {
            stream.write_all(once.as_bytes())?;
            let again = again.repeat(100);
            loop {
                stream.write_all(again.as_bytes())?;
            }
        })
    }

    /// Keeps all connections open, and says nothing.
    fn never_answers() -> Self {
        Self::start(|stream, _, _| io::copy(stream, &mut io::sink()).map(drop))
    }

    fn url(&self, path: impl Display) -> String {
        format!("http://{}/{path}", self.address)
    }

    fn urls(&self, count: usize) -> Vec<String> {
        (0..count).map(|number| self.url(number)).collect()
    }

    fn visits(&self) -> Vec<(Instant, String)> {
        self.visits.lock().expect("nobody panics").clone()
    }
}

fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a loopback");
    let address = listener.local_addr().expect("it has an address");
    (listener, address)
}

/// Reads a request to its end, and returns the path without its first slash.
fn read_request(stream: &TcpStream) -> io::Result<String> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let path = first.split(' ').nth(1).unwrap_or_default();
    Ok(path.trim_start_matches('/').to_owned())
}

fn ok(body: &str) -> String {
    status("200 OK", body)
}

fn status(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
}

/// Fetches from a server that fails, once, and expects that reason.
#[track_caller]
fn fails(server: &Server, flags: &[&str], reason: &str) {
    let url = server.url("");
    let outcome = run(flags.iter().copied().chain(["--retries=0", &url]));
    assert_eq!(
        vec![format!("1 x {reason}")],
        outcome.reasons(),
        "{outcome:?}"
    );
    assert_eq!(Some(1), outcome.code, "{outcome:?}");
    assert_eq!([0, 1, 0], outcome.counts(), "{outcome:?}");
    assert_eq!(1, outcome.stderr.lines().count(), "{outcome:?}");
    assert!(outcome.stderr.contains(&url), "{outcome:?}");
}

#[test]
fn without_urls_each_page_of_its_own_server_ends_as_it_is_meant_to() {
    let outcome = run([""; 0]);
    assert_eq!(Some(0), outcome.code, "{outcome:?}");
    assert_eq!([9, 10, 0], outcome.counts(), "{outcome:?}");
    // Six that fail every time, one that fails twice, and one that asks for patience.
    assert!(outcome.count("retries") >= 13, "{outcome:?}");
    let texts = ["quick\n"; 4].into_iter().chain(["slow\n"; 3]);
    let bytes: usize = texts.chain(["at last\n", "patience\n"]).map(str::len).sum();
    assert_eq!(bytes as u64, outcome.count("bytes"));
    let reasons = [
        "https is not supported: this program has no TLS",
        "connection refused",
        "timed out",
        "the answer was cut off",
        "the answer is not HTTP",
        "the body is too long",
        "too many redirects",
        "status 404",
        "status 500",
    ];
    assert_eq!(
        reasons
            .map(|reason| match reason {
                "the answer was cut off" => format!("2 x {reason}"),
                _ => format!("1 x {reason}"),
            })
            .to_vec(),
        outcome.reasons()
    );
    assert_eq!(19, outcome.stderr.lines().count(), "{outcome:?}");
}

#[test]
fn what_its_own_server_is_not_meant_to_say_is_exit_code_one() {
    let outcome = run(["--limit=5", "--timeout=1", "--retries=0"]);
    assert_eq!(Some(1), outcome.code, "{outcome:?}");
    let said = "/quick/1 was not meant to end like this";
    assert!(outcome.stderr.contains(said), "{outcome:?}");
    // Without retries this one is meant to fail.
    assert!(!outcome.stderr.contains("/flaky was"), "{outcome:?}");
}

#[test]
fn bytes_are_those_of_all_bodies_however_their_end_is_told() {
    let long = "x".repeat(300_000);
    let server = Server::start(move |stream, path, _| {
        let answer = match path {
            "length" => ok(&long),
            "chunks" => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                         4\r\nwiki\r\n00A\r\npedia in\r\n\r\n0\r\n\r\n"
                .to_owned(),
            "close" => format!("HTTP/1.0 200 OK\r\n\r\n{long}{long}"),
            "none" => "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
            "moved" => "HTTP/1.1 301 Moved\r\nContent-Length: 4\r\nLocation: /length\r\n\r\nover"
                .to_owned(),
            _ => status("404 Not Found", "a body that counts nothing"),
        };
        stream.write_all(answer.as_bytes())
    });
    let urls = ["length", "chunks", "close", "none", "moved"].map(|path| server.url(path));
    let outcome = run(&urls);
    assert_eq!(Some(0), outcome.code, "{outcome:?}");
    assert_eq!([5, 0, 0], outcome.counts());
    assert_eq!(4 * 300_000 + 4 + 10, outcome.count("bytes"));
    assert_eq!(0, outcome.count("retries"));
}

#[test]
fn a_body_may_be_as_long_as_the_limit_and_no_longer() {
    for (body, limit) in [("", 0), ("0123456789", 10)] {
        for head in [
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: LEN\r\n\r\n",
        ] {
            let head = head.replace("LEN", &body.len().to_string());
            let server = Server::says(head + body);
            let outcome = run([format!("--limit={limit}"), server.url("")]);
            assert_eq!(Some(0), outcome.code, "{outcome:?}");
        }
    }
    let too_long = "the body is too long";
    fails(&Server::says(ok("0123456789")), &["--limit=9"], too_long);
    fails(&Server::says(ok("0")), &["--limit=0"], too_long);
    let flags = [PATIENT, "--limit=1000000"];
    let endless = Server::repeats("HTTP/1.1 200 OK\r\n\r\n", "more and more");
    fails(&endless, &flags, too_long);
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    fails(&Server::repeats(head, "4\r\nmore\r\n"), &flags, too_long);
    let huge = "HTTP/1.1 200 OK\r\nContent-Length: 9999999999999\r\n\r\n";
    fails(&Server::repeats(huge, "more"), &flags, too_long);
}

#[test]
fn an_answer_that_is_not_http_is_no_answer() {
    let not_http = "the answer is not HTTP";
    for text in [
        b"220 mail.example ESMTP\r\n".as_slice(),
        b"\0\xff\xfe\0 binary \r\n\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n",
        b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
    ] {
        fails(&Server::says(text), &[PATIENT], not_http);
    }
}

#[test]
fn an_answer_that_ends_too_early_is_cut_off() {
    for text in [
        "",
        "HTTP",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nnine char",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\nnine char",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwiki\r\n",
    ] {
        fails(&Server::says(text), &[PATIENT], "the answer was cut off");
    }
}

#[test]
fn a_header_that_does_not_end_is_not_kept() {
    let too_long = "the header is too long";
    let head = "HTTP/1.1 200 OK\r\n";
    fails(
        &Server::repeats("HTTP/1.1 200 ", "OK"),
        &[PATIENT],
        too_long,
    );
    fails(
        &Server::repeats("HTTP/1.1 200 OK\r\nLong: ", "x"),
        &[PATIENT],
        too_long,
    );
    let line = format!("{head}Long: {}\r\n\r\n", "x".repeat(100_000));
    fails(&Server::says(line), &[PATIENT], too_long);
}

#[test]
fn redirects_end_somewhere() {
    let to = |location: &str| {
        let head = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: ";
        Server::says(format!("{head}{location}\r\n\r\n"))
    };
    fails(&to("/again"), &[PATIENT], "too many redirects");
    fails(&to("ftp://127.0.0.1/"), &[PATIENT], "bad URL");
    let quick = Server::says(ok("there"));
    let tls = format!("https://{}/", quick.address);
    let no_tls = "https is not supported: this program has no TLS";
    fails(&to(&tls), &[PATIENT], no_tls);
    assert_eq!(Some(0), run([to(&quick.url("")).url("")]).code);
}

#[test]
fn a_server_that_does_not_answer_in_time_has_not_answered() {
    let flags = ["--timeout=0.2"];
    fails(&Server::never_answers(), &flags, "timed out");
    let trickle = Server::start(|stream, _, _| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        // The client says no more, so this read is a pause.
        stream.set_read_timeout(Some(Duration::from_millis(10)))?;
        loop {
            stream.write_all(b".")?;
            drop(stream.read(&mut [0]));
        }
    });
    fails(&trickle, &flags, "timed out");
    // Connected by the system, accepted by nobody.
    let (_listener, address) = listener();
    let outcome = run([
        "--timeout=0.2",
        "--retries=1",
        &format!("http://{address}/"),
    ]);
    assert_eq!(["1 x timed out"], *outcome.reasons(), "{outcome:?}");
    assert_eq!(1, outcome.count("retries"));
}

#[test]
fn what_is_no_http_url_is_not_fetched_and_not_tried_again() {
    let server = Server::says(ok("nobody comes"));
    let at = server.address;
    let bad = [
        "",
        "nonsense",
        "/path",
        "http://",
        "http:///path",
        "http://[::1",
        "http://exa mple/",
        "http://127.0.0.1:99999/",
        "http://me:secret@127.0.0.1:http/",
        "ftp://127.0.0.1/",
        "mailto:nobody@example.org",
    ];
    let outcome = run(bad.map(str::to_owned).into_iter().chain([
        format!("https://{at}/"),
        format!("HTTPS://{at}/"),
        "--retries=3".to_owned(),
    ]));
    assert_eq!(Some(1), outcome.code, "{outcome:?}");
    let no_tls = "2 x https is not supported: this program has no TLS";
    assert_eq!(["11 x bad URL", no_tls], *outcome.reasons(), "{outcome:?}");
    assert_eq!(0, outcome.count("retries"));
    assert!(server.visits().is_empty());
}

#[test]
fn a_host_that_is_not_there_is_a_failure() {
    // No system asks anybody for a name this long.
    let long = format!("http://{}/", "x".repeat(64));
    let (listener, deserted) = listener();
    drop(listener);
    let urls = [long, format!("http://{deserted}/")];
    let outcome = run(urls.into_iter().chain(["--retries=1".to_owned()]));
    assert_eq!(Some(1), outcome.code, "{outcome:?}");
    let reasons = ["1 x connection refused", "1 x network trouble"];
    assert_eq!(reasons, *outcome.reasons(), "{outcome:?}");
    assert_eq!(2, outcome.count("retries"), "{outcome:?}");
}

#[test]
fn what_a_server_or_a_url_says_does_not_reach_the_terminal_as_it_is() {
    // What turns the writing direction round comes through, what changes colours does not.
    let head = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: ";
    let server = Server::says(format!("{head}\u{202e}://\r\n\r\n"));
    let outcome = run([&server.url(""), "http://\x1b[31m/"]);
    assert_eq!(Some(1), outcome.code, "{outcome:?}");
    for (raw, escaped) in [("\u{202e}", "\\u{202e}"), ("\x1b", "\\u{1b}")] {
        assert!(!outcome.stderr.contains(raw), "{outcome:?}");
        assert!(outcome.stderr.contains(escaped), "{outcome:?}");
    }
}

#[test]
fn a_failure_does_not_end_its_siblings() {
    let others_failed = Arc::new(Event::new());
    let failed = Arc::clone(&others_failed);
    let server = Server::start(move |stream, path, _| {
        let answer = match path {
            "good" => {
                failed.wait();
                ok("good")
            }
            "garbage" => "garbage\r\n\r\n".to_owned(),
            "short" => String::new(),
            _ => status("404 Not Found", ""),
        };
        stream.write_all(answer.as_bytes())
    });
    let urls = ["good", "garbage", "short", "missing"].map(|path| server.url(path));
    let args = urls.iter().map(String::as_str);
    let outcome = running(args.chain(["--retries=0", PATIENT]), |mut child| {
        let mut lines = Lines::of(&mut child);
        for number in 1..=3 {
            assert!(lines.next().starts_with(&format!("[{number}/4] ")));
        }
        others_failed.set();
        assert!(lines.next().contains("/good: 4 bytes"));
        Outcome::of(child)
    });
    assert_eq!(Some(1), outcome.code, "{outcome:?}");
    assert_eq!([1, 3, 0], outcome.counts(), "{outcome:?}");
}

#[test]
fn as_many_requests_are_in_flight_as_jobs_are_allowed_and_no_more() {
    const ROUNDS: usize = 5;
    for jobs in [1, 2, 7, 64] {
        let peak = Arc::new(AtomicUsize::new(0));
        let server = Server::start({
            let (inside, peak) = (AtomicUsize::new(0), Arc::clone(&peak));
            let all = Barrier::new(jobs);
            move |stream, _, _| {
                peak.fetch_max(1 + inside.fetch_add(1, SeqCst), SeqCst);
                // Nobody is answered before as many are here as are allowed.
                all.wait();
                thread::yield_now();
                inside.fetch_sub(1, SeqCst);
                stream.write_all(ok("").as_bytes())
            }
        });
        let urls = server.urls(ROUNDS * jobs);
        let outcome = run(urls
            .into_iter()
            .chain([format!("--jobs={jobs}"), PATIENT.to_owned()]));
        assert_eq!(
            [(ROUNDS * jobs) as u64, 0, 0],
            outcome.counts(),
            "{outcome:?}"
        );
        assert_eq!(jobs, peak.load(SeqCst));
    }
}

#[test]
fn a_request_in_a_pause_is_not_in_flight() {
    let server = Server::start(|stream, _, number| {
        stream.write_all(match number {
            0 => b"HTTP/1.1 503 Not Yet\r\nContent-Length: 0\r\n\r\n",
            _ => b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        })
    });
    let urls = server.urls(2).into_iter();
    let outcome = run(urls.chain(["--jobs=1".to_owned(), PATIENT.to_owned()]));
    assert_eq!([2, 0, 0], outcome.counts(), "{outcome:?}");
    let paths: Vec<_> = server.visits().into_iter().map(|(_, path)| path).collect();
    assert_eq!(3, paths.len());
    assert_eq!(paths[0], paths[2], "{paths:?}");
    assert_ne!(paths[0], paths[1], "the other one waited for the pause");
}

#[test]
fn retries_are_as_many_as_said_and_their_pauses_grow() {
    for retries in [0, 1, 3] {
        let server = Server::says(status("503 Service Unavailable", ""));
        let outcome = run([format!("--retries={retries}"), server.url("")]);
        assert_eq!(Some(1), outcome.code, "{outcome:?}");
        assert_eq!(["1 x status 503"], *outcome.reasons());
        assert_eq!(retries, outcome.count("retries"));
        let visits = server.visits();
        assert_eq!(1 + retries, visits.len() as u64);
        let mut pause = Duration::from_millis(100);
        for pair in visits.windows(2) {
            let gap = pair[1].0 - pair[0].0;
            assert!(gap >= pause, "{gap:?} instead of {pause:?}");
            pause *= 2;
        }
    }
}

#[test]
fn what_goes_well_at_last_is_fetched() {
    for (retries, code) in [(2, 0), (1, 1)] {
        let server = Server::start(|stream, _, number| {
            stream.write_all(match number {
                0 => b"".as_slice(),
                1 => b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n",
                _ => b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell",
            })
        });
        let outcome = run([format!("--retries={retries}"), server.url("")]);
        assert_eq!(Some(code), outcome.code, "{outcome:?}");
        assert_eq!(retries, outcome.count("retries"));
        assert_eq!(1 + retries, server.visits().len() as u64);
    }
}

#[test]
fn a_try_that_timed_out_is_one_of_the_tries() {
    let server = Server::never_answers();
    // With one job, the second try has its turn when the call of the first has ended, too.
    let url = server.url("");
    let outcome = run(["--timeout=0.5", "--retries=2", "--jobs=1", &url]);
    assert_eq!(["1 x timed out"], *outcome.reasons(), "{outcome:?}");
    assert_eq!(3, server.visits().len());
}

/// The visits are spread by the limiter; the first one comes at once, the program starts before it.
#[test]
fn requests_come_no_faster_than_the_rate_but_for_the_burst() {
    for (burst, least) in [
        (1, Duration::from_millis(200)),
        (3, Duration::from_millis(100)),
    ] {
        let server = Server::says(ok("page"));
        let start = Instant::now();
        let flags = ["--rate=20".to_owned(), format!("--burst={burst}")];
        let outcome = run(server.urls(5).into_iter().chain(flags));
        assert_eq!(Some(0), outcome.code, "{outcome:?}");
        let (last, _) = server.visits().pop().expect("five have come");
        assert!(last - start >= least, "{outcome:?}");
    }
}

#[test]
fn a_server_that_says_when_to_come_again_is_left_alone_until_then() {
    let server = Server::start(|stream, _, number| {
        stream.write_all(match number {
            0 => b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"
                .as_slice(),
            1 => b"HTTP/1.1 503 Soon\r\nRetry-After: much later\r\nContent-Length: 0\r\n\r\n",
            _ => b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell",
        })
    });
    let outcome = run([server.url("")]);
    assert_eq!([1, 0, 0], outcome.counts(), "{outcome:?}");
    let visits = server.visits();
    assert!(visits[1].0 - visits[0].0 >= Duration::from_secs(1));
}

/// And the summary says whose pages they were.
#[test]
fn a_dead_host_is_left_alone_and_the_others_are_fetched() {
    let good = Server::says(ok("good"));
    let (listener, deserted) = listener();
    drop(listener);
    let dead = (0..20).map(|number| format!("http://{deserted}/{number}"));
    let flags = ["--retries=0", "--jobs=1", "--give-up=3"].map(str::to_owned);
    let outcome = run(dead.chain([good.url("")]).chain(flags));
    assert_eq!(Some(1), outcome.code, "{outcome:?}");
    assert_eq!([1, 20, 0], outcome.counts(), "{outcome:?}");
    let reasons = outcome.reasons();
    // The next one may be on its way before the third is known to have failed.
    let refused = if reasons[0].starts_with('3') { 3 } else { 4 };
    let alone = 20 - refused;
    let expected = [
        format!("{refused} x connection refused"),
        format!("{alone} x left alone: the host does not answer"),
    ];
    assert_eq!(expected, *reasons, "{outcome:?}");
    let hosts: Vec<_> = (outcome.stdout.lines())
        .filter_map(|line| line.strip_prefix("host "))
        .collect();
    let of = |host, rest| format!("{host}: {rest}");
    let mut expected = [
        of(deserted, "0 fetched, 20 failed, 0 bytes"),
        of(good.address, "1 fetched, 0 failed, 4 bytes"),
    ];
    expected.sort();
    assert_eq!(expected, *hosts, "{outcome:?}");
}

/// A bad answer is an answer: nobody is left alone for that, and without the flag for nothing.
#[test]
fn a_host_that_answers_badly_or_whom_nobody_gives_up_is_asked_every_time() {
    let bad = Server::says(status("500 Alas", ""));
    let flags = ["--retries=0", "--jobs=1", "--give-up=1"].map(str::to_owned);
    let outcome = run(bad.urls(5).into_iter().chain(flags));
    assert_eq!(["5 x status 500"], *outcome.reasons(), "{outcome:?}");
    assert_eq!(5, bad.visits().len());
    let (listener, deserted) = listener();
    drop(listener);
    let dead = (0..10).map(|number| format!("http://{deserted}/{number}"));
    let flags = ["--retries=0", "--jobs=1", "--give-up=0"].map(str::to_owned);
    let outcome = run(dead.chain(flags));
    assert_eq!(
        ["10 x connection refused"],
        *outcome.reasons(),
        "{outcome:?}"
    );
}

/// What it was left alone for is what is reported, if it was tried at all.
#[test]
fn a_retry_that_meets_an_open_breaker_reports_why_it_is_open() {
    let (listener, deserted) = listener();
    drop(listener);
    let url = format!("http://{deserted}/");
    let outcome = run(["--retries=9", "--give-up=2", &url]);
    assert_eq!(
        ["1 x connection refused"],
        *outcome.reasons(),
        "{outcome:?}"
    );
    assert_eq!(2, outcome.count("retries"), "{outcome:?}");
}

#[test]
fn what_cannot_go_better_is_not_tried_again() {
    for text in [
        status("404 Not Found", ""),
        status("400 Bad Request", ""),
        "garbage\r\n\r\n".to_owned(),
        ok("too long"),
    ] {
        let server = Server::says(text);
        let outcome = run(["--retries=9", "--limit=3", &server.url("")]);
        assert_eq!(Some(1), outcome.code, "{outcome:?}");
        assert_eq!(1, server.visits().len(), "{outcome:?}");
    }
}

#[test]
fn wrong_requests_are_refused() {
    for (args, named) in [
        (["--jobs", "0"].as_slice(), "`0`"),
        (&["--jobs=257"], "257"),
        (&["--jobs"], "--jobs"),
        (&["--timeout", "0"], "--timeout"),
        (&["--timeout=NaN"], "NaN"),
        (&["--timeout=inf"], "inf"),
        (&["--timeout=-1"], "-1"),
        (&["--retries", "101"], "101"),
        (&["--retries=-1"], "-1"),
        (&["--limit", "much"], "much"),
        (&["--rate=0"], "--rate"),
        (&["--rate", "2.5"], "2.5"),
        (&["--rate=5", "--burst=0"], "--burst"),
        (&["--burst=2"], "--burst needs --rate"),
        (&["--give-up=1001"], "1001"),
        (&["--help=me"], "--help=me"),
        (&["--frobnicate"], "--frobnicate"),
    ] {
        let outcome = run(args);
        assert_eq!(Some(2), outcome.code, "{args:?}: {outcome:?}");
        assert_eq!("", outcome.stdout, "{args:?}");
        assert!(outcome.stderr.contains(named), "{args:?}: {outcome:?}");
        assert!(outcome.stderr.contains("Usage:"), "{args:?}: {outcome:?}");
    }
}

#[test]
fn what_comes_after_two_dashes_is_a_url() {
    let outcome = run(["--", "--help"]);
    assert_eq!(["1 x bad URL"], *outcome.reasons(), "{outcome:?}");
}

#[test]
fn help_goes_to_stdout() {
    let outcome = run(["--help"]);
    assert_eq!(Some(0), outcome.code);
    assert_eq!("", outcome.stderr);
    for word in [
        "--jobs",
        "--timeout",
        "--retries",
        "--limit",
        "--rate",
        "--burst",
        "--give-up",
        "URL",
        "Exit codes",
    ] {
        assert!(outcome.stdout.contains(word), "{word} is not explained");
    }
}

/// The lines on stderr of a program that goes on meanwhile.
struct Lines(BufReader<ChildStderr>);

impl Lines {
    fn of(child: &mut Child) -> Self {
        Self(BufReader::new(child.stderr.take().expect("it is piped")))
    }

    fn next(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).expect("a pipe is read");
        line
    }
}

#[cfg(unix)]
mod interrupted {
    use super::*;

    /// Interrupts a run when the server has had so many visits, and one line has been said.
    fn interrupt(server: &Server, args: &[String], visits: usize) -> Outcome {
        running(args, |mut child| {
            let mut lines = Lines::of(&mut child);
            assert!(lines.next().starts_with("[1/"), "the first one is fetched");
            watch::until("so many visits", || server.visits().len() >= visits);
            kill("INT", child.id());
            Outcome::of(child)
        })
    }

    #[test]
    fn ctrl_c_leaves_out_what_is_under_way_and_what_waits_for_its_turn() {
        let server = Server::start(|stream, path, _| match path {
            "0" => stream.write_all(ok("first").as_bytes()),
            _ => io::copy(stream, &mut io::sink()).map(drop),
        });
        let mut args = server.urls(30);
        args.extend([PATIENT.to_owned(), "--jobs=4".to_owned()]);
        let outcome = interrupt(&server, &args, 1 + 4);
        assert_eq!(Some(130), outcome.code, "{outcome:?}");
        assert_eq!([1, 0, 29], outcome.counts(), "{outcome:?}");
        assert_eq!(5, outcome.count("bytes"));
        assert_eq!(5, server.visits().len(), "a request began after Ctrl-C");
    }

    #[test]
    fn ctrl_c_ends_a_pause() {
        let server = Server::start(|stream, path, _| {
            let answer = match path {
                "0" => ok(""),
                _ => status("503 Service Unavailable", ""),
            };
            stream.write_all(answer.as_bytes())
        });
        let mut args = server.urls(2);
        args.extend([PATIENT.to_owned(), "--retries=100".to_owned()]);
        // The pauses of all retries take minutes.
        let outcome = interrupt(&server, &args, 1 + 3);
        assert_eq!(Some(130), outcome.code, "{outcome:?}");
        assert_eq!([1, 0, 1], outcome.counts(), "{outcome:?}");
    }

    #[test]
    fn ctrl_c_ends_the_run_with_its_own_server() {
        let outcome = running([PATIENT], |mut child| {
            let mut lines = Lines::of(&mut child);
            for number in 1..=18 {
                assert!(lines.next().starts_with(&format!("[{number}/19] ")));
            }
            kill("INT", child.id());
            let outcome = Outcome::of(child);
            assert_eq!("", lines.next(), "something is complained of");
            outcome
        });
        assert_eq!(Some(130), outcome.code, "{outcome:?}");
        assert_eq!([9, 9, 1], outcome.counts(), "{outcome:?}");
    }

    #[test]
    fn the_second_ctrl_c_ends_it_at_once() {
        // More lines than fit into a pipe that nobody reads any more.
        let urls = (0..3000).map(|number| format!("nonsense-{number}-{}", "x".repeat(60)));
        running(urls, |mut child| {
            let mut lines = Lines::of(&mut child);
            lines.next();
            // Two that come together may be one. The first of them is heard at some time.
            while child.try_wait().expect("a child").is_none() {
                kill("INT", child.id());
            }
            let outcome = Outcome::of(child);
            assert_eq!(Some(130), outcome.code);
            assert_eq!("", outcome.stdout, "it had time for a summary");
        });
    }

    #[test]
    fn a_reader_that_leaves_is_no_failure() {
        let server = Server::says(ok(""));
        let url = server.url("");
        running([&url], |mut child| {
            drop((child.stdout.take(), child.stderr.take()));
            assert_eq!(Some(0), child.wait().expect("it ends").code());
        });
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_trouble() {
    let server = Server::says(ok(""));
    let full = std::fs::File::options().write(true).open("/dev/full");
    let child = example()
        .arg(server.url(""))
        .stdout(full.expect("Linux has a full device"))
        .spawn();
    let outcome = Outcome::of(child.expect("the example starts"));
    assert_eq!(Some(1), outcome.code, "{outcome:?}");
    assert!(outcome.stderr.contains("No space left"), "{outcome:?}");
}
