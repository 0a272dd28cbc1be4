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
            && let Some(open) = named(&body.events[..at], &levels, text.is_empty())
            && opens.insert(open)
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
                let closed = levels.pop().map(|it| it.open);
                levels.last_mut().into_iter().for_each(|it| it.last = closed);
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
    // With a letter and another sign: `10 ^2` is a power, and `^^` a smile.
    let is_name = name.len() > 1
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && name.bytes().any(|b| b.is_ascii_alphabetic());
    let before = events.len().checked_sub(2).map(|at| events[at].kind);
    let begins =
        matches!(before, Some(Kind::SoftBreak | Kind::HardBreak | Kind::Open(Tag::Paragraph)));
    let is_apart = text.ends_with([' ', '\t']) || text.is_empty() && begins;
    let end = span.start + text.trim_end().len();
    (is_name && is_apart).then(|| (span.start..end, span.end - name.len() - 1..span.end))
}

/// The event that opens what a name at the end of `events` means: what it stands alone below, the item that
/// it ends the first line or paragraph of, the quote that it is in, or its own paragraph.
fn named(events: &[Event], levels: &[Level], is_first: bool) -> Option<usize> {
    let tag = |level: &Level| match events.get(level.open)?.kind {
        Kind::Open(tag) => Some(tag),
        _ => None,
    };
    let [.., above, own] = levels else { return None };
    if is_first && own.open + 2 == events.len() {
        use Tag::{Alert, CodeBlock, List, Paragraph, Quote, Table};
        let Kind::Close(tag) = events.get(own.open.checked_sub(1)?)?.kind else { return None };
        let is_block = matches!(tag, Alert | CodeBlock | List | Paragraph | Quote | Table);
        return above.last.filter(|_| is_block);
    }
    if tag(own) == Some(Tag::Item) {
        return Some(own.open);
    }
    if tag(above) == Some(Tag::Item) && above.last.is_none() {
        return Some(above.open);
    }
    let quote = levels.iter().find(|it| matches!(tag(it), Some(Tag::Quote | Tag::Alert)));
    Some(quote.unwrap_or(own).open)
}

/// A link that shows where it leads, `[[note#^name]]`, shows the note.
fn shorten(body: &mut Body, at: usize, source: &str) {
    let [.., open, text] = &mut body.events[..=at] else { return };
    if let Kind::Open(Tag::Link | Tag::Image) = open.kind
        && body.links[open.payload as usize].kind == LinkKind::Wiki
        && text.payload == NONE
        && let Some(length) = source[text.span.range()].find("#^")
        && length > 0
    {
        let start = text.span.range().start;
        text.span = (start..start + length).into();
    }
}
