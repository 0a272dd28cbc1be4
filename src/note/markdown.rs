//! The body of a note: pulldown-cmark's events, made compact and taken from the source.

use std::ops::Range;

use pulldown_cmark::{
    Alignment, CodeBlockKind, CowStr, LinkType, Options, Parser, Tag as Md, TagEnd,
};

use super::event::{Align, Event, Kind, NONE, Tag};
use super::shadow::{self, Shadow};
use super::{Body, Dialect, Heading, Link, LinkKind, Named};
use crate::diag::{Diagnostic, Span};
use crate::path::{self, SrcPath};

/// Blocks may be nested this deep; deeper is an accident, and costs every reader of the page.
const MAX_DEPTH: usize = 100;
/// A table may have this many columns.
const MAX_COLUMNS: usize = 500;

/// Reads the body, which begins at byte `start` of `source`.
pub(super) fn read(
    file: &SrcPath,
    source: &str,
    start: usize,
    dialect: Dialect,
) -> (Body, Vec<Diagnostic>) {
    let text = &source[start..];
    let shadow = match dialect {
        Dialect::Notes | Dialect::Math => shadow::cast(text),
        Dialect::CommonMark => Shadow { text: text.into(), comments: vec![] },
    };
    let mut reader = Reader {
        file,
        source,
        base: start,
        shadow: &shadow.text,
        comments: &shadow.comments,
        body: Body::default(),
        diags: vec![],
        open: vec![],
        too_deep: false,
        footnotes: 0,
    };
    for (event, range) in Parser::new_ext(&shadow.text, options(dialect)).into_offset_iter() {
        reader.event(event, range);
    }
    let comment = |it: &Range<usize>| Span::from(start + it.start..start + it.end);
    reader.body.comments = shadow.comments.iter().map(comment).collect();
    (reader.body, reader.diags)
}

fn options(dialect: Dialect) -> Options {
    let notes = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_WIKILINKS
        | Options::ENABLE_DEFINITION_LIST;
    match dialect {
        Dialect::CommonMark => Options::empty(),
        Dialect::Notes => notes,
        Dialect::Math => notes | Options::ENABLE_MATH,
    }
}

struct Reader<'a> {
    file: &'a SrcPath,
    source: &'a str,
    base: usize,
    shadow: &'a str,
    comments: &'a [Range<usize>],
    body: Body,
    diags: Vec<Diagnostic>,
    /// The payloads of what is open, and whether it is shown (a `~` that is only a tilde is not).
    open: Vec<(u32, bool)>,
    too_deep: bool,
    /// How many footnotes are open.
    footnotes: usize,
}

impl Reader<'_> {
    fn event(&mut self, event: pulldown_cmark::Event<'_>, range: Range<usize>) {
        use pulldown_cmark::Event as E;
        match event {
            E::Start(tag) => self.start(tag, range),
            E::End(tag) => self.end(tag, range),
            E::Text(text) => self.uncommented(Kind::Text, &text, range),
            E::Code(code) => self.code(&code, range),
            E::Html(html) | E::InlineHtml(html) => {
                self.body.has_html = true;
                self.uncommented(Kind::Html, &html, range);
            }
            E::SoftBreak => self.push(Kind::SoftBreak, NONE, range),
            E::HardBreak => self.push(Kind::HardBreak, NONE, range),
            E::Rule => self.push(Kind::Rule, NONE, range),
            E::TaskListMarker(done) => self.push(Kind::Task(done), NONE, range),
            E::FootnoteReference(label) => {
                let label = self.string(&label, &range);
                self.push(Kind::FootnoteRef, label, range);
            }
            E::InlineMath(tex) => self.math(false, &tex, range),
            E::DisplayMath(tex) => self.math(true, &tex, range),
        }
    }

    fn start(&mut self, tag: Md<'_>, range: Range<usize>) {
        if let Md::Strikethrough = tag
            && !self.shadow[range.clone()].starts_with("~~")
        {
            // `1~5분, 3~5시간`: in Korean a single tilde is "to".
            self.open.push((NONE, false));
            self.push(Kind::Text, NONE, range.start..range.start + 1);
            return;
        }
        let (tag, payload) = self.tag(tag, &range);
        self.open.push((payload, true));
        if self.open.len() > MAX_DEPTH && !self.too_deep {
            self.too_deep = true;
            let message = format!("this is nested more than {MAX_DEPTH} levels deep");
            self.error("too-deep", range.start..range.start + 1, &message, "use fewer levels");
        }
        self.push(Kind::Open(tag), payload, range);
    }

    fn end(&mut self, tag: TagEnd, range: Range<usize>) {
        let (payload, shown) = self.open.pop().unwrap_or((NONE, true));
        if !shown {
            self.push(Kind::Text, NONE, range.end - 1..range.end);
            return;
        }
        let tag = match tag {
            TagEnd::Heading(_) if payload == NONE => Tag::Paragraph,
            TagEnd::Heading(_) => Tag::Heading,
            TagEnd::BlockQuote(_) => Tag::Quote,
            TagEnd::CodeBlock => Tag::CodeBlock,
            TagEnd::HtmlBlock => Tag::HtmlBlock,
            TagEnd::List(_) => Tag::List,
            TagEnd::Item => Tag::Item,
            TagEnd::FootnoteDefinition => {
                self.footnotes -= 1;
                Tag::Footnote
            }
            TagEnd::DefinitionList => Tag::Definitions,
            TagEnd::DefinitionListTitle => Tag::DefinitionTerm,
            TagEnd::DefinitionListDefinition => Tag::Definition,
            TagEnd::Table => Tag::Table,
            TagEnd::TableHead => Tag::TableHead,
            TagEnd::TableRow => Tag::TableRow,
            TagEnd::TableCell => Tag::TableCell,
            TagEnd::Emphasis => Tag::Emphasis,
            TagEnd::Strong => Tag::Strong,
            TagEnd::Strikethrough => Tag::Strike,
            TagEnd::Link => Tag::Link,
            TagEnd::Image => Tag::Image,
            // The others belong to options that are never on.
            _ => Tag::Paragraph,
        };
        self.push(Kind::Close(tag), payload, range);
    }

    fn tag(&mut self, tag: Md<'_>, range: &Range<usize>) -> (Tag, u32) {
        match tag {
            // A footnote is shown elsewhere, or not at all: it cannot be a part of the note.
            Md::Heading { .. } if self.footnotes > 0 => (Tag::Paragraph, NONE),
            Md::Heading { level, id, classes, attrs } => {
                let heading = self.heading(level as u8, id, &classes, &attrs, range);
                (Tag::Heading, push_index(&mut self.body.headings, heading))
            }
            Md::BlockQuote(_) => (Tag::Quote, NONE),
            Md::CodeBlock(CodeBlockKind::Fenced(info)) => {
                self.unclosed_fence(range);
                let info = if info.is_empty() { NONE } else { self.string(&info, range) };
                (Tag::CodeBlock, info)
            }
            Md::CodeBlock(CodeBlockKind::Indented) => (Tag::CodeBlock, NONE),
            Md::HtmlBlock => (Tag::HtmlBlock, NONE),
            Md::List(start) => {
                (Tag::List, start.map_or(NONE, |n| u32::try_from(n).unwrap_or(1).min(NONE - 1)))
            }
            Md::Item => (Tag::Item, NONE),
            Md::FootnoteDefinition(label) => {
                self.footnotes += 1;
                (Tag::Footnote, self.string(&label, range))
            }
            Md::DefinitionList => (Tag::Definitions, NONE),
            Md::DefinitionListTitle => (Tag::DefinitionTerm, NONE),
            Md::DefinitionListDefinition => (Tag::Definition, NONE),
            Md::Table(columns) => (Tag::Table, self.table(&columns, range)),
            Md::TableHead => (Tag::TableHead, NONE),
            Md::TableRow => (Tag::TableRow, NONE),
            Md::TableCell => (Tag::TableCell, NONE),
            Md::Emphasis => (Tag::Emphasis, NONE),
            Md::Strong => (Tag::Strong, NONE),
            Md::Strikethrough => (Tag::Strike, NONE),
            Md::Link { link_type, dest_url, title, .. } => {
                (Tag::Link, self.link(link_type, &dest_url, &title, false, range))
            }
            Md::Image { link_type, dest_url, title, .. } => {
                (Tag::Image, self.link(link_type, &dest_url, &title, true, range))
            }
            // The others belong to options that are never on.
            _ => (Tag::Paragraph, NONE),
        }
    }

    fn heading(
        &mut self,
        level: u8,
        id: Option<CowStr<'_>>,
        classes: &[CowStr<'_>],
        attrs: &[(CowStr<'_>, Option<CowStr<'_>>)],
        range: &Range<usize>,
    ) -> Heading {
        let name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
        let plain = |text: &str| !text.is_empty() && text.chars().all(name);
        let line = range.start..range.start + self.shadow[range.clone()].trim_end().len();
        let mut dropped: Vec<&str> = attrs.iter().map(|(key, _)| &**key).collect();
        dropped.extend(classes.iter().map(|class| &**class).filter(|class| !plain(class)));
        let id = id.map(|id| path::nfc(&id));
        dropped.extend(id.as_deref().filter(|id| !plain(id)));
        if !dropped.is_empty() {
            let list = dropped.join("`, `");
            let message = format!("a heading takes only an id and classes; dropped: `{list}`");
            self.warning("heading-attribute", line, &message, "write `{#id .class}`");
        }
        Heading {
            level,
            own_id: id.as_deref().is_some_and(plain),
            id: id.filter(|id| plain(id)).unwrap_or_default(),
            classes: classes
                .iter()
                .filter(|class| plain(class))
                .map(|class| class.to_string())
                .collect(),
            ..Heading::default()
        }
    }

    fn unclosed_fence(&mut self, range: &Range<usize>) {
        let block = self.shadow[range.clone()].trim_end_matches(['\n', '\r']);
        let mark = block.chars().next().unwrap_or('`');
        let run = block.chars().take_while(|c| *c == mark).count();
        let last = block.rsplit(['\n', '\r']).next().unwrap_or_default();
        let last = last.trim_matches([' ', '\t', '>']);
        let closed =
            block.len() > last.len() + run && last.len() >= run && last.chars().all(|c| c == mark);
        if !closed {
            let first = block.split(['\n', '\r']).next().unwrap_or_default().len();
            let hint = format!("end it with a line that is just {}", mark.to_string().repeat(run));
            let span = range.start..range.start + first;
            self.warning("unclosed-code", span, "this block of code is never closed", &hint);
        }
    }

    fn table(&mut self, columns: &[Alignment], range: &Range<usize>) -> u32 {
        if columns.len() > MAX_COLUMNS {
            let message =
                format!("this table has {} columns, more than {MAX_COLUMNS}", columns.len());
            let hint = "turn it on its side, or make several tables";
            self.error("too-wide", range.start..range.start + 1, &message, hint);
        }
        let columns = columns.iter().map(|column| match column {
            Alignment::None => Align::None,
            Alignment::Left => Align::Left,
            Alignment::Center => Align::Center,
            Alignment::Right => Align::Right,
        });
        push_index(&mut self.body.tables, columns.collect())
    }

    fn link(
        &mut self,
        kind: LinkType,
        dest: &CowStr<'_>,
        title: &CowStr<'_>,
        image: bool,
        range: &Range<usize>,
    ) -> u32 {
        let kind = match kind {
            LinkType::WikiLink { .. } => LinkKind::Wiki,
            LinkType::Email => LinkKind::Email,
            LinkType::Autolink => LinkKind::Auto,
            _ => LinkKind::Inline,
        };
        let mut dest = self.true_text(dest, range);
        if kind == LinkKind::Wiki {
            // In a table the bar of `[[Lambda\|람다]]` is escaped.
            dest = dest.trim_end_matches('\\').trim().to_owned();
        }
        let title = self.true_text(title, range);
        let span = (self.base + range.start..self.base + range.end).into();
        push_index(&mut self.body.links, Link { kind, image, dest, title, span })
    }

    /// Adds what the comments leave of it.
    fn uncommented(&mut self, kind: Kind, text: &CowStr<'_>, range: Range<usize>) {
        // They are in order, and there may be many.
        let first = self.comments.partition_point(|it| it.end <= range.start);
        let within = self.comments[first..].partition_point(|it| it.start < range.end);
        let comments = &self.comments[first..first + within];
        if comments.is_empty() {
            self.source_or_string(kind, text, range);
            return;
        }
        // What stands between the comments.
        let mut at = range.start;
        for comment in comments {
            if at < comment.start {
                self.push(kind, NONE, at..comment.start);
            }
            at = comment.end;
        }
        if at < range.end {
            self.push(kind, NONE, at..range.end);
        }
    }

    fn math(&mut self, display: bool, tex: &CowStr<'_>, range: Range<usize>) {
        let dollars = if display { 2 } else { 1 };
        let inner = range.start + dollars..range.end.saturating_sub(dollars);
        if self.shadow.get(inner.clone()) == Some(&**tex) {
            self.push(Kind::Math(display), NONE, inner);
        } else {
            let tex = self.string(tex, &range);
            self.push(Kind::Math(display), tex, range);
        }
    }

    fn code(&mut self, code: &CowStr<'_>, range: Range<usize>) {
        let ticked = &self.shadow[range.clone()];
        let ticks = ticked.len() - ticked.trim_start_matches('`').len();
        let inner = range.start + ticks..range.end.saturating_sub(ticks).max(range.start + ticks);
        let padded = inner.start + 1..inner.end.saturating_sub(1).max(inner.start + 1);
        for span in [inner, padded] {
            if self.shadow.get(span.clone()) == Some(&**code) {
                self.push(Kind::Code, NONE, span);
                return;
            }
        }
        self.source_or_string(Kind::Code, code, range);
    }

    /// Text that is the source itself needs no string of its own.
    fn source_or_string(&mut self, kind: Kind, text: &CowStr<'_>, range: Range<usize>) {
        if self.shadow.get(range.clone()) == Some(&**text) {
            self.push(kind, NONE, range);
        } else {
            let string = self.string(text, &range);
            self.push(kind, string, range);
        }
    }

    fn string(&mut self, text: &CowStr<'_>, range: &Range<usize>) -> u32 {
        let text = self.true_text(text, range);
        push_index(&mut self.body.strings, text.into())
    }

    /// The text with the letters of the source where the shadow had stand-ins.
    fn true_text(&self, text: &CowStr<'_>, range: &Range<usize>) -> String {
        if !text.contains('\u{1680}') {
            return text.to_string();
        }
        let (shadow, source) =
            (&self.shadow[range.clone()], &self.source[self.base..][range.clone()]);
        match shadow.rfind(&**text) {
            Some(at) => source[at..at + text.len()].to_owned(),
            None => shadow::restore(text, shadow, source),
        }
    }

    fn push(&mut self, kind: Kind, payload: u32, range: Range<usize>) {
        let span = Span::from(self.base + range.start..self.base + range.end);
        let joins = matches!(kind, Kind::Text | Kind::Html) && payload == NONE;
        if let Some(last) = self.body.events.last_mut().filter(|last| {
            joins && last.kind == kind && last.payload == NONE && last.span.end == span.start
        }) {
            last.span.end = span.end;
            return;
        }
        self.body.events.push(Event { kind, payload, span });
    }

    fn error(&mut self, code: &'static str, range: Range<usize>, message: &str, hint: &str) {
        let span = self.base + range.start..self.base + range.end;
        self.diags.push(Diagnostic::error(code, self.file, span, message).hint(hint));
    }

    fn warning(&mut self, code: &'static str, range: Range<usize>, message: &str, hint: &str) {
        let span = self.base + range.start..self.base + range.end;
        self.diags.push(Diagnostic::warning(code, self.file, span, message).hint(hint));
    }
}

/// Adds to a list, and returns where it is.
pub(super) fn push_index<T>(list: &mut Vec<T>, value: T) -> u32 {
    list.push(value);
    u32::try_from(list.len() - 1).unwrap_or(NONE)
}

/// The kind of an alert by the word in its brackets. GitHub has five; Obsidian's many fall on
/// those, and an unknown one is a note.
pub(super) fn alert_kind(word: &str) -> Named {
    match word.to_lowercase().as_str() {
        "tip" | "hint" | "success" | "check" | "done" => Named::Tip,
        "important" | "abstract" | "summary" | "tldr" => Named::Important,
        "warning" | "attention" | "question" | "help" | "faq" => Named::Warning,
        "caution" | "danger" | "error" | "failure" | "fail" | "missing" | "bug" => Named::Caution,
        _ => Named::Note,
    }
}
