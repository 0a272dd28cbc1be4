//! What in the folders of a project is not looked at.

use std::path::Path;

use globset::{Glob, GlobSet, GlobSetBuilder};
use walkdir::DirEntry;

use crate::config;
use crate::path::nfc;

/// What the project's own folder holds besides notes.
pub fn is_of_project(path: &Path) -> bool {
    let names = ["templates", "static", "public", "target", "node_modules", config::FILE];
    path.file_name().is_some_and(|name| names.iter().any(|it| name == *it))
}

/// A site that we made is no note, wherever it lies.
pub(super) fn is_output(path: &Path) -> bool {
    path.join(".gongbu").symlink_metadata().is_ok_and(|it| it.is_dir())
}

/// Files that editors, systems and other tools leave behind, and what is hidden.
pub fn ignored_by_name(name: &[u8]) -> bool {
    name.starts_with(b".")
        || name.ends_with(b".tmp")
        || name.ends_with(b"~")
        || name.ends_with(b".swp")
        // IntelliJ and its kin.
        || name.ends_with(b"___jb_tmp___")
        || name.ends_with(b"___jb_old___")
        || (name.len() > 1 && name.starts_with(b"#") && name.ends_with(b"#"))
        || name == b"node_modules"
        || name.eq_ignore_ascii_case(b"Thumbs.db")
}

/// True for what a walk through `top`, a folder of the project at `root`, passes over whatever the settings say.
pub(super) fn is_passed_over(root: &Path, top: &Path, entry: &DirEntry) -> bool {
    let path = entry.path();
    // Notes in the project's own folder share it with the rest of the project.
    let is_other = top == root && path.parent() == Some(root) && is_of_project(path);
    ignored_by_name(entry.file_name().as_encoded_bytes())
        || is_other
        || entry.file_type().is_dir() && is_output(path)
}

/// The `ignore` of the settings. A glob is matched against the whole path under `notes/`, and
/// one that names a folder ignores all that is in it, because that is never walked into. `/templates` and
/// `/static` are those of the project, where they are another tool's.
pub(super) fn globs(globs: &[String]) -> anyhow::Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        // The names on disk are compared in NFC too: macOS may give them decomposed.
        set.add(Glob::new(&nfc(glob.trim_end_matches('/')))?);
    }
    Ok(set.build()?)
}
