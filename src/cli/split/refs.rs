//! What the text refers to, followed to where it is after the split: pictures and other files,
//! anchors, link definitions and footnotes.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{Draft, Point, lines};
use crate::diag::{Diagnostic, Span};
use crate::note::{Event, Kind, Link, LinkKind, NONE, Note, Tag, raw};
use crate::path::{self, OutPath};

/// A file beside the source that a note refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Where it is, from the folder of the source: `images/vpc.png`.
    pub source: String,
    /// Where the note looks for it, from the project's root.
    pub target: String,
    /// The bytes of the source that refer to it.
    pub span: Span,
}

/// What must change so that the text still says what it said.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Bytes of the source and what stands there instead, in order.
    edits: BTreeMap<usize, (Range<usize>, String)>,
    /// What is added at the end of a file.
    pub(super) added: BTreeMap<usize, Vec<String>>,
    /// The files that must come along.
    pub(super) assets: Vec<Asset>,
    /// What finds no place.
    pub(super) problems: Vec<Diagnostic>,
    /// What was done, as sentences.
    pub(super) remarks: Vec<String>,
}

impl Changes {
    /// A part of the source, with its changes.
    pub(super) fn apply(&self, source: &str, part: &Range<usize>) -> String {
        let mut text = String::with_capacity(part.len());
        let mut at = part.start;
        for (range, new) in self.edits.range(part.clone()).map(|(_, edit)| edit) {
            // What lies in bytes that were taken out is gone with them.
            if range.start >= at && range.end <= part.end {
                text.push_str(&source[at..range.start]);
                text.push_str(new);
                at = range.end;
            }
        }
        text.push_str(&source[at..part.end]);
        text
    }

    fn edit(&mut self, range: Range<usize>, new: String) {
        self.edits.insert(range.start, (range, new));
    }
}

/// Where a destination leads.
enum Lead {
    /// Out of the file, or nowhere that we know of: it stays.
    Stays,
    /// To a place that is now in another file: the new destination.
    Moved(String),
    /// To a file beside the source.
    File(String),
    /// To what finds no place: why, and what to do.
    Lost(String, &'static str),
}

/// Follows everything that the drafts refer to.
pub(super) fn follow(
    note: &Note,
    source: &str,
    drafts: &[(String, Draft)],
    points: &[Point],
) -> Changes {
    let mut changes = Changes::default();
    let map = Map::new(note, source, drafts, points);
    let defined = definitions(&map);
    let mut copied: BTreeSet<(usize, String)> = BTreeSet::new();
    for link in &note.body.links {
        map.link(link, &defined, &mut copied, &mut changes);
    }
    html(&map, &mut changes);
    let moved = footnotes(&map, &mut changes);
    let told = [
        (copied.len(), "definition of a link", "definitions of links"),
        (moved, "footnote", "footnotes"),
    ];
    for (count, one, many) in told {
        match count {
            0 => {}
            1 => changes.remarks.push(format!("1 {one} was copied to the file that uses it")),
            n => changes.remarks.push(format!("{n} {many} were copied to the files that use them")),
        }
    }
    changes
}

/// Places that an anchor may mean, by how it is spelt or by its letters alone: where each is, and
/// what its anchor is in its new file; none for what became a title.
type Anchors = BTreeMap<String, (usize, Option<String>)>;

/// Which byte of the source is in which file.
struct Map<'a> {
    note: &'a Note,
    source: &'a str,
    drafts: &'a [(String, Draft)],
    /// Where each stretch begins, and the index of its file.
    starts: Vec<(usize, usize)>,
    anchors: Anchors,
}

impl<'a> Map<'a> {
    fn new(
        note: &'a Note,
        source: &'a str,
        drafts: &'a [(String, Draft)],
        points: &[Point],
    ) -> Self {
        let mut starts: Vec<(usize, usize)> = vec![];
        let mut titles: BTreeSet<usize> = BTreeSet::new();
        for (at, (_, draft)) in drafts.iter().enumerate() {
            let parts = draft.parts.iter().filter(|part| !part.is_empty());
            starts.extend(parts.map(|part| (part.start, at)));
            if let Some(point) = draft.heading.map(|heading| &points[heading]) {
                starts.push((point.line.start, at));
                titles.insert(point.heading);
            }
        }
        starts.sort_unstable();
        let mut map = Self { note, source, drafts, starts, anchors: Anchors::new() };
        map.anchors = anchors(&map, &titles);
        map
    }

    /// The file that a byte is in.
    fn home(&self, at: usize) -> usize {
        let after = self.starts.partition_point(|(start, _)| *start <= at);
        self.starts.get(after.saturating_sub(1)).map_or(0, |(_, home)| *home)
    }

    /// Where a destination in the file `home` leads.
    fn lead(&self, dest: &str, home: usize) -> Lead {
        let colon = dest.find(':').unwrap_or(0);
        let scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        if dest.is_empty()
            || dest.starts_with("//")
            || colon > 0 && dest[..colon].chars().all(scheme)
        {
            return Lead::Stays;
        }
        let (file, anchor) = dest.split_once('#').unwrap_or((dest, ""));
        let file = path::decode(file.split('?').next().unwrap_or_default());
        let own = self.note.file.as_str().rsplit(['/', '\\']).next().unwrap_or_default();
        let resolved = path::resolve("", &file);
        if file.is_empty() || resolved.as_deref() == Some(own) {
            return self.anchor(&path::decode(anchor), home, file.is_empty());
        }
        let lost = |why: &str, hint| Lead::Lost(format!("`{dest}` {why}"), hint);
        let Some(resolved) = resolved.filter(|_| !file.starts_with('/')) else {
            let hint = "copy the file into `notes/` and mend the link";
            return lost("is not in the folder of this file, so it was not copied", hint);
        };
        if resolved.split('/').any(|part| part.starts_with('.')) {
            return lost(
                "is a hidden file, so it was not copied",
                "copy it by hand if it is meant",
            );
        }
        let extension = resolved.rsplit_once('.').map(|(_, it)| it.to_ascii_lowercase());
        if matches!(extension.as_deref(), Some("md" | "markdown")) {
            let hint = "import that file too, and mend the link";
            return lost("is another Markdown file, which this import knows nothing of", hint);
        }
        Lead::File(resolved)
    }

    fn anchor(&self, anchor: &str, home: usize, here: bool) -> Lead {
        if anchor.is_empty() && here {
            return Lead::Stays;
        }
        let letters = path::squeeze(anchor);
        let found = self.anchors.get(&path::nfc(anchor));
        let found = found.or_else(|| self.anchors.get(&letters).filter(|_| !letters.is_empty()));
        let (there, anchor) = match found {
            Some((at, anchor)) => (self.home(*at), anchor.as_deref()),
            None if anchor.is_empty() => (0, None),
            None => {
                let hint = "mend the link, or remove it";
                return Lead::Lost(format!("`#{anchor}` is no heading of this file"), hint);
            }
        };
        // The second of two equal headings loses its number if the first is elsewhere.
        let same = anchor.is_some_and(|anchor| path::squeeze(anchor) == letters);
        if there == home && here && same {
            return Lead::Stays;
        }
        let path = |at: usize| OutPath::from(self.drafts[at].0.as_str());
        // Percent signs would hide from the author where the link leads.
        Lead::Moved(path::decode(&path(home).link_to(&path(there), anchor)))
    }

    fn link(
        &self,
        link: &Link,
        defined: &BTreeMap<String, Vec<usize>>,
        copied: &mut BTreeSet<(usize, String)>,
        changes: &mut Changes,
    ) {
        let home = self.home(link.span.range().start);
        let (dest, wiki) = match link.kind {
            LinkKind::Auto | LinkKind::Email | LinkKind::Html => return,
            LinkKind::Inline => (link.dest.as_str(), false),
            LinkKind::Wiki if link.dest.starts_with('#') => (link.dest.as_str(), true),
            // `![[vpc.png]]` is a file, `[[EC2]]` and `![[EC2]]` are notes.
            LinkKind::Wiki if link.image && link.dest.contains('.') => (link.dest.as_str(), true),
            LinkKind::Wiki => return,
        };
        let raw = &self.source[link.span.range()];
        let label = Some(raw).filter(|raw| !wiki && raw.ends_with(']')).map(label);
        let elsewhere =
            |label: &String| defined.get(label).is_none_or(|homes| !homes.contains(&home));
        let lead = self.lead(dest, home);
        if let Lead::File(file) = &lead {
            changes.assets.push(self.asset(file, home, link.span));
        }
        let moved = match lead {
            Lead::Moved(new) => Some(new),
            Lead::Lost(why, hint) => {
                self.warn(link.span, why, hint, changes);
                None
            }
            Lead::Stays | Lead::File(_) => None,
        };
        if let Some(label) = label.clone().filter(elsewhere) {
            if copied.insert((home, label.clone())) {
                let dest = moved.as_deref().unwrap_or(dest);
                let line = definition(&label, dest, &link.title);
                changes.added.entry(home).or_default().push(line);
            }
            return;
        }
        let Some(new) = moved else { return };
        let place = raw.rfind(dest).filter(|at| raw[..*at].trim_end_matches('<').ends_with('('));
        let place = place.filter(|_| !wiki && label.is_none());
        let start = link.span.range().start;
        // A heading that became a title is no longer in the text.
        let in_text = self.drafts[home].1.parts.iter().any(|part| part.contains(&start));
        match place.filter(|_| in_text) {
            Some(at) => changes.edit(start + at..start + at + dest.len(), new),
            None => self.unwritten(link.span, dest, &new, changes),
        }
    }

    fn asset(&self, file: &str, home: usize, span: Span) -> Asset {
        let (path, _) = &self.drafts[home];
        let folder = path.rsplit_once('/').map_or("notes", |(folder, _)| folder);
        Asset { source: file.to_owned(), target: format!("{folder}/{file}"), span }
    }

    fn unwritten(&self, span: Span, dest: &str, new: &str, changes: &mut Changes) {
        let why = format!("`{dest}` is now in another file, and this link could not be rewritten");
        self.warn(span, why, &format!("write `{new}` there"), changes);
    }

    fn warn(&self, span: Span, why: String, hint: &str, changes: &mut Changes) {
        let diag = Diagnostic::warning("not-placed", &self.note.file, span, why);
        changes.problems.push(diag.hint(hint));
    }
}

/// The places that an anchor of the source may mean. Where tools differ in how they number equal
/// headings, the most common way goes first: the second is `name-1`.
fn anchors(map: &Map, titles: &BTreeSet<usize>) -> Anchors {
    let (mut given, mut common, mut own, mut letters) = (vec![], vec![], vec![], vec![]);
    let mut in_source: BTreeMap<String, usize> = BTreeMap::new();
    let mut in_file: BTreeMap<(usize, String), usize> = BTreeMap::new();
    for (at, heading) in map.note.body.headings.iter().enumerate() {
        let start = heading.span.range().start;
        let slug = Some(path::slug(&heading.text)).filter(|slug| !slug.is_empty());
        let slug = slug.unwrap_or_else(|| "section".to_owned());
        let derived = heading
            .id
            .strip_prefix(&slug)
            .is_some_and(|rest| rest.chars().all(|c| c == '-' || c.is_ascii_digit()));
        let before = next(&mut in_source, slug.clone());
        let anchor = if titles.contains(&at) {
            None
        } else if derived {
            // The second of two equal headings may be the first in its new file.
            Some(match next(&mut in_file, (map.home(start), slug.clone())) {
                0 => slug.clone(),
                before => format!("{slug}-{}", before + 1),
            })
        } else {
            Some(heading.id.clone())
        };
        let place = (start, anchor);
        letters.push((path::squeeze(&heading.text), place.clone()));
        let common_id = if before == 0 { slug } else { format!("{slug}-{before}") };
        common.push((common_id, place.clone()));
        if derived { &mut own } else { &mut given }.push((heading.id.clone(), place));
    }
    for (key, value, at) in attributes(map.note, map.source) {
        if key == "id" || key == "name" {
            given.push((value.to_owned(), (at, Some(value.to_owned()))));
        }
    }
    let mut anchors = Anchors::new();
    for (key, place) in given.into_iter().chain(common).chain(own).chain(letters) {
        anchors.entry(key).or_insert(place);
    }
    anchors
}

/// Counts one more of `key`, and returns how many there were.
fn next<K: Ord>(counts: &mut BTreeMap<K, usize>, key: K) -> usize {
    let count = counts.entry(key).or_default();
    *count += 1;
    *count - 1
}

/// The label of a link by reference: `[text][label]`, `[label][]` or `[label]`.
fn label(raw: &str) -> String {
    let raw = raw.strip_suffix("[]").unwrap_or(raw);
    let start = raw.rfind('[').map_or(0, |at| at + 1);
    normal(raw[start..].trim_end_matches(']'))
}

fn normal(label: &str) -> String {
    label.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The labels that are defined, each with the files where.
fn definitions(map: &Map) -> BTreeMap<String, Vec<usize>> {
    let mut homes: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for line in lines(map.source, 0) {
        let label = map.source[line.clone()].trim_start().strip_prefix('[');
        if let Some((label, _)) = label.and_then(|rest| rest.split_once("]:")) {
            homes.entry(normal(label)).or_default().push(map.home(line.start));
        }
    }
    homes
}

fn definition(label: &str, dest: &str, title: &str) -> String {
    let plain = !dest.is_empty() && !dest.contains([' ', '(', ')', '<', '>']);
    let dest = if plain { dest.to_owned() } else { format!("<{}>", dest.replace('>', "%3E")) };
    let title = title.replace('\\', "\\\\").replace('"', "\\\"");
    let title = if title.is_empty() { title } else { format!(" \"{title}\"") };
    format!("[{label}]: {dest}{title}")
}

/// The attributes in the raw HTML of a note: name, value, and the byte at which that begins.
fn attributes<'a>(note: &'a Note, source: &'a str) -> Vec<(&'a str, &'a str, usize)> {
    let html = note.body.events.iter().filter(|event| event.kind == Kind::Html);
    let attributes = |event: &Event| {
        let start = event.span.range().start;
        let found = raw::attributes(&source[event.span.range()]);
        found.into_iter().map(move |it| (it.name, it.value, start + it.value_at))
    };
    html.filter(|event| event.payload == NONE).flat_map(attributes).collect()
}

/// `<img src="…">` and `<a href="…">`: kept as they are, but their files come along.
fn html(map: &Map, changes: &mut Changes) {
    for (key, value, at) in attributes(map.note, map.source) {
        if key != "src" && key != "href" {
            continue;
        }
        let span = Span::from(at..at + value.len());
        let home = map.home(at);
        match map.lead(value, home) {
            Lead::Stays => {}
            Lead::File(file) => changes.assets.push(map.asset(&file, home, span)),
            Lead::Moved(new) => map.unwritten(span, value, &new, changes),
            Lead::Lost(why, hint) => map.warn(span, why, hint, changes),
        }
    }
}

/// Brings footnotes to the files that use them. One that its own file does not use moves; returns
/// how many were copied or moved.
fn footnotes(map: &Map, changes: &mut Changes) -> usize {
    let mut users: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    let mut notes: Vec<(String, Range<usize>)> = vec![];
    let mut depth = 0_usize;
    for event in &map.note.body.events {
        let label = || normal(map.note.text(map.source, event));
        match event.kind {
            Kind::FootnoteRef => {
                let home = map.home(event.span.range().start);
                users.entry(label()).or_default().insert(home);
            }
            Kind::Open(Tag::Footnote) if depth == 0 => notes.push((label(), event.span.range())),
            _ => {}
        }
        match event.kind {
            Kind::Open(_) => depth += 1,
            Kind::Close(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    let mut count = 0;
    for (label, range) in notes {
        let own = map.home(range.start);
        let Some(homes) = users.get(&label) else { continue };
        let text = map.source[range.clone()].trim_end();
        for home in homes.iter().filter(|home| **home != own) {
            changes.added.entry(*home).or_default().push(text.to_owned());
            count += 1;
        }
        if !homes.contains(&own) {
            changes.edit(range.start..range.start + text.len(), String::new());
        }
    }
    count
}
