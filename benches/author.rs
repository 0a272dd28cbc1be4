//! What an author waits for: a server of the project, and a browser that shows a page of it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server and what hears of its changes.
pub(super) struct Author {
    server: Child,
    port: u16,
    events: BufReader<TcpStream>,
}

impl Drop for Author {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Author {
    /// Serves the project in `folder`, and opens its first page.
    pub(super) fn at(folder: &Path) -> Self {
        let mut serve = Command::new(env!("CARGO_BIN_EXE_gongbu"));
        serve.arg("--root").arg(folder).args(["serve", "--port", "0"]);
        let mut server = serve.stdout(Stdio::piped()).spawn().expect("a server");
        let mut said = BufReader::new(server.stdout.take().expect("what it says"));
        let port = loop {
            let mut line = String::new();
            assert_ne!(said.read_line(&mut line).expect("a line"), 0, "the server ended");
            let port = line.split("localhost:").nth(1).and_then(|it| it.split('/').next());
            if let Some(port) = port.and_then(|it| it.parse().ok()) {
                break port;
            }
        };
        std::thread::spawn(move || said.read_to_string(&mut String::new()));
        let home = get(port, "");
        let token = home.split("gongbu-token\" content=\"").nth(1).expect("a token");
        let path = format!("_gongbu/events?token={}", &token[..32]);
        let events = BufReader::new(ask(port, &path));
        let mut author = Self { server, port, events };
        author.hear("healed");
        author
    }

    /// How long it takes from before a note is saved until its page, at `path`, has `word` in it.
    pub(super) fn edits(&mut self, path: &str, word: &str, save: impl FnOnce()) -> Duration {
        let start = Instant::now();
        save();
        self.hear("data: ");
        let page = get(self.port, path);
        let time = start.elapsed();
        assert!(page.contains(word), "`{path}` is without `{word}`");
        time
    }

    /// Waits for a line that begins so, or names such an event, and for the end of it.
    fn hear(&mut self, what: &str) {
        let mut heard = false;
        loop {
            let mut line = String::new();
            assert_ne!(self.events.read_line(&mut line).expect("an event"), 0, "the stream ended");
            heard |= line.contains(what);
            if heard && line.trim().is_empty() {
                return;
            }
        }
    }
}

fn ask(port: u16, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    let host = format!("Host: localhost:{port}");
    write!(stream, "GET /{path} HTTP/1.1\r\n{host}\r\nConnection: close\r\n\r\n").expect("asked");
    stream
}

fn get(port: u16, path: &str) -> String {
    let mut answer = vec![];
    ask(port, path).read_to_end(&mut answer).expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}
