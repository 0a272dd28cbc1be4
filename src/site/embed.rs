//! What stands in another note and is shown in this one: `![[note]]` and `![[note#heading]]`.
//!
//! An embed is one only where it stands alone, as a paragraph or an item; within a line it is a link.
//! One that would never end, or end too late, is told and becomes a link.

use std::collections::{BTreeMap, BTreeSet};

use super::{Parsed, Target};
use crate::catalog::Catalog;
use crate::diag::Diagnostic;
use crate::note::{Kind, Link, LinkKind, Note, Piece, Tag};
use crate::path::{NoteId, OutPath};

/// What is embedded may embed in turn, this deep.
const MAX_DEPTH: usize = 20;
/// A note may grow to this many events by what it embeds: some five times the longest lesson.
const MAX_EVENTS: usize = 100_000;

/// What may be embedded: a note, by its index, or a piece of it.
type Block = (usize, Piece);

/// One embed.
struct Embed {
    event: usize,
    link: usize,
    to: Block,
}

/// Turns the targets of embeds into [`Target::Embed`], and tells of those that cannot be shown.
pub(super) fn resolve(
    notes: &[Parsed],
    catalog: &Catalog,
    targets: &mut [Vec<Target>],
) -> Vec<Diagnostic> {
    let mut places: Option<Places<'_>> = None;
    let mut embeds: BTreeMap<usize, Vec<Embed>> = BTreeMap::new();
    let mut beside = vec![];
    for (at, parsed) in notes.iter().enumerate() {
        let note = &parsed.0;
        let alone = standing_alone(note);
        let shown: BTreeSet<usize> = alone.iter().map(|(_, link)| *link).collect();
        for (link, it) in note.body.links.iter().enumerate().filter(|(_, it)| is_embed(it)) {
            let target = targets[at].get(link).filter(|_| !shown.contains(&link));
            let Some(target) = target else { continue };
            let places = places.get_or_insert_with(|| Places::new(notes));
            if places.block(target, notes, catalog).is_some() {
                let message = "this does not stand alone, so it is only a link";
                let diag = Diagnostic::warning("embed", &note.file, it.span, message);
                beside.push(diag.hint("put an empty line before it and after it"));
            }
        }
        for (event, link) in alone {
            let Some(target) = targets[at].get(link) else { continue };
            let places = places.get_or_insert_with(|| Places::new(notes));
            if let Some(to) = places.block(target, notes, catalog) {
                embeds.entry(at).or_default().push(Embed { event, link, to });
            }
        }
    }
    let mut walk = Walk {
        notes,
        embeds: &embeds,
        known: BTreeMap::new(),
        path: vec![],
        broken: BTreeSet::new(),
        diags: vec![],
    };
    for note in embeds.keys() {
        walk.weigh((*note, Piece::Whole));
    }
    let Walk { broken, mut diags, .. } = walk;
    diags.extend(beside);
    for (note, embeds) in &embeds {
        for embed in embeds.iter().filter(|embed| !broken.contains(&(*note, embed.link))) {
            let (to, piece) = embed.to;
            let body = &notes[to].0.body;
            let anchor = match piece {
                Piece::Whole => None,
                Piece::Heading(at) => Some(body.headings[at].id.clone()),
                Piece::Block(at) => Some(body.blocks[at].id.clone()),
            };
            let page = notes[to].0.page.clone();
            targets[*note][embed.link] = Target::Embed { note: to, piece, page, anchor };
        }
    }
    diags
}

/// True for `![[…]]`, of a note or of a picture.
fn is_embed(link: &Link) -> bool {
    link.image && link.kind == LinkKind::Wiki
}

/// The wiki-links with `!` that are all of their paragraph or item, one a line: the event and the link
/// of each.
fn standing_alone(note: &Note) -> Vec<(usize, usize)> {
    let events = &note.body.events;
    let mut found = vec![];
    if !note.body.links.iter().any(is_embed) {
        return found;
    }
    for (at, event) in events.iter().enumerate() {
        if let Kind::Open(tag @ (Tag::Paragraph | Tag::Item | Tag::Definition)) = event.kind {
            found.extend(lines_of_embeds(note, at, tag).into_iter().flatten());
        }
    }
    found
}

/// The embeds that a block consists of; none if there is anything else in it.
fn lines_of_embeds(note: &Note, open: usize, tag: Tag) -> Option<Vec<(usize, usize)>> {
    let events = &note.body.events;
    let mut found = vec![];
    let mut at = open + 1;
    loop {
        let event = events.get(at)?;
        match event.kind {
            Kind::Open(Tag::Image) => {
                let link = event.payload as usize;
                if note.body.links[link].kind != LinkKind::Wiki {
                    return None;
                }
                found.push((at, link));
                let rest = &events[at..];
                at += rest.iter().position(|it| it.kind == Kind::Close(Tag::Image))? + 1;
            }
            Kind::SoftBreak | Kind::HardBreak => at += 1,
            Kind::Close(closed) if closed == tag => return Some(found),
            // A list under the line of a tight item.
            Kind::Open(Tag::List) if tag == Tag::Item => return Some(found),
            _ => return None,
        }
    }
}

/// Where the notes are, by what links name them by.
struct Places<'a> {
    by_page: BTreeMap<&'a OutPath, usize>,
    by_id: BTreeMap<&'a NoteId, usize>,
}

impl<'a> Places<'a> {
    fn new(notes: &'a [Parsed]) -> Self {
        let by_page = notes.iter().enumerate().map(|(at, parsed)| (&parsed.0.page, at)).collect();
        let by_id = notes.iter().enumerate().map(|(at, parsed)| (&parsed.0.id, at)).collect();
        Self { by_page, by_id }
    }

    /// The block that a link means; none if it leads to no note.
    fn block(&self, target: &Target, notes: &[Parsed], catalog: &Catalog) -> Option<Block> {
        match target {
            Target::Note { page, anchor } => {
                let note = *self.by_page.get(page)?;
                let body = &notes[note].0.body;
                let piece = |anchor: &String| {
                    let heading = body.headings.iter().position(|it| it.id == *anchor);
                    let block =
                        || body.blocks.iter().position(|it| it.id == *anchor).map(Piece::Block);
                    heading.map(Piece::Heading).or_else(block)
                };
                Some((note, anchor.as_ref().and_then(piece).unwrap_or(Piece::Whole)))
            }
            Target::Term(term) => {
                let defined = catalog.terms[*term].defined.as_ref()?;
                let piece = defined.heading.map_or(Piece::Whole, Piece::Heading);
                Some((*self.by_id.get(&defined.note)?, piece))
            }
            _ => None,
        }
    }
}

/// What a block comes to with all that it embeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Size {
    events: usize,
    /// How many embeds are inside one another.
    depth: usize,
}

/// A walk from what embeds to what is embedded.
struct Walk<'a> {
    notes: &'a [Parsed],
    embeds: &'a BTreeMap<usize, Vec<Embed>>,
    /// How many events a block comes to with all that it embeds, and how deep that is; none while it is
    /// being found out.
    known: BTreeMap<Block, Option<Size>>,
    /// The blocks from the first to the one we are in.
    path: Vec<Block>,
    /// The embeds that are links after all: note and link.
    broken: BTreeSet<(usize, usize)>,
    diags: Vec<Diagnostic>,
}

impl Walk<'_> {
    fn weigh(&mut self, block: Block) -> Size {
        if let Some(Some(size)) = self.known.get(&block) {
            return *size;
        }
        self.known.insert(block, None);
        self.path.push(block);
        let note = &self.notes[block.0].0;
        let own = note.body.piece(block.1);
        let mut size = Size { events: own.len(), depth: 0 };
        let inside = self.embeds.get(&block.0).into_iter().flatten();
        for embed in inside.filter(|embed| own.contains(&embed.event)) {
            let why = if self.known.get(&embed.to) == Some(&None) {
                format!("embedding this would never end: {}", self.circle(embed.to))
            } else {
                // The walk itself must not go deeper, nor what it has found before.
                let inner = (self.path.len() <= MAX_DEPTH).then(|| self.weigh(embed.to));
                match inner {
                    Some(inner) if inner.depth >= MAX_DEPTH => too_deep(),
                    None => too_deep(),
                    Some(inner) if size.events + inner.events > MAX_EVENTS => {
                        "with this the note would be too large to read".to_owned()
                    }
                    Some(inner) => {
                        size.events += inner.events;
                        size.depth = size.depth.max(inner.depth + 1);
                        continue;
                    }
                }
            };
            if !self.broken.insert((block.0, embed.link)) {
                continue;
            }
            let span = note.body.links[embed.link].span;
            let diag = Diagnostic::warning("embed", &note.file, span, why);
            self.diags.push(diag.hint("it is shown as a link; write `[[…]]` to mean that"));
        }
        self.path.pop();
        self.known.insert(block, Some(size));
        size
    }

    /// "A → B › part → A".
    fn circle(&self, to: Block) -> String {
        let from = self.path.iter().position(|it| *it == to).unwrap_or(0);
        let name = |(note, piece): &Block| self.notes[*note].0.piece_name(*piece);
        let names: Vec<String> = self.path[from..].iter().chain([&to]).map(name).collect();
        names.join(" → ")
    }
}

fn too_deep() -> String {
    format!("this is embedded more than {MAX_DEPTH} levels deep")
}
