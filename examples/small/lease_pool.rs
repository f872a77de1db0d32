//! `LeasePool`: connections, or whatever is expensive to open, shared by many.

use std::io;
use std::time::Duration;

use syncline::service::{Blocking, LeasePool, ManageBlocking};

struct Database;
struct Connection;

impl ManageBlocking for Database {
    type Item = Connection;
    type Error = io::Error;

    fn open(&self) -> io::Result<Connection> {
        Ok(Connection)
    }

    fn check(&self, _connection: &mut Connection) -> io::Result<()> {
        Ok(()) // a ping
    }
}

pub(crate) fn run() -> super::Outcome {
    let pool = LeasePool::builder(Blocking(Database)).max(2).build();
    let one = pool.lease().wait_timeout(Duration::from_secs(5))?;
    let other = pool.lease().wait_timeout(Duration::from_secs(5))?;
    assert!(pool.lease().wait_timeout(Duration::from_millis(5)).is_err());

    one.give_back(); // to be leased again
    drop(other); // after an error: the connection is discarded
    drop(pool.lease().wait_timeout(Duration::from_secs(5))?);
    pool.close().wait();
    println!("two connections at most, and a broken one never comes back");
    Ok(())
}
