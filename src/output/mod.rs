//! What a site is made of. To add a kind of output, add a file here and name it in [`ALL`].

mod assets;
mod feed;
mod fixed;
mod glossary;
mod home;
mod key;
mod llms;
mod map;
mod markdown;
mod mentions;
mod menu;
mod model;
mod notes;
mod offline;
mod previews;
mod print;
mod redirects;
mod search;
mod sections;
mod services;
mod sitemap;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::diag::Diagnostic;
use crate::hangul;
use crate::html::{self, Embedded, Part, Rendered, Style, Words};
use crate::note::{Kind, Piece, Tag};
use crate::path::OutPath;
use crate::plan::{File, Plan, Store};
use crate::site::{LinkedNote, Section, Site, Target};
use crate::theme::{Shared, Theme};
use key::Keys;
use menu::At;
use model::{Frame, Link, Nav};

pub use print::sheet;

/// All that an output may look at.
pub struct View<'a> {
    /// The linked notes.
    pub site: &'a Site,
    /// The look.
    pub theme: &'a Theme,
    /// How notes become HTML.
    pub style: Style,
    /// Who takes the files.
    store: &'a dyn Store,
    /// The notes are only looked at.
    check: bool,
    /// The page of each note that is a lesson, in the order in which one reads them.
    course: Vec<usize>,
    /// For each note its place in `course`.
    place: Vec<Option<usize>>,
    /// The section of each folder but the top.
    folders: HashMap<&'a str, usize>,
    /// Whether there is a glossary.
    glossary: bool,
    /// What pages depend on.
    keys: Keys,
    /// What all pages of a folder show.
    shared: Mutex<FxHashMap<String, Arc<Shared>>>,
}

/// The files that an output makes, and what went wrong.
pub type Made = (Vec<(OutPath, File)>, Vec<Diagnostic>);

/// One kind of output: its name, and how it is made.
pub type Output = (&'static str, fn(&View<'_>) -> Made);

/// Every output. What they make must not overlap. Those that take long come first, so that none is left to
/// one thread at the end.
pub const ALL: &[Output] = &[
    ("search", search::render),
    ("services", services::render),
    ("print", print::render),
    ("notes", notes::render),
    ("markdown", markdown::render),
    ("llms", llms::render),
    ("map", map::render),
    ("home", home::render),
    ("sections", sections::render),
    ("assets", assets::render),
    ("feed", feed::render),
    ("fixed", fixed::render),
    ("glossary", glossary::render),
    ("offline", offline::page),
    ("previews", previews::render),
    ("sitemap", sitemap::render),
    // Last, so that what takes the place of another page is an old address.
    ("redirects", redirects::render),
];

/// An output that is made of the finished plan.
pub type Last = (&'static str, fn(&View<'_>, &Plan) -> Made);

/// The outputs that come after all others.
pub const LAST: &[Last] = &[("worker", offline::render)];

/// The policy that every page carries: nothing from elsewhere, and nothing inline.
pub fn csp(site: &Site) -> String {
    let hosts = site
        .config
        .html
        .remote_images
        .iter()
        .filter(|host| host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:*".contains(c)));
    let hosts: String = hosts.map(|host| format!(" https://{host}")).collect();
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:{hosts}; \
         font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
         base-uri 'none'; form-action 'self'"
    )
}

/// What every page sees: the words that are the same all over the site.
pub fn globals(site: &Site) -> impl Serialize + use<> {
    model::Globals {
        lang: site.config.language.clone(),
        site_title: site.title().to_owned(),
        author: site.config.author.clone(),
        csp: csp(site),
    }
}

/// A page lists this many of what there may be many of.
const PAGE: usize = 50;
/// A section lists this many lessons on a page.
const LESSONS: usize = 100;
/// Where there are too many to show all, the navigation shows this many neighbours on either side.
const NEIGHBOURS: usize = 10;
/// The navigation shows this many sections; of more, the neighbours.
const SECTIONS: usize = 40;
/// The home page lists the lessons too up to this many notes.
const HOME_LESSONS: usize = 200;

impl<'a> View<'a> {
    /// Looks at a site with a theme; `store` takes the files that are made. `check`: nobody asks for the
    /// files, only for what is told of them.
    pub fn new(site: &'a Site, theme: &'a Theme, store: &'a dyn Store, check: bool) -> Self {
        let alerts =
            ["alert_note", "alert_tip", "alert_important", "alert_warning", "alert_caution"];
        let words = Words {
            alerts: alerts.map(|name| theme.word(name)),
            footnotes: theme.word("footnotes"),
            back: theme.word("back"),
            table: theme.word("table"),
            missing: theme.word("missing"),
            task: theme.word("task"),
            service_page: theme.word("service_page"),
        };
        let style = Style { trust: site.config.html.trust, plain: false, colours: !check, words };
        let course: Vec<usize> = site.sections.iter().flat_map(|it| &it.lessons).copied().collect();
        let mut place = vec![None; site.notes.len()];
        for (at, note) in course.iter().enumerate() {
            place[*note] = Some(at);
        }
        let folders = site.sections.iter().enumerate().map(|(at, it)| (it.folder.as_str(), at));
        let folders = folders.filter(|(folder, _)| !folder.is_empty()).collect();
        let (glossary, keys, shared) = (false, Keys::default(), Mutex::default());
        let mut view = Self {
            site,
            theme,
            style,
            store,
            check,
            course,
            place,
            folders,
            glossary,
            keys,
            shared,
        };
        view.glossary = glossary::exists(&view);
        view.keys = view.keys();
        view
    }

    /// The HTML of a note, or of a part, as it stands on a page.
    fn html(&self, linked: &LinkedNote, part: Part, page: &OutPath) -> Arc<Rendered> {
        let embedded = Arc::new(self.embedded(linked, part, page));
        html::render(
            linked.note(),
            part,
            &linked.targets,
            &linked.mentions,
            &embedded,
            &self.site.catalog,
            page,
            &self.style,
        )
    }

    /// What a part of a note embeds. Embeds have an end, and are not deep: the linked notes see to
    /// that.
    fn embedded(&self, linked: &LinkedNote, part: Part, page: &OutPath) -> Vec<Embedded> {
        let is_embed = |target: &&Target| matches!(target, Target::Embed { .. });
        if !linked.targets.iter().any(|target| is_embed(&target)) {
            return vec![];
        }
        let note = linked.note();
        let (range, _) = part.events(note);
        let mut embedded = vec![];
        for at in range {
            let event = &note.body.events[at];
            let link = event.payload as usize;
            let target = linked.targets.get(link).filter(|_| event.kind == Kind::Open(Tag::Image));
            if let Some(Target::Embed { note: to, piece, .. }) = target {
                let inner = part.embed(note, at, link, *piece);
                let to = &self.site.notes[*to];
                // The name of a block is not for readers.
                let title = match piece {
                    Piece::Block(_) => to.note().title.clone(),
                    Piece::Whole | Piece::Heading(_) => to.note().piece_name(*piece),
                };
                embedded.push(Embedded { link, title, rendered: self.html(to, inner, page) });
            }
        }
        embedded
    }

    /// Fills a template with what every page has and what this page has.
    fn page(
        &self,
        page: OutPath,
        template: &str,
        mut frame: Frame,
        model: &impl Serialize,
    ) -> Result<(OutPath, File), Diagnostic> {
        // Our own templates take whatever they are given.
        if self.check && !self.theme.is_own {
            return Ok((page, File::bytes(&[])));
        }
        frame.menu = self.menu(&page, frame.at)?;
        let shared = self.shared(&page);
        let then = |bytes: &[u8]| self.file(page, bytes);
        self.theme.fill_and(template, &shared, &frame, model, then)
    }

    /// A file of the site.
    fn file(&self, page: OutPath, bytes: &[u8]) -> (OutPath, File) {
        File::kept(bytes, self.store, |_| page)
    }

    /// What every page has. `section` is the one the page is in, `note` the note it shows.
    fn frame(
        &self,
        page: &OutPath,
        kind: &'static str,
        title: &str,
        section: Option<usize>,
        note: Option<usize>,
    ) -> Frame {
        let base = self.site.config.base_url.as_deref();
        let canonical = base.map(|base| {
            // A bare bucket knows no index of a folder but that of its root.
            let path = Some(page.as_str()).filter(|path| *path != "index.html").unwrap_or_default();
            format!("{base}{}", crate::path::encode(path))
        });
        let note_front = note.map(|at| &self.site.notes[at].note().front);
        let description = note_front.map(|front| front.summary.clone());
        let description = description.filter(|it| !it.is_empty());
        Frame {
            kind,
            title: title.to_owned(),
            description: description.unwrap_or_else(|| self.site.config.description.clone()),
            canonical,
            markdown: note
                .map(|at| page.link_to(&markdown::page(self.site.notes[at].page()), None)),
            edit: note.and_then(|at| self.edit(at)),
            feed: (kind == "home" && feed::exists(self)).then(|| feed::PAGE.to_owned()),
            menu: String::new(),
            crumbs: self.crumbs(page, kind, section),
            at: At { section, opens: kind == "section", lesson: note.filter(|_| kind == "note") },
        }
    }

    /// What pages show that is the same on all of a folder.
    fn shared(&self, page: &OutPath) -> Arc<Shared> {
        let mut folders = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shared) = folders.get(page.folder()) {
            return Arc::clone(shared);
        }
        let link = |to: &str| page.link_to(&to.into(), None);
        let file = |name| page.link_to(&self.theme.file(name), None);
        let shared = Arc::new(Shared::of(&model::Folder {
            root: page.root(),
            css: file("gongbu.css"),
            early: file("early.js"),
            script: file("gongbu.js"),
            more: file("more.js"),
            gists: previews::count(self.site.catalog.terms.len()),
            offline: file("offline.js"),
            search: model::Finder {
                page: link(search::PAGE),
                script: file("search.js"),
                r#box: file("search-box.js"),
                style: file("search.css"),
            },
            icon: file("icon.svg"),
            nav: Nav {
                home: link("index.html"),
                services: link("services/index.html"),
                map: map::exists(self).then(|| link(map::PAGE)),
                glossary: self.glossary.then(|| link(glossary::PAGE)),
            },
        }));
        folders.insert(page.folder().to_owned(), Arc::clone(&shared));
        shared
    }

    /// Where a note is edited.
    fn edit(&self, note: usize) -> Option<String> {
        let file = self.site.on_disk(&self.site.notes[note].note().file);
        let file = crate::path::encode(file.as_str());
        Some(self.site.config.edit_url.as_ref()?.replace("{path}", &file))
    }

    /// From home down to the parent of the page: the folders above that are sections.
    fn crumbs(&self, page: &OutPath, kind: &str, section: Option<usize>) -> Vec<Link> {
        let mut crumbs = vec![];
        if kind == "home" {
            return crumbs;
        }
        crumbs.push(self.link(page, self.site.title(), &"index.html".into()));
        if kind == "service" {
            crumbs.push(self.link(
                page,
                &self.theme.word("services"),
                &"services/index.html".into(),
            ));
        }
        let folder = section.map_or("", |at| &self.site.sections[at].folder);
        let above = folder.match_indices('/').map(|(at, _)| &folder[..at]);
        let own = Some(folder).filter(|_| kind != "section");
        for at in above.chain(own).filter_map(|folder| self.folders.get(folder)) {
            let it = &self.site.sections[*at];
            crumbs.push(self.link(page, &it.title, &it.page));
        }
        crumbs
    }

    fn link(&self, from: &OutPath, title: &str, to: &OutPath) -> Link {
        Link { title: title.to_owned(), href: from.link_to(to, None) }
    }

    /// The section at the top of the notes is called what the site is called.
    fn section_title(&self, section: &'a Section) -> &'a str {
        if section.folder.is_empty() { self.site.title() } else { &section.title }
    }

    fn lesson(&self, page: &OutPath, at: usize, with_services: bool) -> model::Lesson {
        let linked = &self.site.notes[at];
        let note = linked.note();
        let terms: &[usize] = if with_services { &linked.defines } else { &[] };
        model::Lesson {
            title: note.title.clone(),
            href: page.link_to(linked.page(), None),
            summary: note.front.summary.clone(),
            draft: note.front.draft,
            services: self.term_links(page, terms),
        }
    }

    fn term_links(&self, page: &OutPath, terms: &[usize]) -> Vec<Link> {
        let link = |term: &usize| {
            let (to, anchor) = self.site.catalog.page(*term);
            let title = self.site.catalog.terms[*term].name.clone();
            Link { title, href: page.link_to(to, anchor) }
        };
        terms.iter().map(link).collect()
    }
}

/// The letter that a name stands under: A to Z, then 가 to 하, then the rest.
fn letter(name: &str) -> (u8, String) {
    let first = name.chars().find(|c| c.is_alphanumeric()).unwrap_or('#');
    match hangul::index_syllable(first) {
        Some(letter) => (1, letter.to_string()),
        None if first.is_ascii_alphabetic() => (0, first.to_ascii_uppercase().to_string()),
        None => (2, "#".to_owned()),
    }
}

/// The id of the heading of a letter.
fn letter_id((rank, label): &(u8, String)) -> String {
    if *rank == 2 { "g-other".to_owned() } else { format!("g-{}", label.to_lowercase()) }
}

/// The page of this number of a list: `index.html`, `index-2.html` …
fn numbered(first: &OutPath, number: usize) -> OutPath {
    if number <= 1 {
        return first.clone();
    }
    let stem = first.as_str().trim_end_matches(".html");
    format!("{stem}-{number}.html").into()
}

/// The links from page `number` of a list of `count` pages to its neighbours; `page_of` tells where
/// each is.
fn pager(
    page: &OutPath,
    number: usize,
    count: usize,
    page_of: impl Fn(usize) -> OutPath,
) -> model::Pager {
    let to = |number: usize| page.link_to(&page_of(number), None);
    model::Pager {
        prev: (number > 1).then(|| to(number - 1)),
        next: (number < count).then(|| to(number + 1)),
        number,
        count,
    }
}

/// All of `0..count` if that is at most `limit`, else the neighbours of `at`.
fn around(at: usize, count: usize, limit: usize) -> std::ops::Range<usize> {
    if count <= limit {
        return 0..count;
    }
    at.saturating_sub(NEIGHBOURS)..(at + NEIGHBOURS + 1).min(count)
}

/// Sorts results into files and what went wrong.
fn gather(results: impl IntoIterator<Item = Result<(OutPath, File), Diagnostic>>) -> Made {
    let mut made = (vec![], vec![]);
    for result in results {
        match result {
            Ok(file) => made.0.push(file),
            Err(diag) => made.1.push(diag),
        }
    }
    made
}
