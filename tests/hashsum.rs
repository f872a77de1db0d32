//! The `hashsum` example, run as a user runs it, and held against the `sha256sum` of the system.

#![cfg(all(feature = "pool", not(syncline_loom)))]

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

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
        .join("examples/hashsum")
        .with_extension(env::consts::EXE_EXTENSION);
    assert!(
        example.exists(),
        "{} is missing: `cargo test` builds it, `cargo test --test hashsum` alone needs \
         `cargo build --example hashsum` first",
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
    fn lines(&self) -> Vec<String> {
        let lines = self.stdout.split_inclusive(|byte| *byte == b'\n');
        lines.map(|line| line.escape_ascii().to_string()).collect()
    }

    fn sorted(&self) -> Vec<String> {
        let mut lines = self.lines();
        lines.sort_unstable();
        lines
    }
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
    watch::watchdog("the program", watch::LIMIT, state, f)
}

/// Sends a signal, where there are signals.
fn kill(signal: &str, child: u32) {
    let mut shell = Command::new("sh");
    shell.args(["-c", "kill -s \"$0\" \"$1\"", signal, &child.to_string()]);
    let sent = shell.status().is_ok_and(|status| status.success());
    assert!(sent || !cfg!(unix), "every Unix has a shell");
}

fn sums(folder: &Path, flags: &[&str]) -> Outcome {
    run(example().args(flags).arg("--").arg(folder))
}

/// Sums of a tree in which everything can be read.
fn all_sums(folder: &Path, flags: &[&str]) -> Outcome {
    let outcome = sums(folder, flags);
    assert_eq!("", outcome.stderr);
    assert_eq!(Some(0), outcome.code);
    outcome
}

/// A fresh, empty folder of this test.
fn tree(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("hashsum")
        .join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("the last run's folder can be removed");
    }
    fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

fn put(folder: &Path, name: impl AsRef<Path>, content: impl AsRef<[u8]>) {
    let file = folder.join(name);
    fs::create_dir_all(file.parent().expect("it has a folder")).expect("a folder can be made");
    fs::write(file, content).expect("a file can be written");
}

/// Many files, some of them larger than what is read at a time.
fn many(folder: &Path) {
    for number in 0..700_usize {
        let length = number * number % 3001 * if number % 50 == 0 { 50 } else { 1 };
        put(
            folder,
            format!("{}/{number}.bin", number % 7),
            vec![number.to_le_bytes()[0]; length],
        );
    }
    put(folder, "empty", "");
    put(folder, "3.bin", "before what is in 3/");
}

/// Names that a line of text cannot hold as they are, or only just.
fn odd_names() -> Vec<PathBuf> {
    let mut names: Vec<PathBuf> = [
        "plain",
        "with blanks  in it",
        "-leading",
        "*star",
        "quote\"'`",
        "umlaut ä",
    ]
    .map(PathBuf::from)
    .into();
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let bytes: [&[u8]; 7] = [
            b"line\nend",
            b"\n",
            b"back\\slash",
            b"both\\n\n",
            b"return\r",
            b"no text \xff\xfe",
            b"no text \xff\nand two lines",
        ];
        names.extend(bytes.map(|name| PathBuf::from(OsStr::from_bytes(name))));
    }
    names
}

/// Says what is not tested, past the test harness, which would keep it to itself.
fn skip(why: &str) {
    drop(writeln!(io::stderr(), "SKIPPED: {why}"));
}

/// All regular files under a folder, in the order of their paths.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let entry = entry.expect("the folder can be read");
        let kind = entry.file_type().expect("the kind is known");
        if kind.is_dir() {
            files.extend(self::files(&entry.path()));
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    files.sort_unstable();
    files
}

/// What the program of the system prints for these, or `None` if there is none.
fn system_sums(files: &[PathBuf]) -> Option<Outcome> {
    let known = Command::new("sha256sum").arg("--version").output();
    if !known.is_ok_and(|output| output.stdout.windows(3).any(|word| word == b"GNU")) {
        skip("no GNU sha256sum here to compare with");
        return None;
    }
    let mut command = Command::new("sha256sum");
    Some(run(command.arg("--").args(files)))
}

#[test]
fn it_prints_what_the_sha256sum_of_the_system_prints() {
    let folder = tree("many");
    many(&folder);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in [&folder, &root.join("src"), &root.join("docs")] {
        let files = files(folder);
        let Some(theirs) = system_sums(&files) else {
            return;
        };
        assert_eq!(files.len(), theirs.lines().len());
        for jobs in ["1", "3"] {
            let sorted = all_sums(folder, &["--sorted", "--jobs", jobs]);
            assert_eq!(theirs.lines(), sorted.lines(), "{jobs} jobs, sorted");
            let unsorted = all_sums(folder, &["--jobs", jobs]);
            assert_eq!(theirs.sorted(), unsorted.sorted(), "{jobs} jobs");
        }
    }
}

#[test]
fn the_sums_are_those_of_the_standard() {
    let folder = tree("standard");
    put(&folder, "a", "");
    put(&folder, "b", "abc");
    let at = folder.display();
    let expected = format!(
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  {at}/a\n\
         ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  {at}/b\n"
    );
    let outcome = all_sums(&folder, &["--sorted"]);
    assert_eq!(expected.as_bytes(), outcome.stdout);
}

#[test]
fn odd_names_are_escaped_as_sha256sum_does_it_and_can_be_checked() {
    let folder = tree("odd");
    for name in odd_names() {
        put(&folder, &name, name.as_os_str().as_encoded_bytes());
    }
    let outcome = all_sums(&folder, &["--sorted"]);
    assert_eq!(odd_names().len(), outcome.lines().len());
    // Old ones leave a return as it is.
    let files: Vec<_> = files(&folder)
        .into_iter()
        .filter(|path| !path.as_os_str().as_encoded_bytes().contains(&b'\r'))
        .collect();
    let Some(theirs) = system_sums(&files) else {
        return;
    };
    let ours: Vec<_> = (outcome.lines().into_iter())
        .filter(|line| !line.contains("return"))
        .collect();
    assert_eq!(theirs.lines(), ours);

    let list = folder.with_extension("sums");
    fs::write(&list, &outcome.stdout).expect("a file can be written");
    let checked = run(Command::new("sha256sum").arg("--check").arg(&list));
    assert_eq!(Some(0), checked.code, "{}", checked.stderr);
}

#[test]
fn an_empty_directory_has_no_sums() {
    let folder = tree("empty");
    fs::create_dir(folder.join("inner")).expect("a folder can be made");
    for flags in [[].as_slice(), &["--sorted"], &["--jobs", "64"]] {
        assert_eq!(b"".as_slice(), all_sums(&folder, flags).stdout);
    }
}

#[cfg(unix)]
#[test]
fn pipes_are_not_opened_and_only_a_link_on_the_command_line_is_followed() {
    use std::os::unix::fs::symlink;

    let folder = tree("special");
    let made = Command::new("mkfifo").arg(folder.join("pipe")).status();
    assert!(made.expect("mkfifo is part of every Unix").success());
    put(&folder, "real/file", "abc");
    for (target, link) in [("real", "link"), ("nowhere", "dangling"), (".", "circle")] {
        symlink(target, folder.join(link)).expect("links can be made");
    }
    for flags in [[].as_slice(), &["--sorted"]] {
        assert_eq!(1, all_sums(&folder, flags).lines().len());
        let through = all_sums(&folder.join("link"), flags).lines();
        assert!(through[0].ends_with("/link/file\\n"), "{through:?}");
    }
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_summed() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tree("unreadable");
    for name in ["a", "shut", "shut.d/in", "z"] {
        put(&folder, name, name);
    }
    let (file, inner) = (folder.join("shut"), folder.join("shut.d"));
    let close = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the mode can be set");
    };
    close(&file, 0o0);
    close(&inner, 0o0);
    // The superuser reads it all the same.
    let may_read = fs::read(&file).is_ok();
    let outcomes = [[].as_slice(), &["--sorted"]].map(|flags| sums(&folder, flags));
    close(&inner, 0o755);
    if may_read {
        skip("nothing is unreadable for the superuser");
        return;
    }
    for outcome in outcomes {
        assert_eq!(Some(1), outcome.code);
        let lines = outcome.sorted();
        assert_eq!(2, lines.len(), "{lines:?}");
        let mut complaints: Vec<_> = outcome.stderr.lines().collect();
        complaints.sort_unstable();
        assert_eq!(2, complaints.len(), "{}", outcome.stderr);
        assert!(complaints[0].contains("shut.d: "), "{}", complaints[0]);
        assert!(complaints[1].contains("shut: "), "{}", complaints[1]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn one_file_that_nobody_can_read_is_exit_code_one() {
    // Not even the superuser can read this one, and its neighbours are short.
    let folder = Path::new("/proc/sys/vm");
    let shut = folder.join("compact_memory");
    if !shut.exists() || File::open(&shut).is_ok() {
        skip("this kernel has no file that nobody can read");
        return;
    }
    for flags in [[].as_slice(), &["--sorted"]] {
        let outcome = sums(folder, flags);
        assert_eq!(Some(1), outcome.code, "{}", outcome.stderr);
        let complained = outcome.stderr.contains("/compact_memory: ");
        assert!(complained, "{}", outcome.stderr);
        let swappiness = |line: &String| line.contains("/swappiness");
        assert!(outcome.lines().iter().any(swappiness));
    }
}

#[test]
fn wrong_requests_are_refused() {
    for (args, named) in [
        ([].as_slice(), "DIR"),
        (&[".", "."], "DIR"),
        (&["--jobs", "0", "."], "0"),
        (&["--jobs=1025", "."], "1025"),
        (&["--jobs", "many", "."], "many"),
        (&[".", "--jobs"], "--jobs"),
        (&["--frobnicate", "."], "--frobnicate"),
    ] {
        let outcome = run(example().args(args));
        assert_eq!(Some(2), outcome.code, "{args:?}");
        assert_eq!(b"".as_slice(), outcome.stdout, "{args:?}");
        let message = outcome.stderr;
        assert!(message.contains(named), "{args:?}: {message}");
        assert!(message.contains("Usage:"), "{args:?}: {message}");
    }
}

#[test]
fn a_directory_that_is_none_is_trouble() {
    for name in ["gone", "Cargo.toml"] {
        let outcome = sums(&Path::new(env!("CARGO_MANIFEST_DIR")).join(name), &[]);
        assert_eq!(Some(1), outcome.code);
        assert!(outcome.stderr.contains(name), "{}", outcome.stderr);
    }
}

#[test]
fn help_goes_to_stdout() {
    let outcome = run(example().arg("--help"));
    assert_eq!(Some(0), outcome.code);
    assert_eq!("", outcome.stderr);
    let text = String::from_utf8(outcome.stdout).expect("help is text");
    for word in ["--jobs", "--sorted", "DIR", "Exit codes"] {
        assert!(text.contains(word), "{word} is not explained");
    }
}

/// A run whose output is read while it goes on.
struct Running {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
}

impl Running {
    fn start(folder: &Path, flags: &[&str]) -> Self {
        let mut child = example()
            .args(flags)
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the example starts");
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        Self { child, stdout }
    }

    /// The next line on stdout.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("a pipe is read");
        line
    }

    /// Reads the rest; what is on stderr is small.
    fn finish(mut self) -> Outcome {
        let mut stdout = Vec::new();
        self.stdout
            .read_to_end(&mut stdout)
            .expect("a pipe is read");
        let output = self.child.wait_with_output().expect("it ends");
        Outcome {
            code: output.status.code(),
            stdout,
            stderr: String::from_utf8(output.stderr).expect("messages are UTF-8"),
        }
    }
}

/// Runs a test of a program that goes on meanwhile.
fn running<T>(folder: &Path, flags: &[&str], test: impl FnOnce(Running) -> T) -> T {
    let running = Running::start(folder, flags);
    watched(running.child.id(), || test(running))
}

#[cfg(unix)]
mod interrupted {
    use super::*;

    /// How many files come behind the large one; all of them are in the first two windows.
    const WAITING: usize = 100;

    /// A small file, one that takes a second or so, and small ones behind it.
    fn with_a_large_one(name: &str) -> PathBuf {
        let folder = tree(name);
        put(&folder, "0", "comes first");
        let large = File::create(folder.join("1-large")).expect("a file can be made");
        // Unoptimised, the sum takes much longer. The file has no blocks on the disk.
        let megabytes = if cfg!(debug_assertions) { 64 } else { 1024 };
        large.set_len(megabytes << 20).expect("a hole can be made");
        for number in 0..WAITING {
            put(&folder, format!("2-{number:03}"), "waits");
        }
        folder
    }

    /// The number in the message.
    fn left_out(outcome: &Outcome) -> usize {
        let said = outcome.stderr.split_once("interrupted: ");
        let number = said.and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
        number.unwrap_or_else(|| panic!("no number in `{}`", outcome.stderr))
    }

    #[test]
    fn ctrl_c_cancels_what_waits_and_ends_what_has_begun() {
        let folder = with_a_large_one("interrupted");
        let outcome = running(&folder, &["--jobs", "1"], |mut running| {
            assert!(running.line().ends_with("/0\n"));
            kill("INT", running.child.id());
            running.finish()
        });
        assert_eq!(Some(130), outcome.code, "{}", outcome.stderr);
        // Nothing is lost: each file has been summed, or is counted.
        assert_eq!(1 + WAITING, outcome.lines().len() + left_out(&outcome));
        assert_ne!(0, left_out(&outcome), "everything was done all the same");
    }

    #[test]
    fn ctrl_c_leaves_a_sorted_list_in_order() {
        let folder = with_a_large_one("interrupted-sorted");
        let all = all_sums(&folder, &["--sorted"]).lines();
        let outcome = running(&folder, &["--jobs", "1", "--sorted"], |mut running| {
            assert!(running.line().ends_with("/0\n"));
            kill("INT", running.child.id());
            running.finish()
        });
        assert_eq!(Some(130), outcome.code, "{}", outcome.stderr);
        let lines = outcome.lines();
        assert_eq!(all[1..=lines.len()], lines);
        assert!(lines.len() + left_out(&outcome) <= 1 + WAITING);
        assert!(lines.len() < WAITING, "everything was done all the same");
    }

    #[test]
    fn the_second_ctrl_c_ends_it_at_once() {
        let folder = with_a_large_one("interrupted-twice");
        // So large that its sum takes longer than any test.
        let large = File::options().write(true).open(folder.join("1-large"));
        let grown = large.and_then(|large| large.set_len(1 << 40));
        grown.expect("a hole costs nothing");
        running(&folder, &["--jobs", "1"], |mut running| {
            assert!(running.line().ends_with("/0\n"));
            // Two that come together may be one. The first of them is heard at some time.
            while running.child.try_wait().expect("a child").is_none() {
                kill("INT", running.child.id());
            }
            let status = running.child.wait().expect("it ends");
            assert_eq!(Some(130), status.code());
        });
    }

    #[test]
    fn a_reader_that_leaves_ends_it_quietly() {
        let folder = tree("closed");
        many(&folder);
        for flags in [[].as_slice(), &["--sorted"]] {
            let outcome = running(&folder, flags, |mut running| {
                running.line();
                drop(running.stdout);
                running.child.wait_with_output().expect("it ends")
            });
            assert_eq!(Some(0), outcome.status.code());
            assert_eq!(b"".as_slice(), outcome.stderr);
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_trouble() {
    let folder = tree("full");
    many(&folder);
    let full = File::options().write(true).open("/dev/full");
    let child = example()
        .arg(&folder)
        .stdin(Stdio::null())
        .stdout(full.expect("Linux has a full device"))
        .stderr(Stdio::piped())
        .spawn()
        .expect("the example starts");
    let output = watched(child.id(), || child.wait_with_output());
    let output = output.expect("the example ends");
    assert_eq!(Some(1), output.status.code());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("No space left"), "{stderr}");
}
