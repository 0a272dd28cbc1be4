//! Each note once more as Markdown, beside its page: what a program reads, or a person who wants the
//! text. Links lead to the Markdown of other notes; comments of the author's stay private.

use std::ops::Range;

use rayon::prelude::*;

use super::{Made, View};
use crate::note::{Kind, LinkKind, NONE, Note, Tag};
use crate::path::OutPath;
use crate::plan::File;
use crate::site::{LinkedNote, Target};

/// Where the Markdown of a page is.
pub(super) fn page(html: &OutPath) -> OutPath {
    format!("{}.md", html.as_str().trim_end_matches(".html")).into()
}

pub(super) fn render(view: &View<'_>) -> Made {
    let notes = view.site.notes.par_iter().map(|linked| note(view, linked));
    let terms = (0..view.site.catalog.terms.len()).into_par_iter();
    let services = terms.filter_map(|term| service(view, term));
    (notes.chain(services).collect(), vec![])
}

fn note(view: &View<'_>, linked: &LinkedNote) -> (OutPath, File) {
    let (note, page) = (linked.note(), page(&linked.page));
    let mut text = format!("# {}\n\n", note.title);
    if !note.front.summary.is_empty() {
        text.push_str(&format!("> {}\n\n", note.front.summary));
    }
    text.push_str(body(view, linked, note.start..note.source().len(), &page).trim());
    (page, File::bytes(tidy(&text).into_bytes()))
}

/// A service that the notes define, and that has a page of its own.
fn service(view: &View<'_>, at: usize) -> Option<(OutPath, File)> {
    let term = &view.site.catalog.terms[at];
    let (html, anchor) = view.site.catalog.page(at);
    let home = &view.site.notes[view.site.defined_in[at]?];
    let heading = term.defined.as_ref()?.heading.filter(|_| anchor.is_none())?;
    let page = page(&html);
    let note = home.note();
    let range = heading_end(note, heading)..byte_at(note, note.body.block_end(heading));
    let names = [&term.full, &term.summary].into_iter().filter(|text| !text.is_empty());
    let mut text = format!("# {}\n\n", term.name);
    text.extend(names.map(|name| format!("{name}\n\n")));
    text.push_str(body(view, home, range, &page).trim());
    let from = page.link_to(&self::page(&home.page), None);
    text.push_str(&format!("\n\n— [{}]({from})\n", note.title));
    Some((page, File::bytes(tidy(&text).into_bytes())))
}

fn heading_end(note: &Note, heading: usize) -> usize {
    note.body.events[note.body.headings[heading].event].span.range().end
}

/// The byte at which an event begins; that of the end is the end of the file.
fn byte_at(note: &Note, event: usize) -> usize {
    note.body.events.get(event).map_or(note.source().len(), |it| it.span.range().start)
}

/// One line end at the end, `\n` everywhere.
fn tidy(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.trim_end().to_owned() + "\n"
}

/// A part of the source as it reads elsewhere: the title, which is told already, and comments go;
/// links lead from `page`.
fn body(view: &View<'_>, linked: &LinkedNote, range: Range<usize>, page: &OutPath) -> String {
    let note = linked.note();
    let source = note.source();
    let mut edits: Vec<(Range<usize>, String)> =
        note.body.comments.iter().map(|span| (span.range(), String::new())).collect();
    for event in &note.body.events {
        let span = event.span.range();
        match event.kind {
            Kind::Open(Tag::Heading) if note.body.headings[event.payload as usize].is_title => {
                edits.push((span, String::new()));
            }
            Kind::Html if event.payload == NONE => edits.extend(html_comments(source, span)),
            Kind::Open(tag @ (Tag::Link | Tag::Image)) => {
                let link = event.payload as usize;
                edits.extend(moved(view, linked, link, tag == Tag::Image, page));
            }
            _ => {}
        }
    }
    edits.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
    let mut out = String::with_capacity(range.len());
    let mut done = range.start;
    for (span, text) in edits {
        if span.start >= done && span.end <= range.end {
            out.push_str(&source[done..span.start]);
            out.push_str(&text);
            done = span.end;
        }
    }
    out.push_str(&source[done..range.end]);
    out
}

fn html_comments(source: &str, span: Range<usize>) -> Vec<(Range<usize>, String)> {
    let mut found = vec![];
    let mut at = span.start;
    while let Some(open) = source[at..span.end].find("<!--").map(|it| at + it) {
        at = source[open..span.end].find("-->").map_or(span.end, |it| open + it + 3);
        found.push((open..at, String::new()));
    }
    found
}

/// A link of the author's where it leads from another page; none if it stays as it is.
fn moved(
    view: &View<'_>,
    linked: &LinkedNote,
    at: usize,
    image: bool,
    page: &OutPath,
) -> Option<(Range<usize>, String)> {
    let note = linked.note();
    let link = &note.body.links[at];
    let span = link.span.range();
    let written = &note.source()[span.clone()];
    let (dest, is_note) = match linked.targets.get(at)? {
        Target::Note { page: to, anchor } | Target::Embed { page: to, anchor, .. } => {
            (page.link_to(&self::page(to), anchor.as_deref()), true)
        }
        Target::Term(term) => {
            let (to, anchor) = view.site.catalog.page(*term);
            (page.link_to(&to, anchor), true)
        }
        Target::Asset(asset) => (page.link_to(&asset.page, None), false),
        _ => return None,
    };
    if link.kind == LinkKind::Wiki {
        let inner = written.trim_start_matches(['!', '[']).trim_end_matches(']');
        let text = inner.rsplit_once('|').map_or(inner, |(_, text)| text);
        let mark = if image && !is_note { "!" } else { "" };
        return Some((span, format!("{mark}[{}]({dest})", text.trim_end_matches('\\'))));
    }
    // By reference the address stands elsewhere.
    let in_link = written.rfind(&link.dest).filter(|_| !link.dest.is_empty())?;
    let start = span.start + in_link;
    Some((start..start + link.dest.len(), dest))
}
