//! What raw HTML refers to. No parser of HTML: a browser's reading of well-formed tags, so that
//! `<img src="vpc.png">` finds its file as `![](vpc.png)` does. What is odder is the sanitizer's.

use std::ops::Range;

use super::event::{Event, Kind, NONE};
use super::{Body, Link, LinkKind};
use crate::diag::Span;

/// An attribute of a tag; the ranges are bytes of the HTML it was found in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// The name of the tag, as written.
    pub tag: &'a str,
    /// The name of the attribute, as written.
    pub name: &'a str,
    /// Its value without quotes, as written.
    pub value: &'a str,
    /// From its name to the end of its value with the quote.
    pub whole: Range<usize>,
    /// Where the value begins.
    pub value_at: usize,
}

/// The attributes with a value of all opening tags in a piece of HTML; comments have none.
pub fn attributes(html: &str) -> Vec<Attribute<'_>> {
    let mut found = vec![];
    let mut at = 0;
    while let Some(open) = html[at..].find('<').map(|it| at + it) {
        if html[open..].starts_with("<!--") {
            at = html[open..].find("-->").map_or(html.len(), |it| open + it);
            continue;
        }
        let name = word(html, open + 1, |c| c.is_ascii_alphanumeric());
        at = open + 1;
        if !name.is_empty() {
            at = tag(html, &html[name.clone()], name.end, &mut found);
        }
    }
    found
}

/// Reads the attributes of one tag from `at`; returns where it ends.
fn tag<'a>(html: &'a str, tag: &'a str, mut at: usize, found: &mut Vec<Attribute<'a>>) -> usize {
    let skip_space = |at: usize| word(html, at, char::is_whitespace).end;
    loop {
        at = word(html, at, |c| c.is_whitespace() || c == '/').end;
        let name = word(html, at, |c| !c.is_whitespace() && !"=/>\"'<".contains(c));
        if name.is_empty() {
            return at;
        }
        at = name.end;
        if !html[skip_space(at)..].starts_with('=') {
            continue;
        }
        let start = skip_space(skip_space(at) + 1);
        let value = match html[start..].chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let start = start + 1;
                let Some(length) = html[start..].find(quote) else { return html.len() };
                at = start + length + 1;
                start..start + length
            }
            _ => {
                let value = word(html, start, |c| !c.is_whitespace() && c != '>');
                at = value.end;
                value
            }
        };
        found.push(Attribute {
            tag,
            name: &html[name.clone()],
            value_at: value.start,
            value: &html[value],
            whole: name.start..at,
        });
    }
}

fn word(text: &str, at: usize, is_part: impl Fn(char) -> bool) -> Range<usize> {
    let rest = &text[at..];
    at..at + rest.find(|c| !is_part(c)).unwrap_or(rest.len())
}

/// Takes comments of raw HTML out of a body, wherever they stand: nobody is to see them. In a list or
/// a quote a comment comes line by line. One that is never closed stays, and is told of where it is
/// rendered; so do those that say something to the linker.
pub(super) fn hide_comments(body: &mut Body, source: &str) {
    let old = std::mem::take(&mut body.events);
    let mut at = 0;
    while at < old.len() {
        // A run of raw HTML: what an HTML block holds, or a piece in a line.
        let run = old[at..].iter().take_while(|event| event.kind == Kind::Html).count();
        if run == 0 {
            body.events.push(old[at]);
            at += 1;
            continue;
        }
        let mut comment = false;
        let events = &old[at..at + run];
        // Where the last comment of the run ends: asked for once, however many begin.
        let close = |event: &Event| {
            let span = event.span.range();
            source[span.clone()].rfind("-->").map(|at| span.start + at)
        };
        let last = events.iter().rev().find_map(close);
        let closes = |from: usize| last.is_some_and(|close| close >= from);
        for event in events {
            let span = event.span.range();
            let mut done = span.start;
            while done < span.end {
                if comment {
                    let end = source[done..span.end].find("-->");
                    let end = end.map_or(span.end, |length| done + length + 3);
                    comment = !source[done..end].ends_with("-->");
                    body.comments.push((done..end).into());
                    done = end;
                    continue;
                }
                let open = source[done..span.end].find("<!--").map_or(span.end, |it| done + it);
                let is_word = |at: usize| {
                    let inside = source[at + 4..].trim_start().trim_start_matches('/');
                    inside.starts_with("nolink")
                };
                // What is a comment begins one; anything else is kept with what is before it.
                let keep = open < span.end && (is_word(open) || !closes(open + 4));
                let end = if keep { (open + 4).min(span.end) } else { open };
                if done < end {
                    let whole = done == span.start && end == span.end;
                    let piece = Event { span: (done..end).into(), payload: NONE, ..*event };
                    push_html(&mut body.events, if whole { *event } else { piece });
                }
                comment = !keep && open < span.end;
                done = end;
            }
        }
        at += run;
    }
    body.comments.sort_unstable();
}

fn push_html(events: &mut Vec<Event>, event: Event) {
    let joins = |last: &&mut Event| {
        (last.kind, last.payload, event.payload) == (Kind::Html, NONE, NONE)
            && last.span.end == event.span.start
    };
    match events.last_mut().filter(joins) {
        Some(last) => last.span.end = event.span.end,
        None => events.push(event),
    }
}

/// The elements of raw HTML may be nested this deep; deeper is an accident (tags that are never
/// closed), and the sanitizer takes the square of it.
const MAX_DEPTH: usize = 500;

/// Where raw HTML is nested too deep, if it is.
pub(super) fn too_deep(body: &Body, source: &str) -> Option<Span> {
    // These have no end, or need none.
    const OPEN: [&str; 20] = [
        "area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
        "wbr", "p", "li", "dt", "dd", "tr", "td", "th", "option",
    ];
    let mut depth = 0_usize;
    let is_own = |event: &&Event| event.kind == Kind::Html && event.payload == NONE;
    for event in body.events.iter().filter(is_own) {
        for tag in source[event.span.range()].split('<').skip(1) {
            let closes = tag.starts_with('/');
            let tag = tag.strip_prefix('/').unwrap_or(tag);
            let name = &tag[word(tag, 0, |c| c.is_ascii_alphanumeric())];
            let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic());
            if !is_name || OPEN.iter().any(|it| it.eq_ignore_ascii_case(name)) {
                continue;
            }
            depth = if closes { depth.saturating_sub(1) } else { depth + 1 };
            if depth > MAX_DEPTH {
                let inside = source[event.span.range()].trim_end().len();
                let end = event.span.start + u32::try_from(inside).unwrap_or(0);
                return Some(Span { end, ..event.span });
            }
        }
    }
    None
}

/// Adds what raw HTML refers to to the links of a body: the files and pages of the project, and
/// pictures of other sites. Their spans are those of the attributes.
pub(super) fn collect(body: &mut Body, source: &str) {
    let is_own = |event: &&Event| event.kind == Kind::Html && event.payload == NONE;
    for event in body.events.iter().filter(is_own) {
        let start = event.span.range().start;
        for it in attributes(&source[event.span.range()]) {
            let src = it.name.eq_ignore_ascii_case("src");
            let image = src && it.tag.eq_ignore_ascii_case("img");
            let link = it.name.eq_ignore_ascii_case("href") && it.tag.eq_ignore_ascii_case("a");
            let is_known = src || it.name.eq_ignore_ascii_case("href");
            if !is_known || !leads_somewhere(it.value, image || link) {
                continue;
            }
            body.links.push(Link {
                kind: LinkKind::Html,
                image,
                dest: it.value.replace("&amp;", "&"),
                title: String::new(),
                span: Span::from(start + it.whole.start..start + it.whole.end),
            });
        }
    }
}

/// True for an address that is ours to follow: anchors and odd schemes are not, and other sites only
/// from a link or a picture.
fn leads_somewhere(value: &str, abroad: bool) -> bool {
    let value = value.trim();
    let scheme = value.split(['/', '?', '#']).next().is_some_and(|first| first.contains(':'));
    let remote = ["http://", "https://", "//", r"\\", r"/\"].iter().any(|it| value.starts_with(it));
    let relative = !scheme && !value.starts_with('#') && !remote;
    !value.is_empty() && (relative || abroad && remote)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_of_tags() {
        let html = "a=\"no\" <img src=\"a b.png\" alt='x=\"y\"' width=3><!-- <a href=\"c\"> --><A HREF=d.md>t</a href=\"e\"><br/><i x = 'y' z=\"1\"";
        let found: Vec<_> = attributes(html).iter().map(|it| (it.tag, it.name, it.value)).collect();
        assert_eq!(
            found,
            [
                ("img", "src", "a b.png"),
                ("img", "alt", "x=\"y\""),
                ("img", "width", "3"),
                ("A", "HREF", "d.md"),
                ("i", "x", "y"),
                ("i", "z", "1"),
            ]
        );
        for it in attributes(html) {
            assert!(html[it.value_at..].starts_with(it.value));
        }
    }
}
