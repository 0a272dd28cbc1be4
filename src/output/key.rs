//! What the bytes of a page depend on, as one hash: with it a page is remembered between builds, and
//! made again only when something that it shows has changed. An output that puts something new on a
//! page adds it here; `tests/properties.rs` finds what was forgotten.

use std::hash::{Hash, Hasher};

use super::View;
use crate::key::Key;
use crate::site::{Backlink, LinkedNote, Target};

impl Key {
    /// Adds a note as it is rendered: its text, its links and the names in it. None if it embeds
    /// others, which would have to be added too.
    pub(super) fn note(self, linked: &LinkedNote) -> Option<Self> {
        let embeds = linked.targets.iter().any(|target| matches!(target, Target::Embed { .. }));
        let key = self.with(linked.note()).with(&linked.page);
        (!embeds).then(|| key.with(&*linked.targets).with(&linked.mentions))
    }

    /// Adds the places of a list of mentions.
    pub(super) fn mentions<'b>(
        mut self,
        view: &View<'_>,
        places: impl IntoIterator<Item = &'b Backlink>,
    ) -> Self {
        let mut last = None;
        for place in places {
            if last != Some(place.note) {
                let linked = &view.site.notes[place.note];
                linked.note().hash(&mut self);
                linked.page.hash(&mut self);
                last = Some(place.note);
            }
            (place.span, place.event).hash(&mut self);
        }
        self
    }
}

/// Something to be made of a view, known by its key alone.
pub(super) struct Keyed<'a, T = usize> {
    pub(super) key: blake3::Hash,
    pub(super) view: &'a View<'a>,
    /// Which of its kind it is.
    pub(super) at: T,
}

impl<T> Hash for Keyed<'_, T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.as_bytes().hash(state);
    }
}

impl View<'_> {
    /// What every page of a section shows: theme, settings, services, and the navigation. For pages
    /// of no section there is one more.
    pub(super) fn frame_keys(&self) -> Vec<blake3::Hash> {
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
            let mut key = Key::default().with(all.as_bytes()).with(&section.page);
            for at in &section.lessons {
                let linked = &site.notes[*at];
                key = key
                    .with(&linked.note().title)
                    .with(&linked.page)
                    .with(linked.note().front.draft);
            }
            key.end()
        });
        own.chain([Key::default().with(all.as_bytes()).end()]).collect()
    }

    /// The key of the frame of a page in a section.
    pub(super) fn frame_key(&self, section: Option<usize>) -> blake3::Hash {
        self.frames[section.unwrap_or(self.frames.len() - 1)]
    }
}
