//! The barrier.

use crate::rounds::Rounds;
use crate::watch::watchdog;
use core::hash::{BuildHasher, Hasher};
use core::time::Duration;
use std::collections::hash_map::RandomState;
use std::time::Instant;

/// How long the test runs.
const TIME: Duration = Duration::from_secs(30);

#[test]
#[ignore = "runs minutes; cargo test --release --test stress -- --ignored"]
fn four_parties_meet_although_one_is_cancelled_or_late_or_resets() {
    let end = Instant::now() + TIME;
    while Instant::now() < end {
        let seed = RandomState::new().build_hasher().finish();
        let rounds = Rounds::new(10_000);
        let state = || format!("seed {seed}: {rounds:?}");
        watchdog("rounds of a barrier", TIME, state, || rounds.play(seed));
    }
}
