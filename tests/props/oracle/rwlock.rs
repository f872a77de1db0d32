//! A lock for readers and writers: a list of who has it, a queue, and one who waits for an upgrade.

use super::{First, Id};
use std::collections::VecDeque;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Read,
    Upgradable,
    Write,
}

#[derive(Debug, Default)]
pub(crate) struct Model {
    /// Whoever was granted it, and may not have noticed yet.
    holders: Vec<Mode>,
    /// Whoever has an upgradable guard, and waits to write.
    upgrading: Option<Id>,
    queue: VecDeque<(Id, Mode)>,
}

impl Model {
    /// Whether somebody may come in beside those who are there.
    fn admits(&self, mode: Mode) -> bool {
        let has = |mode| self.holders.contains(&mode);
        match mode {
            Mode::Read => !has(Mode::Write),
            Mode::Upgradable => !has(Mode::Write) && !has(Mode::Upgradable),
            Mode::Write => self.holders.is_empty(),
        }
    }

    fn admits_upgrade(&self) -> bool {
        self.holders == [Mode::Upgradable]
    }

    /// Takes the lock if whoever is there allows it, and nobody waits.
    pub(crate) fn try_lock(&mut self, mode: Mode) -> bool {
        let served = self.queue.is_empty() && self.upgrading.is_none() && self.admits(mode);
        if served {
            self.holders.push(mode);
        }
        served
    }

    /// Takes it whoever waits.
    pub(crate) fn try_read_recursive(&mut self) -> bool {
        let served = self.admits(Mode::Read);
        if served {
            self.holders.push(Mode::Read);
        }
        served
    }

    pub(crate) fn try_upgrade(&mut self) -> bool {
        let served = self.admits_upgrade();
        if served {
            self.holders = vec![Mode::Write];
        }
        served
    }

    pub(crate) fn first_poll(&mut self, id: Id, mode: Mode, expired: bool) -> First {
        if self.try_lock(mode) {
            return First::Served;
        }
        if expired {
            return First::TimedOut;
        }
        self.queue.push_back((id, mode));
        First::Waits
    }

    pub(crate) fn first_poll_of_upgrade(&mut self, id: Id, expired: bool) -> First {
        if self.try_upgrade() {
            return First::Served;
        }
        if expired {
            return First::TimedOut;
        }
        assert_eq!(None, self.upgrading.replace(id));
        First::Waits
    }

    /// Somebody gives a part back, or all of it; answers who is granted it, in order.
    pub(crate) fn change(&mut self, from: Mode, to: Option<Mode>) -> Vec<Id> {
        let place = self.holders.iter().position(|&mode| mode == from);
        self.holders.swap_remove(place.expect("it has it"));
        self.holders.extend(to);
        self.settle()
    }

    /// A waiting request leaves; answers who is granted the lock now, in order.
    pub(crate) fn withdraw(&mut self, id: Id) -> Vec<Id> {
        self.upgrading.take_if(|upgrading| *upgrading == id);
        self.queue.retain(|&(waiting, _)| waiting != id);
        self.settle()
    }

    pub(crate) fn is_write_locked(&self) -> bool {
        self.holders.contains(&Mode::Write)
    }

    pub(crate) fn reader_count(&self) -> usize {
        let writers = usize::from(self.is_write_locked());
        self.holders.len() - writers
    }

    pub(crate) fn is_locked(&self) -> bool {
        !self.holders.is_empty()
    }

    pub(crate) fn waiting(&self) -> usize {
        self.queue.len() + usize::from(self.upgrading.is_some())
    }

    /// Serves whoever upgrades, then the head, as long as they can be.
    fn settle(&mut self) -> Vec<Id> {
        let mut granted = Vec::new();
        if let Some(id) = self.upgrading {
            if !self.try_upgrade() {
                return granted;
            }
            self.upgrading = None;
            granted.push(id);
        }
        while let Some(&(id, mode)) = self.queue.front() {
            if !self.admits(mode) {
                break;
            }
            self.queue.pop_front();
            self.holders.push(mode);
            granted.push(id);
        }
        granted
    }
}
