//! What may be nearly a name (R14), found without comparing each with each.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

/// Shorter keys are nearly nothing.
const LEAST: usize = 6;

/// Two slips change at most so many bits of a [`Shape`]: those of two letters for others.
const BITS: u32 = 4;

/// What can be told of a key at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shape {
    /// How many letters it has.
    pub length: usize,
    first: char,
    /// Which letters it has, each as one bit, which others may share.
    letters: u64,
}

impl Shape {
    /// The shape of a key with these letters.
    pub fn of(letters: impl Iterator<Item = char>) -> Self {
        let mut shape = Self { length: 0, first: '\0', letters: 0 };
        for letter in letters {
            if shape.length == 0 {
                shape.first = letter;
            }
            shape.length += 1;
            shape.letters |= 1 << (u32::from(letter) % u64::BITS);
        }
        shape
    }
}

/// Names by their [`key`](super::key), each with what belongs to it.
#[derive(Debug)]
pub struct NearNames<T> {
    names: Vec<(String, T)>,
    /// The letters of the names by their length and their first letter: most words are like none of
    /// them, and end here.
    shapes: FxHashMap<(usize, char), Vec<u64>>,
    /// What is left of the names, made when it is first asked for.
    rests: OnceLock<Rests>,
}

/// The names by the hash of what is left of their keys without up to two letters: two words that are
/// two slips apart have some such rest in common, so few names need a closer look. There are hundreds
/// for each name, so they are chained: a hash leads to its last link, and a link to its name and the
/// link before.
#[derive(Debug, Default)]
struct Rests {
    last: FxHashMap<u64, u32>,
    links: Vec<(u32, Option<u32>)>,
}

impl<T> Default for NearNames<T> {
    fn default() -> Self {
        Self { names: vec![], shapes: FxHashMap::default(), rests: OnceLock::new() }
    }
}

impl<T> NearNames<T> {
    /// Adds a name. One of less than six letters is left out.
    pub fn add(&mut self, key: String, value: T) {
        let shape = Shape::of(key.chars());
        if shape.length < LEAST {
            return;
        }
        self.shapes.entry((shape.length, shape.first)).or_default().push(shape.letters);
        self.rests.take();
        self.names.push((key, value));
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The names that may be within two slips of a key, with the same first letter, in the order in
    /// which they were added; [`is_near_key`](super::is_near_key) tells which are.
    pub fn about(&self, key: &str) -> impl Iterator<Item = &(String, T)> {
        let mut found = match self.has_like(&Shape::of(key.chars())) {
            true => self.rests.get_or_init(|| Rests::of(&self.names)).about(key),
            false => vec![],
        };
        found.sort_unstable();
        found.dedup();
        found.into_iter().filter_map(|at| self.names.get(at as usize))
    }

    /// Whether some name has the first letter, nearly the length and nearly the letters of a key.
    pub fn has_like(&self, of: &Shape) -> bool {
        let is_like = |letters: &u64| (letters ^ of.letters).count_ones() <= BITS;
        (of.length.saturating_sub(2)..=of.length + 2)
            .filter_map(|length| self.shapes.get(&(length, of.first)))
            .any(|all| all.iter().any(is_like))
    }
}

impl Rests {
    fn of<T>(names: &[(String, T)]) -> Self {
        let mut all = Self::default();
        for ((key, _), name) in names.iter().zip(0..) {
            for rest in rests(key) {
                let link = u32::try_from(all.links.len()).unwrap_or(u32::MAX);
                let before = all.last.insert(rest, link);
                all.links.push((name, before));
            }
        }
        all
    }

    /// The names that have a rest in common with a key.
    fn about(&self, key: &str) -> Vec<u32> {
        let mut found = vec![];
        for rest in rests(key) {
            let mut link = self.last.get(&rest).copied();
            while let Some((name, before)) = link.and_then(|at| self.links.get(at as usize)) {
                found.push(*name);
                link = *before;
            }
        }
        found
    }
}

/// The hashes of a key without up to two of its letters; the first letter must be right. They are
/// those of Rabin and Karp: a text is a number with its letters as digits, so what is left without
/// some is put together from the numbers of the pieces, whatever their length. Two texts that share a
/// hash by chance cost a closer look.
fn rests(key: &str) -> Vec<u64> {
    const BASE: u64 = 0x9E37_79B9_7F4A_7C15;
    // The numbers of all beginnings, and the powers of the base.
    let (mut begin, mut power) = (vec![0_u64], vec![1_u64]);
    for letter in key.chars() {
        let last = begin[begin.len() - 1];
        // Neighbours in the alphabet should not be neighbours as digits.
        let digit = (u64::from(u32::from(letter)) + 1).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
        begin.push(last.wrapping_mul(BASE).wrapping_add(digit ^ (digit >> 32)));
        power.push(power[power.len() - 1].wrapping_mul(BASE));
    }
    let length = begin.len() - 1;
    // A number with the piece from `from` to `to` behind it.
    let with = |number: u64, from: usize, to: usize| {
        let piece = begin[to].wrapping_sub(begin[from].wrapping_mul(power[to - from]));
        number.wrapping_mul(power[to - from]).wrapping_add(piece)
    };
    let mut rests = vec![begin[length]];
    for (first, before) in begin.iter().enumerate().take(length).skip(1) {
        rests.push(with(*before, first + 1, length));
        let second = |second| with(with(*before, first + 1, second), second + 1, length);
        rests.extend((first + 1..length).map(second));
    }
    rests
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::is_near_key;

    #[test]
    fn every_near_name_is_found() {
        let mut names = NearNames::default();
        let keys =
            ["cloudfront", "widget0001", "widget0012", "elasticbeanstalk", "s3", "클라우드프론트"];
        for key in keys {
            names.add(key.to_owned(), ());
        }
        for word in [
            "cloundfront",
            "cluodfront",
            "widget0011",
            "widget1100",
            "elasticbenstlak",
            "s4",
            "클라우드프런트",
        ] {
            let near = |key: &&str| is_near_key(word, key).is_some();
            let expected: Vec<&str> = keys.into_iter().filter(near).collect();
            let found = names.about(word).map(|(key, ())| &**key).filter(near);
            assert_eq!(found.collect::<Vec<_>>(), expected, "{word}");
        }
    }
}
