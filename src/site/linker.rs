//! Which words of a note become links to which service. Read it from top to bottom:
//!
//! 1. the names become one automaton over text without spaces, hyphens and case ([`Matcher`]);
//! 2. each place in a block of text that it finds is a candidate, which must be spelled like the name
//!    ([`is_spelled`]), stand alone ([`left_edge`], [`right_edge`]) and fit its surroundings
//!    ([`fits`]);
//! 3. of the candidates the leftmost and longest win ([`chosen`]);
//! 4. of those, the first in each section becomes a link ([`mentions`]).
//!
//! The trick is a pair of rules: Latin next to Hangul is an edge; Hangul next to Hangul is an edge
//! only if the rest is a particle. The rule numbers are those of the project's cross-link rules,
//! as ARCHITECTURE.md tells them.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::Target;
use super::mention::Mention;
use super::reason::{Reason, Rejected};
use super::text::{self, Block};
use super::token::Token;
use crate::catalog::{Catalog, Name, is_separator};
use crate::class::Class;
use crate::config::{LinkScope, Terms};
use crate::hangul;
use crate::key::{Key, Sum};
use crate::note::{Event, Fold, Kind, Note, Tag};
use crate::path::{NoteId, TermId};

/// Names of at most so many bytes in all become the fastest kind of automaton …
const MAX_FAST: usize = 16 * 1024;
/// … for more notes than these.
const MANY: usize = 500;

#[comemo::memoize]
fn prepared(catalog: &Catalog, config: &Terms, many: bool) -> Arc<Matcher> {
    Arc::new(Matcher::new(catalog, config, many))
}

/// All names of a catalog, ready to be found in text.
#[derive(Debug)]
pub struct Matcher {
    automaton: Option<AhoCorasick>,
    /// For each pattern of the automaton the names that it may be.
    patterns: Vec<Vec<Spelling>>,
    /// For each note the services that it defines, and the heading if it is not the whole.
    homes: BTreeMap<NoteId, Vec<(usize, Option<usize>)>>,
    /// For each service the words that make something else of its names.
    not_before: Vec<Vec<String>>,
    ids: Vec<TermId>,
    vendors: Vec<String>,
    scope: LinkScope,
    hash: Sum,
}

#[derive(Debug, Clone)]
struct Spelling {
    name: Name,
    /// Who bears it, and who of them is meant; none if nothing decides.
    owner: usize,
    term: Option<usize>,
}

impl Hash for Matcher {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash.hash(state);
    }
}

impl Matcher {
    /// Prepares the names of a catalog, for so many notes.
    pub fn of(catalog: &Catalog, config: &Terms, notes: usize) -> Arc<Self> {
        prepared(catalog, config, notes > MANY)
    }

    fn new(catalog: &Catalog, config: &Terms, many: bool) -> Self {
        let mut by_letters: BTreeMap<Vec<u8>, Vec<Spelling>> = BTreeMap::new();
        for named in catalog.names.values() {
            for (owner, index) in &named.spellings {
                let name = catalog.terms[*owner].names[*index].clone();
                let letters = Squeezed::of(&name.text).letters;
                let spelling = Spelling { name, owner: *owner, term: named.term };
                by_letters.entry(letters).or_default().push(spelling);
            }
        }
        by_letters.remove(&[][..]);
        // Overlapping matches need the standard kind: leftmost-longest would lose a short name
        // inside a long one whose edges fail.
        let length: usize = by_letters.keys().map(Vec::len).sum();
        // The fastest kind takes its time to make, and a kilobyte or so for each letter.
        let kind = (many && length <= MAX_FAST).then_some(AhoCorasickKind::DFA);
        let mut builder = AhoCorasick::builder();
        let automaton =
            builder.match_kind(MatchKind::Standard).kind(kind).build(by_letters.keys()).ok();
        let automaton = automaton.filter(|_| !by_letters.is_empty());
        let mut homes: BTreeMap<NoteId, Vec<(usize, Option<usize>)>> = BTreeMap::new();
        for (at, term) in catalog.terms.iter().enumerate() {
            if let Some(it) = &term.defined {
                homes.entry(it.note.clone()).or_default().push((at, it.heading));
            }
        }
        let hash = Key::default().with(catalog).with(&config.vendor).with(config.link).end();
        Self {
            automaton,
            patterns: by_letters.into_values().collect(),
            homes,
            not_before: catalog.terms.iter().map(|term| term.not_before.clone()).collect(),
            ids: catalog.terms.iter().map(|term| term.id.clone()).collect(),
            vendors: config.vendor.clone(),
            scope: config.link,
            hash,
        }
    }
}

/// Finds every mention in a note, in order. `targets` are the author's own links: one that leads to
/// a service counts as its first mention.
pub(super) fn mentions(note: &Note, targets: &Arc<Vec<Target>>, matcher: &Matcher) -> Vec<Mention> {
    trace(note, targets, matcher, |_| {})
}

/// The same, and tells what is no mention, and why.
pub(super) fn trace(
    note: &Note,
    targets: &Arc<Vec<Target>>,
    matcher: &Matcher,
    mut reject: impl FnMut(Rejected),
) -> Vec<Mention> {
    let Some(automaton) = matcher.automaton.as_ref().filter(|_| !note.front.no_autolink) else {
        return vec![];
    };
    let own = own_blocks(note, matcher);
    let folds = fold_titles(note);
    let mut mentions = vec![];
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    text::blocks(note, targets, |block| {
        if matcher.scope == LinkScope::Section && block.after_heading {
            seen.clear();
        }
        // The author's links and the names stand in one order.
        let mut linked = block.linked.iter().peekable();
        for candidate in chosen(block, automaton, matcher, &mut reject) {
            while let Some((_, term)) = linked.next_if(|(at, _)| *at <= candidate.range.start) {
                seen.insert(*term);
            }
            let Spelling { name, owner, term } = candidate.spelling;
            let (span, event) = block.place(&candidate.range);
            let written = &block.text[candidate.range.clone()];
            let is = |it: &String| *it == name.text || it == written;
            let reason = match term {
                _ if name.class == Class::Manual => Some(Reason::Manual),
                None => Some(Reason::Ambiguous),
                Some(term)
                    if note
                        .front
                        .autolink_exclude
                        .iter()
                        .any(|it| is(it) || matcher.ids[*term].as_str() == it) =>
                {
                    Some(Reason::Excluded)
                }
                Some(term) if own.get(term).is_some_and(|block| block.contains(&event)) => {
                    Some(Reason::OwnBlock)
                }
                Some(_) => None,
            };
            let term = term.unwrap_or(*owner);
            if let Some(reason) = reason {
                reject(Rejected { term, span, reason });
                continue;
            }
            // What folds an alert is pressed: a link in it could not be.
            let pressed = folds.iter().any(|title| title.contains(&event));
            let first = !pressed && seen.insert(term);
            let link = match matcher.scope {
                LinkScope::All => !pressed,
                LinkScope::None => false,
                LinkScope::Section | LinkScope::Page => first,
            };
            mentions.push(Mention::new(term, span, event, link));
        }
        seen.extend(linked.map(|(_, term)| *term));
    });
    mentions
}

/// The events of the blocks that define services, in which their names are no mentions (R11).
fn own_blocks(note: &Note, matcher: &Matcher) -> BTreeMap<usize, Range<usize>> {
    let homes = matcher.homes.get(&note.id).into_iter().flatten();
    let block = |(term, heading): &(usize, Option<usize>)| match *heading {
        Some(at) if at < note.body.headings.len() => {
            (*term, note.body.headings[at].event..note.body.block_end(at))
        }
        _ => (*term, 0..note.body.events.len()),
    };
    homes.map(block).collect()
}

/// The events of the titles of alerts that fold.
fn fold_titles(note: &Note) -> Vec<Range<usize>> {
    let body = &note.body;
    if body.alerts.iter().all(|alert| alert.fold == Fold::None) {
        return vec![];
    }
    let opens = |(_, event): &(usize, &Event)| {
        event.kind == Kind::Open(Tag::AlertTitle)
            && body.alerts[event.payload as usize].fold != Fold::None
    };
    let title = |(at, _): (usize, &Event)| {
        let rest = &body.events[at..];
        let close = rest.iter().position(|it| it.kind == Kind::Close(Tag::AlertTitle));
        at..at + close.unwrap_or(0)
    };
    body.events.iter().enumerate().filter(opens).map(title).collect()
}

/// A place in a block that is spelled like a name.
struct Candidate<'m> {
    range: Range<usize>,
    spelling: &'m Spelling,
    /// A vendor's word stands before it and belongs to it.
    vendor: bool,
}

/// The names in a block: after the tests the leftmost, and of those the longest (R7). A name that is
/// ambiguous, or in its own block, still takes its place from shorter ones.
fn chosen<'m>(
    block: &Block,
    automaton: &AhoCorasick,
    matcher: &'m Matcher,
    reject: &mut impl FnMut(Rejected),
) -> Vec<Candidate<'m>> {
    let mut surroundings = Surroundings { block, matcher, token: Token::default(), hangul: None };
    let mut found: Vec<Candidate<'m>> = vec![];
    let mut tell = |candidate: &Candidate<'_>, reason: Reason| {
        let term = candidate.spelling.term.unwrap_or(candidate.spelling.owner);
        reject(Rejected { term, span: block.place(&candidate.range).0, reason });
    };
    let squeezed = Squeezed::of(&block.text);
    for hit in automaton.find_overlapping_iter(&squeezed.letters) {
        let range = squeezed.range(hit.range());
        for spelling in &matcher.patterns[hit.pattern().as_usize()] {
            let mut candidate = Candidate { range: range.clone(), spelling, vendor: false };
            match fits(&mut candidate, &mut surroundings) {
                Ok(()) => found.push(candidate),
                Err(reason) => tell(&candidate, reason),
            }
        }
    }
    found.sort_by_key(|it| (it.range.start, std::cmp::Reverse(it.range.end)));
    let mut chosen: Vec<Candidate<'m>> = vec![];
    for candidate in found {
        let Some(last) = chosen.last() else {
            chosen.push(candidate);
            continue;
        };
        if candidate.range.start < last.range.end {
            if candidate.range != last.range {
                tell(&candidate, Reason::Longer);
            }
            continue;
        }
        // R8: one word directly after another name makes a compound of the two.
        let between = &block.text[last.range.end..candidate.range.start];
        let one_word = matches!(candidate.spelling.name.class, Class::Proper | Class::Common);
        if one_word && !candidate.vendor && between == " " {
            let both = Candidate { range: last.range.start..candidate.range.end, ..candidate };
            tell(&both, Reason::Compound);
            continue;
        }
        chosen.push(candidate);
    }
    chosen
}

/// What the tests of a candidate look at, with what they have learnt so far.
struct Surroundings<'a> {
    block: &'a Block,
    matcher: &'a Matcher,
    token: Token,
    /// Whether the block holds Hangul.
    hangul: Option<bool>,
}

/// Whether a candidate is what it is spelled like. A vendor's word before it becomes a part of it.
fn fits(candidate: &mut Candidate<'_>, around: &mut Surroundings<'_>) -> Result<(), Reason> {
    let text = around.block.text.as_str();
    let name = &candidate.spelling.name;
    let range = candidate.range.clone();
    let (left, written, right) = (&text[..range.start], &text[range.clone()], &text[range.end..]);
    let check = |fits: bool, reason: Reason| if fits { Ok(()) } else { Err(reason) };
    check(is_spelled(name, written), Reason::Spelling)?;
    check(left_edge(left, written) && right_edge(name.class, written, right), Reason::Edge)?;
    check(!around.block.has_border_inside(&range), Reason::Emphasis)?;
    check(!around.token.is_address(text, &range), Reason::Address)?;
    if let Some(start) = vendor_before(left, written, around) {
        candidate.vendor = true;
        if !around.block.has_border_inside(&(start..range.start + 1)) {
            candidate.range.start = start;
        }
    }
    if name.class == Class::Common && !candidate.vendor {
        let hangul = around.block.in_korean
            || *around.hangul.get_or_insert_with(|| text.contains(hangul::is_hangul));
        let alone = hangul && !latin_beside(left, right) && hangul::is_particle_tail(right);
        check(alone, Reason::CommonWord)?;
    }
    let owner = candidate.spelling.term.unwrap_or(candidate.spelling.owner);
    let other = !candidate.vendor && stands_before(right, &around.matcher.not_before[owner]);
    check(!other, Reason::NotBefore)
}

/// Whether a text has the case and the spaces of a name (R2, R4). They have the same letters.
fn is_spelled(name: &Name, written: &str) -> bool {
    let mut text = written.chars().peekable();
    let mut begins_word = true;
    let mut first = true;
    let mut gap = false;
    for c in name.text.chars() {
        if is_separator(c) {
            (gap, begins_word) = (true, true);
            continue;
        }
        let mut between = String::new();
        while let Some(separator) = text.next_if(|c| is_separator(*c)) {
            between.push(separator);
        }
        // Where the name has a gap: spaces, one hyphen or nothing. Where it has none, nothing.
        let is_gap = gap && !first && (between == "-" || !between.contains('-'));
        if !between.is_empty() && !is_gap {
            return false;
        }
        let Some(written) = text.next() else { return false };
        let any_case = match name.class {
            Class::Distinctive => true,
            Class::Proper => !first,
            Class::Words => !(begins_word && c.is_uppercase()),
            Class::Acronym | Class::Common | Class::Manual | Class::Hangul | Class::Other => false,
        };
        if written != c && !(any_case && written.eq_ignore_ascii_case(&c)) {
            return false;
        }
        (gap, begins_word, first) = (false, false, false);
    }
    text.next().is_none()
}

/// R3 and R5 on the left: no letter of the same script before the name.
fn left_edge(left: &str, written: &str) -> bool {
    let mut before = left.chars().rev();
    let (last, other) = (before.next(), before.next());
    if written.starts_with(hangul::is_hangul) {
        return !last.is_some_and(hangul::is_hangul);
    }
    // `--s3` is an option of a command.
    let hyphen =
        last.is_some_and(is_hyphen) && other.is_some_and(|c| is_latin_letter(c) || c == '-');
    !last.is_some_and(is_latin_word) && !hyphen
}

/// R3 and R5 on the right: Latin ends at Hangul; Hangul ends where only particles follow.
fn right_edge(class: Class, written: &str, right: &str) -> bool {
    if written.ends_with(hangul::is_hangul) {
        return hangul::is_particle_tail(right);
    }
    let mut after = right.chars();
    let (first, second) = (after.next(), after.next());
    let hyphen = first.is_some_and(is_hyphen) && second.is_some_and(is_latin_letter);
    // `VPCs` is a plural.
    let plural = class == Class::Acronym
        && first == Some('s')
        && !second.is_some_and(|c| is_latin_word(c) || c == '-');
    plural || !first.is_some_and(is_latin_word) && !hyphen
}

/// Where the vendor's word begins that belongs to a Latin name (R3).
fn vendor_before(left: &str, written: &str, around: &Surroundings<'_>) -> Option<usize> {
    if written.starts_with(hangul::is_hangul) {
        return None;
    }
    let before = left.strip_suffix([' ', '\u{A0}'])?;
    let start = |vendor: &String| {
        let rest = before.strip_suffix(vendor.as_str())?;
        left_edge(rest, vendor).then_some(rest.len())
    };
    around.matcher.vendors.iter().find_map(start)
}

/// True if a Latin word other than "and" and "or" stands one space away (R6).
fn latin_beside(left: &str, right: &str) -> bool {
    let is_other = |word: &str| !matches!(word, "" | "and" | "or");
    let part = |c: char| is_latin_word(c) || matches!(c, '-' | '\'' | '’');
    let before = left.strip_suffix(' ').map_or("", |left| {
        let rest = left.trim_end_matches(part);
        &left[rest.len()..]
    });
    let after = right.strip_prefix(' ').map_or("", |right| {
        let rest = right.trim_start_matches(part);
        &right[..right.len() - rest.len()]
    });
    is_other(before) || is_other(after)
}

/// True if one of these words comes next: directly, after a space, or after `의` and a space.
fn stands_before(right: &str, words: &[String]) -> bool {
    let next = right.strip_prefix('의').filter(|rest| rest.starts_with(' ')).unwrap_or(right);
    let next = next.strip_prefix(' ').unwrap_or(next);
    words.iter().any(|word| !word.is_empty() && next.starts_with(word.as_str()))
}

/// Letters of the Latin script, those of full width included; other scripts end where they end.
fn is_latin_letter(c: char) -> bool {
    c.is_ascii_alphabetic()
        || matches!(c, '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ')
            && c.is_alphabetic()
}

fn is_latin_word(c: char) -> bool {
    is_latin_letter(c) || c.is_ascii_digit() || c == '_' || ('０'..='９').contains(&c)
}

/// A hyphen, or one that does not break.
fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{2011}')
}

/// A text without spaces and hyphens, its Latin letters in lower case, and the way back.
struct Squeezed {
    letters: Vec<u8>,
    /// Where in `letters` each run of the text begins, and where in the text.
    runs: Vec<(usize, usize)>,
}

impl Squeezed {
    fn of(text: &str) -> Self {
        let mut letters = Vec::with_capacity(text.len());
        let mut runs = Vec::with_capacity(text.len() / 8 + 1);
        let mut from = 0;
        let mut add = |run: Range<usize>| {
            if !run.is_empty() {
                runs.push((letters.len(), run.start));
                letters.extend_from_slice(&text.as_bytes()[run]);
            }
        };
        for (at, separator) in text.match_indices(is_separator) {
            add(from..at);
            from = at + separator.len();
        }
        add(from..text.len());
        letters.make_ascii_lowercase();
        Self { letters, runs }
    }

    /// Where in the text a byte of the letters stands.
    fn place(&self, at: usize) -> usize {
        let run = self.runs.partition_point(|(begin, _)| *begin <= at).saturating_sub(1);
        let (begin, place) = self.runs[run];
        place + (at - begin)
    }

    /// The bytes of the text that a part of the letters stands for. Patterns are whole characters.
    fn range(&self, letters: Range<usize>) -> Range<usize> {
        self.place(letters.start)..self.place(letters.end - 1) + 1
    }
}
