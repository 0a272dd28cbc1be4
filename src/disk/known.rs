//! What the last build found out, so that the next one need not when nothing has changed: for which
//! project the site stands, and what was told of it. And the proof that it stands as it should.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::PublishError;
use super::folder::Folder;
use super::out::Out;
use super::records::{Found, JOURNAL, MANIFEST, Manifest, OWN, Paths, STAGE, load, save};
use super::tree::{Tree, split};
use crate::diag::{Diagnostic, Severity, Span};
use crate::path::SrcPath;
use crate::plan::Plan;

/// The file, in our own folder.
const KNOWN: &str = "known.json";
/// The same while it is written.
const NEW: &str = "known.new";

/// What a build found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// What the build was made of: the project, the options, the program.
    pub key: blake3::Hash,
    /// What the closing line says of the site.
    pub totals: String,
    /// What was told of the notes.
    pub diags: Vec<Diagnostic>,
}

#[derive(Serialize, Deserialize)]
struct Record {
    key: String,
    /// The hash of the manifest that says which files the site has.
    manifest: String,
    totals: String,
    diags: Vec<Told>,
}

#[derive(Serialize, Deserialize)]
struct Told {
    file: String,
    span: (u32, u32),
    is_error: bool,
    code: String,
    message: String,
    hints: Vec<String>,
    related: Vec<(String, (u32, u32), String)>,
}

impl Paths for Record {
    fn paths(&self) -> impl Iterator<Item = &String> {
        std::iter::empty()
    }
}

/// What is known of the site in `out`, if it was built of the same and each of its files is as it was
/// left; with the number of its files. Nothing is computed, and nothing written.
pub fn known(out: &Path, key: blake3::Hash) -> Option<(Known, usize)> {
    // Nobody is locked out: if another process publishes right now, something will not fit.
    let mut tree = Tree::open(&out.canonicalize().ok()?).ok()?;
    let own = tree.root().enter(OWN).ok()?;
    let Found::Whole(record) = load::<Record>(&own, KNOWN) else { return None };
    let fits = record.key == key.to_hex().as_str()
        && own.stat(JOURNAL).ok()?.is_none()
        // A build that was killed left it, and is to be cleared away.
        && own.stat(STAGE).ok()?.is_none()
        && Some(record.manifest) == manifest_hash(&own);
    let Found::Whole(manifest) = load::<Manifest>(&own, MANIFEST) else { return None };
    let is_left = |(path, record): (&String, &super::records::Record)| {
        let stat = tree.stat(path).ok().flatten();
        stat.is_some_and(|stat| record.is_left(&stat))
    };
    if !fits || !manifest.files.iter().all(is_left) {
        return None;
    }
    let mut codes = vec![];
    let diags = record.diags.into_iter().map(|it| it.back(&mut codes)).collect();
    Some((Known { key, totals: record.totals, diags }, manifest.files.len()))
}

/// Remembers what a build found out, after its site was published to `out`.
///
/// # Errors
/// If it cannot be written; the site itself is fine then.
pub(super) fn remember(out: &Out, known: &Known) -> Result<(), PublishError> {
    let shown = out.tree.path(OWN).join(KNOWN);
    let io = |error| PublishError::io("write", &shown, error);
    let record = Record {
        key: known.key.to_hex().to_string(),
        manifest: manifest_hash(&out.own).unwrap_or_default(),
        totals: known.totals.clone(),
        diags: known.diags.iter().map(Told::of).collect(),
    };
    // It is only a memory: one that is torn or lost costs a build, so nothing waits for the disk.
    let written = out.own.remove(NEW).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    });
    written.and_then(|()| save(&out.own, NEW, &record)).map_err(io)?;
    out.own.rename(NEW, &out.own, KNOWN).map_err(io)
}

/// True if a site of ours is in `out`.
pub fn has_site(out: &Path) -> bool {
    out.join(OWN).join(MANIFEST).is_file()
}

/// The files of the site in `out` that are not what was published there: changed or removed.
///
/// # Errors
/// If the folder cannot be read.
pub fn altered(out: &Path) -> Result<Vec<PathBuf>, PublishError> {
    if !has_site(out) {
        return Ok(vec![]);
    }
    let io = |error| PublishError::io("look into", out, error);
    let mut tree = Tree::open(&out.canonicalize().map_err(io)?).map_err(io)?;
    let own = tree.root().enter(OWN).map_err(io)?;
    let Found::Whole(manifest) = load::<Manifest>(&own, MANIFEST) else { return Ok(vec![]) };
    let mut wrong = vec![];
    for (path, record) in &manifest.files {
        if hash(&mut tree, path) != Some(record.hash) {
            wrong.push(tree.path(path));
        }
    }
    Ok(wrong)
}

/// The files of the site in `out` that are not byte for byte those of the plan, and those that the
/// plan does not have.
///
/// # Errors
/// If the folder cannot be read.
pub fn differences(plan: &Plan, out: &Path) -> Result<Vec<PathBuf>, PublishError> {
    let io = |error| PublishError::io("look into", out, error);
    let mut tree = Tree::open(&out.canonicalize().map_err(io)?).map_err(io)?;
    let own = tree.root().enter(OWN).map_err(io)?;
    let mut wrong = vec![];
    for (path, file) in plan.files() {
        if hash(&mut tree, path.as_str()) != Some(file.hash) {
            wrong.push(tree.path(path.as_str()));
        }
    }
    if let Found::Whole(manifest) = load::<Manifest>(&own, MANIFEST) {
        let more = manifest.files.keys().filter(|path| plan.get(&path.as_str().into()).is_none());
        wrong.extend(more.map(|path| tree.path(path)));
    }
    Ok(wrong)
}

fn hash(tree: &mut Tree, path: &str) -> Option<blake3::Hash> {
    let (parent, name) = split(path);
    let folder = tree.folder(parent).ok()??;
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(folder.read(name).ok()?).ok()?;
    Some(hasher.finalize())
}

fn manifest_hash(own: &Folder) -> Option<String> {
    let mut bytes = vec![];
    own.read(MANIFEST).ok()?.read_to_end(&mut bytes).ok()?;
    Some(blake3::hash(&bytes).to_hex().to_string())
}

impl Told {
    fn of(diag: &Diagnostic) -> Self {
        let span = |span: &Span| (span.start, span.end);
        let related =
            diag.related.iter().map(|(file, at, text)| (file.to_string(), span(at), text.clone()));
        Self {
            file: diag.file.to_string(),
            span: span(&diag.span),
            is_error: diag.is_error(),
            code: diag.code.to_owned(),
            message: diag.message.clone(),
            hints: diag.hints.clone(),
            related: related.collect(),
        }
    }

    /// The diagnostic again. `codes` are those that were met: there are few, and each is kept for as
    /// long as the process lives.
    fn back(self, codes: &mut Vec<&'static str>) -> Diagnostic {
        let code = match codes.iter().find(|code| **code == self.code) {
            Some(code) => *code,
            None => {
                codes.push(self.code.leak());
                codes[codes.len() - 1]
            }
        };
        let span = |(start, end): (u32, u32)| Span { start, end };
        let related = self.related.into_iter();
        Diagnostic {
            file: SrcPath::from(self.file),
            span: span(self.span),
            severity: if self.is_error { Severity::Error } else { Severity::Warning },
            code,
            message: self.message,
            hints: self.hints,
            related: related
                .map(|(file, at, text)| (SrcPath::from(file), span(at), text))
                .collect(),
        }
    }
}
