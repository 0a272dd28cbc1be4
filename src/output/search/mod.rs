//! The search: its page, and the index that `static/search.js` reads.
//!
//! The index is scripts, because scripts load from a disk and under the pages' policy where data does
//! not. Four kinds of them, from the small to the many:
//!
//! | file | what it holds |
//! |---|---|
//! | `search-index.js` | names of services, pairs of names, the most common words, where the others are |
//! | `assets/words.HASH.js` | words in the order of their keys, each with its documents |
//! | `assets/pages.HASH.js` | titles and addresses of 32 documents |
//! | `assets/text.HASH.js` | the text of a note, for excerpts |
//!
//! A document is a lesson's own text or the block of a service. Services have the numbers from 0 as
//! in the catalog, notes the next ones.

mod entry;
mod index;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;
use serde::ser::SerializeSeq;

use super::key::Keyed;
use super::{Made, View, gather};
use crate::key::Key;
use crate::path::OutPath;
use crate::plan::File;
use crate::site::{Site, hashed_name};
use entry::Group;

/// Its page.
pub(super) const PAGE: &str = "search.html";
/// The part of the index that is always loaded, by a name that stays.
const SMALL: &str = "search-index.js";
/// How many notes are read together.
const GROUP: usize = 64;
/// How many documents have their titles in one file.
const PAGES: usize = 32;
/// So many services may have their names in the small part, those that are mentioned most.
const NAMES: usize = 1000;
/// So many pairs of names may stand there too, those that most notes give.
const PAIRS: usize = 300;
/// The words of the theme that the script says.
const WORDS: [&str; 17] = [
    "search",
    "search_hint",
    "search_none",
    "search_some",
    "search_meant",
    "search_recent",
    "search_loading",
    "search_failed",
    "search_all",
    "search_everything",
    "search_empty",
    "search_close",
    "search_keys",
    "kind_lesson",
    "kind_service",
    "kind_section",
    "services",
];

/// What is always loaded.
#[derive(Serialize)]
struct Small<'a> {
    /// How many documents there are.
    docs: usize,
    /// The titles of the sections.
    sections: Vec<&'a str>,
    /// The services.
    names: Vec<Named<'a>>,
    /// The names that the notes give in two languages or lengths, as `가상화=Virtualization`.
    pairs: Vec<String>,
    /// The words that most documents have, with spaces between.
    common: String,
    /// The keys of the first words of the chunks, and their hashes, with spaces between.
    keys: String,
    chunks: String,
    /// The hashes of the files with titles.
    pages: String,
    /// The words of the theme.
    say: Vec<(&'static str, String)>,
}

/// The names of a service, then the documents they lead to: number, weight, how often it is mentioned.
struct Named<'a>(Vec<&'a str>, Vec<(usize, u32, usize)>);

impl Serialize for Named<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(1 + self.1.len()))?;
        list.serialize_element(&self.0)?;
        self.1.iter().try_for_each(|lead| list.serialize_element(lead))?;
        list.end()
    }
}

/// A call that hands a value to the client; the file that it stands in says what it is.
fn script(json: &str) -> Vec<u8> {
    format!("gongbu.search.add({json})").into_bytes()
}

pub(super) fn render(view: &View<'_>) -> Made {
    let count = view.site.notes.len();
    let starts: Vec<usize> = (0..count).step_by(GROUP).collect();
    let mut groups: Vec<Arc<Group>> = starts.par_iter().map(|at| known(view, *at)).collect();
    groups.push(Arc::new(entry::only_named(view.site)));
    let index = index::index(&groups);
    let texts: Vec<Option<(OutPath, &File)>> = groups
        .iter()
        .flat_map(|group| &group.texts)
        .map(|text| text.as_ref().map(|file| (hashed_name("text.js", file.hash), file)))
        .collect();
    let pages = pages(view, &texts);
    let hash = |path: &OutPath| path.as_str().rsplit('.').nth(1).unwrap_or_default().to_owned();
    let list = |texts: Vec<String>| texts.join(" ");
    let small = Small {
        docs: view.site.catalog.terms.len() + count,
        sections: view.site.sections.iter().map(|it| view.section_title(it)).collect(),
        names: names(view),
        pairs: pairs(view.site),
        common: list(index.common),
        keys: index.chunks.iter().map(|it| it.0.as_str()).collect::<Vec<_>>().join("|"),
        chunks: list(index.chunks.iter().map(|it| hash(&it.1)).collect()),
        pages: list(pages.iter().map(|it| hash(&it.0)).collect()),
        say: WORDS.map(|word| (word, view.theme.word(word))).into(),
    };
    let small = script(&serde_json::to_string(&small).unwrap_or_default());
    let mut made = gather([page(view)]);
    made.0.push((SMALL.into(), File::bytes(&small)));
    made.0.extend(index.chunks.into_iter().map(|(_, path, file)| (path, file)));
    made.0.extend(pages);
    made.0.extend(texts.into_iter().flatten().map(|(path, file)| (path, file.clone())));
    made
}

/// The words of a group of notes: those of the last build, if nothing has changed in them.
fn known(view: &View<'_>, at: usize) -> Arc<Group> {
    let notes = &view.site.notes[group(view, at)];
    let terms = &view.site.catalog.terms;
    let mut key = Key::default().with((at, terms.len()));
    for linked in notes {
        key = key.with(linked.note());
        for term in &linked.defines {
            let heading = terms[*term].defined.as_ref().and_then(|it| it.heading);
            key = key.with((term, heading, &terms[*term].summary));
            for (name, _) in entry::names(view.site, *term, 0.0) {
                key = key.with(name);
            }
        }
    }
    remembered(&Keyed { key: key.end(), view, at })
}

#[comemo::memoize]
fn remembered(it: &Keyed<'_>) -> Arc<Group> {
    Arc::new(entry::read(it.view.site, group(it.view, it.at)))
}

fn group(view: &View<'_>, at: usize) -> std::ops::Range<usize> {
    at..(at + GROUP).min(view.site.notes.len())
}

/// The titles and addresses of all documents: a line for each, in columns.
fn pages(view: &View<'_>, texts: &[Option<(OutPath, &File)>]) -> Vec<(OutPath, File)> {
    let site = view.site;
    let home = OutPath::from("index.html");
    let terms = site.catalog.terms.len();
    // The place of each document in the text of its note.
    let mut places: Vec<Option<(usize, usize)>> = vec![None; terms];
    for (at, linked) in site.notes.iter().enumerate() {
        for (place, (term, _)) in entry::blocks(site, linked).enumerate() {
            places[term] = Some((at, place + 1));
        }
    }
    let line = |id: usize| {
        let (title, url, kind, place) = match id.checked_sub(terms) {
            Some(at) => {
                let (linked, is_home) = (&site.notes[at], site.home == Some(at));
                let title = if is_home { site.title() } else { &linked.note().title };
                let kind = if linked.note().is_index() { "section" } else { "lesson" };
                (title, home.link_to(&linked.page, None), kind, Some((at, 0)))
            }
            None => {
                let term = &site.catalog.terms[id];
                let whole = term.defined.as_ref().is_some_and(|it| it.heading.is_none());
                if whole {
                    return String::new();
                }
                let title = entry::heading(site, id).unwrap_or(&term.name);
                let (page, anchor) = site.catalog.page(id);
                (title, home.link_to(&page, anchor), "service", places[id])
            }
        };
        let section = place.and_then(|(at, _)| site.notes[at].section);
        let section = section.map_or(String::new(), |it| it.to_string());
        let text = place.and_then(|(at, place)| Some((texts[at].as_ref()?, place)));
        let (text, place) = match text {
            Some(((path, _), place)) => {
                (path.as_str().rsplit('.').nth(1).unwrap_or_default(), place)
            }
            None => ("", 0),
        };
        format!("{}\t{url}\t{kind}\t{section}\t{text}\t{place}", title.replace(['\t', '\n'], " "))
    };
    let count = terms + site.notes.len();
    let starts: Vec<usize> = (0..count).step_by(PAGES).collect();
    let file = |from: &usize| {
        let lines: Vec<String> = (*from..(from + PAGES).min(count)).map(line).collect();
        let json = serde_json::to_string(&lines.join("\n")).unwrap_or_default();
        let file = File::bytes(&script(&json));
        (hashed_name("pages.js", file.hash), file)
    };
    starts.par_iter().map(file).collect()
}

/// The names of services, and the documents that they lead to.
fn names<'a>(view: &View<'a>) -> Vec<Named<'a>> {
    let site = view.site;
    let mut terms: Vec<usize> = (0..site.catalog.terms.len()).collect();
    terms.sort_by_key(|term| (std::cmp::Reverse(site.mentioned[*term].len()), *term));
    terms.truncate(NAMES);
    terms.sort_unstable();
    let name = |term: usize| {
        let mentions = site.mentioned[term].len();
        let lead = |(doc, weight, own): (usize, f32, bool)| {
            (doc, entry::posting(0, weight), if own { mentions } else { 0 })
        };
        let names = entry::names(site, term, 0.0).into_iter().map(|(name, _)| name).collect();
        Named(names, entry::leads(site, term).into_iter().map(lead).collect())
    };
    terms.into_iter().map(name).collect()
}

/// The pairs of names in the notes: what says the one is found by the other too.
fn pairs(site: &Site) -> Vec<String> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for pair in site.notes.iter().flat_map(|linked| linked.pairs.iter()) {
        *counts.entry((&pair.first, &pair.second)).or_default() += 1;
    }
    let mut pairs: Vec<_> = counts.into_iter().collect();
    pairs.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    pairs.truncate(PAIRS);
    pairs.into_iter().map(|((first, second), _)| format!("{first}={second}")).collect()
}

/// The page that shows all results, and what it says without a script.
fn page(view: &View<'_>) -> Result<(OutPath, File), crate::diag::Diagnostic> {
    let page = OutPath::from(PAGE);
    let frame = view.frame(&page, "search", &view.theme.word("search"), None, None);
    view.page(page, "search.html", frame, &super::model::Filled {})
}
