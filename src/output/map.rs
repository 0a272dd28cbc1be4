//! The map of the services: section by section, and which belong together. Drawn here, so that it
//! needs no script and is the same on every day; below it stands the same as a list.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::model::{Map, MapGroup, MapService};
use super::{Made, View, gather};
use crate::hangul;
use crate::html::escaped;
use crate::path::OutPath;

/// Where the map is.
pub(super) const PAGE: &str = "map.html";

/// More services than this make no map that anyone can read: the most mentioned are drawn.
const MOST: usize = 240;
/// A service is tied to the one that it belongs with most, and to others where each is among so many
/// that the other belongs with most. A service that all belong with would have a tie to all.
const TIES: usize = 3;

/// The drawing, in units of its own: a row of boxes is so wide, and a box so high. All places are
/// multiples of ten, which pack better.
const WIDTH: i32 = 1060;
const HEIGHT: i32 = 30;
const GAP: i32 = 10;
/// What the title of a section takes.
const TITLE: i32 = 30;

/// Whether there is something to draw.
pub(super) fn exists(view: &View<'_>) -> bool {
    view.site.catalog.terms.len() > 1
}

pub(super) fn render(view: &View<'_>) -> Made {
    if !exists(view) {
        return (vec![], vec![]);
    }
    let page = OutPath::from(PAGE);
    let shown = shown(view);
    let ties = ties(view, &shown);
    let groups = groups(view, &shown);
    let link = |term: &usize| view.term_links(&page, &[*term]).remove(0);
    let service =
        |term: &usize| MapService { link: link(term), ties: ties[term].iter().map(link).collect() };
    let listed = groups.iter().map(|(section, terms)| MapGroup {
        title: section.map_or_else(|| view.theme.word("elsewhere"), |at| title(view, at)),
        services: terms.iter().map(service).collect(),
    });
    let model = Map {
        body: draw(view, &page, &groups, &ties),
        groups: listed.collect(),
        cut: view.site.catalog.terms.len() > MOST,
    };
    let frame = view.frame(&page, "map", &view.theme.word("map"), None, None);
    gather([view.page(page, "map.html", frame, &model)])
}

fn title(view: &View<'_>, section: usize) -> String {
    view.section_title(&view.site.sections[section]).to_owned()
}

/// The services with a page of their own; of too many those that are mentioned most.
fn shown(view: &View<'_>) -> BTreeSet<usize> {
    let catalog = &view.site.catalog;
    let own = (0..catalog.terms.len()).filter(|term| catalog.root(*term) == *term);
    let mut own: Vec<usize> = own.collect();
    own.sort_by_key(|term| (std::cmp::Reverse(view.site.mentioned[*term].len()), *term));
    own.into_iter().take(MOST).collect()
}

/// For each service those that it is tied to, in the order of the catalog.
fn ties(view: &View<'_>, shown: &BTreeSet<usize>) -> BTreeMap<usize, BTreeSet<usize>> {
    let near = |term: usize| {
        let near = view.site.related[term].iter().copied().filter(|other| shown.contains(other));
        near.take(TIES)
    };
    let mut ties: BTreeMap<usize, BTreeSet<usize>> =
        shown.iter().map(|term| (*term, BTreeSet::new())).collect();
    for term in shown {
        for (rank, other) in near(*term).enumerate() {
            if rank == 0 || near(other).any(|it| it == *term) {
                ties.entry(*term).or_default().insert(other);
                ties.entry(other).or_default().insert(*term);
            }
        }
    }
    ties
}

/// The services by the section that defines them, as the notes have them; last those that no note
/// defines.
fn groups(view: &View<'_>, shown: &BTreeSet<usize>) -> Vec<(Option<usize>, Vec<usize>)> {
    let mut groups: BTreeMap<(bool, Option<usize>), Vec<usize>> = BTreeMap::new();
    let place = |term: usize| {
        let note = view.site.defined_in[term]?;
        let heading = view.site.catalog.terms[term].defined.as_ref().and_then(|it| it.heading);
        Some((view.site.notes[note].section, (note, heading)))
    };
    let mut terms: Vec<usize> = shown.iter().copied().collect();
    terms.sort_by_key(|term| (place(*term).map(|(_, place)| place), *term));
    for term in terms {
        let section = place(term).and_then(|(section, _)| section);
        groups.entry((section.is_none(), section)).or_default().push(term);
    }
    groups.into_iter().map(|((_, section), terms)| (section, terms)).collect()
}

/// A box with its place.
struct Node {
    x: i32,
    y: i32,
    width: i32,
}

fn draw(
    view: &View<'_>,
    page: &OutPath,
    groups: &[(Option<usize>, Vec<usize>)],
    ties: &BTreeMap<usize, BTreeSet<usize>>,
) -> String {
    let mut nodes: BTreeMap<usize, Node> = BTreeMap::new();
    let mut titles = vec![];
    let mut y = 0;
    for (section, terms) in groups {
        y += TITLE;
        titles.push((*section, y - 10));
        let mut x = 0;
        for term in terms {
            let width = (width(&view.site.catalog.terms[*term].name) + 30) / 20 * 20;
            if x > 0 && x + width > WIDTH {
                (x, y) = (0, y + HEIGHT + GAP);
            }
            nodes.insert(*term, Node { x, y, width });
            x += width + GAP;
        }
        y += HEIGHT + 2 * GAP;
    }
    let mut svg = format!(
        "<svg class=\"map\" viewBox=\"-1 0 {} {y}\" width=\"{WIDTH}\" height=\"{y}\" aria-hidden=\"true\">",
        WIDTH + 2
    );
    // The ties of a service stand with its box, to be seen when it is pointed at. Below all boxes each is
    // drawn faintly, by a reference to one of the two.
    svg.push_str("<g class=\"ties\">");
    for term in ties.iter().filter(|(term, others)| others.iter().any(|it| it > term)) {
        let _ = write!(svg, "<use href=\"#t{}\"/>", term.0);
    }
    svg.push_str("</g>");
    for (section, y) in titles {
        let title = section.map_or_else(|| view.theme.word("elsewhere"), |at| title(view, at));
        let _ = write!(svg, "<text class=\"part\" x=\"0\" y=\"{y}\">{}</text>", escaped(&title));
    }
    for (term, node) in &nodes {
        svg.push_str("<g>");
        if !ties[term].is_empty() {
            let mut own = String::new();
            for other in &ties[term] {
                line(&mut own, node, &nodes[other]);
            }
            let _ = write!(svg, "<path id=\"t{term}\" d=\"{own}\"/>");
        }
        let link = view.term_links(page, &[*term]).remove(0);
        let (x, y, width) = (node.x, node.y, node.width);
        // A drawing in the drawing: box and text have the same place in each.
        let _ = write!(
            svg,
            "<svg x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{HEIGHT}\"><a href=\"{}\" tabindex=\"-1\">\
             <rect width=\"100%\" height=\"100%\" rx=\"6\"/><text x=\"50%\" y=\"20\">{}</text></a></svg></g>",
            escaped(&link.href),
            escaped(&link.title)
        );
    }
    svg.push_str("</svg>");
    svg
}

/// From the edge of one box to that of another, bent if they stand in one row.
fn line(path: &mut String, from: &Node, to: &Node) {
    let (x1, x2) = (from.x + from.width / 2, to.x + to.width / 2);
    let edge = |node: &Node, other: &Node| node.y + if other.y > node.y { HEIGHT } else { 0 };
    let (y1, y2) = (edge(from, to), edge(to, from));
    let _ = if y1 == y2 {
        let (x, y) = (i32::midpoint(x1, x2), y1 - HEIGHT - (x2 - x1).abs() / 12);
        write!(path, "M{x1} {y1}Q{x} {y} {x2} {y2}")
    } else {
        write!(path, "M{x1} {y1}L{x2} {y2}")
    };
}

/// How wide a name is about, in 13 units of height. Nobody can measure the reader's font.
fn width(name: &str) -> i32 {
    let char_width = |c: char| match c {
        _ if hangul::is_hangul(c) => 13,
        'A'..='Z' | 'm' | 'w' => 10,
        _ if c.is_ascii() => 8,
        _ => 13,
    };
    name.chars().map(char_width).sum()
}
