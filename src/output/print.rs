//! A sheet to print for each section: what `gongbu summary` shows, as a page.

use rayon::prelude::*;

use super::model::Print;
use super::{Made, View, gather};
use crate::diag::Diagnostic;
use crate::path::OutPath;
use crate::site::Section;
use crate::site::summary::Summary;
use crate::theme::Theme;

pub(super) fn render(view: &View<'_>) -> Made {
    let sections = view.site.sections.par_iter().enumerate();
    let pages: Vec<_> = sections
        .map(|(at, section)| {
            let page = page(section);
            let mut summary = view.site.summary_of(section);
            if section.folder.is_empty() {
                summary.title = view.site.title().to_owned();
                summary.sections[0].title = summary.title.clone();
            }
            let title = summary.title.clone();
            let frame = view.frame(&page, "print", &title, Some(at), section.index);
            view.page(page, "print.html", &frame, &Print { summary: &summary })
        })
        .collect();
    gather(pages)
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
