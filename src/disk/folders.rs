//! The folders in which somebody may change a project.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::ignore::is_passed_over;
use super::read::text;
use crate::config::{self, Config};
use crate::snapshot::Entry;

/// The folder of the notes as the settings of the project at `root` name it now; none if they cannot be read.
pub fn notes_folder(root: &Path) -> Option<String> {
    match text(&root.join(config::FILE), Config::default().max_note_size) {
        Ok(Entry::Text(settings)) => Some(config::parse(&settings).0.notes),
        Ok(Entry::Asset { .. } | Entry::Refused(_)) | Err(_) => None,
    }
}

/// The folders whose files may be of the project at `root`, which has its notes in the folder `notes` below
/// it: its own, those above its notes, and all that reading looks into. Where there is no such project
/// what is nearest above it. The first is above the others.
pub fn folders(root: &Path, notes: &str) -> BTreeSet<PathBuf> {
    if !root.is_dir() {
        return root
            .ancestors()
            .find(|it| it.is_dir())
            .map(Path::to_path_buf)
            .into_iter()
            .collect();
    }
    let mut found = BTreeSet::from([root.to_path_buf()]);
    for name in [notes, "templates", "static"] {
        let top = if name.is_empty() { root.to_path_buf() } else { root.join(name) };
        let above = top.ancestors().skip(1).take_while(|it| it.starts_with(root));
        found.extend(above.filter(|it| it.is_dir()).map(Path::to_path_buf));
        let is_looked_into = |entry: &DirEntry| {
            let is_kept = entry.depth() == 0 || !is_passed_over(root, &top, entry);
            entry.file_type().is_dir() && is_kept
        };
        let walk = WalkDir::new(&top).follow_root_links(false).into_iter();
        let below = walk.filter_entry(is_looked_into).filter_map(Result::ok);
        found.extend(below.map(DirEntry::into_path));
    }
    found
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "it tests the hand that touches files")]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn folders_that_reading_looks_into() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("project");
        let made = [
            "notes/a/b",
            "notes/.obsidian",
            "notes/node_modules/x",
            "static/img",
            "content/posts/x",
            "public/a",
            "target/debug",
            "site/.gongbu",
            "site/a",
            ".git/objects",
        ];
        made.iter().for_each(|folder| fs::create_dir_all(root.join(folder)).unwrap());
        for (notes, found) in [
            ("notes", vec!["", "notes", "notes/a", "notes/a/b", "static", "static/img"]),
            (
                "content/posts",
                vec!["", "content", "content/posts", "content/posts/x", "static", "static/img"],
            ),
            (
                "",
                vec![
                    "",
                    "content",
                    "content/posts",
                    "content/posts/x",
                    "notes",
                    "notes/a",
                    "notes/a/b",
                    "static",
                    "static/img",
                ],
            ),
            ("gone/away", vec!["", "static", "static/img"]),
        ] {
            let seen = folders(&root, notes);
            let seen: Vec<_> =
                seen.iter().map(|it| it.strip_prefix(&root).unwrap().to_str().unwrap()).collect();
            assert_eq!(seen, found, "{notes}");
        }
        let gone = folders(&root.join("no/project"), "notes");
        assert_eq!(gone, BTreeSet::from([root]));
    }
}
