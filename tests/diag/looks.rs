//! How tests look at snapshots: other tests are seen in them, too, so everything has a name of its own.

use syncline::diag::{self, Cycle, How, Party, PrimitiveReport, Snapshot};

use crate::watch::until;

/// What a snapshot shows of the primitive with this name.
pub(crate) fn primitive(name: &str) -> Option<PrimitiveReport> {
    let snapshot = diag::snapshot();
    (snapshot.primitives.into_iter()).find(|one| one.target.name.as_deref() == Some(name))
}

/// Waits until so many wait for it.
#[track_caller]
pub(crate) fn until_waiting(name: &str, count: usize) -> PrimitiveReport {
    until("somebody waits", || {
        primitive(name).is_some_and(|one| one.waiting == count)
    });
    primitive(name).expect("it has just been there")
}

pub(crate) fn name_of(party: &Party) -> Option<&str> {
    match party {
        Party::Thread { name, .. } | Party::Task { name, .. } => name.as_deref(),
        _ => None,
    }
}

/// The circle in which somebody waits for something with this name.
pub(crate) fn circle_over(snapshot: &Snapshot, name: &str) -> Option<Cycle> {
    let is_over = |cycle: &&Cycle| {
        (cycle.links.iter())
            .any(|link| matches!(&link.how, How::Waits(wait) if wait.target.name.as_deref() == Some(name)))
    };
    snapshot.cycles.iter().find(is_over).cloned()
}

/// Waits until there is a circle over it.
#[track_caller]
pub(crate) fn until_circle(name: &str) -> Cycle {
    let mut found = None;
    until("a circle", || {
        found = circle_over(&diag::snapshot(), name);
        found.is_some()
    });
    found.expect("it has just been found")
}
