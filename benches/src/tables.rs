//! Which tables the page about performance has, and which cells their lines show.

use crate::value::Value;

/// A table.
pub(crate) struct Table {
    /// The name in its marker.
    pub(crate) name: &'static str,
    /// What its columns are.
    pub(crate) columns: Columns,
    /// Its lines, one for each cell.
    pub(crate) lines: &'static [Line],
}

/// The columns of a table.
pub(crate) enum Columns {
    /// syncline, its best peer, and their ratio.
    Ratios,
    /// A number of each of these peers.
    Peers(Value, &'static [&'static str]),
}

/// A line of a table.
pub(crate) struct Line {
    /// The cell that was measured.
    pub(crate) cell: &'static str,
    /// What a reader calls it.
    pub(crate) what: &'static str,
    /// Peers that are named beside the best one.
    pub(crate) others: &'static [&'static str],
}

const fn line(cell: &'static str, what: &'static str, others: &'static [&'static str]) -> Line {
    Line { cell, what, others }
}

const THREADS: &[&str] = &["std", "parking_lot", "tokio"];
const TASKS: &[&str] = &["tokio", "asyncband"];
const QUEUES: &[&str] = &["std", "crossbeam-channel", "kanal", "tokio"];
const CROWDS: &[&str] = &[
    "syncline:tasks",
    "tokio:tasks",
    "syncline:threads",
    "std:threads",
];

/// Every table of the page.
pub(crate) const TABLES: &[Table] = &[
    Table {
        name: "locks",
        columns: Columns::Ratios,
        lines: &[
            line("lock/uncontended", "lock + unlock, uncontended", THREADS),
            line("lock/await_ready", "the same in a task", TASKS),
            line(
                "lock/contended/2/apart",
                "2 threads without pause, apart",
                THREADS,
            ),
            line("lock/contended/2/together", "2 threads, together", THREADS),
            line("lock/contended/8/apart", "8 threads, apart", THREADS),
            line("lock/contended/8/together", "8 threads, together", THREADS),
            line(
                "lock/contended_200ns/8/apart",
                "8 threads, 200 ns outside, apart",
                THREADS,
            ),
            line("task/lock/64", "64 tasks, one yield under it", TASKS),
            line("rlock/depth/1", "a re-entrant lock + unlock", &[]),
            line("rlock/nested", "its innermost pair alone", &[]),
            line("rwlock/read", "read + unlock, uncontended", THREADS),
            line("rwlock/write", "write + unlock, uncontended", THREADS),
            line("rwlock/readers/8/apart", "8 readers, apart", THREADS),
            line(
                "rwlock/mixed/8/apart",
                "8 threads, one in 16 writes, apart",
                THREADS,
            ),
        ],
    },
    Table {
        name: "worst_wait",
        columns: Columns::Peers(
            Value::LongestWait,
            &[
                "syncline",
                "std",
                "parking_lot",
                "tokio",
                "asyncband",
                "saa",
            ],
        ),
        lines: &[
            line("lock/worst_wait/2/apart", "2 threads, apart", &[]),
            line("lock/worst_wait/4/apart", "4 threads, apart", &[]),
            line("lock/worst_wait/8/apart", "8 threads, apart", &[]),
            line("lock/worst_wait/8/together", "8 threads, together", &[]),
        ],
    },
    Table {
        name: "waits",
        columns: Columns::Ratios,
        lines: &[
            line(
                "semaphore/uncontended",
                "acquire + release, uncontended",
                THREADS,
            ),
            line(
                "semaphore/contended/8_on_1/apart",
                "8 threads, 1 permit, apart",
                THREADS,
            ),
            line(
                "semaphore/contended/8_on_1/together",
                "8 threads, 1 permit, together",
                THREADS,
            ),
            line("task/semaphore_4/64", "64 tasks, 4 permits", TASKS),
            line(
                "wake/semaphore/together",
                "round trip of a permit, together",
                THREADS,
            ),
            line(
                "wake/semaphore/apart",
                "round trip of a permit, apart",
                THREADS,
            ),
            line("wake/task/tokio", "the same, two tasks on tokio", TASKS),
            line("event/wait_set", "wait for an event that is set", THREADS),
            line("event/await_set", "the same in a task", TASKS),
            line(
                "event/set_all/64/apart",
                "set, 64 threads wait, per thread, apart",
                THREADS,
            ),
            line(
                "condition/notify_all/64/apart",
                "`notify_all`, 64 threads, apart",
                &["std", "parking_lot"],
            ),
            line(
                "condition/notify_all/64/together",
                "`notify_all`, 64, together",
                &["std", "parking_lot"],
            ),
            line(
                "barrier/threads/8/apart",
                "barrier of 8 threads, apart",
                THREADS,
            ),
            line("barrier/tasks/8", "barrier of 8 tasks", TASKS),
            line(
                "scale/semaphore/enqueue/1000000",
                "a million waiters: begin to wait",
                TASKS,
            ),
            line(
                "scale/semaphore/grant/1000000",
                "a million waiters: let go",
                TASKS,
            ),
            line(
                "scale/semaphore/cancel/1000000",
                "a million waiters: cancel",
                TASKS,
            ),
        ],
    },
    Table {
        name: "queues",
        columns: Columns::Ratios,
        lines: &[
            line(
                "queue/one_thread/bounded_1024",
                "put + get, one thread",
                QUEUES,
            ),
            line(
                "queue/await_ready/bounded_1024",
                "put + get, one task",
                TASKS,
            ),
            line(
                "queue/threads/1P1C/bounded_1024/apart",
                "thread to thread, apart",
                QUEUES,
            ),
            line(
                "queue/threads/1P1C/bounded_1024/together",
                "thread to thread, together",
                QUEUES,
            ),
            line(
                "queue/threads/4P4C/bounded_1024/apart",
                "4 threads to 4, apart",
                &["crossbeam-channel", "kanal"],
            ),
            line(
                "queue/threads/1P1C/unbounded/apart",
                "unbounded, apart",
                QUEUES,
            ),
            line(
                "queue/threads/1P1C/bounded_1/apart",
                "room for one item, apart",
                QUEUES,
            ),
            line("queue/tasks/1P1C/bounded_1024", "task to task", TASKS),
            line(
                "queue/tasks/1P1C/bounded_1",
                "task to task, room for one item",
                TASKS,
            ),
            line(
                "queue/mixed/1P1C/bounded_1024/apart",
                "thread to task, apart",
                TASKS,
            ),
            line(
                "queue/batch/one_thread",
                "64 items at once, per item",
                &["std:single"],
            ),
            line("queue/priority/1k", "the least of 1,000", &[]),
        ],
    },
    Table {
        name: "pools",
        columns: Columns::Ratios,
        lines: &[
            line(
                "pool/jobs/100k/apart",
                "100,000 jobs, apart, per job",
                &["crossbeam-channel", "tokio"],
            ),
            line(
                "pool/jobs/100k/together",
                "100,000 jobs, together",
                &["crossbeam-channel", "tokio"],
            ),
            line(
                "pool/round_trip/apart",
                "one job and its result, apart",
                &["crossbeam-channel", "tokio"],
            ),
            line(
                "pool/fork/apart",
                "a fork in a scope, apart",
                &["rayon", "tokio"],
            ),
            line("pool/map/1m/apart", "an item of a `map`, apart", &["rayon"]),
            line(
                "pool/futures/100k/apart",
                "100,000 futures, apart",
                &["tokio"],
            ),
            line(
                "group/empty/100000",
                "100,000 empty children of a group",
                &["tokio:JoinSet"],
            ),
            line(
                "gather/yield/2",
                "gather of 2 that yield once",
                &["futures:join_all"],
            ),
            line(
                "gather/yield/1000",
                "gather of 1,000 that yield once",
                &["futures:join_all"],
            ),
            line(
                "sleep/create_cancel/0_pending",
                "a sleep, made and dropped",
                &["tokio"],
            ),
            line(
                "bridge/to_thread/apart",
                "`to_thread` and back, apart",
                &["tokio", "blocking"],
            ),
            line(
                "bridge/runner_run/apart",
                "`Runner::run`, apart",
                &["tokio:block_on"],
            ),
            line(
                "bridge/requests/thread_thread/apart",
                "`Requests`, two threads, apart",
                &["tokio"],
            ),
            line(
                "bridge/requests/task_task",
                "`Requests`, two tasks of a thread",
                &["tokio"],
            ),
        ],
    },
    Table {
        name: "services",
        columns: Columns::Ratios,
        lines: &[
            line("token/check", "`is_cancelled()` of a child token", &[]),
            line(
                "token/cancel/100000",
                "cancel 100,000 children, per child",
                &[],
            ),
            line(
                "breaker/call/consecutive",
                "a closed breaker, failures in a row",
                &["recloser"],
            ),
            line(
                "breaker/call/ratio",
                "a closed breaker, share of failures",
                &["recloser:clock", "failsafe"],
            ),
            line("limiter/try", "a token of a limiter", &["governor:std"]),
            line(
                "limiter/tasks/1000",
                "a token, for one of 1,000 tasks",
                &["governor:std"],
            ),
            line(
                "retry/thread",
                "`retry` that succeeds at once",
                &["backon:elapsed"],
            ),
            line("lease/thread", "lease an idle item, one thread", &[]),
            line("lease/task", "lease an idle item, one task", &["bb8"]),
            line(
                "shutdown/track",
                "enter what a shutdown waits for",
                &["tokio-util:clock"],
            ),
        ],
    },
    Table {
        name: "crowd_memory",
        columns: Columns::Peers(Value::Memory, CROWDS),
        lines: CROWD_SIZES,
    },
    Table {
        name: "crowd_start",
        columns: Columns::Peers(Value::Time, CROWDS),
        lines: CROWD_SIZES,
    },
    Table {
        name: "io",
        columns: Columns::Peers(
            Value::Time,
            &[
                "syncline:tasks",
                "syncline:threads",
                "syncline:both",
                "std:threads",
                "tokio:tasks",
            ],
        ),
        lines: &[
            line("io/10/apart", "10 sockets, apart", &[]),
            line("io/1000/apart", "1,000 sockets, apart", &[]),
            line("io/10/together", "10 sockets, together", &[]),
            line("io/1000/together", "1,000 sockets, together", &[]),
        ],
    },
];

/// The lines about crowds.
const CROWD_SIZES: &[Line] = &[
    line("crowd/10", "10", &[]),
    line("crowd/100", "100", &[]),
    line("crowd/1000", "1,000", &[]),
    line("crowd/10000", "10,000", &[]),
    line("crowd/100000", "100,000", &[]),
];
