//! The printer: a task that gets what was found, and writes it in the order of the paths.

use std::collections::BTreeMap;
use std::io::{self, Write};

use syncline::task::PriorityQueue;

use crate::complain;
use crate::pipeline::Searched;

/// What has been written.
#[derive(Debug, Default)]
pub(crate) struct Printed {
    pub(crate) lines: u64,
    /// Something could not be read.
    pub(crate) trouble: bool,
    /// The reader has left, as `head` does.
    pub(crate) closed: bool,
}

/// Prints everything until the queue has been shut down and is empty.
///
/// The queue hands out the first of what is in it. Usually that is the next one: while a slow
/// reader holds the printer up, the queue sorts what comes. It is too early where a file before
/// it is still being searched. Then it is kept here, with its place, so that the walker
/// does not run away: what is kept is bounded, too.
pub(crate) async fn in_order(found: &PriorityQueue<u64, Searched>) -> io::Result<Printed> {
    let mut printed = Printed::default();
    let mut next = 0;
    let mut early = BTreeMap::new();
    while let Ok((number, searched)) = found.get().await {
        early.insert(number, searched);
        while let Some(searched) = early.remove(&next) {
            next += 1;
            if !printed.print(searched)? {
                return Ok(printed);
            }
        }
    }
    // Numbers are missing only after Ctrl-C: the files that were left out. What comes after them
    // are the complaints of the walker, which wait for no worker.
    for searched in early.into_values() {
        if !printed.print(searched)? {
            break;
        }
    }
    Ok(printed)
}

impl Printed {
    /// Prints one file, and says whether somebody reads it.
    fn print(&mut self, Searched { found, place }: Searched) -> io::Result<bool> {
        self.lines += found.lines;
        match io::stdout().write_all(&found.text) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                return Ok(false);
            }
            written => written?,
        }
        if let Some(trouble) = found.trouble {
            self.trouble = true;
            complain(trouble);
        }
        // Now there may be one file more in flight.
        drop(place);
        Ok(true)
    }
}
