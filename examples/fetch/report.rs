//! What the user sees: a line or a bar on stderr, and the summary on stdout.

use core::cell::RefCell;
use core::time::Duration;
use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::time::Instant;

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use syncline::JobError;

use crate::complain;
use crate::failure::Reason;
use crate::fetch::Fetched;

/// How often the progress is drawn.
const FRAME: Duration = Duration::from_millis(100);

/// Where everything is reported, by one thread.
pub(crate) struct Report {
    bar: ProgressBar,
    start: Instant,
    urls: usize,
    tally: RefCell<Tally>,
}

/// What became of the URLs of a host.
#[derive(Debug, Default)]
struct Host {
    fetched: usize,
    failed: usize,
    bytes: u64,
}

/// What has been reported.
#[derive(Debug, Default)]
struct Tally {
    fetched: usize,
    bytes: u64,
    retries: u64,
    failed: BTreeMap<Reason, usize>,
    hosts: BTreeMap<String, Host>,
    /// How each URL ended that was not left out.
    ends: Vec<(String, Option<Reason>)>,
}

impl Report {
    /// With a bar if stderr is a terminal.
    pub(crate) fn new(urls: usize) -> Self {
        let bar = if io::stderr().is_terminal() {
            let style = "{pos}/{len} [{wide_bar}] {msg} {elapsed}";
            let bar = ProgressBar::new(urls as u64);
            bar.set_style(ProgressStyle::with_template(style).expect("the template is a constant"));
            bar.enable_steady_tick(FRAME);
            bar
        } else {
            ProgressBar::hidden()
        };
        Self {
            bar,
            start: Instant::now(),
            urls,
            tally: RefCell::default(),
        }
    }

    /// Reports what became of a URL.
    pub(crate) fn outcome(&self, outcome: Result<Fetched, JobError>) {
        let fetched = match outcome {
            Ok(fetched) => fetched,
            // Left out, at Ctrl-C.
            Err(JobError::Cancelled) => return,
            Err(error) => return self.bar.suspend(|| complain(error)),
        };
        let mut tally = self.tally.borrow_mut();
        tally.add(&fetched);
        if !self.bar.is_hidden() {
            self.bar.inc(1);
            let bytes = HumanBytes(tally.bytes);
            (self.bar).set_message(format!("{bytes}, {} failed", tally.failures()));
        }
        let done = tally.ends.len();
        if self.bar.is_hidden() || fetched.result.is_err() {
            let line = format!("[{done}/{}] {}", self.urls, line(&fetched));
            self.bar.suspend(|| drop(writeln!(io::stderr(), "{line}")));
        }
    }

    /// Complains of URLs that ended otherwise than they were meant to; says whether all are well.
    pub(crate) fn is_as_meant(&self, meant: &[(String, Option<Reason>)]) -> bool {
        let ends = &self.tally.borrow().ends;
        let mut all = ends.len() == self.urls;
        for (url, reason) in ends {
            if meant.contains(&(url.clone(), *reason)) {
                continue;
            }
            all = false;
            complain(format_args!("{url} was not meant to end like this"));
        }
        all
    }

    /// Whether all URLs have been fetched.
    pub(crate) fn is_well(&self) -> bool {
        self.tally.borrow().fetched == self.urls
    }

    /// Takes the bar away, and prints the summary.
    ///
    /// # Errors
    ///
    /// The system's, if it does not take it. That nobody reads it is no error.
    pub(crate) fn summary(&self) -> io::Result<()> {
        self.bar.finish_and_clear();
        let tally = self.tally.borrow();
        let mut text = format!(
            "{} URLs in {:.2} s: {} fetched, {} failed, {} left out; {} bytes, {} retries\n",
            self.urls,
            self.start.elapsed().as_secs_f64(),
            tally.fetched,
            tally.failures(),
            self.urls - tally.ends.len(),
            tally.bytes,
            tally.retries,
        );
        let failed =
            (tally.failed.iter()).map(|(reason, count)| format!("failed: {count} x {reason}\n"));
        text.extend(failed);
        let hosts = tally.hosts.iter().map(|(name, host)| {
            let Host {
                fetched,
                failed,
                bytes,
            } = host;
            let name = name.escape_debug();
            format!("host {name}: {fetched} fetched, {failed} failed, {bytes} bytes\n")
        });
        text.extend(hosts);
        match io::stdout().write_all(text.as_bytes()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    }
}

impl Tally {
    fn add(&mut self, fetched: &Fetched) {
        let reason = fetched.result.as_ref().err().map(|failure| failure.reason);
        if let Some(host) = &fetched.host {
            let host = self.hosts.entry(host.clone()).or_default();
            match &fetched.result {
                Ok(bytes) => {
                    host.fetched += 1;
                    host.bytes += bytes;
                }
                Err(_) => host.failed += 1,
            }
        }
        match &fetched.result {
            Ok(bytes) => {
                self.fetched += 1;
                self.bytes += bytes;
            }
            Err(failure) => *self.failed.entry(failure.reason).or_default() += 1,
        }
        self.retries += u64::from(fetched.retries);
        self.ends.push((fetched.url.clone(), reason));
    }

    fn failures(&self) -> usize {
        self.failed.values().sum()
    }
}

fn line(fetched: &Fetched) -> String {
    let said = match &fetched.result {
        Ok(bytes) => format!("{bytes} bytes"),
        Err(failure) => failure.to_string(),
    };
    let retries = match fetched.retries {
        0 => String::new(),
        retries => format!(", {retries} retries"),
    };
    let (url, took) = (fetched.url.escape_debug(), fetched.took.as_secs_f64());
    format!("{url}: {said} ({took:.2} s{retries})")
}
