//! `gongbu.toml`: what the project says about itself.

use std::ops::Range;

use crate::diag::Diagnostic;
use crate::path::{self, SrcPath};
use crate::table::{self, Problem, Reader};

/// Where the configuration stands.
pub const FILE: &str = "gongbu.toml";

/// The largest note that is read unless `max_note_size` says otherwise, in bytes.
const MAX_NOTE_SIZE: u64 = 10 * 1024 * 1024;

/// Where notes are unless `notes` says otherwise.
pub const NOTES: &str = "notes";

/// The project's settings.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Config {
    /// The name of the site; empty for the title of `notes/index.md`.
    pub title: String,
    /// The language of the notes and of the buttons around them: `ko` or `en`.
    pub language: String,
    /// Where the site will be, ending in `/`; only for places that need an absolute URL.
    pub base_url: Option<String>,
    /// What the site is, in one sentence.
    pub description: String,
    /// Who wrote the notes.
    pub author: String,
    /// The folder of the notes, relative to the project: `notes`, or where somebody has them already;
    /// empty for the project's own folder. The program knows it as `notes/` all the same.
    pub notes: String,
    /// Globs of files under `notes/` that are not looked at.
    pub ignore: Vec<String>,
    /// The largest note that is read, in bytes.
    pub max_note_size: u64,
    /// Where a note is edited, with `{path}` for its path: the link "edit this page".
    pub edit_url: Option<String>,
    /// `$…$` is a formula, `[markdown] math`.
    pub math: bool,
    /// How services are found and linked.
    pub terms: Terms,
    /// How notes become HTML.
    pub html: Html,
    /// Where the site goes.
    pub deploy: Deploy,
}

/// `[terms]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Terms {
    /// Headings with this many `#` name services; none: headings name nothing.
    pub heading_level: Option<u8>,
    /// Words that may stand before any name: `["AWS", "Amazon"]`.
    pub vendor: Vec<String>,
    /// How often a name is linked.
    pub link: LinkScope,
    /// Which service is meant by a name that several bear: the name, the id, and where it stands.
    pub prefer: Vec<(String, String, Range<usize>)>,
}

/// How often a name is linked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum LinkScope {
    /// Its first mention under each h2 or h3.
    #[default]
    Section,
    /// Its first mention in a note.
    Page,
    /// Each mention.
    All,
    /// Never.
    None,
}

/// `[html]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Html {
    /// Raw HTML in notes is passed through as it is.
    pub trust: bool,
    /// Hosts that pictures may be loaded from.
    pub remote_images: Vec<String>,
}

/// `[deploy]`. Never a password: those come from where the tools of the host keep them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Deploy {
    /// The bucket and the folder in it: `s3://BUCKET/PREFIX`.
    pub target: Option<String>,
    /// The CloudFront distribution before the bucket.
    pub distribution: Option<String>,
    /// How many files may be deleted at once where they are more than a tenth.
    pub max_delete: Option<u64>,
    /// The Cache-Control of what keeps its name when it changes, in place of ours.
    pub cache_pages: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            title: String::new(),
            language: "ko".into(),
            base_url: None,
            description: String::new(),
            author: String::new(),
            notes: NOTES.into(),
            ignore: vec![],
            max_note_size: MAX_NOTE_SIZE,
            edit_url: None,
            math: false,
            terms: Terms::default(),
            html: Html::default(),
            deploy: Deploy::default(),
        }
    }
}

/// Reads the bytes of `gongbu.toml`. Never fails: what is wrong is told, and the default stands.
pub fn parse(bytes: &[u8]) -> (Config, Vec<Diagnostic>) {
    let file = SrcPath::from(FILE);
    let (table, problems) = match table::document(&file, bytes) {
        Ok(read) => read,
        Err(diag) => return (Config::default(), vec![diag]),
    };
    let mut diags = vec![];
    let mut report = |problems: Vec<Problem>| {
        let error = |p: Problem| Diagnostic::error("config", &file, p.span, p.message);
        diags.extend(problems.into_iter().map(error));
    };
    report(problems);

    let mut config = Config::default();
    let mut top = Reader::new(table);
    let text = |reader: &mut Reader, key, slot: &mut String| {
        if let Some(value) = reader.text(key) {
            *slot = value;
        }
    };
    text(&mut top, "title", &mut config.title);
    text(&mut top, "description", &mut config.description);
    text(&mut top, "author", &mut config.author);
    if let Some(language) = top.one_of("language", &[("ko", "ko"), ("en", "en")]) {
        config.language = language.into();
    }
    config.base_url = base_url(&mut top);
    config.notes = notes_folder(&mut top);
    config.ignore = globs(&mut top);
    config.max_note_size = top.number("max_note_size").unwrap_or(MAX_NOTE_SIZE);
    config.edit_url = edit_url(&mut top);
    let markdown = top.table("markdown");
    let terms = top.table("terms");
    let html = top.table("html");
    let deploy = top.table("deploy");
    let known = [
        "title",
        "language",
        "base_url",
        "description",
        "author",
        "notes",
        "ignore",
        "max_note_size",
        "edit_url",
        "markdown",
        "terms",
        "html",
        "deploy",
    ];
    top.unknown_keys("", &known);
    report(top.problems);

    let mut markdown = Reader::new(markdown.unwrap_or_default());
    config.math = markdown.bool("math").unwrap_or(false);
    markdown.unknown_keys("markdown.", &["math"]);
    report(markdown.problems);

    let mut terms = Reader::new(terms.unwrap_or_default());
    config.terms.heading_level =
        terms.value("heading_level", "a number from 1 to 6", |value| match value {
            table::Value::Integer(level @ 1..=6) => u8::try_from(level).ok(),
            _ => None,
        });
    for (word, span) in terms.texts("vendor").unwrap_or_default() {
        let word = word.trim().to_owned();
        if word.is_empty() {
            let message = "`vendor`: expected a word, found nothing".into();
            terms.problems.push(Problem { span, message });
        } else {
            config.terms.vendor.push(word);
        }
    }
    let scopes = [
        ("section", LinkScope::Section),
        ("page", LinkScope::Page),
        ("all", LinkScope::All),
        ("none", LinkScope::None),
    ];
    config.terms.link = terms.one_of("link", &scopes).unwrap_or_default();
    config.terms.prefer = prefer(&mut terms);
    terms.unknown_keys("terms.", &["heading_level", "vendor", "link", "prefer"]);
    report(terms.problems);

    let mut html = Reader::new(html.unwrap_or_default());
    config.html.trust = html.bool("trust").unwrap_or(false);
    config.html.remote_images = strings(html.texts("remote_images"));
    html.unknown_keys("html.", &["trust", "remote_images"]);
    report(html.problems);

    let mut deploy = Reader::new(deploy.unwrap_or_default());
    config.deploy = Deploy {
        target: deploy.text("target"),
        distribution: deploy.text("distribution"),
        max_delete: deploy.number("max_delete"),
        cache_pages: cache_control(&mut deploy),
    };
    deploy.unknown_keys("deploy.", &["target", "distribution", "max_delete", "cache_pages"]);
    report(deploy.problems);
    (config, diags)
}

/// The address of a site, ending in `/`, from what somebody typed; the error says what is wrong.
pub fn site_url(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let odd = |c: char| c.is_whitespace() || c.is_control() || r#""<>\^`{|}?#"#.contains(c);
    if host.is_empty() || text.contains(odd) {
        return Err(format!(
            "`{text}` is not the address of a site, such as https://example.org/notes/"
        ));
    }
    Ok(format!("{}/", text.trim_end_matches('/')))
}

/// The path of the address of a site, from `/` to `/`; that of none is `/`.
pub fn url_path(base_url: Option<&str>) -> &str {
    let Some(base) = base_url else { return "/" };
    let host = base.find("://").map_or(0, |at| at + 3);
    base[host..].find('/').map_or("/", |at| &base[host + at..])
}

fn base_url(top: &mut Reader) -> Option<String> {
    let field = top.take("base_url")?;
    let url = match &field.value {
        table::Value::Text(text) => site_url(text),
        other => Err(format!("`base_url`: expected a string, found {}", other.kind())),
    };
    match url {
        Ok(url) => Some(url),
        Err(message) => {
            top.problems.push(Problem { span: field.span, message });
            None
        }
    }
}

/// A folder in the project, or the project's own.
fn notes_folder(top: &mut Reader) -> String {
    let span = top.span("notes").unwrap_or_default();
    let Some(text) = top.text("notes") else { return NOTES.into() };
    let folder = text.trim_end_matches('/').trim_start_matches("./");
    match folder {
        "." | "" => return String::new(),
        "templates" | "static" => {}
        _ => {
            let inside = !folder.contains(['\\', ':', '\0']) && !folder.starts_with('/');
            let resolved = path::resolve("", folder).filter(|it| inside && it == folder);
            if let Some(folder) = resolved {
                return folder;
            }
        }
    }
    let message =
        format!("`notes`: expected a folder of the project, such as \"docs\", found `{text}`");
    top.problems.push(Problem { span, message });
    NOTES.into()
}

/// The address at which a note is edited: `{path}` stands for `notes/…/x.md`; without it the path
/// follows.
fn edit_url(top: &mut Reader) -> Option<String> {
    let span = top.span("edit_url")?;
    let text = top.text("edit_url")?;
    let text = match text.contains("{path}") {
        true => text,
        false => format!("{}/{{path}}", text.trim_end_matches('/')),
    };
    // What follows a `?` is the host's business.
    let address = text.replace("{path}", "x");
    match site_url(address.split(['?', '#']).next().unwrap_or_default()) {
        Ok(_) => Some(text),
        Err(message) => {
            top.problems.push(Problem { span, message });
            None
        }
    }
}

/// What may be the value of a header.
fn cache_control(deploy: &mut Reader) -> Option<String> {
    let is_header =
        |text: &String| !text.is_empty() && text.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    deploy.value("cache_pages", "a Cache-Control such as \"public, max-age=60\"", |value| {
        match value {
            table::Value::Text(text) => Some(text).filter(is_header),
            _ => None,
        }
    })
}

fn prefer(terms: &mut Reader) -> Vec<(String, String, Range<usize>)> {
    let mut prefer = vec![];
    for field in terms.table("prefer").unwrap_or_default().0 {
        match field.value {
            table::Value::Text(id) => prefer.push((crate::path::nfc(&field.key), id, field.span)),
            other => terms.problems.push(Problem {
                span: field.span,
                message: format!("`prefer`: expected the id of a service, found {}", other.kind()),
            }),
        }
    }
    prefer
}

fn globs(top: &mut Reader) -> Vec<String> {
    let mut globs = vec![];
    for (glob, span) in top.texts("ignore").unwrap_or_default() {
        match globset::Glob::new(&glob) {
            Ok(_) => globs.push(glob),
            Err(error) => top.problems.push(Problem { span, message: error.to_string() }),
        }
    }
    globs
}

fn strings(texts: Option<Vec<(String, Range<usize>)>>) -> Vec<String> {
    texts.unwrap_or_default().into_iter().map(|(text, _)| text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_wrong_is_told_at_once() {
        let text = "tilte = \"x\"\nlanguage = \"kr\"\n[terms]\nheading_level = 9\n[html]\ntrust = \"yes\"\n";
        let (config, diags) = parse(text.as_bytes());
        assert_eq!(config, Config::default());
        let said: Vec<&str> = diags.iter().map(|diag| diag.message.as_str()).collect();
        assert_eq!(said.len(), 4, "{said:?}");
        assert!(said.iter().any(|said| said.contains("did you mean `title`?")), "{said:?}");
    }

    #[test]
    fn a_base_url_ends_in_a_slash() {
        assert_eq!(site_url("https://a.b/c").as_deref(), Ok("https://a.b/c/"));
        assert_eq!(url_path(Some("https://a.b/c/d/")), "/c/d/");
        assert_eq!((url_path(Some("https://a.b/")), url_path(None)), ("/", "/"));
        assert!(site_url("a.b/c").is_err());
        assert!(site_url("https://a.b/\"x").is_err());
    }
}
