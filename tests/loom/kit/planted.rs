//! `cargo planted`: plants each known bug in a copy of the sources, and expects a model to die of it.
//!
//! A bug is a patch in `tests/planted`, with a header that says which model must fail, and how. A patch
//! that does not apply or does not build proves nothing and is an error; so is a model that fails without
//! a bug, or with a bug but for another reason. `tests/planted/README.md` says how to write one.
//!
//! A build takes far longer than the models that follow it. So a copy has only the files of models that its bug
//! must die of. And a run may be given a time, and a bug to begin with: each run tries other ones, and says
//! which were left out.

use core::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use super::arguments::Arguments;
use super::model::{Flavour, Model};
use super::process::{self, Finished};
use super::tree::{self, Tree};
use super::{DIAGNOSTICS, is_built, root};

/// Where the patches are, from the root of the repository.
const FOLDER: &str = "tests/planted";

/// A bug to plant.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Patch {
    name: String,
    /// The sources it changes.
    files: Vec<String>,
    /// The models that must fail.
    pub(crate) deaths: Vec<Death>,
}

/// A model that must fail, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Death {
    model: String,
    flavour: Flavour,
    expect: String,
}

/// Plants the wanted bugs, one after the other.
pub(crate) fn run(models: &[Model], arguments: &Arguments) -> ExitCode {
    let start = Instant::now();
    let mut patches = match wanted(arguments) {
        Ok(patches) => patches,
        Err(problem) => return failed(&problem),
    };
    // What dies in models of the feature `diagnostics` is planted with the feature on, and nothing else is.
    patches.retain(|patch| patch.needs_diagnostics() == cfg!(feature = "diagnostics"));
    if patches.is_empty() {
        return failed("try the other one of `cargo planted` and `cargo planted-diagnostics`");
    }
    let many = patches.len();
    patches.rotate_left(arguments.rotate % many);
    println!("\nplanting {many} bugs, {} first", patches[0].name);
    let session = match Session::new(models, arguments) {
        Ok(session) => session,
        Err(problem) => return failed(&problem),
    };
    let (mut tried, mut survived) = (0, 0);
    for patch in &patches {
        if (arguments.within).is_some_and(|limit| tried > 0 && limit <= start.elapsed()) {
            break;
        }
        tried += 1;
        if let Err(problem) = session.plant(patch) {
            println!("{problem}");
            survived += 1;
        }
    }
    println!("\n{} of {tried} planted bugs caught", tried - survived);
    if tried < many {
        println!("NOT TRIED in this run: {} planted bugs", many - tried);
        for patch in &patches[tried..] {
            println!("    {}", patch.name);
        }
    }
    ExitCode::from(u8::from(survived > 0))
}

/// Whether each patch fits the sources as they are, and the models that it names exist. Nothing is built.
pub(crate) fn check(models: &[Model], arguments: &Arguments) -> ExitCode {
    let patches = match wanted(arguments) {
        Ok(patches) => patches,
        Err(problem) => return failed(&problem),
    };
    let mut wrong = 0;
    for patch in &patches {
        let mut deaths = patch.deaths.iter();
        let unknown = deaths.find(|death| {
            is_built(&death.model) && models.iter().all(|model| model.name != death.model)
        });
        let problem = match unknown {
            Some(death) => Err(format!("there is no model `{}`", death.model)),
            None => tree::fits(root(), &patch.path()),
        };
        if let Err(problem) = problem {
            println!("ERROR {}: {problem}", patch.name);
            wrong += 1;
        }
    }
    println!(
        "{} of {} patches fit the sources",
        patches.len() - wrong,
        patches.len()
    );
    ExitCode::from(u8::from(wrong > 0))
}

/// Says why nothing was done.
fn failed(problem: &str) -> ExitCode {
    eprintln!("error: {problem}");
    ExitCode::FAILURE
}

/// The patches whose names are wanted, in the order of their names.
fn wanted(arguments: &Arguments) -> Result<Vec<Patch>, String> {
    let entries =
        fs::read_dir(root().join(FOLDER)).map_err(|error| format!("{FOLDER}: {error}"))?;
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    let mut patches = Vec::new();
    for path in paths
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "patch"))
    {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if arguments.want(&name) {
            let text = fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
            patches.push(Patch::parse(&name, &text)?);
        }
    }
    if patches.is_empty() {
        return Err(format!("no patch in {FOLDER} has such a name"));
    }
    Ok(patches)
}

impl Patch {
    /// Reads a patch file. The header ends where the diff begins.
    pub(crate) fn parse(name: &str, text: &str) -> Result<Self, String> {
        let wrong = |what: &str| format!("{name}.patch: {what}");
        let mut patch = Self {
            name: name.to_owned(),
            files: Vec::new(),
            deaths: Vec::new(),
        };
        let mut bug = false;
        let mut dies_of = None;
        let is_header = |line: &&str| !line.starts_with("--- ") && !line.starts_with("diff ");
        for line in text.lines().take_while(is_header) {
            if line.starts_with("Bug:") {
                bug = true;
            } else if let Some(words) = line.strip_prefix("Dies of:") {
                if dies_of.replace(words).is_some() {
                    return Err(wrong("a `Dies of:` without an `Expect:`"));
                }
            } else if let Some(expect) = line.strip_prefix("Expect:") {
                let words = dies_of
                    .take()
                    .ok_or_else(|| wrong("an `Expect:` without a `Dies of:`"))?;
                patch
                    .deaths
                    .push(Death::parse(words, expect).ok_or_else(|| wrong(words))?);
            }
        }
        let changed = text.lines().filter_map(|line| line.strip_prefix("+++ b/"));
        patch.files = changed.map(|file| file.trim_end().to_owned()).collect();
        let has_diff = text.lines().any(|line| line.starts_with("--- a/src/"));
        match () {
            () if !bug => Err(wrong("no `Bug:` line")),
            () if patch.deaths.is_empty() || dies_of.is_some() => {
                Err(wrong("no `Dies of:` with its `Expect:`"))
            }
            () if !has_diff || patch.files.iter().any(|file| !file.starts_with("src/")) => {
                Err(wrong("no diff of files in src"))
            }
            () => Ok(patch),
        }
    }

    /// Whether its models exist only with the feature `diagnostics`.
    fn needs_diagnostics(&self) -> bool {
        (self.deaths.iter()).any(|death| death.model.starts_with(DIAGNOSTICS))
    }

    /// The patch file.
    fn path(&self) -> PathBuf {
        root().join(FOLDER).join(format!("{}.patch", self.name))
    }
}

impl Death {
    /// Reads `model [flavour]`; the flavour is plain if none is named.
    fn parse(words: &str, expect: &str) -> Option<Self> {
        let mut words = words.split_whitespace();
        let model = words.next()?.to_owned();
        let flavour = words.next().map_or(Some(Flavour::Plain), Flavour::named)?;
        let expect = expect.trim().to_owned();
        (words.next().is_none() && !expect.is_empty()).then_some(Self {
            model,
            flavour,
            expect,
        })
    }

    /// As it stands in a line.
    fn title(&self) -> String {
        format!("{} ({})", self.model, self.flavour)
    }
}

/// One run of `cargo planted`.
#[derive(Debug)]
struct Session<'a> {
    models: &'a [Model],
    arguments: &'a Arguments,
    /// This binary, which has no bug planted in it.
    sound: PathBuf,
    /// What has passed in it.
    passed: RefCell<BTreeSet<String>>,
}

impl<'a> Session<'a> {
    /// The first of nothing.
    fn new(models: &'a [Model], arguments: &'a Arguments) -> Result<Self, String> {
        let sound = std::env::current_exe().map_err(|error| error.to_string())?;
        Ok(Self {
            models,
            arguments,
            sound,
            passed: RefCell::default(),
        })
    }

    /// Runs the model without any bug, if that has not been done. What fails there would "catch" anything.
    fn passes_without_a_bug(&self, death: &Death) -> Result<(), String> {
        if self.arguments.models_pass || self.passed.borrow().contains(&death.title()) {
            return Ok(());
        }
        let (title, finished) = (death.title(), self.run(&self.sound, death)?);
        if let Err(failure) = &finished.verdict {
            let (reason, output) = (&failure.reason, &finished.output);
            return Err(format!("without any bug {title} {reason}\n{output}"));
        }
        println!(
            "ok {title} passes without any bug, {:.1} s",
            finished.used.as_secs_f64()
        );
        self.passed.borrow_mut().insert(title);
        Ok(())
    }

    /// Plants one bug and says for each model how it died.
    fn plant(&self, patch: &Patch) -> Result<(), String> {
        let name = &patch.name;
        let in_the_way = |problem: String| format!("ERROR {name}: {problem}");
        for death in &patch.deaths {
            self.passes_without_a_bug(death).map_err(in_the_way)?;
        }
        let start = Instant::now();
        let tree = Tree::copy_of(root()).map_err(|error| in_the_way(error.to_string()))?;
        tree.apply(&patch.path(), &patch.files)
            .map_err(in_the_way)?;
        let names: Vec<&str> = (patch.deaths.iter())
            .map(|death| death.model.as_str())
            .collect();
        (tree.keep_only(self.models, &names)).map_err(|error| in_the_way(error.to_string()))?;
        let binary = tree.build().map_err(in_the_way)?;
        let built = start.elapsed().as_secs_f64();
        for death in &patch.deaths {
            let finished = self.run(&binary, death).map_err(in_the_way)?;
            let seconds = finished.used.as_secs_f64();
            let (title, expect) = (death.title(), &death.expect);
            match &finished.verdict {
                Ok(report) => {
                    return Err(format!(
                        "SURVIVED {name}: {title} passed with {report}, {seconds:.1} s"
                    ));
                }
                Err(_) if finished.mentions(expect) => {
                    println!(
                        "caught {name} by {title}: {expect}, {seconds:.1} s (built in {built:.0} s)"
                    );
                }
                Err(failure) => {
                    let (reason, output) = (&failure.reason, &finished.output);
                    return Err(format!(
                        "ERROR {name}: {title} {reason}, without `{expect}`:\n{output}"
                    ));
                }
            }
        }
        Ok(())
    }

    /// Runs the model of a `Dies of:` line.
    fn run(&self, binary: &Path, death: &Death) -> Result<Finished, String> {
        let model = self.models.iter().find(|model| model.name == death.model);
        let model = model.ok_or_else(|| format!("there is no model `{}`", death.model))?;
        let limit = self.arguments.limit_for(model);
        Ok(process::run(binary, model.name, death.flavour, limit))
    }
}
