//! The lease pool: what comes back and what does not, places, and the order of arrival. Times are in `stepped`, and in
//! the unit tests of the rules.

use crate::driver::Driver;
use crate::lease_world::{Error, Item, SHORT, World, assert_all_places_are_there, panics, pool};
use crate::watch::{until, watched};
use core::future::pending;
use core::sync::atomic::Ordering::SeqCst;
use core::time::Duration;
use syncline::service::{Lease, LeaseError};
use syncline::task::{block_on, timeout};
use syncline::thread;

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

/// Traps C9, E6.
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

/// Trap E7.
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

/// Trap B26 between tasks: nobody else gets a place that has been granted.
#[test]
fn a_lessee_that_is_not_polled_keeps_its_place_in_line_and_the_place_that_it_was_granted() {
    let world = World::new();
    let pool = pool(&world).max(1).build();
    let lease = pool.lease().wait().unwrap();
    let first = Driver::waiting(pool.lease());
    let second = Driver::waiting(pool.lease());
    lease.give_back();
    assert!(first.is_woken());
    // The item lies idle, and is the first lessee's.
    assert_eq!(pool.stats().idle, 1);
    assert!(!second.is_woken() && pool.try_lease().is_none());
    watched(&pool, || {
        let refused = pool.lease().wait_timeout(SHORT);
        assert_eq!(refused.unwrap_err(), LeaseError::TimedOut);
    });
    // It comes late, or is dropped: nothing is lost.
    first.ready().unwrap().give_back();
    let third = Driver::waiting(pool.lease());
    second.cancel();
    third.woken().unwrap().give_back();
    assert_all_places_are_there(&pool, &world, 1);
}

/// Trap E6.
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

/// Trap E4.
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
