//! The futures of `SingleFlight`, by name.

use core::convert::Infallible;
use core::fmt;
use core::future::Future;
use core::hash::Hash;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::caller::Caller;
use super::calls::Calls;
use crate::once::Initialize;

pin_project! {
    /// A call for a key, which begins when it is first polled.
    struct Call<'a, K, V, F, Fut> {
        calls: &'a Calls<K, V>,
        // Until it is first polled.
        begin: Option<(K, F)>,
        #[pin]
        under_way: Option<Initialize<Caller<'a, K, V>, F, Fut>>,
    }
}

impl<K, V, F, Fut> Call<'_, K, V, F, Fut>
where
    K: Hash + Eq,
    V: Clone,
    F: FnOnce() -> Fut,
    Fut: Future,
{
    fn poll_with<E>(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        result: impl FnOnce(Fut::Output) -> Result<V, E>,
    ) -> Poll<Result<V, E>> {
        let mut this = self.project();
        if let Some((key, make)) = this.begin.take() {
            let caller = Caller::of(this.calls, key);
            (this.under_way).set(Some(Initialize::new(caller, make)));
        }
        let under_way = this.under_way.as_pin_mut().expect("it has begun");
        under_way
            .poll_with(context, result)
            .map(|caller| caller.map(Caller::value))
    }
}

pin_project! {
    /// A call for a key. Created by [`SingleFlight::work`](crate::task::SingleFlight::work).
    #[must_use = "futures do nothing unless polled"]
    pub struct Work<'a, K, V, F, Fut> {
        #[pin]
        call: Call<'a, K, V, F, Fut>,
    }
}

impl<'a, K, V, F, Fut> Work<'a, K, V, F, Fut> {
    pub(super) fn new(calls: &'a Calls<K, V>, key: K, make: F) -> Self {
        Self {
            call: Call {
                calls,
                begin: Some((key, make)),
                under_way: None,
            },
        }
    }
}

impl<K, V, F, Fut> Future for Work<'_, K, V, F, Fut>
where
    K: Hash + Eq,
    V: Clone,
    F: FnOnce() -> Fut,
    Fut: Future<Output = V>,
{
    type Output = V;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<V> {
        let call = self.project().call;
        match ready!(call.poll_with(context, Ok::<V, Infallible>)) {
            Ok(value) => Poll::Ready(value),
            Err(never) => match never {},
        }
    }
}

impl<K, V, F, Fut> fmt::Debug for Work<'_, K, V, F, Fut> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Work").finish_non_exhaustive()
    }
}

pin_project! {
    /// A call for a key that may fail. Created by [`SingleFlight::try_work`](crate::task::SingleFlight::try_work).
    #[must_use = "futures do nothing unless polled"]
    pub struct TryWork<'a, K, V, F, Fut> {
        #[pin]
        call: Call<'a, K, V, F, Fut>,
    }
}

impl<'a, K, V, F, Fut> TryWork<'a, K, V, F, Fut> {
    pub(super) fn new(calls: &'a Calls<K, V>, key: K, make: F) -> Self {
        let Work { call } = Work::new(calls, key, make);
        Self { call }
    }
}

impl<K, V, E, F, Fut> Future for TryWork<'_, K, V, F, Fut>
where
    K: Hash + Eq,
    V: Clone,
    F: FnOnce() -> Fut,
    Fut: Future<Output = Result<V, E>>,
{
    type Output = Result<V, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<V, E>> {
        self.project().call.poll_with(context, |result| result)
    }
}

impl<K, V, F, Fut> fmt::Debug for TryWork<'_, K, V, F, Fut> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryWork").finish_non_exhaustive()
    }
}
