//! One long Markdown file becomes sections and lessons: the pure part of `gongbu import`.
//!
//! - A `#` heading is a section (`notes/03-technology/index.md`), each `##` heading under it a
//!   lesson (`notes/03-technology/02-compute.md`). A heading becomes the title in the front matter
//!   of its file; what stands under it is kept as it is.
//! - A `#` heading without lessons belongs to `notes/index.md` if it stands before the first
//!   section, is a section if it stands between two, and ends the last section's `index.md` if it
//!   comes after, unless it is numbered as the sections are.
//! - A file with a single `#` and lessons under it is one section: every lesson of every project
//!   then lives in a section, and the next file that is imported finds its place beside it.
//! - A file without `##` has its `#` headings as lessons, one without any heading is one lesson;
//!   as with a file without `#`, they are the lessons of one section that has the file's name.
//! - Only headings outside of lists, quotes and code count, and only those with text.

mod names;
mod number;
mod refs;

use std::ops::Range;

pub use names::{Names, find as find_names};
pub(super) use number::shorten;
pub use refs::Asset;

use crate::diag::Diagnostic;
use crate::hangul;
use crate::note::{self, Dialect, Kind, Note};
use crate::path::{self, SrcPath};

/// The level of headings that may name services.
pub const NAME_LEVEL: u8 = 3;

/// A Markdown file, taken apart.
#[derive(Debug, Clone, Default)]
pub struct Split {
    /// The files to write, in the order of the text.
    pub files: Vec<File>,
    /// The files beside the source that the notes refer to, and where each must go.
    pub assets: Vec<Asset>,
    /// What is wrong with the source (then nothing is split) or finds no place.
    pub problems: Vec<Diagnostic>,
    /// What was done beside splitting, as sentences.
    pub remarks: Vec<String>,
    /// The headings that may name services.
    pub names: Names,
    /// What the whole is called.
    pub title: String,
    /// `ko` if there is Hangul in it, else `en`.
    pub language: &'static str,
    /// How many sections there are.
    pub sections: usize,
    /// How many lessons there are.
    pub lessons: usize,
}

/// One file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where, from the project's root: `notes/03-technology/02-compute.md`.
    pub path: String,
    /// Its title.
    pub title: String,
    /// All of it, front matter first.
    pub text: String,
    /// The bytes of the source that it holds, without the heading that became its title.
    pub parts: Vec<Range<usize>>,
}

/// A heading that begins a section or a lesson.
struct Point {
    level: u8,
    /// Its line or lines, to the start of the next.
    line: Range<usize>,
    /// Its text.
    title: String,
    /// The heading itself, one level up, if the title alone would lose its markup.
    kept: Option<String>,
    /// Its place among the headings of the source.
    heading: usize,
}

/// A file before it has a name.
#[derive(Default)]
struct Draft {
    title: String,
    /// The heading that became the title, as an index of a [`Point`].
    heading: Option<usize>,
    parts: Vec<Range<usize>>,
    /// True if the front matter of the source goes here.
    front: bool,
}

struct Section {
    index: Draft,
    lessons: Vec<Draft>,
}

struct Outline {
    root: Option<Draft>,
    sections: Vec<Section>,
}

/// Takes a file apart. `name` is the file as diagnostics call it; what stands before its last `/`
/// means nothing here.
pub fn split(name: &str, text: &str) -> Split {
    let file = SrcPath::from(name);
    let parsed = note::parse(&file, &text.as_bytes().into(), Dialect::Notes);
    let (note, diags) = &*parsed;
    let fatal = |diag: &&Diagnostic| diag.is_error() && diag.code == "front-matter";
    let problems: Vec<Diagnostic> = diags.iter().filter(fatal).cloned().collect();
    if !problems.is_empty() {
        return Split { problems, ..Split::default() };
    }
    let front = front_matter(text);
    let start = match &front {
        Some(front) => front.end,
        None => text.len() - text.trim_start_matches('\u{FEFF}').len(),
    };
    let points = points(note, text);
    let outline = outline(note, text, &points, start, front.is_some());
    let sections = outline.sections.len();
    let lessons = outline.sections.iter().map(|section| section.lessons.len()).sum();
    let title = match (&outline.root, outline.sections.as_slice()) {
        (Some(root), _) => root.title.clone(),
        (None, [only]) => only.index.title.clone(),
        (None, _) => stem_title(note),
    };
    let drafts = place(outline);
    let changes = refs::follow(note, text, &drafts, &points);
    let ink = Ink { note, text, front, points: &points, changes: &changes };
    let files =
        drafts.iter().enumerate().map(|(at, (path, draft))| ink.write(at, path, draft)).collect();
    let names = note.body.headings.iter().filter(|it| it.level == NAME_LEVEL);
    Split {
        files,
        names: names::find(names.map(|it| it.text.as_str())),
        title,
        language: if text.contains(hangul::is_hangul) { "ko" } else { "en" },
        sections,
        lessons,
        assets: changes.assets,
        problems: changes.problems,
        remarks: changes.remarks,
    }
}

/// The front matter of a file that has one without errors: its two fences and what is between.
fn front_matter(text: &str) -> Option<Range<usize>> {
    let start = text.len() - text.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n']).len();
    let indented = text[..start].ends_with([' ', '\t']);
    let mut lines = lines(text, start).map(|line| (text[line.clone()].trim_end(), line));
    let (fence, _) =
        lines.next().filter(|(fence, _)| !indented && matches!(*fence, "+++" | "---"))?;
    let (_, last) = lines.find(|(line, _)| *line == fence || fence == "---" && *line == "...")?;
    Some(start..last.end)
}

/// The lines from `start` on, each with its end.
fn lines(text: &str, start: usize) -> impl Iterator<Item = Range<usize>> {
    let mut at = start;
    std::iter::from_fn(move || {
        let line = at..line_end(text, at);
        at = line.end;
        (!line.is_empty()).then_some(line)
    })
}

/// Where the line that holds byte `at` ends, its line end included.
fn line_end(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    match rest.find(['\n', '\r']) {
        Some(end) if rest[end..].starts_with("\r\n") => at + end + 2,
        Some(end) => at + end + 1,
        None => text.len(),
    }
}

/// The headings that a file is split at.
fn points(note: &Note, text: &str) -> Vec<Point> {
    let mut points = vec![];
    let mut depth = 0_usize;
    for event in &note.body.events {
        match event.kind {
            Kind::Open(note::Tag::Heading) if depth == 0 => {
                let at = event.payload as usize;
                let heading = &note.body.headings[at];
                if heading.level <= 2 && !heading.text.is_empty() {
                    points.push(point(text, at, heading));
                }
                depth += 1;
            }
            Kind::Open(_) => depth += 1,
            Kind::Close(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    points
}

fn point(text: &str, at: usize, heading: &note::Heading) -> Point {
    let span = heading.span.range();
    let start = text[..span.start].trim_end_matches([' ', '\t']).len();
    let line = start..line_end(text, span.end);
    let raw = text[span].trim();
    let (inner, above) = match raw.rsplit_once(['\n', '\r']) {
        // A line of `-` below a heading makes it a lesson, one of `=` a title.
        Some((inner, rule)) => (inner.trim_end(), raw[..raw.len() - rule.len()].to_owned() + "==="),
        None => {
            let inner = raw.trim_start_matches('#');
            (without_closing(inner.trim()), format!("#{inner}"))
        }
    };
    let written = inner.split_whitespace().collect::<Vec<_>>().join(" ");
    if path::nfc(&written) == heading.text {
        Point { level: heading.level, line, title: written, kept: None, heading: at }
    } else {
        let title = heading.text.clone();
        Point { level: heading.level, line, title, kept: Some(above), heading: at }
    }
}

/// `## Title ##` is `Title`.
fn without_closing(inner: &str) -> &str {
    let bare = inner.trim_end_matches('#');
    if bare.is_empty() || bare.ends_with([' ', '\t']) { bare.trim_end() } else { inner }
}

/// What a file without a title is called: its name.
fn stem_title(note: &Note) -> String {
    let name = note.file.as_str().rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    note.front.title.clone().unwrap_or_else(|| note::pretty_name(stem))
}

/// Decides which headings are sections and which are lessons.
fn outline(note: &Note, text: &str, points: &[Point], start: usize, front: bool) -> Outline {
    let end_of = |at: usize| points.get(at + 1).map_or(text.len(), |next| next.line.start);
    let under = |at: usize| points[at].line.end..end_of(at);
    let whole = |at: usize| points[at].line.start..end_of(at);
    let titled = |at: usize| Draft {
        title: points[at].title.clone(),
        heading: Some(at),
        parts: vec![under(at)],
        front: false,
    };
    let named = |parts, front| Draft { title: stem_title(note), heading: None, parts, front };
    let preamble = start..points.first().map_or(text.len(), |first| first.line.start);

    let mixed = points.iter().any(|it| it.level == 1) && points.iter().any(|it| it.level == 2);
    if !mixed {
        let section = if points.is_empty() {
            Section { index: named(vec![], false), lessons: vec![named(vec![preamble], front)] }
        } else {
            let lessons = (0..points.len()).map(titled).collect();
            Section { index: named(vec![preamble], front), lessons }
        };
        return Outline { root: None, sections: vec![section] };
    }

    // Each `#` heading with the `##` headings under it; the first group may have none above it.
    let mut groups: Vec<(Option<usize>, Vec<usize>)> = vec![];
    for (at, point) in points.iter().enumerate() {
        match groups.last_mut() {
            _ if point.level == 1 => groups.push((Some(at), vec![])),
            Some((_, lessons)) => lessons.push(at),
            None => groups.push((None, vec![at])),
        }
    }
    let first = groups.iter().position(|(_, lessons)| !lessons.is_empty()).unwrap_or(0);
    let last = groups.iter().rposition(|(_, lessons)| !lessons.is_empty()).unwrap_or(0);
    let is_numbered = |at: usize| number::read(&points[at].title).number.is_some();
    let heads: Vec<usize> = groups[first..=last].iter().filter_map(|(head, _)| *head).collect();
    let numbered = heads.iter().filter(|head| is_numbered(**head)).count() * 2 > heads.len();

    let mut leading: Vec<usize> = vec![];
    let mut sections: Vec<Section> = vec![];
    for (at, (head, lessons)) in groups.into_iter().enumerate() {
        let lessons: Vec<Draft> = lessons.into_iter().map(titled).collect();
        match (head, sections.last_mut()) {
            (Some(head), _) if at < first => leading.push(head),
            (Some(head), Some(section)) if at > last && !(numbered && is_numbered(head)) => {
                section.index.parts.push(whole(head));
            }
            (Some(head), _) => sections.push(Section { index: titled(head), lessons }),
            (None, _) => sections.push(Section { index: named(vec![], false), lessons }),
        }
    }
    // A heading may become the title only if nothing stands before it.
    let mut leading = leading.into_iter();
    let bare = note.front.title.is_none() && text[preamble.clone()].trim().is_empty();
    let mut root = match leading.next() {
        Some(head) if bare => Draft { front, ..titled(head) },
        Some(head) => named(vec![preamble, whole(head)], front),
        None => named(vec![preamble], front),
    };
    root.parts.extend(leading.map(whole));
    let is_empty = |draft: &Draft| {
        !front
            && draft.heading.is_none()
            && draft.parts.iter().all(|it| text[it.clone()].trim().is_empty())
    };
    Outline { root: Some(root).filter(|root| !is_empty(root)), sections }
}

/// Gives each file its path.
fn place(outline: Outline) -> Vec<(String, Draft)> {
    let mut placed: Vec<(String, Draft)> = vec![];
    placed.extend(outline.root.map(|root| ("notes/index.md".to_owned(), root)));
    let titles: Vec<&str> = outline.sections.iter().map(|it| it.index.title.as_str()).collect();
    let folders = number::names(&titles, "section");
    for (folder, section) in folders.into_iter().zip(outline.sections) {
        placed.push((format!("notes/{folder}/index.md"), section.index));
        let titles: Vec<&str> = section.lessons.iter().map(|it| it.title.as_str()).collect();
        let names = number::names(&titles, "lesson");
        let lessons = names.into_iter().zip(section.lessons);
        placed.extend(lessons.map(|(name, lesson)| (format!("notes/{folder}/{name}.md"), lesson)));
    }
    placed
}

/// What all files are written from.
struct Ink<'a> {
    note: &'a Note,
    text: &'a str,
    front: Option<Range<usize>>,
    points: &'a [Point],
    changes: &'a refs::Changes,
}

impl Ink<'_> {
    fn write(&self, at: usize, path: &str, draft: &Draft) -> File {
        let newline =
            if self.text[..line_end(self.text, 0)].ends_with("\r\n") { "\r\n" } else { "\n" };
        let mut text = match self.front.clone().filter(|_| draft.front) {
            Some(front) => self.own_front(front, &draft.title, newline),
            None => ["+++", &title_line(&draft.title), "+++", ""].join(newline),
        };
        let kept = draft.heading.and_then(|at| self.points[at].kept.clone());
        let parts = draft.parts.iter().map(|part| self.changes.apply(self.text, part));
        let added = self.changes.added.get(&at).into_iter().flatten().cloned();
        for block in kept.into_iter().chain(parts).chain(added) {
            let block = without_blank_ends(&block);
            if !block.is_empty() {
                text.push_str(newline);
                text.push_str(block);
                // The last line of a file, or a heading taken out of its line, has no end.
                if !block.ends_with(['\n', '\r']) {
                    text.push_str(newline);
                }
            }
        }
        let parts = draft.parts.clone();
        File { path: path.to_owned(), title: draft.title.clone(), text, parts }
    }

    /// The front matter that the source has, with a title if that was missing.
    fn own_front(&self, front: Range<usize>, title: &str, newline: &str) -> String {
        let front = &self.text[front];
        let mut own = front.to_owned();
        if !own.ends_with(['\n', '\r']) {
            own.push_str(newline);
        }
        if self.note.front.title.is_none() {
            // A string of JSON is a string of YAML.
            let line = if front.starts_with('+') {
                title_line(title)
            } else {
                format!("title: {}", serde_json::Value::from(title))
            };
            own.insert_str(line_end(front, 0), &(line + newline));
        }
        own
    }
}

fn title_line(title: &str) -> String {
    format!("title = {}", toml_edit::Value::from(title))
}

/// A text without the blank lines that it begins and ends with. Other white space is kept: an
/// indent may be code, and two spaces at the end of a line break it.
fn without_blank_ends(text: &str) -> &str {
    let first = text.len() - text.trim_start().len();
    let start = text[..first].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let text = &text[start..];
    &text[..line_end(text, text.trim_end().len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_go_and_other_spaces_stay() {
        assert_eq!(without_blank_ends("\n  \n    code  \n\n"), "    code  \n");
        assert_eq!(without_blank_ends("\r\n가\r\n\r\n"), "가\r\n");
        assert_eq!(without_blank_ends("a"), "a");
        assert_eq!(without_blank_ends(" \n\n"), "");
    }

    #[test]
    fn closing_marks_of_a_heading() {
        assert_eq!(without_closing("a ##"), "a");
        assert_eq!(without_closing("C#"), "C#");
        assert_eq!(without_closing("a # b"), "a # b");
    }
}
