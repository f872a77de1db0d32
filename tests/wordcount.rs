//! The `wordcount` example, run as a user runs it: arguments in, text and exit code out.

#![cfg(all(feature = "pool", not(syncline_loom)))]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The built example: `cargo test` puts it beside the directory of the test binaries.
fn wordcount() -> Command {
    let here = env::current_exe().expect("a test knows its own path");
    let profile = here
        .ancestors()
        .nth(2)
        .expect("tests are built in target/<profile>/deps");
    let example = profile
        .join("examples/wordcount")
        .with_extension(env::consts::EXE_EXTENSION);
    assert!(
        example.exists(),
        "{} is missing: `cargo test` builds it, `cargo test --test wordcount` alone needs \
         `cargo build --example wordcount` first",
        example.display()
    );
    Command::new(example)
}

/// What one run printed, and how it ended.
struct Outcome {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Outcome {
    /// The value of a line `name: value …`.
    fn number(&self, name: &str) -> u64 {
        let line = self.stdout.lines().find_map(|line| {
            let value = line.strip_prefix(name)?.strip_prefix(':')?;
            value.split_whitespace().next()?.parse().ok()
        });
        line.unwrap_or_else(|| panic!("no number `{name}` in:\n{}{}", self.stdout, self.stderr))
    }

    /// The commonest words, with their counts.
    fn commonest(&self) -> Vec<(u64, &str)> {
        let words = self.stdout.lines().filter(|line| line.starts_with(' '));
        words
            .map(|line| {
                let (times, word) = line.trim_start().split_once("  ").expect("two columns");
                (times.parse().expect("a count"), word)
            })
            .collect()
    }

    /// Everything but the number of workers and the times, which differ from run to run.
    fn counted(&self) -> Vec<&str> {
        let measured = ["jobs:", "time:", "speed-up:"];
        self.stdout
            .lines()
            .filter(|line| !measured.iter().any(|name| line.starts_with(name)))
            .collect()
    }
}

fn run(command: &mut Command) -> Outcome {
    let output = command
        .stdin(Stdio::null())
        .output()
        .expect("the example starts");
    let text = |bytes| String::from_utf8(bytes).expect("the example prints UTF-8");
    Outcome {
        code: output.status.code(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

fn count(folder: &Path, flags: &[&str]) -> Outcome {
    let outcome = run(wordcount().args(flags).arg(folder));
    assert_eq!(Some(0), outcome.code, "{}", outcome.stderr);
    assert_eq!(
        "", outcome.stderr,
        "nothing is drawn where stderr is no terminal"
    );
    outcome
}

/// A refused request: one line on stderr, nothing on stdout, exit code 2.
fn refused(flags: &[&str]) -> String {
    let outcome = run(wordcount().args(flags));
    assert_eq!(
        Some(2),
        outcome.code,
        "{flags:?}: {}{}",
        outcome.stdout,
        outcome.stderr
    );
    assert_eq!("", outcome.stdout, "{flags:?}");
    assert_eq!(1, outcome.stderr.lines().count(), "{}", outcome.stderr);
    outcome.stderr
}

/// A fresh, empty folder of this test.
fn tree(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("wordcount")
        .join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("the last run's folder can be removed");
    }
    fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

fn put(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    let file = folder.join(name);
    fs::create_dir_all(file.parent().expect("it has a folder")).expect("a folder can be made");
    fs::write(file, content).expect("a file can be written");
}

#[test]
fn counts_words_in_lower_case_over_all_folders() {
    let folder = tree("words");
    put(&folder, "one.txt", "The cat, the CAT; don't: the 'dog'.\n");
    put(&folder, "deep/er/two.txt", "Über über 42 the");
    put(&folder, "deep/none.txt", "");
    fs::create_dir(folder.join("empty")).expect("a folder can be made");
    let outcome = count(&folder, &[]);
    assert_eq!(3, outcome.number("files"));
    assert_eq!(11, outcome.number("words"));
    assert_eq!(6, outcome.number("distinct"));
    let expected = [
        (4, "the"),
        (2, "cat"),
        (2, "über"),
        (1, "42"),
        (1, "dog"),
        (1, "don't"),
    ];
    assert_eq!(expected.as_slice(), outcome.commonest());
}

#[test]
fn words_survive_the_seams_between_the_pieces_of_a_large_file() {
    let folder = tree("seams");
    // The 7 bytes of a word divide no power of two: the seams fall everywhere inside it.
    put(&folder, "spaces.txt", "añbñ ".repeat(100_000));
    let outcome = count(&folder, &[]);
    assert_eq!(vec![(100_000, "añbñ")], outcome.commonest());
}

#[test]
fn a_giant_word_counts_in_pieces_and_stays_text() {
    let folder = tree("giant");
    put(&folder, "giant.txt", "x".to_owned() + &"é".repeat(100_000));
    let outcome = count(&folder, &[]);
    assert_eq!(1, outcome.number("files"));
    assert_eq!(0, outcome.number("binary"));
    assert_eq!(
        4,
        outcome.number("words"),
        "200,001 bytes in pieces of 64 KiB"
    );
}

#[test]
fn binary_files_are_skipped_and_leave_no_words_behind() {
    let folder = tree("binary");
    put(&folder, "text.txt", "fine");
    put(&folder, "nul.bin", "early \0");
    put(&folder, "latin1.txt", b"caf\xe9");
    put(
        &folder,
        "cut.txt",
        "half a letter é".as_bytes().split_last().expect("text").1,
    );
    let late = "late ".repeat(50_000) + "\0";
    put(&folder, "late.bin", late);
    let outcome = count(&folder, &[]);
    assert_eq!(1, outcome.number("files"));
    assert_eq!(4, outcome.number("binary"));
    assert_eq!(4, outcome.number("bytes"));
    assert_eq!(vec![(1, "fine")], outcome.commonest());
}

#[cfg(unix)]
#[test]
fn links_are_counted_as_files_unless_they_lead_nowhere_or_in_circles() {
    use std::os::unix::fs::symlink;

    let folder = tree("links");
    put(&folder, "text.txt", "once");
    symlink("text.txt", folder.join("link")).expect("links can be made");
    symlink("nowhere", folder.join("dangling")).expect("links can be made");
    symlink("itself", folder.join("itself")).expect("links can be made");
    symlink(".", folder.join("circle")).expect("links can be made");
    let outcome = count(&folder, &[]);
    assert_eq!(2, outcome.number("files"));
    assert_eq!(2, outcome.number("words"));
    assert_eq!(
        2,
        outcome.number("unreadable"),
        "the dangling link, and the one to itself"
    );
}

#[cfg(unix)]
#[test]
fn unreadable_files_are_counted_apart() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tree("unreadable");
    put(&folder, "open.txt", "open");
    put(&folder, "shut.txt", "shut");
    let shut = folder.join("shut.txt");
    fs::set_permissions(&shut, fs::Permissions::from_mode(0o0)).expect("the mode can be set");
    // The superuser reads it all the same.
    let readable = u64::from(fs::read(&shut).is_ok());
    let outcome = count(&folder, &[]);
    assert_eq!(1 + readable, outcome.number("files"));
    assert_eq!(1 - readable, outcome.number("unreadable"));
}

#[cfg(target_os = "linux")]
#[test]
fn files_that_fail_while_they_are_read_are_unreadable() {
    let folder = tree("failing");
    // It opens, and its first page is mapped by nobody.
    std::os::unix::fs::symlink("/proc/self/mem", folder.join("memory")).expect("links can be made");
    let outcome = count(&folder, &[]);
    assert_eq!(0, outcome.number("files"));
    assert_eq!(1, outcome.number("unreadable"));
}

#[cfg(unix)]
#[test]
fn pipes_are_left_alone() {
    let folder = tree("pipes");
    let made = Command::new("mkfifo").arg(folder.join("pipe")).status();
    assert!(made.expect("mkfifo is part of every Unix").success());
    let outcome = count(&folder, &[]);
    assert_eq!(0, outcome.number("files") + outcome.number("unreadable"));
}

#[test]
fn one_job_and_eight_find_the_same() {
    let folder = tree("same");
    for number in 0..200 {
        let text = format!("common word{} ", number % 7).repeat(number * 20);
        put(&folder, &format!("{}/{number}.txt", number % 5), text);
    }
    put(&folder, "odd.bin", [0]);
    let one = count(&folder, &["--jobs", "1"]);
    let eight = count(&folder, &["--jobs=8"]);
    assert_eq!(8, eight.number("jobs"));
    assert_eq!(200, one.number("files"));
    assert_eq!(2 * 20 * (199 * 200 / 2), one.number("words"));
    assert_eq!(one.counted(), eight.counted());
}

#[test]
fn an_empty_tree_is_no_error() {
    let outcome = count(&tree("nothing"), &["--compare"]);
    assert_eq!(0, outcome.number("files"));
    assert_eq!(0, outcome.number("words"));
    assert!(outcome.stdout.contains("speed-up:"), "{}", outcome.stdout);
}

#[test]
fn without_a_folder_the_sources_are_counted() {
    let outcome = run(&mut wordcount());
    assert_eq!(Some(0), outcome.code, "{}", outcome.stderr);
    assert!(outcome.number("files") > 0);
}

#[test]
fn a_missing_folder_is_named() {
    let missing = tree("missing").join("gone");
    let message = refused(&[missing.to_str().expect("a UTF-8 path")]);
    assert!(message.contains("gone"), "{message}");
    let file = tree("no-folder");
    put(&file, "file.txt", "text");
    refused(&[file.join("file.txt").to_str().expect("a UTF-8 path")]);
}

#[test]
fn wrong_requests_are_refused() {
    for (flags, named) in [
        (["--jobs", "0"].as_slice(), "0"),
        (&["--jobs=many"], "many"),
        (&["--jobs", "99999999999999999999"], "99999999999999999999"),
        (&["--jobs"], "--jobs"),
        (&["--generate", "0"], "--generate"),
        (&["--generate", "1", "."], "DIR"),
        (&["--frobnicate"], "--frobnicate"),
        (&[".", "."], "DIR"),
    ] {
        let message = refused(flags);
        assert!(message.contains(named), "{flags:?}: {message}");
    }
}

#[test]
fn help_goes_to_stdout() {
    let outcome = run(wordcount().arg("--help"));
    assert_eq!(Some(0), outcome.code);
    assert_eq!("", outcome.stderr);
    for flag in ["--jobs", "--compare", "--generate", "DIR"] {
        assert!(outcome.stdout.contains(flag), "{flag} is not explained");
    }
}

#[test]
fn generated_text_is_counted_compared_and_removed() {
    let temporary = tree("generated");
    let mut command = wordcount();
    command.args(["--generate", "1", "--jobs", "2"]);
    for variable in ["TMPDIR", "TMP", "TEMP"] {
        command.env(variable, &temporary);
    }
    let outcome = run(&mut command);
    assert_eq!(Some(0), outcome.code, "{}", outcome.stderr);
    assert!(outcome.number("bytes") >= 1024 * 1024);
    assert!(outcome.stdout.contains("speed-up:"), "{}", outcome.stdout);
    assert_eq!(10, outcome.commonest().len());
    let left = fs::read_dir(&temporary)
        .expect("the folder is there")
        .count();
    assert_eq!(0, left, "the generated text was left behind");
}

#[test]
fn text_that_cannot_be_generated_is_a_failure() {
    let mut command = wordcount();
    command.args(["--generate", "1"]);
    for variable in ["TMPDIR", "TMP", "TEMP"] {
        command.env(variable, tree("no-temporary").join("gone"));
    }
    let outcome = run(&mut command);
    assert_eq!(Some(1), outcome.code, "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("cannot generate"),
        "{}",
        outcome.stderr
    );
}

#[cfg(unix)]
#[test]
fn a_reader_that_has_left_is_no_failure() {
    // The pipe's reading end is closed before the example writes to it: `true` ignores it.
    let mut reader = Command::new("true")
        .stdin(Stdio::piped())
        .spawn()
        .expect("true is part of every Unix");
    let writing_end = reader.stdin.take().expect("it is piped");
    assert!(reader.wait().expect("it ends").success());
    let output = wordcount()
        .arg("--help")
        .stdin(Stdio::null())
        .stdout(writing_end)
        .stderr(Stdio::piped())
        .output()
        .expect("the example starts");
    assert_eq!(Some(0), output.status.code());
    assert_eq!(b"".as_slice(), output.stderr);
}
