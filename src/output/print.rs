//! Sheets to print: for each section what `gongbu summary` shows, and the same with gaps to fill; and the
//! whole course.

use std::sync::Arc;

use rayon::prelude::*;

use super::key::Keyed;
use super::model::{Print, Sheet, SheetGroup, SheetLesson, SheetSection};
use super::{Made, View, gather};
use crate::diag::Diagnostic;
use crate::html;
use crate::path::OutPath;
use crate::plan::File;
use crate::site::Section;
use crate::site::summary::{Fact, Group, LessonSummary, Summary};
use crate::theme::Theme;

/// The whole course is printed on one sheet up to this many lessons.
const WHOLE: usize = 300;

pub(super) fn render(view: &View<'_>) -> Made {
    let sections = 0..view.site.sections.len();
    let sheets: Vec<_> = sections.into_par_iter().map(|at| known(view, at)).collect();
    let mut pages: Vec<Page> = sheets.iter().flat_map(|pages| (**pages).clone()).collect();
    pages.extend(all(view).map(|page| {
        let mut summary = view.site.summary();
        summary.title = view.site.title().to_owned();
        sheet_of(view, &page, None, &summary, false, None)
    }));
    gather(pages)
}

type Page = Result<(OutPath, File), Diagnostic>;

/// The sheets of a section: those of the last build, if nothing has changed that they show.
fn known(view: &View<'_>, at: usize) -> Arc<[Page; 2]> {
    let section = &view.site.sections[at];
    remembered(&view.keyed(at, |key, _| {
        let mut key = key.with(view.frame_key(Some(at)));
        for note in section.index.iter().chain(&section.lessons) {
            let linked = &view.site.notes[*note];
            key = key.with(linked.note()).with(&linked.defines);
        }
        Some(key)
    }))
}

#[comemo::memoize(enabled = it.key.is_some())]
fn remembered(it: &Keyed<'_>) -> Arc<[Page; 2]> {
    sheets(it.view, it.at)
}

/// The sheet of a section, and the one with gaps. Most edits change nothing that they show.
fn sheets(view: &View<'_>, at: usize) -> Arc<[Page; 2]> {
    let section = &view.site.sections[at];
    let mut summary = view.site.summary_of(section);
    if section.folder.is_empty() {
        summary.title = view.site.title().to_owned();
        summary.sections[0].title = summary.title.clone();
    }
    filled(&view.keyed((at, &summary), |key, (at, summary)| {
        let index = section.index.map(|at| view.site.notes[at].note());
        Some(key.with(view.frame_key(Some(*at))).with(index).with(summary))
    }))
}

#[comemo::memoize(enabled = it.key.is_some())]
fn filled(it: &Keyed<'_, (usize, &Summary<'_>)>) -> Arc<[Page; 2]> {
    let Keyed { view, at: (at, summary), .. } = *it;
    let section = &view.site.sections[at];
    let (full, blank) = (page(section), blank(section));
    let has_gaps =
        summary.sections.iter().any(|it| it.lessons.iter().any(|it| !it.groups.is_empty()));
    let other = has_gaps.then_some(&blank);
    let (full, blank) = rayon::join(
        || sheet_of(view, &full, Some(at), summary, false, other),
        || sheet_of(view, &blank, Some(at), summary, true, Some(&full)),
    );
    Arc::new([full, blank])
}

fn sheet_of(
    view: &View<'_>,
    page: &OutPath,
    section: Option<usize>,
    summary: &Summary<'_>,
    gaps: bool,
    other: Option<&OutPath>,
) -> Page {
    let index = section.and_then(|at| view.site.sections[at].index);
    let frame = view.frame(page, "print", &summary.title, section, index);
    let other = other.map(|other| page.link_to(other, None));
    view.page(page.clone(), "print.html", frame, &model(summary, gaps, other))
}

/// Where the sheet of the whole course is; none if it is too much for one.
pub(super) fn all(view: &View<'_>) -> Option<OutPath> {
    let page = OutPath::from("print/all.html");
    let taken = view.site.sections.iter().any(|it| [self::page(it), blank(it)].contains(&page));
    (view.course.len() <= WHOLE && !taken).then_some(page)
}

/// Where the sheet with gaps is.
pub(super) fn blank(section: &Section) -> OutPath {
    format!("{}-blank.html", page(section).as_str().trim_end_matches(".html")).into()
}

/// Where the sheet of a section is.
pub(super) fn page(section: &Section) -> OutPath {
    let folder = section.page.as_str().trim_end_matches("index.html").trim_end_matches('/');
    let name = if folder.is_empty() { "index" } else { folder };
    format!("print/{name}.html").into()
}

/// The sheet alone as HTML, for `gongbu summary --format html`.
///
/// # Errors
/// If the template does not fit.
pub fn sheet(theme: &Theme, summary: &Summary<'_>) -> Result<Vec<u8>, Diagnostic> {
    let model = model(summary, false, None);
    theme.fill("summary.html", &model)
}

/// What the templates see of a summary.
fn model<'a>(summary: &'a Summary<'_>, gaps: bool, other: Option<String>) -> Print<'a> {
    let mut answers = String::new();
    let mut sections = vec![];
    for it in &summary.sections {
        let lesson = |it: &'a LessonSummary<'_>| lesson(it, gaps.then_some(&mut answers));
        let lessons = it.lessons.iter().map(lesson).collect();
        sections.push(SheetSection { title: &it.title, summary: &it.summary, lessons });
    }
    Print { gaps, other, answers, summary: Sheet { title: &summary.title, sections } }
}

/// A lesson; what is bold in it stands in the `answers`, if there are some.
fn lesson<'a>(it: &'a LessonSummary<'_>, mut answers: Option<&mut String>) -> SheetLesson<'a> {
    let mut group = |it: &'a Group<'_>| SheetGroup {
        heading: it.heading,
        lines: lines(&it.facts, answers.as_deref_mut()),
    };
    SheetLesson {
        title: &it.title,
        summary: &it.summary,
        services: &it.services,
        groups: it.groups.iter().map(&mut group).collect(),
    }
}

/// Lines as items of a list. A sheet has thousands of pieces: to fill them into a template one by one was
/// most of what it cost.
fn lines(facts: &[Fact<'_>], mut answers: Option<&mut String>) -> String {
    let mut html = String::new();
    for fact in facts {
        html.push_str(if html.is_empty() { "<li>" } else { "\n<li>" });
        for piece in &fact.pieces {
            match (piece.number, &mut answers) {
                (Some(number), Some(answers)) => {
                    html.push_str("<span class=\"gap\"><sup>");
                    html.push_str(&number.to_string());
                    html.push_str("</sup></span>");
                    answers.push_str(if answers.is_empty() { "<li>" } else { "\n<li>" });
                    html::escape_into(answers, &piece.text);
                    answers.push_str("</li>");
                }
                (Some(_), None) => {
                    html.push_str("<strong>");
                    html::escape_into(&mut html, &piece.text);
                    html.push_str("</strong>");
                }
                (None, _) => html::escape_into(&mut html, &piece.text),
            }
        }
        html.push_str("</li>");
    }
    html
}
