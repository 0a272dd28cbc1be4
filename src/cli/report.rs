//! Diagnostics in the terminal: `file:line:column`, the line with a caret, and what to do. The only
//! door to annotate-snippets.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::diag::{Diagnostic, Severity, Span, position};
use crate::path::SrcPath;
use crate::snapshot::Snapshot;

/// This many errors are shown; the rest are counted.
const MAX_ERRORS: usize = 100;
/// This many warnings of one kind are shown; the rest are counted.
const MAX_ALIKE: usize = 3;
/// Where listing them was asked for, so many more have a line each.
const MAX_LISTED: usize = 50;
/// A longer line is cut around what it is about, in characters.
const MAX_LINE: usize = 200;

/// Tells everything that is wrong with the notes, on stderr.
pub(super) fn diagnostics(snapshot: &Snapshot, diags: &[Diagnostic]) {
    show(&render(snapshot, diags, 0, &renderer()));
}

/// The same; of many alike those that are not shown have a line each.
pub(super) fn all(snapshot: &Snapshot, diags: &[Diagnostic]) {
    show(&render(snapshot, diags, MAX_LISTED, &renderer()));
}

/// The same as text without colours, for somewhere else than the terminal.
pub(super) fn plain(snapshot: &Snapshot, diags: &[Diagnostic]) -> String {
    render(snapshot, diags, 0, &Renderer::plain())
}

fn show(text: &str) {
    // There is nowhere left to say that stderr is closed.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Tells why a command could not run, on stderr.
pub(super) fn failure(error: &anyhow::Error) {
    let mut chain = error.chain();
    let mut text =
        format!("gongbu: {}\n", chain.next().map(ToString::to_string).unwrap_or_default());
    for cause in chain {
        text.push_str(&format!("  because: {cause}\n"));
    }
    // As above.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// "2 errors, 1 warning".
pub(super) fn count(diags: &[Diagnostic]) -> String {
    let errors = diags.iter().filter(|diag| diag.is_error()).count();
    let warnings = diags.len() - errors;
    let many = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    match errors {
        0 => many(warnings, "warning"),
        _ => format!("{}, {}", many(errors, "error"), many(warnings, "warning")),
    }
}

fn renderer() -> Renderer {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty());
    if std::io::stderr().is_terminal() && !plain { Renderer::styled() } else { Renderer::plain() }
}

/// Errors first, all of them; then warnings, of many alike only some.
fn render(snapshot: &Snapshot, diags: &[Diagnostic], listed: usize, renderer: &Renderer) -> String {
    let mut out = String::new();
    let (errors, warnings): (Vec<_>, Vec<_>) = diags.iter().partition(|diag| diag.is_error());
    for diag in errors.iter().take(MAX_ERRORS) {
        out.push_str(&one(snapshot, diag, renderer));
    }
    if errors.len() > MAX_ERRORS {
        out.push_str(&format!("… and {} more errors\n\n", errors.len() - MAX_ERRORS));
    }
    let mut kinds: BTreeMap<&str, Vec<&Diagnostic>> = BTreeMap::new();
    for diag in warnings {
        kinds.entry(diag.code).or_default().push(diag);
    }
    for (code, alike) in kinds {
        for diag in alike.iter().take(MAX_ALIKE) {
            out.push_str(&one(snapshot, diag, renderer));
        }
        let rest = alike.get(MAX_ALIKE..).unwrap_or_default();
        let (lines, rest) = rest.split_at(listed.min(rest.len()));
        for diag in lines {
            out.push_str(&line(snapshot, diag));
        }
        if !rest.is_empty() {
            let files: std::collections::BTreeSet<_> = rest.iter().map(|diag| &diag.file).collect();
            let (rest, files) = (rest.len(), files.len());
            out.push_str(&format!(
                "warning[{code}]: … and {rest} more like this, in {files} files\n"
            ));
        }
        if alike.len() > MAX_ALIKE {
            out.push('\n');
        }
    }
    out
}

/// `warning[code]: message (file:line:column)`
fn line(snapshot: &Snapshot, diag: &Diagnostic) -> String {
    let file = snapshot.on_disk(&diag.file);
    let file = clean(file.as_str());
    let place = match snapshot.text(diag.file.as_str()) {
        Some(bytes) => {
            let at = position(bytes, diag.span.start as usize);
            format!("{file}:{}:{}", at.line, at.column)
        }
        None => file.into_owned(),
    };
    format!("warning[{}]: {} ({place})\n", diag.code, clean(&diag.message))
}

fn one(snapshot: &Snapshot, diag: &Diagnostic, renderer: &Renderer) -> String {
    let level = match diag.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(clean(&diag.message)).id(diag.code);
    let mut groups = vec![located(Group::with_title(title), snapshot, &diag.file, diag.span)];
    for (file, span, label) in &diag.related {
        let title = Level::NOTE.secondary_title(clean(label));
        groups.push(located(Group::with_title(title), snapshot, file, *span));
    }
    let hints =
        diag.hints.iter().map(|hint| Group::with_title(Level::HELP.secondary_title(clean(hint))));
    groups.extend(hints);
    format!("{}\n\n", renderer.render(&groups))
}

/// Adds the place: `file:line:column` and the line itself.
fn located<'a>(group: Group<'a>, snapshot: &Snapshot, file: &SrcPath, span: Span) -> Group<'a> {
    let name = clean(snapshot.on_disk(file).as_str()).into_owned();
    let at = snapshot.text(file.as_str()).map(|bytes| position(bytes, span.start as usize));
    let origin = Origin::path(name.clone());
    match (Excerpt::of(snapshot, file, span), at) {
        (Some(excerpt), _) if !excerpt.is_cut => group.element(excerpt.snippet().path(name)),
        // The column in the cut line is not that in the file.
        (Some(excerpt), Some(at)) => {
            let origin = origin.line(at.line).char_column(at.column);
            group.element(origin).element(excerpt.snippet())
        }
        (_, Some(at)) => group.element(origin.line(at.line).char_column(at.column)),
        _ => group.element(origin),
    }
}

/// A message must not hold characters that move the cursor.
fn clean(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_control) {
        text.replace(|c: char| c.is_control(), "\u{FFFD}").into()
    } else {
        text.into()
    }
}

/// The line that a diagnostic is about, cut if it is long.
struct Excerpt {
    text: String,
    line: usize,
    span: Range<usize>,
    /// True if something before the place was cut away.
    is_cut: bool,
}

impl Excerpt {
    fn of(snapshot: &Snapshot, file: &SrcPath, span: Span) -> Option<Self> {
        let bytes = snapshot.text(file.as_str())?;
        let range = span.range();
        if range.is_empty() && range.start == 0 || range.start > bytes.len() {
            return None;
        }
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let start = bytes[..range.start].iter().rposition(is_end).map_or(0, |at| at + 1);
        let length = bytes[range.start..].iter().position(is_end);
        let end = length.map_or(bytes.len(), |length| range.start + length);
        let before = String::from_utf8_lossy(&bytes[start..range.start]);
        let inside =
            String::from_utf8_lossy(&bytes[range.start..range.end.clamp(range.start, end)]);
        let after = String::from_utf8_lossy(&bytes[range.end.clamp(range.start, end)..end]);
        let shown =
            |text: &str| text.replace('\u{FEFF}', "").replace(|c: char| c.is_control(), " ");
        let (before, inside, after) = (shown(&before), shown(&inside), shown(&after));
        let (mut head, mut tail) = (before.clone(), after.clone());
        let room = MAX_LINE.saturating_sub(inside.chars().count()) / 2;
        let inside: String = inside.chars().take(MAX_LINE).collect();
        let is_cut = before.chars().count() > room;
        if is_cut {
            head = "…".into();
            head.extend(before.chars().skip(before.chars().count() - room));
        }
        if after.chars().count() > room {
            tail = after.chars().take(room).chain(['…']).collect();
        }
        let at = head.len();
        let span = at..at + inside.len();
        let line = position(bytes, range.start).line;
        Some(Self { text: format!("{head}{inside}{tail}"), line, span, is_cut })
    }

    fn snippet<'a>(self) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let annotation = AnnotationKind::Primary.span(self.span);
        Snippet::source(self.text).line_start(self.line).annotation(annotation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("//- notes/a.md\n{}나쁨{}", "가".repeat(5000), "다".repeat(5000));
        let snapshot = Snapshot::fixture(&text);
        let diag = Diagnostic::error("x", &"notes/a.md".into(), 15_000..15_006, "it is bad")
            .hint("fix it");
        let out = render(&snapshot, &[diag], 0, &Renderer::plain());
        assert!(out.contains("notes/a.md:1:5001"), "{out}");
        assert!(
            out.contains("나쁨") && out.contains("^^^^") && out.contains("help: fix it"),
            "{out}"
        );
        assert!(out.lines().all(|line| line.chars().count() < 230), "{out}");
    }

    #[test]
    fn many_alike_are_counted() {
        let snapshot = Snapshot::default();
        let diag =
            |n: usize| Diagnostic::warning("x", &format!("notes/{n}.md").into(), 0..0, "odd");
        let diags: Vec<_> = (0..10).map(diag).collect();
        let out = render(&snapshot, &diags, 0, &Renderer::plain());
        assert!(out.contains("and 7 more like this, in 7 files"), "{out}");
    }
}
