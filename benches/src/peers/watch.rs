//! Values whose changes are watched.

use core::future::Future;

use syncline::task;

/// A value that others watch, as the one who changes it sees it.
pub(crate) trait Watched: Sized {
    /// One that is told of changes.
    type Observer;

    /// Nothing has been sent yet.
    fn new() -> (Self, Self::Observer);

    /// One more who is told.
    fn subscribe(&self) -> Self::Observer;

    /// Replaces the value, whether anybody looks or not.
    fn send(&self, value: u64);

    /// The value.
    fn look(observer: &Self::Observer) -> u64;

    /// Waits until the value is another than the last that was seen, and sees it.
    fn changed(observer: &mut Self::Observer) -> impl Future<Output = ()>;
}

impl Watched for task::Watch<u64> {
    type Observer = task::Observer<u64>;

    fn new() -> (Self, Self::Observer) {
        let watch = Self::new(0);
        let observer = watch.subscribe();
        (watch, observer)
    }

    fn subscribe(&self) -> Self::Observer {
        self.subscribe()
    }

    #[inline]
    fn send(&self, value: u64) {
        self.send(value);
    }

    #[inline]
    fn look(observer: &Self::Observer) -> u64 {
        *observer.borrow()
    }

    #[inline]
    async fn changed(observer: &mut Self::Observer) {
        observer.changed().await.expect("the sender lives");
    }
}

impl Watched for tokio::sync::watch::Sender<u64> {
    type Observer = tokio::sync::watch::Receiver<u64>;

    fn new() -> (Self, Self::Observer) {
        tokio::sync::watch::channel(0)
    }

    fn subscribe(&self) -> Self::Observer {
        self.subscribe()
    }

    #[inline]
    fn send(&self, value: u64) {
        self.send_replace(value);
    }

    #[inline]
    fn look(observer: &Self::Observer) -> u64 {
        *observer.borrow()
    }

    #[inline]
    async fn changed(observer: &mut Self::Observer) {
        observer.changed().await.expect("the sender lives");
    }
}

impl Watched for asyncband::watch::Sender<u64> {
    type Observer = asyncband::watch::Receiver<u64>;

    fn new() -> (Self, Self::Observer) {
        asyncband::watch::channel(0)
    }

    fn subscribe(&self) -> Self::Observer {
        self.subscribe()
    }

    #[inline]
    fn send(&self, value: u64) {
        self.send_replace(value);
    }

    #[inline]
    fn look(observer: &Self::Observer) -> u64 {
        observer.get()
    }

    #[inline]
    async fn changed(observer: &mut Self::Observer) {
        observer.changed().await.expect("the sender lives");
    }
}
