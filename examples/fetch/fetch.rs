//! One URL, from its first try to its last: what a child of the group does.
//!
//! A try in flight has a permit, in a pause it has none. The permit belongs to the call, not to the
//! one who waits for it: a timeout ends the wait, but the thread goes on until the client notices
//! the time, and its connection is open until then.

use core::time::Duration;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use syncline::bridge::to_thread;
use syncline::service::{Backoff, Breaker, BreakerError, Jitter, RateLimiter, Trip, Verdict};
use syncline::task::{OwnedPermit, Semaphore, retry, timeout};
use syncline::{JobError, TimedOut};
use ureq::http::Uri;

use crate::client::{self, Client};
use crate::failure::{Failure, Reason};
use crate::options::Options;

/// The pause before the first retry. Each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// No pause of ours is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// For how long a host is left alone that does not answer.
const LEFT_ALONE: Duration = Duration::from_secs(5);

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    client: Client,
    in_flight: Arc<Semaphore>,
    limiter: Option<RateLimiter>,
    /// One for each host, if any is ever left alone.
    breakers: HashMap<String, Breaker>,
    timeout: Duration,
    backoff: Backoff,
}

impl Shared {
    pub(crate) fn new(options: &Options) -> Self {
        let hosts = (options.urls.iter())
            .filter_map(|url| client::parse(url).ok())
            .map(|uri| client::host(&uri))
            .filter(|_| options.give_up > 0);
        let breaker = |host: String| {
            let breaker = Breaker::builder(host.clone())
                .trip(Trip::consecutive(options.give_up))
                .open_for(LEFT_ALONE);
            (host, breaker.build())
        };
        let limiter = |(rate, burst)| RateLimiter::per_second(rate).burst(burst);
        Self {
            client: Client::new(options),
            in_flight: Arc::new(Semaphore::new(options.jobs)),
            limiter: options.rate.map(limiter),
            breakers: hosts.map(breaker).collect(),
            timeout: options.timeout,
            // As the help says: without jitter, for nobody else does the same at the same time.
            backoff: Backoff::exponential(FIRST_PAUSE)
                .cap(LONGEST_PAUSE)
                .jitter(Jitter::None)
                .attempts(options.retries + 1),
        }
    }
}

/// What became of a URL.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) url: String,
    /// Whose page it is; of what is no URL nobody's.
    pub(crate) host: Option<String>,
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
    let (mut tries, mut before) = (1, None);
    let parsed = client::parse(&url);
    let host = parsed.as_ref().map(client::host).ok();
    let result = match parsed {
        Err(failure) => Err(failure),
        Ok(uri) => {
            let breaker = host.as_ref().and_then(|host| shared.breakers.get(host));
            let operation = |attempt| {
                tries = attempt;
                once(&uri, &shared, breaker)
            };
            let fetched = retry(operation)
                .with(shared.backoff.clone())
                .when(|error: &BreakerError<Failure>| may_pass(error))
                .retry_after(|error| match error {
                    BreakerError::Inner(failure) => failure.retry_after,
                    BreakerError::Rejected(_) => None,
                })
                .on_retry(|error, _| {
                    if let BreakerError::Inner(failure) = error {
                        before = Some(failure.clone());
                    }
                })
                .await;
            fetched.map_err(|error| {
                let last = error.last.and_then(BreakerError::into_inner);
                // A host that is left alone after a try has failed for the reason of that try.
                last.or(before).unwrap_or(Reason::LeftAlone.into())
            })
        }
    };
    Fetched {
        url,
        host,
        result,
        retries: tries - 1,
        took: start.elapsed(),
    }
}

/// Whether the next try may go well.
fn may_pass(error: &BreakerError<Failure>) -> bool {
    matches!(error, BreakerError::Inner(failure) if failure.may_pass())
}

/// Asks once, in its turn, unless the host is left alone.
async fn once(
    uri: &Uri,
    shared: &Arc<Shared>,
    breaker: Option<&Breaker>,
) -> Result<u64, BreakerError<Failure>> {
    let permit = shared.in_flight.acquire_owned().await;
    let asks = async {
        if let Some(limiter) = &shared.limiter {
            limiter.acquire().await;
        }
        ask(uri, shared, permit).await
    };
    match breaker {
        Some(breaker) => breaker.call_async_with(verdict, asks).await,
        None => asks.await.map_err(BreakerError::Inner),
    }
}

/// What a result says about the host.
fn verdict(result: &Result<u64, Failure>) -> Verdict {
    (result.as_ref()).map_or_else(Failure::verdict, |_| Verdict::Success)
}

/// Runs the client on a thread, and waits for as long as a try may take.
async fn ask(uri: &Uri, shared: &Arc<Shared>, permit: OwnedPermit) -> Result<u64, Failure> {
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
