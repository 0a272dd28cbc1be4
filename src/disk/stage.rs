//! The stage: where the files of the new site wait in `OUT/.gongbu/` until all are there. It takes them as
//! they are made, so that no site has to fit into memory.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use rustc_hash::FxHashMap;

use super::folder::{Folder, synced};
use super::out::Out;
use super::records::{Manifest, Record, STAGE, taken};
use crate::plan::Artifact;

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
    folder: OnceLock<Option<Folder>>,
    /// How many files were taken.
    taken: AtomicU32,
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
        let (taken, is_full) = (AtomicU32::new(0), AtomicBool::new(false));
        Self { out, manifest, damaged, made, old, folder: OnceLock::new(), taken, is_full }
    }

    /// Writes a file to the stage, if it does not stand at its path already. None if that cannot be done.
    pub(super) fn take(&self, path: &str, hash: &blake3::Hash, bytes: &[u8]) -> Option<Artifact> {
        if self.old.get(path) == Some(hash) {
            return Some(Artifact::Taken(None));
        }
        if self.is_full.load(Ordering::Relaxed) {
            return None;
        }
        let folder = self.folder.get_or_init(|| {
            self.out.own.make(STAGE).ok()?;
            self.out.own.enter(STAGE).ok()
        });
        let folder = folder.as_ref()?;
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        let name = taken(number);
        let write = || -> io::Result<()> {
            let mut file = folder.create(&name)?;
            file.write_all(bytes)?;
            synced(&file)
        };
        if write().is_err() {
            self.is_full.store(true, Ordering::Relaxed);
            // The room is needed.
            let _ = folder.remove(&name);
            return None;
        }
        Some(Artifact::Taken(Some(number)))
    }

    /// True if files were taken.
    pub(super) fn has_files(&self) -> bool {
        self.folder.get().is_some()
    }
}
