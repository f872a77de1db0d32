//! Which futures of a pool have not ended.
//!
//! They are spread over a few registers. To the roster a register is one thing that the pool waits for
//! before it ends: from the first future that comes to it, until the pool is closed and none is left. So
//! the roster hears nothing of any other.

use core::num::NonZeroUsize;
use core::sync::atomic::Ordering::Relaxed;
use std::sync::Arc;

use super::shared::Shared;
use super::sleep::{BROKEN, CANCELS, CLOSED};
use crate::job::{Outcome, Stop, Stops, quietly};
use crate::sys::{Apart, AtomicUsize, Mutex, MutexGuard, REGISTERS};

/// Those that have not ended.
pub(super) struct Futures {
    registers: [Apart<Mutex<Register>>; REGISTERS],
    /// The one that the next is to come to.
    turn: AtomicUsize,
}

struct Register {
    futures: Stops,
    /// Keeps the pool, which the futures find without an owner of it; there while the roster counts
    /// on this.
    keeper: Option<Arc<Shared>>,
}

impl Futures {
    pub(super) fn new() -> Self {
        let register = || Register {
            futures: Stops::new(),
            keeper: None,
        };
        Self {
            registers: [(); REGISTERS].map(|()| Apart(Mutex::new(register()))),
            turn: AtomicUsize::new(0),
        }
    }

    /// A register that nobody else is looking at, if there is one; each in its turn, so that those
    /// that end one behind the other are looked up in different ones.
    fn free(&self) -> (usize, MutexGuard<'_, Register>) {
        // ORDERING: Relaxed: any will do.
        let turn = self.turn.load(Relaxed);
        let count = self.registers.len();
        self.turn.store((turn + 1) % count, Relaxed);
        match self.registers[turn].0.try_lock() {
            Some(register) => (turn, register),
            None => self.another(turn),
        }
    }

    /// The first behind that one at which nobody is looking, or that one.
    #[cold]
    fn another(&self, turn: usize) -> (usize, MutexGuard<'_, Register>) {
        let mut numbers = (turn + 1..self.registers.len()).chain(0..turn);
        let free = |number: usize| Some((number, self.registers[number].0.try_lock()?));
        (numbers.find_map(free)).unwrap_or_else(|| (turn, self.registers[turn].0.lock()))
    }

    fn all(&self) -> Vec<Arc<dyn Stop>> {
        let mut all = Vec::new();
        for register in &self.registers {
            let register = register.0.lock();
            all.extend(register.futures.iter().map(Arc::clone));
        }
        all
    }
}

/// Where the pool knows a future, or several that are known together.
#[derive(Debug)]
pub(crate) struct Known(NonZeroUsize);

/// It came too late, and is to end like this.
pub(crate) struct Late(pub(crate) Arc<dyn Stop>, pub(crate) Outcome);

impl Shared {
    /// Takes a future in, and says where it is known. Until it goes out again the pool is kept.
    pub(super) fn enter(self: &Arc<Self>, future: Arc<dyn Stop>) -> Result<Known, Late> {
        if !self.is_here() {
            return Err(Late(future, Outcome::Closed));
        }
        let (number, mut register) = self.futures.free();
        let open = if register.keeper.is_some() {
            // The pool does not end before this register is given up; a close at this very moment
            // is behind this one.
            !self.summary().has_any(CLOSED) || self.takes()
        } else {
            self.expect_register()
        };
        if !open {
            return Err(Late(future, self.outcome()));
        }
        if register.keeper.is_none() {
            register.keeper = Some(Arc::clone(self));
        }
        let place = register.futures.insert(future);
        let known = NonZeroUsize::new(place * self.futures.registers.len() + number + 1);
        Ok(Known(known.expect("there are few places")))
    }

    /// A future has ended. Whoever says so keeps the pool.
    #[expect(clippy::needless_pass_by_value, reason = "it is known no more")]
    pub(super) fn exit(&self, known: Known) {
        let (known, registers) = (known.0.get() - 1, &self.futures.registers);
        let mut register = registers[known % registers.len()].0.lock();
        let future = register.futures.remove(known / registers.len());
        let given_up = self.give_up_register(&mut register);
        drop(register);
        future.let_go();
        if given_up.is_some() {
            self.expected_register();
        }
    }

    /// Gives up all registers in which there is nothing, and from now on each in which nothing is
    /// left. The pool has been closed.
    pub(super) fn give_up_registers(&self) {
        for register in &self.futures.registers {
            let given_up = self.give_up_register(&mut register.0.lock());
            if given_up.is_some() {
                self.expected_register();
            }
        }
    }

    /// Under its lock: whoever closes the pool looks at it afterwards, or has been seen here.
    fn give_up_register(&self, register: &mut Register) -> Option<Arc<Self>> {
        (register.futures.is_empty() && self.is_closed())
            .then(|| register.keeper.take())
            .flatten()
    }

    /// Counts on a register, unless it comes too late.
    fn expect_register(&self) -> bool {
        self.expect_register_of(false) || self.takes_late() && self.expect_register_of(true)
    }

    fn expect_register_of(&self, late: bool) -> bool {
        self.change(|roster| {
            let drains = late && !roster.has(CANCELS) && !roster.has(BROKEN);
            let open = !roster.has(CLOSED) || drains;
            roster.pending += usize::from(open);
            roster.registers += usize::from(open);
            open
        })
    }

    fn expected_register(&self) {
        self.settle(|roster| {
            roster.pending -= 1;
            roster.registers -= 1;
        });
    }

    /// Ends all futures.
    pub(super) fn stop_all(&self, outcome: Outcome) {
        for future in self.futures.all() {
            quietly(|| future.stop(outcome));
        }
    }

    /// The names of those that have not ended.
    pub(super) fn futures(&self) -> Vec<String> {
        let mut names = Vec::new();
        for future in self.futures.all() {
            future.tell(&mut names);
            future.let_go();
        }
        names
    }
}
