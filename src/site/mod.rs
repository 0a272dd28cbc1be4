//! The notes, linked and in order: all that an output may know. Knows no HTML.

mod address;
mod asset;
mod bracket;
mod check;
mod context;
mod embed;
mod gist;
mod heading;
mod linker;
mod mention;
mod near;
mod pairs;
mod places;
mod proof;
mod reason;
mod related;
mod resolve;
pub mod summary;
mod text;
mod token;

use std::borrow::Cow;
use std::cell::LazyCell;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

pub use asset::{Asset, hashed_name};
pub use bracket::PairKind;
pub use context::Context;
pub use linker::Matcher;
pub use mention::{Backlink, Mention, Mentions};
pub use near::NearMiss;
pub use pairs::Pair;
pub use proof::{Proof, TermProof};
pub use reason::{Reason, Rejected};

use crate::catalog::Catalog;
use crate::config::Config;
use crate::diag::Diagnostic;
use crate::note::{self, Event, Kind, Note, Piece, Tag};
use crate::path::{self, OutPath, SrcPath};
use crate::registry;
use crate::snapshot::{Entry, Snapshot};
use places::Places;

/// A note with what was told of it.
pub type Parsed = Arc<(Note, Vec<Diagnostic>)>;

/// The linked notes.
#[derive(Debug)]
pub struct Site {
    /// The settings.
    pub config: Config,
    /// The published notes, in order.
    pub notes: Vec<LinkedNote>,
    /// The sections, in order; the one at the top of the notes first, if it has lessons.
    pub sections: Vec<Section>,
    /// The note that opens the site, as an index into `notes`.
    pub home: Option<usize>,
    /// The services.
    pub catalog: Catalog,
    /// For each service the note that defines it, as an index; none: only the registry knows it.
    pub defined_in: Vec<Option<usize>>,
    /// For each service, who names it or links to it by hand: in the order of the notes.
    pub mentioned: Vec<Vec<Backlink>>,
    /// For each service, those that its block mentions or whose blocks mention it: the nearest first.
    pub related: Vec<Vec<usize>>,
    /// For each note, which notes link to it by hand.
    pub linked_from: Vec<Vec<Backlink>>,
}

/// A note whose links are resolved.
#[derive(Debug)]
pub struct LinkedNote {
    /// The note, and what was told about it.
    pub parsed: Parsed,
    /// The index of its section.
    pub section: Option<usize>,
    /// Where each of the author's links leads.
    pub targets: Arc<Vec<Target>>,
    /// The services that it names.
    pub mentions: Arc<Mentions>,
    /// The services that it defines, in order.
    pub defines: Vec<usize>,
    /// The names that it gives in two languages or lengths.
    pub pairs: Arc<Vec<Pair>>,
}

impl LinkedNote {
    /// The note itself.
    pub fn note(&self) -> &Note {
        &self.parsed.0
    }

    /// Its page.
    pub fn page(&self) -> &OutPath {
        &self.parsed.0.page
    }
}

/// A folder of notes.
#[derive(Debug, Clone)]
pub struct Section {
    /// Its path under `notes/`, in NFC; empty at the top.
    pub folder: String,
    /// Its title.
    pub title: String,
    /// The note that opens it.
    pub index: Option<usize>,
    /// Its lessons, in order.
    pub lessons: Vec<usize>,
    /// Its page.
    pub page: OutPath,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// To a note, or to a heading of one.
    Note {
        /// The note's page.
        page: OutPath,
        /// The heading's anchor.
        anchor: Option<String>,
    },
    /// To a service, as an index into the catalog.
    Term(usize),
    /// Nowhere else: what is there is shown here.
    Embed {
        /// The note that it stands in, as an index.
        note: usize,
        /// What of it.
        piece: Piece,
        /// The note's page.
        page: OutPath,
        /// The heading's anchor.
        anchor: Option<String>,
    },
    /// To a file of the notes, which is published with them.
    Asset(Asset),
    /// Out of the site, or a picture in the address itself.
    External(String),
    /// To a picture of another site, which is not loaded.
    RemoteImage(String),
    /// Nowhere; the author was told.
    Missing,
}

impl Site {
    /// Puts the notes in order and links them with one another. `hidden` are notes that exist but
    /// are not published.
    pub fn link(
        snapshot: &Snapshot,
        config: Config,
        mut notes: Vec<Parsed>,
        hidden: &[Parsed],
    ) -> (Self, Vec<Diagnostic>) {
        // They come in the order of their paths, which is nearly that.
        notes.sort_by(|a, b| a.0.order.cmp(&b.0.order));
        let (entries, mut diags) =
            snapshot.text(registry::FILE).map_or_else(Default::default, |it| registry::parse(it));
        // What is not known by its name yet may be what a link names.
        let mut unsure = diags.iter().any(Diagnostic::is_error);
        let (catalog, told) =
            Catalog::collect(entries, notes.iter().map(|parsed| &parsed.0), &config.terms);
        diags.extend(told);
        let (sections, home) = sections(&notes);

        let is_refused = |(_, entry): (_, &Entry)| matches!(entry, Entry::Refused(_));
        unsure |= notes.iter().chain(hidden).any(|it| it.1.iter().any(hides_the_title))
            || snapshot.under("notes/").any(is_refused);
        let places = || {
            Places::new(
                snapshot,
                notes.iter().map(|parsed| &parsed.0),
                hidden.iter().map(|parsed| &parsed.0),
                &sections,
                unsure,
                &catalog,
                &config.html,
            )
        };
        let (places, clashes) = rayon::join(places, || page_clashes(&notes));
        diags.extend(clashes);
        let matcher = Matcher::of(&catalog, &config.terms, notes.len());
        let (mut targets, told): (Vec<_>, Vec<_>) =
            notes.par_iter().map(|parsed| places.targets(&parsed.0)).unzip();
        diags.extend(told.into_iter().flatten());
        diags.extend(embed::resolve(&notes, &catalog, &mut targets));
        let linked: Vec<_> = notes
            .par_iter()
            .zip(targets)
            .map(|(parsed, targets)| {
                let targets = Arc::new(targets);
                let names = names(&parsed.0, &targets, &matcher);
                (targets, names)
            })
            .collect();

        let mut section_of = vec![None; notes.len()];
        for (at, section) in sections.iter().enumerate() {
            for note in section.lessons.iter().chain(&section.index) {
                section_of[*note] = Some(at);
            }
        }
        let mut defines = vec![vec![]; notes.len()];
        let at: FxHashMap<_, _> =
            notes.iter().enumerate().map(|(at, parsed)| (&parsed.0.id, at)).collect();
        let mut defined_in = Vec::with_capacity(catalog.terms.len());
        for (term, it) in catalog.terms.iter().enumerate() {
            let note = it.defined.as_ref().and_then(|it| at.get(&it.note).copied());
            defined_in.push(note);
            if let Some(note) = note {
                defines[note].push(term);
            }
        }
        for terms in &mut defines {
            terms.sort_by_key(|term| catalog.terms[*term].defined.as_ref().map(|it| it.place.span));
        }
        drop(at);
        let mut all = Vec::with_capacity(notes.len());
        let parts = notes.into_iter().zip(linked).zip(section_of.into_iter().zip(defines));
        for ((parsed, (targets, (mentions, pairs))), (section, defines)) in parts {
            all.push(LinkedNote { parsed, section, targets, mentions, defines, pairs });
        }
        let (mentioned, linked_from) = backlinks(&all, &catalog);
        let related = related::related(&all, &catalog, &mentioned);
        let site = Self {
            config,
            notes: all,
            sections,
            home,
            catalog,
            defined_in,
            mentioned,
            related,
            linked_from,
        };
        (site, diags)
    }

    /// The path at which a file of the project is on disk.
    pub fn on_disk(&self, file: &SrcPath) -> SrcPath {
        match file.as_str().strip_prefix("notes/") {
            Some(rest) => path::resolve(&self.config.notes, rest).unwrap_or_default().into(),
            None => file.clone(),
        }
    }

    /// The name of the site: its own, or that of the note that opens it.
    pub fn title(&self) -> &str {
        let home = self.home.map(|at| self.notes[at].note().title.as_str());
        match self.config.title.as_str() {
            "" => home.unwrap_or("gongbu"),
            title => title,
        }
    }
}

/// The names in a note: of services, and in two languages or lengths. One question for both, because
/// each note is asked for in every build.
#[comemo::memoize]
fn names(
    note: &Note,
    targets: &Arc<Vec<Target>>,
    matcher: &Matcher,
) -> (Arc<Mentions>, Arc<Vec<Pair>>) {
    let mentions = linker::mentions(note, targets, matcher);
    (Arc::new(mentions.into()), Arc::new(pairs::pairs(note)))
}

/// An error because of which nobody knows what a note is called.
fn hides_the_title(diag: &Diagnostic) -> bool {
    diag.is_error() && matches!(diag.code, "front-matter" | "not-utf8" | "bidi")
}

/// Folders at the root of the site that notes cannot have.
pub const FOLDERS: [&str; 3] = ["services", "print", "assets"];

/// Two notes with one page, and notes whose page the site itself needs.
fn page_clashes(notes: &[Parsed]) -> Vec<Diagnostic> {
    let mut diags = vec![];
    let mut taken: FxHashMap<Cow<'_, str>, &Note> = FxHashMap::default();
    taken.reserve(notes.len());
    for note in notes.iter().map(|parsed| &parsed.0) {
        let page = &note.page;
        let name = page.as_str().strip_suffix(".html").unwrap_or_default();
        if !note.is_index() && (note::is_reserved(name) || name.is_empty()) {
            let message = format!("the page `{page}` belongs to the site itself");
            let diag = Diagnostic::error("reserved", &note.file, note.title_span(), message);
            diags.push(diag.hint("give the file another name, or put it into a folder"));
        }
        let folder = name.split_once('/').map(|(folder, _)| folder);
        if folder.is_some_and(|folder| FOLDERS.contains(&folder)) {
            let folder = folder.unwrap_or_default();
            let message = format!("the folder `{folder}` belongs to the site itself");
            let diag = Diagnostic::error("reserved", &note.file, note.title_span(), message);
            diags.push(diag.hint("give the folder under `notes/` another name"));
        }
        if name.rsplit('/').next().is_some_and(str::is_empty) {
            let message = "nothing of this file's name can stand in an address";
            diags.push(Diagnostic::error("slug", &note.file, note.title_span(), message));
        }
        let lower = match page.as_str().chars().any(char::is_uppercase) {
            true => Cow::from(page.as_str().to_lowercase()),
            false => Cow::from(page.as_str()),
        };
        if let Some(first) = taken.insert(lower, note) {
            diags.push(clash(first, note, page));
        }
    }
    diags
}

fn clash(first: &Note, second: &Note, page: &OutPath) -> Diagnostic {
    let message = if first.id == second.id {
        let points = |path: &SrcPath| {
            let name = path.as_str().rsplit('/').next().unwrap_or_default().chars();
            name.filter(|c| !c.is_ascii())
                .map(|c| format!("U+{:04X}", c as u32))
                .collect::<Vec<_>>()
                .join(" ")
        };
        format!(
            "two files have the same name, written in different code points: {} and {}",
            points(&first.file),
            points(&second.file)
        )
    } else {
        format!("two notes have the same page, `{page}`")
    };
    let slug = second.front.slug.as_ref().map(|(_, span)| span.clone().into());
    let span = slug.unwrap_or_else(|| second.title_span());
    Diagnostic::error("same-page", &second.file, span, message)
        .related(&first.file, first.title_span(), "the other one")
        .hint("rename one of them, or give it a `slug` of its own")
}

/// The folders that hold notes, and the note that opens the site. The notes are in order.
fn sections(notes: &[Parsed]) -> (Vec<Section>, Option<usize>) {
    let mut sections: Vec<Section> = vec![];
    let mut known: FxHashMap<&str, usize> = FxHashMap::default();
    let mut home = None;
    for (at, parsed) in notes.iter().enumerate() {
        let note = &parsed.0;
        let folder = note.id.section();
        if folder.is_empty() && note.is_index() {
            home = home.or(Some(at));
            continue;
        }
        let outer = folder.rsplit_once('/').map(|(outer, _)| outer);
        let lesson_of = outer.filter(|_| note.is_index() && is_alone(notes, at));
        let folder = lesson_of.unwrap_or(folder);
        let section = *known.entry(folder).or_insert_with(|| {
            let name = folder.rsplit('/').next().unwrap_or_default();
            sections.push(Section {
                folder: folder.to_owned(),
                title: note::pretty_name(name),
                index: None,
                lessons: vec![],
                page: format!("{}index.html", path::folder_url(folder)).into(),
            });
            sections.len() - 1
        });
        let section = &mut sections[section];
        if note.is_index() && lesson_of.is_none() && section.index.is_none() {
            section.index = Some(at);
            section.title = note.title.clone();
        } else {
            section.lessons.push(at);
        }
    }
    (sections, home)
}

/// True if nothing else is in the folder of a note or below it: one that opens such a folder is a lesson with
/// its pictures beside it (Hugo's and Zola's leaf bundles), no section.
fn is_alone(notes: &[Parsed], at: usize) -> bool {
    let folder = notes[at].0.id.section();
    // In their order what is in one folder stands together.
    let around = [at.checked_sub(1), Some(at + 1)].into_iter().flatten();
    around.filter_map(|it| notes.get(it)).all(|other| {
        let rest = other.0.id.section().strip_prefix(folder);
        rest.is_none_or(|rest| !rest.is_empty() && !rest.starts_with('/'))
    })
}

/// Who names each service, and who links to each note.
fn backlinks(notes: &[LinkedNote], catalog: &Catalog) -> (Vec<Vec<Backlink>>, Vec<Vec<Backlink>>) {
    let with_page = || notes.iter().enumerate().map(|(at, linked)| (linked.page(), at));
    // Asked for by links only, which many a site has none of.
    let pages = LazyCell::new(|| with_page().collect::<FxHashMap<_, _>>());
    let mut counts = vec![0; catalog.terms.len()];
    for mention in notes.iter().flat_map(|linked| linked.mentions.iter()) {
        counts[mention.term()] += 1;
    }
    let mut mentioned: Vec<_> = counts.into_iter().map(Vec::with_capacity).collect();
    let mut linked_from = vec![vec![]; notes.len()];
    for (at, linked) in notes.iter().enumerate() {
        let named = linked.mentions.iter().enumerate();
        let named =
            named.map(|(number, it)| (it.term(), Backlink::new(at, it.event(), it.span, number)));
        if linked.targets.is_empty() {
            named.for_each(|(term, place)| mentioned[term].push(place));
            continue;
        }
        let mut found: Vec<(usize, Backlink)> = named.collect();
        let own: FxHashSet<usize> = linked.defines.iter().copied().collect();
        let is_own = |term: &usize| own.contains(term);
        let links =
            |(_, it): &(usize, &Event)| matches!(it.kind, Kind::Open(Tag::Link | Tag::Image));
        for (event, it) in linked.note().body.events.iter().enumerate().filter(links) {
            let number = linked.mentions.len() + it.payload as usize;
            let place = Backlink::new(at, event, it.span, number);
            let target = linked.targets.get(it.payload as usize);
            if let Some(Target::Embed { note, piece: Piece::Heading(heading), .. }) = target {
                let shown = catalog.defined_by(&notes[*note].note().id, *heading);
                found.extend(shown.filter(|term| !is_own(term)).map(|term| (term, place)));
            }
            match target {
                Some(Target::Term(term)) if !is_own(term) => found.push((*term, place)),
                Some(Target::Note { page, .. } | Target::Embed { page, .. })
                    if page != linked.page() =>
                {
                    if let Some(to) = pages.get(page) {
                        linked_from[*to].push(place);
                    }
                }
                _ => {}
            }
        }
        found.sort_by_key(|(_, place)| place.span);
        for (term, place) in found {
            mentioned[term].push(place);
        }
    }
    (mentioned, linked_from)
}
