//! The parent: runs the wanted models in processes of their own, and says how each of them ended.
//!
//! ```text
//! ok manifest: 41 models, 52 waiting methods, 90 that never wait
//! ok lock/thread/contention plain bound 3: 1234 executions, left 800, right 434, 0.8 s
//! FAILED lock/thread/contention shadow bound 2: failed with exit status: 101, 0.1 s
//! NOT FINISHED lock/thread/contention rmw bound 3: killed at the time limit of 120 s of processor time, 120.0 s
//! ```
//!
//! Times are of the processor. A model that was not finished because the machine was too busy to give it
//! its time is reported, and ends the run neither well nor badly. So is, in a run of everything, one that has
//! used up its time; and models with a longer limit than usual are left to `cargo loom --all`.

use core::time::Duration;
use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Instant;

use super::arguments::Arguments;
use super::manifest::Manifest;
use super::model::{Flavour, Model};
use super::process::{self, Finished, Kind};
use super::{coverage, root, selftest};

/// How many lines `--time` adds.
const SLOWEST: usize = 20;

/// One process to run.
#[derive(Clone, Copy, Debug)]
struct Job<'a> {
    model: &'a Model,
    flavour: Flavour,
}

impl Job<'_> {
    /// A command that runs it alone, slower and in this process.
    fn again(self) -> String {
        let Self { model, flavour } = self;
        let name = model.name;
        format!("LOOM_LOCATION=1 RUST_BACKTRACE=1 cargo loom --model {name} --flavour {flavour}")
    }

    /// As it stands at the start of a line.
    fn title(self) -> String {
        let Self { model, flavour } = self;
        format!("{} {flavour} bound {}", model.name, model.bound(flavour))
    }
}

/// How a run went, line by line.
#[derive(Debug)]
struct Summary {
    start: Instant,
    passed: usize,
    failed: Vec<String>,
    starved: Vec<String>,
    /// Whether somebody has asked for certain models, and so for an answer about each.
    is_filtered: bool,
    filtered_out: usize,
    times: Vec<(Duration, String)>,
}

/// Names what would run.
pub(crate) fn list(models: &[Model], arguments: &Arguments) -> ExitCode {
    for job in jobs(models, arguments) {
        println!("{} {}: test", job.model.name, job.flavour);
    }
    ExitCode::SUCCESS
}

/// Runs what is wanted; compares with the manifest if everything is.
pub(crate) fn run(models: &[Model], arguments: &Arguments) -> ExitCode {
    let jobs = jobs(models, arguments);
    let mut summary = Summary {
        start: Instant::now(),
        passed: 0,
        failed: Vec::new(),
        starved: Vec::new(),
        is_filtered: arguments.is_filtered(),
        filtered_out: models.len() * Flavour::ALL.len() - jobs.len(),
        times: Vec::new(),
    };
    println!(
        "\nrunning {} processes, {} at a time",
        jobs.len(),
        arguments.jobs
    );
    summary.static_check(
        "list of models",
        Model::problems(models),
        "names are unique",
    );
    if arguments.is_filtered() {
        println!("-- manifest: not compared, this run is filtered");
    } else {
        summary.static_check(
            "self-test of the kit",
            selftest::problems(),
            "sources are read as they should be",
        );
        let (problems, counts) = compare_with_manifest(models);
        summary.static_check("manifest", problems, &counts);
    }
    if jobs.is_empty() {
        summary.static_check("filters", vec!["no model has such a name".to_owned()], "");
    }
    match std::env::current_exe() {
        Ok(binary) => run_all(&binary, &jobs, arguments, &mut summary),
        Err(error) => summary.static_check("this binary", vec![error.to_string()], ""),
    }
    if !arguments.is_filtered() && !arguments.all {
        let large = models.iter().filter(|model| model.is_large());
        let names: Vec<&str> = large.map(|model| model.name).collect();
        println!(
            "\nLEFT to `cargo loom --all`, but for the flavour `rmw`: {}",
            names.join(", ")
        );
    }
    for model in models.iter().filter(|model| model.is_left_out()) {
        println!("\nLEFT OUT with the feature `diagnostics`: {}", model.name);
    }
    summary.close(arguments.time)
}

/// Every wanted pair of a model and a flavour. A large model has few executions in the flavour `rmw`, which
/// knows no stale reads, but all interleavings; so that one is always searched.
fn jobs<'a>(models: &'a [Model], arguments: &Arguments) -> Vec<Job<'a>> {
    let wanted = models
        .iter()
        .filter(|model| arguments.want(model.name) && !model.is_left_out());
    let whole = arguments.all || arguments.is_filtered();
    wanted
        .flat_map(|model| Flavour::ALL.map(|flavour| Job { model, flavour }))
        .filter(|job| whole || !job.model.is_large() || job.flavour == Flavour::Rmw)
        .filter(|job| arguments.want_flavour(job.flavour))
        .collect()
}

/// What the manifest and the models disagree about, and what it lists.
fn compare_with_manifest(models: &[Model]) -> (Vec<String>, String) {
    let inspect = || -> io::Result<(Vec<String>, String)> {
        let manifest = Manifest::load(root())?;
        let methods = coverage::public_methods(root())?;
        let sources = coverage::Sources::load(root(), models)?;
        Ok((
            manifest.problems(models, &methods, &sources),
            manifest.counts(),
        ))
    };
    inspect().unwrap_or_else(|error| (vec![error.to_string()], String::new()))
}

/// Runs all jobs, a few at a time, and adds a line for each as it ends.
fn run_all(binary: &Path, jobs: &[Job<'_>], arguments: &Arguments, summary: &mut Summary) {
    let queue: Mutex<VecDeque<Job<'_>>> = Mutex::new(jobs.iter().copied().collect());
    let next = || {
        queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    };
    std::thread::scope(|scope| {
        let (done, ended) = mpsc::channel();
        for _ in 0..arguments.jobs {
            let done = done.clone();
            scope.spawn(move || {
                while let Some(job) = next() {
                    let limit = arguments.limit_for(job.model);
                    let finished = process::run(binary, job.model.name, job.flavour, limit);
                    if done.send((job, finished)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(done);
        for (job, finished) in ended {
            summary.process_ended(job, &finished);
        }
    });
}

impl Summary {
    /// A line for a check that needs no process.
    fn static_check(&mut self, title: &str, problems: Vec<String>, if_ok: &str) {
        if problems.is_empty() {
            self.passed += 1;
            println!("ok {title}: {if_ok}");
            return;
        }
        println!("FAILED {title}:");
        for problem in problems {
            println!("    {problem}");
        }
        self.failed.push(format!("FAILED {title}"));
    }

    /// A line for a process, and its whole output if it failed.
    fn process_ended(&mut self, job: Job<'_>, finished: &Finished) {
        let title = job.title();
        let seconds = finished.used.as_secs_f64();
        self.times.push((finished.used, title.clone()));
        match job.model.judge(finished) {
            Ok(words) => {
                self.passed += 1;
                println!("ok {title}: {words}, {seconds:.1} s");
            }
            Err(failure) => {
                let word = failure.word();
                println!("{word} {title}: {}, {seconds:.1} s", failure.reason);
                // A run of everything does not fail for being slow.
                if failure.kind == Kind::Starved
                    || failure.kind == Kind::OutOfTime && !self.is_filtered
                {
                    self.starved.push(title);
                    return;
                }
                println!("---- output of {title}\n{}----", finished.output);
                println!("again, with more to see: {}", job.again());
                self.failed.push(format!("{word} {title}"));
            }
        }
    }

    /// The last lines, and the exit status.
    fn close(mut self, with_times: bool) -> ExitCode {
        if with_times {
            self.times.sort_unstable_by(|a, b| b.cmp(a));
            println!("\nslowest:");
            for (elapsed, title) in self.times.iter().take(SLOWEST) {
                println!("{:8.1} s {title}", elapsed.as_secs_f64());
            }
        }
        if !self.failed.is_empty() {
            println!("\nfailures:");
            for title in &self.failed {
                println!("    {title}");
            }
        }
        if !self.starved.is_empty() {
            println!("\nNOT FINISHED in their time; run them alone:");
            for title in &self.starved {
                println!("    {title}");
            }
        }
        let word = if self.failed.is_empty() {
            "ok"
        } else {
            "FAILED"
        };
        println!(
            "\ntest result: {word}. {} passed; {} failed; {} ignored; 0 measured; {} filtered out; finished in {:.1}s\n",
            self.passed,
            self.failed.len(),
            self.starved.len(),
            self.filtered_out,
            self.start.elapsed().as_secs_f64()
        );
        ExitCode::from(u8::from(!self.failed.is_empty()))
    }
}
