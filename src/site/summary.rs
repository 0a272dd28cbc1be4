//! What a section comes to on one sheet: each lesson with its summary, its services and its key
//! facts, which are the lines with something bold in them. The terminal, the printed page and the pipe
//! show this same value; the sheet with gaps leaves out what is bold.

use std::borrow::Cow;

use serde::Serialize;

use super::{LinkedNote, Section, Site};
use crate::note::{Kind, Note, Tag};

/// The sheet of a section or of the whole course.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Summary<'a> {
    /// What it is a summary of.
    pub title: String,
    /// The sections, in order.
    pub sections: Vec<SectionSummary<'a>>,
}

/// One section.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct SectionSummary<'a> {
    /// Its title.
    pub title: String,
    /// The line on what it is about; may be empty.
    pub summary: String,
    /// Its lessons; one that has nothing to say is left out.
    pub lessons: Vec<LessonSummary<'a>>,
}

/// One lesson.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct LessonSummary<'a> {
    /// Its title.
    pub title: String,
    /// The line on what it is about; may be empty.
    pub summary: String,
    /// The services that it defines, in order.
    pub services: Vec<Service>,
    /// Its key facts, under the headings that they stand under.
    pub groups: Vec<Group<'a>>,
}

/// The key facts under one heading.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Group<'a> {
    /// The heading; empty before the first.
    pub heading: &'a str,
    /// The lines, in order, each once.
    pub facts: Vec<Fact<'a>>,
}

/// A line of which something is bold.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Fact<'a> {
    /// The line in pieces.
    pub pieces: Vec<Piece<'a>>,
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Piece<'a> {
    /// Its text.
    pub text: Cow<'a, str>,
    /// If it is bold, its number on the sheet, from 1.
    pub number: Option<usize>,
}

impl Fact<'_> {
    /// The line as text.
    pub fn text(&self) -> String {
        self.pieces.iter().map(|it| &*it.text).collect()
    }
}

/// The names of a service.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Service {
    /// The short one.
    pub name: String,
    /// The long one; may be empty.
    pub full: String,
}

impl Site {
    /// The summary of the whole course.
    pub fn summary(&self) -> Summary<'_> {
        let sections = self.sections.iter().map(|section| self.section_summary(section)).collect();
        numbered(Summary { title: self.title().to_owned(), sections })
    }

    /// The summary of one section.
    pub fn summary_of(&self, section: &Section) -> Summary<'_> {
        let sections = vec![self.section_summary(section)];
        numbered(Summary { title: section.title.clone(), sections })
    }

    fn section_summary(&self, section: &Section) -> SectionSummary<'_> {
        let index = section.index.map(|at| &self.notes[at]);
        let summary = index.map(|it| it.note().front.summary.clone()).unwrap_or_default();
        let opening = index
            .map(|it| self.lesson(it))
            .map(|it| LessonSummary { summary: String::new(), ..it });
        let lessons = section.lessons.iter().map(|at| self.lesson(&self.notes[*at]));
        let lessons = opening.into_iter().chain(lessons).filter(|it| !it.is_empty()).collect();
        SectionSummary { title: section.title.clone(), summary, lessons }
    }

    fn lesson<'a>(&self, linked: &'a LinkedNote) -> LessonSummary<'a> {
        let service = |term: &usize| {
            let term = &self.catalog.terms[*term];
            Service { name: term.name.clone(), full: term.full.clone() }
        };
        let note = linked.note();
        LessonSummary {
            title: note.title.clone(),
            summary: note.front.summary.clone(),
            services: linked.defines.iter().map(service).collect(),
            groups: groups(linked.note()),
        }
    }
}

impl LessonSummary<'_> {
    fn is_empty(&self) -> bool {
        self.summary.is_empty() && self.services.is_empty() && self.groups.is_empty()
    }
}

/// Gives each bold piece of a sheet its number.
fn numbered(mut summary: Summary<'_>) -> Summary<'_> {
    let lessons = summary.sections.iter_mut().flat_map(|section| &mut section.lessons);
    let facts = lessons.flat_map(|lesson| &mut lesson.groups).flat_map(|group| &mut group.facts);
    let bold = facts.flat_map(|fact| &mut fact.pieces).filter_map(|piece| piece.number.as_mut());
    for (at, number) in bold.enumerate() {
        *number = at + 1;
    }
    summary
}

/// The lines of a note that have something bold in them: paragraphs, items, rows of tables. A
/// paragraph that is nothing but bold acts as a heading, and is none.
fn groups(note: &Note) -> Vec<Group<'_>> {
    let (source, events) = (note.source(), &note.body.events);
    let mut lines = Lines::default();
    lines.begin("");
    let mut strong = 0_usize;
    let mut hidden = 0_usize;
    for (at, event) in events.iter().enumerate() {
        match event.kind {
            Kind::Open(Tag::Heading) => {
                lines.end();
                let heading = &note.body.headings[event.payload as usize];
                lines.begin(if heading.is_title { "" } else { &heading.text });
                hidden += 1;
            }
            Kind::Open(Tag::CodeBlock | Tag::HtmlBlock) => hidden += 1,
            Kind::Close(Tag::Heading | Tag::CodeBlock | Tag::HtmlBlock) => hidden -= 1,
            Kind::Open(Tag::Strong) if hidden == 0 && !is_bold_line(note, at) => {
                strong += 1;
                lines.line.push(Piece { text: Cow::Borrowed(""), number: Some(0) });
            }
            Kind::Close(Tag::Strong) if strong > 0 => {
                strong -= 1;
                lines.line.push(Piece { text: Cow::Borrowed(""), number: None });
            }
            // The cells of a row stand on one line.
            Kind::Open(Tag::TableCell) if !lines.line.is_empty() => lines.say(" · ".into()),
            Kind::Open(Tag::TableCell) | Kind::Close(Tag::TableCell) => {}
            Kind::Open(tag) | Kind::Close(tag) if !tag.is_inline() => lines.end(),
            Kind::Text | Kind::Code | Kind::Math(_) if hidden == 0 => {
                let text = note.text(source, event);
                match text.as_bytes().contains(&0) {
                    true => lines.say(text.replace('\0', "\u{FFFD}").into()),
                    false => lines.say(text.into()),
                }
            }
            Kind::SoftBreak | Kind::HardBreak if hidden == 0 => lines.say(" ".into()),
            _ => {}
        }
    }
    lines.end();
    lines.groups.retain(|group| !group.facts.is_empty());
    lines.groups
}

/// Lines in the making.
#[derive(Default)]
struct Lines<'a> {
    groups: Vec<Group<'a>>,
    line: Vec<Piece<'a>>,
    /// What the lines of the last group come to, in their order.
    seen: Vec<u64>,
}

impl<'a> Lines<'a> {
    /// A heading begins a group.
    fn begin(&mut self, heading: &'a str) {
        self.groups.push(Group { heading, facts: vec![] });
        self.seen.clear();
    }

    /// The line goes on.
    fn say(&mut self, text: Cow<'a, str>) {
        match self.line.last_mut() {
            Some(piece) if piece.text.is_empty() => piece.text = text,
            Some(piece) => piece.text.to_mut().push_str(&text),
            None => self.line.push(Piece { text, number: None }),
        }
    }

    /// The line is over: it is a fact if something of it is bold.
    fn end(&mut self) {
        let mut pieces = std::mem::take(&mut self.line);
        pieces.retain(|piece| !piece.text.is_empty());
        if pieces.iter().all(|piece| piece.number.is_none()) {
            return;
        }
        if let Some(first) = pieces.first_mut() {
            trim(&mut first.text, str::trim_start);
        }
        if let Some(last) = pieces.last_mut() {
            trim(&mut last.text, str::trim_end);
        }
        let fact = Fact { pieces };
        // Byte by byte: the same text may be in other pieces.
        let bytes = fact.pieces.iter().flat_map(|piece| piece.text.bytes());
        let sum = bytes.fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        let Some(group) = self.groups.last_mut() else { return };
        let mut alike = group.facts.iter().zip(&self.seen).filter(|it| *it.1 == sum);
        if !alike.any(|(other, _)| other.text() == fact.text()) {
            self.seen.push(sum);
            group.facts.push(fact);
        }
    }
}

fn trim(text: &mut Cow<'_, str>, by: fn(&str) -> &str) {
    match text {
        Cow::Borrowed(text) => *text = by(text),
        Cow::Owned(text) => *text = by(text).to_owned(),
    }
}

/// True if the strong passage that opens at an event is all that its paragraph holds.
fn is_bold_line(note: &Note, at: usize) -> bool {
    let events = &note.body.events;
    let before = at.checked_sub(1).map(|at| events[at].kind);
    let own = before == Some(Kind::Open(Tag::Paragraph));
    let loose = at.checked_sub(2).map(|at| events[at].kind) == Some(Kind::Open(Tag::Item));
    let close = events[at..].iter().position(|event| event.kind == Kind::Close(Tag::Strong));
    let after = close.and_then(|length| events.get(at + length + 1)).map(|event| event.kind);
    own && !loose && after == Some(Kind::Close(Tag::Paragraph))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_told_once_whatever_of_it_is_bold() {
        let piece =
            |text: &'static str, bold: bool| Piece { text: text.into(), number: bold.then_some(0) };
        let mut lines = Lines::default();
        lines.begin("");
        for line in [
            vec![piece("x ", false), piece("A", true), piece(" is b", false)],
            vec![piece("x A is ", false), piece("b", true)],
            vec![piece("x A is ", false), piece("c", true)],
            vec![piece("plain", false)],
        ] {
            lines.line = line;
            lines.end();
        }
        let told: Vec<String> = lines.groups[0].facts.iter().map(Fact::text).collect();
        assert_eq!(told, ["x A is b", "x A is c"]);
    }
}
