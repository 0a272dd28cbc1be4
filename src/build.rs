//! The pipeline. There is only this one: every command that needs the site calls it.

use std::sync::Arc;

use rayon::prelude::*;

use crate::config::{self, Config};
use crate::diag::{Diagnostic, Span};
use crate::note::{self, Dialect, Note};
use crate::output::{self, View};
use crate::path::{NoteId, SrcPath, redirect};
use crate::plan::Plan;
use crate::site::Site;
use crate::snapshot::{Entry, Refusal, Snapshot, Text};
use crate::theme::Theme;

/// What came out of a build.
pub struct Built {
    /// The notes, linked.
    pub site: Site,
    /// The look.
    pub theme: Theme,
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
    let (config, mut diags) = read_config(snapshot);
    diags.extend(refused(snapshot));
    let dialect = if config.math { Dialect::Math } else { Dialect::Notes };
    let parsed: Vec<_> = texts(snapshot)
        .into_par_iter()
        .map(|(path, text)| note::parse(path, text, dialect))
        .collect();
    let is_shown = |it: &Arc<(Note, Vec<Diagnostic>)>| {
        let front = &it.0.front;
        !front.private && (!front.draft || snapshot.options.drafts)
    };
    let (notes, hidden): (Vec<_>, Vec<_>) = parsed.into_iter().partition(is_shown);
    diags.extend(notes.iter().chain(&hidden).flat_map(|it| it.1.iter().cloned()));
    if notes.is_empty() && !diags.iter().any(Diagnostic::is_error) {
        let message = "there are no notes to publish";
        let diag = Diagnostic::warning("no-notes", &SrcPath::from(config::FILE), 0..0, message);
        diags.push(diag.hint("put Markdown files into `notes/`"));
    }

    diags.extend(empty_folders(snapshot));

    let (site, told) = Site::link(snapshot, config, notes, &hidden);
    diags.extend(told);
    let layouts = site.notes.iter().filter_map(|linked| linked.note().front.layout.as_ref());
    let layouts = layouts.map(|(name, _)| name.as_str()).collect();
    let (theme, told) = Theme::over(snapshot, &site.config, &layouts, &output::globals(&site));
    let view = View::new(&site, &theme);
    let mut plan = Plan::default();
    // Without its templates no page can be made, and each would say so.
    let (outputs, last) = match told.iter().any(Diagnostic::is_error) {
        true => (&[][..], &[][..]),
        false => (output::ALL, output::LAST),
    };
    let two_notes = diags.iter().any(|diag| matches!(diag.code, "same-page" | "reserved"));
    diags.extend(told);
    let mut add = |plan: &mut Plan, name: &str, (files, told): output::Made| {
        diags.extend(told);
        for (path, file) in files {
            let clash = plan.add(path.clone(), file).map(|_| clash(&site, &path, name));
            // Two notes with one page were told already.
            diags.extend(clash.filter(|_| !two_notes));
        }
    };
    for (name, render) in outputs {
        add(&mut plan, name, render(&view));
    }
    for (name, render) in last {
        let made = render(&view, &plan);
        add(&mut plan, name, made);
    }
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

/// The notes of the project, as files.
fn texts(snapshot: &Snapshot) -> Vec<(&SrcPath, &Text)> {
    let texts = snapshot.under("notes/").filter_map(|(path, entry)| match entry {
        Entry::Text(text) => NoteId::of(path).map(|_| (path, text)),
        Entry::Asset { .. } | Entry::Refused(_) => None,
    });
    texts.collect()
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

/// Two outputs want one path: a note or a static file took a name that the site needs.
fn clash(site: &Site, path: &crate::path::OutPath, output: &str) -> Diagnostic {
    let message = format!("the page `{path}` is made twice: also by `{output}`");
    let told = |file: &SrcPath, span| Diagnostic::error("same-page", file, span, message.clone());
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
    if let Some(linked) = site.notes.iter().find(|linked| linked.page == *path) {
        let note = linked.note();
        return told(&note.file, note.title_span()).hint("rename the file");
    }
    let is_it = |at: &usize| site.catalog.page(*at).0 == *path;
    if let Some(term) = (0..site.catalog.terms.len()).find(is_it) {
        let place = &site.catalog.terms[term].place;
        return told(&place.file, place.span).hint("give the heading an id of its own: `{#id}`");
    }
    told(&SrcPath::from(format!("static/{path}")), Span::default()).hint("rename the file")
}
