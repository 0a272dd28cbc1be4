//! The rules of the house. They are few, and they are tests.
#![allow(clippy::disallowed_methods, missing_docs, reason = "it reads the source")]

use std::fs;
use std::path::{Path, PathBuf};

/// Which module may use which crate. A crate of `Cargo.toml` that is not here has no door yet.
/// An empty list: vocabulary, used everywhere.
const DOORS: &[(&str, &[&str])] = &[
    ("aho_corasick", &["site/linker.rs"]),
    ("ammonia", &["html/sanitize.rs"]),
    ("annotate_snippets", &["cli/report.rs"]),
    ("anyhow", &["cli", "disk", "serve.rs", "serve"]),
    ("axum", &["serve.rs", "serve"]),
    ("blake3", &[]),
    ("bytes", &["deploy/credentials.rs"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli/shell.rs"]),
    ("clap_mangen", &["cli/shell.rs"]),
    ("comemo", &[]),
    ("console", &["cli/terminal.rs"]),
    ("futures_util", &["serve.rs", "deploy/credentials.rs"]),
    ("globset", &["disk", "config.rs"]),
    ("hashbrown", &["output/search"]),
    ("http", &["deploy"]),
    ("hyper", &["serve/connections.rs"]),
    ("hyper_util", &["serve/connections.rs"]),
    ("imagesize", &["site/asset.rs"]),
    ("include_dir", &["theme.rs"]),
    ("indicatif", &["cli"]),
    ("lz4_flex", &["plan.rs"]),
    ("memchr", &[]),
    ("mimalloc", &["main.rs"]),
    ("twox_hash", &["key.rs"]),
    ("notify", &["serve/watch.rs"]),
    ("pulldown_cmark", &["note"]),
    ("pulldown_latex", &["html/math.rs"]),
    ("quick_xml", &["deploy"]),
    ("rayon", &[]),
    ("reqsign_aws_v4", &["deploy/credentials.rs"]),
    ("reqsign_core", &["deploy"]),
    ("rustc_hash", &[]),
    ("rustix", &["disk"]),
    ("serde", &[]),
    ("serde_json", &[]),
    ("serde_saphyr", &["table.rs"]),
    ("simdutf8", &["snapshot.rs"]),
    ("strsim", &["near.rs"]),
    ("syntect", &["html/highlight.rs"]),
    ("tera", &["theme.rs", "theme"]),
    ("tokio", &["serve.rs", "serve"]),
    ("toml", &["table.rs"]),
    ("toml_edit", &["cli"]),
    ("two_face", &["html/highlight.rs"]),
    ("unicode_normalization", &[]),
    ("unicode_width", &["cli/terminal.rs"]),
    ("ureq", &["deploy/wire.rs", "deploy/credentials.rs"]),
    ("walkdir", &["disk"]),
];

/// A module may use only the modules that `src/lib.rs` lists above it.
#[test]
fn imports_go_up_the_list() {
    let order = modules();
    let wrong: Vec<String> =
        sources().iter().flat_map(|file| wrong_imports(file, &order)).collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// Only the hands touch the world.
#[test]
fn the_core_is_pure() {
    let lib = fs::read_to_string("src/lib.rs").unwrap();
    let pure = lib.split("// The hands").next().unwrap();
    for file in sources() {
        if !pure.contains(&format!("mod {};", module_of(&file.path))) {
            continue;
        }
        let text = without_tests(&file.text);
        let worlds = [
            "std::fs",
            "std::net",
            "std::env",
            "std::process",
            "SystemTime",
            "Instant",
            "println!",
            "anyhow",
        ];
        for world in worlds {
            assert!(!text.contains(world), "{} is pure, but says `{world}`", file.path.display());
        }
    }
}

/// A file one can read in one sitting, that says at the top what it is for.
#[test]
fn files_are_short_and_say_what_they_are_for() {
    for file in sources() {
        let path = file.path.display();
        assert!(file.text.starts_with("//!"), "{path} does not say what it is for");
        assert!(file.text.lines().count() <= 500, "{path} is over 500 lines");
    }
}

/// An output that is not in the list would silently never be made.
#[test]
fn every_output_is_listed() {
    let list = fs::read_to_string("src/output/mod.rs").unwrap();
    for file in sources().iter().filter(|file| file.path.starts_with("src/output")) {
        // A folder is known by its own name.
        let is_folder = file.path.ends_with("mod.rs");
        let path = if is_folder { file.path.parent().unwrap() } else { &file.path };
        let name = path.file_stem().unwrap().to_str().unwrap();
        let is_output = file.text.contains("pub(super) fn render(");
        assert!(
            !is_output || list.contains(&format!("{name}::render")),
            "add `{name}::render` to output::ALL"
        );
    }
}

/// Each third-party crate has one door, and each dependency is in the table.
#[test]
fn each_crate_has_its_door() {
    let cargo = fs::read_to_string("Cargo.toml").unwrap();
    let runtime = cargo.split("[dev-dependencies]").next().unwrap();
    let runtime = runtime.split("[dependencies]").nth(1).unwrap();
    for line in runtime.lines() {
        let Some((name, _)) = line.split_once(" = ") else { continue };
        let name = name.replace('-', "_");
        assert!(DOORS.iter().any(|(it, _)| *it == name), "`{name}` has no door in tests/house.rs");
    }
    for file in sources() {
        let path = file.path.strip_prefix("src").unwrap();
        let text = code(&without_tests(&file.text));
        for (name, doors) in DOORS.iter().filter(|(_, doors)| !doors.is_empty()) {
            let uses = mentions_crate(&text, name);
            let allowed =
                doors.iter().any(|door| path.starts_with(door) || path.to_str() == Some(door));
            assert!(
                !uses || allowed,
                "src/{} uses `{name}`, whose door is {doors:?}",
                path.display()
            );
        }
    }
}

/// Nothing half done, nothing that panics on somebody, no vendor's name and no machine's path.
#[test]
fn nothing_is_left_lying_about() {
    for file in sources() {
        let text = code(&without_tests(&file.text));
        let path = file.path.display();
        // One hand talks to one vendor, by its names.
        let vendors: &[&str] = match path.to_string().contains("/deploy") {
            true => &[],
            false => &["AWS", "Amazon", "Azure"],
        };
        for word in ["todo!", "unimplemented!", "dbg!", ".unwrap()"].iter().chain(vendors) {
            assert!(!text.contains(word), "{path} says `{word}`");
        }
        for word in ["TODO", "FIXME"] {
            assert!(!file.text.contains(word), "{path} says `{word}`");
        }
    }
    for path in files(Path::new("."), &["rs", "md", "toml", "html", "css", "js", "yml"]) {
        if path.ends_with("tests/house.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        for word in ["/home/", "/Users/", env!("CARGO_MANIFEST_DIR")] {
            assert!(!text.contains(word), "{} names `{word}`", path.display());
        }
    }
}

/// The policy of every page would block them.
#[test]
fn templates_hold_no_inline_style_or_script() {
    for path in files(Path::new("templates"), &["html"]) {
        let text = fs::read_to_string(&path).unwrap();
        for word in ["style=", " onclick=", " onload=", "http://", "https://", "<style"] {
            assert!(!text.contains(word), "{} holds `{word}`", path.display());
        }
        for script in text.split("<script").skip(1) {
            let inside = script.split_once('>').unwrap().1.split("</script>").next().unwrap();
            assert!(inside.trim().is_empty(), "{} holds an inline script", path.display());
        }
    }
    for path in files(Path::new("static"), &["js", "css"]) {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 500, "{} is over 500 lines", path.display());
    }
}

/// Every word that is asked for is there in both languages, and none is there for nothing.
#[test]
fn the_words_are_complete() {
    let strings = fs::read_to_string("templates/strings.toml").unwrap();
    let (ko, en) = strings.split_once("[en]").unwrap();
    let keys = |text: &str| -> Vec<String> {
        text.lines().filter_map(|line| Some(line.split_once(" = ")?.0.to_owned())).collect()
    };
    let (ko, en) = (keys(ko), keys(en));
    assert_eq!(ko, en, "the two languages have other words");
    let templates = files(Path::new("templates"), &["html"]);
    let mut users: String =
        templates.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    users.push_str(&sources().iter().map(|file| file.text.as_str()).collect::<String>());
    for key in &ko {
        let used = users.contains(&format!("t.{key}")) || users.contains(&format!("\"{key}\""));
        assert!(used, "nobody uses the word `{key}`");
    }
    for part in users.split("t.").skip(1) {
        let key: String =
            part.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
        let in_template =
            part[key.len()..].starts_with([' ', '}']) && !part[key.len()..].starts_with(" =");
        let is_word = users.contains(&format!("{{{{ t.{key} ")) && in_template;
        assert!(!is_word || ko.contains(&key), "there is no word `{key}`");
    }
}

#[test]
fn the_rules_can_fail() {
    let order = vec!["path".to_owned(), "note".to_owned(), "site".to_owned()];
    let file = |text: &str| Source { path: "src/note/mod.rs".into(), text: text.into() };
    assert_eq!(
        wrong_imports(&file("use crate::path::X;\n// crate::site is fine here"), &order).len(),
        0
    );
    assert_eq!(wrong_imports(&file("use crate::site::X;"), &order).len(), 1);
    assert_eq!(wrong_imports(&file("use crate::{path, site};"), &order).len(), 1);
    assert_eq!(wrong_imports(&file("let x = crate::site::f();"), &order).len(), 1);
    assert!(
        mentions_crate("use toml::de;", "toml") && mentions_crate("#[derive(clap::Args)]", "clap")
    );
    assert!(!mentions_crate("use toml_edit::X; Cargo.toml", "toml"));
    assert_eq!(without_tests("a\n#[cfg(test)]\nmod tests { x.unwrap() }"), "a\n");
    assert_eq!(code("x // AWS\n/// AWS\ny"), "x \n\ny\n");
}

struct Source {
    path: PathBuf,
    text: String,
}

fn sources() -> Vec<Source> {
    let read = |path: PathBuf| Source { text: fs::read_to_string(&path).unwrap(), path };
    files(Path::new("src"), &["rs"]).into_iter().map(read).collect()
}

fn wrong_imports(file: &Source, order: &[String]) -> Vec<String> {
    let mut wrong = vec![];
    let Some(own) = order.iter().position(|name| module_of(&file.path) == *name) else {
        return wrong;
    };
    for (n, line) in code(&without_tests(&file.text)).lines().enumerate() {
        for name in crate_paths(line) {
            if order.iter().position(|it| *it == name).is_some_and(|at| at > own) {
                let path = file.path.display();
                wrong.push(format!(
                    "{path}:{}: uses `{name}`, which is below it in src/lib.rs",
                    n + 1
                ));
            }
        }
    }
    wrong
}

fn mentions_crate(text: &str, name: &str) -> bool {
    let path = format!("{name}::");
    text.match_indices(&path).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
    })
}

fn without_tests(text: &str) -> String {
    text.split("#[cfg(test)]\nmod ")
        .next()
        .unwrap()
        .split("#[cfg(test)]")
        .next()
        .unwrap()
        .to_owned()
}

/// The lines without their comments.
fn code(text: &str) -> String {
    let comment = |line: &str| {
        let at = line
            .match_indices("//")
            .find(|(at, _)| !line[..*at].ends_with(':') && !line[..*at].contains('"'));
        at.map_or(line.len(), |(at, _)| at)
    };
    text.lines().map(|line| line[..comment(line)].to_owned() + "\n").collect()
}

fn modules() -> Vec<String> {
    let lib = fs::read_to_string("src/lib.rs").unwrap();
    let names = lib.lines().filter_map(|line| line.strip_prefix("pub mod "));
    names.map(|name| name.trim_end_matches(';').to_owned()).collect()
}

fn module_of(file: &Path) -> String {
    let first = file.strip_prefix("src").unwrap().components().next().unwrap();
    first.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

fn crate_paths(line: &str) -> Vec<String> {
    let ident =
        |s: &str| s.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let group = line.split_once("crate::{");
    let group = group.map(|(_, rest)| rest.split(',').map(|s| ident(s.trim())).collect::<Vec<_>>());
    let single = line.split("crate::").skip(1).map(ident).filter(|s| !s.is_empty());
    group.unwrap_or_default().into_iter().chain(single).collect()
}

fn files(dir: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = vec![];
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !matches!(name.as_str(), "target" | ".git" | "public" | "node_modules")
        {
            found.extend(files(&path, endings));
        } else if path
            .extension()
            .is_some_and(|it| endings.contains(&it.to_str().unwrap_or_default()))
        {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The catalogue of wrong input, and what tests it: `tests/README.md` is made of `tests/rows.tsv` and of
/// the tests that name a row. `UPDATE=1` writes it.
#[test]
fn every_row_of_the_catalogue_has_its_test() {
    let mut named: Vec<(String, String)> = vec![];
    for entry in fs::read_dir("tests/cases").unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let id: String = name.splitn(3, '-').take(2).collect::<Vec<_>>().join("-").to_uppercase();
        named.push((id, format!("`cases/{name}`")));
    }
    let tests = files(Path::new("tests"), &["rs"]);
    for path in tests.into_iter().chain([PathBuf::from("src/disk/read.rs")]) {
        let text = fs::read_to_string(&path).unwrap();
        for (at, _) in text.match_indices('-') {
            let start = text[..at].trim_end_matches(|c: char| c.is_ascii_uppercase()).len();
            let id = text.get(start..at + 3).unwrap_or_default();
            named.push((id.to_owned(), format!("`{}`", path.display())));
        }
    }
    named.sort();
    named.dedup();
    let mut table = String::from(
        "# Tests\n\n`tests/run` runs them all. A folder under `cases/` is a project and what comes of it; a row in a table or a\ntest names what it answers. This is the catalogue of what may be wrong with the input, made by the test run itself\n(`UPDATE=1 cargo test --release --test house`).\n\n| row | input | what comes of it | test |\n|---|---|---|---|\n",
    );
    let mut without: Vec<&str> = vec![];
    let rows = fs::read_to_string("tests/rows.tsv").unwrap();
    for row in rows.lines().filter(|row| !row.starts_with('#')) {
        let columns: Vec<&str> = row.split('\t').collect();
        let [id, input, outcome, ..] = columns[..] else { panic!("{row}") };
        let tests = named.iter().filter(|(it, _)| it == id).map(|(_, test)| test.as_str());
        let mut tests: Vec<&str> = tests.collect();
        tests.extend(columns.get(3).copied());
        if tests.is_empty() {
            without.push(id);
        }
        table.push_str(&format!("| {id} | {input} | {outcome} | {} |\n", tests.join(", ")));
    }
    assert!(without.is_empty(), "no test names {without:?}");
    if std::env::var_os("UPDATE").is_some() {
        fs::write("tests/README.md", &table).unwrap();
    }
    assert_eq!(
        fs::read_to_string("tests/README.md").unwrap_or_default(),
        table,
        "UPDATE=1 writes it"
    );
}
