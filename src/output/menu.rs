//! The navigation: the lessons of a section and the other sections, never all notes; of many the
//! neighbours. It is the same on every page of a folder but for the link to the page itself, so it
//! is made once and marked for each: filling it for each page was most of what pages cost.

use std::ops::Range;
use std::sync::Arc;

use memchr::memmem;

use super::key::Keyed;
use super::model::{Menu, MenuLesson, MenuSection};
use super::{LESSONS, SECTIONS, View, around};
use crate::diag::Diagnostic;
use crate::key::Key;
use crate::path::OutPath;

/// Where a page is in the course.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct At {
    /// The section that it is in.
    pub(super) section: Option<usize>,
    /// It is a page of the section itself.
    pub(super) opens: bool,
    /// The lesson that it is.
    pub(super) lesson: Option<usize>,
}

impl View<'_> {
    /// The navigation of a page, as HTML.
    pub(super) fn menu(&self, page: &OutPath, at: At) -> Result<String, Diagnostic> {
        let shown = at.section.map(|section| self.shown(section, at.lesson)).unwrap_or_default();
        let key =
            Key::default().with(self.frame_key(at.section)).with((page.folder(), at.opens, &shown));
        let menu = filled(&Keyed { key: Some(key.end()), view: self, at: (page, at, shown) });
        let menu = (*menu).as_ref().map_err(Clone::clone)?;
        Ok(match at.lesson {
            Some(lesson) => marked(menu, &page.link_to(self.site.notes[lesson].page(), None)),
            None => menu.clone(),
        })
    }

    /// Which lessons of a section are shown.
    fn shown(&self, section: usize, lesson: Option<usize>) -> Range<usize> {
        let lessons = &self.site.sections[section].lessons;
        let place = |lesson: &usize| self.place[*lesson];
        let here = lesson.as_ref().and_then(place).zip(lessons.first().and_then(place));
        around(here.map_or(0, |(own, first)| own - first), lessons.len(), LESSONS)
    }
}

/// A navigation to be made: of a page, which lessons of its section it shows.
type Job<'a> = Keyed<'a, (&'a OutPath, At, Range<usize>)>;

#[comemo::memoize]
fn filled(job: &Job<'_>) -> Arc<Result<String, Diagnostic>> {
    let menu = lists(job);
    let filled = job.view.theme.fill("nav.html", &menu);
    // A template writes text.
    Arc::new(filled.map(|bytes| String::from_utf8(bytes).unwrap_or_default()))
}

fn lists(job: &Job<'_>) -> Menu {
    let Keyed { view, at: (page, at, shown), .. } = job;
    let all = &view.site.sections;
    let section = |number: usize| {
        let it = &all[number];
        let is_own = at.section == Some(number);
        let lesson = |lesson: &usize| {
            let linked = &view.site.notes[*lesson];
            MenuLesson {
                title: linked.note().title.clone(),
                href: page.link_to(linked.page(), None),
                draft: linked.note().front.draft,
            }
        };
        MenuSection {
            title: view.section_title(it).to_owned(),
            href: page.link_to(&it.page, None),
            current: is_own.then_some(if at.opens { "page" } else { "true" }),
            earlier: is_own && shown.start > 0,
            later: is_own && shown.end < it.lessons.len(),
            lessons: if is_own {
                it.lessons[shown.clone()].iter().map(lesson).collect()
            } else {
                vec![]
            },
        }
    };
    Menu { sections: around(at.section.unwrap_or(0), all.len(), SECTIONS).map(section).collect() }
}

/// Says at the link to this address that it leads to the page itself.
fn marked(menu: &str, href: &str) -> String {
    // An address holds nothing else that a template escapes.
    let link = format!(" href=\"{}\"", href.replace('&', "&amp;").replace('\'', "&#39;"));
    let Some(at) = memmem::find(menu.as_bytes(), link.as_bytes()) else { return menu.to_owned() };
    let (before, after) = menu.split_at(at + link.len());
    [before, " aria-current=\"page\"", after].concat()
}
