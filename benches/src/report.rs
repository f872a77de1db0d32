//! The table on the terminal.

use core::fmt::Write as _;
use core::time::Duration;

use crate::cell::{Cell, Span};
use crate::runner::{Row, SUBJECT, Settings};
use crate::stats::Spread;

/// The heads of the columns; the first is aligned to the left.
const HEADS: [&str; 12] = [
    "peer",
    "ns/op",
    "p10-p90",
    "ours/peer",
    "p10-p90",
    "alloc/op",
    "sleeps/op",
    "futex/op",
    "max/min",
    "p99.9",
    "longest",
    "",
];

/// Prints what the numbers were measured on.
pub(crate) fn print_facts(facts: &[(&str, String)]) {
    for (name, value) in facts {
        println!("{:<14}{value}", format!("{name}:"));
    }
    println!();
}

/// Prints the table of one cell.
pub(crate) fn print_cell(cell: &Cell, settings: Settings, rows: &[Row]) {
    let span = match cell.span {
        Span::Counted(time) => format!("about {}", duration(time / settings.haste)),
        Span::Timed(time) => duration(time / settings.haste),
    };
    println!(
        "== {}: {} [{} rounds of {span}]",
        cell.name, cell.about, settings.rounds
    );
    let mut table = vec![HEADS.map(str::to_owned)];
    table.extend(rows.iter().map(line));
    let used: Vec<bool> = (0..HEADS.len())
        .map(|column| table[1..].iter().any(|line| !line[column].is_empty()))
        .collect();
    for line in &table {
        println!("{}", aligned(line, &table, &used));
    }
    if let Some(verdict) = verdict(rows) {
        println!("{verdict}");
    }
    println!();
}

/// The ratio to the best peer, in words.
fn verdict(rows: &[Row]) -> Option<String> {
    let best = rows.iter().find(|row| row.best)?;
    let ratio = best.ratio?;
    Some(format!(
        "{SUBJECT} / best peer ({}): {:.2} [{:.2}-{:.2}]",
        best.name, ratio.median, ratio.p10, ratio.p90
    ))
}

/// The columns of one peer.
fn line(row: &Row) -> [String; 12] {
    let or_empty = |number: Option<f64>| number.map(figure).unwrap_or_default();
    let mut remark = String::new();
    if row.best {
        remark.push_str("best");
    }
    if row.stranded > 0 {
        let _written = write!(remark, " STRANDED a waiter {} times", row.stranded);
    }
    [
        row.name.to_owned(),
        figure(row.time.median),
        range(row.time),
        or_empty(row.ratio.map(|ratio| ratio.median)),
        row.ratio.map(range).unwrap_or_default(),
        small(row.allocations),
        small(row.switches),
        row.futex.map(small).unwrap_or_default(),
        or_empty(row.unfairness),
        row.waits
            .as_ref()
            .map(|waits| duration(waits.p999()))
            .unwrap_or_default(),
        row.waits
            .as_ref()
            .map(|waits| duration(waits.longest()))
            .unwrap_or_default(),
        remark,
    ]
}

fn range(spread: Spread) -> String {
    format!("{}-{}", figure(spread.p10), figure(spread.p90))
}

/// Three or more significant figures.
fn figure(number: f64) -> String {
    if !number.is_finite() {
        "inf".to_owned()
    } else if number < 10.0 {
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
fn aligned(line: &[String], table: &[[String; 12]], used: &[bool]) -> String {
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
