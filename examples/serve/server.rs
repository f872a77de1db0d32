//! The server: who is let in, what is answered, and how it ends. Its two faces are in `threads.rs` and `tasks.rs`.

use core::net::SocketAddr;
use core::time::Duration;
use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::Arc;

use syncline::service::Shutdown;
use syncline::thread::Semaphore;

use crate::options::Mode;
use crate::protocol::{Request, seal};
use crate::store::{Limits, Store, Written};
use crate::{tasks, threads};

/// Connections at once.
const CONNECTIONS: usize = 256;

/// How long a client may be silent in the middle of a line.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// How long requests may take that are under way when the server is to end, and all of the end.
const DRAIN: Duration = Duration::from_secs(5);
const END: Duration = Duration::from_secs(15);

/// What everybody who works for the server shares.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) shutdown: Shutdown,
    pub(crate) store: Arc<Store>,
    /// One permit for each connection that may still come.
    pub(crate) places: Arc<Semaphore>,
}

impl Server {
    /// Binds the address, and answers from then on, until its shutdown is requested and run.
    pub(crate) fn start(
        mode: Mode,
        address: SocketAddr,
        limits: Limits,
        log: impl Write + Send + 'static,
    ) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(address)?;
        let (store, pipeline) = Store::open(limits, log);
        let server = Self {
            address: listener.local_addr()?,
            shutdown: Shutdown::builder()
                .phase("stop accepting")
                .drain("drain")
                .phase("close the store")
                .limit("drain", DRAIN)
                .deadline(END)
                .build(),
            store: Arc::clone(&store),
            places: Arc::new(Semaphore::new(CONNECTIONS)),
        };
        server
            .shutdown
            .on("close the store", "pipeline", move || store.close(pipeline));
        match mode {
            Mode::Threads => threads::listen(&server, listener),
            Mode::Tasks => tasks::listen(&server, listener)?,
        }
        Ok(server)
    }

    /// How many connections there are.
    pub(crate) fn connections(&self) -> usize {
        CONNECTIONS - self.places.available_permits()
    }
}

/// What is answered.
pub(crate) enum Answer {
    Text(String),
    /// The request made no sense: nothing that follows on that connection can be trusted.
    Bad,
    /// The server ends.
    Closed,
}

impl Answer {
    /// The answer to a request that needs no wait; the key and the value of one that does.
    pub(crate) fn at_once<'a>(store: &Store, line: &'a str) -> Result<Self, (&'a str, &'a str)> {
        match Request::parse(line) {
            Some(Request::Put { key, value }) => Err((key, value)),
            Some(Request::Get { key }) => Ok(Self::Text(match store.get(key) {
                Some(value) => format!("value {key} {value}"),
                None => format!("none {key}"),
            })),
            Some(Request::Ping) => Ok(Self::Text("pong".to_owned())),
            None => Ok(Self::Bad),
        }
    }

    /// The answer to a write.
    pub(crate) fn written(key: &str, written: Option<Written>) -> Self {
        match written {
            Some(Ok(())) => Self::Text(format!("done {key}")),
            Some(Err(error)) => Self::Text(format!("failed {key} {error}")),
            None => Self::Closed,
        }
    }

    /// What is sent, if anything, and whether the connection goes on.
    pub(crate) fn line(self) -> (Option<String>, bool) {
        match self {
            Self::Text(text) => (Some(seal(&text)), true),
            Self::Bad => (Some(seal("bad")), false),
            Self::Closed => (None, false),
        }
    }
}

/// The name by which a connection that holds up the end is called.
pub(crate) fn name_of(peer: SocketAddr) -> Cow<'static, str> {
    Cow::Owned(format!("connection from {peer}"))
}
