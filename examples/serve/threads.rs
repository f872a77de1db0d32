//! The server with threads: one that accepts, and one for each connection.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown as Half, TcpListener, TcpStream};

use syncline::thread::spawn_named;

use crate::complain;
use crate::protocol::LONGEST;
use crate::server::{Answer, PATIENCE, Server, name_of};

/// Accepts connections from now on.
pub(crate) fn listen(server: &Server, listener: TcpListener) {
    let address = server.address;
    let acceptor = {
        let server = server.clone();
        spawn_named("acceptor", move || accept(&server, &listener))
    };
    // It waits in the system, where only a connection wakes it.
    server.shutdown.on("stop accepting", "acceptor", move || {
        drop(TcpStream::connect_timeout(&address, PATIENCE));
        drop(acceptor.wait());
    });
}

fn accept(server: &Server, listener: &TcpListener) {
    for stream in listener.incoming() {
        if server.shutdown.is_requested() {
            return;
        }
        let Ok(stream) = stream else {
            // Too many open files, perhaps. Other errors concern a client that has left.
            let _ = server.shutdown.requested().wait_timeout(PATIENCE / 100);
            continue;
        };
        let Ok(place) = server.places.acquire_owned_timeout(PATIENCE) else {
            continue;
        };
        let Ok(peer) = stream.peer_addr() else {
            continue;
        };
        let Ok(in_flight) = server.shutdown.track(name_of(peer)) else {
            return;
        };
        let inside = server.clone();
        let job = spawn_named(format!("connection-{peer}"), move || {
            // A client that leaves, or is silent for too long, is no error of ours.
            drop(talk(&inside, stream));
            drop((place, in_flight));
        });
        job.detach();
    }
}

/// Answers one request after the other.
fn talk(server: &Server, mut stream: TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    // Whoever is silent when the end comes is not waited for; a request that has come is answered.
    let reading = stream.try_clone()?;
    let at_the_end = server
        .shutdown
        .token()
        .on_cancel(move || drop(reading.shutdown(Half::Read)));
    let whole = stream.try_clone()?;
    let at_the_last =
        (server.shutdown.force_token()).on_cancel(move || drop(whole.shutdown(Half::Both)));
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    while reader.by_ref().take(LONGEST).read_line(&mut line)? > 0 {
        let (answer, goes_on) = answer(server, &line).line();
        if let Some(answer) = answer {
            stream.write_all(answer.as_bytes())?;
        }
        if !goes_on {
            break;
        }
        line.clear();
    }
    drop((at_the_end, at_the_last));
    Ok(())
}

fn answer(server: &Server, line: &str) -> Answer {
    match Answer::at_once(&server.store, line) {
        Ok(answer) => answer,
        Err((key, value)) => {
            let written = server.store.put(key, value).map(|job| job.wait());
            match written.transpose() {
                Ok(written) => Answer::written(key, written),
                Err(error) => {
                    complain(format_args!("a write was lost: {error}"));
                    Answer::Closed
                }
            }
        }
    }
}
