//! Clients: connections that are lent out, and writes that are tried again.

use core::net::SocketAddr;
use core::time::Duration;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use syncline::service::{Backoff, Blocking, CancelToken, LeaseError, LeasePool, ManageBlocking};
use syncline::thread::retry;

use crate::protocol::{LONGEST, seal, unseal};

/// How long a client waits for an answer, and for a connection.
const PATIENCE: Duration = Duration::from_millis(250);
const TO_LEASE: Duration = Duration::from_secs(2);

/// The connections that clients share.
pub(crate) type Connections = LeasePool<Blocking<Connector>>;

/// A connection to the server.
pub(crate) struct Connection(BufReader<TcpStream>);

/// Opens connections, and says `ping` before one is lent out that has lain idle.
pub(crate) struct Connector(pub(crate) SocketAddr);

impl ManageBlocking for Connector {
    type Item = Connection;
    type Error = io::Error;

    fn open(&self) -> io::Result<Connection> {
        let stream = TcpStream::connect_timeout(&self.0, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Connection(BufReader::new(stream)))
    }

    fn check(&self, connection: &mut Connection) -> io::Result<()> {
        connection.expect("ping", "pong")
    }
}

/// A pool of at most so many connections to a server.
pub(crate) fn connect(address: SocketAddr, most: usize) -> Connections {
    LeasePool::builder(Blocking(Connector(address)))
        .max(most)
        .check_after_idle(Duration::from_millis(100))
        .open_timeout(PATIENCE)
        .check_timeout(PATIENCE)
        .close_timeout(PATIENCE)
        .build()
}

impl Connection {
    /// Sends a request and reads the answer, which must be this one.
    fn expect(&mut self, request: &str, wanted: &str) -> io::Result<()> {
        self.0.get_mut().write_all(seal(request).as_bytes())?;
        let mut line = String::new();
        self.0.by_ref().take(LONGEST).read_line(&mut line)?;
        match unseal(&line) {
            Some(answer) if answer == wanted => Ok(()),
            other => Err(io::Error::other(format!(
                "`{request}` was answered with {other:?}"
            ))),
        }
    }
}

/// What keeps a write from being acknowledged.
#[derive(Debug)]
enum Failure {
    Lease(#[expect(dead_code, reason = "for `Debug`")] LeaseError<io::Error>),
    Io(#[expect(dead_code, reason = "for `Debug`")] io::Error),
}

impl From<LeaseError<io::Error>> for Failure {
    fn from(error: LeaseError<io::Error>) -> Self {
        Self::Lease(error)
    }
}

/// Writes, again and again if it must; returns whether that was acknowledged before the token was cancelled.
///
/// A connection on which anything went wrong is not lent out again: its next answer might belong to
/// somebody else. A lease that is dropped sees to that.
pub(crate) fn put(pool: &Connections, key: &str, value: &str, stop: &CancelToken) -> bool {
    let (request, wanted) = (format!("put {key} {value}"), format!("done {key}"));
    let attempt = |_| -> Result<(), Failure> {
        let mut lease = pool.lease().wait_timeout(TO_LEASE)?;
        lease.expect(&request, &wanted).map_err(Failure::Io)?;
        lease.give_back();
        Ok(())
    };
    let pauses = Backoff::exponential(Duration::from_millis(1)).cap(Duration::from_millis(50));
    let put = retry(attempt)
        .with(pauses.attempts(u32::MAX))
        .token(stop)
        .wait();
    put.is_ok()
}
