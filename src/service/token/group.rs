//! The token of a group of tasks.

use core::any::Any;

use super::CancelToken;
use crate::group::{Group, Listener};
use crate::job::Spawner;

impl Listener for CancelToken {
    fn group_is_over(&self) {
        self.cancel();
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl<S: Spawner, E: Send + 'static> Group<S, E> {
    /// Returns a token that is cancelled with the group, for work that a child started and cannot drop.
    ///
    /// Children are futures, and a group that is cancelled drops them. A closure that a child runs on a thread
    /// continues, so it needs the token. The token is cancelled when somebody [cancels](Self::cancel) the group, when
    /// a child or the body fails, when the future of the group is dropped, and at the latest when the group ends,
    /// before [`run`](crate::task::TaskGroup::run) returns. All calls return the same token; after the end they
    /// return a cancelled one. Cancelling the token does not cancel the group: take a [child](CancelToken::child) to
    /// stop a part of the work.
    ///
    /// # Examples
    ///
    /// ## A child waits for a closure on a thread
    ///
    /// ```
    /// use syncline::{bridge::to_thread, task::{TaskGroup, block_on}, thread::ThreadPool};
    ///
    /// let pool = ThreadPool::new(1);
    /// let group = TaskGroup::run(&pool, async |group| {
    ///     let token = group.token();
    ///     let computes = to_thread(move || token.cancelled().wait());
    ///     group.spawn(async { Err::<(), _>("no luck") }).detach();
    ///     computes.await.map_err(|_| "it was dropped")
    /// });
    /// assert!(block_on(group).is_err()); // and the closure has been told
    /// ```
    pub fn token(&self) -> CancelToken {
        self.listener(CancelToken::new())
    }
}
