//! The proof: clients write over a bad wire, and everything that was acknowledged is there in the end.

use core::net::{Ipv4Addr, SocketAddr};
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::Relaxed;
use core::time::Duration;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::sync::Arc;
use std::{env, process};

use syncline::service::CancelToken;
use syncline::thread::spawn_named;

use crate::chaos::Wire;
use crate::client::{CONNECTIONS, connect, put};
use crate::options::Mode;
use crate::protocol::unseal;
use crate::server::Server;

/// Clients, more than there are connections.
const CLIENTS: usize = 8;

/// How long the pool may take to close.
const TO_CLOSE: Duration = Duration::from_secs(5);

/// Runs the test; returns whether all is well.
pub(crate) fn run(mode: Mode, time: Duration) -> io::Result<bool> {
    let path = env::temp_dir().join(format!("serve-{}.log", process::id()));
    let log = File::create_new(&path)?;
    let well = against(mode, time, log, || fs::read_to_string(&path));
    fs::remove_file(&path)?;
    well
}

fn against(
    mode: Mode,
    time: Duration,
    log: File,
    read: impl FnOnce() -> io::Result<String>,
) -> io::Result<bool> {
    let server = Server::start(mode, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), log)?;
    let wire = Wire::to(server.address)?;
    let pool = connect(wire.address);
    let stop = CancelToken::new().child_timeout(time);
    let most = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (pool, stop, most) = (pool.clone(), stop.clone(), Arc::clone(&most));
            spawn_named(format!("client-{client}"), move || {
                let keys = (0..).map(|number| format!("{client}-{number}"));
                let acknowledged = keys.map_while(|key| {
                    most.fetch_max(pool.stats().size, Relaxed);
                    put(&pool, &key, "value", &stop).then_some(key)
                });
                acknowledged.collect::<Vec<_>>()
            })
        })
        .collect();
    let mut acknowledged = Vec::new();
    for client in clients {
        acknowledged.extend(client.wait().expect("a client does not panic"));
    }
    let closed = pool.close().wait_timeout(TO_CLOSE).is_ok();
    let stats = pool.stats();
    let done = Arc::clone(&wire.done);
    wire.cut();
    server.shutdown.request();
    let report = server.shutdown.run().wait();
    let logged = read()?;
    let logged: BTreeSet<&str> = (logged.lines())
        .filter_map(|line| unseal(line)?.split(' ').nth(1))
        .collect();
    let lost = |key: &&String| server.store.get(key).is_none() || !logged.contains(&***key);
    let lost: Vec<_> = acknowledged.iter().filter(lost).collect();
    writeln!(
        io::stdout(),
        "{report}\n{stats:?}\n{} writes acknowledged, {} in the log, {} lost; connections: {} killed, {} hung, {} garbled",
        acknowledged.len(),
        logged.len(),
        lost.len(),
        done.killed.load(Relaxed),
        done.hung.load(Relaxed),
        done.garbled.load(Relaxed),
    )?;
    let most = most.load(Relaxed);
    writeln!(io::stdout(), "{most} connections at most")?;
    let queues = server.store.queues().expect("both count");
    for (queue, limit) in queues {
        writeln!(io::stdout(), "of {limit} at most: {queue:?}")?;
    }
    let claims = [
        (acknowledged.is_empty(), "nothing was acknowledged"),
        (
            !lost.is_empty(),
            "a write was lost that had been acknowledged",
        ),
        (!closed, "the pool did not close in time"),
        (stats.leased > 0 || stats.stuck > 0, "a lease has leaked"),
        (most > CONNECTIONS, "there were too many connections"),
        (stats.size > 0, "a connection was left behind"),
        (
            queues.iter().any(|(queue, most)| queue.deepest > *most),
            "a queue was deeper than it may be",
        ),
        (!report.in_time, "the server did not end in time"),
    ];
    let broken = claims.iter().filter(|(is_broken, _)| *is_broken);
    Ok(broken.inspect(|(_, what)| crate::complain(what)).count() == 0)
}
