//! `gongbu serve`: the site in the browser, up to date while one writes.
#![allow(clippy::disallowed_methods, reason = "it tells how long it took")]

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result};

use super::{build, project, report};
use crate::build::Built;
use crate::config::{self, Config};
use crate::diag::Diagnostic;
use crate::disk;
use crate::path::{self, SrcPath};
use crate::plan::Plan;
use crate::serve::{self, Follow, Served, Server, Trouble};
use crate::snapshot::{Entry, Options, Snapshot, Text};

/// Show the site in the browser, and keep it up to date while you write
///
/// Drafts are shown, marked as such. Nothing is written to disk.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: gongbu serve --open")]
pub(super) struct Args {
    /// The port; if it is taken, the next free one; 0: any that is free
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Open the browser
    #[arg(long)]
    open: bool,
}

/// Serves until the process is ended.
///
/// # Errors
/// If the project cannot be read or watched, or no port is free.
pub(super) fn run(root: Option<&Path>, args: &Args) -> Result<ExitCode> {
    let root = project::root(root)?;
    #[cfg(all(unix, feature = "mimalloc"))]
    keep_memory();
    let options = Options { drafts: true, base_url: None, check: false };
    let start = Instant::now();
    let (snapshot, built) = project::open(&root, options.clone())?;
    report::diagnostics(&root, &snapshot, &built.diags);
    let told = built.diags.clone();
    let sockets = serve::bind(args.port)?;
    let port = sockets.port();
    let mut out = std::io::stdout();
    if port != args.port && args.port != 0 {
        writeln!(out, "port {} is taken, so this is on port {port}", args.port)?;
    }
    let seconds = start.elapsed().as_secs_f64();
    writeln!(out, "{} in {seconds:.2} s", build::totals(&built))?;
    let url = format!("http://localhost:{}/", port);
    writeln!(out, "serving {url} (end with Ctrl+C)")?;
    out.flush()?;
    let words = words(&built);
    let was_good = !built.has_errors();
    let first = trouble(&snapshot, &built, was_good);
    let server = Arc::new(Server::new(&root, served(&built.site.config, built.plan)));
    server.tell(first.as_ref());
    let answering = server.clone();
    std::thread::spawn(move || serve::run(answering, sockets));
    if args.open {
        open(&url);
    }
    let base = root.canonicalize().context("the project cannot be read")?;
    let notes = notes(&snapshot);
    let mut live = Live {
        root,
        base: base.clone(),
        options,
        snapshot,
        failure: None,
        ready: None,
        was_good,
        told,
        words,
        server,
    };
    match serve::watch(&base, notes, &mut live)? {}
}

/// A project that somebody writes, and the server that shows it.
struct Live {
    /// Where it is, as it was named.
    root: PathBuf,
    /// The same without links.
    base: PathBuf,
    options: Options,
    /// As it was read last.
    snapshot: Snapshot,
    /// Why it could not be read, if it was not the last time.
    failure: Option<String>,
    /// What came of it and is not shown yet, and how many seconds that took.
    ready: Option<(Built, f64)>,
    /// Whether there was a good site yet.
    was_good: bool,
    /// What was said of the notes last.
    told: Vec<Diagnostic>,
    /// The heading and the button over a page, for when there is no site to take them from.
    words: [String; 2],
    server: Arc<Server>,
}

impl Follow for Live {
    fn prepare(&mut self, saved: &BTreeSet<PathBuf>) {
        let start = Instant::now();
        // For a guess not all of the project is read: who makes or moves files has hardly done so yet.
        let texts = match self.failure {
            Some(_) => None,
            None => disk::read_again(&self.base, &self.snapshot, saved),
        };
        if texts.is_some_and(|texts| take_in(&mut self.snapshot, texts)) {
            self.build(start);
        }
    }

    fn changed(&mut self, touched: Option<&BTreeSet<PathBuf>>) -> String {
        let start = Instant::now();
        match self.read(touched) {
            Ok(true) => self.build(start),
            // A file that was only touched changes nothing, and what was guessed was right.
            Ok(false) => {}
            Err(error) => {
                self.fail(&error);
                // What the settings name now may be what is to be mended.
                return disk::notes_folder(&self.root).unwrap_or_else(|| notes(&self.snapshot));
            }
        }
        self.failure = None;
        if let Some((built, seconds)) = self.ready.take() {
            self.show(built, seconds);
            // What two builds that were shown did not ask for is forgotten.
            comemo::evict(2);
        }
        notes(&self.snapshot)
    }

    fn blind(&mut self, folder: &Path, more: usize, why: &str) {
        let name = folder.strip_prefix(&self.base).unwrap_or(folder).display();
        let others = match more {
            0 => String::new(),
            more => format!(" and {} more", report::many(more, "folder")),
        };
        eprintln!("gongbu: what changes in `{name}`{others} is not noticed ({why})");
    }
}

impl Live {
    /// Reads what was touched, or all; true if any of it is new.
    ///
    /// # Errors
    /// If the project cannot be read.
    fn read(&mut self, touched: Option<&BTreeSet<PathBuf>>) -> Result<bool> {
        let again = touched.filter(|_| self.failure.is_none());
        let texts = again.and_then(|paths| disk::read_again(&self.base, &self.snapshot, paths));
        if let Some(texts) = texts {
            return Ok(take_in(&mut self.snapshot, texts));
        }
        let whole = project::read(&self.root, self.options.clone())?;
        let is_new = self.failure.is_some() || whole.hash() != self.snapshot.hash();
        self.snapshot = whole;
        Ok(is_new)
    }

    fn build(&mut self, start: Instant) {
        let built = project::build(&self.snapshot);
        self.ready = Some((built, start.elapsed().as_secs_f64()));
    }

    /// Says why the project cannot be read, once.
    fn fail(&mut self, error: &anyhow::Error) {
        self.ready = None;
        let text = report::reasons(error);
        if self.failure.as_ref() != Some(&text) {
            report::failure(error);
        }
        let [title, hide] = self.words.clone();
        self.server.tell(Some(&Trouble { title, hide, text: text.clone() }));
        self.failure = Some(text);
    }

    fn show(&mut self, built: Built, seconds: f64) {
        let trouble = trouble(&self.snapshot, &built, self.was_good);
        self.was_good |= trouble.is_none();
        self.words = words(&built);
        let count = || report::count(&built.diags);
        let line = match trouble {
            Some(_) if self.was_good => format!("{}; the last good site still stands", count()),
            Some(_) => format!("{}; the site leaves out what is wrong", count()),
            None => format!("{} in {seconds:.2} s", build::totals(&built)),
        };
        // First the browser: the author looks there.
        let trouble = trouble.as_ref();
        match trouble {
            // Of notes that are broken the last good page stays.
            Some(_) if self.was_good => self.server.tell(trouble),
            _ => self.server.swap(served(&built.site.config, built.plan), trouble),
        }
        // What was said after the last change need not be said again.
        if built.diags != self.told {
            report::diagnostics(&self.root, &self.snapshot, &built.diags);
            self.told = built.diags;
        }
        // A closed terminal is no reason to stop serving.
        let _ = writeln!(std::io::stdout(), "{line}");
    }
}

/// How long memory that is free is kept, in milliseconds: as the allocator's own variable says it.
#[cfg(all(unix, feature = "mimalloc"))]
const KEPT: (&str, &str) = ("MIMALLOC_PURGE_DELAY", "600000");

/// The allocator gives back what was free for a second. An author thinks for longer, and to ask the system
/// for all of it again was a fifth of what the next build took. How long it waits it reads when a process
/// begins, so this one begins again; where it cannot it goes on as it is.
#[cfg(all(unix, feature = "mimalloc"))]
fn keep_memory() {
    use std::os::unix::process::CommandExt;
    if std::env::var_os(KEPT.0).is_none()
        && let Ok(own) = std::env::current_exe()
    {
        let _ = Command::new(own).args(std::env::args_os().skip(1)).env(KEPT.0, KEPT.1).exec();
    }
}

/// A site as it is served.
fn served(config: &Config, plan: Plan) -> Served {
    let path = config::url_path(config.base_url.as_deref());
    Served { plan, path: path::nfc(&path::decode(path)) }
}

/// Where the notes are.
fn notes(snapshot: &Snapshot) -> String {
    snapshot.notes.clone().unwrap_or_else(|| config::NOTES.to_owned())
}

/// The heading and the button over a page of a site that was good.
fn words(built: &Built) -> [String; 2] {
    [built.theme.word("broken"), built.theme.word("hide")]
}

/// Takes in what was read again; true if any of it is new.
fn take_in(snapshot: &mut Snapshot, texts: Vec<(SrcPath, Text)>) -> bool {
    let mut is_new = false;
    for (key, text) in texts {
        is_new |= snapshot.text(key.as_str()).map(Text::hash) != Some(text.hash());
        snapshot.files.insert(key, Entry::Text(text));
    }
    is_new
}

/// What the browser shows over the page when the notes have errors, in the words of the terminal.
fn trouble(snapshot: &Snapshot, built: &Built, was_good: bool) -> Option<Trouble> {
    built.has_errors().then(|| Trouble {
        title: built.theme.word(if was_good { "broken" } else { "broken_first" }),
        hide: built.theme.word("hide"),
        text: report::plain(snapshot, &built.diags),
    })
}

/// Asks the desktop to open an address; if it cannot, the address stands in the terminal.
fn open(url: &str) {
    let (program, first) = match std::env::consts::OS {
        "macos" => ("open", None),
        "windows" => ("cmd", Some(["/C", "start"])),
        _ => ("xdg-open", None),
    };
    let opened = Command::new(program).args(first.into_iter().flatten()).arg(url).spawn();
    if let Err(error) = opened {
        eprintln!("gongbu: `{program}` could not be started ({error}); open {url} yourself");
    }
}
