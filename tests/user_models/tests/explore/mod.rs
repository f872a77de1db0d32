//! How the models of this crate are run.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use syncline::loom;

/// Runs `model` in every interleaving with up to three preemptions.
///
/// The bound is not only for speed: without one, loom 0.7 passes over interleavings of code
/// that loads and then exchanges.
///
/// # Panics
///
/// Panics if the model fails, or if there was only one way to run it: such a model checks nothing.
pub(crate) fn all(model: impl Fn() + Send + Sync + 'static) {
    let runs = Arc::new(AtomicUsize::new(0));
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check({
        let runs = Arc::clone(&runs);
        move || {
            // ORDERING: Relaxed: a count, read when the search is over.
            runs.fetch_add(1, Relaxed);
            model();
        }
    });
    assert!(1 < runs.load(Relaxed), "the model has no interleavings");
}
