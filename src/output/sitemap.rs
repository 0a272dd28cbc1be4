//! `sitemap.xml`: the pages for search engines (sitemaps.org). Its addresses are absolute, so there is
//! one only with `base_url`. What repeats others (sheets to print, further pages of lists) is left out.

use super::model::{Sitemap, SitemapPage};
use super::{Made, View, gather, glossary};
use crate::path::{OutPath, encode};
use crate::plan::File;

/// A file may name this many pages (50,000 by the protocol); more are spread over several.
const PAGES: usize = 45_000;

/// The file that names all, or all the others.
pub(super) const PAGE: &str = "sitemap.xml";

pub(super) fn render(view: &View<'_>) -> Made {
    let Some(base) = &view.site.config.base_url else { return (vec![], vec![]) };
    let url = |page: &OutPath| match page.as_str() {
        "index.html" => base.clone(),
        path => format!("{base}{}", encode(path)),
    };
    let mut pages = vec![SitemapPage { url: base.clone(), day: None }];
    let mut add = |page: &OutPath, day: Option<&String>| {
        pages.push(SitemapPage { url: url(page), day: day.cloned() });
    };
    for section in view.site.sections.iter().filter(|section| !section.folder.is_empty()) {
        add(&section.page, None);
    }
    for at in &view.course {
        let linked = &view.site.notes[*at];
        let front = &linked.note().front;
        add(linked.page(), front.updated.as_ref().max(front.date.as_ref()));
    }
    add(&"services/index.html".into(), None);
    for at in 0..view.site.catalog.terms.len() {
        let (page, anchor) = view.site.catalog.page(at);
        if anchor.is_none() {
            add(page, None);
        }
    }
    if glossary::exists(view) {
        add(&glossary::PAGE.into(), None);
    }
    let fill = |name: OutPath, model: &Sitemap| {
        let bytes = view.theme.fill("sitemap.xml", model)?;
        Ok((name, File::bytes(&bytes)))
    };
    if pages.len() <= PAGES {
        return gather([fill(PAGE.into(), &Sitemap { pages, parts: vec![] })]);
    }
    let mut parts = vec![];
    let mut results = vec![];
    while !pages.is_empty() {
        let rest = pages.split_off(pages.len().min(PAGES));
        let name = format!("sitemap-{}.xml", parts.len() + 1);
        parts.push(format!("{base}{name}"));
        results.push(fill(name.into(), &Sitemap { pages, parts: vec![] }));
        pages = rest;
    }
    results.push(fill(PAGE.into(), &Sitemap { pages: vec![], parts }));
    gather(results)
}
