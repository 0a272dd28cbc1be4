//! Against a server that other people wrote to be like the real one: `moto_server`, whose address is in
//! `GONGBU_MOTO`. `tests/run` installs and starts it.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

use crate::host::Host;
use crate::{Project, err};

/// The address of the server, without a slash at its end; none if there is none.
fn moto() -> Option<String> {
    let url = std::env::var("GONGBU_MOTO").ok().filter(|url| !url.is_empty());
    if url.is_none() {
        println!("left out: deploying to moto, because GONGBU_MOTO names no server");
    }
    url
}

/// One request without any library, so that nothing of ours stands between.
fn ask(url: &str, method: &str, path: &str, body: &str) -> (u16, BTreeMap<String, String>, String) {
    let address = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    // It chooses the service by what is signed, and looks at nothing else of the signature.
    let service = if path.starts_with("/2020-05-31/") { "cloudfront" } else { "s3" };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/{service}/aws4_request, \
         SignedHeaders=host, Signature=0\r\n\r\n"
    );
    stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).unwrap();
    let mut answer = vec![];
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let headers = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    (status, headers.collect(), body.to_owned())
}

/// A new bucket; gives its name.
fn bucket(url: &str, name: &str) -> String {
    let name = format!("gongbu-{name}-{}", std::process::id());
    assert_eq!(ask(url, "PUT", &format!("/{name}"), "").0, 200);
    name
}

/// A distribution before a bucket; gives its id.
fn distribution(url: &str, bucket: &str) -> String {
    let body = format!(
        "<DistributionConfig xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\">\
         <CallerReference>{bucket}</CallerReference><Comment>x</Comment><Enabled>true</Enabled>\
         <Origins><Quantity>1</Quantity><Items><Origin><Id>o</Id>\
         <DomainName>{bucket}.s3.amazonaws.com</DomainName><S3OriginConfig><OriginAccessIdentity/>\
         </S3OriginConfig></Origin></Items></Origins><DefaultCacheBehavior><TargetOriginId>o\
         </TargetOriginId><ViewerProtocolPolicy>allow-all</ViewerProtocolPolicy>\
         </DefaultCacheBehavior></DistributionConfig>"
    );
    let (status, _, answer) = ask(url, "POST", "/2020-05-31/distribution", &body);
    assert_eq!(status, 201, "{answer}");
    answer.split("<Id>").nth(1).unwrap().split('<').next().unwrap().to_owned()
}

#[test]
fn a_site_goes_to_a_real_server() {
    let Some(url) = moto() else { return };
    let name = bucket(&url, "deploy");
    let edge = distribution(&url, &name);
    let project = Project::new(3);
    project.write("static/한글 이름+%#.txt", "one\n");
    let deploy = |args: &[&str]| {
        let target = format!("s3://{name}/n");
        let fixed = ["deploy", &target, "--distribution", &edge, "--endpoint-url", &url];
        let output = project.gongbu(&fixed).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(deploy(&["--dry-run"]).contains("would be"));
    assert_eq!(ask(&url, "GET", &format!("/{name}/n/index.html"), "").0, 404, "a dry run wrote");
    deploy(&[]);
    let again = deploy(&[]);
    assert!(again.starts_with("nothing to do"), "{again}");
    let (status, headers, body) = ask(&url, "GET", &format!("/{name}/n/index.html"), "");
    assert_eq!(status, 200);
    assert_eq!(headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(headers["cache-control"], "public, max-age=0, must-revalidate");
    assert!(body.contains("<!doctype html>") || body.contains("<!DOCTYPE html>"), "{body}");

    project.lesson(0, "바뀐 글");
    project.remove("notes/02-more/001-lesson.md");
    let changed = deploy(&["--wait"]);
    assert!(changed.contains(" 2 deleted"), "{changed}");
    assert_eq!(ask(&url, "GET", &format!("/{name}/n/02-more/001-lesson.html"), "").0, 404);
    let path = format!("/2020-05-31/distribution/{edge}/invalidation");
    let (_, _, listed) = ask(&url, "GET", &path, "");
    assert_eq!(listed.matches("<InvalidationSummary>").count(), 1, "{listed}");
    let id = listed.split("<Id>").nth(1).unwrap().split('<').next().unwrap();
    let (_, _, one) = ask(&url, "GET", &format!("{path}/{id}"), "");
    assert!(one.contains("<Path>/n/02-more/000-lesson.html</Path>"), "{one}");
    // Locked, journalled, lost: the records are what another server keeps as it was told.
    assert_eq!(ask(&url, "GET", &format!("/{name}/n/_deploy/lock.json"), "").0, 404);
    assert_eq!(ask(&url, "GET", &format!("/{name}/n/_deploy/pending.json"), "").0, 404);
    assert_eq!(ask(&url, "DELETE", &format!("/{name}/n/_deploy/manifest.json"), "").0, 204);
    let rebuilt = deploy(&[]);
    assert!(rebuilt.contains("0 new, 0 content, 0 headers, 0 deleted"), "{rebuilt}");
}

/// The condition of the lock means the same there as here.
#[test]
fn two_deploys_meet_at_a_real_server() {
    let Some(url) = moto() else { return };
    let name = bucket(&url, "two");
    let project = Project::new(1);
    let lock = r#"{"schema":1,"body":{"token":"t","owner":"mina@laptop","since":1,"until":2}}"#;
    assert_eq!(ask(&url, "PUT", &format!("/{name}/_deploy/lock.json"), lock).0, 200);
    let target = format!("s3://{name}");
    let args = ["deploy", &target, "--endpoint-url", &url];
    let refused = project.gongbu(&args).output().unwrap();
    assert_eq!(refused.status.code(), Some(5));
    assert!(err(&refused).contains("mina@laptop"), "{}", err(&refused));
    let broken = project.gongbu(&args).arg("--break-lock").output().unwrap();
    assert_eq!(broken.status.code(), Some(0), "{}", err(&broken));
}

/// What a test of the kill says of our own host holds for the other: the same site, byte for byte.
#[test]
fn both_servers_end_with_the_same_site() {
    let Some(url) = moto() else { return };
    let name = bucket(&url, "same");
    let project = Project::new(2);
    let host = Host::start();
    project.deployed(&host, &[]);
    let target = format!("s3://{name}/a");
    let args = ["deploy", &target, "--endpoint-url", &url];
    assert_eq!(project.gongbu(&args).output().unwrap().status.code(), Some(0));
    for (key, object) in host.state().site() {
        let (status, headers, body) =
            ask(&url, "GET", &format!("/{name}/{}", gongbu::path::encode(&key)), "");
        assert_eq!(status, 200, "{key}");
        assert_eq!(headers["content-type"], object.headers["content-type"], "{key}");
        if key.ends_with(".html") {
            assert_eq!(body, String::from_utf8_lossy(&object.bytes), "{key}");
        }
    }
}
