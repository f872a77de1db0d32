//! The server with tasks: one that accepts, and one for each connection, on two threads.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use syncline::thread::Event;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

use crate::complain;
use crate::protocol::LONGEST;
use crate::server::{Answer, PATIENCE, Server, name_of};

const THREADS: usize = 2;

/// Accepts connections from now on.
pub(crate) fn listen(server: &Server, listener: TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let runtime = Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build()?;
    let stopped = Arc::new(Event::new());
    let (inside, says) = (server.clone(), Arc::clone(&stopped));
    runtime.spawn(async move {
        if let Err(error) = accept(&inside, listener).await {
            complain(format_args!("cannot accept: {error}"));
        }
        says.set();
    });
    server
        .shutdown
        .on("stop accepting", "acceptor", move || stopped.wait());
    // Its threads are needed until the last connection has ended.
    let runtime = Keep(Some(runtime));
    server
        .shutdown
        .on("close the store", "runtime", move || drop(runtime));
    Ok(())
}

/// A runtime that does not wait for its tasks when it is dropped.
struct Keep(Option<Runtime>);

impl Drop for Keep {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

async fn accept(server: &Server, listener: TcpListener) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let token = server.shutdown.token();
    let places = Arc::clone(&server.places).to_task();
    loop {
        let accepted = async { (listener.accept().await, places.acquire_owned().await) };
        let Ok((accepted, place)) = token.run_until_cancelled(accepted).await else {
            return Ok(());
        };
        let Ok((stream, peer)) = accepted else {
            // Too many open files, perhaps. Other errors concern a client that has left.
            let _ = token.sleep(PATIENCE / 100).await;
            continue;
        };
        let Ok(in_flight) = server.shutdown.track(name_of(peer)) else {
            return Ok(());
        };
        let inside = server.clone();
        tokio::spawn(in_flight.run(async move {
            let force = inside.shutdown.force_token();
            // A client that leaves, or is silent for too long, is no error of ours.
            drop(force.run_until_cancelled(talk(&inside, stream)).await);
            drop(place);
        }));
    }
}

/// Answers one request after the other.
async fn talk(server: &Server, mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let token = server.shutdown.token();
    let (reading, mut writing) = stream.split();
    let mut reader = BufReader::new(reading);
    let mut line = String::new();
    loop {
        let mut limited = (&mut reader).take(LONGEST);
        let read = tokio::time::timeout(PATIENCE, limited.read_line(&mut line));
        // Whoever is silent when the end comes is not waited for.
        let Ok(read) = token.run_until_cancelled(read).await else {
            return Ok(());
        };
        if read?? == 0 {
            return Ok(());
        }
        let (answer, goes_on) = answer(server, &line).await.line();
        if let Some(answer) = answer {
            tokio::time::timeout(PATIENCE, writing.write_all(answer.as_bytes())).await??;
        }
        if !goes_on {
            return Ok(());
        }
        line.clear();
    }
}

async fn answer(server: &Server, line: &str) -> Answer {
    match Answer::at_once(&server.store, line) {
        Ok(answer) => answer,
        Err((key, value)) => {
            let Some(job) = server.store.put_async(key, value).await else {
                return Answer::Closed;
            };
            match job.await {
                Ok(written) => Answer::written(key, Some(written)),
                Err(error) => {
                    complain(format_args!("a write was lost: {error}"));
                    Answer::Closed
                }
            }
        }
    }
}
