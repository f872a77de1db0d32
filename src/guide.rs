//! The chapters: how to choose, what is promised, how it is built, and how it is tested.
//!
//! | you want | read |
//! |---|---|
//! | to find the right primitive | [`choosing`] |
//! | to decide between threads and tasks | [`threads_or_tasks`] |
//! | a pattern to start from | [`recipes`] |
//! | the equivalent of a Python class or function | [`from_python`] |
//! | to know what happens when a wait is cancelled | [`cancellation`] |
//! | to know who is served next | [`fairness`] |
//! | to find out why a program hangs | [`debugging`] |
//! | to model-check your own code | [`model_checking`] |
//! | to know what it costs | [`performance`] |
//! | to know how it is built and tested | [`architecture`], [`testing`], [`memory_ordering`] |
//! | to know which bugs of other libraries it avoids | [`bugs_we_avoid`] |
//!
//! These are the files in `docs/`. Their examples are compiled and run as tests.

#[doc = include_str!("../docs/architecture.md")]
pub mod architecture {}

#[doc = include_str!("../docs/bugs-we-avoid.md")]
pub mod bugs_we_avoid {}

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

#[expect(clippy::test_attr_in_doctest, reason = "the chapter shows tests")]
#[doc = include_str!("../docs/model-checking.md")]
pub mod model_checking {}

#[doc = include_str!("../docs/performance.md")]
pub mod performance {}

#[doc = include_str!("../docs/recipes.md")]
pub mod recipes {}

#[doc = include_str!("../docs/testing.md")]
pub mod testing {}

#[doc = include_str!("../docs/threads-or-tasks.md")]
pub mod threads_or_tasks {}

/// The page of the repository, whose examples are tests as well.
#[doc(hidden)]
#[doc = include_str!("../README.md")]
pub mod readme {}
