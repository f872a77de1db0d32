//! What there is to cover, read from the sources at run time: the public functions of both faces, and
//! the bodies of the models.
//!
//! A method is named after the type of its `impl` block, `thread::Lock::lock_timeout`; a free function
//! after its face, `task::block_on`; one that a macro writes is
//! called `thread::macro::name`, which no manifest can list: public methods are written out.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::model::Model;
use super::source::{self, Function, Owner};

/// Where the public functions are that must be classified, and the face that each room's files belong to.
///
/// In the room of a primitive the files are named after their faces: `thread*.rs`, and `task*.rs` or `future.rs`.
/// What is in `job`, `pool`, `bridge` and `service` belongs to both faces, or says itself to which.
fn face_of(room: &str, stem: &str) -> Option<&'static str> {
    match (room, stem) {
        ("error" | "line" | "sys" | "timer", _) => None,
        ("pool", _) => Some("pool"),
        ("bridge", _) => Some("bridge"),
        ("service", _) => Some("service"),
        ("combine" | "group", _) | ("identity", "identified") | ("job", "spawn") => Some("task"),
        (_, stem) if stem.starts_with("thread") => Some("thread"),
        (_, stem) if stem.starts_with("task") || stem == "future" => Some("task"),
        ("job", _) => Some("job"),
        ("identity", "blocking") => Some("thread"),
        _ => None,
    }
}

/// A public function of a face.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Method {
    /// As the manifest calls it.
    pub(crate) name: String,
    /// `thread`, `task`, `job`, `pool`, `bridge` or `service`.
    pub(crate) face: &'static str,
    /// Its name alone, as a model calls it.
    pub(crate) call: String,
    /// Whether that call needs a `.` or a path before it.
    pub(crate) associated: bool,
    /// `file:line`.
    pub(crate) place: String,
}

/// Every public function of both faces, by name. Several definitions of one name count as one.
pub(crate) fn public_methods(root: &Path) -> io::Result<Vec<Method>> {
    let mut methods = BTreeMap::new();
    let mut files = Vec::new();
    rust_files(&root.join("src"), &mut files)?;
    files.sort();
    for path in files {
        let text = fs::read_to_string(&path)?;
        let place = path.strip_prefix(root).unwrap_or(&path);
        for method in methods_of(place, &text) {
            methods.entry(method.name.clone()).or_insert(method);
        }
    }
    Ok(methods.into_values().collect())
}

/// The public functions in one file of `src/`; none if it belongs to no face.
pub(crate) fn methods_of(file: &Path, text: &str) -> Vec<Method> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    // `src/<room>/...`; what lies in `src/` itself has no room, and lists names alone.
    let room = file.iter().nth(1).unwrap_or_default().to_string_lossy();
    let Some(face) = face_of(&room, &stem) else {
        return Vec::new();
    };
    let functions = source::functions(text)
        .into_iter()
        .filter(|function| function.public);
    functions
        .map(
            |Function {
                 name, owner, line, ..
             }| Method {
                name: match &owner {
                    Owner::Module => format!("{face}::{name}"),
                    Owner::Type(target) => format!("{face}::{target}::{name}"),
                    Owner::Macro => format!("{face}::macro::{name}"),
                },
                face,
                call: name,
                associated: owner != Owner::Module,
                place: format!("{}:{line}", file.display()),
            },
        )
        .collect()
}

/// Every `.rs` file below `folder`.
fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            rust_files(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// The functions of the files that hold models.
#[derive(Debug, Default)]
pub(crate) struct Sources(BTreeMap<String, Vec<Function>>);

impl Sources {
    /// Reads the files of all `models`.
    pub(crate) fn load(root: &Path, models: &[Model]) -> io::Result<Self> {
        let mut sources = Self::default();
        for model in models {
            if !sources.0.contains_key(model.file) {
                sources.add(model.file, &fs::read_to_string(root.join(model.file))?);
            }
        }
        Ok(sources)
    }

    /// Adds one file.
    pub(crate) fn add(&mut self, file: &str, text: &str) {
        self.0.insert(file.to_owned(), source::functions(text));
    }

    /// The body of a model's function, if it is written out in the model's file.
    pub(crate) fn body(&self, model: &Model) -> Option<&str> {
        let functions = self.0.get(model.file)?;
        let is_it = |function: &&Function| {
            let mut path = function.path.clone();
            path.push(function.name.clone());
            path.join("::") == model.function
        };
        Some(&functions.iter().find(is_it)?.body)
    }
}
