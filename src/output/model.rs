//! What a template may see: one struct for each kind of page. Optional things are null, never
//! absent, so that a template can ask for them.

use serde::Serialize;

use super::menu::At;
use crate::site::summary;
use crate::table::Table;

/// What every page has that is the same in its folder, besides the globals.
#[derive(Debug, Serialize)]
pub(super) struct Folder {
    pub(super) root: String,
    pub(super) css: String,
    pub(super) early: String,
    pub(super) script: String,
    pub(super) more: String,
    pub(super) gists: usize,
    pub(super) offline: String,
    pub(super) search: Finder,
    pub(super) icon: String,
    pub(super) nav: Nav,
}

/// What else every page has.
#[derive(Debug, Serialize)]
pub(super) struct Frame {
    pub(super) kind: &'static str,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) canonical: Option<String>,
    pub(super) markdown: Option<String>,
    pub(super) edit: Option<String>,
    pub(super) feed: Option<String>,
    /// The navigation as HTML.
    pub(super) menu: String,
    pub(super) crumbs: Vec<Link>,
    #[serde(skip)]
    pub(super) at: At,
}

/// What is the same on every page.
#[derive(Debug, Serialize)]
pub(super) struct Globals {
    pub(super) lang: String,
    pub(super) site_title: String,
    pub(super) author: String,
    pub(super) csp: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Nav {
    pub(super) home: String,
    pub(super) services: String,
    pub(super) glossary: Option<String>,
    pub(super) map: Option<String>,
}

/// Where the search is: its page, and what it loads when it is used.
#[derive(Debug, Serialize)]
pub(super) struct Finder {
    pub(super) page: String,
    pub(super) script: String,
    pub(super) r#box: String,
    pub(super) style: String,
}

/// `nav.html`
#[derive(Debug, Serialize)]
pub(super) struct Menu {
    pub(super) sections: Vec<MenuSection>,
}

#[derive(Debug, Serialize)]
pub(super) struct MenuSection {
    pub(super) title: String,
    pub(super) href: String,
    /// `page` if it is the page itself, `true` if the page is in it.
    pub(super) current: Option<&'static str>,
    /// There are more lessons before or after those shown.
    pub(super) earlier: bool,
    pub(super) later: bool,
    pub(super) lessons: Vec<MenuLesson>,
}

#[derive(Debug, Serialize)]
pub(super) struct MenuLesson {
    pub(super) title: String,
    pub(super) href: String,
    pub(super) draft: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct Link {
    pub(super) title: String,
    pub(super) href: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Pager {
    pub(super) prev: Option<String>,
    pub(super) next: Option<String>,
    pub(super) number: usize,
    pub(super) count: usize,
}

/// `home.html`
#[derive(Debug, Serialize)]
pub(super) struct Home {
    pub(super) body: String,
    pub(super) sections: Vec<HomeSection>,
    pub(super) services_count: usize,
    pub(super) print: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct HomeSection {
    pub(super) title: String,
    pub(super) href: String,
    pub(super) summary: String,
    pub(super) count: usize,
    pub(super) lessons: Vec<Lesson>,
}

#[derive(Debug, Serialize)]
pub(super) struct Lesson {
    pub(super) title: String,
    pub(super) href: String,
    pub(super) summary: String,
    pub(super) draft: bool,
    pub(super) services: Vec<Link>,
}

/// `section.html`
#[derive(Debug, Serialize)]
pub(super) struct Section {
    pub(super) body: String,
    pub(super) summary: String,
    pub(super) lessons: Vec<Lesson>,
    pub(super) print: String,
    pub(super) blank: String,
    pub(super) pager: Pager,
}

/// `note.html`
#[derive(Debug, Serialize)]
pub(super) struct Note<'a> {
    pub(super) body: &'a str,
    pub(super) summary: &'a str,
    pub(super) domain: Option<u64>,
    pub(super) draft: bool,
    pub(super) date: Option<&'a str>,
    pub(super) updated: Option<&'a str>,
    pub(super) outline: Vec<Heading<'a>>,
    pub(super) prev: Option<Link>,
    pub(super) next: Option<Link>,
    pub(super) section: Option<Link>,
    pub(super) services: Vec<Link>,
    /// The items of the list, as HTML.
    pub(super) mentioned_in: String,
    pub(super) extra: &'a Table,
}

#[derive(Debug, Serialize)]
pub(super) struct Heading<'a> {
    pub(super) level: u8,
    pub(super) bare: bool,
    pub(super) title: &'a str,
    pub(super) id: &'a str,
}

/// `services.html`
#[derive(Debug, Serialize)]
pub(super) struct Services {
    pub(super) groups: Vec<Group>,
    pub(super) categories: Vec<Category>,
}

#[derive(Debug, Serialize)]
pub(super) struct Category {
    pub(super) label: String,
    pub(super) id: String,
    /// The number of its colour.
    pub(super) tone: u8,
    pub(super) terms: Vec<Link>,
}

/// `map.html`
#[derive(Debug, Serialize)]
pub(super) struct Map {
    pub(super) body: String,
    pub(super) groups: Vec<MapGroup>,
    /// Not all services are shown.
    pub(super) cut: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct MapGroup {
    pub(super) title: String,
    pub(super) services: Vec<MapService>,
}

#[derive(Debug, Serialize)]
pub(super) struct MapService {
    pub(super) link: Link,
    pub(super) ties: Vec<Link>,
}

/// `glossary.html`
#[derive(Debug, Serialize)]
pub(super) struct Glossary {
    /// The whole alphabet, each letter with the place where it begins.
    pub(super) letters: Vec<Link>,
    pub(super) groups: Vec<GlossaryGroup>,
    pub(super) pager: Pager,
}

#[derive(Debug, Serialize)]
pub(super) struct GlossaryGroup {
    pub(super) label: String,
    pub(super) id: String,
    pub(super) entries: Vec<Entry>,
}

/// A name, and what it is called in the other language or at length.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) other: String,
    pub(super) places: Vec<Link>,
    pub(super) more: usize,
}

#[derive(Debug, Serialize)]
pub(super) struct Group {
    pub(super) label: String,
    pub(super) id: String,
    pub(super) terms: Vec<Term>,
}

#[derive(Debug, Serialize)]
pub(super) struct Term {
    pub(super) name: String,
    pub(super) full: String,
    pub(super) href: String,
    pub(super) lesson: String,
    pub(super) mentions: usize,
}

/// `service.html`
#[derive(Debug, Serialize)]
pub(super) struct Service<'a> {
    pub(super) name: &'a str,
    pub(super) full: &'a str,
    pub(super) aliases: Vec<&'a str>,
    pub(super) category: &'a str,
    /// The number of its colour.
    pub(super) tone: u8,
    pub(super) url: Option<&'a str>,
    pub(super) summary: &'a str,
    pub(super) status: Option<Status>,
    pub(super) body: &'a str,
    pub(super) lesson: Option<Link>,
    pub(super) related: Vec<Link>,
    pub(super) parts: Vec<Part<'a>>,
    /// The items of the list, as HTML.
    pub(super) mentions: String,
    pub(super) mention_count: usize,
    pub(super) pager: Pager,
}

/// A part of a service, which lives on its page.
#[derive(Debug, Serialize)]
pub(super) struct Part<'a> {
    pub(super) id: &'a str,
    pub(super) name: &'a str,
    pub(super) full: &'a str,
    pub(super) aliases: Vec<&'a str>,
    pub(super) category: &'a str,
    /// The number of its colour.
    pub(super) tone: u8,
    pub(super) url: Option<&'a str>,
    pub(super) summary: &'a str,
    pub(super) status: Option<Status>,
    pub(super) body: String,
    pub(super) lesson: Option<Link>,
    /// The items of the list, as HTML.
    pub(super) mentions: String,
    pub(super) mention_count: usize,
}

/// What became of a service.
#[derive(Debug, Serialize)]
pub(super) struct Status {
    pub(super) label: String,
    pub(super) facts: Vec<String>,
}

/// `search.html` and `offline.html`: they are filled in the browser.
#[derive(Debug, Serialize)]
pub(super) struct Filled {}

/// `print.html` and `summary.html`
#[derive(Debug, Serialize)]
pub(super) struct Print<'a> {
    pub(super) summary: Sheet<'a>,
    /// What is bold is left out, and stands in the answers.
    pub(super) gaps: bool,
    /// What the gaps hold, in the order of their numbers, as items of a list.
    pub(super) answers: String,
    /// The same sheet with or without gaps.
    pub(super) other: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Sheet<'a> {
    pub(super) title: &'a str,
    pub(super) sections: Vec<SheetSection<'a>>,
}

#[derive(Debug, Serialize)]
pub(super) struct SheetSection<'a> {
    pub(super) title: &'a str,
    pub(super) summary: &'a str,
    pub(super) lessons: Vec<SheetLesson<'a>>,
}

#[derive(Debug, Serialize)]
pub(super) struct SheetLesson<'a> {
    pub(super) title: &'a str,
    pub(super) summary: &'a str,
    pub(super) services: &'a [summary::Service],
    pub(super) groups: Vec<SheetGroup<'a>>,
}

/// What stands under one heading.
#[derive(Debug, Serialize)]
pub(super) struct SheetGroup<'a> {
    pub(super) heading: &'a str,
    /// The lines as items of a list: what is bold in them is, or is a gap with its number.
    pub(super) lines: String,
}

/// `feed.xml`
#[derive(Debug, Serialize)]
pub(super) struct Feed {
    pub(super) base: String,
    pub(super) own: String,
    pub(super) description: String,
    pub(super) updated: String,
    pub(super) entries: Vec<FeedEntry>,
}

#[derive(Debug, Serialize)]
pub(super) struct FeedEntry {
    pub(super) title: String,
    pub(super) url: String,
    pub(super) summary: String,
    pub(super) published: Option<String>,
    pub(super) updated: String,
}

/// `sitemap.xml`: either pages, or the files that list them.
#[derive(Debug, Serialize)]
pub(super) struct Sitemap {
    pub(super) pages: Vec<SitemapPage>,
    pub(super) parts: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct SitemapPage {
    pub(super) url: String,
    pub(super) day: Option<String>,
}

/// `redirect.html`
#[derive(Debug, Serialize)]
pub(super) struct Redirect {
    pub(super) href: String,
    pub(super) canonical: String,
    pub(super) title: String,
}

/// `404.html`
#[derive(Debug, Serialize)]
pub(super) struct NotFound {
    pub(super) css: Option<String>,
    pub(super) home: Option<String>,
}
