//! The lease pool of a library that blocks: calls that hang are given up in time, and keep their places.

use crate::driver::Driver;
use crate::lease_world::{Act, SHORT, World, blocking};
use crate::watch::{until, watched};
use core::panic::AssertUnwindSafe;
use core::sync::atomic::Ordering::SeqCst;
use core::time::Duration;
use std::panic::catch_unwind;
use std::time::Instant;
use syncline::service::{Lease, LeaseError};
use syncline::task::block_on;

#[test]
fn threads_and_tasks_lease_what_calls_open_and_check() {
    let world = World::new();
    let pool = blocking(&world).check_after_idle(Duration::ZERO).build();
    watched(&pool, || {
        pool.lease().wait().unwrap().give_back();
        let lease = block_on(pool.lease()).unwrap();
        assert_eq!((lease.id, world.checks()), (1, 1));
        lease.give_back();
        assert_eq!(pool.with(|item| Ok::<_, LeaseError<_>>(item.id)), Ok(1));
        pool.close().wait();
    });
    assert_eq!((world.closed.load(SeqCst), world.alive()), (1, 0));
}

#[test]
fn a_call_that_fails_or_panics_is_an_error_or_a_panic_of_its_lessee_alone() {
    let world = World::new();
    let pool = blocking(&world)
        .max(1)
        .check_after_idle(Duration::ZERO)
        .build();
    world.script(&[Act::Fails, Act::Panics]);
    watched(&pool, || {
        assert_eq!(pool.lease().wait().unwrap_err(), LeaseError::Open("down"));
        catch_unwind(AssertUnwindSafe(|| pool.lease().wait())).unwrap_err();
        for act in [Act::Fails, Act::Panics] {
            let mut lease = pool.lease().wait().unwrap();
            lease.check = act;
            lease.give_back();
        }
        assert_eq!(pool.lease().wait().unwrap().id, 3);
    });
    let stats = pool.stats();
    assert_eq!(
        (stats.failed_opens, stats.failed_checks, stats.size),
        (2, 2, 0)
    );
}

/// Trap E8.
#[test]
fn an_open_that_hangs_is_answered_in_time_and_keeps_its_place_until_it_returns() {
    let world = World::new();
    let pool = blocking(&world).max(1).build();
    world.script(&[Act::Hangs]);
    watched(&pool, || {
        let start = Instant::now();
        let refused = loop {
            // The call must have begun for this to be about one that hangs.
            let refused = pool.lease().wait_timeout(SHORT);
            if world.hung() > 0 {
                break refused;
            }
        };
        assert_eq!(refused.unwrap_err(), LeaseError::TimedOut);
        assert!(start.elapsed() >= SHORT);
        let stats = pool.stats();
        assert_eq!((stats.stuck, stats.size, world.alive()), (1, 1, 1));
        // Nobody opens a second one meanwhile.
        let next = Driver::waiting(pool.lease());
        assert_eq!(
            pool.lease().wait_timeout(SHORT).unwrap_err(),
            LeaseError::TimedOut
        );
        assert_eq!(world.alive(), 1);
        world.release();
        until("the place", || next.is_woken());
        next.cancel();
        pool.lease().wait().unwrap().give_back();
    });
    let stats = pool.stats();
    assert_eq!((stats.stuck, stats.size, world.peak()), (0, 1, 1));
}

/// Trap E8.
#[test]
fn a_check_that_hangs_keeps_its_place_and_its_lessee_gets_another() {
    let world = World::new();
    let pool = blocking(&world)
        .max(2)
        .check_after_idle(Duration::ZERO)
        .check_timeout(SHORT)
        .build();
    watched(&pool, || {
        let mut lease = pool.lease().wait().unwrap();
        lease.check = Act::Hangs;
        lease.give_back();
        // Before it has begun it does not hang, and costs no place.
        let lease = pool.lease().wait().unwrap();
        assert_eq!(lease.id, 2);
        let stats = pool.stats();
        assert_eq!((stats.failed_checks, stats.size), (1, 1 + stats.stuck));
        if stats.stuck > 0 {
            // There is no third place.
            Driver::waiting(pool.lease());
            assert_eq!(world.alive(), 2);
        }
        world.release();
        until("the call returns", || pool.stats().stuck == 0);
        lease.give_back();
        pool.lease().wait().unwrap().give_back();
    });
    assert!(world.peak() <= 2);
    assert_eq!(pool.stats().size, world.alive());
}

#[test]
fn an_end_waits_for_calls_that_hang_for_as_long_as_it_may() {
    let world = World::new();
    let pool = blocking(&world).max(2).build();
    world.script(&[Act::Hangs]);
    watched(&pool, || {
        let mut opens = Driver::waiting(pool.lease());
        until("it hangs", || world.hung() == 1);
        opens.pending();
        opens.cancel();
        assert!(pool.close().wait_timeout(SHORT).is_err());
        world.release();
        pool.close().wait();
    });
    let stats = pool.stats();
    assert_eq!((stats.size, stats.stuck, stats.dropped), (0, 0, 1));
    assert_eq!(world.alive(), 0);
}

#[test]
fn a_thousand_calls_that_are_given_up_leave_size_and_places_right() {
    let world = World::new();
    let pool = blocking(&world).max(3).build();
    watched(&pool, || {
        for turn in 0..1000_u32 {
            let mut opens = Driver::new(pool.lease());
            if opens.poll().is_pending() && turn % 3 == 0 {
                std::thread::yield_now();
            }
            drop(opens);
        }
        until("all have returned", || {
            pool.stats().size == pool.stats().idle
        });
        let all = [(); 3].map(|()| pool.lease().wait().unwrap());
        assert_eq!(world.alive(), 3);
        all.into_iter().for_each(Lease::give_back);
    });
    assert!(world.peak() <= 3);
    assert_eq!(pool.stats().size, world.alive());
}
