//! The result, as it is printed.

use core::fmt;
use core::time::Duration;

use crate::tally::Tally;

/// How many of the commonest words are shown.
const SHOWN: usize = 10;

/// What was counted, and how long it took.
pub(crate) struct Summary {
    pub(crate) tally: Tally,
    pub(crate) jobs: usize,
    pub(crate) time: Duration,
    /// The time of one worker alone, if it was measured.
    pub(crate) one_worker: Option<Duration>,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            tally,
            jobs,
            time,
            one_worker,
        } = self;
        writeln!(f, "files:      {}", tally.files)?;
        writeln!(f, "binary:     {} (skipped)", tally.binary)?;
        writeln!(f, "unreadable: {} (skipped)", tally.unreadable)?;
        writeln!(f, "bytes:      {}", tally.bytes)?;
        writeln!(f, "words:      {}", tally.counts.total())?;
        writeln!(f, "distinct:   {}", tally.counts.distinct())?;
        writeln!(f, "jobs:       {jobs}")?;
        writeln!(f, "time:       {time:.2?}")?;
        if let Some(one_worker) = one_worker {
            // A clock that stood still must not make infinity of it.
            let time = (*time).max(Duration::from_nanos(1));
            let speed_up = one_worker.as_secs_f64() / time.as_secs_f64();
            writeln!(
                f,
                "speed-up:   {speed_up:.2} over one job ({one_worker:.2?})"
            )?;
        }
        for (word, times) in tally.counts.commonest(SHOWN) {
            writeln!(f, "{times:>10}  {}", shortened(word))?;
        }
        Ok(())
    }
}

/// The beginning of a word that is too long for a line.
fn shortened(word: &str) -> String {
    const WIDTH: usize = 60;
    match word.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}...", &word[..end]),
        None => word.to_owned(),
    }
}
