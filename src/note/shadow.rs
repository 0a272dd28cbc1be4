//! The shadow: a copy of the body, of equal length, that the Markdown parser reads in its place.
//!
//! CommonMark decides by the neighbours of a `*` run whether it opens or closes emphasis, and by
//! its rule `**서버(Server)**는` is not bold: after a punctuation mark, the closing run must not
//! touch a letter. Korean particles always do. A repair of the parser's events cannot help, since
//! `**A(B)**는 C**D**` is paired wrongly by then. So, where punctuation meets Hangul at such a run,
//! the letter on the outer side is replaced by U+1680: white space, and as many bytes as a Hangul
//! syllable. Spans hold, and every string is taken from the source, so nobody sees it.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr2;

use crate::hangul::{is_hangul, is_syllable};

/// Three bytes, white space to CommonMark, and in no one's notes.
const STAND_IN: &str = "\u{1680}";

/// Stands for a character that the parser would take for a mark: one byte, and a letter to CommonMark.
const LETTER: &str = "\u{7F}";

/// What the parser reads.
pub(super) struct Shadow<'a> {
    /// As long as the body; borrowed if nothing had to change.
    pub(super) text: Cow<'a, str>,
    /// Bytes of the body that are comments (`%%…%%`), in order.
    pub(super) comments: Vec<Range<usize>>,
}

/// Makes the shadow of a body.
pub(super) fn cast(body: &str) -> Shadow<'_> {
    let mut caster = Caster { body, edits: vec![], comments: vec![], whole: vec![], open: vec![] };
    caster.blocks();
    let Caster { edits, comments, whole, .. } = caster;
    if edits.is_empty() && comments.is_empty() {
        return Shadow { text: Cow::Borrowed(body), comments };
    }
    let mut bytes = body.as_bytes().to_vec();
    for (at, with) in edits {
        bytes[at..at + with.len()].copy_from_slice(with.as_bytes());
    }
    for (range, whole) in comments.iter().zip(whole) {
        // Spaces before text would make it code; this is neither space nor punctuation nor markup.
        let filler = if whole { b' ' } else { 0x7F };
        for byte in &mut bytes[range.clone()] {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = filler;
            }
        }
    }
    // Whole characters are replaced by whole characters, so this is UTF-8 again.
    Shadow { text: String::from_utf8(bytes).map_or(Cow::Borrowed(body), Cow::Owned), comments }
}

/// Where a brace stands at the end of a heading that opens no attributes: `## 집합 {1, 2}`. The
/// parser would drop it. What looks like an attribute is left to be dropped and told.
fn brace_of_text(line: &str) -> Option<usize> {
    let line = line.trim_end();
    let inside = line.strip_suffix('}').filter(|_| line.starts_with('#'))?;
    let brace = inside.rfind('{')?;
    let mut words = inside[brace + 1..].split_whitespace();
    let is_text = |word: &str| !word.starts_with(['#', '.']) && !word.contains('=');
    words.any(is_text).then_some(brace)
}

/// True if a line begins with a colon that begins no definition, as in `:::tip` and `:smile:`. The parser asks
/// for no space behind it.
fn is_colon_of_text(line: &str) -> bool {
    line.strip_prefix(':').is_some_and(|rest| !rest.is_empty() && !rest.starts_with([' ', '\t']))
}

/// Gives a string that the parser made its true letters back: each stand-in in it, in order, is
/// the character that stands there in the source. `shadow` and `source` are the same bytes of both.
pub(super) fn restore(text: &str, shadow: &str, source: &str) -> String {
    let mut places = shadow.match_indices(STAND_IN).map(|(at, _)| at);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let original = (c == '\u{1680}').then(|| places.next()).flatten();
        let original = original.and_then(|at| source.get(at..)?.chars().next());
        out.push(original.unwrap_or(c));
    }
    out
}

struct Caster<'a> {
    body: &'a str,
    edits: Vec<(usize, &'static str)>,
    comments: Vec<Range<usize>>,
    /// For each comment whether it takes up whole lines.
    whole: Vec<bool>,
    /// Emphasis that is open in this paragraph: the mark and the length of its run.
    open: Vec<(u8, usize)>,
}

impl Caster<'_> {
    fn blocks(&mut self) {
        let bytes = self.body.as_bytes();
        let mut fence: Option<(u8, usize)> = None;
        let mut at = 0;
        while at < bytes.len() {
            let end = line_end(bytes, at);
            if bytes.get(end) == Some(&b'\r') && bytes.get(end + 1) != Some(&b'\n') {
                self.edits.push((end, "\n"));
            }
            let next = end + 1;
            let line = &self.body[at..end];
            let inner = line.trim_start_matches([' ', '\t', '>']);
            let mark = fence_of(inner);
            match (fence, mark) {
                (Some((c, n)), Some((other, m))) if c == other && m >= n && is_only(inner, c) => {
                    fence = None;
                }
                (Some(_), _) => {}
                (None, Some(mark)) => {
                    fence = Some(mark);
                    self.open.clear();
                }
                (None, None) => {
                    if starts_block(inner) {
                        self.open.clear();
                    }
                    let start = end - inner.len();
                    if is_colon_of_text(inner) {
                        self.edits.push((start, LETTER));
                    }
                    if let Some(brace) = brace_of_text(inner) {
                        self.edits.push((start + brace, LETTER));
                    }
                    if let Some(after) = self.comment_block(start, inner) {
                        at = after;
                        continue;
                    }
                    if let Some(after) = self.line(start, end) {
                        at = after;
                        continue;
                    }
                }
            }
            at = next;
        }
    }

    /// A comment that begins a line and ends on a later one; returns where its last line ends.
    fn comment_block(&mut self, start: usize, line: &str) -> Option<usize> {
        let rest = line.strip_prefix("%%").filter(|rest| !rest.contains("%%"))?;
        let from = start + 2 + rest.len();
        let close = from + self.body[from..].find("%%")? + 2;
        let line_end = self::line_end(self.body.as_bytes(), close);
        self.whole.push(self.body[close..line_end].trim().is_empty());
        self.comments.push(start..close);
        Some(close)
    }

    /// Reads one line. Returns where a comment ends that goes on to a later one.
    fn line(&mut self, start: usize, end: usize) -> Option<usize> {
        let bytes = self.body.as_bytes();
        let is_row = self.body[start..].starts_with('|');
        let mut hopeless: Vec<usize> = vec![];
        let mut at = start;
        while at < end {
            match bytes[at] {
                b'\\' => {
                    let escaped = self.body[at + 1..end].chars().next().map_or(0, char::len_utf8);
                    at += 1 + escaped;
                }
                b'`' => {
                    let run = run_length(bytes, at, end);
                    at += run;
                    if !hopeless.contains(&run) {
                        match closing_ticks(bytes, at, end, run) {
                            Some(after) => at = after,
                            None => hopeless.push(run),
                        }
                    }
                }
                b'%' if bytes[at..end].starts_with(b"%%") => {
                    // A comment may end on a later line of its paragraph, but in its cell of a row.
                    let cell = || self.body[at + 2..end].find('|').map_or(end, |it| at + 2 + it);
                    let limit = if is_row { cell() } else { bytes.len() };
                    match comment_end(bytes, at + 2, limit) {
                        Some(close) => {
                            let rest = close.min(end)..end;
                            let alone = at == start && self.body[rest].trim().is_empty();
                            self.whole.push(alone && close <= end);
                            self.comments.push(at..close);
                            if close > end {
                                return Some(close);
                            }
                            at = close;
                        }
                        None => at = end.min(at + 2),
                    }
                }
                // In a row of a table emphasis ends with its cell; in `[[a|b]]` it does not.
                b'|' if is_row => {
                    self.open.clear();
                    at += 1;
                }
                mark @ (b'*' | b'~') => {
                    let run = run_length(bytes, at, end);
                    if mark == b'*' || run == 2 {
                        self.delimiter(mark, at, at + run, start, end);
                    }
                    at += run;
                }
                _ => {
                    at += 1 + bytes[at + 1..end].iter().take_while(|byte| !is_mark(**byte)).count()
                }
            }
        }
        None
    }

    /// Follows what the run at `at..after` does by CommonMark's rule, and where that is not what
    /// was meant, replaces the letter outside of it.
    fn delimiter(&mut self, mark: u8, at: usize, after: usize, start: usize, end: usize) {
        let before = self.body[start..at].chars().next_back();
        let behind = self.body[after..end].chars().next();
        let (space_before, space_behind) = (is_space(before), is_space(behind));
        let (punct_before, punct_behind) = (is_punct(before), is_punct(behind));
        let can_open = !space_behind && (!punct_behind || space_before || punct_before);
        let can_close = !space_before && (!punct_before || space_behind || punct_behind);
        let run = (mark, after - at);
        // `***` opens two, of which `**` or `*` closes one.
        let closes = |it: &(u8, usize)| *it == run || it.0 == mark && it.1 == 3 && run.1 < 3;
        let opened = self.open.iter().rposition(closes);
        match (opened, before, behind) {
            (Some(depth), _, _) if can_close => self.close(depth, run.1),
            (Some(depth), _, Some(letter)) if punct_before && is_wide(letter) => {
                self.edits.push((after, STAND_IN));
                self.close(depth, run.1);
            }
            (None, Some(letter), _) if punct_behind && is_wide(letter) => {
                self.edits.push((at - letter.len_utf8(), STAND_IN));
                self.open.push(run);
            }
            _ if can_open => self.open.push(run),
            _ => {}
        }
    }

    /// Ends the emphasis at this depth, or as much of it as a shorter run ends.
    fn close(&mut self, depth: usize, run: usize) {
        let (mark, open) = self.open[depth];
        self.open.truncate(depth);
        if open > run {
            self.open.push((mark, open - run));
        }
    }
}

/// Where the line ends that the byte `from` is in.
fn line_end(bytes: &[u8], from: usize) -> usize {
    memchr2(b'\n', b'\r', &bytes[from..]).map_or(bytes.len(), |at| from + at)
}

fn run_length(bytes: &[u8], at: usize, end: usize) -> usize {
    bytes[at..end].iter().take_while(|byte| **byte == bytes[at]).count()
}

/// Where a comment ends whose text begins at `at`: after the next `%%` of its paragraph that is no
/// code.
fn comment_end(bytes: &[u8], mut at: usize, limit: usize) -> Option<usize> {
    let mut hopeless: Vec<usize> = vec![];
    while at < limit {
        match bytes[at] {
            b'`' => {
                let run = run_length(bytes, at, limit);
                at += run;
                if !hopeless.contains(&run) {
                    match closing_ticks(bytes, at, limit, run) {
                        Some(after) => at = after,
                        None => hopeless.push(run),
                    }
                }
            }
            b'\n' => {
                hopeless.clear();
                let line = &bytes[at + 1..line_end(bytes, at + 1)];
                if line.iter().all(|byte| b" \t>".contains(byte)) {
                    return None;
                }
                at += 1;
            }
            b'%' if bytes[at..limit].starts_with(b"%%") => return Some(at + 2),
            _ => at += 1,
        }
    }
    None
}

/// True for the bytes that [`Caster::line`] asks for.
fn is_mark(byte: u8) -> bool {
    matches!(byte, b'\\' | b'`' | b'%' | b'|' | b'*' | b'~')
}

/// Where the code ends that a run of ticks opened, if it does so on this line.
fn closing_ticks(bytes: &[u8], mut at: usize, end: usize, run: usize) -> Option<usize> {
    while at < end && !matches!(bytes[at], b'\n' | b'\r') {
        if bytes[at] == b'`' {
            let length = run_length(bytes, at, end);
            at += length;
            if length == run {
                return Some(at);
            }
        } else {
            at += 1;
        }
    }
    None
}

fn fence_of(line: &str) -> Option<(u8, usize)> {
    // A fence may open an item of a list.
    let before = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '+' | '.' | ')');
    let line = line.trim_start_matches(before);
    let mark = *line.as_bytes().first().filter(|byte| matches!(byte, b'`' | b'~'))?;
    let run = line.bytes().take_while(|byte| *byte == mark).count();
    let info = &line[run..];
    (run >= 3 && !(mark == b'`' && info.contains('`'))).then_some((mark, run))
}

fn is_only(line: &str, mark: u8) -> bool {
    line.trim().bytes().all(|byte| byte == mark)
}

/// True if a new block begins here, so that emphasis of the last line is over.
fn starts_block(line: &str) -> bool {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let marker = |line: &str| {
        let mut chars = line.chars();
        matches!(chars.next(), Some('-' | '+' | '*' | '.' | ')')) && is_space(chars.next())
    };
    line.trim().is_empty() || line.starts_with(['#', '|']) || marker(rest)
}

fn is_space(c: Option<char>) -> bool {
    c.is_none_or(char::is_whitespace)
}

/// Punctuation or symbol. What is no letter, digit, space, control or mark is one of the two.
fn is_punct(c: Option<char>) -> bool {
    c.is_some_and(|c| {
        // Unicode's tables are slow to ask.
        !is_syllable(c)
            && !c.is_alphanumeric()
            && !c.is_whitespace()
            && !c.is_control()
            && !unicode_normalization::char::is_combining_mark(c)
    })
}

/// A letter of a script that writes particles without a space, and three bytes long.
fn is_wide(c: char) -> bool {
    c.len_utf8() == STAND_IN.len() && c.is_alphanumeric() && c >= '\u{2E80}' || is_hangul(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_outside_of_emphasis_give_way() {
        for (body, shadow) in [
            ("**서버(Server)**는", "**서버(Server)**_"),
            ("**[[설정]]**을", "**[[설정]]**_"),
            ("값은**\"값\"**이", "값_**\"값\"**_"),
            ("**A(B)**는 C**D**", "**A(B)**_ C**D**"),
            ("(**값**)", "(**값**)"),
            ("**값**(참고)", "**값**(참고)"),
            ("\\*\\*서버(S)\\*\\*는", "\\*\\*서버(S)\\*\\*는"),
            ("`**(a)**는` **(b)**는", "`**(a)**는` **(b)**_"),
            ("~~(취소)~~는", "~~(취소)~~_"),
            ("***가(나)**는*", "***가(나)**_*"),
            ("***가(나)*는 다(라)**는", "***가(나)*_ 다(라)**_"),
            ("```\n**(a)**는\n```\n", "```\n**(a)**는\n```\n"),
            ("- **(a)**는\n- **(b)**는", "- **(a)**_\n- **(b)**_"),
            ("| **(a)**는 | (b)**는 |", "| **(a)**_ | (b)**는 |"),
            ("a\rb\r\nc", "a\nb\r\nc"),
        ] {
            let cast = cast(body);
            assert_eq!(cast.text.replace('\u{1680}', "_"), shadow);
            assert_eq!(cast.text.len(), body.len());
            assert_eq!(
                restore(&cast.text, &cast.text, body).replace('\n', "\r"),
                body.replace('\n', "\r")
            );
        }
    }

    #[test]
    #[allow(clippy::single_range_in_vec_init, reason = "it is a list of ranges")]
    fn comments_are_found() {
        for (body, comments) in [
            ("a %%b%% c", vec![2..7]),
            ("%%\n\n- x\n%%\ny", vec![0..10]),
            ("`%%a%%` 100%% %", vec![]),
            ("```\n%%a%%\n```", vec![]),
        ] {
            assert_eq!(cast(body).comments, comments, "{body}");
        }
    }
}
