//! One request and its answer: signed, sent, and sent again where that may help. The only door to
//! ureq; answers in XML come through quick-xml.
#![allow(clippy::disallowed_methods, reason = "these are the hands")]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http::{HeaderMap, Method, Request};
use reqsign_core::time::Timestamp;
use serde::Deserialize;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use super::again::{TRIES, Verdict, pause, verdict};
use super::credentials::{Service, Signers};
use super::fail::{Failure, Kind};
use super::want::sha256;

/// Connecting takes no longer, or there is no way there.
const CONNECT: Duration = Duration::from_secs(6);
/// An answer takes no longer once the request is sent.
const ANSWER: Duration = Duration::from_secs(60);
/// The first answer of all takes no longer, and is waited for no longer than this in all its tries: whoever
/// has no network should know after fifteen seconds.
const FIRST_ANSWER: Duration = Duration::from_secs(6);
const FIRST_PATIENCE: Duration = Duration::from_secs(8);
/// No answer that we ask for is larger: a manifest of a hundred thousand files has 30 MB.
const MAX_ANSWER: u64 = 256 * 1024 * 1024;

/// How requests are sent.
pub(super) struct Wire {
    agent: ureq::Agent,
    signers: Signers,
    region: String,
    patience: Duration,
    slowed: AtomicUsize,
    answers: AtomicUsize,
    hurried: AtomicBool,
}

/// A request.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) service: Service,
    pub(super) method: Method,
    /// The address, percent-encoded.
    pub(super) url: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: &'a [u8],
    /// The permission that it needs, as a policy names it.
    pub(super) permission: &'static str,
    /// What it is about, for people.
    pub(super) what: String,
}

/// An answer: of a success, or of 304, 404 and 412, which only the caller understands.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Reply {
    /// A header, if it is there and text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// How far the host's clock is ahead of ours, in seconds.
    pub(super) fn ahead(&self) -> Option<i64> {
        let theirs = Timestamp::parse_rfc2822(self.header("date")?).ok()?;
        Some(theirs.as_second() - Timestamp::now().as_second())
    }

    /// The name and the sentence that the host has for an error; both empty if it is none.
    fn error(&self) -> (String, String) {
        #[derive(Deserialize, Default)]
        #[serde(rename_all = "PascalCase", default)]
        struct Told {
            code: String,
            message: String,
            error: Option<Box<Told>>,
        }
        let start = self.body.get(..512.min(self.body.len())).unwrap_or_default();
        let start = String::from_utf8_lossy(start);
        if !start.contains("<Error>") && !start.contains("<ErrorResponse") {
            return Default::default();
        }
        let text = String::from_utf8_lossy(&self.body);
        let told: Told = quick_xml::de::from_str(&text).unwrap_or_default();
        let told = told.error.map_or(Told { error: None, ..told }, |inner| *inner);
        (told.code, told.message)
    }
}

impl Wire {
    /// A wire to a region.
    ///
    /// # Errors
    /// What AWS_CA_BUNDLE names cannot be read.
    pub(super) fn new(region: &str, patience: Duration) -> Result<Self, Failure> {
        let roots = match std::env::var_os("AWS_CA_BUNDLE").filter(|it| !it.is_empty()) {
            Some(path) => bundle(std::path::Path::new(&path))?,
            None => RootCerts::WebPki,
        };
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(ANSWER))
            .timeout_recv_body(Some(ANSWER))
            .timeout_per_write(Some(ANSWER))
            .max_idle_connections_per_host(32)
            .user_agent(concat!("gongbu/", env!("CARGO_PKG_VERSION")));
        let agent = config.build().new_agent();
        Ok(Self {
            signers: Signers::new(region, &agent),
            agent,
            region: region.into(),
            patience,
            slowed: AtomicUsize::new(0),
            answers: AtomicUsize::new(0),
            hurried: AtomicBool::new(false),
        })
    }

    /// How often the host asked us to be slower.
    pub(super) fn slowed(&self) -> usize {
        self.slowed.load(Ordering::Relaxed)
    }

    /// From now on nothing is tried twice.
    pub(super) fn hurry(&self) {
        self.hurried.store(true, Ordering::Relaxed);
    }

    /// Sends a request until there is an answer, or no more sense in it.
    ///
    /// # Errors
    /// The host refused, failed too often, or cannot be reached.
    pub(super) fn send(&self, call: &Call<'_>) -> Result<Reply, Failure> {
        let start = Instant::now();
        let is_first = self.answers.load(Ordering::Relaxed) == 0;
        let patience = if is_first { self.patience.min(FIRST_PATIENCE) } else { self.patience };
        let mut tries = 0;
        loop {
            tries += 1;
            let (failure, asked, known) = match self.once(call, is_first)? {
                Ok(reply) => {
                    self.answers.fetch_add(1, Ordering::Relaxed);
                    let (code, message) = reply.error();
                    match verdict(reply.status, &code) {
                        Verdict::Answer => return Ok(reply),
                        Verdict::Never => return Err(self.refused(call, &reply, &code, &message)),
                        Verdict::Slower => {
                            self.slowed.fetch_add(1, Ordering::Relaxed);
                        }
                        Verdict::Again => {}
                    }
                    let asked = reply.header("retry-after").and_then(|it| it.parse().ok());
                    (self.failed(call, &said(reply.status, &code, &message)), asked, true)
                }
                Err(error) => (self.unreachable(call, &error), None, false),
            };
            // Whoever answers, if only with an error, is worth the whole patience.
            let patience = if known { self.patience } else { patience };
            let wait = pause(tries - 1, chance(), asked);
            let hurried = self.hurried.load(Ordering::Relaxed);
            if hurried || tries >= TRIES || start.elapsed() + wait > patience {
                return Err(failure);
            }
            std::thread::sleep(wait);
        }
    }

    /// Signs and sends a request once. Signed anew each time, because a signature holds its time.
    fn once(&self, call: &Call<'_>, is_first: bool) -> Result<Result<Reply, ureq::Error>, Failure> {
        let mut request = Request::builder().method(call.method.clone()).uri(&call.url);
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        let request = request.header("x-amz-content-sha256", sha256(call.body));
        let odd =
            |_| Failure::new(Kind::Guard, format!("{} has an odd name", call.what), "rename it");
        let (mut head, ()) = request.body(()).map_err(odd)?.into_parts();
        self.signers.sign(&mut head, call.service)?;
        let answer = if is_first { FIRST_ANSWER } else { ANSWER };
        let sent = if matches!(call.method, Method::PUT | Method::POST) {
            let request = Request::from_parts(head, call.body);
            let request = self.agent.configure_request(request);
            self.agent.run(request.timeout_recv_response(Some(answer)).build())
        } else {
            let request = self.agent.configure_request(Request::from_parts(head, ()));
            self.agent.run(request.timeout_recv_response(Some(answer)).build())
        };
        let mut response = match sent {
            Ok(response) => response,
            Err(error) => return Ok(Err(error)),
        };
        let body = response.body_mut().with_config().limit(MAX_ANSWER).read_to_vec();
        let (head, _) = response.into_parts();
        Ok(body.map(|body| Reply { status: head.status.as_u16(), headers: head.headers, body }))
    }

    /// The host said no.
    fn refused(&self, call: &Call<'_>, reply: &Reply, code: &str, message: &str) -> Failure {
        let Call { what, permission, .. } = call;
        let region = &self.region;
        let right = reply.header("x-amz-bucket-region").filter(|it| it != region);
        let said = said(reply.status, code, message);
        let (message, hint) = match (reply.status, code) {
            _ if right.is_some() => {
                let right = right.unwrap_or_default();
                let message = format!("{what}: the bucket is in {right}, not in {region}");
                (message, format!("set AWS_REGION={right} or pass --region {right}"))
            }
            (_, "RequestTimeTooSkewed") => {
                let theirs = reply.header("date").unwrap_or("unknown");
                let ours = Timestamp::now().format_http_date();
                let message =
                    format!("the clocks differ too much: here it is {ours}, there {theirs}");
                (message, "set the clock of this machine, and deploy again".into())
            }
            (
                _,
                "ExpiredToken"
                | "ExpiredTokenException"
                | "InvalidToken"
                | "InvalidAccessKeyId"
                | "InvalidClientTokenId"
                | "SignatureDoesNotMatch"
                | "TokenRefreshRequired",
            ) => {
                let message = format!("{what}: the credentials are not valid ({said})");
                (message, "sign in again, or look at AWS_PROFILE and AWS_ACCESS_KEY_ID".into())
            }
            (401 | 403, _) => {
                let message = format!("{what}: not allowed in {region} ({said})");
                let hint = format!(
                    "whoever signs needs {permission} there; `gongbu deploy --print iam` prints a \
                     policy"
                );
                (message, hint)
            }
            _ => {
                let message = format!("{what}: the host refused it in {region} ({said})");
                (message, "look at the target and the settings of the bucket".into())
            }
        };
        Failure::new(Kind::Refused, message, hint).code(code)
    }

    /// The host failed.
    fn failed(&self, call: &Call<'_>, said: &str) -> Failure {
        Failure::new(
            Kind::Failed,
            format!("{}: the host fails ({said}), however often it is asked", call.what),
            "deploy again later: it goes on where this one stopped",
        )
    }

    /// There was no answer.
    fn unreachable(&self, call: &Call<'_>, error: &ureq::Error) -> Failure {
        let host = call.url.split(['/', '?']).nth(2).unwrap_or_default();
        let text = error.to_string();
        let hint = if text.contains("certificate") || text.contains("UnknownIssuer") {
            "if a company's proxy stands between, name its certificate in AWS_CA_BUNDLE"
        } else {
            "look at the network and at HTTPS_PROXY; nothing is lost, and the next deploy goes on \
             from here"
        };
        Failure::new(Kind::Failed, format!("{}: no answer from {host} ({text})", call.what), hint)
    }
}

/// "503 SlowDown: Please reduce your request rate".
fn said(status: u16, code: &str, message: &str) -> String {
    let name = if code.is_empty() { String::new() } else { format!(" {code}") };
    // One line of it: it comes from outside.
    let message: String = message.chars().filter(|c| !c.is_control()).take(200).collect();
    match message.as_str() {
        "" => format!("{status}{name}"),
        _ => format!("{status}{name}: {message}"),
    }
}

/// A number that two processes do not share.
fn chance() -> u8 {
    use std::hash::{BuildHasher, Hasher};
    std::hash::RandomState::new().build_hasher().finish().to_le_bytes()[0]
}

/// The certificates that a file names, in place of the built-in ones.
fn bundle(path: &std::path::Path) -> Result<RootCerts, Failure> {
    let wrong = |why: &str| {
        let message = format!("AWS_CA_BUNDLE names {}, {why}", path.display());
        Failure::new(Kind::Guard, message, "name a file of certificates in the form of PEM")
    };
    let bytes =
        std::fs::read(path).map_err(|error| wrong(&format!("which cannot be read: {error}")))?;
    let items = parse_pem(&bytes).filter_map(|item| match item {
        Ok(PemItem::Certificate(it)) => Some(it),
        _ => None,
    });
    let certificates: Vec<Certificate<'static>> = items.collect();
    match certificates.is_empty() {
        true => Err(wrong("in which there is no certificate")),
        false => Ok(RootCerts::new_with_certs(&certificates)),
    }
}
