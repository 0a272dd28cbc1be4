//! What is odd about the notes as a whole, and no reason not to build them: `gongbu check` tells it.
//! To add a check: a function, and its line in [`CHECKS`].

use std::collections::BTreeMap;

use super::{PairKind, Site};
use crate::catalog::{key, without_vendor};
use crate::diag::{Diagnostic, Span};
use crate::note::{Kind, Note, Tag};

/// A check looks at a site and tells what it finds.
type Check = fn(&Site) -> Vec<Diagnostic>;

/// Every check.
const CHECKS: &[Check] =
    &[near_misses, compounds, expansions, quiet_services, stubs, bold_headings, flat_lists];

/// A lesson with less text is a stub, in characters: a sentence or two.
const STUB: usize = 80;

impl Site {
    /// All that the checks tell, sorted by place.
    pub fn check(&self) -> Vec<Diagnostic> {
        let mut diags: Vec<Diagnostic> = CHECKS.iter().flat_map(|check| check(self)).collect();
        diags.sort();
        diags.dedup();
        diags
    }
}

fn near_misses(site: &Site) -> Vec<Diagnostic> {
    site.near_misses().iter().map(|it| it.diagnostic(site)).collect()
}

/// Two names together that are not registered as one (R8).
fn compounds(site: &Site) -> Vec<Diagnostic> {
    let compounds = site.proof().compounds.into_iter();
    let tell = |(note, span): (usize, Span)| {
        let note = site.notes[note].note();
        let text = one_line(&note.source()[span.range()]);
        let message =
            format!("`{text}` is no service that is known; only its first word is linked");
        Diagnostic::warning("compound", &note.file, span, message)
            .hint("add it to `notes/services.toml`, or put a word between the two")
    };
    compounds.map(tell).collect()
}

/// `EC2(Elastic Cloud Compute)`: letters that are said to stand for something else than elsewhere.
fn expansions(site: &Site) -> Vec<Diagnostic> {
    let mut diags = vec![];
    let mut first: BTreeMap<String, (usize, &super::Pair)> = BTreeMap::new();
    // Small differences of form are none: case, spaces, a plural, the vendor's word.
    let form = |text: &str| {
        let bare = key(without_vendor(text, &site.config.terms));
        bare.strip_suffix('s').map(str::to_owned).unwrap_or(bare)
    };
    for (at, linked) in site.notes.iter().enumerate() {
        let file = &linked.note().file;
        let own = |pair: &&super::Pair| pair.kind == PairKind::Abbreviation;
        for pair in linked.pairs.iter().filter(own) {
            let term = site.catalog.names.get(&key(&pair.first)).and_then(|named| named.term);
            let tell = |meant: &str| {
                let message = format!(
                    "`{}` stands for `{meant}`, but here for `{}`",
                    pair.first, pair.second
                );
                Diagnostic::warning("expansion", file, pair.span, message)
            };
            if let Some(term) = term.map(|at| &site.catalog.terms[at]) {
                let long = term.names.iter().map(|name| name.text.as_str()).chain([&*term.full]);
                let long: Vec<&str> = long.filter(|name| name.contains(' ')).collect();
                if !long.is_empty() && !long.iter().any(|name| form(name) == form(&pair.second)) {
                    let diag = tell(long[0]);
                    diags.push(diag.related(&term.place.file, term.place.span, "defined here"));
                }
                continue;
            }
            let (there, known) = *first.entry(form(&pair.first)).or_insert((at, pair));
            if form(&known.second) != form(&pair.second) {
                let other = &site.notes[there].note().file;
                let diag = tell(&known.second).related(other, known.span, "first written here");
                diags.push(diag.hint("write the same in both places, or other letters in one"));
            }
        }
    }
    diags
}

/// Services that no note mentions, and those that are mentioned and told of nowhere.
fn quiet_services(site: &Site) -> Vec<Diagnostic> {
    let mut diags = vec![];
    for (at, term) in site.catalog.terms.iter().enumerate() {
        let tell =
            |code, message| Diagnostic::warning(code, &term.place.file, term.place.span, message);
        let is_silent = site.mentioned[at].is_empty();
        if is_silent && !term.orphan {
            let diag = tell("never-mentioned", format!("no note mentions `{}`", term.name));
            diags.push(diag.hint("mention it, or set `orphan = true` where it is registered"));
        }
        if !is_silent && term.defined.is_none() && term.summary.is_empty() {
            let times = match site.mentioned[at].len() {
                1 => "once".to_owned(),
                n => format!("{n} times"),
            };
            let message = format!("`{}` is mentioned {times} and explained nowhere", term.name);
            let hint = "give it a heading in a lesson, or a `summary` in `notes/services.toml`";
            diags.push(tell("undefined-service", message).hint(hint));
        }
    }
    diags
}

fn stubs(site: &Site) -> Vec<Diagnostic> {
    let lessons = site.sections.iter().flat_map(|section| &section.lessons);
    let notes = lessons.map(|at| site.notes[*at].note());
    let stub = |note: &&Note| {
        let body = &note.body;
        let has_more = body.events.iter().any(|event| {
            matches!(event.kind, Kind::Open(Tag::Image | Tag::CodeBlock | Tag::Table))
        });
        !body.events.is_empty() && !has_more && letters(note) < STUB
    };
    let tell = |note: &Note| {
        let message = format!("“{}” is a stub: it has fewer than {STUB} characters", note.title);
        Diagnostic::warning("stub", &note.file, note.title_span(), message)
            .hint("write more, join it with another lesson, or set `draft = true`")
    };
    notes.filter(stub).map(tell).collect()
}

/// How many characters of text a note has outside of its headings.
fn letters(note: &Note) -> usize {
    let mut heading = false;
    let mut letters = 0;
    for event in &note.body.events {
        match event.kind {
            Kind::Open(Tag::Heading) => heading = true,
            Kind::Close(Tag::Heading) => heading = false,
            Kind::Text | Kind::Code if !heading => {
                letters += note.text(note.source(), event).chars().count();
            }
            _ => {}
        }
    }
    letters
}

/// A line that is only bold, and stands where a heading would.
fn bold_headings(site: &Site) -> Vec<Diagnostic> {
    let mut diags = vec![];
    for note in site.notes.iter().map(|linked| linked.note()) {
        let events = &note.body.events;
        let kind = |at: usize| events.get(at).map(|event| event.kind);
        let mut depth = 0_usize;
        for (at, event) in events.iter().enumerate() {
            match event.kind {
                Kind::Open(_) => depth += 1,
                Kind::Close(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
            let begins = depth == 1
                && event.kind == Kind::Open(Tag::Paragraph)
                && kind(at + 1) == Some(Kind::Open(Tag::Strong));
            let close = || events[at..].iter().position(|it| it.kind == Kind::Close(Tag::Strong));
            let last = begins.then(close).flatten().and_then(|length| kind(at + length + 1));
            if last != Some(Kind::Close(Tag::Paragraph)) {
                continue;
            }
            let above = note.body.headings.partition_point(|it| it.event < at).checked_sub(1);
            let level = above.map_or(2, |above| note.body.headings[above].level + 1).clamp(2, 6);
            let text = one_line(&note.source()[event.span.range()]);
            let message = format!("`{text}` is a heading that only looks like one");
            let diag = Diagnostic::warning("bold-heading", &note.file, event.span, message);
            let (marks, name) =
                ("#".repeat(usize::from(level)), text.trim_matches(['*', '_']).trim());
            let names = site.config.terms.heading_level == Some(level);
            let also = if names { ", and names a service" } else { "" };
            diags.push(
                diag.hint(format!("write `{marks} {name}`: then it is in the outline{also}")),
            );
        }
    }
    diags
}

/// A list that is indented under another, but not far enough to belong to its item; and an item that
/// is indented under the one before it, as if it belonged to it.
fn flat_lists(site: &Site) -> Vec<Diagnostic> {
    let mut diags = vec![];
    for note in site.notes.iter().map(|linked| linked.note()) {
        let indent = |at: usize| indent_at(note.source(), at);
        let mut last: Option<(u32, usize)> = None;
        // Of each open list where its first item begins and the one before; none once it was told.
        let mut open: Vec<Option<(usize, usize)>> = vec![];
        for event in &note.body.events {
            let start = event.span.range().start;
            match event.kind {
                Kind::Open(Tag::List) => {
                    if let Some((end, before)) = last
                        && event.span.start >= end
                        && indent(start) > indent(before)
                    {
                        let message = "this list looks like a part of the one above, and is none";
                        diags.push(flat(note, start, before, message));
                    }
                    last = None;
                    open.push(Some((start, start)));
                }
                Kind::Open(Tag::Item) => {
                    if let Some(list) = open.last_mut() {
                        *list = list.and_then(|(first, before)| {
                            if indent(start) <= indent(first) {
                                return Some((first, start));
                            }
                            let message =
                                "this item looks like a part of the one above, and is none";
                            diags.push(flat(note, start, before, message));
                            None
                        });
                    }
                }
                Kind::Close(Tag::List) => {
                    let before = open.pop().flatten().map_or(start, |(_, before)| before);
                    last = Some((event.span.end.saturating_sub(1), before));
                }
                // Text between the two makes them two lists.
                Kind::Text | Kind::Code | Kind::Html | Kind::Rule => last = None,
                _ => {}
            }
        }
    }
    diags
}

/// What begins at `start` and should belong to the item at `above`.
fn flat(note: &Note, start: usize, above: usize, message: &str) -> Diagnostic {
    let line = note.source()[start..].lines().next().unwrap_or_default();
    let needed = content_column(note.source(), above);
    Diagnostic::warning("flat-list", &note.file, start..start + line.len(), message)
        .hint(format!("indent it by {needed} spaces"))
}

/// How many spaces stand before a byte in its line.
fn indent_at(source: &str, at: usize) -> usize {
    let line = source[..at].rfind(['\n', '\r']).map_or(0, |it| it + 1);
    let rest = &source[line..];
    rest.len() - rest.trim_start_matches(' ').len()
}

/// The column at which the text of the item that begins at a byte begins.
fn content_column(source: &str, item: usize) -> usize {
    let line = source[..item].rfind(['\n', '\r']).map_or(0, |it| it + 1);
    let text = source[line..].lines().next().unwrap_or_default().trim_start();
    let marker = text.find(' ').unwrap_or(text.len());
    let gap = text[marker..].len() - text[marker..].trim_start_matches(' ').len();
    // After more than four spaces, and where nothing follows, it begins one behind the mark (CommonMark 5.2).
    let gap = if (1..=4).contains(&gap) && text.len() > marker + gap { gap } else { 1 };
    indent_at(source, item) + marker + gap
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
