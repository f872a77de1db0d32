//! A server that does what a test says, and counts the connections to it; and what tests of lease pools share.

use crate::driver::Driver;
use core::future::pending;
use core::panic::AssertUnwindSafe;
use core::sync::atomic::Ordering::SeqCst;
use core::sync::atomic::{AtomicBool, AtomicUsize};
use core::time::Duration;
use std::collections::VecDeque;
use std::panic::catch_unwind;
use std::sync::{Arc, Mutex, PoisonError};
use syncline::service::{
    Blocking, Lease, LeaseError, LeasePool, LeasePoolBuilder, Manage, ManageBlocking, Managed,
};
use syncline::task::yield_now;
use syncline::thread::Event;

/// What happens next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Act {
    #[default]
    Works,
    /// It works, at the second poll.
    WorksLater,
    Fails,
    /// Async code for ever, a call until the world says [`World::release`].
    Hangs,
    Panics,
}

/// The server.
#[derive(Debug, Default)]
pub(crate) struct World {
    alive: AtomicUsize,
    peak: AtomicUsize,
    opens: AtomicUsize,
    pub(crate) discarded: AtomicUsize,
    pub(crate) closed: AtomicUsize,
    checks: AtomicUsize,
    script: Mutex<VecDeque<Act>>,
    /// Whether closing takes for ever.
    pub(crate) slow_to_close: AtomicBool,
    released: Event,
    /// How many calls hang.
    hung: AtomicUsize,
}

impl World {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// What the next opens do, in order; all after them work.
    pub(crate) fn script(&self, acts: &[Act]) {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        script.extend(acts);
    }

    pub(crate) fn forget_the_script(&self) {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        script.clear();
    }

    fn next(&self) -> Act {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        script.pop_front().unwrap_or_default()
    }

    /// Connections, those that are being opened included.
    pub(crate) fn alive(&self) -> usize {
        self.alive.load(SeqCst)
    }

    /// The most there have been at once.
    pub(crate) fn peak(&self) -> usize {
        self.peak.load(SeqCst)
    }

    pub(crate) fn opens(&self) -> usize {
        self.opens.load(SeqCst)
    }

    pub(crate) fn checks(&self) -> usize {
        self.checks.load(SeqCst)
    }

    pub(crate) fn hung(&self) -> usize {
        self.hung.load(SeqCst)
    }

    /// Lets calls that hang return.
    pub(crate) fn release(&self) {
        self.released.set();
    }

    fn block(&self, act: Act) -> Result<(), &'static str> {
        match act {
            Act::Works | Act::WorksLater => Ok(()),
            Act::Fails => Err("down"),
            Act::Hangs => {
                self.hung.fetch_add(1, SeqCst);
                self.released.wait();
                self.hung.fetch_sub(1, SeqCst);
                Ok(())
            }
            Act::Panics => panic!("on purpose"),
        }
    }
}

async fn run(act: Act) -> Result<(), &'static str> {
    match act {
        Act::Works => Ok(()),
        Act::WorksLater => {
            yield_now().await;
            Ok(())
        }
        Act::Fails => Err("down"),
        Act::Hangs => pending().await,
        Act::Panics => panic!("on purpose"),
    }
}

/// A connection counts from the begin of its open until it is dropped.
#[derive(Debug)]
struct Alive(Arc<World>);

impl Alive {
    fn new(world: &Arc<World>) -> Self {
        let alive = world.alive.fetch_add(1, SeqCst) + 1;
        world.peak.fetch_max(alive, SeqCst);
        Self(Arc::clone(world))
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.alive.fetch_sub(1, SeqCst);
    }
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Item {
    /// From 1, in order of opening.
    pub(crate) id: usize,
    /// What the next check of it does.
    pub(crate) check: Act,
    /// What `is_broken` says, or whether it panics.
    pub(crate) broken: Option<bool>,
    /// Whether `discard` panics.
    pub(crate) bites: bool,
    alive: Alive,
}

impl Item {
    fn new(alive: Alive) -> Self {
        Self {
            id: alive.0.opens.fetch_add(1, SeqCst) + 1,
            check: Act::Works,
            broken: Some(false),
            bites: false,
            alive,
        }
    }

    fn is_broken(&self) -> bool {
        self.broken.expect("on purpose")
    }

    fn close(self) {
        self.alive.0.closed.fetch_add(1, SeqCst);
    }

    fn discard(self) {
        self.alive.0.discarded.fetch_add(1, SeqCst);
        assert!(!self.bites, "on purpose");
    }
}

/// A manager of connections, in async code or with calls that block.
#[derive(Debug)]
pub(crate) struct Server(Arc<World>);

impl Manage for Server {
    type Item = Item;
    type Error = &'static str;

    async fn open(&self) -> Result<Item, &'static str> {
        let alive = Alive::new(&self.0);
        run(self.0.next()).await?;
        Ok(Item::new(alive))
    }

    async fn check(&self, item: &mut Item) -> Result<(), &'static str> {
        self.0.checks.fetch_add(1, SeqCst);
        run(item.check).await
    }

    async fn close(&self, item: Item) {
        yield_now().await;
        if self.0.slow_to_close.load(SeqCst) {
            pending::<()>().await;
        }
        item.close();
    }

    fn discard(&self, item: Item) {
        item.discard();
    }

    fn is_broken(&self, item: &mut Item) -> bool {
        item.is_broken()
    }
}

impl ManageBlocking for Server {
    type Item = Item;
    type Error = &'static str;

    fn open(&self) -> Result<Item, &'static str> {
        let alive = Alive::new(&self.0);
        self.0.block(self.0.next())?;
        Ok(Item::new(alive))
    }

    fn check(&self, item: &mut Item) -> Result<(), &'static str> {
        self.0.checks.fetch_add(1, SeqCst);
        self.0.block(item.check)
    }

    fn close(&self, item: Item) {
        item.close();
    }

    fn discard(&self, item: Item) {
        item.discard();
    }

    fn is_broken(&self, item: &mut Item) -> bool {
        item.is_broken()
    }
}

pub(crate) type Pool = LeasePool<Server>;

/// Nothing takes too long, however busy the machine is: a test that is about limits sets them.
fn without_limits<M: Managed>(builder: LeasePoolBuilder<M>) -> LeasePoolBuilder<M> {
    let hour = Duration::from_secs(3600);
    builder
        .open_timeout(hour)
        .check_timeout(hour)
        .close_timeout(hour)
}

/// A pool of connections by async code.
pub(crate) fn pool(world: &Arc<World>) -> LeasePoolBuilder<Server> {
    without_limits(LeasePool::builder(Server(Arc::clone(world))))
}

/// A pool of connections by calls that block.
pub(crate) fn blocking(world: &Arc<World>) -> LeasePoolBuilder<Blocking<Server>> {
    without_limits(LeasePool::builder(Blocking(Server(Arc::clone(world)))))
}

pub(crate) type Error = LeaseError<&'static str>;

/// Long enough for whoever does not hang, and short enough for whoever waits for one who does.
pub(crate) const SHORT: Duration = Duration::from_millis(2);
pub(crate) const FAR: Duration = Duration::from_secs(3600);

pub(crate) fn panics(f: impl FnOnce()) {
    catch_unwind(AssertUnwindSafe(f)).expect_err("it should have panicked");
}

/// All places are there: as many can be leased as the pool has room for, and no more.
#[track_caller]
pub(crate) fn assert_all_places_are_there(pool: &Pool, world: &World, max: usize) {
    let stats = pool.stats();
    assert_eq!((stats.leased, stats.waiting, stats.stuck), (0, 0, 0));
    assert_eq!(stats.size, stats.idle);
    assert_eq!(world.alive(), stats.size);
    let all: Vec<_> = (0..max)
        .map(|_| Driver::new(pool.lease()).ready().unwrap())
        .collect();
    Driver::waiting(pool.lease());
    assert_eq!((world.alive(), pool.stats().size), (max, max));
    all.into_iter().for_each(Lease::give_back);
    assert!(world.peak() <= max, "{} items at once", world.peak());
}
