//! Footnotes: numbered in the order in which the text refers to them, and shown at its end.

use std::ops::Range;

use super::escape::escaped;
use super::{Part, Writer};
use crate::note::{Event, Kind, Tag};

/// The text of a footnote.
pub(super) struct Definition {
    /// Its events.
    inside: Range<usize>,
    /// Its place among the footnotes that were referred to.
    number: Option<usize>,
}

impl Writer<'_> {
    /// Remembers where the footnotes are, since they are shown at the end.
    pub(super) fn find_footnotes(&mut self) {
        let note = self.note;
        for (at, event) in note.body.events.iter().enumerate() {
            if event.kind == Kind::Open(Tag::Footnote) {
                let label = note.text(self.source, event);
                let inside = at + 1..self.after(at) - 1;
                self.definitions.entry(label).or_insert(Definition { inside, number: None });
            }
        }
    }

    pub(super) fn footnote_ref(&mut self, event: &Event) {
        let label = self.note.text(self.source, event);
        let Some(definition) = self.definitions.get_mut(label) else {
            let text = format!("[^{}]", escaped(label));
            self.out.push_str(&text);
            return;
        };
        let number = *definition.number.get_or_insert(self.footnotes.len());
        if number == self.footnotes.len() {
            self.footnotes.push((definition.inside.clone(), 0));
        }
        self.footnotes[number].1 += 1;
        let (number, time) = (number + 1, self.footnotes[number].1);
        let again = if time == 1 { String::new() } else { format!("-{time}") };
        let guest = self.guest();
        self.atom(&format!(
            "<sup class=\"footnote-ref\"><a href=\"#fn-{guest}{number}\" id=\"fnref-{guest}{number}{again}\">{number}</a></sup>"
        ));
    }

    /// What the ids of footnotes hold in an embed, so that no other of the page has them.
    fn guest(&self) -> String {
        match self.part {
            Part::Embed { place, .. } => format!("e{place}-"),
            Part::Whole | Part::Block(_) => String::new(),
        }
    }

    pub(super) fn footnotes(&mut self) {
        if self.footnotes.is_empty() {
            return;
        }
        let label = escaped(&self.style.words.footnotes);
        self.start("section", &format!(" class=\"footnotes\" aria-label=\"{label}\""));
        self.start("ol", "");
        self.out.push('\n');
        let guest = self.guest();
        let mut number = 0;
        // A footnote may refer to another, which then follows.
        while let Some((inside, _)) = self.footnotes.get(number).cloned() {
            number += 1;
            self.start("li", &format!(" id=\"fn-{guest}{number}\""));
            self.next_mention = self.mentions.partition_point(|it| it.event() < inside.start);
            self.events(inside);
            let back = escaped(&self.style.words.back);
            let times = self.footnotes[number - 1].1;
            for time in 1..=times {
                let again = if time == 1 { String::new() } else { format!("-{time}") };
                self.atom(&format!(
                    "<a class=\"backref\" href=\"#fnref-{guest}{number}{again}\" aria-label=\"{back} {number}{again}\">↩</a>"
                ));
            }
            self.end_line("li");
        }
        self.end("ol");
        self.end_line("section");
    }
}
