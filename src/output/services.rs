//! The index of the services, and a page for each: the block that defines it, and who names it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::key::Keyed;
use super::mentions::Under;
use super::model::{self, Category, Group, Link, Service, Services, Term};
use super::{Made, PAGE, View, gather, letter, letter_id, numbered, pager};
use crate::catalog;
use crate::diag::Diagnostic;
use crate::html::{Part, Rendered};
use crate::key::Key;
use crate::path::{self, OutPath};
use crate::plan::File;
use crate::registry::{self, StatusKind};
use crate::site::Backlink;

/// How many mentions of a part of a service are shown with it; the rest follow on further pages.
const PART: usize = 10;

/// How many colours categories have.
const TONES: u8 = 5;

pub(super) fn render(view: &View<'_>) -> Made {
    let terms = 0..view.site.catalog.terms.len();
    let lists: Vec<_> = terms.into_par_iter().map(|term| Lists::of(view, term)).collect();
    let mut jobs: Vec<(usize, &Lists<'_>, usize)> = vec![];
    for (term, lists) in lists.iter().enumerate() {
        let lists = lists.iter();
        jobs.extend(lists.flat_map(|lists| (1..=lists.count).map(move |page| (term, lists, page))));
    }
    // Pages that show the same notes are made together, while those are near the processor: it would
    // fetch the notes of a whole site for each service once more.
    let first = |(_, lists, page): &(usize, &Lists<'_>, usize)| {
        lists.own(*page).first().map_or(0, |place| place.note())
    };
    jobs.par_sort_by_key(first);
    let page = |job: (usize, &Lists<'_>, usize)| {
        known(&view.keyed(job, |key, job| self::key(view, key, job.0, job.1, job.2)))
    };
    let pages: Vec<_> = jobs.into_par_iter().map(page).collect();
    gather(pages.iter().map(|page| (**page).clone()).chain([index(view)]))
}

fn index(view: &View<'_>) -> Result<(OutPath, File), Diagnostic> {
    let page = OutPath::from("services/index.html");
    let mut groups: BTreeMap<(u8, String), Vec<(String, Term)>> = BTreeMap::new();
    for (at, term) in view.site.catalog.terms.iter().enumerate() {
        let lesson = view.site.defined_in[at].map(|at| view.site.notes[at].note());
        let (to, anchor) = view.site.catalog.page(at);
        let entry = Term {
            name: term.name.clone(),
            full: term.full.clone(),
            href: page.link_to(to, anchor),
            lesson: lesson.map(|it| it.title.clone()).unwrap_or_default(),
            mentions: view.site.mentioned[at].len(),
        };
        groups.entry(letter(&term.name)).or_default().push((path::squeeze(&term.name), entry));
    }
    let group = |(letter, mut terms): ((u8, String), Vec<(String, Term)>)| {
        terms.sort_by(|(a, _), (b, _)| a.cmp(b));
        let id = letter_id(&letter);
        Group { label: letter.1, id, terms: terms.into_iter().map(|(_, term)| term).collect() }
    };
    let model = Services {
        groups: groups.into_iter().map(group).collect(),
        categories: categories(view, &page),
    };
    let frame = view.frame(&page, "services", &view.theme.word("services"), None, None);
    view.page(page, "services.html", frame, &model)
}

/// The services once more, by their kind. Those without one are not listed.
fn categories(view: &View<'_>, page: &OutPath) -> Vec<Category> {
    let terms = &view.site.catalog.terms;
    let mut categories: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, term) in terms.iter().enumerate().filter(|(_, term)| !term.category.is_empty()) {
        categories.entry(&term.category).or_default().push(at);
    }
    let category = |(number, (label, mut at)): (usize, (&str, Vec<usize>))| {
        at.sort_by_key(|at| path::squeeze(&terms[*at].name));
        let terms = view.term_links(page, &at);
        Category {
            label: label.to_owned(),
            id: format!("g-c{}", number + 1),
            tone: tone(label),
            terms,
        }
    };
    categories.into_iter().enumerate().map(category).collect()
}

/// The colours of categories, from 1; 0 is none. One is known by its name alone, so that a new category
/// changes no page of another.
fn tone(category: &str) -> u8 {
    let first = blake3::hash(category.as_bytes()).as_bytes()[0];
    if category.is_empty() { 0 } else { first % TONES + 1 }
}

type Page = Result<(OutPath, File), Diagnostic>;

/// What the pages of a service list.
struct Lists<'a> {
    /// Its own mentions, and how many pages they fill.
    own: Vec<&'a Backlink>,
    own_pages: usize,
    /// Its parts, and their mentions that have no room beside them.
    parts: &'a [usize],
    more: Vec<(usize, &'a Backlink)>,
    count: usize,
}

/// A page to be made: of a service, with what its pages list, and the number of the page.
type Job<'a> = Keyed<'a, (usize, &'a Lists<'a>, usize)>;

/// A page of a service: the one of the last build, if nothing has changed that it shows.
#[comemo::memoize(enabled = job.key.is_some())]
fn known(job: &Job<'_>) -> Arc<Page> {
    let (at, lists, number) = job.at;
    Arc::new(page(job.view, at, lists, number))
}

/// What a page depends on; none if that cannot be told in short.
fn key(view: &View<'_>, key: Key, at: usize, lists: &Lists<'_>, number: usize) -> Option<Key> {
    let site = view.site;
    let told = |key: Key, term: usize| {
        // The services themselves are in the key of every frame.
        let key = key.with(term).with(&site.related[term]);
        let Some(home) = site.defined_in[term].map(|at| &site.notes[at]) else { return key };
        let heading = site.catalog.terms[term].defined.as_ref().and_then(|it| it.heading);
        let heading = heading.map(|at| &home.note().body.headings[at].id);
        key.with(&home.note().title).with(home.page()).with(heading)
    };
    let mut key =
        told(key.with(view.frame_key(None)), at).with((number, lists.count, lists.own.len()));
    key = key.mentions(view, lists.own(number).iter().copied());
    if number > 1 {
        for (part, place) in lists.rest(number).into_iter().flatten() {
            key = told(key, *part).with(site.mentioned[*part].len()).mentions(view, [*place]);
        }
        return Some(key);
    }
    for term in [at].iter().chain(lists.parts) {
        key = told(key, *term).with(site.mentioned[*term].len());
        if *term != at {
            let shown = first_of_each_note_first(&site.mentioned[*term]);
            key = key.mentions(view, shown.into_iter().take(PART));
        }
        if let Some(home) = site.defined_in[*term] {
            key = key.note(view, home)?;
        }
    }
    Some(key)
}

impl<'a> Lists<'a> {
    /// Of a service with its parts; none for what lives on the page of another.
    fn of(view: &View<'a>, at: usize) -> Option<Self> {
        let site = view.site;
        if site.catalog.page(at).1.is_some() {
            return None;
        }
        let own = first_of_each_note_first(&site.mentioned[at]);
        let parts = site.catalog.parts(at);
        let rest = |part: &usize| {
            let (part, all) = (*part, first_of_each_note_first(&site.mentioned[*part]));
            all.into_iter().skip(PART).map(move |place| (part, place))
        };
        let more: Vec<_> = parts.iter().flat_map(rest).collect();
        let own_pages = own.len().div_ceil(PAGE).max(1);
        let count = own_pages + more.len().div_ceil(PAGE);
        Some(Self { own, own_pages, parts, more, count })
    }

    /// Its own mentions on a page.
    fn own(&self, number: usize) -> &[&'a Backlink] {
        self.own.chunks(PAGE).nth(number - 1).unwrap_or_default()
    }

    /// The mentions of parts on a further page.
    fn rest(&self, number: usize) -> Option<&[(usize, &'a Backlink)]> {
        self.more.chunks(PAGE).nth(number.checked_sub(self.own_pages + 1)?)
    }
}

fn page(view: &View<'_>, at: usize, lists: &Lists<'_>, number: usize) -> Page {
    let catalog = &view.site.catalog;
    let (first, _) = catalog.page(at);
    let term = &catalog.terms[at];
    let page = page_of_mentions(view, first, number);
    // What stands on the first page is not said again on the others.
    let is_first = number == 1;
    let body = is_first.then(|| block(view, at, &page)).flatten();
    let model = Service {
        name: &term.name,
        full: &term.full,
        aliases: aliases(term),
        category: &term.category,
        tone: tone(&term.category),
        url: term.url.as_deref(),
        summary: &term.summary,
        status: term.status.as_ref().map(|it| status(view, it)),
        body: body.as_ref().map_or("", |it| it.html.as_str()),
        lesson: lesson(view, at, &page),
        related: if is_first { view.term_links(&page, &view.site.related[at]) } else { vec![] },
        parts: match is_first {
            true => lists.parts.iter().map(|part| self::part(view, *part, at, &page)).collect(),
            false => lists.rest(number).map(|rest| further(view, rest, &page)).unwrap_or_default(),
        },
        mentions: view.mentions(&page, lists.own(number).iter().copied(), Under::Heading),
        mention_count: lists.own.len(),
        pager: pager(&page, number, lists.count, |it| page_of_mentions(view, first, it)),
    };
    let frame = view.frame(&page, "service", &term.name, None, None);
    view.page(page, "service.html", frame, &model)
}

/// Mentions of parts that follow on a further page.
fn further<'a>(
    view: &'a View<'_>,
    rest: &[(usize, &Backlink)],
    page: &OutPath,
) -> Vec<model::Part<'a>> {
    let part = |chunk: &[(usize, &Backlink)]| {
        let term = &view.site.catalog.terms[chunk[0].0];
        model::Part {
            id: term.id.as_str(),
            name: &term.name,
            full: "",
            aliases: vec![],
            category: "",
            tone: 0,
            url: None,
            summary: "",
            status: None,
            body: String::new(),
            lesson: None,
            mentions: view.mentions(page, chunk.iter().map(|(_, place)| *place), Under::Heading),
            mention_count: view.site.mentioned[chunk[0].0].len(),
        }
    };
    rest.chunk_by(|a, b| a.0 == b.0).map(part).collect()
}

/// A page of the mentions of a service: `ec2-2.html`, or `ec2--2.html` where a service is called so.
fn page_of_mentions(view: &View<'_>, first: &OutPath, number: usize) -> OutPath {
    let page = numbered(first, number);
    let id = page.as_str().trim_start_matches("services/").trim_end_matches(".html");
    if number <= 1 || view.site.catalog.by_id(id).is_none() {
        return page;
    }
    let stem = first.as_str().trim_end_matches(".html");
    format!("{stem}--{number}.html").into()
}

/// The part of the notes that defines a service. What it lost was told where its lesson was
/// rendered.
fn block(view: &View<'_>, term: usize, page: &OutPath) -> Option<Arc<Rendered>> {
    let home = &view.site.notes[view.site.defined_in[term]?];
    let heading = view.site.catalog.terms[term].defined.as_ref()?.heading;
    Some(view.html(home, heading.map_or(Part::Whole, Part::Block), page))
}

/// The lesson that defines a service, at the heading that does.
fn lesson(view: &View<'_>, term: usize, page: &OutPath) -> Option<Link> {
    let home = &view.site.notes[view.site.defined_in[term]?];
    let heading = view.site.catalog.terms[term].defined.as_ref()?.heading;
    let anchor = heading.and_then(|at| home.note().body.headings.get(at)).map(|it| it.id.as_str());
    Some(Link { title: home.note().title.clone(), href: page.link_to(home.page(), anchor) })
}

/// A part of a service, on the page of the whole. It shows fewer mentions, so that a page with many
/// parts stays a page. What stands in the block of the whole is not shown again.
fn part<'a>(view: &'a View<'_>, at: usize, whole: usize, page: &OutPath) -> model::Part<'a> {
    let term = &view.site.catalog.terms[at];
    let mentions = first_of_each_note_first(&view.site.mentioned[at]);
    let body = block(view, at, page).filter(|_| !is_inside(view, at, whole));
    model::Part {
        id: term.id.as_str(),
        name: &term.name,
        full: &term.full,
        aliases: aliases(term),
        category: &term.category,
        tone: tone(&term.category),
        url: term.url.as_deref(),
        summary: &term.summary,
        status: term.status.as_ref().map(|it| status(view, it)),
        body: body.map(|it| it.html.clone()).unwrap_or_default(),
        lesson: lesson(view, at, page),
        mentions: view.mentions(page, mentions.iter().take(PART).copied(), Under::Heading),
        mention_count: mentions.len(),
    }
}

/// True if the block that defines one service lies in that of another.
fn is_inside(view: &View<'_>, inner: usize, outer: usize) -> bool {
    let note = view.site.defined_in[outer].map(|at| view.site.notes[at].note());
    let terms = &view.site.catalog.terms;
    let (Some(inner), Some(outer)) = (&terms[inner].defined, &terms[outer].defined) else {
        return false;
    };
    inner.note == outer.note
        && match (inner.heading, outer.heading, note) {
            (Some(inner), Some(outer), Some(note)) => {
                let event = note.body.headings[inner].event;
                (note.body.headings[outer].event..note.body.block_end(outer)).contains(&event)
            }
            _ => true,
        }
}

fn aliases(term: &catalog::Term) -> Vec<&str> {
    let other = |name: &&str| **name != *term.name && **name != *term.full;
    term.names.iter().map(|name| name.text.as_str()).filter(other).collect()
}

/// What became of a service, in words of the theme.
fn status(view: &View<'_>, status: &registry::Status) -> model::Status {
    let label = match status.kind {
        StatusKind::Renamed => "status_renamed",
        StatusKind::Replaced => "status_replaced",
        StatusKind::Closed => "status_closed",
        StatusKind::Retired => "status_retired",
        StatusKind::Ending => "status_ending",
    };
    let fact = |name: &str, value: &Option<String>| {
        value.as_ref().map(|value| view.theme.word(name).replace("{x}", value))
    };
    let facts = [
        fact("status_was", &status.was),
        fact("status_to", &status.to),
        fact("status_by", &status.by),
        fact("status_since", &status.since),
        fact("status_until", &status.until),
        status.note.clone(),
        fact("status_checked", &status.checked),
    ];
    model::Status { label: view.theme.word(label), facts: facts.into_iter().flatten().collect() }
}

/// So that the first page shows as many notes as it can.
fn first_of_each_note_first(places: &[Backlink]) -> Vec<&Backlink> {
    let chunks = || places.chunk_by(|a, b| a.note() == b.note());
    let firsts = chunks().map(|chunk| &chunk[0]);
    firsts.chain(chunks().flat_map(|chunk| &chunk[1..])).collect()
}
