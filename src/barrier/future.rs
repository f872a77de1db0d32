//! The futures of `Barrier`, by name.

use super::arrival::Arrival;
use super::generation_wait::{GenerationWait, TimedGenerationWait};
use crate::error::BrokenBarrier;
use crate::line::waits;

waits! {
    /// Waits for the other parties of a [`Barrier`](crate::task::Barrier). Returned by
    /// [`Barrier::wait`](crate::task::Barrier::wait).
    BarrierWait ['a] ['a] (GenerationWait<'a>) -> Result<Arrival, BrokenBarrier>, |met| met
}

waits! {
    /// Waits for the other parties of a [`Barrier`](crate::task::Barrier) until a deadline. Returned by
    /// [`Barrier::wait_timeout`](crate::task::Barrier::wait_timeout) and
    /// [`Barrier::wait_deadline`](crate::task::Barrier::wait_deadline).
    BarrierTimed ['a] ['a] (TimedGenerationWait<'a>) -> Result<Arrival, BrokenBarrier>, |met| met
}
