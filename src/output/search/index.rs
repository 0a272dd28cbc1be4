//! The index: all words in the order of their keys, cut into chunks.

use std::collections::{BTreeMap, HashMap};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rayon::prelude::*;

use super::entry::{Group, Piece};
use crate::hangul;
use crate::key::Key;
use crate::path::OutPath;
use crate::plan::File;
use crate::site::hashed_name;

/// A chunk ends at a word that is chosen by its letters once it has so many bytes …
const CHUNK: usize = 8 * 1024;
/// … and at any word once it has so many. So an edit moves few borders.
const MAX_CHUNK: usize = 24 * 1024;
/// How many words of the notes the small part names: those of most documents.
const COMMON: usize = 500;
/// A number is written in digits of five bits; the sixth says that more follow.
const DIGITS: &[u8; 64] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";

/// The words of all notes.
pub(super) struct Index {
    /// For each chunk the key of its first word and its file.
    pub(super) chunks: Vec<(String, OutPath, File)>,
    /// The words that most documents have.
    pub(super) common: Vec<String>,
}

/// The words whose keys begin with one letter, as they are written.
pub(super) struct Shard {
    /// For each word its key, and where its line ends.
    words: Vec<(String, usize)>,
    lines: String,
    /// Those that several documents have: how many, and the word.
    common: Vec<(u32, String)>,
}

/// The pieces of all groups that belong together, known by their hashes.
struct Pieces<'a>(Vec<&'a Piece>);

impl Hash for Pieces<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let key = self.0.iter().fold(Key::default(), |key, piece| key.with(piece.hash.as_bytes()));
        key.end().as_bytes().hash(state);
    }
}

/// Puts the words of all groups in order.
pub(super) fn index(groups: &[Arc<Group>]) -> Index {
    let mut shards: BTreeMap<char, Vec<&Piece>> = BTreeMap::new();
    for piece in groups.iter().flat_map(|group| &group.pieces) {
        shards.entry(piece.letter).or_default().push(piece);
    }
    let shards: Vec<_> = shards
        .into_values()
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|it| shard(&Pieces(it)))
        .collect();
    let mut common: Vec<&(u32, String)> = shards.iter().flat_map(|shard| &shard.common).collect();
    common.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    common.truncate(COMMON);
    let mut common: Vec<String> = common.into_iter().map(|(_, word)| word.clone()).collect();
    common.sort();
    Index { chunks: chunks(&shards), common }
}

#[comemo::memoize]
fn shard(pieces: &Pieces<'_>) -> Arc<Shard> {
    let mut ids: HashMap<&str, usize> = HashMap::new();
    let mut words: Vec<(&str, Vec<u32>)> = vec![];
    for piece in &pieces.0 {
        let mut postings = piece.postings.as_slice();
        for (word, count) in piece.words.lines().zip(&piece.counts) {
            let id = *ids.entry(word).or_insert_with(|| {
                words.push((word, vec![]));
                words.len() - 1
            });
            let (own, rest) = postings.split_at(*count as usize);
            words[id].1.extend(own);
            postings = rest;
        }
    }
    let mut order: Vec<(String, &str, Vec<u32>)> =
        words.into_iter().map(|(word, docs)| (hangul::key(word), word, docs)).collect();
    order.sort_unstable_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    let mut shard = Shard { words: vec![], lines: String::new(), common: vec![] };
    for (key, word, mut docs) in order {
        docs.sort_unstable();
        if docs.len() > 1 && word.chars().count() > 1 {
            shard.common.push((u32::try_from(docs.len()).unwrap_or(u32::MAX), word.to_owned()));
        }
        shard.lines.push_str(word);
        shard.lines.push(' ');
        let mut last = 0;
        for doc in docs {
            number((((doc >> 4) - last) << 4) | (doc & 15), &mut shard.lines);
            last = doc >> 4;
        }
        shard.lines.push('|');
        shard.words.push((key, shard.lines.len()));
    }
    shard.common.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    shard.common.truncate(COMMON);
    Arc::new(shard)
}

fn number(mut number: u32, into: &mut String) {
    loop {
        let more = if number > 31 { 32 } else { 0 };
        into.push(char::from(DIGITS[(number & 31 | more) as usize]));
        number >>= 5;
        if number == 0 {
            break;
        }
    }
}

fn chunks(shards: &[Arc<Shard>]) -> Vec<(String, OutPath, File)> {
    let mut chunks: Vec<(&str, String)> = vec![];
    let mut is_full = true;
    for shard in shards {
        let mut from = 0;
        for (key, to) in &shard.words {
            let line = &shard.lines[from..*to];
            if is_full {
                chunks.push((key, String::new()));
            }
            if let Some((_, chunk)) = chunks.last_mut() {
                chunk.push_str(line);
                let word = line.split(' ').next().unwrap_or_default();
                is_full = chunk.len() >= MAX_CHUNK || chunk.len() >= CHUNK && is_border(word);
            }
            from = *to;
        }
    }
    let file = |(key, lines): (&str, String)| {
        let json = serde_json::to_string(lines.trim_end_matches('|')).unwrap_or_default();
        let file = File::bytes(&super::script(&json));
        (key.to_owned(), hashed_name("words.js", file.hash), file)
    };
    chunks.into_par_iter().map(file).collect()
}

/// One word of 32, whatever stands around it.
fn is_border(word: &str) -> bool {
    word.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into())) % 32 == 7
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (n, expected) in [(0, "0"), (31, "v"), (32, "w1"), (1023, "_v"), (1024, "ww1")] {
            let mut text = String::new();
            number(n, &mut text);
            assert_eq!(text, expected, "{n}");
        }
    }
}
