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
mod charts;
mod counts;
mod executor;
mod instructions;
mod machine;
mod page;
mod peers;
mod place;
mod plot;
mod processes;
mod random;
mod record;
mod report;
mod runner;
mod stats;
mod stopwatch;
mod tables;
mod threads;
mod value;
mod waits;
mod watchdog;

use core::time::Duration;
use std::env;
use std::process::ExitCode;

use args::{Args, Task};
use cell::{Cell, Effort};
use record::Record;
use runner::Settings;

fn main() -> ExitCode {
    // Nobody else is there yet, and no thread is pinned.
    peers::limit_threads();
    place::cores();
    peers::let_kanal_count_cores();
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
    if let Task::Crowd(crowd) = &args.task {
        return cells::start_crowd(crowd);
    }
    let (places, skipped) = place::offered();
    let all = cells::all().into_iter().flat_map(|cell| cell.at(places));
    let cells = args.select(all.collect());
    if cells.is_empty() {
        return Err("no cell and peer fits; see --list".to_owned());
    }
    match args.task {
        Task::Help => print!("{}", args::HELP),
        Task::List => list(&cells),
        Task::Once(ops) => once(&cells, ops),
        Task::Instructions => return instructions::print(&cells),
        Task::Measure | Task::Crowd(_) => {
            if let Some(skipped) = skipped {
                eprintln!("{skipped}");
            }
            return report(args, &cells);
        }
    }
    Ok(())
}

/// Measures, or reads what was measured, and puts the numbers where they were asked for.
fn report(args: &Args, cells: &[Cell]) -> Result<(), String> {
    let record = match (&args.from, args.processes) {
        (Some(path), _) => Record::read(path)?,
        (None, 1) => measure(args, cells),
        (None, _) => processes::measure(args)?,
    };
    // A run in this process has been printed cell by cell.
    if args.from.is_some() || args.processes > 1 {
        let facts = record.machine.iter();
        report::print_facts(facts.map(|(name, value)| (name.as_str(), value.as_str())));
        for cell in record
            .cells
            .iter()
            .filter(|cell| args.wants_cell(&cell.name))
        {
            report::print_cell(cell, record.processes);
        }
    }
    if let Some(path) = &args.json {
        record.write(path)?;
    }
    if let Some(folder) = &args.plot {
        charts::draw(&record, folder)?;
    }
    args.report
        .as_ref()
        .map_or(Ok(()), |path| page::renew(&record, path))
}

/// Measures cell by cell, in this process.
fn measure(args: &Args, cells: &[Cell]) -> Record {
    let facts = machine::facts();
    report::print_facts(facts.iter().map(|(name, value)| (*name, value.as_str())));
    let settings = Settings {
        rounds: args.rounds.unwrap_or(if args.quick { 3 } else { 15 }),
        haste: if args.quick { 5 } else { 1 },
        counts: !args.uncounted,
    };
    let mut measured = Vec::new();
    for cell in cells {
        let cell = runner::measure(cell, settings);
        report::print_cell(&cell, 1);
        measured.push(cell);
    }
    let machine = facts.into_iter();
    Record {
        machine: machine
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        processes: 1,
        rounds: settings.rounds,
        cells: measured,
    }
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
