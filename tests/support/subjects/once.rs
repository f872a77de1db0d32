//! The waiting forms of the cell: for its value, and for the turn to make it.

use super::{Form, Subject, Waiting, boxed, boxed_ok};
use core::fmt;
use core::future::pending;
use core::task::{Context, Waker};
use core::time::Duration;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::OnceCell;

/// Far enough for every test, near enough to be put in a timer.
const FAR: Duration = Duration::from_secs(3600);

#[derive(Clone, Copy, Debug)]
enum Way {
    Plain,
    Timeout,
    Deadline,
}

pub(super) fn forms() -> Vec<Form> {
    let mut forms = Vec::new();
    for way in [Way::Plain, Way::Timeout, Way::Deadline] {
        forms.push(Form::new(format!("OnceCell, {way:?}"), move || NotSet {
            cell: OnceCell::new(),
            way,
        }));
    }
    forms
}

/// The turn of an initializer that fails: it is given back before its request is dropped.
pub(crate) fn turn() -> Form {
    Form::new("OnceCell, the turn".to_owned(), Busy::new)
}

/// A cell that is set in the first step.
#[derive(Debug)]
struct NotSet {
    cell: OnceCell<u8>,
    way: Way,
}

impl Subject for NotSet {
    fn start(&self) -> Waiting<'_> {
        match self.way {
            Way::Plain => boxed(self.cell.wait()),
            Way::Timeout => boxed_ok(self.cell.wait_timeout(FAR)),
            Way::Deadline => boxed_ok(self.cell.wait_deadline(Instant::now() + FAR)),
        }
    }

    fn advance(&self, _step: usize) {
        self.cell.set(7).expect("nobody else sets it");
    }

    fn is_broadcast(&self) -> bool {
        true
    }

    fn waiting(&self) -> usize {
        self.cell.waiting()
    }

    fn assert_conserved(&self) {
        self.cell.assert_quiet();
        assert_eq!(self.cell.get(), Some(&7));
    }
}

/// A cell whose initializer never ends, and is dropped in the first step.
struct Busy {
    cell: Arc<OnceCell<u8>>,
    first: Mutex<Option<Waiting<'static>>>,
}

impl Busy {
    fn new() -> Self {
        let cell = Arc::new(OnceCell::new());
        let mut first = boxed({
            let cell = Arc::clone(&cell);
            async move { *cell.get_or_init(async || pending().await).await }
        });
        let poll = (first.as_mut()).poll(&mut Context::from_waker(Waker::noop()));
        assert!(poll.is_pending());
        Self {
            cell,
            first: Mutex::new(Some(first)),
        }
    }
}

impl fmt::Debug for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cell.fmt(f)
    }
}

impl Subject for Busy {
    fn start(&self) -> Waiting<'_> {
        boxed(self.cell.get_or_try_init(async || Err(())))
    }

    fn advance(&self, _step: usize) {
        let first = self.first.lock().unwrap().take();
        drop(first);
    }

    fn waiting(&self) -> usize {
        self.cell.waiting()
    }

    fn assert_conserved(&self) {
        self.cell.assert_quiet();
        assert!(!self.cell.is_set());
    }
}
