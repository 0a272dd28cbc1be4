//! The three sources of the catalog, one after the other, and who wins.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::name::{self, Name, is_near_key, key, without_vendor};
use super::{Definition, Misspelt, Named, Place, Term};
use crate::class::Class;
use crate::config::{self, Terms};
use crate::diag::Diagnostic;
use crate::near::NearNames;
use crate::note::{Heading, Note};
use crate::path::{self, SrcPath, TermId};
use crate::registry::{self, Entry, Spanned};

/// The page that lists all services has this name, so no service can.
const INDEX: &str = "index";

/// Services on their way into a catalog.
pub(super) struct Collector<'a> {
    config: &'a Terms,
    pub(super) terms: Vec<Term>,
    pub(super) by_id: BTreeMap<TermId, usize>,
    pub(super) names: BTreeMap<String, Named>,
    /// Who bears a name, by its key.
    by_key: BTreeMap<String, Vec<usize>>,
    /// The classes that the registry chose.
    chosen: Vec<Option<Class>>,
    /// How many of the terms come from the registry.
    registered: usize,
    /// Their names, each with its owner and its number among the owner's.
    near: OnceCell<NearNames<(usize, usize)>>,
    pub(super) misspelt: Vec<Misspelt>,
    pub(super) diags: Vec<Diagnostic>,
}

impl<'a> Collector<'a> {
    /// Takes everything in, source by source.
    pub(super) fn collect<'n>(
        entries: Vec<Entry>,
        notes: impl Iterator<Item = &'n Note> + Clone,
        config: &'a Terms,
    ) -> Self {
        let mut it = Self {
            config,
            terms: vec![],
            by_id: BTreeMap::new(),
            names: BTreeMap::new(),
            by_key: BTreeMap::new(),
            chosen: vec![],
            registered: 0,
            near: OnceCell::new(),
            misspelt: vec![],
            diags: vec![],
        };
        let parents = it.entries(entries);
        notes.clone().for_each(|note| it.front_matter(note));
        notes.for_each(|note| it.headings(note));
        it.parents(parents);
        it.names = it.decide();
        it
    }

    /// Takes the registry in. Returns who is a part of whom, by what was written.
    fn entries(&mut self, entries: Vec<Entry>) -> Vec<(usize, Spanned)> {
        let file = SrcPath::from(registry::FILE);
        let mut parents = vec![];
        for entry in entries {
            let place = Place { file: file.clone(), span: entry.span.clone().into() };
            if entry.id.as_str().is_empty() || self.by_id.contains_key(&entry.id) {
                // The file itself was told to be wrong.
                continue;
            }
            let bare = |(text, span): &Spanned| {
                let text = path::nfc(text.trim());
                (without_vendor(&text, self.config).to_owned(), span.clone())
            };
            let names: Vec<Spanned> =
                entry.name.iter().chain(&entry.full).chain(&entry.aliases).map(bare).collect();
            let text = |it: &Option<Spanned>| it.as_ref().map(|(text, _)| path::nfc(text.trim()));
            let term = Term {
                name: text(&entry.name).unwrap_or_default(),
                full: text(&entry.full).unwrap_or_default(),
                names: vec![],
                category: entry.category.unwrap_or_default(),
                url: entry.url,
                summary: entry.summary.unwrap_or_default(),
                parent: None,
                not_before: entry.not_before,
                status: entry.status,
                orphan: entry.orphan,
                defined: None,
                place,
                id: entry.id,
            };
            let at = self.add(term, entry.class);
            for (name, span) in names {
                if let Some(why) = name::refusal(&name, entry.allow_short) {
                    let short: String = name.chars().take(40).collect();
                    let message = format!("`{short}` {why}");
                    let diag = Diagnostic::error("name", &file, span, message);
                    let is_letter = name.chars().count() == 1 && name.is_ascii();
                    self.diags.push(diag.hint(match is_letter {
                        true => "leave it out, or set `allow_short = true`",
                        false => "leave it out, and write `[[…]]` where it is meant",
                    }));
                } else {
                    self.name(at, &name);
                }
            }
            parents.extend(entry.parent.map(|parent| (at, parent)));
        }
        self.registered = self.terms.len();
        parents
    }

    fn front_matter(&mut self, note: &Note) {
        let Some((service, span)) = &note.front.service else { return };
        let place = Place { file: note.file.clone(), span: span.clone().into() };
        let id = path::slug(service);
        if id.is_empty() {
            let message = format!("`{service}` is no name of a service");
            self.diags.push(Diagnostic::error("service", &note.file, span.clone(), message));
            return;
        }
        let (name, full, mut names) = name::parse(&note.title, self.config);
        let is_titled = path::slug(&name) == id;
        let (name, full) = if is_titled { (name, full) } else { (service.clone(), String::new()) };
        if !is_titled {
            names.clear();
        }
        let aliases = note.front.aliases.iter().map(|(alias, span)| (alias, span.clone()));
        let found = self.by_id.get(&TermId::from(id.as_str())).copied();
        let found = found.or_else(|| self.known(std::slice::from_ref(service)));
        // An id is an id; only where nothing else is said it is also the name.
        let known = found.is_some_and(|at| !self.terms[at].names.is_empty());
        let own = (*service != id || names.is_empty() && !known).then(|| (service, span.clone()));
        for (other, span) in own.into_iter().chain(aliases) {
            if other.starts_with('/') || names.contains(other) {
                continue;
            }
            if let Some(why) = name::refusal(other, false) {
                let message = format!("`{}` {why}", other.chars().take(40).collect::<String>());
                let diag = Diagnostic::error("name", &note.file, span, message);
                self.diags
                    .push(diag.hint("a name needs two letters or more, and no more than 200"));
            } else {
                names.push(other.clone());
            }
        }
        let definition = Definition { note: note.id.clone(), heading: None, place };
        self.define(found, id.into(), name, full, names, definition);
        if note.front.orphan {
            let home = |term: &&mut Term| {
                term.defined.as_ref().is_some_and(|it| it.note == note.id && it.heading.is_none())
            };
            self.terms.iter_mut().filter(home).for_each(|term| term.orphan = true);
        }
    }

    fn headings(&mut self, note: &Note) {
        let level = self.config.heading_level;
        let named =
            |(_, it): &(usize, &Heading)| Some(it.level) == level && !it.is_title && !it.nested;
        for (at, heading) in note.body.headings.iter().enumerate().filter(named) {
            let (name, full, mut names) = name::parse(&heading.text, self.config);
            let mut id = if heading.own_id { heading.id.clone() } else { path::slug(&name) };
            if id.is_empty() {
                continue;
            }
            if id == INDEX {
                id.push_str("-1");
            }
            names.retain(|name| {
                let refusal = name::refusal(name, false);
                if let Some(why) = refusal {
                    let short: String = name.chars().take(40).collect();
                    let message = format!("`{short}` {why}");
                    let diag = Diagnostic::warning("name", &note.file, heading.span, message);
                    self.diags.push(diag.hint("write `[[…]]` where it is meant"));
                }
                refusal.is_none()
            });
            let mut found = self.by_id.get(&TermId::from(id.as_str())).copied();
            found = found.or_else(|| self.known(&names));
            if found.is_none() && !heading.own_id {
                found = self.near(note, heading, &names);
                // The right spelling is a name, the wrong one is none.
                names.retain(|_| found.is_none());
            }
            let place = Place { file: note.file.clone(), span: heading.span };
            let definition = Definition { note: note.id.clone(), heading: Some(at), place };
            self.define(found, id.into(), name, full, names, definition);
        }
    }

    /// The one service of the registry that bears any of these names.
    fn known(&self, names: &[String]) -> Option<usize> {
        let owners = names.iter().filter_map(|name| self.by_key.get(&key(name)));
        let mut owners: Vec<usize> =
            owners.flatten().copied().filter(|at| *at < self.registered).collect();
        owners.dedup();
        match owners[..] {
            [one] => Some(one),
            _ => None,
        }
    }

    /// The service of the registry that a misspelt heading means.
    fn near(&mut self, note: &Note, heading: &Heading, names: &[String]) -> Option<usize> {
        let registered = || {
            let mut near = NearNames::default();
            for (at, term) in self.terms[..self.registered].iter().enumerate() {
                for (number, name) in term.names.iter().enumerate() {
                    near.add(key(&name.text), (at, number));
                }
            }
            near
        };
        // Of notes whose headings are all right nobody asks.
        let all = self.near.get_or_init(registered);
        let near = names.iter().enumerate().flat_map(|(order, wrong)| {
            let written = key(wrong);
            let about: Vec<_> = all.about(&written).collect();
            let near =
                about.into_iter().filter(move |(right, _)| is_near_key(&written, right).is_some());
            near.map(move |(_, (at, number))| (*at, *number, order))
        });
        let (at, number, order) = near.min()?;
        let (right, wrong) = (&self.terms[at].names[number], &names[order]);
        let message = format!("this heading is probably meant to be `{}`", right.text);
        let place = &self.terms[at].place;
        let diag = Diagnostic::warning("near-miss", &note.file, heading.span, message)
            .related(&place.file, place.span, "registered here")
            .hint(format!(
                "write `{}`, or give the heading an id of its own: `{{#id}}`",
                right.text
            ));
        let place = Place { file: note.file.clone(), span: heading.span };
        let (wrong, right) = (wrong.clone(), right.text.clone());
        self.misspelt.push(Misspelt { place, wrong, right });
        self.diags.push(diag);
        Some(at)
    }

    /// Adds a definition: to the service that was found, or as a new one.
    fn define(
        &mut self,
        found: Option<usize>,
        id: TermId,
        name: String,
        full: String,
        names: Vec<String>,
        definition: Definition,
    ) {
        let at = found.unwrap_or_else(|| {
            let term = Term {
                id,
                name: String::new(),
                full: String::new(),
                names: vec![],
                category: String::new(),
                url: None,
                summary: String::new(),
                parent: None,
                not_before: vec![],
                status: None,
                orphan: false,
                defined: None,
                place: definition.place.clone(),
            };
            self.add(term, None)
        });
        let term = &mut self.terms[at];
        if term.name.is_empty() {
            term.name = name;
        }
        if term.full.is_empty() && full != term.name {
            term.full = full;
        }
        match &term.defined {
            None => term.defined = Some(definition),
            // A whole note says more than a heading, and was read before; a heading in it says the same.
            Some(first)
                if first.note != definition.note
                    || first.heading.is_some() == definition.heading.is_some() =>
            {
                let (name, there, here) = (&term.name, &first.place, &definition.place);
                let message = format!("`{name}` is defined twice; the first definition wins");
                let diag = Diagnostic::warning("defined-twice", &here.file, here.span, message)
                    .related(&there.file, there.span, "first defined here")
                    .hint("join the two, or give this heading another name or a lower level");
                self.diags.push(diag);
            }
            Some(_) => {}
        }
        for name in names {
            self.name(at, &path::nfc(&name));
        }
    }

    fn add(&mut self, term: Term, chosen: Option<Class>) -> usize {
        let at = self.terms.len();
        self.by_id.insert(term.id.clone(), at);
        self.terms.push(term);
        self.chosen.push(chosen);
        at
    }

    fn name(&mut self, at: usize, text: &str) {
        let name = Name::new(text, self.chosen[at]);
        let term = &mut self.terms[at];
        if term.names.contains(&name) {
            return;
        }
        term.names.push(name);
        if at < self.registered
            && let Some(near) = self.near.get_mut()
        {
            near.add(key(text), (at, term.names.len() - 1));
        }
        let owners = self.by_key.entry(key(text)).or_default();
        if !owners.contains(&at) {
            owners.push(at);
        }
    }

    /// Finds who is a part of whom, and gives who has no name their id for one.
    fn parents(&mut self, parents: Vec<(usize, Spanned)>) {
        let file = SrcPath::from(registry::FILE);
        for (at, (parent, span)) in parents {
            let Some(found) = self.by_id.get(&TermId::from(parent.as_str())).copied() else {
                let message = format!("there is no service `{parent}`");
                let ids = self.terms.iter().map(|term| term.id.as_str());
                let diag = Diagnostic::error("services", &file, span, message);
                self.diags.push(diag.did_you_mean(&parent, ids));
                continue;
            };
            let mut above = Some(found);
            while let Some(next) = above.filter(|next| *next != at) {
                above = self.terms[next].parent;
            }
            if above.is_some() {
                let message = format!("`{}` would be a part of itself", self.terms[at].id);
                let diag = Diagnostic::error("services", &file, span, message);
                self.diags.push(diag.hint("name the service that is the whole"));
                continue;
            }
            self.terms[at].parent = Some(found);
        }
        for at in 0..self.terms.len() {
            let id = self.terms[at].id.to_string();
            if self.terms[at].name.is_empty() {
                self.terms[at].name.clone_from(&id);
            }
            if self.terms[at].names.is_empty() && name::refusal(&id, false).is_none() {
                self.name(at, &id);
            }
        }
    }

    /// Decides whose each name is (R13).
    fn decide(&mut self) -> BTreeMap<String, Named> {
        let mut names: BTreeMap<String, Named> = BTreeMap::new();
        for (at, term) in self.terms.iter().enumerate() {
            for (index, name) in term.names.iter().enumerate() {
                names.entry(key(&name.text)).or_default().spellings.push((at, index));
            }
        }
        let prefer = self.preferred(&names);
        for (key, named) in &mut names {
            let mut owners: Vec<usize> = named.spellings.iter().map(|(term, _)| *term).collect();
            owners.dedup();
            named.term = match owners[..] {
                [one] => Some(one),
                _ => prefer.get(key).copied(),
            };
            if named.term.is_none() {
                self.diags.push(ambiguous(named, &self.terms));
            }
        }
        names
    }

    /// What `prefer` in `gongbu.toml` decides, by the keys of the names.
    fn preferred(&mut self, names: &BTreeMap<String, Named>) -> BTreeMap<String, usize> {
        let file = SrcPath::from(config::FILE);
        let mut prefer = BTreeMap::new();
        for (text, id, span) in &self.config.prefer {
            let owners = names.get(&key(text)).map(|named| &named.spellings);
            let term = self.by_id.get(&TermId::from(id.as_str())).copied();
            let bears = |term: &usize| owners.is_some_and(|it| it.iter().any(|it| it.0 == *term));
            if let Some(term) = term.filter(bears) {
                prefer.insert(key(text), term);
                continue;
            }
            let message = match term {
                Some(_) => format!("`{text}` is no name of `{id}`"),
                None => format!("there is no service `{id}`"),
            };
            let ids = self.terms.iter().map(|term| term.id.as_str());
            let diag = Diagnostic::error("prefer", &file, span.clone(), message);
            self.diags.push(if term.is_some() { diag } else { diag.did_you_mean(id, ids) });
        }
        prefer
    }
}

fn ambiguous(named: &Named, terms: &[Term]) -> Diagnostic {
    let mut owners = named.spellings.clone();
    owners.dedup_by_key(|(term, _)| *term);
    let list = owners.iter().map(|(term, _)| format!("`{}`", terms[*term].id)).collect::<Vec<_>>();
    let (first, last) = (owners[0], owners[owners.len() - 1]);
    let (there, here) = (&terms[first.0].place, &terms[last.0].place);
    let text = &terms[last.0].names[last.1].text;
    let message = format!("`{text}` names {}, so it is never linked", list.join(" and "));
    let hint = format!(
        "write `[[{}]]` where it is meant, or set `prefer = {{ \"{text}\" = \"{}\" }}` under `[terms]` in gongbu.toml",
        terms[last.0].id, terms[last.0].id
    );
    Diagnostic::warning("ambiguous-name", &here.file, here.span, message)
        .related(&there.file, there.span, "the other one")
        .hint(hint)
}
