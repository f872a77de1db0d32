//! The model kit: what stands between a model and the claim "it passed".
//!
//! A model that explores nothing passes. So does one that waits for an outcome which never occurs, one
//! that an environment variable cut short, one that nobody called. The kit refuses all of these:
//!
//! ```text
//! parent   arguments -> runner --- one process per model and flavour ---> process
//!                         |                                                  |
//!                  manifest, coverage <- source                              | report: the lines a
//!                  (who must exist, what they must call)                     | child owes its parent
//!                                                                            |
//! child                                              model fn(Check) -> check, which runs loom
//! ```
//!
//! * `model`: a named function, and the flavours of atomics it runs under.
//! * `check`: the builder that every model ends in; counts executions and outcomes, refuses vacuous runs.
//! * `guarded`, `poll`: what models are made of.
//! * `process`, `processor`, `report`: a child, its time limit, and what it must print to be believed.
//! * `runner`, `arguments`: the parent, its lines and its summary.
//! * `manifest`, `coverage`, `source`: `manifest.txt` against the models and the public methods.
//! * `planted`, `tree`, `excerpt`: `cargo planted`, which shows that the models can fail.
//! * `selftest`: the parts that read source text, tested at the start of every full run.
//!
//! Why a process each: a deadlock under loom may abort, an endless loop never ends, and all loom
//! threads share one OS thread, so nothing inside the process can stop it.

mod arguments;
mod check;
mod coverage;
mod excerpt;
mod guarded;
mod manifest;
mod model;
mod planted;
mod poll;
mod process;
mod processor;
mod report;
mod runner;
mod selftest;
mod source;
mod tree;

use std::path::Path;
use std::process::ExitCode;

pub(crate) use check::{Check, Run, Starts, Unlock};
pub(crate) use guarded::Guarded;
pub(crate) use model::Model;
pub(crate) use model::model;
pub(crate) use poll::{CountingWaker, poll_once};

use arguments::{Arguments, Mode};

/// What the names of the models begin with that exist only with the feature `diagnostics`.
const DIAGNOSTICS: &str = "diag/";

/// Whether a model exists in this build.
fn is_built(name: &str) -> bool {
    cfg!(feature = "diagnostics") || !name.starts_with(DIAGNOSTICS)
}

/// The root of the repository, read again at run time by whoever looks at sources.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The whole binary: a child if asked to be one, else the parent.
pub(crate) fn main(models: &[Model]) -> ExitCode {
    match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => obey(models, &arguments),
        Err(problem) => misread(&problem),
    }
}

/// The whole binary, where it has only some of the models.
pub(crate) fn main_of_some(models: &[Model]) -> ExitCode {
    match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => obey(models, &arguments.of_some()),
        Err(problem) => misread(&problem),
    }
}

fn misread(problem: &str) -> ExitCode {
    eprintln!("error: {problem}\n\n{}", arguments::USAGE);
    ExitCode::from(2)
}

fn obey(models: &[Model], arguments: &Arguments) -> ExitCode {
    match &arguments.mode {
        Mode::Help => {
            println!("{}", arguments::USAGE);
            ExitCode::SUCCESS
        }
        Mode::Child(name, flavour) => model::run_here(models, name, *flavour),
        Mode::List => runner::list(models, arguments),
        Mode::Models => runner::run(models, arguments),
        Mode::Planted => planted::run(models, arguments),
        Mode::Patches => planted::check(models, arguments),
    }
}
