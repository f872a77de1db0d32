//! The command line of the loom binary.

use core::num::NonZero;
use core::time::Duration;

use super::model::{Flavour, Model};

/// What `--help` prints.
pub(crate) const USAGE: &str = "\
usage: cargo loom [FILTER]... [OPTION]...     run the models whose names contain a FILTER, or all
       cargo planted [FILTER]... [OPTION]...  plant the bugs whose file names contain a FILTER, or all

  --flavour plain|rmw|shadow  only this flavour of atomics
  --list                      name the models, run nothing
  --jobs N                    N processes at a time (default: one for each core)
  --limit SECONDS             kill a process after SECONDS of processor time
                              (default: 120, or what the model says)
  --time                      end with the slowest processes
  --all                       also the models that take many minutes
  --check                     of the planted bugs only whether their patches fit, which takes a second
  --models-pass               do not run the models without the planted bugs: `cargo loom` has done so
  --rotate N                  begin with the planted bug that follows N others, and come round
  --within SECONDS            plant no further bug after SECONDS, and name those that were left out";

/// What the binary is asked to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Print the usage.
    Help,
    /// Run one model in this process.
    Child(String, Flavour),
    /// Name the models.
    List,
    /// Run the models, each in a process of its own.
    Models,
    /// Plant bugs and expect models to fail.
    Planted,
    /// See whether the bugs can be planted.
    Patches,
}

/// The command line, read.
#[derive(Debug)]
pub(crate) struct Arguments {
    /// What to do.
    pub(crate) mode: Mode,
    /// Substrings, one of which must occur in a name; none means all.
    pub(crate) filters: Vec<String>,
    /// The only flavour wanted.
    pub(crate) flavour: Option<Flavour>,
    /// Processes at a time.
    pub(crate) jobs: usize,
    /// A time limit that overrules the models' own.
    pub(crate) limit: Option<Duration>,
    /// Whether to end with the slowest processes.
    pub(crate) time: bool,
    /// Whether a run of everything includes the models that take many minutes.
    pub(crate) all: bool,
    /// Whether all models are known to pass without a bug.
    pub(crate) models_pass: bool,
    /// With which planted bug to begin.
    pub(crate) rotate: usize,
    /// After how long to plant no further bug.
    pub(crate) within: Option<Duration>,
}

impl Arguments {
    /// Reads the command line, without the name of the binary.
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self {
            mode: Mode::Models,
            filters: Vec::new(),
            flavour: None,
            jobs: std::thread::available_parallelism().map_or(1, NonZero::get),
            limit: None,
            time: false,
            all: false,
            models_pass: false,
            rotate: 0,
            within: None,
        };
        let (mut child, mut only_fit) = (None, false);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("`{word}` needs a value"));
            match word.as_str() {
                "--models" => {}
                "--help" | "-h" => arguments.mode = Mode::Help,
                "--list" => arguments.mode = Mode::List,
                "--planted" => arguments.mode = Mode::Planted,
                "--time" => arguments.time = true,
                "--check" => only_fit = true,
                "--all" => arguments.all = true,
                "--models-pass" => arguments.models_pass = true,
                "--model" => child = Some(value()?),
                "--flavour" => {
                    let name = value()?;
                    let flavour = Flavour::named(&name);
                    arguments.flavour =
                        Some(flavour.ok_or(format!("no flavour is called `{name}`"))?);
                }
                "--jobs" => arguments.jobs = positive(&value()?)?,
                "--limit" => arguments.limit = Some(seconds(&value()?)?),
                "--rotate" => {
                    let number = value()?;
                    arguments.rotate = (number.parse())
                        .map_err(|_| format!("`{number}` is not a whole number"))?;
                }
                "--within" => arguments.within = Some(seconds(&value()?)?),
                option if option.starts_with('-') => {
                    return Err(format!("unknown option `{option}`"));
                }
                _ => arguments.filters.push(word),
            }
        }
        if let Some(name) = child {
            let flavour = arguments.flavour.ok_or("`--model` needs `--flavour`")?;
            arguments.mode = Mode::Child(name, flavour);
        }
        if only_fit && arguments.mode == Mode::Planted {
            arguments.mode = Mode::Patches;
        }
        Ok(arguments)
    }

    /// The same, for a binary that has not all models: whatever it runs is a selection.
    pub(crate) fn of_some(mut self) -> Self {
        if self.filters.is_empty() {
            self.filters.push(String::new());
        }
        self
    }

    /// Whether something called `name` is wanted.
    pub(crate) fn want(&self, name: &str) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| name.contains(filter))
    }

    /// Whether this flavour is wanted.
    pub(crate) fn want_flavour(&self, flavour: Flavour) -> bool {
        self.flavour.is_none_or(|only| only == flavour)
    }

    /// Whether anything at all is left out.
    pub(crate) fn is_filtered(&self) -> bool {
        !self.filters.is_empty() || self.flavour.is_some()
    }

    /// How long a process of `model` may take.
    pub(crate) fn limit_for(&self, model: &Model) -> Duration {
        self.limit.unwrap_or(model.limit)
    }
}

/// A whole number above zero.
fn positive(text: &str) -> Result<usize, String> {
    text.parse::<NonZero<usize>>()
        .map(NonZero::get)
        .map_err(|_| format!("`{text}` is not a whole number above zero"))
}

/// So many whole seconds, one at least.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = u64::try_from(positive(text)?);
    Ok(Duration::from_secs(
        seconds.map_err(|error| error.to_string())?,
    ))
}
