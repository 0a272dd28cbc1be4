//! The pipeline. There is only this one: every command that needs the site calls it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::config::{self, Config};
use crate::diag::{Diagnostic, Span};
use crate::note::{self, Dialect, Note};
use crate::output::{self, View};
use crate::path::{self, NoteId, OutPath, SrcPath, redirect};
use crate::plan::{Memory, Nowhere, Plan, Store};
use crate::site::Site;
use crate::snapshot::{Entry, Refusal, Snapshot, Text};
use crate::table;
use crate::theme::Theme;

/// What came out of a build.
pub struct Built {
    /// The notes, linked.
    pub site: Site,
    /// The look.
    pub theme: Arc<Theme>,
    /// The files of the site. If there are errors it is not to be published.
    pub plan: Plan,
    /// What the author should know, in the order of files and places, each once.
    pub diags: Vec<Diagnostic>,
}

impl Built {
    /// True if the site must not be published.
    pub fn has_errors(&self) -> bool {
        self.diags.iter().any(Diagnostic::is_error)
    }
}

/// Builds the whole site. Pure: the same snapshot gives the same bytes, on any machine, on any day.
pub fn build(snapshot: &Snapshot) -> Built {
    match snapshot.options.check {
        true => build_into(snapshot, &Nowhere),
        false => build_into(snapshot, &Memory),
    }
}

/// The same, with somebody to take the files. What is no memory takes none if there are errors in the
/// notes, for then they are not to be published.
pub fn build_into(snapshot: &Snapshot, store: &dyn Store) -> Built {
    let (config, mut diags) = read_config(snapshot);
    // Of settings that cannot be read nobody knows what folder they name.
    let is_lost = snapshot.lost && !diags.iter().any(Diagnostic::is_error);
    diags.extend(is_lost.then(|| lost(snapshot, &config)));
    diags.extend(refused(snapshot));
    let dialect = if config.math { Dialect::Math } else { Dialect::Notes };
    let (texts, told) = texts(snapshot);
    diags.extend(told);
    let parsed: Vec<_> =
        texts.into_par_iter().map(|(path, text)| note::parse(path, text, dialect)).collect();
    let is_shown = |it: &Arc<(Note, Vec<Diagnostic>)>| {
        let front = &it.0.front;
        !front.private && (!front.draft || snapshot.options.drafts)
    };
    let (notes, hidden): (Vec<_>, Vec<_>) = parsed.into_iter().partition(is_shown);
    diags.extend(notes.iter().chain(&hidden).flat_map(|it| it.1.iter().cloned()));
    if notes.is_empty() && !diags.iter().any(Diagnostic::is_error) {
        let message = "there are no notes to publish";
        let diag = Diagnostic::warning("no-notes", &SrcPath::from(config::FILE), 0..0, message);
        let folder = if config.notes.is_empty() { "this folder" } else { &config.notes };
        diags.push(diag.hint(format!("put files that end in `.md` into `{folder}`")));
    }

    diags.extend(empty_folders(snapshot));
    diags.extend(other_endings(snapshot));

    let (site, told) = Site::link(snapshot, config, notes, &hidden);
    diags.extend(told);
    let layouts = site.notes.iter().filter_map(|linked| linked.note().front.layout.as_ref());
    let layouts = layouts.map(|(name, _)| name.as_str()).collect();
    let (theme, told) = Theme::over(snapshot, &site.config, &layouts, &output::globals(&site));
    let has_errors = diags.iter().chain(&told).any(Diagnostic::is_error);
    let store = if has_errors && !store.remembers() { &Nowhere } else { store };
    let view = View::new(&site, &theme, store, snapshot.options.check);
    // Without its templates no page can be made, and each would say so.
    let (outputs, last) = match told.iter().any(Diagnostic::is_error) {
        true => (&[][..], &[][..]),
        false => (output::ALL, output::LAST),
    };
    let two_notes = diags.iter().any(|diag| matches!(diag.code, "same-page" | "reserved"));
    diags.extend(told);
    let mut add = |name: &'static str, (made, told): output::Made| {
        diags.extend(told);
        made.into_iter().map(move |(path, file)| (path, file, name))
    };
    // Each in parallel with the others: after an edit most have only one page to make. One at a time, or a
    // thread would take several of the long ones.
    let each = outputs.par_iter().with_max_len(1);
    let made: Vec<_> = each.map(|(name, render)| (*name, render(&view))).collect();
    let files = made.into_iter().flat_map(|(name, made)| add(name, made)).collect();
    let (mut plan, mut clashes) = Plan::of(files);
    for (name, render) in last {
        for (path, file, name) in add(name, render(&view, &plan)) {
            clashes.extend(plan.add(path.clone(), file).map(|_| (path, name)));
        }
    }
    // Two notes with one page were told already.
    let clashes = clashes.into_iter().filter(|_| !two_notes);
    diags.extend(clashes.filter_map(|(path, name)| clash(snapshot, &site, &path, name)));
    drop(view);
    diags.sort();
    diags.dedup();
    Built { site, theme, plan, diags }
}

fn read_config(snapshot: &Snapshot) -> (Config, Vec<Diagnostic>) {
    let (mut config, diags) = match snapshot.text(config::FILE) {
        Some(bytes) => config::parse(bytes),
        None => Default::default(),
    };
    config.base_url = snapshot.options.base_url.clone().or(config.base_url);
    (config, diags)
}

/// Where the notes should be nothing is. A site without pages would take the place of the old one.
fn lost(snapshot: &Snapshot, config: &Config) -> Diagnostic {
    let file = SrcPath::from(config::FILE);
    let table = snapshot.text(config::FILE).and_then(|it| table::document(&file, it).ok());
    let named = table.and_then(|(table, _)| table.0.into_iter().find(|it| it.key == config::NOTES));
    let span = named.map_or(0..0, |field| field.span);
    let message = format!("the folder of the notes, `{}`, is not there", config.notes);
    Diagnostic::error("lost-notes", &file, span, message)
        .hint("make it, or name the right one: `notes = \"…\"` in gongbu.toml")
}

/// Folders in which other tools keep what new notes are made of: their front matter is to be filled in.
pub const MOULDS: [&str; 3] = ["templates", "_templates", "archetypes"];

/// The notes of the project, as files; and what is told of those that are none, once a folder.
fn texts(snapshot: &Snapshot) -> (Vec<(&SrcPath, &Text)>, Vec<Diagnostic>) {
    let (mut texts, mut moulds) = (vec![], BTreeMap::new());
    for (path, entry) in snapshot.under("notes/") {
        let Entry::Text(text) = entry else { continue };
        if NoteId::of(path).is_none() {
            continue;
        }
        match mould(path) {
            Some(folder) => drop(moulds.entry(folder).or_insert(path)),
            None => texts.push((path, text)),
        }
    }
    let told = moulds.into_iter().map(|(folder, first)| {
        let message = format!("what is in `{folder}/` are templates for notes, and left out");
        Diagnostic::warning("template-folder", first, 0..0, message).hint(format!(
            "say so in gongbu.toml, `ignore = [\"{folder}\"]`, or call the folder otherwise"
        ))
    });
    let told = told.collect();
    (texts, told)
}

/// The folder of templates for notes that a file is in, under `notes/`.
fn mould(path: &SrcPath) -> Option<&str> {
    let folder = path.folder().strip_prefix("notes/")?;
    let mut end = 0;
    for part in folder.split('/') {
        end += part.len();
        if MOULDS.iter().any(|it| part.eq_ignore_ascii_case(it)) {
            return Some(&folder[..end]);
        }
        end += 1;
    }
    None
}

fn refused(snapshot: &Snapshot) -> impl Iterator<Item = Diagnostic> {
    snapshot.files.iter().filter_map(|(path, entry)| match entry {
        Entry::Refused(why) => {
            let diag = Diagnostic::error("refused", path, 0..0, why.to_string());
            let diag = diag.hint("remove it, or name it under `ignore` in gongbu.toml");
            Some(match why {
                Refusal::TooBig { .. } => diag.hint("or split it, or raise `max_note_size` there"),
                _ => diag,
            })
        }
        Entry::Text(_) | Entry::Asset { .. } => None,
    })
}

/// Folders with nothing in them: of nested ones the outermost.
fn empty_folders(snapshot: &Snapshot) -> impl Iterator<Item = Diagnostic> {
    let is_empty =
        |folder: &SrcPath| snapshot.under(&format!("{}/", folder.as_str())).next().is_none();
    let is_inner = move |folder: &&SrcPath| {
        let parent = SrcPath::from(folder.folder());
        is_empty(folder) && !(snapshot.folders.contains(&parent) && is_empty(&parent))
    };
    snapshot.folders.iter().filter(is_inner).map(|folder| {
        let message = "there is no note in this folder, so it has no page";
        let diag = Diagnostic::warning("empty-folder", folder, 0..0, message);
        diag.hint("put a Markdown file into it, or remove it")
    })
}

/// Files that are notes elsewhere, and none here: a file is known by one ending, or one name would have
/// several.
fn other_endings(snapshot: &Snapshot) -> impl Iterator<Item = Diagnostic> {
    let is_other =
        |path: &&SrcPath| !path.as_str().ends_with(".md") && path::is_markdown(path.as_str());
    let others = snapshot.under("notes/").map(|(path, _)| path).filter(is_other);
    others.map(|path| {
        let message = "this file is no note, because its name does not end in `.md`";
        let diag = Diagnostic::warning("other-ending", path, 0..0, message);
        diag.hint("rename it, or name it under `ignore` in gongbu.toml")
    })
}

/// What hosts, crawlers and browsers ask for by a fixed name. The author's own, in `static/`, takes the
/// place of ours.
const BY_NAME: [&str; 7] = [
    ".nojekyll",
    "404.html",
    "feed.xml",
    "llms.txt",
    "robots.txt",
    "site.webmanifest",
    "sitemap.xml",
];

/// Two outputs want one path: a note or a static file took a name that the site needs. None if it may.
fn clash(snapshot: &Snapshot, site: &Site, path: &OutPath, output: &str) -> Option<Diagnostic> {
    let own = SrcPath::from(format!("static/{path}"));
    if snapshot.files.contains_key(&own) {
        let name = path.as_str();
        return match name {
            _ if BY_NAME.contains(&name) => None,
            "sw.js" => {
                let message = "this worker takes the place of ours, so the site cannot be read without a network";
                let diag = Diagnostic::warning("same-page", &own, Span::default(), message);
                Some(diag.hint("rename it if that is not meant"))
            }
            _ => {
                let message =
                    format!("this file would take the place of a page of the site, `{path}`");
                let diag = Diagnostic::error("same-page", &own, Span::default(), message);
                Some(diag.hint("rename it; how pages look is for `templates/`"))
            }
        };
    }
    let message = format!("the page `{path}` is made twice: also by `{output}`");
    let told = |file: &SrcPath, span| Diagnostic::error("same-page", file, span, message.clone());
    Some(made_twice(site, path, output, told))
}

fn made_twice(
    site: &Site,
    path: &OutPath,
    output: &str,
    told: impl Fn(&SrcPath, Span) -> Diagnostic,
) -> Diagnostic {
    if output == "redirects" {
        let mut aliases = site.notes.iter().flat_map(|linked| {
            linked.note().front.aliases.iter().map(|alias| (linked.note(), alias))
        });
        let is_it =
            |(_, (alias, _)): &(&Note, &(String, _))| redirect(alias).as_ref() == Some(path);
        if let Some((note, (_, span))) = aliases.rfind(is_it) {
            return told(&note.file, span.clone().into()).hint("take this alias away");
        }
    }
    if let Some(linked) = site.notes.iter().find(|linked| linked.page() == path) {
        let note = linked.note();
        return told(&note.file, note.title_span()).hint("rename the file");
    }
    let is_it = |at: &usize| site.catalog.page(*at).0 == path;
    if let Some(term) = (0..site.catalog.terms.len()).find(is_it) {
        let place = &site.catalog.terms[term].place;
        return told(&place.file, place.span).hint("give the heading an id of its own: `{#id}`");
    }
    told(&SrcPath::from(format!("static/{path}")), Span::default()).hint("rename the file")
}
