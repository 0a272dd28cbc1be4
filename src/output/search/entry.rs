//! What notes give to the index: the words of each document with their weight, and its text for
//! excerpts. Notes are read in groups, which are remembered between builds.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

use super::words::{humps, normal, stem, words};
use crate::hangul;
use crate::note::{Event, Kind, Note, Tag};
use crate::plan::File;
use crate::site::{LinkedNote, Site};

/// How much a word weighs by where it stands.
const NAME: f32 = 8.0;
const BOLD: f32 = 2.0;
const HEADING: f32 = 1.5;
const BODY: f32 = 1.0;
const CODE: f32 = 0.5;
/// A name that only the registry knows, where the notes tell of it …
const TOLD: f32 = 6.0;
/// … and on its page, which comes after them.
const ONLY_NAMED: f32 = 2.0;
/// How many words a document of common length has.
const LENGTH: f32 = 120.0;
/// A longer name is not searched for as one word, in bytes.
const MAX_JOINED: usize = 60;
/// A longer word is none that somebody types, in bytes.
const MAX_WORD: usize = 90;
/// How much text of a note is shown in excerpts, in bytes.
const MAX_TEXT: usize = 64 * 1024;

/// What a group of notes gives.
pub(super) struct Group {
    /// For each note the file with its text; none if it has none.
    pub(super) texts: Vec<Option<File>>,
    /// Its words, by the first letter of their keys.
    pub(super) pieces: Vec<Piece>,
}

/// Words of a group whose keys begin with one letter.
#[derive(Debug, PartialEq)]
pub(super) struct Piece {
    pub(super) letter: char,
    pub(super) hash: blake3::Hash,
    /// The words, each followed by a line end.
    pub(super) words: String,
    /// For each word, how many documents have it.
    pub(super) counts: Vec<u32>,
    /// The documents of the first word, then those of the next: see [`posting`].
    pub(super) postings: Vec<u32>,
}

/// A document and how much a word weighs in it, as one number.
pub(super) fn posting(doc: usize, weight: f32) -> u32 {
    // The cast is of a number from 0 to 15.
    let level = ((weight / 0.25).log2() * 2.5).round().clamp(0.0, 15.0) as u32;
    u32::try_from(doc).unwrap_or(0) << 4 | level
}

/// A document: a lesson's own text, or what a service's block says.
struct Doc<'a> {
    id: usize,
    /// Its names, each with the weight that a name has.
    names: Vec<(&'a str, f32)>,
    /// What it says of itself in a sentence.
    summary: &'a str,
}

/// A part of the text under one heading, as excerpts show it.
#[derive(Serialize)]
struct Passage<'a>(&'a str, &'a str, String);

/// Reads a group of notes. `first` is the number of the document of the site's first note; services
/// have the numbers before.
pub(super) fn read(site: &Site, notes: Range<usize>) -> Group {
    let mut words = Weights::default();
    let texts = notes.map(|at| note(site, at, &mut words)).collect();
    Group { texts, pieces: words.pieces() }
}

/// The names of services that no note defines.
pub(super) fn only_named(site: &Site) -> Group {
    let mut words = Weights::default();
    for (term, it) in site.catalog.terms.iter().enumerate().filter(|it| it.1.defined.is_none()) {
        for (id, weight, own) in leads(site, term) {
            let summary = if own { it.summary.as_str() } else { "" };
            words.doc(&Doc { id, names: names(site, term, weight), summary });
        }
    }
    Group { texts: vec![], pieces: words.pieces() }
}

/// The documents that the names of a service lead to, with their weight, and whether each is its own.
/// Where no note defines it, what the notes say of it comes before its page: the block of the
/// service that it is a part of, else where the course first speaks of it.
pub(super) fn leads(site: &Site, term: usize) -> Vec<(usize, f32, bool)> {
    let terms = &site.catalog.terms;
    let doc = |term: usize| match (terms[term].defined.as_ref()?.heading, site.defined_in[term]) {
        (None, Some(note)) => Some(terms.len() + note),
        _ => Some(term),
    };
    if let Some(doc) = doc(term) {
        return vec![(doc, NAME, true)];
    }
    let told = terms[term].parent.and_then(doc).or_else(|| {
        let first = site.mentioned[term].first()?;
        let linked = &site.notes[first.note];
        let body = &linked.note().body;
        let holds = |(_, heading): &(usize, usize)| {
            (body.headings[*heading].event..body.block_end(*heading)).contains(&first.event)
        };
        let block = blocks(site, linked).filter(holds).last();
        Some(block.map_or(terms.len() + first.note, |(term, _)| term))
    });
    let told = told.map(|doc| (doc, TOLD, false));
    told.into_iter().chain([(term, ONLY_NAMED, true)]).collect()
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

fn note(site: &Site, at: usize, weights: &mut Weights) -> Option<File> {
    let linked = &site.notes[at];
    let note = linked.note();
    let blocks: Vec<(usize, usize)> = blocks(site, linked).collect();
    // Whose each event is: 0 is the lesson, then the services in order; an inner block is its own.
    let mut owners = vec![0_u32; note.body.events.len()];
    for (place, (_, heading)) in blocks.iter().enumerate() {
        let range = note.body.headings[*heading].event..note.body.block_end(*heading);
        owners[range].fill(u32::try_from(place + 1).unwrap_or(0));
    }
    let mut own: Vec<(&str, f32)> = vec![(&note.title, NAME)];
    for term in &linked.defines {
        if site.catalog.terms[*term].defined.as_ref().is_some_and(|it| it.heading.is_none()) {
            own.extend(names(site, *term, NAME));
        }
    }
    let terms = site.catalog.terms.len();
    let lesson = Doc { id: terms + at, names: own, summary: &note.front.summary };
    let service = |(term, _): &(usize, usize)| Doc {
        id: *term,
        names: names(site, *term, NAME),
        summary: &site.catalog.terms[*term].summary,
    };
    let docs: Vec<Doc> = [lesson].into_iter().chain(blocks.iter().map(service)).collect();
    let titles: Vec<usize> = blocks.iter().map(|(_, heading)| *heading).collect();
    let mut told: Vec<Vec<Passage>> = vec![];
    let mut room = MAX_TEXT;
    for (place, doc) in docs.iter().enumerate() {
        let mut passages = vec![];
        if !doc.summary.is_empty() {
            passages.push(Passage("", "", doc.summary.to_owned()));
        }
        let is_own = |event: usize| owners[event] as usize == place;
        body(note, is_own, &titles, weights, &mut passages);
        weights.doc(doc);
        for passage in &mut passages {
            passage.2.truncate(floor(&passage.2, room));
            room -= passage.2.len();
        }
        passages.retain(|passage| !passage.1.is_empty() || !passage.2.is_empty());
        told.push(passages);
    }
    let is_empty = told.iter().all(Vec::is_empty);
    let json = serde_json::to_string(&told).unwrap_or_default();
    (!is_empty).then(|| File::bytes(&super::script(&json)))
}

fn floor(text: &str, most: usize) -> usize {
    (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Reads the events of a document, block by block.
fn body<'a>(
    note: &'a Note,
    is_own: impl Fn(usize) -> bool,
    titles: &[usize],
    weights: &mut Weights,
    passages: &mut Vec<Passage<'a>>,
) {
    let source = note.source();
    let mut block = Block::default();
    let (mut bold, mut in_heading, mut in_code) = (0, false, false);
    for (at, event) in note.body.events.iter().enumerate() {
        if !is_own(at) {
            continue;
        }
        let Event { kind, payload, .. } = *event;
        match kind {
            Kind::Open(Tag::Strong | Tag::Mark) => bold += 1,
            Kind::Close(Tag::Strong | Tag::Mark) => bold -= 1,
            Kind::Open(tag) | Kind::Close(tag) if !tag.is_inline() => {
                let is_open = matches!(kind, Kind::Open(_));
                let heading = payload as usize;
                // The title of the document is one of its names already.
                let is_title = tag == Tag::Heading
                    && (titles.contains(&heading) || note.body.headings[heading].is_title);
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

/// The words of a group of notes, and of the document that is being read.
#[derive(Default)]
struct Weights {
    ids: HashMap<Arc<str>, u32>,
    words: Vec<Arc<str>>,
    postings: Vec<Vec<u32>>,
    /// For each word what it weighs in the text of this document, and as one of its names.
    here: Vec<(f32, f32)>,
    touched: Vec<u32>,
    length: f32,
    lower: String,
    pair: String,
}

impl Weights {
    fn word(&mut self, word: &str, weight: f32, name: f32) {
        if word.len() > MAX_WORD {
            return;
        }
        let id = match self.ids.get(word) {
            Some(id) => *id,
            None => {
                let id = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
                let word: Arc<str> = word.into();
                self.ids.insert(word.clone(), id);
                self.words.push(word);
                self.postings.push(vec![]);
                self.here.push((0.0, 0.0));
                id
            }
        };
        let here = &mut self.here[id as usize];
        if *here == (0.0, 0.0) {
            self.touched.push(id);
        }
        here.0 += weight;
        here.1 = here.1.max(name);
    }

    /// Counts the words of a block, and pairs of them: Korean puts a space between two nouns or
    /// none, so 가상 서버 is 가상서버 too.
    fn text(&mut self, text: &str, weights: &[(usize, f32)]) {
        let mut last: Option<(usize, usize, f32)> = None;
        let (mut lower, mut pair) =
            (std::mem::take(&mut self.lower), std::mem::take(&mut self.pair));
        for word in words(text) {
            let under = weights.partition_point(|(at, _)| *at <= word.at).saturating_sub(1);
            let weight = weights.get(under).map_or(BODY, |(_, weight)| *weight);
            self.length += 1.0;
            let end = word.at + word.text.len();
            // Korean joins nouns freely; Latin words count as a name only where they stand out.
            let joins = |(from, to, last): (usize, usize, f32)| {
                let gap = &text[to..word.at];
                let stands_out = word.hangul || weight.min(last) > BODY || gap == "-";
                let is_same = text[from..to].starts_with(hangul::is_hangul) == word.hangul;
                (gap == " " || gap == "-") && stands_out && is_same
            };
            let stem = if word.hangul { stem(word.text) } else { word.text };
            fold(stem, &mut lower);
            self.word(&lower, weight, 0.0);
            if let Some((from, to, other)) = last.filter(|it| joins(*it)) {
                pair.clear();
                fold(&text[from..to], &mut pair);
                pair.push_str(&lower);
                self.word(&pair, weight.min(other), 0.0);
            }
            if !word.hangul {
                for part in humps(word.text) {
                    fold(part, &mut lower);
                    self.word(&lower, weight * 0.5, 0.0);
                }
            }
            // After a particle another phrase begins.
            let goes_on = stem.len() == word.text.len() && !ends_phrase(stem);
            last = goes_on.then_some((word.at, end, weight));
        }
        (self.lower, self.pair) = (lower, pair);
    }

    fn name(&mut self, name: &str, weight: f32) {
        let name = normal(name);
        let count = words(&name).count();
        let mut joined = String::new();
        let mut lower = String::new();
        // A cast of a small number.
        let share = weight / (count.max(1) as f32).sqrt();
        let mut last = String::new();
        for word in words(&name) {
            fold(word.text, &mut lower);
            self.word(&lower, 0.0, share);
            joined.push_str(&lower);
            if !last.is_empty() && count > 2 {
                last.push_str(&lower);
                self.word(&last, 0.0, share);
            }
            last.clone_from(&lower);
            for part in humps(word.text) {
                fold(part, &mut lower);
                self.word(&lower, 0.0, share * 0.5);
            }
        }
        if count > 1 && joined.len() <= MAX_JOINED {
            self.word(&joined, 0.0, weight);
        }
    }

    /// Ends a document: what was counted since the last one is its text.
    fn doc(&mut self, doc: &Doc<'_>) {
        let summary = normal(doc.summary);
        self.text(&summary, &[(0, HEADING)]);
        for (name, weight) in &doc.names {
            self.name(name, *weight);
        }
        let length = 0.7 + 0.3 * self.length / LENGTH;
        for id in self.touched.drain(..) {
            let here = &mut self.here[id as usize];
            let weight = here.1 + 3.0 * here.0 / (here.0 + 1.5 * length);
            self.postings[id as usize].push(posting(doc.id, weight));
            *here = (0.0, 0.0);
        }
        self.length = 0.0;
    }

    /// The words by the first letter of their keys, in order.
    fn pieces(self) -> Vec<Piece> {
        let letter = |word: &str| hangul::key(word).chars().next().unwrap_or(' ');
        let mut order: Vec<(char, &Arc<str>, usize)> =
            self.words.iter().enumerate().map(|(id, word)| (letter(word), word, id)).collect();
        order.sort_unstable();
        let piece = |words: &[(char, &Arc<str>, usize)]| {
            let mut piece = Piece {
                letter: words[0].0,
                hash: blake3::hash(b""),
                words: String::new(),
                counts: vec![],
                postings: vec![],
            };
            let mut hasher = blake3::Hasher::new();
            for (_, word, id) in words {
                piece.words.push_str(word);
                piece.words.push('\n');
                piece.counts.push(u32::try_from(self.postings[*id].len()).unwrap_or(u32::MAX));
                piece.postings.extend(&self.postings[*id]);
            }
            hasher.update(piece.words.as_bytes());
            for number in piece.counts.iter().chain(&piece.postings) {
                hasher.update(&number.to_le_bytes());
            }
            piece.hash = hasher.finalize();
            piece
        };
        order.chunk_by(|a, b| a.0 == b.0).map(piece).collect()
    }
}

/// True for a word that most likely ends in a particle, so that it makes no pair with the next.
fn ends_phrase(word: &str) -> bool {
    // Three syllables or more; many nouns of two end like that.
    word.len() >= 9 && word.ends_with(['가', '이', '의', '에', '와', '과', '로', '도'])
}

/// A word in lower case, into a buffer.
fn fold(word: &str, into: &mut String) {
    into.clear();
    if word.is_ascii() {
        into.push_str(word);
        into.make_ascii_lowercase();
    } else if word.starts_with(hangul::is_hangul) {
        into.push_str(word);
    } else {
        into.extend(word.chars().flat_map(char::to_lowercase));
    }
}
