//! The short programs of `examples/small`, run as a reader runs them.

#![cfg(all(feature = "pool", not(syncline_loom)))]

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

#[path = "support/watch.rs"]
mod watch;

/// The built example: `cargo test` puts it beside the directory of the test binaries.
fn small(arguments: &[&str]) -> Output {
    let here = env::current_exe().expect("a test knows its own path");
    let profile = here
        .ancestors()
        .nth(2)
        .expect("tests are built in target/<profile>/deps");
    let example = profile
        .join("examples/small")
        .with_extension(env::consts::EXE_EXTENSION);
    assert!(
        example.exists(),
        "{} is missing: `cargo test` builds it, `cargo test --test small` alone needs \
         `cargo build --example small` first",
        example.display()
    );
    Command::new(example)
        .args(arguments)
        .output()
        .expect("the program starts")
}

/// What it printed, if it succeeded.
fn printed(arguments: &[&str]) -> String {
    let output = small(arguments);
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("it prints text")
}

/// The names of the files beside `main.rs`.
fn files() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/small");
    fs::read_dir(folder)
        .expect("the examples are there")
        .map(|entry| entry.expect("the folder can be read").path())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| name != "main")
        .collect()
}

#[test]
fn each_file_is_a_program_and_each_program_does_what_it_claims() {
    watch::watched(&"examples/small", || {
        let listed = printed(&["--list"]);
        assert_eq!(
            listed.lines().map(str::to_owned).collect::<BTreeSet<_>>(),
            files()
        );
        let all = printed(&[]);
        for name in files() {
            assert!(
                all.lines().any(|line| line == format!("--- {name}")),
                "{name} was not run:\n{all}"
            );
        }
    });
}

#[test]
fn a_program_is_chosen_by_its_name() {
    let printed = printed(&["event"]);
    assert!(printed.starts_with("--- event\n"), "{printed}");
    assert_eq!(printed.matches("---").count(), 1, "{printed}");
}

#[test]
fn a_name_that_is_none_is_refused() {
    let output = small(&["evnet"]);
    assert!(!output.status.success());
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(complaint.contains("evnet"), "{complaint}");
}

/// A link in the first table of README.md for each program, and a program for each link.
#[test]
fn the_readme_links_to_each_program() {
    let readme = include_str!("../README.md");
    let linked: BTreeSet<_> = readme
        .split("(examples/small/")
        .skip(1)
        .filter_map(|rest| rest.split_once(".rs)"))
        .map(|(name, _)| name.to_owned())
        .collect();
    let mut programs = files();
    // The chapter `threads-or-tasks` shows what this one measures.
    programs.remove("threads_or_tasks");
    assert_eq!(linked, programs);
}
