//! Where the author's own links and pictures lead.

use super::address::{looks_like_host, scheme};
use super::heading::{heading_called, near_headings};
use super::places::Places;
use super::{Asset, Target};
use crate::diag::Diagnostic;
use crate::near::{FEW, nearest};
use crate::note::{Block, Link, LinkKind, Note, is_block_name};
use crate::path;

/// A picture of more pixels takes over a gigabyte where it is drawn, at four bytes each.
const MAX_PIXELS: u64 = 1 << 28;

impl Places<'_> {
    /// Where each link of a note leads, and what is wrong with it.
    pub(super) fn targets(&self, note: &Note) -> (Vec<Target>, Vec<Diagnostic>) {
        let mut diags = vec![];
        let at = Here { places: self, note };
        let targets = note.body.links.iter().map(|link| at.target(link, &mut diags)).collect();
        (targets, diags)
    }
}

/// The place of the note whose links are followed.
struct Here<'p, 'a> {
    places: &'p Places<'a>,
    note: &'p Note,
}

impl Here<'_, '_> {
    fn target(&self, link: &Link, diags: &mut Vec<Diagnostic>) -> Target {
        let target = match link.kind {
            LinkKind::Email => Ok(Target::External(format!("mailto:{}", link.dest))),
            LinkKind::Wiki => self.wiki(link, diags),
            LinkKind::Inline | LinkKind::Auto | LinkKind::Html => self.address(link, diags),
        };
        target.unwrap_or_else(|diag| {
            diags.extend(diag);
            Target::Missing
        })
    }

    /// `[[name]]`, `[[name#heading]]`, `[[#heading]]`: a note with exactly that title or file name,
    /// else a service by id, name or alias (R15).
    fn wiki(&self, link: &Link, diags: &mut Vec<Diagnostic>) -> Result<Target, Option<Diagnostic>> {
        if let Some(problem) = self.unsafe_scheme(link) {
            return Err(Some(problem));
        }
        let dest = path::nfc(&link.dest);
        let (name, heading) = match dest.split_once('#') {
            Some((name, heading)) => (name.trim(), Some(heading.trim_start_matches('#').trim())),
            None => (dest.trim(), None),
        };
        if name.is_empty() {
            return self.in_note(link, self.note, heading, diags);
        }
        if let Some(asset) = self.asset_by_name(name) {
            return Ok(self.asset(link, asset, diags));
        }
        if let Some(note) = self.note_by_name(name) {
            return self.in_note(link, note, heading, diags);
        }
        if let Some(term) = self.places.catalog.by_hand(name) {
            return Ok(self.in_term(link, term, heading, diags));
        }
        if let Some(note) = self.note_alike(name) {
            return self.in_note(link, note, heading, diags);
        }
        let stem = name.rsplit('/').next().unwrap_or(name).trim_end_matches(".md");
        if self.places.hidden_names.contains(&path::squeeze(stem)) {
            let message = format!("`[[{}]]` is not published, so nothing links to it", link.dest);
            let code = "unpublished-link";
            let diag = Diagnostic::warning(code, &self.note.file, link.span, message);
            return Err(Some(diag.hint("publish it, or remove the link")));
        }
        if path::is_file(name) {
            return Err(Some(self.missing_file(link, &format!("notes/{name}"))));
        }
        // What it is called may stand where it cannot be read.
        if self.places.unsure {
            return Err(None);
        }
        let owners = self.places.catalog.owners(name);
        if owners.len() > 1 {
            let ids: Vec<String> = owners.iter().map(|id| format!("`[[{id}]]`")).collect();
            let message = format!("`[[{}]]` names several services", link.dest);
            let diag = Diagnostic::warning("unknown-link", &self.note.file, link.span, message);
            return Err(Some(diag.hint(format!("write {}", ids.join(" or ")))));
        }
        let message = format!("`[[{}]]` names no note and no service", link.dest);
        let diag = Diagnostic::warning("unknown-link", &self.note.file, link.span, message);
        // Another day, or another number, is another note.
        let is_word = name.contains(char::is_alphabetic);
        let near = is_word.then(|| self.places.meant().names.nearest(name)).flatten();
        Err(Some(match near {
            Some((_, near)) => diag.hint(format!("did you mean `{near}`?")),
            None => diag.hint("write that note, or remove the brackets"),
        }))
    }

    /// A link whose target is written as an address.
    fn address(
        &self,
        link: &Link,
        diags: &mut Vec<Diagnostic>,
    ) -> Result<Target, Option<Diagnostic>> {
        if let Some(problem) = self.unsafe_scheme(link) {
            return Err(Some(problem));
        }
        let dest = link.dest.trim();
        let shown_as_external = match scheme(dest) {
            Some(scheme)
                if scheme.starts_with("http") && !dest[scheme.len()..].starts_with("://") =>
            {
                true
            }
            Some("data") if link.image => return Ok(Target::External(dest.to_owned())),
            Some(_) => return self.external(link, dest, diags),
            None => dest.starts_with("//") || dest.starts_with(r"\\") || dest.starts_with(r"/\"),
        };
        if shown_as_external {
            let message = format!("`{dest}` leads to another site");
            let diag = Diagnostic::warning("odd-address", &self.note.file, link.span, message);
            diags.push(diag.hint("write it with `https://`, or as a relative path"));
            return self.external(link, &dest.replace('\\', "/"), diags);
        }
        self.relative(link, dest, diags)
    }

    fn external(
        &self,
        link: &Link,
        dest: &str,
        diags: &mut Vec<Diagnostic>,
    ) -> Result<Target, Option<Diagnostic>> {
        let host = dest.split("//").nth(1).and_then(|rest| rest.split(['/', '?', '#']).next());
        let allowed =
            host.is_some_and(|host| self.places.html.remote_images.iter().any(|it| it == host));
        if link.image && !allowed {
            let message = match link.kind {
                LinkKind::Html => "this picture is on another site, so it is not shown",
                _ => "this picture is on another site, so it is shown as a link",
            };
            let diag = Diagnostic::warning("remote-image", &self.note.file, link.span, message);
            let host = host.unwrap_or("its host");
            diags.push(diag.hint(format!(
                "save it beside the note, or add \"{host}\" to `remote_images` under `[html]` in gongbu.toml"
            )));
            return Ok(Target::RemoteImage(dest.to_owned()));
        }
        Ok(Target::External(dest.to_owned()))
    }

    fn relative(
        &self,
        link: &Link,
        dest: &str,
        diags: &mut Vec<Diagnostic>,
    ) -> Result<Target, Option<Diagnostic>> {
        let (file, anchor) = match dest.split_once('#') {
            Some((file, anchor)) => (file, Some(path::nfc(&path::decode(anchor)))),
            None => (dest, None),
        };
        let file = path::nfc(&path::decode(file.split('?').next().unwrap_or_default()));
        let anchor = anchor.as_deref().filter(|anchor| !anchor.is_empty());
        if file.is_empty() {
            return self.in_note(link, self.note, anchor, diags);
        }
        // An absolute path begins at the notes, and so does Zola's `@/`.
        let resolved = match file.strip_prefix("@/").or_else(|| file.strip_prefix('/')) {
            Some(rest) => path::resolve("notes", rest),
            None => path::resolve(&path::nfc(self.note.file.folder()), &file),
        };
        let Some(resolved) = resolved.filter(|it| it.starts_with("notes/") || it == "notes") else {
            let message = format!("`{dest}` leads out of the notes");
            let diag = Diagnostic::warning("unknown-link", &self.note.file, link.span, message);
            return Err(Some(diag.hint("keep what notes refer to in the folder of the notes")));
        };
        if let Some(asset) = self.places.assets.get(&resolved) {
            return Ok(self.asset(link, asset, diags));
        }
        // `C#.md`, as people write it.
        if let Some(anchor) = anchor
            && let Some(note) = self.note_by_file(&format!("{resolved}#{anchor}"))
        {
            let message =
                format!("`#` begins a heading in a link; this one is taken for `{file}#{anchor}`");
            let diag = Diagnostic::warning("unknown-link", &self.note.file, link.span, message);
            diags.push(diag.hint(format!("write `{}`", dest.replacen('#', "%23", 1))));
            return self.in_note(link, note, None, diags);
        }
        if let Some(note) = self.note_by_file(&resolved) {
            return self.in_note(link, note, anchor, diags);
        }
        // A folder without a note that opens it has a page all the same.
        let page = resolved.strip_suffix("/index.html").unwrap_or(&resolved);
        if let Some(page) = self.places.sections.get(page).filter(|_| !link.image) {
            return Ok(Target::Note { page: (*page).clone(), anchor: None });
        }
        if let Some(asset) = file.strip_prefix('/').and_then(|it| self.places.published(it)) {
            return Ok(self.asset(link, asset, diags));
        }
        if looks_like_host(dest) {
            let message = format!("`{dest}` is no file of the notes, but looks like an address");
            let diag = Diagnostic::warning("unknown-link", &self.note.file, link.span, message);
            return Err(Some(diag.hint(format!("write `https://{dest}`"))));
        }
        Err(Some(self.missing_file(link, &resolved)))
    }

    fn in_note(
        &self,
        link: &Link,
        note: &Note,
        heading: Option<&str>,
        diags: &mut Vec<Diagnostic>,
    ) -> Result<Target, Option<Diagnostic>> {
        let file = &self.note.file;
        let Some(heading) = heading.filter(|heading| !heading.is_empty()) else {
            if note.page == self.note.page && !link.image {
                let message = "this link leads to its own page";
                let diag = Diagnostic::warning("self-link", file, link.span, message);
                diags.push(diag.hint("name a heading after `#`, or remove the link"));
            }
            return Ok(Target::Note { page: note.page.clone(), anchor: None });
        };
        if heading.starts_with('^') {
            let anchor = note.body.block(heading).map(|it| it.id.clone());
            if anchor.is_none() {
                let place = format!("in “{}”", note.title);
                let diag = self.no_block(link, heading, &place, &note.body.blocks);
                // All of a note is not what was to be shown, but it is where to look.
                if link.image {
                    return Err(Some(diag));
                }
                diags.push(diag);
            }
            return Ok(Target::Note { page: note.page.clone(), anchor });
        }
        let headings = note.body.headings.iter();
        match heading_called(headings.clone(), heading) {
            Some(it) if it.is_title => Ok(Target::Note { page: note.page.clone(), anchor: None }),
            Some(it) => Ok(Target::Note { page: note.page.clone(), anchor: Some(it.id.clone()) }),
            None => {
                let message = format!("no heading `{heading}` in “{}”", note.title);
                let diag = Diagnostic::warning("unknown-heading", file, link.span, message);
                Err(Some(near_headings(diag, heading, headings)))
            }
        }
    }

    /// A service, or a heading of the block that defines it: there the heading is, in its lesson.
    fn in_term(
        &self,
        link: &Link,
        term: usize,
        heading: Option<&str>,
        diags: &mut Vec<Diagnostic>,
    ) -> Target {
        let Some(heading) = heading.filter(|heading| !heading.is_empty()) else {
            return Target::Term(term);
        };
        let it = &self.places.catalog.terms[term];
        let home = it.defined.as_ref().and_then(|defined| {
            let note = self.places.note(defined.note.as_str())?;
            let block = defined
                .heading
                .map_or(0..usize::MAX, |at| note.body.headings[at].event..note.body.block_end(at));
            Some((note, block))
        });
        if heading.starts_with('^') {
            let block = home.as_ref().and_then(|(note, _)| Some((note, note.body.block(heading)?)));
            if let Some((note, block)) = block {
                return Target::Note { page: note.page.clone(), anchor: Some(block.id.clone()) };
            }
            let place = format!("where “{}” is defined", it.name);
            let blocks = home.as_ref().map_or(&[][..], |(note, _)| &note.body.blocks);
            diags.push(self.no_block(link, heading, &place, blocks));
            return Target::Term(term);
        }
        let headings = home.iter().flat_map(|(note, block)| {
            note.body.headings.iter().filter(|heading| block.contains(&heading.event))
        });
        match heading_called(headings.clone(), heading) {
            Some(found) => Target::Note {
                page: home.as_ref().map_or(self.note, |(note, _)| note).page.clone(),
                anchor: Some(found.id.clone()),
            },
            None => {
                let message = format!("no heading `{heading}` where “{}” is defined", it.name);
                let diag =
                    Diagnostic::warning("unknown-heading", &self.note.file, link.span, message);
                diags.push(near_headings(diag, heading, headings));
                Target::Term(term)
            }
        }
    }

    /// A name of a block, `^name`, that none of those in that place has.
    fn no_block(&self, link: &Link, id: &str, place: &str, blocks: &[Block]) -> Diagnostic {
        let message = format!("no block `{id}` {place}");
        let diag = Diagnostic::warning("unknown-heading", &self.note.file, link.span, message);
        match nearest(id, blocks.iter().take(FEW).map(|it| it.id.as_str())) {
            Some(near) => diag.hint(format!("did you mean `{near}`?")),
            None if !is_block_name(&id[1..]) => {
                diag.hint("a name has a letter and another sign, or four: `^ab`, `^1234`")
            }
            None => diag.hint(format!("end the block that you mean with ` {id}`")),
        }
    }

    fn note_by_file(&self, resolved: &str) -> Option<&Note> {
        let bare = resolved.trim_end_matches('/');
        let page = bare.strip_suffix(".html").unwrap_or(bare);
        let candidates = [
            bare.to_owned(),
            format!("{page}.md"),
            format!("{bare}/index.md"),
            format!("{bare}/README.md"),
            format!("{bare}/_index.md"),
            format!("{}/README.md", page.strip_suffix("/index").unwrap_or(page)),
        ];
        let note =
            |file: &String| self.places.note(file.strip_prefix("notes/")?.strip_suffix(".md")?);
        candidates.iter().find_map(note)
    }

    /// The note of that title or file name; a path in front of the name must fit. Of several the
    /// one in the same section wins, then the first.
    fn note_by_name(&self, name: &str) -> Option<&Note> {
        let name = name.trim_end_matches(".md");
        let exact = |note: &&Note| {
            let alias = note.front.aliases.iter().any(|(alias, _)| alias == name);
            note.title == name || note.id.stem() == name || alias
        };
        let squeezed = path::squeeze(name);
        let found: Vec<_> = self.places.notes_called(&squeezed).filter(exact).collect();
        let near = found.iter().find(|note| note.id.section() == self.note.id.section());
        if let Some(note) = near.or(found.first()) {
            return Some(note);
        }
        let (_, stem) = name.rsplit_once('/')?;
        let suffix = format!("/{name}");
        let fits = |note: &&Note| format!("/{}", note.id).ends_with(&suffix);
        self.places.notes_called(&path::squeeze(stem)).find(fits)
    }

    /// The only note whose title or file name has the same letters, whatever their case.
    fn note_alike(&self, name: &str) -> Option<&Note> {
        let squeezed = path::squeeze(name.trim_end_matches(".md"));
        let mut found = self.places.notes_called(&squeezed);
        found.next().filter(|_| found.next().is_none() && !squeezed.is_empty())
    }

    fn asset_by_name(&self, name: &str) -> Option<&Asset> {
        let folder = path::nfc(self.note.file.folder());
        let beside = path::resolve(&folder, name).and_then(|it| self.places.assets.get(&it));
        let base = name.rsplit('/').next().unwrap_or_default().to_lowercase();
        let anywhere = || self.places.assets.get(self.places.asset_called(&base)?);
        beside.or_else(anywhere)
    }

    fn asset(&self, link: &Link, asset: &Asset, diags: &mut Vec<Diagnostic>) -> Target {
        let mut told = |message: String, hint| {
            let diag = Diagnostic::warning("odd-image", &self.note.file, link.span, message);
            diags.push(diag.hint(hint));
        };
        let source = &asset.source;
        let is_wiki = link.kind == LinkKind::Wiki;
        match asset.size {
            _ if !link.image => {}
            _ if asset.is_broken_picture() => told(
                format!("`{source}` is not the kind of picture that its name says"),
                "save the picture again",
            ),
            Some((width, height)) if u64::from(width) * u64::from(height) > MAX_PIXELS => told(
                format!("`{source}` has {width} × {height} pixels, too many for a page"),
                "save it in a smaller size",
            ),
            // In Obsidian that is how one links to a PDF.
            None if !asset.is_picture() && !is_wiki => told(
                format!("`{source}` is no picture, so it is shown as a link"),
                "write it as a link: without the `!`",
            ),
            _ => {}
        }
        Target::Asset(asset.clone())
    }

    fn missing_file(&self, link: &Link, resolved: &str) -> Diagnostic {
        let file = &self.note.file;
        let shown = resolved.strip_prefix("notes/").unwrap_or(resolved);
        if self.places.hidden.contains(resolved) {
            let message = format!("`{shown}` is not published, so nothing links to it");
            let diag = Diagnostic::warning("unpublished-link", file, link.span, message);
            return diag.hint("publish it, or remove the link");
        }
        let what = if link.image { "picture" } else { "file" };
        let message = format!("no {what} `{shown}` in the notes");
        let code = if link.image { "missing-image" } else { "unknown-link" };
        let diag = Diagnostic::warning(code, file, link.span, message);
        let base = resolved.rsplit('/').next().unwrap_or_default().to_lowercase();
        if let Some(other) = self.places.asset_called(&base) {
            let other = other.strip_prefix("notes").unwrap_or_default();
            return diag.hint(format!("there is `{other}`; case and folder must be right"));
        }
        let meant = self.places.meant();
        let near = match link.image {
            true => {
                meant.assets.nearest(&base).and_then(|(_, name)| self.places.asset_called(name))
            }
            false => meant.notes.nearest(&base).map(|(at, _)| self.places.notes[at].file.as_str()),
        };
        let near = near.map(|near| near.strip_prefix("notes").unwrap_or_default());
        match near {
            Some(near) => diag.hint(format!("did you mean `{near}`?")),
            None if link.kind == LinkKind::Wiki => {
                diag.hint("put a file of this name among the notes, or remove the brackets")
            }
            None => diag.hint("mend the path: it begins at this note, or with `/` at all notes"),
        }
    }

    /// Schemes are an allow-list. What runs code is an error, what is merely unknown a warning.
    fn unsafe_scheme(&self, link: &Link) -> Option<Diagnostic> {
        // Browsers drop these before they look at the scheme.
        let bare: String =
            link.dest.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
        let scheme = scheme(&bare)?.to_ascii_lowercase();
        let file = &self.note.file;
        let runs = matches!(scheme.as_str(), "javascript" | "vbscript" | "data" | "file" | "blob");
        let picture = link.image && bare.to_ascii_lowercase().starts_with("data:image/");
        if runs && !picture {
            let message = format!("an address that begins with `{scheme}:` is not safe");
            let diag = Diagnostic::error("unsafe-address", file, link.span, message);
            return Some(diag.hint("use http, https, mailto or tel, or a relative path"));
        }
        let known = ["http", "https", "mailto", "tel", "ftp", "sms", "data"];
        // `[[AWS::S3]]` and `C:\x` are no addresses.
        let wiki = link.kind == LinkKind::Wiki;
        if known.contains(&scheme.as_str()) || wiki {
            return None;
        }
        let message = format!("no browser is sure to know what `{scheme}:` is, so this is no link");
        let diag = Diagnostic::warning("odd-address", file, link.span, message);
        Some(diag.hint("use http, https, mailto or tel, or a relative path"))
    }
}
