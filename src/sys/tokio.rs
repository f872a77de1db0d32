//! What the feature `tokio` tells of who is asking: the ids of its tasks, and what they may still do.

use core::hash::{Hash, Hasher};
use core::task::{Context, Poll};

use ::tokio::task::coop::poll_proceed;
use ::tokio::task::try_id;

/// How many operations cost one unit of tokio's budget, of which a task has 128 for each poll: most
/// operations here are some nanoseconds.
pub(crate) const GRAIN: i32 = 32;

/// Charges one unit to the task that tokio is polling on this thread. Returns `false` if it has none
/// left; then tokio wakes it again after others have run.
pub(crate) fn charge_runtime(context: &mut Context<'_>) -> bool {
    match poll_proceed(context) {
        Poll::Ready(unit) => {
            unit.made_progress();
            true
        }
        Poll::Pending => false,
    }
}

/// The number of the task that tokio is polling on this thread.
pub(crate) fn foreign_task() -> Option<u64> {
    let mut number = Number(0);
    try_id()?.hash(&mut number);
    Some(number.0)
}

/// What an id hashes is its number, which it shows in no cheaper way.
struct Number(u64);

impl Hasher for Number {
    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0 << 8 | u64::from(*byte);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::foreign_task;
    use ::tokio::runtime::Builder;
    use ::tokio::task::try_id;

    #[test]
    fn the_number_of_a_task_is_the_one_that_its_id_shows() {
        let runtime = Builder::new_current_thread().build().unwrap();
        assert_eq!(foreign_task(), None);
        runtime.block_on(async {
            let numbers = || (foreign_task(), try_id().map(|id| id.to_string()));
            let spawned = ::tokio::spawn(async move { numbers() });
            let (number, shown) = spawned.await.unwrap();
            assert_eq!(number.map(|number| number.to_string()), shown);
            assert!(shown.is_some());
        });
    }
}
