//! The lease pool: what may be shared and moved, what managers may do, what it prints, and misuse.

use crate::driver::Driver;
use crate::lease_world::{Error, Pool, Server, World, panics, pool};
use core::time::Duration;
use std::sync::{Arc, Mutex};
use syncline::service::{Lease, LeasePool, LeaseWait, Manage};

#[test]
fn everything_may_be_shared_and_moved() {
    fn shared<T: Send + Sync>() {}
    fn moved<T: Send + 'static>(value: T) -> T {
        value
    }
    fn waits<T: Send>(_: T) {}
    shared::<Pool>();
    shared::<Lease<Server>>();
    let world = World::new();
    let pool = pool(&world).build();
    waits(pool.lease());
    waits(pool.warm_up());
    waits(pool.close());
    drop(moved(pool.maintain()));
    waits(pool.with_async(async |item| Ok::<_, Error>(item.id)));
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
