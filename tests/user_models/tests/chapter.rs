//! What the chapter `docs/model-checking.md` shows is what this crate does.

use std::fs;
use std::path::Path;

/// The blocks of the chapter that are marked with the path of a file, and the text that is said to be printed.
fn blocks() -> Vec<(String, String)> {
    let chapter = include_str!("../../../docs/model-checking.md");
    let mut blocks = Vec::new();
    let mut lines = chapter.lines();
    while let Some(line) = lines.next() {
        let Some(path) = line
            .strip_prefix("<!-- file: ")
            .and_then(|rest| rest.strip_suffix(" -->"))
        else {
            continue;
        };
        assert!(
            lines.next().is_some_and(|fence| fence.starts_with("```")),
            "a block follows `{path}`"
        );
        let mut text = String::new();
        for line in lines.by_ref().take_while(|line| *line != "```") {
            // Lines that rustdoc hides keep the block out of builds that have no loom.
            if !line.starts_with("# ") {
                text.push_str(line);
                text.push('\n');
            }
        }
        blocks.push((path.to_owned(), text));
    }
    blocks
}

#[test]
fn every_file_of_the_chapter_is_one_of_this_crate() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let blocks = blocks();
    let paths: Vec<_> = blocks.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "Cargo.toml",
            ".cargo/config.toml",
            "src/countdown.rs",
            "tests/countdown.rs"
        ]
    );
    for (path, text) in blocks {
        let file = fs::read_to_string(here.join(&path)).unwrap();
        if Path::new(&path).extension().is_some_and(|it| it == "toml") {
            // The file says more. What the chapter shows of it stands there, in this order.
            let mut lines = file.lines();
            for line in text.lines().filter(|line| !line.is_empty()) {
                assert!(
                    lines.any(|other| other == line),
                    "`{line}` is not in {path}"
                );
            }
        } else {
            assert_eq!(text, file, "{path}");
        }
    }
}

#[test]
fn the_line_that_the_failure_names_is_the_one_that_waits() {
    let chapter = include_str!("../../../docs/model-checking.md");
    let (_, rest) = chapter
        .split_once("sleeps since tests/countdown.rs:")
        .expect("the chapter shows the failure");
    let number = rest.split(':').next().unwrap();
    let number: usize = number.parse().unwrap();
    let line = include_str!("countdown.rs")
        .lines()
        .nth(number - 1)
        .unwrap();
    assert!(line.contains("self.zero.wait("), "{line}");
}
