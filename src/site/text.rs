//! The text of a note, block by block, as the linker reads it: in NFC, with the author's markup
//! gone, and with a way back to the bytes of the file.

use std::ops::Range;
use std::sync::Arc;

use memchr::{memchr, memchr3};
use unicode_normalization::UnicodeNormalization;

use super::Target;
use crate::diag::Span;
use crate::hangul;
use crate::note::{Event, Kind, NONE, Note, Tag};

/// Stands for what is no text of the block: code, links, pictures, raw HTML.
const OBJECT: char = '\u{FFFC}';

/// HTML elements whose text is not linked.
const NO_LINKS: [&str; 6] = ["a", "code", "pre", "kbd", "script", "style"];

/// One block: a paragraph, a cell of a table, the text of an item.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// Its text.
    pub(super) text: String,
    /// True for the first block under a heading of level 2 or 3 (R12).
    pub(super) after_heading: bool,
    /// True if it belongs to a list or a table that holds Hangul (R6): one of its items may be a name
    /// alone.
    pub(super) in_korean: bool,
    /// Where the author's own links to services stand in the text, and to which they lead.
    pub(super) linked: Vec<(usize, usize)>,
    /// Where emphasis begins or ends: a name never spans such a place (R10).
    borders: Vec<usize>,
    /// Pieces of the text with where they come from, in order.
    pieces: Vec<Piece>,
}

#[derive(Debug)]
struct Piece {
    /// Where it begins in the block's text.
    at: usize,
    /// The bytes of the file.
    span: Span,
    /// The index of its event.
    event: usize,
    /// True if its bytes are those of the file, one by one.
    exact: bool,
}

impl Block {
    /// The bytes of the file that a part of the text comes from, and the event it begins in.
    pub(super) fn place(&self, range: &Range<usize>) -> (Span, usize) {
        let first = &self.pieces[self.piece_at(range.start)];
        let last = &self.pieces[self.piece_at(range.end.saturating_sub(1))];
        let offset = |piece: &Piece, at: usize| u32::try_from(at - piece.at).unwrap_or(0);
        let start = if first.exact {
            first.span.start + offset(first, range.start)
        } else {
            first.span.start
        };
        let end =
            if last.exact { last.span.start + offset(last, range.end) } else { last.span.end };
        (Span { start, end }, first.event)
    }

    /// Where emphasis begins or ends, in order.
    pub(super) fn borders(&self) -> &[usize] {
        &self.borders
    }

    /// True if emphasis begins or ends inside a part of the text.
    pub(super) fn has_border_inside(&self, range: &Range<usize>) -> bool {
        let next = self.borders.partition_point(|at| *at <= range.start);
        self.borders.get(next).is_some_and(|at| *at < range.end)
    }

    fn piece_at(&self, at: usize) -> usize {
        self.pieces.partition_point(|piece| piece.at <= at).saturating_sub(1)
    }

    fn add(&mut self, text: &str, span: Span, event: usize, exact: bool) {
        self.pieces.push(Piece { at: self.text.len(), span, event, exact });
        self.text.push_str(text);
    }

    /// Adds text of the file; where it is not in NFC it is composed letter by letter, so that each
    /// letter knows its bytes.
    fn add_source(&mut self, text: &str, span: Span, event: usize) {
        if is_nfc(text) {
            self.add(text, span, event, true);
            return;
        }
        let starts = text.char_indices().filter(|(_, c)| begins_letter(*c)).map(|(at, _)| at);
        let mut starts: Vec<usize> = starts.filter(|at| *at > 0).collect();
        starts.insert(0, 0);
        starts.push(text.len());
        for pair in starts.windows(2) {
            let letter = &text[pair[0]..pair[1]];
            let at = |n: usize| span.start + u32::try_from(n).unwrap_or(0);
            let span = Span { start: at(pair[0]), end: at(pair[1]) };
            let composed: String = letter.nfc().collect();
            let exact = composed == letter;
            self.add(&composed, span, event, exact);
        }
    }

    fn object(&mut self, event: &Event, index: usize) {
        if !self.text.ends_with(OBJECT) {
            self.add(OBJECT.encode_utf8(&mut [0; 4]), event.span, index, false);
        }
    }
}

/// Nearly all text is composed, and can be told so by its first bytes alone: what decomposed text
/// is made of begins with CC, CD (combining marks) or E1 (jamo), or with E3 82 (kana marks).
fn is_nfc(text: &str) -> bool {
    let is_odd = |pair: &[u8]| matches!(pair, [0xCC | 0xCD | 0xE1, _] | [0xE3, 0x82]);
    let bytes = text.as_bytes();
    let may_be_odd = memchr3(0xCC, 0xCD, 0xE1, bytes).is_some() || memchr(0xE3, bytes).is_some();
    !may_be_odd || !bytes.windows(2).any(is_odd) || unicode_normalization::is_nfc(text)
}

fn begins_letter(c: char) -> bool {
    let joins = matches!(c, '\u{1160}'..='\u{11FF}');
    !joins && !unicode_normalization::char::is_combining_mark(c)
}

/// Calls `visit` with each block of a note that may hold links, in order.
pub(super) fn blocks(note: &Note, targets: &Arc<Vec<Target>>, mut visit: impl FnMut(&Block)) {
    let source = note.source();
    let mut block = Block::default();
    let mut after_heading = true;
    // Inside code, headings, links and pictures there is nothing to link.
    let mut closed = 0_usize;
    let mut html: Vec<String> = vec![];
    let mut silent = false;
    // Lists and tables that are open, and whether the outermost holds Hangul.
    let (mut lists, mut in_korean) = (0_usize, false);
    let mut finish =
        |block: &mut Block, html: &mut Vec<String>, after_heading: &mut bool, in_korean| {
            if !block.pieces.is_empty() {
                block.in_korean = in_korean;
                block.after_heading = std::mem::take(after_heading);
                visit(block);
                block.text.clear();
                block.borders.clear();
                block.pieces.clear();
                block.linked.clear();
            }
            html.clear();
        };
    for (index, event) in note.body.events.iter().enumerate() {
        match event.kind {
            Kind::Open(tag) | Kind::Close(tag) => {
                let opens = matches!(event.kind, Kind::Open(_));
                if !tag.is_inline() {
                    finish(&mut block, &mut html, &mut after_heading, in_korean);
                }
                match tag {
                    Tag::List | Tag::Table | Tag::Definitions if opens => {
                        lists += 1;
                        if lists == 1 {
                            in_korean = source[event.span.range()].contains(hangul::is_hangul);
                        }
                    }
                    Tag::List | Tag::Table | Tag::Definitions => {
                        lists -= 1;
                        in_korean &= lists > 0;
                    }
                    Tag::Link | Tag::Image => {
                        if opens && closed == 0 {
                            block.object(event, index);
                            let target = targets.get(event.payload as usize);
                            if let Some(Target::Term(term)) = target {
                                block.linked.push((block.text.len(), *term));
                            }
                        }
                        closed = if opens { closed + 1 } else { closed.saturating_sub(1) };
                    }
                    Tag::Heading | Tag::CodeBlock | Tag::HtmlBlock => {
                        closed = if opens { closed + 1 } else { closed.saturating_sub(1) };
                        let heading = note.body.headings.get(event.payload as usize);
                        after_heading |=
                            tag == Tag::Heading && heading.is_some_and(|it| it.shown <= 3);
                    }
                    tag if tag.is_inline() => block.borders.push(block.text.len()),
                    _ => {}
                }
            }
            // Opt-outs stand in comments, which are raw HTML (R15).
            Kind::Html if is_nolink(note.text(source, event)).is_some() => {
                silent = is_nolink(note.text(source, event)) == Some(true);
                if closed == 0 {
                    block.object(event, index);
                }
            }
            _ if closed > 0 => {}
            Kind::Text if silent || !html.is_empty() => block.object(event, index),
            Kind::Text if event.payload == NONE => {
                block.add_source(&source[event.span.range()], event.span, index);
            }
            Kind::Text => block.add(note.text(source, event), event.span, index, false),
            Kind::SoftBreak => block.add(" ", event.span, index, false),
            Kind::Html => {
                html_tag(note.text(source, event), &mut html);
                block.object(event, index);
            }
            Kind::Code
            | Kind::Math(_)
            | Kind::HardBreak
            | Kind::Rule
            | Kind::Task(_)
            | Kind::FootnoteRef => {
                block.object(event, index);
            }
        }
    }
    finish(&mut block, &mut html, &mut after_heading, in_korean);
}

/// True for HTML that ends with `<!-- nolink -->` still in force, false if `<!-- /nolink -->` ends it.
fn is_nolink(html: &str) -> Option<bool> {
    let comments = html.split("<!--").skip(1).filter_map(|rest| rest.split_once("-->"));
    let marks = comments.filter_map(|(inside, _)| match inside.trim() {
        "nolink" => Some(true),
        "/nolink" => Some(false),
        _ => None,
    });
    marks.last()
}

/// Follows which of the elements without links are open.
fn html_tag(html: &str, open: &mut Vec<String>) {
    let (closes, rest) = match html.strip_prefix("</") {
        Some(rest) => (true, rest),
        None => (false, html.strip_prefix('<').unwrap_or_default()),
    };
    let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    if closes {
        if let Some(at) = open.iter().rposition(|it| *it == name) {
            open.truncate(at);
        }
    } else if NO_LINKS.contains(&name.as_str()) && !html.ends_with("/>") {
        open.push(name);
    }
}
