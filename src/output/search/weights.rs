//! The words of a group of notes: each once, with the documents that have it and what it weighs
//! there. Every word of every note passes here, so no word that is known is copied.

use std::hash::BuildHasher;
use std::ops::Range;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::words::{humps, normal, stem, words};
use crate::hangul;
use crate::key::Sum;

/// How much a word weighs by where it stands.
pub(super) const NAME: f32 = 8.0;
/// A heading inside a document is found by what it says.
pub(super) const PART: f32 = 3.0;
pub(super) const BOLD: f32 = 2.0;
pub(super) const HEADING: f32 = 1.5;
pub(super) const BODY: f32 = 1.0;
pub(super) const CODE: f32 = 0.5;
/// How many words a document of common length has.
const LENGTH: f32 = 120.0;
/// A longer name is not searched for as one word, in bytes.
const MAX_JOINED: usize = 60;
/// A longer word is none that somebody types, in bytes.
const MAX_WORD: usize = 90;

/// Words with their documents, sorted by the beginnings of their keys.
pub(super) struct Words {
    /// All words, one after another.
    text: Box<str>,
    /// For each word where it is in the text, and where its postings end.
    words: Vec<(Range<u32>, u32)>,
    /// See [`posting`].
    postings: Vec<u32>,
    /// Words whose keys begin alike: how, and where they end.
    pieces: Vec<(u64, u32)>,
    /// What each piece is known by; none if nothing is remembered.
    hashes: Vec<Sum>,
}

/// A document and how much a word weighs in it, as one number.
pub(super) fn posting(doc: usize, weight: f32) -> u32 {
    // The cast is of a number from 0 to 15.
    let level = ((weight / 0.25).log2() * 2.5).round().clamp(0.0, 15.0) as u32;
    u32::try_from(doc).unwrap_or(0) << 4 | level
}

impl Words {
    /// How the keys of the words of each piece begin.
    pub(super) fn beginnings(&self) -> impl Iterator<Item = u64> {
        self.pieces.iter().map(|(beginning, _)| *beginning)
    }

    /// What a piece is known by, if it is remembered.
    pub(super) fn hash(&self, piece: usize) -> Option<&Sum> {
        self.hashes.get(piece)
    }

    /// The words of a piece, each with its postings.
    pub(super) fn of(&self, piece: usize) -> impl Iterator<Item = (&str, &[u32])> {
        let from = piece.checked_sub(1).map_or(0, |before| self.pieces[before].1 as usize);
        let before = from.checked_sub(1).map_or(0, |at| self.words[at].1);
        let words = &self.words[from..self.pieces[piece].1 as usize];
        words.iter().scan(before, |from, (word, to)| {
            let postings = &self.postings[*from as usize..*to as usize];
            *from = *to;
            Some((part(&self.text, word), postings))
        })
    }

    /// Of all that is in a piece, which is written into `bytes`.
    fn sum(&self, piece: usize, bytes: &mut Vec<u8>) -> Sum {
        bytes.clear();
        for (word, postings) in self.of(piece) {
            bytes.extend_from_slice(word.as_bytes());
            // No word holds a line end.
            bytes.push(b'\n');
            bytes.extend_from_slice(&postings.len().to_le_bytes());
            bytes.extend(postings.iter().flat_map(|posting| posting.to_le_bytes()));
        }
        Sum::of(bytes)
    }
}

/// The words of a group of notes while it is being read, and those of the document at hand.
#[derive(Default)]
pub(super) struct Weights {
    text: String,
    /// The numbers of the words, by the words.
    ids: HashTable<u32>,
    /// Where each word is in the text.
    words: Vec<Range<u32>>,
    /// The numbers of two neighbours as one word; none if it would be too long.
    pairs: FxHashMap<(u32, u32), Option<u32>>,
    /// For each word what it weighs in the text of this document, and as one of its names.
    here: Vec<(f32, f32)>,
    touched: Vec<u32>,
    length: f32,
    /// Words and their postings, as they came.
    found: Vec<(u32, u32)>,
    /// What a word in lower case is written into.
    lower: String,
}

/// A word of a block that the next one may be joined to.
struct Last {
    id: u32,
    end: usize,
    hangul: bool,
    weight: f32,
}

impl Weights {
    /// The number of a word; none if it is too long to be one.
    fn id(&mut self, word: &str) -> Option<u32> {
        if word.len() > MAX_WORD {
            return None;
        }
        let Self { text, ids, words, here, .. } = self;
        let hash = |word: &str| FxBuildHasher.hash_one(word);
        let known = |id: &u32| part(text, &words[*id as usize]);
        match ids.entry(hash(word), |id| known(id) == word, |id| hash(known(id))) {
            Entry::Occupied(entry) => Some(*entry.get()),
            Entry::Vacant(entry) => {
                let id = u32::try_from(words.len()).ok()?;
                let from = u32::try_from(text.len()).ok()?;
                let to = from.checked_add(u32::try_from(word.len()).ok()?)?;
                entry.insert(id);
                text.push_str(word);
                words.push(from..to);
                here.push((0.0, 0.0));
                Some(id)
            }
        }
    }

    /// The number of two words as one.
    fn pair(&mut self, first: u32, second: u32) -> Option<u32> {
        if let Some(id) = self.pairs.get(&(first, second)) {
            return *id;
        }
        let mut pair = part(&self.text, &self.words[first as usize]).to_owned();
        pair.push_str(part(&self.text, &self.words[second as usize]));
        let id = self.id(&pair);
        self.pairs.insert((first, second), id);
        id
    }

    fn count(&mut self, id: u32, weight: f32, name: f32) {
        let here = &mut self.here[id as usize];
        if *here == (0.0, 0.0) {
            self.touched.push(id);
        }
        here.0 += weight;
        here.1 = here.1.max(name);
    }

    /// Counts a word, and gives its number.
    fn word(&mut self, word: &str, weight: f32, name: f32) -> Option<u32> {
        let mut lower = std::mem::take(&mut self.lower);
        let id = self.id(fold(word, &mut lower));
        self.lower = lower;
        if let Some(id) = id {
            self.count(id, weight, name);
        }
        id
    }

    /// Counts the words of a block, and pairs of them: Korean puts a space between two nouns or
    /// none, so 가상 서버 is 가상서버 too. `weights` says from which byte on words weigh how much.
    pub(super) fn text(&mut self, text: &str, weights: &[(usize, f32)]) {
        let mut last: Option<Last> = None;
        let mut weights = weights.iter().peekable();
        let mut weight = BODY;
        for word in words(text) {
            while let Some((_, next)) = weights.next_if(|(from, _)| *from <= word.at) {
                weight = *next;
            }
            self.length += 1.0;
            // Korean joins nouns freely; Latin words count as a name only where they stand out.
            let joins = |last: &Last| {
                let gap = &text[last.end..word.at];
                let stands_out = word.hangul || weight.min(last.weight) > BODY || gap == "-";
                (gap == " " || gap == "-") && stands_out && last.hangul == word.hangul
            };
            let stem = if word.hangul { stem(word.text) } else { word.text };
            let id = self.word(stem, weight, 0.0);
            if let (Some(id), Some(before)) = (id, last.filter(joins))
                && let Some(pair) = self.pair(before.id, id)
            {
                self.count(pair, weight.min(before.weight), 0.0);
            }
            if !word.hangul {
                for part in humps(word.text) {
                    self.word(part, weight * 0.5, 0.0);
                }
            }
            // After a particle another phrase begins.
            let goes_on = stem.len() == word.text.len() && !ends_phrase(stem);
            let end = word.at + word.text.len();
            let this = id.map(|id| Last { id, end, hangul: word.hangul, weight });
            last = this.filter(|_| goes_on);
        }
    }

    fn name(&mut self, name: &str, weight: f32) {
        let name = normal(name);
        let count = words(&name).count();
        let (mut joined, mut last) = (String::new(), String::new());
        // A cast of a small number.
        let share = weight / (count.max(1) as f32).sqrt();
        for word in words(&name) {
            let mut lower = String::new();
            let lower = fold(word.text, &mut lower);
            self.word(lower, 0.0, share);
            joined.push_str(lower);
            if !last.is_empty() && count > 2 {
                last.push_str(lower);
                self.word(&last, 0.0, share);
            }
            last.clear();
            last.push_str(lower);
            for part in humps(word.text) {
                self.word(part, 0.0, share * 0.5);
            }
        }
        if count > 1 && joined.len() <= MAX_JOINED {
            self.word(&joined, 0.0, weight);
        }
    }

    /// Ends a document: what was counted since the last one is its text. `names` are what it is
    /// called, each with the weight that a name has.
    pub(super) fn doc(&mut self, doc: usize, names: &[(&str, f32)]) {
        for (name, weight) in names {
            self.name(name, *weight);
        }
        let length = 0.7 + 0.3 * self.length / LENGTH;
        for id in self.touched.drain(..) {
            let here = &mut self.here[id as usize];
            let weight = here.1 + 3.0 * here.0 / (here.0 + 1.5 * length);
            self.found.push((id, posting(doc, weight)));
            *here = (0.0, 0.0);
        }
        self.length = 0.0;
    }

    /// The words by the beginnings of their keys, in an order that other words do not change; and what
    /// they are known by, if they are `remembered`.
    pub(super) fn end(self, remembered: bool) -> Words {
        let Self { text, words, found, .. } = self;
        let mut key = String::new();
        let mut place = |id: usize| {
            let word = part(&text, &words[id]);
            (beginning(word, &mut key), FxBuildHasher.hash_one(word), id)
        };
        let mut order: Vec<(u64, u64, usize)> = (0..words.len()).map(&mut place).collect();
        order.sort_unstable();
        // How many postings each word has, then where its next one goes.
        let mut places = vec![0_u32; words.len()];
        for (id, _) in &found {
            places[*id as usize] += 1;
        }
        let mut end = 0;
        let sorted = order.iter().map(|(_, _, id)| {
            let from = end;
            end += std::mem::replace(&mut places[*id], from);
            (words[*id].clone(), end)
        });
        let sorted = sorted.collect();
        let mut postings = vec![0; found.len()];
        for (id, posting) in found {
            let place = &mut places[id as usize];
            postings[*place as usize] = posting;
            *place += 1;
        }
        let mut end = 0;
        let piece = |alike: &[(u64, u64, usize)]| {
            end += alike.len() as u32;
            (alike[0].0, end)
        };
        let pieces: Vec<_> = order.chunk_by(|a, b| a.0 == b.0).map(piece).collect();
        let text = text.into_boxed_str();
        let mut all = Words { text, words: sorted, postings, pieces, hashes: vec![] };
        if remembered {
            let mut bytes = vec![];
            all.hashes = (0..all.pieces.len()).map(|piece| all.sum(piece, &mut bytes)).collect();
        }
        all
    }
}

fn part<'a>(text: &'a str, range: &Range<u32>) -> &'a str {
    &text[range.start as usize..range.end as usize]
}

/// The first two letters of the key of a word, as a number that sorts as they do.
fn beginning(word: &str, key: &mut String) -> u64 {
    key.clear();
    hangul::push_key(word, 2 * '힣'.len_utf8(), key);
    let mut letters = key.chars().map(u64::from);
    letters.next().unwrap_or(0) << 32 | letters.next().unwrap_or(0)
}

/// True for a word that most likely ends in a particle, so that it makes no pair with the next.
fn ends_phrase(word: &str) -> bool {
    // Three syllables or more; many nouns of two end like that.
    word.len() >= 9 && word.ends_with(['가', '이', '의', '에', '와', '과', '로', '도'])
}

/// A word in lower case: itself if it is that already, else as it is written into `lower`.
fn fold<'a>(word: &'a str, lower: &'a mut String) -> &'a str {
    let is_low = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    if word.starts_with(hangul::is_hangul) || word.bytes().all(is_low) {
        return word;
    }
    lower.clear();
    match word.is_ascii() {
        true => {
            lower.push_str(word);
            lower.make_ascii_lowercase();
        }
        false => lower.extend(word.chars().flat_map(char::to_lowercase)),
    }
    lower
}
