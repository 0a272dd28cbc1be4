//! Alerts, lists and tables: the blocks whose tags depend on what is in them or around them.

use super::Writer;
use super::escape::escaped;
use crate::note::{Align, Event, Fold, Kind, NONE, Named, Tag};

/// A table that is open.
pub(super) struct Table {
    /// Its columns, as an index into those of the note.
    columns: usize,
    /// The number of the next cell in its row.
    cell: usize,
    /// True while its head is written.
    pub(super) in_head: bool,
    /// The tag of the open cell.
    pub(super) tag: &'static str,
}

impl Table {
    pub(super) fn new(columns: usize) -> Self {
        Self { columns, cell: 0, in_head: false, tag: "td" }
    }
}

impl Writer<'_> {
    pub(super) fn open_alert(&mut self, event: &Event, at: usize) {
        let alert = self.note.body.alerts[event.payload as usize];
        let (name, number) = match alert.kind {
            Named::Note => ("note", 0),
            Named::Tip => ("tip", 1),
            Named::Important => ("important", 2),
            Named::Warning => ("warning", 3),
            Named::Caution => ("caution", 4),
        };
        let (tag, title_tag) = self.alert_tags(event);
        let open = if alert.fold == Fold::Open { " open" } else { "" };
        let id = self.id(at);
        self.start(tag, &format!(" class=\"alert alert-{name}\"{open}{id}"));
        let own_title = self.note.body.events.get(at + 1).map(|it| it.kind);
        if own_title != Some(Kind::Open(Tag::AlertTitle)) {
            self.start(title_tag, " class=\"alert-title\"");
            let title = escaped(&self.style.words.alerts[number]);
            self.out.push_str(&title);
            self.end_line(title_tag);
        }
    }

    /// The tags of an alert and of its title.
    pub(super) fn alert_tags(&self, event: &Event) -> (&'static str, &'static str) {
        match self.note.body.alerts[event.payload as usize].fold {
            Fold::None => ("div", "p"),
            Fold::Open | Fold::Closed => ("details", "summary"),
        }
    }

    pub(super) fn open_list(&mut self, event: &Event, at: usize) {
        let tasks = self.is_task(at + 1);
        let mut attributes = self.id(at);
        if tasks {
            attributes.push_str(" class=\"tasks\"");
        }
        match event.payload {
            NONE => self.start("ul", &attributes),
            1 => self.start("ol", &attributes),
            first => self.start("ol", &format!("{attributes} start=\"{first}\"")),
        }
        self.out.push('\n');
    }

    pub(super) fn is_task(&self, item: usize) -> bool {
        let kind = |at: usize| self.note.body.events.get(at).map(|event| event.kind);
        match kind(item + 1) {
            Some(Kind::Task(_)) => true,
            Some(Kind::Open(Tag::Paragraph)) => matches!(kind(item + 2), Some(Kind::Task(_))),
            _ => false,
        }
    }

    pub(super) fn open_row(&mut self, head: bool) {
        if let Some(table) = self.tables.last_mut() {
            (table.cell, table.in_head) = (0, head);
        }
        if head {
            self.start("thead", "");
        }
        self.start("tr", "");
    }

    pub(super) fn open_cell(&mut self, at: usize) {
        let Some(table) = self.tables.last_mut() else { return };
        let columns = self.note.body.tables.get(table.columns);
        let align = columns.and_then(|columns| columns.get(table.cell));
        table.cell += 1;
        // The corner of a table is the head of nothing.
        let next = self.note.body.events.get(at + 1).map(|event| event.kind);
        let is_head =
            table.in_head && (self.style.plain || next != Some(Kind::Close(Tag::TableCell)));
        let tag = if is_head { "th" } else { "td" };
        table.tag = tag;
        let class = match align {
            Some(Align::Left) => " class=\"left\"",
            Some(Align::Center) => " class=\"center\"",
            Some(Align::Right) => " class=\"right\"",
            _ => "",
        };
        self.start(tag, class);
    }
}
