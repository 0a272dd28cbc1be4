//! What the Markdown parser does not know: alerts, marked text, bare addresses and arrows. Each is a
//! pass over the events that is made only if the source holds its characters.

use std::ops::Range;

use super::event::{Event, Kind, NONE, Tag};
use super::markdown::{alert_kind, push_index};
use super::{Alert, Body, Fold, Link, LinkKind};
use crate::diag::Span;
use crate::hangul;

/// Refines the events of a body; `source` is the whole file.
pub(super) fn refine(body: &mut Body, source: &str) {
    if source.contains("[!") {
        alerts(body, source);
    }
    if source.contains("==") {
        marks(body, source);
    }
    if source.contains("://") || source.contains("www.") {
        addresses(body, source);
    }
    if source.contains(" ->") {
        arrows(body, source);
    }
}

/// `->` between spaces is an arrow: `객체 저장 -> S3`.
fn arrows(body: &mut Body, source: &str) {
    let old = std::mem::take(&mut body.events);
    let mut arrow = NONE;
    let mut code = false;
    for event in old {
        match event.kind {
            Kind::Open(Tag::CodeBlock) => code = true,
            Kind::Close(Tag::CodeBlock) => code = false,
            _ => {}
        }
        if event.kind != Kind::Text || event.payload != NONE || code {
            body.events.push(event);
            continue;
        }
        let range = event.span.range();
        let mut done = range.start;
        let mut push = |range: Range<usize>, payload: u32| {
            if !range.is_empty() {
                body.events.push(Event { payload, span: range.into(), ..event });
            }
        };
        for (at, _) in source[range.clone()].match_indices("->") {
            let at = range.start + at;
            let after = source[at + 2..].chars().next();
            if source[..at].ends_with(' ') && after.is_none_or(char::is_whitespace) {
                if arrow == NONE {
                    arrow = push_index(&mut body.strings, "→".into());
                }
                push(done..at, NONE);
                push(at..at + 2, arrow);
                done = at + 2;
            }
        }
        push(done..range.end, NONE);
    }
}

/// `> [!NOTE] title`, any case, with `+` or `-` as a block that folds.
fn alerts(body: &mut Body, source: &str) {
    let old = std::mem::take(&mut body.events);
    let mut new = Vec::with_capacity(old.len());
    // For each open quote, the alert that it turned out to be.
    let mut quotes: Vec<Option<u32>> = vec![];
    let mut at = 0;
    while at < old.len() {
        let event = old[at];
        at += 1;
        match event.kind {
            Kind::Open(Tag::Quote) => {
                let Some((alert, rest)) = alert_head(&old[at..], source) else {
                    quotes.push(None);
                    new.push(event);
                    continue;
                };
                let payload = push_index(&mut body.alerts, alert);
                quotes.push(Some(payload));
                new.push(Event { kind: Kind::Open(Tag::Alert), payload, ..event });
                let paragraph = old[at];
                at += 2;
                // The rest of the line is a title of the author's own.
                let line = line_length(&old[at..]);
                if !rest.is_empty() || line > 0 {
                    new.push(Event { kind: Kind::Open(Tag::AlertTitle), payload, ..paragraph });
                    let text = Event { kind: Kind::Text, payload: NONE, span: rest.into() };
                    new.extend((text.span.start < text.span.end).then_some(text));
                    new.extend(&old[at..at + line]);
                    new.push(Event { kind: Kind::Close(Tag::AlertTitle), payload, ..paragraph });
                }
                at += line + 1;
                if old[at - 1].kind != Kind::Close(Tag::Paragraph) {
                    new.push(paragraph);
                }
            }
            Kind::Close(Tag::Quote) => match quotes.pop().flatten() {
                Some(payload) => {
                    new.push(Event { kind: Kind::Close(Tag::Alert), payload, ..event })
                }
                None => new.push(event),
            },
            _ => new.push(event),
        }
    }
    body.events = new;
}

/// How many events the first line of a paragraph has. What is emphasised or linked across lines
/// belongs to the first as a whole.
fn line_length(events: &[Event]) -> usize {
    let mut depth = 0;
    let ends = events.iter().position(|event| {
        match event.kind {
            Kind::Open(_) => depth += 1,
            Kind::Close(_) => depth -= 1,
            _ => {}
        }
        depth < 0 || depth == 0 && matches!(event.kind, Kind::SoftBreak | Kind::HardBreak)
    });
    ends.unwrap_or(0)
}

/// The alert that a quote begins with, and the bytes of its first text that are not its mark.
fn alert_head(events: &[Event], source: &str) -> Option<(Alert, Range<usize>)> {
    let [paragraph, text, ..] = events else { return None };
    if paragraph.kind != Kind::Open(Tag::Paragraph)
        || (text.kind, text.payload) != (Kind::Text, NONE)
    {
        return None;
    }
    let line = &source[text.span.range()];
    let (word, rest) = line.strip_prefix("[!")?.split_once(']')?;
    if word.is_empty() || !word.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_') {
        return None;
    }
    let (fold, rest) = match rest.chars().next() {
        Some('+') => (Fold::Open, &rest[1..]),
        Some('-') => (Fold::Closed, &rest[1..]),
        _ => (Fold::None, rest),
    };
    let end = text.span.range().end;
    let start = end - rest.trim_start().len();
    Some((Alert { kind: alert_kind(word), fold }, start..end))
}

/// `==marked==`, between two marks at the same depth of one paragraph.
fn marks(body: &mut Body, source: &str) {
    let old = std::mem::take(&mut body.events);
    let mut pieces: Vec<Event> = Vec::with_capacity(old.len());
    for event in old {
        if event.kind == Kind::Text && event.payload == NONE {
            split_marks(event, source, &mut pieces);
        } else {
            pieces.push(event);
        }
    }
    // A split-off `==` is an opener if a closer follows before its parent ends.
    let is_mark = |event: &Event| {
        event.kind == Kind::Text && event.payload == NONE && &source[event.span.range()] == "=="
    };
    let mut depth = 0_usize;
    let mut openers: Vec<(usize, usize)> = vec![];
    let mut code = 0;
    for at in 0..pieces.len() {
        match pieces[at].kind {
            Kind::Open(tag) => {
                depth += 1;
                code += usize::from(matches!(tag, Tag::CodeBlock | Tag::Image));
            }
            Kind::Close(tag) => {
                depth = depth.saturating_sub(1);
                code -= usize::from(matches!(tag, Tag::CodeBlock | Tag::Image));
                openers.retain(|(_, level)| *level <= depth);
            }
            Kind::Text if code == 0 && is_mark(&pieces[at]) => {
                let space = |c: Option<char>| c.is_none_or(char::is_whitespace);
                let span = pieces[at].span.range();
                let opens = !space(source[span.end..].chars().next());
                let closes = !space(source[..span.start].chars().next_back());
                if closes && openers.last().is_some_and(|(_, level)| *level == depth) {
                    let (first, _) = openers.pop().unwrap_or_default();
                    pieces[first].kind = Kind::Open(Tag::Mark);
                    pieces[at].kind = Kind::Close(Tag::Mark);
                } else if opens {
                    openers.push((at, depth));
                }
            }
            _ => {}
        }
    }
    // Marks that marked nothing are text again.
    body.events = Vec::with_capacity(pieces.len());
    for event in pieces {
        join(&mut body.events, event);
    }
}

fn split_marks(event: Event, source: &str, pieces: &mut Vec<Event>) {
    let range = event.span.range();
    let text = &source[range.clone()];
    let mut done = 0;
    for (at, _) in text.match_indices("==") {
        let around = |at: Option<usize>| at.and_then(|at| text.as_bytes().get(at)) == Some(&b'=');
        // A longer run, such as `===`, marks nothing.
        if at < done || around(at.checked_sub(1)) || around(Some(at + 2)) {
            continue;
        }
        for part in [done..at, at..at + 2] {
            if !part.is_empty() {
                let span = Span::from(range.start + part.start..range.start + part.end);
                pieces.push(Event { span, ..event });
            }
        }
        done = at + 2;
    }
    if done < text.len() {
        pieces.push(Event { span: Span::from(range.start + done..range.end), ..event });
    }
}

fn join(events: &mut Vec<Event>, event: Event) {
    let joins = |last: &&mut Event| {
        (last.kind, last.payload) == (Kind::Text, NONE)
            && (event.kind, event.payload) == (Kind::Text, NONE)
            && last.span.end == event.span.start
    };
    match events.last_mut().filter(joins) {
        Some(last) => last.span.end = event.span.end,
        None => events.push(event),
    }
}

/// Addresses that stand bare in the text, by GFM's rule for where they end, and without the
/// Korean particle that follows.
fn addresses(body: &mut Body, source: &str) {
    let old = std::mem::take(&mut body.events);
    let mut busy = 0;
    for event in old {
        match event.kind {
            Kind::Open(Tag::Link | Tag::Image | Tag::CodeBlock) => busy += 1,
            Kind::Close(Tag::Link | Tag::Image | Tag::CodeBlock) => busy -= 1,
            _ => {}
        }
        if event.kind != Kind::Text || event.payload != NONE || busy > 0 {
            body.events.push(event);
            continue;
        }
        let range = event.span.range();
        let text = &source[range.clone()];
        let mut done = 0;
        while let Some((start, end)) = next_address(text, done) {
            let part = |a: usize, b: usize| Span::from(range.start + a..range.start + b);
            if done < start {
                body.events.push(Event { span: part(done, start), ..event });
            }
            let url = &text[start..end];
            let dest =
                if url.starts_with("www.") { format!("https://{url}") } else { url.to_owned() };
            let span = part(start, end);
            let link =
                Link { kind: LinkKind::Auto, image: false, dest, title: String::new(), span };
            let payload = push_index(&mut body.links, link);
            let link = Event { kind: Kind::Open(Tag::Link), payload, span };
            body.events.push(link);
            body.events.push(Event { span, ..event });
            body.events.push(Event { kind: Kind::Close(Tag::Link), ..link });
            done = end;
        }
        if done < text.len() {
            let span = Span::from(range.start + done..range.end);
            body.events.push(Event { span, ..event });
        }
    }
}

fn next_address(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    loop {
        let rest = &text[at..];
        let found = ["https://", "http://", "www."]
            .iter()
            .filter_map(|mark| rest.find(mark).map(|start| (at + start, mark.len())));
        let (start, mark) = found.min()?;
        let before = text[..start].chars().next_back();
        let end = start + address_length(&text[start..]);
        if before.is_none_or(|c| !c.is_ascii_alphanumeric() && !"-_/.@".contains(c))
            && end > start + mark
        {
            return Some((start, end));
        }
        at = start + mark;
    }
}

fn address_length(text: &str) -> usize {
    let stop =
        |c: char| c.is_whitespace() || c.is_control() || "<>\"“”‘’「」『』《》〈〉".contains(c);
    let mut url = &text[..text.find(stop).unwrap_or(text.len())];
    loop {
        let last = url.chars().next_back();
        let tail = url.trim_end_matches(hangul::is_hangul);
        url = match last {
            Some(c) if "?!.,:;*_~'。、，".contains(c) => &url[..url.len() - c.len_utf8()],
            Some(')') if url.matches(')').count() > url.matches('(').count() => {
                &url[..url.len() - 1]
            }
            Some(']') if url.matches(']').count() > url.matches('[').count() => {
                &url[..url.len() - 1]
            }
            Some(c) if hangul::is_hangul(c) && hangul::is_particle_tail(&url[tail.len()..]) => tail,
            _ => return url.len(),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_end_before_particles_and_punctuation() {
        for (text, url) in [
            ("(https://a.b/c)를", Some("https://a.b/c")),
            ("https://a.b/c에서 본다", Some("https://a.b/c")),
            ("https://ko.wikipedia.org/wiki/한글.", Some("https://ko.wikipedia.org/wiki/한글")),
            ("보라 www.a.b/x_(y)!", Some("www.a.b/x_(y)")),
            ("xhttps://a.b", None),
            ("http:// www.", None),
        ] {
            let found = next_address(text, 0).map(|(start, end)| &text[start..end]);
            assert_eq!(found, url, "{text}");
        }
    }
}
