//! What the bytes of a page depend on, as one hash: with it a page is remembered between builds, and
//! made again only when something that it shows has changed. An output that puts something new on a
//! page adds it here; `tests/properties.rs` finds what was forgotten. A command that builds once has no
//! keys but those of the frames.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rayon::prelude::*;

use super::View;
use crate::key::{Key, Sum};
use crate::note::{Kind, Tag};
use crate::site::{Backlink, Context, LinkedNote, Target};

impl Key {
    /// Adds a note as it is rendered: its text, its links and the names in it. None if it embeds
    /// others, which would have to be added too.
    pub(super) fn note(self, view: &View<'_>, at: usize) -> Option<Self> {
        Some(self.with(view.keys.rendered[at]?))
    }

    /// Adds what a list of mentions says.
    pub(super) fn mentions<'b>(
        mut self,
        view: &View<'_>,
        places: impl IntoIterator<Item = &'b Backlink>,
    ) -> Self {
        for place in places {
            self.write(&view.keys.told[place.note()][place.number()].to_le_bytes());
        }
        self
    }
}

/// What pages depend on that many of them show, each made once.
#[derive(Default)]
pub(super) struct Keys {
    /// For each note what a list says of each place from which it names or links to something, by the
    /// number of the place. So an edit changes only the lists in which one reads of it.
    told: Vec<Arc<[u64]>>,
    /// For each note what it comes to as it is rendered; none if it embeds others.
    rendered: Vec<Option<Sum>>,
    /// What the frame of a page depends on, for each section and for pages of none.
    frames: Vec<Sum>,
}

/// A note, known by its text and the names in it.
struct Named<'a>(&'a LinkedNote);

impl Hash for Named<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.0.note(), &self.0.mentions).hash(state);
    }
}

#[comemo::memoize]
fn told(named: &Named<'_>) -> Arc<[u64]> {
    let linked = named.0;
    let note = linked.note();
    let mut context = Context::default();
    let mut sum = |event, span| {
        context.read(linked, &Backlink::new(0, event, span, 0));
        let heading = context.heading.map(|at| &note.body.headings[at]);
        let heading = heading.map(|it| (&it.id, &it.text, it.is_title));
        let Context { before, name, after, .. } = &context;
        let key = Key::default().with((&note.title, linked.page(), heading));
        key.with((before, name, after)).end().short()
    };
    let mut sums: Vec<u64> = linked.mentions.iter().map(|it| sum(it.event(), it.span)).collect();
    let mentions = sums.len();
    sums.resize(mentions + note.body.links.len(), 0);
    for (at, event) in note.body.events.iter().enumerate() {
        if let Kind::Open(Tag::Link | Tag::Image) = event.kind
            && let Some(place) = sums.get_mut(mentions + event.payload as usize)
        {
            *place = sum(at, event.span);
        }
    }
    sums.into()
}

fn rendered(linked: &LinkedNote) -> Option<Sum> {
    let embeds = linked.targets.iter().any(|target| matches!(target, Target::Embed { .. }));
    let key = || Key::default().with(linked.note()).with(&*linked.targets).with(&linked.mentions);
    (!embeds).then(|| key().end())
}

/// Something to be made of a view, known by its key alone; without one it is made anew.
pub(super) struct Keyed<'a, T = usize> {
    pub(super) key: Option<Sum>,
    pub(super) view: &'a View<'a>,
    /// Which of its kind it is.
    pub(super) at: T,
}

impl<T> Hash for Keyed<'_, T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl View<'_> {
    /// Something to be made, with the key that `of` gives it: of what is kept in memory, where the files
    /// of the last build still are.
    pub(super) fn keyed<T>(&self, at: T, of: impl FnOnce(Key, &T) -> Option<Key>) -> Keyed<'_, T> {
        let key = self.store.remembers().then(|| of(Key::default(), &at)).flatten();
        Keyed { key: key.map(Key::end), view: self, at }
    }

    /// The keys of the site.
    pub(super) fn keys(&self) -> Keys {
        let notes = if self.store.remembers() { &self.site.notes[..] } else { &[] };
        let of_notes = notes.par_iter().map(|linked| (told(&Named(linked)), rendered(linked)));
        let (told, rendered) = of_notes.unzip();
        Keys { told, rendered, frames: self.frames() }
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
