//! Reading again what was saved, while somebody writes: ten thousand other files need no second look.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::read::text;
use crate::config::{self, Config};
use crate::path::SrcPath;
use crate::snapshot::{Entry, Snapshot, Text};

/// The files among `paths` with their new text; `root` is the project's folder, and begins each path.
/// None if that is not all that may have changed, so that the project must be read as a whole: a file
/// or folder came or went, it is no text, or the settings say what is read.
pub fn read_again(
    root: &Path,
    snapshot: &Snapshot,
    paths: &BTreeSet<PathBuf>,
) -> Option<Vec<(SrcPath, Text)>> {
    let settings = snapshot.text(config::FILE).map(|text| config::parse(text).0);
    let limit = settings.unwrap_or_default().max_note_size;
    let mut texts = vec![];
    for path in paths {
        let key = key(snapshot, path.strip_prefix(root).ok()?.to_str()?)?;
        if key.as_str() == config::FILE {
            return None;
        }
        match snapshot.files.get(&key) {
            Some(Entry::Text(_)) => {
                let limit = match key.as_str().ends_with(".md") {
                    true => limit,
                    false => limit.max(Config::default().max_note_size),
                };
                match text(path, limit) {
                    Ok(Entry::Text(text)) => texts.push((key, text)),
                    Ok(Entry::Asset { .. } | Entry::Refused(_)) | Err(_) => return None,
                }
            }
            Some(Entry::Asset { .. } | Entry::Refused(_)) => return None,
            // What an editor made and removed again is no change.
            None if is_gone(path) && !was_folder(snapshot, &key) => {}
            None => return None,
        }
    }
    Some(texts)
}

/// The key of a file whose path in the project is `inside`.
fn key(snapshot: &Snapshot, inside: &str) -> Option<SrcPath> {
    let inside = inside.replace('\\', "/");
    let Some(notes) = &snapshot.notes else { return Some(inside.into()) };
    let first = inside.split('/').next().unwrap_or_default();
    let is_other = ["templates", "static"].contains(&first);
    if is_other || inside == config::FILE {
        return Some(inside.into());
    }
    let rest = match notes.as_str() {
        "" => Some(inside.as_str()),
        notes => inside.strip_prefix(notes)?.strip_prefix('/'),
    };
    Some(format!("notes/{}", rest?).into())
}

fn is_gone(path: &Path) -> bool {
    path.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

fn was_folder(snapshot: &Snapshot, key: &SrcPath) -> bool {
    snapshot.folders.contains(key) || snapshot.under(&format!("{key}/")).next().is_some()
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "it tests the hand that touches files")]
mod tests {
    use std::fs;

    use super::*;
    use crate::disk::read;
    use crate::snapshot::Options;

    #[test]
    fn only_saved_texts_are_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for (path, text) in [
            ("gongbu.toml", "notes = \"docs\"\n"),
            ("docs/a/n.md", "old"),
            ("docs/a/p.png", "x"),
            ("templates/note.html", "old"),
        ] {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), text).unwrap();
        }
        let snapshot = read(&root, Options::default()).unwrap();
        for path in ["docs/a/n.md", "templates/note.html", "docs/a/new.md"] {
            fs::write(root.join(path), "new").unwrap();
        }
        let again = |paths: &[&str]| {
            let paths = paths.iter().map(|path| root.join(path)).collect();
            let texts = read_again(&root, &snapshot, &paths)?;
            Some(texts.iter().map(|(key, text)| (key.to_string(), text.to_vec())).collect())
        };
        let new = |key: &str| (key.to_owned(), b"new".to_vec());
        let saved = ["docs/a/n.md", "templates/note.html", "docs/a/4913"];
        assert_eq!(again(&saved), Some(vec![new("notes/a/n.md"), new("templates/note.html")]));
        fs::remove_file(root.join("templates/note.html")).unwrap();
        for whole in
            ["docs/a/new.md", "docs/a/p.png", "gongbu.toml", "docs/a", "templates/note.html"]
        {
            assert_eq!(again(&["docs/a/n.md", whole]), None, "{whole}");
        }
    }
    /// What comes and goes while the project is read is there or not, and no reason to stop (AST-07).
    #[test]
    fn files_that_come_and_go_are_no_trouble() {
        use std::sync::atomic::{AtomicBool, Ordering};
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::write(root.join(config::FILE), "").unwrap();
        let folders = ["notes/x", "notes/x/y", "static", "templates"];
        let files = ["notes/a.md", "notes/x/p.png", "notes/x/y/b.md", "static/s.css"];
        let paths = files.map(|file| root.join(file)).into();
        let done = AtomicBool::new(false);
        let come_and_go = || {
            while !done.load(Ordering::Relaxed) {
                folders.iter().for_each(|folder| fs::create_dir_all(root.join(folder)).unwrap());
                files.iter().for_each(|file| fs::write(root.join(file), file).unwrap());
                files.iter().for_each(|file| fs::remove_file(root.join(file)).unwrap());
                folders.iter().rev().for_each(|folder| fs::remove_dir(root.join(folder)).unwrap());
            }
        };
        let look = || -> Result<(), String> {
            for _ in 0..5_000 {
                let whole = read(root, Options::default()).map_err(|error| format!("{error:#}"))?;
                let is_refused = |entry: &Entry| matches!(entry, Entry::Refused(_));
                if whole.files.values().any(is_refused) {
                    return Err(format!("{:?}", whole.files));
                }
                // Either what was saved, or word that all must be read.
                let _ = read_again(root, &whole, &paths);
            }
            Ok(())
        };
        let seen = std::thread::scope(|scope| {
            scope.spawn(come_and_go);
            let seen = look();
            done.store(true, Ordering::Relaxed);
            seen
        });
        assert_eq!(seen, Ok(()));
    }
}
