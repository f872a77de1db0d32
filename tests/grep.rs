//! The `grep` example, run as a user runs it, and held against the grep of the system.

#![cfg(all(feature = "pool", not(syncline_loom)))]

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[path = "support/watch.rs"]
mod watch;

/// The built example: `cargo test` puts it beside the directory of the test binaries.
fn example() -> Command {
    let here = env::current_exe().expect("a test knows its own path");
    let profile = here
        .ancestors()
        .nth(2)
        .expect("tests are built in target/<profile>/deps");
    let example = profile
        .join("examples/grep")
        .with_extension(env::consts::EXE_EXTENSION);
    assert!(
        example.exists(),
        "{} is missing: `cargo test` builds it, `cargo test --test grep` alone needs \
         `cargo build --example grep` first",
        example.display()
    );
    Command::new(example)
}

/// What one run printed, and how it ended.
struct Outcome {
    code: Option<i32>,
    stdout: Vec<u8>,
    stderr: String,
}

impl Outcome {
    fn lines(&self) -> Vec<&[u8]> {
        self.stdout.split_inclusive(|byte| *byte == b'\n').collect()
    }

    fn sorted(&self) -> Vec<String> {
        let mut lines: Vec<_> = self.lines().into_iter().map(readable).collect();
        lines.sort_unstable();
        lines
    }

    fn text(&self) -> &str {
        core::str::from_utf8(&self.stdout).expect("this run prints UTF-8")
    }
}

/// A line as a message can show it. Different lines stay different.
fn readable(line: &[u8]) -> String {
    line.escape_ascii().to_string()
}

fn run(command: &mut Command) -> Outcome {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let output = watched(child.id(), || child.wait_with_output());
    let output = output.expect("the program ends");
    Outcome {
        code: output.status.code(),
        stdout: output.stdout,
        stderr: String::from_utf8(output.stderr).expect("messages are UTF-8"),
    }
}

/// Runs `f`, which waits for a child: one that hangs is killed, and the test with it.
fn watched<T>(child: u32, f: impl FnOnce() -> T) -> T {
    let state = move || {
        kill("KILL", child);
        format!("the child {child} has been killed")
    };
    watch::watchdog("the search", watch::LIMIT, state, f)
}

/// Sends a signal, where there are signals.
fn kill(signal: &str, child: u32) {
    let mut shell = Command::new("sh");
    shell.args(["-c", "kill -s \"$0\" \"$1\"", signal, &child.to_string()]);
    let sent = shell.status().is_ok_and(|status| status.success());
    assert!(sent || !cfg!(unix), "every Unix has a shell");
}

fn search(pattern: &str, folder: &Path, flags: &[&str]) -> Outcome {
    run(example().args(flags).arg("--").arg(pattern).arg(folder))
}

/// A search that goes well, whether it finds something or not.
fn found(pattern: &str, folder: &Path, flags: &[&str]) -> Outcome {
    let outcome = search(pattern, folder, flags);
    assert_eq!("", outcome.stderr, "{pattern}");
    let expected = i32::from(outcome.stdout.is_empty());
    assert_eq!(Some(expected), outcome.code, "{pattern}");
    outcome
}

/// A refused request: a message on stderr, nothing on stdout, exit code 2.
fn refused<S: AsRef<OsStr>>(args: &[S]) -> String {
    let outcome = run(example().args(args));
    assert_eq!(Some(2), outcome.code, "{}", outcome.stderr);
    assert_eq!(b"".as_slice(), outcome.stdout, "{}", outcome.stderr);
    outcome.stderr
}

/// A fresh, empty folder of this test.
fn tree(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("grep")
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

/// Files of every kind that a search may meet. All can be read.
fn mixed(folder: &Path) {
    put(folder, "plain.txt", "one needle\nnone\nneedle two\n");
    put(folder, "deep/er/no_newline.txt", "hay\nthe last needle");
    put(folder, "deep/empty.txt", "");
    put(folder, "deep/empty_lines.txt", "\n\nneedle\n\n");
    put(folder, "deep.txt", "needle: after `deep/` in our order\n");
    put(folder, "nul.bin", "needle\n\0\nneedle\n");
    put(folder, "latin1.txt", b"a needle in a caf\xe9\n\xff\n");
    put(folder, "utf8.txt", "eine Nähnadel, a needle\n");
    put(folder, "dos.txt", "needle\r\nhay\r\n");
    put(folder, "no_extension", "needle");
    put(folder, "a b: c.txt", "a name with blanks, needle\n");
    // Longer than any buffer, with a needle at its very end, and one across a seam.
    let long = "hay ".repeat(50_000);
    put(folder, "long.txt", format!("{long}needle\n{long}\n"));
    put(
        folder,
        "seam.txt",
        format!("{}needle\n", "x".repeat(65_533)),
    );
    put(
        folder,
        "many.txt",
        "needle, and nothing else\n".repeat(5000),
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink("plain.txt", folder.join("link")).expect("links can be made");
        symlink("nowhere", folder.join("dangling")).expect("links can be made");
        symlink(".", folder.join("circle")).expect("links can be made");
    }
}

/// Says what is not tested, past the test harness, which would keep it to itself.
fn skip(why: &str) {
    drop(writeln!(io::stderr(), "SKIPPED: {why}"));
}

/// What the grep of the system finds, or `None` if there is none that knows these options.
fn system_grep(pattern: &str, folder: &Path) -> Option<Outcome> {
    let gnu = Command::new("grep").arg("--version").output();
    if !gnu.is_ok_and(|output| output.stdout.windows(3).any(|word| word == b"GNU")) {
        skip("no GNU grep here to compare with");
        return None;
    }
    let mut command = Command::new("grep");
    command
        .args(["-rnE", "--binary-files=without-match", "-e", pattern, "--"])
        .arg(folder)
        .env("LC_ALL", "C")
        .env_remove("GREP_COLORS")
        .env_remove("GREP_OPTIONS");
    Some(run(&mut command))
}

/// Patterns that mean the same to both programs.
const COMMON: [&str; 12] = [
    "needle",
    "^needle",
    "needle$",
    "^$",
    "",
    "n[aeiou]{2}d.e",
    "(one|two) ?(needle)?",
    "^.{4}$",
    "[^a-z ]+e",
    "fn [a-z_]+\\(",
    "caf.$",
    "no such thing anywhere, not (even) here: \\[x\\]{3}",
];

#[test]
fn it_finds_what_the_grep_of_the_system_finds() {
    let folder = tree("mixed");
    mixed(&folder);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in [&folder, &root.join("src"), &root.join("docs")] {
        for pattern in COMMON {
            let Some(theirs) = system_grep(pattern, folder) else {
                return;
            };
            let ours = found(pattern, folder, &["--jobs", "3"]);
            assert!(
                ours.sorted() == theirs.sorted(),
                "`{pattern}` in {}: {} lines here, {} there; the first that differ are {:?}",
                folder.display(),
                ours.lines().len(),
                theirs.lines().len(),
                ours.sorted()
                    .into_iter()
                    .zip(theirs.sorted())
                    .find(|(ours, theirs)| ours != theirs)
            );
            assert_eq!(theirs.code, ours.code, "`{pattern}`");
        }
    }
}

#[test]
fn lines_come_with_path_and_number_and_as_they_are() {
    let folder = tree("lines");
    put(&folder, "b.txt", b"hay\nneedle \xe9\r\nneedle");
    put(&folder, "a/z.txt", "needle\n");
    let at = folder.display();
    let mut expected = format!("{at}/a/z.txt:1:needle\n{at}/b.txt:2:needle ").into_bytes();
    expected.extend(b"\xe9\r\n");
    expected.extend(format!("{at}/b.txt:3:needle\n").bytes());
    let outcome = found("needle", &folder, &[]);
    assert_eq!(readable(&expected), readable(&outcome.stdout));
}

#[test]
fn lines_come_in_the_order_of_the_paths_from_any_number_of_workers() {
    let folder = tree("order");
    for number in 0..600_usize {
        // The first files take longest, so that later ones are found before them.
        let lines = if number % 97 == 0 { 20_000 } else { 3 };
        let text = format!("hay\nneedle {number}\n").repeat(lines);
        put(&folder, &format!("{}/{number}.txt", number % 7), text);
    }
    let one = found("needle", &folder, &["--jobs", "1"]);
    for jobs in ["2", "8", "64"] {
        let many = found("needle", &folder, &["--jobs", jobs]);
        assert!(
            one.stdout == many.stdout,
            "{jobs} workers change the output"
        );
    }
    let places: Vec<(&Path, u64)> = one
        .text()
        .lines()
        .map(|line| {
            let mut parts = line.splitn(3, ':');
            let path = parts.next().expect("a path");
            let number = parts.next().expect("a number");
            (Path::new(path), number.parse().expect("a number"))
        })
        .collect();
    assert_eq!(600 * 3 + 7 * (20_000 - 3), places.len());
    assert!(places.is_sorted());
}

#[test]
fn a_file_with_a_nul_byte_anywhere_is_binary() {
    let folder = tree("binary");
    put(&folder, "late.bin", "needle\n".repeat(50_000) + "\0");
    put(&folder, "early.bin", "\0needle\n");
    put(&folder, "zeros.bin", vec![0; 1_000_000]);
    found("needle", &folder, &[]);
    assert_eq!(Some(1), search("needle", &folder, &[]).code);
}

#[cfg(unix)]
#[test]
fn pipes_are_not_opened_and_only_a_link_on_the_command_line_is_followed() {
    let folder = tree("special");
    let made = Command::new("mkfifo").arg(folder.join("pipe")).status();
    assert!(made.expect("mkfifo is part of every Unix").success());
    put(&folder, "real/text.txt", "needle\n");
    let link = folder.join("link");
    std::os::unix::fs::symlink("real", &link).expect("links can be made");
    let at = folder.display();
    let expected = format!("{at}/real/text.txt:1:needle\n");
    assert_eq!(expected, found("needle", &folder, &[]).text());
    let expected = format!("{at}/link/text.txt:1:needle\n");
    assert_eq!(expected, found("needle", &link, &[]).text());
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_named_and_the_search_goes_on() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tree("unreadable");
    put(&folder, "a.txt", "needle\n");
    put(&folder, "shut.txt", "needle\n");
    put(&folder, "shut/in.txt", "needle\n");
    put(&folder, "z.txt", "needle\n");
    let (file, inner) = (folder.join("shut.txt"), folder.join("shut"));
    let close = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the mode can be set");
    };
    close(&file, 0o0);
    close(&inner, 0o0);
    // The superuser reads it all the same.
    let may_read = fs::read(&file).is_ok();
    let outcome = search("needle", &folder, &[]);
    let theirs = system_grep("needle", &folder);
    close(&inner, 0o755);
    if let Some(theirs) = theirs {
        assert_eq!(theirs.sorted(), outcome.sorted());
        assert_eq!(theirs.code, outcome.code);
    }
    if may_read {
        skip("nothing is unreadable for the superuser");
        return;
    }
    assert_eq!(Some(2), outcome.code);
    assert_eq!(2, outcome.lines().len());
    let complaints: Vec<_> = outcome.stderr.lines().collect();
    assert_eq!(2, complaints.len(), "{}", outcome.stderr);
    assert!(complaints[0].contains("shut: "), "{}", complaints[0]);
    assert!(complaints[1].contains("shut.txt: "), "{}", complaints[1]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_fails_while_it_is_read_is_trouble() {
    // The memory of a thread opens, and its first page is mapped by nobody.
    let outcome = search("^Name:", Path::new("/proc/self/task"), &["--jobs", "2"]);
    assert_eq!(Some(2), outcome.code, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("/mem: "), "{}", outcome.stderr);
    assert!(outcome.text().contains("/status:1:Name:"));
}

#[test]
fn nothing_found_is_exit_code_one() {
    let folder = tree("nothing");
    assert_eq!(Some(1), search("needle", &folder, &[]).code);
    put(&folder, "hay.txt", "hay");
    assert_eq!(Some(1), search("needle", &folder, &["--verbose"]).code);
    assert_eq!(Some(0), search("hay", &folder, &["--verbose"]).code);
}

#[test]
fn wrong_requests_are_refused() {
    for (args, named) in [
        (["(", "."].as_slice(), "bad pattern"),
        (&["x", "gone"], "gone"),
        (&["x", "Cargo.toml"], "Cargo.toml"),
        (&["x"], "DIR"),
        (&[], "PATTERN"),
        (&["x", ".", "."], "DIR"),
        (&["--jobs", "0", "x", "."], "0"),
        (&["--jobs=many", "x", "."], "many"),
        (&["--jobs"], "--jobs"),
        (&["--generate", "0"], "--generate"),
        (&["--generate", "1", "x"], "PATTERN"),
        (&["--frobnicate", "x", "."], "--frobnicate"),
    ] {
        let message = refused(args);
        assert!(message.contains(named), "{args:?}: {message}");
    }
}

#[cfg(unix)]
#[test]
fn a_pattern_that_is_no_text_is_refused() {
    use std::os::unix::ffi::OsStrExt;

    let message = refused(&[OsStr::from_bytes(b"\xff"), OsStr::new(".")]);
    assert!(message.contains("bad pattern"), "{message}");
}

#[test]
fn help_goes_to_stdout() {
    let outcome = run(example().arg("--help"));
    assert_eq!(Some(0), outcome.code);
    assert_eq!("", outcome.stderr);
    for word in ["--jobs", "--verbose", "--generate", "PATTERN", "DIR"] {
        assert!(outcome.text().contains(word), "{word} is not explained");
    }
}

#[test]
fn generated_files_are_searched_and_removed() {
    let temporary = tree("generated");
    let mut command = example();
    command.args(["--generate", "50", "--jobs", "2", "--verbose"]);
    for variable in ["TMPDIR", "TMP", "TEMP"] {
        command.env(variable, &temporary);
    }
    let outcome = run(&mut command);
    assert_eq!(Some(0), outcome.code, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("in flight"), "{}", outcome.stderr);
    assert!(outcome.lines().len() > 1000);
    let left = fs::read_dir(&temporary).expect("the folder is there");
    assert_eq!(0, left.count(), "generated files were left behind");
}

#[cfg(unix)]
mod with_a_slow_reader {
    //! The reader of stdout decides how far the search gets: no further than the files in
    //! flight. This is what makes these tests repeatable.

    use super::*;
    use std::io::{BufRead, BufReader, Read};
    use std::process::{Child, ChildStdout};

    /// Files in flight for each worker, as the example has it.
    const IN_FLIGHT: usize = 64;

    /// What is found in each file: some fit into a pipe, but not all that are in flight.
    const LINES: usize = 100;

    /// More than are ever in flight here.
    const FILES: usize = 10 * IN_FLIGHT;

    /// A tree of files in each of which the same is found.
    fn large(name: &str) -> PathBuf {
        let folder = tree(name);
        let text = "a needle in a line of some length\n".repeat(LINES);
        for number in 0..FILES {
            put(&folder, &format!("{number:05}"), &text);
        }
        folder
    }

    /// A search that nobody reads.
    struct Blocked {
        child: Child,
        stdout: ChildStdout,
        stderr: BufReader<std::process::ChildStderr>,
    }

    impl Blocked {
        fn start(folder: &Path, jobs: usize) -> Self {
            let mut child = example()
                .args(["--verbose", "--jobs", &jobs.to_string(), "needle"])
                .arg(folder)
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("the example starts");
            Self {
                stdout: child.stdout.take().expect("it is piped"),
                stderr: BufReader::new(child.stderr.take().expect("it is piped")),
                child,
            }
        }

        /// Reads stderr up to a line that contains `words`.
        fn until(&mut self, words: &str) {
            let mut line = String::new();
            while !line.contains(words) {
                line.clear();
                let length = self.stderr.read_line(&mut line).expect("messages are text");
                assert_ne!(0, length, "`{words}` never came");
            }
        }

        /// Reads everything; what is on stderr is small.
        fn finish(mut self) -> Outcome {
            let mut stdout = Vec::new();
            self.stdout
                .read_to_end(&mut stdout)
                .expect("a pipe is read");
            let mut stderr = String::new();
            self.stderr
                .read_to_string(&mut stderr)
                .expect("messages are text");
            let code = self.child.wait().expect("it ends").code();
            Outcome {
                code,
                stdout,
                stderr,
            }
        }
    }

    /// Runs a test of a search that nobody reads until the test does.
    fn blocked<T>(folder: &Path, jobs: usize, test: impl FnOnce(Blocked) -> T) -> T {
        let blocked = Blocked::start(folder, jobs);
        watched(blocked.child.id(), || test(blocked))
    }

    #[test]
    fn the_walker_stops_when_enough_is_in_flight_and_goes_on_when_it_is_read() {
        let folder = large("backpressure");
        let outcome = blocked(&folder, 1, |mut blocked| {
            blocked.until("0 files to search, 63 to print, 64 of 64 in flight");
            blocked.finish()
        });
        assert_eq!(Some(0), outcome.code);
        assert_eq!(FILES * LINES, outcome.lines().len());
    }

    #[test]
    fn ctrl_c_loses_nothing_that_was_found() {
        let folder = large("interrupted");
        let all = found("needle", &folder, &["--jobs", "1"]);
        let (in_pipe, outcome) = blocked(&folder, 1, |mut blocked| {
            // One file is half printed, 63 wait for it: all of them have been found.
            blocked.until("0 files to search, 63 to print, 64 of 64 in flight");
            kill("INT", blocked.child.id());
            blocked.until("interrupted: 0 files");
            let mut first = vec![0; all.stdout.len()];
            let in_pipe = blocked.stdout.read(&mut first).expect("a pipe is read");
            first.truncate(in_pipe);
            let mut outcome = blocked.finish();
            outcome.stdout.splice(..0, first);
            (in_pipe, outcome)
        });
        assert_eq!(Some(130), outcome.code, "{}", outcome.stderr);
        // As many as were printed before the pipe was full, and all that were in flight.
        let length = all.stdout.len() / FILES;
        let expected = (in_pipe / length + IN_FLIGHT) * length;
        assert_eq!(expected, outcome.stdout.len());
        assert!(all.stdout.starts_with(&outcome.stdout), "out of order");
    }

    #[test]
    fn ctrl_c_prints_in_order_what_several_workers_have_found() {
        let folder = large("interrupted-4");
        let all = found("needle", &folder, &["--jobs", "1"]);
        let outcome = blocked(&folder, 4, |mut blocked| {
            blocked.until("256 of 256 in flight");
            kill("INT", blocked.child.id());
            blocked.until("interrupted: ");
            blocked.finish()
        });
        assert_eq!(Some(130), outcome.code, "{}", outcome.stderr);
        let mut rest = all.lines().into_iter();
        for line in outcome.lines() {
            assert!(
                rest.any(|other| other == line),
                "out of order, twice, or never in a file: {}",
                readable(line)
            );
        }
        assert!(outcome.lines().len() > LINES);
        assert!(rest.next().is_some(), "it was not ended");
    }

    #[test]
    fn the_second_ctrl_c_ends_it_although_nobody_reads() {
        let folder = large("interrupted-twice");
        blocked(&folder, 2, |mut blocked| {
            blocked.until("128 of 128 in flight");
            kill("INT", blocked.child.id());
            blocked.until("interrupted: ");
            kill("INT", blocked.child.id());
            let status = blocked.child.wait().expect("it ends");
            assert_eq!(Some(130), status.code());
        });
    }

    #[test]
    fn a_reader_that_leaves_ends_it_quietly() {
        let folder = large("closed");
        let (status, stderr) = blocked(&folder, 2, |mut blocked| {
            let mut first = [0; 1000];
            blocked
                .stdout
                .read_exact(&mut first)
                .expect("a pipe is read");
            blocked.until("128 of 128 in flight");
            drop(blocked.stdout);
            let mut stderr = String::new();
            blocked
                .stderr
                .read_to_string(&mut stderr)
                .expect("messages are text");
            (blocked.child.wait().expect("it ends"), stderr)
        });
        assert_eq!(Some(0), status.code());
        // But for what was asked for.
        let said = stderr.lines().find(|line| !line.contains("in flight"));
        assert_eq!(None, said);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_trouble() {
        let folder = large("full");
        let full = fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .expect("Linux has a full device");
        let child = example()
            .arg("needle")
            .arg(&folder)
            .stdin(Stdio::null())
            .stdout(full)
            .stderr(Stdio::piped())
            .spawn()
            .expect("the example starts");
        let output = watched(child.id(), || child.wait_with_output());
        let output = output.expect("the example ends");
        assert_eq!(Some(2), output.status.code());
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains("No space left"), "{stderr}");
    }
}
