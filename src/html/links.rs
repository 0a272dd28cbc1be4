//! Links and pictures: where they lead from the page they stand on.

use super::Writer;
use super::escape::{self, escaped};
use crate::note::{Event, Kind, Link, LinkKind, Tag};
use crate::site::{Mention, Target};

impl Writer<'_> {
    pub(super) fn open_link(&mut self, event: &Event, at: usize) {
        let link = &self.note.body.links[event.payload as usize];
        let title = match link.title.as_str() {
            "" => String::new(),
            title => format!(" title=\"{}\"", escaped(title)),
        };
        let attributes = match self.targets.get(event.payload as usize) {
            Some(Target::Missing) | None => {
                let title = escaped(&self.style.words.missing);
                self.start("span", &format!(" class=\"missing\" title=\"{title}\""));
                self.name_empty(link, at);
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
        self.name_empty(link, at);
    }

    /// `[[name|]]` shows the name: nobody could follow a link without text.
    fn name_empty(&mut self, link: &Link, at: usize) {
        let is_wiki = link.kind == LinkKind::Wiki;
        if is_wiki && self.note.body.plain(self.source, at).trim().is_empty() {
            escape::text(&mut self.out, &link.dest);
        }
    }

    pub(super) fn href(&self, out: &mut String, target: &Target) {
        match target {
            Target::Note { page, anchor } | Target::Embed { page, anchor, .. } => {
                out.push_str(&self.page.link_to(page, anchor.as_deref()))
            }
            Target::Term(term) => out.push_str(&self.term_href(*term)),
            Target::Asset(asset) => out.push_str(&self.page.link_to(&asset.page, None)),
            Target::External(url) | Target::RemoteImage(url) => escape::url(out, url),
            Target::Missing => {}
        }
    }

    /// Writes a paragraph that consists of embeds, one a line; false if it is another.
    pub(super) fn embeds(&mut self, at: usize) -> bool {
        let is_embed = |this: &Self, at: usize| {
            let event =
                this.note.body.events.get(at).filter(|it| it.kind == Kind::Open(Tag::Image));
            let target = event.and_then(|event| this.targets.get(event.payload as usize));
            matches!(target, Some(Target::Embed { .. }))
        };
        if !is_embed(self, at + 1) {
            return false;
        }
        let id = self.id(at);
        if !id.is_empty() {
            self.atom(&format!("<div{id}></div>\n"));
        }
        let end = self.after(at);
        let mut next = at + 1;
        while next + 1 < end {
            if !self.embed(next) && self.note.body.events[next].kind == Kind::Open(Tag::Image) {
                self.start("p", "");
                self.image(next);
                self.end_line("p");
            }
            next = self.after(next);
        }
        true
    }

    /// Writes what is embedded by the event, with a link to where it stands; false if it is no embed.
    pub(super) fn embed(&mut self, at: usize) -> bool {
        let Some(event) = self.note.body.events.get(at) else { return false };
        let link = event.payload as usize;
        let Some(target @ Target::Embed { .. }) =
            self.targets.get(link).filter(|_| event.kind == Kind::Open(Tag::Image))
        else {
            return false;
        };
        let Some(embedded) = self.embedded.iter().find(|it| it.link == link) else {
            return false;
        };
        let mut html = String::from("<section class=\"embed\">\n");
        html.push_str(&embedded.rendered.html);
        html.push_str("<p class=\"embed-from\"><a href=\"");
        self.href(&mut html, target);
        html.push_str(&format!("\">{}</a></p>\n</section>\n", escaped(&embedded.title)));
        self.atom(&html);
        true
    }

    pub(super) fn image(&mut self, at: usize) {
        let payload = self.note.body.events[at].payload as usize;
        let link: &Link = &self.note.body.links[payload];
        let alt = self.note.body.plain(self.source, at);
        let is_wiki = link.kind == LinkKind::Wiki;
        let (alt, size) = sized(&alt, is_wiki);
        let alt = if alt == link.dest && is_wiki { String::new() } else { alt.to_owned() };
        let mut text = String::new();
        escape::text(&mut text, if alt.is_empty() && is_wiki { &link.dest } else { &alt });
        let html = match self.targets.get(payload) {
            Some(target @ Target::Asset(asset)) if asset.is_picture() => {
                let mut html = String::from("<img src=\"");
                self.href(&mut html, target);
                html.push_str(&format!("\" alt=\"{}\"", escaped(&alt)));
                // The author's width keeps the proportions of the file.
                let shown = match (size, asset.size) {
                    (Some((width, None)), Some((w, h))) => {
                        let height = u64::from(width) * u64::from(h) / u64::from(w.max(1));
                        Some((width, u32::try_from(height).unwrap_or(u32::MAX)))
                    }
                    (Some((width, Some(height))), _) => Some((width, height)),
                    (_, own) => own,
                };
                if let Some((width, height)) = shown {
                    html.push_str(&format!(" width=\"{width}\" height=\"{height}\""));
                }
                self.image_end(html, link)
            }
            Some(target @ Target::External(_)) => {
                let mut html = String::from("<img src=\"");
                self.href(&mut html, target);
                html.push_str(&format!("\" alt=\"{}\"", escaped(&alt)));
                if let Some((width, _)) = size {
                    html.push_str(&format!(" width=\"{width}\""));
                }
                self.image_end(html, link)
            }
            Some(
                target @ (Target::RemoteImage(_)
                | Target::Note { .. }
                | Target::Embed { .. }
                | Target::Term(_)
                | Target::Asset(_)),
            ) => {
                let shown = if text.is_empty() { escaped(&link.dest) } else { text };
                let mut html = String::from("<a href=\"");
                self.href(&mut html, target);
                let is_abroad = matches!(target, Target::RemoteImage(_)) && !self.style.plain;
                let abroad = if is_abroad { "\" class=\"external\" rel=\"noopener" } else { "" };
                html.push_str(&format!("{abroad}\">{shown}</a>"));
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

    pub(super) fn open_mention(&mut self, mention: &Mention) {
        let attributes = self.term_attributes(mention.term());
        self.start("a", &attributes);
    }

    /// Beside the heading that defines a service: the way to its page, with all that mention it.
    pub(super) fn link_to_service(&mut self, heading: usize) {
        let Some(term) = self.catalog.defined_by(&self.note.id, heading) else { return };
        let (href, name) = (self.term_href(term), &self.catalog.terms[term].name);
        let label = escaped(&self.style.words.service_page.replace("{x}", name));
        self.atom(&format!(
            " <a class=\"to-service\" href=\"{href}\" title=\"{label}\" aria-label=\"{label}\"></a>"
        ));
    }

    fn term_href(&self, term: usize) -> String {
        let (page, anchor) = self.catalog.page(term);
        self.page.link_to(page, anchor)
    }

    fn term_attributes(&self, term: usize) -> String {
        let (page, anchor) = self.catalog.page(term);
        let mut out = String::with_capacity(128);
        out.push_str(" class=\"term\" data-term=\"");
        escape::text(&mut out, self.catalog.terms[term].id.as_str());
        out.push_str("\" href=\"");
        self.page.push_link(&mut out, page, anchor);
        out.push('"');
        out
    }
}

/// Obsidian's size at the end of a description: `![alt|300](x.png)`, `![[x.png|300x200]]`. Returns
/// the description without it, and the width and height in pixels.
fn sized(alt: &str, is_wiki: bool) -> (&str, Option<(u32, Option<u32>)>) {
    let (before, last) =
        alt.rsplit_once('|').unwrap_or(if is_wiki { ("", alt) } else { (alt, "") });
    let number = |text: &str| text.parse().ok().filter(|n| (1..=10_000).contains(n));
    let size = match last.split_once('x') {
        Some((width, height)) => number(width).zip(number(height)).map(|(w, h)| (w, Some(h))),
        None => number(last).map(|width| (width, None)),
    };
    if size.is_some() { (before.trim_end(), size) } else { (alt, None) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_pictures() {
        assert_eq!(sized("그림|300", false), ("그림", Some((300, None))));
        assert_eq!(sized("300x200", true), ("", Some((300, Some(200)))));
        assert_eq!(sized("300", false), ("300", None));
        assert_eq!(sized("그림 | 표", false), ("그림 | 표", None));
        assert_eq!(sized("x.png", true), ("x.png", None));
    }
}
