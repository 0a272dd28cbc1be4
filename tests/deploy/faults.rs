//! What a host may answer: errors that pass and errors that do not, lost replies, wrong clocks, no answer
//! at all.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::host::{Ask, Fault, Host};
use crate::{Project, err, out};

fn writes(host: &Host) -> usize {
    host.state().count(Ask::writes)
}

/// DEP-01: none, expired, malformed.
#[test]
fn without_credentials_nothing_is_written() {
    let project = Project::new(0);
    let host = Host::start();
    let mut none = project.command(&host, &[]);
    let none = none.env_remove("AWS_ACCESS_KEY_ID").output().unwrap();
    assert_eq!(none.status.code(), Some(5), "{}", out(&none));
    for link in
        ["environment", "profile", "SSO", "web identity", "process", "container", "instance"]
    {
        assert!(err(&none).contains(link), "{link} in {}", err(&none));
    }
    let mut malformed = project.command(&host, &[]);
    let malformed = malformed.env("AWS_ACCESS_KEY_ID", "line\nbreak").output().unwrap();
    assert_eq!(malformed.status.code(), Some(5), "{}", out(&malformed));
    assert!(err(&malformed).contains("environment"), "{}", err(&malformed));
    assert_eq!(host.state().asked.len(), 0);

    host.faults(|_| Fault::Error(400, "ExpiredToken"));
    let told = project.refused(&host, &[], 5);
    assert!(told.contains("not valid") && told.contains("sign in again"), "{told}");
    assert_eq!(host.state().asked.len(), 1, "it was tried again");
    host.faults(|ask| if ask.writes() { Fault::Error(403, "AccessDenied") } else { Fault::None });
    let told = project.refused(&host, &[], 5);
    for word in ["s3:PutObject", "s3://notes/a/_deploy/lock.json", "us-east-1", "--print iam"] {
        assert!(told.contains(word), "{word} in {told}");
    }
    assert_eq!(writes(&host), 1, "it was tried again");
    assert_eq!(host.state().objects.len(), 0);
}

/// DEP-03: no such bucket, another region.
#[test]
fn a_wrong_place_is_named() {
    let project = Project::new(0);
    let host = Host::start();
    let args = ["deploy", "s3://other/a", "--endpoint-url", &host.url];
    let gone = project.gongbu(&args).output().unwrap();
    assert_eq!(gone.status.code(), Some(5));
    assert!(err(&gone).contains("there is no bucket `other`"), "{}", err(&gone));
    host.state().region = Some("ap-northeast-2");
    host.faults(|_| Fault::Error(301, "PermanentRedirect"));
    let told = project.refused(&host, &["--region", "eu-west-1"], 5);
    for word in ["s3://notes/a/", "ap-northeast-2", "eu-west-1", "AWS_REGION=ap-northeast-2"] {
        assert!(told.contains(word), "{word} in {told}");
    }
    assert_eq!(host.state().asked.len(), 1, "it was tried again");
}

/// DEP-04: 503 SlowDown twenty times, 429, 500, and connections that end.
#[test]
fn what_passes_is_waited_for() {
    let project = Project::new(12);
    let host = Host::start();
    host.faults(|ask| match ask.number {
        5..25 => Fault::Error(503, "SlowDown"),
        27 | 32 => Fault::Error(429, ""),
        28 | 33 => Fault::Error(500, "InternalError"),
        29 | 34 => Fault::Reset,
        30 | 35 => Fault::LostReply,
        31 | 36 => Fault::OkWithError,
        _ => Fault::None,
    });
    let start = Instant::now();
    project.deployed(&host, &[]);
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    host.heal();
    let again = project.deployed(&host, &[]);
    assert!(again.starts_with("nothing to do"), "{again}");
    assert_eq!(writes(&host), 0);
}

/// DEP-04: a host that stays slow is not asked for ever.
#[test]
fn what_does_not_pass_ends() {
    let project = Project::new(0);
    let host = Host::start();
    host.faults(|ask| if ask.puts_content() { Fault::Error(503, "SlowDown") } else { Fault::None });
    let start = Instant::now();
    let told = project.refused(&host, &["--patience", "3"], 5);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert!(told.contains("503 SlowDown") && told.contains("deploy again"), "{told}");
}

/// 200 with an error in the body is no success, however often it comes.
#[test]
fn a_success_that_is_none_fails() {
    let project = Project::new(0);
    let host = Host::start();
    host.faults(|ask| match ask.puts_content() && ask.key.ends_with(".css") {
        true => Fault::OkWithError,
        false => Fault::None,
    });
    let told = project.refused(&host, &["--patience", "1"], 5);
    assert!(told.contains("InternalError"), "{told}");
    assert!(!host.state().objects.contains_key("a/index.html"));
}

/// DEP-06: the reply to the lock, to the journal and to the manifest is lost after they were written.
#[test]
fn our_own_writes_are_known_again() {
    for name in ["lock", "pending", "manifest"] {
        let project = Project::new(0);
        let host = Host::start();
        let key = format!("a/_deploy/{name}.json");
        let lost = std::sync::atomic::AtomicBool::new(false);
        host.faults(move |ask| {
            let is_it = ask.method == "PUT" && ask.key == key;
            match is_it && !lost.swap(true, std::sync::atomic::Ordering::Relaxed) {
                true => Fault::LostReply,
                false => Fault::None,
            }
        });
        project.deployed(&host, &[]);
        let own: Vec<String> =
            host.state().objects.keys().filter(|it| it.contains("_deploy/")).cloned().collect();
        assert_eq!(own, ["a/_deploy/manifest.json"], "{name}");
        // The same when there is something to write over.
        project.lesson(0, "new");
        host.heal();
        project.deployed(&host, &[]);
    }
}

/// DEP-07: 409 ConditionalRequestConflict.
#[test]
fn a_conflict_is_tried_again() {
    let project = Project::new(0);
    let host = Host::start();
    let conflicts = std::sync::atomic::AtomicUsize::new(0);
    host.faults(move |ask| {
        let is_conditional = ask.headers.contains_key("if-none-match");
        match is_conditional && conflicts.fetch_add(1, std::sync::atomic::Ordering::Relaxed) < 3 {
            true => Fault::Error(409, "ConditionalRequestConflict"),
            false => Fault::None,
        }
    });
    project.deployed(&host, &[]);
}

/// DEP-09: a clock that is twenty minutes off, and one that is two.
#[test]
fn both_clocks_are_told() {
    let project = Project::new(0);
    let host = Host::start();
    host.state().ahead = 20 * 60;
    host.faults(|_| Fault::Error(403, "RequestTimeTooSkewed"));
    let told = project.refused(&host, &[], 5);
    assert_eq!(told.matches(" GMT").count(), 2, "{told}");
    assert_eq!(host.state().asked.len(), 1, "it was tried again");
    host.state().ahead = -120;
    host.heal();
    let output = project.deploy(&host, &[]);
    assert_eq!(output.status.code(), Some(0));
    let told = err(&output);
    assert!(told.contains("seconds ahead of the host's"), "{told}");
    host.state().ahead = 30;
    assert_eq!(err(&project.deploy(&host, &[])), "");
}

/// DEP-12: one asset cannot be written, ever.
#[test]
fn a_failure_stops_before_what_comes_next() {
    let project = Project::new(3);
    let host = Host::start();
    project.deployed(&host, &[]);
    let before = host.state().objects.clone();
    project.write("static/gongbu.css", "body { color: red }\n");
    project.remove("notes/02-more/002-lesson.md");
    host.faults(|ask| match ask.puts_content() && ask.key.ends_with(".css") {
        true => Fault::Error(403, "AccessDenied"),
        false => Fault::None,
    });
    project.refused(&host, &[], 5);
    let state = host.state();
    let is_changed = |key: &&String| state.objects.get(*key) != before.get(*key);
    let changed: Vec<&String> =
        state.objects.keys().chain(before.keys()).filter(is_changed).collect();
    // Other assets with a hash may have gone up; nobody names them yet.
    let is_harmless = |key: &&&String| key.contains("/assets/") || key.ends_with("/pending.json");
    assert!(changed.iter().all(|key| is_harmless(&key)), "{changed:?}");
    assert_eq!(state.count(|ask| ask.method == "DELETE" && !ask.key.contains("_deploy")), 0);
}

/// The invalidation fails for now: the site is up, and the debt is paid by the next deploy, under the
/// same name.
#[test]
fn a_debt_of_invalidations_survives() {
    let project = Project::new(2);
    let host = Host::start();
    project.deployed(&host, &[]);
    project.lesson(0, "anders");
    host.faults(|ask| match ask.method == "POST" {
        true => Fault::Error(400, "TooManyInvalidationsInProgress"),
        false => Fault::None,
    });
    let told = project.refused(&host, &["--patience", "2"], 5);
    assert!(told.contains("the new site is up") && told.contains("deploy again"), "{told}");
    assert!(host.state().objects.contains_key("a/_deploy/pending.json"));
    // Two places become free after a while.
    host.faults(|ask| match ask.method == "POST" && ask.number < 9 {
        true => Fault::Error(400, "TooManyInvalidationsInProgress"),
        false => Fault::None,
    });
    let told = project.deployed(&host, &["--wait"]);
    assert!(told.contains("0 content") && !told.contains(" 0 paths invalidated"), "{told}");
    assert_eq!(host.state().count(Ask::puts_content), 0);
    assert!(!host.state().objects.contains_key("a/_deploy/pending.json"));
    // A lost reply is asked for again under one name.
    project.lesson(0, "noch anders");
    host.state().references.clear();
    let lost = std::sync::atomic::AtomicBool::new(false);
    host.faults(move |ask| {
        let first = ask.method == "POST" && !lost.swap(true, std::sync::atomic::Ordering::Relaxed);
        if first { Fault::LostReply } else { Fault::None }
    });
    project.deployed(&host, &[]);
    assert_eq!(host.state().count(|ask| ask.method == "POST"), 2);
    assert_eq!(host.state().references.len(), 1);
}

/// DEP-28: nobody there, somebody who says nothing, a bundle of certificates that is none, a proxy.
#[test]
fn no_network_is_told_soon() {
    let project = Project::new(0);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent_url = format!("http://{}", silent.local_addr().unwrap());
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let closed_url = format!("http://{closed}");
    let nobody = "http://nobody.invalid".to_owned();
    for url in [&silent_url, &closed_url, &nobody] {
        let start = Instant::now();
        let args = ["deploy", "s3://notes", "--endpoint-url", url.as_str()];
        let output = project.gongbu(&args).output().unwrap();
        assert!(start.elapsed() < Duration::from_secs(15), "{url}: {:?}", start.elapsed());
        assert_eq!(output.status.code(), Some(5), "{url}");
        assert!(err(&output).contains("no answer from"), "{}", err(&output));
    }
    let args = ["deploy", "s3://notes", "--endpoint-url", nobody.as_str()];
    let proxied = project.gongbu(&args).env("HTTP_PROXY", &closed_url).output().unwrap();
    assert_eq!(proxied.status.code(), Some(5));
    assert!(err(&proxied).contains("refused"), "the proxy was not asked: {}", err(&proxied));
    project.write("none.pem", "x");
    let bundle = project.gongbu(&args).env("AWS_CA_BUNDLE", "none.pem").output().unwrap();
    assert_eq!(bundle.status.code(), Some(2));
    assert!(err(&bundle).contains("no certificate"), "{}", err(&bundle));
}
