//! The development server, as browsers and others meet it: a process of its own, on loopback.
#![allow(clippy::disallowed_methods, missing_docs, reason = "it looks at what is on disk")]

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

fn fresh() -> TempDir {
    let dir = TempDir::new().unwrap();
    let mut init = Command::new(env!("CARGO_BIN_EXE_gongbu"));
    let made = init.current_dir(dir.path()).args(["init", "."]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    dir
}

/// Lets the settings name the folder of the notes.
fn name_notes(root: &Path, folder: &str) {
    let settings = fs::read_to_string(root.join("gongbu.toml")).unwrap();
    fs::write(root.join("gongbu.toml"), format!("notes = \"{folder}\"\n{settings}")).unwrap();
}

/// A server that is ended by its own process id, however the test ends.
struct Serving {
    child: Child,
    port: u16,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serving {
    fn start(folder: &Path, port: u16) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gongbu"));
        Self::run(command.args(["serve", "--port", &port.to_string()]), folder)
    }

    /// A server that may open no more than 256 files, as on some systems.
    #[cfg(target_os = "linux")]
    fn start_with_few_files(folder: &Path, port: u16) -> Self {
        let command =
            format!("ulimit -n 256; exec {} serve --port {port}", env!("CARGO_BIN_EXE_gongbu"));
        Self::run(Command::new("sh").args(["-c", &command]), folder)
    }

    fn run(command: &mut Command, folder: &Path) -> Self {
        let mut child = command
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = String::new();
        let stdout = child.stdout.as_mut().unwrap();
        while !said.contains("Ctrl+C") {
            let mut byte = [0];
            assert_eq!(stdout.read(&mut byte).unwrap(), 1, "it ended: {said}");
            said.push(char::from(byte[0]));
        }
        let port = said.split("localhost:").nth(1).unwrap().split('/').next().unwrap();
        Self { port: port.parse().unwrap(), child }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    fn ask(&self, request: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = vec![];
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn get(&self, path: &str) -> String {
        self.ask(&format!(
            "GET {path} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n",
            self.port
        ))
    }

    /// Where a page of this run hears of changes.
    fn events(&self) -> String {
        let home = self.get("/");
        let token = home.split("gongbu-token\" content=\"").nth(1).unwrap();
        format!("/_gongbu/events?token={}", token.split('"').next().unwrap())
    }

    /// A connection that has asked for `path`, and may be kept.
    fn asked(&self, path: &str) -> TcpStream {
        let mut stream = self.connect();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", self.port).unwrap();
        stream
    }
}

/// Reads until `word` has come.
fn hear(stream: &mut TcpStream, word: &str) {
    hear_more(stream, &mut String::new(), word);
}

/// The same, where the word may be in what was heard before.
fn hear_more(stream: &mut TcpStream, heard: &mut String, word: &str) {
    let start = std::time::Instant::now();
    while !heard.contains(word) {
        // The server says now and then that it is there.
        assert!(start.elapsed() < Duration::from_secs(60), "no `{word}`: {heard}");
        let mut bytes = [0; 512];
        let length = stream.read(&mut bytes).unwrap();
        assert_ne!(length, 0, "it ended before `{word}`: {heard}");
        heard.push_str(&String::from_utf8_lossy(&bytes[..length]));
    }
}

/// SRV-01, SRV-03, SRV-04, SRV-16.
#[test]
fn the_server_answers_its_own_pages_to_its_own_machine() {
    let dir = fresh();
    let serving = Serving::start(dir.path(), 38_411);
    let other = Serving::start(dir.path(), serving.port);
    assert_ne!(serving.port, other.port, "a taken port is passed over");
    let home = serving.get("/");
    assert!(home.starts_with("HTTP/1.1 200") && home.contains("/_gongbu/reload.js"), "{home}");
    assert!(home.to_lowercase().contains("content-type: text/html; charset=utf-8"));
    let port = serving.port;
    for (request, status) in [
        ("GET / HTTP/1.1\r\nHost: evil.example\r\n".to_owned(), "403"),
        (format!("GET / HTTP/1.1\r\nHost: LocalHost:{port}\r\n"), "200"),
        (format!("GET / HTTP/1.1\r\nHost: localhost:{port}\r\nHost: evil.example\r\n"), "403"),
        ("GET / HTTP/1.1\r\n".to_owned(), "403"),
        (format!("POST / HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 0\r\n"), "405"),
        (format!("GET /../gongbu.toml HTTP/1.1\r\nHost: localhost:{port}\r\n"), "404"),
        (format!("GET /..%2fgongbu.toml HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"), "404"),
        (format!("GET /_gongbu/events HTTP/1.1\r\nHost: localhost:{port}\r\n"), "403"),
    ] {
        let answer = serving.ask(&format!("{request}Connection: close\r\n\r\n"));
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{request}{answer}");
    }
    let moved = serving.get("/services");
    assert!(moved.starts_with("HTTP/1.1 307"), "{moved}");
    assert!(moved.to_lowercase().contains("location: /services/\r\n"), "{moved}");
    let path = serving.events();
    let foreign = serving.ask(&format!(
        "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: http://evil.example\r\nConnection: close\r\n\r\n"
    ));
    assert!(foreign.starts_with("HTTP/1.1 403"), "{foreign}");
    let twice = serving.ask(&format!(
        "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: http://localhost:{port}\r\nOrigin: http://evil.example\r\nConnection: close\r\n\r\n"
    ));
    assert!(twice.starts_with("HTTP/1.1 403"), "{twice}");

    let mut events = serving.asked(&path);
    let mut heard = String::new();
    let mut hear = |word: &str| hear_more(&mut events, &mut heard, word);
    hear("text/event-stream");
    fs::write(dir.path().join("notes/index.md"), "# New words\n\nfresh\n").unwrap();
    hear("data: 1");
    assert!(serving.get("/").contains("New words"));

    // A broken note is told, and the last good page stays until it is mended.
    fs::write(dir.path().join("notes/index.md"), "---\ntitle: [a]\n---\n").unwrap();
    hear("event: broken");
    hear("notes/index.md:2:8");
    assert!(serving.get("/").contains("New words"));
    fs::write(dir.path().join("notes/index.md"), "# Mended\n\nfresh\n").unwrap();
    hear("data: 2");
    assert!(serving.get("/").contains("Mended"));
    if TcpStream::connect(("::1", port)).is_ok() {
        let answer = serving
            .ask(&format!("GET / HTTP/1.1\r\nHost: [::1]:{port}\r\nConnection: close\r\n\r\n"));
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

/// Editors save in several steps, and people move folders (SRV-09, SRV-10, SRV-12, SRV-13).
#[test]
fn the_server_follows_what_editors_do() {
    let dir = fresh();
    let root = dir.path();
    let notes = root.join("notes/01-getting-started");
    let note = notes.join("90-x.md");
    fs::write(&note, "# zero\n\n글\n").unwrap();
    let serving = Serving::start(root, 38_611);
    let page = "/01-getting-started/90-x.html";
    let shows = |word: &str| {
        for _ in 0..200 {
            if serving.get(page).contains(word) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    };
    assert!(shows("zero"));

    // vim: a test file, the old one aside, the new one in its place.
    fs::write(notes.join("4913"), "").unwrap();
    fs::remove_file(notes.join("4913")).unwrap();
    fs::rename(&note, notes.join("90-x.md~")).unwrap();
    fs::write(&note, "# vim\n\n글\n").unwrap();
    fs::remove_file(notes.join("90-x.md~")).unwrap();
    assert!(shows("vim"));
    // gedit and many others: a hidden file that takes its place.
    fs::write(notes.join(".90-x.md.tmp"), "# gedit\n\n글\n").unwrap();
    fs::rename(notes.join(".90-x.md.tmp"), &note).unwrap();
    assert!(shows("gedit"));
    // Emacs: a lock that leads nowhere is no note.
    #[cfg(unix)]
    std::os::unix::fs::symlink("me@host.1", notes.join(".#90-x.md")).unwrap();
    fs::write(&note, "# emacs\n\n글\n").unwrap();
    assert!(shows("emacs"));
    // One save after the other: the last one counts.
    for at in 0..100 {
        fs::write(&note, format!("# save{at}x\n\n글\n")).unwrap();
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(shows("save99x"));
    // Folders that go and come back.
    fs::rename(root.join("notes"), root.join("away")).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    fs::rename(root.join("away"), root.join("notes")).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    fs::write(&note, "# back\n\n글\n").unwrap();
    assert!(shows("back"));
    fs::rename(&notes, root.join("notes/02-moved")).unwrap();
    for _ in 0..200 {
        if serving.get("/02-moved/90-x.html").contains("back") {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(serving.get("/02-moved/90-x.html").contains("back"));
}

/// What is made ready while a note is saved in two steps is not shown if it was a wrong guess (SRV-09).
#[test]
fn half_a_note_is_not_shown() {
    let dir = fresh();
    let root = dir.path();
    let note = root.join("notes/01-getting-started/90-x.md");
    let half = "---\ntitle: \"half\n---\n";
    let whole = |at: usize| format!("---\ntitle: whole {at}x\n---\n\n글\n");
    fs::write(&note, whole(0)).unwrap();
    let serving = Serving::start(root, 38_711);
    let (mut events, mut heard) = (serving.asked(&serving.events()), String::new());
    hear_more(&mut events, &mut heard, "healed");
    let mut save = |steps: &[&str], at: usize| {
        heard.clear();
        for step in steps {
            std::thread::sleep(Duration::from_millis(8));
            fs::write(&note, step).unwrap();
        }
        hear_more(&mut events, &mut heard, &format!("data: {at}\n"));
        assert!(serving.get("/01-getting-started/90-x.html").contains(&format!("whole {at}x")));
        !heard.contains("broken")
    };
    // From here on it watches.
    save(&[&whole(1)], 1);
    // A busy machine may be late with the second step, and then half a note is what was saved.
    let good = (2..40).filter(|at| save(&[half, &whole(*at)], *at)).count();
    assert!(good > 9, "{good}");
}

/// SRV-10: between the answer with a page and the moment at which it listens the notes may change.
#[test]
fn a_page_hears_of_what_changed_while_it_was_loaded() {
    let dir = fresh();
    let note = dir.path().join("notes/01-getting-started/90-x.md");
    fs::write(&note, "# zero\n\n글\n").unwrap();
    let serving = Serving::start(dir.path(), 38_961);
    let page = "/01-getting-started/90-x.html";
    let wait = |word: &str| {
        for _ in 0..400 {
            if serving.get(page).contains(word) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("no `{word}`");
    };
    wait("data-version=\"0\"");
    let events = serving.events();
    fs::write(&note, "# one\n\n글\n").unwrap();
    wait("one");
    hear(&mut serving.asked(&format!("{events}&version=0")), "data: 1\n");
    hear(&mut serving.asked(&format!("{events}&version=1")), "event: healed\n");
    // What changes no page is nothing to load again.
    fs::write(dir.path().join("notes/01-getting-started/notes.txt"), "x").unwrap();
    fs::write(&note, "# two\n\n글\n").unwrap();
    wait("two");
    wait("data-version=\"2\"");
    // Notes that are broken while it was loaded, and mended before it listens.
    fs::write(&note, "+++\nbroken\n").unwrap();
    hear(&mut serving.asked(&format!("{events}&version=2")), "event: broken\n");
    fs::write(&note, "# three\n\n글\n").unwrap();
    wait("three");
    hear(&mut serving.asked(&format!("{events}&version=2")), "data: 3\n");
}

/// What is gone for a while is told over the last good page, and mended when it is back (SRV-13); a
/// temporary file beside a new note is no second change.
#[test]
fn notes_and_settings_that_are_gone_for_a_while() {
    let dir = fresh();
    let root = dir.path();
    fs::write(root.join("notes/index.md"), "# Words\n\n[없음](gone.md)\n").unwrap();
    let serving = Serving::start(root, 39_411);
    let mut events = serving.asked(&serving.events());
    hear(&mut events, "text/event-stream");
    let pause = || std::thread::sleep(Duration::from_millis(300));
    pause();
    for (gone, word) in [("notes", "`notes`, is not there"), ("gongbu.toml", "no gongbu.toml")] {
        fs::rename(root.join(gone), root.join("away")).unwrap();
        hear(&mut events, word);
        assert!(serving.get("/").contains("Words"), "{gone}");
        fs::rename(root.join("away"), root.join(gone)).unwrap();
        hear(&mut events, "data: ");
        assert!(serving.get("/").contains("Words"), "{gone}");
        pause();
    }
    // A folder that is named wrongly is told, and the right one followed from then on.
    let settings = fs::read_to_string(root.join("gongbu.toml")).unwrap();
    // In one step: what is half written would be built too.
    let save = |path: &str, text: &str| {
        fs::write(root.join(".new"), text).unwrap();
        fs::rename(root.join(".new"), root.join(path)).unwrap();
    };
    let named = |notes: &str| save("gongbu.toml", &format!("notes = \"{notes}\"\n{settings}"));
    named("docz");
    hear(&mut events, "`docz`, is not there");
    fs::rename(root.join("notes"), root.join("docs")).unwrap();
    named("docs");
    // It is the same site from there.
    hear(&mut events, "event: healed");
    pause();
    save("docs/index.md", "# Words\n\n글 [없음](gone.md)\n");
    hear(&mut events, "data: 1\n");
    // The overlay tells what the terminal does: warnings too.
    save("docs/broken.md", "---\ntitle: [a]\n---\n");
    let mut heard = String::new();
    hear_more(&mut events, &mut heard, "warning[unknown-link]");
    assert!(heard.find("error[front-matter]") < heard.find("warning["), "{heard}");
    fs::remove_file(root.join("docs/broken.md")).unwrap();
    hear(&mut events, "event: healed");
    fs::write(root.join("docs/new.md.tmp"), "# 새 글\n\n글\n").unwrap();
    pause();
    fs::rename(root.join("docs/new.md.tmp"), root.join("docs/new.md")).unwrap();
    hear(&mut events, "data: 2\n");
    assert!(serving.get("/new.html").contains("새 글"));
}

/// Of a folder in a folder both may go and come back (SRV-12, SRV-13).
#[test]
fn notes_in_a_folder_of_a_folder_that_goes_and_comes_back() {
    let dir = fresh();
    let root = dir.path();
    name_notes(root, "content/posts");
    fs::create_dir(root.join("content")).unwrap();
    fs::rename(root.join("notes"), root.join("content/posts")).unwrap();
    let serving = Serving::start(root, 39_611);
    let mut events = serving.asked(&serving.events());
    hear(&mut events, "text/event-stream");
    let pause = || std::thread::sleep(Duration::from_millis(300));
    pause();
    fs::rename(root.join("content"), root.join("away")).unwrap();
    hear(&mut events, "is not there");
    pause();
    fs::create_dir(root.join("content")).unwrap();
    pause();
    fs::create_dir(root.join("content/posts")).unwrap();
    fs::write(root.join("content/posts/b.md"), "# 새 글\n\n글\n").unwrap();
    hear(&mut events, "data: ");
    assert!(serving.get("/b.html").contains("새 글"));
    pause();
    fs::write(root.join("content/posts/b.md"), "# 고친 글\n\n글\n").unwrap();
    hear(&mut events, "data: ");
    assert!(serving.get("/b.html").contains("고친 글"));
}

/// Asks for a page until it has a word in it; false after ten seconds.
fn shows(serving: &Serving, page: &str, word: &str) -> bool {
    (0..500).any(|_| {
        let found = serving.get(page).contains(word);
        std::thread::sleep(Duration::from_millis(if found { 0 } else { 20 }));
        found
    })
}

/// Where all of the project may be notes, what is of it all the same may go away (SRV-12).
#[test]
fn templates_that_go_away_where_all_is_notes() {
    let dir = fresh();
    let root = dir.path();
    name_notes(root, "");
    fs::rename(root.join("notes/01-getting-started"), root.join("01-a")).unwrap();
    fs::create_dir(root.join("templates")).unwrap();
    let own = "{% extends \"builtin/note.html\" %}{% block heading %}own words{% endblock %}";
    fs::write(root.join("templates/note.html"), own).unwrap();
    let serving = Serving::start(root, 39_761);
    let mut events = serving.asked(&serving.events());
    hear(&mut events, "healed");
    let is_own = || serving.get("/01-a/01-how-the-web-works.html").contains("own words");
    assert!(is_own());
    let away = TempDir::new().unwrap();
    fs::rename(root.join("templates"), away.path().join("templates")).unwrap();
    hear(&mut events, "data: 1\n");
    assert!(!is_own());
    // A folder that is made is watched.
    fs::create_dir_all(root.join("02-b/deep")).unwrap();
    fs::write(root.join("02-b/deep/x.md"), "# one\n\n글\n").unwrap();
    assert!(shows(&serving, "/02-b/deep/x.html", "one"));
    fs::write(root.join("02-b/deep/x.md"), "# two\n\n글\n").unwrap();
    assert!(shows(&serving, "/02-b/deep/x.html", "two"));
}

/// Neither what is written elsewhere all the time nor who saves all the time keeps a note from being shown.
#[test]
fn who_never_stops_is_not_waited_for() {
    let dir = fresh();
    let notes = dir.path().join("notes/01-getting-started");
    fs::write(notes.join("90-x.md"), "# zero\n\n글\n").unwrap();
    let serving = Serving::start(dir.path(), 39_861);
    assert!(shows(&serving, "/01-getting-started/90-x.html", "zero"));
    for (written, word) in
        [(dir.path().join("dev.log"), "logged"), (notes.join("91-y.md"), "saved")]
    {
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let writing = std::thread::spawn(move || {
            let mut at = 0;
            while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                at += 1;
                fs::write(&written, format!("# {at}\n\n글\n")).unwrap();
                std::thread::sleep(Duration::from_millis(3));
            }
        });
        std::thread::sleep(Duration::from_millis(100));
        fs::write(notes.join("90-x.md"), format!("# {word}\n\n글\n")).unwrap();
        let is_shown = shows(&serving, "/01-getting-started/90-x.html", word);
        drop(stop);
        writing.join().unwrap();
        assert!(is_shown, "{word}");
    }
}

/// Of what was broken from the start the rest is shown, as it is now.
#[test]
fn a_site_that_was_never_good_is_kept_up() {
    let dir = fresh();
    let notes = dir.path().join("notes/01-getting-started");
    fs::write(notes.join("80-broken.md"), "---\ntitle: [a]\n---\n").unwrap();
    let serving = Serving::start(dir.path(), 39_961);
    let mut events = serving.asked(&serving.events());
    hear(&mut events, "event: broken\n");
    fs::write(notes.join("90-x.md"), "# one\n\n글\n").unwrap();
    hear(&mut events, "data: 1\n");
    assert!(serving.get("/01-getting-started/90-x.html").contains("one"));
    // The page that is loaded then shows what is wrong still.
    let events = serving.events();
    hear(&mut serving.asked(&format!("{events}&version=1")), "event: broken\n");
    fs::write(notes.join("80-broken.md"), "# mended\n\n글\n").unwrap();
    assert!(shows(&serving, "/01-getting-started/80-broken.html", "mended"));
    let version = serving.get("/").split("data-version=\"").nth(1).unwrap().to_owned();
    let version = version.split('"').next().unwrap().to_owned();
    hear(&mut serving.asked(&format!("{events}&version={version}")), "event: healed\n");
}

/// A folder of notes that is none, or a project in the place of another, is followed (SRV-12, SRV-13).
#[test]
fn a_project_that_is_another_one_is_followed() {
    let dir = TempDir::new().unwrap();
    let made = fresh();
    let root = dir.path().join("project");
    let copy = |to: &Path| {
        let done = Command::new("cp").arg("-r").arg(made.path()).arg(to).status().unwrap();
        assert!(done.success());
    };
    copy(&root);
    let serving = Serving::start(&root, 40_061);
    let mut events = serving.asked(&serving.events());
    hear(&mut events, "healed");
    // The settings name a file, which becomes a folder.
    let settings = fs::read_to_string(root.join("gongbu.toml")).unwrap();
    fs::write(root.join("docs"), "").unwrap();
    name_notes(&root, "docs");
    hear(&mut events, "event: broken\n");
    fs::remove_file(root.join("docs")).unwrap();
    fs::create_dir(root.join("docs")).unwrap();
    fs::write(root.join("docs/x.md"), "# in docs\n\n글\n").unwrap();
    assert!(shows(&serving, "/x.html", "in docs"));
    // Another project in its place, while the first is still there.
    fs::rename(&root, dir.path().join("old")).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    copy(&root);
    assert!(shows(&serving, "/01-getting-started/", "<h1>"));
    fs::write(root.join("notes/y.md"), "# another\n\n글\n").unwrap();
    assert!(shows(&serving, "/y.html", "another"));
    fs::write(root.join("gongbu.toml"), settings.replace("title = \"", "title = \"새 ")).unwrap();
    assert!(shows(&serving, "/y.html", "새 "));
}

/// A project that cannot be read is told once, however often somebody saves, in the language that it had last.
#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_said_once() {
    let dir = fresh();
    let (root, outside) = (dir.path(), TempDir::new().unwrap());
    let said = outside.path().join("said");
    let program = env!("CARGO_BIN_EXE_gongbu");
    let command = format!("exec {program} serve --port 40161 2>{}", said.display());
    let serving = Serving::run(Command::new("sh").args(["-c", &command]), root);
    let mut events = serving.asked(&serving.events());
    hear(&mut events, "healed");
    let settings = fs::read_to_string(root.join("gongbu.toml")).unwrap();
    let english = settings.replace("language = \"ko\"", "language = \"en\"");
    assert_ne!(english, settings);
    fs::write(root.join("gongbu.toml"), english).unwrap();
    hear(&mut events, "data: 1\n");
    let mut events = serving.asked(&serving.events());
    fs::rename(root.join("gongbu.toml"), outside.path().join("gongbu.toml")).unwrap();
    hear(&mut events, "The notes have errors; this is the last good page");
    for at in 0..3 {
        fs::write(root.join("notes/x.md"), format!("# {at}\n\n글\n")).unwrap();
        std::thread::sleep(Duration::from_millis(200));
    }
    fs::rename(outside.path().join("gongbu.toml"), root.join("gongbu.toml")).unwrap();
    assert!(shows(&serving, "/x.html", "<h1>2"));
    let said = fs::read_to_string(said).unwrap();
    assert_eq!(said.matches("there is no gongbu.toml").count(), 1, "{said}");
}

/// The page for what is not there names its files as they will be found on the host, below the path of the
/// site; they are found there here too.
#[test]
fn the_path_of_the_site_leads_to_it() {
    let dir = fresh();
    let settings = fs::read_to_string(dir.path().join("gongbu.toml")).unwrap();
    let settings = format!("base_url = \"https://e.org/my/notes\"\n{settings}");
    fs::write(dir.path().join("gongbu.toml"), settings).unwrap();
    let serving = Serving::start(dir.path(), 39_831);
    let lost = serving.get("/nobody/is/here.html");
    assert!(lost.starts_with("HTTP/1.1 404"), "{lost}");
    let links = lost.split("href=\"/my/notes/").skip(1).map(|it| it.split('"').next().unwrap());
    let links: Vec<&str> = links.collect();
    assert!(links.len() > 1, "{lost}");
    for link in ["", "index.html"].iter().chain(&links) {
        let answer = serving.get(&format!("/my/notes/{link}"));
        assert!(answer.starts_with("HTTP/1.1 200"), "{link}: {answer}");
    }
    assert!(serving.get("/my/notes").contains("location: /my/notes/"));
    assert!(serving.get("/my/notes/nobody.html").starts_with("HTTP/1.1 404"));
    assert!(serving.get("/my/index.html").starts_with("HTTP/1.1 404"));
    drop(serving);

    let settings = "base_url = \"https://e.org/%EA%B3%B5%EB%B6%80/\"\n";
    fs::write(dir.path().join("gongbu.toml"), settings).unwrap();
    let serving = Serving::start(dir.path(), 39_831);
    for path in ["/%EA%B3%B5%EB%B6%80/", "/%ea%b3%b5%eb%b6%80/index.html"] {
        assert!(serving.get(path).starts_with("HTTP/1.1 200"), "{path}");
    }
}

/// What takes the place of a picture is neither answered nor waited for (AST-03, AST-09).
#[cfg(unix)]
#[test]
fn what_takes_the_place_of_a_picture_is_not_answered() {
    let dir = fresh();
    let root = dir.path();
    let picture = root.join("notes/pic.svg");
    fs::write(&picture, "<svg/>").unwrap();
    fs::write(root.join("notes/index.md"), "# T\n\n![그림](pic.svg)\n").unwrap();
    fs::write(root.join("secret"), "what nobody may read").unwrap();
    let serving = Serving::start(root, 39_811);
    let home = serving.get("/");
    let name = home.split("src=\"assets/pic.").nth(1).unwrap().split('"').next().unwrap();
    let asset = format!("/assets/pic.{name}");
    assert!(serving.get(&asset).contains("<svg/>"));
    fs::remove_file(&picture).unwrap();
    std::os::unix::fs::symlink("../secret", &picture).unwrap();
    let answer = serving.get(&asset);
    assert!(answer.starts_with("HTTP/1.1 404") && !answer.contains("nobody"), "{answer}");
    fs::remove_file(&picture).unwrap();
    assert!(Command::new("mkfifo").arg(&picture).status().unwrap().success());
    assert!(serving.get(&asset).starts_with("HTTP/1.1 404"));
    assert!(serving.get("/").starts_with("HTTP/1.1 200"));
}

/// A page of another site may link here, and load nothing from here: the search's index is a script, and
/// says what the notes say.
#[test]
fn other_sites_load_nothing() {
    let dir = fresh();
    let serving = Serving::start(dir.path(), 39_611);
    for (site, mode, status) in [
        ("cross-site", "no-cors", "403"),
        ("same-site", "no-cors", "403"),
        ("cross-site", "navigate", "200"),
        ("same-origin", "no-cors", "200"),
        ("none", "navigate", "200"),
    ] {
        let answer = serving.ask(&format!(
            "GET /search-index.js HTTP/1.1\r\nHost: localhost:{}\r\nSec-Fetch-Site: {site}\r\n\
             Sec-Fetch-Mode: {mode}\r\nConnection: close\r\n\r\n",
            serving.port
        ));
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{site} {mode}: {answer}");
        let head = answer.split("\r\n\r\n").next().unwrap().to_ascii_lowercase();
        assert!(head.contains("cross-origin-resource-policy: same-origin"), "{head}");
    }
}

/// SRV-07
#[test]
fn requests_that_are_none_do_no_harm() {
    let dir = fresh();
    let serving = Serving::start(dir.path(), 38_811);
    let long = format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "x".repeat(1_000_000));
    let headers: String = (0..10_000).map(|n| format!("X-{n}: y\r\n")).collect();
    let many = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
    let chunks = "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
    let body = chunks.replacen("POST", "GET", 1).replacen("Host", "Connection: close\r\nHost", 1);
    for request in [long.as_str(), &many, chunks, &body, "GET /\r\n\r\n", "\0\0\0\r\n\r\n"] {
        let mut stream = serving.connect();
        // The server may hang up before it has read all of it.
        let _ = stream.write_all(request.as_bytes());
        let mut answer = vec![];
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    assert!(serving.get("/").starts_with("HTTP/1.1 200"));
}

/// SRV-06
#[test]
#[cfg(target_os = "linux")]
fn however_many_connect_a_page_is_served() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit =
        Rlimit { current: getrlimit(Resource::Nofile).maximum, ..getrlimit(Resource::Nofile) };
    setrlimit(Resource::Nofile, limit).unwrap();
    // The other tests of this process need some files too.
    let room = limit.current.unwrap_or(u64::MAX).saturating_sub(500).clamp(200, 10_000);

    let dir = fresh();
    let serving = Serving::start_with_few_files(dir.path(), 39_011);
    let events = serving.events();
    let mut reader = serving.asked(&events);
    hear(&mut reader, "text/event-stream");
    // A hundred connections, and some files for the work; the deadline alone would let all be used.
    let files = format!("/proc/{}/fd", serving.child.id());
    let is_served = || {
        let page = serving.get("/");
        page.starts_with("HTTP/1.1 200") && fs::read_dir(&files).unwrap().count() < 150
    };

    let endless = format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {}", "x".repeat(1_000_000));
    let whole = format!("GET / HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", serving.port);
    let mut crowd = vec![];
    for at in 0..room {
        let mut stream = serving.connect();
        // What the server hangs up on cannot be said to its end.
        let _ = match at % 5 {
            0 => Ok(()),
            1 => stream.write_all(&endless.as_bytes()[..30]),
            2 if at % 100 == 2 => stream.write_all(endless.as_bytes()),
            2 => stream.write_all(&endless.as_bytes()[..60_000]),
            3 => stream.write_all(whole.as_bytes()),
            _ => stream.shutdown(std::net::Shutdown::Write),
        };
        crowd.push(stream);
        // More at once would wait for the system to try again, a second each.
        if at % 100 == 0 {
            crowd.iter_mut().rev().take(200).for_each(|stream| drop(stream.write_all(b"x")));
            assert!(is_served(), "after {at}");
        }
    }
    assert!(is_served());

    // Who reads was not sent away for being quiet.
    fs::write(dir.path().join("notes/index.md"), "# New words\n\nfresh\n").unwrap();
    hear(&mut reader, "data: 1");
    // Nor are pages kept out by those who listen.
    crowd.clear();
    for _ in 0..200 {
        crowd.push(serving.asked(&events));
        hear(crowd.last_mut().unwrap(), "text/event-stream");
    }
    assert!(is_served());

    let status = fs::read_to_string(format!("/proc/{}/status", serving.child.id())).unwrap();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let most: u64 = most.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(most < 200 * 1024, "{most} kB were in memory");
}

/// SRV-06: a head that comes byte by byte has a deadline, and none before has harmed the connection.
#[test]
fn a_request_that_never_ends_is_cut_off() {
    let dir = fresh();
    let serving = Serving::start(dir.path(), 39_211);
    let mut stream = serving.asked("/");
    hear(&mut stream, "</html>");
    write!(stream, "GET / HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", serving.port).unwrap();
    hear(&mut stream, "</html>");
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nX: ").unwrap();
    let is_cut_off = |_| {
        // The one who was hung up on may hear of it when he speaks.
        let _ = stream.write_all(b"x");
        match stream.read(&mut [0; 512]) {
            Ok(length) => length == 0,
            Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        }
    };
    assert!((0..600).any(is_cut_off), "it waits for ever");
    assert!(serving.get("/").starts_with("HTTP/1.1 200"));
}
