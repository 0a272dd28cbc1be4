//! What the services are that a page names, in a line each: shown to whoever rests on a name.

use std::ops::Range;

use super::View;
use super::model::Preview;
use crate::key::Key;
use crate::note::{Kind, Tag};
use crate::site::{LinkedNote, Target};

/// A page holds the previews of this many services. They stand in the page, because a page that is
/// opened from a disk can fetch nothing.
const MOST: usize = 32;

impl View<'_> {
    /// The services that some events of a note link to, each once and in order.
    pub(super) fn named_in(&self, linked: &LinkedNote, events: Range<usize>) -> Vec<usize> {
        // Most notes have no links by hand: their events need no look.
        let searched = if linked.targets.is_empty() { 0..0 } else { events.clone() };
        let links = linked.note().body.events[searched].iter();
        let links = links.filter(|event| event.kind == Kind::Open(Tag::Link));
        let by_hand = links.filter_map(|event| match linked.targets.get(event.payload as usize) {
            Some(Target::Term(term)) => Some(*term),
            _ => None,
        });
        let named = linked.mentions.iter().filter(|it| it.link && events.contains(&it.event));
        let mut terms: Vec<usize> = vec![];
        for term in by_hand.chain(named.map(|it| it.term)) {
            if terms.len() < MOST && !self.gists[term].is_empty() && !terms.contains(&term) {
                terms.push(term);
            }
        }
        terms
    }

    /// The previews of these services.
    pub(super) fn previews(&self, terms: &[usize]) -> Vec<Preview<'_>> {
        let preview = |term: &usize| {
            let it = &self.site.catalog.terms[*term];
            let full = if it.full == it.name { "" } else { it.full.as_str() };
            Preview { id: it.id.as_str(), name: &it.name, full, gist: &self.gists[*term] }
        };
        terms.iter().map(preview).collect()
    }

    /// What previews add to what a page depends on: the services are in the key of the frame.
    pub(super) fn preview_key(&self, key: Key, terms: &[usize]) -> Key {
        terms.iter().fold(key, |key, term| key.with(&self.gists[*term]))
    }
}
