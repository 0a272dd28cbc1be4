//! The examples of the CommonMark Spec through our own parser and renderer.
#![allow(clippy::disallowed_methods, missing_docs, reason = "it reads its examples")]

use std::sync::Arc;

use gongbu::catalog::Catalog;
use gongbu::config::Config;
use gongbu::html::{self, Part, Style, Words};
use gongbu::note::{self, Dialect};
use gongbu::site::Target;

/// Examples that come out otherwise with CommonMark alone, each with the reason.
const OTHERWISE: &[(usize, &str)] = &[];

/// Examples that come out otherwise with our extensions on, each with the reason.
const EXTENDED: &[(usize, &str)] = include!("commonmark/extended.in");

#[derive(serde::Deserialize)]
struct Example {
    n: usize,
    markdown: String,
    html: String,
}

#[test]
fn the_examples_of_the_spec() {
    check(Dialect::CommonMark, OTHERWISE);
}

#[test]
fn what_our_extensions_change() {
    check(Dialect::Notes, EXTENDED);
}

fn check(dialect: Dialect, known: &[(usize, &str)]) {
    let text = std::fs::read_to_string("tests/commonmark/spec.json").unwrap();
    let examples: Vec<Example> = serde_json::from_str(&text).unwrap();
    assert_eq!(examples.len(), 652);
    let mut wrong = vec![];
    for Example { n, markdown, html } in examples {
        let ours = render(&markdown, dialect);
        let equal = normal(&ours) == normal(&html);
        let listed = known.iter().any(|(it, _)| *it == n);
        if equal && listed {
            wrong.push(format!("{n} is equal now: take it from the list"));
        } else if !equal && !listed {
            wrong.push(format!("{n}: {markdown:?}\n  spec: {html:?}\n  ours: {ours:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ\n{}\n", wrong.len(), wrong.join("\n"));
}

fn render(markdown: &str, dialect: Dialect) -> String {
    let parsed = note::parse(&"notes/example.md".into(), &markdown.as_bytes().into(), dialect);
    let note = &parsed.0;
    let targets = note.body.links.iter().map(|link| match link.kind {
        note::LinkKind::Email => Target::External(format!("mailto:{}", link.dest)),
        _ => Target::External(link.dest.clone()),
    });
    let targets = Arc::new(targets.collect());
    let (catalog, _) = Catalog::collect(vec![], std::iter::empty(), &Config::default().terms);
    let style = Style { trust: true, plain: true, colours: true, words: Words::default() };
    let page = "example.html".into();
    let none = Arc::new(vec![].into());
    html::render(note, Part::Whole, &targets, &none, &Arc::default(), &catalog, &page, &style)
        .html
        .clone()
}

/// HTML without what no browser shows: entities that need not be, slashes of void elements, line
/// ends around tags, the order of attributes.
fn normal(html: &str) -> String {
    let html = html
        .replace(" />", ">")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#39;", "'");
    let mut out = String::new();
    let mut rest = html.as_str();
    let mut pre = false;
    while let Some(at) = rest.find('<') {
        push_text(&mut out, &rest[..at], pre);
        let end = rest[at..].find('>').map_or(rest.len(), |end| at + end + 1);
        let tag = &rest[at..end];
        pre = (pre || tag.starts_with("<pre")) && !tag.starts_with("</pre");
        if !tag.starts_with('<') || is_block(tag) {
            out.truncate(out.trim_end_matches([' ', '\n']).len());
        }
        let mut parts: Vec<&str> = tag.trim_end_matches('>').split(' ').collect();
        if !tag.contains("=\"") || tag.matches(" ").count() == tag.matches("=\"").count() {
            parts[1..].sort_unstable();
        }
        out.push_str(&parts.join(" "));
        out.push('>');
        rest = &rest[end..];
        if is_block(tag) && !pre {
            rest = rest.trim_start_matches([' ', '\n']);
        }
    }
    push_text(&mut out, rest, pre);
    out.trim().to_owned()
}

fn push_text(out: &mut String, text: &str, pre: bool) {
    if pre {
        out.push_str(text);
    } else {
        out.push_str(&text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n"));
        if text.ends_with('\n') {
            out.push('\n');
        }
    }
}

fn is_block(tag: &str) -> bool {
    let name: String = tag
        .trim_start_matches(['<', '/'])
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    let blocks = [
        "p",
        "ul",
        "ol",
        "li",
        "blockquote",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "pre",
        "br",
        "table",
        "thead",
        "tbody",
        "tr",
        "td",
        "th",
        "div",
    ];
    blocks.contains(&name.as_str())
}
