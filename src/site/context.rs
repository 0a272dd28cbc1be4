//! The words around a mention: what a list of mentions shows.

use memchr::{memchr, memchr3};

use super::{Backlink, LinkedNote};
use crate::note::{Kind, NONE};

/// How many characters are shown on either side of the name at most.
const WIDTH: usize = 60;

/// How many bytes on either side are looked at: a block may be one line of ten megabytes, and a
/// character takes at most four.
const REACH: usize = 4 * WIDTH + 4;

/// A sentence with a name in it. One value serves many mentions in turn, since each of a site is shown.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
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

impl Context {
    /// Becomes the sentence around a place of a note, cut where it is long.
    pub fn read(&mut self, linked: &LinkedNote, place: &Backlink) {
        let Self { before, name, after, heading } = self;
        before.clear();
        name.clear();
        after.clear();
        let note = linked.note();
        let (source, events) = (note.source(), &note.body.events);
        let is_border =
            |kind: Kind| matches!(kind, Kind::Open(tag) | Kind::Close(tag) if !tag.is_inline());
        let piece = |at: usize| match events[at].kind {
            Kind::Text | Kind::Code | Kind::Math(_) => note.text(source, &events[at]),
            Kind::SoftBreak | Kind::HardBreak => " ",
            _ => "",
        };
        // A link by hand begins before its text.
        let first = (place.event()..events.len()).find(|at| !piece(*at).is_empty());
        let first = first.unwrap_or(place.event());
        let whole = piece(first);
        // Where in its event the name begins and ends; beyond its event it may go on.
        let own = &events[first];
        let inside = |byte: u32| match own.payload {
            NONE => (byte.saturating_sub(own.span.start) as usize).min(whole.len()),
            _ if byte <= own.span.start => 0,
            _ => whole.len(),
        };
        let (from, to) = (inside(place.span.start), inside(place.span.end));
        let mut start = first;
        let mut length = from;
        while start > 0 && length < REACH && !is_border(events[start - 1].kind) {
            start -= 1;
            length += piece(start).len();
        }
        for at in start..first {
            before.push_str(tail(piece(at)));
        }
        before.push_str(tail(&whole[..from]));
        name.push_str(&whole[from..to]);
        after.push_str(head(&whole[to..]));
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
        keep_last_sentence(before);
        keep_first_sentence(after);
        for part in [before, name, after] {
            if memchr(0, part.as_bytes()).is_some() {
                *part = part.replace('\0', "\u{FFFD}");
            }
        }
        let above = note.body.headings.partition_point(|it| it.event < place.event());
        *heading = above.checked_sub(1);
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

/// Where a sentence ends behind a byte of a text: with `.`, `!`, `?` or `。`, and space follows.
fn end_after(text: &str, at: usize) -> Option<usize> {
    let end = match text.as_bytes()[at] {
        0xE3 if !text[at..].starts_with('。') => return None,
        0xE3 => at + '。'.len_utf8(),
        _ => at + 1,
    };
    text[end..].starts_with(char::is_whitespace).then_some(end)
}

/// The places of bytes that the end of a sentence may begin with, in order. Most texts that are cut to size
/// have none, which is seen at a glance; 0xE3 is that of `。`, and of few other letters.
fn may_ends(text: &str) -> impl DoubleEndedIterator<Item = usize> {
    let bytes = text.as_bytes();
    let has = memchr3(b'.', b'!', b'?', bytes).is_some() || memchr(0xE3, bytes).is_some();
    let bytes = if has { bytes } else { &[] };
    let may_end = |(_, byte): &(usize, &u8)| matches!(byte, b'.' | b'!' | b'?' | 0xE3);
    bytes.iter().enumerate().filter(may_end).map(|(at, _)| at)
}

/// Leaves the sentence that a text breaks off in.
fn keep_last_sentence(text: &mut String) {
    let from = may_ends(text).rev().find_map(|at| end_after(text, at)).unwrap_or(0);
    let from = text.len() - text[from..].trim_start().len();
    // The place of the first letter that fits, if others stand before it.
    let mut letters = text[from..].char_indices().rev().skip(WIDTH - 1);
    let (Some((cut, _)), Some(_)) = (letters.next(), letters.next()) else {
        text.drain(..from);
        return;
    };
    let cut = from + cut;
    // Whole words only.
    let cut = text[cut..].find(' ').map_or(cut, |space| cut + space + 1);
    text.replace_range(..cut, "… ");
}

/// Leaves the sentence that a text begins in.
fn keep_first_sentence(text: &mut String) {
    let end = may_ends(text).find_map(|at| end_after(text, at)).unwrap_or(text.len());
    text.truncate(text[..end].trim_end().len());
    let Some((cut, _)) = text.char_indices().nth(WIDTH) else { return };
    text.truncate(text[..cut].rfind(' ').unwrap_or(cut));
    text.push_str(" …");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last_sentence(text: &str) -> String {
        let mut text = text.to_owned();
        keep_last_sentence(&mut text);
        text
    }

    fn first_sentence(text: &str) -> String {
        let mut text = text.to_owned();
        keep_first_sentence(&mut text);
        text
    }

    #[test]
    fn sentences_are_cut_at_their_ends() {
        assert_eq!(last_sentence("앞 문장이다. 데이터를 "), "데이터를 ");
        assert_eq!(last_sentence("前。 뒤"), "뒤");
        assert_eq!(last_sentence("3.5는 수다"), "3.5는 수다");
        assert_eq!(last_sentence(""), "");
        assert_eq!(first_sentence("에 저장한다. 뒤 문장."), "에 저장한다.");
        assert_eq!(first_sentence("入。 뒤"), "入。");
        assert_eq!(first_sentence(" "), "");
        let long = "가나 ".repeat(100);
        assert!(first_sentence(&long).chars().count() <= WIDTH + 2);
        assert!(last_sentence(&long).starts_with("… "));
    }
}
