//! A model: a function with a name, and the flavours of atomics it is explored under.
//!
//! loom's own search loses interleavings of code that loads and then exchanges, so no single search is
//! enough. Each model runs three times, each time in a process of its own:
//!
//! | flavour | a load is                               | bound | sees                                |
//! |---------|-----------------------------------------|-------|-------------------------------------|
//! | plain   | loom's load                             | 3     | weak outcomes, fences               |
//! | rmw     | a failing compare-exchange              | 3     | all interleavings, no stale values  |
//! | shadow  | loom's, after a step on a twin atomic   | 2     | both, at 2-9 times the executions   |

use core::fmt;
use core::time::Duration;
use std::process::ExitCode;

use syncline::internals::script;

use super::check::Check;
use super::process::{Failure, Finished};

/// How much processor time one process may take before it is killed and counts as not finished.
pub(crate) const TIME_LIMIT: Duration = Duration::from_secs(120);

/// One model, as listed in the `MODELS` of its file. Made by [`model!`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Model {
    /// `primitive/face/scenario`.
    pub(crate) name: &'static str,
    /// The file it stands in, relative to the root of the repository.
    pub(crate) file: &'static str,
    /// The function's path inside that file.
    pub(crate) function: &'static str,
    /// How long each of its processes may take.
    pub(crate) limit: Duration,
    run: fn(Check),
    refusal: Option<&'static str>,
    fewer: usize,
    most: usize,
    dear: bool,
    untraced: bool,
}

/// Lists a function as a model: `model!("lock/thread/contention", contention)`.
macro_rules! model {
    ($name:literal, $function:path) => {
        $crate::kit::Model::new($name, file!(), stringify!($function), $function)
    };
}
pub(crate) use model;

impl Model {
    /// Called by [`model!`], which knows the file and the function's name.
    pub(crate) const fn new(
        name: &'static str,
        file: &'static str,
        function: &'static str,
        run: fn(Check),
    ) -> Self {
        Self {
            name,
            file,
            function,
            limit: TIME_LIMIT,
            run,
            refusal: None,
            fewer: 0,
            most: usize::MAX,
            dear: false,
            untraced: false,
        }
    }

    /// Expects the kit to refuse this model, with `message` in its output. For models of the kit itself.
    pub(crate) const fn refused(mut self, message: &'static str) -> Self {
        self.refusal = Some(message);
        self
    }

    /// Searches with so many preemptions fewer than the flavour has, but one at
    /// least, for what has too many steps.
    pub(crate) const fn fewer_preemptions(mut self, fewer: usize) -> Self {
        self.fewer = fewer;
        self
    }

    /// Searches with so many preemptions at most, in every flavour, for what has too many executions.
    pub(crate) const fn preemptions_at_most(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    /// How often loom may take the processor from a thread that could go on.
    pub(crate) fn bound(&self, flavour: Flavour) -> usize {
        (flavour.bound().saturating_sub(self.fewer)).clamp(1, self.most)
    }

    /// Allows each of its processes `seconds`.
    pub(crate) const fn limit(mut self, seconds: u64) -> Self {
        self.limit = Duration::from_secs(seconds);
        self
    }

    /// Leaves all flavours but one to `--all` and to runs that name it: for what takes some ten seconds in them.
    pub(crate) const fn dear(mut self) -> Self {
        self.dear = true;
        self
    }

    /// Leaves it out where the feature `diagnostics` is on. At the end of a model loom drops statics, which no
    /// program does: one that keeps a pool would end it after those in which the feature writes have gone.
    pub(crate) const fn untraced(mut self) -> Self {
        self.untraced = true;
        self
    }

    /// Whether it is left out of this run.
    pub(crate) const fn is_left_out(&self) -> bool {
        self.untraced && cfg!(feature = "diagnostics")
    }

    /// Whether it takes so long that only `--all` and its own name include all of its flavours.
    pub(crate) fn is_large(&self) -> bool {
        self.dear || self.limit > TIME_LIMIT
    }

    /// `thread`, `task`, or a word for a model that needs both.
    pub(crate) fn face(&self) -> &'static str {
        self.name.split('/').nth(1).unwrap_or_default()
    }

    /// What is wrong with the list of models itself.
    pub(crate) fn problems(models: &[Self]) -> Vec<String> {
        let mut problems = Vec::new();
        for (index, model) in models.iter().enumerate() {
            let parts: Vec<&str> = model.name.split('/').collect();
            if parts.len() != 3 || parts.iter().any(|part| part.is_empty()) {
                problems.push(format!("`{}` is not primitive/face/scenario", model.name));
            }
            if models[..index].iter().any(|other| other.name == model.name) {
                problems.push(format!("two models are named `{}`", model.name));
            }
        }
        problems
    }

    /// What follows `ok model flavour` once a process has ended, or why that is not what it says.
    pub(crate) fn judge(&self, finished: &Finished) -> Result<String, Failure> {
        match (self.refusal, &finished.verdict) {
            (None, Ok(report)) => Ok(report.to_string()),
            (None, Err(failure)) => Err(failure.clone()),
            (Some(expected), Err(failure)) if finished.mentions(expected) => {
                let reason = if failure.reason.contains(expected) {
                    &failure.reason
                } else {
                    expected
                };
                Ok(format!("refused as it should be: {reason}"))
            }
            (Some(expected), Err(failure)) => Err(Failure {
                kind: failure.kind,
                reason: format!(
                    "{}, but for another reason than `{expected}`",
                    failure.reason
                ),
            }),
            (Some(expected), Ok(_)) => Err(Failure::new(format!(
                "passed, but should be refused: `{expected}`"
            ))),
        }
    }
}

/// Which of loom's atomics the library uses, and with which preemption bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavour {
    /// loom's own.
    Plain,
    /// Loads are failing compare-exchanges.
    Rmw,
    /// One step on a twin before each operation.
    Shadow,
}

impl Flavour {
    /// All of them: what every model is run under.
    pub(crate) const ALL: [Self; 3] = [Self::Plain, Self::Rmw, Self::Shadow];

    /// The flavour called `name`, if there is one.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|flavour| flavour.to_string() == name)
    }

    /// How often loom may take the processor from a thread that could go on.
    pub(crate) const fn bound(self) -> usize {
        match self {
            Self::Plain | Self::Rmw => 3,
            Self::Shadow => 2,
        }
    }

    /// Makes the library use this flavour from now on.
    fn select(self) {
        script::set_flavour(match self {
            Self::Plain => script::Flavour::Plain,
            Self::Rmw => script::Flavour::Rmw,
            Self::Shadow => script::Flavour::Shadow,
        });
    }
}

impl fmt::Display for Flavour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "plain",
            Self::Rmw => "rmw",
            Self::Shadow => "shadow",
        })
    }
}

/// The child: runs one model under one flavour. A failing model panics or worse.
pub(crate) fn run_here(models: &[Model], name: &str, flavour: Flavour) -> ExitCode {
    let Some(model) = models.iter().find(|model| model.name == name) else {
        eprintln!("error: there is no model `{name}`");
        return ExitCode::from(2);
    };
    flavour.select();
    (model.run)(Check::new(model.name, model.bound(flavour)));
    ExitCode::SUCCESS
}
