//! The look: our templates and static files, with the project's laid over them. The only door to
//! the template engine.
//!
//! One rule: a file of the project replaces the built-in file of the same path. Built-ins are also
//! known as `builtin/…`, so that an override can extend the one it replaces and change one block.

mod fields;
mod mistakes;
mod range;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::io::{self, Write};
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use serde::Serialize;
use tera::{Context, Tera};

use crate::config::Config;
use crate::diag::Diagnostic;
use crate::html;
use crate::key::{Key, Sum};
use crate::near::nearest;
use crate::path::OutPath;
use crate::plan::File;
use crate::site::hashed_name;
use crate::snapshot::{Entry, Snapshot};
use crate::table::{self, Value};
use mistakes::{
    diagnose, near_overrides, unknown_words, unsafe_filters, unused_templates, with_all_blocks,
};

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");
static STATIC: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/static");

/// The words of the theme in each language.
const STRINGS: &str = "strings.toml";

/// A page larger than this is a template that does not end, in bytes.
const MAX_PAGE: usize = 64 * 1024 * 1024;

/// The look in force.
pub struct Theme {
    tera: Tera,
    /// The project has templates of its own.
    pub is_own: bool,
    /// The words of the theme in the language of the site.
    pub words: BTreeMap<String, String>,
    /// The files that pages load or that the project adds, by their path in `static/`.
    pub files: BTreeMap<String, (OutPath, File)>,
    hash: Sum,
}

impl Hash for Theme {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash.hash(state);
    }
}

/// The files of the built-in theme, by the path at which a project overrides them, in order.
pub fn builtin() -> Vec<(String, &'static [u8])> {
    let files = |folder: &str, dir: &'static Dir<'static>| {
        let path = |file: &include_dir::File<'_>| format!("{folder}/{}", file.path().display());
        dir.files().map(|file| (path(file), file.contents())).collect::<Vec<_>>()
    };
    let mut all = files("templates", &TEMPLATES);
    all.extend(files("static", &STATIC));
    all.sort();
    all
}

/// What a look is made of, known by its key.
struct Sources<'a> {
    snapshot: &'a Snapshot,
    language: &'a str,
    /// The templates that notes choose for themselves.
    layouts: &'a BTreeSet<&'a str>,
    /// What every template sees, as JSON.
    globals: serde_json::Value,
    key: Sum,
}

impl Hash for Sources<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

/// The look of the last build, if nothing that it is made of has changed: to read all templates costs
/// as much as to build a small course.
#[comemo::memoize]
fn remembered(sources: &Sources<'_>) -> (Arc<Theme>, Vec<Diagnostic>) {
    let (theme, diags) = Theme::of(sources);
    (Arc::new(theme), diags)
}

impl Theme {
    /// The built-in theme with the project's files over it. `globals` are seen by every template;
    /// `layouts` are the templates that notes choose for themselves.
    pub fn over(
        snapshot: &Snapshot,
        config: &Config,
        layouts: &BTreeSet<&str>,
        globals: &impl Serialize,
    ) -> (Arc<Self>, Vec<Diagnostic>) {
        let language = config.language.as_str();
        // What every template sees are words: they can be written as JSON.
        let globals = serde_json::to_value(globals).unwrap_or_default();
        let mut key = Key::default().with(language).with(layouts).with(globals.to_string());
        for (path, entry) in snapshot.under("templates/").chain(snapshot.under("static/")) {
            key = key.with(path).with(entry);
        }
        remembered(&Sources { snapshot, language, layouts, globals, key: key.end() })
    }

    fn of(sources: &Sources<'_>) -> (Self, Vec<Diagnostic>) {
        let Sources { snapshot, language, layouts, globals, key } = sources;
        let mut diags = vec![];
        let mut templates: Vec<(String, &str)> = vec![];
        let mut words = BTreeMap::new();
        for file in TEMPLATES.files() {
            let name = file.path().to_string_lossy().into_owned();
            let text = file.contents_utf8().unwrap_or_default();
            if name == STRINGS {
                words.extend(strings(text, language).0);
            } else {
                templates.push((format!("builtin/{name}"), text));
            }
        }
        for (path, entry) in snapshot.under("templates/") {
            let name = path.as_str().trim_start_matches("templates/");
            // Where notes share the project's folder, these are an editor's templates for notes.
            if name.ends_with(".md") {
                continue;
            }
            let text = match entry {
                Entry::Text(text) => text.utf8().map(|text| &**text),
                Entry::Asset { .. } | Entry::Refused(_) => continue,
            };
            let text = text.unwrap_or_else(|at| {
                let message = format!("byte {at} of this template is not UTF-8");
                let diag = Diagnostic::error("not-utf8", path, at..at + 1, message);
                diags.push(diag.hint("save the file as UTF-8"));
                ""
            });
            if name == STRINGS {
                let (own, problems) = strings(text, language);
                diags.extend(unknown_words(path, text, &words));
                words.extend(own);
                diags.extend(
                    problems
                        .into_iter()
                        .map(|it| Diagnostic::error("template", path, it.span, it.message)),
                );
            } else {
                templates.push((name.to_owned(), text));
            }
        }
        // A copy of ours that nobody has changed is ours.
        let is_ours = |name: &str, text: &str| {
            TEMPLATES.get_file(name).is_some_and(|file| file.contents() == text.as_bytes())
        };
        let is_own =
            |(name, text): &(String, &str)| !name.starts_with("builtin/") && !is_ours(name, text);
        let is_own = templates.iter().any(is_own);
        diags.extend(unused_templates(snapshot, &templates, layouts));
        let own = templates.iter().filter(|(name, _)| !name.starts_with("builtin/"));
        diags.extend(own.flat_map(|(name, text)| unsafe_filters(name, text)));
        diags.extend(near_overrides(snapshot));
        let files = static_files(snapshot);
        let (templates, missing) = with_all_blocks(&templates);
        diags.extend(missing);
        let mut tera = Tera::new();
        tera.set_escape_fn(html::write_escaped);
        tera.register_function("range", range::range);
        // A template that the project does not have is the built-in one.
        let ready = tera.set_fallback_prefixes(["builtin/"]);
        let ready = ready.and_then(|()| tera.add_raw_templates(templates.iter().cloned()));
        diags.extend(ready.err().map(|error| diagnose(&error, "", &templates)));
        if let Ok(globals) = Context::from_serialize(globals) {
            tera.global_context().extend(globals);
        }
        tera.global_context().insert("t", &words);
        (Self { tera, is_own, words, files, hash: *key }, diags)
    }

    /// A word of the theme.
    pub fn word(&self, name: &str) -> String {
        self.words.get(name).cloned().unwrap_or_default()
    }

    /// The page that a static file of the theme becomes; empty if there is none.
    pub fn file(&self, name: &str) -> OutPath {
        self.files.get(name).map_or_else(|| OutPath::from(""), |(path, _)| path.clone())
    }

    /// The template of this name, if there is one; else the error that says so.
    pub fn check_template(&self, name: &str) -> Result<(), Option<String>> {
        if self.tera.contains_template(name) {
            return Ok(());
        }
        let names = self.tera.get_template_names().map(|it| it.trim_start_matches("builtin/"));
        Err(nearest(name, names).map(str::to_owned))
    }

    /// Fills a template. The model is all that it can see, besides the globals.
    ///
    /// # Errors
    /// If the template does not fit.
    pub fn fill(&self, template: &str, model: &impl Serialize) -> Result<Vec<u8>, Diagnostic> {
        self.fill_and(template, &Shared::default(), &(), model, <[u8]>::to_vec)
    }

    /// Fills a template with what it shares with others, what every page has and what this one has, and
    /// tells `then` the bytes, of which nothing is kept.
    ///
    /// # Errors
    /// If the template does not fit.
    pub fn fill_and<T>(
        &self,
        template: &str,
        shared: &Shared,
        frame: &impl Serialize,
        model: &impl Serialize,
        then: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, Diagnostic> {
        let mut context = shared.0.clone();
        let added = fields::add(frame, &mut context);
        let added = added.and_then(|()| fields::add(model, &mut context));
        let mut page = Limited(BUFFER.take());
        page.0.clear();
        range::begin();
        let filled = added.and_then(|()| self.tera.render_to(template, &context, &mut page));
        let result = match filled {
            Ok(()) => Ok(then(&page.0)),
            Err(error) if page.0.len() >= MAX_PAGE => {
                let message = "this template makes a page of more than 64 MB, so it was stopped";
                let diag = diagnose(&error, template, &[]);
                Err(Diagnostic { message: message.into(), ..diag }
                    .hint("look for a loop that grows"))
            }
            Err(error) => Err(diagnose(&error, template, &[])),
        };
        if page.0.capacity() <= MAX_BUFFER {
            BUFFER.set(page.0);
        }
        result
    }
}

/// What many pages show alike, made ready once for all of them.
#[derive(Debug, Default)]
pub struct Shared(Context);

impl Shared {
    /// From the fields of a struct; of what cannot be shown there is none.
    pub fn of(model: &impl Serialize) -> Self {
        let mut context = Context::new();
        // What is missing the template tells.
        let _ = fields::add(model, &mut context);
        Self(context)
    }
}

thread_local! {
    /// Where pages are filled, one after another: a buffer for each would leave holes in memory
    /// between what is kept of them.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(vec![]) };
}

/// A larger buffer is not kept, in bytes.
const MAX_BUFFER: usize = 1024 * 1024;

/// A buffer that takes no more than a page.
struct Limited(Vec<u8>);

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_PAGE {
            self.0.resize(MAX_PAGE, b' ');
            return Err(io::Error::other("the page is too large"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn strings(text: &str, language: &str) -> (BTreeMap<String, String>, Vec<table::Problem>) {
    let (table, problems) = table::from_toml(text, 0);
    let own = table.0.into_iter().find(|field| field.key == language);
    let Some(Value::Table(table)) = own.map(|field| field.value) else {
        return (BTreeMap::new(), problems);
    };
    let word = |field: table::Field| match field.value {
        Value::Text(text) => Some((field.key, text)),
        _ => None,
    };
    (table.0.into_iter().filter_map(word).collect(), problems)
}

fn is_ours(name: &str, hash: blake3::Hash) -> bool {
    STATIC.get_file(name).is_some_and(|file| blake3::hash(file.contents()) == hash)
}

/// A script of ours without the lines that are comments: they are for who reads the source, and every
/// reader of the site would load them.
fn without_comments(script: &str) -> String {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    script.split_inclusive('\n').filter(is_code).collect()
}

/// Ours are published under a name with their hash; what the project adds keeps its name, at the
/// root of the site.
fn static_files(snapshot: &Snapshot) -> BTreeMap<String, (OutPath, File)> {
    let mut files = BTreeMap::new();
    for file in STATIC.files() {
        let name = file.path().to_string_lossy().into_owned();
        let file = match file.contents_utf8() {
            Some(text) if name.ends_with(".js") => File::bytes(without_comments(text).as_bytes()),
            _ => File::bytes(file.contents()),
        };
        files.insert(name.clone(), (hashed_name(&name, file.hash), file));
    }
    for (path, entry) in snapshot.under("static/") {
        let name = path.as_str().trim_start_matches("static/");
        let file = match entry {
            Entry::Text(bytes) => File::bytes(bytes),
            // A copy of ours that nobody has changed is ours.
            Entry::Asset { hash, .. } if is_ours(name, *hash) => continue,
            Entry::Asset { len, hash, .. } => File::copy(path, *hash, *len),
            Entry::Refused(_) => continue,
        };
        let out = if files.contains_key(name) { hashed_name(name, file.hash) } else { name.into() };
        files.insert(name.to_owned(), (out, file));
    }
    files
}
