//! The places where a note names services.

use std::hash::{Hash, Hasher};
use std::ops::Deref;

use crate::diag::Span;
use crate::key::{Key, Sum};

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
