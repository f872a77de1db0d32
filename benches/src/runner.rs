//! Measures a cell: calibrates, interleaves the peers, then counts.
//!
//! The rounds run A B C, B C A, C A B …: whatever slows the machine down for a
//! while slows every peer, and the ratio of two peers is taken within a round.

use core::time::Duration;
use std::time::Instant;

use crate::cell::{Cell, Effort, Peer, Sample, Span};
use crate::counts::{self, Counts};
use crate::stats::Spread;
use crate::waits::Waits;
use crate::watchdog;

/// How thorough to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// Rounds of each peer.
    pub(crate) rounds: u32,
    /// Divides the length of a round.
    pub(crate) haste: u32,
}

/// The library that every ratio has on top.
pub(crate) const SUBJECT: &str = "syncline";

/// Loops that do a part of what is measured, as a limit: none of them is the best peer.
const STRIPPED: &str = "stripped";

/// A peer's numbers.
pub(crate) struct Row {
    /// The peer.
    pub(crate) name: &'static str,
    /// Nanoseconds per operation.
    pub(crate) time: Spread,
    /// Time of the subject over the time of this peer, round by round.
    pub(crate) ratio: Option<Spread>,
    /// Whether no other library is faster, the subject and stripped loops aside.
    pub(crate) best: bool,
    /// Allocations per operation.
    pub(crate) allocations: f64,
    /// Voluntary context switches per operation.
    pub(crate) switches: f64,
    /// Futex calls per operation, where they can be counted.
    pub(crate) futex: Option<f64>,
    /// The largest share of a thread or task over the smallest.
    pub(crate) unfairness: Option<f64>,
    /// The single waits.
    pub(crate) waits: Option<Waits>,
    /// How often a stranded thread was helped out.
    pub(crate) stranded: u64,
}

/// Measures a cell.
pub(crate) fn measure(cell: &Cell, settings: Settings) -> Vec<Row> {
    let efforts: Vec<Effort> = cell
        .peers
        .iter()
        .map(|peer| calibrate(cell, peer, settings))
        .collect();
    let count = cell.peers.len();
    let mut samples: Vec<Vec<Sample>> = (0..count).map(|_| Vec::new()).collect();
    for round in 0..settings.rounds as usize {
        for turn in 0..count {
            let index = (round + turn) % count;
            samples[index].push(run(cell, &cell.peers[index], &efforts[index]));
        }
    }
    let counted: Vec<Counted> = cell
        .peers
        .iter()
        .zip(&efforts)
        .map(|(peer, effort)| count_calls(cell, peer, effort))
        .collect();
    rows(cell, &samples, counted)
}

/// Runs a body under the watchdog.
pub(crate) fn run(cell: &Cell, peer: &Peer, effort: &Effort) -> Sample {
    watchdog::watch(&cell.name, peer.name, || (peer.body)(effort))
}

/// Finds the effort that fills a round.
fn calibrate(cell: &Cell, peer: &Peer, settings: Settings) -> Effort {
    let mut effort = Effort {
        ops: cell.least_ops,
        time: Duration::ZERO,
        stamped: false,
    };
    let target = match cell.span {
        Span::Timed(time) => {
            effort.time = time / settings.haste;
            // Warms the peer up; nothing to calibrate.
            run(cell, peer, &effort);
            return effort;
        }
        Span::Counted(target) => target / settings.haste,
    };
    let start = Instant::now();
    loop {
        let sample = run(cell, peer, &effort);
        let enough = sample.elapsed >= target / 4;
        // A body with a long setup is not asked again and again.
        if enough || start.elapsed() > 20 * target {
            let scale = target.as_secs_f64() / sample.elapsed.as_secs_f64().max(1e-9);
            let ops = sample.ops as f64 * scale.min(8.0);
            effort.ops = (ops as u64).max(cell.least_ops);
            return effort;
        }
        effort.ops *= 4;
    }
}

/// What the counting pass found for one peer.
struct Counted {
    allocations: f64,
    switches: f64,
    futex: Option<f64>,
    waits: Option<Waits>,
    unfairness: Option<f64>,
    stranded: u64,
}

/// Counts calls per operation and times single waits.
///
/// Where a body cannot tell its measured part from its setup, the setup cancels
/// out between a run of n and one of 2n operations.
fn count_calls(cell: &Cell, peer: &Peer, effort: &Effort) -> Counted {
    let effort = Effort {
        stamped: true,
        ..*effort
    };
    counts::counting(true);
    let (once, first) = counted_run(cell, peer, &effort);
    let (counts, ops) = if let Some(counts) = once.counts {
        (counts, once.ops)
    } else {
        let double = Effort {
            ops: effort.ops * 2,
            ..effort
        };
        let (twice, second) = counted_run(cell, peer, &double);
        (second - first, twice.ops.saturating_sub(once.ops))
    };
    counts::counting(false);
    let per_op = |count: u64| count as f64 / ops.max(1) as f64;
    Counted {
        allocations: per_op(counts.allocations),
        switches: per_op(counts.switches),
        futex: counts.futex.map(per_op),
        unfairness: once.unfairness(),
        waits: once.waits,
        stranded: once.stranded,
    }
}

fn counted_run(cell: &Cell, peer: &Peer, effort: &Effort) -> (Sample, Counts) {
    let before = Counts::now();
    let sample = run(cell, peer, effort);
    (sample, Counts::now() - before)
}

/// Puts rounds and counts together, and compares.
fn rows(cell: &Cell, samples: &[Vec<Sample>], counted: Vec<Counted>) -> Vec<Row> {
    let times: Vec<Vec<f64>> = samples
        .iter()
        .map(|rounds| rounds.iter().map(Sample::ns_per_op).collect())
        .collect();
    let spreads: Vec<Spread> = times
        .iter()
        .filter_map(|times| Spread::of(times.iter().copied()))
        .collect();
    let subject = cell.peers.iter().position(|peer| peer.library() == SUBJECT);
    let is_rival = |index: usize| cell.peers[index].library() != SUBJECT;
    let is_whole = |index: usize| cell.peers[index].library() != STRIPPED;
    let best = (0..spreads.len())
        .filter(|&index| subject.is_some() && is_rival(index) && is_whole(index))
        .min_by(|&one, &other| spreads[one].median.total_cmp(&spreads[other].median));
    counted
        .into_iter()
        .enumerate()
        .map(|(index, counted)| Row {
            name: cell.peers[index].name,
            time: spreads[index],
            ratio: subject.filter(|_| is_rival(index)).and_then(|subject| {
                let pairs = times[subject].iter().zip(&times[index]);
                Spread::of(pairs.map(|(ours, theirs)| ours / theirs))
            }),
            best: best == Some(index),
            allocations: counted.allocations,
            switches: counted.switches,
            futex: counted.futex,
            unfairness: unfairness(&samples[index]).or(counted.unfairness),
            stranded: counted.stranded + samples[index].iter().map(|one| one.stranded).sum::<u64>(),
            waits: all_waits(&samples[index], counted.waits.as_ref()),
        })
        .collect()
}

/// The median over the rounds.
fn unfairness(samples: &[Sample]) -> Option<f64> {
    Spread::of(samples.iter().filter_map(Sample::unfairness)).map(|spread| spread.median)
}

/// The waits of the counting pass and of every round that timed them too.
fn all_waits(samples: &[Sample], counted: Option<&Waits>) -> Option<Waits> {
    let rounds = samples.iter().filter_map(|sample| sample.waits.as_ref());
    rounds.chain(counted).fold(None, |all, one| {
        let mut all = all.unwrap_or_else(Waits::new);
        all.merge(one);
        Some(all)
    })
}
