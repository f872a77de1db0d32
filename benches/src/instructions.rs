//! Instructions per operation: the measure that no noise reaches.
//!
//! The program runs itself under `valgrind --tool=callgrind`, once for n and
//! once for 2n operations; the difference is n operations, loop included.
//! valgrind passes `membarrier` on, so syncline runs as it does without.

use std::env;
use std::process::Command;

use crate::cell::Cell;
use crate::place::Place;
use crate::{machine, report};

/// Operations of the shorter run.
const OPS: u64 = 2_000;

/// Whether valgrind can be started.
fn available() -> bool {
    Command::new("valgrind")
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success())
}

/// Prints one table of all cells that can be counted.
pub(crate) fn print(cells: &[Cell]) -> Result<(), String> {
    let facts = machine::facts();
    report::print_facts(facts.iter().map(|(name, value)| (*name, value.as_str())));
    if !available() {
        return Err("SKIPPED: no instructions counted, valgrind is not installed".to_owned());
    }
    println!("instructions per operation (callgrind, {OPS} operations)");
    // Threads carry out as many instructions wherever they run.
    let counted = (cells.iter()).filter(|cell| cell.instructions && cell.place == Place::Together);
    for cell in counted {
        println!("== {}: {}", cell.name, cell.about);
        for peer in &cell.peers {
            let once = count(&cell.name, peer.name, OPS)?;
            let twice = count(&cell.name, peer.name, 2 * OPS)?;
            let per_op = (twice - once) as f64 / OPS as f64;
            println!("  {:<20}{per_op:>8.1}", peer.name);
        }
        println!();
    }
    Ok(())
}

/// Instructions of a whole run of `ops` operations.
fn count(cell: &str, peer: &str, ops: u64) -> Result<i64, String> {
    let program = env::current_exe().map_err(|error| format!("no path to myself: {error}"))?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(["--cells", cell, "--peers", peer])
        .args(["--once", &ops.to_string()])
        .output()
        .map_err(|error| format!("valgrind did not start: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    said.lines()
        .find_map(|line| line.split("Collected : ").nth(1))
        .and_then(|number| number.trim().parse().ok())
        .ok_or_else(|| format!("callgrind counted nothing for {cell}, {peer}:\n{said}"))
}
