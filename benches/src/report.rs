//! The table on the terminal.

use core::fmt::Write as _;
use core::time::Duration;

use crate::record::{Measured, Range, Row, SUBJECT};
use crate::stats::Spread;

/// How many columns there are.
const COLUMNS: usize = 15;

/// The heads of the columns; the first is aligned to the left.
const HEADS: [&str; COLUMNS] = [
    "peer",
    "ns/op",
    "p10-p90",
    "processes",
    "ours/peer",
    "p10-p90",
    "processes",
    "alloc/op",
    "sleeps/op",
    "futex/op",
    "bytes/op",
    "max/min",
    "p99.9",
    "longest",
    "",
];

/// Prints what the numbers were measured on.
pub(crate) fn print_facts<'a>(facts: impl IntoIterator<Item = (&'a str, &'a str)>) {
    for (name, value) in facts {
        println!("{:<14}{value}", format!("{name}:"));
    }
    println!();
}

/// Prints the table of one cell.
pub(crate) fn print_cell(cell: &Measured, processes: usize) {
    let rounds = cell.rounds;
    let times = match processes {
        1 => format!("{rounds} rounds"),
        _ => format!("{processes} processes, {rounds} rounds"),
    };
    println!(
        "== {}: {} [{times} of {}]",
        cell.name, cell.about, cell.span
    );
    let mut table = vec![HEADS.map(str::to_owned)];
    table.extend(cell.peers.iter().map(line));
    let used: Vec<bool> = (0..HEADS.len())
        .map(|column| table[1..].iter().any(|line| !line[column].is_empty()))
        .collect();
    for line in &table {
        println!("{}", aligned(line, &table, &used));
    }
    if let Some(verdict) = verdict(cell) {
        println!("{verdict}");
    }
    if cell.repeats == Some(false) {
        let restless = cell.peers.iter().filter(|row| row.repeats == Some(false));
        let names: Vec<&str> = restless.map(|row| row.peer.as_str()).collect();
        println!("does not repeat: {}", names.join(", "));
    }
    println!();
}

/// The ratio to the best peer, in words.
fn verdict(cell: &Measured) -> Option<String> {
    let best = cell.best()?;
    let ratio = best.syncline_over_peer?;
    let mut text = format!(
        "{SUBJECT} / best peer ({}): {:.2} [{:.2}-{:.2}]",
        best.peer, ratio.median, ratio.p10, ratio.p90
    );
    if let Some(between) = Range::between(&best.process_ratios) {
        let _written = write!(
            text,
            ", between processes {:.2}-{:.2}",
            between.least, between.greatest
        );
    }
    Some(text)
}

/// The columns of one peer.
fn line(row: &Row) -> [String; COLUMNS] {
    let or_empty =
        |number: Option<f64>, write: fn(f64) -> String| number.map(write).unwrap_or_default();
    let between = |processes: &[f64]| {
        let range = Range::between(processes);
        range.map_or_else(String::new, |range| {
            format!("{}-{}", figure(range.least), figure(range.greatest))
        })
    };
    let time = |nanos: f64| duration(Duration::from_secs_f64(nanos / 1e9));
    let mut remarks = Vec::new();
    if row.best_peer {
        remarks.push("best".to_owned());
    }
    if row.stranded > 0 {
        remarks.push(format!("STRANDED a waiter {} times", row.stranded));
    }
    if row.repeats == Some(false) {
        remarks.push("does not repeat".to_owned());
    }
    remarks.extend(row.note.clone());
    [
        row.peer.clone(),
        figure(row.ns_per_op.median),
        range(row.ns_per_op),
        between(&row.process_medians),
        or_empty(row.syncline_over_peer.map(|ratio| ratio.median), figure),
        row.syncline_over_peer.map(range).unwrap_or_default(),
        between(&row.process_ratios),
        or_empty(row.allocations_per_op, small),
        or_empty(row.switches_per_op, small),
        or_empty(row.futex_per_op, small),
        or_empty(row.bytes_per_op, figure),
        or_empty(row.max_over_min, figure),
        row.wait_p999_ns.map(time).unwrap_or_default(),
        row.wait_longest_ns.map(time).unwrap_or_default(),
        remarks.join("; "),
    ]
}

fn range(spread: Spread) -> String {
    format!("{}-{}", figure(spread.p10), figure(spread.p90))
}

/// Three or more significant figures.
pub(crate) fn figure(number: f64) -> String {
    if number < 10.0 {
        format!("{number:.2}")
    } else if number < 100.0 {
        format!("{number:.1}")
    } else {
        format!("{number:.0}")
    }
}

/// A count per operation, of which zero is worth seeing at a glance.
fn small(number: f64) -> String {
    if number == 0.0 {
        "0".to_owned()
    } else if number < 0.001 {
        "<.001".to_owned()
    } else {
        format!("{number:.3}")
    }
}

/// A duration in the unit that suits it.
pub(crate) fn duration(time: Duration) -> String {
    let nanos = time.as_secs_f64() * 1e9;
    if nanos < 1e3 {
        format!("{nanos:.0} ns")
    } else if nanos < 1e6 {
        format!("{:.1} us", nanos / 1e3)
    } else if nanos < 1e9 {
        format!("{:.1} ms", nanos / 1e6)
    } else {
        format!("{:.1} s", nanos / 1e9)
    }
}

/// One line with every used column as wide as its widest entry.
fn aligned(line: &[String], table: &[[String; COLUMNS]], used: &[bool]) -> String {
    let mut text = String::new();
    for (column, entry) in line.iter().enumerate().filter(|&(column, _)| used[column]) {
        let width = table
            .iter()
            .map(|line| line[column].chars().count())
            .max()
            .unwrap_or(0);
        let _written = if column == 0 || column == HEADS.len() - 1 {
            write!(text, "  {entry:<width$}")
        } else {
            write!(text, "  {entry:>width$}")
        };
    }
    text.truncate(text.trim_end().len());
    text
}
