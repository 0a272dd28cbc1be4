//! Words that are nearly a name (R14): `Direct Connet`, `클라우드프런트`. They are told, never linked.

use std::collections::BTreeSet;
use std::ops::Range;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::text::{self, Block};
use super::token::Token;
use super::{LinkedNote, Site};
use crate::catalog::{Catalog, Name, is_near_key, key, shape};
use crate::class::{Class, is_ordinary};
use crate::diag::{Diagnostic, Span};
use crate::hangul;
use crate::near::{NearNames, Shape};

/// A word, or several, that was probably meant to be a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// The note it stands in, as an index into those of the site.
    pub note: usize,
    /// The bytes of it.
    pub span: Span,
    /// As it is written.
    pub written: String,
    /// The name that was meant.
    pub right: String,
    /// Whose name that is, as an index into the catalog.
    pub term: usize,
}

impl NearMiss {
    /// What to tell the author.
    pub fn diagnostic(&self, site: &Site) -> Diagnostic {
        let file = &site.notes[self.note].note().file;
        let message = format!("`{}` is probably meant to be `{}`", self.written, self.right);
        Diagnostic::warning("near-miss", file, self.span, message)
            .hint(format!("write `{}`; as it is, it leads nowhere", self.right))
    }
}

impl Site {
    /// All near misses in the text of the notes, in order. Headings are told of when the catalog is
    /// collected.
    pub fn near_misses(&self) -> Vec<NearMiss> {
        let names = Names::of(&self.catalog);
        // Words come again: what was found out of one is kept.
        let notes = self.notes.par_iter().enumerate();
        let found =
            notes.map_init(Seen::default, |seen, (at, note)| names.near_misses(at, note, seen));
        found.flatten_iter().collect()
    }
}

/// The names that may be misspelt.
struct Names<'a> {
    /// Each with whose it is.
    names: NearNames<(&'a Name, usize)>,
    first: BTreeSet<char>,
    catalog: &'a Catalog,
    most_words: usize,
    /// The shapes of all names, those that nothing is nearly too.
    exact: FxHashSet<Shape>,
}

/// What was found out of words by their first letters and their keys: the slips, the name and whose it is.
type Seen<'a> = FxHashMap<char, FxHashMap<String, Option<(usize, &'a Name, usize)>>>;

/// A run of Latin letters and digits, or of Hangul.
type Word = Range<usize>;

impl<'a> Names<'a> {
    fn of(catalog: &'a Catalog) -> Self {
        let (mut names, mut first) = (NearNames::default(), BTreeSet::new());
        let mut most_words = 1;
        for (at, term) in catalog.terms.iter().enumerate() {
            for name in term.names.iter().filter(|name| name.class != Class::Manual) {
                let key = key(&name.text);
                let length = key.chars().count();
                let Some(letter) = key.chars().next().filter(|_| length >= 6) else { continue };
                first.insert(letter);
                most_words = most_words.max(words(&name.text).len());
                names.add(key, (name, at));
            }
        }
        let exact = catalog.names.keys().map(|key| Shape::of(key.chars())).collect();
        Self { names, first, catalog, most_words, exact }
    }

    fn near_misses(&self, at: usize, linked: &LinkedNote, seen: &mut Seen<'a>) -> Vec<NearMiss> {
        let note = linked.note();
        let mut found: Vec<NearMiss> = vec![];
        if self.names.is_empty() || note.front.no_autolink {
            return found;
        }
        text::blocks(note, &linked.targets, |block| {
            let words = words(&block.text);
            let mut token = Token::default();
            let mut next = 0;
            while next < words.len() {
                let Some((range, count, near)) = self.best(block, &words[next..], &mut token, seen)
                else {
                    next += 1;
                    continue;
                };
                next += count;
                if let Some((name, term)) = near {
                    found.push(NearMiss {
                        note: at,
                        span: block.place(&range).0,
                        written: block.text[range].to_owned(),
                        right: name.text.clone(),
                        term,
                    });
                }
            }
        });
        found
    }

    /// What the words at the beginning are: a name as it should be (nothing to tell), or nearly one;
    /// with how many words it has. None if neither.
    #[allow(clippy::type_complexity, reason = "it is taken apart where it is called")]
    fn best(
        &self,
        block: &Block,
        words: &[Word],
        token: &mut Token,
        seen: &mut Seen<'a>,
    ) -> Option<(Range<usize>, usize, Option<(&'a Name, usize)>)> {
        let text = &block.text;
        let first = text[words[0].clone()].chars().next()?;
        let folded = first.to_lowercase().next()?;
        if !self.first.contains(&folded) {
            return None;
        }
        let mut best: Option<(usize, Range<usize>, usize, &'a Name, usize)> = None;
        let mut exact = None;
        let mut end = words[0].start;
        for (count, word) in words.iter().take(self.most_words + 1).enumerate() {
            let gap = &text[end.max(words[0].start)..word.start];
            if count > 0 && !matches!(gap, "" | " " | "-" | "\u{A0}") {
                break;
            }
            end = word.end;
            for end in ends(text, word) {
                let range = words[0].start..end;
                let shape = shape(&text[range.clone()]);
                let is_like = self.names.has_like(&shape);
                if !is_like && !self.exact.contains(&shape) {
                    continue;
                }
                let written = key(&text[range.clone()]);
                if self.catalog.names.contains_key(&written) {
                    exact = Some((range, count + 1, None));
                    continue;
                }
                if !is_like {
                    continue;
                }
                let seen = seen.entry(first).or_default();
                let near = match seen.get(&written) {
                    Some(near) => *near,
                    None => {
                        let near = self.nearest(first, &written);
                        seen.insert(written, near);
                        near
                    }
                };
                let Some((slips, name, term)) = near else { continue };
                let is_ordinary =
                    words[..=count].iter().all(|word| is_ordinary(&text[word.clone()]));
                if is_ordinary || token.is_address(text, &range) {
                    continue;
                }
                if best.as_ref().is_none_or(|(least, ..)| slips < *least) {
                    best = Some((slips, range, count + 1, name, term));
                }
            }
        }
        // `S3 Standard-IA` is a name, and so is its first word.
        if exact.is_some() {
            return exact;
        }
        best.map(|(_, range, count, name, term)| (range, count, Some((name, term))))
    }

    /// The name that is nearest to what is written. The first letter must be right, in its case too
    /// unless the name may have any.
    fn nearest(&self, first: char, written: &str) -> Option<(usize, &'a Name, usize)> {
        let mut best: Option<(usize, &'a Name, usize)> = None;
        for (key, (name, term)) in self.names.about(written) {
            let case = name.class == Class::Distinctive || name.text.starts_with(first);
            let plural = key.strip_suffix('s') == Some(written)
                || written.strip_suffix('s') == Some(key.as_str());
            // `클라우드와` is another word with its particle.
            let is_cut = written.ends_with(hangul::is_hangul) && key.starts_with(written);
            // A Latin name ends where Hangul begins.
            let script = |text: &str| text.ends_with(hangul::is_hangul);
            let could_be = case && !plural && !is_cut && script(written) == script(key);
            let Some(slips) = is_near_key(written, key).filter(|_| could_be) else { continue };
            if best.is_none_or(|(least, ..)| slips < least) {
                best = Some((slips, name, *term));
            }
        }
        best
    }
}

/// Where a name may end that ends in this word: at its end, or before its particles.
fn ends(text: &str, word: &Word) -> Vec<usize> {
    let written = &text[word.clone()];
    let mut ends = vec![word.end];
    if written.starts_with(hangul::is_hangul) {
        let inside = written.char_indices().skip(1).map(|(at, _)| at);
        ends.extend(
            inside.filter(|at| hangul::is_particle_tail(&written[*at..])).map(|at| word.start + at),
        );
    }
    ends
}

/// The words of a text.
fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = vec![];
    let kind = |c: char| match c {
        _ if hangul::is_hangul(c) => 2,
        _ if c.is_ascii_alphanumeric() => 1,
        _ => 0,
    };
    let mut last = 0;
    for (at, c) in text.char_indices() {
        let kind = kind(c);
        match words.last_mut().filter(|_| kind == last) {
            _ if kind == 0 => {}
            Some(word) => word.end = at + c.len_utf8(),
            None => words.push(at..at + c.len_utf8()),
        }
        last = kind;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_text() {
        let text = "AWS의 X-Ray2를";
        let found: Vec<&str> = words(text).into_iter().map(|word| &text[word]).collect();
        assert_eq!(found, ["AWS", "의", "X", "Ray2", "를"]);
    }
}
