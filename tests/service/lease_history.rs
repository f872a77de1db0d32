//! Random histories of a lease pool against a server that fails, hangs and panics: at every instant there are no more
//! items than there is room, and in the end every item and every place is where it should be.

use crate::driver::Driver;
use crate::lease_world::{Act, Item, Pool, World, blocking, pool};
use crate::watch::{until, watched};
use core::panic::AssertUnwindSafe;
use core::sync::atomic::Ordering::SeqCst;
use core::task::Poll;
use core::time::Duration;
use proptest::prelude::*;
use std::panic::catch_unwind;
use std::sync::Arc;
use syncline::service::{Lease, LeaseWait};

/// What happens in a history. Numbers choose one of those there are.
#[derive(Clone, Copy, Debug)]
enum Step {
    Ask,
    Poll(usize),
    DropWait(usize),
    GiveBack(usize, Act, bool),
    Lose(usize),
    Take(usize),
    TryLease,
    WarmUp,
    Maintain,
    NextOpen(Act),
}

fn act() -> impl Strategy<Value = Act> {
    prop::sample::select(vec![
        Act::Works,
        Act::WorksLater,
        Act::Fails,
        Act::Hangs,
        Act::Panics,
    ])
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Ask),
        6 => any::<usize>().prop_map(Step::Poll),
        2 => any::<usize>().prop_map(Step::DropWait),
        4 => (any::<usize>(), act(), any::<bool>())
            .prop_map(|(which, check, broken)| Step::GiveBack(which, check, broken)),
        2 => any::<usize>().prop_map(Step::Lose),
        1 => any::<usize>().prop_map(Step::Take),
        1 => Just(Step::TryLease),
        1 => Just(Step::WarmUp),
        1 => Just(Step::Maintain),
        3 => act().prop_map(Step::NextOpen),
    ]
}

/// Takes out one of several.
fn choose<T>(several: &mut Vec<T>, which: usize) -> Option<T> {
    let count = several.len();
    (count > 0).then(|| several.remove(which % count))
}

/// A history of one pool.
struct History<'a> {
    pool: &'a Pool,
    world: &'a Arc<World>,
    max: usize,
    waits: Vec<Driver<LeaseWait<'a, crate::lease_world::Server>>>,
    leases: Vec<Lease<crate::lease_world::Server>>,
    taken: Vec<Item>,
}

impl History<'_> {
    fn run(&mut self, step: Step) {
        match step {
            Step::Ask => self.waits.push(Driver::new(self.pool.lease())),
            Step::Poll(which) => {
                let Some(mut wait) = choose(&mut self.waits, which) else {
                    return;
                };
                // An open that panics ends its wait.
                match catch_unwind(AssertUnwindSafe(|| wait.poll())) {
                    Ok(Poll::Pending) => self.waits.push(wait),
                    Ok(Poll::Ready(Ok(lease))) => self.leases.push(lease),
                    Ok(Poll::Ready(Err(_))) | Err(_) => {}
                }
            }
            Step::DropWait(which) => drop(choose(&mut self.waits, which)),
            Step::GiveBack(which, check, broken) => {
                if let Some(mut lease) = choose(&mut self.leases, which) {
                    lease.check = check;
                    lease.broken = Some(broken);
                    lease.give_back();
                }
            }
            Step::Lose(which) => drop(choose(&mut self.leases, which)),
            Step::Take(which) => {
                let taken = choose(&mut self.leases, which).map(Lease::take);
                self.taken.extend(taken);
            }
            Step::TryLease => self.leases.extend(self.pool.try_lease()),
            Step::WarmUp => {
                let mut warms = Driver::new(self.pool.warm_up());
                drop(catch_unwind(AssertUnwindSafe(|| warms.poll().is_ready())));
            }
            Step::Maintain => assert!(Driver::new(self.pool.maintain()).poll().is_pending()),
            Step::NextOpen(act) => self.world.script(&[act]),
        }
        let stats = self.pool.stats();
        assert!(stats.size <= self.max, "{stats:?} after {step:?}");
        assert_eq!(stats.leased, self.leases.len(), "after {step:?}");
        // An item that was taken is its owner's.
        let alive = self.world.alive() - self.taken.len();
        assert_eq!(stats.size, alive, "after {step:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_history_loses_an_item_or_a_place_or_has_too_many(
        max in 1_usize..4,
        min_idle in 0_usize..4,
        newest in any::<bool>(),
        checks in any::<bool>(),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let world = World::new();
        let check_after = if checks { Duration::ZERO } else { Duration::MAX };
        let mut builder = pool(&world)
            .max(max)
            .min_idle(min_idle.min(max))
            .check_after_idle(check_after);
        if newest {
            builder = builder.newest_first();
        }
        let pool = builder.build();
        let mut history = History {
            pool: &pool,
            world: &world,
            max,
            waits: Vec::new(),
            leases: Vec::new(),
            taken: Vec::new(),
        };
        for step in steps {
            history.run(step);
        }
        let History { waits, leases, taken, .. } = history;
        drop((waits, leases, taken));
        let stats = pool.stats();
        prop_assert_eq!((stats.leased, stats.waiting, stats.size), (0, 0, stats.idle));
        prop_assert_eq!(stats.size, world.alive());
        // Each place is there, whatever the items are worth.
        world.forget_the_script();
        let mut all = Vec::new();
        while all.len() < max {
            let mut wait = Driver::new(pool.lease());
            match catch_unwind(AssertUnwindSafe(|| wait.poll())) {
                Ok(Poll::Ready(lease)) => all.push(lease.unwrap()),
                // Its check hangs, or takes two polls: the place is the lessee's, and so free when that is dropped.
                Ok(Poll::Pending) => prop_assert!(pool.stats().size < max || pool.stats().idle < stats.idle),
                Err(_) => {}
            }
        }
        prop_assert_eq!(world.alive(), max);
        drop(all);
        pool.close().wait();
        let stats = pool.stats();
        prop_assert_eq!((stats.size, stats.idle, world.alive()), (0, 0, 0));
        let gone = world.closed.load(SeqCst) + world.discarded.load(SeqCst);
        prop_assert!(gone <= world.opens());
    }
}

#[test]
fn many_threads_and_calls_that_fail_and_panic_lose_no_place() {
    let world = World::new();
    let pool = blocking(&world)
        .max(3)
        .min_idle(1)
        .check_after_idle(Duration::ZERO)
        .check_every(Duration::from_millis(1))
        .build();
    watched(&pool, || {
        let maintenance = pool.start_maintenance();
        std::thread::scope(|threads| {
            for number in 0..4_u64 {
                let (pool, world) = (&pool, &world);
                threads.spawn(move || {
                    let mut random = fastrand::Rng::with_seed(number);
                    for _ in 0..150 {
                        let acts = [Act::Works, Act::WorksLater, Act::Fails, Act::Panics];
                        if random.u8(..4) == 0 {
                            world.script(&[acts[random.usize(..4)]]);
                        }
                        let wait = || match random.u8(..4) {
                            0 => pool.lease().wait_timeout(Duration::ZERO),
                            1 => pool.lease().wait_timeout(Duration::from_millis(1)),
                            _ => pool.lease().wait(),
                        };
                        let Ok(Ok(mut lease)) = catch_unwind(AssertUnwindSafe(wait)) else {
                            continue;
                        };
                        if random.bool() {
                            lease.check = acts[random.usize(..4)];
                            lease.give_back();
                        }
                    }
                });
            }
        });
        world.forget_the_script();
        until("all calls have returned", || {
            let stats = pool.stats();
            stats.stuck == 0 && stats.size == stats.idle
        });
        drop([(); 3].map(|()| pool.lease().wait().unwrap()));
        pool.close().wait();
        maintenance.wait().unwrap();
    });
    assert!(world.peak() <= 3, "{} at once", world.peak());
    assert_eq!((world.alive(), pool.stats().size), (0, 0));
}
