//! Which words of a note become links to which service. Read it from top to bottom:
//! the names become one automaton, each block of text gives candidates, the edges of a candidate
//! are tested, the leftmost longest win, and of those the first in each section becomes a link.
//!
//! The trick is a pair of rules: Latin next to Hangul is an edge; Hangul next to Hangul is an edge
//! only if the rest is a particle. The rule numbers are those of the project's cross-link rules,
//! as ARCHITECTURE.md tells them.

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};

use super::Target;
use super::text::{self, Block};
use crate::catalog::{self, Catalog};
use crate::config::{LinkScope, Terms};
use crate::diag::Span;
use crate::hangul;
use crate::note::Note;

/// A place where a note names a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mention {
    /// The service, as an index into the catalog.
    pub term: usize,
    /// The bytes of the name.
    pub span: Span,
    /// The index of the event that the name begins in.
    pub event: usize,
    /// True if it is shown as a link (R12).
    pub link: bool,
}

/// All names of a catalog, ready to be found in text.
#[derive(Debug)]
pub struct Matcher {
    automaton: Option<AhoCorasick>,
    /// For each pattern of the automaton the services that bear the name.
    owners: Vec<Vec<usize>>,
    /// For each service, where it is defined: a note, and the heading if it is not the whole.
    homes: Vec<(crate::path::NoteId, Option<usize>)>,
    scope: LinkScope,
    hash: blake3::Hash,
}

impl Hash for Matcher {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash.as_bytes().hash(state);
    }
}

impl Matcher {
    /// Prepares the names of a catalog. A vendor's word before a Latin name belongs to it (R3).
    pub fn new(catalog: &Catalog, config: &Terms) -> Self {
        let mut patterns: Vec<String> = vec![];
        let mut owners: Vec<Vec<usize>> = vec![];
        for (name, terms) in &catalog.names {
            let bare = catalog::without_vendor(name, config);
            let latin = !bare.contains(hangul::is_hangul);
            let prefixes = config.vendor.iter().filter(|_| latin);
            let spellings = prefixes.map(|vendor| format!("{vendor} {bare}")).chain([name.clone()]);
            for spelling in spellings {
                // Another service may bear the full spelling as its own name.
                if spelling == *name || !catalog.names.contains_key(&spelling) {
                    patterns.push(spelling);
                    owners.push(terms.clone());
                }
            }
        }
        // Overlapping matches need the standard kind: leftmost-longest would lose a short name
        // inside a long one whose edges fail.
        let automaton =
            AhoCorasick::builder().match_kind(MatchKind::Standard).build(&patterns).ok();
        let home = |term: &catalog::Term| (term.defined.note.clone(), term.defined.heading);
        let homes = catalog.terms.iter().map(home).collect();
        let mut hasher = blake3::Hasher::new();
        for (pattern, owners) in patterns.iter().zip(&owners) {
            hasher.update(format!("{pattern}\0{owners:?}\0").as_bytes());
        }
        hasher.update(format!("{homes:?}{:?}", config.link).as_bytes());
        let hash = hasher.finalize();
        let automaton = automaton.filter(|_| !patterns.is_empty());
        Self { automaton, owners, homes, scope: config.link, hash }
    }
}

/// Finds every mention in a note, in order. `targets` are the author's own links: one that leads to
/// a service counts as its first mention.
#[comemo::memoize]
pub fn mentions(note: &Note, targets: &Arc<Vec<Target>>, matcher: &Matcher) -> Arc<Vec<Mention>> {
    let Some(automaton) = matcher.automaton.as_ref().filter(|_| !note.front.no_autolink) else {
        return Arc::default();
    };
    let own = OwnBlocks::of(note, matcher);
    let mut mentions = vec![];
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    text::blocks(note, targets, |block| {
        let starts_section = match matcher.scope {
            LinkScope::Section => block.after_heading,
            LinkScope::Page | LinkScope::All | LinkScope::None => false,
        };
        if starts_section {
            seen.clear();
        }
        // The author's links and the names stand in one order.
        let mut linked = block.linked.iter().peekable();
        for (range, owners) in chosen(block, automaton, matcher) {
            while let Some((_, term)) = linked.next_if(|(at, _)| *at <= range.start) {
                seen.insert(*term);
            }
            let name = &block.text[range.clone()];
            let [term] = owners[..] else { continue };
            let (span, event) = block.place(&range);
            let excluded = note.front.autolink_exclude.iter().any(|it| it == name);
            if excluded || own.holds(term, event) {
                continue;
            }
            let first = seen.insert(term);
            let link = match matcher.scope {
                LinkScope::All => true,
                LinkScope::None => false,
                LinkScope::Section | LinkScope::Page => first,
            };
            mentions.push(Mention { term, span, event, link });
        }
        seen.extend(linked.map(|(_, term)| *term));
    });
    Arc::new(mentions)
}

/// The blocks of a note that define a service, in which its name is no mention (R11).
struct OwnBlocks(Vec<(usize, Range<usize>)>);

impl OwnBlocks {
    fn of(note: &Note, matcher: &Matcher) -> Self {
        let homes = matcher.homes.iter().enumerate().filter(|(_, (home, _))| *home == note.id);
        let block = |(term, (_, heading)): (usize, &(_, Option<usize>))| match *heading {
            Some(at) if at < note.body.headings.len() => {
                (term, note.body.headings[at].event..note.body.block_end(at))
            }
            _ => (term, 0..note.body.events.len()),
        };
        Self(homes.map(block).collect())
    }

    fn holds(&self, term: usize, event: usize) -> bool {
        self.0.iter().any(|(own, block)| *own == term && block.contains(&event))
    }
}

/// The names in a block: after the edge tests the leftmost, and of those the longest (R7). A name
/// that is ambiguous, or in its own block, still takes its place from shorter ones.
fn chosen<'m>(
    block: &Block,
    automaton: &AhoCorasick,
    matcher: &'m Matcher,
) -> Vec<(Range<usize>, &'m [usize])> {
    let mut token = Token::default();
    let found = automaton.find_overlapping_iter(block.text.as_str());
    let found = found.map(|it| (it.range(), &matcher.owners[it.pattern().as_usize()][..]));
    let mut found: Vec<_> = found.filter(|(range, _)| is_name(block, range, &mut token)).collect();
    found.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut end = 0;
    found.retain(|(range, _)| {
        let free = range.start >= end;
        if free {
            end = range.end;
        }
        free
    });
    found
}

/// Whether a candidate stands alone: by its edges, inside one piece of emphasis, in no address.
fn is_name(block: &Block, range: &Range<usize>, token: &mut Token) -> bool {
    let text = &block.text;
    let name = &text[range.clone()];
    let (left, right) = (&text[..range.start], &text[range.end..]);
    left_edge(left, name)
        && right_edge(name, right)
        && !block.has_border_inside(range)
        && !token.is_address(text, range)
}

/// R3 and R5 on the left: no letter of the same script before the name.
fn left_edge(left: &str, name: &str) -> bool {
    let mut before = left.chars().rev();
    let (last, other) = (before.next(), before.next());
    if name.starts_with(hangul::is_hangul) {
        return !last.is_some_and(hangul::is_hangul);
    }
    let hyphen = last == Some('-') && other.is_some_and(is_latin_letter);
    !last.is_some_and(is_latin_word) && !hyphen
}

/// R3 and R5 on the right: Latin ends at Hangul; Hangul ends where only particles follow.
fn right_edge(name: &str, right: &str) -> bool {
    if catalog::ends_in_hangul(name) {
        return hangul::is_particle_tail(right);
    }
    let mut after = right.chars();
    let (first, second) = (after.next(), after.next());
    let hyphen = first == Some('-') && second.is_some_and(is_latin_letter);
    // `VPCs` is a plural of a name of capitals.
    let capitals = name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    let plural = capitals && first == Some('s') && !second.is_some_and(is_latin_word);
    plural || !first.is_some_and(is_latin_word) && !hyphen
}

fn is_latin_letter(c: char) -> bool {
    c.is_alphabetic() && !is_east_asian(c)
}

fn is_latin_word(c: char) -> bool {
    (c.is_alphanumeric() || c == '_') && !is_east_asian(c)
}

fn is_east_asian(c: char) -> bool {
    hangul::is_hangul(c) || ('\u{2E80}'..='\u{9FFF}').contains(&c)
}

/// The unbroken run of characters around a candidate, and whether it is an address, a path, a file
/// name or a qualified name (R9). Candidates come from left to right, so the last answer is kept.
#[derive(Default)]
struct Token {
    range: Range<usize>,
    is_address: bool,
}

impl Token {
    fn is_address(&mut self, text: &str, range: &Range<usize>) -> bool {
        if !self.range.contains(&range.start) {
            let part = |c: char| c.is_ascii_alphanumeric() || r"-_./:@#$~\%?&=+*".contains(c);
            let before = text[..range.start].trim_end_matches(part).len();
            let after = &text[range.start..];
            let length = after.len() - after.trim_start_matches(part).len();
            let end = (range.start + length).max(range.end);
            *self = Self { range: before..end, is_address: is_address(&text[before..end]) };
        }
        self.is_address
    }
}

fn is_address(token: &str) -> bool {
    let token = token.trim_end_matches(['.', ',', ':', ';', '!', '?', '*', '&', '=', '/']);
    let begins = ["/", "./", "../", "~/", "#", "@", "$", "arn:", "www."];
    let joined = |mark: char| {
        let mut parts = token.split(mark);
        let ends_well = |part: &str| part.ends_with(|c: char| c.is_ascii_alphanumeric());
        let first = parts.next().is_some_and(ends_well);
        first
            && parts
                .next()
                .is_some_and(|part| part.starts_with(|c: char| c.is_ascii_alphanumeric()))
    };
    begins.iter().any(|mark| token.len() > mark.len() && token.starts_with(mark))
        || token.contains("://")
        || token.contains("::")
        || token.contains('\\')
        || joined('@')
        || joined(':')
        || joined('.')
}
