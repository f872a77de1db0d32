//! The lease pool: what comes back and what does not, places, the order of arrival, the end, and misuse. Times are
//! in `stepped`, and in the unit tests of the rules.

use crate::driver::Driver;
use crate::lease_world::{Act, Item, Pool, World, pool};
use crate::watch::{until, watched};
use core::future::pending;
use core::panic::AssertUnwindSafe;
use core::sync::atomic::Ordering::SeqCst;
use core::task::Poll;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use syncline::service::{Lease, LeaseError, LeasePool, LeaseWait, Manage};
use syncline::task::{block_on, timeout};
use syncline::thread;

type Error = LeaseError<&'static str>;

/// Long enough for whoever does not hang, and short enough for whoever waits for one who does.
const SHORT: Duration = Duration::from_millis(2);
const FAR: Duration = Duration::from_secs(3600);

fn panics(f: impl FnOnce()) {
    catch_unwind(AssertUnwindSafe(f)).expect_err("it should have panicked");
}

/// All places are there: as many can be leased as the pool has room for, and no more.
#[track_caller]
fn assert_all_places_are_there(pool: &Pool, world: &World, max: usize) {
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

#[test]
fn everything_may_be_shared_and_moved() {
    fn shared<T: Send + Sync>() {}
    fn moved<T: Send + 'static>(value: T) -> T {
        value
    }
    fn waits<T: Send>(_: T) {}
    shared::<Pool>();
    shared::<Lease<crate::lease_world::Server>>();
    let world = World::new();
    let pool = pool(&world).build();
    waits(pool.lease());
    waits(pool.warm_up());
    waits(pool.close());
    drop(moved(pool.maintain()));
    waits(pool.with_async(async |item| Ok::<_, Error>(item.id)));
}

#[test]
fn an_item_that_was_given_back_is_leased_again_and_one_that_was_dropped_is_not() {
    let world = World::new();
    let pool = pool(&world).build();
    let lease = pool.lease().wait().unwrap();
    assert_eq!((lease.id, pool.stats().leased), (1, 1));
    lease.give_back();
    let again = block_on(pool.lease()).unwrap();
    assert_eq!(again.id, 1);
    drop(again);
    assert_eq!(world.discarded.load(SeqCst), 1);
    assert_eq!(pool.lease().wait().unwrap().id, 2);
    assert_all_places_are_there(&pool, &world, 10);
}

#[test]
fn the_connection_of_a_query_that_was_cancelled_by_a_timeout_never_comes_back() {
    let world = World::new();
    let pool = pool(&world).max(1).build();
    block_on(async {
        let query = async {
            let lease = pool.lease().await?;
            pending::<()>().await; // the request is sent, and the answer is not there
            lease.give_back();
            Ok::<_, Error>(())
        };
        assert!(timeout(SHORT, query).await.is_err());
        let hangs = pool.with_async(async |_| pending::<Result<(), Error>>().await);
        assert!(timeout(SHORT, hangs).await.is_err());
        assert_eq!(pool.lease().await.unwrap().id, 3);
    });
    assert_eq!(world.discarded.load(SeqCst), 3);
    assert_all_places_are_there(&pool, &world, 1);
}

#[test]
fn with_gives_back_what_went_well_and_discards_the_rest() {
    let world = World::new();
    let pool = pool(&world).max(1).build();
    let id = || pool.with(|item| Ok::<_, Error>(item.id)).unwrap();
    assert_eq!((id(), id()), (1, 1));
    let failed = pool.with(|_| Err::<(), _>(LeaseError::Open("in the middle")));
    assert_eq!(failed, Err(LeaseError::Open("in the middle")));
    assert_eq!(id(), 2);
    panics(|| {
        pool.with(|_| -> Result<(), Error> { panic!("on purpose") })
            .unwrap();
    });
    assert_eq!(id(), 3);
    block_on(async {
        let async_id = async || {
            pool.with_async(async |item: &mut Item| Ok::<_, Error>(item.id))
                .await
        };
        assert_eq!(async_id().await, Ok(3));
        let failed = pool.with_async(async |_| Err::<(), Error>(LeaseError::Closed));
        assert_eq!(failed.await, Err(LeaseError::Closed));
        assert_eq!(async_id().await, Ok(4));
    });
    assert_all_places_are_there(&pool, &world, 1);
}

#[test]
fn a_thousand_lost_leases_leave_size_and_places_right() {
    let world = World::new();
    let pool = pool(&world).max(3).build();
    watched(&pool, || {
        let threads: Vec<_> = (0..4)
            .map(|number| {
                let pool = pool.clone();
                thread::spawn_named("loses", move || {
                    for turn in 0..250 {
                        let lease = pool.lease().wait().unwrap();
                        match (number + turn) % 3 {
                            0 => drop(lease),
                            1 => panics(|| {
                                let _lost = lease;
                                panic!("on purpose");
                            }),
                            _ => block_on(async {
                                let lost = timeout(Duration::ZERO, async {
                                    let _lost = lease;
                                    pending::<()>().await;
                                });
                                assert!(lost.await.is_err());
                            }),
                        }
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.wait().unwrap();
        }
    });
    assert_eq!((world.opens(), world.discarded.load(SeqCst)), (1000, 1000));
    assert_eq!(pool.stats().dropped, 1000);
    assert_all_places_are_there(&pool, &world, 3);
}

#[test]
fn threads_and_tasks_wait_in_one_line_in_order_of_arrival() {
    let world = World::new();
    let pool = pool(&world).max(1).build();
    let first = pool.lease().wait().unwrap();
    let task = Driver::waiting(pool.lease());
    let waits = thread::spawn_named("waits", {
        let pool = pool.clone();
        move || pool.lease().wait().map(Lease::give_back)
    });
    watched(&pool, || until("the thread", || pool.stats().waiting == 2));
    let mut last = Driver::waiting(pool.lease());
    assert!(pool.try_lease().is_none());
    first.give_back();
    // It is there, and all the same nobody passes the task.
    assert!(pool.try_lease().is_none());
    last.pending();
    task.woken().unwrap().give_back();
    watched(&pool, || {
        waits.wait().unwrap().unwrap();
        until("the last", || last.is_woken());
    });
    last.woken().unwrap().give_back();
    let stats = pool.stats();
    assert_eq!((stats.waits, stats.waiting), (3, 0));
    assert!(stats.longest_wait >= stats.mean_wait);
    assert_all_places_are_there(&pool, &world, 1);
}

#[test]
fn an_open_that_fails_or_is_cut_off_gives_its_place_to_the_next() {
    for act in [Act::Fails, Act::Hangs, Act::Panics] {
        let world = World::new();
        let pool = pool(&world).max(1).open_timeout(SHORT).build();
        world.script(&[act]);
        let mut first = Driver::new(pool.lease());
        if act == Act::Hangs {
            first.pending();
            assert_eq!(pool.stats().size, 1, "an open counts");
            let second = Driver::waiting(pool.lease());
            watched(&pool, || until("the limit", || first.is_woken()));
            assert_eq!(first.ready().unwrap_err(), LeaseError::TimedOut);
            second.woken().unwrap().give_back();
        } else if act == Act::Fails {
            assert_eq!(first.ready().unwrap_err(), LeaseError::Open("down"));
        } else {
            panics(|| drop(first.ready()));
        }
        assert_eq!(pool.stats().failed_opens, 1, "{act:?}");
        assert_all_places_are_there(&pool, &world, 1);
    }
}

#[test]
fn a_lessee_that_is_dropped_while_it_opens_gives_its_place_to_the_next() {
    let world = World::new();
    let pool = pool(&world).max(1).build();
    world.script(&[Act::Hangs]);
    let opens = Driver::waiting(pool.lease());
    let next = Driver::waiting(pool.lease());
    opens.cancel();
    assert_eq!(world.peak(), 1);
    next.woken().unwrap().give_back();
    assert_all_places_are_there(&pool, &world, 1);
}

#[test]
fn a_dead_server_is_an_error_within_the_deadline() {
    let world = World::new();
    let pool = pool(&world).max(2).build();
    world.script(&[Act::Hangs; 3]);
    let start = Instant::now();
    let refused = watched(&pool, || pool.lease().wait_timeout(SHORT));
    assert_eq!(refused.unwrap_err(), LeaseError::TimedOut);
    assert!(start.elapsed() >= SHORT);
    let refused = watched(&pool, || pool.lease().wait_deadline(Instant::now() + SHORT));
    assert_eq!(refused.unwrap_err(), LeaseError::TimedOut);
    assert_eq!(
        pool.lease().wait_timeout(Duration::ZERO).unwrap_err(),
        LeaseError::TimedOut
    );
    assert_all_places_are_there(&pool, &world, 2);
}

#[test]
fn an_item_whose_check_fails_hangs_or_panics_is_discarded_and_another_opened_at_once() {
    for act in [Act::Fails, Act::Hangs, Act::Panics] {
        let world = World::new();
        let pool = pool(&world)
            .max(2)
            .check_after_idle(Duration::ZERO)
            .check_timeout(SHORT)
            .build();
        let (mut one, two) = (pool.lease().wait().unwrap(), pool.lease().wait().unwrap());
        one.check = act;
        one.give_back();
        two.give_back();
        let lease = watched(&pool, || pool.lease().wait()).unwrap();
        // Not the other one, which might be as dead.
        assert_eq!(lease.id, 3, "{act:?}");
        lease.give_back();
        let stats = pool.stats();
        assert_eq!((stats.failed_checks, stats.dropped), (1, 1));
        assert_all_places_are_there(&pool, &world, 2);
    }
}

#[test]
fn a_server_that_dies_is_an_error_after_one_check_and_one_open() {
    let world = World::new();
    let pool = pool(&world)
        .max(3)
        .check_after_idle(Duration::ZERO)
        .check_timeout(SHORT)
        .open_timeout(SHORT)
        .build();
    let mut all: Vec<_> = (0..3).map(|_| pool.lease().wait().unwrap()).collect();
    for lease in &mut all {
        lease.check = Act::Hangs;
    }
    all.into_iter().for_each(Lease::give_back);
    world.script(&[Act::Hangs]);
    let refused = watched(&pool, || pool.lease().wait());
    assert_eq!(refused.unwrap_err(), LeaseError::TimedOut);
    let stats = pool.stats();
    assert_eq!(
        (stats.failed_checks, stats.failed_opens, stats.idle),
        (1, 1, 2)
    );
}

#[test]
fn a_check_that_works_leases_the_same_item() {
    let world = World::new();
    let pool = pool(&world).check_after_idle(Duration::ZERO).build();
    let mut lease = pool.lease().wait().unwrap();
    lease.check = Act::WorksLater;
    lease.give_back();
    assert!(pool.try_lease().is_none(), "its check is due");
    let again = pool.lease().wait().unwrap();
    assert_eq!((again.id, world.checks()), (1, 1));
    drop(again);
    assert_all_places_are_there(&pool, &world, 10);
}

#[test]
fn an_item_that_its_manager_finds_broken_does_not_come_back() {
    let world = World::new();
    let pool = pool(&world).max(1).build();
    for (id, broken) in [(1, Some(true)), (2, None), (3, Some(false))] {
        let mut lease = pool.lease().wait().unwrap();
        assert_eq!(lease.id, id);
        lease.broken = broken;
        lease.give_back();
    }
    assert_eq!(pool.lease().wait().unwrap().id, 3);
}

#[test]
fn a_discard_that_panics_costs_nothing_else() {
    let world = World::new();
    let pool = pool(&world).max(1).build();
    let mut lease = pool.lease().wait().unwrap();
    lease.bites = true;
    drop(lease);
    assert_all_places_are_there(&pool, &world, 1);
}

#[test]
fn an_item_that_is_taken_out_leaves_room_for_another() {
    let world = World::new();
    let pool = pool(&world).max(1).build();
    let mine = pool.lease().wait().unwrap().take();
    assert_eq!((mine.id, pool.stats().size), (1, 0));
    let other = pool.lease().wait().unwrap();
    assert_eq!((other.id, world.alive()), (2, 2));
    drop(mine);
    assert_eq!(world.discarded.load(SeqCst), 0);
}

#[test]
fn the_oldest_or_the_newest_is_leased_first() {
    let world = World::new();
    let oldest = pool(&world).build();
    let newest = pool(&world).newest_first().build();
    for (pool, next) in [(oldest, [1, 2]), (newest, [4, 3])] {
        let (one, two) = (pool.lease().wait().unwrap(), pool.lease().wait().unwrap());
        one.give_back();
        two.give_back();
        let leases = [pool.lease().wait().unwrap(), pool.try_lease().unwrap()];
        assert_eq!(leases.each_ref().map(|lease| lease.id), next);
        leases.into_iter().for_each(Lease::give_back);
    }
}

#[test]
fn warming_up_opens_what_is_missing_or_says_what_failed() {
    let world = World::new();
    let pool = pool(&world).max(3).min_idle(2).open_timeout(SHORT).build();
    let lease = pool.lease().wait().unwrap();
    block_on(pool.warm_up()).unwrap();
    assert_eq!((pool.stats().idle, pool.stats().size), (2, 3));
    lease.give_back();
    pool.warm_up().wait().unwrap();
    assert_eq!(world.opens(), 3);
    drop([pool.lease(), pool.lease()].map(|lease| lease.wait().unwrap()));
    world.script(&[Act::Fails, Act::Hangs, Act::Panics]);
    assert_eq!(pool.warm_up().wait(), Err(LeaseError::Open("down")));
    assert_eq!(pool.warm_up().wait_timeout(FAR), Err(LeaseError::TimedOut));
    panics(|| pool.warm_up().wait_deadline(Instant::now()).unwrap_or(()));
    assert_all_places_are_there(&pool, &world, 3);
    // There is no room for what is missing.
    let all = [(); 3].map(|()| pool.lease().wait().unwrap());
    pool.warm_up().wait().unwrap();
    drop(all);
    drop(pool.close());
    assert_eq!(pool.warm_up().wait(), Err(LeaseError::Closed));
}

#[test]
fn a_closed_pool_tells_all_who_wait_and_closes_what_comes_back() {
    let world = World::new();
    let pool = pool(&world).max(2).build();
    let (out, idle) = (pool.lease().wait().unwrap(), pool.lease().wait().unwrap());
    let waits = Driver::waiting(pool.lease());
    let thread = thread::spawn_named("waits", {
        let pool = pool.clone();
        move || pool.lease().wait().map(drop)
    });
    watched(&pool, || {
        until("the thread", || pool.stats().waiting == 2);
        let mut ends = Driver::new(pool.close());
        assert_eq!(waits.woken().unwrap_err(), LeaseError::Closed);
        assert_eq!(thread.wait().unwrap(), Err(LeaseError::Closed));
        assert_eq!(pool.lease().wait().unwrap_err(), LeaseError::Closed);
        assert!(pool.try_lease().is_none());
        ends.pending();
        idle.give_back();
        assert!(ends.is_woken());
        while ends.is_woken() {
            ends.pending(); // the manager takes two polls to close it
        }
        assert_eq!((world.closed.load(SeqCst), world.alive()), (1, 1));
        drop(out);
        ends.woken();
    });
    assert_eq!((world.alive(), world.discarded.load(SeqCst)), (0, 1));
    pool.close().wait();
    block_on(pool.close());
    assert_eq!((pool.stats().size, pool.stats().closed), (0, 1));
}

#[test]
fn two_who_wait_for_the_end_both_see_it_also_if_a_third_is_dropped() {
    let world = World::new();
    let pool = pool(&world).max(2).build();
    let (one, two) = (pool.lease().wait().unwrap(), pool.lease().wait().unwrap());
    let ends = [(); 3].map(|()| Driver::waiting(pool.close()));
    one.give_back();
    let woken = ends.iter().position(Driver::is_woken).unwrap();
    assert_eq!(woken, 0);
    let [first, mut second, mut third] = ends;
    first.cancel(); // what it was told of is for the next
    assert!(second.is_woken());
    while second.is_woken() {
        second.pending();
    }
    assert_eq!(world.closed.load(SeqCst), 1);
    third.pending();
    drop(two);
    second.woken();
    third.woken();
}

#[test]
fn what_is_left_is_discarded_if_nobody_waits_for_the_end() {
    let world = World::new();
    let pool = pool(&world).max(3).build();
    let [one, two, three] = [(); 3].map(|()| pool.lease().wait().unwrap());
    one.give_back();
    let end = pool.close();
    two.give_back();
    assert_eq!(pool.stats().idle, 2);
    drop(end);
    assert_eq!((world.discarded.load(SeqCst), pool.stats().size), (2, 1));
    three.give_back();
    assert_eq!((world.discarded.load(SeqCst), world.alive()), (3, 0));
    pool.close().wait();
}

#[test]
fn an_item_that_is_opened_while_the_pool_is_closed_is_closed_as_well() {
    let world = World::new();
    let pool = pool(&world).build();
    world.script(&[Act::WorksLater]);
    let opens = Driver::waiting(pool.lease());
    let mut ends = Driver::waiting(pool.close());
    assert_eq!(opens.woken().unwrap_err(), LeaseError::Closed);
    ends.pending();
    ends.woken();
    assert_eq!((world.closed.load(SeqCst), world.alive()), (1, 0));
}

#[test]
fn an_end_with_a_lease_out_ends_in_time() {
    let world = World::new();
    let pool = pool(&world).build();
    let lease = pool.lease().wait().unwrap();
    watched(&pool, || {
        assert!(pool.close().wait_timeout(SHORT).is_err());
        assert!(pool.close().wait_deadline(Instant::now()).is_err());
    });
    lease.give_back();
    assert!(pool.close().wait_timeout(Duration::ZERO).is_ok());
}

#[test]
fn a_pool_that_is_dropped_discards_what_lies_idle_and_leases_go_on() {
    let world = World::new();
    let pool = pool(&world).build();
    let (mut one, two) = (pool.lease().wait().unwrap(), pool.lease().wait().unwrap());
    two.give_back();
    let maintenance = pool.start_maintenance();
    drop(pool);
    one.check = Act::Fails;
    assert_eq!((one.id, world.alive()), (1, 2));
    one.give_back();
    watched(&world, || maintenance.wait().unwrap());
    assert_eq!((world.alive(), world.discarded.load(SeqCst)), (0, 2));
}

#[test]
fn a_wait_dropped_at_any_point_loses_no_place() {
    for open in [Act::Works, Act::WorksLater, Act::Hangs] {
        for check in [Act::Works, Act::WorksLater, Act::Fails, Act::Hangs] {
            for polls in 0..5 {
                let world = World::new();
                let pool = pool(&world).max(2).check_after_idle(Duration::ZERO).build();
                let (other, mut lease) =
                    (pool.lease().wait().unwrap(), pool.lease().wait().unwrap());
                lease.check = check;
                let mut dropped = Driver::new(pool.lease());
                if polls > 0 {
                    dropped.pending();
                }
                world.script(&[open]);
                lease.give_back();
                let mut got = None;
                for _ in 1..polls {
                    if let Poll::Ready(result) = dropped.poll() {
                        got = Some(result.unwrap());
                        break;
                    }
                }
                drop((dropped, got));
                other.give_back();
                world.script(&[]);
                let stats = pool.stats();
                assert_eq!(
                    (stats.size, stats.waiting, stats.leased),
                    (world.alive(), 0, 0),
                    "opening {open:?}, checking {check:?}, dropped after {polls} polls"
                );
                assert!(world.peak() <= 2);
                drop(pool.close());
                assert_eq!(world.alive(), 0);
            }
        }
    }
}

#[test]
fn a_wait_that_was_granted_a_place_and_is_dropped_passes_it_on() {
    let world = World::new();
    let pool = pool(&world).max(1).build();
    let lease = pool.lease().wait().unwrap();
    let (first, second) = (Driver::waiting(pool.lease()), Driver::waiting(pool.lease()));
    lease.give_back();
    assert!(first.is_woken() && !second.is_woken());
    first.cancel();
    second.woken().unwrap().give_back();
    assert_all_places_are_there(&pool, &world, 1);
}

#[test]
fn a_manager_may_use_the_pool_that_calls_it() {
    /// Looks at its own pool whenever it is called.
    #[derive(Clone, Default)]
    struct Looks(Arc<Mutex<Option<LeasePool<Looks>>>>);

    impl Looks {
        fn leased(&self) -> usize {
            let pool = self.0.lock().unwrap().clone().expect("it is set");
            assert!(format!("{pool:?}").contains("leased"));
            pool.stats().leased
        }
    }

    impl Manage for Looks {
        type Item = usize;
        type Error = &'static str;

        async fn open(&self) -> Result<usize, &'static str> {
            Ok(self.leased())
        }

        fn discard(&self, _: usize) {
            self.leased();
        }

        fn is_broken(&self, _: &mut usize) -> bool {
            self.leased() > 1
        }
    }

    let looks = Looks::default();
    let pool = LeasePool::builder(looks.clone()).build();
    *looks.0.lock().unwrap() = Some(pool.clone());
    let (one, two) = (pool.lease().wait().unwrap(), pool.lease().wait().unwrap());
    assert_eq!((*one, *two), (0, 1));
    one.give_back(); // and is found broken, for both are out
    two.give_back();
    assert_eq!((pool.stats().idle, pool.stats().dropped), (1, 1));
    pool.close().wait();
    // The manager holds the pool that holds it.
    let held = looks.0.lock().unwrap().take();
    drop(held);
}

#[test]
fn the_debug_output_is_one_readable_line() {
    let world = World::new();
    let pool = pool(&world).max(2).build();
    let lease = pool.lease().wait().unwrap();
    assert_eq!(
        format!("{pool:?}"),
        "LeasePool { max: 2, size: 1, idle: 0, leased: 1, waiting: 0, is_closed: false, .. }"
    );
    assert!(format!("{lease:?}").starts_with("Lease(Item { id: 1"));
    let wait: LeaseWait<'_, _> = pool.lease();
    assert!(format!("{wait:?}").starts_with("LeaseWait { pool: LeasePool"));
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let world = World::new();
    let builder = || pool(&world);
    panics(|| drop(builder().max(0)));
    panics(|| drop(builder().max(usize::MAX)));
    panics(|| drop(builder().max(1).min_idle(2).build()));
    panics(|| drop(builder().check_every(Duration::ZERO)));
    panics(|| drop(builder().open_timeout(Duration::ZERO)));
    panics(|| drop(builder().check_timeout(Duration::ZERO)));
    panics(|| drop(builder().close_timeout(Duration::ZERO)));
}

#[test]
fn a_wait_that_is_polled_after_its_end_says_so() {
    let world = World::new();
    let pool = pool(&world).build();
    let mut wait = Driver::new(pool.lease());
    assert!(wait.poll().is_ready());
    panics(|| drop(wait.poll()));
}
