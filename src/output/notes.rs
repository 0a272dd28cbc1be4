//! One page for each lesson.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::key::Keyed;
use super::mentions::Under;
use super::model::{self, Heading};
use super::{Made, View, gather};
use crate::diag::Diagnostic;
use crate::html::Part;
use crate::note::Note;
use crate::path::OutPath;
use crate::plan::File;
use crate::site::Backlink;

/// How many notes "mentioned in" lists; the pages of the services list all.
const MENTIONED_IN: usize = 20;

pub(super) fn render(view: &View<'_>) -> Made {
    let pages: Vec<_> = view.course.par_iter().map(|at| known(view, *at)).collect();
    let (mut results, mut diags) = (vec![], vec![]);
    for page in pages {
        results.push(page.0.clone());
        diags.extend(page.1.iter().cloned());
    }
    let mut made = gather(results);
    made.1.extend(diags);
    made
}

/// The page of a lesson, and what was lost on the way.
type Page = (Result<(OutPath, File), Diagnostic>, Vec<Diagnostic>);

/// The page of a lesson: the one of the last build, if nothing has changed that it shows.
fn known(view: &View<'_>, at: usize) -> Arc<Page> {
    let linked = &view.site.notes[at];
    let neighbours = [before(view, at), after(view, at)];
    remembered(&view.keyed(at, |key, _| {
        let mut key = key.with(view.frame_key(linked.section)).with(&linked.defines);
        for it in neighbours.iter().flatten() {
            let it = &view.site.notes[*it];
            key = key.with(&it.note().title).with(it.page());
        }
        key = key.with(neighbours.each_ref().map(Option::is_some));
        key.mentions(view, mentioned_in(view, at)).note(view, at)
    }))
}

#[comemo::memoize(enabled = it.key.is_some())]
fn remembered(it: &Keyed<'_>) -> Arc<Page> {
    Arc::new(lesson(it.view, it.at))
}

fn lesson(view: &View<'_>, at: usize) -> Page {
    let linked = &view.site.notes[at];
    let (note, page) = (linked.note(), linked.page());
    let body = view.html(linked, Part::Whole, page);
    let outline = note.body.headings.iter().filter(|it| !it.is_title);
    let section = linked.section.map(|at| &view.site.sections[at]);
    let link = |it: usize| {
        let to = &view.site.notes[it];
        view.link(page, &to.note().title, to.page())
    };
    let model = model::Note {
        body: &body.html,
        summary: &note.front.summary,
        domain: note.front.domain,
        draft: note.front.draft,
        date: note.front.date.as_deref(),
        updated: note.front.updated.as_deref(),
        outline: outline
            .map(|it| Heading { level: it.shown, bare: it.is_bare, title: &it.text, id: &it.id })
            .collect(),
        prev: before(view, at).map(link),
        next: after(view, at).map(link),
        section: section.map(|it| view.link(page, view.section_title(it), &it.page)),
        services: view.term_links(page, &linked.defines),
        mentioned_in: view.mentions(page, mentioned_in(view, at), Under::Nothing),
        extra: &note.front.extra,
    };
    let frame = view.frame(page, "note", &note.title, linked.section, Some(at));
    let layout = note.front.layout.as_ref();
    let mut diags = body.diags.clone();
    let mut template = "note.html".to_owned();
    if let Some((name, span)) = layout {
        let own = format!("{name}.html");
        let is_plain = name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
        match view.theme.check_template(&own) {
            Ok(()) if is_plain => template = own,
            found => {
                let near = found.err().flatten();
                diags.push(no_layout(view, note, name, span.clone(), near));
            }
        }
    }
    (view.page(page.clone(), &template, frame, &model), diags)
}

/// A layout that there is not. Where a project has no templates the word is another tool's, and its
/// notes need not be changed; where it has some it is a mistake.
fn no_layout(
    view: &View<'_>,
    note: &Note,
    name: &str,
    span: Range<usize>,
    near: Option<String>,
) -> Diagnostic {
    let near = near.map(|near| near.trim_end_matches(".html").to_owned());
    if !view.theme.is_own {
        let message = format!("there is no template `{name}.html`, so the page is as any other");
        let diag = Diagnostic::warning("layout", &note.file, span, message);
        // Of the built-in templates only this one is for notes.
        return match near.filter(|near| near == "note") {
            Some(near) => diag.hint(format!("did you mean `{near}`?")),
            None => diag.hint("leave `layout` out, or make such a template in `templates/`"),
        };
    }
    let message = format!("there is no template `{name}.html`");
    let diag = Diagnostic::error("layout", &note.file, span, message);
    match near {
        Some(near) => diag.hint(format!("did you mean `{near}`?")),
        None => diag.hint("name a file of `templates/` without folder and ending"),
    }
}

/// The lesson before a note, over the borders of sections; one without text is passed over.
fn before(view: &View<'_>, at: usize) -> Option<usize> {
    view.course[..view.place[at]?].iter().rev().copied().find(|it| has_text(view, *it))
}

/// The one after it.
fn after(view: &View<'_>, at: usize) -> Option<usize> {
    view.course[view.place[at]? + 1..].iter().copied().find(|it| has_text(view, *it))
}

fn has_text(view: &View<'_>, at: usize) -> bool {
    !view.site.notes[at].note().body.events.is_empty()
}

/// The other notes that link to this one or name one of its services: each once, at its first
/// place.
fn mentioned_in<'a>(view: &View<'a>, at: usize) -> Vec<&'a Backlink> {
    let linked = &view.site.notes[at];
    let terms = linked.defines.iter().flat_map(|term| first_of_each(&view.site.mentioned[*term]));
    let links = first_of_each(&view.site.linked_from[at]);
    let mut places: Vec<&Backlink> =
        links.chain(terms).filter(|place| place.note() != at).collect();
    places.sort_by_key(|place| (place.note(), place.span));
    places.dedup_by_key(|place| place.note());
    places.truncate(MENTIONED_IN);
    places
}

/// The first place in each note, of at most as many notes as are shown: what one page says must
/// not cost more when the site grows.
fn first_of_each(places: &[Backlink]) -> impl Iterator<Item = &Backlink> {
    places.chunk_by(|a, b| a.note() == b.note()).take(MENTIONED_IN + 1).map(|chunk| &chunk[0])
}
