//! The lease pool by the clock that tests move: what expires, what is checked when, and what takes too long.

use crate::driver::Driver;
use crate::lease_world::{Act, World, blocking, pool};
use crate::stepped::{HOUR, TICK, clock, until_woken};
use crate::watch::{until, watched};
use core::sync::atomic::Ordering::SeqCst;
use core::time::Duration;
use syncline::clock::{advance, sleepers};
use syncline::service::{Lease, LeaseError};

const FOR_EVER: Duration = Duration::MAX;

#[test]
fn leasing_discards_what_has_been_idle_for_too_long_although_nobody_maintains() {
    let _clock = clock();
    let world = World::new();
    let pool = pool(&world)
        .idle_timeout(HOUR)
        .check_after_idle(FOR_EVER)
        .max_lifetime(FOR_EVER)
        .build();
    pool.lease().wait().unwrap().give_back();
    advance(HOUR - TICK);
    pool.lease().wait().unwrap().give_back();
    advance(HOUR - TICK);
    let lease = pool.try_lease().unwrap();
    assert_eq!(lease.id, 1);
    lease.give_back();
    advance(HOUR);
    assert!(pool.try_lease().is_none());
    assert_eq!((world.alive(), pool.stats().size), (0, 0));
    let lease = pool.lease().wait().unwrap();
    assert_eq!(lease.id, 2);
    advance(HOUR * 100); // a lease may be out for as long as it likes
    lease.give_back();
    assert_eq!(pool.lease().wait().unwrap().id, 2);
}

#[test]
fn an_item_lives_for_nine_tenths_of_the_longest_lifetime_at_least_and_no_longer_than_that() {
    let _clock = clock();
    let world = World::new();
    let pool = pool(&world)
        .max(20)
        .idle_timeout(FOR_EVER)
        .check_after_idle(FOR_EVER)
        .max_lifetime(HOUR)
        .build();
    let all: Vec<_> = (0..20).map(|_| pool.lease().wait().unwrap()).collect();
    all.into_iter().for_each(Lease::give_back);
    advance(HOUR * 9 / 10 - TICK);
    let all: Vec<_> = (0..20).map(|_| pool.try_lease().unwrap()).collect();
    all.into_iter().for_each(Lease::give_back);
    advance(HOUR / 20);
    let some: Vec<_> = core::iter::from_fn(|| pool.try_lease()).collect();
    assert!(
        (1..20).contains(&some.len()),
        "they end one after the other"
    );
    some.into_iter().for_each(Lease::give_back);
    advance(HOUR / 20 + TICK);
    assert!(pool.try_lease().is_none());
    assert_eq!(world.alive(), 0);
}

#[test]
fn an_item_is_checked_before_it_is_leased_when_it_was_not_used_for_a_while() {
    let _clock = clock();
    let world = World::new();
    let pool = pool(&world)
        .idle_timeout(FOR_EVER)
        .max_lifetime(FOR_EVER)
        .check_after_idle(HOUR)
        .build();
    pool.lease().wait().unwrap().give_back();
    advance(HOUR - TICK);
    pool.lease().wait().unwrap().give_back();
    assert_eq!(world.checks(), 0);
    advance(HOUR);
    assert!(pool.try_lease().is_none());
    pool.lease().wait().unwrap().give_back();
    assert_eq!((world.checks(), pool.stats().failed_checks), (1, 0));
    pool.lease().wait().unwrap().give_back();
    assert_eq!(world.checks(), 1);
}

#[test]
fn a_check_and_an_open_that_hang_take_as_long_as_they_may_and_no_longer() {
    let _clock = clock();
    let world = World::new();
    let pool = pool(&world)
        .max(1)
        .idle_timeout(FOR_EVER)
        .max_lifetime(FOR_EVER)
        .check_after_idle(Duration::ZERO)
        .check_timeout(HOUR)
        .open_timeout(HOUR * 2)
        .build();
    let mut lease = pool.lease().wait().unwrap();
    lease.check = Act::Hangs;
    lease.give_back();
    world.script(&[Act::Hangs]);
    let mut waits = Driver::waiting(pool.lease());
    advance(HOUR - TICK);
    waits.pending();
    assert_eq!(world.alive(), 1);
    advance(TICK);
    until_woken(&waits);
    waits.pending();
    // The check is cut off, and an open has begun in the same place.
    assert_eq!((pool.stats().failed_checks, world.alive()), (1, 1));
    advance(HOUR * 2 - TICK);
    waits.pending();
    advance(TICK);
    until_woken(&waits);
    assert_eq!(waits.ready().unwrap_err(), LeaseError::TimedOut);
    assert_eq!((pool.stats().failed_opens, world.alive()), (1, 0));
    assert_eq!(pool.lease().wait().unwrap().id, 2);
}

#[test]
fn a_call_that_hangs_is_given_up_at_the_limit_and_keeps_its_place() {
    let _clock = clock();
    let world = World::new();
    let pool = blocking(&world).max(1).open_timeout(HOUR).build();
    world.script(&[Act::Hangs]);
    watched(&pool, || {
        let waits = Driver::waiting(pool.lease());
        until("it hangs", || world.hung() == 1);
        advance(HOUR);
        until_woken(&waits);
        assert_eq!(waits.ready().unwrap_err(), LeaseError::TimedOut);
        assert_eq!((pool.stats().stuck, pool.stats().size), (1, 1));
        world.release();
        until("it has returned", || pool.stats().size == 0);
        assert_eq!((world.alive(), pool.stats().dropped), (0, 1));
    });
}

#[test]
fn the_maintenance_closes_checks_and_fills_and_does_nothing_while_somebody_waits() {
    let _clock = clock();
    let world = World::new();
    let second = Duration::from_secs(1);
    let pool = pool(&world)
        .max(2)
        .min_idle(1)
        .idle_timeout(second * 20)
        .max_lifetime(FOR_EVER)
        .check_every(second * 5)
        .build();
    let mut maintains = Driver::waiting(pool.maintain());
    assert_eq!((pool.stats().idle, world.opens()), (1, 1));
    let round = |maintains: &mut Driver<_>| {
        advance(second * 5);
        until_woken(maintains);
        while maintains.is_woken() {
            maintains.pending();
        }
    };
    for checks in 1..=3 {
        round(&mut maintains);
        assert_eq!(world.checks(), checks);
    }
    // The fourth finds it expired, closes it, and opens another.
    round(&mut maintains);
    assert_eq!(
        (world.checks(), world.closed.load(SeqCst), world.opens()),
        (3, 1, 2)
    );
    let mut dead = pool.lease().wait().unwrap();
    dead.check = Act::Fails;
    dead.give_back();
    round(&mut maintains);
    assert_eq!((pool.stats().failed_checks, world.opens()), (1, 3));
    // With somebody in line the place of the one that is back is not for the maintenance.
    let (one, two) = (pool.lease().wait().unwrap(), pool.lease().wait().unwrap());
    let waits = Driver::waiting(pool.lease());
    one.give_back();
    round(&mut maintains);
    assert_eq!((world.checks(), pool.stats().idle), (4, 1));
    waits.woken().unwrap().give_back();
    two.give_back();
    round(&mut maintains);
    let checks = world.checks();
    drop([(); 2].map(|()| pool.lease().wait().unwrap()));
    world.script(&[Act::Fails]);
    round(&mut maintains);
    assert_eq!((pool.stats().failed_opens, pool.stats().size), (1, 0));
    round(&mut maintains); // and again
    assert_eq!((world.checks(), pool.stats().idle), (checks, 1));
    let end = pool.close();
    assert!(maintains.is_woken());
    maintains.ready();
    drop(end);
}

#[test]
fn a_maintenance_on_a_thread_ends_when_the_pool_is_dropped() {
    let _clock = clock();
    let world = World::new();
    let pool = pool(&world).min_idle(2).build();
    let before = sleepers();
    let maintenance = pool.start_maintenance();
    watched(&world, || {
        until("two lie idle", || pool.stats().idle == 2);
        until("it sleeps", || sleepers() > before || before > 0);
        drop(pool);
        maintenance.wait().unwrap();
    });
    assert_eq!(world.alive(), 0);
}

#[test]
fn an_end_cuts_off_a_close_that_takes_too_long() {
    let _clock = clock();
    let world = World::new();
    let pool = pool(&world).close_timeout(HOUR).build();
    world.slow_to_close.store(true, SeqCst);
    pool.lease().wait().unwrap().give_back();
    let mut ends = Driver::waiting(pool.close());
    while ends.is_woken() {
        ends.pending();
    }
    advance(HOUR - TICK);
    ends.pending();
    assert_eq!(world.alive(), 1);
    advance(TICK);
    until_woken(&ends);
    ends.ready();
    assert_eq!((world.alive(), pool.stats().size), (0, 0));
}
