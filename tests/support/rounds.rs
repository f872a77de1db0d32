//! Four parties meet thousands of times, and in most rounds one of them does something else: it is
//! cancelled, its time is over, or it resets the barrier. Nobody may hang, be released early, or be
//! given an index that another one has.

use crate::watch::until;
use core::pin::pin;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::{Relaxed, SeqCst};
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::sync::{Arc, Barrier as Plain};
use std::thread;
use syncline::internals::Quiet;
use syncline::task::block_on;
use syncline::thread::Barrier;
use syncline::{Arrival, BrokenBarrier};

const PARTIES: usize = 4;
const HOUR: Duration = Duration::from_secs(3600);

/// What one of the parties does in a round; all of them know it beforehand.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// A future that has arrived is dropped.
    Cancelled,
    TimedOut(Duration),
    /// It resets the barrier at some moment, and arrives after that.
    Resets,
}

/// A random number generator (xorshift), the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) % sides
    }

    fn fault(&mut self) -> (usize, Option<Fault>) {
        let victim = usize::try_from(self.roll(4)).expect("less than four");
        let fault = match self.roll(4) {
            0 => None,
            1 => Some(Fault::Cancelled),
            2 => Some(Fault::TimedOut(Duration::from_micros(self.roll(40)))),
            _ => Some(Fault::Resets),
        };
        (victim, fault)
    }
}

/// What has happened in a round.
#[derive(Debug, Default)]
struct Round {
    /// Arrivals that were not taken back; an arrival is counted before it begins.
    arrived: AtomicUsize,
    /// One bit for each index that was given.
    indices: AtomicUsize,
}

#[derive(Debug)]
pub(crate) struct Rounds {
    barrier: Barrier,
    all: Vec<Round>,
    /// Another barrier, to agree on a reset.
    agreed: Plain,
}

impl Rounds {
    pub(crate) fn new(count: usize) -> Arc<Self> {
        Arc::new(Self {
            barrier: Barrier::new(PARTIES),
            all: (0..count).map(|_| Round::default()).collect(),
            agreed: Plain::new(PARTIES),
        })
    }

    /// Plays all rounds, with faults by the seed.
    pub(crate) fn play(self: &Arc<Self>, seed: u64) {
        let party = |party| {
            let rounds = Arc::clone(self);
            thread::spawn(move || rounds.take_part(party, seed))
        };
        let parties: Vec<_> = (0..PARTIES).map(party).collect();
        let passed: usize = parties.into_iter().map(|p| p.join().unwrap()).sum();
        let given: u32 = (self.all.iter())
            .map(|round| round.indices.load(Relaxed).count_ones())
            .sum();
        let given = usize::try_from(given).expect("few indices");
        assert_eq!(PARTIES * self.all.len(), given + passed);
        assert!(!self.barrier.is_broken());
        self.barrier.assert_quiet();
    }

    /// One party's rounds; answers in how many of them it was dropped after all had arrived.
    fn take_part(&self, party: usize, seed: u64) -> usize {
        // Faults are the same for all; the form of a wait is each party's own.
        let mut faults = Dice(seed | 1);
        let mut forms = Dice(seed.wrapping_add(party as u64 + 1) | 1);
        let mut passed = 0;
        for round in &self.all {
            let (victim, fault) = faults.fault();
            let fault = fault.filter(|_| victim == party);
            if matches!(fault, Some(Fault::Cancelled)) && self.is_cancelled(round) {
                passed += 1;
                continue;
            }
            if matches!(fault, Some(Fault::Resets)) {
                if forms.roll(2) == 0 {
                    thread::yield_now();
                }
                self.barrier.reset();
            }
            round.arrived.fetch_add(1, SeqCst);
            let first = match fault {
                Some(Fault::TimedOut(limit)) => self.barrier.wait_timeout(limit),
                _ => self.wait(&mut forms),
            };
            let arrival = first.unwrap_or_else(|error| self.again(error, &mut forms));
            assert_eq!(PARTIES, round.arrived.load(SeqCst), "released early");
            round.give(arrival);
        }
        passed
    }

    fn wait(&self, forms: &mut Dice) -> Result<Arrival, BrokenBarrier> {
        let task = self.barrier.as_task();
        match forms.roll(4) {
            0 => self.barrier.wait(),
            1 => self.barrier.wait_timeout(HOUR),
            2 => block_on(task.wait()),
            _ => block_on(task.wait_timeout(HOUR)),
        }
    }

    /// Comes again after the round was broken.
    fn again(&self, mut error: BrokenBarrier, forms: &mut Dice) -> Arrival {
        loop {
            // After a reset the barrier is as new, for everybody has a round to come to. After a
            // deadline all four have failed, and one of them makes it whole again.
            if error.timed_out() || self.barrier.is_broken() {
                self.agreed.wait();
                if error.timed_out() {
                    self.barrier.reset();
                }
                self.agreed.wait();
            }
            match self.wait(forms) {
                Ok(arrival) => return arrival,
                Err(broken) => error = broken,
            }
        }
    }

    /// Arrives as a task, and is dropped. Answers whether all had arrived by then; if not, the
    /// arrival has been taken back, and the others wait.
    fn is_cancelled(&self, round: &Round) -> bool {
        round.arrived.fetch_add(1, SeqCst);
        {
            let mut wait = pin!(self.barrier.as_task().wait());
            if let Poll::Ready(met) = wait.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                let arrival = met.expect("nobody breaks this round");
                assert!(arrival.is_leader());
                assert_eq!(PARTIES, round.arrived.load(SeqCst), "released early");
                // As good as passed: its index is the last.
                return true;
            }
            thread::yield_now();
        }
        let complete = round.arrived.load(SeqCst) == PARTIES;
        let told = || round.indices.load(SeqCst).count_ones() == 3;
        until("the end of the round, or three who wait", || {
            told() || self.barrier.waiting() == PARTIES - 1
        });
        // Again, for the three may wait in the next round already.
        let passed = told();
        assert!(complete || !passed, "a cancelled arrival was counted");
        if !passed {
            round.arrived.fetch_sub(1, SeqCst);
        }
        passed
    }
}

impl Round {
    fn give(&self, arrival: Arrival) {
        let bit = 1 << arrival.index();
        let before = self.indices.fetch_or(bit, SeqCst);
        assert_eq!(0, before & bit, "an index was given twice: {arrival:?}");
        assert!(arrival.index() < PARTIES);
    }
}
