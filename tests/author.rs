//! What an author meets from day to day: mistakes, vaults of other tools, notes that are begun.
#![allow(clippy::disallowed_methods, missing_docs, reason = "it looks at what is on disk")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

fn gongbu(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gongbu")).current_dir(folder).args(args).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A project of these files.
fn project(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn fresh() -> TempDir {
    let dir = TempDir::new().unwrap();
    assert!(gongbu(dir.path(), &["init", "."]).status.success());
    dir
}

#[test]
fn lost_notes_leave_the_site_alone() {
    let dir = fresh();
    let root = dir.path();
    assert!(gongbu(root, &["build"]).status.success());
    fs::rename(root.join("notes"), root.join("n2")).unwrap();
    let lost = gongbu(root, &["build"]);
    assert_eq!(lost.status.code(), Some(1), "{}", out(&lost));
    assert!(err(&lost).contains("`notes`, is not there"), "{}", err(&lost));
    assert!(err(&lost).contains("the last good site still stands"), "{}", err(&lost));
    assert!(root.join("public/01-getting-started/index.html").is_file());

    let config = fs::read_to_string(root.join("gongbu.toml")).unwrap();
    fs::write(root.join("gongbu.toml"), format!("notes = \"docz\"\n{config}")).unwrap();
    let lost = gongbu(root, &["build"]);
    assert!(err(&lost).contains("gongbu.toml:1:9") && err(&lost).contains("^^^^^^"));
    assert!(root.join("public/01-getting-started/index.html").is_file());

    fs::remove_file(root.join("gongbu.toml")).unwrap();
    let bare = gongbu(root, &["build", "--root", "."]);
    assert_eq!(bare.status.code(), Some(2), "{}", err(&bare));
    assert!(root.join("public/01-getting-started/index.html").is_file());
}

#[test]
fn many_errors_of_a_kind_are_told_briefly() {
    let dir = project(&[("gongbu.toml", ""), ("notes/0.md", "# 0\n\nx\n")]);
    for at in 0..20 {
        let note = format!("---\ntitle: [a]\n---\n\n[없음](gone{at}.md)\n");
        fs::write(dir.path().join(format!("notes/b{at}.md")), note).unwrap();
    }
    let told = err(&gongbu(dir.path(), &["build"]));
    assert!(told.lines().count() < 80, "{told}");
    assert!(
        told.contains("20 errors") && (0..20).all(|at| told.contains(&format!("b{at}.md:2:8"))),
        "{told}"
    );
    assert!(told.contains("17 more like this, in 17 files; `gongbu check` lists them"), "{told}");
}

/// A name with more inside than its letters would lose it: emphasis that never ends, a line less.
#[test]
fn a_fix_leaves_names_that_hold_more_than_letters() {
    let note =
        "# 글\n\n**E**lastic **B**eanstlak 과 Elastic\nBeanstlak 을, Elastic Beanstlak 도.\n";
    let dir = project(&[
        ("gongbu.toml", ""),
        ("notes/services.toml", "[eb]\nname = \"Elastic Beanstalk\"\nsummary = \"x\"\n"),
        ("notes/s/x.md", note),
    ]);
    let fixed = gongbu(dir.path(), &["check", "--fix", "--yes"]);
    let now = fs::read_to_string(dir.path().join("notes/s/x.md")).unwrap();
    assert_eq!(now, note.replace("을, Elastic Beanstlak", "을, Elastic Beanstalk"));
    assert!(out(&fixed).contains("2 misspelt names with emphasis"), "{}", out(&fixed));
    assert!(out(&fixed).contains("changed 1 name in 1 file"), "{}", out(&fixed));
}

/// Templates that are there before the project is are another tool's.
#[test]
fn init_leaves_the_templates_of_others_alone() {
    let dir = project(&[
        ("config.toml", "base_url = \"https://e.org\"\ntitle = \"Z\"\n"),
        ("content/blog/first.md", "# First\n\nwords\n"),
        ("templates/base.html", "{{ get_url(path=\"a\") }}{{ config.title }}"),
    ]);
    let made = gongbu(dir.path(), &["init"]);
    assert!(out(&made).contains("templates/ is another tool's"), "{}", out(&made));
    let built = gongbu(dir.path(), &["build"]);
    assert!(built.status.success() && err(&built).is_empty(), "{}", err(&built));
}

#[test]
fn what_programs_read_is_nothing_else() {
    let dir = project(&[
        ("gongbu.toml", ""),
        ("notes/services.toml", "[cloudfront]\nname = \"CloudFront\"\nsummary = \"CDN\"\n"),
        ("notes/s/x.md", "# 글\n\nCloundFront는 CDN이고, CloudFront다.\n"),
    ]);
    let root = dir.path();
    let fixed = gongbu(root, &["check", "--fix", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&fixed.stdout).unwrap();
    assert!(json.is_array() && err(&fixed).contains("+ CloudFront는"), "{}", err(&fixed));
    assert!(err(&fixed).contains("1 name in 1 file "), "{}", err(&fixed));

    // Paths can be opened from where one is.
    let github = gongbu(&root.join("notes/s"), &["check", "--format", "github"]);
    let line = out(&github);
    let place = "file=../../notes/s/x.md,line=3,endLine=3,col=1,endColumn=12,";
    assert!(line.contains(place), "{line}");
    let human = gongbu(root.parent().unwrap(), &["check", "--root", root.to_str().unwrap()]);
    let name = root.file_name().unwrap().to_str().unwrap();
    assert!(err(&human).contains(&format!("--> {name}/notes/s/x.md:3:1")), "{}", err(&human));
}

#[test]
fn a_section_is_begun_by_its_first_note() {
    let dir = fresh();
    let root = dir.path();
    let made = gongbu(root, &["new", "02-network", "DNS"]);
    assert_eq!(out(&made).trim(), "notes/02-network/01-dns.md", "{}", err(&made));
    assert!(err(&made).contains("this begins the section notes/02-network/"), "{}", err(&made));
    let twice = gongbu(root, &["new", "notes/02-network/", "dns"]);
    assert_eq!(out(&twice).trim(), "notes/02-network/02-dns.md", "{}", err(&twice));
    assert!(err(&twice).contains("`notes/02-network/01-dns.md` has the same title"));
    let top = gongbu(root, &["new", ".", "하나"]);
    assert_eq!(out(&top).trim(), "notes/01-하나.md", "{}", err(&top));
    for (section, code) in [("02-netwrok", 2), ("netwrk", 2), ("services", 2), ("3-network", 0)] {
        let new = gongbu(root, &["new", section, "x"]);
        assert_eq!(new.status.code(), Some(code), "{section}: {}", err(&new));
    }
    let near = err(&gongbu(root, &["new", "02-netwrok", "x"]));
    assert!(near.contains("did you mean `02-network`?") && near.contains("there are: ., 01-"));
}

#[test]
fn init_takes_over_what_is_known() {
    let book = "[book]\ntitle = \"My Book\"\nlanguage = \"en\"\nsrc = \"guide\"\n";
    let dir = project(&[
        ("book.toml", book),
        ("guide/a.md", "# A\n\ntext\n"),
        (".gitignore", "/public\n"),
    ]);
    let made = gongbu(dir.path(), &["init"]);
    assert!(!out(&made).contains("add a line"), "{}", out(&made));
    let config = fs::read_to_string(dir.path().join("gongbu.toml")).unwrap();
    for line in ["title = \"My Book\"", "language = \"en\"", "notes = \"guide\""] {
        assert!(config.contains(line), "{config}");
    }
    assert_eq!(gongbu(dir.path(), &["build", "--strict"]).status.code(), Some(0));
    let file = gongbu(dir.path(), &["init", "book.toml"]);
    assert_eq!(file.status.code(), Some(2));
    assert!(err(&file).contains("`book.toml` is a file"), "{}", err(&file));
    let inner = gongbu(dir.path(), &["init", "inner"]);
    assert_eq!(inner.status.code(), Some(0));
    assert!(err(&inner).contains("lies inside another"), "{}", err(&inner));
}

#[test]
fn verifying_names_what_was_changed_though_it_is_mended() {
    let dir = fresh();
    let root = dir.path();
    assert!(gongbu(root, &["build"]).status.success());
    let page = root.join("public/index.html");
    let bytes = fs::read(&page).unwrap();
    fs::write(&page, "mine").unwrap();
    let verified = gongbu(root, &["build", "--verify"]);
    assert_eq!(verified.status.code(), Some(1), "{}", out(&verified));
    let told = err(&verified);
    assert!(told.contains("index.html was not what was published, and is written anew"), "{told}");
    assert_eq!(fs::read(&page).unwrap(), bytes);
    assert_eq!(gongbu(root, &["build", "--verify"]).status.code(), Some(0));
}

#[test]
fn every_help_has_an_example_that_works() {
    let dir = fresh();
    let root = dir.path();
    for command in [&[][..], &["theme"], &["theme", "list"], &["theme", "show"]] {
        let help = out(&gongbu(root, &[command, &["--help"]].concat()));
        assert!(help.contains("Example: "), "{command:?}: {help}");
    }
    let listed = gongbu(root, &["theme"]);
    assert!(out(&listed).contains("templates/note.html"), "{}", err(&listed));
    let help = out(&gongbu(root, &["theme", "show", "--help"]));
    let example = help.split("Example: ").nth(1).unwrap().split_whitespace().collect::<Vec<_>>();
    let example = example.join(" ").replace("gongbu", env!("CARGO_BIN_EXE_gongbu"));
    let shown = Command::new("sh").args(["-c", &example]).current_dir(root).output().unwrap();
    assert!(shown.status.success(), "{}", err(&shown));
    assert!(fs::metadata(root.join("templates/note.html")).unwrap().len() > 0);
    let man = out(&gongbu(root, &["man", "check"]));
    assert!(man.contains(".SH EXAMPLES\ngongbu check"), "{man}");
}

#[test]
fn a_check_tells_of_templates_what_a_build_tells() {
    let search =
        "{% extends \"builtin/search.html\" %}{% block content %}{{ nothing }}{% endblock %}";
    let dir = project(&[
        ("gongbu.toml", ""),
        ("notes/0.md", "# 0\n\nx\n"),
        ("templates/search.html", search),
    ]);
    for command in ["check", "build"] {
        let told = gongbu(dir.path(), &[command]);
        assert_eq!(told.status.code(), Some(1), "{}", err(&told));
        assert!(err(&told).contains("templates/search.html:1:58"), "{}", err(&told));
    }
}
