//! `feed.xml`: the newest dated notes as Atom (RFC 4287). Feeds need absolute addresses, so there is
//! one only with `base_url`.

use super::model::{Feed, FeedEntry};
use super::{Made, View, gather};
use crate::path::encode;
use crate::plan::File;
use crate::site::LinkedNote;

/// The file.
pub(super) const PAGE: &str = "feed.xml";
/// How many notes it tells of.
const ENTRIES: usize = 20;

/// True if there is one: it needs addresses and days.
pub(super) fn exists(view: &View<'_>) -> bool {
    let dated = |linked: &LinkedNote| {
        let front = &linked.note().front;
        front.date.is_some() || front.updated.is_some()
    };
    view.site.config.base_url.is_some() && view.site.notes.iter().any(dated)
}

pub(super) fn render(view: &View<'_>) -> Made {
    let Some(base) = &view.site.config.base_url else { return (vec![], vec![]) };
    let day = |at: &usize| {
        let front = &view.site.notes[*at].note().front;
        front.updated.as_ref().max(front.date.as_ref())
    };
    let mut dated: Vec<usize> = (0..view.site.notes.len()).filter(|at| day(at).is_some()).collect();
    if dated.is_empty() {
        return (vec![], vec![]);
    }
    // Of one day the later note of the course comes first: it is likely the newer one.
    dated.sort_by_key(|at| std::cmp::Reverse((day(at), *at)));
    dated.truncate(ENTRIES);
    let entry = |at: &usize| {
        let note = view.site.notes[*at].note();
        let day = |day: Option<&String>| format!("{}T00:00:00Z", day.map_or("", String::as_str));
        FeedEntry {
            title: note.title.clone(),
            url: format!("{base}{}", encode(view.site.notes[*at].page().as_str())),
            summary: note.front.summary.clone(),
            published: note.front.date.as_ref().map(|it| day(Some(it))),
            updated: day(note.front.updated.as_ref().max(note.front.date.as_ref())),
        }
    };
    let entries: Vec<FeedEntry> = dated.iter().map(entry).collect();
    let model = Feed {
        base: base.clone(),
        own: format!("{base}{PAGE}"),
        description: view.site.config.description.clone(),
        updated: entries.first().map(|entry| entry.updated.clone()).unwrap_or_default(),
        entries,
    };
    let bytes = view.theme.fill("feed.xml", &model);
    gather([bytes.map(|bytes| (PAGE.into(), File::bytes(&bytes)))])
}
