//! The end of a lease pool.

use crate::driver::Driver;
use crate::lease_world::{Act, SHORT, World, pool};
use crate::watch::{until, watched};
use core::sync::atomic::Ordering::SeqCst;
use core::time::Duration;
use std::time::Instant;
use syncline::service::LeaseError;
use syncline::task::block_on;
use syncline::thread;

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
