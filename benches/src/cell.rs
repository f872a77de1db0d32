//! A cell: one question, asked of several peers in the same words.
//!
//! A cell has a name (`lock/contended/8`), a sentence that says what one
//! operation is, and for each peer a body: a closure that is told how much to
//! do and reports what it did. Everything else (calibration, interleaving,
//! counting, ratios, tables) is the runner's.

use core::time::Duration;
use std::rc::Rc;

use crate::counts::Counts;
use crate::place::Place;
use crate::waits::Waits;

/// How much a body shall do in one round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Operations to carry out, for bodies that count.
    pub(crate) ops: u64,
    /// Time to fill, for bodies that run against the clock.
    pub(crate) time: Duration,
    /// Whether to time each single wait as well; it costs a clock read.
    pub(crate) stamped: bool,
}

/// What a body did in one round.
#[derive(Debug, Default)]
pub(crate) struct Sample {
    /// The time of the measured part.
    pub(crate) elapsed: Duration,
    /// Operations carried out in that time.
    pub(crate) ops: u64,
    /// Operations of each thread or task, if several competed.
    pub(crate) shares: Vec<u64>,
    /// The single waits, if they were timed.
    pub(crate) waits: Option<Waits>,
    /// Counters of the measured part, if the body can tell it from its setup.
    pub(crate) counts: Option<Counts>,
    /// How often a thread that slept on with the resource free was helped out.
    pub(crate) stranded: u64,
    /// Bytes of memory that one operation takes, where that is the question.
    pub(crate) bytes: Option<f64>,
    /// What a reader must know, such as where the machine's limit was.
    pub(crate) note: Option<String>,
}

impl Sample {
    /// A sample of a single thread.
    pub(crate) fn new(elapsed: Duration, ops: u64) -> Self {
        Self {
            elapsed,
            ops,
            ..Self::default()
        }
    }

    /// Nanoseconds per operation.
    pub(crate) fn ns_per_op(&self) -> f64 {
        self.elapsed.as_secs_f64() * 1e9 / self.ops.max(1) as f64
    }

    /// The largest share over the smallest, if several competed. Whoever never came through
    /// counts as having come through once.
    pub(crate) fn unfairness(&self) -> Option<f64> {
        let least = *self.shares.iter().min()?;
        let most = *self.shares.iter().max()?;
        Some(most as f64 / least.max(1) as f64)
    }
}

/// What a round of the cell is measured by.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Span {
    /// The runner finds the number of operations that takes about this long, one for all peers.
    Counted(Duration),
    /// Each round lasts this long.
    Timed(Duration),
    /// One round of a given number of operations, without a warm-up: each starts a process.
    Once,
}

/// The measured closure of one peer.
pub(crate) type Body = Rc<dyn Fn(&Effort) -> Sample>;

/// One competitor in a cell.
#[derive(Clone)]
pub(crate) struct Peer {
    /// The library, then perhaps `:` and the variant, as in `tokio:notify`.
    pub(crate) name: &'static str,
    /// What it is asked to do.
    pub(crate) body: Body,
}

/// One row group of the report.
#[derive(Clone)]
pub(crate) struct Cell {
    /// A path: primitive, question, size.
    pub(crate) name: String,
    /// What one operation is.
    pub(crate) about: &'static str,
    /// How long a round is.
    pub(crate) span: Span,
    /// The least number of operations of a round that makes sense.
    pub(crate) least_ops: u64,
    /// Whether instructions per operation mean something here.
    pub(crate) instructions: bool,
    /// Whether several threads work, so that it matters where they run.
    pub(crate) threads: bool,
    /// Where they run.
    pub(crate) place: Place,
    /// The competitors, in the order of the report.
    pub(crate) peers: Vec<Peer>,
}

impl Cell {
    /// A cell whose rounds do a calibrated number of operations in about `millis` ms.
    pub(crate) fn counted(name: impl Into<String>, millis: u64, about: &'static str) -> Self {
        Self::new(
            name.into(),
            Span::Counted(Duration::from_millis(millis)),
            about,
        )
    }

    /// A cell whose rounds last `millis` ms each.
    pub(crate) fn timed(name: impl Into<String>, millis: u64, about: &'static str) -> Self {
        Self::new(
            name.into(),
            Span::Timed(Duration::from_millis(millis)),
            about,
        )
    }

    /// A cell with one round of `ops` operations.
    pub(crate) fn once(name: impl Into<String>, ops: u64, about: &'static str) -> Self {
        Self::new(name.into(), Span::Once, about).at_least(ops)
    }

    fn new(name: String, span: Span, about: &'static str) -> Self {
        Self {
            name,
            about,
            span,
            least_ops: 1,
            instructions: false,
            threads: false,
            place: Place::Together,
            peers: Vec::new(),
        }
    }

    /// Has `--instructions` count this cell: one thread that never waits.
    pub(crate) fn with_instructions(mut self) -> Self {
        self.instructions = true;
        self
    }

    /// Says that several threads work, which makes this one cell for each place.
    pub(crate) fn of_threads(mut self) -> Self {
        self.threads = true;
        self
    }

    /// The cell at each of these places, or as it is if the place does not matter.
    pub(crate) fn at(self, places: &[Place]) -> Vec<Self> {
        if !self.threads {
            return vec![self];
        }
        let at = |&place: &Place| Self {
            name: format!("{}/{}", self.name, place.name()),
            place,
            ..self.clone()
        };
        places.iter().map(at).collect()
    }

    /// Never asks a body for fewer operations than this.
    pub(crate) fn at_least(mut self, ops: u64) -> Self {
        self.least_ops = ops;
        self
    }

    /// Adds a competitor.
    pub(crate) fn peer(
        mut self,
        name: &'static str,
        body: impl Fn(&Effort) -> Sample + 'static,
    ) -> Self {
        let body = Rc::new(body);
        self.peers.push(Peer { name, body });
        self
    }
}

impl Peer {
    /// The library this peer belongs to.
    pub(crate) fn library(&self) -> &'static str {
        library(self.name)
    }
}

/// The library part of a peer's name.
pub(crate) fn library(name: &str) -> &str {
    name.split(':').next().unwrap_or(name)
}

/// Adds one body for each peer of a list: the same expression every time, in
/// which the name before `=>` stands for the peer's type.
macro_rules! peers {
    ($cell:expr, $type:ident => $body:expr, { $($name:literal => $peer:ty),* $(,)? }) => {
        $cell$(.peer($name, {
            type $type = $peer;
            $body
        }))*
    };
}
pub(crate) use peers;
