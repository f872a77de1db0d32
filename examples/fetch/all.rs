//! The group of all requests.

use core::convert::Infallible;
use std::sync::Arc;

use syncline::task::{Group, PoolSpawner, TaskGroup, as_completed, block_on};
use syncline::thread::ThreadPool;

use crate::fetch::{self, Shared};
use crate::interrupt;
use crate::options::Options;
use crate::report::Report;

/// Threads that drive the requests. They only wait; what blocks is called elsewhere.
const WORKERS: usize = 1;

/// Fetches all URLs, and reports each of them when it is done. Ctrl-C leaves out the rest.
///
/// # Errors
///
/// Returns the sentence to print if this has not even begun.
pub(crate) fn fetch(options: &Options, report: &Report) -> Result<(), String> {
    let pool = ThreadPool::builder()
        .workers(WORKERS)
        .name_prefix("fetch")
        .build();
    let shared = Arc::new(Shared::new(options));
    // There is no such error: no child can end its siblings by failing.
    let all = async |group: Group<PoolSpawner, Infallible>| {
        let rest = group.clone();
        if let Err(error) = interrupt::listen(move || rest.cancel()) {
            return Ok(Err(format!("cannot listen for Ctrl-C: {error}")));
        }
        // Spawned all at once: the command line has a limit, and a child that waits is small.
        let children = options.urls.iter().map(|url| {
            let request = fetch::fetch(url.clone(), Arc::clone(&shared));
            group.spawn_named(url.clone(), async { Ok(request.await) })
        });
        let mut outcomes = as_completed(children);
        while let Some((_, outcome)) = outcomes.next().await {
            report.outcome(outcome);
        }
        Ok(Ok(()))
    };
    let Ok(ended) = block_on(TaskGroup::run(&pool, all));
    ended
}
