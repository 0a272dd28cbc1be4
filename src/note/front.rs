//! Front matter: what a note says about itself before its text, in TOML (`+++`) or YAML (`---`).

use std::ops::Range;

use crate::diag::Diagnostic;
use crate::near::slips;
use crate::path::{self, SrcPath};
use crate::table::{self, Problem, Reader, Table, Value};

/// What a note says about itself. Spans are bytes of the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Front {
    /// The title, on one line.
    pub title: Option<String>,
    /// One line on what the note is about.
    pub summary: String,
    /// The domain of an exam.
    pub domain: Option<u64>,
    /// Not to be published yet.
    pub draft: bool,
    /// Never to be published.
    pub private: bool,
    /// The day it was written, `YYYY-MM-DD`.
    pub date: Option<String>,
    /// The day it was last changed, `YYYY-MM-DD`.
    pub updated: Option<String>,
    /// The name of its page, instead of the file's.
    pub slug: Option<(String, Range<usize>)>,
    /// The template of its page, instead of `note`.
    pub layout: Option<(String, Range<usize>)>,
    /// The service that the whole note defines.
    pub service: Option<(String, Range<usize>)>,
    /// Other names: of the service, or of the note for wiki-links.
    pub aliases: Vec<(String, Range<usize>)>,
    /// No automatic links in this note.
    pub no_autolink: bool,
    /// Names that are not linked in this note.
    pub autolink_exclude: Vec<String>,
    /// That no note mentions the service is meant.
    pub orphan: bool,
    /// Whether `$…$` is a formula; none: as the project has it.
    pub math: Option<bool>,
    /// Everything else, for the templates.
    pub extra: Table,
}

/// The keys that mean something.
const KEYS: [&str; 17] = [
    "title",
    "summary",
    "domain",
    "draft",
    "status",
    "publish",
    "date",
    "updated",
    "slug",
    "layout",
    "service",
    "aliases",
    "tags",
    "autolink",
    "autolink_exclude",
    "math",
    "orphan",
];

/// Keys by which other tools keep a note from being published, with `false` and `true`.
const HIDING: [&str; 2] = ["published", "private"];

/// Page names that the site itself uses at its root.
const RESERVED: [&str; 7] = ["index", "404", "services", "map", "search", "print", "assets"];

/// True for such a name. Not every disk tells upper from lower case.
pub fn is_reserved(name: &str) -> bool {
    RESERVED.iter().any(|it| it.eq_ignore_ascii_case(name))
}

/// True if `---` before this is a line across: behind an empty line nothing up to the next looks like a key,
/// quoted or however: nobody's drafts are published because of a slip.
fn is_rule(after: &str) -> bool {
    let mut lines = after.lines();
    let is_key = |line: &str| {
        let line = line.trim_start_matches(['-', '?', ' ', '\t']);
        line.split_once(':').is_some_and(|(name, _)| !name.trim_end().contains(char::is_whitespace))
    };
    lines.next().is_some_and(|line| line.trim().is_empty())
        && !lines.take_while(|line| line.trim_end() != "---").any(is_key)
}

/// Reads the front matter of a file, and tells where the text begins. A byte order mark and blank
/// lines before it are fine.
pub(super) fn read(file: &SrcPath, source: &str) -> (Front, usize, Vec<Diagnostic>) {
    let mut diags = vec![];
    let start = source.len() - source.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n']).len();
    // An indented line is no fence of front matter.
    let line_start = source[..start]
        .rfind(['\n', '\r', '\u{FEFF}'])
        .map_or(0, |at| at + source[at..].chars().next().map_or(1, char::len_utf8));
    let body = if source.starts_with('\u{FEFF}') { 3 } else { 0 };
    let mut lines = lines(&source[start..]);
    let fence = lines.next().map_or("", |(_, line)| line.trim_end());
    if line_start != start || !matches!(fence, "+++" | "---") {
        return (Front::default(), body, diags);
    }
    let inner = start + first_line_end(&source[start..]);
    if fence == "---" && is_rule(&source[inner..]) {
        return (Front::default(), body, diags);
    }
    let is_end = |line: &str| line == fence || fence == "---" && line == "...";
    let Some((at, line)) = lines.find(|(_, line)| is_end(line.trim_end())) else {
        let message = "front matter opened here is not closed";
        let hint = format!("end it with a line that is just `{fence}`");
        let span = start..start + fence.len();
        diags.push(Diagnostic::error("front-matter", file, span, message).hint(hint));
        return (Front::default(), source.len(), diags);
    };
    let end = start + at;
    let text = &source[inner.min(end)..end];
    let (mut table, problems) = match fence {
        "+++" => table::from_toml(text, inner),
        _ => table::from_yaml(text, inner),
    };
    fold_keys(&mut table);
    let is_hidden = hides(&table);
    let mut reader = Reader::new(table);
    let unread = problems.len();
    reader.problems = problems;
    let mut front = take(file, &mut reader, &mut diags);
    front.private |= is_hidden;
    let (extra, problems) = reader.rest();
    let mut told: Vec<Range<usize>> = vec![];
    for (at, Problem { span, message }) in problems.into_iter().enumerate() {
        // What the parser and a rule of ours both refuse is told once.
        if told.contains(&span) {
            continue;
        }
        told.push(span.clone());
        let first =
            message.contains("duplicate").then(|| first_use(source, inner, &span)).flatten();
        // What the parser could not read it tells in its own words.
        let line = line_at(source, span.start);
        let help = (at < unread).then(|| help(fence, &message, line));
        let message = match at < unread && is_template(line) {
            true => "this is for a template to fill in, and no value".to_owned(),
            false => message,
        };
        let diag = Diagnostic::error("front-matter", file, span, message);
        diags.push(match (first, help) {
            (Some(first), _) => diag.related(file, first, "it stands here first"),
            (None, Some(help)) => diag.hint(help),
            (None, None) => diag,
        });
    }
    for field in &extra.0 {
        // `path` is Zola's own.
        let typo = |key: &&&str| field.key != "path" && slips(key, &field.key) == 1;
        if let Some(near) = KEYS.iter().find(typo) {
            let (message, span) = (format!("unknown key `{}`", field.key), field.key_span.clone());
            // Nobody's drafts are published because of a slip.
            let diag = match *near {
                "draft" | "publish" => Diagnostic::error("unknown-key", file, span, message),
                _ => Diagnostic::warning("unknown-key", file, span, message),
            };
            diags.push(diag.hint(format!("did you mean `{near}`?")));
        }
    }
    let body = end + line.len();
    let rest = &source[body..];
    let newline = rest.len()
        - rest.strip_prefix("\r\n").or(rest.strip_prefix(['\n', '\r'])).unwrap_or(rest).len();
    (Front { extra, ..front }, body + newline, diags)
}

/// Keys that mean something mean it in any case, as Hugo reads them: `Draft: true`.
fn fold_keys(table: &mut Table) {
    for at in 0..table.0.len() {
        let key = table.0[at].key.to_ascii_lowercase();
        let is_known = KEYS.contains(&key.as_str()) || HIDING.contains(&key.as_str());
        if is_known && table.0.iter().all(|field| field.key != key) {
            table.0[at].key = key;
        }
    }
}

/// What to do about front matter that cannot be read: what the parser said of which line.
fn help(fence: &str, message: &str, line: &str) -> &'static str {
    if is_template(line) {
        "this line is of a template: fill it in, or name the folder under `ignore` in gongbu.toml"
    } else if message.contains("date") {
        "a day is written like 2024-01-31"
    } else if message.starts_with("tabs ") {
        "indent with spaces"
    } else if message.contains("mapping values are not allowed") {
        "a value that holds `: ` stands in quotes"
    } else if fence == "+++" {
        "in TOML text stands in quotes: `title = \"…\"`"
    } else {
        "a value that holds or begins with one of `: # @ % & * ! | > { [` stands in quotes"
    }
}

/// What Obsidian and Hugo fill in, outside of the folders that are known to hold templates.
fn is_template(line: &str) -> bool {
    line.contains("{{") || line.contains("<%")
}

/// The line of a text that a byte is in.
fn line_at(source: &str, at: usize) -> &str {
    let start = source[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1);
    source[start..].lines().next().unwrap_or_default()
}

fn take(file: &SrcPath, reader: &mut Reader, diags: &mut Vec<Diagnostic>) -> Front {
    let mut front = Front::default();
    if let Some(field) = reader.take("title") {
        let span = field.span.clone();
        match field.value {
            Value::Text(text) | Value::Date(text) => {
                front.title = one_line(file, &text, span, "title", diags)
            }
            Value::Integer(number) => front.title = Some(number.to_string()),
            Value::Float(number) => front.title = Some(number.to_string()),
            other => {
                let message = format!("`title`: expected a string, found {}", other.kind());
                reader.problems.push(Problem { span, message });
            }
        }
    }
    if let Some(span) = reader.span("summary") {
        let text = reader.text("summary").unwrap_or_default();
        front.summary = one_line(file, &text, span, "summary", diags).unwrap_or_default();
    }
    front.domain = domain(file, reader, diags);
    let status = reader.text("status").unwrap_or_default().to_lowercase();
    front.draft = reader.bool("draft").unwrap_or(false) || status == "draft";
    front.orphan = reader.bool("orphan").unwrap_or(false);
    front.math = reader.bool("math");
    front.private = !reader.bool("publish").unwrap_or(true);
    front.date = date(file, reader, "date", diags);
    front.updated = date(file, reader, "updated", diags);
    let mut named = |key: &str| {
        let span = reader.take(key)?;
        match span.value {
            Value::Text(text) => Some((path::nfc(&text), span.span)),
            Value::Integer(number) => Some((number.to_string(), span.span)),
            other => {
                let message = format!("`{key}`: expected a string, found {}", other.kind());
                reader.problems.push(Problem { span: span.span, message });
                None
            }
        }
    };
    front.slug = named("slug").and_then(|(slug, span)| {
        let (slug, diag) = page_name(file, &slug, &span);
        diags.extend(diag);
        Some((slug?, span))
    });
    // Whether there is such a template only the theme knows.
    let bare = |layout: String| layout.strip_suffix(".html").map(str::to_owned).unwrap_or(layout);
    front.layout = named("layout").map(|(layout, span)| (bare(layout), span));
    front.service = named("service");
    for (alias, span) in reader.texts("aliases").unwrap_or_default() {
        front.aliases.extend(
            one_line(file, &alias, span.clone(), "alias", diags).map(|alias| (alias, span)),
        );
    }
    front.no_autolink = !reader.bool("autolink").unwrap_or(true);
    let exclude = reader.texts("autolink_exclude").unwrap_or_default();
    front.autolink_exclude = exclude.into_iter().map(|(name, _)| path::nfc(&name)).collect();
    front
}

/// A name on one line, in NFC; characters that turn the writing direction are refused in names.
fn one_line(
    file: &SrcPath,
    text: &str,
    span: Range<usize>,
    what: &str,
    diags: &mut Vec<Diagnostic>,
) -> Option<String> {
    if let Some(c) = text.chars().find(|c| path::is_bidi_control(*c)) {
        let message =
            format!("the {what} holds U+{:04X}, which turns the writing direction", c as u32);
        diags.push(
            Diagnostic::error("bidi", file, span, message).hint("remove that invisible character"),
        );
        return None;
    }
    Some(fold(text)).filter(|text| !text.is_empty())
}

/// True if a note is not to be published, as Jekyll and others say it. With another value these keys mean
/// something else, such as a day.
fn hides(table: &Table) -> bool {
    let says = |key: &str, value| {
        table.0.iter().any(|field| field.key == key && field.value == Value::Bool(value))
    };
    let [published, private] = HIDING;
    says(published, false) || says(private, true)
}

/// White space of any kind, line ends included, becomes one space.
fn fold(text: &str) -> String {
    path::nfc(&text.replace('\0', "\u{FFFD}")).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn slug_problem(slug: &str) -> Option<String> {
    if is_reserved(slug) {
        return Some(format!("the slug `{slug}` is reserved for a page of the site itself"));
    }
    let plain = !slug.is_empty()
        && slug.len() <= 200
        && path::url_part(slug) == slug
        && !slug.contains('/');
    (!plain).then(|| format!("`{slug}` cannot be the name of a page"))
}

/// The name of a page that an author chose. Of one that only looks odd in an address a plain one is
/// made; one that would lead elsewhere or is the site's own is an error.
fn page_name(
    file: &SrcPath,
    slug: &str,
    span: &Range<usize>,
) -> (Option<String>, Option<Diagnostic>) {
    let Some(why) = slug_problem(slug) else { return (Some(slug.to_owned()), None) };
    let leads_away = slug.starts_with('.')
        || slug.contains("..")
        || slug
            .contains(|c: char| r"/\:%".contains(c) || c.is_control() || path::is_bidi_control(c));
    let plain = path::slug(slug);
    if leads_away || is_reserved(slug) || slug_problem(&plain).is_some() {
        let hint = "write one plain name, such as `s3-basics`";
        let diag = Diagnostic::error("slug", file, span.clone(), why).hint(hint);
        return (None, Some(diag));
    }
    let message = format!("`{slug}` cannot stand in an address, so the page is `{plain}`");
    let diag = Diagnostic::warning("slug", file, span.clone(), message);
    let diag = diag.hint(format!("write `{plain}`"));
    (Some(plain), Some(diag))
}

/// The domain of an exam is a number; what other tools keep under that name is none of ours.
fn domain(file: &SrcPath, reader: &mut Reader, diags: &mut Vec<Diagnostic>) -> Option<u64> {
    let field = reader.take("domain")?;
    let number = match &field.value {
        Value::Integer(number) => u64::try_from(*number).ok(),
        Value::Text(text) => text.trim().parse().ok(),
        _ => None,
    };
    if number.is_none() {
        let message = "`domain` is no number, so it is not shown";
        let diag = Diagnostic::warning("domain", file, field.span, message);
        diags.push(diag.hint("write the number of the exam's domain, such as 3, or another key"));
    }
    number
}

fn date(
    file: &SrcPath,
    reader: &mut Reader,
    key: &str,
    diags: &mut Vec<Diagnostic>,
) -> Option<String> {
    let field = reader.take(key)?;
    let day = match &field.value {
        Value::Text(text) | Value::Date(text) => day_of(text),
        _ => None,
    };
    // What the parser refused was told.
    if day.is_none() && !reader.problems.iter().any(|it| it.span == field.span) {
        let message = format!("`{key}` is no day that can be read, so it is not shown");
        let diag = Diagnostic::warning("date", file, field.span, message);
        diags.push(diag.hint("write a day that exists, such as 2024-01-31"));
    }
    day
}

/// The day of an ISO 8601 date or time (RFC 3339): `2026-11-23`, `2026-11-23T23:59:60+09:00`; its
/// parts may also be written with one digit, slashes or dots: `2024. 1. 2.`
/// The time and zone must be well-formed, a leap second included; they do not move the day.
fn day_of(text: &str) -> Option<String> {
    let (year, rest) = text.trim().split_at_checked(4)?;
    let sign = rest.chars().next().filter(|c| "-/.".contains(*c))?;
    let next = |rest: &mut &str| {
        *rest = rest.strip_prefix(sign)?.trim_start_matches(|c| sign == '.' && c == ' ');
        let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, left) = rest.split_at(length);
        *rest = left;
        number.parse::<u32>().ok().filter(|_| length <= 2)
    };
    let mut rest = rest;
    let (month, date) = (next(&mut rest)?, next(&mut rest)?);
    let rest = rest.strip_prefix('.').filter(|_| sign == '.').unwrap_or(rest);
    let year = year.parse::<u32>().ok().filter(|_| year.bytes().all(|b| b.is_ascii_digit()))?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if !(1..=12).contains(&month) || date == 0 || date > days {
        return None;
    }
    let day = format!("{year:04}-{month:02}-{date:02}");
    if rest.is_empty() {
        return Some(day);
    }
    let time = rest.strip_prefix(['T', 't', ' '])?;
    let zone = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone);
    let mut parts = clock.trim_end().splitn(3, ':');
    let mut part = |most: u32| parts.next()?.parse::<u32>().ok().filter(|n| *n <= most);
    part(23)?;
    part(59)?;
    if let Some(seconds) = parts.next() {
        seconds.parse::<f64>().ok().filter(|n| (0.0..61.0).contains(n))?;
    }
    let zone = zone.strip_prefix(['+', '-']).map(|zone| zone.replace(':', "")).unwrap_or_default();
    let zone_ok = zone.is_empty() || zone.len() == 4 && zone.bytes().all(|b| b.is_ascii_digit());
    zone_ok.then_some(day)
}

/// Where a key that is written twice stands first.
fn first_use(source: &str, inner: usize, second: &Range<usize>) -> Option<Range<usize>> {
    let rest = source.get(second.start..)?;
    let key = rest.split(|c: char| c.is_whitespace() || c == ':' || c == '=').next()?;
    let mut lines = lines(source.get(inner..second.start)?);
    let (at, _) = lines.find(|(_, line)| !key.is_empty() && line.starts_with(key))?;
    Some(inner + at..inner + at + key.len())
}

/// The lines of a text without their ends, each with where it begins; a lone CR ends a line.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at >= text.len() {
            return None;
        }
        let start = at;
        let end = text[start..].find(['\n', '\r']).map_or(text.len(), |n| start + n);
        at = end + if text[end..].starts_with("\r\n") { 2 } else { 1 };
        Some((start, &text[start..end]))
    })
}

fn first_line_end(text: &str) -> usize {
    lines(text).nth(1).map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days() {
        for (text, day) in [
            ("2026-11-23", Some("2026-11-23")),
            ("2024-02-29", Some("2024-02-29")),
            ("2026-02-29", None),
            ("2026-11-23T23:59:60+09:00", Some("2026-11-23")),
            ("2026-11-23 09:00", Some("2026-11-23")),
            ("2026-11-23T25:00:00Z", None),
            ("2026-11-23T23:59:61Z", None),
            ("2026-1-2", Some("2026-01-02")),
            ("2024/01/02", Some("2024-01-02")),
            ("2024. 1. 2.", Some("2024-01-02")),
            ("2024/1/2 10:00", Some("2024-01-02")),
            ("2024-13-2", None),
            ("2024/1-2", None),
            ("1/2/2024", None),
            ("Jan 2, 2024", None),
            ("2024-001-02", None),
            ("20240102", None),
            ("어제", None),
        ] {
            assert_eq!(day_of(text).as_deref(), day, "{text}");
        }
    }

    #[test]
    fn slugs_stay_names() {
        for slug in
            ["../../etc/cron.d/x", "/abs", "a/../b", "C:\\x", "%2e%2e%2f", "", ".", "..", "index"]
        {
            assert!(slug_problem(slug).is_some(), "{slug}");
        }
        assert_eq!(slug_problem("s3-기초"), None);
    }
}
