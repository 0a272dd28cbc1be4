//! `gongbu import`: nothing is lost, nothing is overwritten, and what finds no place is told.

#![allow(clippy::disallowed_methods, reason = "a test makes its own files")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use gongbu::cli::import::{Args, run};
use gongbu::cli::split::{self, Split};
use gongbu::config;
use proptest::prelude::*;

const COURSE: &str = "\
# 요약

한 줄 소개입니다.

# 02 기초

## 02-01 클라우드란?

**서버(Server)**는 요청을 받습니다.  

```sh
# 제목이 아닙니다
```

> ## 인용 속의 제목

## 02-02 Exploring Compute: EC2

### **EC2(Elastic Compute Cloud)**
- 가상 서버

![그림](./img/vpc.png)

# 03 Technology

## 03-01 Section Introduction

## 03-02 Storage `ls` #

### S3 (Simple Storage Service)
### Route 53

# 04 결론

# Finished 😊
";

fn paths(split: &Split) -> Vec<&str> {
    split.files.iter().map(|file| file.path.as_str()).collect()
}

fn text<'a>(split: &'a Split, path: &str) -> &'a str {
    let file = split.files.iter().find(|file| file.path == path);
    file.unwrap_or_else(|| panic!("no {path} in {:?}", paths(split))).text.as_str()
}

fn body(text: &str) -> &str {
    let fence = text.get(..3).unwrap_or_default();
    let rest = &text[3..];
    let end = rest.find(&format!("\n{fence}")).unwrap_or_else(|| panic!("no front matter: {text}"));
    &rest[end + 4..]
}

fn lines(text: &str) -> Vec<&str> {
    text.split(['\n', '\r']).filter(|line| !line.trim().is_empty()).collect()
}

/// Puts the files together again. Each byte of the source is in exactly one file or in a heading
/// that is the title of one, and each file says what its part of the source says.
fn joins(source: &str, split: &Split) {
    let mut parts = vec![];
    for file in &split.files {
        let mut expected = vec![];
        for part in &file.parts {
            expected.extend(lines(&source[part.clone()]));
            parts.push(part.clone());
        }
        let mut actual = lines(body(&file.text));
        // A heading with markup stays above the text.
        let lead = actual.len().saturating_sub(expected.len());
        let lead: Vec<&str> = actual.drain(..lead).collect();
        let marked = lead.first().is_none_or(|it| it.starts_with("# ") || it.starts_with("#\t"));
        assert!(marked || lead.last() == Some(&"==="), "{lead:?} in {}", file.text);
        assert_eq!(actual, expected, "{} of {source:?}", file.path);
        let (config, problems) = front(&file.text);
        assert_eq!((config.as_str(), problems), (file.title.as_str(), 0), "{}", file.text);
    }
    parts.sort_by_key(|part| (part.start, part.end));
    // Titles stand in the order of the text.
    let mut titles = split.files.iter().map(|file| bare(&file.title));
    let mut at = 0;
    let end = source.len()..source.len();
    for part in parts.into_iter().chain([end]) {
        assert!(part.start >= at, "{part:?} is in two files of {source:?}");
        let gap = bare(&source[at..part.start]);
        let mut gap = gap.as_str();
        while !gap.is_empty() {
            let title = titles.find(|title| !title.is_empty() && gap.starts_with(title.as_str()));
            gap = &gap[title.unwrap_or_else(|| panic!("{gap:?} is lost in {source:?}")).len()..];
        }
        at = part.end;
    }
}

/// The letters of a heading, without marks.
fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric() || *c > '\u{1F000}').collect()
}

fn front(text: &str) -> (String, usize) {
    let file = gongbu::path::SrcPath::from("notes/x.md");
    let dialect = gongbu::note::Dialect::Notes;
    let parsed = gongbu::note::parse(&file, &text.as_bytes().into(), dialect);
    let (note, problems) = &*parsed;
    let title = note.front.title.clone().unwrap_or_default();
    (title, problems.iter().filter(|it| it.is_error()).count())
}

#[test]
fn sections_and_lessons() {
    let split = split::split("course.md", COURSE);
    assert_eq!(
        paths(&split),
        [
            "notes/index.md",
            "notes/02-기초/index.md",
            "notes/02-기초/01-클라우드란.md",
            "notes/02-기초/02-exploring-compute-ec2.md",
            "notes/03-technology/index.md",
            "notes/03-technology/01-section-introduction.md",
            "notes/03-technology/02-storage-ls.md",
            "notes/04-결론/index.md",
        ]
    );
    assert_eq!((split.sections, split.lessons), (3, 4));
    assert_eq!((split.title.as_str(), split.language), ("요약", "ko"));
    assert_eq!(text(&split, "notes/index.md"), "+++\ntitle = \"요약\"\n+++\n\n한 줄 소개입니다.\n");
    assert_eq!(
        text(&split, "notes/04-결론/index.md"),
        "+++\ntitle = \"04 결론\"\n+++\n\n# Finished 😊\n"
    );
    assert_eq!(
        text(&split, "notes/03-technology/01-section-introduction.md"),
        "+++\ntitle = \"03-01 Section Introduction\"\n+++\n"
    );
    let first = text(&split, "notes/02-기초/01-클라우드란.md");
    assert!(
        first.contains("받습니다.  \n\n```sh\n# 제목이 아닙니다\n```\n\n> ## 인용 속의 제목\n"),
        "{first}"
    );
    // Markup in a heading would be lost in a title, so the heading stays too.
    let marked = text(&split, "notes/03-technology/02-storage-ls.md");
    assert!(marked.contains("\n# 03-02 Storage `ls` #\n\n### S3"), "{marked}");
    joins(COURSE, &split);
}

#[test]
fn the_source_of_the_course() {
    let Some(folder) = std::env::var_os("GONGBU_SOURCE").map(PathBuf::from) else {
        eprintln!("left out: the course itself is not split, because GONGBU_SOURCE is not set");
        return;
    };
    let source = fs::read_to_string(folder.join("summary.md")).expect("summary.md");
    let split = split::split("summary.md", &source);
    joins(&source, &split);
    assert_eq!((split.sections, split.lessons, split.title.as_str()), (5, 42, "Summary"));
    assert_eq!(split.files.len(), 1 + 5 + 42);
    let all: String = split.files.iter().map(|file| file.text.as_str()).collect();
    assert_eq!(all.lines().filter(|line| line.starts_with("### ")).count(), 81);
    // Each of the 957 lines is blank, a title, or a line of some file.
    assert_eq!(source.lines().count(), 957);
    let mut kept: Vec<&str> = lines(&all);
    for line in source.lines().filter(|line| !line.trim().is_empty()) {
        let title = line.trim_start_matches('#').trim();
        let title = format!("title = \"{title}\"");
        let at = kept.iter().position(|it| *it == line || *it == title);
        kept.swap_remove(at.unwrap_or_else(|| panic!("{line} is lost")));
    }
    assert!(kept.iter().all(|line| *line == "+++"), "{kept:?}");
    let last = &split.files[split.files.len() - 1];
    assert_eq!(last.path, "notes/06-conclusion/index.md");
    assert!(last.text.ends_with("\n# Finished 😊\n"), "{}", last.text);
    assert!(split.names.are_services(), "{:?}", split.names);
    assert_eq!(split.names.vendors, ["AWS", "Amazon"]);
    assert_eq!(split.assets.len(), 1);
    assert!(split.problems.is_empty(), "{:?}", split.problems);
}

#[test]
fn files_of_other_shapes() {
    for (source, expected) in [
        // One `#` with lessons is one section.
        (
            "# Git\n소개\n## 설치\n## 커밋\n",
            &["notes/01-git/index.md", "notes/01-git/01-설치.md", "notes/01-git/02-커밋.md"][..],
        ),
        // Without `#`, the section is called as the file.
        (
            "소개\n## A\n## A\n",
            &[
                "notes/01-my-notes/index.md",
                "notes/01-my-notes/01-a.md",
                "notes/01-my-notes/02-a.md",
            ],
        ),
        (
            "## 1. A\n## 1. A\n",
            &[
                "notes/01-my-notes/index.md",
                "notes/01-my-notes/01-a.md",
                "notes/01-my-notes/01-a-2.md",
            ],
        ),
        // Without `##`, each `#` is a lesson.
        (
            "# A\na\n# B\nb\n",
            &[
                "notes/01-my-notes/index.md",
                "notes/01-my-notes/01-a.md",
                "notes/01-my-notes/02-b.md",
            ],
        ),
        ("그냥 글\n", &["notes/01-my-notes/index.md", "notes/01-my-notes/01-my-notes.md"]),
        ("", &["notes/01-my-notes/index.md", "notes/01-my-notes/01-my-notes.md"]),
        // Headings underlined, and an empty one, which begins nothing.
        (
            "하나\n===\n\n둘\n---\n\n##\n\n셋\n",
            &["notes/01-하나/index.md", "notes/01-하나/01-둘.md"],
        ),
        // Nothing but white space before the first section needs no index.
        ("\u{FEFF}\r\n# A\r\n## 😊\r\n", &["notes/01-a/index.md", "notes/01-a/01-lesson.md"]),
        // A `#` without lessons is a section between two, and ends the last one after them.
        (
            "# A\n## a\n# B\n# C\n## c\n# D\nd\n",
            &[
                "notes/01-a/index.md",
                "notes/01-a/01-a.md",
                "notes/02-b/index.md",
                "notes/03-c/index.md",
                "notes/03-c/01-c.md",
            ],
        ),
        // Lessons before the first section.
        (
            "머리말\n## x\n# A\n## a\n",
            &[
                "notes/index.md",
                "notes/01-my-notes/index.md",
                "notes/01-my-notes/01-x.md",
                "notes/02-a/index.md",
                "notes/02-a/01-a.md",
            ],
        ),
    ] {
        let split = split::split("some/my_notes.md", source);
        assert_eq!(paths(&split), expected, "{source:?}");
        joins(source, &split);
    }
}

#[test]
fn the_front_matter_of_the_source_goes_first() {
    let split = split::split("x.md", "---\nauthor: 나\n---\n# 가\n\n# A\n## a\n");
    assert_eq!(text(&split, "notes/index.md"), "---\ntitle: \"가\"\nauthor: 나\n---\n");
    let split =
        split::split("x.md", "+++\r\ntitle = '나'\r\n+++\r\n\r\n# 가\r\n\r\n# A\r\n## a\r\nx\r\n");
    assert_eq!(text(&split, "notes/index.md"), "+++\r\ntitle = '나'\r\n+++\r\n\r\n# 가\r\n");
    assert_eq!(text(&split, "notes/01-a/01-a.md"), "+++\r\ntitle = \"a\"\r\n+++\r\n\r\nx\r\n");
    let split = split::split("x.md", "+++\ntitle = '나'\n# 가\n");
    assert!(split.files.is_empty() && split.problems[0].is_error(), "{split:?}");
}

#[test]
fn references_still_lead_where_they_led() {
    let source = "\
# A
## a {#first}
[b로](#b-1) [여기로](#여기) [처음으로](#first) [그림][pic] [^n] [소개](x.md#a)
### 여기
## 가 <!-- 나 -->
<a id='x'></a> <img src='p.png'> [x](#x)
# B
## b
[여기로](#여기-1) [없는 곳](#nowhere) [다른 글](other.md) [밖](../out.png) [숨은](.env) [B][pic]
### 여기
[pic]: img/a%20b.png 'T'

[^n]: 각주
";
    let split = split::split("docs/x.md", source);
    let a = text(&split, "notes/01-a/01-a.md");
    assert!(
        a.contains("[b로](../02-b/01-b.md) [여기로](#여기) [처음으로](01-a.md) [그림][pic]"),
        "{a}"
    );
    assert!(a.contains("# a {#first}\n"), "{a}");
    assert!(a.ends_with("\n[pic]: img/a%20b.png \"T\"\n\n[^n]: 각주\n"), "{a}");
    assert!(a.contains("[소개](index.md)"), "{a}");
    let b = text(&split, "notes/02-b/01-b.md");
    assert!(b.contains("[여기로](#여기)"), "{b}");
    assert!(!b.contains("각주") && b.contains("[pic]: img/a%20b.png 'T'"), "{b}");
    let said: Vec<&str> = split.problems.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(said.len(), 4, "{said:?}");
    assert_eq!(split.remarks.len(), 2, "{:?}", split.remarks);
    let targets: Vec<&str> = split.assets.iter().map(|it| it.target.as_str()).collect();
    assert_eq!(targets, ["notes/01-a/img/a b.png", "notes/02-b/img/a b.png", "notes/01-a/p.png"]);
}

#[test]
fn ten_megabytes() {
    let mut source = String::new();
    let paragraph = "클라우드는 실존하는 장소입니다. [링크](#없음) ".repeat(20);
    let mut lessons = 0;
    while source.len() < 10_000_000 {
        if lessons % 50 == 0 {
            source.push_str("# 섹션\n\n");
        }
        source.push_str(&format!("## 레슨 {lessons}\n\n{paragraph}\n\n"));
        lessons += 1;
    }
    let split = split::split("big.md", &source);
    assert_eq!(split.lessons, lessons);
}

fn args(file: &Path, into: &Path) -> Args {
    Args { file: file.to_owned(), into: Some(into.to_owned()) }
}

fn tree(root: &Path) -> Vec<String> {
    let files =
        walkdir::WalkDir::new(root).sort_by_file_name().into_iter().map(|it| it.expect("walk"));
    let files = files.filter(|it| it.file_type().is_file());
    files
        .map(|it| it.path().strip_prefix(root).expect("root").to_string_lossy().into_owned())
        .collect()
}

#[test]
fn an_import_writes_notes_pictures_and_settings() {
    let folder = tempfile::tempdir().expect("folder");
    let source = folder.path().join("course.md");
    fs::write(&source, COURSE).expect("write");
    fs::create_dir(folder.path().join("img")).expect("folder");
    fs::write(folder.path().join("img/vpc.png"), b"png").expect("write");
    let root = folder.path().join("project");
    assert_eq!(run(&args(&source, &root)).expect("import"), ExitCode::SUCCESS);
    let files = tree(&root);
    assert_eq!(files.len(), 8 + 2, "{files:?}");
    assert_eq!(fs::read(root.join("notes/02-기초/img/vpc.png")).expect("picture"), b"png");
    let (config, problems) = config::parse(&fs::read(root.join("gongbu.toml")).expect("settings"));
    assert_eq!((problems, config.title.as_str()), (vec![], "요약"));
    assert_eq!(config.terms.heading_level, Some(3));

    // Once more: everything is in the way, and nothing changes.
    fs::write(root.join("notes/index.md"), "mine").expect("write");
    assert_eq!(run(&args(&source, &root)).expect("import"), ExitCode::from(2));
    assert_eq!(tree(&root), files);
    assert_eq!(fs::read(root.join("notes/index.md")).expect("read"), b"mine");
}

#[test]
fn settings_that_say_it_already_stay() {
    let folder = tempfile::tempdir().expect("folder");
    let source = folder.path().join("course.md");
    fs::write(&source, COURSE).expect("write");
    let settings = folder.path().join("gongbu.toml");
    let own = "title = 'x'\n[terms]\nheading_level = 2 # mine\n";
    fs::write(&settings, own).expect("write");
    // The picture is missing, which is told and changes nothing else.
    assert_eq!(run(&args(&source, folder.path())).expect("import"), ExitCode::SUCCESS);
    assert_eq!(fs::read_to_string(&settings).expect("read"), own);
    let second = folder.path().join("second.md");
    fs::write(&second, "# 05 Z\n## z\n").expect("write");
    fs::write(&settings, "tilte = 'x'\n").expect("write");
    assert_eq!(run(&args(&second, folder.path())).expect("import"), ExitCode::from(1));
    fs::write(&second, b"\xFF").expect("write");
    assert_eq!(run(&args(&second, folder.path())).expect("import"), ExitCode::from(1));
    assert!(!folder.path().join("notes/05-z").exists());
    assert!(run(&args(Path::new("/nowhere.md"), folder.path())).is_err());
}

#[cfg(unix)]
#[test]
fn nothing_is_written_or_read_through_a_link() {
    let folder = tempfile::tempdir().expect("folder");
    let (root, out) = (folder.path().join("root"), folder.path().join("out"));
    for folder in [&root, &out, &folder.path().join("docs")] {
        fs::create_dir(folder).expect("folder");
    }
    fs::write(out.join("secret"), "secret").expect("write");
    std::os::unix::fs::symlink(&out, folder.path().join("docs/out")).expect("link");
    let source = folder.path().join("docs/x.md");
    fs::write(&source, "# A\n## a\n![x](out/secret)\n").expect("write");
    assert_eq!(run(&args(&source, &root)).expect("import"), ExitCode::SUCCESS);
    assert_eq!(tree(&root), ["gongbu.toml", "notes/01-a/01-a.md", "notes/01-a/index.md"]);

    fs::remove_dir_all(root.join("notes")).expect("remove");
    std::os::unix::fs::symlink(&out, root.join("notes")).expect("link");
    assert_eq!(run(&args(&source, &root)).expect("import"), ExitCode::from(2));
    assert_eq!(tree(&out), ["secret"]);
}

fn block() -> impl Strategy<Value = String> {
    let word = "[가-힣a-zA-Z0-9*`'\"\\\\ .:!-]{0,12}";
    prop_oneof![
        3 => (1_usize..4, word).prop_map(|(level, text)| format!("{} {text}", "#".repeat(level))),
        1 => (1_usize..3, "[0-9]{1,2}", "[가-힣a-z]{1,5}").prop_map(|(level, n, text)| format!("{} {n}. {text}", "#".repeat(level))),
        1 => ("[가-힣a-z]{1,6}", "(===|---)").prop_map(|(text, rule)| format!("\n{text}\n{rule}")),
        1 => "[가-힣a-z]{1,5}".prop_map(|text| format!("## {text} ##")),
        3 => word.prop_map(|text| text.clone()),
        1 => word.prop_map(|text| format!("> # {text}\n- # {text}")),
        1 => word.prop_map(|text| format!("```\n# {text}\n\n## b\n```")),
        1 => word.prop_map(|text| format!("    {text}  ")),
        1 => Just("```".to_owned()),
        2 => Just(String::new()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_split_can_be_joined(
        blocks in prop::collection::vec(block(), 0..24),
        newline in prop_oneof![Just("\n"), Just("\r\n")],
        mark in prop_oneof![3 => Just(""), 1 => Just("\u{FEFF}")],
    ) {
        let source = format!("{mark}{}", blocks.join("\n").replace('\n', newline));
        // No heading can be called as the file is.
        let split = split::split("a-name-that-nothing-else-has.md", &source);
        if split.problems.iter().any(|it| it.is_error()) {
            return Ok(());
        }
        let mut unique = paths(&split);
        unique.sort_by(|a, b| gongbu::path::natural(a, b));
        unique.dedup();
        prop_assert_eq!(unique.len(), split.files.len());
        if front(&source).0.is_empty() && !source.trim_start_matches('\u{FEFF}').trim_start().starts_with("---") {
            joins(&source, &split);
        }
    }
}
