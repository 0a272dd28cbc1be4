//! What changes in the project while somebody writes. The only door to notify.
#![allow(clippy::disallowed_methods, reason = "it waits until nothing more happens")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{Event, Watcher};

use crate::disk::ignored_by_name;

/// Editors save in several steps: what has changed is shown when nothing has happened for this long.
const QUIET: Duration = Duration::from_millis(20);

/// Mostly it is one step, and what is saved then stays: after this long it is made ready, so that an author
/// does not wait for the quiet first and for the build then.
const CALM: Duration = Duration::from_millis(2);

/// Who keeps up with a project. The paths are whole, and of files and folders that may be gone.
pub trait Follow {
    /// These were saved, and more may come: a guess, of which nothing is to be shown yet.
    fn prepare(&mut self, saved: &BTreeSet<PathBuf>);

    /// These have changed since the last time, and nothing more has for a moment; none: it is not known
    /// what has. Gives the folder of the notes, for the settings may have changed too.
    fn changed(&mut self, touched: Option<&BTreeSet<PathBuf>>) -> String;
}

/// Tells `follow` whenever something in the project at `base` has changed; never returns. What lies in the
/// output, in `.git` and the like is no change. `base` has no links in it; `notes` is the folder of the
/// notes below it, or empty.
///
/// # Errors
/// If the folder cannot be watched.
pub fn watch(base: &Path, mut notes: String, follow: &mut impl Follow) -> Result<()> {
    let (events, received) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(events).context("changes cannot be watched")?;
    let mut below: Vec<PathBuf> = vec![];
    let (mut is_new, mut mode) = (true, None);
    loop {
        let watched = [notes.as_str(), "templates", "static", "gongbu.toml"];
        // The root itself, not what is below it: the output may be there, and a folder may come later.
        let now = match notes.is_empty() {
            true => notify::RecursiveMode::Recursive,
            false => notify::RecursiveMode::NonRecursive,
        };
        if mode.replace(now) != Some(now) {
            watcher.watch(base, now)?;
        }
        for name in watched.iter().filter(|it| !it.is_empty()) {
            // Of a folder in a folder both may go and come back.
            let parts = Path::new(name).ancestors().filter(|it| !it.as_os_str().is_empty());
            for part in parts.collect::<Vec<_>>().into_iter().rev() {
                let folder = base.join(part);
                let known = below.contains(&folder);
                if folder.is_dir() && !known {
                    let mode = match part == Path::new(name) {
                        true => notify::RecursiveMode::Recursive,
                        false => notify::RecursiveMode::NonRecursive,
                    };
                    watcher.watch(&folder, mode)?;
                    below.push(folder);
                    is_new = true;
                } else if known && !folder.exists() {
                    below.retain(|it| *it != folder);
                }
            }
        }
        // What was saved before anybody watched is a change too.
        if std::mem::take(&mut is_new) {
            let now = follow.changed(None);
            if now != notes {
                (notes, is_new) = (now, true);
                continue;
            }
        }
        let Ok(touched) = next(&received, base, &watched, follow) else { return Ok(()) };
        // A folder that went and came back is another, which nobody watches.
        match &touched {
            Some(paths) => below.retain(|it| !it.ancestors().any(|above| paths.contains(above))),
            None => below.clear(),
        }
        notes = follow.changed(touched.as_ref());
    }
}

/// What was touched; none: nobody knows, as events were lost.
type Touched = Option<BTreeSet<PathBuf>>;

/// Waits until something in the project has changed and nothing more has for a moment.
///
/// # Errors
/// If nobody watches any longer.
fn next(
    received: &Receiver<notify::Result<Event>>,
    base: &Path,
    watched: &[&str],
    follow: &mut impl Follow,
) -> Result<Touched, RecvError> {
    let mut touched = Some(BTreeSet::new());
    while touched.as_ref().is_some_and(BTreeSet::is_empty) {
        note(&received.recv()?, base, watched, &mut touched);
    }
    let (mut last, mut is_ready) = (Instant::now(), false);
    loop {
        let until = last + if is_ready { QUIET } else { CALM };
        // What came in the meantime is found even where it is too late already.
        match received.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(event) if note(&event, base, watched, &mut touched) => last = Instant::now(),
            Ok(_) => {}
            Err(_) if is_ready => return Ok(touched),
            // Once: who saves in many steps is waited for.
            Err(_) => {
                is_ready = true;
                touched.iter().for_each(|paths| follow.prepare(paths));
            }
        }
    }
}

/// Takes in the paths of an event that are of the project. False if somebody has only looked at something,
/// as we do.
fn note(
    event: &notify::Result<Event>,
    base: &Path,
    watched: &[&str],
    touched: &mut Touched,
) -> bool {
    let Ok(event) = event else {
        *touched = None;
        return true;
    };
    let is_written = EventKind::Access(AccessKind::Close(AccessMode::Write));
    if event.need_rescan() {
        *touched = None;
    } else if !event.kind.is_access()
        && let Some(paths) = touched
    {
        let ours = event.paths.iter().filter(|path| concerns(path, base, watched));
        paths.extend(ours.cloned());
    }
    !event.kind.is_access() || event.kind == is_written
}

fn concerns(path: &Path, base: &Path, watched: &[&str]) -> bool {
    let Ok(inside) = path.strip_prefix(base) else { return true };
    let mut parts = inside.components().map(|part| part.as_os_str().as_encoded_bytes());
    let first = inside.components().next().map(|it| it.as_os_str().to_string_lossy());
    // In the project's own folder notes may be anywhere but in a site.
    let anywhere = watched[0].is_empty() && first.as_ref().is_some_and(|it| it != "public");
    // What is above a watched folder may take it away.
    let is_above = |it: &str| first.is_some() && Path::new(it).starts_with(inside);
    let is_of = |it: &&str| inside.starts_with(it) || is_above(it);
    let ours = anywhere || watched.iter().any(|it| !it.is_empty() && is_of(it));
    ours && !parts.any(ignored_by_name)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Saves `then` while what was saved before is made ready, and ends when all that was is told.
    struct Saving<'a> {
        base: &'a Path,
        then: Vec<&'static str>,
        seen: Vec<String>,
    }

    impl Saving<'_> {
        fn see(&mut self, what: &str, paths: &BTreeSet<PathBuf>) {
            let names = paths.iter().map(|path| path.strip_prefix(self.base).unwrap());
            let names = names.map(|name| name.display().to_string()).collect::<Vec<_>>();
            self.seen.push(format!("{what} {}", names.join(" ")));
        }
    }

    impl Follow for Saving<'_> {
        fn prepare(&mut self, saved: &BTreeSet<PathBuf>) {
            self.see("prepare", saved);
            for path in saved {
                // To look is no change.
                drop(fs::read(path));
            }
            for name in std::mem::take(&mut self.then) {
                fs::write(self.base.join(name), "more").unwrap();
                // Until word of it has come, as it has in a build.
                std::thread::sleep(3 * QUIET);
            }
        }

        fn changed(&mut self, touched: Option<&BTreeSet<PathBuf>>) -> String {
            touched.into_iter().for_each(|paths| self.see("changed", paths));
            "notes".to_owned()
        }
    }

    #[test]
    fn what_is_saved_is_made_ready_at_once_and_told_when_it_is_quiet() {
        for (first, then, seen) in [
            ("notes/a.md", vec![], vec!["prepare notes/a.md", "changed notes/a.md"]),
            // More is saved meanwhile: the guess was wrong, and the quiet is waited for.
            (
                "notes/a.md",
                vec!["notes/a.md", "notes/b.md"],
                vec!["prepare notes/a.md", "changed notes/a.md notes/b.md"],
            ),
            // What an editor leaves beside it is not told.
            ("notes/a.md", vec!["notes/a.md~"], vec!["prepare notes/a.md", "changed notes/a.md"]),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let base = dir.path().canonicalize().unwrap();
            fs::create_dir_all(base.join("notes")).unwrap();
            let mut saving = Saving { base: &base, then, seen: vec![] };
            let (events, received) = mpsc::channel();
            let mut watcher = notify::recommended_watcher(events).unwrap();
            watcher.watch(&base.join("notes"), notify::RecursiveMode::Recursive).unwrap();
            fs::write(base.join(first), "text").unwrap();
            let touched = next(&received, &base, &["notes"], &mut saving).unwrap();
            saving.changed(touched.as_ref());
            assert_eq!(saving.seen, seen);
            // Nothing is left that would be told once more.
            let rest = received.try_iter().map(|event| event.unwrap().kind);
            assert!(rest.into_iter().all(|kind| kind.is_access()));
        }
    }
}
