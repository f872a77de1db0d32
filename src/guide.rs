//! The chapters: how to choose, how it is built, what is promised, and how it is proven.
//!
//! These are the files of the folder `docs`, compiled like every other example.

#[doc = include_str!("../docs/architecture.md")]
pub mod architecture {}

#[doc = include_str!("../docs/cancellation.md")]
pub mod cancellation {}

#[doc = include_str!("../docs/choosing.md")]
pub mod choosing {}

#[doc = include_str!("../docs/debugging.md")]
pub mod debugging {}

#[doc = include_str!("../docs/fairness.md")]
pub mod fairness {}

#[doc = include_str!("../docs/from-python.md")]
pub mod from_python {}

#[doc = include_str!("../docs/memory-ordering.md")]
pub mod memory_ordering {}

#[doc = include_str!("../docs/performance.md")]
pub mod performance {}

#[doc = include_str!("../docs/testing.md")]
pub mod testing {}

#[doc = include_str!("../docs/traps.md")]
pub mod traps {}

/// The notes on the design of the combinators.
#[doc(hidden)]
#[doc = include_str!("../docs/design/0007-combinators.md")]
pub mod combinators_design {}

/// The notes on the design of the bridge.
#[doc(hidden)]
#[doc = include_str!("../docs/design/0008-the-bridge.md")]
pub mod bridge_design {}
