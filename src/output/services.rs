//! The index of the services, and a page for each: the block that defines it, and who names it.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::model::{Group, Link, Service, Services, Term};
use super::{Made, PAGE, View, gather, numbered, pager};
use crate::diag::Diagnostic;
use crate::hangul;
use crate::html::Part;
use crate::path::{self, OutPath};
use crate::plan::File;
use crate::site::Backlink;

pub(super) fn render(view: &View<'_>) -> Made {
    let terms = 0..view.site.catalog.terms.len();
    let pages: Vec<_> = terms.into_par_iter().flat_map_iter(|term| pages(view, term)).collect();
    gather(pages.into_iter().chain([index(view)]))
}

fn index(view: &View<'_>) -> Result<(OutPath, File), Diagnostic> {
    let page = OutPath::from("services/index.html");
    let mut groups: BTreeMap<(u8, String), Vec<(String, Term)>> = BTreeMap::new();
    for (at, term) in view.site.catalog.terms.iter().enumerate() {
        let lesson = view.site.notes[view.site.defined_in[at]].note();
        let entry = Term {
            name: term.name.clone(),
            full: term.full.clone(),
            href: page.link_to(&view.site.term_page(at), None),
            lesson: lesson.title.clone(),
            mentions: view.site.mentioned[at].len(),
        };
        groups.entry(letter(&term.name)).or_default().push((path::squeeze(&term.name), entry));
    }
    let group = |((rank, label), mut terms): ((u8, String), Vec<(String, Term)>)| {
        terms.sort_by(|(a, _), (b, _)| a.cmp(b));
        let id =
            if rank == 2 { "g-other".to_owned() } else { format!("g-{}", label.to_lowercase()) };
        Group { label, id, terms: terms.into_iter().map(|(_, term)| term).collect() }
    };
    let model = Services { groups: groups.into_iter().map(group).collect() };
    let frame = view.frame(&page, "services", &view.theme.word("services"), None, None);
    view.page(page, "services.html", &frame, &model)
}

/// The letter that a name stands under: A to Z, then 가 to 하, then the rest.
fn letter(name: &str) -> (u8, String) {
    let first = name.chars().find(|c| c.is_alphanumeric()).unwrap_or('#');
    match hangul::index_syllable(first) {
        Some(letter) => (1, letter.to_string()),
        None if first.is_ascii_alphabetic() => (0, first.to_ascii_uppercase().to_string()),
        None => (2, "#".to_owned()),
    }
}

fn pages(view: &View<'_>, at: usize) -> Vec<Result<(OutPath, File), Diagnostic>> {
    let term = &view.site.catalog.terms[at];
    let first = view.site.term_page(at);
    let home = &view.site.notes[view.site.defined_in[at]];
    let headings = &home.note().body.headings;
    let heading = term.defined.heading.filter(|heading| *heading < headings.len());
    let mentions = first_of_each_note_first(&view.site.mentioned[at]);
    let count = mentions.len().div_ceil(PAGE).max(1);
    let page_of = |number: usize| {
        let page = numbered(&first, number);
        let part = heading.map_or(Part::Whole, Part::Block);
        // What the block lost was told where its lesson was rendered.
        let body = (number == 1).then(|| view.html(home, part, &page));
        let shown = mentions.chunks(PAGE).nth(number - 1).unwrap_or_default();
        let anchor = heading.map(|at| headings[at].id.as_str());
        let other = |name: &&String| **name != term.name && **name != term.full;
        let model = Service {
            name: &term.name,
            full: &term.full,
            aliases: term.names.iter().filter(other).map(String::as_str).collect(),
            body: body.as_ref().map_or("", |it| it.html.as_str()),
            lesson: Some(Link {
                title: home.note().title.clone(),
                href: page.link_to(&home.page, anchor),
            }),
            mentions: shown.iter().map(|place| view.mention(&page, place)).collect(),
            mention_count: mentions.len(),
            pager: pager(&page, &first, number, count),
        };
        let frame = view.frame(&page, "service", &term.name, None, None);
        view.page(page, "service.html", &frame, &model)
    };
    (1..=count).map(page_of).collect()
}

/// So that the first page shows as many notes as it can.
fn first_of_each_note_first(places: &[Backlink]) -> Vec<&Backlink> {
    let chunks = || places.chunk_by(|a, b| a.note == b.note);
    let firsts = chunks().map(|chunk| &chunk[0]);
    firsts.chain(chunks().flat_map(|chunk| &chunk[1..])).collect()
}
