//! The words around a mention: what a list of mentions shows.

use super::{Backlink, LinkedNote};
use crate::note::{Kind, NONE};

/// How many characters are shown on either side of the name at most.
const WIDTH: usize = 60;

/// How many bytes on either side are looked at: a block may be one line of ten megabytes, and a
/// character takes at most four.
const REACH: usize = 4 * WIDTH + 4;

/// A sentence with a name in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// What stands before the name.
    pub before: String,
    /// The name as written.
    pub name: String,
    /// What stands after it.
    pub after: String,
    /// The heading it stands under, as an index into those of the note.
    pub heading: Option<usize>,
}

impl LinkedNote {
    /// The sentence around a place of this note, cut where it is long.
    pub fn context(&self, place: &Backlink) -> Context {
        let note = self.note();
        let (source, events) = (note.source(), &note.body.events);
        let is_border =
            |kind: Kind| matches!(kind, Kind::Open(tag) | Kind::Close(tag) if !tag.is_inline());
        let piece = |at: usize| match events[at].kind {
            Kind::Text | Kind::Code | Kind::Math(_) => note.text(source, &events[at]),
            Kind::SoftBreak | Kind::HardBreak => " ",
            _ => "",
        };
        // A link by hand begins before its text.
        let first = (place.event..events.len()).find(|at| !piece(*at).is_empty());
        let first = first.unwrap_or(place.event);
        // Where in its event the name begins and ends; beyond its event it may go on.
        let own = &events[first];
        let inside = |byte: u32| match own.payload {
            NONE => (byte.saturating_sub(own.span.start) as usize).min(piece(first).len()),
            _ if byte <= own.span.start => 0,
            _ => piece(first).len(),
        };
        let (from, to) = (inside(place.span.start), inside(place.span.end));
        let mut before = tail(&piece(first)[..from]).to_owned();
        for at in (0..first).rev() {
            if is_border(events[at].kind) || before.len() >= REACH {
                break;
            }
            before.insert_str(0, tail(piece(at)));
        }
        let mut name = piece(first)[from..to].to_owned();
        let mut after = head(&piece(first)[to..]).to_owned();
        for (at, event) in events.iter().enumerate().skip(first + 1) {
            if is_border(event.kind) || after.len() >= REACH {
                break;
            }
            if event.span.end <= place.span.end {
                name.push_str(piece(at));
            } else if event.span.start < place.span.end && event.payload == NONE {
                let cut = ((place.span.end - event.span.start) as usize).min(piece(at).len());
                name.push_str(&piece(at)[..cut]);
                after.push_str(head(&piece(at)[cut..]));
            } else {
                after.push_str(head(piece(at)));
            }
        }
        let clean = |part: &str| part.replace('\0', "\u{FFFD}");
        Context {
            before: clean(&last_sentence(&before)),
            name: clean(&name),
            after: clean(&first_sentence(&after)),
            heading: note.body.headings.partition_point(|it| it.event < place.event).checked_sub(1),
        }
    }
}

/// The last bytes of a text, whole characters.
fn tail(text: &str) -> &str {
    let at = text.len().saturating_sub(REACH);
    let at = (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    &text[at..]
}

/// The first bytes of a text, whole characters.
fn head(text: &str) -> &str {
    let at = text.len().min(REACH);
    let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..at]
}

fn ends_sentence(before: char, c: char) -> bool {
    c.is_whitespace() && matches!(before, '.' | '!' | '?' | '。')
}

/// From the beginning of the sentence that the text breaks off in.
fn last_sentence(text: &str) -> String {
    let mut start = 0;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if ends_sentence(before, c) {
            start = at + c.len_utf8();
        }
        before = c;
    }
    let sentence = text[start..].trim_start();
    let length = sentence.chars().count();
    if length <= WIDTH {
        return sentence.to_owned();
    }
    let cut: String = sentence.chars().skip(length - WIDTH).collect();
    // Whole words only.
    let cut = cut.split_once(' ').map_or(cut.as_str(), |(_, rest)| rest);
    format!("… {cut}")
}

/// To the end of the sentence that the text begins in.
fn first_sentence(text: &str) -> String {
    let mut before = ' ';
    let end = text.char_indices().find_map(|(at, c)| {
        let ends = ends_sentence(before, c);
        before = c;
        ends.then_some(at)
    });
    let sentence = text[..end.unwrap_or(text.len())].trim_end();
    if sentence.chars().count() <= WIDTH {
        return sentence.to_owned();
    }
    let cut: String = sentence.chars().take(WIDTH).collect();
    let cut = cut.rsplit_once(' ').map_or(cut.as_str(), |(rest, _)| rest);
    format!("{cut} …")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_cut_at_their_ends() {
        assert_eq!(last_sentence("앞 문장이다. 데이터를 "), "데이터를 ");
        assert_eq!(first_sentence("에 저장한다. 뒤 문장."), "에 저장한다.");
        let long = "가나 ".repeat(100);
        assert!(first_sentence(&long).chars().count() <= WIDTH + 2);
        assert!(last_sentence(&long).starts_with("… "));
    }
}
