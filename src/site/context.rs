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
        let mut start = first;
        let mut length = from;
        while start > 0 && length < REACH && !is_border(events[start - 1].kind) {
            start -= 1;
            length += piece(start).len();
        }
        let mut before = String::with_capacity(REACH * 2);
        for at in start..first {
            before.push_str(tail(piece(at)));
        }
        before.push_str(tail(&piece(first)[..from]));
        let mut name = piece(first)[from..to].to_owned();
        let mut after = String::with_capacity(REACH * 2);
        after.push_str(head(&piece(first)[to..]));
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
        let clean = |part: String| match part.contains('\0') {
            true => part.replace('\0', "\u{FFFD}"),
            false => part,
        };
        Context {
            before: clean(last_sentence(&before)),
            name: clean(name),
            after: clean(first_sentence(&after)),
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

/// What ends a sentence, if space follows.
const ENDS: [char; 4] = ['.', '!', '?', '。'];

/// From the beginning of the sentence that the text breaks off in.
fn last_sentence(text: &str) -> String {
    let begins = |(at, end): (usize, &str)| {
        let rest = &text[at + end.len()..];
        rest.starts_with(char::is_whitespace).then_some(rest)
    };
    let sentence = text.rmatch_indices(ENDS).find_map(begins).unwrap_or(text).trim_start();
    let length = sentence.chars().count();
    if length <= WIDTH {
        return sentence.to_owned();
    }
    let cut = sentence.char_indices().nth(length - WIDTH).map_or(0, |(at, _)| at);
    // Whole words only.
    let cut = sentence[cut..].split_once(' ').map_or(&sentence[cut..], |(_, rest)| rest);
    format!("… {cut}")
}

/// To the end of the sentence that the text begins in.
fn first_sentence(text: &str) -> String {
    let ends = |(at, end): (usize, &str)| {
        let at = at + end.len();
        text[at..].starts_with(char::is_whitespace).then_some(at)
    };
    let end = text.match_indices(ENDS).find_map(ends).unwrap_or(text.len());
    let sentence = text[..end].trim_end();
    let Some((cut, _)) = sentence.char_indices().nth(WIDTH) else { return sentence.to_owned() };
    let cut = sentence[..cut].rsplit_once(' ').map_or(&sentence[..cut], |(rest, _)| rest);
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
