//! Words that a note gives in two languages or in two lengths: `가상화(Virtualization)`,
//! `VM(Virtual Machine)`. What of a text is one is told in `bracket`.

use std::sync::Arc;

use super::bracket::{self, Found, PairKind};
use super::text::{self, Block};
use crate::diag::Span;
use crate::note::Note;

/// Two names of one thing, and where they stand.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pair {
    /// What kind of names they are.
    pub kind: PairKind,
    /// The Korean one, or the short one.
    pub first: String,
    /// The English one, or the long one.
    pub second: String,
    /// The bytes of the file, from the first name to the closing bracket.
    pub span: Span,
    /// The index of the event in which it begins.
    pub event: usize,
}

/// All pairs of a note, in order.
pub(super) fn pairs(note: &Note) -> Vec<Pair> {
    let mut found = vec![];
    if !has_bracket(note.source()) {
        return found;
    }
    for heading in note.body.headings.iter().filter(|it| has_bracket(&it.text)) {
        let in_heading = |pair: Found| pair.at(heading.span, heading.event);
        found.extend(bracket::pairs(&heading.text, &[]).into_iter().map(in_heading));
    }
    text::blocks(note, &Arc::default(), |block: &Block| {
        if has_bracket(&block.text) {
            found.extend(bracket::pairs(&block.text, block.borders()).into_iter().map(|pair| {
                let (span, event) = block.place(&pair.range);
                pair.at(span, event)
            }));
        }
    });
    found.sort_by_key(|pair| pair.span);
    found
}

fn has_bracket(text: &str) -> bool {
    // Each by its own is looked for with the processor's own means.
    text.contains('(') || text.contains('（')
}

impl Found {
    fn at(self, span: Span, event: usize) -> Pair {
        Pair { kind: self.kind, first: self.first, second: self.second, span, event }
    }
}
