//! What was probably meant, where something is nearly a name: by one comparison with each of a few, and
//! without comparing each with each where there are many.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

/// Shorter keys are nearly nothing (R14) …
const LEAST: usize = 6;
/// … and more slips make another word.
const SLIPS: usize = 2;

/// The name that `wrong` was probably meant to be: at most a third of its letters differ, case
/// counts for nothing; of one letter nothing can be guessed. The first of equally near names wins.
pub fn nearest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_of(wrong, names.into_iter().map(|name| (0, name))).map(|(_, name)| name)
}

/// The same of names with their numbers.
fn nearest_of<'a>(
    wrong: &str,
    names: impl Iterator<Item = (usize, &'a str)>,
) -> Option<(usize, &'a str)> {
    let folded = wrong.to_lowercase();
    let own = Shape::of(folded.chars());
    let (length, limit) = (own.length, (own.length / 3).max(1));
    let mut best: Option<(usize, (usize, &str))> = None;
    for (number, name) in names {
        let shape = Shape::of(name.chars().flat_map(char::to_lowercase));
        let is_like =
            shape.length.abs_diff(length) <= limit && are_within(limit, shape.letters, own.letters);
        if length < 2 || shape.length < 2 || !is_like {
            continue;
        }
        let distance = slips(&folded, &name.to_lowercase());
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, (number, name)));
        }
    }
    best.map(|(_, found)| found)
}

/// How many slips of a finger lie between two texts: a letter too many, too few, wrong, or two that
/// changed places.
pub fn slips(a: &str, b: &str) -> usize {
    strsim::damerau_levenshtein(a, b)
}

/// Up to so many names each is compared with a wrong one; of more only those that are one slip away are
/// found. A folder of thousands of notes may have thousands of links that lead nowhere.
pub const FEW: usize = 300;

/// Names of which one was meant by each of many wrong ones, in the order in which they count.
#[derive(Debug)]
pub struct Candidates<S> {
    names: Vec<S>,
    rests: OnceLock<Rests>,
}

impl<S: AsRef<str>> Candidates<S> {
    /// Takes the names.
    pub fn of(names: impl IntoIterator<Item = S>) -> Self {
        Self { names: names.into_iter().collect(), rests: OnceLock::new() }
    }

    /// The name that `wrong` was probably meant to be, with its number from 0.
    pub fn nearest(&self, wrong: &str) -> Option<(usize, &str)> {
        if self.names.len() <= FEW {
            return nearest_of(wrong, self.names.iter().map(AsRef::as_ref).enumerate());
        }
        // Of equal names, such as files in other folders, the first is enough.
        let rests = || {
            let mut first = FxHashMap::default();
            for (name, at) in self.names.iter().zip(0..) {
                first.entry(name.as_ref().to_lowercase()).or_insert(at);
            }
            Rests::of(first.iter().map(|(name, at)| (*at, name.as_str())), 1)
        };
        let about = self.rests.get_or_init(rests).about(&wrong.to_lowercase());
        let name = |at: u32| Some((at as usize, self.names.get(at as usize)?.as_ref()));
        nearest_of(wrong, about.into_iter().filter_map(name))
    }
}

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

/// False if two words with these letters are more than so many slips apart, whatever they are: a slip
/// puts at most one letter for another.
fn are_within(slips: usize, a: u64, b: u64) -> bool {
    (a ^ b).count_ones() as usize <= 2 * slips
}

/// Names by their keys, which [`catalog::key`](crate::catalog::key) makes, each with what belongs to it:
/// for what is nearly a name in text (R14).
#[derive(Debug)]
pub struct NearNames<T> {
    names: Vec<(String, T)>,
    /// The letters of the names by their length and their first letter: most words are like none of
    /// them, and end here.
    shapes: FxHashMap<(usize, char), Vec<u64>>,
    /// What is left of the names, made when it is first asked for.
    rests: OnceLock<Rests>,
}

/// The names by the hash of what is left of their keys without up to so many letters: two words that
/// are as many slips apart have some such rest in common, so few names need a closer look. There are
/// many for each name, so they are chained: a hash leads to its last link, and a link to its name and
/// the link before.
#[derive(Debug)]
struct Rests {
    without: usize,
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
    /// which they were added; [`catalog::is_near_key`](crate::catalog::is_near_key) tells which are.
    pub fn about(&self, key: &str) -> impl Iterator<Item = &(String, T)> {
        let found = match self.has_like(&Shape::of(key.chars())) {
            true => {
                let keys = || (0..).zip(self.names.iter().map(|(key, _)| key.as_str()));
                self.rests.get_or_init(|| Rests::of(keys(), SLIPS)).about(key)
            }
            false => vec![],
        };
        found.into_iter().filter_map(|at| self.names.get(at as usize))
    }

    /// Whether some name has the first letter, nearly the length and nearly the letters of a key.
    pub fn has_like(&self, of: &Shape) -> bool {
        let is_like = |letters: &u64| are_within(SLIPS, *letters, of.letters);
        (of.length.saturating_sub(2)..=of.length + 2)
            .filter_map(|length| self.shapes.get(&(length, of.first)))
            .any(|all| all.iter().any(is_like))
    }
}

impl Rests {
    fn of<'n>(names: impl Iterator<Item = (u32, &'n str)>, without: usize) -> Self {
        let mut all = Self { without, last: FxHashMap::default(), links: vec![] };
        for (name, key) in names {
            for rest in rests(key, without) {
                let link = u32::try_from(all.links.len()).unwrap_or(u32::MAX);
                let before = all.last.insert(rest, link);
                all.links.push((name, before));
            }
        }
        all
    }

    /// The names that have a rest in common with a key, in order, each once.
    fn about(&self, key: &str) -> Vec<u32> {
        let mut found = vec![];
        for rest in rests(key, self.without) {
            let mut link = self.last.get(&rest).copied();
            while let Some((name, before)) = link.and_then(|at| self.links.get(at as usize)) {
                found.push(*name);
                link = *before;
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The hashes of a key without up to one or two of its letters; the first letter must be right. They are
/// those of Rabin and Karp: a text is a number with its letters as digits, so what is left without
/// some is put together from the numbers of the pieces, whatever their length. Two texts that share a
/// hash by chance cost a closer look.
fn rests(key: &str, without: usize) -> Vec<u64> {
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
        let seconds = if without > 1 { first + 1..length } else { 0..0 };
        rests.extend(seconds.map(second));
    }
    rests
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::is_near_key;

    #[test]
    fn the_nearest_name() {
        assert_eq!(nearest("tilte", ["title", "tags"]), Some("title"));
        assert_eq!(nearest("EC3", ["EC2", "S3"]), Some("EC2"));
        assert_eq!(nearest("Bx", ["B"]), None);
        assert_eq!(nearest("kitchen", ["title", "tags"]), None);
    }

    #[test]
    fn of_many_the_nearest_is_one_slip_away() {
        let many: Vec<String> = (0..FEW).map(|at| format!("노트 {at}")).collect();
        let names = || many.iter().map(String::as_str).chain(["Lambda 함수", "EC2"]);
        let many = Candidates::of(names());
        for (wrong, right) in [
            ("lamda 함수", Some("Lambda 함수")),
            ("Lambda 함소", Some("Lambda 함수")),
            ("Lamdba 함수", Some("Lambda 함수")),
            ("EC3", Some("EC2")),
            ("Lamda 함소", None),
        ] {
            assert_eq!(many.nearest(wrong).map(|it| it.1), right, "{wrong}");
        }
        let few = Candidates::of(names().skip(10));
        assert_eq!(few.nearest("Lamda 함소"), Some((FEW - 10, "Lambda 함수")));
    }

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
