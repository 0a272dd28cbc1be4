//! The stage: where the files of the new site wait in `OUT/.gongbu/` until all are there. It takes them as
//! they are made, so that no site has to fit into memory.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;

use super::folder::{Folder, synced};
use super::out::Out;
use super::records::{Manifest, Record, SITE, STAGE, inside};
use super::tree::split;
use crate::plan::{self, Artifact, Plan};

/// So many folders are kept open at most: some processes may open 64 files.
const OPEN: usize = 16;

/// An output folder that is ours alone, and its stage.
pub(super) struct Stage {
    pub(super) out: Out,
    /// What is ours there.
    pub(super) manifest: Manifest,
    /// Whether what was written down of it could not be read.
    pub(super) damaged: bool,
    /// The folders on the way that were not there before, the outermost first.
    pub(super) made: Vec<PathBuf>,
    /// What of the old site is as it was left: it need not be written again.
    old: FxHashMap<String, blake3::Hash>,
    site: OnceLock<Option<Staged>>,
    /// How many files were taken.
    taken: AtomicUsize,
    /// The disk takes no more. What comes is kept in memory, and publishing will tell.
    is_full: AtomicBool,
}

impl Stage {
    /// A stage without files; it is made with the first of them.
    pub(super) fn new(mut out: Out, manifest: Manifest, damaged: bool, made: Vec<PathBuf>) -> Self {
        let is_left = |(path, record): &(&String, &Record)| {
            let stat = out.tree.stat(path).ok().flatten();
            stat.is_some_and(|stat| record.is_left(&stat))
        };
        let old = manifest.files.iter().filter(is_left);
        let old = old.map(|(path, record)| (path.clone(), record.hash)).collect();
        let (site, taken, is_full) = (OnceLock::new(), AtomicUsize::new(0), AtomicBool::new(false));
        Self { out, manifest, damaged, made, old, site, taken, is_full }
    }

    /// Writes a file to the stage, if it does not stand at its path already. None if that cannot be done.
    pub(super) fn take(&self, path: &str, hash: &blake3::Hash, bytes: &[u8]) -> Option<Artifact> {
        if self.old.get(path) == Some(hash) {
            return Some(Artifact::Taken { is_new: false });
        }
        // What leads elsewhere will be refused.
        if self.is_full.load(Ordering::Relaxed) || !inside(path) {
            return None;
        }
        let site = self.site.get_or_init(|| Staged::make(&self.out.own).ok());
        match site.as_ref()?.write(path, bytes) {
            Ok(()) => {
                self.taken.fetch_add(1, Ordering::Relaxed);
                Some(Artifact::Taken { is_new: true })
            }
            // Two want to be there, which will be told.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => None,
            Err(_) => {
                self.is_full.store(true, Ordering::Relaxed);
                None
            }
        }
    }

    /// True if all files that were taken are of this plan, so that whole folders may be moved.
    pub(super) fn is_of(&self, plan: &Plan) -> bool {
        let is_ours = |file: &plan::File| file.artifact == Artifact::Taken { is_new: true };
        let ours = plan.files().filter(|(_, file)| is_ours(file)).count();
        ours == self.taken.load(Ordering::Relaxed)
    }

    /// Takes no more files, and keeps none of their folders open. True if it took any.
    pub(super) fn close(&mut self) -> bool {
        self.site.take().is_some()
    }
}

/// The files of the stage, in folders as they will stand in the output folder. Many may write at once.
pub(super) struct Staged {
    root: Arc<Folder>,
    open: Mutex<FxHashMap<String, Arc<Folder>>>,
}

impl Staged {
    /// That of the stage in our own folder; both are made if need be.
    pub(super) fn make(own: &Folder) -> io::Result<Self> {
        own.make(STAGE)?;
        let stage = own.enter(STAGE)?;
        stage.make(SITE)?;
        Ok(Self { root: stage.enter(SITE)?.into(), open: Mutex::default() })
    }

    /// Writes a file. One that is there already is an error.
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let (parent, name) = split(path);
        let folder = self.folder(parent)?;
        let mut file = folder.create(name)?;
        let written = file.write_all(bytes).and_then(|()| synced(&file));
        if written.is_err() {
            // The room is needed.
            let _ = folder.remove(name);
        }
        written
    }

    /// A new, empty file, in the place of one that nobody wants any more.
    pub(super) fn create(&self, path: &str) -> io::Result<File> {
        let (parent, name) = split(path);
        let folder = self.folder(parent)?;
        folder.remove(name)?;
        folder.create(name)
    }

    /// A folder, which is made if need be.
    pub(super) fn folder(&self, path: &str) -> io::Result<Arc<Folder>> {
        if path.is_empty() {
            return Ok(self.root.clone());
        }
        let open = || self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = open().get(path) {
            return Ok(folder.clone());
        }
        let (parent, name) = split(path);
        let parent = self.folder(parent)?;
        parent.make(name)?;
        let folder = Arc::new(parent.enter(name)?);
        let mut open = open();
        if open.len() >= OPEN {
            open.clear();
        }
        open.insert(path.to_owned(), folder.clone());
        Ok(folder)
    }
}
