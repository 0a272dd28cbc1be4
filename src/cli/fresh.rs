//! Writes new files into a project: all of them, or none.

#![expect(clippy::disallowed_methods, reason = "these are the hands, which read and write files")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// What a new file holds.
#[derive(Debug)]
pub enum Content {
    /// These bytes.
    Bytes(Vec<u8>),
    /// What this file holds.
    Copy(PathBuf),
}

/// What keeps a new file from being written at `path` under `root`: a file that is there already,
/// or a link or a file where a folder must be. Nothing is ever written through a symbolic link,
/// because it may lead out of the project.
pub fn in_the_way(root: &Path, path: &str) -> Option<String> {
    for (end, _) in path.match_indices('/').chain([(path.len(), "")]) {
        let part = &path[..end];
        match fs::symlink_metadata(root.join(part)) {
            Ok(found) if found.is_dir() && end < path.len() => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Ok(_) | Err(_) => return Some(part.to_owned()),
        }
    }
    None
}

/// Writes files that are not there yet, by their paths under `root`, and last of all the one in
/// `changed`, which may be. They are written aside and then renamed into place; if anything fails,
/// what was done is undone.
pub fn write(
    root: &Path,
    files: &[(String, Content)],
    changed: Option<(&str, &str)>,
) -> anyhow::Result<()> {
    let mut done = Done::default();
    done.folders(root)?;
    let aside = root.join(format!(".gongbu-{}", std::process::id()));
    done.folders(&aside)?;
    for (number, (path, content)) in files.iter().enumerate() {
        let temporary = aside.join(number.to_string());
        match content {
            Content::Bytes(bytes) => done.file(&temporary, bytes),
            Content::Copy(from) => done.copy(from, &temporary),
        }
        .with_context(|| format!("cannot write {path}"))?;
    }
    let last = aside.join("changed");
    if let Some((path, text)) = changed {
        done.file(&last, text.as_bytes()).with_context(|| format!("cannot write {path}"))?;
    }
    for (number, (path, _)) in files.iter().enumerate() {
        let target = root.join(path);
        let mut rename = || -> anyhow::Result<()> {
            if let Some(folder) = target.parent() {
                done.folders(folder)?;
            }
            // Somebody may have written it since we looked.
            anyhow::ensure!(in_the_way(root, path).is_none(), "it is there already");
            done.rename(&aside.join(number.to_string()), &target)?;
            Ok(())
        };
        rename().with_context(|| format!("cannot write {path}"))?;
    }
    if let Some((path, _)) = changed {
        fs::rename(&last, root.join(path)).with_context(|| format!("cannot write {path}"))?;
    }
    done.keep(&aside);
    Ok(())
}

/// What was made so far, in order; dropped before [`Done::keep`], it is taken away again.
#[derive(Default)]
struct Done(Vec<PathBuf>);

impl Done {
    fn folders(&mut self, folder: &Path) -> anyhow::Result<()> {
        let missing =
            folder.ancestors().take_while(|it| !it.as_os_str().is_empty() && !it.exists());
        let missing: Vec<&Path> = missing.collect();
        for folder in missing.into_iter().rev() {
            let made = fs::create_dir(folder);
            made.with_context(|| format!("cannot make the folder {}", folder.display()))?;
            self.0.push(folder.to_owned());
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.0.push(path.to_owned());
        fs::write(path, bytes)
    }

    fn copy(&mut self, from: &Path, path: &Path) -> io::Result<()> {
        self.0.push(path.to_owned());
        fs::copy(from, path).map(drop)
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)?;
        self.0.push(to.to_owned());
        Ok(())
    }

    fn keep(mut self, aside: &Path) {
        self.0.clear();
        // It is empty by now; one that stays does no harm.
        let _ = fs::remove_dir(aside);
    }
}

impl Drop for Done {
    fn drop(&mut self) {
        for path in self.0.iter().rev() {
            // What was renamed is gone from its first place, so some of these fail.
            let _ = if path.is_dir() { fs::remove_dir(path) } else { fs::remove_file(path) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_leaves_nothing() {
        let Ok(folder) = tempfile::tempdir() else { panic!("no folder") };
        let root = folder.path().join("new");
        let file = |path: &str| (path.to_owned(), Content::Bytes(b"x".to_vec()));
        let gone = ("c".to_owned(), Content::Copy(folder.path().join("gone")));
        assert!(write(&root, &[file("a"), gone], None).is_err());
        assert!(!root.exists());
        // A file cannot be a folder, which shows only when the first is in its place.
        assert!(write(&root, &[file("b/a"), file("b/a/b")], None).is_err());
        assert!(!root.exists());
        assert!(write(&root, &[file("b/a")], Some(("s", "y"))).is_ok());
        assert!(write(&root, &[file("b/a")], Some(("s", "z"))).is_err());
        assert_eq!(fs::read(root.join("s")).unwrap_or_default(), b"y");
        let names = fs::read_dir(&root).into_iter().flatten().flatten();
        let mut names: Vec<_> = names.map(|it| it.file_name()).collect();
        names.sort();
        assert_eq!(names, ["b", "s"]);
    }
}
