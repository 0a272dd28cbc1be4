//! What a section comes to on one sheet: each lesson with its summary, its services and its key
//! facts, which are what the author made bold. The terminal, the printed page and the pipe show
//! this same value.

use serde::Serialize;

use super::{LinkedNote, Section, Site};
use crate::note::{Kind, Tag};

/// The sheet of a section or of the whole course.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// What it is a summary of.
    pub title: String,
    /// The sections, in order.
    pub sections: Vec<SectionSummary>,
}

/// One section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SectionSummary {
    /// Its title.
    pub title: String,
    /// The line on what it is about; may be empty.
    pub summary: String,
    /// Its lessons; one that has nothing to say is left out.
    pub lessons: Vec<LessonSummary>,
}

/// One lesson.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LessonSummary {
    /// Its title.
    pub title: String,
    /// The line on what it is about; may be empty.
    pub summary: String,
    /// The services that it defines, in order.
    pub services: Vec<Service>,
    /// The author's bold, in order, each once.
    pub facts: Vec<String>,
}

/// The names of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Service {
    /// The short one.
    pub name: String,
    /// The long one; may be empty.
    pub full: String,
}

impl Site {
    /// The summary of the whole course.
    pub fn summary(&self) -> Summary {
        let sections = self.sections.iter().map(|section| self.section_summary(section)).collect();
        Summary { title: self.title().to_owned(), sections }
    }

    /// The summary of one section.
    pub fn summary_of(&self, section: &Section) -> Summary {
        let sections = vec![self.section_summary(section)];
        Summary { title: section.title.clone(), sections }
    }

    fn section_summary(&self, section: &Section) -> SectionSummary {
        let index = section.index.map(|at| &self.notes[at]);
        let summary = index.map(|it| it.note().front.summary.clone()).unwrap_or_default();
        let opening = index
            .map(|it| self.lesson(it))
            .map(|it| LessonSummary { summary: String::new(), ..it });
        let lessons = section.lessons.iter().map(|at| self.lesson(&self.notes[*at]));
        let lessons = opening.into_iter().chain(lessons).filter(|it| !it.is_empty()).collect();
        SectionSummary { title: section.title.clone(), summary, lessons }
    }

    fn lesson(&self, linked: &LinkedNote) -> LessonSummary {
        let service = |term: &usize| {
            let term = &self.catalog.terms[*term];
            Service { name: term.name.clone(), full: term.full.clone() }
        };
        let note = linked.note();
        LessonSummary {
            title: note.title.clone(),
            summary: note.front.summary.clone(),
            services: linked.defines.iter().map(service).collect(),
            facts: facts(linked),
        }
    }
}

impl LessonSummary {
    fn is_empty(&self) -> bool {
        self.summary.is_empty() && self.services.is_empty() && self.facts.is_empty()
    }
}

/// The text of each strong passage outside of headings. A paragraph that is nothing but bold acts
/// as a heading, and is none of the facts.
fn facts(linked: &LinkedNote) -> Vec<String> {
    let note = linked.note();
    let (source, events) = (note.source(), &note.body.events);
    let mut facts: Vec<String> = vec![];
    let mut in_heading = false;
    for (at, event) in events.iter().enumerate() {
        match event.kind {
            Kind::Open(Tag::Heading) => in_heading = true,
            Kind::Close(Tag::Heading) => in_heading = false,
            Kind::Open(Tag::Strong) if !in_heading && !is_bold_line(note, at) => {
                let fact = note.body.plain(source, at);
                let fact = fact.split_whitespace().collect::<Vec<_>>().join(" ");
                if !fact.is_empty() && !facts.contains(&fact) {
                    facts.push(fact);
                }
            }
            _ => {}
        }
    }
    facts
}

/// True if the strong passage that opens at an event is all that its paragraph holds.
fn is_bold_line(note: &crate::note::Note, at: usize) -> bool {
    let events = &note.body.events;
    let before = at.checked_sub(1).map(|at| events[at].kind);
    let own = before == Some(Kind::Open(Tag::Paragraph));
    let loose = at.checked_sub(2).map(|at| events[at].kind) == Some(Kind::Open(Tag::Item));
    let close = events[at..].iter().position(|event| event.kind == Kind::Close(Tag::Strong));
    let after = close.and_then(|length| events.get(at + length + 1)).map(|event| event.kind);
    own && !loose && after == Some(Kind::Close(Tag::Paragraph))
}
