//! Every service of the notes: its names, and the place that defines it (R1, R13). Three sources say
//! what there is, the later before the earlier: headings, front matter, and the registry.

mod collect;
mod name;

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

pub use name::{Name, is_near_key, is_separator, key, shape, without_vendor};

use crate::config::Terms;
use crate::diag::{Diagnostic, Span};
use crate::key::{Key, Sum};
use crate::note::Note;
use crate::path::{self, NoteId, OutPath, SrcPath, TermId};
use crate::registry::{Entry, Status};
use collect::Collector;

/// All services, and whose each name is.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// The services: those of the registry first, then in the order of the notes.
    pub terms: Vec<Term>,
    /// The names that may be found in text, by their [`key`]: which service bears which of its
    /// names. Names of several services that nothing decides between have no service.
    pub names: BTreeMap<String, Named>,
    /// Headings that nearly name a service of the registry.
    pub misspelt: Vec<Misspelt>,
    by_id: BTreeMap<TermId, usize>,
    by_hand: BTreeMap<String, Vec<usize>>,
    by_heading: BTreeMap<(NoteId, usize), usize>,
    /// For each service its page, and the services that live on it beside it, in order.
    pages: Vec<OutPath>,
    parts: Vec<Vec<usize>>,
    sum: Sum,
}

/// All spellings of one name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// The service that is meant; none if several bear the name.
    pub term: Option<usize>,
    /// The services that bear it, each with the index of the spelling among its names.
    pub spellings: Vec<(usize, usize)>,
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
    /// All its names, the short one first.
    pub names: Vec<Name>,
    /// What kind of service it is; may be empty.
    pub category: String,
    /// Its official documentation.
    pub url: Option<String>,
    /// What it is, in one sentence; may be empty.
    pub summary: String,
    /// The service that it is a part of, as an index: it lives on that one's page.
    pub parent: Option<usize>,
    /// Words that make something else of a name that stands before them.
    pub not_before: Vec<String>,
    /// That no note mentions it is meant.
    pub orphan: bool,
    /// What became of it.
    pub status: Option<Status>,
    /// The part of the notes that defines it; none: only the registry knows it.
    pub defined: Option<Definition>,
    /// The first place that names it.
    pub place: Place,
}

/// The part of a note that defines a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The note.
    pub note: NoteId,
    /// The index of the heading whose block defines it; none: the whole note does.
    pub heading: Option<usize>,
    /// The words that say so.
    pub place: Place,
}

/// A heading that nearly names a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misspelt {
    /// The heading.
    pub place: Place,
    /// The name as it is written.
    pub wrong: String,
    /// The name that was meant.
    pub right: String,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: SrcPath,
    /// The bytes of it.
    pub span: Span,
}

impl Hash for Catalog {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.sum.hash(state);
    }
}

impl Catalog {
    /// Collects the services of the registry and of all notes. The registry's words win over those
    /// of a note; of two definitions in notes a whole note wins over a heading, then the first over
    /// the second, which is told.
    pub fn collect<'a>(
        entries: Vec<Entry>,
        notes: impl Iterator<Item = &'a Note> + Clone,
        config: &Terms,
    ) -> (Self, Vec<Diagnostic>) {
        let Collector { terms, by_id, names, misspelt, diags, .. } =
            Collector::collect(entries, notes, config);
        let mut by_hand: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, term) in terms.iter().enumerate() {
            let spoken = term.names.iter().map(|name| name.text.as_str());
            for text in spoken.chain([term.id.as_str(), &term.name, &term.full]) {
                let owners = by_hand.entry(path::squeeze(text)).or_default();
                if owners.last() != Some(&at) {
                    owners.push(at);
                }
            }
        }
        let defined = terms.iter().enumerate().filter_map(|(at, term)| {
            let it = term.defined.as_ref()?;
            Some(((it.note.clone(), it.heading?), at))
        });
        let by_heading = defined.collect();
        let sum = sum(&terms, &names);
        let roots: Vec<usize> = (0..terms.len()).map(|at| root(&terms, at)).collect();
        let page = |at: &usize| OutPath::from(format!("services/{}.html", terms[*at].id));
        let pages = roots.iter().map(page).collect();
        let mut parts = vec![vec![]; terms.len()];
        for (at, root) in roots.into_iter().enumerate().filter(|(at, root)| at != root) {
            parts[root].push(at);
        }
        (Self { terms, names, misspelt, by_id, by_hand, by_heading, pages, parts, sum }, diags)
    }

    /// The index of a service by its id.
    pub fn by_id(&self, id: &str) -> Option<usize> {
        self.by_id.get(&TermId::from(id)).copied()
    }

    /// The service that a heading defines, by its note and its index there.
    pub fn defined_by(&self, note: &NoteId, heading: usize) -> Option<usize> {
        self.by_heading.get(&(note.clone(), heading)).copied()
    }

    /// The service that somebody means by hand: by id, name or alias, exact case first (R15).
    /// None if there is none, or if two bear the name.
    pub fn by_hand(&self, text: &str) -> Option<usize> {
        if let Some(at) = self.by_id(text) {
            return Some(at);
        }
        let named = self.names.get(&key(text));
        if let Some(term) = named.and_then(|it| it.term) {
            return Some(term);
        }
        let exact = |(term, name): &&(usize, usize)| self.terms[*term].names[*name].text == text;
        let mut exact = named.iter().flat_map(|it| &it.spellings).filter(exact);
        if let (Some((term, _)), None) = (exact.next(), exact.next()) {
            return Some(*term);
        }
        match self.by_hand.get(&path::squeeze(text)).map(Vec::as_slice) {
            Some([one]) => Some(*one),
            _ => None,
        }
    }

    /// The ids of all services that bear a name.
    pub fn owners(&self, name: &str) -> Vec<&TermId> {
        let spellings = self.names.get(&key(name)).into_iter().flat_map(|it| &it.spellings);
        let mut owners: Vec<&TermId> = spellings.map(|(at, _)| &self.terms[*at].id).collect();
        owners.dedup();
        owners
    }

    /// The page of a service, and the anchor on it if it lives on that of another.
    pub fn page(&self, term: usize) -> (&OutPath, Option<&str>) {
        let it = &self.terms[term];
        (&self.pages[term], it.parent.map(|_| it.id.as_str()))
    }

    /// The service on whose page this one lives: itself, or the outermost that it is a part of.
    pub fn root(&self, term: usize) -> usize {
        root(&self.terms, term)
    }

    /// The services that live on the page of this one, in order.
    pub fn parts(&self, term: usize) -> &[usize] {
        &self.parts[term]
    }
}

fn root(terms: &[Term], mut term: usize) -> usize {
    while let Some(parent) = terms[term].parent {
        term = parent;
    }
    term
}

/// Of all that other modules make of a catalog: who is called what, where it lives, and what is shown of
/// it.
fn sum(terms: &[Term], names: &BTreeMap<String, Named>) -> Sum {
    let mut key = Key::default();
    for term in terms {
        let defined = term.defined.as_ref().map(|it| (&it.note, it.heading));
        key = key.with((&term.id, &term.name, &term.names, term.parent, &term.not_before, defined));
        key = key.with((&term.full, &term.category, &term.url, &term.summary, &term.status));
    }
    names.iter().fold(key, |key, (name, named)| key.with((name, named.term))).end()
}
