//! Links and pictures: where they lead from the page they stand on.

use std::borrow::Cow;

use super::Writer;
use super::escape::{self, escaped};
use crate::note::{Event, Link, LinkKind, NONE};
use crate::site::{Mention, Target};

impl Writer<'_> {
    pub(super) fn open_link(&mut self, event: &Event) {
        let link = &self.note.body.links[event.payload as usize];
        let title = match link.title.as_str() {
            "" => String::new(),
            title => format!(" title=\"{}\"", escaped(title)),
        };
        let attributes = match self.targets.get(event.payload as usize) {
            Some(Target::Missing) | None => {
                let title = escaped(&self.style.words.missing);
                self.start("span", &format!(" class=\"missing\" title=\"{title}\""));
                return;
            }
            Some(Target::Term(term)) => self.term_attributes(*term) + &title,
            Some(target) => {
                let mut attributes = String::from(" href=\"");
                self.href(&mut attributes, target);
                attributes.push('"');
                attributes.push_str(&title);
                if matches!(target, Target::External(_) | Target::RemoteImage(_))
                    && !self.style.plain
                {
                    attributes.push_str(" class=\"external\" rel=\"noopener\"");
                }
                attributes
            }
        };
        self.start("a", &attributes);
    }

    fn href(&self, out: &mut String, target: &Target) {
        match target {
            Target::Note { page, anchor } => {
                out.push_str(&self.page.link_to(page, anchor.as_deref()))
            }
            Target::Term(term) => out.push_str(&self.term_href(*term)),
            Target::Asset(asset) => out.push_str(&self.page.link_to(&asset.page, None)),
            Target::External(url) | Target::RemoteImage(url) => escape::url(out, url),
            Target::Missing => {}
        }
    }

    pub(super) fn image(&mut self, at: usize) {
        let payload = self.note.body.events[at].payload as usize;
        let link: &Link = &self.note.body.links[payload];
        let alt = self.note.body.plain(self.source, at);
        let is_wiki = link.kind == LinkKind::Wiki;
        // `![[x.png|300]]` is a width in Obsidian, and no description.
        let is_width = is_wiki && alt.chars().all(|c| c.is_ascii_digit() || c == 'x');
        let alt = if is_width || alt == link.dest && is_wiki { String::new() } else { alt };
        let mut text = String::new();
        escape::text(&mut text, if alt.is_empty() && is_wiki { &link.dest } else { &alt });
        let html = match self.targets.get(payload) {
            Some(target @ Target::Asset(asset)) if asset.is_picture() || !is_wiki => {
                let mut html = String::from("<img src=\"");
                self.href(&mut html, target);
                html.push_str(&format!("\" alt=\"{}\"", escaped(&alt)));
                if let Some((width, height)) = asset.size {
                    html.push_str(&format!(" width=\"{width}\" height=\"{height}\""));
                }
                self.image_end(html, link)
            }
            Some(target @ Target::External(_)) => {
                let mut html = String::from("<img src=\"");
                self.href(&mut html, target);
                html.push_str(&format!("\" alt=\"{}\"", escaped(&alt)));
                self.image_end(html, link)
            }
            Some(
                target @ (Target::RemoteImage(_)
                | Target::Note { .. }
                | Target::Term(_)
                | Target::Asset(_)),
            ) => {
                let shown = if text.is_empty() { escaped(&link.dest) } else { text };
                let mut html = String::from("<a href=\"");
                self.href(&mut html, target);
                html.push_str(&format!("\">{shown}</a>"));
                html
            }
            Some(Target::Missing) | None => {
                let title = escaped(&self.style.words.missing);
                let shown = if text.is_empty() { escaped(&link.dest) } else { text };
                format!("<span class=\"missing\" title=\"{title}\">{shown}</span>")
            }
        };
        self.atom(&html);
    }

    fn image_end(&self, mut html: String, link: &Link) -> String {
        if !link.title.is_empty() {
            html.push_str(&format!(" title=\"{}\"", escaped(&link.title)));
        }
        html.push_str(if self.style.plain { ">" } else { " loading=\"lazy\">" });
        html
    }

    /// Raw HTML with its `href` and `src` as they are from this page. What leads nowhere goes.
    pub(super) fn raw_links(&self, event: &Event) -> Cow<'_, str> {
        let text = self.note.text(self.source, event);
        // They follow the other links, in the order of the source.
        let links = &self.note.body.links;
        let html = links.partition_point(|it| it.kind != LinkKind::Html);
        let from = html + links[html..].partition_point(|it| it.span.start < event.span.start);
        let to = html + links[html..].partition_point(|it| it.span.start < event.span.end);
        if event.payload != NONE || from == to {
            return text.into();
        }
        let mut out = String::with_capacity(text.len());
        let mut done = event.span.start;
        for (link, target) in links[from..to].iter().zip(&self.targets[from..to]) {
            if let Target::External(_) = target {
                continue;
            }
            out.push_str(&self.source[done as usize..link.span.start as usize]);
            done = link.span.end;
            if matches!(target, Target::Missing | Target::RemoteImage(_)) {
                continue;
            }
            out.push_str(if link.image { "src=\"" } else { "href=\"" });
            self.href(&mut out, target);
            out.push('"');
        }
        out.push_str(&self.source[done as usize..event.span.end as usize]);
        out.into()
    }

    pub(super) fn open_mention(&mut self, mention: &Mention) {
        let attributes = self.term_attributes(mention.term);
        self.start("a", &attributes);
    }

    fn term_href(&self, term: usize) -> String {
        let (page, anchor) = self.catalog.page(term);
        self.page.link_to(&page, anchor)
    }

    fn term_attributes(&self, term: usize) -> String {
        let (id, href) = (escaped(self.catalog.terms[term].id.as_str()), self.term_href(term));
        format!(" class=\"term\" data-term=\"{id}\" href=\"{href}\"")
    }
}
