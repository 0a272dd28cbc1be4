//! The events of a note become HTML. Every attribute is ours: nothing of the author's gets into a
//! tag but through the escapes here, or through the sanitizer.

mod blocks;
mod code;
mod escape;
mod footnotes;
mod highlight;
mod links;
mod math;
mod part;
mod raw;
mod sanitize;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

pub use escape::{escaped, text as escape_into, write as write_escaped};
pub use part::Part;

use crate::catalog::Catalog;
use crate::diag::Diagnostic;
use crate::note::{Event, Kind, NONE, Note, Tag};
use crate::path::OutPath;
use crate::site::{Mention, Mentions, Target};
use footnotes::Definition;
use sanitize::Guard;

/// How HTML is made, apart from the note itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Style {
    /// Raw HTML passes as it is.
    pub trust: bool,
    /// Only what CommonMark's own examples show: no anchors, classes, wrappers or colours.
    pub plain: bool,
    /// Code is coloured.
    pub colours: bool,
    /// The words that appear in the text, in the language of the site.
    pub words: Words,
}

/// The words that the renderer itself puts into a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Words {
    /// The titles of note, tip, important, warning and caution.
    pub alerts: [String; 5],
    /// The name of the footnotes.
    pub footnotes: String,
    /// "back to the text".
    pub back: String,
    /// The name of a table for who cannot see it.
    pub table: String,
    /// What a link that leads nowhere says when the pointer rests on it.
    pub missing: String,
    /// The name of the box of a task.
    pub task: String,
    /// What leads from the heading that defines a service `{x}` to its page.
    pub service_page: String,
}

/// What came out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Rendered {
    /// The HTML.
    pub html: String,
    /// What was lost on the way.
    pub diags: Vec<Diagnostic>,
}

/// What a note embeds by one of its links.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Embedded {
    /// The index of the link.
    pub link: usize,
    /// What is embedded is called so.
    pub title: String,
    /// The HTML.
    pub rendered: Arc<Rendered>,
}

/// The HTML of a note, or of a part, as it stands on `page`.
#[allow(clippy::too_many_arguments, reason = "each is another thing, and none holds another")]
pub fn render(
    note: &Note,
    part: Part,
    targets: &Arc<Vec<Target>>,
    mentions: &Arc<Mentions>,
    embedded: &Arc<Vec<Embedded>>,
    catalog: &Catalog,
    page: &OutPath,
    style: &Style,
) -> Arc<Rendered> {
    let (range, shift) = part.events(note);
    let guard = (note.body.has_html && !style.trust).then(|| Guard::new(note.hash));
    let source = note.source();
    // Thousands of small pieces of a large note may be embedded.
    let events = &note.body.events[range.clone()];
    let length = events.last().map_or(0, |it| it.span.end.saturating_sub(events[0].span.start));
    let mut writer = Writer {
        note,
        source,
        targets,
        mentions,
        embedded,
        catalog,
        page,
        style,
        part,
        shift,
        out: String::with_capacity(length as usize * 2),
        diags: vec![],
        guard,
        next_mention: 0,
        link_until: None,
        tables: vec![],
        footnotes: vec![],
        definitions: BTreeMap::new(),
    };
    writer.find_footnotes();
    writer.next_mention = mentions.partition_point(|it| it.event() < range.start);
    // An item that is shown alone is a list all the same.
    let is_item = events.first().is_some_and(|it| it.kind == Kind::Open(Tag::Item));
    if is_item {
        let class = if writer.is_task(range.start) { " class=\"tasks\"" } else { "" };
        writer.start("ul", class);
    }
    writer.events(range);
    if is_item {
        writer.end_line("ul");
    }
    writer.footnotes();
    let html = match writer.guard {
        Some(guard) => guard.clean(&writer.out),
        None => writer.out,
    };
    Arc::new(Rendered { html, diags: writer.diags })
}

struct Writer<'a> {
    note: &'a Note,
    source: &'a str,
    targets: &'a [Target],
    mentions: &'a [Mention],
    embedded: &'a [Embedded],
    catalog: &'a Catalog,
    page: &'a OutPath,
    style: &'a Style,
    part: Part,
    shift: i8,
    out: String,
    diags: Vec<Diagnostic>,
    guard: Option<Guard>,
    next_mention: usize,
    /// The byte at which the automatic link that is open ends.
    link_until: Option<u32>,
    /// The tables that are open.
    tables: Vec<blocks::Table>,
    /// The footnotes that were referred to, in order: their events, and the number of references.
    footnotes: Vec<(Range<usize>, usize)>,
    /// The footnotes of the note by their labels.
    definitions: BTreeMap<&'a str, Definition>,
}

impl<'a> Writer<'a> {
    fn events(&mut self, range: Range<usize>) {
        let mut at = range.start;
        while at < range.end {
            at = self.event(at);
        }
    }

    /// Writes one event, or all of a thing that is written at once; returns what comes next.
    fn event(&mut self, at: usize) -> usize {
        let note = self.note;
        let event = &note.body.events[at];
        match event.kind {
            Kind::Open(Tag::Heading) if self.heading(event).is_title => return self.after(at),
            Kind::Open(Tag::Footnote) => return self.after(at),
            Kind::Open(Tag::CodeBlock) => {
                let end = self.after(at);
                self.code_block(at, end);
                return end;
            }
            Kind::Open(Tag::Paragraph) if self.embeds(at) => return self.after(at),
            Kind::Open(Tag::Image) => {
                let end = self.after(at);
                if !self.embed(at) {
                    self.image(at);
                }
                return end;
            }
            Kind::Open(tag) => self.open(tag, event, at),
            Kind::Close(tag) => self.close(tag, event),
            Kind::Text => self.text(event, at),
            Kind::Code => {
                self.start("code", "");
                let text = note.text(self.source, event);
                escape::code(&mut self.out, text);
                self.end("code");
            }
            Kind::Math(display) => self.math(event, display),
            Kind::Html => self.raw(event),
            Kind::SoftBreak => self.out.push('\n'),
            Kind::HardBreak => self.out.push_str("<br>\n"),
            Kind::Rule => self.out.push_str("<hr>\n"),
            Kind::Task(done) => {
                let checked = if done { " checked" } else { "" };
                let label = escaped(&self.style.words.task);
                let label = format!("aria-label=\"{label}\"");
                self.atom(&format!("<input type=\"checkbox\" {label} disabled{checked}> "));
            }
            Kind::FootnoteRef => self.footnote_ref(event),
        }
        at + 1
    }

    fn open(&mut self, tag: Tag, event: &Event, at: usize) {
        match tag {
            Tag::Paragraph => self.start("p", &self.id(at)),
            Tag::Heading => self.open_heading(event),
            Tag::Quote => self.start("blockquote", &self.id(at)),
            Tag::Alert => self.open_alert(event, at),
            Tag::AlertTitle => {
                let tag = self.alert_tags(event).1;
                self.start(tag, " class=\"alert-title\"");
            }
            Tag::List => self.open_list(event, at),
            Tag::Item if self.is_task(at) => {
                self.start("li", &format!(" class=\"task\"{}", self.id(at)))
            }
            Tag::Item => self.start("li", &self.id(at)),
            Tag::Definitions => self.start("dl", ""),
            Tag::DefinitionTerm => self.start("dt", ""),
            Tag::Definition => self.start("dd", ""),
            Tag::Table => {
                if !self.style.plain {
                    let label = escaped(&self.style.words.table);
                    let id = self.id(at);
                    let attributes = format!(
                        " class=\"table\" tabindex=\"0\" role=\"group\" aria-label=\"{label}\"{id}"
                    );
                    self.start("div", &attributes);
                }
                self.start("table", "");
                self.tables.push(blocks::Table::new(event.payload as usize));
            }
            Tag::TableHead | Tag::TableRow => self.open_row(tag == Tag::TableHead),
            Tag::TableCell => self.open_cell(at),
            Tag::Emphasis => self.start("em", ""),
            Tag::Strong => self.start("strong", ""),
            Tag::Strike => self.start("del", ""),
            Tag::Mark => self.start("mark", ""),
            Tag::Link => self.open_link(event, at),
            Tag::HtmlBlock | Tag::CodeBlock | Tag::Image | Tag::Footnote => {}
        }
    }

    fn close(&mut self, tag: Tag, event: &Event) {
        match tag {
            Tag::Paragraph => self.end_line("p"),
            Tag::Heading => self.close_heading(event),
            Tag::Quote => self.end_line("blockquote"),
            Tag::Alert => {
                let tag = self.alert_tags(event).0;
                self.end_line(tag);
            }
            Tag::AlertTitle => {
                let tag = self.alert_tags(event).1;
                self.end_line(tag);
            }
            Tag::List => self.end_line(if event.payload == NONE { "ul" } else { "ol" }),
            Tag::Item => self.end_line("li"),
            Tag::Definitions => self.end_line("dl"),
            Tag::DefinitionTerm => self.end_line("dt"),
            Tag::Definition => self.end_line("dd"),
            Tag::Table => {
                if self.tables.pop().is_some_and(|table| !table.in_head) {
                    self.end("tbody");
                }
                self.end_line("table");
                if !self.style.plain {
                    self.end_line("div");
                }
            }
            Tag::TableHead => {
                self.end("tr");
                self.end("thead");
                self.start("tbody", "");
                self.out.push('\n');
            }
            Tag::TableRow => self.end_line("tr"),
            Tag::TableCell => {
                let tag = self.tables.last().map_or("td", |table| table.tag);
                self.end(tag);
            }
            Tag::Emphasis => self.end("em"),
            Tag::Strong => self.end("strong"),
            Tag::Strike => self.end("del"),
            Tag::Mark => self.end("mark"),
            Tag::Link => match self.targets.get(event.payload as usize) {
                Some(Target::Missing) => self.end("span"),
                _ => self.end("a"),
            },
            Tag::HtmlBlock | Tag::CodeBlock | Tag::Image | Tag::Footnote => {}
        }
    }

    fn heading(&self, event: &Event) -> &'a crate::note::Heading {
        &self.note.body.headings[event.payload as usize]
    }

    fn heading_tag(&self, event: &Event) -> &'static str {
        let heading = self.heading(event);
        let level = if self.style.plain { heading.level } else { self.level(heading.shown) };
        ["h1", "h2", "h3", "h4", "h5", "h6"][usize::from(level.clamp(1, 6)) - 1]
    }

    fn level(&self, shown: u8) -> u8 {
        let level = i8::try_from(shown).unwrap_or(6) - self.shift;
        u8::try_from(level).unwrap_or(2).clamp(2, 6)
    }

    /// True if this stands on a page that is not the note's own, whose ids it must not disturb.
    fn is_guest(&self) -> bool {
        self.part != Part::Whole
    }

    fn open_heading(&mut self, event: &Event) {
        let heading = self.heading(event);
        let tag = self.heading_tag(event);
        if self.style.plain {
            self.start(tag, "");
            return;
        }
        let mut attributes = match self.is_guest() {
            true => String::new(),
            false => format!(" id=\"{}\"", escaped(&heading.id)),
        };
        let mut classes: Vec<&str> = heading.classes.iter().map(String::as_str).collect();
        classes.extend(heading.is_bare.then_some("bare"));
        if !classes.is_empty() {
            attributes.push_str(&format!(" class=\"{}\"", escaped(&classes.join(" "))));
        }
        self.start(tag, &attributes);
    }

    fn close_heading(&mut self, event: &Event) {
        if !self.style.plain && !self.is_guest() {
            let link = self.page.link_to(self.page, Some(&self.heading(event).id));
            self.atom(&format!(
                "<a class=\"anchor\" href=\"{link}\" aria-hidden=\"true\" tabindex=\"-1\">#</a>"
            ));
            if self.part == Part::Whole {
                self.link_to_service(event.payload as usize);
            }
        }
        let tag = self.heading_tag(event);
        self.end_line(tag);
    }

    fn text(&mut self, event: &Event, index: usize) {
        let text = self.note.text(self.source, event);
        if event.payload != NONE || self.style.plain {
            let whole =
                self.mentions.get(self.next_mention).filter(|it| it.event() == index && it.link);
            let whole = whole.copied();
            if let Some(mention) = whole {
                self.next_mention += 1;
                self.open_mention(&mention);
                self.link_until = Some(mention.span.end);
            }
            escape::text(&mut self.out, text);
            if self.link_until.take_if(|until| *until <= event.span.end).is_some() {
                self.end("a");
            }
            return;
        }
        let mut at = event.span.start;
        loop {
            if let Some(until) = self.link_until {
                let end = until.min(event.span.end);
                escape::text(&mut self.out, &self.source[at as usize..end as usize]);
                at = end;
                if until > event.span.end {
                    return;
                }
                self.end("a");
                self.link_until = None;
            }
            let Some(mention) = self.mentions.get(self.next_mention).copied() else { break };
            if mention.event() > index {
                break;
            }
            self.next_mention += 1;
            if !mention.link || mention.event() < index || mention.span.start < at {
                continue;
            }
            escape::text(&mut self.out, &self.source[at as usize..mention.span.start as usize]);
            at = mention.span.start;
            self.open_mention(&mention);
            self.link_until = Some(mention.span.end);
        }
        escape::text(&mut self.out, &self.source[at as usize..event.span.end as usize]);
    }

    /// The index after the close of what opens at `at`.
    fn after(&self, at: usize) -> usize {
        self.note.body.after(at)
    }

    /// The id of what opens at `at`, as an attribute; empty if it has none.
    fn id(&self, at: usize) -> String {
        let blocks = &self.note.body.blocks;
        match blocks.binary_search_by_key(&at, |it| it.events.start) {
            Ok(block) if !self.is_guest() => format!(" id=\"{}\"", blocks[block].id),
            _ => String::new(),
        }
    }

    fn start(&mut self, tag: &str, attributes: &str) {
        match &mut self.guard {
            Some(guard) if !attributes.is_empty() => guard.open(&mut self.out, tag, attributes),
            _ => {
                self.out.push('<');
                self.out.push_str(tag);
                self.out.push_str(attributes);
                self.out.push('>');
            }
        }
    }

    fn end(&mut self, tag: &str) {
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push('>');
    }

    fn end_line(&mut self, tag: &str) {
        self.end(tag);
        self.out.push('\n');
    }

    fn atom(&mut self, html: &str) {
        match &mut self.guard {
            Some(guard) => guard.atom(&mut self.out, html),
            None => self.out.push_str(html),
        }
    }
}
