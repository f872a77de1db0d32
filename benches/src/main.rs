//! Measures syncline and its peers side by side; `README.md` says how to read it.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tables on the terminal are what this program is for"
)]
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "measurements are rounded to three figures anyway"
)]

mod args;
mod cell;
mod cells;
mod counts;
mod executor;
mod instructions;
mod json;
mod machine;
mod peers;
mod random;
mod report;
mod runner;
mod stats;
mod stopwatch;
mod threads;
mod waits;
mod watchdog;

use core::time::Duration;
use std::process::ExitCode;
use std::{env, fs};

use args::{Args, Task};
use cell::{Cell, Effort};
use runner::Settings;

fn main() -> ExitCode {
    // Nobody else is there yet.
    peers::limit_threads();
    match Args::parse(env::args().skip(1)).and_then(|args| obey(&args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            eprintln!("{complaint}");
            ExitCode::from(2)
        }
    }
}

/// Does what was asked for.
fn obey(args: &Args) -> Result<(), String> {
    let cells = args.select(cells::all());
    if cells.is_empty() {
        return Err("no cell and peer fits; see --list".to_owned());
    }
    match args.task {
        Task::Help => {
            print!("{}", args::HELP);
            Ok(())
        }
        Task::List => {
            list(&cells);
            Ok(())
        }
        Task::Once(ops) => {
            once(&cells, ops);
            Ok(())
        }
        Task::Instructions => instructions::print(&cells),
        Task::Measure => measure(args, &cells),
    }
}

/// Measures cell by cell and writes the numbers down.
fn measure(args: &Args, cells: &[Cell]) -> Result<(), String> {
    let facts = machine::facts();
    report::print_facts(&facts);
    let settings = Settings {
        rounds: args.rounds.unwrap_or(if args.quick { 3 } else { 15 }),
        haste: if args.quick { 5 } else { 1 },
    };
    let mut measured = Vec::new();
    for cell in cells {
        let rows = runner::measure(cell, settings);
        report::print_cell(cell, settings, &rows);
        measured.push(json::cell(cell, &rows));
    }
    let Some(path) = &args.json else {
        return Ok(());
    };
    let mut text = String::new();
    json::report(facts, settings.rounds, measured).write(&mut text);
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Prints the names of the cells and their peers.
fn list(cells: &[Cell]) {
    for cell in cells {
        let peers: Vec<&str> = cell.peers.iter().map(|peer| peer.name).collect();
        println!("{:<36}{}", cell.name, peers.join(" "));
    }
}

/// Runs each body once; this is what `--instructions` starts under valgrind.
fn once(cells: &[Cell], ops: u64) {
    let effort = Effort {
        ops,
        time: Duration::from_millis(10),
        stamped: false,
    };
    for cell in cells {
        for peer in &cell.peers {
            runner::run(cell, peer, &effort);
        }
    }
}
