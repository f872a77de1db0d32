//! What is kept: a map in memory, and a log on disk, behind a pipeline of threads between two queues.
//!
//! ```text
//!  put ──▶ [incoming] ──▶ encoders ──▶ [records] ──▶ writer ──▶ log, map, answer
//!           water marks    several      bounded       one, takes what there is
//! ```
//!
//! The writer writes everything that lies ready with one call, and answers only then: so an acknowledged write
//! lies in the log, and a busy server makes fewer calls, not more. When the writer falls behind, `records` is
//! full, the encoders wait, and `incoming` fills up to its high mark; then whoever puts waits until it has
//! been drained to the low one.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::sync::Arc;

use syncline::thread::{Lock, Queue, spawn_named};
use syncline::{GetError, Job, Promise, QueueStats, Shutdown};

use crate::protocol::seal;

/// Threads that encode.
const ENCODERS: usize = 2;

/// How much may be on its way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How many writes may wait before those who write do.
    pub(crate) high: usize,
    /// How many are left when they go on.
    pub(crate) low: usize,
    /// How many records may wait, and how many of them the writer takes at once.
    pub(crate) batch: usize,
}

/// Whether a write lies in the log.
pub(crate) type Written = Result<(), ErrorKind>;

/// The threads of the pipeline.
pub(crate) struct Pipeline {
    encoders: Vec<Job<()>>,
    writer: Job<()>,
}

/// A write on its way, and who waits for it.
struct Write {
    key: String,
    value: String,
    done: Promise<Written>,
}

/// A write as it is logged.
struct Record {
    line: String,
    write: Write,
}

/// A map with a log.
pub(crate) struct Store {
    map: Lock<BTreeMap<String, String>>,
    incoming: Queue<Write>,
    records: Queue<Record>,
    limits: Limits,
}

impl Store {
    /// An empty store, and the threads that work for it.
    pub(crate) fn open(
        limits: Limits,
        log: impl io::Write + Send + 'static,
    ) -> (Arc<Self>, Pipeline) {
        let store = Arc::new(Self {
            map: Lock::new(BTreeMap::new()),
            incoming: Queue::unbounded()
                .watermarks(limits.high, limits.low)
                .with_stats(),
            records: Queue::bounded(limits.batch).with_stats(),
            limits,
        });
        let encoders = (0..ENCODERS)
            .map(|number| {
                let store = Arc::clone(&store);
                spawn_named(format!("encoder-{number}"), move || store.encode())
            })
            .collect();
        let writer = Arc::clone(&store);
        let writer = spawn_named("writer", move || writer.write(log));
        (store, Pipeline { encoders, writer })
    }

    /// Takes in nothing more, and waits until all that is on its way is written: one stage after the other.
    pub(crate) fn close(&self, pipeline: Pipeline) {
        self.incoming.shutdown(Shutdown::Graceful);
        for encoder in pipeline.encoders {
            encoder.wait().expect("an encoder does not panic");
        }
        self.records.shutdown(Shutdown::Graceful);
        pipeline.writer.wait().expect("the writer does not panic");
    }

    pub(crate) fn get(&self, key: &str) -> Option<String> {
        self.map.lock().get(key).cloned()
    }

    /// Blocks while too much waits. The job is done when the write lies in the log; `None` if the store is closed.
    pub(crate) fn put(&self, key: &str, value: &str) -> Option<Job<Written>> {
        let (write, job) = Write::new(key, value);
        self.incoming.put(write).ok()?;
        Some(job)
    }

    /// The same for a task.
    pub(crate) async fn put_async(&self, key: &str, value: &str) -> Option<Job<Written>> {
        let (write, job) = Write::new(key, value);
        self.incoming.as_task().put(write).await.ok()?;
        Some(job)
    }

    /// How full the first queue is, and whether it keeps those who write waiting.
    pub(crate) fn pressure(&self) -> (usize, bool) {
        (self.incoming.len(), self.incoming.is_throttled())
    }

    /// What each of the two queues has done, beside the most that may lie in it.
    pub(crate) fn queues(&self) -> Option<[(QueueStats, usize); 2]> {
        Some([
            (self.incoming.stats()?, self.limits.high),
            (self.records.stats()?, self.limits.batch),
        ])
    }

    /// How many keys there are.
    pub(crate) fn len(&self) -> usize {
        self.map.lock().len()
    }

    fn encode(&self) {
        for write in &self.incoming {
            let line = seal(&format!("put {} {}", write.key, write.value));
            if self.records.put(Record { line, write }).is_err() {
                return;
            }
        }
    }

    fn write(&self, mut log: impl io::Write) {
        loop {
            let records = match self.records.get_many(self.limits.batch) {
                Ok(records) => records,
                Err(GetError::ShutDown) => return,
                Err(error) => unreachable!("without a deadline: {error}"),
            };
            let lines: String = records.iter().map(|record| &*record.line).collect();
            let written = log.write_all(lines.as_bytes());
            for Record { write, .. } in records {
                if written.is_ok() {
                    self.map.lock().insert(write.key, write.value);
                }
                // Whoever waited for it may have left.
                let written = written.as_ref().map(drop).map_err(io::Error::kind);
                let _ = write.done.set(written);
            }
        }
    }
}

impl Write {
    fn new(key: &str, value: &str) -> (Self, Job<Written>) {
        let (done, job) = Promise::new();
        let (key, value) = (key.to_owned(), value.to_owned());
        (Self { key, value, done }, job)
    }
}
