//! What tasks do with a queue, and when an executor polls them: both by dice.

use core::time::Duration;
use proptest::prelude::*;
use std::collections::VecDeque;

/// A deadline that passes while a script is under way, as soon as the script says so.
pub(crate) const SOON: Duration = Duration::from_micros(20);

/// How long an operation is ready to wait.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Patience {
    Endless,
    /// With a deadline that never comes.
    Huge,
    Soon,
    /// For so short a time that it is over as soon as it has begun.
    Hardly,
    None,
}

/// What a task does. Items are numbered as they are made.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Put(u8, Patience),
    PutMany(Vec<u8>),
    /// Reserves a place, and puts into it when it is polled the next time.
    Reserve(u8),
    TryPut(u8),
    Get(Patience),
    GetMany(usize),
    TryGet,
    Drain,
    ShutDown(bool),
}

/// What the executor does next; numbers pick one of what there is.
#[derive(Clone, Debug)]
pub(crate) enum Turn {
    /// Polls a task that has been woken.
    Woken(usize),
    /// Polls any task.
    Any(usize),
    /// Drops what a task waits for. It goes on with what it does then.
    Drop(usize),
    /// Lets the time pass after which deadlines are over.
    Wait,
}

pub(crate) fn programs() -> impl Strategy<Value = Vec<VecDeque<Op>>> {
    let priority = 0..3_u8;
    let patience = prop_oneof![
        6 => Just(Patience::Endless),
        1 => Just(Patience::Huge),
        1 => Just(Patience::Soon),
        1 => Just(Patience::Hardly),
        1 => Just(Patience::None),
    ];
    let op = prop_oneof![
        8 => (priority.clone(), patience.clone()).prop_map(|(p, patience)| Op::Put(p, patience)),
        2 => proptest::collection::vec(priority.clone(), 0..4).prop_map(Op::PutMany),
        2 => priority.clone().prop_map(Op::Reserve),
        2 => priority.prop_map(Op::TryPut),
        9 => patience.prop_map(Op::Get),
        2 => (0..4_usize).prop_map(Op::GetMany),
        2 => Just(Op::TryGet),
        1 => Just(Op::Drain),
        1 => any::<bool>().prop_map(Op::ShutDown),
    ];
    let program = proptest::collection::vec(op, 1..5).prop_map(VecDeque::from);
    proptest::collection::vec(program, 2..5)
}

pub(crate) fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let turn = prop_oneof![
        12 => any::<usize>().prop_map(Turn::Woken),
        2 => any::<usize>().prop_map(Turn::Any),
        2 => any::<usize>().prop_map(Turn::Drop),
        1 => Just(Turn::Wait),
    ];
    proptest::collection::vec(turn, 0..40)
}

pub(crate) fn timeout(patience: Patience) -> Option<Duration> {
    match patience {
        Patience::Endless => None,
        Patience::Huge => Some(Duration::MAX),
        Patience::Soon => Some(SOON),
        Patience::Hardly => Some(Duration::from_nanos(1)),
        Patience::None => Some(Duration::ZERO),
    }
}
