//! Measures a cell: calibrates, interleaves the peers, then counts.
//!
//! The rounds run A B C, B C A, C A B …: whatever slows the machine down for a
//! while slows every peer, and the ratio of two peers is taken within a round.

use core::time::Duration;
use std::time::Instant;

use crate::cell::{Cell, Effort, Peer, Sample, Span};
use crate::counts::{self, Counts};
use crate::record::{Measured, Row, SUBJECT};
use crate::report::duration;
use crate::stats::{Spread, median};
use crate::waits::Waits;
use crate::watchdog;

/// How thorough to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// Rounds of each peer.
    pub(crate) rounds: u32,
    /// Divides the length of a round.
    pub(crate) haste: u32,
    /// Whether to count calls and to time single waits, too.
    pub(crate) counts: bool,
}

/// How many times longer than planned the rounds of the slowest peer may be.
const PATIENCE: f64 = 4.0;

/// Measures a cell.
pub(crate) fn measure(cell: &Cell, settings: Settings) -> Measured {
    let start = Instant::now();
    let effort = calibrate(cell, settings);
    let count = cell.peers.len();
    let rounds = match cell.span {
        Span::Once => 1,
        Span::Counted(_) | Span::Timed(_) => settings.rounds as usize,
    };
    let mut samples: Vec<Vec<Sample>> = (0..count).map(|_| Vec::new()).collect();
    for round in 0..rounds {
        for turn in 0..count {
            let index = (round + turn) % count;
            samples[index].push(run(cell, &cell.peers[index], &effort));
        }
    }
    let counts = settings.counts && !matches!(cell.span, Span::Once);
    let counted = cell.peers.iter().map(|peer| {
        let counted = counts.then(|| count_calls(cell, peer, &effort));
        counted.unwrap_or_default()
    });
    let counted = counted.collect();
    let mut measured = Measured {
        name: cell.name.clone(),
        about: cell.about.to_owned(),
        rounds,
        span: span(cell, settings),
        seconds: 0.0,
        repeats: None,
        peers: rows(cell, &samples, counted),
    };
    measured.judge();
    measured.seconds = start.elapsed().as_secs_f64();
    measured
}

/// How long a round is, in words.
fn span(cell: &Cell, settings: Settings) -> String {
    match cell.span {
        Span::Counted(time) => format!("about {}", duration(time / settings.haste)),
        Span::Timed(time) => duration(time / settings.haste),
        Span::Once => "a process each".to_owned(),
    }
}

/// Runs a body in its place and under the watchdog.
pub(crate) fn run(cell: &Cell, peer: &Peer, effort: &Effort) -> Sample {
    cell.place.enter();
    watchdog::watch(&cell.name, peer.name, || (peer.body)(effort))
}

/// Warms all peers up, and finds the one effort with which they fill a round.
///
/// The peer in the middle takes as long as planned. If another is much slower,
/// all do less.
fn calibrate(cell: &Cell, settings: Settings) -> Effort {
    let mut effort = Effort {
        ops: cell.least_ops,
        time: Duration::ZERO,
        stamped: false,
    };
    match cell.span {
        Span::Once => {}
        Span::Timed(time) => {
            effort.time = time / settings.haste;
            for peer in &cell.peers {
                run(cell, peer, &effort);
            }
        }
        Span::Counted(target) => {
            let target = target / settings.haste;
            let paces: Vec<f64> = (cell.peers.iter())
                .map(|peer| pace(cell, peer, effort, target))
                .collect();
            let slowest = paces.iter().copied().fold(0.0, f64::max);
            let middle = median(paces).unwrap_or(slowest);
            let pace = middle.max(slowest / PATIENCE).max(1e-3);
            let ops = target.as_secs_f64() * 1e9 / pace;
            effort.ops = (ops as u64).max(cell.least_ops);
        }
    }
    effort
}

/// Nanoseconds per operation of a peer that is warm.
fn pace(cell: &Cell, peer: &Peer, mut effort: Effort, target: Duration) -> f64 {
    // Whatever is done once is done now.
    run(cell, peer, &effort);
    let start = Instant::now();
    loop {
        let first = run(cell, peer, &effort);
        if first.elapsed >= target {
            return first.ns_per_op();
        }
        // A body with a long setup is not asked again and again.
        if first.elapsed >= target / 8 || start.elapsed() > 20 * target {
            let more = [(); 2].map(|()| run(cell, peer, &effort).ns_per_op());
            let all = more.into_iter().chain([first.ns_per_op()]);
            return median(all).unwrap_or_default();
        }
        effort.ops *= 4;
    }
}

/// What the counting pass found for one peer.
#[derive(Default)]
struct Counted {
    allocations: Option<f64>,
    switches: Option<f64>,
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
        allocations: Some(per_op(counts.allocations)),
        switches: Some(per_op(counts.switches)),
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

/// Puts rounds and counts together.
fn rows(cell: &Cell, samples: &[Vec<Sample>], counted: Vec<Counted>) -> Vec<Row> {
    let times: Vec<Vec<f64>> = samples
        .iter()
        .map(|rounds| rounds.iter().map(Sample::ns_per_op).collect())
        .collect();
    let subject = cell.peers.iter().position(|peer| peer.library() == SUBJECT);
    let ratio = |index: usize| {
        let subject = subject.filter(|_| cell.peers[index].library() != SUBJECT)?;
        let pairs = times[subject].iter().zip(&times[index]);
        Spread::of(pairs.map(|(ours, theirs)| ours / theirs))
    };
    let mut rows = Vec::new();
    for (index, counted) in counted.into_iter().enumerate() {
        let samples = &samples[index];
        let Some(time) = Spread::of(times[index].iter().copied()) else {
            continue;
        };
        let ratio = ratio(index);
        let waits = all_waits(samples, counted.waits.as_ref());
        let nanos = |time: Duration| time.as_secs_f64() * 1e9;
        rows.push(Row {
            peer: cell.peers[index].name.to_owned(),
            ops: median(samples.iter().map(|one| one.ops as f64)).unwrap_or_default(),
            ns_per_op: time,
            process_medians: vec![time.median],
            repeats: None,
            syncline_over_peer: ratio,
            process_ratios: ratio.iter().map(|ratio| ratio.median).collect(),
            best_peer: false,
            allocations_per_op: counted.allocations,
            switches_per_op: counted.switches,
            futex_per_op: counted.futex,
            max_over_min: median(samples.iter().filter_map(Sample::unfairness))
                .or(counted.unfairness),
            wait_p999_ns: waits.as_ref().map(|waits| nanos(waits.p999())),
            wait_longest_ns: waits.as_ref().map(|waits| nanos(waits.longest())),
            stranded: counted.stranded + samples.iter().map(|one| one.stranded).sum::<u64>(),
            bytes_per_op: median(samples.iter().filter_map(|one| one.bytes)),
            note: samples.iter().find_map(|one| one.note.clone()),
        });
    }
    rows
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
