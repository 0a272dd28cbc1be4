//! Publishing: the plan's files are staged in `OUT/.gongbu/`, a journal is the commit point, and
//! then files are renamed and removed in an order in which no page ever names what is missing.
//!
//! A kill before the journal leaves the old site; after it, the next command first completes
//! the new one. Nothing that is not ours is opened (but to see whether it is what we would write
//! there), and nothing that is unchanged is written. Where no site was, whole folders are renamed, since
//! nobody reads it yet.

use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::error::PublishError;
use super::folder::{Folder, Kind, synced};
use super::out::Out;
use super::read::open_regular;
use super::records::{
    FOLDERS, Found, JOURNAL, Journal, MANIFEST, Manifest, OWN, Record, SITE, STAGE, load, save,
};
use super::stage::{Stage, Staged};
use super::survey::{Claim, Survey, blocked, survey};
use super::tree::{Tree, split};
use crate::path::{OutPath, SrcPath};
use crate::plan::{Artifact, File, Plan};

/// So many files are staged at a time, on all cores: one after another they are a third of the time of
/// a cold build.
const BATCH: usize = 256;

/// How a site is published.
#[derive(Debug, Clone, Copy, Default)]
pub struct PublishOptions {
    /// Publish into a folder that we did not make. Nothing in it is deleted or written over.
    pub adopt: bool,
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Published {
    /// How many files were written.
    pub written: usize,
    /// How many files of ours were removed.
    pub removed: usize,
    /// How many files were right as they were.
    pub unchanged: usize,
    /// What was known of the output folder was damaged, so every file was compared by its
    /// bytes, and files that are no longer part of the site may still be there.
    pub damaged: bool,
}

/// What is about to be done, for a progress bar or for a test that pulls the plug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// Make a folder of the site.
    Folder(&'a str),
    /// Write a file to the stage.
    Stage(&'a str),
    /// Bring all that was staged to the disk.
    Sync,
    /// Put the journal in place: from here on the new site counts.
    Commit,
    /// Move a file, or a whole folder, from the stage to its place.
    Rename(&'a str),
    /// Remove a file of ours.
    Remove(&'a str),
    /// Put the manifest in place.
    Manifest,
    /// Remove the stage, then the journal.
    Finish,
    /// Remove the journal.
    Done,
}

/// Is told of each step before it is taken, and may stop there as a kill would.
pub type Steps<'s> = dyn FnMut(Step<'_>) -> ControlFlow<()> + 's;

/// Makes an output folder equal to a plan, some of whose files may be in its stage already; copies are
/// taken from the project at `root`. Tells `steps` what it does.
///
/// # Errors
///
/// Something that is not ours is in the way, the disk did not play along, or `steps` said to stop.
pub(super) fn publish_staged(
    plan: &Plan,
    root: &Path,
    stage: &mut Stage,
    steps: &mut Steps<'_>,
) -> Result<Published, PublishError> {
    let (has_files, damaged) = (stage.close(), stage.damaged);
    let whole = stage.is_of(plan);
    let Stage { out, manifest, .. } = stage;
    let claim = Claim { manifest, replace: damaged, whole };
    let survey = match survey(plan, out, claim) {
        Ok(survey) => survey,
        Err(error) => {
            // The first error is the one to tell; the next build throws away what is left.
            let _ = discard(out);
            return Err(error);
        }
    };
    let published = Published {
        written: survey.puts.len(),
        removed: survey.journal.clear.len() + survey.journal.removes.len(),
        unchanged: survey.kept.len(),
        damaged,
    };
    let same = survey.journal == Journal::default() && survey.kept == manifest.files;
    if same && !damaged {
        if has_files {
            let _ = discard(out);
        }
        return Ok(published);
    }
    match prepare(&survey, root, out, steps) {
        Ok(()) => complete(&survey.journal, out, steps)?,
        Err(PublishError::Stopped) => return Err(PublishError::Stopped),
        Err(error) => {
            let _ = discard(out);
            return Err(error);
        }
    }
    Ok(published)
}

/// Completes a publication that was cut off after its journal was in place. True if there was
/// one. Any command that looks at an output folder may call this first.
///
/// # Errors
///
/// The disk did not play along, or another process publishes to the folder for more than half a
/// minute.
pub fn recover(out: &Path) -> Result<bool, PublishError> {
    let Ok(path) = out.canonicalize() else { return Ok(false) };
    if path.join(OWN).join(JOURNAL).symlink_metadata().is_err() {
        return Ok(false);
    }
    let mut out = Out::open(&path)?;
    let found = settle(&mut out, &mut |_| ControlFlow::Continue(()))?;
    Ok(matches!(found, Found::Whole(())))
}

/// Ends what an earlier process began: completes it if its journal is whole, else throws it
/// away. A damaged journal stays until a publication succeeds, because it says that files we do
/// not know of may be ours.
pub(super) fn settle(out: &mut Out, steps: &mut Steps<'_>) -> Result<Found<()>, PublishError> {
    match load::<Journal>(&out.own, JOURNAL) {
        Found::Whole(journal) => {
            complete(&journal, out, steps)?;
            Ok(Found::Whole(()))
        }
        Found::Newer => Err(out.newer(JOURNAL)),
        found => {
            let stage = out.tree.path(OWN).join(STAGE);
            discard(out).map_err(|error| PublishError::io("remove", &stage, error))?;
            Ok(if matches!(found, Found::None) { Found::None } else { Found::Damaged })
        }
    }
}

/// Everything up to the commit: nothing of it shows on the site but folders without files.
fn prepare(
    survey: &Survey,
    root: &Path,
    out: &mut Out,
    steps: &mut Steps<'_>,
) -> Result<(), PublishError> {
    let own = out.tree.path(OWN);
    let at = |name: &str| own.join(STAGE).join(name);
    let fail = |name: &str, error| PublishError::io("write", &at(name), error);
    let site = Staged::make(&out.own).map_err(|error| fail("", error))?;
    let stage = out.own.enter(STAGE).map_err(|error| fail("", error))?;

    // Folders come first: on a full disk they must fail before the journal, not after it. Those that are
    // moved whole need no more than their name by then.
    if !survey.folders.is_empty() {
        save(&stage, FOLDERS, &survey.folders).map_err(|error| fail(FOLDERS, error))?;
    }
    for folder in &survey.folders {
        go_on(steps(Step::Folder(folder)))?;
        let made = out.tree.make(folder).map(drop);
        made.map_err(|it| blocked(&out.tree, it))?;
    }
    let tree = &out.tree;
    let mut manifest = Manifest { files: survey.kept.clone() };
    let put = |path: &OutPath, file: &File| {
        let path = path.as_str();
        let fail = |error| fail(&format!("{SITE}/{path}"), error);
        let new = || site.create(path).map_err(fail);
        let written = |error| PublishError::io("write", &tree.path(path), error);
        match &file.artifact {
            Artifact::Taken { is_new: true } => {}
            Artifact::Bytes(bytes) => {
                let mut to = new()?;
                to.write_all(&bytes.unpack()).and_then(|()| synced(&to)).map_err(written)?;
            }
            Artifact::Copy(source) => copy(source, root, file, new()?, &written)?,
            // It stood here when it was made.
            Artifact::Taken { is_new: false } => return Err(changed(&tree.path(path).display())),
        }
        // The time is that of the closed file: some file systems set it then.
        let (parent, name) = split(path);
        let stat = site.folder(parent).and_then(|folder| folder.stat(name)).map_err(fail)?;
        let stat = stat.ok_or_else(|| fail(io::ErrorKind::NotFound.into()))?;
        Ok((Record { hash: file.hash, len: file.len, mtime: stat.mtime }, stat.id))
    };
    let mut ids = FxHashMap::default();
    for puts in survey.puts.chunks(BATCH) {
        for (path, _) in puts {
            go_on(steps(Step::Stage(path.as_str())))?;
        }
        let records: Vec<Result<_, PublishError>> =
            puts.par_iter().map(|(path, file)| put(path, file)).collect();
        for ((path, _), record) in puts.iter().zip(records) {
            let (record, id) = record?;
            // A disk that knows no case has one place for both.
            if let Some(twin) = id.and_then(|id| ids.insert(id, path)) {
                let message = format!("`{twin}` and `{path}` are one file on this disk");
                return Err(PublishError::refused(message, "rename one of them"));
            }
            manifest.files.insert(path.to_string(), record);
        }
    }
    save(&stage, MANIFEST, &manifest).map_err(|error| fail(MANIFEST, error))?;
    save(&stage, JOURNAL, &survey.journal).map_err(|error| fail(JOURNAL, error))?;
    go_on(steps(Step::Sync))?;
    let disk = |error| PublishError::io("bring to the disk", &own, error);
    stage.sync().map_err(disk)?;
    if !survey.puts.is_empty() && !out.own.sync_disk().map_err(disk)? {
        // Each file was brought to the disk when it was staged; their names were not.
        let folders = |path: &String| {
            let outer: Vec<String> =
                path.match_indices('/').map(|it| path[..it.0].into()).collect();
            outer.into_iter().chain([String::new()])
        };
        for folder in survey.journal.puts.iter().flat_map(folders).collect::<BTreeSet<_>>() {
            site.folder(&folder).and_then(|folder| folder.sync()).map_err(disk)?;
        }
        out.own.sync().map_err(disk)?;
    }
    go_on(steps(Step::Commit))?;
    stage.rename(JOURNAL, &out.own, JOURNAL).map_err(|error| fail(JOURNAL, error))?;
    // The journal counts by now, so there is no way back. Where this fails, a power cut may lose
    // the journal, but hardly without what is renamed after it.
    let _ = out.own.sync();
    Ok(())
}

/// Copies the bytes of a file, which must be those of the plan.
fn copy(
    source: &SrcPath,
    root: &Path,
    file: &File,
    mut to: std::fs::File,
    fail: &impl Fn(io::Error) -> PublishError,
) -> Result<(), PublishError> {
    let from = root.join(source.as_str());
    let Ok((mut open, _)) = open_regular(&from) else { return Err(changed(source)) };
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = match open.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(PublishError::io("read", &from, error)),
        };
        hasher.update(&buffer[..read]);
        // A file that only grows would fill the disk before its hash is known.
        if hasher.count() > file.len {
            return Err(changed(source));
        }
        to.write_all(&buffer[..read]).map_err(fail)?;
    }
    if hasher.finalize() != file.hash {
        return Err(changed(source));
    }
    synced(&to).map_err(fail)
}

/// Does what a journal says. What of it is done already is passed over, so it may be cut off
/// and begun again at any step.
fn complete(journal: &Journal, out: &mut Out, steps: &mut Steps<'_>) -> Result<(), PublishError> {
    let fail = |out: &Out, action: &str, path: &str, error| {
        PublishError::io(action, &out.tree.path(path), error).after_journal()
    };
    for path in &journal.clear {
        go_on(steps(Step::Remove(path)))?;
        out.tree.remove(path).map_err(|error| fail(out, "remove", path, error))?;
    }
    // The stage is gone if the very last steps are all that is left.
    let reached = |folder: io::Result<Folder>, path: &str| match folder {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        folder => folder.map(Some).map_err(|error| fail(out, "reach", path, error)),
    };
    let stage = reached(out.own.enter(STAGE), ".gongbu/stage")?;
    let site = stage.as_ref().map(|stage| reached(stage.enter(SITE), ".gongbu/stage/site"));
    let site = site.transpose()?.flatten();
    let mut site = site.map(|site| Tree::of(site, out.tree.path(OWN).join(STAGE).join(SITE)));
    for folder in &journal.whole {
        let Some(site) = &site else { break };
        // A folder in another might be reached through a link; we write down none.
        if folder.contains('/') {
            continue;
        }
        go_on(steps(Step::Rename(folder)))?;
        // What cannot be moved whole is moved file by file, which tells why not.
        let _ = site.root().rename(folder, out.tree.root(), folder);
    }
    for path in &journal.puts {
        let Some(site) = &mut site else { break };
        let (parent, file) = split(path);
        let from = match site.folder(parent) {
            Ok(Some(from)) => from,
            // It is in its place already.
            Ok(None) => continue,
            Err(it) => return Err(blocked(site, it).after_journal()),
        };
        go_on(steps(Step::Rename(path)))?;
        let renamed = match out.tree.make(parent) {
            Ok(to) => from.rename(file, to, file),
            Err(it) => return Err(blocked(&out.tree, it).after_journal()),
        };
        match renamed {
            // As above.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            renamed => renamed.map_err(|error| fail(out, "publish", path, error))?,
        }
    }
    for path in &journal.removes {
        go_on(steps(Step::Remove(path)))?;
        out.tree.remove(path).map_err(|error| fail(out, "remove", path, error))?;
    }
    go_on(steps(Step::Manifest))?;
    if let Some(stage) = &stage {
        match stage.rename(MANIFEST, &out.own, MANIFEST) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(fail(out, "write", ".gongbu/manifest.json", error));
            }
            _ => {}
        }
    }
    out.own.sync().map_err(|error| fail(out, "bring to the disk", OWN, error))?;
    go_on(steps(Step::Finish))?;
    sweep(out).map_err(|error| fail(out, "remove", ".gongbu/stage", error))?;
    go_on(steps(Step::Done))?;
    out.own.remove(JOURNAL).map_err(|error| fail(out, "remove", ".gongbu/journal.json", error))
}

/// Throws away a stage that has no journal, and the folders that were made for it.
pub(super) fn discard(out: &mut Out) -> io::Result<()> {
    if let Ok(stage) = out.own.enter(STAGE)
        && let Found::Whole(folders) = load::<Vec<String>>(&stage, FOLDERS)
    {
        // The innermost come first.
        folders.iter().rev().for_each(|folder| out.tree.remove_folder(folder));
    }
    sweep(out)
}

/// Removes the stage.
fn sweep(out: &Out) -> io::Result<()> {
    let stage = match out.own.enter(STAGE) {
        Ok(stage) => stage,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    // The list of folders goes last, so that a kill in between does not lose it.
    empty(&stage, Some(FOLDERS))?;
    stage.remove(FOLDERS)?;
    out.own.remove_folder(STAGE)
}

/// Removes what is in a folder of the stage, but for one file.
fn empty(folder: &Folder, but: Option<&str>) -> io::Result<()> {
    for name in folder.names()?.iter().filter(|name| but != Some(name)) {
        match folder.stat(name)? {
            Some(stat) if stat.kind == Kind::Folder => {
                empty(&folder.enter(name)?, None)?;
                folder.remove_folder(name)?;
            }
            _ => folder.remove(name)?,
        }
    }
    Ok(())
}

fn go_on(flow: ControlFlow<()>) -> Result<(), PublishError> {
    match flow {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(PublishError::Stopped),
    }
}

fn changed(source: &dyn fmt::Display) -> PublishError {
    PublishError::Failed {
        message: format!("{source} changed while the site was built"),
        hint: format!("run it again; {}", super::error::INTACT),
        source: None,
    }
}
