//! `tests/loom/manifest.txt`: which models must exist, and which of them covers each waiting method.
//!
//! ```text
//! [models]
//! lock/thread/timeout_against_grant
//! [waits]
//! thread::Lock::lock_timeout = lock/thread/timeout_against_grant
//! [never waits]
//! thread::Lock::try_lock
//! ```
//!
//! The list is kept by hand and compared in both directions, so that neither a model nor a method can come
//! or go unnoticed. Blank lines and lines that begin with `#` say nothing.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use super::coverage::{Method, Sources};
use super::is_built;
use super::model::Model;
use super::source;

/// Where it is, from the root of the repository.
const FILE: &str = "tests/loom/manifest.txt";

/// The manifest, read.
#[derive(Debug, Default)]
pub(crate) struct Manifest {
    models: Vec<String>,
    /// From each method that waits to the model that covers it.
    waits: BTreeMap<String, String>,
    never_waits: Vec<String>,
    /// What could not be read, or was said twice.
    problems: Vec<String>,
}

impl Manifest {
    /// Reads the repository's manifest.
    pub(crate) fn load(root: &Path) -> io::Result<Self> {
        Ok(Self::parse(&fs::read_to_string(root.join(FILE))?))
    }

    /// Reads a manifest. What is wrong with it is among its [`problems`](Self::problems).
    pub(crate) fn parse(text: &str) -> Self {
        let mut manifest = Self::default();
        let mut section = "";
        let lines = text.lines().map(str::trim).enumerate();
        for (index, line) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            let header = line
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'));
            if let Some(name) = header {
                section = name;
                continue;
            }
            let said_before = match (section, line.split_once(" = ")) {
                ("models", None) => add(&mut manifest.models, line),
                ("never waits", None) => add(&mut manifest.never_waits, line),
                ("waits", Some((method, model))) => manifest
                    .waits
                    .insert(method.to_owned(), model.to_owned())
                    .is_some(),
                _ => {
                    let problem = format!(
                        "{FILE}:{}: `{line}` does not belong in [{section}]",
                        index + 1
                    );
                    manifest.problems.push(problem);
                    false
                }
            };
            if said_before {
                manifest
                    .problems
                    .push(format!("{FILE}:{}: `{line}` stands there twice", index + 1));
            }
        }
        manifest
    }

    /// What it lists, in a few words.
    pub(crate) fn counts(&self) -> String {
        format!(
            "{} models, {} methods that wait, {} that never do",
            self.models.len(),
            self.waits.len(),
            self.never_waits.len()
        )
    }

    /// Everything in which the manifest, the models and the public methods disagree.
    pub(crate) fn problems(
        &self,
        models: &[Model],
        methods: &[Method],
        sources: &Sources,
    ) -> Vec<String> {
        let mut problems = self.problems.clone();
        self.compare_models(models, &mut problems);
        if methods.is_empty() {
            problems
                .push("no public method was found: the sources are not where they were".to_owned());
        }
        for method in methods {
            let Method { name, place, .. } = method;
            if name.contains("::macro::") {
                let call = &method.call;
                problems.push(format!(
                    "{place}: `{call}` is public and written by a macro: write it out"
                ));
                continue;
            }
            match (self.waits.get(name), self.never_waits.contains(name)) {
                (None, true) => {}
                (None, false) => problems.push(format!(
                    "{place}: `{name}` is neither in [waits] nor in [never waits]"
                )),
                (Some(_), true) => {
                    problems.push(format!("`{name}` is in [waits] and in [never waits]"));
                }
                (Some(model), false) => {
                    if let Err(reason) = covers(models, model, method, sources) {
                        problems.push(format!("{place}: `{name}` is not covered: {reason}"));
                    }
                }
            }
        }
        for name in self.waits.keys().chain(&self.never_waits) {
            if !methods.iter().any(|method| method.name == *name) {
                problems.push(format!(
                    "`{name}` is listed, but there is no such public method"
                ));
            }
        }
        problems
    }

    /// Whether exactly the listed models exist.
    fn compare_models(&self, models: &[Model], problems: &mut Vec<String>) {
        for listed in self.models.iter().filter(|listed| is_built(listed)) {
            if !models.iter().any(|model| model.name == *listed) {
                problems.push(format!("`{listed}` is listed, but there is no such model"));
            }
        }
        for model in models {
            if !self.models.iter().any(|listed| listed == model.name) {
                problems.push(format!(
                    "{}: `{}` is not listed in [models]",
                    model.file, model.name
                ));
            }
        }
    }
}

/// Adds `line`; returns whether it was there before.
fn add(lines: &mut Vec<String>, line: &str) -> bool {
    let said_before = lines.iter().any(|other| other == line);
    lines.push(line.to_owned());
    said_before
}

/// Whether the model called `name` calls `method`, on the method's own face.
fn covers(models: &[Model], name: &str, method: &Method, sources: &Sources) -> Result<(), String> {
    let model = models.iter().find(|model| model.name == name);
    let model = model.ok_or_else(|| format!("there is no model `{name}`"))?;
    let faces = ["thread", "task"];
    if faces.contains(&model.face()) && faces.contains(&method.face) && model.face() != method.face
    {
        return Err(format!("`{name}` is about the other face"));
    }
    let body = sources.body(model);
    let body = body.ok_or_else(|| {
        format!(
            "`fn {}` is not written out in {}",
            model.function, model.file
        )
    })?;
    if source::calls(body, &method.call, method.associated) {
        Ok(())
    } else {
        Err(format!(
            "the body of `{name}` does not call `{}`",
            method.call
        ))
    }
}
