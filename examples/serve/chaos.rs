//! A wire between clients and a server that kills, hangs and garbles what goes over it.

use core::net::{Ipv4Addr, SocketAddr};
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::io::{self, Read, Write};
use std::net::{Shutdown as Half, TcpListener, TcpStream};
use std::sync::Arc;

use syncline::Job;
use syncline::service::CancelToken;
use syncline::thread::spawn_named;

/// What becomes of a connection, and after how many bytes of a direction.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Killed(usize),
    /// Nothing is passed on any more, and nobody is told.
    Hung(usize),
    /// One bit is turned over.
    Garbled(usize),
}

/// How often each of them came about.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) killed: AtomicUsize,
    pub(crate) hung: AtomicUsize,
    pub(crate) garbled: AtomicUsize,
}

/// A wire to a server.
pub(crate) struct Wire {
    pub(crate) address: SocketAddr,
    pub(crate) done: Arc<Done>,
    stop: CancelToken,
    acceptor: Job<()>,
}

impl Wire {
    /// Passes on what comes to its own address.
    pub(crate) fn to(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let (address, stop) = (listener.local_addr()?, CancelToken::new());
        let done = Arc::new(Done::default());
        let (token, counts) = (stop.clone(), Arc::clone(&done));
        let acceptor = spawn_named("wire", move || {
            for (number, client) in listener.incoming().enumerate() {
                if token.is_cancelled() {
                    return;
                }
                if let Ok(client) = client {
                    // What cannot be connected is closed, which is a fate as well.
                    drop(join(client, server, number, &token, &counts));
                }
            }
        });
        Ok(Self {
            address,
            done,
            stop,
            acceptor,
        })
    }

    /// Cuts all connections.
    pub(crate) fn cut(self) {
        self.stop.cancel();
        // The acceptor waits in the system, where only a connection wakes it.
        drop(TcpStream::connect(self.address));
        drop(self.acceptor.wait());
    }
}

/// Joins a client to the server, one thread each way. The fate is that of one of the two directions.
fn join(
    client: TcpStream,
    server: SocketAddr,
    number: usize,
    stop: &CancelToken,
    done: &Arc<Done>,
) -> io::Result<()> {
    let server = TcpStream::connect(server)?;
    // Anything that differs from one connection to the next, and is the same in every run.
    let luck = number.wrapping_mul(2_654_435_761);
    let bytes = 64 + luck % 1024;
    let fate = match number % 3 {
        0 => Fate::Killed(bytes),
        1 => Fate::Hung(bytes),
        _ => Fate::Garbled(bytes),
    };
    let forth = (client.try_clone()?, server.try_clone()?);
    let there = luck % 2 == 0;
    for ((from, to), fate) in [
        (forth, there.then_some(fate)),
        ((server, client), (!there).then_some(fate)),
    ] {
        let (stop, done) = (stop.clone(), Arc::clone(done));
        spawn_named("wire", move || drop(pass(from, to, fate, &stop, &done))).detach();
    }
    Ok(())
}

/// Passes bytes on until the fate of the connection has come, or either end has closed it.
fn pass(
    mut from: TcpStream,
    mut to: TcpStream,
    fate: Option<Fate>,
    stop: &CancelToken,
    done: &Done,
) -> io::Result<()> {
    let ends = [from.try_clone()?, to.try_clone()?];
    let cut = move || ends.iter().for_each(|end| drop(end.shutdown(Half::Both)));
    let registration = stop.on_cancel(cut);
    let (mut passed, mut buffer) = (0, [0; 512]);
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        let due = |at: usize| (passed..passed + count).contains(&at);
        match fate {
            Some(Fate::Killed(at)) if due(at) => {
                done.killed.fetch_add(1, Relaxed);
                break;
            }
            Some(Fate::Hung(at)) if due(at) => {
                done.hung.fetch_add(1, Relaxed);
                // Until everything is cut, or whoever waits has had enough.
                while from.read(&mut buffer)? > 0 {}
                break;
            }
            Some(Fate::Garbled(at)) if due(at) => {
                done.garbled.fetch_add(1, Relaxed);
                buffer[at - passed] ^= 1;
            }
            _ => {}
        }
        to.write_all(&buffer[..count])?;
        passed += count;
    }
    drop(registration);
    drop((from.shutdown(Half::Both), to.shutdown(Half::Both)));
    Ok(())
}
