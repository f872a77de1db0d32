//! Futures that are put together: gathered, limited in time, or run to their end.
//!
//! | file | has |
//! |---|---|
//! | `children.rs`, `woken.rs` | the children of one parent, and the wakers that tell which were woken |
//! | `gather.rs`, `try_gather.rs`, `results.rs`, `completed.rs` | waiting for several futures |
//! | `sleep.rs`, `timeout.rs`, `timeout_with.rs` | waiting for a time |
//! | `race.rs` | waiting for the first of several |
//! | `tuple.rs`, `progress.rs` | futures of different types, for `gather` and `race` |
//! | `interval.rs` | waiting for a time again and again |
//! | `block_on.rs` | an executor of one task |
//! | `yield_now.rs` | letting others run |

mod block_on;
#[expect(unsafe_code, reason = "lists of children, shared wakers")]
mod children;
mod completed;
mod gather;
mod interval;
mod progress;
mod race;
mod results;
mod sleep;
mod timeout;
mod timeout_with;
mod try_gather;
mod tuple;
#[expect(unsafe_code, reason = "lists of children, shared wakers")]
mod woken;
mod yield_now;

pub use self::block_on::block_on;
pub use self::completed::{AsCompleted, NextCompleted, as_completed};
pub use self::gather::{Gather, IntoGather, gather};
pub use self::interval::{Interval, MissedTicks, Tick, interval, interval_at};
pub use self::race::{IntoRace, Race, race};
pub use self::sleep::{Sleep, sleep, sleep_until};
pub use self::timeout::{Timeout, timeout, timeout_at};
pub use self::timeout_with::{Limit, TimeoutWith, timeout_with};
pub use self::try_gather::{TryGather, try_gather};
pub use self::tuple::{GatherTuple, RaceTuple};
pub use self::yield_now::{YieldNow, yield_now};
