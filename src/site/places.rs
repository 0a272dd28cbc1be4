//! Everything that a link can lead to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::{Asset, Section};
use crate::catalog::Catalog;
use crate::config::Html;
use crate::near::Candidates;
use crate::note::Note;
use crate::path::{self, OutPath};
use crate::snapshot::Snapshot;

/// Everything that a link can lead to.
pub(super) struct Places<'a> {
    pub(super) notes: Vec<&'a Note>,
    /// The notes by their ids and by their names, made for the first link: many a note has none.
    by_id: OnceLock<FxHashMap<&'a str, usize>>,
    by_name: OnceLock<Vec<(&'a str, usize)>>,
    /// Files that are copied when something refers to them, by their path in NFC.
    pub(super) assets: BTreeMap<String, Asset>,
    /// The paths of those by file name in lower case.
    pub(super) assets_by_name: BTreeMap<String, Vec<String>>,
    /// Files that the project publishes as they are, by their path in NFC; made for the first link that
    /// means one.
    published: OnceLock<BTreeMap<String, Asset>>,
    snapshot: &'a Snapshot,
    /// Notes that exist, but are not published: by file, and by title and name.
    pub(super) hidden: BTreeSet<String>,
    pub(super) hidden_names: BTreeSet<String>,
    /// The pages of the sections, by their folder in NFC.
    pub(super) sections: FxHashMap<String, &'a OutPath>,
    /// What some note or the registry calls itself is not known: it has errors.
    pub(super) unsure: bool,
    pub(super) catalog: &'a Catalog,
    pub(super) html: &'a Html,
    /// What a wrong link may have meant, made when there is one.
    pub(super) meant: OnceLock<Meant<'a>>,
}

/// What a wrong link may have meant.
pub(super) struct Meant<'a> {
    /// The names of the services, then the titles of the notes.
    pub(super) names: Candidates<&'a str>,
    /// The files of the notes, and those that are copied, without their folders, which are alike in all
    /// paths.
    pub(super) notes: Candidates<&'a str>,
    pub(super) assets: Candidates<String>,
}

impl<'a> Places<'a> {
    /// Gathers the places: published notes, assets and services.
    pub(super) fn new(
        snapshot: &'a Snapshot,
        notes: impl Iterator<Item = &'a Note>,
        hidden: impl Iterator<Item = &'a Note> + Clone,
        sections: &'a [Section],
        unsure: bool,
        catalog: &'a Catalog,
        html: &'a Html,
    ) -> Self {
        let notes: Vec<&Note> = notes.collect();
        let mut assets = BTreeMap::new();
        let mut assets_by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (file, entry) in snapshot.under("notes/") {
            let Some(asset) = Asset::of(file, || snapshot.on_disk(file), entry) else { continue };
            let name = path::nfc(file.as_str());
            let base = name.rsplit('/').next().unwrap_or_default().to_lowercase();
            assets_by_name.entry(base).or_default().push(name.clone());
            assets.insert(name, asset);
        }
        let names = hidden.clone().flat_map(|note| [note.title.as_str(), note.id.stem()]);
        let hidden_names = names.map(path::squeeze).collect();
        let hidden = hidden.map(|note| path::nfc(note.file.as_str())).collect();
        let folder = |it: &str| format!("notes/{it}").trim_end_matches('/').to_owned();
        Self {
            notes,
            by_id: OnceLock::new(),
            by_name: OnceLock::new(),
            assets,
            assets_by_name,
            published: OnceLock::new(),
            snapshot,
            hidden,
            hidden_names,
            sections: sections.iter().map(|it| (folder(&it.folder), &it.page)).collect(),
            unsure,
            catalog,
            html,
            meant: OnceLock::new(),
        }
    }

    /// The note with this id.
    pub(super) fn note(&self, id: &str) -> Option<&'a Note> {
        let notes = || self.notes.iter().enumerate().map(|(at, note)| (note.id.as_str(), at));
        self.by_id.get_or_init(|| notes().collect()).get(id).map(|at| self.notes[*at])
    }

    /// The notes whose title, file name or alias has these letters, in order.
    pub(super) fn notes_called<'s>(&'s self, squeezed: &str) -> impl Iterator<Item = &'a Note> {
        let all = self.by_name.get_or_init(|| {
            let names =
                |(at, note): (usize, &'a Note)| note.names.iter().map(move |name| (&**name, at));
            let notes = self.notes.iter().copied().enumerate();
            let mut all: Vec<_> = notes.flat_map(names).collect();
            all.par_sort_unstable();
            all
        });
        let from = all.partition_point(|(name, _)| *name < squeezed);
        let count = all[from..].partition_point(|(name, _)| *name == squeezed);
        all[from..from + count].iter().map(|(_, at)| self.notes[*at])
    }

    pub(super) fn meant(&self) -> &Meant<'a> {
        let base = |note: &&'a Note| note.file.as_str().rsplit('/').next().unwrap_or_default();
        let names = self.catalog.terms.iter().flat_map(|term| &term.names);
        let titles = self.notes.iter().map(|note| note.title.as_str());
        self.meant.get_or_init(|| Meant {
            names: Candidates::of(names.map(|name| name.text.as_str()).chain(titles)),
            notes: Candidates::of(self.notes.iter().map(base)),
            assets: Candidates::of(self.assets_by_name.keys().cloned()),
        })
    }

    /// A file of `static/`, which is at the root of the site: `/img/a.png` is `static/img/a.png`.
    pub(super) fn published(&self, path: &str) -> Option<&Asset> {
        let all = self.published.get_or_init(|| {
            let published = self.snapshot.under("static/").filter_map(|(file, entry)| {
                let name = file.as_str().strip_prefix("static/")?;
                let asset = Asset::of(file, || file.clone(), entry)?;
                Some((path::nfc(name), Asset { page: name.into(), ..asset }))
            });
            published.collect()
        });
        all.get(path)
    }

    /// The first file to be copied that has this name, in lower case.
    pub(super) fn asset_called(&self, name: &str) -> Option<&str> {
        Some(self.assets_by_name.get(name)?.first()?)
    }
}
