//! What the queues' cells are made of: the same questions, asked of loops that are stripped to a
//! section of a lock for each operation. They say how far a queue with a lock is from the least it
//! can cost.

use syncline::{task, thread};

use super::passage::{copies, one_thread, one_thread_in_batches, ours, ranked, shared, threads};
use crate::cell::{Cell, peers};
use crate::peers::{Stripped, StrippedHeap, StrippedTurns};

/// The cells about the limits of queues.
pub(super) fn cells() -> Vec<Cell> {
    let mut cells = vec![
        Cell::counted("limits/queue/one_thread", 5, "put + get, one thread")
            .with_instructions()
            .peer("syncline", |effort| {
                one_thread(effort, shared(thread::Queue::bounded(1024)))
            })
            .peer("two_sections", |effort| {
                one_thread(effort, shared(Stripped::bounded(1024)))
            }),
        Cell::counted(
            "limits/queue/batch",
            5,
            "put_many + get_many of 64 items, one thread, per item",
        )
        .at_least(64)
        .with_instructions()
        .peer("syncline", |effort| {
            one_thread_in_batches(effort, shared(thread::Queue::bounded(1024)))
        })
        .peer("two_sections", |effort| {
            one_thread_in_batches(effort, shared(Stripped::bounded(1024)))
        }),
    ];
    for capacity in [1, 1024] {
        for pairs in [1, 4] {
            cells.push(
                Cell::counted(
                    format!("limits/queue/threads/{pairs}P{pairs}C/bounded_{capacity}"),
                    10,
                    "an item put by some threads, got by others, which yield until they can go",
                )
                .at_least(64)
                .of_threads()
                .peer("syncline", move |effort| {
                    let ends = shared(thread::Queue::bounded(capacity));
                    threads(effort, copies(ends, pairs))
                })
                .peer("two_sections", move |effort| {
                    let ends = shared(Stripped::bounded(capacity));
                    threads(effort, copies(ends, pairs))
                }),
            );
        }
        cells.push(
            Cell::counted(
                format!("limits/queue/tasks/bounded_{capacity}"),
                5,
                "an item put by a task, got by another, our executor",
            )
            .at_least(64)
            .with_instructions()
            .peer("syncline", move |effort| {
                let ends = shared(task::Queue::bounded(capacity));
                ours(effort, copies(ends, 1), u64::MAX)
            })
            .peer("two_sections", move |effort| {
                let ends = shared(Stripped::bounded(capacity));
                ours(effort, copies(ends, 1), u64::MAX)
            })
            .peer("turns", move |effort| {
                let ends = shared(StrippedTurns::bounded(capacity));
                ours(effort, copies(ends, 1), u64::MAX)
            }),
        );
    }
    cells.extend([(1_000, "1k"), (100_000, "100k")].map(|(residents, name)| {
        peers!(
            Cell::counted(
                format!("limits/queue/priority/{name}"),
                8,
                "get the least, put one at random above it, one thread, beside so many others"
            )
            .at_least(1_000),
            P => move |effort| ranked::<P>(effort, residents),
            {
                "syncline" => thread::PriorityQueue<u64, u64>,
                "two_sections" => StrippedHeap,
            }
        )
    }));
    cells
}
