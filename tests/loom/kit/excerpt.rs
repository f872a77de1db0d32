//! The files of models that a few models need, and a `main.rs` that has only these.
//!
//! All files of models are one crate, and it takes far longer to build than the one model takes to run that a
//! planted bug must die of.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use super::model::Model;

/// Where the files are, from the root of the repository.
const FOLDER: &str = "tests/loom";
/// What every excerpt keeps: it runs the models.
const KIT: &str = "kit";

/// Takes the files that none of the named models needs out of the `main.rs` in the copy at `root`.
pub(crate) fn keep_only(root: &Path, models: &[Model], names: &[&str]) -> io::Result<()> {
    let folder = root.join(FOLDER);
    let main = folder.join("main.rs");
    let text = fs::read_to_string(&main)?;
    let all = modules(&text);
    let mut kept = BTreeSet::from([KIT.to_owned()]);
    let named = models.iter().filter(|model| names.contains(&model.name));
    let mut unread: Vec<String> = named.filter_map(|model| module_of(model.file)).collect();
    while let Some(module) = unread.pop() {
        let file = folder.join(format!("{module}.rs"));
        if !all.contains(&module) || !kept.insert(module) {
            continue;
        }
        // What lies elsewhere by its `path` uses none of the files here.
        let source = fs::read_to_string(file).unwrap_or_default();
        unread.extend(all.iter().filter(|other| uses(&source, other)).cloned());
    }
    fs::write(main, excerpt(&text, &kept))
}

/// `lock` for `tests/loom/lock.rs`.
fn module_of(file: &str) -> Option<String> {
    let stem = Path::new(file).file_stem()?;
    Some(stem.to_string_lossy().into_owned())
}

/// The names after `mod`.
pub(crate) fn modules(main: &str) -> Vec<String> {
    main.lines().filter_map(module).map(str::to_owned).collect()
}

/// The name in a line `mod name;`.
fn module(line: &str) -> Option<&str> {
    line.strip_prefix("mod ")?.strip_suffix(';')
}

/// Whether a file of models uses what stands in another one.
fn uses(source: &str, other: &str) -> bool {
    source.contains(&format!("crate::{other}::"))
}

/// The text of `main.rs` without the modules that are not kept, their attributes and their lists of models.
pub(crate) fn excerpt(main: &str, kept: &BTreeSet<String>) -> String {
    let mut out = String::new();
    // The attributes of an item are held back until it is known which item they belong to.
    let (mut attributes, mut inside) = (String::new(), false);
    for line in main.lines() {
        let list = line.trim().strip_suffix("::MODELS,");
        if list.is_some_and(|name| !kept.contains(name)) {
            continue;
        }
        if inside || line.starts_with("#[") {
            inside = !line.ends_with(']');
            attributes.extend([line, "\n"]);
            continue;
        }
        let cut = module(line).is_some_and(|name| !kept.contains(name));
        if !cut {
            out.extend([attributes.as_str(), line, "\n"]);
        }
        attributes.clear();
    }
    out
}
