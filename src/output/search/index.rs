//! The index: all words in the order of their keys, cut into chunks.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::is_chosen;
use super::weights::Words;
use crate::hangul;
use crate::key::{Key, Sum};
use crate::path::OutPath;
use crate::plan::{File, Store};

/// A chunk ends at a word that is chosen by its letters once it has so many bytes …
const CHUNK: usize = 4 * 1024;
/// … and at any word once it has so many. So an edit moves few borders.
const MAX_CHUNK: usize = 8 * 1024;
/// Of a word that more documents have, those count in which it weighs most. What a query costs has an
/// end so, however many notes there are; and what stands nearly everywhere tells little.
const MOST: usize = 512;
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

/// The words whose keys begin alike, as they are written.
struct Shard {
    hash: Sum,
    lines: String,
    /// For each word where its line ends.
    ends: Vec<usize>,
    /// Those that several documents have: how many, and the word.
    common: Vec<(usize, String)>,
}

/// The pieces of all groups that belong together, known by their hashes: the number of the first document
/// of a group, its words and which piece of them.
struct Pieces<'a>(Vec<(usize, &'a Words, usize)>, &'a dyn Store);

impl Pieces<'_> {
    fn sum(&self) -> Sum {
        let with = |key: Key, (first, words, piece): &(usize, &Words, usize)| {
            key.with(first).with(words.hash(*piece))
        };
        self.0.iter().fold(Key::default(), with).end()
    }
}

impl Hash for Pieces<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.sum().hash(state);
    }
}

/// Puts the words of all groups in order. With each comes the number of its first document.
pub(super) fn index<'a>(
    groups: impl Iterator<Item = (usize, &'a Words)>,
    store: &dyn Store,
) -> Index {
    let mut shards: BTreeMap<u64, Vec<(usize, &Words, usize)>> = BTreeMap::new();
    for (first, words) in groups {
        for (piece, beginning) in words.beginnings().enumerate() {
            shards.entry(beginning).or_default().push((first, words, piece));
        }
    }
    let shards: Vec<_> = shards.into_values().map(|it| Pieces(it, store)).collect();
    let shards: Vec<_> = shards.par_iter().map(shard).collect();
    let mut common: Vec<&(usize, String)> = shards.iter().flat_map(|it| &it.common).collect();
    if common.len() > COMMON {
        let first = |a: &&(usize, String), b: &&(usize, String)| (b.0, &a.1).cmp(&(a.0, &b.1));
        common.select_nth_unstable_by(COMMON - 1, first);
        common.truncate(COMMON);
    }
    let mut common: Vec<String> = common.into_iter().map(|(_, word)| word.clone()).collect();
    common.sort();
    Index { chunks: chunks(&shards, store), common }
}

#[comemo::memoize(enabled = pieces.1.remembers())]
fn shard(pieces: &Pieces<'_>) -> Arc<Shard> {
    let all = || {
        pieces.0.iter().flat_map(|(first, words, piece)| words.of(*piece).map(|it| (*first, it)))
    };
    // Each word once, and where its postings begin among those of all.
    let mut ids: FxHashMap<&str, usize> = FxHashMap::default();
    let mut words: Vec<(&str, usize)> = vec![];
    let of_entries: Vec<usize> = all()
        .map(|(_, (word, postings))| {
            let id = *ids.entry(word).or_insert_with(|| {
                words.push((word, 0));
                words.len() - 1
            });
            words[id].1 += postings.len();
            id
        })
        .collect();
    let mut end = 0;
    for (_, count) in &mut words {
        end += std::mem::replace(count, end);
    }
    let mut postings = vec![0; end];
    for (id, (first, (_, own))) in of_entries.into_iter().zip(all()) {
        let to = &mut words[id].1;
        for (place, posting) in postings[*to..].iter_mut().zip(own) {
            *place = posting + ((first as u32) << 4);
        }
        *to += own.len();
    }
    let mut from = 0;
    let mut order = vec![];
    for (word, to) in words {
        order.push((hangul::key(word), word, from..to));
        from = to;
    }
    order.sort_unstable_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    let mut shard =
        Shard { hash: pieces.sum(), lines: String::new(), ends: vec![], common: vec![] };
    let mut common = vec![];
    for (_, word, range) in order {
        let docs = &mut postings[range];
        // What only the registry names comes last, though it leads to notes before.
        if !docs.is_sorted() {
            docs.sort_unstable();
        }
        if docs.len() > 1 && word.chars().nth(1).is_some() {
            common.push((Reverse(docs.len()), word));
        }
        shard.lines.push_str(word);
        shard.lines.push(' ');
        let mut last = 0;
        for doc in heaviest(docs) {
            number((((doc >> 4) - last) << 4) | (doc & 15), &mut shard.lines);
            last = doc >> 4;
        }
        if docs.len() > MOST {
            shard.lines.push_str(&format!(" {}", docs.len()));
        }
        shard.lines.push('|');
        shard.ends.push(shard.lines.len());
    }
    common.sort_unstable();
    common.truncate(COMMON);
    let common = common.into_iter().map(|(Reverse(count), word)| (count, word.to_owned()));
    shard.common = common.collect();
    Arc::new(shard)
}

/// The postings in which a word weighs most, in their order; of equal ones the first.
fn heaviest(postings: &[u32]) -> impl Iterator<Item = u32> {
    let level = |posting: u32| (posting & 15) as usize;
    let mut counts = [0; 16];
    for posting in postings {
        counts[level(*posting)] += 1;
    }
    // Of the levels from the heaviest down so many fit, and of the next so many postings.
    let mut room = MOST;
    let mut least = 16;
    while least > 0 && counts[least - 1] <= room {
        least -= 1;
        room -= counts[least];
    }
    postings.iter().copied().filter(move |posting| match level(*posting) {
        it if it >= least => true,
        it => {
            let fits = it + 1 == least && room > 0;
            room -= usize::from(fits);
            fits
        }
    })
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

/// Lines of shards that are one chunk, known by the hashes of the shards.
struct Cut<'a>(Vec<(&'a Shard, Range<usize>)>, &'a dyn Store);

impl Hash for Cut<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for (shard, range) in &self.0 {
            shard.hash.hash(state);
            range.hash(state);
        }
    }
}

fn chunks(shards: &[Arc<Shard>], store: &dyn Store) -> Vec<(String, OutPath, File)> {
    let mut cuts: Vec<Cut> = vec![];
    let mut open = Cut(vec![], store);
    let mut size = 0;
    for shard in shards {
        let (mut from, mut last) = (0, 0);
        for end in &shard.ends {
            let line = &shard.lines[last..*end];
            let is_border = || line.split(' ').next().is_some_and(|word| is_chosen(word, 16));
            size += line.len();
            last = *end;
            if size >= MAX_CHUNK || size >= CHUNK && is_border() {
                open.0.push((shard, from..last));
                cuts.push(Cut(std::mem::take(&mut open.0), store));
                (from, size) = (last, 0);
            }
        }
        if from < last {
            open.0.push((shard, from..last));
        }
    }
    if !open.0.is_empty() {
        cuts.push(open);
    }
    cuts.par_iter().map(chunk).collect()
}

/// The key of the first word of a chunk, and its file.
#[comemo::memoize(enabled = cut.1.remembers())]
fn chunk(cut: &Cut<'_>) -> (String, OutPath, File) {
    let lines: String = cut.0.iter().map(|(shard, range)| &shard.lines[range.clone()]).collect();
    let word = lines.split(' ').next().unwrap_or_default();
    let json = serde_json::to_string(lines.trim_end_matches('|')).unwrap_or_default();
    let (path, file) = super::file(cut.1, "words.js", &json);
    (hangul::key(word), path, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_the_heaviest_stay() {
        let few: Vec<u32> = (0..500).map(|doc| doc << 4 | 3).collect();
        assert!(heaviest(&few).eq(few.iter().copied()));
        let many: Vec<u32> = (0..900).map(|doc| doc << 4 | (doc % 3)).collect();
        let kept: Vec<u32> = heaviest(&many).collect();
        assert_eq!(kept.len(), MOST);
        assert_eq!(kept.iter().filter(|it| **it & 15 == 2).count(), 300);
        assert_eq!(kept.iter().filter(|it| **it & 15 == 0).count(), 0);
        assert!(kept.is_sorted());
    }

    #[test]
    fn numbers() {
        for (n, expected) in [(0, "0"), (31, "v"), (32, "w1"), (1023, "_v"), (1024, "ww1")] {
            let mut text = String::new();
            number(n, &mut text);
            assert_eq!(text, expected, "{n}");
        }
    }
}
