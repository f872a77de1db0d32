//! One token, as its tree and its handles see it.
//!
//! The state decides, and is read without any lock. It changes once, with the lock of the tree held:
//!
//! | from | to | by |
//! |---|---|---|
//! | `LIVE` | `CANCELLED`, `EXPIRED` | whoever cancels it or a token above it, which takes it out of the tree |
//! | `LIVE` | `GONE` | the drop of its last handle, which takes it out of the tree |
//!
//! So a token is in its tree exactly as long as it is `LIVE`, and whoever has the lock and finds it
//! `LIVE` may use its key. Nobody wakes or calls anybody before all states below have changed and the
//! lock has been released.
//!
//! Beside the state there is a bit, which is set for good by whoever wants to be told: it is *watched*. Most
//! tokens never are, and their cancellers and last handles need not look for anybody.

use core::pin::Pin;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use core::task::{Context, Waker};
use std::sync::{Arc, Weak};
use std::task::Wake;
use std::time::Instant;

use super::forest::{Forest, Key};
use super::hooks::Hooks;
use crate::bridge::to_thread;
use crate::combine::{Sleep, sleep_until};
use crate::error::Cancelled;
use crate::event::task::Event;
use crate::job::quietly;
use crate::sys::{ArcOrder, AtomicU32, AtomicU64, Mutex};

const LIVE: u32 = 0;
const CANCELLED: u32 = 1;
const EXPIRED: u32 = 2;
const GONE: u32 = 3;
/// All of the above.
const STATE: u32 = 3;
/// There may be somebody who waits, a hook, or an alarm.
const WATCHED: u32 = 4;

type Tree = Mutex<Forest<Arc<Node>>>;

/// What all handles of a token share.
pub(super) struct Node {
    state: AtomicU32,
    /// How many handles there are.
    handles: AtomicU64,
    tree: Arc<Tree>,
    /// `None` for a token that was cancelled when it was made, and has never been in the tree.
    key: Option<Key>,
    deadline: Option<Instant>,
    /// Where this token has a deadline that comes before that of its parent.
    alarm: Mutex<Option<Pin<Box<Sleep>>>>,
    /// Set after the state, if the token is watched: to be waited for through `watched_event`, or after `watch`.
    pub(super) event: Event,
    pub(super) hooks: Hooks,
    arc_order: ArcOrder,
}

impl Node {
    fn new(tree: Arc<Tree>, key: Option<Key>, deadline: Option<Instant>, state: u32) -> Arc<Self> {
        Arc::new(Self {
            state: AtomicU32::new(state),
            handles: AtomicU64::new(1),
            tree,
            key,
            deadline,
            alarm: Mutex::new(None),
            event: Event::new(),
            hooks: Hooks::new(),
            arc_order: ArcOrder::new(),
        })
    }

    /// A token without a parent, with one handle.
    pub(super) fn root() -> Arc<Self> {
        let tree = Arc::new(Tree::new(Forest::new()));
        let mut forest = tree.lock();
        let node = |key| Self::new(Arc::clone(&tree), Some(key), None, LIVE);
        forest.insert(None, node)
    }

    /// A token below this one, with one handle.
    pub(super) fn child(&self, at: Option<Instant>) -> Arc<Self> {
        let earlier = |at| self.deadline.is_none_or(|deadline| at < deadline);
        let own = at.filter(|&at| earlier(at));
        let deadline = own.or(self.deadline);
        let mut forest = self.tree.lock();
        // ORDERING: Relaxed: it changes with the lock held.
        let state = self.state.load(Relaxed) & STATE;
        if state == LIVE {
            let node = |key| Self::new(Arc::clone(&self.tree), Some(key), deadline, LIVE);
            let node = forest.insert(self.key, node);
            drop(forest);
            if let Some(at) = own {
                node.arm(at);
            }
            return node;
        }
        drop(forest);
        Self::new(Arc::clone(&self.tree), None, deadline, state)
    }

    /// How it was cancelled, if it was.
    #[inline]
    pub(super) fn cancelled(&self) -> Option<Cancelled> {
        // ORDERING: Acquire pairs with the Release in `cancel`: what the canceller did before is
        // seen.
        match self.state.load(Acquire) & STATE {
            CANCELLED => Some(Cancelled::by_request()),
            EXPIRED => Some(Cancelled::by_deadline()),
            _ => None,
        }
    }

    /// The event, for a thread that is going to wait for it.
    pub(super) fn watched_event(&self) -> &Event {
        self.watch();
        &self.event
    }

    /// Has the canceller look for whom to tell. Where it has marked the token already and did not know of
    /// anybody, the event is set here.
    pub(super) fn watch(&self) {
        // ORDERING: Relaxed: whoever set it sets the event, too, if it comes to that.
        if self.state.load(Relaxed) & WATCHED != 0 {
            return;
        }
        // ORDERING: Acquire pairs with the Release in `mark`: what the canceller did before is passed on
        // with the event.
        let before = self.state.fetch_or(WATCHED, Acquire);
        if before & WATCHED == 0 && before & STATE != LIVE {
            self.event.set();
        }
    }

    pub(super) const fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Cancels it and all that are below it.
    pub(super) fn cancel(&self) {
        for node in self.mark(CANCELLED) {
            node.hooks.run();
            node.let_go();
        }
    }

    /// The deadline has come. This is the timer's thread, on which no hook may run.
    fn expire(&self) {
        let mut called = Called(Vec::new());
        for node in self.mark(EXPIRED) {
            if node.hooks.are_empty() {
                node.let_go();
            } else {
                called.0.push(node);
            }
        }
        if !called.0.is_empty() {
            to_thread(move || drop(called)).detach();
        }
    }

    /// Takes the token and all that are below it out of the tree, and wakes whoever waits for one. Those that
    /// are watched are returned.
    fn mark(&self, state: u32) -> Vec<Arc<Self>> {
        let mut forest = self.tree.lock();
        // ORDERING: Relaxed: it changes with the lock held.
        let key = self
            .key
            .filter(|_| self.state.load(Relaxed) & STATE == LIVE);
        let mut nodes = key.map_or_else(Vec::new, |key| forest.take(key));
        let mut watched = Vec::new();
        // From the leaves to the top: whoever sees a token marked finds all below it marked.
        while let Some(node) = nodes.pop() {
            // ORDERING: Release pairs with the Acquire in `cancelled` and `watch`: it publishes what the
            // canceller did before, and the marks below.
            let before = node.state.fetch_or(state, Release);
            if before & WATCHED == 0 {
                // Not the last one: a handle that is alive, or about to leave, has another.
                node.let_go();
            } else {
                watched.push(node);
            }
        }
        drop(forest);
        watched.reverse();
        for node in &watched {
            // A waker that panics stops nobody.
            quietly(|| node.event.set());
            drop(node.alarm.lock().take());
        }
        watched
    }

    /// One more handle.
    pub(super) fn share(self: &Arc<Self>) -> Arc<Self> {
        // ORDERING: Relaxed: whoever has a handle lends it out.
        self.handles.fetch_add(1, Relaxed);
        Arc::clone(self)
    }

    /// One handle less.
    pub(super) fn leave(&self) {
        // ORDERING: AcqRel: the last one has seen what was done with all others.
        if self.handles.fetch_sub(1, AcqRel) == 1 {
            let mut forest = self.tree.lock();
            // ORDERING: Relaxed: it changes with the lock held; and who watched it had a handle.
            let state = self.state.load(Relaxed);
            let key = self.key.filter(|_| state & STATE == LIVE);
            let node = key.and_then(|key| forest.remove(key));
            if node.is_some() {
                // ORDERING: Relaxed: nothing is published; only who has the lock asks for it.
                self.state.store(GONE, Relaxed);
            }
            drop(forest);
            if state & WATCHED != 0 {
                drop(self.alarm.lock().take());
                // Closures of users, which must not end on whatever thread lets go last.
                self.hooks.clear();
            }
            if let Some(node) = node {
                node.let_go();
            }
        }
        self.arc_order.let_go();
    }

    /// Lets go of a reference that is not a handle.
    fn let_go(self: Arc<Self>) {
        self.arc_order.let_go();
    }

    /// Sees to it that the token is cancelled when the moment comes.
    fn arm(self: &Arc<Self>, at: Instant) {
        self.watch();
        *self.alarm.lock() = Some(Box::pin(sleep_until(at)));
        self.look();
    }

    /// Looks whether the moment has come; if not, the timer asks again when it has.
    fn look(self: &Arc<Self>) {
        let waker = Waker::from(Arc::new(Bell(Arc::downgrade(self))));
        let mut alarm = self.alarm.lock();
        let over = (alarm.as_mut()).is_some_and(|sleep| {
            sleep
                .as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_ready()
        });
        drop(alarm);
        if over {
            self.expire();
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.arc_order.end();
    }
}

/// Tokens whose hooks are to be called, which happens when this is dropped: on a helper thread, or, if
/// none can be started, where the call to it is dropped.
struct Called(Vec<Arc<Node>>);

impl Drop for Called {
    fn drop(&mut self) {
        for node in self.0.drain(..) {
            node.hooks.run();
            node.let_go();
        }
    }
}

/// What the timer wakes.
struct Bell(Weak<Node>);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        if let Some(node) = self.0.upgrade() {
            node.look();
            node.let_go();
        }
    }
}
