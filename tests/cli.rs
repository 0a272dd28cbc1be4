//! The binary itself, as a user meets it.
#![allow(clippy::disallowed_methods, missing_docs, reason = "it looks at what is on disk")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::SystemTime;

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

fn fresh() -> TempDir {
    let dir = TempDir::new().unwrap();
    let made = gongbu(dir.path(), &["init", "."]);
    assert!(made.status.success(), "{}", err(&made));
    dir
}

/// Every file of a folder with its bytes and the time it was written.
fn files(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let time = path.metadata().unwrap().modified().unwrap();
            found.insert(path.clone(), (fs::read(&path).unwrap(), time));
        }
    }
    found
}

#[test]
fn every_command_explains_itself() {
    let here = TempDir::new().unwrap();
    for command in ["init", "import", "build", "serve", "summary"] {
        let help = gongbu(here.path(), &[command, "--help"]);
        assert!(help.status.success());
        assert!(out(&help).contains("Example"), "{command} shows no example");
    }
}

#[test]
fn a_new_project_builds_at_once_and_twice_the_same() {
    let dir = fresh();
    let first = gongbu(dir.path(), &["build", "--strict"]);
    assert_eq!(first.status.code(), Some(0), "{}", err(&first));
    assert_eq!(err(&first), "");
    assert!(
        out(&first).contains(" pages, ") && out(&first).contains("0 warnings"),
        "{}",
        out(&first)
    );
    let before = files(&dir.path().join("public"));
    let second = gongbu(dir.path(), &["build"]);
    assert!(out(&second).contains("(0 written"), "{}", out(&second));
    let site = |files: BTreeMap<PathBuf, _>| -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
        files.into_iter().filter(|(path, _)| !path.ends_with(".gongbu/lock")).collect()
    };
    assert!(site(before) == site(files(&dir.path().join("public"))), "something was written again");
}

#[test]
fn errors_are_told_at_once_and_nothing_is_written() {
    let dir = fresh();
    gongbu(dir.path(), &["build"]);
    let before = files(&dir.path().join("public"));
    fs::write(dir.path().join("notes/bad.md"), "---\ntitle: [a]\n---\nx\n").unwrap();
    fs::write(dir.path().join("notes/worse.md"), "# W\n\n[x](javascript:y)\n").unwrap();
    let build = gongbu(dir.path(), &["build"]);
    assert_eq!(build.status.code(), Some(1));
    let told = err(&build);
    assert!(told.contains("notes/bad.md:2:8") && told.contains("notes/worse.md:3:1"), "{told}");
    assert!(told.contains("^^^") && told.contains("help:") && told.contains("2 errors"), "{told}");
    assert!(!told.contains('\u{1b}'), "colour in a pipe");
    assert!(before == files(&dir.path().join("public")), "the output was touched");
}

/// Notes that only some disks can hold: ENC-16, ENC-21 and ENC-22.
#[cfg(target_os = "linux")]
#[test]
fn odd_files_are_told_by_name() {
    use std::os::unix::ffi::OsStrExt;
    let dir = fresh();
    let section = dir.path().join("notes/01-getting-started");
    let long = format!("{}.md", "가".repeat(84));
    fs::write(section.join(&long), "# 긴 이름\n\n글.\n").unwrap();
    let built = gongbu(dir.path(), &["build"]);
    assert_eq!(built.status.code(), Some(0), "{}", err(&built));
    let pages = files(&dir.path().join("public/01-getting-started"));
    let is_long = |path: &&PathBuf| path.to_string_lossy().contains("가가가");
    // Its page and its Markdown.
    assert_eq!(pages.keys().filter(is_long).count(), 2, "its page has a shorter name");

    fs::write(section.join(std::ffi::OsStr::from_bytes(b"a\xFF.md")), "# x\n\ny\n").unwrap();
    fs::File::create(section.join("big.md")).unwrap().set_len(100 * 1024 * 1024).unwrap();
    let before = files(&dir.path().join("public"));
    let refused = gongbu(dir.path(), &["build"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(err(&refused).contains("a\\xFF.md"), "{}", err(&refused));
    assert!(err(&refused).contains("104857600 bytes"), "{}", err(&refused));
    assert!(before == files(&dir.path().join("public")), "the site was touched");
}

#[test]
fn warnings_count_when_one_is_strict() {
    let dir = fresh();
    fs::write(dir.path().join("notes/w.md"), "# W\n\n[x](gone.md)\n").unwrap();
    assert_eq!(gongbu(dir.path(), &["build"]).status.code(), Some(0));
    assert_eq!(gongbu(dir.path(), &["build", "--strict"]).status.code(), Some(1));
}

#[test]
fn what_cannot_run_says_why() {
    let dir = TempDir::new().unwrap();
    let nothing = gongbu(dir.path(), &["build"]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(err(&nothing).contains("gongbu init"), "{}", err(&nothing));
    let dir = fresh();
    let before = files(dir.path());
    for out in ["notes", "notes/x", ".", "/", ".."] {
        let refused = gongbu(dir.path(), &["build", "--out", out]);
        assert_eq!(refused.status.code(), Some(2), "{out}: {}", err(&refused));
    }
    assert!(before == files(dir.path()), "a refused folder was touched");
    let twice = gongbu(dir.path(), &["init", "."]);
    assert_eq!(twice.status.code(), Some(2));
    let base = gongbu(dir.path(), &["build", "--base-url", "nonsense"]);
    assert_eq!(base.status.code(), Some(2));
}

#[test]
fn drafts_and_the_base_address_are_asked_for() {
    let dir = fresh();
    fs::write(dir.path().join("notes/d.md"), "---\ntitle: D\ndraft: true\n---\nx\n").unwrap();
    gongbu(dir.path(), &["build"]);
    let page = dir.path().join("public/d.html");
    assert!(!page.exists());
    gongbu(dir.path(), &["build", "--drafts", "--base-url", "https://example.org/n"]);
    assert!(fs::read_to_string(&page).unwrap().contains("https://example.org/n/d.html"));
    let missing = fs::read_to_string(dir.path().join("public/404.html")).unwrap();
    assert!(missing.contains("/n/index.html") && missing.contains("/n/assets/"), "{missing}");
}

#[test]
fn a_summary_is_the_same_on_paper_and_in_the_terminal() {
    let dir = fresh();
    let note = "+++\ntitle = \"01-09 저장\"\nsummary = \"줄임\"\n+++\n\n### S9 (Store Nine)\n\n- 사실은 **굵은 것**이다\n";
    fs::write(dir.path().join("notes/01-getting-started/09-s.md"), note).unwrap();
    gongbu(dir.path(), &["build"]);
    let paper =
        fs::read_to_string(dir.path().join("public/print/01-getting-started.html")).unwrap();
    for format in ["text", "markdown", "html", "json"] {
        for name in ["01", "1", "01-getting-started"] {
            let summary = gongbu(dir.path(), &["summary", name, "--format", format]);
            assert!(summary.status.success(), "{}", err(&summary));
            for words in ["01-09 저장", "줄임", "S9", "Store Nine", "굵은 것"] {
                assert!(
                    out(&summary).contains(words),
                    "{format} {name} lacks {words}:\n{}",
                    out(&summary)
                );
                assert!(paper.contains(words), "the paper lacks {words}");
            }
        }
    }
    let json = out(&gongbu(dir.path(), &["summary", "--format", "json"]));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(json["sections"].as_array().is_some_and(|it| !it.is_empty()));
    let wrong = gongbu(dir.path(), &["summary", "01-geting-started"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(err(&wrong).contains("did you mean `01-getting-started`?"), "{}", err(&wrong));
}

/// OUT-18.
#[test]
#[cfg(unix)]
fn a_closed_pipe_is_no_panic() {
    let dir = fresh();
    let mut child = Command::new(env!("CARGO_BIN_EXE_gongbu"))
        .current_dir(dir.path())
        .arg("summary")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(!err(&output).contains("panicked"));
}

#[test]
fn terms_tell_what_is_linked_and_what_is_not() {
    let dir = fresh();
    let root = dir.path();
    fs::write(
        root.join("notes/services.toml"),
        "[s3]\nname = \"S3\"\n[outposts]\nname = \"Outposts\"\nclass = \"proper\"\n[cloudfront]\nname = \"CloudFront\"\n",
    )
    .unwrap();
    let text = "# 글\n\nS3에 두고 `S3` S3x, S3 Outposts도. CloundFront는 CDN이다.\n";
    fs::write(root.join("notes/01-getting-started/90-x.md"), text).unwrap();
    let all = gongbu(root, &["terms"]);
    assert_eq!(all.status.code(), Some(0), "{}", err(&all));
    let out = String::from_utf8(all.stdout.clone()).unwrap();
    assert!(out.contains("Never mentioned\n  outposts, cloudfront"), "{out}");
    assert!(out.contains("S3 Outposts  notes/01-getting-started/90-x.md:3:"), "{out}");
    assert!(
        err(&all).contains("`CloundFront` is probably meant to be `CloudFront`"),
        "{}",
        err(&all)
    );
    assert!(err(&all).contains("90-x.md:3:"), "{}", err(&all));

    let one = gongbu(root, &["terms", "s3", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&one.stdout).unwrap();
    let term = &json["terms"][0];
    assert_eq!((term["links"].as_u64(), term["pages"].as_u64()), (Some(1), Some(1)), "{term}");
    assert_eq!(term["mentions"].as_array().unwrap().len(), 2, "{term}");
    assert_eq!(term["rejected"][0]["reason"], "a part of a longer word", "{term}");
    assert_eq!(gongbu(root, &["terms", "S4x"]).status.code(), Some(2));
}

#[test]
fn check_tells_all_and_mends_names() {
    let dir = fresh();
    let root = dir.path();
    let note = root.join("notes/01-getting-started/90-x.md");
    fs::write(
        root.join("notes/services.toml"),
        "[cloudfront]\nname = \"CloudFront\"\nsummary = \"CDN\"\n",
    )
    .unwrap();
    let text = "# 글\r\n\r\nCloundFront는 CDN이고, CloudFront다. 그리고 여기에는 스텁이 아닐 만큼 글이 더 있어야 한다. 그래서 한 문장을 더 쓰고, 또 한 문장을 더 쓰고, 마지막으로 한 문장을 더 쓴다.\r\n";
    fs::write(&note, text).unwrap();

    let human = gongbu(root, &["check"]);
    assert_eq!(human.status.code(), Some(1), "{}", err(&human));
    assert!(err(&human).contains("90-x.md:3:1"), "{}", err(&human));
    let json = gongbu(root, &["check", "--format", "json"]);
    let found: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(found[0]["code"], "near-miss", "{found}");
    assert_eq!((found[0]["line"].as_u64(), found[0]["end_column"].as_u64()), (Some(3), Some(12)));
    let github = gongbu(root, &["check", "--format", "github"]);
    let line = String::from_utf8(github.stdout).unwrap();
    assert!(
        line.starts_with("::warning file=notes/01-getting-started/90-x.md,line=3,endLine=3,col=1,endColumn=12,title=near-miss::`CloundFront`"),
        "{line}"
    );

    // Without a terminal to ask on nothing is changed.
    let asked = gongbu(root, &["check", "--fix"]);
    assert_eq!(fs::read_to_string(&note).unwrap(), text);
    let out = String::from_utf8(asked.stdout).unwrap();
    assert!(
        out.contains("90-x.md:3\n- CloundFront는") && out.contains("\n+ CloudFront는"),
        "{out}"
    );
    let mended = gongbu(root, &["check", "--fix", "--yes"]);
    assert_eq!(mended.status.code(), Some(0), "{}", err(&mended));
    assert_eq!(fs::read_to_string(&note).unwrap(), text.replace("Clound", "Cloud"));
    let left = fs::read_dir(note.parent().unwrap()).unwrap().flatten();
    assert!(left.into_iter().all(|it| !it.file_name().to_string_lossy().starts_with(".gongbu")));
}

#[test]
fn a_new_note_has_the_next_number() {
    let dir = fresh();
    let root = dir.path();
    let made = gongbu(root, &["new", "01", "S3 스토리지: \"클래스\""]);
    assert_eq!(made.status.code(), Some(0), "{}", err(&made));
    let file = "notes/01-getting-started/03-s3-스토리지-클래스.md";
    assert_eq!(String::from_utf8_lossy(&made.stdout).trim(), file);
    let text = fs::read_to_string(root.join(file)).unwrap();
    assert!(text.contains(r#"title = 'S3 스토리지: "클래스"'"#), "{text}");
    assert_eq!(gongbu(root, &["build"]).status.code(), Some(0));
    let unknown = gongbu(root, &["new", "getting-startd", "x"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(err(&unknown).contains("01-getting-started"), "{}", err(&unknown));
    assert_eq!(gongbu(root, &["new", "01", "???"]).status.code(), Some(2));
}

#[test]
fn the_theme_the_completions_and_the_manual_can_be_read() {
    let dir = fresh();
    let root = dir.path();
    fs::create_dir(root.join("templates")).unwrap();
    let shown = gongbu(root, &["theme", "show", "note.html"]);
    assert!(shown.stdout.starts_with(b"{% extends"), "{}", err(&shown));
    fs::write(root.join("templates/note.html"), [&shown.stdout[..], b"\n"].concat()).unwrap();
    let list = String::from_utf8(gongbu(root, &["theme", "list"]).stdout).unwrap();
    let own = list.lines().find(|line| line.starts_with("templates/note.html")).unwrap();
    assert!(own.contains("replaced"), "{list}");
    assert!(list.contains("static/gongbu.css"), "{list}");
    let unknown = gongbu(root, &["theme", "show", "nite.html"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(err(&unknown).contains("templates/note.html"), "{}", err(&unknown));
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let text = gongbu(root, &["completions", shell]).stdout;
        assert!(String::from_utf8(text).unwrap().contains("summary"), "{shell}");
    }
    let man = String::from_utf8(gongbu(root, &["man", "check"]).stdout).unwrap();
    assert!(man.contains(".TH") && man.contains("github"), "{man}");
    // Each command teaches with an example.
    let help = String::from_utf8(gongbu(root, &["--help"]).stdout).unwrap();
    let commands = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let names = commands.lines().filter_map(|line| line.split_whitespace().next());
    for name in names.filter(|name| *name != "help" && name.chars().all(|c| c.is_ascii_lowercase()))
    {
        let help = String::from_utf8(gongbu(root, &[name, "--help"]).stdout).unwrap();
        assert!(help.contains("Example: gongbu "), "{name}: {help}");
    }
}

#[test]
fn nothing_is_computed_twice_and_what_somebody_changed_is_found() {
    let dir = fresh();
    let root = dir.path();
    fs::write(root.join("notes/01-getting-started/90-x.md"), "# 글\n\n[없음](none.md)\n").unwrap();
    let line = |done: &std::process::Output| String::from_utf8_lossy(&done.stdout).into_owned();
    let first = gongbu(root, &["build"]);
    assert!(line(&first).contains(" 0 unchanged"), "{}", line(&first));
    let again = gongbu(root, &["build"]);
    assert!(line(&again).contains("(0 written"), "{}", line(&again));
    // What was told is told again, and counts as before.
    assert!(err(&again).contains("90-x.md:3:1"), "{}", err(&again));
    assert_eq!(gongbu(root, &["build", "--strict"]).status.code(), Some(1));
    assert_eq!(gongbu(root, &["build", "--verify"]).status.code(), Some(0));

    // A page of the same size and time as ours is taken for ours, until one looks.
    let page = root.join("public/index.html");
    let (bytes, times) = (fs::read(&page).unwrap(), fs::metadata(&page).unwrap());
    let changed: Vec<u8> = bytes.iter().map(|byte| byte.to_ascii_uppercase()).collect();
    fs::write(&page, changed).unwrap();
    let file = fs::File::options().write(true).open(&page).unwrap();
    file.set_modified(times.modified().unwrap()).unwrap();
    assert_eq!(gongbu(root, &["build"]).status.code(), Some(0));
    let verified = gongbu(root, &["build", "--verify"]);
    assert_eq!(verified.status.code(), Some(1));
    assert!(err(&verified).contains("index.html is not what"), "{}", err(&verified));
    fs::remove_file(&page).unwrap();
    assert!(line(&gongbu(root, &["build"])).contains("(1 written"));
    assert_eq!(fs::read(&page).unwrap(), bytes);

    // Another word in a note is another site.
    fs::write(root.join("notes/01-getting-started/90-x.md"), "# 글\n\n다른 글\n").unwrap();
    let edited = gongbu(root, &["build"]);
    assert!(!line(&edited).contains("(0 written") && err(&edited).is_empty(), "{}", line(&edited));
}

/// Somebody's notes stay where they are.
#[test]
fn init_adopts_the_notes_that_are_there() {
    let picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\x06\0\0\0";
    for (folder, named) in [("", "."), ("src", "src"), ("content", "content"), ("docs", "docs")] {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let notes = root.join(folder);
        fs::create_dir_all(notes.join("쓰기/inner")).unwrap();
        fs::create_dir_all(notes.join(".obsidian")).unwrap();
        fs::write(notes.join(".obsidian/x.md"), "# hidden\n").unwrap();
        fs::write(root.join("README.md"), "# 저장소\n\n글\n").unwrap();
        fs::write(
            notes.join("쓰기/하나.md"),
            "# 하나\n\n### 요약\n\n![[p.png]] [둘](inner/둘.md) [[없음]]\n",
        )
        .unwrap();
        fs::write(notes.join("쓰기/inner/둘.md"), "# 둘\n\n글 #태그 [[하나]]\n").unwrap();
        fs::write(notes.join("쓰기/p.png"), picture).unwrap();
        let before = files(root);
        let made = gongbu(root, &["init"]);
        assert_eq!(made.status.code(), Some(0), "{folder}: {}", err(&made));
        let config = fs::read_to_string(root.join("gongbu.toml")).unwrap();
        assert!(config.contains(&format!("notes = \"{named}\"")), "{config}");
        assert!(config.contains("language = \"ko\""), "{config}");
        assert!(config.contains("\n# heading_level"), "{config}");
        let after = files(root);
        assert!(before.iter().all(|(path, bytes)| after.get(path) == Some(bytes)), "{folder}");
        assert!(!root.join("notes").exists(), "{folder}");
        // A site in the folder of the notes is not read as notes.
        for _ in 0..2 {
            let built = gongbu(root, &["build"]);
            assert_eq!(built.status.code(), Some(0), "{folder}: {}", err(&built));
            let place = PathBuf::from(folder).join("쓰기/하나.md:5:");
            assert!(err(&built).contains(place.to_str().unwrap()), "{}", err(&built));
        }
        let page = fs::read_to_string(root.join("public/쓰기/하나.html")).unwrap();
        assert!(page.contains("width=\"16\"") && page.contains("inner/%EB%91%98.html"), "{page}");
        assert!(!root.join("public/public").exists());
        let out = gongbu(root, &["build", "--out", "elsewhere"]);
        assert_eq!(out.status.code(), Some(0), "{}", err(&out));
        let again = gongbu(root, &["build", "--verify"]);
        assert_eq!(again.status.code(), Some(0), "{}", err(&again));
        // A site among notes would take them with it (OUT-01).
        fs::create_dir(notes.join("쓰기/public")).unwrap();
        fs::write(notes.join("쓰기/public/넷.md"), "# 넷\n\n글\n").unwrap();
        for among in ["쓰기", "쓰기/public"] {
            let among = notes.join(among);
            let built = gongbu(root, &["build", "--adopt", "--out", among.to_str().unwrap()]);
            assert_eq!(built.status.code(), Some(2), "{}", err(&built));
        }
        let new = gongbu(root, &["new", "쓰기", "셋"]);
        let file = String::from_utf8_lossy(&new.stdout).trim().to_owned();
        assert!(root.join(&file).is_file(), "{file} {}", err(&new));
    }
    // Notes without a word of Korean are read in English.
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("docs")).unwrap();
    fs::write(dir.path().join("docs/one.md"), "# One\n\nSome words.\n").unwrap();
    gongbu(dir.path(), &["init"]);
    let config = fs::read_to_string(dir.path().join("gongbu.toml")).unwrap();
    assert!(config.contains("language = \"en\""), "{config}");
    // A repository with a README and nothing else has no notes yet.
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("README.md"), "# x\n").unwrap();
    gongbu(dir.path(), &["init"]);
    assert!(dir.path().join("notes/index.md").is_file());
}

/// OUT-19
#[test]
#[cfg(target_os = "linux")]
fn few_files_and_a_small_stack_are_enough() {
    let dir = fresh();
    for at in 0..200 {
        fs::write(dir.path().join(format!("notes/01-getting-started/{at}.md")), "# 글\n\n글\n")
            .unwrap();
    }
    let command =
        format!("ulimit -n 64; ulimit -s 256; exec {} build", env!("CARGO_BIN_EXE_gongbu"));
    let built = Command::new("sh").args(["-c", &command]).current_dir(dir.path()).output().unwrap();
    assert_eq!(built.status.code(), Some(0), "{}", err(&built));
}
