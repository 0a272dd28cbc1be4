//! A page for each section: what it is about, and its lessons, a hundred on a page.

use std::sync::Arc;

use rayon::prelude::*;

use super::key::Keyed;
use super::model::Section;
use super::{LESSONS, Made, View, gather, numbered, pager, print};
use crate::diag::Diagnostic;
use crate::html::Part;
use crate::path::OutPath;
use crate::plan::File;

pub(super) fn render(view: &View<'_>) -> Made {
    let sections = view.site.sections.par_iter().enumerate();
    // The lessons at the top of the notes are listed on the first page.
    let sections = sections.filter(|(_, section)| !section.folder.is_empty());
    let pages: Vec<_> = sections.map(|(at, _)| known(view, at)).collect();
    let (mut results, mut diags) = (vec![], vec![]);
    for made in pages {
        results.extend(made.0.iter().cloned());
        diags.extend(made.1.iter().cloned());
    }
    let mut made = gather(results);
    made.1.extend(diags);
    made
}

type Pages = (Vec<Result<(OutPath, File), Diagnostic>>, Vec<Diagnostic>);

/// The pages of a section: those of the last build, if nothing has changed that they show.
fn known(view: &View<'_>, at: usize) -> Arc<Pages> {
    let section = &view.site.sections[at];
    remembered(&view.keyed(at, |key, _| {
        let mut key = key.with(view.frame_key(Some(at)));
        for lesson in &section.lessons {
            let linked = &view.site.notes[*lesson];
            key = key.with(&linked.note().front.summary).with(&linked.defines);
        }
        match section.index {
            Some(index) => key.note(view, index),
            None => Some(key),
        }
    }))
}

#[comemo::memoize(enabled = it.key.is_some())]
fn remembered(it: &Keyed<'_>) -> Arc<Pages> {
    Arc::new(pages(it.view, it.at))
}

fn pages(view: &View<'_>, at: usize) -> Pages {
    let section = &view.site.sections[at];
    let index = section.index.map(|at| &view.site.notes[at]);
    let count = section.lessons.len().div_ceil(LESSONS).max(1);
    let mut diags = vec![];
    let mut results = vec![];
    for number in 1..=count {
        let page = numbered(&section.page, number);
        let body = index.filter(|_| number == 1).map(|it| view.html(it, Part::Whole, &page));
        diags.extend(body.iter().flat_map(|it| it.diags.clone()));
        let lessons = section.lessons.chunks(LESSONS).nth(number - 1).unwrap_or_default();
        let model = Section {
            body: body.map(|it| it.html.clone()).unwrap_or_default(),
            summary: index.map(|it| it.note().front.summary.clone()).unwrap_or_default(),
            lessons: lessons.iter().map(|at| view.lesson(&page, *at, true)).collect(),
            print: page.link_to(&print::page(section), None),
            blank: page.link_to(&print::blank(section), None),
            pager: pager(&page, number, count, |it| numbered(&section.page, it)),
        };
        let frame = view.frame(&page, "section", &section.title, Some(at), section.index);
        results.push(view.page(page, "section.html", frame, &model));
    }
    (results, diags)
}
