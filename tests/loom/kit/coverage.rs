//! What there is to cover, read from the sources at run time: the public functions of both faces, and
//! the bodies of the models.
//!
//! A method is named after the type of its `impl` block, `thread::Lock::lock_timeout`; a free function
//! after its face, `task::block_on`; one that a macro defines after its file, `thread::lock::lock`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::model::Model;
use super::source::{self, Function, Owner};

/// The modules whose public functions must be classified: `src/thread.rs`, `src/thread/**.rs`, and so on.
/// What is in `pool` and `bridge` belongs to both faces, or says itself to which.
const FACES: [&str; 4] = ["thread", "task", "pool", "bridge"];

/// A public function of a face.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Method {
    /// As the manifest calls it.
    pub(crate) name: String,
    /// `thread`, `task`, `pool` or `bridge`.
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
    for face in FACES {
        let mut files = Vec::new();
        let folder = root.join("src").join(face);
        rust_files(&folder, &mut files)?;
        files.push(folder.with_extension("rs"));
        for path in files.iter().filter(|path| path.exists()) {
            let text = fs::read_to_string(path)?;
            let place = path.strip_prefix(root).unwrap_or(path);
            for method in methods_of(face, place, &text) {
                methods.entry(method.name.clone()).or_insert(method);
            }
        }
    }
    Ok(methods.into_values().collect())
}

/// The public functions in one file of a face.
pub(crate) fn methods_of(face: &'static str, file: &Path, text: &str) -> Vec<Method> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
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
                    Owner::Macro => format!("{face}::{stem}::{name}"),
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
