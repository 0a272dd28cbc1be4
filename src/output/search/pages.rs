//! The titles and addresses of the documents, as the search shows them: a line for each, in columns.

use std::hash::{Hash, Hasher};

use rayon::prelude::*;

use super::docs::{Doc, Docs, heading};
use super::hash_of;
use crate::key::Key;
use crate::output::View;
use crate::path::OutPath;
use crate::plan::{File, Store};
use crate::site::Site;

/// How many documents have their titles in one file.
const PAGES: usize = 32;

/// What the line of a document says.
#[derive(Hash)]
struct Line<'a> {
    title: &'a str,
    page: &'a OutPath,
    anchor: Option<&'a str>,
    kind: &'static str,
    section: Option<usize>,
    /// The file with its text, and which one there it is.
    text: Option<(&'a OutPath, usize)>,
}

/// The lines of one file, known by their hash.
struct Lines<'a>(Vec<Line<'a>>, &'a dyn Store);

impl Hash for Lines<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.iter().fold(Key::default(), Key::with).end().hash(state);
    }
}

/// The files with the lines of all documents. `texts` says of each document in which file its text
/// is and which one there it is, if it has any.
pub(super) fn pages(
    view: &View<'_>,
    docs: &Docs,
    texts: &[Option<(&OutPath, usize)>],
) -> Vec<(OutPath, File)> {
    let all: Vec<_> = docs.all.iter().zip(texts).collect();
    let lines =
        |part: &[_]| Lines(part.iter().map(|it| line(view.site, *it)).collect(), view.store);
    all.par_chunks(PAGES).map(|part| file(&lines(part))).collect()
}

fn line<'a>(site: &'a Site, (doc, text): (&Doc, &Option<(&'a OutPath, usize)>)) -> Line<'a> {
    let service = |term: usize| {
        let title = heading(site, term).unwrap_or(&site.catalog.terms[term].name);
        (title, site.catalog.page(term), "service")
    };
    let (note, (title, (page, anchor), kind)) = match *doc {
        Doc::Note(at) => {
            let linked = &site.notes[at];
            let title = if site.home == Some(at) { site.title() } else { &linked.note().title };
            let opens = linked.section.is_none_or(|it| site.sections[it].index == Some(at));
            let kind = if opens { "section" } else { "lesson" };
            (Some(at), (title, (linked.page(), None), kind))
        }
        Doc::Block(term, at) => (Some(at), service(term)),
        Doc::Named(term) => (None, service(term)),
    };
    let section = note.and_then(|at| site.notes[at].section);
    Line { title, page, anchor, kind, section, text: *text }
}

#[comemo::memoize(enabled = lines.1.remembers())]
fn file(lines: &Lines<'_>) -> (OutPath, File) {
    let home = OutPath::from("index.html");
    let line = |it: &Line| {
        let title = it.title.replace(['\t', '\n'], " ");
        let url = home.link_to(it.page, it.anchor);
        let section = it.section.map(|it| it.to_string()).unwrap_or_default();
        let (hash, place) = it.text.map_or(("", 0), |(path, place)| (hash_of(path), place));
        format!("{title}\t{url}\t{}\t{section}\t{hash}\t{place}", it.kind)
    };
    let Lines(lines, store) = lines;
    let text: Vec<String> = lines.iter().map(line).collect();
    super::file(*store, "pages.js", &serde_json::to_string(&text.join("\n")).unwrap_or_default())
}
