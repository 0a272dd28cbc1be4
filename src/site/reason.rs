//! Why a place that looks like a mention of a service is none.

use crate::diag::Span;

/// A place that looks like a mention, and is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejected {
    /// The service whose name it looks like, as an index into the catalog.
    pub term: usize,
    /// The bytes of it.
    pub span: Span,
    /// Why it is none.
    pub reason: Reason,
}

/// Why a place is no mention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Its letters are in another case, or its words are joined in another way.
    Spelling,
    /// It is a part of a longer word.
    Edge,
    /// It stands in an address, a path, a file name or a qualified name.
    Address,
    /// Emphasis begins or ends inside it.
    Emphasis,
    /// It is an ordinary word here: no Hangul around, or Latin words beside it.
    CommonWord,
    /// What follows makes something else of it.
    NotBefore,
    /// It follows another name, and the two together are not registered.
    Compound,
    /// A longer name, or one that began before, takes its place.
    Longer,
    /// Several services bear the name.
    Ambiguous,
    /// The service is defined right here.
    OwnBlock,
    /// The note excludes the name.
    Excluded,
    /// The service is only linked by hand.
    Manual,
}

impl Reason {
    /// The reason in a few words: "it is …".
    pub fn describe(self) -> &'static str {
        match self {
            Self::Spelling => "spelt in another way",
            Self::Edge => "a part of a longer word",
            Self::Address => "in an address, a path or a file name",
            Self::Emphasis => "emphasis begins or ends inside",
            Self::CommonWord => "an ordinary word here",
            Self::NotBefore => "what follows makes something else of it",
            Self::Compound => "after another name; the two are not registered as one",
            Self::Longer => "inside a longer name",
            Self::Ambiguous => "the name of several services",
            Self::OwnBlock => "in the block that defines it",
            Self::Excluded => "excluded by the note",
            Self::Manual => "only linked by hand",
        }
    }
}
