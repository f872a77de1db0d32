//! A copy of the repository in `target/planted/tree`, to plant a bug in, and its own loom binary.
//!
//! The copy is made anew for every bug: each file then has a fresh time stamp, so that cargo rebuilds what
//! the last bug touched. All copies share one place and one target folder, so that what they
//! depend on is not compiled again, and of the library and the models only what differs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::excerpt;
use super::model::Model;

/// Folders that are not copied, wherever they are.
const LEFT_OUT: [&str; 2] = ["target", ".git"];

/// The copy.
#[derive(Debug)]
pub(crate) struct Tree {
    path: PathBuf,
    target: PathBuf,
}

impl Tree {
    /// Copies the repository at `root`, replacing an earlier copy.
    pub(crate) fn copy_of(root: &Path) -> io::Result<Self> {
        // git and cargo must see the same absolute path as we do.
        let planted = root.canonicalize()?.join("target").join("planted");
        let path = planted.join("tree");
        if path.exists() {
            fs::remove_dir_all(&path)?;
        }
        copy(root, &path)?;
        // A folder of its own: cargo would take what it builds here for what it builds of the repository.
        let target = planted.join("target");
        Ok(Self { path, target })
    }

    /// Applies a patch, and makes sure that it changed each of `files`.
    pub(crate) fn apply(&self, patch: &Path, files: &[String]) -> Result<(), String> {
        let read = || -> Result<Vec<String>, String> {
            let texts = files
                .iter()
                .map(|file| fs::read_to_string(self.path.join(file)));
            texts
                .collect::<io::Result<_>>()
                .map_err(|error| error.to_string())
        };
        let before = read()?;
        let mut git = Command::new("git");
        git.arg("apply")
            .arg("--whitespace=nowarn")
            .arg(patch)
            .current_dir(&self.path);
        // Inside of a repository, git takes paths from the root of that and skips all others in silence.
        for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
            git.env_remove(variable);
        }
        if let Some(above) = self.path.parent() {
            git.env("GIT_CEILING_DIRECTORIES", above);
        }
        finish(git, "the patch does not apply")?;
        for (file, (old, new)) in files.iter().zip(before.iter().zip(read()?)) {
            if *old == new {
                return Err(format!("the patch did not change {file}"));
            }
        }
        Ok(())
    }

    /// Leaves only those files of models in it that the named models need.
    pub(crate) fn keep_only(&self, models: &[Model], names: &[&str]) -> io::Result<()> {
        excerpt::keep_only(&self.path, models, names)
    }

    /// Builds the loom binary of the copy.
    pub(crate) fn build(&self) -> Result<PathBuf, String> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build.args(["test", "--profile", "loom", "--test", "loom", "--no-run"]);
        if cfg!(feature = "diagnostics") {
            build.args(["--features", "diagnostics"]);
        }
        build.arg("--message-format=json-render-diagnostics");
        build.arg("--target-dir").arg(&self.target);
        build.current_dir(&self.path);
        build.env("RUSTFLAGS", "--cfg syncline_loom");
        // A few models run in each copy: what counts is how soon it is built.
        build.env("CARGO_PROFILE_LOOM_INCREMENTAL", "true");
        build.env_remove("CARGO_ENCODED_RUSTFLAGS");
        let messages = finish(build, "it does not build")?;
        let binary = messages.lines().rev().find_map(|message| {
            let (_, rest) = message.split_once("\"executable\":\"")?;
            Some(PathBuf::from(rest.split_once('"')?.0))
        });
        binary.ok_or_else(|| "cargo named no binary".to_owned())
    }
}

/// Whether a patch applies to the repository at `root`, which stays as it is.
pub(crate) fn fits(root: &Path, patch: &Path) -> Result<(), String> {
    let mut git = Command::new("git");
    git.args(["apply", "--check", "--whitespace=nowarn"])
        .arg(patch)
        .current_dir(root);
    finish(git, "the patch does not apply").map(drop)
}

/// Copies what is in `from`, with the exceptions above, into the new folder `to`.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, copied) = (entry.path(), to.join(entry.file_name()));
        if LEFT_OUT.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        if source.is_dir() {
            copy(&source, &copied)?;
        } else {
            fs::copy(&source, &copied)?;
        }
    }
    Ok(())
}

/// Runs a command to its end; its output, or what went wrong.
fn finish(mut command: Command, failure: &str) -> Result<String, String> {
    let output = command
        .output()
        .map_err(|error| format!("{failure}: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!(
            "{failure}:\n{}",
            String::from_utf8_lossy(&output.stderr)
        ))
    }
}
