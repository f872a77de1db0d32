//! What the leaves do once a model has failed: nothing.
//!
//! Loom reports a failure by a panic, in the thread that found it. From then on there is no execution
//! for its objects to take part in, and each of them panics when it is touched: in the destructors that
//! the first panic runs, which aborts the process, and inside of whatever catches panics, which buries the
//! first message under others. So every leaf is a loom object with a plain twin beside it. The
//! twin follows what the object does, and takes over when [`is_over`] says so: all loom threads share one
//! OS thread, and no other will ever run again. Whoever would wait then ends instead, in silence.
//!
//! A model is over when
//!
//! * loom has failed, which the panic hook sees: the panic comes from loom's own source; or
//! * a panic is on its way out of `loom::model` and has left the execution behind.
//!
//! A deadlock says as well where each thread sleeps, by the lines of whoever called this crate.
//!
//! While somebody's own panic unwinds, and may be caught inside of the model, all goes on as usual.

use core::cell::{Cell, RefCell};
use core::panic::Location;
use std::panic::{self, PanicHookInfo, catch_unwind, resume_unwind};
use std::sync::Once;
use std::thread::panicking;

use ::loom::thread::ThreadId;

std::thread_local! {
    /// Whether loom has failed, on this OS thread.
    static FAILED: Cell<bool> = const { Cell::new(false) };
    /// What it said then.
    static MESSAGE: RefCell<String> = const { RefCell::new(String::new()) };
    /// Where the threads of the model wait, as far as is known.
    static WAITS: RefCell<Vec<Wait>> = const { RefCell::new(Vec::new()) };
    /// Whether a panic is only the answer to a question.
    static ASKING: Cell<bool> = const { Cell::new(false) };
}

/// The last wait that a thread has begun.
struct Wait {
    thread: ThreadId,
    began: &'static Location<'static>,
    sleeps: bool,
}

/// As many threads as loom has: older ones were of other executions.
const THREADS: usize = 5;

/// Notes where this thread of a model is about to wait. One wait of this crate may be a part of another: what counts
/// is the line of somebody else.
pub(crate) fn note_wait(caller: &'static Location<'static>) {
    super::trace::wait_begins(caller);
    let here = file!();
    let sources = here.strip_suffix("sys/failed.rs").unwrap_or(here);
    if caller.file().starts_with(sources) || !is_inside() {
        return;
    }
    let thread = ::loom::thread::current().id();
    WAITS.with_borrow_mut(|waits| {
        waits.retain(|wait| wait.thread != thread);
        if waits.len() == THREADS {
            waits.remove(0);
        }
        waits.push(Wait {
            thread,
            began: caller,
            sleeps: false,
        });
    });
}

/// Runs something for which this thread sleeps.
pub(super) fn asleep<R>(body: impl FnOnce() -> R) -> R {
    let thread = ::loom::thread::current().id();
    let note = |sleeps| {
        WAITS.with_borrow_mut(|waits| {
            for wait in waits.iter_mut().filter(|wait| wait.thread == thread) {
                wait.sleeps = sleeps;
            }
        });
    };
    note(true);
    let result = body();
    note(false);
    result
}

/// Says where the threads sleep that will never be woken.
#[expect(clippy::print_stderr, reason = "a panic message goes there, too")]
fn tell_who_sleeps() {
    WAITS.with_borrow(|waits| {
        for wait in waits.iter().filter(|wait| wait.sleeps) {
            eprintln!("{:?} sleeps since {}", wait.thread, wait.began);
        }
    });
}

/// Whether the model is over, so that no object of loom's may be touched.
pub(crate) fn is_over() -> bool {
    if !FAILED.get() {
        return panicking() && !is_inside();
    }
    if panicking() || !is_inside() {
        return true;
    }
    // That was another model.
    FAILED.set(false);
    false
}

/// Whether loom answers.
fn is_inside() -> bool {
    ASKING.set(true);
    let answer = catch_unwind(|| drop(::loom::thread::current()));
    ASKING.set(false);
    answer.is_ok()
}

/// Whether the model is over, for somebody who is about to wait: the thread ends here, unless it unwinds
/// already. Then whatever it would wait for has to be taken for granted.
pub(crate) fn must_not_wait() -> bool {
    let over = is_over();
    if over {
        end();
    }
    over
}

/// Ends this thread of a model that is over, without a word, if it can be ended.
pub(super) fn end() {
    if !panicking() {
        resume_unwind(Box::new(MESSAGE.with_borrow(Clone::clone)));
    }
}

/// Makes the panic hook tell loom's own panics from others.
fn watch() {
    static ONCE: Once = Once::new();

    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if ASKING.get() {
                return;
            }
            if is_from_loom(panic) {
                FAILED.set(true);
                let message = panic.payload().downcast_ref::<String>();
                MESSAGE.set(message.cloned().unwrap_or_default());
            }
            before(panic);
            if FAILED.get() {
                tell_who_sleeps();
            }
        }));
    });
}

/// Whether a panic was raised in the source of loom's run time: `.../loom-0.7.2/src/rt/object.rs`.
fn is_from_loom(panic: &PanicHookInfo<'_>) -> bool {
    let file = panic.location().map_or("", |location| location.file());
    let file = file.replace('\\', "/");
    (file.split_once("/src/rt/")).is_some_and(|(package, _)| {
        let folder = package.rsplit('/').next().unwrap_or_default();
        folder == "loom" || folder.starts_with("loom-")
    })
}

/// An object of loom's that is left alone once the model is over. In a box, for what waits to be as
/// small as it is without.
#[derive(Debug)]
pub(super) struct Object<T>(Option<Box<T>>);

impl<T> Object<T> {
    pub(super) fn new(make: impl FnOnce() -> T) -> Self {
        if is_over() {
            return Self(None);
        }
        if !panicking() {
            watch();
        }
        Self(Some(Box::new(make())))
    }

    /// The object, while the model goes on.
    pub(super) fn live(&self) -> Option<&T> {
        self.0.as_deref().filter(|_| !is_over())
    }
}
