//! The proof: clients write over a bad wire, and everything that was acknowledged is there in the end.
//!
//! ```text
//!  clients of the wire ─▶ pool ═══ wire that kills, hangs and garbles ═══▶ server ─▶ log on a disk that stalls
//!       steady clients ─▶ pool ═════════════════════════════════════════▶
//! ```
//!
//! The steady clients keep the server busy whatever becomes of the others. They have more connections than writes may
//! wait, so whenever the disk stalls, writes reach the high mark.

use core::net::{Ipv4Addr, SocketAddr};
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::Relaxed;
use core::time::Duration;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::sync::Arc;
use std::{env, process};

use syncline::service::{CancelToken, LeaseStats};
use syncline::thread::spawn_named;
use syncline::{Job, QueueStats};

use crate::chaos::Wire;
use crate::client::{Connections, connect, put};
use crate::disk::Stalling;
use crate::options::Mode;
use crate::protocol::unseal;
use crate::server::Server;
use crate::store::Limits;

/// Clients and their connections, of which there are fewer.
const OF_THE_WIRE: (usize, usize) = (8, 4);
const STEADY: (usize, usize) = (24, 16);

/// So little may be on its way that the connections can exceed it.
const LIMITS: Limits = Limits {
    high: 8,
    low: 2,
    batch: 2,
};

/// How long a pool may take to close.
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
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let server = Server::start(mode, address, LIMITS, Stalling::new(log))?;
    let wire = Wire::to(server.address)?;
    let stop = CancelToken::new().child_timeout(time);
    let crowds = [
        Crowd::start("wire", OF_THE_WIRE, wire.address, &stop),
        Crowd::start("steady", STEADY, server.address, &stop),
    ];
    let mut acknowledged = Vec::new();
    let ends = crowds.map(|crowd| crowd.end(&mut acknowledged));
    let done = Arc::clone(&wire.done);
    wire.cut();
    server.shutdown.request();
    let report = server.shutdown.run().wait();
    let logged = read()?;
    let logged: BTreeSet<&str> = (logged.lines())
        .filter_map(|line| unseal(line)?.split(' ').nth(1))
        .collect();
    let lost = |key: &&String| server.store.get(key).is_none() || !logged.contains(&***key);
    let lost = acknowledged.iter().filter(lost).count();
    writeln!(
        io::stdout(),
        "{report}\n{} writes acknowledged, {} in the log, {lost} lost; connections: {} killed, {} hung, {} garbled",
        acknowledged.len(),
        logged.len(),
        done.killed.load(Relaxed),
        done.hung.load(Relaxed),
        done.garbled.load(Relaxed),
    )?;
    for end in &ends {
        writeln!(io::stdout(), "{end:?}")?;
    }
    let queues = server.store.queues().expect("both count");
    for (queue, limit) in &queues {
        writeln!(io::stdout(), "of {limit} at most: {queue:?}")?;
    }
    let mut claims = vec![
        (acknowledged.is_empty(), "nothing was acknowledged"),
        (lost > 0, "a write was lost that had been acknowledged"),
        (!report.in_time, "the server did not end in time"),
    ];
    claims.extend(ends.iter().flat_map(End::claims));
    claims.extend(about_queues(&queues));
    let broken = claims.iter().filter(|(is_broken, _)| *is_broken);
    Ok(broken.inspect(|(_, what)| crate::complain(what)).count() == 0)
}

/// Something that must not be, and whether it is.
type Claim = (bool, &'static str);

/// What must not be true of the queues of the pipeline.
fn about_queues(queues: &[(QueueStats, usize); 2]) -> [Claim; 5] {
    let [(incoming, _), _] = queues;
    // Between two throttles as many are put as lie between the marks, or more.
    let least = incoming.throttled.saturating_sub(1) * (LIMITS.high - LIMITS.low) as u64;
    [
        (
            queues.iter().any(|(queue, most)| queue.deepest > *most),
            "a queue was deeper than it may be",
        ),
        (
            queues.iter().any(|(queue, _)| queue.len > 0),
            "a queue was not drained",
        ),
        (
            incoming.throttled == 0 || incoming.put_waits == 0,
            "the high mark was never reached",
        ),
        // It is throttled a second time only after it has opened.
        (
            incoming.throttled == 1,
            "writes did not go on from the low mark",
        ),
        (least > incoming.put, "writes went on before the low mark"),
    ]
}

/// Clients that share a pool.
struct Crowd {
    pool: Connections,
    limit: usize,
    clients: Vec<Job<Vec<String>>>,
    most: Arc<AtomicUsize>,
}

/// What came of a crowd.
#[derive(Debug)]
struct End {
    is_closed: bool,
    /// The most connections that a client has seen, and how many there may be.
    most: usize,
    limit: usize,
    stats: LeaseStats,
}

impl Crowd {
    /// Starts clients that write one key after the other, until they are stopped.
    fn start(
        name: &'static str,
        (clients, limit): (usize, usize),
        server: SocketAddr,
        stop: &CancelToken,
    ) -> Self {
        let (pool, most) = (connect(server, limit), Arc::new(AtomicUsize::new(0)));
        let client = |number| {
            let (pool, stop, most) = (pool.clone(), stop.clone(), Arc::clone(&most));
            spawn_named(format!("{name}-{number}"), move || {
                let keys = (0..).map(|count| format!("{name}-{number}-{count}"));
                let acknowledged = keys.map_while(|key| {
                    most.fetch_max(pool.stats().size, Relaxed);
                    put(&pool, &key, "value", &stop).then_some(key)
                });
                acknowledged.collect()
            })
        };
        let clients = (0..clients).map(client).collect();
        Self {
            pool,
            limit,
            clients,
            most,
        }
    }

    /// Waits for all clients, adds the keys that were acknowledged to them, and closes their connections.
    fn end(self, acknowledged: &mut Vec<String>) -> End {
        for client in self.clients {
            acknowledged.extend(client.wait().expect("a client does not panic"));
        }
        End {
            is_closed: self.pool.close().wait_timeout(TO_CLOSE).is_ok(),
            most: self.most.load(Relaxed),
            limit: self.limit,
            stats: self.pool.stats(),
        }
    }
}

impl End {
    /// What must not be true of a pool.
    fn claims(&self) -> [Claim; 4] {
        let stats = &self.stats;
        [
            (!self.is_closed, "a pool did not close in time"),
            (stats.leased > 0 || stats.stuck > 0, "a lease has leaked"),
            (self.most > self.limit, "there were too many connections"),
            (stats.size > 0, "a connection was left behind"),
        ]
    }
}
