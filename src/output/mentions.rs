//! Lists of mentions. A site may have hundreds of thousands, more than it has of anything else, so
//! templates get them as HTML: to fill them in one by one was a good part of what their pages cost.

use std::ops::Range;

use super::View;
use crate::html;
use crate::path::OutPath;
use crate::site::{Backlink, Context};

/// What an item says besides the note and the sentence.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Under {
    /// The heading that the sentence stands under.
    Heading,
    /// Nothing.
    Nothing,
}

/// What an item usually has, in bytes.
const USUAL: usize = 320;

impl View<'_> {
    /// Mentions as the items of a list, as they are shown on `page`: the note, its heading, and the
    /// sentence; none where that is only the name. What reads the same as another item of its note, such
    /// as two cells of a table, is one.
    pub(super) fn mentions<'b>(
        &self,
        page: &OutPath,
        places: impl IntoIterator<Item = &'b Backlink>,
        under: Under,
    ) -> String {
        let places = places.into_iter();
        let mut out = String::with_capacity(places.size_hint().0 * USUAL);
        let mut context = Context::default();
        // The items so far: their notes, and where they stand.
        let mut items: Vec<(usize, Range<usize>)> = vec![];
        for place in places {
            let linked = &self.site.notes[place.note()];
            context.read(linked, place);
            let heading = context.heading.map(|at| &linked.note().body.headings[at]);
            let heading = heading.filter(|it| !it.is_title);
            let from = out.len();
            out.push_str("<li><a href=\"");
            // What is percent-encoded needs no escapes.
            page.push_link(&mut out, linked.page(), heading.map(|it| it.id.as_str()));
            out.push_str("\"><bdi>");
            html::escape_into(&mut out, &linked.note().title);
            out.push_str("</bdi>");
            if let Some(heading) =
                heading.filter(|it| under == Under::Heading && !it.text.is_empty())
            {
                out.push_str(" <span><bdi>");
                html::escape_into(&mut out, &heading.text);
                out.push_str("</bdi></span>");
            }
            out.push_str("</a>");
            let Context { before, name, after, .. } = &context;
            // A cell or an item that is nothing but the name says nothing more.
            if !(before.is_empty() && after.is_empty()) {
                out.push_str("<p>");
                html::escape_into(&mut out, before);
                out.push_str("<mark>");
                html::escape_into(&mut out, name);
                out.push_str("</mark>");
                html::escape_into(&mut out, after);
                out.push_str("</p>");
            }
            out.push_str("</li>\n");
            let is_again = |(note, item): &(usize, Range<usize>)| {
                *note == place.note() && out[item.clone()] == out[from..]
            };
            match items.iter().any(is_again) {
                true => out.truncate(from),
                false => items.push((place.note(), from..out.len())),
            }
        }
        out.truncate(out.trim_end().len());
        out
    }
}
