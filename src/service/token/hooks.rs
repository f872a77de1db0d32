//! What is called when a token is cancelled.

use core::mem::take;
use std::collections::BTreeMap;

use crate::job::quietly;
use crate::sys::Mutex;

type Hook = Box<dyn FnOnce() + Send>;

/// The hooks of one token, in the order in which they were added.
pub(super) struct Hooks(Mutex<List>);

struct List {
    hooks: BTreeMap<u64, Hook>,
    next: u64,
}

impl Hooks {
    pub(super) fn new() -> Self {
        Self(Mutex::new(List {
            hooks: BTreeMap::new(),
            next: 0,
        }))
    }

    /// Adds a hook, unless the token has been cancelled: then it comes back. The answer is asked for
    /// with the lock held, so that a canceller either finds the hook or is found.
    pub(super) fn add(&self, hook: Hook, is_cancelled: impl FnOnce() -> bool) -> Result<u64, Hook> {
        let mut list = self.0.lock();
        if is_cancelled() {
            return Err(hook);
        }
        let id = list.next;
        list.next += 1;
        list.hooks.insert(id, hook);
        drop(list);
        Ok(id)
    }

    /// Takes a hook back; says whether it will not be called.
    pub(super) fn remove(&self, id: u64) -> bool {
        let mut list = self.0.lock();
        let hook = list.hooks.remove(&id);
        drop(list);
        let found = hook.is_some();
        // Without the lock: it is a closure of the user's.
        quietly(|| drop(hook));
        found
    }

    pub(super) fn are_empty(&self) -> bool {
        self.0.lock().hooks.is_empty()
    }

    /// Calls all hooks, one after the other, by whoever has cancelled the token.
    pub(super) fn run(&self) {
        loop {
            let mut list = self.0.lock();
            let next = list.hooks.pop_first();
            drop(list);
            let Some((_, hook)) = next else { return };
            quietly(hook);
        }
    }

    /// Drops all hooks.
    pub(super) fn clear(&self) {
        let hooks = take(&mut self.0.lock().hooks);
        for (_, hook) in hooks {
            quietly(|| drop(hook));
        }
    }
}
