//! Conditions: the notify that wakes a crowd, and the one that is answered.

use super::event::set_all;
use super::wake::round_trips;
use crate::cell::{Cell, peers};
use crate::peers::{
    ParkingLotFlag, ParkingLotSemaphore, StdFlag, StdSemaphore, SynclineFlag, SynclineSemaphore,
};
use crate::threads::Place;

/// The cells about conditions.
pub(super) fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for waiters in [16, 64] {
        cells.push(peers!(
            Cell::counted(
                format!("condition/notify_all/{waiters}"),
                10,
                "notify_all after the unlock, until the last of the sleeping threads runs, per waiter"
            )
            .at_least(40 * waiters as u64),
            P => move |effort| set_all::<P>(effort, waiters),
            {
                "syncline" => SynclineFlag,
                "std" => StdFlag,
                "parking_lot" => ParkingLotFlag,
            }
        ));
    }
    let places = [(Place::AnyCore, "any_core"), (Place::OneCore, "one_core")];
    for (place, name) in places {
        cells.push(peers!(
            Cell::counted(
                format!("condition/notify_one/{name}"),
                40,
                "round trip of a token under a lock, notify_one each way, between two threads"
            ),
            P => move |effort| round_trips::<P>(effort, place),
            {
                "syncline" => SynclineSemaphore,
                "std" => StdSemaphore,
                "parking_lot" => ParkingLotSemaphore,
            }
        ));
    }
    cells
}
