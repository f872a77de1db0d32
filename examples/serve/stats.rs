//! A line of statistics on a terminal, anew each time.

use core::time::Duration;
use std::io::{self, IsTerminal, Write};

use syncline::Job;
use syncline::thread::spawn_named;

use crate::server::Server;

const PERIOD: Duration = Duration::from_millis(250);

/// Shows how the server is doing, until its shutdown is requested.
pub(crate) fn show(server: &Server) -> Option<Job<()>> {
    if !io::stderr().is_terminal() {
        return None;
    }
    let server = server.clone();
    Some(spawn_named("statistics", move || {
        while server.shutdown.requested().wait_timeout(PERIOD).is_err() {
            let (waiting, throttled) = server.store.pressure();
            let pressure = if throttled { ", throttled" } else { "" };
            drop(write!(
                io::stderr(),
                "\r\x1b[K{} connections, {} keys, {waiting} writes waiting{pressure}",
                server.connections(),
                server.store.len(),
            ));
        }
        drop(writeln!(io::stderr()));
    }))
}
