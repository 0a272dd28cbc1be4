//! Raw HTML of notes that are not trusted: the only door to ammonia.
//!
//! The sanitizer strips class, id and data attributes, and is slow. So only a note that holds raw
//! HTML passes it, once, and our own output hides from it: of our tags it sees only the name and a
//! number, of what has no inside (pictures, code) a number alone. It therefore knows the whole
//! structure and gives back well-formed HTML, whatever the author left open. The numbers carry the
//! hash of the note, which nobody can write into that note.

use std::collections::HashSet;
use std::sync::OnceLock;

use ammonia::Builder;

/// Our own output while it hides.
#[derive(Debug)]
pub(super) struct Guard {
    nonce: String,
    hidden: Vec<String>,
}

/// Elements whose content is no text: one that is not closed would swallow what follows.
const SWALLOW: [&str; 10] = [
    "script",
    "style",
    "textarea",
    "title",
    "xmp",
    "iframe",
    "noembed",
    "noframes",
    "noscript",
    "plaintext",
];

impl Guard {
    /// A guard for one note, by its hash.
    pub(super) fn new(hash: blake3::Hash) -> Self {
        Self { nonce: format!("g{}", &hash.to_hex()[..32]), hidden: vec![] }
    }

    /// Opens one of our tags; the sanitizer does not see the attributes.
    pub(super) fn open(&mut self, out: &mut String, tag: &str, attributes: &str) {
        out.push('<');
        out.push_str(tag);
        self.attributes(out, attributes);
        out.push('>');
    }

    /// Adds attributes of ours to a tag that is open; the sanitizer does not see them.
    pub(super) fn attributes(&mut self, out: &mut String, attributes: &str) {
        let number = self.hide(attributes);
        out.push_str(&format!(" data-g=\"{number}\""));
    }

    /// Adds output of ours that the sanitizer does not see.
    pub(super) fn atom(&mut self, out: &mut String, html: &str) {
        let number = self.hide(html);
        out.push_str(&number);
    }

    /// Adds the author's HTML. Returns the element that would have swallowed what follows: what
    /// is in it is added as text instead.
    pub(super) fn raw(&mut self, out: &mut String, html: &str) -> Option<&'static str> {
        let lower = html.to_ascii_lowercase();
        let is_open = |tag: &&&str| {
            lower.contains(&format!("<{tag}")) && !lower.contains(&format!("</{tag}"))
        };
        // `<!-->` is a whole comment.
        let last = lower.rfind("<!--").filter(|at| !lower[at + 2..].contains("-->"));
        let open = SWALLOW.iter().find(is_open).copied();
        let tag = last.unwrap_or(html.len() - open_tag(html).len());
        match open {
            // A lone opening tag of this kind does nothing but harm.
            Some(_) => super::escape::text(out, html.find('>').map_or("", |at| &html[at + 1..])),
            None => {
                // A tag that is not closed would take our next one for its attributes.
                out.push_str(&html[..tag]);
                super::escape::text(out, &html[tag..]);
            }
        }
        open.or(last.map(|_| "!-- --"))
    }

    /// The safe HTML with our own output back in its places.
    pub(super) fn clean(self, html: &str) -> String {
        let clean = builder().clean(html).to_string();
        let mut out = String::with_capacity(clean.len() * 2);
        let mut rest = clean.as_str();
        while let Some(at) = rest.find(&self.nonce) {
            let tail = &rest[at + self.nonce.len()..];
            let digits = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
            let hidden = tail[..digits].parse::<usize>().ok().and_then(|n| self.hidden.get(n));
            let before = &rest[..at];
            // `.` ends a number, so that a digit of the text after it is no part of it.
            let tail = tail[digits..].strip_prefix('.').unwrap_or(&tail[digits..]);
            match (before.strip_suffix(" data-g=\""), hidden) {
                (Some(before), Some(attributes)) => {
                    out.push_str(before);
                    out.push_str(attributes);
                    rest = tail.strip_prefix('"').unwrap_or(tail);
                }
                (_, hidden) => {
                    out.push_str(before);
                    out.push_str(hidden.map_or("", String::as_str));
                    rest = tail;
                }
            }
        }
        out.push_str(rest);
        out
    }

    fn hide(&mut self, text: &str) -> String {
        self.hidden.push(text.to_owned());
        format!("{}{}.", self.nonce, self.hidden.len() - 1)
    }
}

/// What a piece of HTML ends in: a tag that has no end, as browsers read quotes.
fn open_tag(html: &str) -> &str {
    let mut at = 0;
    while let Some(open) = html[at..].find('<').map(|it| at + it) {
        let is_tag = html[open + 1..].starts_with(|c: char| c == '/' || c.is_ascii_alphabetic());
        if !is_tag {
            at = open + 1;
            continue;
        }
        let mut quote = None;
        let end = html[open..].char_indices().find(|(_, c)| {
            match (quote, *c) {
                (None, '"' | '\'') => quote = Some(*c),
                (Some(mark), c) if mark == c => quote = None,
                _ => {}
            }
            quote.is_none() && *c == '>'
        });
        match end {
            Some((length, _)) => at = open + length + 1,
            None => return &html[open..],
        }
    }
    ""
}

/// What a piece of raw HTML loses: the names of tags and attributes that are not allowed.
pub(super) fn losses(html: &str) -> Vec<String> {
    let mut lost: Vec<String> = vec![];
    for tag in html.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap_or_default();
        let name: String =
            tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        let name = name.to_ascii_lowercase();
        if !name.is_empty() && !tag.starts_with('/') && !allowed().contains(name.as_str()) {
            lost.push(format!("<{name}>"));
        }
        for attribute in tag.split_whitespace().skip(1) {
            let key = attribute.split('=').next().unwrap_or_default().to_ascii_lowercase();
            // An anchor is gone with its name, and links to it with that.
            let is_anchor = key == "id" || key == "name" && name == "a";
            let is_lost = key == "style" || key.starts_with("on") || is_anchor;
            if is_lost && attribute.contains('=') || key == "style" {
                lost.push(format!("{key}="));
            }
        }
    }
    lost.dedup();
    lost
}

fn builder() -> &'static Builder<'static> {
    static BUILDER: OnceLock<Builder<'static>> = OnceLock::new();
    BUILDER.get_or_init(|| {
        let mut builder = Builder::default();
        builder
            .add_tags(["section"])
            .add_generic_attributes(["data-g"])
            .add_tag_attributes("details", ["open"])
            .url_schemes(HashSet::from(["http", "https", "mailto", "tel", "ftp", "sms"]))
            .link_rel(None);
        builder
    })
}

fn allowed() -> &'static HashSet<&'static str> {
    static TAGS: OnceLock<HashSet<&'static str>> = OnceLock::new();
    TAGS.get_or_init(|| builder().clone_tags())
}
