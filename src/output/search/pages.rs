//! The titles and addresses of the documents, as the search shows them: a line for each, in columns.

use std::fmt::Write;

use rayon::prelude::*;

use super::docs::{Doc, Docs, heading};
use super::hash_of;
use crate::output::View;
use crate::path::OutPath;
use crate::plan::File;
use crate::site::hashed_name;

/// How many documents have their titles in one file.
const PAGES: usize = 32;

/// The files with the lines of all documents. `texts` says of each document in which file its text
/// is and which one there it is, if it has any.
pub(super) fn pages(
    view: &View<'_>,
    docs: &Docs,
    texts: &[Option<(&OutPath, usize)>],
) -> Vec<(OutPath, File)> {
    let site = view.site;
    let home = OutPath::from("index.html");
    let line = |lines: &mut String, (doc, text): (&Doc, &Option<(&OutPath, usize)>)| {
        let note = match doc {
            Doc::Note(at) | Doc::Block(_, at) => Some(&site.notes[*at]),
            Doc::Named(_) => None,
        };
        let (title, url, kind) = match doc {
            Doc::Note(at) => {
                let linked = &site.notes[*at];
                let kind = if linked.note().is_index() { "section" } else { "lesson" };
                let title =
                    if site.home == Some(*at) { site.title() } else { &linked.note().title };
                (title, home.link_to(&linked.page, None), kind)
            }
            Doc::Block(term, _) | Doc::Named(term) => {
                let title = heading(site, *term).unwrap_or(&site.catalog.terms[*term].name);
                let (page, anchor) = site.catalog.page(*term);
                (title, home.link_to(&page, anchor), "service")
            }
        };
        lines.extend(title.chars().map(|c| if matches!(c, '\t' | '\n') { ' ' } else { c }));
        let section = note.and_then(|it| it.section).map(|it| it.to_string()).unwrap_or_default();
        let (hash, place) = text.map_or(("", 0), |(path, place)| (hash_of(path), place));
        // Writing to a string cannot fail.
        let _ = write!(lines, "\t{url}\t{kind}\t{section}\t{hash}\t{place}");
    };
    let all: Vec<(&Doc, &Option<(&OutPath, usize)>)> = docs.all.iter().zip(texts).collect();
    let lines = |docs: &[(&Doc, &Option<(&OutPath, usize)>)]| {
        let mut lines = String::new();
        for (at, it) in docs.iter().enumerate() {
            lines.push_str(if at > 0 { "\n" } else { "" });
            line(&mut lines, *it);
        }
        file(&lines)
    };
    all.par_chunks(PAGES).map(lines).collect()
}

#[comemo::memoize]
fn file(lines: &str) -> (OutPath, File) {
    let file = File::bytes(&super::script(&serde_json::to_string(lines).unwrap_or_default()));
    (hashed_name("pages.js", file.hash), file)
}
