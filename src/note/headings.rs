//! The headings of a note: their anchors, the levels they are shown at, and which is the title.

use std::collections::BTreeMap;

use super::{Body, Event, Front, Kind, LinkKind, Tag, begins_with_day, is_broken, pretty_name};
use crate::diag::Diagnostic;
use crate::path::{self, NoteId, SrcPath};

/// Gives each heading its text, its shown level and an anchor of its own. The first of equal
/// headings keeps the plain anchor, so that adding one at the end moves no link. Tells of anchors
/// that the author chose twice, or that the page itself has.
pub(super) fn name(file: &SrcPath, body: &mut Body, source: &str) -> Vec<Diagnostic> {
    let mut diags = vec![];
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
        heading.squeezed = path::squeeze(&heading.text);
        let id = heading.id.clone();
        let is_of_page = is_id_of_page(&id);
        if !id.is_empty() && (is_of_page || used.insert(id.clone(), 1).is_some()) {
            let message = match is_of_page {
                true => format!("the id `{id}` belongs to the page itself"),
                false => format!("the id `{id}` is given to two headings"),
            };
            let diag = Diagnostic::warning("same-id", file, heading.span, message);
            diags.push(diag.hint("choose another id; this heading has one made of its text"));
            heading.id.clear();
            heading.own_id = false;
        }
    }
    for heading in &mut body.headings {
        if heading.id.is_empty() {
            let slug = match path::slug(&heading.text) {
                slug if slug.is_empty() => "section".to_owned(),
                slug if is_id_of_page(&slug) => format!("section-{slug}"),
                slug => slug,
            };
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
    diags
}

/// Marks the headings that have nothing bold under them. What a note embeds, and HTML, may be bold.
pub(super) fn mark_bare(body: &mut Body, source: &str) {
    let is_bold = |event: &Event| match event.kind {
        Kind::Open(Tag::Strong) => true,
        Kind::Open(Tag::Image) => body.links[event.payload as usize].kind == LinkKind::Wiki,
        Kind::Html => body.text(source, event).contains("<strong"),
        _ => false,
    };
    let bold: Vec<usize> = (0..body.events.len()).filter(|at| is_bold(&body.events[*at])).collect();
    if bold.is_empty() {
        return;
    }
    let ends: Vec<usize> = (0..body.headings.len()).map(|at| body.block_end(at)).collect();
    for (heading, end) in body.headings.iter_mut().zip(ends) {
        let next = bold.partition_point(|at| *at < heading.event);
        heading.is_bare = bold.get(next).is_none_or(|at| *at >= end);
    }
}

/// True for the ids that pages have besides those of headings: `g-main`, `fn-1`, `fnref-1`.
fn is_id_of_page(id: &str) -> bool {
    ["g-", "fn-", "fnref-"].iter().any(|prefix| id.starts_with(prefix))
}

/// The title of a note. Settles the levels that its headings are shown at: without gaps under it.
pub(super) fn title(
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
            // A diary's day is a title.
            if is_broken(diags) || stem.len() == 10 && begins_with_day(stem) {
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
            let marks = "#".repeat(usize::from(last) + 1);
            // A heading of this level may define a service: it need not change.
            diags.push(
                diag.hint(format!("put a heading with {marks} above it, or use {marks} here")),
            );
        }
        open.push(heading.level);
        heading.shown = u8::try_from(open.len() + 1).unwrap_or(6).min(6);
    }
    title
}
