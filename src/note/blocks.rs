//! Names that an author gives to blocks, as Obsidian does: ` ^name` at the end of one, or `^name` alone
//! below it. Nobody sees them; links and embeds mean the block by `#^name`.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Body, Event, Kind, LinkKind, NONE, Tag};
use crate::diag::Diagnostic;
use crate::path::SrcPath;

/// A block that has a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Its anchor: the name with its `^`, unique in the note whatever its case.
    pub id: String,
    /// Its events, from the one that opens it to the one that closes it.
    pub events: Range<usize>,
}

/// What is open.
struct Level {
    /// The event that opens it.
    open: usize,
    /// The one that opens what was closed last directly in it.
    last: Option<usize>,
}

/// Takes the names out of a note, and finds what they name. Tells of names that are given twice.
pub(super) fn name(file: &SrcPath, body: &mut Body, source: &str) -> Vec<Diagnostic> {
    let mut diags = vec![];
    if !source.contains('^') {
        return diags;
    }
    // The note itself, which nothing opens.
    let mut levels = vec![Level { open: usize::MAX, last: None }];
    let mut gone: Vec<usize> = vec![];
    let (mut ids, mut opens) = (BTreeSet::new(), BTreeSet::new());
    for at in 0..body.events.len() {
        let kind = body.events[at].kind;
        if matches!(kind, Kind::Open(Tag::List) | Kind::Close(Tag::Paragraph | Tag::Item))
            && let Some((text, name)) = last_name(&body.events[..at], source)
            && let named = named(&body.events[..at], &levels, text.is_empty())
            && let Some(open) = named.into_iter().find(|open| opens.insert(*open))
        {
            let id = source[name.clone()].to_owned();
            if ids.insert(id.to_ascii_lowercase()) {
                body.blocks.push(Block { id, events: open..open });
            } else {
                let message = format!("`{id}` names two blocks of this note");
                let diag = Diagnostic::warning("same-id", file, name, message);
                diags.push(diag.hint("links mean the first; give this one another name"));
            }
            // A paragraph of which nothing is left goes as a whole, and so does a line.
            match body.events[at - 2].kind {
                _ if !text.is_empty() => body.events[at - 1].span = text.into(),
                Kind::Open(Tag::Paragraph) => gone.extend([at - 2, at - 1, at]),
                Kind::SoftBreak | Kind::HardBreak => gone.extend([at - 2, at - 1]),
                _ => gone.push(at - 1),
            }
        }
        match kind {
            Kind::Open(_) => levels.push(Level { open: at, last: None }),
            Kind::Close(_) => {
                let closed = levels.pop().filter(|_| gone.last() != Some(&at));
                if let (Some(closed), Some(above)) = (closed, levels.last_mut()) {
                    above.last = Some(closed.open);
                }
            }
            Kind::Text => shorten(body, at, source),
            _ => {}
        }
    }
    let mut at = 0..;
    body.events.retain(|_| at.next().is_some_and(|at| gone.binary_search(&at).is_err()));
    body.blocks.sort_by_key(|it| it.events.start);
    for at in 0..body.blocks.len() {
        let open = body.blocks[at].events.start;
        let open = open - gone.partition_point(|it| *it < open);
        body.blocks[at].events = open..body.after(open);
    }
    diags
}

/// The name that events end with: the bytes of the text before it, and its own with the `^`.
fn last_name(events: &[Event], source: &str) -> Option<(Range<usize>, Range<usize>)> {
    let event = events.last().filter(|it| (it.kind, it.payload) == (Kind::Text, NONE))?;
    let span = event.span.range();
    let (text, name) = source[span.clone()].rsplit_once('^')?;
    let before = events.len().checked_sub(2).map(|at| events[at].kind);
    let begins =
        matches!(before, Some(Kind::SoftBreak | Kind::HardBreak | Kind::Open(Tag::Paragraph)));
    let is_apart = text.ends_with([' ', '\t']) || text.is_empty() && begins;
    let end = span.start + text.trim_end().len();
    let start = span.end - name.len() - 1;
    let is_escaped = source[..start].ends_with('\\');
    (is_name(name) && is_apart && !is_escaped).then_some((span.start..end, start..span.end))
}

/// True for what may be the name of a block, without its `^`: a letter and another sign, or four signs. For
/// `10 ^2` is a power, and `^^` a smile.
pub fn is_name(name: &str) -> bool {
    let is_long =
        name.len() > 3 || name.len() > 1 && name.contains(|c: char| c.is_ascii_alphabetic());
    is_long && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// The events that open what a name at the end of `events` may mean, the likeliest first: what it stands
/// alone below; the item that it ends the first line or paragraph of; the quote that it is in; its own
/// paragraph.
fn named(events: &[Event], levels: &[Level], is_first: bool) -> Vec<usize> {
    let tag = |level: &Level| match events.get(level.open)?.kind {
        Kind::Open(tag) => Some(tag),
        _ => None,
    };
    let [.., above, own] = levels else { return vec![] };
    if is_first && own.open + 2 == events.len() {
        use Tag::{Alert, CodeBlock, List, Paragraph, Quote, Table};
        let before = own.open.checked_sub(1).map(|at| events[at].kind);
        let blocks = [Alert, CodeBlock, List, Paragraph, Quote, Table].map(Kind::Close);
        let is_block = before.is_some_and(|it| blocks.contains(&it));
        return above.last.filter(|_| is_block).into_iter().collect();
    }
    let item = tag(above) == Some(Tag::Item) && above.last.is_none();
    let item = item.then_some(above.open);
    let is_quote = |it: &&Level| matches!(tag(it), Some(Tag::Quote | Tag::Alert));
    let quote = levels.iter().find(is_quote).map(|it| it.open);
    let in_item = levels.iter().any(|it| tag(it) == Some(Tag::Item));
    let quote = quote.filter(|_| !in_item);
    item.into_iter().chain(quote).chain([own.open]).collect()
}

/// A link that shows where it leads, `[[note#^name]]`, shows the note.
fn shorten(body: &mut Body, at: usize, source: &str) {
    let [.., open, text] = &mut body.events[..=at] else { return };
    if let Kind::Open(Tag::Link | Tag::Image) = open.kind
        && let link = &body.links[open.payload as usize]
        && (link.kind, text.payload) == (LinkKind::Wiki, NONE)
        && source[text.span.range()] == link.dest
        && let Some(length) = link.dest.find("#^")
        && length > 0
    {
        let start = text.span.range().start;
        text.span = (start..start + length).into();
    }
}
