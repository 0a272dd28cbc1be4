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
//! | `assets/text.HASH.js` | the text of some notes, for excerpts |
//!
//! A document is a lesson's own text or the block of a service.

mod words;
mod weights;
mod docs;
mod entry;
mod index;
mod pages;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;
use serde::ser::SerializeSeq;

use super::key::Keyed;
use super::{Made, View, gather};
use crate::path::OutPath;
use crate::plan::{File, Store};
use crate::site::{Site, hashed_name};
use docs::Docs;
use entry::Group;
use weights::posting;

/// Its page.
pub(super) const PAGE: &str = "search.html";
/// The part of the index that is always loaded, by a name that stays.
const SMALL: &str = "search-index.js";
/// How many notes are read together at most, and usually.
const GROUP: usize = 32;
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

/// A file of the index that is named by what is in it.
fn file(store: &dyn Store, name: &str, json: &str) -> (OutPath, File) {
    File::kept(&script(json), store, |hash| hashed_name(name, hash))
}

/// The hash in the name of a file.
fn hash_of(path: &OutPath) -> &str {
    path.as_str().rsplit('.').nth(1).unwrap_or_default()
}

pub(super) fn render(view: &View<'_>) -> Made {
    let site = view.site;
    // The index tells nothing of the notes.
    if view.check {
        return gather([page(view)]);
    }
    let docs = Docs::of(site);
    let groups = groups(site);
    let read: Vec<Arc<Group>> = groups.par_iter().map(|it| known(view, it.clone())).collect();
    let named = entry::only_named(site, &docs, view.store.remembers());
    let first = |notes: &Range<usize>| docs.of_note[notes.start];
    let words = groups.iter().zip(&read).map(|(notes, group)| (first(notes), &group.words));
    let index = index::index(words.chain([(0, &named)]), view.store);
    let places = read.iter().flat_map(|group| {
        group.places.iter().map(|it| it.map(|(file, place)| (&group.texts[file].0, place)))
    });
    let places = places.chain(std::iter::repeat(None)).take(docs.all.len());
    let pages = pages::pages(view, &docs, &places.collect::<Vec<_>>());
    let list = |texts: Vec<&str>| texts.join(" ");
    let small = Small {
        docs: docs.all.len(),
        sections: site.sections.iter().map(|it| view.section_title(it)).collect(),
        names: names(site, &docs),
        pairs: pairs(site),
        common: index.common.join(" "),
        keys: index.chunks.iter().map(|it| it.0.as_str()).collect::<Vec<_>>().join("|"),
        chunks: list(index.chunks.iter().map(|it| hash_of(&it.1)).collect()),
        pages: list(pages.iter().map(|it| hash_of(&it.0)).collect()),
        say: WORDS.map(|word| (word, view.theme.word(word))).into(),
    };
    let small = script(&serde_json::to_string(&small).unwrap_or_default());
    let mut made = gather([page(view)]);
    made.0.push((SMALL.into(), File::bytes(&small)));
    made.0.extend(index.chunks.into_iter().map(|(_, path, file)| (path, file)));
    made.0.extend(pages);
    made.0.extend(read.iter().flat_map(|group| group.texts.iter().cloned()));
    made
}

/// The notes that are read together. A group ends at a note that is chosen by its name, so that a new
/// note changes its own group and hardly another.
fn groups(site: &Site) -> Vec<Range<usize>> {
    let mut groups = vec![];
    let mut from = 0;
    for (at, linked) in site.notes.iter().enumerate() {
        let is_last = at + 1 == site.notes.len();
        if is_last || at + 1 - from == GROUP || is_chosen(linked.note().file.as_str(), GROUP) {
            groups.push(from..at + 1);
            from = at + 1;
        }
    }
    groups
}

/// True for one of so many texts, whatever stands around it.
fn is_chosen(text: &str, of: usize) -> bool {
    // The hash is FNV-1a; its low bits know little of the first letters.
    let hash = text.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    (hash >> 32) % of as u64 == 0
}

/// What a group of notes gives: as in the last build, if nothing has changed in it.
fn known(view: &View<'_>, notes: Range<usize>) -> Arc<Group> {
    let site = view.site;
    let terms = &site.catalog.terms;
    remembered(&view.keyed(notes, |mut key, notes| {
        for linked in &site.notes[notes.clone()] {
            key = key.with(linked.note());
            for term in &linked.defines {
                let heading = terms[*term].defined.as_ref().and_then(|it| it.heading);
                key = key.with((heading, &terms[*term].summary));
                for (name, _) in docs::names(site, *term, 0.0) {
                    key = key.with(name);
                }
            }
        }
        Some(key)
    }))
}

#[comemo::memoize(enabled = it.key.is_some())]
fn remembered(it: &Keyed<'_, Range<usize>>) -> Arc<Group> {
    Arc::new(entry::read(it.view.site, it.view.store, it.at.clone()))
}

/// The names of services, and the documents that they lead to.
fn names<'a>(site: &'a Site, docs: &Docs) -> Vec<Named<'a>> {
    let mut terms: Vec<usize> = (0..site.catalog.terms.len()).collect();
    terms.sort_by_key(|term| (std::cmp::Reverse(site.mentioned[*term].len()), *term));
    terms.truncate(NAMES);
    terms.sort_unstable();
    let name = |term: usize| {
        let mentions = site.mentioned[term].len();
        let lead = |(doc, weight, own): (usize, f32, bool)| {
            (doc, posting(0, weight), if own { mentions } else { 0 })
        };
        let names = docs::names(site, term, 0.0).into_iter().map(|(name, _)| name).collect();
        Named(names, docs.leads(site, term).into_iter().map(lead).collect())
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
