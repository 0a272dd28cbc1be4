//! `notes/services.toml`: what is known of services besides the notes (the rules of cross-links call
//! it the registry). Keys are ids; what each may hold is in [`Entry`].

use std::ops::Range;

use crate::class::{Class, NAMED};
use crate::diag::Diagnostic;
use crate::path::{self, SrcPath, TermId};
use crate::table::{self, Problem, Reader, Value};

/// Where the registry stands.
pub const FILE: &str = "notes/services.toml";

/// The longest name, in characters. The longest official one that we know of has 62.
pub const MAX_NAME: usize = 200;

/// A string and the bytes of the file where it stands.
pub type Spanned = (String, Range<usize>);

/// A service as the registry tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: TermId,
    /// Where the id stands.
    pub span: Range<usize>,
    /// Its short name; none: that of the heading that defines it, or the id.
    pub name: Option<Spanned>,
    /// Its long name.
    pub full: Option<Spanned>,
    /// Other names.
    pub aliases: Vec<Spanned>,
    /// What kind of service it is.
    pub category: Option<String>,
    /// Its official documentation.
    pub url: Option<String>,
    /// What it is, in one sentence.
    pub summary: Option<String>,
    /// The id of the service that it is a part of.
    pub parent: Option<Spanned>,
    /// The class of its Latin names, where their letters tell it wrongly.
    pub class: Option<Class>,
    /// Words that make something else of a name that stands before them.
    pub not_before: Vec<String>,
    /// What became of it.
    pub status: Option<Status>,
    /// Names of one letter are meant.
    pub allow_short: bool,
    /// That no note mentions it is meant.
    pub orphan: bool,
}

/// What became of a service. Dates are `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Status {
    /// What happened.
    pub kind: StatusKind,
    /// What it was called.
    pub was: Option<String>,
    /// What it is called now.
    pub to: Option<String>,
    /// What took its place.
    pub by: Option<String>,
    /// Since when.
    pub since: Option<String>,
    /// Until when.
    pub until: Option<String>,
    /// When this was last looked up.
    pub checked: Option<String>,
    /// More about it.
    pub note: Option<String>,
}

/// What may happen to a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatusKind {
    /// It has another name now.
    Renamed,
    /// Another took its place.
    Replaced,
    /// New customers cannot have it.
    Closed,
    /// It is gone.
    Retired,
    /// It will be gone.
    Ending,
}

impl StatusKind {
    const ALL: [(&str, Self); 5] = [
        ("renamed", Self::Renamed),
        ("replaced", Self::Replaced),
        ("closed", Self::Closed),
        ("retired", Self::Retired),
        ("ending", Self::Ending),
    ];
}

/// Reads the bytes of the registry. Never fails: what is wrong is told, and the rest stands.
pub fn parse(bytes: &[u8]) -> (Vec<Entry>, Vec<Diagnostic>) {
    let file = SrcPath::from(FILE);
    let (table, mut problems) = match table::document(&file, bytes) {
        Ok(read) => read,
        Err(diag) => return (vec![], vec![diag]),
    };
    let mut entries = vec![];
    for field in table.0 {
        match field.value {
            Value::Table(table) => {
                entries.push(entry(field.key, field.key_span, table, &mut problems));
            }
            other => {
                let found = other.kind();
                let message =
                    format!("`{}`: expected a service (`[id]`), found {found}", field.key);
                problems.push(Problem { span: field.key_span, message });
            }
        }
    }
    let mut diags: Vec<Diagnostic> = problems
        .into_iter()
        .map(|problem| Diagnostic::error("services", &file, problem.span, problem.message))
        .collect();
    if entries.is_empty() && diags.is_empty() {
        let message = "this file names no services";
        let diag = Diagnostic::warning("services", &file, 0..0, message);
        diags.push(diag.hint("write `[ec2]` and `name = \"EC2\"`, or remove the file"));
    }
    (entries, diags)
}

fn entry(
    key: String,
    span: Range<usize>,
    table: table::Table,
    problems: &mut Vec<Problem>,
) -> Entry {
    let slug = path::slug(&key);
    if slug != key || slug.is_empty() {
        let message = match slug.as_str() {
            "" => format!("`{key}` is no id: it has no letter"),
            slug => format!("`{key}` is no id: it becomes part of an address; write `[{slug}]`"),
        };
        problems.push(Problem { span: span.clone(), message });
    }
    let mut it = Reader::new(table);
    let entry = Entry {
        id: slug.into(),
        span,
        name: spanned(&mut it, "name"),
        full: spanned(&mut it, "full"),
        aliases: it.texts("aliases").unwrap_or_default(),
        category: sentence(&mut it, "category"),
        url: address(&mut it),
        summary: sentence(&mut it, "summary"),
        parent: spanned(&mut it, "parent"),
        class: it.one_of("class", &NAMED),
        not_before: it
            .texts("not_before")
            .unwrap_or_default()
            .into_iter()
            .map(|(word, _)| path::nfc(&word))
            .collect(),
        status: it.table("status").map(|table| status(table, &mut it)),
        allow_short: it.bool("allow_short").unwrap_or(false),
        orphan: it.bool("orphan").unwrap_or(false),
    };
    let known = [
        "name",
        "full",
        "aliases",
        "category",
        "url",
        "summary",
        "parent",
        "class",
        "not_before",
        "status",
        "allow_short",
        "orphan",
    ];
    it.unknown_keys("", &known);
    problems.append(&mut it.problems);
    entry
}

fn status(table: table::Table, outer: &mut Reader) -> Status {
    let span = table.0.first().map(|field| field.key_span.clone()).unwrap_or_default();
    let mut it = Reader::new(table);
    let kind = it.one_of("kind", &StatusKind::ALL);
    if kind.is_none() && it.problems.is_empty() {
        let message = "a status needs a `kind`: renamed, replaced, closed, retired or ending";
        it.problems.push(Problem { span, message: message.into() });
    }
    let status = Status {
        kind: kind.unwrap_or(StatusKind::Renamed),
        was: it.text("was"),
        to: it.text("to"),
        by: it.text("by"),
        since: date(&mut it, "since"),
        until: date(&mut it, "until"),
        checked: date(&mut it, "checked"),
        note: sentence(&mut it, "note"),
    };
    let known = ["kind", "was", "to", "by", "since", "until", "checked", "note"];
    it.unknown_keys("status.", &known);
    outer.problems.append(&mut it.problems);
    status
}

fn spanned(reader: &mut Reader, key: &str) -> Option<Spanned> {
    let span = reader.span(key)?;
    reader.text(key).map(|text| (text, span))
}

/// Only what a browser may safely follow.
fn address(reader: &mut Reader) -> Option<String> {
    let (url, span) = spanned(reader, "url")?;
    let odd = |c: char| c.is_whitespace() || c.is_control() || r#""<>\^`{|}"#.contains(c);
    let known = url.starts_with("https://") || url.starts_with("http://");
    if known && !url.contains(odd) {
        return Some(url);
    }
    let message = "`url`: expected an address that begins with https://";
    reader.problems.push(Problem { span, message: message.into() });
    None
}

/// A day, a month or a year.
fn date(reader: &mut Reader, key: &str) -> Option<String> {
    let (text, span) = spanned(reader, key)?;
    let parts: Vec<&str> = text.split('-').collect();
    let number = |at: usize, digits: usize, range: std::ops::RangeInclusive<u32>| {
        parts.get(at).is_none_or(|part| {
            part.len() == digits && part.parse().is_ok_and(|n: u32| range.contains(&n))
        })
    };
    if parts.len() <= 3 && number(0, 4, 1900..=2999) && number(1, 2, 1..=12) && number(2, 2, 1..=31)
    {
        return Some(text);
    }
    let message = format!("`{key}`: expected a day (2026-11-23), a month or a year");
    reader.problems.push(Problem { span, message });
    None
}

/// Text on one line, without characters that turn what follows it.
fn sentence(reader: &mut Reader, key: &str) -> Option<String> {
    let (text, span) = spanned(reader, key)?;
    if let Some(c) = text.chars().find(|c| path::is_bidi_control(*c) || *c == '\0') {
        let message = format!("`{key}` holds the invisible character U+{:04X}", c as u32);
        reader.problems.push(Problem { span, message });
        return None;
    }
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_is_read() {
        let text = "[lambda]\nname = \"Lambda\"\naliases = [\"람다\"]\nnot_before = [\"식\"]\nclass = \"common\"\n[sms]\nname = \"SMS\"\nstatus = { kind = \"replaced\", by = \"MGN\", checked = 2026-11-23 }\n";
        let (entries, diags) = parse(text.as_bytes());
        assert_eq!(diags, []);
        assert_eq!(entries[0].id.as_str(), "lambda");
        assert_eq!(entries[0].class, Some(Class::Common));
        assert_eq!(&text[entries[0].aliases[0].1.clone()], "\"람다\"");
        let status = entries[1].status.as_ref().unwrap();
        assert_eq!(status.kind, StatusKind::Replaced);
        assert_eq!(status.checked.as_deref(), Some("2026-11-23"));
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let text = "x = 1\n[Ab]\nnaem = \"a\"\nclass = \"odd\"\nurl = \"javascript:x\"\nstatus = { since = \"soon\" }\n";
        let (_, diags) = parse(text.as_bytes());
        let said: Vec<&str> = diags.iter().map(|diag| diag.message.as_str()).collect();
        for part in [
            "expected a service",
            "[ab]",
            "did you mean `name`?",
            "\"manual\"",
            "https://",
            "needs a `kind`",
            "a day",
        ] {
            assert!(said.iter().any(|said| said.contains(part)), "{part}: {said:?}");
        }
    }
}
