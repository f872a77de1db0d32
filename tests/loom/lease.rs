//! Models of `LeasePool`: leases that come back and that do not, opens that fail, the end, expiry, and calls that
//! block and are given up.
//!
//! Each pool has room for one item, or for two. The server counts its connections, those that are being opened
//! included, in std's atomics: that is no step of the model. An item is a cell that loom watches.

use core::pin::pin;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::Relaxed;
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::script;
use syncline::loom::thread::{JoinHandle, spawn, yield_now};
use syncline::service::{Blocking, Lease, LeaseError, LeasePool, Manage, ManageBlocking, Managed};
use syncline::task::block_on;

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("lease/mixed/give_back_against_leases", give_back)
        .dear()
        .fewer_preemptions(1),
    model!("lease/mixed/drop_against_lease", lost),
    model!("lease/mixed/failed_open_against_lease", failed),
    model!("lease/thread/timeout_against_give_back", timeout),
    model!("lease/task/dropped_wait_against_give_back", dropped),
    model!("lease/mixed/close_against_lease", close),
    model!("lease/thread/close_against_wait", close_waiting),
    model!("lease/task/dropped_close_against_give_back", dropped_close),
    model!("lease/service/expiry_against_lease", expiry),
    model!("lease/service/upkeep_against_lease", upkeep).fewer_preemptions(1),
    model!("lease/service/warm_up_against_lease", warm_up),
    model!("lease/mixed/open_given_up_against_its_return", given_up)
        .preemptions_at_most(1)
        .untraced(),
];

const HOUR: Duration = Duration::from_secs(3600);

/// A server with room for so many connections.
#[derive(Debug)]
struct World {
    room: usize,
    alive: AtomicUsize,
    opens: AtomicUsize,
    /// How many opens fail before one works.
    fails: AtomicUsize,
}

/// A connection counts from the begin of its open until it is dropped.
#[derive(Debug)]
struct Alive(Arc<World>);

impl Alive {
    fn new(world: &Arc<World>) -> Self {
        // ORDERING: Relaxed, in all of this: one OS thread writes and reads.
        let others = world.alive.fetch_add(1, Relaxed);
        assert!(others < world.room, "more items than the pool has room for");
        Self(Arc::clone(world))
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.alive.fetch_sub(1, Relaxed);
    }
}

/// A connection, which one at a time may use.
#[derive(Debug)]
struct Item {
    id: usize,
    used: Guarded<()>,
    _alive: Alive,
}

#[derive(Debug)]
struct Server(Arc<World>);

impl Server {
    fn open_one(&self) -> Result<Item, ()> {
        let alive = Alive::new(&self.0);
        let fails = self.0.fails.load(Relaxed);
        if fails > 0 {
            self.0.fails.store(fails - 1, Relaxed);
            return Err(());
        }
        Ok(Item {
            id: self.0.opens.fetch_add(1, Relaxed),
            used: Guarded::new(()),
            _alive: alive,
        })
    }
}

impl Manage for Server {
    type Item = Item;
    type Error = ();

    async fn open(&self) -> Result<Item, ()> {
        self.open_one()
    }
}

impl ManageBlocking for Server {
    type Item = Item;
    type Error = ();

    fn open(&self) -> Result<Item, ()> {
        let opened = self.open_one();
        // Whoever waits for it may give up here.
        yield_now();
        opened
    }
}

impl World {
    fn new(room: usize) -> Arc<Self> {
        Arc::new(Self {
            room,
            alive: AtomicUsize::new(0),
            opens: AtomicUsize::new(0),
            fails: AtomicUsize::new(0),
        })
    }

    fn alive(&self) -> usize {
        self.alive.load(Relaxed)
    }

    fn pool(self: &Arc<Self>) -> LeasePool<Server> {
        LeasePool::builder(Server(Arc::clone(self)))
            .max(self.room)
            .max_lifetime(Duration::MAX)
            .idle_timeout(HOUR)
            .check_after_idle(Duration::MAX)
            .build()
    }

    /// All places are there, and there are as many items as the pool says.
    fn assert_quiet<M: Managed>(&self, pool: &LeasePool<M>) {
        let stats = pool.stats();
        assert_eq!((stats.leased, stats.waiting, stats.stuck), (0, 0, 0));
        assert_eq!((stats.size, stats.idle), (self.alive(), self.alive()));
    }
}

/// Leases once, uses the item, and gives it back; how often it had been used, and which it is.
fn use_once(lease: Lease<Server>) -> (usize, usize) {
    lease.used.bump();
    let used = (lease.used.value(), lease.id);
    lease.give_back();
    used
}

fn leases(pool: &LeasePool<Server>) -> JoinHandle<Result<(usize, usize), LeaseError<()>>> {
    let pool = pool.clone();
    spawn(move || pool.lease().wait().map(use_once))
}

/// A thread and a task use one item in turn, and each sees what the one before it did.
fn give_back(check: Check) {
    check
        .outcomes(&["thread, task", "task, thread"])
        .overdue(&[false, true])
        .run(|run| {
            let world = World::new(1);
            let pool = world.pool();
            let lease = pool.lease().wait().unwrap();
            let thread = leases(&pool);
            let task = spawn({
                let pool = pool.clone();
                move || block_on(pool.lease()).map(use_once)
            });
            lease.used.bump();
            lease.give_back();
            let used = [thread, task].map(|lessee| lessee.join().unwrap().unwrap());
            run.saw(match used {
                [(2, 0), (3, 0)] => "thread, task",
                [(3, 0), (2, 0)] => "task, thread",
                other => panic!("{other:?}"),
            });
            world.assert_quiet(&pool);
            assert!(pool.try_lease().is_some());
        });
}

/// A lease is dropped while a thread asks for one: the item is gone, and its place is there.
fn lost(check: Check) {
    check.outcomes(&["waited", "came later"]).run(|run| {
        let world = World::new(1);
        let pool = world.pool();
        let lease = pool.lease().wait().unwrap();
        let thread = leases(&pool);
        drop(lease);
        assert_eq!(thread.join().unwrap(), Ok((1, 1)), "a new one");
        let stats = pool.stats();
        run.saw(["came later", "waited"][usize::try_from(stats.waits).unwrap()]);
        assert_eq!((stats.opened, stats.dropped), (2, 1));
        world.assert_quiet(&pool);
    });
}

/// The first open fails: one of two gets the error, and the other the place.
fn failed(check: Check) {
    check.outcomes(&["thread fails", "task fails"]).run(|run| {
        let world = World::new(1);
        let pool = world.pool();
        world.fails.store(1, Relaxed);
        let used = |item: &mut Item| {
            item.used.bump();
            Ok::<_, LeaseError<()>>((item.used.value(), item.id))
        };
        let thread = spawn({
            let pool = pool.clone();
            move || pool.with(used)
        });
        let task = block_on(pool.with_async(async |item| used(item)));
        run.saw(match (thread.join().unwrap(), task) {
            (Err(LeaseError::Open(())), Ok((1, 0))) => "thread fails",
            (Ok((1, 0)), Err(LeaseError::Open(()))) => "task fails",
            other => panic!("{other:?}"),
        });
        world.assert_quiet(&pool);
        assert!(pool.lease().wait_deadline(Instant::now()).is_ok());
    });
}

/// A thread's time is over while the item is given back: it has it, or the next has.
fn timeout(check: Check) {
    check
        .outcomes(&["leased", "timed out"])
        .expiries(&[Some(0), None])
        .run(|run| {
            let world = World::new(1);
            let pool = world.pool();
            let lease = pool.lease().wait().unwrap();
            let thread = spawn({
                let pool = pool.clone();
                move || pool.lease().wait_timeout(HOUR).map(use_once)
            });
            lease.give_back();
            run.saw(match thread.join().unwrap() {
                Ok((1, 0)) => "leased",
                Err(LeaseError::TimedOut) => "timed out",
                other => panic!("{other:?}"),
            });
            world.assert_quiet(&pool);
            assert!(pool.try_lease().is_some());
        });
}

/// A task that waits is dropped while the item is given back: whoever is next gets it.
fn dropped(check: Check) {
    check.outcomes(&["granted", "still in line"]).run(|run| {
        let world = World::new(1);
        let pool = world.pool();
        let lease = pool.lease().wait().unwrap();
        let (first, second) = (CountingWaker::new(), CountingWaker::new());
        let mut dropped = Box::pin(pool.lease());
        let mut next = pin!(pool.lease());
        assert!(poll_once(dropped.as_mut(), &first).is_pending());
        assert!(poll_once(next.as_mut(), &second).is_pending());
        let gives_back = spawn(move || lease.give_back());
        drop(dropped);
        run.saw(["still in line", "granted"][first.wakes()]);
        gives_back.join().unwrap();
        assert_eq!(second.wakes(), 1);
        let Poll::Ready(Ok(lease)) = poll_once(next.as_mut(), &second) else {
            panic!("the place is lost");
        };
        assert_eq!(use_once(lease), (1, 0));
        world.assert_quiet(&pool);
    });
}

/// The pool is closed while a thread leases: it has its lease first, which the end waits for, or it is told.
fn close(check: Check) {
    check.outcomes(&["leased", "closed"]).run(|run| {
        let world = World::new(1);
        let pool = world.pool();
        let thread = leases(&pool);
        block_on(pool.close());
        assert_eq!((world.alive(), pool.stats().size), (0, 0));
        run.saw(match thread.join().unwrap() {
            Ok((1, 0)) => "leased",
            Err(LeaseError::Closed) => "closed",
            other => panic!("{other:?}"),
        });
        let stats = pool.stats();
        assert_eq!(stats.opened, stats.closed);
        pool.close().wait_deadline(Instant::now()).unwrap();
    });
}

/// The pool is closed while a thread waits for a place: it is told, although nobody gives one back.
fn close_waiting(check: Check) {
    check.outcomes(&["waited", "came later"]).run(|run| {
        let world = World::new(1);
        let pool = world.pool();
        let lease = pool.lease().wait().unwrap();
        let waits = spawn({
            let pool = pool.clone();
            move || {
                let waker = CountingWaker::new();
                let mut wait = Box::pin(pool.lease());
                match poll_once(wait.as_mut(), &waker) {
                    Poll::Pending => (true, block_on(wait).map(drop)),
                    Poll::Ready(told) => (false, told.map(drop)),
                }
            }
        });
        let end = pool.close();
        let (waited, told) = match waits.join() {
            Ok(both) => both,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        run.saw(if waited { "waited" } else { "came later" });
        assert_eq!(told, Err(LeaseError::Closed));
        lease.give_back();
        end.wait();
        assert_eq!((world.alive(), pool.stats().closed), (0, 1));
    });
}

/// Who waits for the end gives up while the last item is given back: it is closed, or discarded, and does not stay.
fn dropped_close(check: Check) {
    check.outcomes(&["closed", "discarded"]).run(|run| {
        let world = World::new(1);
        let pool = world.pool();
        let lease = pool.lease().wait().unwrap();
        let gives_back = spawn(move || lease.give_back());
        let waker = CountingWaker::new();
        let mut end = Box::pin(pool.close());
        let ended = poll_once(end.as_mut(), &waker).is_ready();
        drop(end);
        gives_back.join().unwrap();
        assert_eq!((world.alive(), pool.stats().size), (0, 0));
        let stats = pool.stats();
        assert_eq!(
            (stats.closed, stats.dropped),
            if ended { (1, 0) } else { (0, 1) }
        );
        run.saw(if ended { "closed" } else { "discarded" });
        pool.close().wait_timeout(HOUR).unwrap();
    });
}

/// An item expires while it is leased.
fn expiry(check: Check) {
    check
        .outcomes(&["the old one", "a new one"])
        .min_executions(4)
        .run(|run| {
            let world = World::new(1);
            let pool = world.pool();
            pool.lease().wait().unwrap().give_back();
            let clock = spawn(|| script::advance(HOUR));
            let lease = pool.lease().wait().unwrap();
            run.saw(["the old one", "a new one"][lease.id]);
            lease.give_back();
            clock.join().unwrap();
            world.assert_quiet(&pool);
            // What was given back before the hour was over has expired since.
            if let Some(lease) = pool.try_lease() {
                lease.give_back();
            }
            world.assert_quiet(&pool);
        });
}

/// An item that has expired is closed by the maintenance while a thread leases: nobody gets it.
fn upkeep(check: Check) {
    check.outcomes(&["closed", "discarded"]).run(|run| {
        let world = World::new(1);
        let pool = world.pool();
        pool.lease().wait().unwrap().give_back();
        script::advance(HOUR);
        let thread = leases(&pool);
        let (waker, mut maintains) = (CountingWaker::new(), Box::pin(pool.maintain()));
        assert!(poll_once(maintains.as_mut(), &waker).is_pending());
        assert_eq!(thread.join().unwrap(), Ok((1, 1)));
        let stats = pool.stats();
        run.saw(["closed", "discarded"][usize::try_from(stats.dropped).unwrap()]);
        assert_eq!(stats.closed + stats.dropped, 1);
        world.assert_quiet(&pool);
        drop(pool);
        assert!(waker.wakes() > 0);
        assert!(poll_once(maintains.as_mut(), &waker).is_ready());
    });
}

/// Two items are to lie idle while a thread leases one of two, and loses it.
fn warm_up(check: Check) {
    check.outcomes(&["one", "two"]).run(|run| {
        let world = World::new(2);
        let pool = LeasePool::builder(Server(Arc::clone(&world)))
            .max(2)
            .min_idle(2)
            .build();
        let loses = spawn({
            let pool = pool.clone();
            move || pool.lease().wait().map(drop)
        });
        pool.warm_up().wait().unwrap();
        loses.join().unwrap().unwrap();
        let stats = pool.stats();
        run.saw(["none", "one", "two"][stats.idle]);
        world.assert_quiet(&pool);
        pool.warm_up().wait_timeout(HOUR).unwrap();
        pool.warm_up().wait_deadline(Instant::now()).unwrap();
        assert_eq!(pool.stats().idle, 2);
        let both = [pool.lease(), pool.lease()].map(|lease| lease.wait().unwrap());
        assert_eq!(world.alive(), 2);
        drop(both);
    });
}

/// A call that opens an item is given up: it never begins, or is over, or keeps the place until it returns.
fn given_up(check: Check) {
    check
        .outcomes(&["never began", "was over", "was stuck"])
        .run(|run| {
            let world = World::new(1);
            let pool = LeasePool::builder(Blocking(Server(Arc::clone(&world))))
                .max(1)
                .build();
            let (waker, mut opens) = (CountingWaker::new(), Box::pin(pool.lease()));
            if poll_once(opens.as_mut(), &waker).is_pending() {
                yield_now();
            }
            drop(opens);
            let stats = pool.stats();
            if stats.stuck == 0 {
                run.saw(if stats.opened == 0 {
                    "never began"
                } else {
                    "was over"
                });
                world.assert_quiet(&pool);
                return;
            }
            run.saw("was stuck");
            // Nobody opens another before that call has returned.
            let mut next = Box::pin(pool.lease());
            if poll_once(next.as_mut(), &waker).is_pending() && pool.stats().waiting == 1 {
                assert!(world.alive() <= 1);
            }
            drop(next);
            pool.close().wait();
            assert_eq!((world.alive(), pool.stats().size), (0, 0));
        });
}
