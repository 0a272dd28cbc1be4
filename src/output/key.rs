//! What the bytes of a page depend on, as one hash: with it a page is remembered between builds, and
//! made again only when something that it shows has changed. An output that puts something new on a
//! page adds it here; `tests/properties.rs` finds what was forgotten.

use std::hash::{Hash, Hasher};

use rayon::prelude::*;

use super::View;
use crate::key::{Key, Sum};
use crate::site::{Backlink, LinkedNote, Target};

impl Key {
    /// Adds a note as it is rendered: its text, its links and the names in it. None if it embeds
    /// others, which would have to be added too.
    pub(super) fn note(self, view: &View<'_>, at: usize) -> Option<Self> {
        Some(self.with(view.keys.rendered[at]?))
    }

    /// Adds the places of a list of mentions.
    pub(super) fn mentions<'b>(
        mut self,
        view: &View<'_>,
        places: impl IntoIterator<Item = &'b Backlink>,
    ) -> Self {
        for place in places {
            let mut key = [0; 28];
            key[..16].copy_from_slice(&view.keys.notes[place.note]);
            key[16..20].copy_from_slice(&place.span.start.to_le_bytes());
            key[20..].copy_from_slice(&(place.event as u64).to_le_bytes());
            self.write(&key);
        }
        self
    }
}

/// What pages depend on that many of them show, each made once.
#[derive(Default)]
pub(super) struct Keys {
    /// For each note the beginning of its hash, which is enough to tell it from all others: side by
    /// side, because a list of mentions asks for notes from all over.
    notes: Vec<[u8; 16]>,
    /// For each note what it comes to as it is rendered; none if it embeds others.
    rendered: Vec<Option<Sum>>,
    /// What the frame of a page depends on, for each section and for pages of none.
    frames: Vec<Sum>,
}

fn beginning(hash: &blake3::Hash) -> [u8; 16] {
    let mut begin = [0; 16];
    begin.copy_from_slice(&hash.as_bytes()[..16]);
    begin
}

fn rendered(linked: &LinkedNote) -> Option<Sum> {
    let embeds = linked.targets.iter().any(|target| matches!(target, Target::Embed { .. }));
    let key = || Key::default().with(linked.note()).with(&*linked.targets).with(&linked.mentions);
    (!embeds).then(|| key().end())
}

/// Something to be made of a view, known by its key alone.
pub(super) struct Keyed<'a, T = usize> {
    pub(super) key: Sum,
    pub(super) view: &'a View<'a>,
    /// Which of its kind it is.
    pub(super) at: T,
}

impl<T> Hash for Keyed<'_, T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
        self.view.store.number().hash(state);
    }
}

impl View<'_> {
    /// The keys of the site.
    pub(super) fn keys(&self) -> Keys {
        let notes = &self.site.notes;
        Keys {
            notes: notes.iter().map(|linked| beginning(&linked.note().hash)).collect(),
            rendered: notes.par_iter().map(rendered).collect(),
            frames: self.frames(),
        }
    }

    /// What every page of a section shows: theme, settings, services, and the navigation. For pages
    /// of no section there is one more.
    fn frames(&self) -> Vec<Sum> {
        let site = self.site;
        let mut all = Key::default()
            .with(self.theme)
            .with(&site.config)
            .with(&site.catalog)
            .with(self.glossary)
            .with(site.title());
        for section in &site.sections {
            all = all.with(&section.title).with(&section.page).with(&section.folder);
        }
        let all = all.end();
        let own = site.sections.iter().map(|section| {
            let mut key = Key::default().with(all).with(&section.page);
            for at in &section.lessons {
                let linked = &site.notes[*at];
                key = key
                    .with(&linked.note().title)
                    .with(linked.page())
                    .with(linked.note().front.draft);
            }
            key.end()
        });
        own.chain([Key::default().with(all).end()]).collect()
    }

    /// The key of the frame of a page in a section.
    pub(super) fn frame_key(&self, section: Option<usize>) -> Sum {
        let frames = &self.keys.frames;
        frames[section.unwrap_or(frames.len() - 1)]
    }
}
