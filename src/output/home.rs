//! The first page: what the course is, and its sections.

use super::model::{Home, HomeSection};
use super::{HOME_LESSONS, Made, View, gather, print};
use crate::html::Part;
use crate::path::OutPath;

pub(super) fn render(view: &View<'_>) -> Made {
    let page = OutPath::from("index.html");
    let site = view.site;
    let body = site.home.map(|at| view.html(&site.notes[at], Part::Whole, &page));
    let with_lessons = site.notes.len() <= HOME_LESSONS;
    let section = |it: &crate::site::Section| {
        let index = it.index.map(|at| site.notes[at].note());
        // The lessons at the top of the notes have no page of their own but this.
        let shown = if with_lessons || it.folder.is_empty() { &it.lessons[..] } else { &[] };
        HomeSection {
            title: view.section_title(it).to_owned(),
            href: page.link_to(&it.page, None),
            summary: index.map(|note| note.front.summary.clone()).unwrap_or_default(),
            count: it.lessons.len(),
            lessons: shown.iter().map(|at| view.lesson(&page, *at, false)).collect(),
        }
    };
    let model = Home {
        body: body.as_ref().map(|it| it.html.clone()).unwrap_or_default(),
        sections: site.sections.iter().map(section).collect(),
        services_count: site.catalog.terms.len(),
        print: print::all(view).map(|all| page.link_to(&all, None)),
    };
    let title = site.home.map_or(site.title(), |at| &site.notes[at].note().title);
    let frame = view.frame(&page, "home", title, None, site.home);
    let mut made = gather([view.page(page, "home.html", frame, &model)]);
    made.1.extend(body.iter().flat_map(|it| it.diags.clone()));
    made
}
