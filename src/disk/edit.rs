//! Changes a file of the project in place: all of it or nothing.

#![expect(clippy::disallowed_methods, reason = "these are the hands, which read and write files")]

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::path::SrcPath;

/// Puts `new` where `old` was read. The new file is written aside and renamed into place, with the
/// rights of the old one.
///
/// # Errors
/// If the file is no regular file, has changed since it was read, or cannot be written.
pub fn replace(root: &Path, file: &SrcPath, old: &[u8], new: &[u8]) -> io::Result<()> {
    let path = root.join(file.as_str());
    let meta = fs::symlink_metadata(&path)?;
    if !meta.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    if fs::read(&path)? != old {
        return Err(io::Error::other("it has changed since it was read"));
    }
    let aside = path.with_file_name(format!(".gongbu-{}.tmp", std::process::id()));
    let write = || {
        let mut out = fs::File::create_new(&aside)?;
        out.write_all(new)?;
        out.set_permissions(meta.permissions())?;
        out.sync_all()?;
        fs::rename(&aside, &path)
    };
    write().inspect_err(|_| {
        // It may not be there at all.
        let _ = fs::remove_file(&aside);
    })
}
