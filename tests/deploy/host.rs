//! A host that speaks enough of S3 and CloudFront over HTTP to be deployed to, and that fails as it is
//! told to: it answers with errors, loses replies, cuts connections, and kills whoever asks.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Child;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

/// One object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) bytes: Vec<u8>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) etag: String,
}

/// A request, as far as tests look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) method: String,
    /// The key in the bucket, or the path at CloudFront.
    pub(crate) key: String,
    pub(crate) query: String,
    pub(crate) headers: BTreeMap<String, String>,
    /// How many there were before it, since the host was last told to forget.
    pub(crate) number: usize,
}

impl Ask {
    pub(crate) fn writes(&self) -> bool {
        self.method != "GET" && self.method != "HEAD"
    }

    /// True if it writes a file of the site.
    pub(crate) fn puts_content(&self) -> bool {
        self.method == "PUT" && !self.key.contains("_deploy/")
    }
}

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Nothing is done, and this is the answer: a status and the name of an error.
    Error(u16, &'static str),
    /// Nothing is done, but the status says that it was, and the body that it was not.
    OkWithError,
    /// Nothing is done, and the connection ends.
    Reset,
    /// It is done, and the connection ends before the answer.
    LostReply,
    /// Whoever asks is killed before it is done.
    KillBefore,
    /// Whoever asks is killed after it is done.
    KillAfter,
}

/// What happened to the bucket and its cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    Put(String),
    Delete(String),
    Invalidate(Vec<String>),
}

type Decide = Box<dyn Fn(&Ask) -> Fault + Send>;
type Watch = Box<dyn Fn(&BTreeMap<String, Object>) -> Vec<String> + Send>;

#[derive(Default)]
pub(crate) struct State {
    pub(crate) objects: BTreeMap<String, Object>,
    pub(crate) asked: Vec<Ask>,
    pub(crate) events: Vec<Event>,
    /// What the watch found wrong after some change.
    pub(crate) wrong: Vec<String>,
    pub(crate) references: BTreeSet<String>,
    /// How far the clock is ahead, in seconds.
    pub(crate) ahead: i64,
    /// The region that the bucket says it is in, whoever asks.
    pub(crate) region: Option<&'static str>,
    decide: Option<Decide>,
    watch: Option<Watch>,
    child: Option<Child>,
    written: usize,
}

impl State {
    /// The objects of the site: without our own records.
    pub(crate) fn site(&self) -> BTreeMap<String, Object> {
        let site = self.objects.iter().filter(|(key, _)| !key.contains("_deploy/"));
        site.map(|(key, object)| (key.clone(), object.clone())).collect()
    }

    pub(crate) fn count(&self, is_it: impl Fn(&Ask) -> bool) -> usize {
        self.asked.iter().filter(|ask| is_it(ask)).count()
    }
}

/// The host. There is one bucket, `notes`, and one distribution, `E1`.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

impl Host {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                std::thread::spawn(move || while answer(&stream, &shared) == Some(()) {});
            }
        });
        Self { url, state }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// From now on this decides what goes wrong; requests are counted anew.
    pub(crate) fn faults(&self, decide: impl Fn(&Ask) -> Fault + Send + 'static) {
        let mut state = self.state();
        state.asked.clear();
        state.decide = Some(Box::new(decide));
    }

    /// From now on nothing goes wrong; requests are counted anew.
    pub(crate) fn heal(&self) {
        self.faults(|_| Fault::None);
    }

    /// After each change this looks at the bucket and says what is wrong with it.
    pub(crate) fn watch(
        &self,
        watch: impl Fn(&BTreeMap<String, Object>) -> Vec<String> + Send + 'static,
    ) {
        self.state().watch = Some(Box::new(watch));
    }

    /// Who is to be killed.
    pub(crate) fn victim(&self, child: Child) {
        self.state().child = Some(child);
    }

    /// Waits until the victim is dead, or is done by itself: then false.
    pub(crate) fn bury(&self) -> bool {
        loop {
            let mut state = self.state();
            let child = state.child.as_mut().unwrap();
            if let Some(status) = child.try_wait().unwrap() {
                state.child = None;
                return !status.success();
            }
            drop(state);
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Answers one request; none if the connection has ended.
fn answer(mut stream: &TcpStream, shared: &Mutex<State>) -> Option<()> {
    let (ask, body) = read(stream)?;
    let mut state = shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let ask = Ask { number: state.asked.len(), ..ask };
    state.asked.push(ask.clone());
    let fault = state.decide.as_ref().map_or(Fault::None, |decide| decide(&ask));
    let (status, headers, bytes) = match fault {
        Fault::Error(status, code) => (status, vec![], error(code)),
        Fault::OkWithError => (200, vec![], error("InternalError")),
        Fault::Reset => return None,
        Fault::KillBefore => {
            drop(state);
            return kill(shared);
        }
        Fault::None | Fault::LostReply | Fault::KillAfter => {
            let changes = state.events.len();
            let done = serve(&mut state, &ask, &body);
            if state.events.len() > changes
                && let Some(watch) = &state.watch
            {
                let wrong = watch(&state.objects);
                state.wrong.extend(wrong);
            }
            done
        }
    };
    let now = SystemTime::now();
    let ahead = Duration::from_secs(state.ahead.unsigned_abs());
    let now = if state.ahead < 0 { now - ahead } else { now + ahead };
    let mut head = format!("HTTP/1.1 {status} X\r\nDate: {}\r\n", http_date(now));
    if let Some(region) = state.region {
        head.push_str(&format!("x-amz-bucket-region: {region}\r\n"));
    }
    drop(state);
    match fault {
        Fault::LostReply => return None,
        Fault::KillAfter => return kill(shared),
        _ => {}
    }
    let is_head = ask.method == "HEAD";
    if !headers.iter().any(|(name, _)| name == "content-length") {
        head.push_str(&format!("Content-Length: {}\r\n", bytes.len()));
    }
    headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
    head.push_str("\r\n");
    let body = if is_head { vec![] } else { bytes };
    stream.write_all(&[head.into_bytes(), body].concat()).ok()
}

fn kill(shared: &Mutex<State>) -> Option<()> {
    loop {
        let mut state = shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // The first request may come before the test has told who asks.
        if let Some(child) = &mut state.child {
            child.kill().unwrap();
            return None;
        }
        drop(state);
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn read(stream: &TcpStream) -> Option<(Ask, Vec<u8>)> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|it| it.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let path = decode(path);
    let key = path.strip_prefix("/notes/").or(path.strip_prefix("/notes")).unwrap_or(&path);
    Some((Ask { method, key: key.into(), query: query.into(), headers, number: 0 }, body))
}

type Answer = (u16, Vec<(String, String)>, Vec<u8>);

fn serve(state: &mut State, ask: &Ask, body: &[u8]) -> Answer {
    if ask.key.starts_with("/2020-05-31/") {
        return invalidate(state, body);
    }
    if ask.key.starts_with('/') {
        return (404, vec![], error("NoSuchBucket"));
    }
    let there = state.objects.get(&ask.key);
    match ask.method.as_str() {
        "GET" if ask.query.contains("list-type=2") => list(state, &ask.query),
        "GET" | "HEAD" => match there {
            None => (404, vec![], error("NoSuchKey")),
            Some(object) => {
                let mut headers: Vec<_> = object.headers.clone().into_iter().collect();
                headers.push(("etag".into(), object.etag.clone()));
                headers.push(("content-length".into(), object.bytes.len().to_string()));
                (200, headers, object.bytes.clone())
            }
        },
        "PUT" => {
            let none = ask.headers.get("if-none-match").is_some_and(|it| it == "*");
            let over = ask.headers.get("if-match");
            if none && there.is_some() || over.is_some_and(|it| there.is_none_or(|o| o.etag != *it))
            {
                return (412, vec![], error("PreconditionFailed"));
            }
            state.written += 1;
            // No MD5, as with encryption by a key of one's own.
            let etag = format!("\"version-{}\"", state.written);
            let is_kept = |name: &str| {
                matches!(name, "content-type" | "cache-control") || name.starts_with("x-amz-meta-")
            };
            let headers = ask.headers.clone().into_iter().filter(|(name, _)| is_kept(name));
            let object =
                Object { bytes: body.into(), headers: headers.collect(), etag: etag.clone() };
            state.objects.insert(ask.key.clone(), object);
            state.events.push(Event::Put(ask.key.clone()));
            (200, vec![("etag".into(), etag)], vec![])
        }
        "DELETE" => {
            state.objects.remove(&ask.key);
            state.events.push(Event::Delete(ask.key.clone()));
            (204, vec![], vec![])
        }
        _ => (400, vec![], error("InvalidRequest")),
    }
}

fn list(state: &State, query: &str) -> Answer {
    let value = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(it, _)| *it == name).map(|(_, value)| decode(value)).unwrap_or_default()
    };
    let (prefix, after) = (value("prefix"), value("continuation-token"));
    let keys = state.objects.iter().filter(|(key, _)| key.starts_with(&prefix) && **key > after);
    let mut keys = keys.peekable();
    let mut entries = String::new();
    let mut last = "";
    for (key, object) in keys.by_ref().take(1000) {
        let etag = object.etag.replace('"', "&quot;");
        entries.push_str(&format!(
            "<Contents><Key>{}</Key><ETag>{etag}</ETag><Size>{}</Size></Contents>",
            encode(key),
            object.bytes.len()
        ));
        last = key;
    }
    let more = keys.peek().is_some();
    let token = if more {
        format!("<NextContinuationToken>{}</NextContinuationToken>", last.replace('&', "&amp;"))
    } else {
        String::new()
    };
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult \
         xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><EncodingType>url</EncodingType>\
         <IsTruncated>{more}</IsTruncated>{entries}{token}</ListBucketResult>"
    );
    (200, vec![], xml.into_bytes())
}

fn invalidate(state: &mut State, body: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(body).into_owned();
    let inside = |tag: &str| -> Vec<String> {
        let start = format!("<{tag}>");
        let parts = text.split(&start).skip(1);
        parts.map(|it| it.split('<').next().unwrap_or_default().replace("&amp;", "&")).collect()
    };
    state.references.extend(inside("CallerReference"));
    state.events.push(Event::Invalidate(inside("Path")));
    let xml = "<Invalidation><Id>I1</Id><Status>Completed</Status></Invalidation>";
    (201, vec![], xml.as_bytes().to_vec())
}

fn error(code: &str) -> Vec<u8> {
    let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>";
    format!("{xml}{code}</Code><Message>as asked for</Message></Error>").into_bytes()
}

/// As a listing encodes keys: a space is `+`.
fn encode(key: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.*/".contains(&byte);
    key.bytes().fold(String::new(), |text, byte| match byte {
        b' ' => text + "+",
        byte if plain(byte) => text + &char::from(byte).to_string(),
        byte => text + &format!("%{byte:02X}"),
    })
}

fn decode(text: &str) -> String {
    let mut out = vec![];
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let pair: Vec<u8> = bytes.by_ref().take(2).collect();
            let digits = std::str::from_utf8(&pair).unwrap();
            out.push(u8::from_str_radix(digits, 16).unwrap());
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).unwrap()
}

/// A time as HTTP writes it: the day is counted from 1 January 1970, a Thursday.
fn http_date(time: SystemTime) -> String {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let (mut days, rest) = (seconds / 86_400, seconds % 86_400);
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][(days % 7) as usize];
    let is_leap =
        |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let names =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut month = 0;
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    format!(
        "{weekday}, {:02} {} {year} {:02}:{:02}:{:02} GMT",
        days + 1,
        names[month],
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
}
