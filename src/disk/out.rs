//! Which output folders are refused, and the output folder once it is opened and locked.
#![allow(clippy::disallowed_methods, reason = "the disk is the hand that touches files")]

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use walkdir::WalkDir;

use super::error::PublishError;
use super::folder::{Folder, Kind};
use super::ignore::{is_of_project, is_output};
use super::read::text;
use super::records::{JOURNAL, LOCK, MANIFEST, OWN, STAGE};
use super::tree::Tree;
use crate::config::{self, Config};
use crate::snapshot::Entry;

/// How often a lock that another process holds is tried again, and how long between.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(100);

/// Folders of a project that nothing is written to.
const SOURCES: [&str; 3] = ["notes", "templates", "static"];

/// The output folder that `out` means for the project at `root`, absolute and free of links. It
/// need not exist, and nothing is made.
///
/// # Errors
///
/// It is refused if a site there would mix with what the user wrote: a folder with the project,
/// its sources or the home in it, a folder inside those sources, `/`, the root of a Git
/// repository, or no folder at all.
pub fn check_out(root: &Path, out: &Path) -> Result<PathBuf, PublishError> {
    let shown = out.display();
    let refuse = |why: &str| {
        let message = format!("the output folder {shown} {why}");
        Err(PublishError::refused(message, "choose another folder with --out, such as public"))
    };
    let resolved = match resolve(out) {
        Ok(Some(resolved)) => resolved,
        Ok(None) => return refuse("goes through a folder or a link that leads nowhere"),
        Err(error) => return Err(PublishError::io("look at the output folder", out, error)),
    };
    if resolved.exists() && !resolved.is_dir() {
        return refuse("is not a folder");
    }
    if resolved.parent().is_none() {
        return refuse("is the root of the file system");
    }
    if std::env::home_dir().is_some_and(|home| within(&home, &resolved)) {
        return refuse("is your home folder or has it in it");
    }
    if resolved.join(".git").symlink_metadata().is_ok() {
        return refuse("is the root of a Git repository");
    }
    if resolved.components().any(|part| part.as_os_str() == ".git") {
        return refuse("belongs to Git");
    }
    if within(root, &resolved) {
        return refuse("has the project itself in it");
    }
    let notes = notes_folder(root);
    let sources = SOURCES.into_iter().chain(Some(notes.as_str()).filter(|it| !it.is_empty()));
    for name in sources {
        let source = root.join(name);
        if within(&source, &resolved) {
            return refuse(&format!("has {name}/ of the project in it"));
        }
        if within(&resolved, &source) {
            return refuse(&format!("is in {name}/ of the project"));
        }
    }
    // Where notes may be anywhere they would be taken for a part of the site from then on.
    let may_be_notes = notes.is_empty() && within(&resolved, root) && !is_output(&resolved);
    let beside = is_of_project(&resolved) && resolved.parent().is_some_and(|it| same(it, root));
    if may_be_notes && !beside && has_notes(&resolved) {
        return refuse("has notes of the project in it");
    }
    Ok(resolved)
}

/// True if a folder has Markdown in it.
fn has_notes(folder: &Path) -> bool {
    let mut files = WalkDir::new(folder).into_iter().filter_map(Result::ok);
    files.any(|it| it.path().extension().is_some_and(|it| it == "md"))
}

/// The folder of the notes; empty for the project's own, in which a site is known by what we leave in
/// it.
fn notes_folder(root: &Path) -> String {
    let limit = Config::default().max_note_size;
    match text(&root.join(config::FILE), limit) {
        Ok(Entry::Text(bytes)) => config::parse(&bytes).0.notes,
        _ => Config::default().notes,
    }
}

/// A path without links and `..`, as far as it exists, and the rest as it is; none if the rest
/// has a link that leads nowhere or goes up again.
fn resolve(path: &Path) -> io::Result<Option<PathBuf>> {
    let path = std::path::absolute(path)?;
    for start in path.ancestors() {
        match start.canonicalize() {
            Ok(resolved) => {
                let Ok(rest) = path.strip_prefix(start) else { return Ok(None) };
                let plain = rest.components().all(|part| matches!(part, Component::Normal(_)));
                // Joining an empty rest would add a slash.
                let whole =
                    if rest.as_os_str().is_empty() { resolved } else { resolved.join(rest) };
                return Ok(plain.then_some(whole));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if start.symlink_metadata().is_ok() {
                    return Ok(None);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// True if `inner` is `outer` or in it. Folders are compared by what they are, not by how they
/// are spelled, so that case, links and mounts do not deceive it.
fn within(inner: &Path, outer: &Path) -> bool {
    let inner = resolve(inner).ok().flatten().unwrap_or_else(|| inner.to_owned());
    let outer = resolve(outer).ok().flatten().unwrap_or_else(|| outer.to_owned());
    inner.starts_with(&outer) || inner.ancestors().any(|folder| same(folder, &outer))
}

#[cfg(unix)]
fn same(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |path: &Path| fs::metadata(path).map(|meta| (meta.dev(), meta.ino())).ok();
    id(a).is_some_and(|a| id(b) == Some(a))
}

#[cfg(not(unix))]
fn same(a: &Path, b: &Path) -> bool {
    a == b
}

/// Refuses a folder that has files in it and no sign of ours.
pub(super) fn refuse_foreign(out: &Path) -> Result<(), PublishError> {
    // In this order: another process that publishes here for the first time right now first
    // has a stage or a journal, then files, then a manifest and no journal any more.
    let names = match fs::read_dir(out) {
        Ok(entries) => entries.filter_map(Result::ok).map(|entry| entry.file_name()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(PublishError::io("look into", out, error)),
    };
    let Some(name) = names.filter(|name| name != OWN).min() else { return Ok(()) };
    let own = out.join(OWN);
    if [STAGE, JOURNAL, MANIFEST].iter().any(|sign| own.join(sign).symlink_metadata().is_ok()) {
        return Ok(());
    }
    // What is in the way of our pages is no folder to share.
    let hint = match out.join("index.html").exists() {
        true => "remove it if it is another tool's site, or choose another folder with --out",
        false => {
            "choose another folder with --out, or publish into this one with --adopt, which deletes \
             nothing"
        }
    };
    Err(PublishError::refused(
        format!(
            "the output folder {} was not made by us and is not empty: it has {}",
            out.display(),
            name.to_string_lossy()
        ),
        hint,
    ))
}

/// An output folder that nobody else publishes to as long as this value lives.
#[derive(Debug)]
pub(super) struct Out {
    /// The site.
    pub(super) tree: Tree,
    /// Our own folder in it.
    pub(super) own: Folder,
    // The system lets go of the lock when the file is closed, however the process ends.
    _lock: File,
}

impl Out {
    /// Opens and locks an output folder, whose path is free of links, and makes it if need be.
    ///
    /// # Errors
    ///
    /// It cannot be made, something else stands in its place, or another process holds it for
    /// more than ten seconds.
    pub(super) fn open(path: &Path) -> Result<Self, PublishError> {
        // Who held it may have given up a folder that it made, and have removed it.
        for _ in 0..TRIES {
            let out = Self::wait(path)?;
            if out.is_there(path) {
                return Ok(out);
            }
        }
        Err(PublishError::io("open the folder", path, io::ErrorKind::NotFound.into()))
    }

    /// True if what is locked is what stands at the path.
    fn is_there(&self, path: &Path) -> bool {
        let locked = self.own.stat(LOCK).ok().flatten();
        let fresh = Tree::open(path).and_then(|tree| tree.root().enter(OWN)?.stat(LOCK));
        locked.is_some() && locked.map(|it| it.id) == fresh.ok().flatten().map(|it| it.id)
    }

    fn wait(path: &Path) -> Result<Self, PublishError> {
        fs::create_dir_all(path)
            .map_err(|error| PublishError::io("make the output folder", path, error))?;
        let tree =
            Tree::open(path).map_err(|error| PublishError::io("open the folder", path, error))?;
        let shown = path.join(OWN);
        let io = |error| PublishError::io("make the folder", &shown, error);
        tree.root().make(OWN).map_err(io)?;
        let own = match tree.root().enter(OWN) {
            Ok(own) => own,
            Err(error) => match tree.root().stat(OWN).ok().flatten() {
                Some(stat) if stat.kind != Kind::Folder => {
                    return Err(PublishError::refused(
                        format!("{} is {}, not a folder", shown.display(), stat.kind.words()),
                        "remove it and run again",
                    ));
                }
                _ => return Err(io(error)),
            },
        };
        let lock = lock(&own, &shown.join(LOCK))?;
        Ok(Self { tree, own, _lock: lock })
    }

    /// Refuses a record that a newer gongbu wrote.
    pub(super) fn newer(&self, name: &str) -> PublishError {
        let shown = self.tree.path(OWN).join(name);
        PublishError::refused(
            format!("{} was written by a newer gongbu", shown.display()),
            "publish with that one, or choose another folder with --out",
        )
    }
}

/// Waits for the lock and writes our process id into it.
fn lock(own: &Folder, shown: &Path) -> Result<File, PublishError> {
    let io = |error| PublishError::io("lock", shown, error);
    let mut file = own.lock(LOCK).map_err(io)?;
    if !file.metadata().map_err(io)?.is_file() {
        let message = format!("{} is not a regular file", shown.display());
        return Err(PublishError::refused(message, "remove it and run again"));
    }
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                std::thread::sleep(PAUSE);
                continue;
            }
            // A file system without locks is better served without one than not at all.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        // The number only helps people; that it is missing on a full disk is no harm.
        let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
        return Ok(file);
    }
    let mut pid = String::new();
    // Where locks are mandatory the number cannot be read.
    let _ = file.rewind().and_then(|()| (&file).take(20).read_to_string(&mut pid));
    let who = match pid.trim() {
        "" => "another process".into(),
        pid => format!("process {pid}"),
    };
    Err(PublishError::Failed {
        message: format!("the output folder is locked by {who}, which publishes to it right now"),
        hint: "wait until it is done and run again; nothing was touched".into(),
        source: None,
    })
}
