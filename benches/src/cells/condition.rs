//! Conditions: the notify that wakes a crowd, and the one that is answered.

use super::event::set_all;
use super::wake::round_trips;
use crate::cell::{Cell, peers};
use crate::peers::{
    ParkingLotFlag, ParkingLotSemaphore, StdFlag, StdSemaphore, SynclineFlag, SynclineSemaphore,
};

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
            .at_least(20 * waiters as u64)
            .of_threads(),
            P => move |effort| set_all::<P>(effort, waiters),
            {
                "syncline" => SynclineFlag,
                "std" => StdFlag,
                "parking_lot" => ParkingLotFlag,
            }
        ));
    }
    cells.push(peers!(
        Cell::counted(
            "condition/notify_one",
            20,
            "round trip of a token under a lock, notify_one each way, between two threads"
        )
        .of_threads(),
        P => round_trips::<P>,
        {
            "syncline" => SynclineSemaphore,
            "std" => StdSemaphore,
            "parking_lot" => ParkingLotSemaphore,
        }
    ));
    cells
}
