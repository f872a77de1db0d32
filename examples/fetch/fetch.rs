//! One URL, from its first try to its last: what a child of the group does.
//!
//! A try in flight has a permit, in a pause it has none. The permit belongs to the call, not to the
//! one who waits for it: a timeout ends the wait, but the thread goes on until the client notices
//! the time, and its connection is open until then.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::bridge::to_thread;
use syncline::task::{Semaphore, sleep, timeout};
use syncline::{JobError, TimedOut};
use ureq::http::Uri;

use crate::client::{self, Client};
use crate::failure::{Failure, Reason};
use crate::options::Options;

/// The pause before the first retry. Each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// No pause is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    client: Client,
    in_flight: Arc<Semaphore>,
    timeout: Duration,
    retries: u32,
}

impl Shared {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            client: Client::new(options),
            in_flight: Arc::new(Semaphore::new(options.jobs)),
            timeout: options.timeout,
            retries: options.retries,
        }
    }
}

/// What became of a URL.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) url: String,
    /// The length of the page.
    pub(crate) result: Result<u64, Failure>,
    pub(crate) retries: u32,
    /// With all waits and pauses.
    pub(crate) took: Duration,
}

/// Fetches a URL, several times if need be.
///
/// It may be dropped at any point. A call under way ends by itself then, and its permit with it.
pub(crate) async fn fetch(url: String, shared: Arc<Shared>) -> Fetched {
    let start = Instant::now();
    let mut retries = 0;
    let result = match client::parse(&url) {
        Err(failure) => Err(failure),
        Ok(uri) => loop {
            match once(&uri, &shared).await {
                Err(failure) if failure.may_pass() && retries < shared.retries => {
                    sleep(pause(retries)).await;
                    retries += 1;
                }
                result => break result,
            }
        },
    };
    Fetched {
        url,
        result,
        retries,
        took: start.elapsed(),
    }
}

/// Has the client called, in its turn, and waits for as long as a try may take.
async fn once(uri: &Uri, shared: &Arc<Shared>) -> Result<u64, Failure> {
    let permit = shared.in_flight.acquire_owned().await;
    let call = to_thread({
        let (uri, shared) = (uri.clone(), Arc::clone(shared));
        move || {
            let _in_flight = permit;
            shared.client.get(&uri)
        }
    });
    match timeout(shared.timeout, call).await {
        Ok(Ok(result)) => result,
        Ok(Err(error @ JobError::Panicked(_))) => Err(Failure::new(Reason::Panicked, error)),
        Ok(Err(error)) => Err(Failure::new(Reason::Network, error)),
        Err(TimedOut { .. }) => Err(Reason::TimedOut.into()),
    }
}

/// The pause after so many retries.
fn pause(retries: u32) -> Duration {
    (FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(retries))).min(LONGEST_PAUSE)
}
