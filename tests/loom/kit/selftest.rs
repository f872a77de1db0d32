//! Tests of the parts that read text: they decide what counts as covered, and have no loom to catch them.
//!
//! A binary without libtest has no `#[test]`; these run at the start of every full run instead. What
//! needs a process of its own is tested by the models in `kit_selftest.rs`.

use core::time::Duration;
use std::path::Path;

use super::arguments::{Arguments, Mode};
use super::check::Check;
use super::coverage::{Sources, methods_of};
use super::excerpt;
use super::manifest::Manifest;
use super::model::{Flavour, Model};
use super::planted::Patch;
use super::processor::{Look, Stop, judge, parse};
use super::report::Report;

/// Everything that is not as it should be.
pub(crate) fn problems() -> Vec<String> {
    let mut problems = Vec::new();
    public_functions_are_found_where_they_stand(&mut problems);
    text_that_is_no_code_is_not_read(&mut problems);
    manifest_refuses_what_does_not_fit(&mut problems);
    command_line_is_read(&mut problems);
    report_survives_the_way_to_the_parent(&mut problems);
    patch_header_is_read(&mut problems);
    an_excerpt_has_whole_items(&mut problems);
    processor_time_decides(&mut problems);
    problems
}

/// Notes a problem unless `actual` is `expected`.
fn expect<T: PartialEq + core::fmt::Debug>(
    problems: &mut Vec<String>,
    what: &str,
    expected: &T,
    actual: &T,
) {
    if expected != actual {
        problems.push(format!("{what}: expected {expected:?}, found {actual:?}"));
    }
}

/// A face's source with everything the reader must cope with.
const FACE: &str = r##"
#![doc = "pub fn in_a_string() { }"]
//! pub fn in_a_comment() { /* { */ }
use super::{Lock, line::{self, Line}};
pub fn block_on<F: Fn() -> T, T>(f: F) -> T { f() }
fn private() { let close = '}'; let open = b"{\"{"; let raw = r#"}"}"#; }
impl<'a, T: ?Sized + Iterator<Item = [u8; 4]>> super::Lock<'a, T> {
    #[must_use = "éè ] { '"]
    pub const fn new(value: [u8; { 2 + 2 }]) -> Self { Self { value } }
    constructor! { pub const fn made_const() -> Self { Self {} } }
    #[inline] pub unsafe fn lock(&'a self) -> Guard<'a> where T: Send { loop { if x { break } } }
    pub(crate) fn hidden(&self) {}
}
impl<F, R> Deref for Guard<'_, F> where F: for<'b> Fn(&'b R) { fn deref(&self) {} }
impl<T> Extra for &mut Lock<T> { pub fn odd(&self) {} }
macro_rules! twice {
    ($name:ident, $(#[$meta:meta])* pub fn $method:ident) => {
        impl<T> $name<T> { $(#[$meta])* pub fn wait(&self) { $crate::wait() } }
        impl Event { pub fn set(&self) {} }
        impl Both { pub fn $method(&self) {} }
    };
}
twice! { Event; pub fn made(&self) {} }
mod inner { pub fn nested() {} struct Plain { field: fn(u8) } pub async fn last() {} }
"##;

fn public_functions_are_found_where_they_stand(problems: &mut Vec<String>) {
    let methods = methods_of(Path::new("src/semaphore/thread_acquire.rs"), FACE);
    let found: Vec<(&str, bool)> = methods
        .iter()
        .map(|m| (m.name.as_str(), m.associated))
        .collect();
    let expected = vec![
        ("thread::block_on", false),
        ("thread::Lock::new", true),
        ("thread::Lock::made_const", true),
        ("thread::Lock::lock", true),
        ("thread::Lock::odd", true),
        ("thread::macro::wait", true),
        ("thread::Event::set", true),
        ("thread::Both::$method", true),
        ("thread::macro::made", true),
        ("thread::nested", false),
        ("thread::last", false),
    ];
    expect(problems, "public functions", &expected, &found);
    let place = methods.first().map(|method| method.place.as_str());
    expect(
        problems,
        "the line of a function",
        &Some("src/semaphore/thread_acquire.rs:5"),
        &place,
    );
}

fn text_that_is_no_code_is_not_read(problems: &mut Vec<String>) {
    let calls = |body: &str, name: &str| {
        let functions = super::source::functions(&format!("fn model() {{ {body} }}"));
        functions
            .first()
            .map(|f| super::source::calls(&f.body, name, true))
    };
    for (body, called) in [
        ("shared.lock();", true),
        ("shared\n    .lock()\n    .unwrap();", true),
        ("Lock::lock(&shared);", true),
        ("shared.lock::<u8>();", true),
        ("shared.lock;", false),
        ("lock();", false),
        ("shared.try_lock(); shared.lock_owned();", false),
        ("// shared.lock();\n", false),
        ("/* /* */ shared.lock(); */", false),
        ("println!(\"shared.lock()\");", false),
        ("let quote = '\"'; shared.lock(); let quote = '\"';", true),
        ("let r#type = 'a; br\"\\\"; shared.lock();", true),
    ] {
        expect(problems, body, &Some(called), &calls(body, "lock"));
    }
}

fn manifest_refuses_what_does_not_fit(problems: &mut Vec<String>) {
    const FILE: &str = "tests/loom/lock.rs";
    let sources = {
        let mut sources = Sources::default();
        sources.add(
            FILE,
            "mod on { pub fn locking(c: Check) { c.run(|_| lock.lock()); } } fn idle(c: Check) {}",
        );
        sources
    };
    let nothing = |check: Check| drop(check);
    let models = [
        Model::new("lock/thread/locking", FILE, "on::locking", nothing),
        Model::new("lock/thread/idle", FILE, "idle", nothing),
        Model::new("lock/task/unlisted", FILE, "gone", nothing),
    ];
    let face = "impl Lock { pub fn lock(&self) {} pub fn new() {} pub fn wait(&self) {} pub fn fresh() {} }";
    let methods = methods_of(Path::new("src/lock/thread.rs"), face);
    let problems_of = |text: &str| Manifest::parse(text).problems(&models, &methods, &sources);

    let good = "[models]\nlock/thread/locking\nlock/thread/idle\nlock/task/unlisted\n\
        [waits]\nthread::Lock::lock = lock/thread/locking\n\
        [never waits]\n# constructors\nthread::Lock::new\nthread::Lock::wait\nthread::Lock::fresh\n";
    expect(
        problems,
        "a manifest that fits",
        &Vec::new(),
        &problems_of(good),
    );

    for (old, new, complaint) in [
        (
            "lock/task/unlisted\n",
            "",
            "`lock/task/unlisted` is not listed in [models]",
        ),
        (
            "lock/task/unlisted",
            "lock/task/unlisted\nlock/task/lost",
            "`lock/task/lost` is listed, but there is no such model",
        ),
        (
            "thread::Lock::fresh\n",
            "",
            "src/lock/thread.rs:1: `thread::Lock::fresh` is neither in [waits] nor in [never waits]",
        ),
        (
            "thread::Lock::new\n",
            "thread::Lock::new\nthread::Lock::lock\n",
            "`thread::Lock::lock` is in [waits] and in [never waits]",
        ),
        (
            "thread::Lock::new",
            "thread::Lock::new\nthread::Lock::old",
            "`thread::Lock::old` is listed, but there is no such public method",
        ),
        (
            "= lock/thread/locking",
            "= lock/thread/idle",
            "the body of `lock/thread/idle` does not call `lock`",
        ),
        (
            "= lock/thread/locking",
            "= lock/task/unlisted",
            "`lock/task/unlisted` is about the other face",
        ),
        (
            "= lock/thread/locking",
            "= lock/thread/nowhere",
            "there is no model `lock/thread/nowhere`",
        ),
        (
            "thread::Lock::new\n",
            "thread::Lock::new\nthread::Lock::new\n",
            "`thread::Lock::new` stands there twice",
        ),
        ("[never waits]", "[nothing]", "does not belong in [nothing]"),
    ] {
        let found = problems_of(&good.replacen(old, new, 1));
        if !found.iter().any(|problem| problem.contains(complaint)) {
            problems.push(format!(
                "the manifest should say `{complaint}`, but says {found:?}"
            ));
        }
    }
    let unseen = Manifest::parse("").problems(&[], &[], &sources);
    expect(
        problems,
        "complaints if no method is found",
        &1,
        &unseen.len(),
    );
}

fn command_line_is_read(problems: &mut Vec<String>) {
    let parse = |line: &str| Arguments::parse(line.split_whitespace().map(str::to_owned));
    let mode = |line: &str| parse(line).ok().map(|arguments| arguments.mode);
    let child = Mode::Child("a/b/c".to_owned(), Flavour::Rmw);
    expect(problems, "no argument", &Some(Mode::Models), &mode(""));
    expect(
        problems,
        "a child",
        &Some(child),
        &mode("--model a/b/c --flavour rmw"),
    );
    expect(
        problems,
        "a child without a flavour",
        &None,
        &mode("--model a/b/c"),
    );
    expect(problems, "no such flavour", &None, &mode("--flavour sweet"));
    expect(
        problems,
        "no such option",
        &None,
        &mode("--models --nocapture"),
    );
    expect(problems, "no jobs", &None, &mode("--jobs 0"));
    let Ok(filtered) = parse("--models lock/ event") else {
        problems.push("a command line with filters was refused".to_owned());
        return;
    };
    let wanted =
        ["lock/thread/a", "event/task/b", "semaphore/task/c"].map(|name| filtered.want(name));
    expect(
        problems,
        "names that two filters want",
        &[true, true, false],
        &wanted,
    );
}

fn report_survives_the_way_to_the_parent(problems: &mut Vec<String>) {
    let outcomes = vec![("granted".to_owned(), 800), ("timed out".to_owned(), 434)];
    let report = Report {
        executions: 1234,
        combinations: 6,
        outcomes,
    };
    let output = format!("combination 1 of 6\n{}", report.to_lines());
    let words = "1234 executions in 6 combinations, granted 800, timed out 434";
    expect(
        problems,
        "a report in words",
        &words.to_owned(),
        &report.to_string(),
    );
    expect(problems, "a report", &Ok(report), &Report::read(&output));
    expect(
        problems,
        "two reports",
        &true,
        &Report::read(&output.repeat(2)).is_err(),
    );
    expect(
        problems,
        "no report",
        &true,
        &Report::read("combination 1 of 6").is_err(),
    );
    expect(
        problems,
        "half a report",
        &true,
        &Report::read("@executions many").is_err(),
    );
}

fn patch_header_is_read(problems: &mut Vec<String>) {
    let header = "Bug: unlock is Relaxed\n on both faces\nDies of: lock/thread/handover rmw\nExpect: Causality\n\
        Dies of: lock/task/handover\nExpect: deadlock\n\n--- a/src/x.rs\n+++ b/src/x.rs\nBug: no header\n";
    let deaths = Patch::parse("01-x", header).map(|patch| patch.deaths.len());
    expect(problems, "a patch with two deaths", &Ok(2), &deaths);
    for missing in [
        "Bug:",
        "Dies of: lock/thread/handover rmw",
        "Expect: Causality",
        "--- a/src/x.rs",
    ] {
        let patch = Patch::parse("01-x", &header.replacen(missing, "", 1));
        expect(
            problems,
            &format!("a patch without `{missing}`"),
            &true,
            &patch.is_err(),
        );
    }
}

fn an_excerpt_has_whole_items(problems: &mut Vec<String>) {
    let main = "\
#![cfg_attr(
    loom,
    expect(lint)
)]
#[cfg(loom)]
#[expect(
    dead_code,
    reason = \"\"
)]
mod history;
#[cfg(loom)]
mod kit;
#[cfg(loom)]
mod lock;
#[cfg(loom)]
const MODELS: &[] = &[
    kit::MODELS,
    lock::MODELS,
];
";
    let kept = ["kit".to_owned()].into();
    let wanted = "\
#![cfg_attr(
    loom,
    expect(lint)
)]
#[cfg(loom)]
mod kit;
#[cfg(loom)]
const MODELS: &[] = &[
    kit::MODELS,
];
"
    .to_owned();
    expect(
        problems,
        "an excerpt",
        &wanted,
        &excerpt::excerpt(main, &kept),
    );
    let all = excerpt::modules(main);
    let expected = ["history", "kit", "lock"].map(str::to_owned).to_vec();
    expect(problems, "modules", &expected, &all);
    let whole = excerpt::excerpt(main, &all.into_iter().collect());
    expect(
        problems,
        "an excerpt of everything",
        &main.to_owned(),
        &whole,
    );
}

fn processor_time_decides(problems: &mut Vec<String>) {
    let seconds = Duration::from_secs;
    let look = |used: u64, sleeps: bool| Look {
        used: seconds(used),
        sleeps,
    };
    let limit = seconds(100);
    for (what, wall, before, now, expected) in [
        (
            "a process that has had half of its time",
            50,
            look(48, false),
            look(50, false),
            Ok(seconds(2)),
        ),
        (
            "a process that has had its time",
            200,
            look(99, false),
            look(100, false),
            Err(Stop::TimeIsUp),
        ),
        (
            "a process on a busy machine",
            1999,
            look(10, false),
            look(10, false),
            Ok(seconds(2)),
        ),
        (
            "a process on a machine that is too busy",
            2000,
            look(10, false),
            look(10, false),
            Err(Stop::Starved),
        ),
        (
            "a process that sleeps",
            4,
            look(1, true),
            look(1, true),
            Err(Stop::Hangs),
        ),
        (
            "a process that has slept and goes on",
            4,
            look(1, true),
            look(2, true),
            Ok(seconds(2)),
        ),
    ] {
        let judged = judge(limit, seconds(wall), before, now);
        expect(problems, what, &expected, &judged);
    }
    let stat = "7 (a) b (c) S 1 7 7 0 -1 4194304 90 0 0 0 123 45 6 7 20 0 1 0 1 2 3";
    let asleep = Look {
        used: Duration::from_millis(1680),
        sleeps: true,
    };
    expect(problems, "a process in /proc", &Some(asleep), &parse(stat));
    expect(problems, "no process", &None, &parse("7 (a) S 1 7"));
}
