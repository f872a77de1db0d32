//! The HTTP client: one call, which blocks its thread.

use core::time::Duration;
use std::io::{self, Read};

use ureq::Agent;
use ureq::http::{HeaderMap, Uri};

use crate::failure::{Failure, Reason};
use crate::options::Options;

/// How much is read at a time.
const PIECE: usize = 64 * 1024;

/// A server that wants to be left alone for longer is asked again after this all the same.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// Makes calls, from any number of threads.
#[derive(Debug)]
pub(crate) struct Client {
    agent: Agent,
    limit: u64,
}

impl Client {
    pub(crate) fn new(options: &Options) -> Self {
        let config = Agent::config_builder()
            // Nobody can end a call from outside: it ends by itself, soon after those who wait for
            // it have given up.
            .timeout_global(Some(options.timeout))
            // Requests in flight are connections then, and no retry meets a connection that died
            // while it was idle.
            .max_idle_connections(0)
            // An error has a header too.
            .http_status_as_error(false)
            .proxy(None)
            .build();
        Self {
            agent: config.new_agent(),
            limit: options.limit,
        }
    }

    /// Fetches a page, and returns how long it is.
    ///
    /// # Errors
    ///
    /// Whatever is wrong, on either side.
    pub(crate) fn get(&self, uri: &Uri) -> Result<u64, Failure> {
        let answer = self.agent.get(uri).call()?;
        let status = answer.status();
        if status.is_client_error() || status.is_server_error() {
            return Err(Failure::status(
                status.as_u16(),
                retry_after(answer.headers()),
            ));
        }
        let mut body = answer.into_body().into_reader();
        let mut piece = vec![0; PIECE];
        let mut length = 0;
        loop {
            match body.read(&mut piece) {
                Ok(0) => return Ok(length),
                Ok(read) => length += read as u64,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(ureq::Error::from(error).into()),
            }
            if length > self.limit {
                return Err(Reason::BodyTooLong.into());
            }
        }
    }
}

/// When the server wants to be asked again, if it says so in seconds. Dates are left to those who trust the clock of a server.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get("retry-after")?.to_str().ok()?;
    let seconds = Duration::from_secs(seconds.trim().parse().ok()?);
    Some(seconds.min(LONGEST_REST))
}

/// Whose answer a URL asks for.
pub(crate) fn host(uri: &Uri) -> String {
    let host = uri.host().unwrap_or_default().to_lowercase();
    match uri.port_u16() {
        Some(port) => format!("{host}:{port}"),
        None => host,
    }
}

/// Reads a URL.
///
/// # Errors
///
/// If it is none, or not one that the client can fetch.
pub(crate) fn parse(url: &str) -> Result<Uri, Failure> {
    let bad = |what: &str| Failure::new(Reason::BadUrl, what);
    let uri: Uri = (url.parse()).map_err(|error| Failure::new(Reason::BadUrl, error))?;
    match uri.scheme_str() {
        Some("http") if has_bad_port(&uri) => Err(bad("what port is that?")),
        Some("http") => Ok(uri),
        Some("https") => Err(Reason::NoTls.into()),
        Some(_) | None => Err(bad("it does not begin with http://")),
    }
}

/// Whether there is a port that is no port. The client would take the usual one instead.
fn has_bad_port(uri: &Uri) -> bool {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let place = authority.rsplit('@').next().unwrap_or_default();
    let port = place.strip_prefix(uri.host().unwrap_or_default());
    port.is_some_and(|port| !port.is_empty()) && uri.port_u16().is_none()
}
