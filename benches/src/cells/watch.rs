//! Values whose changes are watched.

use core::hint::black_box;

use syncline::task;

use super::repeat::{repeat, repeat_async};
use crate::cell::{Cell, Effort, Sample, peers};
use crate::executor::{round_robin, yield_now};
use crate::peers::Watched;

/// Adds every peer.
macro_rules! watches {
    ($cell:expr, $type:ident => $body:expr) => {
        peers!($cell, $type => $body, {
            "syncline" => task::Watch<u64>,
            "tokio" => tokio::sync::watch::Sender<u64>,
            "asyncband" => asyncband::watch::Sender<u64>,
        })
    };
}

/// The cells about watched values.
pub(super) fn cells() -> Vec<Cell> {
    let mut cells = vec![
        watches!(
            Cell::counted("watch/send", 5, "send, nobody waits, one thread").with_instructions(),
            P => send::<P>
        ),
        watches!(
            Cell::counted("watch/look", 5, "an observer looks at the value, one thread")
                .with_instructions(),
            P => look::<P>
        ),
        watches!(
            Cell::counted("watch/changed", 5, "send, then changed().await of the observer, one task")
                .with_instructions(),
            P => changed::<P>
        ),
    ];
    for observers in [1, 16, 1000] {
        cells.push(watches!(
            Cell::counted(
                format!("watch/tell/{observers}"),
                8,
                "a send that wakes all observers; tasks of one thread, for each observer"
            )
            .at_least(4 * observers as u64),
            P => move |effort| tell::<P>(effort, observers)
        ));
    }
    cells
}

fn send<W: Watched>(effort: &Effort) -> Sample {
    let (watch, observer) = W::new();
    let watch = black_box(&watch);
    let mut value = 0;
    let sample = repeat(effort, || {
        value += 1;
        watch.send(value);
    });
    assert_eq!(value, W::look(&observer));
    sample
}

fn look<W: Watched>(effort: &Effort) -> Sample {
    let (watch, observer) = W::new();
    watch.send(7);
    let observer = black_box(&observer);
    repeat(effort, || {
        black_box(W::look(observer));
    })
}

fn changed<W: Watched>(effort: &Effort) -> Sample {
    let (watch, mut observer) = W::new();
    let watch = black_box(&watch);
    let mut value = 0;
    repeat_async(effort, async || {
        value += 1;
        watch.send(value);
        W::changed(&mut observer).await;
    })
}

fn tell<W: Watched>(effort: &Effort, observers: usize) -> Sample {
    let (watch, first) = W::new();
    let sends = effort.ops.div_ceil(observers as u64);
    let mut roles = vec![Role::Observer(first)];
    roles.resize_with(observers, || Role::Observer(watch.subscribe()));
    roles.push(Role::Sender(&watch));
    let tasks = roles.into_iter().map(|role| Box::pin(play(role, sends)));
    let tasks = tasks.collect();
    Sample::new(round_robin(tasks), sends * observers as u64)
}

/// What a task does.
enum Role<'a, W: Watched> {
    /// Waits for each value.
    Observer(W::Observer),
    /// Sends each value, once all have seen the last.
    Sender(&'a W),
}

async fn play<W: Watched>(role: Role<'_, W>, sends: u64) {
    match role {
        Role::Observer(mut observer) => {
            for value in 1..=sends {
                W::changed(&mut observer).await;
                assert_eq!(value, W::look(&observer));
            }
        }
        Role::Sender(watch) => {
            for value in 1..=sends {
                watch.send(value);
                yield_now().await;
            }
        }
    }
}
