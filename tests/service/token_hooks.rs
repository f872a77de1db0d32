//! Callbacks of tokens: once each, in order, without a lock, whatever they do.

use crate::watch::watched;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread::current;
use syncline::service::CancelToken;
use syncline::thread::Event;

/// Where callbacks leave their names.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<&'static str>>>);

impl Log {
    fn hook(&self, name: &'static str) -> impl FnOnce() + Send + 'static {
        let log = self.clone();
        move || log.0.lock().unwrap().push(name)
    }

    fn take(&self) -> Vec<&'static str> {
        core::mem::take(&mut self.0.lock().unwrap())
    }
}

#[test]
fn callbacks_run_once_in_order_with_those_of_the_parent_first() {
    let (root, log) = (CancelToken::new(), Log::default());
    let child = root.child();
    child.on_cancel(log.hook("child")).detach();
    root.on_cancel(log.hook("first")).detach();
    root.on_cancel(log.hook("second")).detach();
    root.cancel();
    root.cancel();
    child.cancel();
    assert_eq!(log.take(), ["first", "second", "child"]);
}

#[test]
fn a_callback_on_a_cancelled_token_runs_at_once_and_here() {
    let token = CancelToken::new();
    token.cancel();
    let log = Log::default();
    let registration = token.on_cancel(log.hook("here"));
    assert_eq!(log.take(), ["here"]);
    assert!(!registration.remove());
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        token.on_cancel(|| panic!("on purpose")).detach();
    }));
    assert!(panicked.is_err());
}

#[test]
fn what_is_removed_or_dropped_does_not_run() {
    let (token, log) = (CancelToken::new(), Log::default());
    let removed = token.on_cancel(log.hook("removed"));
    let dropped = token.on_cancel(log.hook("dropped"));
    let kept = token.on_cancel(log.hook("kept"));
    assert!(removed.remove());
    drop(dropped);
    token.cancel();
    assert!(!kept.remove());
    assert_eq!(log.take(), ["kept"]);
}

#[test]
fn callbacks_may_use_the_token_that_calls_them() {
    let (token, log) = (CancelToken::new(), Log::default());
    let victim = Arc::new(Mutex::new(None));
    {
        let (token2, log, victim) = (token.clone(), log.clone(), Arc::clone(&victim));
        token
            .on_cancel(move || {
                token2.cancel();
                assert!(token2.child().is_cancelled());
                token2.on_cancel(log.hook("added")).detach();
                let victim: Option<syncline::service::Registration> = victim.lock().unwrap().take();
                assert!(victim.unwrap().remove());
            })
            .detach();
    }
    *victim.lock().unwrap() = Some(token.on_cancel(log.hook("victim")));
    token.on_cancel(log.hook("last")).detach();
    watched(&token, || token.cancel());
    assert_eq!(log.take(), ["added", "last"]);
}

#[test]
fn a_callback_that_panics_stops_nobody() {
    let (token, log) = (CancelToken::new(), Log::default());
    token.on_cancel(|| panic!("on purpose")).detach();
    token.on_cancel(log.hook("after")).detach();
    token.child().cancel();
    token.cancel();
    assert_eq!(log.take(), ["after"]);
}

#[test]
fn callbacks_of_a_deadline_run_on_another_thread_than_the_timers() {
    let token = CancelToken::new().child_timeout(Duration::from_millis(1));
    let (name, told) = channel();
    let hook = token.on_cancel(move || {
        name.send(current().name().map(str::to_owned)).unwrap();
    });
    let name = watched(&token, || told.recv().unwrap());
    assert_ne!(name.as_deref(), Some("syncline-timer"));
    drop(hook);
}

/// A callback that hangs holds up its own canceller, and nobody else's timer.
#[test]
fn a_callback_that_hangs_does_not_hold_up_the_timer() {
    let goes_on = Arc::new(Event::new());
    let token = CancelToken::new();
    let hangs = token.child_timeout(Duration::from_millis(1));
    let waits = Arc::clone(&goes_on);
    hangs.on_cancel(move || waits.wait()).detach();
    watched(&token, || {
        hangs.cancelled().wait();
        token
            .child_timeout(Duration::from_millis(1))
            .cancelled()
            .wait();
    });
    goes_on.set();
}

#[test]
fn a_dropped_token_drops_its_callbacks_uncalled() {
    let (token, log) = (CancelToken::new(), Log::default());
    let (alive, child) = (Arc::new(()), token.child());
    let mine = Arc::clone(&alive);
    let hook = log.hook("never");
    child
        .on_cancel(move || {
            hook();
            drop(mine);
        })
        .detach();
    drop(child);
    assert_eq!(Arc::strong_count(&alive), 1);
    token.cancel();
    assert!(log.take().is_empty());
}

/// A registration keeps its token: the callback runs although no handle is left.
#[test]
fn a_registration_that_is_kept_keeps_its_token_attached() {
    let (root, log) = (CancelToken::new(), Log::default());
    let registration = root.child().on_cancel(log.hook("called"));
    root.cancel();
    assert_eq!(log.take(), ["called"]);
    drop(registration);
}

#[test]
fn tokens_that_race_with_their_cancel_are_cancelled_or_called_every_time() {
    for _ in 0..200 {
        let (root, log) = (CancelToken::new(), Log::default());
        let canceller = std::thread::spawn({
            let root = root.clone();
            move || root.cancel()
        });
        let child = root.child();
        let hook = child.on_cancel(log.hook("called"));
        canceller.join().unwrap();
        assert!(child.is_cancelled());
        assert_eq!(log.take(), ["called"]);
        drop(hook);
    }
}
