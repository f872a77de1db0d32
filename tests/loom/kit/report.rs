//! What a child owes its parent: the lines without which "exit status 0" means nothing.
//!
//! ```text
//! @executions 1234
//! @combinations 6
//! @outcome 800 granted
//! @outcome 434 timed out
//! ```
//!
//! A process that ended well without exactly one such report never ran its model.

use core::fmt;

/// The counts of one model under one flavour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    /// Executions over all combinations.
    pub(crate) executions: u64,
    /// Searches, one for each combination of scripted values.
    pub(crate) combinations: usize,
    /// How often each declared outcome was seen.
    pub(crate) outcomes: Vec<(String, u64)>,
}

impl Report {
    /// The report as a child prints it.
    pub(crate) fn to_lines(&self) -> String {
        let counts = format!(
            "@executions {}\n@combinations {}\n",
            self.executions, self.combinations
        );
        let outcomes = self
            .outcomes
            .iter()
            .map(|(name, count)| format!("@outcome {count} {name}\n"));
        outcomes.fold(counts, |lines, line| lines + &line)
    }

    /// The one report in a child's output, or what is wrong with it.
    pub(crate) fn read(output: &str) -> Result<Self, String> {
        let mut executions = Vec::new();
        let mut combinations = 0;
        let mut outcomes = Vec::new();
        for line in output.lines().filter_map(|line| line.strip_prefix('@')) {
            let garbled = || format!("garbled its report: `@{line}`");
            let (key, value) = line.split_once(' ').ok_or_else(garbled)?;
            match key {
                "executions" => executions.push(value.parse().map_err(|_| garbled())?),
                "combinations" => combinations = value.parse().map_err(|_| garbled())?,
                "outcome" => {
                    let (count, name) = value.split_once(' ').ok_or_else(garbled)?;
                    outcomes.push((name.to_owned(), count.parse().map_err(|_| garbled())?));
                }
                _ => return Err(garbled()),
            }
        }
        match executions[..] {
            [] => Err("ended without a report: the model never called `run`".to_owned()),
            [executions] => Ok(Self {
                executions,
                combinations,
                outcomes,
            }),
            _ => Err("reported twice: one model calls `run` once".to_owned()),
        }
    }
}

/// The report as a person reads it: `1234 executions, granted 800, timed out 434`.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} executions", self.executions)?;
        if self.combinations > 1 {
            write!(f, " in {} combinations", self.combinations)?;
        }
        for (name, count) in &self.outcomes {
            write!(f, ", {name} {count}")?;
        }
        Ok(())
    }
}
