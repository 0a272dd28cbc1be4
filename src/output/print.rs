//! A sheet to print for each section: what `gongbu summary` shows, as a page.

use std::sync::Arc;

use rayon::prelude::*;

use super::key::Keyed;
use super::model::Print;
use super::{Made, View, gather};
use crate::diag::Diagnostic;
use crate::key::Key;
use crate::path::OutPath;
use crate::plan::File;
use crate::site::Section;
use crate::site::summary::Summary;
use crate::theme::Theme;

pub(super) fn render(view: &View<'_>) -> Made {
    let sections = 0..view.site.sections.len();
    let pages: Vec<_> = sections.into_par_iter().map(|at| known(view, at)).collect();
    gather(pages.iter().map(|page| (**page).clone()))
}

type Page = Result<(OutPath, File), Diagnostic>;

/// The sheet of a section: that of the last build, if nothing has changed that it shows.
fn known(view: &View<'_>, at: usize) -> Arc<Page> {
    let section = &view.site.sections[at];
    let mut key = Key::default().with(view.frame_key(Some(at)).as_bytes());
    for note in section.index.iter().chain(&section.lessons) {
        let linked = &view.site.notes[*note];
        key = key.with(linked.note()).with(&linked.defines);
    }
    remembered(&Keyed { key: key.end(), view, at })
}

#[comemo::memoize]
fn remembered(it: &Keyed<'_>) -> Arc<Page> {
    Arc::new(sheet_of(it.view, it.at))
}

fn sheet_of(view: &View<'_>, at: usize) -> Page {
    let section = &view.site.sections[at];
    let page = page(section);
    let mut summary = view.site.summary_of(section);
    if section.folder.is_empty() {
        summary.title = view.site.title().to_owned();
        summary.sections[0].title = summary.title.clone();
    }
    let title = summary.title.clone();
    let frame = view.frame(&page, "print", &title, Some(at), section.index);
    view.page(page, "print.html", &frame, &Print { summary: &summary })
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
pub fn sheet(theme: &Theme, summary: &Summary) -> Result<Vec<u8>, Diagnostic> {
    let model = Print { summary };
    theme.fill("summary.html", &model, &model)
}
