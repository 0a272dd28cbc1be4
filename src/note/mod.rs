//! One file of Markdown becomes one [`Note`]. This never fails: what is wrong is told beside it.
//! The only door to the Markdown parser.

mod blocks;
mod event;
mod front;
mod headings;
mod markdown;
mod odd;
mod place;
pub mod raw;
mod refine;
mod shadow;

use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

pub use blocks::{Block, is_name as is_block_name};
pub use event::{Align, Event, Kind, NONE, Tag};
pub use front::{Front, is_reserved};
pub use place::Order;

use crate::diag::{Diagnostic, Span};
use crate::path::{self, NoteId, OutPath, SrcPath};
use crate::snapshot::Text;

/// How much of Markdown is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// All that a note may use; formulas only if its front matter says so.
    Notes,
    /// The same, and formulas unless its front matter says no.
    Math,
    /// CommonMark alone, to be compared with its own examples.
    CommonMark,
}

/// A parsed note, on its own: it knows nothing of other notes.
#[derive(Debug, Clone)]
pub struct Note {
    /// Which note this is.
    pub id: NoteId,
    /// Its file.
    pub file: SrcPath,
    /// What it says about itself.
    pub front: Front,
    /// Its title: from the front matter, its first `#` heading or its file's name.
    pub title: String,
    /// Its page.
    pub page: OutPath,
    /// Where it stands among the others.
    pub order: Order,
    /// The letters of what links may call it.
    pub names: Vec<Box<str>>,
    /// Its text.
    pub body: Body,
    /// The byte at which its text begins, after the front matter.
    pub start: usize,
    /// The hash of file name and bytes: notes are equal if this is.
    pub hash: blake3::Hash,
    /// The file; checked to be UTF-8 once, because it is asked for at every mention.
    source: Arc<str>,
}

/// The text of a note as events, and what they refer to.
#[derive(Debug, Clone, Default)]
pub struct Body {
    /// The text, step by step.
    pub events: Vec<Event>,
    /// Text that differs from the source: entities, names of languages, labels.
    pub strings: Vec<Box<str>>,
    /// The headings in order.
    pub headings: Vec<Heading>,
    /// The links and pictures in order.
    pub links: Vec<Link>,
    /// For each table, how its columns are aligned.
    pub tables: Vec<Vec<Align>>,
    /// The comments (`%%…%%`) in order, which nobody sees.
    pub comments: Vec<Span>,
    /// The alerts in order.
    pub alerts: Vec<Alert>,
    /// The blocks that have a name, in the order in which they open; none has two.
    pub blocks: Vec<Block>,
    /// True if there is raw HTML in it.
    pub has_html: bool,
}

/// A heading of the body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heading {
    /// How many `#` it has.
    pub level: u8,
    /// What level it is shown at, 2 to 6: without gaps under the title.
    pub shown: u8,
    /// Its anchor, unique in the note.
    pub id: String,
    /// True if the author chose the anchor.
    pub own_id: bool,
    /// The author's classes.
    pub classes: Vec<String>,
    /// Its text without markup, in NFC.
    pub text: String,
    /// The letters of its text: what links written for other tools' anchors are found by.
    pub squeezed: String,
    /// The bytes of its text.
    pub span: Span,
    /// The index of its `Open` event.
    pub event: usize,
    /// True if it stands in a quote, a list or the like.
    pub nested: bool,
    /// True if the note's title says the same, so that it is not shown again.
    pub is_title: bool,
    /// True if nothing under it is bold, in a note that has something bold: where only key points are
    /// shown, nothing would be left of its block.
    pub is_bare: bool,
}

/// A link or a picture as the author wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// How it was written.
    pub kind: LinkKind,
    /// True for a picture.
    pub image: bool,
    /// Where it leads, as written.
    pub dest: String,
    /// What is shown when the pointer rests on it.
    pub title: String,
    /// The bytes of the whole link.
    pub span: Span,
}

/// What of a note another may show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Piece {
    /// All of it.
    Whole,
    /// The block under the heading of this index, with it.
    Heading(usize),
    /// The block that has the name of this index.
    Block(usize),
}

/// How a link was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    /// `[text](dest)` or by reference.
    Inline,
    /// `[[dest]]`
    Wiki,
    /// `<dest>` or bare.
    Auto,
    /// `<name@example.org>`
    Email,
    /// `<a href="dest">` or `<img src="dest">`
    Html,
}

/// An alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alert {
    /// Which.
    pub kind: Named,
    /// Whether it folds.
    pub fold: Fold,
}

/// The kinds of alert that GitHub has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// Something to know.
    Note,
    /// Something that helps.
    Tip,
    /// Something that one must know.
    Important,
    /// Something to be careful with.
    Warning,
    /// Something that does harm.
    Caution,
}

/// Whether an alert folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// It does not.
    None,
    /// It does, and is open at first.
    Open,
    /// It does, and is closed at first.
    Closed,
}

impl Hash for Note {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash.as_bytes().hash(state);
    }
}

impl Note {
    /// The file as text; empty if it is not UTF-8, which is an error that was told.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The text of a `Text`, `Code` or `Html` event, or the string of another.
    pub fn text<'a>(&'a self, source: &'a str, event: &Event) -> &'a str {
        self.body.text(source, event)
    }

    /// True if the note opens its folder.
    pub fn is_index(&self) -> bool {
        Self::opens(&self.id)
    }

    /// True if a note of this name opens its folder.
    fn opens(id: &NoteId) -> bool {
        let stem = id.stem();
        stem == "index" || stem == "_index" || stem.eq_ignore_ascii_case("readme")
    }

    /// What a piece of it is called: "title › heading", "title › ^name".
    pub fn piece_name(&self, piece: Piece) -> String {
        match piece {
            Piece::Whole => self.title.clone(),
            Piece::Heading(at) => format!("{} › {}", self.title, self.body.headings[at].text),
            Piece::Block(at) => format!("{} › {}", self.title, self.body.blocks[at].id),
        }
    }

    /// The bytes of the file that say its title, for diagnostics about the note as a whole.
    pub fn title_span(&self) -> Span {
        self.body.headings.iter().find(|it| it.is_title).map(|it| it.span).unwrap_or_default()
    }
}

impl Body {
    /// The text of a `Text`, `Code` or `Html` event, or the string of another.
    pub fn text<'a>(&'a self, source: &'a str, event: &Event) -> &'a str {
        match self.strings.get(event.payload as usize) {
            Some(string) => string,
            None => &source[event.span.range()],
        }
    }

    /// The text without markup of the events from `start` to the close of what opens there.
    pub fn plain(&self, source: &str, start: usize) -> String {
        self.plain_until(source, start, self.events.len())
    }

    /// The same, and nothing from the event `end` on.
    pub fn plain_until(&self, source: &str, start: usize, end: usize) -> String {
        let mut text = String::new();
        let mut depth = 0;
        for event in &self.events[start..end] {
            match event.kind {
                Kind::Open(_) => depth += 1,
                Kind::Close(_) => depth -= 1,
                Kind::Text | Kind::Code | Kind::Math(_) => {
                    // As HTML shows it: a NUL byte must not get into a title or a list.
                    text.push_str(&self.text(source, event).replace('\0', "\u{FFFD}"));
                }
                Kind::SoftBreak | Kind::HardBreak => text.push(' '),
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        text
    }

    /// The block that has the name `id`, which begins with `^`, in any case.
    pub fn block(&self, id: &str) -> Option<&Block> {
        self.blocks.iter().find(|it| it.id.eq_ignore_ascii_case(id))
    }

    /// The index after the event that closes what opens at `at`.
    pub fn after(&self, at: usize) -> usize {
        let mut depth = 0;
        let closes = self.events[at..].iter().position(|event| {
            match event.kind {
                Kind::Open(_) => depth += 1,
                Kind::Close(_) => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        closes.map_or(self.events.len(), |length| at + length + 1)
    }

    /// The events of a piece.
    pub fn piece(&self, piece: Piece) -> Range<usize> {
        match piece {
            Piece::Whole => 0..self.events.len(),
            Piece::Heading(at) => self.headings[at].event..self.block_end(at),
            Piece::Block(at) => self.blocks[at].events.clone(),
        }
    }

    /// The index after the last event of the block that a heading opens: up to the next heading
    /// of the same or a higher level, or the end. What stands in a quote, a list or the like neither
    /// ends a block outside of it nor goes on after it.
    pub fn block_end(&self, heading: usize) -> usize {
        let it = &self.headings[heading];
        let end = match it.nested {
            false => self.events.len(),
            true => {
                let mut depth = 0_i64;
                let closes = self.events[it.event..].iter().position(|event| {
                    depth += match event.kind {
                        Kind::Open(_) => 1,
                        Kind::Close(_) => -1,
                        _ => 0,
                    };
                    depth < 0
                });
                closes.map_or(self.events.len(), |length| it.event + length)
            }
        };
        let mut later = self.headings[heading + 1..].iter();
        let next = later.find(|next| next.level <= it.level && next.nested == it.nested);
        next.map_or(end, |next| next.event.min(end))
    }
}

/// Reads a note from the bytes of its file.
#[comemo::memoize]
pub fn parse(file: &SrcPath, text: &Text, dialect: Dialect) -> Arc<(Note, Vec<Diagnostic>)> {
    let mut diags = vec![];
    let source = text.utf8().cloned().unwrap_or_else(|at| {
        diags.push(odd::not_utf8(file, text, at));
        "".into()
    });
    let (mut front, start, front_diags) = match dialect {
        Dialect::Notes | Dialect::Math => front::read(file, &source),
        Dialect::CommonMark => Default::default(),
    };
    diags.extend(front_diags);
    let is_drawing = front.extra.0.iter().any(|field| field.key == odd::DRAWING);
    front.private |= is_drawing;
    let read_as = match front.math {
        Some(true) => Dialect::Math,
        Some(false) => Dialect::Notes,
        None => dialect,
    };
    let (mut body, body_diags) = markdown::read(file, &source, start, read_as);
    diags.extend(body_diags);
    if dialect != Dialect::CommonMark {
        refine::refine(&mut body, &source);
        if body.has_html && source[start..].contains("<!--") {
            raw::hide_comments(&mut body, &source);
        }
        raw::collect(&mut body, &source);
        if let Some(span) = raw::too_deep(&body, &source) {
            let message = "the elements of raw HTML are nested too deep: tags are never closed";
            let diag = Diagnostic::error("too-deep", file, span, message);
            diags.push(diag.hint("close them, or write it in Markdown"));
            body.events.retain(|event| event.kind != Kind::Html);
        }
    }
    let id = NoteId::of(file).unwrap_or_else(|| NoteId::from(file.as_str()));
    if dialect != Dialect::CommonMark {
        diags.extend(blocks::name(file, &mut body, &source));
    }
    diags.extend(headings::name(file, &mut body, &source));
    let mut title = String::new();
    if dialect != Dialect::CommonMark {
        title = headings::title(file, &id, &front, &mut body, &mut diags);
        headings::mark_bare(&mut body, &source);
        odd::odd_characters(file, &source, start, &mut diags);
        odd::unused_footnotes(file, &body, &source, &mut diags);
        odd::open_nolink(file, &body, &source, &mut diags);
        odd::unknown_footnotes(file, &body, &source, &mut diags);
        odd::contents(file, &body, &mut diags);
        odd::links_with_spaces(file, &body, &source, &mut diags);
        odd::other_tools(file, &body, &source, &mut diags);
        if read_as == Dialect::Notes {
            odd::raw_formula(file, &body, &source, &mut diags);
        }
        let opens_folder = matches!(id.stem(), "index" | "_index");
        if source[start..].trim().is_empty() && !opens_folder && !is_broken(&diags) {
            let message = "this note has no text";
            let hint = "write something, or set `draft = true` until there is something to read";
            diags.push(Diagnostic::warning("empty-note", file, 0..0, message).hint(hint));
        }
    }
    if is_drawing && !is_broken(&diags) {
        diags = vec![odd::drawing(file)];
    }
    // Notes stay as long as the site: what was too much room in the making is given back.
    body.events.shrink_to_fit();
    body.strings.shrink_to_fit();
    let mut hasher = blake3::Hasher::new();
    hasher
        .update(file.as_str().as_bytes())
        .update(&[0, dialect as u8])
        .update(text.hash().as_bytes());
    let hash = hasher.finalize();
    let note = Note {
        page: place::page(&id, &front),
        order: place::order(&id, file),
        names: place::names(&id, &front, &title),
        file: file.clone(),
        id,
        front,
        title,
        body,
        start,
        hash,
        source,
    };
    Arc::new((note, diags))
}

/// A name for people from the name of a file or a folder: `03-getting_started` is
/// "03 getting started".
pub fn pretty_name(stem: &str) -> String {
    let stem = path::nfc(stem);
    // A day is written with its hyphens.
    let (day, rest) = stem.split_at(if begins_with_day(&stem) { 10 } else { 0 });
    let words = format!("{day}{}", rest.replace(['-', '_'], " "));
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() { "notes".to_owned() } else { words }
}

/// True for a name that begins with a day, `2026-11-27`.
fn begins_with_day(name: &str) -> bool {
    let fits = |(at, byte): (usize, &u8)| match at {
        4 | 7 => *byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    name.len() >= 10 && name.as_bytes()[..10].iter().enumerate().all(fits)
}

/// What follows from an error need not be told beside it.
fn is_broken(diags: &[Diagnostic]) -> bool {
    diags.iter().any(Diagnostic::is_error)
}
