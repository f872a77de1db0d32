//! What the compiler refuses: each program in `compile_fail/refused` has a twin of the same name in
//! `compile_fail/accepted`, which differs in the one point that matters, and compiles.
//!
//! The expected messages are those of the oldest supported compiler. Another one words them
//! differently, so with it only the twins are compiled (and the `compile_fail` examples of the
//! guards). After a change, look at what `TRYBUILD=overwrite cargo test --test compile_fail` makes of
//! the `.stderr` files.
#![cfg(all(feature = "pool", not(syncline_loom)))]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The compiler whose words are in the `.stderr` files.
const COMPILER: &str = "rustc 1.95.";

/// The names of the programs in a folder.
fn programs(folder: &str) -> BTreeSet<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = fs::read_dir(root.join("tests/compile_fail").join(folder)).unwrap();
    let names = entries.map(|entry| PathBuf::from(entry.unwrap().file_name()));
    names
        .filter(|name| name.extension().is_some_and(|kind| kind == "rs"))
        .collect()
}

#[test]
fn each_program_that_is_refused_has_a_twin_that_is_not() {
    let refused = programs("refused");
    assert!(refused.len() >= 10);
    assert_eq!(refused, programs("accepted"));
}

#[test]
fn what_must_not_compile_does_not_and_its_twin_does() {
    let compiler = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let version = Command::new(compiler).arg("--version").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let tests = trybuild::TestCases::new();
    tests.pass("tests/compile_fail/accepted/*.rs");
    if version.starts_with(COMPILER) {
        tests.compile_fail("tests/compile_fail/refused/*.rs");
    }
}
