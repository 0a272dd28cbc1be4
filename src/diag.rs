//! What we tell the author about their notes: data, to be shown in a terminal, a browser or a log.

use std::ops::Range;

use crate::near::nearest;
use crate::path::SrcPath;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The site would be wrong or unsafe: nothing is written.
    Error,
    /// The site is built, with a safe result, but something is off.
    Warning,
}

/// One message about one place in one file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Diagnostic {
    /// The file.
    pub file: SrcPath,
    /// The bytes of the file that it is about, as they are on disk; `0..0` for the whole file.
    pub span: Span,
    /// How bad it is.
    pub severity: Severity,
    /// What kind of thing it is, for grouping and for machines: `unknown-link`.
    pub code: &'static str,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What the author can do about it, one sentence each.
    pub hints: Vec<String>,
    /// Other places that belong to it, each with a few words.
    pub related: Vec<(SrcPath, Span, String)>,
}

/// A byte range, in a form that sorts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        let at = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { start: at(range.start), end: at(range.end) }
    }
}

impl Span {
    /// The same as a range of `usize`, for slicing.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl Diagnostic {
    /// An error about `span` of `file`.
    pub fn error(
        code: &'static str,
        file: &SrcPath,
        span: impl Into<Span>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Error,
            code,
            file: file.clone(),
            span: span.into(),
            message: message.into(),
            hints: vec![],
            related: vec![],
        }
    }

    /// A warning about `span` of `file`.
    pub fn warning(
        code: &'static str,
        file: &SrcPath,
        span: impl Into<Span>,
        message: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, file, span, message) }
    }

    /// The same, with one more hint.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same, with a "did you mean" if something among `names` is near `wrong`.
    pub fn did_you_mean<'a>(self, wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(wrong, names) {
            Some(name) => self.hint(format!("did you mean `{name}`?")),
            None => self,
        }
    }

    /// The same, with another place that belongs to it.
    pub fn related(
        mut self,
        file: &SrcPath,
        span: impl Into<Span>,
        label: impl Into<String>,
    ) -> Self {
        self.related.push((file.clone(), span.into(), label.into()));
        self
    }

    /// True if the site must not be written.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// A place as people count: both from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

/// Where a byte of a file is. `\n`, `\r\n` and a lone `\r` end a line; bytes that are no UTF-8
/// count one character each.
pub fn position(bytes: &[u8], offset: usize) -> Position {
    let before = &bytes[..offset.min(bytes.len())];
    let mut line = 1;
    let mut start = 0;
    for (at, byte) in before.iter().enumerate() {
        if *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
            line += 1;
            start = at + 1;
        }
    }
    let head = &before[start..];
    let head = if start == 0 { head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head) } else { head };
    let column = head.utf8_chunks().map(|part| part.valid().chars().count() + part.invalid().len());
    Position { line, column: column.sum::<usize>() + 1 }
}

/// Where lines and characters of a text are, for who asks for many places of it: the cost of an answer
/// does not grow with the text, nor with a line of it.
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    /// How many characters are before each thousandth byte.
    counts: Vec<usize>,
}

/// Characters are counted in steps of so many bytes.
const STEP: usize = 1000;

impl<'a> Lines<'a> {
    /// The lines of a text.
    pub fn of(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, byte)| {
            **byte == b'\n' || **byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')
        });
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        let mut counts = vec![0];
        for step in bytes.chunks(STEP) {
            counts.push(counts[counts.len() - 1] + characters(step));
        }
        Self { text, starts, counts }
    }

    /// The same as [`position`].
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts[line - 1];
        // A byte order mark counts nothing at the beginning of a file.
        let mark = line == 1 && self.text.starts_with('\u{FEFF}') && offset >= 3;
        let column = self.before(offset) - self.before(start) - usize::from(mark);
        Position { line, column: column + 1 }
    }

    /// How many characters begin before a byte.
    fn before(&self, offset: usize) -> usize {
        let step = offset / STEP;
        self.counts[step] + characters(&self.text.as_bytes()[step * STEP..offset])
    }
}

/// How many characters begin in a piece of UTF-8.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_every_kind_of_line_end() {
        let text = "가\r\n나다\rx\ny".as_bytes();
        let at = |offset| (position(text, offset).line, position(text, offset).column);
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(3), (1, 2));
        assert_eq!(at(5), (2, 1));
        assert_eq!(at(11), (2, 3));
        assert_eq!(at(12), (3, 1));
        assert_eq!(at(14), (4, 1));
        assert_eq!(position(b"\xEF\xBB\xBFa", 4), Position { line: 1, column: 2 });
        assert_eq!(position(b"a\xFFb", 2), Position { line: 1, column: 3 });
        let text = format!("\u{FEFF}가\r\n나다\rx\n{}끝", "긴 줄 ".repeat(1000));
        let lines = Lines::of(&text);
        for (offset, _) in text.char_indices() {
            assert_eq!(lines.position(offset), position(text.as_bytes(), offset), "{offset}");
        }
    }
}
