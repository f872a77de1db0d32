//! The platform: the leaves on which everything else stands, for real or under loom.
//!
//! This folder is the only place with conditional compilation. Everything above it is compiled
//! unchanged for both platforms, so that what the models check is what ships. The leaves are:
//!
//! | leaf | for real | under `--cfg syncline_loom` |
//! |---|---|---|
//! | `AtomicU32`, `AtomicU64`, `AtomicUsize`, `AtomicPtr` | core's | loom's, in three flavours (`script::Flavour`) |
//! | `Cell` | core's | a loom cell: unsynchronised access is a reported race |
//! | `Shown` | an atomic that only its lock's holder changes | a loom cell; a glance shows nothing |
//! | `RawLock` | one byte of `parking_lot` | a loom mutex |
//! | `Parker` | a futex, or `parking_lot` | one loom `Notify` each |
//! | `Timeout`, `Deadline` | the monotonic clock | a script: "expires at the k-th park" |
//! | `now`, `nanos`, `instant` | the monotonic clock, or with `--cfg syncline_clock` one that tests move (`stepped.rs`) | a step of the model, which moves it |
//! | `stamp`, `overdue` | the monotonic clock | one scripted constant per model |
//! | `asymmetric`, `light_fence`, `heavy_fence` | `membarrier` on Linux | scripted; a word for each thread (`fences`) |
//! | `local!`, `global!`, `constructor!` | thread-locals, statics of a process, `const fn` | loom's, per execution |
//! | `Born`, `Native` | a number that a `fork` takes away | one process |
//! | `THREADS_FOR_CALLS`, `LISTS_IN_FLIGHT` | 512, 16 | few |
//! | `Span`, `event` | those of `tracing`, with that feature; nothing without it | nothing |
//! | `signals` | signal-hook, with the feature `signals` | nothing: no model gets a signal |
//! | `NESTED_CALLS` | 32 | two |
//! | `Mutex` | `parking_lot`'s | loom's |
//! | `full_fence` | a `SeqCst` fence, or a locked instruction, which takes less | loom's |
//! | `Injector`, `Deque` | crossbeam's | queues under loom's locks; a look at their length orders nothing |
//! | `Mailbox` | crossbeam's | a queue under loom's lock |
//! | `few_blocked` | 4 | scripted |
//! | `Thread` | std's | loom's |
//! | `threads`, `note_state` | a list of the threads of this crate | none |
//! | `Traced`, `Waiter`, `TracedTask` | with the feature `diagnostics` who holds what, and who waits for it (`trace/`); nothing without it (`untraced.rs`) | the same |
//! | `note_wait` | for a snapshot, with the feature `diagnostics` | where each thread of a model waits, told if it hangs (`failed`) |
//! | `is_over`, `must_not_wait` | never | whether the model has failed, and no leaf may be touched (`failed`) |
//! | `ArcOrder` | nothing: the real `Arc` | the order that an `Arc` makes, for what is shared in one |
//! | `operations` | how many a task may do in one poll | a script |
//! | `GRAIN`, `charge_runtime` | tokio's budget, with the feature `tokio`; none without it | none |
//! | `foreign_task` | tokio's id, with the feature `tokio`; none without it | none |
//! | `spawn_daemon` | a detached thread | nothing: models drive the timer themselves |
//!
//! With `--cfg syncline_portable` the Linux leaves are left out, which is how the fallback for
//! other systems is tested on Linux.

#[cfg(all(
    target_os = "linux",
    target_pointer_width = "64",
    not(any(miri, syncline_loom, syncline_portable))
))]
#[path = "linux.rs"]
#[expect(unsafe_code, reason = "system calls")]
mod os;
#[cfg(all(
    not(syncline_loom),
    any(
        not(target_os = "linux"),
        not(target_pointer_width = "64"),
        miri,
        syncline_portable
    )
))]
#[path = "portable.rs"]
mod os;

#[cfg(not(any(syncline_loom, syncline_clock)))]
mod clock;
#[cfg(all(syncline_clock, not(syncline_loom)))]
#[path = "stepped.rs"]
#[expect(unsafe_code, reason = "a list of those who sleep")]
pub mod clock;

#[cfg(syncline_loom)]
#[path = "clock_loom.rs"]
mod clock;

#[cfg(syncline_loom)]
#[path = "loom.rs"]
#[expect(unsafe_code, reason = "loom's cells lend pointers")]
mod platform;
#[cfg(not(syncline_loom))]
#[path = "std.rs"]
mod platform;

#[cfg(feature = "pool")]
mod thread_state;
#[cfg(all(feature = "pool", not(syncline_loom)))]
mod threads;
#[cfg(all(feature = "pool", syncline_loom))]
#[path = "work_loom.rs"]
mod work;
#[cfg(all(feature = "pool", not(syncline_loom)))]
#[path = "work_std.rs"]
mod work;

#[cfg(syncline_loom)]
mod failed;
#[cfg(syncline_loom)]
#[path = "fences_loom.rs"]
mod fences;
#[cfg(syncline_loom)]
mod flavour;
#[expect(unsafe_code, reason = "what is dropped in one process only")]
mod native;
#[cfg(not(syncline_loom))]
#[expect(unsafe_code, reason = "boxes that are never freed")]
mod per_process;

#[cfg(syncline_loom)]
#[path = "mutex_loom.rs"]
#[expect(unsafe_code, reason = "a lock lends out what it guards")]
mod mutex;
#[cfg(all(unix, not(any(miri, syncline_loom))))]
#[path = "process_unix.rs"]
#[expect(unsafe_code, reason = "system calls")]
mod process;
#[cfg(any(not(unix), miri, syncline_loom))]
#[path = "process_single.rs"]
mod process;
#[cfg(syncline_loom)]
pub mod script;

#[cfg(all(feature = "signals", not(syncline_loom)))]
pub(crate) mod signals;
#[cfg(all(feature = "tracing", not(syncline_loom)))]
mod spans;
#[cfg(not(all(feature = "tracing", not(syncline_loom))))]
#[path = "no_spans.rs"]
mod spans;
#[cfg(all(feature = "tokio", not(syncline_loom)))]
mod tokio;
#[cfg(feature = "diagnostics")]
#[expect(
    unsafe_code,
    reason = "records that primitives own, and lists of pinned nodes"
)]
pub(crate) mod trace;
#[cfg(not(feature = "diagnostics"))]
#[path = "untraced.rs"]
pub(crate) mod trace;
pub(crate) mod who;
#[cfg(all(feature = "tokio", not(syncline_loom)))]
pub(crate) use tokio::{GRAIN, charge_runtime, foreign_task};

/// The number of the task that a runtime, whose feature is on, is polling on this thread.
#[cfg(not(all(feature = "tokio", not(syncline_loom))))]
pub(crate) const fn foreign_task() -> Option<u64> {
    None
}

/// How many operations are done for nothing where no budget is open: there is no runtime to charge.
#[cfg(not(all(feature = "tokio", not(syncline_loom))))]
pub(crate) const GRAIN: i32 = i32::MAX / 2;

/// Charges one unit to the runtime around; it has no objection, for none is known.
#[cfg(not(all(feature = "tokio", not(syncline_loom))))]
pub(crate) const fn charge_runtime(_context: &mut core::task::Context<'_>) -> bool {
    true
}

pub(crate) use native::Native;
#[cfg(not(syncline_loom))]
pub(crate) use per_process::PerProcess;
pub(crate) use spans::Span;
#[cfg(feature = "diagnostics")]
pub(crate) use spans::event;
#[cfg(feature = "pool")]
pub(crate) use trace::TracedPool;
pub(crate) use trace::{Gave, Traced, TracedTask, Waiter};

/// Whether a model has failed and nothing of it may be touched any more: real programs go on.
#[cfg(not(syncline_loom))]
pub(crate) const fn is_over() -> bool {
    false
}

/// The same for whoever is about to wait, and must not then.
#[cfg(not(syncline_loom))]
pub(crate) const fn must_not_wait() -> bool {
    false
}

/// Where somebody's thread is about to wait, for its record if there is one.
#[cfg(not(syncline_loom))]
#[inline]
pub(crate) fn note_wait(caller: &'static core::panic::Location<'static>) {
    trace::wait_begins(caller);
}

pub(crate) use platform::*;
pub(crate) use process::Born;
#[cfg(feature = "pool")]
pub use thread_state::ThreadState;
#[cfg(all(feature = "pool", not(syncline_loom)))]
pub(crate) use threads::{note_state, thread_count, threads};
#[cfg(feature = "pool")]
pub(crate) use work::{
    Deque, Injector, LISTS_IN_FLIGHT, Mailbox, Mailer, Stealer, Thread, ThreadId, this_thread,
};
#[cfg(all(feature = "pool", syncline_loom))]
pub(crate) use work::{note_state, thread_count, threads};

/// Something that shares no cache line with others, of which processors fetch two at once.
#[repr(align(128))]
pub(crate) struct Apart<T>(pub(crate) T);

/// Declares what depends on how the crate is built: at its root what tests add, loom or a clock; among the
/// internals what models steer; a module where the feature `signals` is on; and one where the feature `tokio` is on, or
/// another where it is not.
macro_rules! by_build {
    (root) => {
        #[cfg(all(syncline_clock, not(syncline_loom)))]
        pub mod clock {
            //! The clock that tests move.
            pub use crate::sys::clock::{advance, now, sleepers};
        }

        #[cfg(syncline_loom)]
        pub use ::loom;
    };
    (internals) => {
        #[cfg(syncline_loom)]
        pub use crate::sys::script;
    };
    (signals: mod $with:ident) => {
        #[cfg(all(feature = "signals", not(syncline_loom)))]
        mod $with;
    };
    (signals: mod $with:ident, use $name:ident) => {
        #[cfg(all(feature = "signals", feature = "diagnostics", not(syncline_loom)))]
        mod $with;
        #[cfg(all(feature = "signals", feature = "diagnostics", not(syncline_loom)))]
        pub use self::$with::$name;
    };
    ($(#[$meta:meta])* mod $with:ident, else mod $without:ident) => {
        #[cfg(all(feature = "tokio", not(syncline_loom)))]
        $(#[$meta])*
        mod $with;
        #[cfg(all(feature = "tokio", not(syncline_loom)))]
        use $with as reactor;

        #[cfg(not(all(feature = "tokio", not(syncline_loom))))]
        $(#[$meta])*
        mod $without;
        #[cfg(not(all(feature = "tokio", not(syncline_loom))))]
        use $without as reactor;
    };
}
pub(crate) use by_build;

/// Makes a constructor `const`, except under loom, whose types have no `const` constructors.
macro_rules! constructor {
    ($(#[$meta:meta])* $vis:vis const fn $name:ident($($args:tt)*) -> $ret:ty $body:block) => {
        #[cfg(not(syncline_loom))]
        $(#[$meta])*
        $vis const fn $name($($args)*) -> $ret $body

        #[cfg(syncline_loom)]
        $(#[$meta])*
        $vis fn $name($($args)*) -> $ret $body
    };
}
pub(crate) use constructor;

/// Declares a thread-local: `std`'s, or loom's.
macro_rules! local {
    ($(#[$meta:meta])* static $name:ident: $ty:ty = $init:expr) => {
        #[cfg(not(syncline_loom))]
        ::std::thread_local! { $(#[$meta])* static $name: $ty = const { $init } }
        #[cfg(syncline_loom)]
        $(#[$meta])* static $name: $crate::sys::Local<$ty> = {
            // Known by its address, which it must not share with an equal one.
            static KEY: ::loom::thread::LocalKey<$ty> =
                ::loom::thread::LocalKey { init: || $init, _p: ::core::marker::PhantomData };
            $crate::sys::Local { key: &KEY }
        };
    };
}
pub(crate) use local;

/// Declares a static that each process makes when it first uses it: the child of a `fork` does not get
/// that of its parent. Loom makes it anew in every execution of a model.
macro_rules! global {
    ($(#[$meta:meta])* static $name:ident: $ty:ty = $init:expr) => {
        #[cfg(not(syncline_loom))]
        $(#[$meta])* static $name: $crate::sys::PerProcess<$ty> = $crate::sys::PerProcess::new(|| $init);
        #[cfg(syncline_loom)]
        $(#[$meta])* static $name: $crate::sys::Global<$ty> = {
            // Known by its address, as above.
            static LAZY: ::loom::lazy_static::Lazy<$ty> =
                ::loom::lazy_static::Lazy { init: || $init, _p: ::core::marker::PhantomData };
            $crate::sys::Global { lazy: &LAZY }
        };
    };
}
pub(crate) use global;
