//! Jobs and tasks as spans of `tracing`, each inside of that of whoever began it; and a lock by its data.
#![cfg(all(
    feature = "tracing",
    feature = "serde",
    feature = "diagnostics",
    not(syncline_loom)
))]

use core::cell::RefCell;
use core::fmt::{self, Write};
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use core::time::Duration;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use syncline::diag::{self, Watchdog};
use syncline::task::{self, TaskGroup, block_on};
use syncline::thread::{Event, Lock, RLock, ThreadPool, spawn_named};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber, info};

/// Remembers where each event was said: in which spans, outermost first.
#[derive(Clone, Default)]
struct Remembers(Arc<Inner>);

#[derive(Default)]
struct Inner {
    last: AtomicU64,
    /// The name of each span, and its parent.
    spans: Mutex<HashMap<u64, (String, Option<u64>)>>,
    said: Mutex<Vec<String>>,
}

thread_local! {
    static ENTERED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// The fields that a test looks at.
#[derive(Default)]
struct Fields {
    name: Option<String>,
    message: String,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            write!(self.message, "{value:?}").unwrap();
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "name" {
            self.name = Some(value.to_owned());
        }
    }
}

impl Subscriber for Remembers {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("syncline") || metadata.target().starts_with("spans")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let number = self.0.last.fetch_add(1, Relaxed) + 1;
        let mut fields = Fields::default();
        span.record(&mut fields);
        let kind = span.metadata().name();
        let name = fields
            .name
            .map_or(kind.to_owned(), |name| format!("{kind} {name}"));
        let parent = match span.parent() {
            Some(parent) => Some(parent.into_u64()),
            None if span.is_contextual() => ENTERED.with_borrow(|entered| entered.last().copied()),
            None => None,
        };
        self.0.spans.lock().unwrap().insert(number, (name, parent));
        Id::from_u64(number)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let spans = self.0.spans.lock().unwrap();
        let mut at = ENTERED.with_borrow(|entered| entered.last().copied());
        let mut path = Vec::new();
        while let Some((name, parent)) = at.and_then(|number| spans.get(&number)) {
            path.push(name.clone());
            at = *parent;
        }
        path.reverse();
        let said = format!("{}: {}", path.join(" > "), fields.message);
        self.0.said.lock().unwrap().push(said);
    }

    fn enter(&self, span: &Id) {
        ENTERED.with_borrow_mut(|entered| entered.push(span.into_u64()));
    }

    fn exit(&self, span: &Id) {
        ENTERED.with_borrow_mut(|entered| {
            assert_eq!(entered.pop(), Some(span.into_u64()), "spans nest");
        });
    }
}

static DONE: Event = Event::new().named("spans: done");
static NAMED: Lock<u32> = Lock::new(0).named("spans: serialized");

/// One test: a subscriber is there for the whole process.
#[test]
fn jobs_and_tasks_are_spans_of_whoever_began_them_and_reports_are_events() {
    let remembers = Remembers::default();
    tracing::subscriber::set_global_default(remembers.clone()).unwrap();
    let said = |wanted: &str| {
        let said = remembers.0.said.lock().unwrap().clone();
        assert!(
            said.iter().any(|line| line == wanted),
            "`{wanted}` is not in {said:#?}"
        );
    };

    let pool = ThreadPool::new(2);
    tracing::info_span!(target: "spans", "request").in_scope(|| {
        pool.submit(|| info!(target: "spans", "in a closure"))
            .wait()
            .unwrap();
        let inner = pool.spawner();
        let outer = pool.spawner().spawn_named("outer", async move {
            info!(target: "spans", "before");
            task::yield_now().await;
            info!(target: "spans", "after");
            let job = inner.spawn_named("inner", async { info!(target: "spans", "inside") });
            job.await.unwrap();
        });
        outer.wait().unwrap();
        spawn_named("thread", || info!(target: "spans", "on a thread"))
            .wait()
            .unwrap();
        pool.scope(|scope| {
            scope
                .submit(|| info!(target: "spans", "in a scope"))
                .detach();
        });
        let group = TaskGroup::run(&pool, async |group| {
            group
                .spawn_named("child", async {
                    info!(target: "spans", "in a group");
                    Ok::<(), ()>(())
                })
                .detach();
            Ok(())
        });
        block_on(group).unwrap();
    });
    said("request > job: in a closure");
    said("request > task outer: before");
    said("request > task outer: after");
    said("request > task outer > task inner: inside");
    said("request > job thread: on a thread");
    said("request > job: in a scope");
    said("request > task child: in a group");

    let watching = Watchdog::new()
        .wait(Duration::from_millis(10))
        .start(|_| ())
        .unwrap();
    let waiter = spawn_named("spans: waiter", || DONE.wait());
    let is_reported = || {
        let said = remembers.0.said.lock().unwrap();
        said.iter()
            .any(|line| line.contains("spans: done") && line.contains("spans: waiter"))
    };
    while !is_reported() {
        std::thread::yield_now();
    }
    DONE.set();
    waiter.wait().unwrap();
    drop(watching);
}

#[test]
fn a_lock_is_serialized_by_its_data_and_a_snapshot_by_its_fields() {
    let lock = Lock::new(vec![1, 2]);
    assert_eq!(serde_json::to_string(&lock).unwrap(), "[1,2]");
    assert_eq!(serde_json::to_string(lock.as_task()).unwrap(), "[1,2]");
    let tree = RLock::new(("a", 1));
    let held = tree.lock();
    assert_eq!(serde_json::to_string(&tree).unwrap(), r#"["a",1]"#);
    drop(held);
    let back: Lock<Vec<u32>> = serde_json::from_str("[3]").unwrap();
    assert_eq!(*back.lock(), [3]);
    let back: task::RLock<u32> = serde_json::from_str("7").unwrap();
    assert_eq!(*back.as_thread().lock(), 7);
    assert!(serde_json::from_str::<Lock<u32>>("true").is_err());

    let held = NAMED.lock();
    let snapshot = serde_json::to_value(diag::snapshot()).unwrap();
    drop(held);
    let primitives = snapshot["primitives"].as_array().unwrap();
    let seen = primitives
        .iter()
        .find(|one| one["target"]["name"] == "spans: serialized")
        .unwrap();
    assert_eq!(seen["target"]["kind"], "Lock");
    assert_eq!(seen["owner"]["kind"], "thread");
    assert!(
        seen["target"]["made"]
            .as_str()
            .unwrap()
            .contains("spans.rs:")
    );
    assert!(snapshot["at"].as_f64().unwrap() > 0.0);
}
