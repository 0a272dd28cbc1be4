//! One file of Markdown becomes one [`Note`]. This never fails: what is wrong is told beside it.
//! The only door to the Markdown parser.

mod event;
mod front;
mod markdown;
pub mod raw;
mod refine;
mod shadow;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

pub use event::{Align, Event, Kind, NONE, Tag};
pub use front::{Front, RESERVED};

use crate::diag::{Diagnostic, Span};
use crate::path::{self, NoteId, SrcPath};

/// How much of Markdown is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// All that a note may use.
    Notes,
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
    /// Its text.
    pub body: Body,
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
    /// The alerts in order.
    pub alerts: Vec<Alert>,
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
    /// The bytes of its text.
    pub span: Span,
    /// The index of its `Open` event.
    pub event: usize,
    /// True if it stands in a quote, a list or the like.
    pub nested: bool,
    /// True if the note's title says the same, so that it is not shown again.
    pub is_title: bool,
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

    /// The name of its page without `.html`: the slug of its front matter, or its file's name.
    pub fn page_name(&self) -> String {
        self.front
            .slug
            .as_ref()
            .map_or_else(|| path::url_part(self.id.stem()), |(slug, _)| slug.clone())
    }

    /// True if the note opens its folder.
    pub fn is_index(&self) -> bool {
        let stem = self.id.stem();
        stem == "index" || stem == "_index" || stem.eq_ignore_ascii_case("readme")
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
        let mut text = String::new();
        let mut depth = 0;
        for event in &self.events[start..] {
            match event.kind {
                Kind::Open(_) => depth += 1,
                Kind::Close(_) => depth -= 1,
                Kind::Text | Kind::Code => {
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

    /// The index after the last event of the block that a heading opens: up to the next heading
    /// of the same or a higher level, or the end.
    pub fn block_end(&self, heading: usize) -> usize {
        let level = self.headings[heading].level;
        let next = self.headings[heading + 1..].iter().find(|it| it.level <= level);
        next.map_or(self.events.len(), |it| it.event)
    }
}

/// Reads a note from the bytes of its file.
#[comemo::memoize]
pub fn parse(file: &SrcPath, bytes: &Arc<[u8]>, dialect: Dialect) -> Arc<(Note, Vec<Diagnostic>)> {
    let mut diags = vec![];
    let text = str::from_utf8(bytes).unwrap_or_else(|error| {
        diags.push(not_utf8(file, bytes, error.valid_up_to()));
        ""
    });
    let source: Arc<str> = text.into();
    let (front, start, front_diags) = match dialect {
        Dialect::Notes => front::read(file, &source),
        Dialect::CommonMark => Default::default(),
    };
    diags.extend(front_diags);
    let (mut body, body_diags) = markdown::read(file, &source, start, dialect);
    diags.extend(body_diags);
    if dialect == Dialect::Notes {
        refine::refine(&mut body, &source);
        raw::collect(&mut body, &source);
        if let Some(span) = raw::too_deep(&body, &source) {
            let message = "the elements of raw HTML are nested too deep: tags are never closed";
            let diag = Diagnostic::error("too-deep", file, span, message);
            diags.push(diag.hint("close them, or write it in Markdown"));
            body.events.retain(|event| event.kind != Kind::Html);
        }
    }
    let id = NoteId::of(file).unwrap_or_else(|| NoteId::from(file.as_str()));
    name_headings(&mut body, &source);
    let mut title = String::new();
    if dialect == Dialect::Notes {
        title = self::title(file, &id, &front, &mut body, &mut diags);
        odd_characters(file, &source, start, &mut diags);
        unused_footnotes(file, &body, &source, &mut diags);
        let opens_folder = matches!(id.stem(), "index" | "_index");
        if source[start..].trim().is_empty() && !opens_folder && !is_broken(&diags) {
            let message = "this note has no text";
            let hint = "write something, or set `draft = true` until there is something to read";
            diags.push(Diagnostic::warning("empty-note", file, 0..0, message).hint(hint));
        }
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(file.as_str().as_bytes()).update(&[0, dialect as u8]).update(bytes);
    let hash = hasher.finalize();
    Arc::new((Note { id, file: file.clone(), front, title, body, hash, source }, diags))
}

/// Gives each heading its text, its shown level and an anchor of its own. The first of equal
/// headings keeps the plain anchor, so that adding one at the end moves no link.
fn name_headings(body: &mut Body, source: &str) {
    let mut depth = 0;
    let mut places: Vec<(usize, bool)> = vec![];
    for (at, event) in body.events.iter().enumerate() {
        match event.kind {
            Kind::Open(tag) => {
                if tag == Tag::Heading {
                    places.push((at, depth > 0));
                }
                depth += 1;
            }
            Kind::Close(_) => depth -= 1,
            _ => {}
        }
    }
    let mut used: BTreeMap<String, usize> = BTreeMap::new();
    for (heading, (at, nested)) in places.iter().enumerate() {
        let text = path::nfc(&body.plain(source, *at));
        let heading = &mut body.headings[heading];
        heading.event = *at;
        heading.nested = *nested;
        heading.span = body.events[*at].span;
        let trimmed = source[heading.span.range()].trim_end().len();
        heading.span.end = heading.span.start + u32::try_from(trimmed).unwrap_or(0);
        heading.text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !heading.id.is_empty() {
            used.insert(heading.id.clone(), 1);
        }
    }
    for heading in &mut body.headings {
        if heading.id.is_empty() {
            let slug = path::slug(&heading.text);
            let slug = if slug.is_empty() { "section".to_owned() } else { slug };
            let mut id = slug.clone();
            let mut n = used.get(&slug).copied().unwrap_or(0);
            while used.contains_key(&id) {
                n += 1;
                id = format!("{slug}-{n}");
            }
            used.insert(slug, n.max(1));
            used.entry(id.clone()).or_insert(1);
            heading.id = id;
        }
    }
}

fn title(
    file: &SrcPath,
    id: &NoteId,
    front: &Front,
    body: &mut Body,
    diags: &mut Vec<Diagnostic>,
) -> String {
    let mut tops = body.headings.iter_mut().filter(|it| it.level == 1 && !it.nested);
    let title = match (&front.title, tops.next()) {
        (Some(title), Some(first)) => {
            first.is_title = path::squeeze(&first.text) == path::squeeze(title);
            title.clone()
        }
        (Some(title), None) => title.clone(),
        (None, Some(first)) if !first.text.is_empty() => {
            first.is_title = true;
            if let Some(second) = tops.next() {
                let message = "this note has two `#` headings; the first is its title";
                let diag = Diagnostic::warning("two-titles", file, second.span, message);
                diags.push(diag.hint("use `##` for the parts of a note"));
            }
            first.text.clone()
        }
        (None, _) => {
            let stem = match id.stem() {
                "index" | "_index" => id.section().rsplit('/').next().unwrap_or_default(),
                stem => stem,
            };
            let name = pretty_name(stem);
            if is_broken(diags) {
                return name;
            }
            let message = format!("this note has no title; its page is called “{name}”");
            let hint = "begin it with `# Title`, or set `title` in its front matter";
            diags.push(Diagnostic::warning("no-title", file, 0..0, message).hint(hint));
            name
        }
    };
    if title.contains(path::is_bidi_control) && front.title.is_none() {
        let message = "the title holds an invisible character that turns the writing direction";
        let span =
            body.headings.iter().find(|it| it.is_title).map(|it| it.span).unwrap_or_default();
        diags.push(
            Diagnostic::error("bidi", file, span, message).hint("remove the invisible character"),
        );
    }
    let mut open: Vec<u8> = vec![];
    let mut last: Option<u8> = None;
    for heading in &mut body.headings {
        let last = last.replace(heading.level);
        if heading.is_title {
            continue;
        }
        while open.last().is_some_and(|level| *level >= heading.level) {
            open.pop();
        }
        if last.is_some_and(|last| heading.level > last + 1) {
            let last = last.unwrap_or_default();
            let message = format!("the headings jump from level {last} to {}", heading.level);
            let diag = Diagnostic::warning("heading-jump", file, heading.span, message);
            diags.push(diag.hint(format!("use {} here", "#".repeat(usize::from(last) + 1))));
        }
        open.push(heading.level);
        heading.shown = u8::try_from(open.len() + 1).unwrap_or(6).min(6);
    }
    title
}

/// A name for people from the name of a file or a folder: `03-getting_started` is
/// "03 getting started".
pub fn pretty_name(stem: &str) -> String {
    let words = path::nfc(stem).replace(['-', '_'], " ");
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() { "notes".to_owned() } else { words }
}

/// What follows from an error need not be told beside it.
fn is_broken(diags: &[Diagnostic]) -> bool {
    diags.iter().any(Diagnostic::is_error)
}

fn odd_characters(file: &SrcPath, source: &str, start: usize, diags: &mut Vec<Diagnostic>) {
    let body = &source[start..];
    if let Some(at) = body.find('\0') {
        let message = "this note holds a NUL byte, which is shown as U+FFFD";
        let span = start + at..start + at + 1;
        diags.push(Diagnostic::warning("nul", file, span, message).hint("remove the byte"));
    }
    // All of them begin with this byte, which is rare enough to look for first.
    if body.as_bytes().windows(2).any(|pair| matches!(pair, [0xE2, 0x80 | 0x81]))
        && let Some((at, c)) = body.char_indices().find(|(_, c)| path::is_bidi_control(*c))
    {
        let message = format!(
            "this note holds U+{:04X}, which turns the writing direction of what follows",
            c as u32
        );
        let span = start + at..start + at + c.len_utf8();
        let hint = "remove the invisible character; in code it is shown as an escape";
        diags.push(Diagnostic::warning("bidi", file, span, message).hint(hint));
    }
}

/// Footnotes that no page shows: nothing refers to them, or another has their label.
fn unused_footnotes(file: &SrcPath, body: &Body, source: &str, diags: &mut Vec<Diagnostic>) {
    let of = |kind: Kind| body.events.iter().filter(move |event| event.kind == kind);
    let used: BTreeSet<&str> =
        of(Kind::FootnoteRef).map(|event| body.text(source, event)).collect();
    let mut defined: BTreeMap<&str, Span> = BTreeMap::new();
    for event in of(Kind::Open(Tag::Footnote)) {
        let label = body.text(source, event);
        let start = event.span.range().start;
        let line = source[event.span.range()].lines().next().unwrap_or_default().len();
        let span = Span::from(start..start + line);
        let told = |message| Diagnostic::warning("unused-footnote", file, span, message);
        if let Some(first) = defined.get(label) {
            let message = format!("the footnote `[^{label}]` is written twice; the first is shown");
            diags.push(told(message).related(file, *first, "the first"));
            continue;
        }
        defined.insert(label, span);
        if !used.contains(label) {
            let message =
                format!("nothing refers to the footnote `[^{label}]`, so it is not shown");
            diags.push(told(message).hint(format!("write `[^{label}]` where it belongs")));
        }
    }
}

fn not_utf8(file: &SrcPath, bytes: &[u8], at: usize) -> Diagnostic {
    let message = format!("byte {at} of this file is not UTF-8");
    let diag = Diagnostic::error("not-utf8", file, at..at + 1, message);
    if looks_like_euc_kr(bytes) {
        let name = file.as_str();
        diag.hint(format!(
            "it looks like EUC-KR; convert it: iconv -f CP949 -t UTF-8 {name} > new.md"
        ))
    } else {
        diag.hint("save the file as UTF-8")
    }
}

/// Most bytes beyond ASCII come in pairs of EUC-KR's ranges, and some of them are Hangul.
fn looks_like_euc_kr(bytes: &[u8]) -> bool {
    let (mut pairs, mut hangul, mut other) = (0, 0, 0);
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at..] {
            [0xB0..=0xC8, 0xA1..=0xFE, ..] => (hangul, at) = (hangul + 1, at + 2),
            [0xA1..=0xFE, 0xA1..=0xFE, ..] => (pairs, at) = (pairs + 1, at + 2),
            [0x80..=0xFF, ..] => (other, at) = (other + 1, at + 1),
            _ => at += 1,
        }
    }
    hangul > 0 && other * 10 <= pairs + hangul
}
