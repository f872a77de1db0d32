//! A small HTTP server, most of whose pages are bad.
//!
//! One thread accepts connections, a pool answers. What is to be said later, or never, occupies none
//! of its threads: [`submit_after`](ThreadPool::submit_after) keeps the connection. When the pool is shut
//! down it lets go of all of them.

use core::net::{Ipv4Addr, SocketAddr};
use core::time::Duration;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use syncline::thread::{Event, ThreadPool, spawn_named};
use syncline::{Job, PoolShutdown};

use crate::complain;
use crate::failure::Reason;
use crate::options::Options;
use crate::page::{self, Answer, Asked, PAGES};

/// Threads that answer.
const WORKERS: usize = 4;

/// How long a client may keep one of them waiting.
const PATIENCE: Duration = Duration::from_secs(5);

/// No request of ours is longer.
const LONGEST_REQUEST: u64 = 8192;

/// A server on the loopback interface.
pub(crate) struct Server {
    address: SocketAddr,
    /// Where nobody listens.
    deserted: SocketAddr,
    stopping: Arc<Event>,
    acceptor: Job<()>,
}

impl Server {
    pub(crate) fn start() -> io::Result<Self> {
        let (listener, deserted) = (bind()?, bind()?.local_addr()?);
        let address = listener.local_addr()?;
        let stopping = Arc::new(Event::new());
        let acceptor = {
            let stopping = Arc::clone(&stopping);
            spawn_named("acceptor", move || serve(&listener, &stopping))
        };
        Ok(Self {
            address,
            deserted,
            stopping,
            acceptor,
        })
    }

    /// What there is to fetch, and how each is meant to end. The last two do not even get here.
    pub(crate) fn urls(&self, options: &Options) -> Vec<(String, Option<Reason>)> {
        let Self {
            address, deserted, ..
        } = self;
        let page = |path| {
            (
                format!("http://{address}{path}"),
                page::meant(path, options),
            )
        };
        let others = [
            (format!("http://{deserted}/"), Some(Reason::Refused)),
            (format!("https://{address}/"), Some(Reason::NoTls)),
        ];
        PAGES.into_iter().map(page).chain(others).collect()
    }

    /// Stops accepting, drops all connections, and waits for all threads.
    pub(crate) fn stop(self) {
        self.stopping.set();
        // The acceptor waits in the system, where only a connection wakes it.
        match TcpStream::connect_timeout(&self.address, PATIENCE) {
            Ok(_) => {
                if let Err(error) = self.acceptor.wait() {
                    complain(format_args!("the server failed: {error}"));
                }
            }
            // Better a thread that ends with the program than a program that does not end.
            Err(error) => {
                complain(format_args!("the server does not stop: {error}"));
                self.acceptor.detach();
            }
        }
    }
}

fn bind() -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
}

/// Answers until the server stops.
fn serve(listener: &TcpListener, stopping: &Event) {
    let pool = ThreadPool::builder()
        .workers(WORKERS)
        .name_prefix("server")
        .build();
    let pool = Arc::new(pool);
    let asked = Arc::new(Asked::default());
    for stream in listener.incoming() {
        if stopping.is_set() {
            break;
        }
        match stream {
            Ok(stream) => {
                let (pool_, asked) = (Arc::clone(&pool), Arc::clone(&asked));
                (pool.submit(move || talk(stream, &pool_, &asked))).detach();
            }
            // It may be that too many files are open. Other errors concern a client that has left.
            Err(_) => drop(stopping.wait_timeout(Duration::from_millis(10))),
        }
    }
    pool.shutdown(PoolShutdown::CancelQueued);
}

/// Reads a request, and answers it. A client that leaves is no error.
fn talk(mut stream: TcpStream, pool: &ThreadPool, asked: &Asked) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let path = path(&stream)?;
    match page::answer(&path, asked) {
        Answer::Now(text) => stream.write_all(text.as_bytes()),
        Answer::Later(delay, text) => {
            pool.submit_after(delay, move || stream.write_all(text.as_bytes()))
                .detach();
            Ok(())
        }
        Answer::Never => {
            pool.submit_after(Duration::MAX, move || drop(stream))
                .detach();
            Ok(())
        }
        Answer::Endless(head) => {
            stream.write_all(head.as_bytes())?;
            loop {
                stream.write_all(&[b'.'; 4096])?;
            }
        }
    }
}

/// Reads a request to its end, and returns what it asks for.
fn path(stream: &TcpStream) -> io::Result<String> {
    let mut lines = BufReader::new(stream.take(LONGEST_REQUEST));
    let mut first = String::new();
    lines.read_line(&mut first)?;
    let mut line = String::new();
    while lines.read_line(&mut line)? > 2 {
        line.clear();
    }
    Ok(first.split(' ').nth(1).unwrap_or_default().to_owned())
}
