//! The documents of the search and their numbers: the notes in order, each followed by the services
//! whose blocks are in it, then the services that no note defines. So what a group of notes gives
//! depends on nothing before it but the number of its first document.

use super::weights::NAME;
use crate::site::{LinkedNote, Site};

/// A name that only the registry knows, where the notes tell of it …
const TOLD: f32 = 6.0;
/// … and on its page, which comes after them.
const ONLY_NAMED: f32 = 2.0;

/// What has a number.
#[derive(Clone, Copy)]
pub(super) enum Doc {
    /// A lesson's own text.
    Note(usize),
    /// What the block of a service says: the service, and the note that it is a part of.
    Block(usize, usize),
    /// The page of a service that no note defines.
    Named(usize),
}

/// The documents of a site.
pub(super) struct Docs {
    pub(super) all: Vec<Doc>,
    /// For each note its number.
    pub(super) of_note: Vec<usize>,
    /// For each service the number of its own document; where a whole note is about it, that of the
    /// note.
    of_term: Vec<usize>,
}

impl Docs {
    pub(super) fn of(site: &Site) -> Self {
        let terms = &site.catalog.terms;
        let (mut all, mut of_note) = (vec![], vec![]);
        let mut of_term: Vec<Option<usize>> = vec![None; terms.len()];
        for (at, linked) in site.notes.iter().enumerate() {
            of_note.push(all.len());
            for term in &linked.defines {
                of_term[*term] = Some(all.len());
            }
            all.push(Doc::Note(at));
            for (term, _) in blocks(site, linked) {
                of_term[term] = Some(all.len());
                all.push(Doc::Block(term, at));
            }
        }
        let of_term = of_term.into_iter().enumerate();
        let of_term = of_term.map(|(term, doc)| {
            doc.unwrap_or_else(|| {
                all.push(Doc::Named(term));
                all.len() - 1
            })
        });
        let of_term = of_term.collect();
        Self { all, of_note, of_term }
    }

    /// The documents that the names of a service lead to, with their weight, and whether each is its
    /// own. Where no note defines it, what the notes say of it comes before its page: the block of
    /// the service that it is a part of, else where the course first speaks of it.
    pub(super) fn leads(&self, site: &Site, term: usize) -> Vec<(usize, f32, bool)> {
        let terms = &site.catalog.terms;
        if terms[term].defined.is_some() {
            return vec![(self.of_term[term], NAME, true)];
        }
        let parent = terms[term].parent.filter(|parent| terms[*parent].defined.is_some());
        let told = parent.map(|parent| self.of_term[parent]).or_else(|| {
            let first = site.mentioned[term].first()?;
            let linked = &site.notes[first.note()];
            let body = &linked.note().body;
            let holds = |(_, heading): &(usize, usize)| {
                (body.headings[*heading].event..body.block_end(*heading)).contains(&first.event())
            };
            let block = blocks(site, linked).filter(holds).last();
            Some(block.map_or(self.of_note[first.note()], |(term, _)| self.of_term[term]))
        });
        let told = told.map(|doc| (doc, TOLD, false));
        told.into_iter().chain([(self.of_term[term], ONLY_NAMED, true)]).collect()
    }
}

/// All names of a service, for the search: with its heading as it is written.
pub(super) fn names(site: &Site, term: usize, weight: f32) -> Vec<(&str, f32)> {
    let it = &site.catalog.terms[term];
    let mut all: Vec<&str> = it.names.iter().map(|name| name.text.as_str()).collect();
    all.extend([it.name.as_str(), it.full.as_str(), heading(site, term).unwrap_or_default()]);
    let mut names: Vec<(&str, f32)> = vec![];
    for name in all {
        if !name.is_empty() && !names.iter().any(|(known, _)| *known == name) {
            names.push((name, weight));
        }
    }
    names
}

/// The heading that defines a service, as text.
pub(super) fn heading(site: &Site, term: usize) -> Option<&str> {
    let note = site.notes[site.defined_in[term]?].note();
    let at = site.catalog.terms[term].defined.as_ref()?.heading?;
    Some(note.body.headings[at].text.as_str())
}

/// The services that have documents of their own in a note: those whose block is a part of it.
pub(super) fn blocks<'a>(
    site: &'a Site,
    linked: &'a LinkedNote,
) -> impl Iterator<Item = (usize, usize)> + 'a {
    linked
        .defines
        .iter()
        .filter_map(|term| Some((*term, site.catalog.terms[*term].defined.as_ref()?.heading?)))
}
