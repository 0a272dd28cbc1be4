//! What is odd in a note that the parser has no words for: bytes, invisible characters, footnotes.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{Body, Kind, NONE, Tag};
use crate::diag::{Diagnostic, Span};
use crate::path::{self, SrcPath};

pub(super) fn odd_characters(
    file: &SrcPath,
    source: &str,
    start: usize,
    diags: &mut Vec<Diagnostic>,
) {
    let body = &source[start..];
    if let Some(at) = body.find('\0') {
        let message = "this note holds a NUL byte, which is shown as U+FFFD";
        let span = start + at..start + at + 1;
        diags.push(Diagnostic::warning("nul", file, span, message).hint("remove the byte"));
    }
    // All of them begin with this byte, which is rare enough to look for first.
    if body.as_bytes().contains(&0xE2)
        && body.as_bytes().windows(2).any(|pair| matches!(pair, [0xE2, 0x80 | 0x81]))
        && let Some((at, c)) = body.char_indices().find(|(_, c)| path::is_bidi_control(*c))
    {
        let message = format!(
            "this note holds U+{:04X}, which turns the writing direction of what follows",
            c as u32
        );
        let span = start + at..start + at + c.len_utf8();
        let hint = "remove the invisible character; in code it is shown as an escape";
        diags.push(Diagnostic::warning("bidi", file, span, message).hint(hint));
    }
}

/// By this key Obsidian's Excalidraw knows its drawings, whose text is not for readers.
pub(super) const DRAWING: &str = "excalidraw-plugin";

/// Says why a drawing has no page. What else is odd in its text nobody needs to mend.
pub(super) fn drawing(file: &SrcPath) -> Diagnostic {
    let message = "this is a drawing of Excalidraw, which has no page";
    let diag = Diagnostic::warning("drawing", file, 0..0, message);
    diag.hint("export it as SVG, and show that: `![[drawing.svg]]`")
}

/// Says of the table of contents of mdBook and GitBook, which is a list of links, that it puts nothing in order.
pub(super) fn contents(file: &SrcPath, body: &Body, diags: &mut Vec<Diagnostic>) {
    let begins_with_link = |(at, event): (usize, &super::Event)| {
        let rest = body.events[at + 1..].iter().map(|it| it.kind);
        let first = rest.take(2).find(|it| *it != Kind::Open(Tag::Paragraph));
        (event.kind == Kind::Open(Tag::Item)).then(|| first == Some(Kind::Open(Tag::Link)))
    };
    let mut items = body.events.iter().enumerate().filter_map(begins_with_link).peekable();
    if file.as_str() == "notes/SUMMARY.md" && items.peek().is_some() && items.all(|it| it) {
        let message = "this is a table of contents of mdBook, and a lesson here like any other";
        let diag = Diagnostic::warning("contents", file, 0..0, message);
        let diag = diag.hint("lessons come in the order of their files: `01-intro.md`, `02-…`");
        diags.push(diag.hint("name this one under `ignore` in gongbu.toml"));
    }
}

/// The texts of a note, each with whether it is in a block of code.
fn texts(body: &Body) -> impl Iterator<Item = (Range<usize>, bool)> {
    let mut in_code = false;
    body.events.iter().filter_map(move |event| {
        match event.kind {
            Kind::Open(Tag::CodeBlock) => in_code = true,
            Kind::Close(Tag::CodeBlock) => in_code = false,
            _ => {}
        }
        (event.kind == Kind::Text).then(|| (event.span.range(), in_code))
    })
}

/// What another tool fills in.
struct Foreign {
    what: &'static str,
    hint: &'static str,
    /// It is filled in in code too.
    in_code: bool,
    /// How many bytes of a line it has, if it begins with one; given also what stands before it.
    length: fn(&str, &str) -> Option<usize>,
}

/// What other tools fill in, and what to do about it.
const FOREIGN: [Foreign; 4] = [
    Foreign {
        what: "a shortcode of Hugo",
        hint: "write what it stands for in Markdown",
        in_code: false,
        length: |_, line| begins(line, &["{{<", "{{%"]).then(|| until(line, "}}")),
    },
    Foreign {
        what: "a command of mdBook",
        hint: "copy in what it includes; of a note `![[name]]` shows the text",
        in_code: true,
        length: |_, line| {
            let names = ["{{#include", "{{#rustdoc_include", "{{#playground", "{{#title"];
            begins(line, &names).then(|| until(line, "}}"))
        },
    },
    Foreign {
        what: "a tag of Zola or Jekyll",
        hint: "write what it stands for in Markdown, or put it in code",
        in_code: false,
        length: |before, line| {
            if begins(line, &["{% ", "{%- "]) && !before.ends_with('{') {
                return Some(until(line, "%}"));
            }
            let name = line.strip_prefix("{{")?.trim_start();
            let after = name.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
            (after.len() < name.len() && after.starts_with('(')).then(|| until(line, "}}"))
        },
    },
    Foreign {
        what: "a container of another tool",
        hint: "write an alert: `> [!TIP]`, with `>` before each of its lines",
        in_code: false,
        length: |before, line| {
            // What ends one has no name.
            let name = line.strip_prefix(":::")?.trim_start_matches(':').trim_start();
            let above = before.trim_end_matches([' ', '\t', '>']);
            let begins_line = above.is_empty() || above.ends_with('\n');
            (begins_line && name.starts_with(char::is_alphabetic)).then_some(line.len())
        },
    },
];

fn begins(line: &str, names: &[&str]) -> bool {
    names.iter().any(|name| line.starts_with(name))
}

fn until(line: &str, end: &str) -> usize {
    line.find(end).map_or(line.len(), |at| at + end.len())
}

/// What only another tool fills in, and is shown here as it stands: each kind once a note, with how many
/// more there are.
pub(super) fn other_tools(file: &SrcPath, body: &Body, source: &str, diags: &mut Vec<Diagnostic>) {
    // Most notes have none of them, which is seen at a glance.
    if !["{{", "{%", ":::"].iter().any(|mark| source.contains(mark)) {
        return;
    }
    let mut found: [(usize, Span); FOREIGN.len()] = Default::default();
    for (span, in_code) in texts(body) {
        for (at, _) in source[span.clone()].match_indices(['{', ':']) {
            let (before, rest) = source.split_at(span.start + at);
            let line = rest.lines().next().unwrap_or_default();
            // Code that shows what a tool knows is only code.
            let kinds = FOREIGN.iter().zip(&mut found).filter(|(it, _)| it.in_code || !in_code);
            let mut lengths = kinds.filter_map(|(it, at)| Some(((it.length)(before, line)?, at)));
            if let Some((length, (count, first))) = lengths.next() {
                if *count == 0 {
                    *first = Span::from(before.len()..before.len() + length);
                }
                *count += 1;
            }
        }
    }
    for ((count, span), Foreign { what, hint, .. }) in found.into_iter().zip(FOREIGN) {
        let more = match count {
            0 => continue,
            1 => String::new(),
            more => format!(", and {} more in this note", more - 1),
        };
        let message = format!("{what} is shown as it stands{more}");
        diags.push(Diagnostic::warning("other-tool", file, span, message).hint(hint));
    }
}

/// A formula in a note without formulas: `$$` at the beginning of a line is no money. The first is told.
pub(super) fn raw_formula(file: &SrcPath, body: &Body, source: &str, diags: &mut Vec<Diagnostic>) {
    if !source.contains("$$") {
        return;
    }
    let is_formula =
        |(span, in_code): &(Range<usize>, bool)| !in_code && source[span.clone()].starts_with("$$");
    if let Some((span, _)) = texts(body).find(is_formula) {
        let line = source[span.clone()].lines().next().unwrap_or_default().len();
        let message = "a formula is shown as it stands";
        let diag = Diagnostic::warning("formula", file, span.start..span.start + line, message);
        diags.push(diag.hint(
            "set `math = true` in the front matter, or under `[markdown]` in gongbu.toml for all notes",
        ));
    }
}

/// Footnotes that no page shows: nothing refers to them, or another has their label.
pub(super) fn unused_footnotes(
    file: &SrcPath,
    body: &Body,
    source: &str,
    diags: &mut Vec<Diagnostic>,
) {
    let of = |kind: Kind| body.events.iter().filter(move |event| event.kind == kind);
    let used: BTreeSet<&str> =
        of(Kind::FootnoteRef).map(|event| body.text(source, event)).collect();
    let mut defined: BTreeMap<&str, Span> = BTreeMap::new();
    for event in of(Kind::Open(Tag::Footnote)) {
        let label = body.text(source, event);
        let start = event.span.range().start;
        let line = source[event.span.range()].lines().next().unwrap_or_default().len();
        let span = Span::from(start..start + line);
        let told = |message| Diagnostic::warning("unused-footnote", file, span, message);
        if let Some(first) = defined.get(label) {
            let message = format!("the footnote `[^{label}]` is written twice; the first is shown");
            diags.push(told(message).related(file, *first, "the first"));
            continue;
        }
        defined.insert(label, span);
        if !used.contains(label) {
            let message =
                format!("nothing refers to the footnote `[^{label}]`, so it is not shown");
            diags.push(told(message).hint(format!("write `[^{label}]` where it belongs")));
        }
    }
}

/// `<!-- nolink -->` without its end keeps links from all that follows.
pub(super) fn open_nolink(file: &SrcPath, body: &Body, source: &str, diags: &mut Vec<Diagnostic>) {
    let mut open: Option<Span> = None;
    'note: for event in body.events.iter().filter(|event| event.kind == Kind::Html) {
        let mut span = event.span.range();
        while let Some(at) = source.get(span.clone()).and_then(|it| it.find("<!--")) {
            let start = span.start + at;
            // Without an end to this one none of the next has one.
            let Some(length) = source[start + 4..].find("-->") else { break 'note };
            span.start = start + 4 + length + 3;
            match source[start + 4..start + 4 + length].trim() {
                "nolink" => open = Some((start..span.start).into()),
                "/nolink" => open = None,
                _ => {}
            }
        }
    }
    if let Some(span) = open {
        let message = "no name is linked from here to the end of the note";
        let diag = Diagnostic::warning("open-nolink", file, span, message);
        diags.push(diag.hint("end it with `<!-- /nolink -->` on a line of its own"));
    }
}

/// Neither the words of a link nor its address are looked for farther than this, in bytes: a line may
/// hold a hundred thousand brackets.
const REACH: usize = 300;

/// What looks like a link to a file, and is text because its address holds a space.
pub(super) fn links_with_spaces(
    file: &SrcPath,
    body: &Body,
    source: &str,
    diags: &mut Vec<Diagnostic>,
) {
    if !source.contains("](") {
        return;
    }
    for (start, text) in plain_texts(body, source) {
        for (at, _) in text.match_indices(']') {
            let end = start + at;
            let Some(inside) = source[end + 1..].strip_prefix('(') else { continue };
            let close = inside.bytes().take(REACH).position(|byte| byte == b')');
            let before = &source.as_bytes()[end.saturating_sub(REACH)..end];
            let open = before.iter().rposition(|byte| *byte == b'[');
            let Some((from, dest)) =
                open.zip(close).map(|(open, close)| (end - before.len() + open, &inside[..close]))
            else {
                continue;
            };
            let words = &source[from..=end];
            if words.contains('\n') || dest.contains('\n') || source[..from].ends_with('\\') {
                continue;
            }
            let name = dest.split('#').next().unwrap_or_default();
            let is_file = name.ends_with(".md") || path::is_file(name);
            if !is_file || !name.contains(' ') || dest.contains(['<', '>', '"']) {
                continue;
            }
            let span = from..end + dest.len() + 3;
            let message = "this is no link, because its address holds a space";
            let diag = Diagnostic::warning("link-with-space", file, span, message);
            diags.push(diag.hint(format!("write `{words}(<{dest}>)`")));
        }
    }
}

/// What stands as text in a note as it does in its file, outside of code: each with its first byte.
fn plain_texts<'a>(body: &'a Body, source: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
    let mut code = false;
    body.events.iter().filter_map(move |event| {
        match event.kind {
            Kind::Open(Tag::CodeBlock) => code = true,
            Kind::Close(Tag::CodeBlock) => code = false,
            _ => {}
        }
        let is_plain = !code && (event.kind, event.payload) == (Kind::Text, NONE);
        is_plain.then(|| (event.span.range().start, &source[event.span.range()]))
    })
}

/// What looks like a reference to a footnote, and has no footnote: the parser leaves it as text.
pub(super) fn unknown_footnotes(
    file: &SrcPath,
    body: &Body,
    source: &str,
    diags: &mut Vec<Diagnostic>,
) {
    if !source.contains("[^") {
        return;
    }
    for (start, text) in plain_texts(body, source) {
        for (at, _) in text.match_indices("[^") {
            let is_escaped = source[..start + at].ends_with('\\');
            let is_label = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
            let inside = &text[at + 2..];
            let label = &inside[..inside.find(|c| !is_label(c)).unwrap_or(inside.len())];
            if is_escaped || label.is_empty() || !inside[label.len()..].starts_with(']') {
                continue;
            }
            let message = format!("there is no footnote `[^{label}]`");
            let span = start + at..start + at + label.len() + 3;
            let diag = Diagnostic::warning("unknown-footnote", file, span, message);
            diags.push(diag.hint(format!("write `[^{label}]: …` on a line of its own")));
        }
    }
}

pub(super) fn not_utf8(file: &SrcPath, bytes: &[u8], at: usize) -> Diagnostic {
    let message = format!("byte {at} of this file is not UTF-8");
    let diag = Diagnostic::error("not-utf8", file, at..at + 1, message);
    if looks_like_euc_kr(bytes) {
        let name = file.as_str();
        diag.hint(format!(
            "it looks like EUC-KR; convert it: iconv -f CP949 -t UTF-8 '{name}' > new.md"
        ))
    } else {
        diag.hint("save the file as UTF-8")
    }
}

/// Most bytes beyond ASCII come in pairs of EUC-KR's ranges, and some of them are Hangul.
fn looks_like_euc_kr(bytes: &[u8]) -> bool {
    let (mut pairs, mut hangul, mut other) = (0, 0, 0);
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at..] {
            [0xB0..=0xC8, 0xA1..=0xFE, ..] => (hangul, at) = (hangul + 1, at + 2),
            [0xA1..=0xFE, 0xA1..=0xFE, ..] => (pairs, at) = (pairs + 1, at + 2),
            [0x80..=0xFF, ..] => (other, at) = (other + 1, at + 1),
            _ => at += 1,
        }
    }
    hangul > 0 && other * 10 <= pairs + hangul
}
