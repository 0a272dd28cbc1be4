//! The places where notes name services.

use std::hash::{Hash, Hasher};
use std::ops::Deref;

use crate::diag::Span;
use crate::key::{Key, Sum};

/// A place where a note names a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mention {
    /// The bytes of the name.
    pub span: Span,
    /// True if it is shown as a link (R12).
    pub link: bool,
    term: u32,
    event: u32,
}

impl Mention {
    /// A name in a note. A site has hundreds of thousands, so their numbers are short; no note is so long,
    /// and no catalog, that they would not do.
    pub fn new(term: usize, span: Span, event: usize, link: bool) -> Self {
        Self { span, link, term: short(term), event: short(event) }
    }

    /// The service, as an index into the catalog.
    pub fn term(&self) -> usize {
        self.term as usize
    }

    /// The index of the event that the name begins in.
    pub fn event(&self) -> usize {
        self.event as usize
    }
}

/// A place from which something is named or linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlink {
    /// The bytes of the name or link.
    pub span: Span,
    note: u32,
    event: u32,
    number: u32,
}

impl Backlink {
    /// A place in a note, with short numbers as those of a [`Mention`].
    pub fn new(note: usize, event: usize, span: Span, number: usize) -> Self {
        Self { span, note: short(note), event: short(event), number: short(number) }
    }

    /// The note, as an index into the site's.
    pub fn note(&self) -> usize {
        self.note as usize
    }

    /// The index of the event in the note.
    pub fn event(&self) -> usize {
        self.event as usize
    }

    /// The index of the mention in the note; behind the last one follow the links with theirs.
    pub fn number(&self) -> usize {
        self.number as usize
    }
}

fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The mentions of a note, in order, with the hash of them all: several pages ask for it in every
/// build.
#[derive(Debug)]
pub struct Mentions {
    list: Vec<Mention>,
    hash: Sum,
}

impl From<Vec<Mention>> for Mentions {
    fn from(mut list: Vec<Mention>) -> Self {
        list.shrink_to_fit();
        let hash = Key::default().with(&list).end();
        Self { list, hash }
    }
}

impl Deref for Mentions {
    type Target = [Mention];

    fn deref(&self) -> &[Mention] {
        &self.list
    }
}

impl Hash for Mentions {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash.hash(state);
    }
}
