//! What may be nearly a name (R14), found without comparing each with each.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Shorter keys are nearly nothing.
const LEAST: usize = 6;

/// Names by their [`key`](super::key), each with what belongs to it.
#[derive(Debug)]
pub struct NearNames<T> {
    names: Vec<(String, T)>,
    /// By the hash of what is left of a key without up to two of its letters: two words that are two
    /// slips apart have some such rest in common, so few names need a closer look.
    by_rest: HashMap<u64, Vec<u32>>,
}

impl<T> Default for NearNames<T> {
    fn default() -> Self {
        Self { names: vec![], by_rest: HashMap::new() }
    }
}

impl<T> NearNames<T> {
    /// Adds a name. One of less than six letters is left out.
    pub fn add(&mut self, key: String, value: T) {
        if key.chars().count() < LEAST {
            return;
        }
        let index = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        for rest in rests(&key) {
            self.by_rest.entry(rest).or_default().push(index);
        }
        self.names.push((key, value));
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The names that may be within two slips of a key, with the same first letter, in the order in
    /// which they were added; [`is_near_key`](super::is_near_key) tells which are.
    pub fn about(&self, key: &str) -> impl Iterator<Item = &(String, T)> {
        let rests = rests(key);
        let mut found: Vec<u32> =
            rests.iter().filter_map(|rest| self.by_rest.get(rest)).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().filter_map(|at| self.names.get(at as usize))
    }
}

/// The hashes of a key without up to two of its letters; the first letter must be right.
fn rests(key: &str) -> Vec<u64> {
    let letters: Vec<char> = key.chars().collect();
    let hash = |skip: [usize; 2]| {
        let mut hasher = DefaultHasher::new();
        let kept = letters.iter().enumerate().filter(|(at, _)| !skip.contains(at));
        kept.for_each(|(_, letter)| letter.hash(&mut hasher));
        hasher.finish()
    };
    let mut rests = vec![hash([usize::MAX; 2])];
    for first in 1..letters.len() {
        rests.push(hash([first, usize::MAX]));
        rests.extend((first + 1..letters.len()).map(|second| hash([first, second])));
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
