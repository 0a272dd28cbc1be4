//! The output folder as a tree, reached one step after the other, so that no symbolic link in
//! it is ever followed.

use std::io;
use std::path::{Path, PathBuf};

use super::folder::{Folder, Kind, Stat};

/// An open output folder.
#[derive(Debug)]
pub(super) struct Tree {
    path: PathBuf,
    root: Folder,
    // Files come sorted by folder, so the folder of the last one is mostly that of the next.
    last: Option<(String, Folder)>,
    // And so with one that was not there: in an empty output folder that is each.
    missing: Option<String>,
}

/// A step that could not be made: what stands at `path`, or why it cannot be known.
#[derive(Debug)]
pub(super) struct Blocked {
    /// The step, relative to the output folder.
    pub(super) path: String,
    /// What stands there instead of a folder.
    pub(super) kind: Option<Kind>,
    /// What the operating system said.
    pub(super) error: io::Error,
}

impl Tree {
    /// Opens the output folder, whose path is free of links.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self::of(Folder::open(path)?, path.to_owned()))
    }

    /// A tree of which a folder is open.
    pub(super) fn of(root: Folder, path: PathBuf) -> Self {
        Self { root, path, last: None, missing: None }
    }

    /// Where a file of the tree is, for people to read.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.path.join(path)
    }

    /// The output folder itself.
    pub(super) fn root(&self) -> &Folder {
        &self.root
    }

    /// An open folder of the tree; none if it is missing.
    pub(super) fn folder(&mut self, path: &str) -> Result<Option<&Folder>, Blocked> {
        self.walk(path, false)
    }

    /// An open folder of the tree, which is made if it is missing.
    pub(super) fn make(&mut self, path: &str) -> Result<&Folder, Blocked> {
        let missing =
            || Blocked { path: path.to_owned(), kind: None, error: io::ErrorKind::NotFound.into() };
        self.walk(path, true)?.ok_or_else(missing)
    }

    fn walk(&mut self, path: &str, make: bool) -> Result<Option<&Folder>, Blocked> {
        if path.is_empty() {
            return Ok(Some(&self.root));
        }
        if !make && self.missing.as_deref() == Some(path) {
            return Ok(None);
        }
        if self.last.as_ref().is_none_or(|(last, _)| last != path) {
            let mut here: Option<Folder> = None;
            let mut end = 0;
            for name in path.split('/') {
                let from = here.as_ref().unwrap_or(&self.root);
                end += name.len() + usize::from(end > 0);
                let blocked = |error| {
                    let kind = from.stat(name).ok().flatten().map(|stat| stat.kind);
                    let kind = kind.filter(|kind| *kind != Kind::Folder);
                    Blocked { path: path[..end].to_owned(), kind, error }
                };
                if make {
                    self.missing = None;
                    from.make(name).map_err(blocked)?;
                }
                here = match from.enter(name) {
                    Ok(folder) => Some(folder),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {
                        self.missing = Some(path.to_owned());
                        return Ok(None);
                    }
                    Err(error) => return Err(blocked(error)),
                };
            }
            self.last = here.map(|here| (path.to_owned(), here));
        }
        Ok(self.last.as_ref().map(|(_, folder)| folder))
    }

    /// What stands at a path; none if nothing does.
    pub(super) fn stat(&mut self, path: &str) -> Result<Option<Stat>, Blocked> {
        let (parent, name) = split(path);
        let Some(folder) = self.folder(parent)? else { return Ok(None) };
        folder.stat(name).map_err(|error| Blocked { path: path.to_owned(), kind: None, error })
    }

    /// Removes a file and then the folders that are empty without it. What cannot be reached
    /// without following a link, and what is a folder by now, is not ours and stays.
    pub(super) fn remove(&mut self, path: &str) -> io::Result<()> {
        let (parent, name) = split(path);
        match self.folder(parent) {
            Ok(Some(folder)) => match folder.stat(name)? {
                Some(stat) if stat.kind == Kind::Folder => return Ok(()),
                _ => folder.remove(name)?,
            },
            Ok(None) => {}
            Err(Blocked { kind: Some(_), .. }) => return Ok(()),
            Err(Blocked { error, .. }) => return Err(error),
        }
        self.prune(parent);
        Ok(())
    }

    /// Removes a folder if it is empty.
    pub(super) fn remove_folder(&mut self, path: &str) {
        let (parent, name) = split(path);
        // A folder that is gone must not be written to by mistake.
        self.last = None;
        if let Ok(Some(parent)) = self.folder(parent) {
            // One that somebody uses by now is kept.
            let _ = parent.remove_folder(name);
        }
    }

    /// Removes a folder and those around it as long as they are empty.
    fn prune(&mut self, folder: &str) {
        let mut folder = folder;
        while !folder.is_empty() {
            self.remove_folder(folder);
            if !matches!(self.folder(folder), Ok(None)) {
                break;
            }
            folder = split(folder).0;
        }
    }

    /// The files under a folder, by their paths, and its empty folders.
    pub(super) fn files(&mut self, path: &str) -> Result<Vec<String>, Blocked> {
        let blocked = |path: &str, error| Blocked { path: path.to_owned(), kind: None, error };
        let Some(folder) = self.folder(path)? else { return Ok(vec![]) };
        let names = folder.names().map_err(|error| blocked(path, error))?;
        let mut files = vec![];
        for name in names {
            let path = format!("{path}/{name}");
            match self.stat(&path)? {
                Some(stat) if stat.kind == Kind::Folder => {
                    let inner = self.files(&path)?;
                    match inner.is_empty() {
                        true => files.push(path),
                        false => files.extend(inner),
                    }
                }
                _ => files.push(path),
            }
        }
        Ok(files)
    }
}

/// A path's folder, empty at the root, and its name.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
