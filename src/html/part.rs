//! Which part of a note is rendered: all of it, the block of a service, or what another note embeds.

use std::ops::Range;

use crate::note::{Kind, Note, Piece, Tag};

/// Which part of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// All of it.
    Whole,
    /// The block under the heading of this index, without the heading; its own headings move up.
    Block(usize),
    /// A piece as it stands in another note.
    Embed {
        /// Which.
        piece: Piece,
        /// The level of the heading that it stands under.
        under: u8,
        /// A number that no other embed of the page has.
        place: u32,
    },
}

impl Part {
    /// The events of the part, and how many levels its headings move up.
    pub fn events(self, note: &Note) -> (Range<usize>, i8) {
        let headings = &note.body.headings;
        let level = |at: usize| i8::try_from(headings[at].shown).unwrap_or(6);
        match self {
            Self::Whole => (0..note.body.events.len(), 0),
            Self::Block(at) => {
                let open = headings[at].event;
                let rest = &note.body.events[open..];
                let close = rest.iter().position(|it| it.kind == Kind::Close(Tag::Heading));
                (open + close.unwrap_or(0) + 1..note.body.block_end(at), level(at) - 1)
            }
            Self::Embed { piece, under, .. } => {
                let first = if let Piece::Heading(at) = piece { level(at) } else { 2 };
                let under = i8::try_from(under).unwrap_or(6);
                (note.body.piece(piece), first - under - 1)
            }
        }
    }

    /// What is embedded by link number `link` of this part of a note.
    pub fn embed(self, note: &Note, event: usize, link: usize, piece: Piece) -> Self {
        let above = note.body.headings.partition_point(|it| it.event < event).checked_sub(1);
        let (range, shift) = self.events(note);
        let above = above.map(|at| &note.body.headings[at]).filter(|it| !it.is_title);
        let above = above.filter(|it| range.contains(&it.event));
        let shown = above.map(|it| i8::try_from(it.shown).unwrap_or(6) - shift);
        let base = if let Self::Embed { under, .. } = self { under } else { 1 };
        let under = shown.and_then(|it| u8::try_from(it).ok()).unwrap_or(base).clamp(1, 6);
        let outer = if let Self::Embed { place, .. } = self { place } else { 0 };
        let link = u32::try_from(link).unwrap_or(u32::MAX);
        let place = outer.wrapping_mul(1009).wrapping_add(link).wrapping_add(1);
        Self::Embed { piece, under, place }
    }
}
