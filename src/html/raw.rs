//! Raw HTML of the author's: its links lead where Markdown's do, and what no page may hold goes.

use std::borrow::Cow;

use super::Writer;
use super::escape::escaped;
use super::sanitize;
use crate::diag::{Diagnostic, Span};
use crate::note::raw::attributes;
use crate::note::{Event, LinkKind, NONE};
use crate::site::Target;

impl<'a> Writer<'a> {
    pub(super) fn raw(&mut self, event: &Event) {
        let html = self.raw_links(event).into_owned();
        let Some(guard) = &mut self.guard else {
            match self.style.plain {
                true => self.out.push_str(&html),
                false => self.trusted(event, &html),
            }
            return;
        };
        let open = guard.raw(&mut self.out, &html);
        if let Some(tag) = open.filter(|_| html.trim_end().contains('\n')) {
            let start = event.span.range().start;
            let message = format!("`<{tag}>` is never closed, so what follows it is shown as text");
            let diag = Diagnostic::warning("open-html", &self.note.file, start..start + 1, message);
            self.diags.push(diag.hint("close it, or remove it"));
        }
        let losses = sanitize::losses(&html);
        if !losses.is_empty() {
            let message = format!("raw HTML is not trusted; removed: {}", losses.join(", "));
            let span = self.place_of(event, &losses);
            let diag = Diagnostic::warning("unsafe-html", &self.note.file, span, message);
            self.diags.push(diag.hint(
                "write it in Markdown, or set `trust = true` under `[html]` in gongbu.toml if all notes are yours",
            ));
        }
    }

    /// The tag in which the first of what was lost stands: a block of HTML may have many lines.
    fn place_of(&self, event: &Event, losses: &[String]) -> Span {
        let span = event.span.range();
        let text = self.source[span.clone()].to_ascii_lowercase();
        let found = losses.iter().filter_map(|it| text.find(it.trim_end_matches('>'))).min();
        let Some(at) = found else { return event.span };
        let from = text[..=at].rfind('<').unwrap_or(at);
        let to = text[at..].find('>').map_or(text.len(), |end| at + end + 1);
        (span.start + from..span.start + to).into()
    }

    /// Raw HTML that is trusted, without what the policy of every page would block.
    fn trusted(&mut self, event: &Event, html: &str) {
        let mut blocked: Vec<String> = vec![];
        let mut done = 0;
        for it in attributes(html) {
            let name = it.name.to_ascii_lowercase();
            if name == "style" || name.starts_with("on") {
                self.out.push_str(&html[done..it.whole.start]);
                done = it.whole.end;
                blocked.push(format!("{name}="));
            }
        }
        self.out.push_str(&html[done..]);
        if !blocked.is_empty() {
            let list = blocked.join(", ");
            let message =
                format!("the policy of the site lets no browser use this; removed: {list}");
            let diag = Diagnostic::warning("unsafe-html", &self.note.file, event.span, message);
            self.diags
                .push(diag.hint("give it a class, and put the rest into a file of `static/`"));
        }
    }

    /// Raw HTML with its `href` and `src` as they are from this page. What leads nowhere is marked.
    fn raw_links(&mut self, event: &Event) -> Cow<'a, str> {
        let note = self.note;
        let text = note.text(self.source, event);
        // They follow the other links, in the order of the source.
        let links = &note.body.links;
        let html = links.partition_point(|it| it.kind != LinkKind::Html);
        let from = html + links[html..].partition_point(|it| it.span.start < event.span.start);
        let to = html + links[html..].partition_point(|it| it.span.start < event.span.end);
        if event.payload != NONE || from == to {
            return text.into();
        }
        let mut out = String::with_capacity(text.len());
        let mut done = event.span.start;
        for (link, target) in links[from..to].iter().zip(&self.targets[from..to]) {
            let is_src = self.source[link.span.range()].to_ascii_lowercase().starts_with("src");
            // What leads to another site stays as it was written.
            let abroad = matches!(target, Target::External(_));
            let until = if abroad { link.span.end } else { link.span.start };
            out.push_str(&self.source[done as usize..until as usize]);
            done = link.span.end;
            let attributes = match target {
                Target::Missing | Target::RemoteImage(_) => {
                    format!(" class=\"missing\" title=\"{}\"", escaped(&self.style.words.missing))
                }
                Target::External(_) if is_src || self.style.plain => continue,
                Target::External(_) => " class=\"external\" rel=\"noopener\"".to_owned(),
                target => {
                    let name = if is_src { "src" } else { "href" };
                    let mut attributes = format!(" {name}=\"");
                    self.href(&mut attributes, target);
                    attributes.push('"');
                    attributes
                }
            };
            match &mut self.guard {
                Some(guard) => guard.attributes(&mut out, &attributes),
                None => out.push_str(&attributes),
            }
        }
        out.push_str(&self.source[done as usize..event.span.end as usize]);
        out.into()
    }
}
