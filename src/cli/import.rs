//! `gongbu import`: one long Markdown file becomes the notes of a project.

#![expect(clippy::disallowed_methods, reason = "these are the hands, which read and write files")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use toml_edit::{DocumentMut, Item, Value};

use super::fresh::{self, Content};
use super::split::{self, NAME_LEVEL, Split};
use crate::config;
use crate::diag::{self, Diagnostic};
use crate::note::{self, Dialect};
use crate::path::SrcPath;
use crate::snapshot::Text;

/// How many problems are shown; the rest is counted.
const SHOWN: usize = 100;

/// Split one long Markdown file into sections and lessons
///
/// Each `#` heading becomes a section (notes/03-technology/index.md) and each `##` heading under
/// it a lesson (notes/03-technology/02-compute.md). The heading becomes the title, numbers in it
/// become the numbers of the files, and the text is kept line by line. What stands before the
/// first section goes to notes/index.md. Pictures that the text uses are copied beside the notes.
///
/// Nothing is overwritten: if a file is in the way, nothing at all is written.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: gongbu import course.md --into my-notes")]
pub struct Args {
    /// The Markdown file to split; it stays as it is.
    #[arg(value_name = "FILE.md")]
    pub file: PathBuf,

    /// The project whose notes/ receives the files; made if it is not there.
    ///
    /// Without this, it is the nearest folder upwards that has a gongbu.toml, else this folder.
    #[arg(long, value_name = "DIR")]
    pub into: Option<PathBuf>,
}

/// Does it. Exit code 1: the file or gongbu.toml has errors; 2: it could not be read, or files
/// are in the way.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let name = args.file.display().to_string();
    // A pipe may never end.
    if fs::metadata(&args.file).is_ok_and(|it| !it.is_file()) {
        bail!("{name} is not a regular file");
    }
    let bytes: Text = fs::read(&args.file).with_context(|| format!("cannot read {name}"))?.into();
    let Ok(text) = bytes.utf8() else {
        let parsed = note::parse(&SrcPath::from(name.as_str()), &bytes, Dialect::Notes);
        tell(&parsed.1, &bytes);
        return Ok(ExitCode::from(1));
    };
    let root = match &args.into {
        Some(root) => root.clone(),
        None => project(&std::env::current_dir().context("this folder cannot be read")?),
    };
    let mut split = split::split(&name, text);
    if split.problems.iter().any(Diagnostic::is_error) {
        tell(&split.problems, &bytes);
        return Ok(ExitCode::from(1));
    }
    let Some(settings) = settings(&root, &split)? else { return Ok(ExitCode::from(1)) };

    let copies = find_assets(&args.file, &mut split);
    split.problems.sort();
    tell(&split.problems, &bytes);

    let mut files: Vec<(String, Content)> = vec![];
    files.extend(
        split.files.iter().map(|it| (it.path.clone(), Content::Bytes(it.text.clone().into()))),
    );
    let pictures = copies.len();
    files.extend(copies.into_iter().map(|(target, source)| (target, Content::Copy(source))));
    let mut blocked: Vec<String> =
        files.iter().filter_map(|(path, _)| fresh::in_the_way(&root, path)).collect();
    blocked.dedup();
    if !blocked.is_empty() {
        let list = blocked.iter().map(|path| format!("  {}\n", root.join(path).display()));
        eprintln!(
            "error: nothing was written, because these are in the way:\n{}  = help: move them away, \
             or import into another folder with --into DIR",
            list.collect::<String>()
        );
        return Ok(ExitCode::from(2));
    }
    let changed = settings.text.as_deref().map(|text| (config::FILE, text));
    fresh::write(&root, &files, changed).context("nothing was written")?;
    report(args, &root, &split, pictures, &settings);
    Ok(ExitCode::SUCCESS)
}

/// The nearest folder upwards that is a project, or `folder` itself.
fn project(folder: &Path) -> PathBuf {
    let found = folder.ancestors().find(|folder| folder.join(config::FILE).is_file());
    found.unwrap_or(folder).to_owned()
}

/// Says what is wrong, each with its place in the file.
fn tell(problems: &[Diagnostic], bytes: &[u8]) {
    for problem in problems.iter().take(SHOWN) {
        let at = diag::position(bytes, problem.span.range().start);
        let severity = if problem.is_error() { "error" } else { "warning" };
        eprintln!("{}:{}:{}: {severity}: {}", problem.file, at.line, at.column, problem.message);
        for hint in &problem.hints {
            eprintln!("  = help: {hint}");
        }
    }
    if problems.len() > SHOWN {
        eprintln!("… and {} more", problems.len() - SHOWN);
    }
}

/// Where each file that must come along is, by where it goes. What is not there is a problem.
fn find_assets(source: &Path, split: &mut Split) -> BTreeMap<String, PathBuf> {
    let folder = source.parent().unwrap_or(Path::new(""));
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let file = SrcPath::from(source.display().to_string());
    let mut found = BTreeMap::new();
    for asset in &split.assets {
        let path = folder.join(&asset.source);
        // A link on the way may lead anywhere; what is copied must be in this folder.
        let inside = match (path.canonicalize(), folder.canonicalize()) {
            (Ok(path), Ok(folder)) => path.starts_with(folder),
            _ => true,
        };
        let problem = if !inside {
            "is a link that leads out of the folder, so it was not copied"
        } else if !path.exists() {
            "was not found beside this file"
        } else if !path.is_file() {
            "is not a file that could be copied"
        } else {
            found.insert(asset.target.clone(), path);
            continue;
        };
        let message = format!("`{}` {problem}", asset.source);
        let problem = Diagnostic::warning("not-placed", &file, asset.span, message);
        split.problems.push(problem.hint(format!("put it at {}", asset.target)));
    }
    found
}

/// What becomes of `gongbu.toml`.
struct Settings {
    /// All of it, if it changes.
    text: Option<String>,
    /// What is new in it, as sentences.
    said: Vec<String>,
}

/// Makes `gongbu.toml` or adds to it. None if it has errors, which are told.
fn settings(root: &Path, split: &Split) -> anyhow::Result<Option<Settings>> {
    let path = root.join(config::FILE);
    if !path.exists() {
        return Ok(Some(new_settings(split)));
    }
    let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let (old, problems) = config::parse(&bytes);
    if !problems.is_empty() {
        tell(&problems, &bytes);
        return Ok(None);
    }
    let text = String::from_utf8(bytes).with_context(|| format!("cannot read {}", config::FILE))?;
    Ok(Some(if old.terms.heading_level.is_some() {
        let said =
            vec![format!("{}: `heading_level` is set there and stays as it is", config::FILE)];
        Settings { text: None, said }
    } else {
        add_terms(&text, split)?
    }))
}

fn new_settings(split: &Split) -> Settings {
    let mut text = format!(
        "# The settings of this project.\ntitle = {}\nlanguage = {}\n",
        Value::from(split.title.as_str()),
        Value::from(split.language)
    );
    let mut said = vec![format!("{}: new, with the title “{}”", config::FILE, split.title)];
    if split.names.are_services() {
        text.push_str(&format!(
            "\n[terms]\n# Each `{}` heading names a service, and the notes link to it.\nheading_level = {NAME_LEVEL}\n",
            marks()
        ));
        if !split.names.vendors.is_empty() {
            let vendors = vendors(split);
            text.push_str(&format!("# Words that may stand before any name.\nvendor ={vendors}\n"));
        }
    }
    said.push(about_names(split));
    Settings { text: Some(text), said }
}

/// Adds what the headings say to settings that say nothing of it; all else stays as it is.
fn add_terms(text: &str, split: &Split) -> anyhow::Result<Settings> {
    let said = vec![about_names(split)];
    if !split.names.are_services() {
        return Ok(Settings { text: None, said });
    }
    let (mark, body) = match text.strip_prefix('\u{FEFF}') {
        Some(body) => ("\u{FEFF}", body),
        None => ("", text),
    };
    let mut document: DocumentMut = body.parse().context("cannot edit gongbu.toml")?;
    let terms = document.entry("terms").or_insert_with(toml_edit::table);
    let terms = terms.as_table_like_mut().context("`terms` in gongbu.toml is not a table")?;
    terms.insert("heading_level", Item::Value(Value::from(i64::from(NAME_LEVEL))));
    if !split.names.vendors.is_empty() && !terms.contains_key("vendor") {
        terms.insert("vendor", Item::Value(vendors(split)));
    }
    let mut text = document.to_string();
    if body.contains("\r\n") {
        text = text.replace("\r\n", "\n").replace('\n', "\r\n");
    }
    Ok(Settings { text: Some(mark.to_owned() + &text), said })
}

fn vendors(split: &Split) -> Value {
    let vendors = split.names.vendors.iter().map(String::as_str);
    let mut value = Value::Array(vendors.collect());
    value.decor_mut().set_prefix(" ");
    value
}

fn marks() -> String {
    "#".repeat(usize::from(NAME_LEVEL))
}

/// Why `heading_level` was written, or why not.
fn about_names(split: &Split) -> String {
    let (marks, names, file) = (marks(), &split.names, config::FILE);
    let count = format!("{} of {}", names.names.len(), names.headings);
    if !names.are_services() {
        return format!(
            "{file}: `{marks}` headings are not read as names ({count} look like names); if yours \
             name services, write `heading_level = {NAME_LEVEL}` under `[terms]`"
        );
    }
    let examples: Vec<&str> = names.names.iter().take(3).map(String::as_str).collect();
    let vendors = match names.vendors.join("”, “") {
        vendors if vendors.is_empty() => vendors,
        vendors => format!("; “{vendors}” may stand before any of them"),
    };
    format!(
        "{file}: wrote `[terms] heading_level = {NAME_LEVEL}`, because {count} `{marks}` headings \
         look like names ({}, …){vendors}",
        examples.join(", ")
    )
}

/// Says what was done, and what comes next.
fn report(args: &Args, root: &Path, split: &Split, pictures: usize, settings: &Settings) {
    let many =
        |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    println!(
        "{} became {} in {}: {} and {}; {} copied",
        args.file.display(),
        many(split.files.len(), "note"),
        root.join("notes").display(),
        many(split.sections, "section"),
        many(split.lessons, "lesson"),
        many(pictures, "linked file"),
    );
    for sentence in split.remarks.iter().chain(&settings.said) {
        println!("{sentence}");
    }
    let inside = |path: &Path| {
        let notes = root.join("notes").canonicalize();
        path.canonicalize().is_ok_and(|path| notes.is_ok_and(|notes| path.starts_with(notes)))
    };
    if inside(&args.file) {
        println!("{0} itself is in notes/ and is still a note; move it away", args.file.display());
    }
    match split.problems.len() {
        0 => println!("everything found its place"),
        n => println!("{} not placed: see above", many(n, "thing")),
    }
    match &args.into {
        Some(root) => println!("next: gongbu serve --root {}", root.display()),
        None => println!("next: gongbu serve"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named() -> Split {
        split::split(
            "x.md",
            "# 가\n## 나\n### S3\n### EC2 (Elastic)\n### Acme A\n### Acme B\n### Acme C\n",
        )
    }

    #[test]
    fn new_settings_are_valid() {
        let settings = new_settings(&named());
        let (config, problems) = config::parse(settings.text.unwrap_or_default().as_bytes());
        assert_eq!(problems, []);
        assert_eq!((config.title.as_str(), config.language.as_str()), ("가", "ko"));
        assert_eq!(config.terms.heading_level, Some(3));
        assert_eq!(config.terms.vendor, ["Acme"]);
    }

    #[test]
    fn comments_and_line_ends_of_settings_stay() {
        for old in [
            "# 나의\ntitle = 'x' # 제목\n",
            "\u{FEFF}title = 'x'\r\n# a\r\n[terms]\r\nlink = \"page\" # b\r\n",
        ] {
            let new = add_terms(old, &named()).ok().and_then(|it| it.text).unwrap_or_default();
            for line in old.lines() {
                assert!(new.lines().any(|it| it == line), "{line:?} is not in {new:?}");
            }
            assert_eq!(
                new.matches('\n').count() == new.matches("\r\n").count(),
                old.contains('\r')
            );
            let (config, problems) = config::parse(new.as_bytes());
            assert_eq!((problems, config.terms.heading_level), (vec![], Some(3)), "{new}");
            assert_eq!(config.terms.vendor, ["Acme"]);
        }
    }
}
