//! The development server: the plan from memory, and a word to the browser when it changes. It
//! builds with the same `build` as every command; what it serves is swapped in one step, so a
//! request never sees half a build. The only door to axum and tokio, with `connections`, which bounds how
//! many there are; `watch` hears of changes.
//!
//! No path of a URL ever meets the disk: only files of the plan and `/_gongbu/*` are answered.
#![allow(clippy::disallowed_methods, reason = "the token of a run is made of the time")]

mod connections;
mod watch;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Result;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use tokio::sync::watch::Sender;

use crate::disk;
use crate::path::{self, OutPath};
use crate::plan::{Artifact, Plan, content_type};
pub use watch::{Follow, watch};

/// What the browser runs to hear of changes. The token is in a `<meta>` of the page.
const RELOAD: &str = include_str!("serve/reload.js");

/// How what is wrong with the notes looks in the browser.
const OVERLAY: &str = include_str!("serve/overlay.css");

/// What is served, and who waits for it to change.
pub struct Server {
    root: PathBuf,
    site: RwLock<Arc<Served>>,
    state: Sender<Told>,
    /// Only a page of this run may listen.
    token: String,
}

/// A site that is served: its files, and the path of its address, from `/` to `/`.
pub struct Served {
    /// The files.
    pub plan: Plan,
    /// Where they will be on their host, decoded and in NFC. They are found there too, since `404.html` names
    /// them so; what the site itself has by such a name comes first.
    pub path: String,
}

/// What browsers are told.
#[derive(Debug, Clone, Default)]
struct Told {
    /// How often another plan came.
    version: u64,
    /// What is wrong with the notes, so that the plan is that of an earlier moment.
    broken: Option<Arc<str>>,
}

impl Told {
    /// What a page is told that was of this version of the plan.
    fn event(&self, version: u64) -> Event {
        match &self.broken {
            _ if self.version != version => Event::default().data(self.version.to_string()),
            Some(text) => Event::default().event("broken").data(text),
            None => Event::default().event("healed").data("ok"),
        }
    }
}

/// What is wrong with the notes, in words.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Trouble {
    /// The heading.
    pub title: String,
    /// The name of the button that hides it.
    pub hide: String,
    /// What the terminal shows.
    pub text: String,
}

impl Server {
    /// A server for the project at `root`, with its first site.
    pub fn new(root: &Path, site: Served) -> Self {
        // Unguessable enough for a page on another origin, which is all that it keeps away.
        let seed = format!("{:?}{}", std::time::SystemTime::now(), std::process::id());
        let token = blake3::hash(seed.as_bytes()).to_hex()[..32].to_owned();
        let site = RwLock::new(Arc::new(site));
        Self { root: root.to_path_buf(), site, state: Sender::new(Told::default()), token }
    }

    /// Serves another site from now on, and tells the browsers, also of what is wrong with it.
    pub fn swap(&self, site: Served, trouble: Option<&Trouble>) {
        // What shows nothing else need not be loaded again.
        let is_new = !self.site().plan.shows_the_same(&site.plan);
        let mut slot = self.site.write().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *slot, Arc::new(site));
        drop(slot);
        self.say(is_new, trouble);
        // Tens of thousands of files: nobody waits for them to be given back.
        drop(old);
    }

    /// Keeps the site, and tells the browsers what is wrong with the notes; nothing: no longer.
    pub fn tell(&self, trouble: Option<&Trouble>) {
        self.say(false, trouble);
    }

    fn say(&self, is_new: bool, trouble: Option<&Trouble>) {
        let broken = trouble.and_then(|it| serde_json::to_string(it).ok()).map(Arc::from);
        self.state.send_if_modified(|state| {
            let is_said = state.broken == broken;
            state.version += u64::from(is_new);
            state.broken = broken;
            is_new || !is_said
        });
    }

    fn site(&self) -> Arc<Served> {
        self.site.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The sockets of one port: `localhost` may mean the one or the other.
pub struct Sockets {
    v4: TcpListener,
    /// None where the system has no IPv6.
    v6: Option<TcpListener>,
}

impl Sockets {
    /// The port.
    pub fn port(&self) -> u16 {
        self.v4.local_addr().map_or(0, |address| address.port())
    }
}

/// Takes a port of this machine's own addresses, the first free one from `port` upwards.
///
/// # Errors
/// If a hundred ports in a row are taken.
pub fn bind(port: u16) -> Result<Sockets> {
    let mut last = None;
    for port in port..=port.saturating_add(100) {
        let v4 = match TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))) {
            Ok(v4) => v4,
            Err(error) => {
                last = Some(error);
                continue;
            }
        };
        let port = v4.local_addr().map_or(port, |address| address.port());
        match TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))) {
            Ok(v6) => return Ok(Sockets { v4, v6: Some(v6) }),
            // Another server there would answer some browsers in our place.
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => last = Some(error),
            Err(_) => return Ok(Sockets { v4, v6: None }),
        }
    }
    let error = last.map_or_else(|| anyhow::anyhow!("no port"), anyhow::Error::from);
    Err(error.context(format!("no port from {port} upwards is free")))
}

/// Answers requests until the process ends.
///
/// # Errors
/// If the listener is no good.
pub fn run(server: Arc<Server>, sockets: Sockets) -> Result<()> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    runtime.block_on(async move {
        let answer = move |request: &Request<()>| answer(&server, request);
        let listen = |listener: TcpListener| -> Result<tokio::net::TcpListener> {
            listener.set_nonblocking(true)?;
            Ok(tokio::net::TcpListener::from_std(listener)?)
        };
        if let Some(v6) = sockets.v6.map(listen).transpose()? {
            tokio::spawn(connections::accept(v6, answer.clone()));
        }
        connections::accept(listen(sockets.v4)?, answer).await;
        Ok(())
    })
}

fn answer(server: &Server, request: &Request<()>) -> Response {
    let mut response = choose(server, request);
    // No page of another site may load what the notes say as a script, or show it in a frame.
    let headers = response.headers_mut();
    let policy = HeaderName::from_static("cross-origin-resource-policy");
    headers.insert(policy, HeaderValue::from_static("same-origin"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    response
}

fn choose(server: &Server, request: &Request<()>) -> Response {
    let headers = request.headers();
    if !is_local(headers) {
        return (StatusCode::FORBIDDEN, "this server answers its own machine only\n")
            .into_response();
    }
    if is_loaded_elsewhere(headers) {
        return (StatusCode::FORBIDDEN, "this is for pages of this server\n").into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    // Nobody would read it, so nobody would see what is wrong with it.
    let length = headers.get(header::CONTENT_LENGTH).is_some_and(|it| it != "0");
    if length || headers.contains_key(header::TRANSFER_ENCODING) {
        return (StatusCode::BAD_REQUEST, "no body is asked for\n").into_response();
    }
    match request.uri().path() {
        "/_gongbu/reload.js" => {
            ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], RELOAD).into_response()
        }
        "/_gongbu/overlay.css" => {
            ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], OVERLAY).into_response()
        }
        "/_gongbu/events" => events(server, headers, request.uri().query()),
        path => file(server, path),
    }
}

/// A name that a page elsewhere made to lead here is not ours (DNS rebinding).
fn is_local(headers: &HeaderMap) -> bool {
    let is_ours = |host: &HeaderValue| {
        let host = host.to_str().unwrap_or_default();
        let name = host.rsplit_once(':');
        let name = name.filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
        // Names of hosts know no case.
        let name = name.map_or(host, |(name, _)| name).to_ascii_lowercase();
        matches!(name.as_str(), "localhost" | "127.0.0.1" | "[::1]")
    };
    let mut hosts = headers.get_all(header::HOST).iter();
    // Of two nobody knows which is meant.
    hosts.next().is_some_and(is_ours) && hosts.next().is_none()
}

/// True if a page of another site loads this into itself; to follow a link is nothing else.
fn is_loaded_elsewhere(headers: &HeaderMap) -> bool {
    let is = |name: &str, values: &[&str]| {
        headers.get(name).and_then(|it| it.to_str().ok()).is_some_and(|it| values.contains(&it))
    };
    is("sec-fetch-site", &["cross-site", "same-site"]) && !is("sec-fetch-mode", &["navigate"])
}

/// A stream of version numbers, for pages of this run only, which say of which version they are.
fn events(server: &Server, headers: &HeaderMap, query: Option<&str>) -> Response {
    // Who says it twice, or in bytes that are no text, does not say that it is ours.
    let all = |name: &str, is_own: &dyn Fn(&str) -> bool| {
        headers.get_all(name).iter().all(|it| it.to_str().is_ok_and(is_own))
    };
    let host = headers.get("host").and_then(|it| it.to_str().ok()).unwrap_or_default();
    let own = |origin: &str| origin.eq_ignore_ascii_case(&format!("http://{host}"));
    let foreign = !all("origin", &own) || !all("sec-fetch-site", &|site| site == "same-origin");
    let asked = query.and_then(|it| it.strip_prefix(&format!("token={}", server.token)));
    let Some(asked) = asked.filter(|_| !foreign) else {
        return (StatusCode::FORBIDDEN, "this stream is for pages of this server\n")
            .into_response();
    };
    // The plan may be another by now than the one that the page was of: who comes is told at once.
    let mut state = server.state.subscribe();
    let now = state.borrow_and_update().clone();
    let version = asked.strip_prefix("&version=").and_then(|it| it.parse().ok());
    let event = now.event(version.unwrap_or(now.version));
    let early = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(event)]);
    let later = futures_util::stream::unfold((state, now), |(mut state, before)| async move {
        state.changed().await.ok()?;
        let now = state.borrow_and_update().clone();
        Some((Ok(now.event(before.version)), (state, now)))
    });
    Sse::new(early.chain(later)).keep_alive(KeepAlive::default()).into_response()
}

fn file(server: &Server, path: &str) -> Response {
    // The version first: a page that is newer than it says is loaded once more, never once too little.
    let version = server.state.borrow().version;
    let site = server.site();
    let plan = &site.plan;
    let asked = path::nfc(&path::decode(path.trim_start_matches('/')));
    // Below the path of its address it is too.
    let base = site.path.trim_start_matches('/');
    let inner = asked.strip_prefix(base);
    // As hosts do: with the slash the links of the page lead where they should.
    let is_folder = |name: &str| plan.get(&format!("{name}/index.html").into()).is_some();
    if is_folder(&asked) || inner.is_some_and(is_folder) || base.strip_suffix('/') == Some(&asked) {
        let to = format!("/{}/", path::encode(&asked));
        return (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response();
    }
    let find = |name: &str| {
        let index = if name.is_empty() || name.ends_with('/') { "index.html" } else { "" };
        let page = OutPath::from(format!("{name}{index}"));
        plan.get(&page).map(|file| (page, file))
    };
    let found = find(&asked).or_else(|| find(inner?)).map(|found| (StatusCode::OK, found));
    let lost = || find("404.html").map(|found| (StatusCode::NOT_FOUND, found));
    let Some((status, (page, file))) = found.or_else(lost) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let bytes = match &file.artifact {
        Artifact::Bytes(bytes) if page.as_str().ends_with(".html") => {
            listening(&bytes.unpack(), &server.token, version)
        }
        Artifact::Bytes(bytes) => bytes.unpack(),
        // Something else may stand in its place by now: a link out of the project, or a pipe.
        Artifact::Copy(_) | Artifact::Taken { .. } => match disk::fetch(&server.root, file) {
            Ok(bytes) => bytes,
            Err(_) => return StatusCode::NOT_FOUND.into_response(),
        },
    };
    let headers = [
        (header::CONTENT_TYPE, content_type(&page)),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, Body::from(bytes)).into_response()
}

/// The page with the script that listens for changes.
fn listening(html: &[u8], token: &str, version: u64) -> Vec<u8> {
    let html = String::from_utf8_lossy(html);
    let tags = format!(
        "<meta name=\"gongbu-token\" content=\"{token}\" data-version=\"{version}\"><link rel=\"stylesheet\" href=\"/_gongbu/overlay.css\"><script defer src=\"/_gongbu/reload.js\"></script>"
    );
    // A template of the project may write its tags in capitals, or leave out this one.
    let end = html.find("</head>").or_else(|| html.to_ascii_lowercase().find("</head>"));
    let (before, after) = html.split_at(end.unwrap_or(html.len()));
    [before, &tags, after].concat().into_bytes()
}
