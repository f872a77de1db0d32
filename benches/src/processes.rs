//! The same run in several processes, pooled.
//!
//! Where things lie in memory is drawn by lot when a process starts, and stays as it is. A lock
//! beside its data in one cache line may be twice as slow as one that straddles two, round after
//! round; only another process shows it.

use std::env;
use std::process::{self, Command, Stdio};
use std::time::Instant;

use crate::args::Args;
use crate::record::Record;

/// Runs this program so many times, one after the other.
pub(crate) fn measure(args: &Args) -> Result<Record, String> {
    let mut records = Vec::new();
    for number in 1..=args.processes {
        let start = Instant::now();
        records.push(one(args, number)?);
        eprintln!(
            "process {number} of {}: {:.0} s",
            args.processes,
            start.elapsed().as_secs_f64()
        );
    }
    Record::pool(&records).ok_or_else(|| "no process ran".to_owned())
}

/// One process. Only the first counts calls: they do not differ.
fn one(args: &Args, number: u32) -> Result<Record, String> {
    let program = env::current_exe().map_err(|error| format!("no path to myself: {error}"))?;
    let json = env::temp_dir().join(format!("syncline-benches-{}-{number}", process::id()));
    let mut command = Command::new(program);
    command.arg("--json").arg(&json).stdout(Stdio::null());
    for (option, values) in [("--cells", &args.cells), ("--peers", &args.peers)] {
        if !values.is_empty() {
            command.args([option, &values.join(",")]);
        }
    }
    for (option, wanted) in [
        ("--limits", args.limits),
        ("--quick", args.quick),
        ("--uncounted", number > 1),
    ] {
        if wanted {
            command.arg(option);
        }
    }
    if let Some(rounds) = args.rounds {
        command.args(["--rounds", &rounds.to_string()]);
    }
    let status = command.status();
    let status = status.map_err(|error| format!("process {number} did not start: {error}"))?;
    if !status.success() {
        return Err(format!("process {number} ended with {status}"));
    }
    let record = Record::read(&json);
    // What cannot be removed lies in a folder for such things.
    let _removed = std::fs::remove_file(&json);
    record
}
