//! `gongbu check`: everything that is wrong with the notes, and the misspelt names mended.

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde::Serialize;

use super::{DONE, NOTES_WRONG, pages, project, report};
use crate::build::Built;
use crate::diag::{Diagnostic, Lines, Position, position};
use crate::disk;
use crate::path::{self, SrcPath};
use crate::snapshot::{Options, Snapshot};

/// Tell everything that is wrong with the notes
///
/// Links, anchors, pictures and names that lead nowhere; names that are misspelt, ambiguous, or said
/// to stand for different things; services that nothing mentions or explains; stubs, bold lines in
/// place of headings, lists that do not nest. Nothing is written, but with --fix. Exit code 1 if
/// there is anything to tell.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: gongbu check --format github")]
pub(super) struct Args {
    /// Mend misspelt names: shows each change, and asks before it is made
    #[arg(long)]
    fix: bool,
    /// With --fix: do not ask
    #[arg(long, requires = "fix")]
    yes: bool,
    /// How to tell it
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Look at drafts too
    #[arg(long)]
    drafts: bool,
    /// As without it: whatever is told ends with exit code 1. For who writes it as after `build`
    #[arg(long = "strict")]
    _strict: bool,
    /// Tell instead what GitHub Pages would refuse: over 1 GB, symbolic links in public/, missing files
    #[arg(long, conflicts_with = "fix")]
    pages: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For the terminal, on stderr
    Human,
    /// JSON, on stdout
    Json,
    /// Annotations of GitHub Actions, on stdout
    Github,
}

/// Checks the project. Exit code 1 if there is anything to tell.
///
/// # Errors
/// If the project cannot be read, or a note cannot be changed.
pub(super) fn run(root: Option<&Path>, args: &Args) -> Result<ExitCode> {
    let root = project::root(root)?;
    let options = Options { drafts: args.drafts, base_url: None, check: !args.pages };
    let (mut snapshot, mut built) = project::open(&root, options.clone())?;
    if args.fix && mend(&root, &snapshot, &built, args)? {
        (snapshot, built) = project::open(&root, options)?;
    }
    let mut diags = built.diags.clone();
    if args.pages {
        let out = root.join("public");
        diags.retain(Diagnostic::is_error);
        if diags.is_empty() {
            diags = pages::problems(&built.plan, &out, &disk::links(&out));
        }
    } else if !built.has_errors() {
        diags.extend(built.site.check());
        diags.sort();
        diags.dedup();
    }
    let out = std::io::stdout();
    match args.format {
        Format::Human => {
            report::all(&root, &snapshot, &diags);
            let notes = report::many(built.site.notes.len(), "note");
            writeln!(out.lock(), "{} in {notes}", report::count(&diags))?;
        }
        Format::Json => {
            let places = Places::of(&snapshot, &diags);
            let found: Vec<Found<'_>> = diags.iter().map(|diag| Found::of(&places, diag)).collect();
            writeln!(out.lock(), "{}", serde_json::to_string_pretty(&found)?)?;
        }
        Format::Github => {
            let here = project::from_here(&root);
            let places = Places::of(&snapshot, &diags);
            let lines = diags.iter().map(|diag| annotation(&here, &places, diag));
            let lines: String = lines.collect();
            out.lock().write_all(lines.as_bytes())?;
        }
    }
    Ok(ExitCode::from(if diags.is_empty() { DONE } else { NOTES_WRONG }))
}

/// Where bytes of files are that something is told of: of a long note a thousand things may be told.
struct Places<'a> {
    snapshot: &'a Snapshot,
    lines: BTreeMap<&'a SrcPath, Lines<'a>>,
}

impl<'a> Places<'a> {
    fn of(snapshot: &'a Snapshot, diags: &'a [Diagnostic]) -> Self {
        let mut lines = BTreeMap::new();
        for diag in diags {
            for file in [&diag.file].into_iter().chain(diag.related.iter().map(|it| &it.0)) {
                let text = || snapshot.text(file.as_str())?.utf8().ok();
                if !lines.contains_key(file)
                    && let Some(text) = text()
                {
                    lines.insert(file, Lines::of(text));
                }
            }
        }
        Self { snapshot, lines }
    }

    fn at(&self, file: &SrcPath, byte: u32) -> Position {
        match self.lines.get(file) {
            Some(lines) => lines.position(byte as usize),
            // What is no text has no lines that are known.
            None => position(self.snapshot.text(file.as_str()).map_or(b"", |it| it), byte as usize),
        }
    }
}

/// A diagnostic as JSON. Lines and columns count from 1, columns in characters.
#[derive(Serialize)]
struct Found<'a> {
    file: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    severity: &'static str,
    code: &'static str,
    message: &'a str,
    hints: &'a [String],
    related: Vec<Related<'a>>,
}

#[derive(Serialize)]
struct Related<'a> {
    file: String,
    line: usize,
    column: usize,
    message: &'a str,
}

impl<'a> Found<'a> {
    fn of(places: &Places<'_>, diag: &'a Diagnostic) -> Self {
        let (snapshot, file) = (places.snapshot, &diag.file);
        let (start, end) = (places.at(file, diag.span.start), places.at(file, diag.span.end));
        let related = diag.related.iter().map(|(file, span, message)| {
            let place = places.at(file, span.start);
            Related {
                file: snapshot.on_disk(file).to_string(),
                line: place.line,
                column: place.column,
                message,
            }
        });
        Self {
            file: snapshot.on_disk(&diag.file).to_string(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            severity: if diag.is_error() { "error" } else { "warning" },
            code: diag.code,
            message: &diag.message,
            hints: &diag.hints,
            related: related.collect(),
        }
    }
}

/// A line that GitHub shows beside the place: a workflow command, with what it asks to be escaped.
/// `here` leads from the current folder to the project.
fn annotation(here: &str, places: &Places<'_>, diag: &Diagnostic) -> String {
    let found = Found::of(places, diag);
    let text = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let value = |it: &str| text(it).replace(':', "%3A").replace(',', "%2C");
    let message: Vec<String> =
        std::iter::once(&diag.message).chain(&diag.hints).map(|it| text(it)).collect();
    format!(
        "::{} file={},line={},endLine={},col={},endColumn={},title={}::{}\n",
        found.severity,
        value(&format!("{here}{}", found.file)),
        found.line,
        found.end_line,
        found.column,
        found.end_column,
        value(found.code),
        message.join("%0A"),
    )
}

/// What is to stand in place of some bytes of a file.
struct Change {
    start: usize,
    end: usize,
    with: String,
}

/// Mends the misspelt names, after a look at what changes. True if files were changed.
fn mend(root: &Path, snapshot: &Snapshot, built: &Built, args: &Args) -> Result<bool> {
    // What a program reads on stdout is nothing but what it asked for.
    let mut out: Box<dyn Write> = match args.format {
        Format::Human => Box::new(std::io::stdout()),
        Format::Json | Format::Github => Box::new(std::io::stderr()),
    };
    let here = project::from_here(root);
    let (changes, left) = changes(snapshot, built);
    if left > 0 {
        let names = report::many(left, "misspelt name");
        writeln!(out, "{names} with emphasis or the end of a line inside: to be mended by hand")?;
    }
    if changes.is_empty() {
        if left == 0 {
            writeln!(out, "no name is misspelt")?;
        }
        return Ok(false);
    }
    let mut new: Vec<(&SrcPath, &[u8], Vec<u8>)> = vec![];
    for (file, changes) in &changes {
        let Some(old) = snapshot.text(file.as_str()) else { continue };
        let bytes = changed(old, changes);
        let name = format!("{here}{}", snapshot.on_disk(file));
        out.write_all(diff(&name, old, changes).as_bytes())?;
        new.push((file, old, bytes));
    }
    let count: usize = changes.values().map(Vec::len).sum();
    let files = report::many(changes.len(), "file");
    let what = format!("{} in {files}", report::many(count, "name"));
    if !args.yes {
        if !std::io::stdin().is_terminal() {
            writeln!(out, "nothing was changed; --yes changes {what} without asking")?;
            return Ok(false);
        }
        write!(out, "change {what}? [y/N] ")?;
        out.flush()?;
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer)?;
        if !matches!(answer.trim(), "y" | "Y" | "yes" | "예" | "네") {
            writeln!(out, "nothing was changed")?;
            return Ok(false);
        }
    }
    for (file, old, bytes) in new {
        disk::replace(root, &snapshot.on_disk(file), old, &bytes)
            .with_context(|| format!("cannot change {file}"))?;
    }
    writeln!(out, "changed {what}")?;
    Ok(true)
}

/// The changes of each file, in order; and how many names are left to the author, because more stands in
/// them than their letters.
fn changes<'a>(
    snapshot: &Snapshot,
    built: &'a Built,
) -> (BTreeMap<&'a SrcPath, Vec<Change>>, usize) {
    let mut changes: BTreeMap<&SrcPath, Vec<Change>> = BTreeMap::new();
    let mut left = 0;
    for it in built.site.near_misses() {
        let note = built.site.notes[it.note].note();
        let (file, span) = (&note.file, it.span.range());
        if path::nfc(&note.source()[span.clone()]) != it.written {
            left += 1;
            continue;
        }
        let change = Change { start: span.start, end: span.end, with: it.right.clone() };
        changes.entry(file).or_default().push(change);
    }
    for it in &built.site.catalog.misspelt {
        let range = it.place.span.range();
        let bytes =
            snapshot.text(it.place.file.as_str()).and_then(|bytes| bytes.get(range.clone()));
        let text = bytes.and_then(|bytes| str::from_utf8(bytes).ok()).unwrap_or_default();
        // With emphasis inside it is for the author to mend.
        if let Some(at) = text.find(&it.wrong) {
            let start = range.start + at;
            let change = Change { start, end: start + it.wrong.len(), with: it.right.clone() };
            changes.entry(&it.place.file).or_default().push(change);
        } else {
            left += 1;
        }
    }
    for list in changes.values_mut() {
        list.sort_by_key(|change| change.start);
        list.dedup_by_key(|change| change.start);
    }
    (changes, left)
}

fn changed(old: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut new = Vec::with_capacity(old.len());
    let mut done = 0;
    for change in changes {
        new.extend(&old[done..change.start]);
        new.extend(change.with.as_bytes());
        done = change.end;
    }
    new.extend(&old[done..]);
    new
}

/// The lines that change, before and after.
fn diff(file: &str, old: &[u8], changes: &[Change]) -> String {
    let mut out = String::new();
    let line_end = |from: usize| {
        old[from..].iter().position(|byte| *byte == b'\n').map_or(old.len(), |at| from + at)
    };
    let mut rest = changes;
    while let Some(first) = rest.first() {
        let start =
            old[..first.start].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let end = line_end(first.end);
        let same = rest.iter().take_while(|change| change.start < end).count();
        let here: Vec<Change> = rest[..same]
            .iter()
            .map(|it| Change {
                start: it.start - start,
                end: it.end - start,
                with: it.with.clone(),
            })
            .collect();
        let line = &old[start..end.max(rest[same - 1].end)];
        let after = changed(line, &here);
        let text = |line: &[u8]| String::from_utf8_lossy(line).trim_end().replace('\n', " ");
        let number = position(old, first.start).line;
        out.push_str(&format!("{file}:{number}\n- {}\n+ {}\n", text(line), text(&after)));
        rest = &rest[same..];
    }
    out
}
