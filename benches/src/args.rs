//! The command line.

use std::path::PathBuf;

use crate::cell::{Cell, library};

/// What `--help` prints.
pub(crate) const HELP: &str = "\
Measures syncline and its peers side by side, interleaved in one process.

Usage: cargo bench-all [OPTIONS]

  --cells PATTERN[,..]  only these cells; `lock` means every cell below `lock/`,
                        and `*` stands for any text (`*/contended/8`)
  --peers NAME[,..]     only these libraries (`std,tokio`) or variants (`tokio:notify`)
  --limits              also the limits of the machine (`limits/..`), left out otherwise
  --rounds N            rounds of each peer in each cell (15)
  --processes N         the whole run in N processes, one after the other, pooled
  --quick               3 rounds, each five times shorter: shows that it works, no more
  --instructions        instructions per operation instead of time, under valgrind
  --json FILE           the numbers in a file as well
  --plot DIR            pictures of the numbers, as SVG
  --report FILE         the tables between the markers of a Markdown page
  --from FILE           the numbers of such a JSON file, instead of a run
  --list                the cells and their peers
  --help                this text
";

/// What was asked for.
#[derive(Debug, Default)]
pub(crate) struct Args {
    pub(crate) cells: Vec<String>,
    pub(crate) peers: Vec<String>,
    /// Whether the machine's limits are measured too.
    pub(crate) limits: bool,
    pub(crate) rounds: Option<u32>,
    pub(crate) quick: bool,
    pub(crate) processes: u32,
    pub(crate) json: Option<PathBuf>,
    pub(crate) plot: Option<PathBuf>,
    pub(crate) report: Option<PathBuf>,
    pub(crate) from: Option<PathBuf>,
    /// One of several processes, and not the first: the first has counted already.
    pub(crate) uncounted: bool,
    pub(crate) task: Task,
}

/// What to do with the cells.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Task {
    /// Measure time.
    #[default]
    Measure,
    /// Count instructions.
    Instructions,
    /// Run this many operations once; what counting instructions starts.
    Once(u64),
    /// Start a crowd and print what it took; what the cells about crowds start.
    Crowd(String),
    /// Print their names.
    List,
    /// Print how this program is used.
    Help,
}

impl Args {
    /// Reads the arguments after the program's name.
    pub(crate) fn parse(words: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut args = Self {
            processes: 1,
            ..Self::default()
        };
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--cells" => args.cells.extend(list(&value()?)),
                "--peers" => args.peers.extend(list(&value()?)),
                "--limits" => args.limits = true,
                "--rounds" => args.rounds = Some(number(&word, &value()?)?),
                "--quick" => args.quick = true,
                "--instructions" => args.task = Task::Instructions,
                "--processes" => args.processes = number(&word, &value()?)?,
                "--json" => args.json = Some(PathBuf::from(value()?)),
                "--plot" => args.plot = Some(PathBuf::from(value()?)),
                "--report" => args.report = Some(PathBuf::from(value()?)),
                "--from" => args.from = Some(PathBuf::from(value()?)),
                "--uncounted" => args.uncounted = true,
                "--crowd" => args.task = Task::Crowd(value()?),
                "--list" => args.task = Task::List,
                "--help" | "-h" => args.task = Task::Help,
                "--once" => args.task = Task::Once(number(&word, &value()?)?),
                other => return Err(format!("{other} is unknown; see --help")),
            }
        }
        if args.rounds == Some(0) || args.processes == 0 {
            return Err("--rounds and --processes need at least one".to_owned());
        }
        Ok(args)
    }

    /// Leaves the cells and peers that were asked for.
    pub(crate) fn select(&self, cells: Vec<Cell>) -> Vec<Cell> {
        cells
            .into_iter()
            .filter(|cell| self.wants_cell(&cell.name))
            .map(|mut cell| {
                cell.peers.retain(|peer| self.wants_peer(peer.name));
                cell
            })
            .filter(|cell| !cell.peers.is_empty())
            .collect()
    }

    /// Whether a cell was asked for.
    pub(crate) fn wants_cell(&self, name: &str) -> bool {
        let named = self
            .cells
            .iter()
            .any(|pattern| matches(pattern, name) || matches(&format!("{pattern}/*"), name));
        if matches("limits/*", name) {
            return self.limits || named;
        }
        named || self.cells.is_empty()
    }

    fn wants_peer(&self, name: &'static str) -> bool {
        // What counts instructions asks for one body, and not for its variants.
        let alone = matches!(self.task, Task::Once(_));
        self.peers.is_empty()
            || self
                .peers
                .iter()
                .any(|wanted| wanted == name || !alone && wanted == library(name))
    }
}

fn list(value: &str) -> impl Iterator<Item = String> {
    value.split(',').map(str::to_owned)
}

fn number<T: core::str::FromStr>(word: &str, value: &str) -> Result<T, String> {
    value
        .parse()
        .map_err(|_| format!("{word} needs a number, not {value}"))
}

/// Whether `name` fits a pattern in which `*` stands for any text.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(name) = name.strip_prefix(start) else {
        return false;
    };
    (0..=name.len())
        .filter_map(|at| name.get(at..))
        .any(|tail| matches(rest, tail))
}

#[cfg(test)]
mod tests {
    use super::{Args, matches};

    fn args(line: &str) -> Args {
        Args::parse(line.split_whitespace().map(str::to_owned)).unwrap()
    }

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(matches("a*c", "abbc"));
        assert!(matches("*", ""));
        assert!(!matches("a*c", "abcd"));
    }

    #[test]
    fn a_path_means_everything_below_it() {
        let args = args("--cells lock,*/try");
        assert!(args.wants_cell("lock/contended/8"));
        assert!(args.wants_cell("semaphore/try"));
        assert!(!args.wants_cell("locks/contended/2"));
    }

    #[test]
    fn limits_are_left_out_until_they_are_asked_for() {
        assert!(!args("").wants_cell("limits/calls"));
        assert!(args("--limits").wants_cell("limits/calls"));
        assert!(args("--cells limits").wants_cell("limits/calls"));
        assert!(!args("--cells limits").wants_cell("lock/try"));
    }

    #[test]
    fn a_library_means_all_its_variants() {
        let args = args("--peers tokio");
        assert!(args.wants_peer("tokio:notify"));
        assert!(!args.wants_peer("tokio-util"));
    }

    #[test]
    fn one_run_for_counting_leaves_variants_out() {
        let args = args("--peers tokio --once 1");
        assert!(args.wants_peer("tokio"));
        assert!(!args.wants_peer("tokio:notify"));
    }
}
