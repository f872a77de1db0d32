//! The numbers of a run: what tables, pictures and pages are made of, and what `--json` writes.
//!
//! A run of several processes is the runs of each, pooled: the median of their medians.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::cell::library;
use crate::stats::{Spread, median};

/// The library that every ratio has on top.
pub(crate) const SUBJECT: &str = "syncline";

/// Loops that do a part of what is measured, as a limit: none of them is the best peer.
const STRIPPED: &str = "stripped";

/// How far apart the processes may lie, as a part of their median, before a number does not repeat.
const TOLERANCE: f64 = 0.10;

/// A whole run.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Record {
    /// What it was measured on.
    pub(crate) machine: BTreeMap<String, String>,
    /// How often the program ran.
    pub(crate) processes: usize,
    /// Rounds of each peer in each process.
    pub(crate) rounds: u32,
    /// The cells, in the order of the report.
    pub(crate) cells: Vec<Measured>,
}

/// A cell and its numbers.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Measured {
    /// The path of the cell.
    pub(crate) name: String,
    /// What one operation is.
    pub(crate) about: String,
    /// How many rounds there were in each process.
    pub(crate) rounds: usize,
    /// How long a round is, in words.
    pub(crate) span: String,
    /// How long all rounds took, calibration and counting included.
    pub(crate) seconds: f64,
    /// Whether the processes agree for every peer; unknown of one process.
    pub(crate) repeats: Option<bool>,
    /// The competitors.
    pub(crate) peers: Vec<Row>,
}

/// A peer's numbers. Times are in nanoseconds.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Row {
    /// The library, then perhaps `:` and the variant.
    pub(crate) peer: String,
    /// Operations of a round, the median.
    pub(crate) ops: f64,
    /// Time of an operation, over the rounds.
    pub(crate) ns_per_op: Spread,
    /// The median of each process.
    pub(crate) process_medians: Vec<f64>,
    /// Whether these agree; unknown of one process.
    pub(crate) repeats: Option<bool>,
    /// Time of the subject over the time of this peer, round by round.
    pub(crate) syncline_over_peer: Option<Spread>,
    /// The median ratio of each process.
    pub(crate) process_ratios: Vec<f64>,
    /// Whether no other library is faster, the subject and stripped loops aside.
    pub(crate) best_peer: bool,
    /// Allocations per operation, where they were counted.
    pub(crate) allocations_per_op: Option<f64>,
    /// Voluntary context switches per operation.
    pub(crate) switches_per_op: Option<f64>,
    /// Futex calls per operation, where they can be counted.
    pub(crate) futex_per_op: Option<f64>,
    /// The largest share of a thread or task over the smallest.
    pub(crate) max_over_min: Option<f64>,
    /// The wait that 999 of 1000 stay below.
    pub(crate) wait_p999_ns: Option<f64>,
    /// The longest wait.
    pub(crate) wait_longest_ns: Option<f64>,
    /// How often a stranded thread was helped out.
    pub(crate) stranded: u64,
    /// Bytes per operation, where memory is the question.
    pub(crate) bytes_per_op: Option<f64>,
    /// What a reader must know.
    pub(crate) note: Option<String>,
}

/// The least and the greatest of some numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Range {
    pub(crate) least: f64,
    pub(crate) greatest: f64,
}

impl Range {
    /// The range of what several processes found, or `None` of a single one.
    pub(crate) fn between(processes: &[f64]) -> Option<Self> {
        if processes.len() < 2 {
            return None;
        }
        Some(Self {
            least: processes.iter().copied().fold(f64::INFINITY, f64::min),
            greatest: processes.iter().copied().fold(0.0, f64::max),
        })
    }
}

impl Row {
    /// The library that this peer belongs to.
    pub(crate) fn library(&self) -> &str {
        library(&self.peer)
    }

    /// Whether the subject is compared with it.
    fn is_rival(&self) -> bool {
        ![SUBJECT, STRIPPED].contains(&self.library())
    }

    /// The same peer in several processes as one.
    fn pool(rows: &[&Self]) -> Self {
        let numbers = |of: fn(&Self) -> Option<f64>| rows.iter().filter_map(move |row| of(row));
        let process_medians: Vec<f64> = rows.iter().map(|row| row.ns_per_op.median).collect();
        let ratios: Vec<Spread> = (rows.iter())
            .filter_map(|row| row.syncline_over_peer)
            .collect();
        Self {
            peer: rows[0].peer.clone(),
            ops: median(rows.iter().map(|row| row.ops)).unwrap_or(0.0),
            ns_per_op: middle(rows.iter().map(|row| row.ns_per_op)).unwrap_or(rows[0].ns_per_op),
            repeats: repeats(&process_medians),
            process_medians,
            syncline_over_peer: middle(ratios.iter().copied()),
            process_ratios: ratios.iter().map(|ratio| ratio.median).collect(),
            best_peer: false,
            allocations_per_op: median(numbers(|row| row.allocations_per_op)),
            switches_per_op: median(numbers(|row| row.switches_per_op)),
            futex_per_op: median(numbers(|row| row.futex_per_op)),
            max_over_min: median(numbers(|row| row.max_over_min)),
            wait_p999_ns: median(numbers(|row| row.wait_p999_ns)),
            wait_longest_ns: numbers(|row| row.wait_longest_ns).reduce(f64::max),
            stranded: rows.iter().map(|row| row.stranded).sum(),
            bytes_per_op: median(numbers(|row| row.bytes_per_op)),
            note: rows.iter().find_map(|row| row.note.clone()),
        }
    }
}

/// Whether the processes lie close enough to each other.
fn repeats(processes: &[f64]) -> Option<bool> {
    let range = Range::between(processes)?;
    let middle = median(processes.iter().copied())?;
    Some(range.greatest - range.least <= TOLERANCE * middle)
}

/// The medians of each end and of the middle.
fn middle(spreads: impl Iterator<Item = Spread> + Clone) -> Option<Spread> {
    Some(Spread {
        p10: median(spreads.clone().map(|spread| spread.p10))?,
        median: median(spreads.clone().map(|spread| spread.median))?,
        p90: median(spreads.map(|spread| spread.p90))?,
    })
}

impl Measured {
    /// The peer of this name.
    pub(crate) fn row(&self, peer: &str) -> Option<&Row> {
        self.peers.iter().find(|row| row.peer == peer)
    }

    /// The row of the subject.
    pub(crate) fn subject(&self) -> Option<&Row> {
        self.peers.iter().find(|row| row.library() == SUBJECT)
    }

    /// The fastest rival.
    pub(crate) fn best(&self) -> Option<&Row> {
        self.peers.iter().find(|row| row.best_peer)
    }

    /// Finds out which peer is the best.
    pub(crate) fn judge(&mut self) {
        let compared = self.subject().is_some();
        let best = (self.peers.iter().enumerate())
            .filter(|(_, row)| compared && row.is_rival())
            .min_by(|(_, one), (_, other)| one.ns_per_op.median.total_cmp(&other.ns_per_op.median))
            .map(|(index, _)| index);
        for (index, row) in self.peers.iter_mut().enumerate() {
            row.best_peer = best == Some(index);
        }
    }

    /// The same cell in several processes as one.
    fn pool(cells: &[&Self]) -> Self {
        let rows_of =
            |name: &str| -> Vec<&Row> { cells.iter().filter_map(|cell| cell.row(name)).collect() };
        let peers: Vec<Row> = (cells[0].peers.iter())
            .map(|row| Row::pool(&rows_of(&row.peer)))
            .collect();
        let agree: Option<Vec<bool>> = peers.iter().map(|row| row.repeats).collect();
        let mut pooled = Self {
            seconds: cells.iter().map(|cell| cell.seconds).sum(),
            repeats: agree.map(|agree| agree.into_iter().all(|one| one)),
            peers,
            ..cells[0].clone()
        };
        pooled.judge();
        pooled
    }
}

impl Record {
    /// The cell of this name.
    pub(crate) fn cell(&self, name: &str) -> Option<&Measured> {
        self.cells.iter().find(|cell| cell.name == name)
    }

    /// Several processes as one run, which is described by the first of them.
    pub(crate) fn pool(records: &[Self]) -> Option<Self> {
        let first = records.first()?;
        let of = |name: &str| -> Vec<&Measured> {
            let cells = records.iter().filter_map(|record| record.cell(name));
            cells.collect()
        };
        let cells = first.cells.iter();
        Some(Self {
            processes: records.iter().map(|record| record.processes).sum(),
            cells: cells.map(|cell| Measured::pool(&of(&cell.name))).collect(),
            ..first.clone()
        })
    }

    /// Reads what `write` wrote.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let wrong = |error: &dyn core::fmt::Display| format!("{}: {error}", path.display());
        let text = fs::read_to_string(path).map_err(|error| wrong(&error))?;
        serde_json::from_str(&text).map_err(|error| wrong(&error))
    }

    /// Writes the numbers into a file.
    pub(crate) fn write(&self, path: &Path) -> Result<(), String> {
        let wrong = |error: &dyn core::fmt::Display| format!("{}: {error}", path.display());
        let text = serde_json::to_string(self).map_err(|error| wrong(&error))?;
        fs::write(path, text).map_err(|error| wrong(&error))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Measured, Range, Record, Row, repeats};
    use crate::stats::Spread;

    /// A peer that always takes so long.
    pub(crate) fn row(peer: &str, nanos: f64) -> Row {
        let time = Spread::of([nanos]).unwrap();
        let text = format!(
            r#"{{"peer":"{peer}","ops":1,"ns_per_op":{},"process_medians":[{nanos}],
               "process_ratios":[],"best_peer":false,"stranded":0}}"#,
            serde_json::to_string(&time).unwrap()
        );
        serde_json::from_str(&text).unwrap()
    }

    /// A run of one cell.
    pub(crate) fn record(cell: &str, peers: Vec<Row>) -> Record {
        let cell = Measured {
            name: cell.to_owned(),
            about: "an operation".to_owned(),
            rounds: 3,
            span: "5.0 ms".to_owned(),
            seconds: 1.0,
            repeats: None,
            peers,
        };
        Record {
            machine: [("date".to_owned(), "2026-11-30".to_owned())].into(),
            processes: 1,
            rounds: 3,
            cells: vec![cell],
        }
    }

    #[test]
    fn processes_that_differ_by_a_tenth_do_not_repeat() {
        assert_eq!(None, repeats(&[1.0]));
        assert_eq!(Some(true), repeats(&[100.0, 109.0, 100.0]));
        assert_eq!(Some(false), repeats(&[100.0, 111.0, 100.0]));
    }

    #[test]
    fn processes_are_pooled_to_the_median_of_their_medians() {
        let one =
            |ours, theirs| record("lock/try", vec![row("syncline", ours), row("std", theirs)]);
        let runs = [one(5.0, 9.0), one(7.0, 9.0), one(6.0, 9.5)];
        let pooled = Record::pool(&runs).unwrap();
        let cell = pooled.cell("lock/try").unwrap();
        let ours = cell.subject().unwrap();
        assert_eq!(3, pooled.processes);
        assert_eq!(6.0_f64.to_bits(), ours.ns_per_op.median.to_bits());
        let range = Range {
            least: 5.0,
            greatest: 7.0,
        };
        assert_eq!(Some(range), Range::between(&ours.process_medians));
        assert_eq!(
            (Some(false), Some(true)),
            (ours.repeats, cell.peers[1].repeats)
        );
        assert_eq!(Some(false), cell.repeats);
        assert_eq!("std", cell.best().unwrap().peer);
    }
}
