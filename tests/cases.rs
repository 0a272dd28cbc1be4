//! A case is a folder under `tests/cases/`: a project, and in `expect/` what comes of it.
//!
//! `expect/diagnostics.txt` is all that is told about the notes; none means that nothing is.
//! `expect/check.txt` is what `gongbu check` tells besides. Any other file is one of the site: of an HTML page only what is inside its text is compared, unless
//! its name ends in `.full.html`. A case names only the files it is about. `UPDATE=1 cargo test`
//! writes the expectations that are there; one that the site no longer has fails.
#![allow(clippy::disallowed_methods, missing_docs, reason = "it reads its cases")]

use std::fs;
use std::path::{Path, PathBuf};

use gongbu::build::{Built, build};
use gongbu::diag::{Diagnostic, position};
use gongbu::disk;
use gongbu::path::OutPath;
use gongbu::plan::Artifact;
use gongbu::snapshot::{Entry, Options, Refusal, Snapshot};

#[test]
fn every_case_gives_what_it_expects() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut folders: Vec<PathBuf> =
        fs::read_dir("tests/cases").unwrap().map(|it| it.unwrap().path()).collect();
    folders.sort();
    assert!(folders.len() > 20, "the cases are gone");
    let wrong: Vec<String> = folders.iter().flat_map(|folder| case(folder, update)).collect();
    assert!(
        wrong.is_empty(),
        "\n{}\n\nUPDATE=1 cargo test writes what is there now\n",
        wrong.join("\n")
    );
}

fn case(folder: &Path, update: bool) -> Vec<String> {
    let snapshot = disk::read(folder, Options::default()).unwrap();
    let built = build(&snapshot);
    let expect = folder.join("expect");
    let told = told(&snapshot, &built.diags);
    let mut wrong = vec![];
    let compare = |path: &Path, found: &str, wrong: &mut Vec<String>| {
        let expected = fs::read_to_string(path).unwrap_or_default();
        if expected != found && update {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, found).unwrap();
        } else if expected != found {
            wrong.push(format!("{}\n--- expected\n{expected}\n+++ found\n{found}", path.display()));
        }
    };
    let diagnostics = expect.join("diagnostics.txt");
    if told.is_empty() && update {
        let _ = fs::remove_file(&diagnostics);
    } else {
        compare(&diagnostics, &told, &mut wrong);
    }
    for path in files(&expect) {
        let name = path.strip_prefix(&expect).unwrap().to_str().unwrap().replace('\\', "/");
        if name == "diagnostics.txt" {
            continue;
        }
        if name == "check.txt" {
            compare(&path, &self::told(&snapshot, &built.site.check()), &mut wrong);
            continue;
        }
        match text_of(&built, &name) {
            Some(found) => compare(&path, &found, &mut wrong),
            None => wrong.push(format!("{}: the site has no such file", path.display())),
        }
    }
    wrong
}

fn told(snapshot: &Snapshot, diags: &[Diagnostic]) -> String {
    let place = |file: &str, at: usize| match snapshot.text(file) {
        Some(bytes) => {
            let at = position(bytes, at);
            format!("{file}:{}:{}", at.line, at.column)
        }
        None => file.to_owned(),
    };
    let mut out = String::new();
    for diag in diags {
        let severity = if diag.is_error() { "error" } else { "warning" };
        let file = diag.file.as_str();
        let range = diag.span.range();
        out.push_str(&format!(
            "{severity}[{}] {}: {}\n",
            diag.code,
            place(file, range.start),
            diag.message
        ));
        if let Some(text) =
            snapshot.text(file).and_then(|bytes| bytes.get(range)).filter(|it| !it.is_empty())
        {
            let text = String::from_utf8_lossy(text).replace(|c: char| c.is_control(), " ");
            out.push_str(&format!("  here: {}\n", text.chars().take(60).collect::<String>()));
        }
        for (file, span, label) in &diag.related {
            out.push_str(&format!("  {label}: {}\n", place(file.as_str(), span.range().start)));
        }
        for hint in &diag.hints {
            out.push_str(&format!("  help: {hint}\n"));
        }
    }
    out
}

fn text_of(built: &Built, name: &str) -> Option<String> {
    let full = name.strip_suffix(".full.html").map(|stem| format!("{stem}.html"));
    let path = OutPath::from(full.as_deref().unwrap_or(name));
    let bytes = match &built.plan.get(&path)?.artifact {
        Artifact::Bytes(bytes) => bytes,
        // What is copied is said by its name.
        Artifact::Copy(source) => return Some(format!("a copy of {source}\n")),
        Artifact::Taken { .. } => return Some(String::new()),
    };
    let text = String::from_utf8(bytes.unpack()).unwrap();
    if full.is_some() || !name.ends_with(".html") {
        return Some(text);
    }
    let start =
        ["<article class=\"text card\">", "<article class=\"text\">", "<div class=\"text\">"];
    let inside = start
        .iter()
        .find_map(|start| text.split_once(start))
        .map_or(text.as_str(), |(_, rest)| rest);
    let end = if text.contains("<article class=\"text") { "</article>" } else { "</div>\n" };
    let inside = inside.split(end).next().unwrap_or_default();
    Some(format!("{}\n", inside.trim()))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return vec![] };
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> =
        paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect();
    found.sort();
    found
}

/// What cannot stand in a folder: bytes that an editor or git would mend.
#[test]
fn odd_bytes() {
    type Check = fn(&Built, &str);
    let rows: &[(&str, &[u8], Check)] = &[
        ("ENC-01", b"# a\n\n\n\n\n\nb\xFFc\n", |_, told| {
            assert!(told.contains("error[not-utf8] notes/s/n.md:7:2: byte 10") && told.contains("UTF-8"));
        }),
        ("ENC-03", b"# \xB0\xA1\xB3\xAA\xB4\xD9\n\n\xC7\xD1\xB1\xDB\n", |_, told| {
            assert!(told.contains("looks like EUC-KR") && told.contains("iconv"));
        }),
        ("ENC-04", b"\xEF\xBB\xBF---\ntitle: T\n---\n\nx **b**\n", |built, told| {
            assert_eq!((told, built.site.notes[0].note().title.as_str()), ("", "T"));
        }),
        ("ENC-06", b"---\r\ntitle: T\r\n---\r\n\r\na\r\nb\r\r## H\r\r- x\r\n", |built, told| {
            assert_eq!(told, "");
            let text = text_of(built, "s/n.html").unwrap();
            assert!(text.contains("<h2 id=\"h\">H") && text.contains("<li>x</li>"), "{text}");
        }),
        ("ENC-07", b"# a\n\nx\0y `c\0d`\n", |built, told| {
            assert!(told.contains("warning[nul] notes/s/n.md:3:2"));
            let text = text_of(built, "s/n.html").unwrap();
            assert!(text.contains("x\u{FFFD}y") && text.contains("c\u{FFFD}d"), "{text}");
        }),
        ("ENC-09", "# a\n\nx\u{202E}y\n\n```\na\u{2066}b\n```\n".as_bytes(), |built, told| {
            assert!(told.contains("warning[bidi] notes/s/n.md:3:2"));
            assert!(text_of(built, "s/n.html").unwrap().contains("a\\u{2066}b"));
        }),
        ("ENC-09 title", "---\ntitle: \"a\u{202E}b\"\n---\nx\n".as_bytes(), |_, told| {
            assert!(told.contains("error[bidi]"));
        }),
        ("ENC-10", "# a\u{202E}b\n\nx\n".as_bytes(), |_, told| assert!(told.contains("error[bidi]"))),
        ("ENC-18", b" \n\n", |_, told| assert!(told.contains("warning[empty-note]"))),
        ("FM-10", b"---\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d]\n---\nx\n", |_, told| {
            assert!(told.contains("error[front-matter]"), "{told}");
        }),
        ("ENC-19", b"---\ntitle: \"\\ud800\"\n---\nx\n", |_, told| {
            assert!(told.contains("error[front-matter] notes/s/n.md:2:"), "{told}");
        }),
        ("STR-16", b"# a\n\n## h {.a\" onclick=\"x}\n\nx\n", |built, told| {
            assert!(told.contains("warning[heading-attribute] notes/s/n.md:3:1"), "{told}");
            assert!(!text_of(built, "s/n.html").unwrap().contains(" onclick"));
        }),
        ("ENC-13, NFD", "# \u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}\n\n## \u{1112}\u{1161}\u{11ab}\n\n[a](#한)\n".as_bytes(), |built, told| {
            assert_eq!((told, built.site.notes[0].note().title.as_str()), ("", "한글"));
            assert!(text_of(built, "s/n.html").unwrap().contains("id=\"한\""));
        }),
    ];
    for (id, bytes, check) in rows {
        let mut snapshot = Snapshot::default();
        snapshot.files.insert("notes/s/n.md".into(), Entry::Text((*bytes).into()));
        let built = build(&snapshot);
        let told = told(&snapshot, &built.diags);
        eprintln!("{id}: {told}");
        check(&built, &told);
    }
}

/// What is too large for a folder. None of it may cost more than its length; it would not end.
#[test]
fn large_and_wicked_input() {
    let n = 100_000;
    let growing: String = (1..440).map(|n| format!("{} ", "`".repeat(n))).collect();
    let definitions: String = (0..n).map(|n| format!("[{n}]: <#{n}>\n")).collect();
    let rows: &[(&str, String, Option<&str>)] = &[
        ("STR-18", "[".repeat(n), None),
        ("STR-18", "](".repeat(n), None),
        ("STR-18", "[^".repeat(n), None),
        ("STR-18", "![".repeat(n), None),
        ("STR-18", "[[".repeat(n), None),
        ("STR-19", "*".repeat(n), None),
        ("STR-19", "_".repeat(n), None),
        ("STR-19", "*_".repeat(n), None),
        ("STR-19", "**가(나)".repeat(n / 4), None),
        ("STR-19", growing, None),
        (
            "STR-21",
            (0..1000).map(|n| format!("{}- a\n", "  ".repeat(n))).collect(),
            Some("too-deep"),
        ),
        ("STR-21", format!("{}a\n", "> - ".repeat(200)), Some("too-deep")),
        (
            "STR-22",
            format!("{}|\n{}|\n", "|a".repeat(10_000), "|-".repeat(10_000)),
            Some("too-wide"),
        ),
        ("STR-22", format!("|a|b|\n|-|-|\n{}", "|x|\n".repeat(n)), None),
        ("STR-24", definitions, None),
        ("ENC-15", "가나 EC2 **다(라)**는 ".repeat(300_000), None),
        ("STR-27", format!("```js\n{}\n```\n", "x".repeat(30_000)), Some("large-code")),
        ("marks", "==a".repeat(n), None),
        ("comments", "%%a".repeat(n), None),
        ("comments", "a %%a%%\n".repeat(n), None),
        ("comments", "a %%a\n".repeat(n), None),
        ("comments", "%%\n`%%`\n\n".repeat(n), None),
        ("addresses", "http://".repeat(n), None),
        ("tokens", "EC2/".repeat(n), None),
    ];
    for (id, text, code) in rows {
        let mut snapshot = Snapshot::default();
        snapshot.files.insert(
            "gongbu.toml".into(),
            Entry::Text(b"[terms]\nheading_level = 3\n".as_slice().into()),
        );
        let text = format!("# T\n\n### EC2 (Elastic)\n\na\n\n## B\n\n{text}\n");
        snapshot.files.insert("notes/s/n.md".into(), Entry::Text(text.into_bytes().into()));
        let start = std::time::Instant::now();
        let built = build(&snapshot);
        eprintln!("{id}: {:?}", start.elapsed());
        let codes: Vec<&str> = built
            .diags
            .iter()
            .filter(|it| it.is_error() || code.is_some())
            .map(|it| it.code)
            .collect();
        let as_expected = code.map_or(codes.is_empty(), |code| codes.contains(&code));
        assert!(as_expected, "{id}: {codes:?}");
    }
}

#[test]
fn files_that_were_not_read() {
    let refusals = [
        (Refusal::Symlink, "symbolic link"),
        (Refusal::NotAFile, "not a regular file"),
        (Refusal::TooBig { len: 100, limit: 10 }, "100 bytes"),
        (Refusal::Unreadable("denied".into()), "denied"),
        (Refusal::Name("\\xFF.md".into()), "\\xFF.md"),
    ];
    for (refusal, words) in refusals {
        let mut snapshot = Snapshot::default();
        snapshot.files.insert("notes/s/n.md".into(), Entry::Refused(refusal));
        let built = build(&snapshot);
        assert!(built.has_errors());
        assert!(told(&snapshot, &built.diags).contains(words));
    }
}

/// Both forms of one name in one folder, which only some disks can hold (ENC-12).
#[test]
fn one_name_in_two_code_points() {
    let mut snapshot = Snapshot::default();
    for name in ["notes/s/한글.md", "notes/s/\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}.md"]
    {
        snapshot.files.insert(name.into(), Entry::Text(b"# a\n\nx\n".as_slice().into()));
    }
    let told = told(&snapshot, &build(&snapshot).diags);
    assert!(
        told.contains("error[same-page]") && told.contains("U+D55C") && told.contains("U+1112"),
        "{told}"
    );
}

/// Automatic links: what is linked in a sentence, and to which service.
#[test]
fn which_words_become_links() {
    const NAMES: &str = "S3 EC2 CloudFront RDS VPC EBS EFS ELB WAF Auto-Scaling CloudWatch CloudWatch-Logs S3-Glacier S3-Transfer-Acceleration Lambda IAM Route-53";
    let names: String =
        NAMES.split(' ').map(|name| format!("### {}\n\n.\n\n", name.replace('-', " "))).collect();
    let rows: &[(&str, &str)] = &[
        ("데이터를 S3에 저장한다", "S3→s3"),
        ("EC2는 서버리스가 아닙니다", "EC2→ec2"),
        ("S3버킷에서 S3버킷, 또는 다른곳으로", "S3→s3"),
        ("**S3**에 배포하고 **CloudFront**로 분산", "S3→s3 CloudFront→cloudfront"),
        ("S3 Glacier와 S3를 비교", "S3 Glacier→s3-glacier S3→s3"),
        (
            "CloudWatch Logs로 람다나 EC2를 모니터링",
            "CloudWatch Logs→cloudwatch-logs 람다→lambda EC2→ec2",
        ),
        ("CloudWatch Alarms: 가격 알람", "CloudWatch→cloudwatch"),
        ("EC2나 람다 같은 서비스", "EC2→ec2 람다→lambda"),
        ("람다식을 작성한다", ""),
        ("ACME람다로 바로 지원", "람다→lambda"),
        ("ACME Lambda runs code", "ACME Lambda→lambda"),
        ("ACME 람다를 쓴다", "람다→lambda"),
        ("ELB가 트래픽을 분산", "ELB→elb"),
        ("Auto Scaling으로 확장", "Auto Scaling→auto-scaling"),
        ("auto scaling is a general idea", ""),
        ("s3://my-bucket/key 와 arn:aws:s3:::b", ""),
        ("https://S3.example.com/doc 참고, S3.example.com이 주소", ""),
        ("S3:GetObject 권한, ACME::S3::Bucket, Lambda@Edge, #S3, $S3, ./S3/x, S3.tf", ""),
        ("[S3 문서](https://example.com/s3/)를 보고 S3에 저장", "S3→s3"),
        ("S3/EFS에 데이터를 전송", "S3→s3 EFS→efs"),
        ("S3·EBS, (RDS) 그리고 ‘VPC’", "S3→s3 EBS→ebs RDS→rds VPC→vpc"),
        ("S30 모델과 ACME3, XS3, S3_x", ""),
        ("ECSTASY and RDSX", ""),
        ("S3-IA는 S3가 아니다", "S3→s3"),
        ("VPCs와 EBSs", "VPC→vpc EBS→ebs"),
        ("재람다와 람다도 람다로부터는", "람다→lambda"),
        ("람다지만", "람다→lambda"),
        ("람다인스턴스", ""),
        ("S3에 저장하고 S3에서 읽는다", "S3→s3"),
        ("`S3` <kbd>S3</kbd>", ""),
        ("[[Lambda|함수]]를 쓰고 람다를 다시 쓴다", "함수→lambda"),
        ("| a |\n|---|\n| [[Lambda\\|함수]]와 람다 |", "함수→lambda"),
        ("**S3** Glacier", "S3→s3"),
        ("S3\nGlacier에 둔다", "S3\nGlacier→s3-glacier"),
        ("S3&amp;EC2", "S3→s3 EC2→ec2"),
        (
            "\u{1105}\u{1161}\u{11b7}\u{1103}\u{1161}는 S3\u{110b}\u{1166}",
            "\u{1105}\u{1161}\u{11b7}\u{1103}\u{1161}→lambda S3→s3",
        ),
        ("EC2 (S3)는 ==RDS==와 ~~VPC~~", "EC2→ec2 S3→s3 RDS→rds VPC→vpc"),
        ("1. EC2\n2. EC2", "EC2→ec2"),
    ];
    let config = "[terms]\nheading_level = 3\nvendor = [\"ACME\"]\n[html]\ntrust = true\n";
    let mut wrong = vec![];
    for (text, expected) in rows {
        let mut snapshot = Snapshot::fixture(&format!(
            "//- gongbu.toml\n{config}//- notes/a/names.md\n# Names\n\n{names}//- notes/a/l.md\n+++\ntitle = \"x\"\nservice = \"lambda\"\naliases = [\"람다\"]\n+++\n.\n"
        ));
        let note = format!("# T\n\n## B\n\n{text}\n");
        snapshot.files.insert("notes/a/t.md".into(), Entry::Text(note.into_bytes().into()));
        let built = build(&snapshot);
        let html = text_of(&built, "a/t.html").unwrap();
        let links: Vec<String> = html
            .split("class=\"term\" data-term=\"")
            .skip(1)
            .map(|part| {
                let (id, rest) = part.split_once('"').unwrap();
                let name = rest.split_once('>').unwrap().1.split("</a>").next().unwrap();
                format!("{name}→{id}")
            })
            .collect();
        if links.join(" ") != *expected {
            wrong.push(format!("{text}\n  expected: {expected}\n  found:    {}", links.join(" ")));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}
