//! What is refused, what is left alone, and what is written at all.

use std::collections::{BTreeMap, BTreeSet};

use crate::host::{Ask, Event, Host, Object};
use crate::{Project, err, out};

fn foreign() -> Object {
    let headers = BTreeMap::new();
    Object { bytes: b"theirs".to_vec(), headers, etag: "\"theirs\"".into() }
}

/// DEP-13: a site that has lost most of its pages.
#[test]
fn much_is_not_deleted_unasked() {
    let project = Project::new(30);
    let host = Host::start();
    project.deployed(&host, &[]);
    for n in 0..27 {
        project.remove(&format!("notes/02-more/{n:03}-lesson.md"));
    }
    host.heal();
    let told = project.refused(&host, &[], 2);
    assert!(told.contains("more than a tenth") && told.contains("--max-delete"), "{told}");
    assert_eq!(host.state().count(Ask::writes), 0);
    // What pages load counts too, though it stays for a while.
    let told = project.deployed(&host, &["--max-delete", "70"]);
    assert!(told.contains(" 54 deleted"), "{told}");
    project.write("gongbu.toml", "[deploy]\nmax_deletes = 1\n");
    let told = project.refused(&host, &[], 1);
    assert!(told.contains("did you mean `max_delete`"), "{told}");
}

/// What is in the bucket and not ours stays as it is.
#[test]
fn what_is_not_ours_is_left_alone() {
    let project = Project::new(1);
    let host = Host::start();
    for key in ["a/photo.jpg", "a/02-more/000-lesson.html", "b/index.html", "other"] {
        host.state().objects.insert(key.into(), foreign());
    }
    let told = project.refused(&host, &[], 2);
    assert!(told.contains("02-more/000-lesson.html") && told.contains("--adopt"), "{told}");
    assert_eq!(host.state().count(Ask::writes), 0);
    project.deployed(&host, &["--adopt"]);
    project.remove("notes/02-more/000-lesson.md");
    project.deployed(&host, &["--max-delete", "100"]);
    let state = host.state();
    for key in ["a/photo.jpg", "b/index.html", "other"] {
        assert_eq!(state.objects[key], foreign(), "{key}");
    }
    assert!(!state.objects.contains_key("a/02-more/000-lesson.html"));
    let touched = state.asked.iter().filter(|ask| ask.writes());
    assert!(touched.clone().all(|ask| ask.key.starts_with("a/") || ask.method == "POST"));
    assert!(!touched.clone().any(|ask| ask.key == "a/photo.jpg"));
}

#[test]
fn another_site_is_not_replaced_unasked() {
    let (one, two) = (Project::new(0), Project::new(0));
    two.write("gongbu.toml", "title = \"Another\"\n");
    let host = Host::start();
    one.deployed(&host, &[]);
    let told = two.refused(&host, &[], 2);
    assert!(told.contains("holds another site") && told.contains("--take-over"), "{told}");
    two.deployed(&host, &["--take-over", "--max-delete", "100"]);
    // A copy of the bucket's folder is not the site.
    let copies: Vec<_> = host.state().objects.clone().into_iter().collect();
    for (key, object) in copies {
        host.state().objects.insert(key.replacen("a/", "c/", 1), object);
    }
    let args = ["deploy", "s3://notes/c", "--endpoint-url", &host.url];
    let moved = two.gongbu(&args).output().unwrap();
    assert_eq!(moved.status.code(), Some(2), "{}", out(&moved));
}

#[test]
fn a_site_that_is_not_fit_stays_here() {
    let project = Project::new(0);
    let host = Host::start();
    let told = project.refused(&host, &["--base-url", "http://localhost:3000/"], 2);
    assert!(told.contains("this machine"), "{told}");
    project.write("templates/404.html", "<a href=\"/gone.html\">x</a>");
    let told = project.refused(&host, &[], 2);
    assert!(told.contains("404.html → /gone.html"), "{told}");
    project.write("notes/bad.md", "---\ntitle: [a]\n---\nx\n");
    let told = project.refused(&host, &[], 1);
    assert!(told.contains("nothing was deployed"), "{told}");
    project.remove("notes/bad.md");
    let unnamed = project.gongbu(&["deploy"]).output().unwrap();
    assert_eq!(unnamed.status.code(), Some(2));
    assert!(err(&unnamed).contains("no target is named"), "{}", err(&unnamed));
    assert_eq!(host.state().asked.len(), 0);
}

/// DEP-15: only Cache-Control changed.
#[test]
fn headers_alone_are_a_change() {
    let project = Project::new(0);
    let host = Host::start();
    project.deployed(&host, &[]);
    let before = host.state().site();
    let config = "[deploy]\ncache_pages = \"public, max-age=60\"\n";
    let text = std::fs::read_to_string(project.root().join("gongbu.toml")).unwrap();
    project.write("gongbu.toml", &format!("{text}{config}"));
    host.heal();
    project.deployed(&host, &[]);
    let state = host.state();
    let put: BTreeSet<&String> =
        state.asked.iter().filter(|ask| ask.puts_content()).map(|ask| &ask.key).collect();
    let mutable: BTreeSet<&String> =
        before.keys().filter(|key| !gongbu::deploy::is_hashed(&key[2..])).collect();
    assert_eq!(put, mutable);
    assert!(mutable.iter().all(|key| {
        state.objects[*key].headers["cache-control"] == "public, max-age=60"
            && state.objects[*key].bytes == before[*key].bytes
    }));
}

/// DEP-16: an ETag is no MD5, and an object that somebody else wrote over ours is put right once.
#[test]
fn an_etag_means_nothing_but_itself() {
    let project = Project::new(0);
    let host = Host::start();
    project.deployed(&host, &[]);
    host.heal();
    project.deployed(&host, &[]);
    assert_eq!(host.state().count(Ask::writes), 0);
    let by_hand = Object { etag: "\"0123456789abcdef0123456789abcdef-2\"".into(), ..foreign() };
    host.state().objects.insert("a/index.html".into(), by_hand);
    project.deployed(&host, &[]);
    assert_eq!(host.state().count(Ask::puts_content), 1);
    host.heal();
    project.deployed(&host, &[]);
    assert_eq!(host.state().count(Ask::writes), 0);
}

/// DEP-18: two deploys at once, and a lock that is left over.
#[test]
fn one_deploys_at_a_time() {
    let project = Project::new(0);
    let host = Host::start();
    project.deployed(&host, &[]);
    let lock = |until: i64| {
        let text = format!(
            r#"{{"schema":1,"body":{{"token":"t","owner":"mina@laptop (process 7)","since":1,"until":{until}}}}}"#
        );
        Object { bytes: text.into_bytes(), ..foreign() }
    };
    project.lesson(0, "new");
    for (until, word) in [(i64::MAX / 2, "runs out"), (2, "has expired")] {
        host.state().objects.insert("a/_deploy/lock.json".into(), lock(until));
        host.heal();
        let told = project.refused(&host, &[], 5);
        assert!(told.contains("mina@laptop (process 7)") && told.contains(word), "{told}");
        assert_eq!(host.state().count(Ask::puts_content), 0);
        assert_eq!(host.state().objects["a/_deploy/lock.json"], lock(until));
    }
    project.deployed(&host, &["--break-lock"]);
    assert!(!host.state().objects.contains_key("a/_deploy/lock.json"));

    // Two processes: one of them deploys, whatever the order.
    project.lesson(1, "newer");
    host.heal();
    let both = [0; 2].map(|_| project.command(&host, &[]).spawn().unwrap());
    let codes = both.map(|mut child| child.wait().unwrap().code());
    assert!(codes.contains(&Some(0)), "{codes:?}");
    assert!(codes.iter().all(|code| matches!(code, Some(0 | 5))), "{codes:?}");
    project.deployed(&host, &[]);
}

/// DEP-21: keys with Hangul, a space, `+`, `%` and `#`.
#[test]
fn names_are_the_same_everywhere() {
    let project = Project::new(1);
    let host = Host::start();
    let names = ["한글 이름.txt", "a+b.txt", "100%.txt", "c#d.txt", "e%20f.txt"];
    for name in names {
        project.write(&format!("static/{name}"), "one\n");
    }
    project.deployed(&host, &[]);
    for name in names {
        assert!(host.state().objects.contains_key(&format!("a/{name}")), "{name}");
    }
    host.heal();
    let again = project.deployed(&host, &[]);
    assert!(again.starts_with("nothing to do"), "{again}");
    for name in names {
        project.write(&format!("static/{name}"), "two\n");
    }
    project.deployed(&host, &[]);
    let state = host.state();
    let Some(Event::Invalidate(paths)) =
        state.events.iter().rfind(|it| matches!(it, Event::Invalidate(_)))
    else {
        panic!("{:?}", state.events)
    };
    for path in [
        "/a/%ED%95%9C%EA%B8%80%20%EC%9D%B4%EB%A6%84.txt",
        "/a/a%2Bb.txt",
        "/a/100%25.txt",
        "/a/c%23d.txt",
        "/a/e%2520f.txt",
    ] {
        assert!(paths.iter().any(|it| it == path), "{path} in {paths:?}");
    }
}

/// DEP-22: content types are ours, whatever the machine thinks.
#[test]
fn content_types_are_exact() {
    let project = Project::new(0);
    let host = Host::start();
    let types = [
        ("x.woff2", "font/woff2"),
        ("x.svg", "image/svg+xml; charset=utf-8"),
        ("x.mjs", "text/javascript; charset=utf-8"),
        ("x.wasm", "application/wasm"),
        ("x.json", "application/json; charset=utf-8"),
        ("x.xml", "application/xml; charset=utf-8"),
        ("x.webp", "image/webp"),
        ("x.avif", "image/avif"),
        ("x.txt", "text/plain; charset=utf-8"),
        ("x.webmanifest", "application/manifest+json; charset=utf-8"),
        ("CNAME", "application/octet-stream"),
    ];
    for (name, _) in types {
        project.write(&format!("static/{name}"), "x");
    }
    project.deployed(&host, &[]);
    let state = host.state();
    let header = |name: &str, header: &str| -> Vec<String> {
        let ending = name.trim_start_matches('x');
        let is_it = |key: &&String| match name {
            "CNAME" => key.ends_with("CNAME"),
            _ => key.ends_with(ending) && !key.contains("_deploy"),
        };
        state
            .objects
            .keys()
            .filter(is_it)
            .map(|key| state.objects[key].headers[header].clone())
            .collect()
    };
    for (name, kind) in types.into_iter().chain([
        ("x.js", "text/javascript; charset=utf-8"),
        ("x.html", "text/html; charset=utf-8"),
        ("x.css", "text/css; charset=utf-8"),
    ]) {
        let found = header(name, "content-type");
        assert!(!found.is_empty() && found.iter().all(|it| it == kind), "{name}: {found:?}");
    }
    assert!(
        header("x.html", "cache-control")
            .iter()
            .all(|it| it == "public, max-age=0, must-revalidate")
    );
    let hashed = state.objects.keys().filter(|key| gongbu::deploy::is_hashed(&key[2..]));
    let caches: BTreeSet<&String> =
        hashed.map(|key| &state.objects[key].headers["cache-control"]).collect();
    assert_eq!(caches.into_iter().collect::<Vec<_>>(), ["public, max-age=31536000, immutable"]);
}

/// DEP-25: a dry run.
#[test]
fn a_dry_run_writes_nothing() {
    let project = Project::new(2);
    let host = Host::start();
    project.deployed(&host, &[]);
    let before = host.state().objects.clone();
    project.lesson(0, "changed");
    project.lesson(7, "new");
    project.remove("notes/02-more/001-lesson.md");
    host.state().objects.insert("a/photo.jpg".into(), foreign());
    host.heal();
    let text = project.deployed(&host, &["--dry-run"]);
    for line in [
        "new        02-more/007-lesson.html",
        "content    02-more/000-lesson.html",
        "delete     02-more/001-lesson.html",
        "foreign    photo.jpg",
        "invalidate /a/02-more/000-lesson.html",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    let json = project.deployed(&host, &["--dry-run", "--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["foreign"], serde_json::json!(["photo.jpg"]));
    for key in ["new", "content", "headers", "delete", "unchanged", "bytes", "invalidate"] {
        assert!(value.get(key).is_some(), "{key} in {json}");
    }
    assert_eq!(host.state().count(Ask::writes), 0);
    host.state().objects.remove("a/photo.jpg");
    assert!(host.state().objects == before);
}

/// DEP-27: the manifest is lost, cannot be read, or is newer than this program.
#[test]
fn a_lost_manifest_is_made_again() {
    let project = Project::new(2);
    let host = Host::start();
    project.deployed(&host, &[]);
    let manifest = host.state().objects["a/_deploy/manifest.json"].clone();
    for bytes in [None, Some("{\"schema\":1,\"bo")] {
        match bytes {
            None => drop(host.state().objects.remove("a/_deploy/manifest.json")),
            Some(bytes) => {
                let damaged = Object { bytes: bytes.into(), ..manifest.clone() };
                host.state().objects.insert("a/_deploy/manifest.json".into(), damaged);
            }
        }
        host.state().objects.insert("a/photo.jpg".into(), foreign());
        host.heal();
        project.deployed(&host, &[]);
        assert_eq!(host.state().count(Ask::puts_content), 0, "{bytes:?}");
        assert_eq!(
            host.state().objects["a/_deploy/manifest.json"].bytes,
            manifest.bytes,
            "{bytes:?}"
        );
        assert_eq!(host.state().objects["a/photo.jpg"], foreign());
    }
    let newer = Object { bytes: b"{\"schema\":2,\"body\":{}}".to_vec(), ..manifest };
    host.state().objects.insert("a/_deploy/manifest.json".into(), newer);
    host.heal();
    let told = project.refused(&host, &[], 2);
    assert!(told.contains("written by a newer gongbu"), "{told}");
    assert_eq!(host.state().count(Ask::writes), 0);
}

/// The figures of a site of ten thousand files: see benches/README.md.
#[test]
fn what_is_unchanged_costs_little() {
    let project = Project::new(0);
    let host = Host::start();
    for n in 0..9_970 {
        project.write(&format!("static/files/{n}.txt"), &n.to_string());
    }
    let first = project.deployed(&host, &[]);
    let files = host.state().site().len();
    assert!((10_000..10_900).contains(&files), "{files} files; {first}");
    host.heal();
    project.deployed(&host, &[]);
    let state = host.state();
    println!("{files} unchanged files: {} requests", state.asked.len());
    assert!(state.asked.len() <= 12, "{} requests", state.asked.len());
    assert_eq!(state.count(Ask::writes), 0);
}

/// One changed note: how many paths caches are asked to forget.
#[test]
fn one_changed_note_is_a_few_paths() {
    let project = Project::new(40);
    let host = Host::start();
    project.deployed(&host, &[]);
    project.lesson(20, "한 줄을 고쳤다.");
    host.state().events.clear();
    host.heal();
    project.deployed(&host, &[]);
    let state = host.state();
    let paths: Vec<&String> = state
        .events
        .iter()
        .flat_map(|event| match event {
            Event::Invalidate(paths) => &paths[..],
            _ => &[],
        })
        .collect();
    println!("one changed note: {} paths, {} files", paths.len(), state.count(Ask::puts_content));
    assert!((1..=15).contains(&paths.len()), "{paths:?}");
    assert_eq!(state.references.len(), 1);
}

/// DEP-19: four thousand changed pages are one request with few paths.
#[test]
fn many_changed_files_are_one_request() {
    let project = Project::new(0);
    let host = Host::start();
    let write = |text: &str| {
        for n in 0..4_000 {
            project.write(&format!("static/{:02}/{n}.txt", n % 8), text);
        }
    };
    write("one");
    project.deployed(&host, &[]);
    write("two");
    host.state().events.clear();
    project.deployed(&host, &[]);
    let state = host.state();
    let asked: Vec<&Vec<String>> = state
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Invalidate(paths) => Some(paths),
            _ => None,
        })
        .collect();
    assert_eq!(asked.len(), 1);
    let wildcards = asked[0].iter().filter(|path| path.ends_with('*')).count();
    assert!((1..=8).contains(&wildcards), "{:?}", asked[0]);
}

#[test]
fn what_the_host_has_to_be_told_is_printed() {
    let project = Project::new(0);
    for (what, word) in [
        ("iam", "arn:aws:s3:::notes/a/*"),
        ("headers", "default-src 'none'"),
        ("function", "index.html"),
    ] {
        let output = project.gongbu(&["deploy", "s3://notes/a", "--print", what]).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert!(out(&output).contains(word), "{}", out(&output));
    }
    let help = project.gongbu(&["deploy", "--help"]).output().unwrap();
    assert!(out(&help).contains("Example: gongbu deploy"), "{}", out(&help));
}
