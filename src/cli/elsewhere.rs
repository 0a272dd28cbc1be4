//! What another tool's settings say of notes that are adopted: those of mdBook, Hugo and Zola.
#![expect(clippy::disallowed_methods, reason = "these are the hands, which read files")]

use std::path::Path;

use crate::path;
use crate::table::{self, Reader, Table};

/// What is known of the notes already.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Elsewhere {
    /// Their title.
    pub(super) title: Option<String>,
    /// Their language, if it is one of ours.
    pub(super) language: Option<&'static str>,
    /// Their folder, relative to the project.
    pub(super) notes: Option<String>,
}

/// Where Hugo keeps its settings, and Zola.
pub(super) const HUGO: [&str; 7] =
    ["hugo.toml", "hugo.yaml", "hugo.yml", "config.toml", "config.yaml", "config.yml", "zola.toml"];

/// What the settings in a folder say: those of mdBook, else those of Hugo or Zola.
pub(super) fn of(root: &Path) -> Elsewhere {
    let read = |name: &str| {
        let text = std::fs::read_to_string(root.join(name)).ok()?;
        let is_toml = name.ends_with(".toml");
        let (table, _) =
            if is_toml { table::from_toml(&text, 0) } else { table::from_yaml(&text, 0) };
        Some(Reader::new(table))
    };
    if let Some(mut book) = read("book.toml") {
        return taken(book.table("book").unwrap_or_default(), "language", "src");
    }
    let hugo = HUGO.iter().find_map(|name| read(name));
    let Some(hugo) = hugo else { return Elsewhere::default() };
    let (table, _) = hugo.rest();
    let is_set = |key: &&str| table.0.iter().any(|field| field.key == *key);
    let language = ["defaultContentLanguage", "default_language"].into_iter().find(is_set);
    taken(table, language.unwrap_or("languageCode"), "contentDir")
}

fn taken(table: Table, language: &str, notes: &str) -> Elsewhere {
    let mut reader = Reader::new(table);
    let is_ours = |it: &&str, said: &str| said.to_lowercase().split(['-', '_']).next() == Some(it);
    let language = reader.text(language);
    Elsewhere {
        title: reader.text("title").filter(|title| !title.trim().is_empty()),
        language: language.and_then(|said| ["ko", "en"].into_iter().find(|it| is_ours(it, &said))),
        notes: reader.text(notes).and_then(|folder| {
            let folder = path::resolve("", folder.trim_start_matches("./"))?;
            let is_plain = !folder.is_empty() && !folder.contains(['\\', ':']);
            (is_plain && !matches!(folder.as_str(), "templates" | "static")).then_some(folder)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_other_tools() {
        let said = |name: &str, text: &str| {
            let Ok(folder) = tempfile::tempdir() else { panic!("no folder") };
            assert!(std::fs::write(folder.path().join(name), text).is_ok());
            let it = of(folder.path());
            let text = |it: Option<String>| it.unwrap_or_default();
            format!("{}|{}|{}", text(it.title), it.language.unwrap_or_default(), text(it.notes))
        };
        let book = "[book]\ntitle = \"A\"\nlanguage = \"en\"\nsrc = \"guide\"\n";
        assert_eq!(said("book.toml", book), "A|en|guide");
        assert_eq!(said("book.toml", "[book]\nsrc = \"../x\"\n"), "||");
        assert_eq!(said("hugo.toml", "title = \"B\"\nlanguageCode = \"ko-KR\"\n"), "B|ko|");
        let zola = "base_url = \"https://e.org\"\ntitle = \"Z\"\ndefault_language = \"ko\"\n";
        assert_eq!(said("config.toml", zola), "Z|ko|");
        let yaml = "title: C\ncontentDir: docs/\ndefaultContentLanguage: de\n";
        assert_eq!(said("config.yaml", yaml), "C||docs");
        assert_eq!(said("other.toml", "title = \"x\"\n"), "||");
    }
}
