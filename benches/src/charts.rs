//! Which pictures are drawn, and from which cells.

use std::fs;
use std::path::Path;

use crate::plot::{self, Panel, Picture};
use crate::record::Record;
use crate::value::Value;

/// The sizes of cells, which stand for `{}` in their names.
const SIZES: [u64; 11] = [1, 2, 4, 8, 16, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

const LOCKS: &[&str] = &[
    "syncline",
    "std",
    "parking_lot",
    "tokio",
    "asyncband",
    "saa",
];
const QUEUES: &[&str] = &[
    "syncline",
    "std",
    "parking_lot",
    "crossbeam-channel",
    "kanal",
    "tokio",
    "asyncband",
];
const LINES: &[&str] = &["syncline", "tokio", "asyncband"];
const CROWDS: &[&str] = &[
    "syncline:tasks",
    "tokio:tasks",
    "syncline:threads",
    "std:threads",
];
const READERS: &[&str] = &[
    "syncline:tasks",
    "syncline:threads",
    "syncline:both",
    "std:threads",
    "tokio:tasks",
];

/// A panel: its caption, its cells, and what it shows of them.
type Part = (&'static str, &'static str, Value);

/// A picture: its file, its title, what the sizes are, its lines, its panels.
struct Plan {
    file: &'static str,
    title: &'static str,
    sizes: &'static str,
    peers: &'static [&'static str],
    parts: &'static [Part],
}

const PLANS: &[Plan] = &[
    Plan {
        file: "lock-throughput",
        title: "One lock that several threads take without pause",
        sizes: "threads",
        peers: LOCKS,
        parts: &[
            ("a core each", "lock/contended/{}/apart", Value::Throughput),
            (
                "all on one core",
                "lock/contended/{}/together",
                Value::Throughput,
            ),
        ],
    },
    Plan {
        file: "lock-longest-wait",
        title: "One lock that each thread holds for 200 us, again and again: rounds of 200 ms",
        sizes: "threads",
        peers: LOCKS,
        parts: &[
            (
                "a core each",
                "lock/worst_wait/{}/apart",
                Value::LongestWait,
            ),
            (
                "all on one core",
                "lock/worst_wait/{}/together",
                Value::LongestWait,
            ),
        ],
    },
    Plan {
        file: "queue-throughput-apart",
        title: "Items through one queue, threads on a core each",
        sizes: "producers, and as many consumers",
        peers: QUEUES,
        parts: &[
            (
                "unbounded",
                "queue/threads/{}P{}C/unbounded/apart",
                Value::Throughput,
            ),
            (
                "room for 1024",
                "queue/threads/{}P{}C/bounded_1024/apart",
                Value::Throughput,
            ),
            (
                "room for 1",
                "queue/threads/{}P{}C/bounded_1/apart",
                Value::Throughput,
            ),
        ],
    },
    Plan {
        file: "queue-throughput-together",
        title: "Items through one queue, all threads on one core",
        sizes: "producers, and as many consumers",
        peers: QUEUES,
        parts: &[
            (
                "unbounded",
                "queue/threads/{}P{}C/unbounded/together",
                Value::Throughput,
            ),
            (
                "room for 1024",
                "queue/threads/{}P{}C/bounded_1024/together",
                Value::Throughput,
            ),
            (
                "room for 1",
                "queue/threads/{}P{}C/bounded_1/together",
                Value::Throughput,
            ),
        ],
    },
    Plan {
        file: "waiters",
        title: "Tasks that wait for one semaphore",
        sizes: "waiting tasks",
        peers: LINES,
        parts: &[
            (
                "create and poll once",
                "scale/semaphore/enqueue/{}",
                Value::Time,
            ),
            (
                "let all go, poll to the end",
                "scale/semaphore/grant/{}",
                Value::Time,
            ),
            (
                "drop in random order",
                "scale/semaphore/cancel/{}",
                Value::Time,
            ),
        ],
    },
    Plan {
        file: "crowds",
        title: "Threads and tasks that are started and wait for one event, on one core",
        sizes: "threads or tasks",
        peers: CROWDS,
        parts: &[
            ("memory while they wait", "crowd/{}", Value::Memory),
            ("start until it waits", "crowd/{}", Value::Time),
        ],
    },
    Plan {
        file: "io",
        title: "Bytes read from many sockets, by threads, by tasks, by both",
        sizes: "sockets",
        peers: READERS,
        parts: &[
            ("a core each", "io/{}/apart", Value::Time),
            ("all on one core", "io/{}/together", Value::Time),
        ],
    },
];

/// Draws every picture of which there are numbers.
pub(crate) fn draw(record: &Record, folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for plan in PLANS {
        let picture = plan.picture(record);
        let file = folder.join(plan.file).with_extension("svg");
        if picture.panels.is_empty() {
            eprintln!(
                "SKIPPED: {}: none of its cells was measured",
                file.display()
            );
            continue;
        }
        plot::write(&picture, &file)?;
        println!("{}", file.display());
    }
    Ok(())
}

impl Plan {
    fn picture(&self, record: &Record) -> Picture {
        let panels = self.parts.iter().filter_map(|part| {
            let panel = self.panel(record, *part);
            panel
                .lines
                .iter()
                .any(|line| !line.is_empty())
                .then_some(panel)
        });
        Picture {
            title: self.title.to_owned(),
            names: self.peers.iter().map(|&peer| peer.to_owned()).collect(),
            panels: panels.collect(),
        }
    }

    fn panel(&self, record: &Record, (caption, cells, value): Part) -> Panel {
        let line = |&peer: &&str| line(record, cells, peer, value);
        Panel {
            caption: caption.to_owned(),
            axes: (self.sizes.to_owned(), value.label().to_owned()),
            lines: self.peers.iter().map(line).collect(),
        }
    }
}

/// A point for each size of the cell, at what was carried out if the machine's limit was before.
fn line(record: &Record, cells: &str, peer: &str, value: Value) -> Vec<(f64, f64)> {
    let point = |size: u64| {
        let cell = record.cell(&cells.replace("{}", &size.to_string()))?;
        let row = cell.row(peer)?;
        let at = if row.note.is_some() {
            row.ops
        } else {
            size as f64
        };
        Some((at, value.of(row)?))
    };
    let mut points: Vec<(f64, f64)> = SIZES.into_iter().filter_map(point).collect();
    points.sort_by(|one, other| one.0.total_cmp(&other.0));
    points
}

#[cfg(test)]
mod tests {
    use super::{PLANS, SIZES, line};
    use crate::cells;
    use crate::place::Place;
    use crate::record::tests::{record, row};
    use crate::value::Value;

    #[test]
    fn every_line_of_every_picture_is_measured_somewhere() {
        let places = [Place::Together, Place::Apart];
        let cells: Vec<_> = (cells::all().into_iter())
            .flat_map(|cell| cell.at(&places))
            .collect();
        for plan in PLANS {
            for (_, pattern, _) in plan.parts {
                for peer in plan.peers {
                    let sizes = SIZES.iter().filter(|size| {
                        let name = pattern.replace("{}", &size.to_string());
                        let cell = cells.iter().find(|cell| cell.name == name);
                        cell.is_some_and(|cell| cell.peers.iter().any(|one| one.name == *peer))
                    });
                    assert!(sizes.count() > 0, "{}: no {pattern} with {peer}", plan.file);
                }
            }
        }
    }

    #[test]
    fn a_crowd_that_ended_early_stands_where_it_ended() {
        let mut ended = row("std:threads", 30.0);
        (ended.ops, ended.note) = (30_768.0, Some("ended".to_owned()));
        let record = record("crowd/100000", vec![ended]);
        let points = line(&record, "crowd/{}", "std:threads", Value::Time);
        assert_eq!(vec![(30_768.0, 30.0)], points);
    }
}
