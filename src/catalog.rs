//! Every service of the notes: its names, and the place that defines it.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use crate::config::Terms;
use crate::diag::{Diagnostic, Span};
use crate::hangul;
use crate::note::Note;
use crate::path::{self, NoteId, SrcPath, TermId};

/// All services, in the order of their definitions, and whose each name is.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// The services.
    pub terms: Vec<Term>,
    /// Each name in NFC, and the indexes of the services that bear it: more than one is ambiguous.
    pub names: BTreeMap<String, Vec<usize>>,
    by_id: BTreeMap<TermId, usize>,
    hash: blake3::Hash,
}

/// A service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Its id, which names its page.
    pub id: TermId,
    /// Its short name, as it is shown.
    pub name: String,
    /// Its long name; empty if it has none.
    pub full: String,
    /// All names that link to it, the short one first.
    pub names: Vec<String>,
    /// Where it is defined.
    pub defined: Definition,
}

/// Where a service is defined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The note.
    pub note: NoteId,
    /// The index of the heading whose block defines it; none: the whole note does.
    pub heading: Option<usize>,
    /// The note's file.
    pub file: SrcPath,
    /// The bytes that define it.
    pub span: Span,
}

impl Hash for Catalog {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash.as_bytes().hash(state);
    }
}

impl Catalog {
    /// Collects the services of all notes. A front matter wins over a heading; of two equal places
    /// the first wins, and the second is told.
    pub fn collect<'a>(
        notes: impl Iterator<Item = &'a Note>,
        config: &Terms,
    ) -> (Self, Vec<Diagnostic>) {
        let mut diags = vec![];
        let mut found: Vec<Term> = vec![];
        for note in notes {
            found.extend(by_front_matter(note, config, &mut diags));
            found.extend(by_headings(note, config));
        }
        // Stable: a whole note before headings, else the order of the notes.
        let rank = |term: &Term| term.defined.heading.is_some();
        let mut terms: Vec<Term> = vec![];
        let mut by_id: BTreeMap<TermId, usize> = BTreeMap::new();
        let (notes, headings): (Vec<_>, Vec<_>) = found.into_iter().partition(|term| !rank(term));
        for term in notes.into_iter().chain(headings) {
            match by_id.get(&term.id) {
                None => {
                    by_id.insert(term.id.clone(), terms.len());
                    terms.push(term);
                }
                Some(first) => {
                    let first = &mut terms[*first];
                    if rank(first) == rank(&term) {
                        diags.push(second_definition(first, &term));
                    }
                    let new = term.names.into_iter().filter(|name| !first.names.contains(name));
                    let new: Vec<String> = new.collect();
                    first.names.extend(new);
                }
            }
        }
        let mut names: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, term) in terms.iter_mut().enumerate() {
            term.names.retain(|name| {
                let short = name.chars().count() < 2;
                if short {
                    let message = format!("`{name}` is too short to be linked");
                    let hint = "a name needs two letters or more; write `[[…]]` where it is meant";
                    let place = &term.defined;
                    let diag = Diagnostic::warning("short-name", &place.file, place.span, message);
                    diags.push(diag.hint(hint));
                }
                !short
            });
            for name in &term.names {
                names.entry(name.clone()).or_default().push(at);
            }
        }
        diags.extend(names.iter().filter_map(|(name, owners)| ambiguous(name, owners, &terms)));
        let hash = hash(&terms);
        (Self { terms, names, by_id, hash }, diags)
    }

    /// The index of a service by its id.
    pub fn by_id(&self, id: &str) -> Option<usize> {
        self.by_id.get(&TermId::from(id)).copied()
    }

    /// The service that somebody means by hand: by id, name or alias, exact case first.
    /// None if there is none, or if two bear the name.
    pub fn by_hand(&self, text: &str) -> Option<usize> {
        if let Some(at) = self.by_id(text) {
            return Some(at);
        }
        if let Some(owners) = self.names.get(text) {
            return (owners.len() == 1).then(|| owners[0]);
        }
        let squeezed = path::squeeze(text);
        let alike = |term: &Term| {
            path::squeeze(term.id.as_str()) == squeezed
                || term.names.iter().any(|name| path::squeeze(name) == squeezed)
        };
        let mut found = self.terms.iter().enumerate().filter(|(_, term)| alike(term));
        let first = found.next().filter(|_| !squeezed.is_empty())?;
        found.next().is_none().then_some(first.0)
    }
}

fn by_front_matter(note: &Note, config: &Terms, diags: &mut Vec<Diagnostic>) -> Option<Term> {
    let (service, span) = note.front.service.as_ref()?;
    let id = path::slug(service);
    if id.is_empty() {
        let message = format!("`{service}` is no name of a service");
        diags.push(Diagnostic::error("service", &note.file, span.clone(), message));
        return None;
    }
    let (name, full, mut names) = parse_name(&note.title, config);
    let (name, full) =
        if path::slug(&name) == id { (name, full) } else { (service.clone(), String::new()) };
    if path::slug(&names[0]) != id {
        names.clear();
    }
    for other in [service].into_iter().chain(note.front.aliases.iter().map(|(alias, _)| alias)) {
        if !names.contains(other) && !other.starts_with('/') {
            names.push(other.clone());
        }
    }
    let defined = Definition {
        note: note.id.clone(),
        heading: None,
        file: note.file.clone(),
        span: span.clone().into(),
    };
    Some(Term { id: id.into(), name, full, names, defined })
}

fn by_headings(note: &Note, config: &Terms) -> Vec<Term> {
    let headings = note.body.headings.iter().enumerate();
    let named = headings.filter(|(_, it)| Some(it.level) == config.heading_level && !it.is_title);
    let term = |(at, heading): (usize, &crate::note::Heading)| {
        let (name, full, names) = parse_name(&heading.text, config);
        let id = if heading.own_id { heading.id.clone() } else { path::slug(&name) };
        let defined = Definition {
            note: note.id.clone(),
            heading: Some(at),
            file: note.file.clone(),
            span: heading.span,
        };
        (!id.is_empty()).then(|| Term { id: id.into(), name, full, names, defined })
    };
    named.filter_map(term).collect()
}

/// Takes a heading apart: the short name, the long one (may be empty), and all that it names.
/// `EC2 (Elastic Compute Cloud)` and `Elastic MapReduce(EMR)` name two things each; a vendor's word
/// at the beginning is optional.
fn parse_name(heading: &str, config: &Terms) -> (String, String, Vec<String>) {
    let heading = heading.trim();
    let inner = heading.strip_suffix(')').and_then(|rest| rest.split_once('('));
    let parts = inner.map(|(before, inside)| (before.trim(), inside.trim()));
    let parts = parts.filter(|(before, inside)| !before.is_empty() && !inside.is_empty());
    let bare = |name: &str| without_vendor(name, config).to_owned();
    let (short, full) = match parts {
        Some((before, inside)) if is_abbreviation(inside) && !is_abbreviation(before) => {
            (bare(inside), before.to_owned())
        }
        Some((before, inside)) => (bare(before), inside.to_owned()),
        None => {
            let short = bare(heading);
            let full = if short == heading { String::new() } else { heading.to_owned() };
            (short, full)
        }
    };
    let mut names = vec![short.clone()];
    let long = bare(&full);
    if !long.is_empty() && long != short {
        names.push(long);
    }
    (short, full, names)
}

fn is_abbreviation(text: &str) -> bool {
    let capitals = text.chars().filter(|c| c.is_ascii_uppercase()).count();
    capitals >= 2 && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

/// A name without the vendor's word before it, if something is left.
pub fn without_vendor<'a>(name: &'a str, config: &Terms) -> &'a str {
    let rest = |vendor: &String| name.strip_prefix(vendor.as_str())?.strip_prefix(' ');
    config.vendor.iter().find_map(rest).map_or(name, str::trim_start)
}

/// True for a name whose last letter is Hangul, so that particles may follow it.
pub fn ends_in_hangul(name: &str) -> bool {
    name.chars().next_back().is_some_and(hangul::is_hangul)
}

fn second_definition(first: &Term, second: &Term) -> Diagnostic {
    let (there, here) = (&first.defined, &second.defined);
    let message = format!("`{}` is defined twice; the first definition wins", second.name);
    Diagnostic::warning("defined-twice", &here.file, here.span, message)
        .related(&there.file, there.span, "first defined here")
        .hint("join the two, or give this heading another name or a lower level")
}

fn ambiguous(name: &str, owners: &[usize], terms: &[Term]) -> Option<Diagnostic> {
    let [first, rest @ ..] = owners else { return None };
    let second = &terms[*rest.first()?];
    let (there, here) = (&terms[*first].defined, &second.defined);
    let message = format!(
        "`{name}` names both `{}` and `{}`, so it is never linked",
        terms[*first].id, second.id
    );
    let diag = Diagnostic::warning("ambiguous-name", &here.file, here.span, message)
        .related(&there.file, there.span, "the other one")
        .hint(format!("write `[[{}]]` where this one is meant", second.id));
    Some(diag)
}

fn hash(terms: &[Term]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    let mut add = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
    };
    for term in terms {
        add(term.id.as_str());
        add(&term.name);
        add(term.defined.note.as_str());
        add(&term.defined.heading.map_or(String::new(), |at| at.to_string()));
        term.names.iter().for_each(|name| add(name));
        add("");
    }
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_headings() {
        let vendor = vec!["AWS".to_owned(), "Amazon".to_owned()];
        let terms =
            Terms { heading_level: Some(3), vendor, link: crate::config::LinkScope::Section };
        for (heading, short, full, names) in [
            (
                "EC2 (Elastic Compute Cloud)",
                "EC2",
                "Elastic Compute Cloud",
                "EC2|Elastic Compute Cloud",
            ),
            ("Elastic MapReduce(EMR)", "EMR", "Elastic MapReduce", "EMR|Elastic MapReduce"),
            ("AWS Lambda", "Lambda", "AWS Lambda", "Lambda"),
            ("AWS Partner Network(APN)", "APN", "AWS Partner Network", "APN|Partner Network"),
            ("Route 53", "Route 53", "", "Route 53"),
            ("람다(Lambda)", "람다", "Lambda", "람다|Lambda"),
            ("AWS", "AWS", "", "AWS"),
        ] {
            let (s, f, n) = parse_name(heading, &terms);
            assert_eq!(
                (s.as_str(), f.as_str(), n.join("|").as_str()),
                (short, full, names),
                "{heading}"
            );
        }
    }
}
