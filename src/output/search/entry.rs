//! What notes give to the index: the words of each document with their weight, and its text for
//! excerpts. Notes are read in groups, which are remembered between builds.

use std::ops::Range;

use serde::Serialize;

use super::docs::{Docs, blocks, names};
use super::weights::{BODY, BOLD, CODE, HEADING, NAME, PART, Weights, Words};
use super::words::normal;
use crate::note::{Event, Kind, Note, Tag};
use crate::path::OutPath;
use crate::plan::{File, Store};
use crate::site::Site;

/// How much text of a note is shown in excerpts, in bytes.
const MAX_TEXT: usize = 64 * 1024;
/// A file with texts takes no more notes once it has so many bytes.
const TEXT: usize = 4 * 1024;

/// What a group of notes gives.
pub(super) struct Group {
    pub(super) words: Words,
    /// The files with the texts of its documents.
    pub(super) texts: Vec<(OutPath, File)>,
    /// For each document in which file its text is and which one there it is, if it has any.
    pub(super) places: Vec<Option<(usize, usize)>>,
}

/// A document.
struct Doc<'a> {
    /// Its names, each with the weight that a name has.
    names: Vec<(&'a str, f32)>,
    /// What it says of itself in a sentence.
    summary: &'a str,
    /// Which events are its own.
    events: Vec<Range<usize>>,
}

/// A part of the text under one heading, as excerpts show it.
#[derive(Serialize)]
struct Passage<'a>(&'a str, &'a str, String);

/// Reads a group of notes. Its documents are numbered from 0.
pub(super) fn read(site: &Site, store: &dyn Store, notes: Range<usize>) -> Group {
    let mut weights = Weights::default();
    let (mut texts, mut places) = (vec![], vec![]);
    let mut pending: Vec<Vec<Passage>> = vec![];
    let last = notes.end;
    for at in notes {
        for passages in note(site, at, places.len(), &mut weights) {
            places.push((!passages.is_empty()).then_some((texts.len(), pending.len())));
            pending.push(passages);
        }
        let size = |passage: &Passage| passage.1.len() + passage.2.len();
        let is_full = || pending.iter().flatten().map(size).sum::<usize>() >= TEXT;
        if (at + 1 == last || is_full()) && pending.iter().any(|it| !it.is_empty()) {
            let json = serde_json::to_string(&pending).unwrap_or_default();
            texts.push(super::file(store, "text.js", &json));
            pending.clear();
        }
    }
    Group { words: weights.end(store.remembers()), texts, places }
}

/// The names of services that no note defines, known by their hashes if they are `remembered`. Its documents
/// have the numbers that they have in all.
pub(super) fn only_named(site: &Site, docs: &Docs, remembered: bool) -> Words {
    let mut weights = Weights::default();
    for (term, it) in site.catalog.terms.iter().enumerate().filter(|it| it.1.defined.is_none()) {
        for (doc, weight, own) in docs.leads(site, term) {
            if own {
                weights.text(&normal(&it.summary), &[(0, HEADING)]);
            }
            weights.doc(doc, &names(site, term, weight));
        }
    }
    weights.end(remembered)
}

/// Reads a note, whose first document has the number `first`: what excerpts show of each.
fn note<'a>(
    site: &'a Site,
    at: usize,
    first: usize,
    weights: &mut Weights,
) -> Vec<Vec<Passage<'a>>> {
    let linked = &site.notes[at];
    let note = linked.note();
    let terms = &site.catalog.terms;
    let mut own: Vec<(&str, f32)> = vec![(&note.title, NAME)];
    own.extend(unnumbered(&note.title).map(|title| (title, NAME)));
    for term in &linked.defines {
        if terms[*term].defined.as_ref().is_some_and(|it| it.heading.is_none()) {
            own.extend(names(site, *term, NAME));
        }
    }
    let mut docs = vec![Doc { names: own, summary: &note.front.summary, events: vec![] }];
    let mut titles = vec![];
    // Whose each event is; an inner block is its own.
    let mut owners = vec![0; note.body.events.len()];
    for (term, heading) in blocks(site, linked) {
        owners[note.body.headings[heading].event..note.body.block_end(heading)].fill(docs.len());
        titles.push(heading);
        let names = names(site, term, NAME);
        docs.push(Doc { names, summary: &terms[term].summary, events: vec![] });
    }
    titles.sort_unstable();
    let mut from = 0;
    for run in owners.chunk_by(|a, b| a == b) {
        docs[run[0]].events.push(from..from + run.len());
        from += run.len();
    }
    // What a heading says is nearly a name of what it stands over.
    for heading in note.body.headings.iter().filter(|it| !it.is_title) {
        let doc = owners.get(heading.event).copied().unwrap_or_default();
        docs[doc].names.push((&heading.text, PART));
    }
    let mut room = MAX_TEXT;
    let text = |(place, doc): (usize, Doc<'a>)| {
        let mut passages = vec![];
        if !doc.summary.is_empty() {
            passages.push(Passage("", "", doc.summary.to_owned()));
        }
        body(note, doc.events, &titles, weights, &mut passages);
        weights.text(&normal(doc.summary), &[(0, HEADING)]);
        weights.doc(first + place, &doc.names);
        for passage in &mut passages {
            passage.2.truncate(floor(&passage.2, room));
            room -= passage.2.len();
        }
        passages.retain(|passage| !passage.1.is_empty() || !passage.2.is_empty());
        passages
    };
    docs.into_iter().enumerate().map(text).collect()
}

/// A title without the number before it, which is not a part of what it is called: 데이터베이스 of
/// `03-12 데이터베이스`. None if it has none.
fn unnumbered(title: &str) -> Option<&str> {
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '-' | '.' | ')');
    let rest = title.trim_start_matches(is_number);
    let title = (rest.len() < title.len()).then_some(rest)?.strip_prefix(' ')?.trim_start();
    (!title.is_empty()).then_some(title)
}

fn floor(text: &str, most: usize) -> usize {
    (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Reads the events of a document, block by block.
fn body<'a>(
    note: &'a Note,
    events: Vec<Range<usize>>,
    titles: &[usize],
    weights: &mut Weights,
    passages: &mut Vec<Passage<'a>>,
) {
    let source = note.source();
    let mut block = Block::default();
    let (mut bold, mut in_heading, mut in_code) = (0, false, false);
    for event in events.into_iter().flat_map(|range| &note.body.events[range]) {
        let Event { kind, payload, .. } = *event;
        match kind {
            Kind::Open(Tag::Strong | Tag::Mark) => bold += 1,
            Kind::Close(Tag::Strong | Tag::Mark) => bold -= 1,
            Kind::Open(tag) | Kind::Close(tag) if !tag.is_inline() => {
                let is_open = matches!(kind, Kind::Open(_));
                let heading = payload as usize;
                // The title of the document is one of its names already.
                let is_title = tag == Tag::Heading
                    && (titles.binary_search(&heading).is_ok()
                        || note.body.headings[heading].is_title);
                if tag == Tag::Heading && !is_open {
                    block.text.truncate(if is_title { 0 } else { block.text.len() });
                    block.finish(weights, None);
                    if !is_title {
                        let it = &note.body.headings[heading];
                        passages.push(Passage(&it.id, &it.text, String::new()));
                    }
                } else {
                    block.finish(weights, Some(passages));
                }
                in_heading = tag == Tag::Heading && is_open;
                in_code = tag == Tag::CodeBlock && is_open;
            }
            Kind::Text | Kind::Code => {
                let weight = match (in_heading, bold > 0, in_code) {
                    (true, ..) => HEADING,
                    (_, true, _) => BOLD,
                    (.., true) => CODE,
                    _ => BODY,
                };
                block.add(&normal(note.text(source, event)), weight);
            }
            Kind::SoftBreak | Kind::HardBreak => block.add(" ", BODY),
            _ => {}
        }
    }
    block.finish(weights, Some(passages));
}

/// The text of a block, and from where on it weighs how much.
#[derive(Default)]
struct Block {
    text: String,
    weights: Vec<(usize, f32)>,
}

impl Block {
    fn add(&mut self, text: &str, weight: f32) {
        if self.weights.last().is_none_or(|(_, last)| *last != weight) {
            self.weights.push((self.text.len(), weight));
        }
        self.text.push_str(text);
    }

    /// Counts the words, and keeps the text for excerpts.
    fn finish(&mut self, weights: &mut Weights, passages: Option<&mut Vec<Passage<'_>>>) {
        let text = self.text.trim_end();
        if !text.is_empty() {
            weights.text(text, &self.weights);
            if let Some(passages) = passages {
                if passages.is_empty() {
                    passages.push(Passage("", "", String::new()));
                }
                if let Some(Passage(_, _, told)) = passages.last_mut() {
                    told.push_str(if told.is_empty() { "" } else { "\n" });
                    told.push_str(text.trim_start());
                }
            }
        }
        self.text.clear();
        self.weights.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_no_part_of_a_title() {
        for (title, expected) in [
            ("03-12 데이터베이스", Some("데이터베이스")),
            ("3. 배포", Some("배포")),
            ("1) S3", Some("S3")),
            ("데이터베이스", None),
            ("5G 네트워크", None),
            ("2025", None),
            ("7 ", None),
        ] {
            assert_eq!(unnumbered(title), expected, "{title}");
        }
    }
}
