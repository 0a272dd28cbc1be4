//! What is to be done to make the output folder equal to a plan. Only looks: whatever can be
//! known to go wrong is an error here, before anything is written.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::error::{INTACT, PublishError};
use super::folder::{Kind, Stat};
use super::out::Out;
use super::records::{Journal, Manifest, Paths, Record, inside};
use super::tree::{Blocked, Tree, split};
use crate::path::{OutPath, nfc};
use crate::plan::{self, Change, File, Inventory, Plan};

/// What is there and what follows from it.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// What is to be done; the n-th of its puts is the n-th of `puts`.
    pub(super) journal: Journal,
    /// The files to be written, in their order.
    pub(super) puts: Vec<(OutPath, File)>,
    /// The files that are right as they are.
    pub(super) kept: BTreeMap<String, Record>,
    /// Folders that are missing and are not moved whole, those outside first.
    pub(super) folders: Vec<String>,
}

/// How files that are not as the manifest says are met.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim<'a> {
    /// What is ours.
    pub(super) manifest: &'a Manifest,
    /// Files in our way may be replaced, because what is ours is
    /// not known any more.
    pub(super) replace: bool,
    /// Folders of the stage have nothing in them but files of the plan.
    pub(super) whole: bool,
}

/// Compares a plan with the output folder.
///
/// # Errors
///
/// Something that is not ours stands where a file must go, or a folder may not be written to.
pub(super) fn survey(plan: &Plan, out: &mut Out, claim: Claim<'_>) -> Result<Survey, PublishError> {
    let mut survey = Survey::default();
    let mut clear = BTreeSet::new();
    let mut clashes = vec![];
    for (path, file) in plan.files() {
        check_path(plan, path)?;
        match look(path, file, out, claim, &mut clear) {
            Ok(Some(record)) => drop(survey.kept.insert(path.to_string(), record)),
            Ok(None) => {}
            Err(Trouble::Clash(message)) => clashes.push(message),
            Err(Trouble::Blocked(it)) => return Err(blocked(&out.tree, it)),
        }
    }
    if let Some(first) = clashes.first() {
        return Err(PublishError::refused(
            match clashes.len() - 1 {
                0 => first.clone(),
                more => format!("{first}; and {more} more like it"),
            },
            format!("move it away or rename the note; {INTACT}"),
        ));
    }

    // A file that is gone or damaged is written again, one that the plan no longer has is
    // removed, whatever became of it.
    let mut there: Inventory = claim
        .manifest
        .files
        .iter()
        .map(|(path, record)| (OutPath::from(path.as_str()), record.hash))
        .filter(|(path, _)| plan.get(path).is_none())
        .collect();
    there.extend(survey.kept.iter().map(|(path, it)| (OutPath::from(path.as_str()), it.hash)));
    // Seldom asked for.
    let twins = LazyCell::new(|| -> BTreeMap<String, &OutPath> {
        plan.files().map(|(path, _)| (folded(path.as_str()), path)).collect()
    });
    for change in plan.changes(&there) {
        match change {
            Change::Put(path, file) => survey.puts.push((path.clone(), file.clone())),
            Change::Remove(path) if clear.contains(path.as_str()) => {}
            Change::Remove(path) => {
                let twin = twins.get(&folded(path.as_str()));
                if twin.is_none_or(|twin| !same(out, path, twin)) {
                    survey.journal.removes.push(path.to_string());
                }
            }
        }
    }
    // What names others goes before what it names.
    survey
        .journal
        .removes
        .sort_by_key(|path| std::cmp::Reverse(plan::stage(&path.as_str().into())));
    survey.journal.puts = survey.puts.iter().map(|(path, _)| path.to_string()).collect();
    survey.folders = missing(out, &survey.journal.puts, &clear)?;
    // Where a site stands, its files are replaced one by one in an order in which it stays one.
    if claim.whole && claim.manifest.files.is_empty() && !claim.replace {
        let (whole, inner): (Vec<_>, Vec<_>) =
            survey.folders.into_iter().partition(|folder| !folder.contains('/'));
        let outer = |folder: &str| folder.split('/').next().unwrap_or_default().to_owned();
        let stays = |folder: &String| whole.binary_search(&outer(folder)).is_err();
        survey.folders = inner.into_iter().filter(stays).collect();
        survey.journal.whole = whole;
    }
    survey.journal.clear = clear.into_iter().collect();
    writable(out, &survey.journal)?;
    Ok(survey)
}

/// Why a file cannot go where it must.
enum Trouble {
    /// Something that is not ours is there; the sentence names it.
    Clash(String),
    /// It cannot be known.
    Blocked(Blocked),
}

impl From<Blocked> for Trouble {
    fn from(blocked: Blocked) -> Self {
        Self::Blocked(blocked)
    }
}

/// What is at the place of a file: its record if it is as it must be. What is ours and in the
/// way is put into `clear`.
fn look(
    path: &OutPath,
    file: &File,
    out: &mut Out,
    claim: Claim<'_>,
    clear: &mut BTreeSet<String>,
) -> Result<Option<Record>, Trouble> {
    let ours = &claim.manifest.files;
    let path = path.as_str();
    let clash = |out: &Out, path: &str, what: &str| {
        let shown = out.tree.path(path);
        Err(Trouble::Clash(format!("{} {what}", shown.display())))
    };
    let stat = match out.tree.stat(path) {
        Ok(None) => return Ok(None),
        Ok(Some(stat)) => stat,
        Err(it) if it.kind == Some(Kind::File) && ours.contains_key(&it.path) => {
            clear.insert(it.path);
            return Ok(None);
        }
        Err(Blocked { path, kind: Some(kind), .. }) => {
            let what = format!("is {}, and a folder of the site belongs there", kind.words());
            return clash(out, &path, &what);
        }
        Err(it) => return Err(it.into()),
    };
    let unchanged = |record: &&Record| record.hash == file.hash && record.is_left(&stat);
    if let Some(record) = ours.get(path).filter(unchanged) {
        return Ok(Some(*record));
    }
    if stat.kind == Kind::Folder {
        let inner = out.tree.files(path)?;
        if let Some(foreign) = inner.iter().find(|it| !ours.contains_key(*it)) {
            let what = format!("is not ours, and the file {path} of the site belongs there");
            return clash(out, foreign, &what);
        }
        if inner.is_empty() {
            return clash(out, path, "is a folder, and a file of the site belongs there");
        }
        clear.extend(inner);
        return Ok(None);
    }
    if ours.contains_key(path) && !claim.replace {
        return Ok(None);
    }
    if stat.kind == Kind::File && equal(out, path, stat, file)? {
        let Stat { len, mtime, .. } = stat;
        return Ok(Some(Record { hash: file.hash, len, mtime }));
    }
    if claim.replace {
        return Ok(None);
    }
    clash(out, path, "is not ours, and a file of the site belongs there")
}

/// True if the file at a path has the bytes of the plan's.
fn equal(out: &mut Out, path: &str, stat: Stat, file: &File) -> Result<bool, Blocked> {
    let (parent, name) = split(path);
    let blocked = |error| Blocked { path: path.to_owned(), kind: None, error };
    if stat.len != file.len {
        return Ok(false);
    }
    let Some(folder) = out.tree.folder(parent)? else { return Ok(false) };
    let mut hasher = blake3::Hasher::new();
    let there = folder.read(name).map_err(blocked)?;
    hasher.update_reader(there).map_err(blocked)?;
    Ok(hasher.finalize() == file.hash)
}

/// A plan with such a path is a fault of ours; better no site than one that leads out of it.
fn check_path(plan: &Plan, path: &OutPath) -> Result<(), PublishError> {
    let text = path.as_str();
    let ancestors = text.match_indices('/').map(|(at, _)| OutPath::from(&text[..at]));
    let outer = ancestors.into_iter().find(|outer| plan.get(outer).is_some());
    let message = match outer {
        Some(outer) => format!("the site has both a file `{outer}` and a file `{path}` in it"),
        None if !inside(text) => format!("the site has a file with the impossible name `{path}`"),
        None => return Ok(()),
    };
    Err(PublishError::refused(message, "rename one of the notes"))
}

/// How a name looks to a file system that knows neither case nor forms of Unicode.
fn folded(path: &str) -> String {
    nfc(path).to_lowercase()
}

/// True if two names mean one file, as they may on macOS and Windows: putting the one then
/// replaces the other, and removing the other would remove both.
fn same(out: &mut Out, old: &OutPath, new: &OutPath) -> bool {
    let mut id = |path: &OutPath| out.tree.stat(path.as_str()).ok().flatten().map(|it| it.id);
    match (id(old), id(new)) {
        (Some(old), Some(new)) => old == new,
        _ => false,
    }
}

/// The folders that the puts need and that are not there, but for those that can only be made
/// once something is out of the way.
fn missing(
    out: &mut Out,
    puts: &[String],
    clear: &BTreeSet<String>,
) -> Result<Vec<String>, PublishError> {
    let mut missing = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for path in puts {
        if clear.iter().any(|it| path.starts_with(&format!("{it}/"))) {
            continue;
        }
        for (at, _) in path.match_indices('/') {
            let folder = &path[..at];
            if seen.insert(folder) {
                let there = out.tree.folder(folder).map(|it| it.is_some());
                if !there.map_err(|it| blocked(&out.tree, it))? {
                    missing.insert(folder.to_owned());
                }
            }
        }
    }
    Ok(missing.into_iter().collect())
}

/// Fails if a rename or a removal would fail later, when half of the new site is in place.
fn writable(out: &mut Out, journal: &Journal) -> Result<(), PublishError> {
    let mut seen = BTreeSet::new();
    for path in journal.paths() {
        let (parent, name) = split(path);
        let shown = (out.tree.path(parent), out.tree.path(path));
        let Ok(Some(folder)) = out.tree.folder(parent) else { continue };
        let denied = |at: &Path, error| PublishError::io("write to", at, error);
        if seen.insert(parent) {
            folder.writable().map_err(|error| denied(&shown.0, error))?;
        }
        if folder.stat(name).ok().flatten().is_some_and(|stat| stat.kind == Kind::File) {
            folder.replaceable(name).map_err(|error| denied(&shown.1, error))?;
        }
    }
    Ok(())
}

/// A step that could not be made, as an error.
pub(super) fn blocked(tree: &Tree, blocked: Blocked) -> PublishError {
    let shown = tree.path(&blocked.path);
    match blocked.kind {
        Some(kind) => PublishError::refused(
            format!("{} is {}, and a folder belongs there", shown.display(), kind.words()),
            "remove it and run again",
        ),
        None => PublishError::io("reach", &shown, blocked.error),
    }
}
