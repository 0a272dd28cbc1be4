//! Where a note stands among the others, and what they may call it: what is known of it alone, and
//! asked for in every build.

use super::{Front, Note};
use crate::path::{self, NoteId, OutPath, SrcPath};

/// By folder and then by name, as people number them; notes that open their folder come before the
/// others of it.
pub type Order = (Vec<(u64, String)>, bool, (u64, String), SrcPath);

/// What a note is sorted by.
pub(super) fn order(id: &NoteId, file: &SrcPath) -> Order {
    let folders = id.section().split('/').filter(|part| !part.is_empty());
    let key = |part: &str| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        (digits.parse().unwrap_or(u64::MAX), part.to_owned())
    };
    let name = path::natural_key(id.stem());
    (folders.map(key).collect(), !Note::opens(id), name, file.clone())
}

/// The page of a note: its path, made safe for URLs; the file's name alone may be replaced by a
/// slug.
pub(super) fn page(id: &NoteId, front: &Front) -> OutPath {
    let folder = path::folder_url(id.section());
    let name = match &front.slug {
        _ if Note::opens(id) => "index".to_owned(),
        Some((slug, _)) => slug.clone(),
        None => path::url_part(id.stem()),
    };
    OutPath::from(format!("{folder}{name}.html"))
}

/// The letters of what links may call a note: its title, its file's name and its aliases, unless they
/// are those of a service or addresses. Each once.
pub(super) fn names(id: &NoteId, front: &Front, title: &str) -> Vec<Box<str>> {
    let aliases = front.aliases.iter().map(|(alias, _)| alias.as_str());
    let aliases = aliases.filter(|it| front.service.is_none() && !it.starts_with('/'));
    let mut names: Vec<Box<str>> = vec![];
    for name in [title, id.stem()].into_iter().chain(aliases) {
        let name = path::squeeze(name).into_boxed_str();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
