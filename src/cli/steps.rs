//! The steps of a deploy for people and for programs.

use std::fmt::Write;

use serde::Serialize;

use crate::deploy::{Done, Steps, Why, stale};

/// This many of one kind are listed for people; the rest are counted.
const LISTED: usize = 50;

/// What a deploy would do, or did.
#[derive(Debug, Serialize)]
pub(super) struct Told<'a> {
    target: &'a str,
    dry_run: bool,
    new: Vec<&'a str>,
    content: Vec<&'a str>,
    headers: Vec<&'a str>,
    delete: Vec<&'a str>,
    foreign: &'a [String],
    unchanged: usize,
    bytes: u64,
    invalidate: Vec<String>,
    /// What of the site's paths is taken by others, or how many files would go: why it is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<&'a str>,
}

impl<'a> Told<'a> {
    /// Tells of steps to a target whose addresses begin with `root`.
    pub(super) fn of(
        steps: &'a Steps,
        target: &'a str,
        root: &str,
        refused: Option<&'a str>,
    ) -> Self {
        let because = |why: Why| {
            let puts = steps.puts().filter(move |put| put.why == why);
            puts.map(|put| put.path.as_str()).collect()
        };
        Self {
            target,
            dry_run: true,
            new: because(Why::New),
            content: because(Why::Content),
            headers: because(Why::Headers),
            delete: steps.deletes.iter().map(String::as_str).collect(),
            foreign: &steps.foreign,
            unchanged: steps.unchanged,
            bytes: steps.bytes(),
            invalidate: match steps.nothing {
                true => vec![],
                false => stale(root, &steps.pending.invalidate),
            },
            refused,
        }
    }

    /// The same, of steps that were taken.
    pub(super) fn done(mut self, done: &Done) -> Self {
        self.dry_run = false;
        self.invalidate.clone_from(&done.invalidated);
        self
    }

    /// As a document of JSON.
    pub(super) fn json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Each object that is concerned on a line, with a sign for what happens to it.
    pub(super) fn lines(&self) -> String {
        let mut out = String::new();
        let foreign: Vec<&str> = self.foreign.iter().map(String::as_str).collect();
        let invalidate: Vec<&str> = self.invalidate.iter().map(String::as_str).collect();
        for (what, paths) in [
            ("new", &self.new),
            ("content", &self.content),
            ("headers", &self.headers),
            ("delete", &self.delete),
            ("foreign", &foreign),
            ("invalidate", &invalidate),
        ] {
            for path in paths.iter().take(LISTED) {
                // A string takes whatever is written to it.
                let _ = writeln!(out, "{what:10} {path}");
            }
            if let Some(more @ 1..) = paths.len().checked_sub(LISTED) {
                let _ = writeln!(out, "{what:10} … and {more} more");
            }
        }
        out
    }

    /// "3 new, 2 content, 0 headers, 1 deleted, 40 unchanged, 0 foreign; 24.0 kB, 4 paths invalidated".
    pub(super) fn totals(&self) -> String {
        format!(
            "{} new, {} content, {} headers, {} deleted, {} unchanged, {} foreign; {}, {} paths \
             invalidated",
            self.new.len(),
            self.content.len(),
            self.headers.len(),
            self.delete.len(),
            self.unchanged,
            self.foreign.len(),
            size(self.bytes),
            self.invalidate.len(),
        )
    }
}

/// A size in bytes for people.
pub(super) fn size(bytes: u64) -> String {
    // Three digits of it are all that anybody reads.
    #[expect(clippy::cast_precision_loss, reason = "it is rounded anyway")]
    let number = bytes as f64;
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", number / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", number / 1e6),
        _ => format!("{:.2} GB", number / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        let sizes = [999, 1_000, 1_250_000, 1_100_000_000].map(size);
        assert_eq!(sizes, ["999 B", "1.0 kB", "1.2 MB", "1.10 GB"]);
    }
}
