//! Each note once more as Markdown, beside its page: what a program reads, or a person who wants the
//! text. Links lead to the Markdown of other notes; comments of the author's stay private.

use std::ops::Range;

use memchr::memchr;
use rayon::prelude::*;

use super::key::Keyed;
use super::{LESSONS, Made, View};
use crate::note::{Kind, LinkKind, Note, Tag};
use crate::path::OutPath;
use crate::plan::File;
use crate::site::{LinkedNote, Section, Target};

/// Where the Markdown of a page is.
pub(super) fn page(html: &OutPath) -> OutPath {
    format!("{}.md", html.as_str().trim_end_matches(".html")).into()
}

pub(super) fn render(view: &View<'_>) -> Made {
    let notes = (0..view.site.notes.len()).into_par_iter().map(|at| known(view, at));
    let terms = (0..view.site.catalog.terms.len()).into_par_iter();
    let services = terms.filter_map(|term| known_service(view, term));
    let sections = (0..view.site.sections.len()).into_par_iter();
    let sections = sections.filter_map(|at| known_section(view, at));
    (notes.chain(services).chain(sections).collect(), vec![])
}

/// The text of a note: that of the last build, if nothing has changed that it holds.
fn known(view: &View<'_>, at: usize) -> (OutPath, File) {
    let linked = &view.site.notes[at];
    let frame = view.frame_key(linked.section);
    remembered(&view.keyed(at, |key, at| key.with(frame).note(view, *at)))
}

#[comemo::memoize(enabled = it.key.is_some())]
fn remembered(it: &Keyed<'_>) -> (OutPath, File) {
    note(it.view, &it.view.site.notes[it.at])
}

fn note(view: &View<'_>, linked: &LinkedNote) -> (OutPath, File) {
    let (note, page) = (linked.note(), page(linked.page()));
    let mut text = format!("# {}\n\n", note.title);
    if !note.front.summary.is_empty() {
        text.push_str(&format!("> {}\n\n", note.front.summary));
    }
    let all = 0..note.body.events.len();
    let body = body(view, linked, note.start..note.source().len(), all, &page);
    let body = body.trim();
    text.push_str(body);
    text.push_str(if body.is_empty() { "" } else { "\n" });
    let section = linked.section.map(|at| &view.site.sections[at]);
    if let Some(section) = section.filter(|it| it.page == *linked.page()) {
        text.push_str(&lessons(view, section, &page));
    }
    view.file(page, tidy(text).as_bytes())
}

/// The lessons of a section, as a list; as many as its first page has.
fn lessons(view: &View<'_>, section: &Section, page: &OutPath) -> String {
    let mut text = String::from("\n");
    for at in section.lessons.iter().take(LESSONS) {
        let linked = &view.site.notes[*at];
        let href = page.link_to(&self::page(linked.page()), None);
        text.push_str(&format!("- [{}]({href})\n", linked.note().title.replace(['[', ']'], "")));
    }
    text
}

/// The list of a section that no note opens.
fn known_section(view: &View<'_>, at: usize) -> Option<(OutPath, File)> {
    let section = &view.site.sections[at];
    if section.index.is_some() || section.folder.is_empty() {
        return None;
    }
    Some(remembered_section(&view.keyed(at, |key, at| Some(key.with(view.frame_key(Some(*at)))))))
}

#[comemo::memoize(enabled = it.key.is_some())]
fn remembered_section(it: &Keyed<'_>) -> (OutPath, File) {
    let section = &it.view.site.sections[it.at];
    let page = page(&section.page);
    let text = format!("# {}\n{}", section.title, lessons(it.view, section, &page));
    it.view.file(page, tidy(text).as_bytes())
}

/// The text of a service that has a page of its own, with its parts: that of the last build, if nothing
/// has changed that it holds.
fn known_service(view: &View<'_>, at: usize) -> Option<(OutPath, File)> {
    let site = view.site;
    if site.catalog.page(at).1.is_some() {
        return None;
    }
    Some(remembered_service(&view.keyed(at, |key, at| {
        let terms = [*at].into_iter().chain(site.catalog.parts(*at).iter().copied());
        let mut homes = terms.filter_map(|term| site.defined_in[term]);
        homes.try_fold(key.with(view.frame_key(None)).with(at), |key, home| key.note(view, home))
    })))
}

#[comemo::memoize(enabled = it.key.is_some())]
fn remembered_service(it: &Keyed<'_>) -> (OutPath, File) {
    service(it.view, it.at)
}

fn service(view: &View<'_>, at: usize) -> (OutPath, File) {
    let catalog = &view.site.catalog;
    let page = page(catalog.page(at).0);
    let mut text = format!("# {}\n", catalog.terms[at].name);
    text.push_str(&explained(view, at, &page));
    for part in catalog.parts(at).iter().copied() {
        text.push_str(&format!(
            "\n## {}\n{}",
            catalog.terms[part].name,
            explained(view, part, &page)
        ));
    }
    view.file(page, tidy(text).as_bytes())
}

/// What is known of a service: names, summary, the block that defines it and where that stands.
fn explained(view: &View<'_>, at: usize, page: &OutPath) -> String {
    let term = &view.site.catalog.terms[at];
    let mut text = String::new();
    for line in
        [term.full.as_str(), &term.category, &term.summary, term.url.as_deref().unwrap_or("")]
    {
        if !line.is_empty() {
            text.push_str(&format!("\n{line}\n"));
        }
    }
    let home = view.site.defined_in[at].map(|at| &view.site.notes[at]);
    let Some((home, defined)) = home.zip(term.defined.as_ref()) else { return text };
    let note = home.note();
    if let Some(heading) = defined.heading {
        let end = note.body.block_end(heading);
        let range = heading_end(note, heading)..byte_at(note, end);
        let events = note.body.headings[heading].event..end;
        text.push_str(&format!("\n{}\n", body(view, home, range, events, page).trim()));
    }
    let from = page.link_to(&self::page(home.page()), None);
    text.push_str(&format!("\n— [{}]({from})\n", note.title));
    text
}

fn heading_end(note: &Note, heading: usize) -> usize {
    note.body.events[note.body.headings[heading].event].span.range().end
}

/// The byte at which an event begins; that of the end is the end of the file.
fn byte_at(note: &Note, event: usize) -> usize {
    note.body.events.get(event).map_or(note.source().len(), |it| it.span.range().start)
}

/// One line end at the end, `\n` everywhere.
fn tidy(mut text: String) -> String {
    if memchr(b'\r', text.as_bytes()).is_some() {
        text = text.replace("\r\n", "\n").replace('\r', "\n");
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// A part of the source as it reads elsewhere: the title, which is told already, and comments go;
/// links lead from `page`; footnotes that stand outside of the part follow it. `range` are its bytes,
/// `events` its events: a note of thousands of services is not read for each of them.
fn body(
    view: &View<'_>,
    linked: &LinkedNote,
    range: Range<usize>,
    events: Range<usize>,
    page: &OutPath,
) -> String {
    let note = linked.note();
    let source = note.source();
    // The line ends of comments stay: in a quote or a list the next line begins with its mark.
    let lines = |span: Range<usize>| "\n".repeat(source[span].matches('\n').count());
    let comments = note.body.comments.iter().map(|span| span.range());
    let mut edits: Vec<(Range<usize>, String)> =
        comments.map(|span| (span.clone(), lines(span))).collect();
    let mut labels: Vec<&str> = vec![];
    for at in events.clone() {
        let event = &note.body.events[at];
        let span = event.span.range();
        match event.kind {
            Kind::Open(Tag::Heading) if note.body.headings[event.payload as usize].is_title => {
                edits.push((span, String::new()));
            }
            Kind::Open(Tag::Link | Tag::Image) => edits.extend(moved(view, linked, at, page)),
            Kind::FootnoteRef if range.contains(&span.start) => {
                labels.push(note.text(source, event));
            }
            _ => {}
        }
    }
    let mut footnotes: Vec<Range<usize>> = vec![];
    if !labels.is_empty() {
        let mut inside = false;
        for (at, event) in note.body.events.iter().enumerate() {
            match event.kind {
                _ if events.contains(&at) => {}
                Kind::Open(Tag::Footnote) => {
                    inside = labels.contains(&note.text(source, event));
                    footnotes.extend(inside.then(|| event.span.range()));
                }
                Kind::Close(Tag::Footnote) => inside = false,
                Kind::Open(Tag::Link | Tag::Image) if inside => {
                    edits.extend(moved(view, linked, at, page));
                }
                _ => {}
            }
        }
    }
    edits.extend(raw_links(view, linked, page));
    edits.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
    let mut out = edited(source, &edits, range);
    for span in footnotes {
        out.push_str("\n\n");
        out.push_str(edited(source, &edits, span).trim());
    }
    out
}

/// A part of the source with what stands in place of some of it. The edits are in order.
fn edited(source: &str, edits: &[(Range<usize>, String)], range: Range<usize>) -> String {
    let mut out = String::with_capacity(range.len());
    let mut done = range.start;
    let first = edits.partition_point(|(span, _)| span.start < range.start);
    for (span, text) in edits[first..].iter().take_while(|(span, _)| span.start < range.end) {
        if span.start >= done && span.end <= range.end {
            out.push_str(&source[done..span.start]);
            out.push_str(text);
            done = span.end;
        }
    }
    out.push_str(&source[done..range.end]);
    out
}

/// Where a target is, as Markdown where there is Markdown of it; none if it is nowhere.
fn address(view: &View<'_>, target: &Target, page: &OutPath) -> Option<String> {
    Some(match target {
        Target::Note { page: to, anchor } | Target::Embed { page: to, anchor, .. } => {
            page.link_to(&self::page(to), anchor.as_deref())
        }
        Target::Term(term) => {
            let (to, anchor) = view.site.catalog.page(*term);
            page.link_to(&self::page(to), anchor)
        }
        Target::Asset(asset) => page.link_to(&asset.page, None),
        Target::External(url) | Target::RemoteImage(url) => url.clone(),
        Target::Missing => return None,
    })
}

/// A link of the author's where it leads from another page; none if it stays as it is.
fn moved(
    view: &View<'_>,
    linked: &LinkedNote,
    at: usize,
    page: &OutPath,
) -> Option<(Range<usize>, String)> {
    let note = linked.note();
    let (source, event) = (note.source(), &note.body.events[at]);
    let link = &note.body.links[event.payload as usize];
    let target = linked.targets.get(event.payload as usize)?;
    let is_abroad = matches!(target, Target::External(_) | Target::RemoteImage(_));
    let span = link.span.range();
    // Of what leads to another site only links by reference change: their address is elsewhere.
    let by_reference = link.kind == LinkKind::Inline && !source[span.clone()].ends_with(')');
    if matches!(link.kind, LinkKind::Auto | LinkKind::Email) || is_abroad && !by_reference {
        return None;
    }
    let plain = note.body.plain(source, at);
    let inner = match link.kind {
        LinkKind::Wiki => {
            let name = if plain.trim().is_empty() { &link.dest } else { &plain };
            name.trim().to_owned()
        }
        _ => inside(note, at).map_or(plain, |inner| source[inner].to_owned()),
    };
    let Some(dest) = address(view, target, page) else { return Some((span, inner)) };
    let is_note = matches!(target, Target::Note { .. } | Target::Term(_) | Target::Embed { .. });
    let mark = if link.image && !is_note { "!" } else { "" };
    let title = match link.title.as_str() {
        "" => String::new(),
        title => format!(" \"{}\"", title.replace('"', "\\\"")),
    };
    Some((span, format!("{mark}[{inner}]({dest}{title})")))
}

/// The bytes of what stands in the brackets of a link.
fn inside(note: &Note, at: usize) -> Option<Range<usize>> {
    let events = &note.body.events;
    let mut depth = 0;
    let length = events[at..].iter().position(|event| {
        match event.kind {
            Kind::Open(_) => depth += 1,
            Kind::Close(_) => depth -= 1,
            _ => {}
        }
        depth == 0
    })?;
    let inner = &events[at + 1..at + length];
    Some(inner.first()?.span.range().start..inner.last()?.span.range().end)
}

/// The `href` and `src` of raw HTML, as they are from another page.
fn raw_links(view: &View<'_>, linked: &LinkedNote, page: &OutPath) -> Vec<(Range<usize>, String)> {
    let note = linked.note();
    let mut edits = vec![];
    for (link, target) in note.body.links.iter().zip(linked.targets.iter()) {
        if link.kind != LinkKind::Html || matches!(target, Target::External(_)) {
            continue;
        }
        let name = if link.image { "src" } else { "href" };
        let dest = address(view, target, page);
        edits
            .push((link.span.range(), dest.map_or(String::new(), |it| format!("{name}=\"{it}\""))));
    }
    edits
}
