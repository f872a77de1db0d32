//! A breaker beside a naive one over random histories, with a clock that the test moves: shares of failures in a
//! window, times of being open, leases of probes.

use crate::stepped::clock;
use core::time::Duration;
use std::time::Instant;
use syncline::clock::{advance, now};
use syncline::service::{Breaker, BreakerState, Trip};

use BreakerState::{Closed, HalfOpen, Open};

/// What a breaker is told when it is built.
#[derive(Clone, Copy, Debug)]
struct Rules {
    ratio: f64,
    least: u32,
    /// A tenth of the window.
    tenth: u64,
    open_for: Duration,
    probes: usize,
    needed: u32,
    lease: Duration,
}

/// What it is said to do, the slowest way: it remembers every call.
struct Naive {
    rules: Rules,
    built: Instant,
    state: BreakerState,
    generation: u32,
    until: Instant,
    calls: Vec<(Instant, bool)>,
    probes: Vec<(usize, Instant)>,
    good: u32,
    late: u64,
}

impl Naive {
    fn change(&mut self, to: BreakerState) {
        (self.state, self.good) = (to, 0);
        self.until = now() + self.rules.open_for;
        self.generation += 1;
        self.calls.clear();
        self.probes.clear();
    }

    fn expire(&mut self) {
        self.probes.retain(|(_, ends)| *ends > now());
    }

    /// Whether call number so-and-so is let through; if not, how long the next one has to wait.
    fn admit(&mut self, number: usize) -> Result<(), Duration> {
        if self.state == Open {
            if now() < self.until {
                return Err(self.until - now());
            }
            self.change(HalfOpen);
        }
        if self.state == HalfOpen {
            self.expire();
            if self.probes.len() == self.rules.probes {
                let earliest = self.probes.iter().map(|(_, ends)| *ends).min();
                return Err(earliest.expect("there are probes") - now());
            }
            self.probes.push((number, now() + self.rules.lease));
        }
        Ok(())
    }

    /// Call number so-and-so, let through in that generation, has ended.
    fn end(&mut self, number: usize, generation: u32, good: bool) {
        if generation != self.generation {
            self.late += 1;
            return;
        }
        if self.state == HalfOpen {
            self.expire();
            let there = self.probes.len();
            self.probes.retain(|(probe, _)| *probe != number);
            if self.probes.len() == there {
                self.late += 1;
            } else if !good {
                self.change(Open);
            } else {
                self.good += 1;
                if self.good == self.rules.needed {
                    self.change(Closed);
                }
            }
            return;
        }
        self.calls.push((now(), good));
        if good {
            return;
        }
        // The tenth of the window in which it is now, and the nine before it.
        let (tenth, built) = (u128::from(self.rules.tenth), self.built);
        let place = |at: Instant| (at - built).as_nanos() / tenth;
        let newest = place(now());
        let kept: Vec<_> = (self.calls.iter())
            .filter(|(at, _)| place(*at) + 9 >= newest)
            .collect();
        let bad = kept.iter().filter(|(_, good)| !good).count();
        let enough = kept.len() >= self.rules.least as usize;
        #[expect(clippy::cast_precision_loss, reason = "small counts")]
        let too_many = bad as f64 >= self.rules.ratio * kept.len() as f64;
        if enough && too_many {
            self.change(Open);
        }
    }
}

#[test]
fn any_history_by_the_clock_goes_as_in_the_naive_breaker() {
    let _clock = clock();
    let mut tripped = 0;
    for seed in 0..300 {
        let mut random = fastrand::Rng::with_seed(seed);
        let rules = Rules {
            ratio: f64::from(random.u32(1..=10)) / 10.0,
            least: random.u32(1..6),
            tenth: random.u64(1..20),
            open_for: Duration::from_nanos(random.u64(0..100)),
            probes: random.usize(1..4),
            needed: random.u32(1..4),
            lease: Duration::from_nanos(random.u64(1..100)),
        };
        let trip = Trip::ratio(rules.ratio).of_at_least(rules.least);
        let breaker = Breaker::builder("api")
            .trip(trip.within(Duration::from_nanos(rules.tenth * 10)))
            .open_for(rules.open_for)
            .probes(rules.probes)
            .close_after(rules.needed)
            .probe_lease(rules.lease)
            .build();
        let mut naive = Naive {
            rules,
            built: now(),
            state: Closed,
            generation: 0,
            until: now(),
            calls: Vec::new(),
            probes: Vec::new(),
            good: 0,
            late: 0,
        };
        let mut under_way = Vec::new();
        for number in 0..200 {
            advance(Duration::from_nanos(random.u64(0..rules.tenth * 2)));
            if random.bool() {
                match (breaker.admit(), naive.admit(number)) {
                    (Ok(admission), Ok(())) => {
                        under_way.push((number, naive.generation, admission));
                    }
                    (Err(rejection), Err(wait)) => {
                        assert_eq!(rejection.retry_after(), wait, "seed {seed}");
                    }
                    (one, other) => panic!("{one:?} and {other:?}, seed {seed}, {rules:?}"),
                }
            } else if !under_way.is_empty() {
                let place = random.usize(..under_way.len());
                let (number, generation, admission) = under_way.swap_remove(place);
                let good = random.bool();
                if good {
                    admission.success();
                } else {
                    admission.failure();
                }
                naive.end(number, generation, good);
            }
            let stats = breaker.stats();
            assert_eq!(
                (stats.state, stats.generation, stats.late),
                (naive.state, naive.generation, naive.late),
                "seed {seed}, {rules:?}"
            );
        }
        tripped += u32::from(naive.generation > 2);
    }
    assert!(tripped > 100, "only {tripped} histories opened it again");
}
