//! `gongbu init`: a new project that builds at once.
#![allow(clippy::disallowed_methods, reason = "it looks at the notes that are there already")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use toml_edit::Value;

use super::elsewhere::{self, Elsewhere};
use super::fresh::{self, Content};
use super::split::find_names;
use crate::{config, disk, hangul, note, path};

/// The files of a new project. What stands in `{{…}}` is filled in.
const FILES: [(&str, &str); 7] = [
    (config::FILE, include_str!("init/gongbu.toml")),
    ("notes/index.md", include_str!("init/index.md")),
    ("notes/01-getting-started/index.md", include_str!("init/section.md")),
    ("notes/01-getting-started/01-how-the-web-works.md", include_str!("init/first.md")),
    ("notes/01-getting-started/02-a-faster-web.md", include_str!("init/second.md")),
    (".gitignore", include_str!("init/gitignore")),
    (".github/workflows/pages.yml", include_str!("init/pages.yml")),
];

/// The settings for notes without a word of Korean.
const ENGLISH: &str = include_str!("init/gongbu.en.toml");

/// Make a new project that builds at once
///
/// It holds settings (gongbu.toml), a sample section with two lessons that show what notes can do
/// (notes/), and a workflow that publishes the site on GitHub Pages with every push
/// (.github/workflows/pages.yml). Files that are there already are kept.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: gongbu init my-notes")]
pub struct Args {
    /// The folder of the project; made if it is not there. Without it, this folder.
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Add the workflow for GitHub Pages to a project that is there already, and nothing else
    #[arg(long)]
    pub pages: bool,
}

/// Does it. Exit code 2: the folder is a project already.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let root = args.dir.as_deref().unwrap_or(Path::new("."));
    let config = root.join(config::FILE);
    if args.pages && config.is_file() {
        return add_workflow(args, root);
    }
    if config.symlink_metadata().is_ok() {
        eprintln!(
            "error: {} is there already, so this folder is a gongbu project; nothing was written\n  \
             = help: look at it with `gongbu serve`, or name another folder: `gongbu init DIR`",
            config.display()
        );
        return Ok(ExitCode::from(2));
    }
    if root.exists() && !root.is_dir() {
        anyhow::bail!("`{}` is a file; name a folder: `gongbu init DIR`", root.display());
    }
    let known = elsewhere::of(root);
    let notes = adopted(root, &known);
    let own = !notes.is_empty();
    let title = match &known.title {
        Some(title) if own => title.clone(),
        _ => title(root)?,
    };
    let foreign = has_templates(root);
    let (mut made, mut kept) = (vec![], vec![]);
    for (path, template) in FILES {
        if own && path.starts_with("notes/") {
            continue;
        }
        match fresh::in_the_way(root, path) {
            Some(path) => kept.push(path),
            None => {
                let mut text = match own && path == config::FILE {
                    true => for_notes(template, &title, root, &notes, &known),
                    false => fill(template, &title),
                };
                if path == config::FILE && foreign {
                    text = without_templates(&text);
                }
                made.push((path.to_owned(), Content::Bytes(text.into())));
            }
        }
    }
    kept.dedup();
    fresh::write(root, &made, None).context("nothing was written")?;
    report(args, &made, &kept, &notes, foreign);
    let left = if own && notes != "." { outside(root, &notes) } else { 0 };
    if left > 0 && !is_foreign(root) {
        let files = if left == 1 { "file is" } else { "files are" };
        println!(
            "{left} Markdown {files} outside of {notes}/, and no part of the site; \
             `notes = \".\"` in gongbu.toml takes all"
        );
    }
    // A project in another is seldom meant: what is here is the inner one's, or a note of the outer's.
    let whole = std::path::absolute(root).ok();
    if let Some(outer) = whole.and_then(|whole| disk::find_root(whole.parent()?)) {
        eprintln!("note: this project lies inside another, {}", outer.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Adds the workflow to a project. Exit code 2: there is one already.
fn add_workflow(args: &Args, root: &Path) -> anyhow::Result<ExitCode> {
    let Some((path, template)) = FILES.iter().find(|(path, _)| path.ends_with("pages.yml")) else {
        return Ok(ExitCode::SUCCESS);
    };
    if let Some(taken) = fresh::in_the_way(root, path) {
        eprintln!(
            "error: {taken} is there already; nothing was written\n  = help: compare it with the one \
             that `gongbu init` writes into a new folder"
        );
        return Ok(ExitCode::from(2));
    }
    let made = vec![((*path).to_owned(), Content::Bytes(fill(template, "").into()))];
    fresh::write(root, &made, None).context("nothing was written")?;
    let place = args.dir.as_deref().map(|dir| format!(" in {}", dir.display())).unwrap_or_default();
    println!("made  {path}{place}");
    println!("next: Settings → Pages → Source: \"GitHub Actions\", and push");
    Ok(ExitCode::SUCCESS)
}

/// The folder that has somebody's notes already: `notes`, else what another tool's settings name, else
/// where other tools keep them if most are there, else the project's own (`.`). Empty if there are none. Nothing
/// is moved.
fn adopted(root: &Path, known: &Elsewhere) -> String {
    let has_some = |folder: &&str| own_notes(&root.join(folder)) > 0;
    // A vault is its whole folder.
    let is_vault = known.notes.is_none() && root.join(".obsidian").is_dir();
    let sure = [Some(config::NOTES), known.notes.as_deref()].into_iter().flatten();
    let mut sure = sure.filter(|_| !is_vault).filter(has_some);
    let has_most = |folder: &&str| {
        let inside = own_notes(&root.join(folder));
        inside > 0 && (is_foreign(root) || inside > outside(root, folder))
    };
    let guess = || ["src", "content", "docs"].into_iter().filter(|_| !is_vault).find(has_most);
    let own = || (outside(root, "") > 0).then_some(".");
    sure.next().or_else(guess).or_else(own).unwrap_or_default().to_owned()
}

/// True if another tool's settings are here, which keeps its notes in one folder.
fn is_foreign(root: &Path) -> bool {
    let names = ["book.toml", "mkdocs.yml", "mkdocs.yaml"];
    names.iter().chain(&elsewhere::HUGO).any(|name| root.join(name).is_file())
}

/// How many notes a project has outside of one of its folders. What every repository has says nothing of
/// notes.
fn outside(root: &Path, folder: &str) -> usize {
    let plain = ["readme.md", "changelog.md", "contributing.md", "license.md", "security.md"];
    let count = |path: PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        match path.is_dir() {
            true => own_notes(&path),
            false => usize::from(is_markdown(&path) && !plain.contains(&name.as_str())),
        }
    };
    entries(root).into_iter().filter(|path| *path != root.join(folder)).map(count).sum()
}

/// The settings for notes that are there already: with their folder and language, and headings name services only
/// where most look like it.
fn for_notes(korean: &str, title: &str, root: &Path, notes: &str, known: &Elsewhere) -> String {
    let (mut headings, mut hangul) = (vec![], false);
    look_into(&root.join(notes), &mut headings, &mut hangul);
    let names = find_names(headings.iter().map(String::as_str));
    // As `import` has it.
    let language = known.language.unwrap_or(if hangul { "ko" } else { "en" });
    let template = if language == "ko" { korean } else { ENGLISH };
    let mut lines: Vec<String> = fill(template, title).lines().map(str::to_owned).collect();
    for line in &mut lines {
        if line.starts_with("heading_level") && !names.are_services() {
            line.insert_str(0, "# ");
        }
        if line.starts_with("# notes") && notes != config::NOTES {
            *line = format!("notes = {}", Value::from(notes));
        }
    }
    lines.join("\n") + "\n"
}

/// True if there are templates already, which cannot be for us. What is Markdown there is for new notes, and
/// the build leaves it out.
fn has_templates(root: &Path) -> bool {
    fn has(folder: &Path) -> bool {
        let is_one = |path: PathBuf| if path.is_dir() { has(&path) } else { !is_markdown(&path) };
        entries(folder).into_iter().any(is_one)
    }
    has(&root.join("templates"))
}

/// The settings of a project whose `templates/` are not for us.
fn without_templates(settings: &str) -> String {
    let line = |line: &str| match line.starts_with("# ignore") {
        true => "ignore = [\"/templates\"]\n".to_owned(),
        false => format!("{line}\n"),
    };
    settings.lines().map(line).collect()
}

/// Finds the headings of level 3 of all notes in a folder, as they are written, and whether there is
/// Hangul in them.
fn look_into(folder: &Path, headings: &mut Vec<String>, hangul: &mut bool) {
    for path in entries(folder) {
        if path.is_dir() {
            look_into(&path, headings, hangul);
        } else if is_markdown(&path) {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            *hangul |= text.contains(hangul::is_hangul);
            headings.extend(
                text.lines().filter_map(|line| line.strip_prefix("### ")).map(str::to_owned),
            );
        }
    }
}

/// What is in a folder, in order; what is hidden, a link or another tool's is left out.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut paths: Vec<PathBuf> = entries
        .filter(|entry| entry.file_type().is_ok_and(|it| !it.is_symlink()))
        .filter(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            !name.starts_with('.') && name != "node_modules" && name != "target"
        })
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    paths
}

fn is_markdown(path: &Path) -> bool {
    // What ends in something else than `.md` the build tells of.
    path.file_name().is_some_and(|name| path::is_markdown(&name.to_string_lossy()))
}

/// How much Markdown there is that is not ours: somebody's notes need no sample among them.
fn own_notes(folder: &Path) -> usize {
    let count = |path: PathBuf| {
        let ours = || FILES.iter().any(|(ours, _)| path.ends_with(ours));
        match path.is_dir() {
            true => own_notes(&path),
            false => usize::from(is_markdown(&path) && !ours()),
        }
    };
    entries(folder).into_iter().map(count).sum()
}

/// The name of the folder, as people write it.
fn title(root: &Path) -> anyhow::Result<String> {
    let whole = std::path::absolute(root).context("this folder has no name")?;
    // `.` and `..` have a name only after they are followed.
    let whole = whole.canonicalize().unwrap_or(whole);
    let name = whole.file_name().map(|name| name.to_string_lossy().into_owned());
    Ok(name.map_or_else(|| "Notes".to_owned(), |name| note::pretty_name(&name)))
}

fn fill(template: &str, title: &str) -> String {
    let title = Value::from(title).to_string();
    template.replace("{{title}}", &title).replace("{{version}}", env!("CARGO_PKG_VERSION"))
}

fn report(args: &Args, made: &[(String, Content)], kept: &[String], notes: &str, foreign: bool) {
    for path in kept {
        println!("kept  {path}");
    }
    for (path, _) in made {
        println!("made  {path}");
    }
    match notes {
        "" => {}
        config::NOTES => println!("notes/ has notes of yours, so no sample was put among them"),
        "." => {
            println!("the notes that are here stay where they are (`notes = \".\"` in gongbu.toml)")
        }
        folder => println!(
            "the notes in {folder}/ stay where they are (`notes = \"{folder}\"` in gongbu.toml)"
        ),
    }
    if foreign {
        println!("templates/ is another tool's, and left alone (`ignore` in gongbu.toml)");
    }
    let ignored = |line: &str| line.trim().trim_matches('/') == "public";
    let root = args.dir.as_deref().unwrap_or(Path::new("."));
    let there = || std::fs::read_to_string(root.join(".gitignore")).unwrap_or_default();
    if kept.iter().any(|path| path == ".gitignore") && !there().lines().any(ignored) {
        println!("add a line `public/` to .gitignore: the site is made anew by every build");
    }
    match &args.dir {
        Some(dir) if dir != "." => println!("next: cd {} && gongbu serve", dir.display()),
        _ => println!("next: gongbu serve"),
    }
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::note::{Dialect, Kind, LinkKind, Tag, parse};
    use crate::path::SrcPath;

    #[test]
    fn the_settings_are_valid_whatever_the_folder_is_called() {
        for title in ["공부", "a \"b\" 'c' \\", "=\n="] {
            for (template, language) in [(FILES[0].1, "ko"), (ENGLISH, "en")] {
                let (config, problems) = config::parse(fill(template, title).as_bytes());
                assert_eq!(problems, [], "{title}");
                assert_eq!((&*config.title, &*config.language), (title, language));
                assert_eq!(config.terms.heading_level, Some(3));
            }
        }
    }

    #[test]
    fn the_sample_shows_what_notes_can_do_and_nothing_is_wrong_with_it() {
        let mut shown = vec![];
        for (path, template) in FILES.iter().filter(|(path, _)| path.ends_with(".md")) {
            let text = fill(template, "공부");
            let parsed = parse(&SrcPath::from(*path), &text.as_bytes().into(), Dialect::Notes);
            let (note, problems) = &*parsed;
            assert_eq!(problems, &[], "{path}");
            shown.extend(note.body.events.iter().map(|event| event.kind));
            assert!(!text.contains("{{"), "{path}");
            let wiki = note.body.links.iter().any(|link| link.kind == LinkKind::Wiki);
            assert!(wiki || note.is_index(), "{path} has no wiki-link");
        }
        for tag in [Tag::Table, Tag::Alert, Tag::CodeBlock, Tag::Strong] {
            assert!(shown.contains(&Kind::Open(tag)), "{tag:?}");
        }
    }

    fn init(root: &Path) -> Option<ExitCode> {
        run(&Args { dir: Some(root.to_owned()), pages: false }).ok()
    }

    #[test]
    fn a_second_time_writes_nothing() {
        let Ok(folder) = tempfile::tempdir() else { panic!("no folder") };
        let root = folder.path().join("공부-노트");
        assert_eq!(init(&root), Some(ExitCode::SUCCESS));
        for (path, _) in FILES {
            assert!(root.join(path).is_file(), "{path}");
        }
        assert_eq!(title(&root).ok().as_deref(), Some("공부 노트"));
        assert_eq!(init(&root), Some(ExitCode::from(2)));
    }

    /// Pinned by a commit, so that nobody can put another program behind a tag; with the two rights that
    /// Pages asks for, and no others to write.
    #[test]
    fn a_workflow_for_pages_can_be_added() {
        let Ok(folder) = tempfile::tempdir() else { panic!("no folder") };
        let root = folder.path();
        assert_eq!(init(root), Some(ExitCode::SUCCESS));
        let path = root.join(".github/workflows/pages.yml");
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(text.contains("pages: write") && text.contains("id-token: write"));
        assert_eq!(text.matches(": write").count(), 2);
        for line in text.lines().filter(|line| line.contains("uses:")) {
            let pin = line.split('@').nth(1).and_then(|it| it.split(" # v").next());
            let is_commit = |it: &str| it.len() == 40 && it.bytes().all(|b| b.is_ascii_hexdigit());
            assert!(pin.is_some_and(is_commit), "{line}");
        }
        assert!(std::fs::remove_file(&path).is_ok());
        let add = || run(&Args { dir: Some(root.to_owned()), pages: true }).ok();
        assert_eq!(add(), Some(ExitCode::SUCCESS));
        assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), text);
        assert_eq!(add(), Some(ExitCode::from(2)));
    }

    #[test]
    fn notes_are_found_where_most_of_them_are() {
        let all: [(&[&str], &str); 8] = [
            (&[], ""),
            (&["README.md"], ""),
            (&["notes/a.md", "b/c.md"], "notes"),
            (&["notes/a.md", "b/c.md", ".obsidian/app.json"], "."),
            (&["README.md", "Java/a.md", "Python/b.md", "docs/x.md"], "."),
            (&["docs/x.md", "docs/y.md", "README.md", "more.md"], "docs"),
            (&["docs/x.md", "a/y.md", "a/z.md", "mkdocs.yml"], "docs"),
            (&["content/x.md", "a/y.md", "a/z.md", "hugo.toml"], "content"),
        ];
        for (files, expected) in all {
            let Ok(folder) = tempfile::tempdir() else { panic!("no folder") };
            let bytes =
                |path: &&str| ((*path).to_owned(), Content::Bytes(b"title = \"x\"".to_vec()));
            let made: Vec<_> = files.iter().map(bytes).collect();
            assert!(fresh::write(folder.path(), &made, None).is_ok());
            assert_eq!(
                adopted(folder.path(), &elsewhere::of(folder.path())),
                expected,
                "{files:?}"
            );
        }
    }

    #[test]
    fn what_is_there_stays() {
        let Ok(folder) = tempfile::tempdir() else { panic!("no folder") };
        let own = [("notes/mine.md", 0), ("notes/index.md", 4)];
        for (path, samples) in own {
            let root = folder.path().join(samples.to_string());
            let mine = vec![(path.to_owned(), Content::Bytes(b"mine".to_vec()))];
            assert!(fresh::write(&root, &mine, None).is_ok());
            assert_eq!(init(&root), Some(ExitCode::SUCCESS));
            assert_eq!(root.join(path).metadata().map(|it| it.len()).ok(), Some(4));
            let there = |path: &&str| path.starts_with("notes/") && root.join(path).exists();
            let notes = FILES.iter().map(|(path, _)| *path).filter(there).count();
            assert_eq!(notes, samples, "{path}");
            assert!(root.join(config::FILE).is_file());
        }
    }
}
