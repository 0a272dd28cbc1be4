//! What hosts that are not a disk want to know: the bytes of one file of a plan, and links in an output
//! folder.

use std::io::Read;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::error::PublishError;
use super::read::open_regular;
use crate::plan::{Artifact, File};

/// The bytes of a file, whose copies are taken from the project at `root`.
///
/// # Errors
/// It is a copy, and the file of the project has gone or changed since the plan was made.
pub fn fetch(root: &Path, file: &File) -> Result<Vec<u8>, PublishError> {
    let source = match &file.artifact {
        Artifact::Bytes(bytes) => return Ok(bytes.unpack()),
        Artifact::Copy(source) => source,
        // What is asked for here was built into memory.
        Artifact::Taken { .. } => return Ok(vec![]),
    };
    let path = root.join(source.as_str());
    let changed = || PublishError::Failed {
        message: format!("{source} changed while the site was built"),
        hint: "run it again".into(),
        source: None,
    };
    let (from, _) = open_regular(&path).map_err(|_| changed())?;
    let mut bytes = vec![];
    // One byte more than it had is enough to see that it grew.
    from.take(file.len.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| PublishError::io("read", &path, error))?;
    match blake3::hash(&bytes) == file.hash {
        true => Ok(bytes),
        false => Err(changed()),
    }
}

/// The symbolic links in a folder, relative to it, in order. None of them is followed; a folder that is
/// not there has none.
pub fn links(folder: &Path) -> Vec<PathBuf> {
    let entries = WalkDir::new(folder).min_depth(1).sort_by_file_name().into_iter();
    let links = entries.filter_map(Result::ok).filter(|entry| entry.path_is_symlink());
    links.filter_map(|entry| Some(entry.path().strip_prefix(folder).ok()?.to_owned())).collect()
}
