//! The lease pool: opens and checks that fail, hang, panic or are dropped.

use crate::driver::Driver;
use crate::lease_world::{Act, FAR, SHORT, World, assert_all_places_are_there, panics, pool};
use crate::watch::{until, watched};
use core::task::Poll;
use core::time::Duration;
use std::time::Instant;
use syncline::service::{Lease, LeaseError};
use syncline::task::block_on;

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

/// Trap E4.
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
