//! The one way to run a model: explores every combination of scripted knobs, then refuses vacuous runs.
//!
//! A timed wait, an overdue head and the kind of unlock are not explored by loom. They are scripted
//! constants, and every combination of the values a model names is one search of its own. What is counted
//! is counted outside loom, in std's atomics: no thread may wait here, since all loom threads share one
//! OS thread, and no step of the counting may be a step of the model.

use core::fmt;
use core::ops::Range;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::Arc;

use syncline::internals::script;
use syncline::loom::model::Builder;

use super::report::Report;

/// Fewer executions than this, over all combinations, are no search. A model may ask for more.
const MIN_EXECUTIONS: u64 = 10;

/// How many steps an execution may take, so that one that never ends is found. Loom's own 1,000 are too few
/// for what a pool does, and for what the feature `diagnostics` writes down.
const MAX_BRANCHES: usize = 5_000;

/// As many operations as a task may do in one poll, unless the model says how many.
const OPERATIONS: i32 = 128;

/// How a thread gives back a `Lock`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unlock {
    /// A store, a light fence and a load.
    Asymmetric,
    /// One exchange, where there is no heavy fence.
    Swap,
    /// An exchange by threads that do not know yet that there is one, a store by the others. Loom does not
    /// order the two as C11 does (see `docs/testing.md`), so that no model of a lock uses it.
    Mixed,
}

/// Which threads of a pool cannot be started, counted from 0 in each execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Starts {
    /// None.
    All,
    /// This one.
    Without(usize),
    /// This one and all after it.
    Before(usize),
}

impl Starts {
    /// The numbers of the starts that fail.
    const fn failing(self) -> Range<usize> {
        match self {
            Self::All => 0..0,
            Self::Without(number) => number..number + 1,
            Self::Before(number) => number..usize::MAX,
        }
    }
}

/// A model about to run: what it declares, and which scripted values it is run for.
#[derive(Debug)]
#[must_use = "a check explores nothing until `run`"]
pub(crate) struct Check {
    name: &'static str,
    bound: usize,
    outcomes: &'static [&'static str],
    expiries: &'static [Option<usize>],
    overdue: &'static [bool],
    unlocks: Option<&'static [Unlock]>,
    starts: &'static [Starts],
    batches: &'static [usize],
    few_blocked: usize,
    min_executions: u64,
    max_branches: usize,
    operations: i32,
}

impl Check {
    /// The check handed to the model called `name`, with the preemptions that loom may make.
    pub(crate) const fn new(name: &'static str, bound: usize) -> Self {
        Self {
            name,
            bound,
            outcomes: &[],
            expiries: &[None],
            overdue: &[false],
            unlocks: None,
            starts: &[Starts::All],
            batches: &[0],
            few_blocked: 4,
            min_executions: MIN_EXECUTIONS,
            max_branches: MAX_BRANCHES,
            operations: OPERATIONS,
        }
    }

    /// Declares what may happen. Each must happen in some execution, and nothing else may.
    pub(crate) const fn outcomes(mut self, outcomes: &'static [&'static str]) -> Self {
        self.outcomes = outcomes;
        self
    }

    /// Runs the model once for each: timed waits expire at their k-th park, or never.
    pub(crate) const fn expiries(mut self, expiries: &'static [Option<usize>]) -> Self {
        self.expiries = expiries;
        self
    }

    /// Runs the model once for each: whether a thread at the head of a line is overdue.
    pub(crate) const fn overdue(mut self, overdue: &'static [bool]) -> Self {
        self.overdue = overdue;
        self
    }

    /// Runs the model once for each: how a thread gives back a `Lock`. A model that says nothing runs
    /// asymmetric, and once more by swap if any lock was given back.
    pub(crate) const fn unlocks(mut self, unlocks: &'static [Unlock]) -> Self {
        self.unlocks = Some(unlocks);
        self
    }

    /// Runs the model once for each: which threads of a pool cannot be started.
    pub(crate) const fn starts(mut self, starts: &'static [Starts]) -> Self {
        self.starts = starts;
        self
    }

    /// Runs the model once for each: how many more jobs a worker takes along when it steals one.
    pub(crate) const fn batches(mut self, batches: &'static [usize]) -> Self {
        self.batches = batches;
        self
    }

    /// So many times as many blocked threads as workers are many for a pool, instead of four.
    pub(crate) const fn few_blocked(mut self, times: usize) -> Self {
        self.few_blocked = times;
        self
    }

    /// Refuses the run if all combinations together have fewer executions than this.
    pub(crate) const fn min_executions(mut self, executions: u64) -> Self {
        self.min_executions = executions;
        self
    }

    /// Allows an execution so many steps.
    pub(crate) const fn max_branches(mut self, branches: usize) -> Self {
        self.max_branches = branches;
        self
    }

    /// Lets a task do so many operations in one poll.
    pub(crate) const fn operations(mut self, operations: i32) -> Self {
        self.operations = operations;
        self
    }

    /// Explores `model` and reports to the parent process.
    ///
    /// # Panics
    ///
    /// Panics if an execution fails, if a declared outcome never occurred, or if there were too few
    /// executions.
    pub(crate) fn run(self, model: impl Fn(Run) + Send + Sync + 'static) {
        assert!(
            !self.outcomes.is_empty(),
            "{} declares no outcome",
            self.name
        );
        let combinations = self.combinations();
        assert!(!combinations.is_empty(), "{} has no combination", self.name);
        // Leaked, so that a model's threads copy a plain reference. The process ends with the model.
        let tally: &'static Tally = Box::leak(Box::new(Tally::new(self.outcomes)));
        say_where_a_panic_happened(tally);

        script::set_operations(self.operations);
        script::set_few_blocked(self.few_blocked);
        let model = Arc::new(model);
        let mut searched = 0;
        for (index, &combination) in combinations.iter().enumerate() {
            if self.unlocks.is_none()
                && combination.unlock != Unlock::Asymmetric
                && !script::were_fences_asked_for()
            {
                println!("no lock was given back: all others would be the same");
                break;
            }
            println!(
                "combination {} of {}: {combination}",
                index + 1,
                combinations.len()
            );
            combination.select();
            let run = Run { tally, combination };
            let model = Arc::clone(&model);
            self.search().check(move || {
                // ORDERING: Relaxed, here and in the tally: one OS thread writes and reads.
                tally.executions.fetch_add(1, Relaxed);
                script::begin();
                model(run);
            });
            searched += 1;
        }
        self.refuse_if_vacuous(tally, searched);
    }

    /// Every combination of the scripted values, as a list.
    fn combinations(&self) -> Vec<Combination> {
        let unlocks = (self.unlocks).unwrap_or(&[Unlock::Asymmetric, Unlock::Swap]);
        let mut combinations = Vec::new();
        for &unlock in unlocks {
            for &expiry in self.expiries {
                for &overdue in self.overdue {
                    for &starts in self.starts {
                        combinations.extend(self.batches.iter().map(|&batch| Combination {
                            expiry,
                            overdue,
                            unlock,
                            starts,
                            batch,
                        }));
                    }
                }
            }
        }
        combinations
    }

    /// loom's search at the model's bound. Nothing in the environment can cut it short.
    fn search(&self) -> Builder {
        let mut search = Builder::new();
        search.preemption_bound = Some(self.bound);
        search.max_permutations = None;
        search.max_duration = None;
        search.checkpoint_file = None;
        search.max_branches = self.max_branches;
        search
    }

    /// Panics unless the search was one; else hands the parent its report.
    fn refuse_if_vacuous(&self, tally: &Tally, combinations: usize) {
        let executions = tally.executions.load(Relaxed);
        assert!(
            executions >= self.min_executions,
            "{}: {executions} executions, fewer than the {} it must have",
            self.name,
            self.min_executions
        );
        let counts = tally.outcomes.iter().map(|(name, count)| {
            let count = count.load(Relaxed);
            assert_ne!(
                count, 0,
                "{}: the outcome `{name}` never occurred",
                self.name
            );
            ((*name).to_owned(), count)
        });
        let report = Report {
            executions,
            combinations,
            outcomes: counts.collect(),
        };
        print!("{}", report.to_lines());
    }
}

/// One value for each scripted knob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Combination {
    expiry: Option<usize>,
    overdue: bool,
    unlock: Unlock,
    starts: Starts,
    batch: usize,
}

impl Combination {
    /// Turns the library's knobs. Outside of a model, as they must be.
    fn select(self) {
        script::set_expiry(self.expiry);
        script::set_overdue(self.overdue);
        script::set_fences(match self.unlock {
            Unlock::Asymmetric => script::Fences::Asymmetric,
            Unlock::Swap => script::Fences::Symmetric,
            Unlock::Mixed => script::Fences::Mixed,
        });
        script::set_failing_starts(self.starts.failing());
        script::set_batch(self.batch);
    }
}

impl fmt::Display for Combination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.expiry {
            Some(park) => write!(f, "expiry at park {park}")?,
            None => f.write_str("no expiry")?,
        }
        f.write_str(if self.overdue {
            ", overdue"
        } else {
            ", not overdue"
        })?;
        f.write_str(match self.unlock {
            Unlock::Asymmetric => ", asymmetric unlock",
            Unlock::Swap => ", unlock by swap",
            Unlock::Mixed => ", unlock by whoever knows what",
        })?;
        match self.starts {
            Starts::All => {}
            Starts::Without(number) => write!(f, ", start {number} fails")?,
            Starts::Before(number) => write!(f, ", start {number} and all after it fail")?,
        }
        match self.batch {
            0 => Ok(()),
            more => write!(f, ", {more} more come with what is stolen"),
        }
    }
}

/// What a model knows about the combination it runs in, and where it says what happened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    tally: &'static Tally,
    combination: Combination,
}

impl Run {
    /// Notes that a declared outcome occurred in this execution.
    ///
    /// # Panics
    ///
    /// Panics if `outcome` was not declared: a model that can do more than it says is a wrong model.
    #[track_caller]
    pub(crate) fn saw(self, outcome: &str) {
        let declared = self
            .tally
            .outcomes
            .iter()
            .find(|(name, _)| *name == outcome);
        let Some((_, count)) = declared else {
            panic!("the undeclared outcome `{outcome}` occurred");
        };
        count.fetch_add(1, Relaxed);
    }

    /// The park at which timed waits expire here; `None` means that they never do.
    pub(crate) const fn expiry(self) -> Option<usize> {
        self.combination.expiry
    }

    /// Whether a thread at the head of a line is overdue here.
    pub(crate) const fn overdue(self) -> bool {
        self.combination.overdue
    }

    /// Which threads of a pool cannot be started here.
    pub(crate) const fn starts(self) -> Starts {
        self.combination.starts
    }

    /// How a thread gives back a `Lock` here.
    pub(crate) const fn unlock(self) -> Unlock {
        self.combination.unlock
    }
}

/// The counters of one process.
#[derive(Debug)]
struct Tally {
    executions: AtomicU64,
    outcomes: Vec<(&'static str, AtomicU64)>,
}

impl Tally {
    /// All at zero.
    fn new(outcomes: &[&'static str]) -> Self {
        Self {
            executions: AtomicU64::new(0),
            outcomes: outcomes
                .iter()
                .map(|&name| (name, AtomicU64::new(0)))
                .collect(),
        }
    }
}

/// Adds the number of the execution to every panic message; the combination has been printed above it.
fn say_where_a_panic_happened(tally: &'static Tally) {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let executions = tally.executions.load(Relaxed);
        eprintln!("panicked in execution {executions}, counted over all combinations:");
        default(panic);
    }));
}
