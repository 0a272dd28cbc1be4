//! The glossary: names that the notes give in two languages or lengths, each with where. It is found
//! by either name: Korean under 가 to 하, English and abbreviations under A to Z.

use std::collections::BTreeMap;

use super::model::{Entry, Glossary, GlossaryGroup, Link};
use super::{Made, View, gather, letter, letter_id, numbered, pager};
use crate::catalog;
use crate::path::{self, OutPath};
use crate::site::{Pair, PairKind};

/// How many entries a page lists: some 9 KB packed, a third of what a page may weigh with all it loads.
const ENTRIES: usize = 250;
/// How many places are named of each entry.
const PLACES: usize = 3;

/// Where the glossary begins.
pub(super) const PAGE: &str = "glossary.html";

/// A place of a pair: the note as an index, and the pair.
type Place<'a> = (usize, &'a Pair);

pub(super) fn render(view: &View<'_>) -> Made {
    if !exists(view) {
        return (vec![], vec![]);
    }
    let first = OutPath::from(PAGE);
    let lines = entries(view);
    let count = lines.len().div_ceil(ENTRIES).max(1);
    // The pages in which each letter begins: the whole alphabet leads from every page.
    let pages = lines.chunks(ENTRIES).zip(1..);
    let mut begins: Vec<(&(u8, String), usize)> = pages
        .flat_map(|(lines, number)| lines.iter().map(move |it| (&it.letter, number)))
        .collect();
    begins.dedup_by_key(|(letter, _)| *letter);
    let page_of = |number: usize| {
        let page = numbered(&first, number);
        let letters = begins.iter().map(|(letter, begin)| Link {
            title: letter.1.clone(),
            href: page.link_to(&numbered(&first, *begin), Some(&letter_id(letter))),
        });
        let own = &lines[(number - 1) * ENTRIES..lines.len().min(number * ENTRIES)];
        let groups = own.chunk_by(|a, b| a.letter == b.letter).map(|lines| GlossaryGroup {
            label: lines[0].letter.1.clone(),
            id: letter_id(&lines[0].letter),
            entries: lines.iter().map(|it| entry(view, &page, it)).collect(),
        });
        let model = Glossary {
            letters: letters.collect(),
            groups: groups.collect(),
            pager: pager(&page, number, count, |it| numbered(&first, it)),
        };
        let frame = view.frame(&page, "glossary", &view.theme.word("glossary"), None, None);
        view.page(page, "glossary.html", frame, &model)
    };
    gather((1..=count).map(page_of))
}

/// True if there is a glossary: a note of that name takes its place.
pub(super) fn exists(view: &View<'_>) -> bool {
    let page = OutPath::from(PAGE);
    let catalog = &view.site.catalog;
    let is_new = |pair: &Pair| is_new(catalog, pair);
    view.site.notes.iter().any(|linked| linked.pairs.iter().any(is_new))
        && !view.site.notes.iter().any(|linked| *linked.page() == page)
}

/// A name in the registry has a page that says all this already.
fn is_new(catalog: &catalog::Catalog, pair: &Pair) -> bool {
    let known = |name: &str| catalog.names.contains_key(&catalog::key(name));
    !known(&pair.first) && !known(&pair.second)
}

/// One line of the glossary.
struct Line<'a> {
    letter: (u8, String),
    key: String,
    name: &'a str,
    other: &'a str,
    places: Vec<Place<'a>>,
}

/// All lines in order. A pair that stands in many places is one line.
fn entries<'a>(view: &View<'a>) -> Vec<Line<'a>> {
    let mut pairs: BTreeMap<(PairKind, String, String), Vec<Place<'a>>> = BTreeMap::new();
    for (at, linked) in view.site.notes.iter().enumerate() {
        for pair in linked.pairs.iter().filter(|pair| is_new(&view.site.catalog, pair)) {
            let second = path::squeeze(&pair.second);
            let second = second.strip_suffix('s').unwrap_or(&second).to_owned();
            let key = (pair.kind, path::squeeze(&pair.first), second);
            pairs.entry(key).or_default().push((at, pair));
        }
    }
    let mut lines = vec![];
    for ((kind, ..), places) in pairs {
        let pair = places[0].1;
        let mut line = |name: &'a str, other: &'a str| {
            let (letter, key) = (letter(name), path::squeeze(name));
            lines.push(Line { letter, key, name, other, places: places.clone() });
        };
        line(&pair.first, &pair.second);
        if kind == PairKind::Translation {
            line(&pair.second, &pair.first);
        }
    }
    // Korean comes first: it is what the reader looks up most.
    let rank = |line: &Line<'_>| [1, 0, 2][usize::from(line.letter.0.min(2))];
    lines.sort_by(|a, b| {
        (rank(a), &a.letter, &a.key, a.other).cmp(&(rank(b), &b.letter, &b.key, b.other))
    });
    lines
}

fn entry(view: &View<'_>, page: &OutPath, line: &Line<'_>) -> Entry {
    let mut seen = vec![];
    let mut places = vec![];
    for (at, pair) in &line.places {
        if seen.contains(at) {
            continue;
        }
        seen.push(*at);
        if places.len() < PLACES {
            let linked = &view.site.notes[*at];
            let headings = &linked.note().body.headings;
            let under = headings.partition_point(|it| it.event <= pair.event).checked_sub(1);
            let anchor = under.map(|at| &headings[at]).filter(|it| !it.is_title);
            let href = page.link_to(linked.page(), anchor.map(|it| it.id.as_str()));
            places.push(Link { title: linked.note().title.clone(), href });
        }
    }
    Entry {
        name: line.name.to_owned(),
        other: line.other.to_owned(),
        more: seen.len() - places.len(),
        places,
    }
}
