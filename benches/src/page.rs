//! Writes the tables of a Markdown page from the numbers of a run.
//!
//! A table stands between two comments, `<!-- table: locks -->` and `<!-- end -->`. Whatever is
//! between them is replaced; the rest of the page is left alone.

use core::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::record::{Measured, Range, Record, Row};
use crate::report::figure;
use crate::tables::{Columns, Line, TABLES, Table};
use crate::value::{Value, time};

/// How a table begins, up to its name.
const BEGIN: &str = "<!-- table: ";
/// What follows the name.
const CLOSE: &str = " -->";
/// How it ends.
const END: &str = "<!-- end -->";

/// Replaces every table of the page.
pub(crate) fn renew(record: &Record, path: &Path) -> Result<(), String> {
    let wrong = |error: &dyn core::fmt::Display| format!("{}: {error}", path.display());
    let page = fs::read_to_string(path).map_err(|error| wrong(&error))?;
    let page = renewed(record, &page).map_err(|error| wrong(&error))?;
    fs::write(path, page).map_err(|error| wrong(&error))
}

/// The page with new tables. A table of which no cell was measured stays as it is.
fn renewed(record: &Record, page: &str) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (name, after) = after.split_once(CLOSE).ok_or("a marker has no end")?;
        let (old, after) = after
            .split_once(END)
            .ok_or_else(|| format!("the table {name} has no end"))?;
        let _written = write!(text, "{before}{BEGIN}{name}{CLOSE}");
        match new(record, name)? {
            Some(table) => {
                let _written = write!(text, "\n\n{table}\n");
            }
            None => text.push_str(old),
        }
        text.push_str(END);
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

/// The table of this name, if any of it was measured.
fn new(record: &Record, name: &str) -> Result<Option<String>, String> {
    if name == "machine" {
        return Ok(Some(machine(record)));
    }
    let table = TABLES.iter().find(|table| table.name == name);
    let table = table.ok_or_else(|| format!("no table is called {name}"))?;
    let lines: Vec<String> = match table.columns {
        Columns::Ratios => ratios(record, table),
        Columns::Peers(value, peers) => peers_of(record, table, value, peers),
    };
    // The head and the rule below it are always there.
    Ok((lines.len() > 2).then(|| lines.join("\n") + "\n"))
}

/// What it was measured on, in sentences.
fn machine(record: &Record) -> String {
    let fact = |name: &str| record.machine.get(name).map_or("unknown", String::as_str);
    let processes = match record.processes {
        1 => "one process".to_owned(),
        count => format!("{count} processes, one after the other"),
    };
    format!(
        "Measured on {}: {} cores of an {}, Linux {}, {processes} of {} rounds each. Versions: {}.\n",
        fact("date"),
        fact("cores"),
        fact("cpu"),
        fact("kernel"),
        record.rounds,
        versions(fact("versions")),
    )
}

/// The names as code, for many of them are no words.
fn versions(of: &str) -> String {
    let named = of.split(", ").map(|peer| match peer.split_once(' ') {
        Some((name, version)) => format!("`{name}` {version}"),
        None => peer.to_owned(),
    });
    named.collect::<Vec<String>>().join(", ")
}

/// One line for each cell: the subject beside its best peer.
fn ratios(record: &Record, table: &Table) -> Vec<String> {
    let mut lines = vec![
        "| what | syncline | best peer | ratio | between processes | others |".to_owned(),
        "|---|---|---|---|---|---|".to_owned(),
    ];
    lines.extend(table.lines.iter().filter_map(|line| {
        let cell = record.cell(line.cell)?;
        let (ours, best) = (cell.subject()?, cell.best()?);
        let ratio = best.syncline_over_peer?;
        Some(format!(
            "| {} | {} | `{}` {} | {:.2} ({:.2}-{:.2}) | {} | {} |",
            line.what,
            time(ours.ns_per_op.median),
            best.peer,
            time(best.ns_per_op.median),
            ratio.median,
            ratio.p10,
            ratio.p90,
            between(ours, best),
            others(cell, best, line),
        ))
    }));
    lines
}

/// How far the processes are apart.
fn between(ours: &Row, best: &Row) -> String {
    let Some(range) = Range::between(&best.process_ratios) else {
        return "one".to_owned();
    };
    let steady = [ours, best].iter().all(|row| row.repeats == Some(true));
    format!(
        "{:.2}-{:.2}{}",
        range.least,
        range.greatest,
        if steady { "" } else { ", does not repeat" }
    )
}

/// The ratios to the peers that the table names besides.
fn others(cell: &Measured, best: &Row, line: &Line) -> String {
    let named = line.others.iter().filter(|name| **name != best.peer);
    let ratios = named.filter_map(|name| {
        let ratio = cell.row(name)?.syncline_over_peer?;
        Some(format!("`{name}` {}", figure(ratio.median)))
    });
    ratios.collect::<Vec<String>>().join(", ")
}

/// One line for each cell, and one column for each peer.
fn peers_of(record: &Record, table: &Table, value: Value, peers: &[&str]) -> Vec<String> {
    let mut lines = vec![
        format!("| {} | `{}` |", value.label(), peers.join("` | `")),
        format!("|---|{}", "---|".repeat(peers.len())),
    ];
    lines.extend(table.lines.iter().filter_map(|line| {
        let cell = record.cell(line.cell)?;
        let entries = peers.iter().map(|peer| entry(cell, peer, value));
        let entries: Vec<String> = entries.collect();
        Some(format!("| {} | {} |", line.what, entries.join(" | ")))
    }));
    lines
}

fn entry(cell: &Measured, peer: &str, value: Value) -> String {
    let Some(row) = cell.row(peer) else {
        return String::new();
    };
    let mut text = value.text(row).unwrap_or_else(|| "0".to_owned());
    if let Some(note) = &row.note {
        let _written = write!(text, " ({note})");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::renewed;
    use crate::record::Record;
    use crate::record::tests::{record, row};
    use crate::stats::Spread;
    use crate::{cells, place::Place, tables::TABLES};

    const PAGE: &str = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../docs/performance.md"
    ));

    fn run(theirs: f64) -> Record {
        let mut peer = row("std", theirs);
        peer.syncline_over_peer = Spread::of([10.0 / theirs]);
        peer.process_ratios = vec![10.0 / theirs];
        let mut record = record("lock/uncontended", vec![row("syncline", 10.0), peer]);
        record.cells[0].judge();
        record
    }

    #[test]
    fn only_what_is_between_markers_is_replaced() {
        let page = "before <!-- table: locks -->\nold\n<!-- end --> after";
        let new = renewed(&run(20.0), page).unwrap();
        assert!(new.starts_with("before <!-- table: locks -->\n\n| what |"));
        assert!(new.ends_with("|\n\n<!-- end --> after"));
        assert!(new.contains("| 10.0 ns | `std` 20.0 ns | 0.50 (0.50-0.50) | one |"));
        assert!(!new.contains("old"));
        let again = renewed(&run(20.0), &new).unwrap();
        assert_eq!(new, again);
    }

    #[test]
    fn what_does_not_repeat_says_so() {
        let runs = [run(20.0), run(30.0)];
        let pooled = Record::pool(&runs).unwrap();
        let page = "<!-- table: locks --><!-- end -->";
        let new = renewed(&pooled, page).unwrap();
        assert!(new.contains("| 0.33-0.50, does not repeat |"), "{new}");
    }

    #[test]
    fn a_table_that_was_not_measured_stays() {
        let page = "<!-- table: queues -->old<!-- end -->";
        assert_eq!(page, renewed(&run(20.0), page).unwrap());
    }

    #[test]
    fn a_table_that_nobody_knows_is_an_error() {
        assert!(renewed(&run(20.0), "<!-- table: lcoks --><!-- end -->").is_err());
        assert!(renewed(&run(20.0), "<!-- table: locks -->").is_err());
    }

    #[test]
    fn every_table_stands_on_the_page_and_asks_for_cells_that_are_there() {
        let places = [Place::Together, Place::Apart];
        let cells: Vec<_> = (cells::all().into_iter())
            .flat_map(|cell| cell.at(&places))
            .collect();
        for table in TABLES {
            let marker = format!("<!-- table: {} -->", table.name);
            assert_eq!(1, PAGE.matches(&marker).count(), "{marker}");
            for line in table.lines {
                let cell = cells.iter().find(|cell| cell.name == line.cell);
                let cell = cell.unwrap_or_else(|| panic!("no cell is called {}", line.cell));
                for other in line.others {
                    let known = cell.peers.iter().any(|peer| peer.name == *other);
                    assert!(known, "{} has no peer {other}", line.cell);
                }
            }
        }
        assert!(renewed(&run(20.0), PAGE).is_ok());
    }
}
