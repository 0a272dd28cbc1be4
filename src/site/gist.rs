//! What a service is, in a line: for whoever meets its name and wants no more.

use super::Site;
use crate::note::{Kind, Tag};

/// How many characters a line has at most: two lines of a preview.
const LENGTH: usize = 80;

impl Site {
    /// The line of a service: the author's own summary, else the first paragraph or item of the block
    /// that defines it; empty if there is neither.
    pub fn gist(&self, term: usize) -> String {
        let it = &self.catalog.terms[term];
        if !it.summary.is_empty() {
            return it.summary.clone();
        }
        let home = self.defined_in[term].map(|at| self.notes[at].note());
        let Some((note, defined)) = home.zip(it.defined.as_ref()) else { return String::new() };
        let body = &note.body;
        let block = match defined.heading {
            Some(heading) => body.headings[heading].event..body.block_end(heading),
            None if !note.front.summary.is_empty() => return note.front.summary.clone(),
            None => 0..body.events.len(),
        };
        let is_said =
            |at: &usize| matches!(body.events[*at].kind, Kind::Open(Tag::Paragraph | Tag::Item));
        let text = block.clone().find(is_said).map(|at| {
            // Of an item only its own line, not what is nested in it.
            let inner = |at: &usize| matches!(body.events[*at].kind, Kind::Open(Tag::List));
            let close = (at + 1..block.end).find(inner).unwrap_or(block.end);
            body.plain_until(note.source(), at, close)
        });
        shortened(&text.unwrap_or_default())
    }
}

/// The text on one line, cut at a word where it is long.
fn shortened(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((end, _)) = text.char_indices().nth(LENGTH) else { return text };
    let cut = &text[..end];
    let cut = cut.rsplit_once(' ').map_or(cut, |(whole, _)| whole);
    format!("{} …", cut.trim_end_matches([',', '.', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_at_words() {
        assert_eq!(shortened("짧은\n 줄"), "짧은 줄");
        let long = shortened(&"낱말 ".repeat(60));
        assert!(long.chars().count() <= LENGTH + 2 && long.ends_with("낱말 …"), "{long}");
    }
}
