//! Diagnostics in the terminal: `file:line:column`, the line with a caret, and what to do. The only
//! door to annotate-snippets.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal, Write};
use std::ops::Range;
use std::path::Path;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::project;
use crate::diag::{Diagnostic, Severity, Span, position};
use crate::path::SrcPath;
use crate::snapshot::Snapshot;

/// This many errors of one kind are shown; of the rest the places are named.
const MAX_ERRORS: usize = 5;
/// This many warnings of one kind are shown; the rest are counted.
const MAX_ALIKE: usize = 3;
/// Where listing them was asked for, the places of so many more are named; those of errors always are.
const MAX_LISTED: usize = 100;
/// A longer line is cut around what it is about, in characters.
const MAX_LINE: usize = 200;

/// Tells everything that is wrong with the notes, on stderr.
pub(super) fn diagnostics(root: &Path, snapshot: &Snapshot, diags: &[Diagnostic]) {
    show(&render(&Shown::from_here(root, snapshot), diags, 0, &renderer()));
}

/// The same; of many alike also the places of those that are not shown are named.
pub(super) fn all(root: &Path, snapshot: &Snapshot, diags: &[Diagnostic]) {
    show(&render(&Shown::from_here(root, snapshot), diags, MAX_LISTED, &renderer()));
}

/// The same as text without colours, for somebody who is not in the terminal.
pub(super) fn plain(snapshot: &Snapshot, diags: &[Diagnostic]) -> String {
    render(&Shown { snapshot, before: String::new() }, diags, 0, &Renderer::plain())
}

/// The files of a project as they are called where they are told of.
struct Shown<'a> {
    snapshot: &'a Snapshot,
    /// What stands before a path in the project.
    before: String,
}

impl<'a> Shown<'a> {
    fn from_here(root: &Path, snapshot: &'a Snapshot) -> Self {
        Self { snapshot, before: project::from_here(root) }
    }

    /// The name of a file.
    fn name(&self, file: &SrcPath) -> String {
        clean(&format!("{}{}", self.before, self.snapshot.on_disk(file))).into_owned()
    }
}

fn show(text: &str) {
    // There is nowhere left to say that stderr is closed.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Tells why a command could not run, on stderr.
pub(super) fn failure(error: &anyhow::Error) {
    show(&format!("gongbu: {}", reasons(error)));
}

/// What went wrong, and each cause on a line.
pub(super) fn reasons(error: &anyhow::Error) -> String {
    let mut chain = error.chain();
    let mut text = format!("{}\n", chain.next().map(ToString::to_string).unwrap_or_default());
    for cause in chain {
        text.push_str(&format!("  because: {cause}\n"));
    }
    text
}

/// "2 errors, 1 warning".
pub(super) fn count(diags: &[Diagnostic]) -> String {
    let errors = diags.iter().filter(|diag| diag.is_error()).count();
    let warnings = diags.len() - errors;
    match errors {
        0 => many(warnings, "warning"),
        _ => format!("{}, {}", many(errors, "error"), many(warnings, "warning")),
    }
}

/// "1 file", "2 files".
pub(super) fn many(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn renderer() -> Renderer {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty());
    if std::io::stderr().is_terminal() && !plain { Renderer::styled() } else { Renderer::plain() }
}

/// Errors first, then warnings, both by their kind: of many alike only some.
fn render(shown: &Shown<'_>, diags: &[Diagnostic], listed: usize, renderer: &Renderer) -> String {
    let mut out = String::new();
    let (errors, warnings): (Vec<_>, Vec<_>) = diags.iter().partition(|diag| diag.is_error());
    for (diags, most, lines) in [(errors, MAX_ERRORS, MAX_LISTED), (warnings, MAX_ALIKE, listed)] {
        let mut kinds: BTreeMap<&str, Vec<&Diagnostic>> = BTreeMap::new();
        for diag in diags {
            kinds.entry(diag.code).or_default().push(diag);
        }
        for alike in kinds.values() {
            for diag in alike.iter().take(most) {
                out.push_str(&one(shown, diag, renderer));
            }
            out.push_str(&briefly(shown, alike.get(most..).unwrap_or_default(), lines, listed));
        }
    }
    out
}

/// What is left of many alike: so many places, and a count of the rest.
fn briefly(shown: &Shown<'_>, rest: &[&Diagnostic], most: usize, listed: usize) -> String {
    let mut out = String::new();
    let (mut lines, mut left): (Vec<Vec<&Diagnostic>>, Vec<&Diagnostic>) = (vec![], vec![]);
    for (at, diag) in rest.iter().enumerate() {
        if at >= most {
            left.push(diag);
            continue;
        }
        let same = |line: &Vec<&Diagnostic>| {
            (&line[0].message, &line[0].hints) == (&diag.message, &diag.hints)
        };
        match lines.iter().position(same) {
            Some(at) => lines[at].push(diag),
            None => lines.push(vec![diag]),
        }
    }
    lines.iter().for_each(|same| out.push_str(&line(shown, same)));
    if let Some(first) = left.first() {
        let files: BTreeSet<_> = left.iter().map(|diag| &diag.file).collect();
        let (kind, rest, files) = (kind(first), left.len(), many(files.len(), "file"));
        let how = match listed {
            0 if most == 0 && rest <= MAX_LISTED => "; `gongbu check` lists them",
            _ => "; `gongbu check --format json` lists them all",
        };
        out.push_str(&format!("{kind}: … and {rest} more like this, in {files}{how}\n"));
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// `warning[code]`
fn kind(diag: &Diagnostic) -> String {
    let severity = if diag.is_error() { "error" } else { "warning" };
    format!("{severity}[{}]", diag.code)
}

/// `warning[code]: message; hint (file:line:column, file:line:column)`
fn line(shown: &Shown<'_>, same: &[&Diagnostic]) -> String {
    let diag = same[0];
    let place = |diag: &&Diagnostic| {
        let file = shown.name(&diag.file);
        match shown.snapshot.text(diag.file.as_str()) {
            Some(bytes) => {
                let at = position(bytes, diag.span.start as usize);
                format!("{file}:{}:{}", at.line, at.column)
            }
            None => file,
        }
    };
    let places: Vec<String> = same.iter().map(place).collect();
    let words: Vec<_> =
        std::iter::once(&diag.message).chain(&diag.hints).map(|it| clean(it)).collect();
    format!("{}: {} ({})\n", kind(diag), words.join("; "), places.join(", "))
}

fn one(shown: &Shown<'_>, diag: &Diagnostic, renderer: &Renderer) -> String {
    let level = match diag.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(clean(&diag.message)).id(diag.code);
    let mut groups = vec![located(Group::with_title(title), shown, &diag.file, diag.span)];
    for (file, span, label) in &diag.related {
        let title = Level::NOTE.secondary_title(clean(label));
        groups.push(located(Group::with_title(title), shown, file, *span));
    }
    let hints =
        diag.hints.iter().map(|hint| Group::with_title(Level::HELP.secondary_title(clean(hint))));
    groups.extend(hints);
    format!("{}\n\n", renderer.render(&groups))
}

/// Adds the place: `file:line:column` and the line itself.
fn located<'a>(group: Group<'a>, shown: &Shown<'_>, file: &SrcPath, span: Span) -> Group<'a> {
    let name = shown.name(file);
    let snapshot = shown.snapshot;
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
        let out = plain(&snapshot, &[diag]);
        assert!(out.contains("notes/a.md:1:5001"), "{out}");
        assert!(
            out.contains("나쁨") && out.contains("^^^^") && out.contains("help: fix it"),
            "{out}"
        );
        assert!(out.lines().all(|line| line.chars().count() < 230), "{out}");
    }

    #[test]
    fn many_alike_are_told_briefly() {
        let snapshot = Snapshot::default();
        let diag = |n: usize| {
            let file = format!("notes/{n}.md").into();
            Diagnostic::warning("x", &file, 0..0, "odd").hint("did you mean `even`?")
        };
        let diags: Vec<_> = (0..10).map(diag).collect();
        let out = plain(&snapshot, &diags);
        assert!(out.contains("and 7 more like this, in 7 files; `gongbu check` lists"), "{out}");
        let shown = Shown { snapshot: &snapshot, before: "../".into() };
        let out = render(&shown, &diags, 50, &Renderer::plain());
        let line = "warning[x]: odd; did you mean `even`? (../notes/3.md, ../notes/4.md, ../";
        assert!(out.contains(line), "{out}");
        let is_error = |diag| Diagnostic { severity: Severity::Error, ..diag };
        let errors: Vec<_> = diags.into_iter().map(is_error).collect();
        let out = plain(&snapshot, &errors);
        assert_eq!(out.matches("error[x]").count(), 6, "{out}");
        assert!((0..10).all(|n| out.contains(&format!("notes/{n}.md"))), "{out}");
        let many: Vec<_> = (0..150).map(diag).collect();
        let out = render(&shown, &many, MAX_LISTED, &Renderer::plain());
        assert!(out.contains("../notes/102.md)") && out.contains("47 more like this"), "{out}");
    }
}
